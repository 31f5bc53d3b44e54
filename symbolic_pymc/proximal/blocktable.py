"""The table of known functions of whole arrays: statements, proximal operators, where they are smooth."""

from dataclasses import dataclass
from typing import Callable

from symbolic_pymc.proximal import blockrules as rules


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
    check: Callable = rules.known_positive
    joins: str = ""
    curvature: Callable = rules.is_convex
    source: str = ""


BECK = "Beck, First-Order Methods in Optimization (2017), chapter 6"
YU = "Yu, On decomposing the proximal map (2013)"

BLOCKS = {
    "radial": Row(
        r"f(\lVert x \rVert)",
        r"\operatorname{prox}_f(\lVert z \rVert)\, z / \lVert z \rVert",
        rules.prox_radial, rules.held_radial, rules.check_radial, "homogeneous", rules.curvature_of_function, BECK,
    ),
    "groups": Row(
        r"\sum_g f_g(\lVert x_g \rVert)",
        r"\operatorname{prox}_{f_g}(\lVert z_g \rVert)\, z_g / \lVert z_g \rVert",
        rules.prox_groups, rules.held_groups, rules.check_radial, "homogeneous", rules.curvature_of_function, BECK,
    ),
    "pieces": Row(
        r"\sum_i f_i(x_i)", r"\operatorname{prox}_{f_i}(z_i)",
        rules.prox_pieces, rules.held_pieces, rules.nothing, "", rules.curvature_of_function, BECK,
    ),
    "largest": Row(
        r"w \max_i x_i", r"\min(z_i, \theta), \quad \sum_i (z_i - \theta)_+ = w",
        rules.prox_largest, rules.is_tied, joins="uniform", source=BECK,
    ),
    "largest size": Row(
        r"w \max_i |x_i|", r"z - P_{\lVert \cdot \rVert_1 \le w}(z)",
        rules.prox_largest_size, rules.is_tied_in_size, source=BECK,
    ),
    "ordered": Row(
        r"\sum_i w_i x_{(i)}, \quad w_1 \le w_2 \le \dots",
        r"z_{(i)} - w_i, \text{ falling neighbours pooled}",
        rules.prox_ordered, rules.is_tied, rules.nothing, "uniform", source=YU,
    ),
    "ordered sizes": Row(
        r"\sum_i w_i |x|_{(i)}, \quad 0 \le w_1 \le w_2 \le \dots",
        r"(|z|_{(i)} - w_i)_+, \text{ falling neighbours pooled}",
        rules.prox_ordered_sizes, rules.is_tied_in_size, rules.nothing,
        source="Bogdan et al., SLOPE - adaptive variable selection via convex optimization (2015)",
    ),
    "fused": Row(
        r"\sum_i w_i |x_{i+1} - x_i|",
        r"\text{slope of the taut string between } \textstyle\sum_{j \le i} z_j \pm w_i",
        rules.prox_fused, rules.held_neighbours, joins="uniform",
        source="Davies and Kovac, Local extremes, runs, strings and multiresolution (2001)",
    ),
    "monotone": Row(
        r"0, \quad x_1 \le x_2 \le \dots", r"z, \text{ falling neighbours pooled}",
        rules.prox_monotone, rules.held_neighbours, rules.nothing, "uniform", source=YU,
    ),
    "quadratic": Row(
        r"\tfrac{1}{2} x^\top Q x + a^\top x", r"(I + Q)^{-1} (z - a)",
        rules.prox_quadratic, rules.nowhere, rules.check_quadratic,
        curvature=rules.curvature_of_quadratic, source=BECK,
    ),
    "log-sum-exp": Row(
        r"w \log \sum_i e^{x_i}", r"z - w p, \quad p = \operatorname{argmin}_{p \in \Delta}"
        r" \tfrac{1}{w} \sum_i p_i \log p_i + \tfrac{1}{2} \lVert p - z / w \rVert^2",
        rules.prox_log_sum_exp, rules.nowhere, source=BECK,
    ),
    "distance": Row(
        r"w\, d_C(x)", r"z + \min(w / d_C(z), 1)\, (P_C z - z)",
        rules.prox_distance, rules.held_distance, source=BECK,
    ),
    "perspective": Row(
        r"g \lVert y \rVert^2 / \xi", r"(\xi + g w^2)\, (1, w\, y / \lVert y \rVert),"
        r" \quad g w^3 + (\xi + 2 g) w = \lVert y \rVert",
        rules.prox_perspective, rules.held_perspective,
        source="Combettes and Mueller, Perspective maximum likelihood-type estimation via proximal"
        " decomposition (2018)",
    ),
    "l1 ball": Row(
        r"0, \quad \sum_i |x_i| \le r",
        r"\operatorname{soft}(z, \theta), \quad \sum_i (|z_i| - \theta)_+ = r",
        rules.prox_l1_ball, rules.held_l1_ball, rules.check_radius, source=BECK,
    ),
    "affine set": Row(
        r"0, \quad A x = b", r"z - A^\top (A A^\top)^{-1} (A z - b)",
        rules.prox_affine_set, rules.everything, rules.nothing, source=BECK,
    ),
    "fixed sum": Row(
        r"0, \quad \sum_i x_i = r", r"z_i - \tfrac{1}{n} \bigl(\textstyle\sum_j z_j - r\bigr)",
        rules.prox_fixed_sum, rules.everything, rules.nothing, source=BECK,
    ),
    "cone": Row(
        r"0, \quad \lVert x \rVert \le t", r"\tfrac{1}{2} (\lVert x \rVert + t)\, (x / \lVert x \rVert, 1)",
        rules.prox_cone, rules.held_cone, rules.nothing, source=BECK,
    ),
    "simplex": Row(
        r"0, \quad x \ge 0, \; \sum_i x_i = r", r"(z_i - \theta)_+, \quad \sum_i (z_i - \theta)_+ = r",
        rules.prox_simplex, rules.everything, rules.nothing, source=BECK,
    ),
    "log on the simplex": Row(
        r"-\sum_i k_i \log x_i, \quad x \ge 0, \; \sum_i x_i = 1",
        r"\tfrac{1}{2} \bigl(z_i - m + \sqrt{(z_i - m)^2 + 4 k_i}\bigr)",
        rules.prox_log_simplex, rules.everything,
    ),
    "entropy on the simplex": Row(
        r"\lambda \sum_i x_i \log x_i, \quad x \ge 0, \; \sum_i x_i = 1",
        r"\lambda\, W\bigl(e^{(z_i - m) / \lambda - 1} / \lambda\bigr)",
        rules.prox_entropy_simplex, rules.everything,
    ),
}  # fmt: skip
