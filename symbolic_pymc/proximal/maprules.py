"""Functions of affine maps, of differences of neighbours and of quadratic forms, read from a leaf."""

import numpy as np

from symbolic_pymc.proximal.combinations import ONE, SQUARE, Unknown, X
from symbolic_pymc.proximal.cores import Core
from symbolic_pymc.proximal.inner import Inner, inner_of
from symbolic_pymc.proximal.leaves import bare
from symbolic_pymc.proximal.pieces import piecewise
from symbolic_pymc.proximal.trials import differences


def _of_product(r, term, leaf, inside):
    r""":math:`(A x + a)^\top (B x + b)`"""
    weight, ops = r.slope_in(term, leaf), r.ops
    if weight is None or not all(ops.pattern(leaf)) or not all(map(r.depends, inside.rands)):
        return False
    (A, a), (B, b) = (_matrix(r, bare(ops, e)) for e in inside.rands)
    if A is None and B is None:
        return False
    half = B if A is None else A if B is None else ops.dot(ops.transpose(A), B)
    matrix = ops.mul(weight, ops.add(half, ops.transpose(half)))
    for M, o in ((B, a), (A, b)):
        if o is not None:
            r.tilts.append(ops.mul(weight, o if M is None else ops.combined(M, o, r.x)))
    r.cores.append(Core("quadratic", Inner("all", r.x), parameters={"matrix": matrix, "is_square": False}))
    return True


def _matrix(r, e):
    """Return the matrix, None for the identity, and the offset of an affine expression."""
    inner = inner_of(r.ops, e, r.x)
    if inner.kind not in ("all", "map", "affine") or (inner.kind == "all" and inner.factor is not None):
        raise Unknown("a quadratic form of some of its elements")
    return inner.places, None if inner.offset is None else r.ops.column(inner.offset, e)


def of_differences(r, term, leaf):
    """A multiple of the sizes of differences of neighbours, or the condition that they are not negative."""
    found = differences(r.ops, leaf, r.x)
    if found is None:
        return False
    axis, sign = found
    function = piecewise(r.ops, term, leaf)
    if len(function.knots) != 1 or not r.n.is_zero(function.knots[0]) or function.points[0] is not None:
        return False
    below, above = function.pieces
    inner = Inner("all", r.x)
    if None in (below, above):
        growing = (below is None) == (sign > 0)
        if set(below or above or ()) - {ONE}:
            raise Unknown("a function of growing differences")
        turned = Inner("all", r.ops.neg(r.x), r.n(-1.0))
        r.cores.append(Core("monotone", inner if growing else turned, (axis,)))
        return True
    if set(below) != {X} or set(above) != {X} or not r.n.is_zero(r.n.add(below[X], above[X])):
        return False
    r.cores.append(Core("fused", inner, (axis,), above[X]))
    return True


def of_map(r, term, leaf):
    """A function of the elements of an affine map: linear, quadratic, or any of a map with orthogonal rows."""
    inner = inner_of(r.ops, leaf, r.x)
    if inner.kind in ("map", "affine"):
        function = piecewise(r.ops, term, leaf)
        piece = function.pieces[0]
        if len(function.pieces) == 1 and set(piece) <= {ONE, X}:
            slope = r.ops.like(piece.get(X, r.n.zero), leaf)
            r.tilts.append(r.ops.combined(inner.places, slope, r.x))
            return
        if len(function.pieces) == 1 and set(piece) <= {ONE, X, SQUARE}:
            _quadratic(r, inner, piece, leaf)
            return
    if inner.kind == "some" and (slope := r.slope_in(term, leaf)) is not None:
        scale = r.n.one if inner.factor is None else inner.factor
        places = r.ops.constant(inner.places) if isinstance(inner.places, np.ndarray) else inner.places
        r.tilts.append(r.ops.collect(r.ops.like(r.n.mul(slope, scale), leaf), places, r.x))
        return
    if inner.kind == "affine":
        raise Unknown("a function of a linear map whose rows are not orthogonal; split it from the map")
    r.add(leaf, Core("pieces", inner), term)


def _quadratic(r, inner, piece, leaf):
    r""":math:`\sum_i q_i e_i^2 + a_i e_i` of :math:`e = A x + b`."""
    ops, n = r.ops, r.n
    twice = n.mul(n(2.0), piece[SQUARE])
    matrix = ops.dot(ops.transpose(inner.places), ops.scale_rows(inner.places, twice, leaf))
    slope = [piece[X]] if X in piece else []
    slope += [] if inner.offset is None else [ops.mul(twice, inner.offset)]
    r.tilts += [ops.combined(inner.places, ops.like(s, leaf), r.x) for s in slope]
    is_square = n.direction(twice) in (0, 1)
    parameters = {"matrix": matrix, "is_square": is_square}
    r.cores.append(Core("quadratic", Inner("all", r.x), parameters=parameters))


PRODUCT_RULES = {"dot": [_of_product], "matmul": [_of_product]}
