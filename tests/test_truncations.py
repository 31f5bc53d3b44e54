"""Laws between two bounds, against scipy, and in tails that it does not reach against closed forms."""

from importlib import import_module

import numpy as np
import pytest
from scipy import stats

import symbolic_pymc as sp
from symbolic_pymc import truncations
from tests.densities import assert_densities_differ_by, value_of
from tests.families import between, density_of, draws

F = np.float64
INF = np.inf
NAMES = {"gamma": "TruncatedGamma", "inversegamma": "TruncatedInverseGamma", "beta": "TruncatedBeta"}
# name of the law, parameters and bounds, each an array
MIDDLE = {
    "gamma": ([0.05, 2.0, 400.0, 3.0], [2.0, 0.3, 20.0, 1.0], [0.0, 3.0, 19.0, 0.0], [0.7, 9.0, 22.0, INF]),
    "inversegamma": ([0.3, 2.0, 400.0, 3.0], [2.0, 3.0, 800.0, 1.0], [0.0, 0.7, 1.9, 0.1], [9.0, 2.0, 2.1, INF]),
    "beta": ([0.05, 2.0, 400.0, 3.0], [0.2, 3.5, 800.0, 1.0], [0.0, 0.2, 0.32, 0.5], [0.7, 0.6, 0.35, 1.0]),
}


def tensors(backend, *numbers):
    return [backend.tensor.constant(np.asarray(x, "float64")) for x in numbers]


def distribution(backend, name):
    return getattr(import_module(f"symbolic_pymc.{backend.name}.truncations"), NAMES[name])


@pytest.mark.parametrize("name", MIDDLE)
def test_density_and_draws_in_the_middle(backend, name):
    a, b, lower, upper = map(np.array, MIDDLE[name])
    law = between(truncations.LAWS[name].scipy(a, b), lower, upper)
    with backend.pm.Model() as model:
        distribution(backend, name)("x", *tensors(backend, a, b, lower, upper), shape=(1500, 4))
    (x,) = draws(backend, model, ["x"])
    np.testing.assert_allclose(density_of(backend, model, "x", x), law.logpdf(x), rtol=1e-9, atol=1e-9)
    for i in range(4):
        one = between(truncations.LAWS[name].scipy(a[i], b[i]), lower[i], upper[i])
        assert stats.kstest(x[:, i], one.cdf).pvalue > 1e-3
    assert np.all(density_of(backend, model, "x", np.broadcast_to(np.nextafter(lower, -1), x.shape)) == -INF)


# parameters and bounds, the log of the mass between the bounds of the law without any, and where scipy has none
EXTREME = {
    "gamma, far up": ("gamma", (1.0, 2.0, 900.0, INF), -1800.0),
    "gamma, between two high bounds": ("gamma", (1.0, 2.0, 900.0, 901.0), -1800.0 + np.log1p(-np.exp(-2.0))),
    "gamma, next to nothing": ("gamma", (1.0, 1.0, 1.0, 1.0 + 2.0**-40), -1.0 + np.log(-np.expm1(-(2.0**-40)))),
    "inverse gamma, far down": ("inversegamma", (1.0, 3.0, 0.0, 1e-3), -3000.0),
    "beta, far up": ("beta", (1.0, 5e5, 0.5, 1.0), 5e5 * np.log(0.5)),
    "beta, far down": ("beta", (5e5, 1.0, 0.0, 0.5), 5e5 * np.log(0.5)),
    "beta, between two low bounds": ("beta", (50.0, 1.0, 1e-9, 2e-9), 50 * np.log(2e-9) + np.log1p(-(0.5**50))),
}


@pytest.mark.parametrize("case", EXTREME)
def test_the_mass_in_a_tail(backend, case):
    name, numbers, expected = EXTREME[case]
    a, b, lower, upper = numbers
    mass = value_of(backend, truncations.log_mass(backend.tensor, name, *tensors(backend, *numbers)))
    whole = {"gamma": -a * np.log(b), "inversegamma": -a * np.log(b), "beta": -np.log(max(a, b))}[name]
    np.testing.assert_allclose(mass - whole, expected, rtol=1e-12)
    rng = np.random.default_rng(3)
    x = truncations.draw(rng, name, *numbers, (400,))
    assert np.all((x >= lower) & (x <= upper))
    if case == "gamma, far up":
        assert stats.kstest(x - 900.0, stats.expon(0, 0.5).cdf).pvalue > 1e-3
    if case == "beta, far up":
        assert stats.kstest((x - 0.5) * 1e6, stats.expon(0, 1).cdf).pvalue > 1e-3


@pytest.mark.parametrize("name", MIDDLE)
def test_slopes_in_the_parameters(backend, name):
    """Samplers walk along the slopes of the density, bounds at which it ends or not: by differences."""
    t, grad = backend.tensor, import_module("theano" if backend.name == "theano" else "pytensor").grad
    a, b, lower, upper = (t.vector() for _ in range(4))
    numbers = [np.array(x, "float64") for x in MIDDLE[name]]
    total = t.sum(truncations.log_mass(t, name, a, b, lower, upper))
    slopes = backend.compile_plainly([a, b, lower, upper], [grad(total, x) for x in (a, b)])(*numbers)
    mass = backend.compile_plainly([a, b, lower, upper], total)
    for i, slope in enumerate(slopes):
        for k in range(4):
            ends = []
            for step in (1e-5, -1e-5):
                moved = [x.copy() for x in numbers]
                moved[i][k] *= 1 + step
                ends.append(mass(*moved))
            np.testing.assert_allclose(slope[k], (ends[0] - ends[1]) / (2e-5 * numbers[i][k]), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", MIDDLE)
def test_there_and_back(backend, name):
    """As a term it is the distribution of the table; a model of it is the same after both conversions, transform and all."""
    module = import_module(f"symbolic_pymc.{backend.name}.{backend.pm.__name__}")
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    with backend.pm.Model() as model:
        a = backend.pm.HalfNormal("a", sigma=F(2.0))
        distribution(backend, name)("x", a, F(1.5), F(0.2), F(0.8), shape=3)
        distribution(backend, name)("z", a, F(1.5))
    graph = module.model_graph(model)
    found = {v.name: ops.distribution_of(sp.metatize(v)) for v in graph.outputs if v.name in "xz"}
    assert found == dict.fromkeys("xz", f"truncated{name}")
    assert_densities_differ_by(backend, model, module.graph_model(graph), 0.0)


@pytest.mark.parametrize("bounds", [(0.9, 0.95), (0.0, 1e-9), (0.9, None), (None, None)])
@pytest.mark.parametrize("name", MIDDLE)
def test_a_sampler_starts_between_the_bounds(backend, name, bounds):
    with backend.pm.Model() as model:
        distribution(backend, name)("x", F(3.0), F(9.0), *bounds)
    x = truncations.start(backend.tensor, name, *tensors(backend, 3.0, 9.0, *ends(name, bounds)))
    assert ends(name, bounds)[0] < value_of(backend, x) < ends(name, bounds)[1]
    assert np.isfinite(density_of(backend, model, "x", value_of(backend, x)))


def ends(name, bounds):
    return [end if x is None else x for x, end in zip(bounds, truncations.ENDS[name])]


@pytest.mark.parametrize("wrong", [dict(alpha=-1.0), dict(beta=0.0), dict(lower=0.8, upper=0.3)])
def test_parameters_that_are_none(backend, wrong):
    given = {k: F(v) for k, v in (dict(alpha=2.0, beta=1.0, lower=0.2, upper=0.9) | wrong).items()}
    one = backend.tensor.constant(F(0.5))
    law = distribution(backend, "gamma")
    if backend.name == "theano":
        assert value_of(backend, law.dist(testval=F(0.5), **given).logp(one)) == -INF
        return
    with pytest.raises(Exception, match="alpha > 0, beta > 0, lower < upper"):
        value_of(backend, backend.pm.logp(law.dist(**given), one))
