r"""Whether a combination of functions is convex on an interval, by bounds of its second derivative.

Between the places where they turn, the second derivatives of all functions only grow or only fall, so that their values
at the ends of a small interval bound them on all of it.  If the sum of the lower bounds is positive on every one of
many intervals that cover the domain, the combination is convex.  One place where the sum is negative, by more than
rounding explains, shows that it is not.
"""

from dataclasses import dataclass, replace

import numpy as np

from symbolic_pymc.proximal.functions import KINDS
from symbolic_pymc.proximal.roots import WORDS

# Distances from the places where a function is singular or turns, up to which and from which on nothing is looked at
STEPS = np.unique(np.concatenate([np.logspace(-150, 150, 6001), np.logspace(-8, 8, 8001)]))
CLOSE = STEPS[(STEPS > 1e-17) & (STEPS < 1e6)]
ROUNDING = 1e-6
SUMMANDS = 200  # as many are looked at together
ELEMENTS = 8  # as many different sets of parameters are looked at


@dataclass(frozen=True)
class _Piece:
    """A combination with numbers for parameters, on the interval between `lower` and `upper`."""

    functions: tuple
    lower: float
    upper: float


def is_convex(ops, piece, lower=None, upper=None):
    """Return True or False for a combination between two terms (None for infinite ends); None where it is not known."""
    rows = _rows(ops, piece, lower, upper)
    verdicts = [_verdict(_from_row(tuple(piece), row)) for row in rows[:ELEMENTS]]
    known = 0 < len(rows) <= ELEMENTS and None not in verdicts
    return False if False in verdicts else True if known else None


def is_sum_convex(ops, piece, lower=None, upper=None):
    """Return True or False for the sum of the combinations of all elements, of one number; None where it is not known."""
    rows, counts = _rows(ops, piece, lower, upper, return_counts=True)
    if not 0 < len(rows) <= SUMMANDS:
        return None
    parts = [_from_row(tuple(piece), row) for row in rows]
    total = {}
    for part, count in zip(parts, counts):
        for f, k in part.functions:
            total[f] = total.get(f, 0.0) + count * k
    return _verdict(_Piece(tuple(total.items()), max(p.lower for p in parts), min(p.upper for p in parts)))


def _rows(ops, piece, lower, upper, return_counts=False):
    """Return the different sets of parameters of the elements, none where they are not known."""
    terms = [lower, upper] + [p for f, k in piece.items() for p in (k, f.centre, f.extra)]
    values = [np.float64(np.nan) if t is None else ops.value_of(t) for t in terms]
    if any(v is None for v in values):
        return ((), ()) if return_counts else ()
    table = np.stack([np.ravel(v) for v in np.broadcast_arrays(*values)], axis=1).astype(float)
    return np.unique(table, axis=0, return_counts=return_counts)


def _from_row(functions, row):
    bounds, rest = np.where(np.isnan(row[:2]), [-np.inf, np.inf], row[:2]), row[2:].reshape(-1, 3)
    parts = []
    for f, (k, centre, extra) in zip(functions, rest):
        own = replace(f, centre=0.0 if np.isnan(centre) else centre, extra=None if np.isnan(extra) else extra)
        parts.append((own, k))
    return _Piece(tuple(parts), *bounds)


def _verdict(piece):
    lower, upper = _domain(piece)
    if not lower < upper:
        return None
    turns = _turns(piece)
    points = _points(piece, lower, upper, turns or ())
    with np.errstate(all="ignore"):
        bends = [k * _bend(f, points) for f, k in piece.functions]
        total, size = sum(bends), sum(map(np.abs, bends))
        if np.any(np.isfinite(size) & (total < -ROUNDING * size)):
            return False
        low = sum(np.minimum(b[:-1], b[1:]) for b in bends)
        bound = low - ROUNDING * np.maximum(size[:-1], size[1:])
    return True if turns is not None and np.all(bound > 0.0) else None


def _bend(f, x):
    value = np.broadcast_to(KINDS[f.kind].bend(WORDS, f.side * (x - f.centre), f.extra), x.shape)
    return np.asarray(value, dtype=float)


def _domain(piece):
    """Return the interval where all functions are defined."""
    lower, upper = piece.lower, piece.upper
    for f, _ in piece.functions:
        kind = KINDS[f.kind]
        if kind.positive:
            ends = sorted((f.centre, f.centre + f.side * kind.end(f.extra)))
            lower, upper = max(lower, ends[0]), min(upper, ends[1])
    return lower, upper


def _turns(piece):
    """Return all places where a second derivative turns; None where those of one function are not known."""
    places = []
    for f, _ in piece.functions:
        own = KINDS[f.kind].turns(f.extra)
        if own is None:
            return None
        places += [f.centre + f.side * y for y in own]
    return places


def _points(piece, lower, upper, turns):
    """Return the ends of the intervals, in order: ever closer to every place that counts, and far away from it."""
    bounds = [e for e in (lower, upper) if np.isfinite(e)]
    places = {0.0, *turns, *bounds, *(f.centre for f, _ in piece.functions)}
    points = [np.asarray(sorted(places))]
    for place in places:
        steps = CLOSE if place else STEPS
        points += [place - steps, place + steps]
    points = np.unique(np.concatenate(points))
    inside = points[(points >= lower) & (points <= upper)]
    return inside[~np.isin(inside, _singular(piece))]


def _singular(piece):
    """Return the ends of the domains of functions, where they may be infinite."""
    kinds = [(f, KINDS[f.kind]) for f, _ in piece.functions]
    return [f.centre + f.side * y for f, kind in kinds if kind.positive for y in (0.0, kind.end(f.extra))]
