"""The table of known functions of whole arrays: statements, proximal operators, and where they are not smooth."""

from dataclasses import dataclass
from typing import Callable

import numpy as np

from symbolic_pymc.proximal.combinations import Combinations, Numbers, Unknown
from symbolic_pymc.proximal.inner import constant_matrix
from symbolic_pymc.proximal.prox import prox_of_pieces
from symbolic_pymc.proximal.shapes import CONVEX, NOT_CONVEX, UNKNOWN, curvature


def _weighted(ops, core, weight, u):
    """Return a weight with axes of length one for those of the blocks."""
    return ops.expanded(weight, core.axes, ops.ndim(u)) if ops.ndim(weight) else weight


def _scaled(ops, core, u, step):
    """Return the weight of a core times the step, of the axes of `u`."""
    return Numbers(ops).mul(step, _weighted(ops, core, core.weight, u))


def _known_positive(ops, core):
    if core.weight is None or Numbers(ops).direction(core.weight) not in (0, 1):
        raise Unknown(f"the weight of {core.kind}, which is not known to be positive")


def _nothing(ops, core):
    """There is nothing to check."""


def _is_convex(ops, core):
    return CONVEX


def _nowhere(ops, core, u):
    return ops.everywhere(ops.lt(ops.constant(1.0), ops.constant(0.0)), u)


def _all(ops, core, u):
    return ops.everywhere(ops.lt(ops.constant(0.0), ops.constant(1.0)), u)


# Functions of lengths and of elements --------------------------------------------------------------------------------


def _check_radial(ops, core):
    """A function of lengths must not be better at other lengths than at its own direction."""
    c = Combinations(ops)
    if curvature(ops, core.function) == CONVEX:
        return
    i = next((i for i, knot in enumerate(core.function.knots) if c.n.is_zero(knot)), None)
    above = None if i is None else core.function.pieces[i + 1]
    rises = above and not any(f.kind in ("log", "log squared", "entropy") for f in above)
    if not rises or c.n.sign(c.slope(above, c.n.zero)) not in (0, 1):
        raise Unknown("a function of a length that is not known to rise")


def _prox_radial(ops, core, u, step):
    sizes = prox_of_pieces(ops, core.function, ops.lengths(u, core.axes), step)
    return ops.resized(u, ops.expanded(sizes, core.axes, ops.ndim(u)), core.axes)


def _held_radial(ops, core, u):
    sizes = ops.expanded(ops.lengths(u, core.axes), core.axes, ops.ndim(u))
    result = _nowhere(ops, core, u)
    for knot in core.function.knots:
        result = ops.or_(result, ops.near(sizes, _weighted(ops, core, knot, u)))
    return result


def _prox_pieces(ops, core, u, step):
    return prox_of_pieces(ops, core.function, u, step)


def _held_pieces(ops, core, u):
    result = _nowhere(ops, core, u)
    for knot in core.function.knots:
        result = ops.or_(result, ops.near(u, knot))
    return result


def _curvature_of_function(ops, core):
    return curvature(ops, core.function)


# Largest elements, order statistics, differences ---------------------------------------------------------------------


def _prox_largest(ops, core, u, step):
    return ops.cut_top(core.axes, _scaled(ops, core, u, step), u)


def _prox_largest_size(ops, core, u, step):
    return ops.cut_sides(core.axes, _scaled(ops, core, u, step), u)


def _is_tied(ops, core, u):
    return ops.gt(ops.tied(core.axes, u), ops.constant(0.0))


def _is_tied_in_size(ops, core, u):
    return ops.or_(_is_tied(ops, core, ops.abs(u)), ops.near(u, ops.constant(0.0)))


def _prox_ordered(ops, core, u, step):
    return ops.ordered(core.axes, ops.mul(step, core.weight), u)


def _prox_ordered_sizes(ops, core, u, step):
    return ops.ordered_sizes(core.axes, ops.mul(step, core.weight), u)


def _prox_fused(ops, core, u, step):
    return ops.fused(core.axes, ops.mul(step, core.weight), u)


def _held_neighbours(ops, core, u):
    return ops.equals_neighbour(u, core.axes[0])


def _prox_monotone(ops, core, u, step):
    return ops.monotone(core.axes, u)


# Smooth functions ----------------------------------------------------------------------------------------------------


def _prox_quadratic(ops, core, u, step):
    matrix = ops.add(ops.identity_matrix(u), ops.mul(step, core.parameters["matrix"]))
    return ops.combined(ops.identity_matrix(u), ops.solved(matrix, ops.column(u, u)), u)


def _curvature_of_quadratic(ops, core):
    if core.parameters["is_square"]:
        return CONVEX
    value = constant_matrix(ops, core.parameters["matrix"], core.inner.expr)
    if value is None:
        return UNKNOWN
    values = np.linalg.eigvalsh((value + value.T) / 2)
    return CONVEX if values.min(initial=0.0) >= -1e-12 * np.abs(values).max(initial=1.0) else NOT_CONVEX


def _check_quadratic(ops, core):
    if _curvature_of_quadratic(ops, core) != CONVEX:
        raise Unknown("a quadratic form that is not known to be positive semidefinite")


def _prox_log_sum_exp(ops, core, u, step):
    weight = _scaled(ops, core, u, step)
    points = ops.entropy_simplex(core.axes, ops.reciprocal(weight), ops.true_div(u, weight))
    return ops.sub(u, ops.mul(weight, points))


def _prox_perspective(ops, core, u, step):
    return ops.perspective(ops.mul(step, core.weight), u)


def _held_perspective(ops, core, u):
    return ops.everywhere(ops.le(ops.first(u), ops.constant(0.0)), u)


def _nearest(ops, core, u):
    """Return the nearest point of a box."""
    low, high = (core.parameters.get(end) for end in ("lower", "upper"))
    u = u if low is None else ops.maximum(u, low)
    return u if high is None else ops.minimum(u, high)


def _prox_distance(ops, core, u, step):
    apart = ops.sub(_nearest(ops, core, u), u)
    kept = ops.expanded(ops.lengths(apart, core.axes), core.axes, ops.ndim(u))
    shorter = ops.minimum(kept, _scaled(ops, core, u, step))
    return ops.add(u, ops.resized(apart, shorter, core.axes))


def _held_distance(ops, core, u):
    apart = ops.sub(_nearest(ops, core, u), u)
    gaps = ops.expanded(ops.lengths(apart, core.axes), core.axes, ops.ndim(u))
    return ops.everywhere(ops.near(gaps, ops.constant(0.0)), u)


# Sets ----------------------------------------------------------------------------------------------------------------


def _prox_l1_ball(ops, core, u, step):
    return ops.l1_ball(core.axes, _weighted(ops, core, core.parameters["radius"], u), u)


def _check_radius(ops, core):
    if Numbers(ops).direction(core.parameters["radius"]) not in (0, 1):
        raise Unknown("a ball whose radius is not known to be positive")


def _held_l1_ball(ops, core, u):
    size = ops.sum_along(ops.abs(u), core.axes)
    radius = _weighted(ops, core, core.parameters["radius"], u)
    return ops.or_(ops.everywhere(ops.near(size, radius), u), ops.near(u, ops.constant(0.0)))


def _prox_affine_set(ops, core, u, step):
    matrix = core.parameters["matrix"]
    squared = ops.dot(matrix, ops.transpose(matrix))
    return ops.sub(u, ops.combined(matrix, ops.solved(squared, core.parameters["residual"]), u))


def _prox_cone(ops, core, u, step):
    return ops.in_cone(u, core.parameters["place"])


def _held_cone(ops, core, u):
    return ops.everywhere(ops.near(ops.cone_gap(u, core.parameters["place"]), ops.constant(0.0)), u)


def _prox_simplex(ops, core, u, step):
    return ops.simplex(core.axes, core.weight, u)


def _prox_log_simplex(ops, core, u, step):
    return ops.log_simplex(core.axes, ops.mul(step, core.weight), u)


def _prox_entropy_simplex(ops, core, u, step):
    return ops.entropy_simplex(core.axes, ops.mul(step, core.weight), u)


# The table -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A known function of blocks.

    Parameters
    ----------
    statement, solution : str
        The function and its proximal operator, in LaTeX.
    prox : callable
        ``prox(ops, core, u, step)`` returns the proximal operator at `u` as a term.
    held : callable
        ``held(ops, core, u)`` returns where the function is not smooth in an element, as a term of booleans.
    check : callable
        ``check(ops, core)`` raises `Unknown` where the parameters are not known to be such that this is true.
    joins : str
        What may be added for each element: "homogeneous" for convex multiples of it on each side of zero,
        "uniform" for any convex function that is the same for all, "" for none.
    curvature : callable
    source : str
    """

    statement: str
    solution: str
    prox: Callable
    held: Callable
    check: Callable = _known_positive
    joins: str = ""
    curvature: Callable = _is_convex
    source: str = ""


BECK = "Beck, First-Order Methods in Optimization (2017), chapter 6"
YU = "Yu, On decomposing the proximal map (2013)"

BLOCKS = {
    "radial": Row(
        r"f(\lVert x \rVert)",
        r"\operatorname{prox}_f(\lVert z \rVert)\, z / \lVert z \rVert",
        _prox_radial, _held_radial, _check_radial, "homogeneous", _curvature_of_function, BECK,
    ),
    "pieces": Row(
        r"\sum_i f_i(x_i)", r"\operatorname{prox}_{f_i}(z_i)",
        _prox_pieces, _held_pieces, _nothing, "", _curvature_of_function, BECK,
    ),
    "largest": Row(
        r"w \max_i x_i", r"\min(z_i, \theta), \quad \sum_i (z_i - \theta)_+ = w",
        _prox_largest, _is_tied, joins="uniform", source=BECK,
    ),
    "largest size": Row(
        r"w \max_i |x_i|", r"z - P_{\lVert \cdot \rVert_1 \le w}(z)",
        _prox_largest_size, _is_tied_in_size, source=BECK,
    ),
    "ordered": Row(
        r"\sum_i w_i x_{(i)}, \quad w_1 \le w_2 \le \dots",
        r"z_{(i)} - w_i, \text{ falling neighbours pooled}",
        _prox_ordered, _is_tied, _nothing, "uniform", source=YU,
    ),
    "ordered sizes": Row(
        r"\sum_i w_i |x|_{(i)}, \quad 0 \le w_1 \le w_2 \le \dots",
        r"(|z|_{(i)} - w_i)_+, \text{ falling neighbours pooled}",
        _prox_ordered_sizes, _is_tied_in_size, _nothing,
        source="Bogdan et al., SLOPE - adaptive variable selection via convex optimization (2015)",
    ),
    "fused": Row(
        r"\sum_i w_i |x_{i+1} - x_i|", r"\text{slope of the taut string between } \textstyle\sum_{j \le i} z_j \pm w_i",
        _prox_fused, _held_neighbours, joins="uniform",
        source="Davies and Kovac, Local extremes, runs, strings and multiresolution (2001)",
    ),
    "monotone": Row(
        r"0, \quad x_1 \le x_2 \le \dots", r"z, \text{ falling neighbours pooled}",
        _prox_monotone, _held_neighbours, _nothing, "uniform", source=YU,
    ),
    "quadratic": Row(
        r"\tfrac{1}{2} x^\top Q x + a^\top x", r"(I + Q)^{-1} (z - a)",
        _prox_quadratic, _nowhere, _check_quadratic, curvature=_curvature_of_quadratic, source=BECK,
    ),
    "log-sum-exp": Row(
        r"w \log \sum_i e^{x_i}", r"z - w p, \quad p = \operatorname{argmin}_{p \in \Delta}"
        r" \tfrac{1}{w} \sum_i p_i \log p_i + \tfrac{1}{2} \lVert p - z / w \rVert^2",
        _prox_log_sum_exp, _nowhere, source=BECK,
    ),
    "distance": Row(
        r"w\, d_C(x)", r"z + \min(w / d_C(z), 1)\, (P_C z - z)",
        _prox_distance, _held_distance, source=BECK,
    ),
    "perspective": Row(
        r"g \lVert y \rVert^2 / \xi", r"(\xi + g w^2)\, (1, w\, y / \lVert y \rVert),"
        r" \quad g w^3 + (\xi + 2 g) w = \lVert y \rVert",
        _prox_perspective, _held_perspective,
        source="Combettes and Mueller, Perspective maximum likelihood-type estimation via proximal decomposition (2018)",
    ),
    "l1 ball": Row(
        r"0, \quad \sum_i |x_i| \le r", r"\operatorname{soft}(z, \theta), \quad \sum_i (|z_i| - \theta)_+ = r",
        _prox_l1_ball, _held_l1_ball, _check_radius, source=BECK,
    ),
    "affine set": Row(
        r"0, \quad A x = b", r"z - A^\top (A A^\top)^{-1} (A z - b)",
        _prox_affine_set, _all, _nothing, source=BECK,
    ),
    "cone": Row(
        r"0, \quad \lVert x \rVert \le t", r"\tfrac{1}{2} (\lVert x \rVert + t)\, (x / \lVert x \rVert, 1)",
        _prox_cone, _held_cone, _nothing, source=BECK,
    ),
    "simplex": Row(
        r"0, \quad x \ge 0, \; \sum_i x_i = r", r"(z_i - \theta)_+, \quad \sum_i (z_i - \theta)_+ = r",
        _prox_simplex, _all, _nothing, source=BECK,
    ),
    "log on the simplex": Row(
        r"-\sum_i k_i \log x_i, \quad x \ge 0, \; \sum_i x_i = 1",
        r"\tfrac{1}{2} \bigl(z_i - m + \sqrt{(z_i - m)^2 + 4 k_i}\bigr)",
        _prox_log_simplex, _all,
    ),
    "entropy on the simplex": Row(
        r"\lambda \sum_i x_i \log x_i, \quad x \ge 0, \; \sum_i x_i = 1",
        r"\lambda\, W\bigl(e^{(z_i - m) / \lambda - 1} / \lambda\bigr)",
        _prox_entropy_simplex, _all,
    ),
}  # fmt: skip
