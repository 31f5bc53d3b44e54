"""The Polya-Gamma law, against its Laplace transform and moments by quadrature, and its draws."""

from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

import symbolic_pymc as sp
from symbolic_pymc import polyagamma
from tests.densities import assert_densities_differ_by, log_density, value_of
from tests.families import density_of, draws

TILTS = np.array([0.0, 0.5, -3.0, 12.0])


def law_of(backend):
    return import_module(f"symbolic_pymc.{backend.name}.polyagamma").PolyaGamma


WORDS = SimpleNamespace(lt=np.less, switch=np.where, log1p=np.log1p, exp=np.exp, log=np.log, sqr=np.square)


@pytest.fixture
def density():
    """Return the density of a number for a tilt, with the words of numpy."""
    return lambda x, tilt: np.exp(polyagamma.log_density(WORDS, np.float64(tilt), np.float64(x)))


def mean_of(z):
    return np.tanh(z / 2) / (2 * z) if z else 0.25


def integral(f, z):
    """Integrate over the positive numbers, in pieces of which each is smooth."""
    ends = np.array([1e-9, 0.3, 1.0, 4.0, 40.0]) * mean_of(abs(z)) + np.array([0.0, 0.0, 0.0, 0.0, 3.0])
    return sum(quad(f, a, b, epsabs=1e-13, epsrel=1e-12)[0] for a, b in zip(ends, ends[1:]))


@pytest.mark.parametrize("s", [0.0, 0.3, 2.0, 50.0])
@pytest.mark.parametrize("z", TILTS)
def test_laplace_transform(density, z, s):
    found = integral(lambda w: density(w, z) * np.exp(-s * w), z)
    assert found == pytest.approx(np.cosh(z / 2) / np.cosh(np.sqrt((z**2 / 2 + s) / 2)), rel=1e-9)


@pytest.mark.parametrize("psi", [0.1, 1.0, -4.0])
def test_it_mixes_normal_kernels_to_logistic_chances(density, psi):
    """For y = 1 and 0: the chance is half the exponential of the centred datum times the expected kernel."""
    kernel = integral(lambda w: density(w, 0.0) * np.exp(-w * psi**2 / 2), 0.0)
    for y in (0, 1):
        expected = 1 / (1 + np.exp(-psi)) if y else 1 / (1 + np.exp(psi))
        assert 0.5 * np.exp((y - 0.5) * psi) * kernel == pytest.approx(expected, rel=1e-9)


def test_both_series_meet_at_the_cut(density):
    at = polyagamma.CUT / 4
    assert density(at * (1 - 1e-13), 0.0) == pytest.approx(density(at * (1 + 1e-13), 0.0), rel=1e-11)


def test_density(backend, density):
    x = np.array([0.02, 0.159, 0.17, 1.3])
    with backend.pm.Model() as model:
        law_of(backend)("x", TILTS, shape=4)
    expected = np.log([density(a, z) for a, z in zip(x, TILTS)])
    np.testing.assert_allclose(density_of(backend, model, "x", x), expected, rtol=1e-9)
    assert np.all(density_of(backend, model, "x", -x) == -np.inf)
    for extremes in ([1e-8, 0.0, 1e8, 1e3], [1e-300, 5e-3, 30.0, 1e-4]):
        assert not np.any(np.isnan(density_of(backend, model, "x", np.array(extremes))))


def test_slopes_are_finite_on_either_side(backend):
    t = backend.tensor
    x, z = t.dvector("x"), t.dvector("z")
    slopes = backend.compile_plainly([x, z], t.grad(t.sum(polyagamma.log_density(t, z, x)), x))
    at, tilts = np.array([1e-3, 0.1, 0.2, 3.0, 1e3]), np.array([0.0, 1.0, -2.0, 5.0, 40.0])
    values = backend.compile_plainly([x, z], polyagamma.log_density(t, z, x))
    step = 1e-6 * at
    numeric = (values(at + step, tilts) - values(at - step, tilts)) / (2 * step)
    np.testing.assert_allclose(slopes(at, tilts), numeric, rtol=1e-6)


@pytest.mark.parametrize("z", TILTS)
def test_draws(backend, density, z):
    with backend.pm.Model() as model:
        law_of(backend)("x", np.float64(z), shape=500)
    (x,) = draws(backend, model, ["x"])
    order = np.sort(x)
    cdf = np.cumsum([quad(density, a, b, args=(z,))[0] for a, b in zip(np.r_[1e-9, order], order)])
    assert stats.kstest(x, lambda at: np.interp(at, order, cdf)).pvalue > 1e-3


@pytest.mark.parametrize("z", [0.0, 1.4, 3.0, 3.2, 60.0, 1e4])
def test_moments_of_draws(z):
    x = polyagamma.draw(np.random.default_rng(3), np.float64(z), (40_000,))
    # the logarithm of the transform: its second derivative at zero
    variance = (
        (np.sinh(z) - z) / (4 * z**3 * np.cosh(z / 2) ** 2) if 0 < z < 300 else 1 / 24 if z == 0 else 1 / (2 * z**3)
    )
    assert abs(x.mean() - mean_of(z)) < 4.5 * np.sqrt(variance / len(x))
    assert x.var() == pytest.approx(variance, rel=0.1)


def test_the_mean_is_where_a_sampler_starts(backend):
    for z in (0.0, 1e-6, 0.3, -20.0):
        found = value_of(backend, polyagamma.mean(backend.tensor, backend.tensor.constant(np.float64(z))))
        assert found == pytest.approx(mean_of(z), rel=1e-8)


def test_there_and_back(backend):
    """As a term it is the distribution of the table; a model of it is the same after both conversions."""
    module = import_module(f"symbolic_pymc.{backend.name}.{backend.pm.__name__}")
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    with backend.pm.Model() as model:
        a = backend.pm.HalfNormal("a", sigma=np.float64(2.0))
        law_of(backend)("x", TILTS * a, shape=4)
    graph = module.model_graph(model)
    (x,) = (sp.metatize(v) for v in graph.outputs if v.name == "x")
    assert ops.distribution_of(x) == "polyagamma"
    back = module.graph_model(graph)
    assert_densities_differ_by(backend, model, back, 0.0)
    assert log_density(backend, back).names
