"""Sums of functions of one array: what may be added to a function whose proximal operator is known."""

from dataclasses import replace

import numpy as np

from symbolic_pymc.proximal.blocktable import BLOCKS
from symbolic_pymc.proximal.combinations import ONE, SQUARE, Combinations, Unknown, X
from symbolic_pymc.proximal.inner import is_plain
from symbolic_pymc.proximal.pieces import Piecewise
from symbolic_pymc.proximal.shapes import CONVEX, NOT_CONVEX, UNKNOWN, curvature
from symbolic_pymc.relations.arithmetic import number
from symbolic_pymc.parts import substitute


def summed(ops, terms):
    """Return the sum of some terms."""
    total, *rest = terms
    for term in rest:
        total = ops.add(total, term)
    return total


def together(ops, cores, extra, tilt, argument, shape):
    """Return cores, what is added for each element, linear part, squares and curvature of their sum.

    Raises
    ------
    Unknown
        Where no rule is known for the sum.
    """
    c, cores = Combinations(ops), _joined(ops, cores)
    linear, square, extra = _without_parabola(ops, c, extra)
    tilt = linear if tilt is None else tilt if linear is None else ops.add(tilt, linear)
    cores, extra = _on_the_simplex(ops, c, cores, extra)
    for core in cores:
        if core.inner.kind == "affine":
            raise Unknown("a function of a linear map whose rows are not orthogonal; split it from the map")
        BLOCKS[core.kind].check(ops, core)
        if extra is not None:
            _check_together(ops, c, core, extra)
    apart = len(cores) == 1 and cores[0].inner.kind != "some"
    if not apart and not _are_disjoint(ops, cores, argument, shape):
        raise Unknown(f"{' and '.join(core.kind for core in cores)} of the same elements; split them")
    verdicts = {BLOCKS[core.kind].curvature(ops, core) for core in cores}
    verdicts |= set() if extra is None else {curvature(ops, extra)}
    verdict = CONVEX if verdicts == {CONVEX} else NOT_CONVEX if NOT_CONVEX in verdicts else UNKNOWN
    return tuple(cores), extra, tilt, square, verdict


def _joined(ops, cores):
    """Return cores with all quadratic forms as one, and without conditions that others imply."""
    if "perspective" in [core.kind for core in cores]:
        cores = _with_positive_scale(ops, cores)
    quadratic = [core for core in cores if core.kind == "quadratic"]
    if len(quadratic) < 2:
        return cores
    matrix = summed(ops, [core.parameters["matrix"] for core in quadratic])
    is_square = all(core.parameters["is_square"] for core in quadratic)
    total = replace(quadratic[0], parameters={"matrix": matrix, "is_square": is_square})
    return [core for core in cores if core not in quadratic] + [total]


def _with_positive_scale(ops, cores):
    """Return cores without the condition that the first element is positive, which a perspective needs."""
    n = Combinations(ops).n
    implied = [
        core
        for core in cores
        if core.inner.kind == "some" and is_plain(core.inner)
        if isinstance(core.inner.places, np.ndarray) and core.inner.places.ravel().tolist() == [0]
        if core.kind == "pieces" and core.function.pieces == (None, {}) and n.is_zero(core.function.knots[0])
    ]
    if not implied:
        raise Unknown("a sum of squares over an element that is not known to be positive")
    return [core for core in cores if core not in implied]


def _without_parabola(ops, c, extra):
    """Return linear part and number of squares that all pieces of a function share, and what is left."""
    if extra is None:
        return None, None, None
    n = c.n
    inside = [piece for piece in extra.pieces if piece is not None]
    if not inside:
        raise Unknown("it is infinite everywhere")
    first, last = inside[0], inside[-1]
    square = first.get(SQUARE, n.zero)
    linear = n.mul(n(0.5), n.add(first.get(X, n.zero), last.get(X, n.zero)))
    if not all(n.same(piece.get(SQUARE), square) for piece in inside) or ops.ndim(square):
        square = n.zero
    shared = {ONE: first.get(ONE, n.zero), X: linear, SQUARE: square}
    taken = c.times(n(-1.0), {f: k for f, k in shared.items() if not n.is_zero(k)})
    pieces = tuple(None if piece is None else c.add(piece, taken) for piece in extra.pieces)
    points = tuple(None if point is None else c.add(point, taken) for point in extra.points)
    linear, square = (None if n.is_zero(k) else k for k in (linear, square))
    return linear, square, Piecewise(extra.knots, pieces, points) if extra.knots or pieces[0] else None


def _are_disjoint(ops, cores, argument, shape):
    """Tell whether functions are of different elements, each of which they take once."""
    seen = set()
    for core in cores:
        places = _places(ops, core.inner, argument, shape)
        if places is None or len(set(places)) < len(places) or seen & set(places):
            return False
        seen |= set(places)
    return True


def _places(ops, inner, argument, shape):
    """Return the positions of elements as a list, None where they are not known."""
    if inner.kind != "some":
        return None
    places = inner.places
    if not isinstance(places, np.ndarray):
        if shape is None or None in shape:
            raise Unknown("elements whose positions depend on the size of the unknown, which is not known")
        places = ops.value_of(substitute(places, {argument: ops.constant(np.zeros(shape))}))
    return None if places is None else places.ravel().tolist()


def _check_together(ops, c, core, extra):
    """Refuse what is added to a core if there is no rule for the two."""
    joins = BLOCKS[core.kind].joins
    plain = is_plain(core.inner)
    if joins == "homogeneous" and plain and _is_homogeneous(ops, c, extra):
        return
    if joins == "uniform" and plain and core.inner.kind == "all" and _is_uniform(ops, extra):
        return
    raise Unknown(f"{core.kind} and another function of the same elements; split them")


def _is_homogeneous(ops, c, extra):
    """Tell whether a function is convex and a multiple of `x` on each side of zero."""
    at_zero = all(c.n.is_zero(knot) for knot in extra.knots)
    return at_zero and all(set(p or ()) <= {X} for p in extra.pieces) and curvature(ops, extra) == CONVEX


def _is_uniform(ops, extra):
    """Tell whether a function is convex and the same for all elements."""
    functions = [(f, k) for piece in extra.pieces if piece for f, k in piece.items()]
    parts = [*extra.knots, *(t for f, k in functions for t in (k, f.centre, f.extra) if t is not None)]
    return all(ops.ndim(t) == 0 for t in parts) and curvature(ops, extra) == CONVEX


def _on_the_simplex(ops, c, cores, extra):
    r"""Return :math:`\sum_i x_i = r` and positive elements as the simplex, with what is added on it."""
    if len(cores) != 1 or cores[0].kind != "fixed sum" or extra is None:
        return cores, extra
    (core,) = cores
    if c.n.sign(core.weight) != 1:
        raise Unknown("a simplex whose size is not known to be positive")
    piece = _piece_above_zero(c, extra, core.weight)
    if not piece:
        return [replace(core, kind="simplex")], None
    ((f, k), *others) = piece.items()
    plain = f.kind in _ON_THE_SIMPLEX and f.centre is None and f.side > 0
    if others or not plain or number(ops, core.weight) != 1.0:
        raise Unknown("a function on the simplex that is not known")
    kind, sign = _ON_THE_SIMPLEX[f.kind]
    return [replace(core, kind=kind, weight=c.n.mul(c.n(sign), k))], None


_ON_THE_SIMPLEX = {"log": ("log on the simplex", -1.0), "entropy": ("entropy on the simplex", 1.0)}


def _piece_above_zero(c, extra, size):
    """Return what is added where elements are between zero and the size of the simplex."""
    n = c.n
    places = [i for i, knot in enumerate(extra.knots) if n.is_zero(knot)]
    if not places or extra.pieces[places[0]] is not None:
        raise Unknown("a fixed sum, without the condition that elements are positive")
    i = places[0] + 1
    beyond = extra.knots[i:]
    if extra.pieces[i] is None or any(n.sign(n.sub(knot, size)) not in (0, 1) for knot in beyond):
        raise Unknown("a part of the simplex")
    return extra.pieces[i]
