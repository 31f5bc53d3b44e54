"""The product of a Laplace density and a normal one, against scipy, and far away against its limits."""

from importlib import import_module

import numpy as np
import pytest
from scipy import stats

import symbolic_pymc as sp
from symbolic_pymc import laplacenormal
from tests.densities import assert_densities_differ_by, value_of
from tests.families import LaplaceTimesNormal, density_of, draws

F = np.float64
MU, SIGMA = np.array([0.5, -2.0, 0.0, 7.0]), np.array([2.0, 0.3, 5.0, 1.0])
AT, B = np.array([1.3, -2.0, 4.0, 0.0]), np.array([0.8, 0.1, 60.0, 0.5])


def law_of(backend):
    return import_module(f"symbolic_pymc.{backend.name}.laplacenormal").LaplaceNormal


def test_density_and_draws(backend):
    with backend.pm.Model() as model:
        law_of(backend)("x", MU, SIGMA, AT, B, shape=(1500, 4))
    (x,) = draws(backend, model, ["x"])
    laws = [LaplaceTimesNormal(*p) for p in zip(MU, SIGMA, AT, B)]
    expected = np.stack([law.logpdf(x[:, i]) for i, law in enumerate(laws)], axis=1)
    np.testing.assert_allclose(density_of(backend, model, "x", x), expected, rtol=1e-9, atol=1e-9)
    assert all(stats.kstest(x[:, i], law.cdf).pvalue > 1e-3 for i, law in enumerate(laws))


# parameters, a value, and the log density there of what the law is in a limit
LIMITS = {
    "a Laplace density in a wide normal one": ((0.0, 1e9, 0.5, 2.0), 3.0, stats.laplace(0.5, 2.0).logpdf(3.0)),
    "a strong Laplace density": ((3.0, 1.0, 0.5, 1e-9), 0.5 + 2e-9, stats.laplace(0.0, 1e-9).logpdf(2e-9)),
    "a normal density in a wide Laplace one": ((3.0, 1.0, 0.5, 1e9), 2.0, stats.norm(3.0, 1.0).logpdf(2.0)),
    "a kink far away": ((1e6, 1.0, 0.0, 1.0), 1e6 - 1.0, stats.norm(1e6 - 1.0, 1.0).logpdf(1e6 - 1.0)),
    "a kink far away on the other side": (
        (-1e6, 1.0, 0.0, 1.0),
        1.0 - 1e6,
        stats.norm(1.0 - 1e6, 1.0).logpdf(1.0 - 1e6),
    ),
}


@pytest.mark.parametrize("name", LIMITS)
def test_limits(backend, name):
    numbers, x, expected = LIMITS[name]
    with backend.pm.Model() as model:
        law_of(backend)("x", *map(F, numbers))
    np.testing.assert_allclose(density_of(backend, model, "x", x), expected, rtol=1e-6)
    ones = laplacenormal.draw(np.random.default_rng(3), *numbers, (300,))
    assert np.all(np.isfinite(ones)) and np.all(np.isfinite(density_of(backend, model, "x", ones[0])))


def test_the_mode_is_where_the_density_is_largest(backend):
    t = backend.tensor
    modes = backend.compile_plainly([], laplacenormal.mode(t, *map(t.constant, (MU, SIGMA, AT, B))))()
    laws = [LaplaceTimesNormal(*p) for p in zip(MU, SIGMA, AT, B)]
    for mode, law in zip(modes, laws):
        assert law.logpdf(mode) >= max(law.logpdf(mode - 1e-3), law.logpdf(mode + 1e-3))
    assert modes[1] == -2.0  # exactly at the kink


def test_there_and_back(backend):
    module = import_module(f"symbolic_pymc.{backend.name}.{backend.pm.__name__}")
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    with backend.pm.Model() as model:
        b = backend.pm.HalfNormal("b", sigma=F(2.0))
        law_of(backend)("x", MU, SIGMA, AT, b, shape=4)
    graph = module.model_graph(model)
    (x,) = (sp.metatize(v) for v in graph.outputs if v.name == "x")
    assert ops.distribution_of(x) == "laplacenormal"
    assert_densities_differ_by(backend, model, module.graph_model(graph), 0.0)


@pytest.mark.parametrize("wrong", [dict(sigma=-1.0), dict(b=0.0)])
def test_parameters_that_are_none(backend, wrong):
    given = {k: F(v) for k, v in (dict(mu=0.5, sigma=1.0, location=0.0, b=1.0) | wrong).items()}
    one = backend.tensor.constant(F(1.0))
    if backend.name == "theano":
        assert value_of(backend, law_of(backend).dist(testval=F(1.0), **given).logp(one)) == -np.inf
        return
    with pytest.raises(Exception, match="sigma > 0, b > 0"):
        value_of(backend, backend.pm.logp(law_of(backend).dist(**given), one))
