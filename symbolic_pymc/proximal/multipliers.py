r"""Multipliers that bound an objective from below: slopes of its functions whose pulls at the unknowns balance.

.. math::

    u_j \in \partial h_j(a_j), \qquad \sum_j K_j^\top u_j = 0
"""

import numpy as np
from scipy.optimize import lsq_linear

REACHES = (1e-12, 1e-9, 1e-6, 1e-4)  # how near to a kink an argument is taken to stand at it
JUMP = 1e-4  # by how much the slope grows there, at least
LARGEST = 2000  # as many slopes at kinks are solved for
MOST = 10_000_000  # elements of the matrix that multipliers are balanced with
BALANCED = 1e-12
TIMES = 3


def multipliers(f):
    """Yield vectors of multipliers of a `Fenchel`: near an optimum, one of them is nearly optimal.

    Where a function is smooth, its slope is known.  At kinks any slope between those of both sides may be: those are
    taken with which all pulls balance best.  What they then pull at unknowns without functions of their own must vanish,
    at others be a slope that their functions have: it is taken back where there is room.
    """
    slopes, (low, high) = f.others.slopes(), f.domain()
    must, inside = low == high, 1e-13 * np.maximum(1.0, np.minimum(np.abs(low), np.abs(high)))
    low, high = np.where(must, low, low + inside), np.where(must, high, high - inside)
    for reach in REACHES:
        own, others = _between(f.own, reach), _between(f.others, reach)
        loose = _is_loose(f.others, *others)
        start = _at_kinks(f, slopes, (loose, *others), (_is_loose(f.own, *own), *own)) if np.any(loose) else slopes
        for ends in ((np.where(must, low, -np.inf), np.where(must, high, np.inf)), (low, high)):
            found = _balanced(f, start, loose, *ends)
            if found is not None:
                yield found
        if np.all(f.others.is_smooth):
            break
    yield np.zeros_like(slopes)


def _between(functions, reach):
    """Return the slopes on both sides, infinite ones for functions of whole arrays that have none."""
    low, high = functions.slopes(-reach), functions.slopes(reach)
    kinked = functions.is_whole & ~(np.abs(high - low) <= JUMP)
    return np.where(np.isnan(low) | kinked, -np.inf, low), np.where(np.isnan(high) | kinked, np.inf, high)


def _is_loose(functions, low, high):
    jumps = high - low > JUMP * np.maximum(1.0, np.minimum(np.abs(low), np.abs(high)))
    return ~functions.is_smooth & (jumps | ~np.isfinite(high - low))


def _at_kinks(f, slopes, others, own):
    """Return slopes with those at kinks such that all pulls balance as far as they can.

    `others` and `own` are triples of vectors: which slopes are not known, and between which bounds they are.
    """
    (loose, low, high), (own_loose, own_low, own_high) = others, map(f.spread, own)
    places, own_places = np.flatnonzero(loose), np.flatnonzero(own_loose)
    found = np.where(loose, np.clip(0.0, low, high), slopes)
    if len(places) + len(own_places) > LARGEST:
        return found
    left = f.pull(np.where(loose, 0.0, slopes)) + np.where(own_loose > 0, 0.0, 0.5 * (own_low + own_high))
    columns = [f.pull(unit) for unit in _units(len(found), places)]
    matrix = np.stack([*columns, *_units(len(left), own_places)], axis=1)
    bounds = np.r_[low[places], own_low[own_places]], np.r_[high[places], own_high[own_places]]
    found[places] = _within(matrix, -left, bounds)[: len(places)]
    return found


def _units(n, places):
    for i in places:
        unit = np.zeros(n)
        unit[i] = 1.0
        yield unit


def _within(matrix, target, bounds):
    """Return the solution of least squares between bounds."""
    solution = np.linalg.lstsq(matrix, target, rcond=None)[0]
    slack = 1e-9 * max(1.0, np.max(np.abs(solution), initial=0.0))
    if np.all((bounds[0] - slack <= solution) & (solution <= bounds[1] + slack)):
        return np.clip(solution, *bounds)
    return lsq_linear(matrix, target, bounds, tol=1e-14).x


def _balanced(f, u, loose, low, high):
    """Return multipliers whose pulls are between minus some bounds; None where there is no room for that."""
    places = np.flatnonzero((low == high) | (np.clip(-f.pull(u), low, high) != -f.pull(u)))
    if not len(places):
        return u
    if len(places) * len(u) > MOST:
        return None
    n, room = len(low), _room(f, u, loose)
    offset = f.images(np.zeros(n))
    columns = np.stack([f.images(unit) - offset for unit in _units(n, places)], axis=1)
    normal = columns.T @ (room[:, None] * columns)
    for _ in range(TIMES):
        pulls = f.pull(u)
        away = (pulls + np.clip(-pulls, low, high))[places]
        u = u - room * (columns @ np.linalg.lstsq(normal, away, rcond=None)[0])
    pulls = f.pull(u)
    away = (pulls + np.clip(-pulls, low, high))[places]
    return u if np.all(np.abs(away) <= BALANCED * (np.abs(columns).T @ np.abs(u))) else None


def _room(f, u, loose):
    """Return by how much each multiplier may move: as far as its function bends, or to the ends of all slopes."""
    low, high = f.others.ends()
    bend = (f.others.slopes(1e-6) - f.others.slopes(-1e-6)) / 2e-6
    bend = np.where(loose | np.isnan(bend), np.inf, np.abs(bend))
    most = max(1.0, np.max(np.abs(u), initial=0.0))
    return np.clip(np.minimum(np.minimum(u - low, high - u), bend), 0.0, most)
