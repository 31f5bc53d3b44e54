"""Convexity of piecewise functions: convex, not convex, or unknown."""

from symbolic_pymc.proximal.certificates import is_convex, is_sum_convex
from symbolic_pymc.proximal.combinations import Combinations
from symbolic_pymc.proximal.functions import KINDS
from symbolic_pymc.relations.arithmetic import number

CONVEX, NOT_CONVEX, UNKNOWN = "convex", "not convex", "unknown"
_VERDICTS = {True: CONVEX, False: NOT_CONVEX, None: UNKNOWN}


def curvature(ops, function):
    """Return `CONVEX`, `NOT_CONVEX` or `UNKNOWN` for a `Piecewise` function.

    It is convex where every piece is, and the slopes increase from each piece to the next, without jumps inside of the
    domain, which has no gaps.
    """
    c = Combinations(ops)
    ends = [None, *function.knots, None]
    spans = zip(function.pieces, ends, ends[1:])
    verdicts = [of_piece(c, *span) for span in spans if span[0] is not None]
    inside = [piece is not None for piece in function.pieces]
    if any(point is not None for point in function.points) or "10" in "".join("01"[i] for i in inside).strip("0"):
        return NOT_CONVEX
    verdicts += [_of_knot(c, *sides) for sides in zip(function.knots, function.pieces, function.pieces[1:])]
    return NOT_CONVEX if NOT_CONVEX in verdicts else UNKNOWN if UNKNOWN in verdicts else CONVEX


def curvature_of_sum(ops, function):
    """Return the curvature of the sum of all elements of a `Piecewise` function of one number."""
    verdict = curvature(ops, function)
    if verdict == CONVEX or any(point is not None for point in function.points):
        return CONVEX if verdict == CONVEX else UNKNOWN
    ends = [None, *function.knots, None]
    spans = [span for span in zip(function.pieces, ends, ends[1:]) if span[0] is not None]
    known = [is_sum_convex(ops, *span) for span in spans]
    return NOT_CONVEX if False in known else CONVEX if known == [True] else UNKNOWN


def of_piece(c, piece, lower=None, upper=None):
    """Return the curvature of a combination on an interval, by the signs of its coefficients or by a certificate."""
    signs = {_sign(c, f, k) for f, k in piece.items()} - {0}
    if signs <= {1}:
        return CONVEX
    if signs == {-1}:
        return NOT_CONVEX
    return _VERDICTS[is_convex(c.ops, piece, lower, upper)]


def _sign(c, f, k):
    extra = None if f.extra is None else number(c.ops, f.extra)
    own, sign = KINDS[f.kind].curvature(extra), c.n.direction(k)
    return 0 if own == 0 else None if own is None or sign is None else own * sign


def _of_knot(c, knot, left, right):
    """Return whether the slope grows at a knot between two pieces of the domain."""
    if left is None or right is None:
        return CONVEX
    jump = c.n.sign(c.n.sub(c.term(right, knot), c.term(left, knot)))
    if jump != 0:
        return UNKNOWN if jump is None else NOT_CONVEX
    grows = c.n.direction(c.n.sub(c.slope(right, knot), c.slope(left, knot)))
    return UNKNOWN if grows is None else CONVEX if grows >= 0 else NOT_CONVEX
