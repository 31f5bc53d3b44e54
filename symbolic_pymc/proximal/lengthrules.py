"""Functions of lengths, of sums of exponentials, of the largest and of ordered elements, read from a leaf.

A rule is a function of a `Reading`, of a term that is computed element by element from a leaf, of the leaf, and of
what stands there under axes of length one; it takes the term in and returns True, or returns False.
"""

import numpy as np

from symbolic_pymc.records import Term
from symbolic_pymc.proximal.combinations import ONE, Unknown, X
from symbolic_pymc.proximal.cores import Core
from symbolic_pymc.proximal.inner import Inner, inner_of, spectrum
from symbolic_pymc.proximal.leaves import bare, leaf_of, root_of_square, squared_lengths
from symbolic_pymc.proximal.pieces import piecewise
from symbolic_pymc.proximal.trials import tried
from symbolic_pymc.parts import substitute


def _of_length(r, term, leaf, inside):
    r"""A function of :math:`\lVert e \rVert`, where the leaf is the square of that."""
    found = squared_lengths(r.ops, inside)
    if found is None:
        return False
    e, axes = found
    distance = _distance(r, term, leaf, e, axes)
    if distance is not None:
        r.cores.append(distance)
        return True
    y = r.ops.lengths(e, axes)
    function = substitute(term, {leaf: r.ops.sqr(y)})
    if r.ops.ndim(y) != r.ops.ndim(function):
        return False
    r.add(y, Core("radial", inner_of(r.ops, e, r.x), axes), function)
    return True


def _of_groups(r, term, leaf, inside):
    r""":math:`\sum_{i \in g} e_i^2` of several groups, each a row of a matrix of zeros and ones."""
    members, squares = inside.rands
    e = root_of_square(r.ops, bare(r.ops, squares)) if r.depends(squares) and not r.depends(members) else None
    value = None if e is None else r.ops.value_of(members)
    if value is None or value.ndim != 2 or not np.isin(value, (0, 1)).all() or (value.sum(axis=0) > 1).any():
        return False
    y = r.ops.group_lengths(members, e)
    function = substitute(term, {leaf: r.ops.sqr(y)})
    if r.ops.ndim(e) != 1 or r.ops.ndim(function) != 1:
        return False
    r.add(y, Core("groups", inner_of(r.ops, e, r.x), parameters={"members": members}), function)
    return True


def _distance(r, term, leaf, e, axes):
    r"""The distance to a box: the length of :math:`e = r (x - P x)`."""
    try:
        function = piecewise(r.ops, e, r.x)
    except Unknown:
        return None
    knots, outer, n = function.knots, [p for p in function.pieces if p], r.n
    ends = [(None, *knots), (*knots, None)] if len(knots) == 1 else [knots] if len(knots) == 2 else []
    for low, high in ends:
        inside = function.pieces[0 if low is None else 1]
        sides = (low is not None and function.pieces[0], high is not None and function.pieces[-1])
        beyond = [p for p in sides if p]
        if inside == {} and len(beyond) == len(outer) and all(_starts_at(r, p, outer, low, high) for p in beyond):
            y = r.ops.lengths(e, axes)
            weight = r.slope_in_length(term, leaf, y)
            if weight is not None:
                size = r.ops.abs(outer[0][X])
                bounds = {k: v for k, v in (("lower", low), ("upper", high)) if v is not None}
                return Core("distance", Inner("all", r.x), axes, n.mul(weight, size), parameters=bounds)
    return None


def _starts_at(r, piece, outer, low, high):
    """Tell whether a piece is ``r (x - bound)``, with one slope for all of them."""
    if set(piece) - {X, ONE} or X not in piece or not r.n.same(piece[X], outer[0][X]) or r.ops.ndim(piece[X]):
        return False
    bound = r.n.div(r.n.neg(piece.get(ONE, r.n.zero)), piece[X])
    return any(b is not None and r.n.is_zero(r.n.sub(bound, b)) for b in (low, high))


def _of_exponentials(r, term, leaf, inside):
    r""":math:`\log \sum_i e^{e_i}`"""
    exponential = bare(r.ops, inside.rands[0])
    if r.ops.kind_of(exponential) != "exp":
        return False
    weight = r.slope_in(term, leaf, "log")
    if weight is None or r.ops.ndim(leaf) != r.ops.ndim(inside):
        return False
    e, axes = exponential.rands[0], r.ops.axes_of(inside)
    r.cores.append(Core("log-sum-exp", inner_of(r.ops, e, r.x), axes, weight))
    return True


def _of_log_sum_exp(r, term, leaf, inside):
    """The same as one operator."""
    weight = r.slope_in(term, leaf)
    if weight is None or r.ops.ndim(leaf) != r.ops.ndim(inside):
        return False
    inner = inner_of(r.ops, inside.rands[0], r.x)
    r.cores.append(Core("log-sum-exp", inner, r.ops.axes_of(inside), weight))
    return True


def _of_largest(r, term, leaf, inside):
    """The largest element, or the largest size."""
    weight = r.slope_in(term, leaf)
    if weight is None or inside.info.index != 0 or r.ops.ndim(leaf) != r.ops.ndim(inside):
        return False
    e, axes = inside.rands[0], r.ops.axes_of(inside)
    sized = (e, r.n.one) if spectrum(r.ops, e, r.x) == "singular" else _sizes(r, e)
    e, factor = sized or (e, r.n.one)
    kind = "largest size" if sized else "largest"
    r.cores.append(Core(kind, inner_of(r.ops, e, r.x), axes, r.n.mul(weight, factor)))
    return True


def _sizes(r, e):
    """Return of what an expression is a multiple of the sizes, and the factor; None where it is not."""
    if r.ops.kind_of(e) == "abs":
        return e.rands[0], r.n.one
    try:
        part = leaf_of(r.ops, e, r.x)
        function = piecewise(r.ops, e, part)
    except Unknown:
        return None
    if len(function.knots) != 1 or not r.n.is_zero(function.knots[0]) or None in function.pieces:
        return None
    below, above = function.pieces
    if set(below) != {X} or set(above) != {X} or not r.n.is_zero(r.n.add(below[X], above[X])):
        return None
    return (part, above[X]) if r.n.sign(above[X]) == 1 and r.ops.ndim(above[X]) == 0 else None


def _of_order(r, term, leaf, inside):
    """A sum of order statistics."""
    ops, node = r.ops, leaf
    while isinstance(node, Term) and ops.kind_of(node) == "structural":
        node = node.rands[0]
    weight = r.slope_in(term, leaf) if ops.kind_of(node) == "sort" else None
    if weight is None or ops.ndim(node) != 1:
        return False
    sized = _sizes(r, node.rands[0])
    e, factor = sized or (node.rands[0], r.n.one)
    places = substitute(leaf, {node: ops.row_numbers(e)})
    weights = ops.collect(ops.like(r.n.mul(weight, factor), leaf), places, e)
    values = [value for _, value in tried(ops, weights, r.x) or _at_once(ops, weights)]
    if not values or any((v[1:] < v[:-1]).any() or (sized and (v < 0).any()) for v in values):
        raise Unknown("the weights of the order statistics are not known to ascend")
    r.cores.append(Core("ordered sizes" if sized else "ordered", inner_of(ops, e, r.x), (0,), weights))
    return True


def _at_once(ops, weights):
    value = ops.value_of(weights)
    return [] if value is None else [(None, value)]


def _of_sums(r, term, leaf, inside):
    """A multiple of sums of something: the multiple of each summand."""
    weight = r.slope_in(term, leaf)
    if weight is None or r.ops.ndim(leaf) != r.ops.ndim(inside):
        return False
    parts = inside.rands[0]
    wide = r.ops.expanded(weight, r.ops.axes_of(inside), r.ops.ndim(parts)) if r.ops.ndim(weight) else weight
    r.take(wide, parts)
    return True


LENGTH_RULES = {
    "sum": [_of_length, _of_exponentials, _of_sums],
    "dot": [_of_length, _of_groups],
    "matmul": [_of_length, _of_groups],
    "log_sum_exp": [_of_log_sum_exp],
    "largest": [_of_largest],
    "sort": [_of_order],
    "structural": [_of_order],
}
