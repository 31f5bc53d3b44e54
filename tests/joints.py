"""Joint log densities of terms: a model before and after variables were integrated out, compared at points."""

from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

import symbolic_pymc as sp
from symbolic_pymc.adapter import adapter_of
from symbolic_pymc.marginals import marginalize
from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.evidence import log_evidence
from symbolic_pymc.series import read_series
from symbolic_pymc.parts import graph_parts, substitute
from tests.densities import POINTS, evidence_of, random_points

TOLERANCE = 1e-8


class Joint:
    """The joint log density of all that some outputs draw, in the space of their values.

    places : from the name of a variable that is not observed to the input for its value
    densities : from the name of a variable or potential to its log density, a scalar graph
    """

    def __init__(self, adapter, outputs):
        ops, parts = adapter.ops, list(graph_parts(*outputs))
        marks = {x.rands[1]: x for x in parts if ops.is_observed(x)}
        draws = [x for x in parts if ops.is_random(x) and x.name]
        hidden = [x for x in draws if x not in marks]
        assert len({x.name for x in draws}) == len(draws), "a name stands twice"
        self.places = {x.name: base.type() for x, base in zip(hidden, reify_many(tuple(hidden)))}
        known = {x: metatize(self.places[x.name]) for x in hidden}
        seen = {rv: substitute(mark.rands[0], known) for rv, mark in marks.items()}
        known |= seen | {mark: seen[rv] for rv, mark in marks.items()}
        self.densities = {}
        for x in draws:
            given = x.replace(rands=tuple(substitute(r, known) for r in x.rands))
            self.densities[x.name] = adapter.log_density(*reify_many((given, known[x]))).sum()
        for x in parts:
            if ops.operator_of(x) == "potential":
                self.densities[x.name] = reify_many((substitute(x.rands[0], known),))[0].sum()

    def of(self, names):
        """Return the sum of the log densities of `names`."""
        total = np.zeros(())
        for name in names:
            total = total + self.densities[name]
        return total


@dataclass
class Check:
    """What `marginalized` compared, for tests that look closer.

    old, kept, gone : sorted names of unobserved variables; evidence : float; points : list of dicts of values
    """

    model: Any
    result: Any
    old: list
    kept: list
    gone: list
    evidence: float
    points: list

    def observed(self):
        return [v.name for v in self.result.observed_RVs]

    def potentials(self):
        return [v.name for v in self.result.potentials]

    def reasons(self):
        return reasons(self.result)


def reasons(result):
    """Return why each variable that was to go stays, by name."""
    return {step.variables[0]: step.reason for step in sp.steps(result) if not step.taken}


def state(model):
    """Return what a model is made of, by identity."""
    named = {n: (id(v), v.name, v.owner, v.type) for n, v in model.named_vars.items()}
    return named, [v.name for v in model.observed_RVs], [v.name for v in model.potentials]


def built(backend, build, **options):
    """Return the model that ``build(pm, t)`` writes."""
    with backend.pm.Model(**options) as model:
        build(backend.pm, backend.tensor)
    return model


def marginalized(backend, model, names=None, tolerance=TOLERANCE, **points):
    """Integrate `names`, or all that can be, out of a model and assert that nothing was lost:

    log p(kept, gone) = log p'(kept) + log p'(gone | kept) + log evidence at random points, once by the densities of
    the terms and once by those of PyMC's own models; the model passed in stays as it was; nothing that is left
    depends on what went.
    """
    before = state(model)
    result = sp.collapse_graph(model) if names is None else sp.marginalize_graph(model, names)
    assert state(model) == before
    adapter = adapter_of(model)
    with adapter.build_context():
        # PyMC makes its time series of parts, which have no density of their own
        outputs = read_series(adapter, adapter.terms(model)[0])[0]
        parts = marginalize(adapter, outputs, names)
        old, kept = Joint(adapter, outputs), Joint(adapter, parts.kept)
        new = Joint(adapter, (*parts.kept, *parts.integrated))
        gone = sorted(set(new.places) - set(kept.places))
        assert sorted(new.places) == sorted(old.places)
        assert {x.name for x in parts.integrated if adapter.ops.is_random(x)} == set(gone)
        evidence = log_evidence(adapter, parts.dropped)
        sums = old.of(old.densities), kept.of(kept.densities), new.of(gone), evidence
        total = backend.tensor.stack([backend.tensor.as_tensor_variable(x) for x in sums])
    inputs = [*old.places.values(), *kept.places.values(), *new.places.values()]
    compare = backend.compile_plainly(inputs, total)
    drawn, values = _points(backend, model, list(old.places), **points)
    for value in values:
        given = [value[name] for joint in (old, kept, new) for name in joint.places]
        _assert_equal(compare(*given), tolerance, value)
    check = Check(model, result, sorted(old.places), sorted(kept.places), gone, evidence_of(backend, result), values)
    if gone:
        _assert_models_agree(backend, check, drawn, [compare, old, kept, new], tolerance)
    else:
        assert result is model and check.evidence == 0.0 and reasons(result)
    return check


def _assert_models_agree(backend, check, drawn, terms, tolerance):
    """Assert the same of the densities of the models as PyMC has them, without those of its transforms."""
    compare, *joints = terms
    assert check.result is not check.model
    assert not {v.name for v in check.result.unobserved_RVs} & set(check.gone)
    old, new = plain_density(backend, check.model), plain_density(backend, check.result)
    for at, value in zip(drawn, check.points):
        _, _, gone, _ = compare(*(value[name] for joint in joints for name in joint.places))
        _assert_equal((old(at), new(at), gone, check.evidence), tolerance, value)


def _assert_equal(terms, tolerance, point):
    old, *new = map(float, terms)
    assert np.isfinite(old) and np.all(np.isfinite(new)), (terms, point)
    assert abs(old - sum(new)) <= tolerance * max(1.0, *map(abs, (old, *new))), (old - sum(new), terms, point)


def plain_density(backend, model):
    """Return the log density of a model without that of its transforms, as a function of a dict of values."""
    if backend.name == "theano":
        inputs, density = model.free_RVs, model.logp_nojact
    else:
        inputs, density = model.value_vars, model.logp(jacobian=False)
    function = backend.compile_plainly(inputs, density)
    names = [v.name for v in inputs]
    return lambda point: function(*(point[name] for name in names))


def _points(backend, model, names, n=POINTS, **options):
    """Return `n` points of finite density, as samplers see them, and the values of the variables `names` there."""
    variables = [model.named_vars[name] for name in names]
    if backend.name == "theano":
        inputs = model.free_RVs
    else:
        inputs, variables = model.value_vars, model.replace_rvs_by_values(variables)
    functions = [backend.compile_plainly(inputs, v) for v in variables]
    density, rng = plain_density(backend, model), np.random.default_rng(options.get("seed", 0))
    candidates = (_jittered(point, rng) for point in random_points(backend, model, 40 * n, **options))
    points = list(islice((point for point in candidates if _is_possible(density, point)), n))
    assert len(points) == n
    order = [v.name for v in inputs]
    return points, [{name: f(*(point[v] for v in order)) for name, f in zip(names, functions)} for point in points]


def _is_possible(density, point):
    try:
        return np.isfinite(density(point))
    except ValueError:  # PyMC's way to say that a parameter is out of range
        return False


def _jittered(point, rng):
    """Return a point of which some of the whole numbers are moved by one."""

    def moved(x):
        return x + (rng.choice([-1, 0, 0, 0, 1], size=x.shape)).astype(x.dtype) if x.dtype.kind in "iu" else x

    return {name: moved(x) for name, x in point.items()}
