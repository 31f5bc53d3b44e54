"""The mixing variable given the variable: prior times likelihood over their integral, all according to scipy."""

from importlib import import_module

import numpy as np
import pytest
from kanren import run
from scipy import integrate, stats
from unification import var

import symbolic_pymc as sp
from symbolic_pymc.relations.mixing_given import CONDITIONALS
from tests.families import Double

K, B = 1.5, 0.4
# a variable, a value of it, the law of the mixing variable, and the log density of the value given that
LAWS = {
    "studentt": (
        lambda pm: pm.StudentT("x", nu=5.0, mu=2.0, sigma=3.0),
        -1.3,
        stats.gamma(2.5, scale=0.4),
        lambda x, w: stats.norm(2.0, 3.0 / np.sqrt(w)).logpdf(x),
    ),
    "halfstudentt": (
        lambda pm: pm.HalfStudentT("x", nu=5.0, sigma=3.0),
        1.3,
        stats.gamma(2.5, scale=0.4),
        lambda x, w: stats.halfnorm(0.0, 3.0 / np.sqrt(w)).logpdf(x),
    ),
    "cauchy": (
        lambda pm: pm.Cauchy("x", 2.0, 3.0),
        -1.3,
        stats.gamma(0.5, scale=2.0),
        lambda x, w: stats.norm(2.0, 3.0 / np.sqrt(w)).logpdf(x),
    ),
    "halfcauchy": (
        lambda pm: pm.HalfCauchy("x", 3.0),
        1.3,
        stats.gamma(0.5, scale=2.0),
        lambda x, w: stats.halfnorm(0.0, 3.0 / np.sqrt(w)).logpdf(x),
    ),
    "laplace": (
        lambda pm: pm.Laplace("x", 2.0, 3.0),
        -1.3,
        stats.expon(scale=2.0),
        lambda x, w: stats.norm(2.0, 3.0 * np.sqrt(w)).logpdf(x),
    ),
    "asymmetriclaplace": (
        lambda pm: pm.AsymmetricLaplace("x", b=B, kappa=K, mu=2.0),
        -1.3,
        stats.expon(),
        lambda x, w: stats.norm(2.0 + (1 / K - K) * w / B, np.sqrt(2 * w) / B).logpdf(x),
    ),
    "skewnormal": (
        lambda pm: pm.SkewNormal("x", mu=2.0, sigma=3.0, alpha=-4.0),
        -1.3,
        stats.halfnorm(),
        lambda x, w: stats.norm(2.0 - 12 * w / np.sqrt(17), 3 / np.sqrt(17)).logpdf(x),
    ),
    "exgaussian": (
        lambda pm: pm.ExGaussian("x", mu=2.0, sigma=3.0, nu=1.5),
        4.3,
        stats.expon(),
        lambda x, w: stats.norm(2.0 + 1.5 * w, 3.0).logpdf(x),
    ),
    "negativebinomial": (
        lambda pm: pm.NegativeBinomial("x", mu=3.0, alpha=2.5),
        4,
        stats.gamma(2.5, scale=3.0 / 2.5),
        lambda x, w: stats.poisson(w).logpmf(x),
    ),
    "betabinomial": (
        lambda pm: pm.BetaBinomial("x", n=7, alpha=2.5, beta=1.5),
        4,
        stats.beta(2.5, 1.5),
        lambda x, w: stats.binom(7, w).logpmf(x),
    ),
}


def test_every_row_is_tested():
    assert set(LAWS) == set(CONDITIONALS)


def conditional(backend, build, value):
    """Return what mixes a variable given a value of it, as a term."""
    with backend.pm.Model() as model:
        build(Double(backend.pm))
    graph = import_module(f"symbolic_pymc.{backend.name}.{backend.pm.__name__}").model_graph(model)
    (node,) = backend.draws(*graph.outputs)
    module, q = import_module(f"symbolic_pymc.relations.{backend.name}.mixtures"), var()
    seen = sp.metatize(backend.tensor.constant(np.asarray(value)))
    return module.mixing_giveno.args[0], run(0, q, module.mixing_giveno(sp.metatize(node.outputs[1]), seen, q))


@pytest.mark.parametrize("name", LAWS)
def test_law_given_the_variable(backend, name):
    build, x, prior, given = LAWS[name]
    ops, (mixing,) = conditional(backend, build, x)
    low, high = prior.support()

    def joint(w):
        return np.exp(prior.logpdf(w) + given(x, w))

    total = integrate.quad(joint, low, high, epsabs=0, epsrel=1e-11, limit=400)[0]
    w = prior.ppf([0.1, 0.4, 0.8])
    expected = np.log(joint(w) / total)
    inner = mixing if ops.is_random(mixing) else mixing.rands[0]
    at, slope = (w, 0.0) if inner is mixing else (1 / w, -2 * np.log(w))
    logp = import_module(f"symbolic_pymc.{backend.name}.{backend.pm.__name__}").logp
    rv = inner.reify()
    ((_, (value, density)),) = logp(rv).items()
    found = [backend.compile_plainly([value], density)(np.asarray(y, dtype=rv.dtype)) for y in at]
    np.testing.assert_allclose(np.array(found) + slope, expected, rtol=1e-7, atol=1e-8)
    assert inner.name == "x_mixing"


def of_a_variance(backend, build, value):
    """Return the name and a density of the variance of `x` given a value of that."""
    with backend.pm.Model() as model:
        build(Double(backend.pm), backend.tensor)
    graph = import_module(f"symbolic_pymc.{backend.name}.{backend.pm.__name__}").model_graph(model)
    x = next(sp.metatize(v) for v in graph.outputs if v.name == "x")
    module, q = import_module(f"symbolic_pymc.relations.{backend.name}.mixtures"), var()
    return run(0, q, module.variance_giveno(x, sp.metatize(backend.tensor.constant(np.asarray(value))), q))


# a model, the law of its scale's variable, and the standard deviation that this means
VARIANCES = {
    "gamma": (
        lambda pm, t: pm.Normal("x", 0.5, sigma=np.float64(2.0) * t.sqrt(pm.Gamma("v", 1.7, 0.9))),
        stats.gamma(1.7, scale=1 / 0.9),
        lambda v: 2 * np.sqrt(v),
    ),
    "exponential": (
        lambda pm, t: pm.Normal("x", 0.5, sigma=t.sqrt(np.float64(3.0) * pm.Exponential("v", 0.9))),
        stats.expon(scale=1 / 0.9),
        lambda v: np.sqrt(3 * v),
    ),
    "inverse gamma": (
        lambda pm, t: pm.Normal("x", 0.5, sigma=np.float64(2.0) * t.sqrt(pm.InverseGamma("v", 1.7, 0.9))),
        stats.invgamma(1.7, scale=0.9),
        lambda v: 2 * np.sqrt(v),
    ),
    "precision": (
        lambda pm, t: pm.Normal("x", 0.5, tau=np.float64(3.0) * pm.Gamma("v", 1.7, 0.9)),
        stats.gamma(1.7, scale=1 / 0.9),
        lambda v: 1 / np.sqrt(3 * v),
    ),
    "inverse gamma precision": (
        lambda pm, t: pm.Normal("x", 0.5, tau=np.float64(3.0) * pm.InverseGamma("v", 1.7, 0.9)),
        stats.invgamma(1.7, scale=0.9),
        lambda v: 1 / np.sqrt(3 * v),
    ),
}


@pytest.mark.parametrize("name", VARIANCES)
def test_variance_given_the_variable(backend, name):
    build, prior, scale = VARIANCES[name]
    x = -1.3
    ((v, found),) = of_a_variance(backend, build, x)
    assert v.name == found.name == "v"

    def joint(w):
        return np.exp(prior.logpdf(w) + stats.norm(0.5, scale(w)).logpdf(x))

    def on_the_log_scale(u):
        return joint(np.exp(u)) * np.exp(u)

    halves = (integrate.quad(on_the_log_scale, *e, epsabs=0, epsrel=1e-11, limit=400) for e in ((-50, 0), (0, 50)))
    total = sum(integral for integral, _ in halves)
    w = prior.ppf([0.1, 0.4, 0.8])
    logp = import_module(f"symbolic_pymc.{backend.name}.{backend.pm.__name__}").logp
    ((_, (value, density)),) = logp(found.reify()).items()
    got = [backend.compile_plainly([value], density)(np.asarray(y)) for y in w]
    np.testing.assert_allclose(got, np.log(joint(w) / total), rtol=1e-7, atol=1e-8)


def test_variances_that_are_shared_or_of_other_laws_have_no_such_law(backend):
    shared = of_a_variance(
        backend, lambda pm, t: pm.Normal("x", 0.0, sigma=t.sqrt(pm.Gamma("v", 1.7, 0.9)), shape=3), np.ones(3)
    )
    other = of_a_variance(backend, lambda pm, t: pm.Normal("x", 0.0, sigma=pm.HalfCauchy("v", 1.7)), 1.0)
    root = of_a_variance(backend, lambda pm, t: pm.Normal("x", 0.0, sigma=pm.Gamma("v", 1.7, 0.9)), 1.0)
    assert shared == other == root == ()


def test_vectors_have_one_for_each_element(backend):
    values = np.array([0.3, 4.0, -7.0])
    _, (mixing,) = conditional(backend, lambda pm: pm.StudentT("x", nu=5.0, mu=2.0, sigma=3.0, shape=3), values)
    drawn = backend.compile_plainly([], mixing.reify())()
    assert drawn.shape == (3,) and np.all(drawn > 0)


def test_what_is_no_mixture_has_no_mixing_variable(backend):
    assert conditional(backend, lambda pm: pm.Normal("x", 0.0, sigma=1.0), 0.3)[1] == ()
    assert conditional(backend, lambda pm: pm.StudentT("x", nu=5.0, mu=0.0, sigma=1.0), np.zeros(2))[1] == ()
