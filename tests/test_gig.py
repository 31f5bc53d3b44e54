"""The generalised inverse Gaussian law, against scipy."""

from importlib import import_module

import numpy as np
import pytest
from scipy import special, stats

import symbolic_pymc as sp
from symbolic_pymc import gig
from tests.densities import assert_densities_differ_by, value_of
from tests.families import density_of, draws

P, A, B = np.array([0.7, -1.5, 0.0, 12.0]), np.array([2.0, 0.3, 5.0, 1.0]), np.array([3.0, 4.0, 0.2, 1e-3])


def law(p, a, b):
    return stats.geninvgauss(p, np.sqrt(a * b), scale=np.sqrt(b / a))


def gig_of(backend, *args, **kwargs):
    return import_module(f"symbolic_pymc.{backend.name}.gig").GeneralizedInverseGaussian(*args, **kwargs)


def test_bessel_functions(backend):
    """In all corners of orders and arguments, half orders in closed form among them."""
    p, x = (y.ravel() for y in np.meshgrid([0.0, 0.3, 0.5, 1.0, 7.5, 60.0], [1e-4, 0.02, 0.7, 3.0, 50.0, 600.0]))
    got = backend.compile_plainly([], gig.log_bessel(backend.tensor, *map(backend.tensor.constant, (p, x))))()
    with np.errstate(all="ignore"):
        expected = np.log(special.kve(p, x)) - x
    sound = np.isfinite(expected)
    assert sound.sum() > 30
    np.testing.assert_allclose(got[sound], expected[sound], rtol=1e-11, atol=1e-11)
    half = p == 0.5
    np.testing.assert_allclose(got[half], 0.5 * np.log(np.pi / (2 * x[half])) - x[half], rtol=1e-12)


def test_density(backend):
    x = np.array([0.2, 3.0, 0.7, 25.0])
    with backend.pm.Model() as model:
        gig_of(backend, "x", P, A, B, shape=4)
    np.testing.assert_allclose(density_of(backend, model, "x", x), law(P, A, B).logpdf(x), rtol=1e-9)
    assert np.all(density_of(backend, model, "x", -x) == -np.inf)
    t = backend.tensor
    modes = backend.compile_plainly([], gig.mode(t, *map(t.constant, (P, A, B))))()
    near = [law(P, A, B).logpdf(modes * f) for f in (0.999, 1.0, 1.001)]
    assert np.all(near[1] >= near[0]) and np.all(near[1] >= near[2])


def test_draws(backend):
    with backend.pm.Model() as model:
        gig_of(backend, "x", np.float64(-0.8), np.float64(2.0), np.float64(3.0), shape=600)
    (x,) = draws(backend, model, ["x"])
    assert stats.kstest(x, law(-0.8, 2.0, 3.0).cdf).pvalue > 1e-3


def test_there_and_back(backend):
    """As a term it is the distribution of the table; a model of it is the same after both conversions, transform and all."""
    module = import_module(f"symbolic_pymc.{backend.name}.{backend.pm.__name__}")
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    with backend.pm.Model() as model:
        a = backend.pm.HalfNormal("a", sigma=np.float64(2.0))
        gig_of(backend, "x", P, a, B, shape=4)
    graph = module.model_graph(model)
    (x,) = (sp.metatize(v) for v in graph.outputs if v.name == "x")
    assert ops.distribution_of(x) == "generalizedinversegaussian"
    assert_densities_differ_by(backend, model, module.graph_model(graph), 0.0)


@pytest.mark.parametrize("wrong", [dict(a=-1.0, b=1.0), dict(a=1.0, b=0.0)])
def test_parameters_that_are_none(backend, wrong):
    law_of = import_module(f"symbolic_pymc.{backend.name}.gig").GeneralizedInverseGaussian
    given = dict(p=np.float64(0.5), **{k: np.float64(v) for k, v in wrong.items()})
    one = backend.tensor.constant(np.float64(1.0))
    if backend.name == "theano":
        assert value_of(backend, law_of.dist(testval=np.float64(1.0), **given).logp(one)) == -np.inf
        return
    with pytest.raises(Exception, match="a > 0, b > 0"):
        value_of(backend, backend.pm.logp(law_of.dist(**given), one))
