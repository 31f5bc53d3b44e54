"""Estimates along a path: for every value of one number of a model, each begun where the last one ended."""

from dataclasses import replace
from functools import partial

import numpy as np

from symbolic_pymc.adapter import adapter_of
from symbolic_pymc.errors import ArgumentError, NoProximalOperator, NotFiniteError, SymbolicPyMCError
from symbolic_pymc.map import check_arguments, find_map
from symbolic_pymc.meta import metatize, peek, reify_many
from symbolic_pymc.parts import graph_parts, substitute
from symbolic_pymc.proximal.compiled import Compiled
from symbolic_pymc.proximal.dials import Dials
from symbolic_pymc.proximal.estimator import Estimator
from symbolic_pymc.proximal.objective import chosen, held, objective_of, restricted, shapes_of, type_of_input
from symbolic_pymc.proximal.pathresult import PathResult, Step
from symbolic_pymc.proximal.progress import Watch
from symbolic_pymc.proximal.shapes import CONVEX
from symbolic_pymc.proximal.silence import in_silence
from symbolic_pymc.proximal.solvers import LIMIT, OPTIMAL
from symbolic_pymc.proximal.split import split_objective
from symbolic_pymc.proximal.starts import density_at, given_point, initial_point, values_held
from symbolic_pymc.records import Atom


@in_silence
def find_path(
    model, parameter, values, start=None, vars=None, solver="auto", tol=1e-8, progressbar=True, limit=100_000
):
    """Return the estimates of `find_map` for every value of one number of a model, such as the scale of a prior.

    Each begins where the last one ended, so that neighbours should stand next to each other. The model is taken apart
    and compiled once, for all positive values together, if what is found of it holds for all of them; else once for
    each.

    Parameters
    ----------
    model : PyMC3 or PyMC model, or FunctionGraph of one
        It is not changed.
    parameter : str, shared variable or unknown
        What is varied: a ``pm.Data`` or shared variable that the model uses, or an unknown of it, which is then held
        at each of the values. It must be one number.
    values : sequence of float
    start, vars, solver, tol, progressbar, limit
        As for `find_map`; `start` is that of the first estimate.

    Returns
    -------
    PathResult

    Raises
    ------
    ArgumentError
        For no values, or such that are no numbers; for a parameter that the model does not have.
    NotFiniteError
        For values at which the model has no density, such as a scale that is not positive.
    """
    check_arguments(solver, tol, limit)
    grid = _grid(values)
    adapter = adapter_of(model)
    with adapter.build_context():
        whole = objective_of(model)
        record, name = _found(whole, parameter)
        names = [n for n in chosen(whole, vars, "vars") if whole.inputs[n] is not record]
        if not names:
            raise ArgumentError(f"vars: nothing is left to look for when {name} is varied")
        options = dict(solver=solver, tol=tol, progressbar=progressbar, limit=limit)
        path = _Path(model, whole, record, names, start) if np.all(grid > 0.0) else None
        problem = path and path.stated(solver)
    if problem:
        steps, split = path.followed(grid, **options), path.split
    else:
        steps, split = _one_by_one(model, whole, record, name, names, grid, start, options)
    complete = partial(adapter.point, model) if isinstance(model, adapter.model) else dict
    return PathResult(name, grid, tuple(steps), split, complete)


def _grid(values):
    try:
        grid = np.asarray(values, dtype="float64")
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"values: {values!r} are no numbers") from error
    if grid.ndim != 1 or grid.size == 0 or not np.all(np.isfinite(grid)):
        raise ArgumentError("values: give a sequence of at least one finite number")
    return grid


def _found(whole, parameter):
    """Return the record of a parameter, and its name: of an unknown, or of a shared variable.

    Raises
    ------
    ArgumentError
    """
    shared = [x for x in graph_parts(*(term for _, term in whole.terms)) if isinstance(x, Atom) and _is_shared(x)]
    named = {peek(x).name: x for x in shared} | whole.inputs
    name = parameter if isinstance(parameter, str) else getattr(parameter, "name", None)
    own = None if isinstance(parameter, str) else next((x for x in shared if peek(x) is parameter), None)
    record = named.get(name) if own is None else own
    if record is None:
        known = ", ".join(str(n) for n in named if n is not None)
        raise ArgumentError(
            f"parameter: {name or parameter} is no shared variable and no unknown of the model, which has {known}; a "
            "number becomes one by pm.Data"
        )
    if np.ndim(peek(record).get_value()) if own is not None or name not in whole.inputs else shapes_of(whole)[name]:
        raise ArgumentError(f"parameter: {name} is an array; a path goes along one number")
    return record, name or str(parameter)


def _is_shared(atom):
    return hasattr(peek(atom), "get_value") and hasattr(peek(atom).type, "dtype")


class _Path:
    """An objective that is compiled once for all positive values of a parameter."""

    def __init__(self, model, whole, record, names, start):
        self.names = names
        self.input = whole.adapter.zero().type("logarithm")
        self.dials, self.number = Dials(whole.adapter, [self.input]), whole.adapter.ops.exp(metatize(self.input))
        self.dials.turn(0.0)
        self.given, self.initial = given_point(whole, model, start), initial_point(whole, model)
        others = [name for name in whole.inputs if whole.inputs[name] is not record]
        left = restricted(whole, others)
        self.others = values_held(left, names, self.given, self.initial)
        self.parameter = next((name for name in whole.inputs if name not in others), None)
        terms = tuple((name, substitute(term, {record: self.number})) for name, term in left.terms)
        self.objective = held(replace(left, adapter=self.dials.adapter, terms=terms), self.others)
        shapes = shapes_of(whole)
        self.zeros = {name: np.zeros(shapes[name], type_of_input(whole, name)) for name in names}

    def stated(self, solver):
        """Return whether one algorithm solves for all values, with nothing computed from the parameter beforehand."""
        try:
            self.split = split_objective(self.objective)
        except NoProximalOperator:
            return False
        if self.split.curvature != CONVEX or self.split.composites:
            return False
        self.estimator = Estimator(self.split, self.zeros, solver)
        if not self.estimator.holds_for([metatize(self.input)]):
            return False
        inputs = [peek(record) for record in self.objective.inputs.values()]
        sums = [base.sum() for base in reify_many(tuple(term for _, term in self.objective.terms))]
        self.densities = Compiled(self.dials.adapter, self.estimator.layout, inputs, sums)
        return True

    def followed(self, grid, solver, tol, progressbar, limit):
        """Return the `Step` list of a grid."""
        x, watch, steps = None, Watch(progressbar), []
        try:
            for value in grid:
                self.dials.turn(np.log(value))
                with self.dials.adapter.build_context():
                    self.estimator.renew()
                    x = self._begun(x)
                solution = self.estimator.solved(x, tol, limit, watch)
                x = solution.x
                steps.append(self._step(value, solution))
        finally:
            watch.close()
        return steps

    def _begun(self, x):
        problem = self.estimator.problem
        if x is not None and problem.is_finite(problem.nearest(x)):
            return problem.nearest(x)
        return self.estimator.begun(self.given, self.initial)

    def _step(self, value, solution):
        values, active = self.estimator.values(solution.x), self.estimator.active(solution.x)
        density = self._density(value, solution)
        known = values | self.others | ({} if self.parameter is None else {self.parameter: np.float64(value)})
        return Step(
            values,
            known,
            solution.status,
            CONVEX,
            density,
            solution.residual,
            solution.iterations,
            self.estimator.solver,
            active,
        )

    def _density(self, value, solution):
        """Return the negative log density at a solution; refuse one that is not finite."""
        try:
            densities = np.array([float(d) for d in self.densities(solution.x)])
        except (AssertionError, ValueError):  # a parameter that PyMC finds out of range
            densities = np.full(len(self.objective.terms), np.nan)
        bad = [name for (name, _), d in zip(self.objective.terms, densities) if not np.isfinite(d)]
        if bad and solution.status in (OPTIMAL, LIMIT):
            raise NotFiniteError(f"at {value:g} the density of {', '.join(dict.fromkeys(bad))} is not finite")
        return float(np.sum(densities))


def _at(name, value, find, *arguments, **options):
    """Return what a function returns; an error says at which value."""
    try:
        return find(*arguments, **options)
    except SymbolicPyMCError as error:
        raise type(error)(f"at {value:g} of {name}: {error}") from error


def _one_by_one(model, whole, record, name, names, grid, start, options):
    """Return the `Step` list of a grid, for each value of which the model is taken apart anew, and the last `Split`."""
    shared = None if record in whole.inputs.values() else peek(record)
    before, point, steps = None if shared is None else shared.get_value(), dict(start or {}), []
    try:
        for value in grid:
            if shared is None:
                point[name] = value
            else:
                shared.set_value(np.asarray(value, dtype=before.dtype))
            result = _at(name, value, find_map, model, start=point, vars=names, **options)
            found = {n: np.asarray(result[n]) for n in names}
            known = {n: np.asarray(result[n]) for n in whole.inputs}
            steps.append(
                Step(
                    found,
                    known,
                    result.status,
                    result.curvature,
                    density_at(whole, known),
                    result.residual,
                    result.iterations,
                    result.solver,
                    result.active,
                )  # fmt: skip
            )
            split, point = result.split, {**(start or {}), **found}
    finally:
        if shared is not None:
            shared.set_value(before)
    return steps, split
