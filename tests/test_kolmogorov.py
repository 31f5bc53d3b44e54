"""The Kolmogorov law, against scipy."""

from importlib import import_module

import mpmath
import numpy as np
import pytest
from scipy import stats

import symbolic_pymc as sp
from symbolic_pymc import kolmogorov
from tests.densities import assert_densities_differ_by, log_density, value_of
from tests.families import density_of, draws

SCALES = np.array([1.0, 0.3, 2.5, 40.0])


def kolmogorov_of(backend):
    return import_module(f"symbolic_pymc.{backend.name}.kolmogorov").Kolmogorov


def series(x, terms=60):
    """Return the log density by its first series, in as many digits as that needs."""
    with mpmath.workdps(200):
        x = mpmath.mpf(float(x))
        total = mpmath.nsum(lambda n: (-1) ** (int(n) + 1) * n**2 * mpmath.exp(-2 * n**2 * x**2), [1, terms])
        return float(mpmath.log(8 * x * total))


@pytest.mark.parametrize("x", [0.09, 0.3, 0.75, np.nextafter(0.8, 0), 0.8, 0.85, 1.5, 4.0, 30.0])
def test_both_series_meet(backend, x):
    """To the last digits on either side of the cut, and in both tails."""
    t = backend.tensor
    density = kolmogorov.log_density(t, t.constant(np.float64(1.0)), t.constant(np.float64(x)))
    found = backend.compile_plainly([], density)()
    np.testing.assert_allclose(found, series(x, 800 if x < 0.2 else 60), rtol=1e-13, atol=1e-13)


def test_density(backend):
    x = SCALES * np.array([0.4, 0.7, 0.9, 1.7])
    with backend.pm.Model() as model:
        kolmogorov_of(backend)("x", SCALES, shape=4)
    expected = stats.kstwobign(scale=SCALES).logpdf(x)
    np.testing.assert_allclose(density_of(backend, model, "x", x), expected, rtol=1e-9)
    assert np.all(density_of(backend, model, "x", -x) == -np.inf)
    extremes = np.array([1e-8, 0.0, 1e8, 1e3])
    assert not np.any(np.isnan(density_of(backend, model, "x", extremes)))


def test_slopes_are_finite_on_either_side(backend):
    t = backend.tensor
    x = t.dvector("x")
    density = t.sum(kolmogorov.log_density(t, t.constant(np.float64(1.0)), x))
    grad = backend.compile_plainly([x], t.grad(density, x))
    at = np.array([1e-3, 0.3, 0.7, 0.9, 3.0, 1e3])
    step = 1e-6 * at
    numeric = [(series(a + h) - series(a - h)) / (2 * h) for a, h in list(zip(at, step))[1:-1]]
    found = grad(at)
    assert np.all(np.isfinite(found))
    np.testing.assert_allclose(found[1:-1], numeric, rtol=1e-6)


def test_draws(backend):
    with backend.pm.Model() as model:
        kolmogorov_of(backend)("x", np.float64(2.5), shape=600)
    (x,) = draws(backend, model, ["x"])
    assert stats.kstest(x, stats.kstwobign(scale=2.5).cdf).pvalue > 1e-3


def test_the_mean_is_where_a_sampler_starts():
    assert kolmogorov.MEAN == pytest.approx(stats.kstwobign.mean(), rel=1e-9)


def test_there_and_back(backend):
    """As a term it is the distribution of the table; a model of it is the same after both conversions."""
    module = import_module(f"symbolic_pymc.{backend.name}.{backend.pm.__name__}")
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    with backend.pm.Model() as model:
        a = backend.pm.HalfNormal("a", sigma=np.float64(2.0))
        kolmogorov_of(backend)("x", SCALES * a, shape=4)
    graph = module.model_graph(model)
    (x,) = (sp.metatize(v) for v in graph.outputs if v.name == "x")
    assert ops.distribution_of(x) == "kolmogorov"
    back = module.graph_model(graph)
    assert_densities_differ_by(backend, model, back, 0.0)
    assert log_density(backend, back).names


@pytest.mark.parametrize("wrong", [-1.0, 0.0])
def test_scales_that_are_none(backend, wrong):
    law_of, one = kolmogorov_of(backend), backend.tensor.constant(np.float64(1.0))
    if backend.name == "theano":
        assert value_of(backend, law_of.dist(np.float64(wrong), testval=np.float64(1.0)).logp(one)) == -np.inf
        return
    with pytest.raises(Exception, match="scale > 0"):
        value_of(backend, backend.pm.logp(law_of.dist(np.float64(wrong)), one))
