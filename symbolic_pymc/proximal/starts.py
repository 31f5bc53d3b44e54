"""Where to begin: values of the unknowns, from what a user gives and from what the model says."""

from collections.abc import Mapping

import numpy as np

from symbolic_pymc.errors import ArgumentError, NotFiniteError
from symbolic_pymc.meta import reify_many
from symbolic_pymc.proximal.compiled import Compiled, Layout, total_of
from symbolic_pymc.proximal.objective import held, shapes_of, type_of_input


def initial_point(objective, model):
    """Return the values of the unknowns of a model that samplers start from, by name; empty for a graph."""
    adapter = objective.adapter
    return adapter.unwalked(model, adapter.start(model)) if isinstance(model, adapter.model) else {}


def given_point(objective, model, start):
    """Return the values that a user gave, by the names of the unknowns.

    A point of the model has values under the names that samplers have for unknowns, and of Deterministics, too: the
    first are transformed back where the unknown itself is not given, the second do not count.

    Raises
    ------
    ArgumentError
        For other names, other shapes, and values that are no numbers or nan.
    """
    if not (start is None or isinstance(start, Mapping)):
        raise ArgumentError(f"start: {type(start).__name__} is no mapping from names to arrays")
    start, walked, computed = dict(start or {}), {}, ()
    if isinstance(model, objective.adapter.model):
        walked = {name: v for name, v in objective.adapter.start(model).items() if name not in objective.inputs}
        computed = {v.name for v in model.deterministics}
    wrong = [str(name) for name in start if name not in {*objective.inputs, *walked, *computed}]
    if wrong:
        raise ArgumentError(
            f"start: {', '.join(sorted(wrong))} is no unknown of the model; it has {', '.join(objective.inputs)}"
        )
    shapes = shapes_of(objective)
    given = {name: _checked(name, start[name], shapes[name]) for name in objective.inputs if name in start}
    moved = {name: _checked(name, start[name], np.shape(walked[name])) for name in start if name in walked}
    return {**_original(objective.adapter, model, moved, given), **given}


def _original(adapter, model, moved, given):
    """Return the unknowns whose values samplers walk in are given."""
    if not moved:
        return {}
    before = adapter.start(model)
    here, there = (adapter.unwalked(model, point) for point in ({**before, **moved}, before))
    return {name: v for name, v in here.items() if name not in given and not np.array_equal(v, there[name])}


def _checked(name, value, shape):
    try:
        value = np.asarray(value, dtype="float64")
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"start: {name} is no array of numbers") from error
    if value.shape != shape:
        raise ArgumentError(f"start: {name} has the shape {shape}, not {value.shape}")
    if np.isnan(value).any():
        raise ArgumentError(f"start: {name} is nan; give it numbers, or leave it out")
    return value


def values_held(objective, names, given, initial):
    """Return the values of the unknowns that are not asked for: as given, or as the model begins.

    Raises
    ------
    ArgumentError
        For one that has neither, and for a discrete one that is asked for.
    """
    discrete = [name for name in names if type_of_input(objective, name).kind != "f"]
    if discrete:
        raise ArgumentError(
            f"{', '.join(discrete)}: discrete, so there is no gradient to follow; sum over it first with "
            "marginalize_graph, or leave it out of vars, and it is held at its start"
        )
    others = [name for name in objective.inputs if name not in names]
    missing = [name for name in others if name not in given and name not in initial]
    if missing:
        raise ArgumentError(f"start: a graph has no initial values; give one for {', '.join(missing)}, or ask for it")
    return {name: _typed(objective, name, given.get(name, initial.get(name))) for name in others}


def _typed(objective, name, value):
    typed = np.asarray(value).astype(type_of_input(objective, name))
    if not np.allclose(typed, value):
        raise ArgumentError(f"start: {name} is discrete, and cannot be {value}")
    return typed


def first_point(split, problem, layout, points):
    """Return the first of some points at which the objective and its gradient are finite, as a vector.

    Where a penalty is infinite the nearest point counts at which it is not.

    Raises
    ------
    NotFiniteError
        Where they are finite at none.
    """
    complete = [layout.vector(values) for values in points if set(values) == set(layout.shapes)]
    possible = [problem.nearest(x) for x in complete]
    for x in possible:
        try:
            if problem.is_finite(x):
                return x
        except np.linalg.LinAlgError:  # a matrix that has no inverse there
            continue
    raise NotFiniteError(_blame(split, layout.values(possible[0])))


def _blame(split, values):
    """Say which density is not finite."""
    bad = infinite_densities(split.objective, values)
    return (
        f"{'the density of ' + ', '.join(bad) if bad else 'the gradient of the density'} is not finite at the start; "
        "look for nan and infinite numbers in the data, or give a start at which it is possible"
    )


def infinite_densities(objective, values):
    """Return the names of the variables and potentials whose density is infinite, zero or nan, constants included."""
    return list(dict.fromkeys(name for name, density in _densities(objective, values) if not np.isfinite(density)))


def density_at(objective, values):
    """Return the value of an objective, constants included."""
    with objective.adapter.build_context():
        return float(sum(density for _, density in _densities(objective, values)))


def compiled_density(objective, zeros):
    """Return `density_at` as a function of values by name that is compiled once; nan where one is out of range.

    Parameters
    ----------
    objective : Objective
    zeros : dict of str to array
        Of the shapes and types of all unknowns.
    """
    layout, inputs = Layout(zeros), reify_many(tuple(objective.inputs.values()))
    total = total_of(objective.adapter, [term for _, term in objective.terms])
    function = Compiled(objective.adapter, layout, inputs, [total])

    def density(values):
        try:
            return float(function(layout.vector(values))[0])
        except (AssertionError, ValueError):  # a parameter that PyMC finds out of range
            return np.nan

    return density


def _densities(objective, values):
    """Yield the name of each variable and potential with the sum of its negative log densities."""
    terms = held(objective, values).terms
    for (name, _), term in zip(terms, reify_many(tuple(term for _, term in terms))):
        try:
            yield name, objective.adapter.evaluate(term.sum())
        except (AssertionError, ValueError):  # a parameter that PyMC finds out of range
            yield name, np.nan
