"""Mixtures that are one law: the joint density of the model is the same, and that of the law according to scipy."""

from importlib import import_module

import numpy as np
import pytest
from scipy import stats

import symbolic_pymc as sp
from tests.densities import assert_densities_differ_by
from tests.families import density_of

F = np.float64
Y = np.array([0.1, -0.4, 2.0])
COUNTS = np.array([0, 3, 1])
HALVES = np.array([0.5, 0.5])


def rewritten(backend, build):
    with backend.pm.Model() as model:
        build(backend.pm)
    relation = import_module(f"symbolic_pymc.relations.{backend.name}.special").mixture_as_componento
    return model, sp.rewrite_graph(model, relation)


def scale(pm):
    return pm.HalfNormal("s", sigma=F(1.0))


def spread(pm):
    return pm.Normal("m", F(0.0), sigma=F(1.0), shape=2)


def listed(pm, *shape):
    s, observed = scale(pm), np.resize(Y, shape)
    pm.Mixture("x", HALVES, [pm.Normal.dist(s, F(2.0)), pm.Normal.dist(s, F(2.0))], observed=observed)


ONE_LAW = {
    "equal components": lambda pm: listed(pm, 3),
    "equal components, one number": lambda pm: listed(pm),
    "equal components, one element": lambda pm: listed(pm, 1),
    "equal components, matrix": lambda pm: listed(pm, 2, 3),
    "equal arrays": lambda pm: pm.Mixture(
        "x", HALVES, [pm.Normal.dist(Y, F(2.0), shape=3), pm.Normal.dist(Y.copy(), F(2.0), shape=3)], observed=Y
    ),
    "no weight": lambda pm: pm.Mixture(
        "x", np.array([0.0, 1.0]), [pm.Laplace.dist(F(0.0), F(1.0)), pm.Normal.dist(F(0.5), scale(pm))], observed=Y
    ),
    "one weight": lambda pm: pm.NormalMixture("x", np.array([0.0, 1.0]), spread(pm), sigma=scale(pm), observed=Y),
    "means that are equal": lambda pm: pm.NormalMixture("x", HALVES, np.array([1.5, 1.5]), sigma=scale(pm), observed=Y),
    "two of three": lambda pm: pm.NormalMixture(
        "x", np.array([0.4, 0.0, 0.6]), np.array([1.5, 0.0, 1.5]), sigma=scale(pm), observed=Y
    ),
    "one place": lambda pm: pm.NormalMixture("x", np.ones(1), np.array([1.5]), sigma=scale(pm), observed=F(0.3)),
    "weights in rows": lambda pm: pm.Mixture(
        "x", np.array([HALVES, [0.1, 0.9], [0.3, 0.7]]), [pm.Normal.dist(scale(pm), F(2.0))] * 2, observed=Y
    ),
    "counts": lambda pm: pm.Mixture("x", HALVES, [pm.Poisson.dist(scale(pm))] * 2, observed=COUNTS),
    "wrapped": lambda pm: pm.Mixture(
        "x", HALVES, [pm.HalfCauchy.dist(F(2.0)), pm.HalfCauchy.dist(F(2.0))], observed=Y**2
    ),
    "unobserved": lambda pm: pm.Mixture(
        "x", HALVES, [pm.Normal.dist(F(1.0), F(2.0)), pm.Normal.dist(F(1.0), F(2.0))], shape=3
    ),
}


@pytest.mark.parametrize("name", ONE_LAW)
def test_one_law(backend, name):
    model, result = rewritten(backend, ONE_LAW[name])
    assert [(s.relation, s.variables) for s in sp.steps(result)] == [("mixture_as_componento", ("x",))]
    assert_densities_differ_by(backend, model, result, 0.0)
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    graph = import_module(f"symbolic_pymc.{backend.name}.{backend.pm.__name__}").model_graph(result)
    drawn = {ops.distribution_of(sp.metatize(n.outputs[1])) for n in backend.draws(*graph.outputs)}
    assert None not in drawn


def test_its_density(backend):
    _, result = rewritten(backend, ONE_LAW["unobserved"])
    np.testing.assert_allclose(density_of(backend, result, "x", Y), stats.norm(1, 2).logpdf(Y), rtol=1e-10)


def test_what_is_one_law_has_a_conjugate_prior(backend):
    """A mixture has none."""
    with backend.pm.Model() as model:
        mu = backend.pm.Normal("mu", F(0.0), sigma=F(3.0))
        backend.pm.Mixture("x", HALVES, [backend.pm.Normal.dist(mu, F(2.0))] * 2, observed=Y)
    assert "mu" not in taken(sp.conjugate_graph(model))
    relation = import_module(f"symbolic_pymc.relations.{backend.name}.special").mixture_as_componento
    result = sp.conjugate_graph(sp.rewrite_graph(model, relation))
    precision = 1 / 9 + 3 / 4
    exact = stats.norm(Y.sum() / 4 / precision, precision**-0.5)
    for value in (-0.5, 1.0):
        np.testing.assert_allclose(density_of(backend, result, "mu", F(value)), exact.logpdf(value), rtol=1e-10)


def taken(result):
    return {name for step in sp.steps(result) if step.taken for name in step.variables}


def two(pm, first, second, weights=HALVES, **kw):
    pm.Mixture("x", weights, [first, second], **{"observed": Y, **kw})


def twice(pm, **kw):
    two(pm, pm.Normal.dist(F(1.0), F(2.0)), pm.Normal.dist(F(1.0), F(2.0)), **kw)


def random_weights(pm):
    twice(pm, weights=pm.Dirichlet("w", np.ones(2)))


def vectors(pm):
    laws = [pm.MvNormal.dist(np.zeros(3), np.eye(3), shape=3) for _ in range(2)]
    two(pm, *laws)


OTHERS = {
    "two means": lambda pm: two(pm, pm.Normal.dist(F(1.0), F(2.0)), pm.Normal.dist(F(1.1), F(2.0))),
    "two variables": lambda pm: two(
        pm,
        pm.Normal.dist(pm.Normal("a", F(0.0), F(1.0)), F(2.0)),
        pm.Normal.dist(pm.Normal("b", F(0.0), F(1.0)), F(2.0)),
    ),
    "two families": lambda pm: two(pm, pm.Normal.dist(F(1.0), F(2.0)), pm.Laplace.dist(F(1.0), F(2.0))),
    "two places": lambda pm: pm.NormalMixture("x", HALVES, spread(pm), sigma=F(1.0), observed=Y),
    "random weights": random_weights,
    "weights of no law": lambda pm: twice(pm, weights=np.array([0.5, 0.6])),
    "negative weights": lambda pm: twice(pm, weights=np.array([1.5, -0.5])),
    "vectors": vectors,
    "total size": lambda pm: twice(pm, total_size=30),
    "no mixture": lambda pm: pm.Normal("x", F(1.0), sigma=F(2.0), observed=Y),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_single_law(backend, name):
    model, result = rewritten(backend, OTHERS[name])
    assert result is model and not sp.steps(result)


def test_weights_that_may_change(backend):
    weights = backend.shared(np.array([0.5, 0.5]))
    model, result = rewritten(backend, lambda pm: twice(pm, weights=weights))
    assert result is model


def test_a_single_component_of_data_that_pymc3_adds_up(backend):
    """PyMC3's own density of a list of one component is none of elements; it is left, and PyMC's is the component's."""
    if backend.name == "theano":
        model, result = rewritten(
            backend, lambda pm: pm.Mixture("x", np.ones(1), [pm.Normal.dist(F(1.0), F(2.0))], observed=Y)
        )
        assert result is model
        return
    model, result = rewritten(
        backend, lambda pm: pm.Mixture("x", np.ones(1), pm.Normal.dist(np.ones(1), F(2.0)), observed=Y)
    )
    assert result is not model
    assert_densities_differ_by(backend, model, result, 0.0)
