"""Proximal operators of known functions of whole arrays, as terms; where they are smooth, and when known.

``prox_...(ops, core, u, step)`` and ``held_...(ops, core, u)`` take the value `u` of the map of a `Core`.
"""

import numpy as np

from symbolic_pymc.proximal.combinations import Combinations, Numbers, Unknown
from symbolic_pymc.proximal.functions import KINDS
from symbolic_pymc.proximal.prox import prox_of_pieces
from symbolic_pymc.proximal.shapes import CONVEX, NOT_CONVEX, UNKNOWN, curvature
from symbolic_pymc.proximal.trials import constant_matrix


def _weighted(ops, core, weight, u):
    """Return a weight with axes of length one for those of the blocks."""
    return ops.expanded(weight, core.axes, ops.ndim(u)) if ops.ndim(weight) else weight


def _scaled(ops, core, u, step):
    """Return the weight of a core times the step, of the axes of `u`."""
    return Numbers(ops).mul(step, _weighted(ops, core, core.weight, u))


def known_positive(ops, core):
    if core.weight is None or Numbers(ops).direction(core.weight) not in (0, 1):
        raise Unknown(f"the weight of {core.kind}, which is not known to be positive")


def nothing(ops, core):
    """There is nothing to check."""


def is_convex(ops, core):
    return CONVEX


def nowhere(ops, core, u):
    return ops.everywhere(ops.lt(ops.constant(1.0), ops.constant(0.0)), u)


def everything(ops, core, u):
    return ops.everywhere(ops.lt(ops.constant(0.0), ops.constant(1.0)), u)


# Functions of lengths and of elements ------------------------------------------------------------------


def check_radial(ops, core):
    """A function of lengths must not be better at other lengths than at its own direction."""
    c = Combinations(ops)
    if curvature(ops, core.function) == CONVEX:
        return
    i = next((i for i, knot in enumerate(core.function.knots) if c.n.is_zero(knot)), None)
    above = None if i is None else core.function.pieces[i + 1]
    rises = above and not any(KINDS[f.kind].positive and c.n.same(f.centre, c.n.zero) for f in above)
    if not rises or c.n.sign(c.slope(above, c.n.zero)) not in (0, 1):
        raise Unknown("a function of a length that is not known to rise")


def prox_radial(ops, core, u, step):
    sizes = prox_of_pieces(ops, core.function, ops.lengths(u, core.axes), step)
    return ops.resized(u, ops.expanded(sizes, core.axes, ops.ndim(u)), core.axes)


def held_radial(ops, core, u):
    sizes = ops.expanded(ops.lengths(u, core.axes), core.axes, ops.ndim(u))
    result = nowhere(ops, core, u)
    for knot in core.function.knots:
        result = ops.or_(result, ops.near(sizes, _weighted(ops, core, knot, u)))
    return result


def prox_groups(ops, core, u, step):
    members = core.parameters["members"]
    sizes = prox_of_pieces(ops, core.function, ops.group_lengths(members, u), step)
    return ops.resized_groups(u, members, sizes)


def held_groups(ops, core, u):
    members, result = core.parameters["members"], nowhere(ops, core, u)
    for knot in core.function.knots:
        at = ops.as_number(ops.near(ops.group_lengths(members, u), knot))
        result = ops.or_(result, ops.gt(ops.in_groups(members, at, u), ops.constant(0.0)))
    return result


def prox_pieces(ops, core, u, step):
    return prox_of_pieces(ops, core.function, u, step)


def held_pieces(ops, core, u):
    result = nowhere(ops, core, u)
    for knot in core.function.knots:
        result = ops.or_(result, ops.near(u, knot))
    return result


def curvature_of_function(ops, core):
    return curvature(ops, core.function)


# Largest elements, order statistics, differences -------------------------------------------------------


def prox_largest(ops, core, u, step):
    return ops.cut_top(core.axes, _scaled(ops, core, u, step), u)


def prox_largest_size(ops, core, u, step):
    return ops.cut_sides(core.axes, _scaled(ops, core, u, step), u)


def is_tied(ops, core, u):
    return ops.gt(ops.tied(core.axes, u), ops.constant(0.0))


def is_tied_in_size(ops, core, u):
    return ops.or_(is_tied(ops, core, ops.abs(u)), ops.near(u, ops.constant(0.0)))


def prox_ordered(ops, core, u, step):
    return ops.ordered(core.axes, ops.mul(step, core.weight), u)


def prox_ordered_sizes(ops, core, u, step):
    return ops.ordered_sizes(core.axes, ops.mul(step, core.weight), u)


def prox_fused(ops, core, u, step):
    return ops.fused(core.axes, ops.mul(step, core.weight), u)


def held_neighbours(ops, core, u):
    return ops.equals_neighbour(u, core.axes[0])


def prox_monotone(ops, core, u, step):
    return ops.monotone(core.axes, u)


# Smooth functions --------------------------------------------------------------------------------------


def prox_quadratic(ops, core, u, step):
    matrix = ops.add(ops.identity_matrix(u), ops.mul(step, core.parameters["matrix"]))
    return ops.combined(ops.identity_matrix(u), ops.solved(matrix, ops.column(u, u)), u)


def curvature_of_quadratic(ops, core):
    if core.parameters["is_square"]:
        return CONVEX
    value = constant_matrix(ops, core.parameters["matrix"], core.inner.expr)
    if value is None:
        return UNKNOWN
    values = np.linalg.eigvalsh((value + value.T) / 2)
    return CONVEX if values.min(initial=0.0) >= -1e-12 * np.abs(values).max(initial=1.0) else NOT_CONVEX


def check_quadratic(ops, core):
    if curvature_of_quadratic(ops, core) != CONVEX:
        raise Unknown("a quadratic form that is not known to be positive semidefinite")


def prox_log_sum_exp(ops, core, u, step):
    weight = _scaled(ops, core, u, step)
    points = ops.entropy_simplex(core.axes, ops.reciprocal(weight), ops.true_div(u, weight))
    return ops.sub(u, ops.mul(weight, points))


def prox_perspective(ops, core, u, step):
    return ops.perspective(ops.mul(step, core.weight), u)


def held_perspective(ops, core, u):
    return ops.everywhere(ops.le(ops.first(u), ops.constant(0.0)), u)


def _nearest(ops, core, u):
    """Return the nearest point of a box."""
    low, high = (core.parameters.get(end) for end in ("lower", "upper"))
    u = u if low is None else ops.maximum(u, low)
    return u if high is None else ops.minimum(u, high)


def prox_distance(ops, core, u, step):
    apart = ops.sub(_nearest(ops, core, u), u)
    kept = ops.expanded(ops.lengths(apart, core.axes), core.axes, ops.ndim(u))
    shorter = ops.minimum(kept, _scaled(ops, core, u, step))
    return ops.add(u, ops.resized(apart, shorter, core.axes))


def held_distance(ops, core, u):
    apart = ops.sub(_nearest(ops, core, u), u)
    gaps = ops.expanded(ops.lengths(apart, core.axes), core.axes, ops.ndim(u))
    return ops.everywhere(ops.near(gaps, ops.constant(0.0)), u)


# Sets -----------------------------------------------------------------------------------------------


def prox_l1_ball(ops, core, u, step):
    return ops.l1_ball(core.axes, _weighted(ops, core, core.parameters["radius"], u), u)


def check_radius(ops, core):
    if Numbers(ops).direction(core.parameters["radius"]) not in (0, 1):
        raise Unknown("a ball whose radius is not known to be positive")


def held_l1_ball(ops, core, u):
    size = ops.sum_along(ops.abs(u), core.axes)
    radius = _weighted(ops, core, core.parameters["radius"], u)
    return ops.or_(ops.everywhere(ops.near(size, radius), u), ops.near(u, ops.constant(0.0)))


def prox_affine_set(ops, core, u, step):
    matrix = core.parameters["matrix"]
    residual = ops.add(ops.dot(matrix, ops.column(u, u)), core.parameters["offset"])
    return ops.sub(u, ops.combined(matrix, ops.solved(ops.dot(matrix, ops.transpose(matrix)), residual), u))


def prox_fixed_sum(ops, core, u, step):
    return ops.with_sum(u, _weighted(ops, core, core.weight, u), core.axes)


def prox_cone(ops, core, u, step):
    return ops.in_cone(u, core.parameters["place"])


def held_cone(ops, core, u):
    return ops.everywhere(ops.near(ops.cone_gap(u, core.parameters["place"]), ops.constant(0.0)), u)


def prox_simplex(ops, core, u, step):
    return ops.simplex(core.axes, _weighted(ops, core, core.weight, u), u)


def prox_log_simplex(ops, core, u, step):
    return ops.log_simplex(core.axes, ops.mul(step, core.weight), u)


def prox_entropy_simplex(ops, core, u, step):
    return ops.entropy_simplex(core.axes, ops.mul(step, core.weight), u)
