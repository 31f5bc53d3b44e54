"""Objectives that are simple in some unknowns when the others are held: solved in turns.

A function that is not smooth, times a scale that is unknown, is no simple function of both; it is one of either.
"""

from dataclasses import dataclass, replace

import numpy as np

from symbolic_pymc.errors import NoProximalOperator
from symbolic_pymc.meta import reify_many
from symbolic_pymc.proximal.curvature import UNKNOWN
from symbolic_pymc.proximal.bounded import bounded_unknowns, positive_unknowns
from symbolic_pymc.proximal.dials import Dials
from symbolic_pymc.proximal.estimator import Estimator
from symbolic_pymc.proximal.objective import held, known_by, type_of_input
from symbolic_pymc.proximal.pieces import Piecewise
from symbolic_pymc.proximal.result import MAPResult
from symbolic_pymc.proximal.scales import on_scale
from symbolic_pymc.proximal.solvers import LIMIT, OPTIMAL
from symbolic_pymc.proximal.split import split_objective

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


class Turn:
    """The unknowns of a group, to be solved for at any values of the others: taken apart and compiled once.

    The others are inputs of what is compiled, those with bounds by numbers without; so what is found holds for all of
    their values.  Where too little is found, and for values at a bound, all is done for these values alone.

    Parameters
    ----------
    objective : Objective
    names : list of str
        Of the group.
    start : dict of str to array
        Values of all unknowns.
    solver : str
    """

    def __init__(self, objective, names, start, solver):
        self.objective, self.solver = objective, solver
        self.zeros = {name: np.zeros(np.shape(start[name]), type_of_input(objective, name)) for name in names}
        self.others = [name for name in objective.inputs if name not in names]
        self.scales = {name: scale for name, scale in bounded_unknowns(objective).items() if name in self.others}
        moved = on_scale(objective, self.scales)
        self.inputs = {name: moved.inputs[name] for name in self.others}
        self.dials = Dials(objective.adapter, reify_many(tuple(self.inputs.values())))
        self.free = replace(known_by(moved, self.inputs), adapter=self.dials.adapter, scales=objective.scales)
        self.estimator = self._for_all(start)

    def _for_all(self, start):
        """Return the `Estimator` for all values of the others; None where there is none."""
        if not self._turn(start):
            return None
        try:
            estimator = Estimator(split_objective(self.free), self.zeros, self.solver)
        except NoProximalOperator:
            return None
        return estimator if estimator.holds_for(self.inputs.values()) else None

    def _turn(self, point):
        """Set the others, and tell whether they are within their bounds."""
        if not all(scale.has(point[name]) for name, scale in self.scales.items()):
            return False
        line = {
            name: self.scales[name].inverse(point[name]) if name in self.scales else point[name] for name in self.others
        }
        self.dials.turn(*(np.asarray(line[name], type_of_input(self.objective, name)) for name in self.others))
        return True

    def estimator_at(self, point):
        """Return the `Estimator` of the group, the others being at a point."""
        if self.estimator is not None and self._turn(point) and self.estimator.renew():
            return self.estimator
        fixed = held(self.objective, {name: point[name] for name in self.others})
        return Estimator(split_objective(fixed), self.zeros, self.solver)


def solve_in_turns(turns, start, value, tol, limit, watch):
    """Return the `MAPResult` that solving for one group after the other converges to.

    Where every function that is not smooth is so in one group alone, a point that no group improves is a critical one.

    Parameters
    ----------
    turns : sequence of Turn
    start : dict of str to array
    value : callable
        ``value(point)`` returns the negative log density.
    tol : float
    limit : int
        Of the iterations of a group in its turn.
    watch : callable

    Raises
    ------
    NoProximalOperator
        For a term that is not smooth in two groups.

    Reference: Tseng, Convergence of a block coordinate descent method for nondifferentiable minimization, Journal of
    Optimization Theory and Applications 109 (2001), 475-494.
    """
    point, trace, path, iterations, status, active = dict(start), [], [(0, dict(start))], 0, LIMIT, {}
    for sweep in range(1, SWEEPS + 1):
        before, solutions, splits = dict(point), [], []
        for turn in turns:
            estimator = turn.estimator_at(point)
            solution = estimator.solved(estimator.begun(point, {}), tol, limit, watch)
            point |= estimator.values(solution.x)
            active |= estimator.active(solution.x)
            solutions.append(solution)
            splits.append(estimator.split)
        iterations += sum(solution.iterations for solution in solutions)
        if sweep == 1:
            _require_one_kink(splits)
        trace.append(value(point))
        path.append((sweep, dict(point)))
        worse = [solution.status for solution in solutions if solution.status != OPTIMAL]
        if worse or all(_is_near(point[name], before[name], tol) for name in point):
            status = worse[0] if worse else OPTIMAL
            break
    residual = max(solution.residual for solution in solutions)
    return MAPResult(
        point, status, UNKNOWN, np.array(trace), residual, iterations, "turns", Turns(tuple(splits)), active, path
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
