"""Maximum a posteriori estimates by proximal methods that are derived from the model."""

from dataclasses import replace
from numbers import Integral, Real

import numpy as np

from symbolic_pymc.adapter import adapter_of
from symbolic_pymc.errors import ArgumentError, NoProximalOperator, NotConvexError, NotFiniteError
from symbolic_pymc.meta import unchanging
from symbolic_pymc.proximal.bounded import bounded_unknowns
from symbolic_pymc.proximal.estimator import SOLVERS, Estimator
from symbolic_pymc.proximal.objective import (
    chosen,
    held,
    is_density,
    objective_of,
    objective_of_density,
    restricted,
    shapes_of,
    type_of_input,
)
from symbolic_pymc.proximal.progress import Watch
from symbolic_pymc.proximal.result import MAPResult
from symbolic_pymc.proximal.shapes import CONVEX
from symbolic_pymc.proximal.silence import in_silence
from symbolic_pymc.proximal.solvers import LIMIT, OPTIMAL
from symbolic_pymc.proximal.split import split_objective
from symbolic_pymc.proximal.starts import (
    compiled_density,
    given_point,
    infinite_densities,
    initial_point,
    values_held,
)
from symbolic_pymc.proximal.turns import Turn, Turns, groups_of, solve_in_turns


@in_silence
def find_map(model, start=None, vars=None, solver="auto", tol=1e-8, progressbar=True, limit=100_000, globally=False):
    """Return the values of the unknowns of a model at which its density is largest.

    The log density is taken apart into a smooth function and simple ones, whose proximal operators are derived; what
    they set to zero is zero. As with the ``find_MAP`` of PyMC3 the density is that of the variables themselves, without
    the Jacobians of transforms.

    Parameters
    ----------
    model : PyMC3 or PyMC model, or FunctionGraph of one
        It is not changed.
    start : mapping of str to array, optional
        Where to begin, a point of the model or a part of one; by default zeros, or the nearest values that are
        possible, or where the model begins if the density is not finite there.
    vars : list of names or variables, optional
        The unknowns that are asked for, all by default; the others are held at their start.
    solver : str
        "fista", accelerated proximal gradient, for penalties of the unknowns themselves; "admm", alternating
        directions of multipliers, for those of linear maps too; "highs", SciPy's linear programs, where all is linear in
        pieces; "skglm", coordinate descent of that package, for sparse regressions; or "auto" for the one that suits:
        skglm where it is installed and the data are many.
    tol : float
        Of the condition of optimality, relative to the gradient; what the type of the unknowns can tell at least.
    progressbar : bool
        Whether to tell a terminal how far it is.
    limit : int
        Of iterations.
    globally : bool
        Whether to refuse what is not known to be convex, of which a critical point is found at best.

    Returns
    -------
    MAPResult

    Raises
    ------
    NoProximalOperator
        For a part of the density that is neither smooth nor a function of one affine expression, element by element.
    NotConvexError
        With `globally`, for an objective that is not known to be convex.
    NotFiniteError
        For a density that is nan or zero at the start, or at the estimate because of something that is constant.
    ArgumentError
        For arguments that are out of range, or do not fit the model.
    """
    check_arguments(solver, tol, limit)
    adapter = adapter_of(model)
    with adapter.build_context(), unchanging():
        whole = objective_of(model)
        names = chosen(whole, vars, "vars")
        given, initial = given_point(whole, model, start), initial_point(whole, model)
        others = values_held(whole, names, given, initial)
        objective = held(whole, others)
        split, groups = _split_or_groups(objective, names)
        if globally and (split is None or split.curvature != CONVEX):
            raise NotConvexError(_refusal(split))
        shapes = shapes_of(whole)
        zeros = {name: np.zeros(shapes[name], type_of_input(whole, name)) for name in names}
        watch = Watch(progressbar)
        try:
            if split is None:
                free = [name for name in groups[0] if name not in bounded_unknowns(objective)]
                begun = _only(values_held(whole, free, given, initial) | _only(zeros | given, free), names)
                turns = [Turn(objective, group, begun, solver) for group in groups]
                result = solve_in_turns(turns, begun, compiled_density(objective, zeros), tol, limit, watch)
            else:
                result = _solved(Estimator(split, zeros, solver), given, initial, tol, limit, watch)
        finally:
            watch.close()
        values = result.values | others
        if result.status in (OPTIMAL, LIMIT):
            _require_density(whole, result.split, values)
    return replace(result, values=adapter.point(model, values) if isinstance(model, adapter.model) else values)


def _solved(estimator, given, initial, tol, limit, watch):
    """Return the `MAPResult` of an objective from the first of two points that is possible."""
    x = estimator.begun(given, initial)
    solution = estimator.solved(x, tol, limit, watch)
    return MAPResult(
        estimator.values(solution.x),
        solution.status,
        estimator.split.curvature,
        np.array(solution.objective),
        solution.residual,
        solution.iterations,
        estimator.solver,
        estimator.split,
        estimator.active(solution.x),
        [(i, estimator.values(at)) for i, at in [(0, x), *watch.points, (solution.iterations, solution.x)]],
    )


def split(model_or_logp, wrt=None):
    r"""Take a log density apart: :math:`-\log p = l(\beta) + \sum_i \phi_i(K_i \beta)`, l smooth and the others simple.

    Parameters
    ----------
    model_or_logp : PyMC3 or PyMC model, FunctionGraph of one, or graph of a log density
        It is not changed.
    wrt : list of names or variables, optional
        The unknowns; by default all of a model, and all inputs of a graph that have names. Of the others nothing is
        said but that they do not change.

    Returns
    -------
    Split

    Raises
    ------
    NoProximalOperator
        For a part that is neither smooth nor a function of one affine expression, element by element.
    ArgumentError
        For `wrt` that are no unknowns.
    """
    adapter = adapter_of(model_or_logp)
    with adapter.build_context(), unchanging():
        read = objective_of_density if is_density(model_or_logp) else objective_of
        objective = read(model_or_logp)
        return split_objective(restricted(objective, chosen(objective, wrt, "wrt")))


def check_arguments(solver, tol, limit):
    """Refuse a solver that there is not, and numbers that are out of range."""
    if solver not in ("auto", *SOLVERS):
        raise ArgumentError(f"solver: {solver!r} is none; there are auto, {', '.join(SOLVERS)}")
    if not (isinstance(tol, Real) and 0 < tol < np.inf):
        raise ArgumentError(f"tol: {tol!r} is no positive number")
    if isinstance(limit, bool) or not isinstance(limit, Integral) or limit < 0:
        raise ArgumentError(f"limit: {limit!r} is no number of iterations")


def _split_or_groups(objective, names):
    """Return the split of an objective; where there is none, None and the groups of unknowns that are solved for in turns."""
    try:
        return split_objective(objective), None
    except NoProximalOperator as reason:
        return None, groups_of(objective, names, reason)


def _only(values, names):
    return {name: values[name] for name in names if name in values}


def _refusal(split):
    if split is None:
        return "the objective is split in some unknowns at a time, which shows no optimum; leave out globally=True"
    parts = [f"{p.owner} is {p.curvature}" for p in (*split.smooth, *split.composites) if p.curvature != CONVEX]
    parts += [f"the penalty on {name} is not" for name in split.penalties] if not parts else []
    return (
        f"the objective is not known to be convex ({'; '.join(parts)}), so no optimum can be shown to be the global "
        "one; leave out globally=True for a critical point, or hold what makes it so by leaving it out of vars"
    )


def _require_density(objective, split, values):
    """Refuse values without a density; that multipliers leave a bound by a rounding does not count."""
    splits = split.splits if isinstance(split, Turns) else (split,)
    simple = {p.owner for one in splits if one.composites for parts in one.penalties.values() for p in parts}
    bad = [name for name in infinite_densities(objective, values) if name not in simple]
    if bad:
        raise NotFiniteError(
            f"the density of {', '.join(bad)} is not finite at the best values found: parameters are out of range, "
            "data impossible, or it grows without bound at an end of the range of a variable"
        )
