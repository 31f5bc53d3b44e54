"""Distributions as mixtures: the joint density integrated over the mixing variable is PyMC's own density."""

from importlib import import_module

import numpy as np
import pytest
from scipy.integrate import quad

import symbolic_pymc as sp
from symbolic_pymc.relations.mixtures import MIXTURES
from tests.densities import assert_densities_differ_by, log_density

A, B, C = map(np.float64, (1.5, 2.5, 0.7))
COUNTS = np.array([0, 2, 5])

BUILD = {
    "studentt": lambda pm, **kw: pm.StudentT("x", nu=np.float64(3.0), mu=A, sigma=B, **kw),
    "cauchy": lambda pm, **kw: pm.Cauchy("x", A, B, **kw),
    "laplace": lambda pm, **kw: pm.Laplace("x", A, B, **kw),
    "asymmetriclaplace": lambda pm, **kw: pm.AsymmetricLaplace("x", b=B, kappa=C, mu=A, **kw),
    "negativebinomial": lambda pm, **kw: pm.NegativeBinomial("x", mu=A, alpha=B, **kw),
    "betabinomial": lambda pm, **kw: pm.BetaBinomial("x", n=np.int64(7), alpha=A, beta=B, **kw),
}
DISCRETE = ("negativebinomial", "betabinomial")


def expanded(backend, model):
    relation = import_module(f"symbolic_pymc.relations.{backend.name}.mixtures").mixtureo
    return sp.rewrite_graph(model, relation)


def test_every_row_is_tested():
    assert set(BUILD) == set(MIXTURES)


@pytest.mark.parametrize("name", BUILD)
def test_the_mixture_is_the_distribution(backend, name):
    values = COUNTS if name in DISCRETE else np.array([-0.7, 1.1, 4.0])
    for value in values:
        with backend.pm.Model() as model:
            BUILD[name](backend.pm, observed=value)
        joint = log_density(backend, expanded(backend, model))
        (mixing,) = joint.names
        total, _ = quad(lambda u: np.exp(joint({mixing: np.float64(u)})), -40, 40, limit=400, epsabs=0, epsrel=1e-10)
        exact = log_density(backend, model)({})
        # PyMC's own densities of counts are in part those of small whole numbers, in single precision
        assert np.log(total) == pytest.approx(exact, abs=1e-6 if name in DISCRETE else 1e-8)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
@pytest.mark.parametrize("name", ["studentt", *DISCRETE])
def test_there_and_back(backend, name, shape):
    observed = np.resize(COUNTS if name in DISCRETE else np.array([-0.7, 1.1, 4.0]), shape)
    with backend.pm.Model() as model:
        scale = backend.pm.HalfNormal("scale", sigma=np.float64(1.0))
        if name == "studentt":
            backend.pm.StudentT("x", nu=np.float64(3.0), mu=A, sigma=scale, observed=observed)
        elif name == "negativebinomial":
            backend.pm.NegativeBinomial("x", mu=scale, alpha=B, observed=observed)
        else:
            backend.pm.BetaBinomial("x", n=np.int64(7), alpha=scale, beta=B, observed=observed)
    result = expanded(backend, model)
    assert "x_mixing" in str(result.free_RVs)
    back = sp.marginalize_graph(result, ["x_mixing"])
    assert [v.name for v in back.observed_RVs] == ["x"]
    assert_densities_differ_by(backend, model, back, 0.0, tolerance=1e-6 if name in DISCRETE else 1e-8)


def test_unobserved_variables_are_expanded_too(backend):
    with backend.pm.Model() as model:
        BUILD["studentt"](backend.pm, shape=3)
    result = expanded(backend, model)
    assert {step.variables for step in sp.steps(result)} == {("x",)}
    assert_densities_differ_by(backend, model, sp.marginalize_graph(result, ["x_mixing"]), 0.0)


def test_a_density_that_is_not_the_distributions_stays(backend):
    with backend.pm.Model() as model:
        BUILD["studentt"](backend.pm, observed=np.ones(3), total_size=[300])
    assert expanded(backend, model) is model
