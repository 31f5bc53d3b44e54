"""Objectives that are simple in some unknowns when the others are held: solved in turns.

A function that is not smooth, times a scale that is unknown, is no simple function of both; it is one of either.
"""

from dataclasses import dataclass

import numpy as np

from symbolic_pymc.errors import NoProximalOperator
from symbolic_pymc.proximal.curvature import UNKNOWN
from symbolic_pymc.proximal.bounded import positive_unknowns
from symbolic_pymc.proximal.pieces import Piecewise
from symbolic_pymc.proximal.result import MAPResult
from symbolic_pymc.proximal.solvers import LIMIT, OPTIMAL

SWEEPS = 1000


@dataclass(frozen=True, repr=False)
class Turns:
    """The splits of an objective in some unknowns at a time, at the last values of the others.

    Parameters
    ----------
    splits : tuple of Split
    """

    splits: tuple

    @property
    def curvature(self):
        """Return what is known of the whole: that each of its splits is convex does not make it so."""
        return UNKNOWN

    def __repr__(self):
        return "\n".join(map(repr, self.splits))

    def latex(self):
        """Return the splits as LaTeX."""
        return "\n".join(split.latex() for split in self.splits)

    _repr_latex_ = latex


def groups_of(objective, names, reason):
    """Return the names of what is solved for at a time: what scales nothing, and the scales.

    Raises
    ------
    NoProximalOperator
        Where there are no two groups: `reason`.
    """
    scales = [name for name in names if name in positive_unknowns(objective)]
    others = [name for name in names if name not in scales]
    if not scales or not others:
        raise reason
    return others, scales


def solve_in_turns(find, groups, start, value, tol):
    """Return the `MAPResult` that solving for one group after the other converges to.

    Where every function that is not smooth is so in one group alone, a point that no group improves is a critical one.

    Parameters
    ----------
    find : callable
        ``find(start, names)`` returns the `MAPResult` of some unknowns, the others being held at their start.
    groups : sequence of lists of str
    start : dict of str to array
    value : callable
        ``value(point)`` returns the negative log density.
    tol : float

    Raises
    ------
    NoProximalOperator
        For a term that is not smooth in two groups.

    Reference: Tseng, Convergence of a block coordinate descent method for nondifferentiable minimization, Journal of
    Optimization Theory and Applications 109 (2001), 475-494.
    """
    point, trace, path, iterations, status = dict(start), [], [(0, dict(start))], 0, LIMIT
    for sweep in range(1, SWEEPS + 1):
        before, results = dict(point), []
        for names in groups:
            result = find(point, names)
            results.append(result)
            point |= {name: np.asarray(result[name]) for name in names}
            iterations += result.iterations
        if sweep == 1:
            _require_one_kink([r.split for r in results])
        trace.append(value(point))
        path.append((sweep, dict(point)))
        worse = [r.status for r in results if r.status != OPTIMAL]
        if worse or all(
            _is_near(point[name], before[name], tol) for names in groups for name in names if name in before
        ):
            status = worse[0] if worse else OPTIMAL
            break
    return MAPResult(
        results[-1].values,
        status,
        UNKNOWN,
        np.array(trace),
        max(r.residual for r in results),
        iterations,
        "turns",
        Turns(tuple(r.split for r in results)),
        {name: active for r in results for name, active in r.active.items()},
        path,
    )


def _is_near(value, before, tol):
    return bool(np.all(np.abs(value - before) <= tol * np.maximum(1.0, np.abs(before))))


def _require_one_kink(splits):
    """Refuse a density that is not smooth in two groups: where neither improves alone, both together may."""
    shared = sorted(set.intersection(*map(_kinked, splits)))
    if shared:
        raise NoProximalOperator(
            f"the density of {', '.join(shared)} is not smooth in the scales, nor in what they scale; hold one of them by "
            "leaving it out of vars"
        )


def _kinked(split):
    """Return the names of what has a density with a kink inside of its domain."""
    simple = [(split.functions[name], p) for name, parts in split.penalties.items() for p in parts]
    simple += [(p.function, p) for p in split.composites]
    return {p.owner for function, p in simple if _has_kinks(function)}


def _has_kinks(function):
    if not isinstance(function, Piecewise):
        return True
    return any(left is not None and right is not None for left, right in zip(function.pieces, function.pieces[1:]))
