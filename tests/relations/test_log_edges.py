"""Means and deviations of the logarithms of log-normal data: the posterior is that of the logarithms themselves."""

from functools import partial
from importlib import import_module

import numpy as np
import pytest
from kanren import run
from scipy import stats
from unification import var

import symbolic_pymc as sp
from symbolic_pymc.relations.log_edges import lognormal_observedo
from tests.densities import assert_conditioned, evidence_of, log_density
from tests.relations.test_flat_edges import ERRORS, GROUP, F, X, built, reasons, taken
from tests.relations.test_flat_edges import Y as LOGS

Y = np.exp(LOGS)
N = len(Y)
SCALE = np.sum(LOGS)  # minus the log of what the density of the data has beside that of their logarithms
CORRELATED = 0.3 + np.diag([0.5, 1.0, 1.5])


def lognormal(pm, name, *args, **kwargs):
    return (pm.LogNormal if hasattr(pm, "LogNormal") else pm.Lognormal)(name, *args, **kwargs)


def number(pm, t, data):
    data(F(0.5) - F(2.0) * pm.Normal("b", F(0.3), sigma=F(1.5)), sigma=ERRORS)


def number_of_one(pm, t, data):
    data(F(0.5) + pm.Normal("b", F(0.3), sigma=F(1.5)), sigma=F(0.7), observed=Y[0])


def no_data(pm, t, data):
    data(pm.Normal("b", F(0.3), sigma=F(1.5)), sigma=F(0.7), observed=Y[:0])


def groups(pm, t, data):
    data(pm.Normal("b", F(0.3), sigma=F(1.5), shape=3)[GROUP] * ERRORS, sigma=F(0.7))


def one_each(pm, t, data):
    data(F(0.5) + F(2.0) * pm.Normal("b", F(0.3), sigma=F(1.5), shape=N), sigma=ERRORS)


def matrix(pm, t, data):
    data(pm.Normal("b", F(0.3), sigma=F(1.5), shape=(1, 4)), sigma=F(0.7), observed=Y.reshape(3, 4))


def regression(pm, t, data):
    data(t.dot(X, pm.Normal("b", F(0.3), sigma=F(1.5), shape=3)), sigma=ERRORS)


def correlated_regression(pm, t, data):
    data(t.dot(X, pm.MvNormal("b", np.ones(3), cov=CORRELATED, shape=3)) + F(0.5), sigma=F(0.7))


def fewer_data(pm, t, data):
    data(t.dot(X[:2], pm.MvNormal("b", np.ones(3), cov=CORRELATED, shape=3)), sigma=F(0.7), observed=Y[:2])


def flat(pm, t, data):
    data(F(0.5) - F(2.0) * pm.Flat("b"), sigma=ERRORS)


def flat_groups(pm, t, data):
    data(pm.Flat("b", shape=3)[GROUP], sigma=ERRORS)


def flat_regression(pm, t, data):
    data(t.dot(X, pm.Flat("b", shape=3)), sigma=F(0.7))


def bounded(pm, t, data):
    data(F(0.5) + pm.TruncatedNormal("b", mu=F(1.0), sigma=F(0.7), lower=F(0.0)), sigma=ERRORS)


def exponential(pm, t, data):
    data(pm.Exponential("b", F(0.8)), sigma=F(0.7))


KNOWN = [
    number, number_of_one, no_data, groups, one_each, matrix, regression, correlated_regression, fewer_data,
    flat, flat_groups, flat_regression, bounded,
]  # fmt: skip
SHAPES = {groups: 3, one_each: N, matrix: (1, 4), flat_groups: 3}
SHAPES |= dict.fromkeys((regression, correlated_regression, fewer_data, flat_regression), 3)
VALUES = {number_of_one: LOGS[:1], no_data: LOGS[:0], fewer_data: LOGS[:2]}


def as_themselves(pm, *args, observed=Y, **kwargs):
    return lognormal(pm, "y", *args, observed=observed, **kwargs)


def as_logs(pm, *args, observed=Y, **kwargs):
    return pm.Normal("y", *args, observed=np.log(observed), **kwargs)


def model_of(backend, build, data):
    return built(backend, lambda pm, t: build(pm, t, partial(data, pm)))


@pytest.mark.parametrize("build", [*KNOWN, exponential])
def test_posterior_and_evidence_are_those_of_the_logarithms(backend, build):
    """The oracle is the model of the logarithms; the ratio test stands on its own."""
    model = model_of(backend, build, as_themselves)
    result = sp.conjugate_graph(model)
    assert taken(result) == [("b", "y")]
    if build in KNOWN:  # else the transforms of prior and posterior differ
        assert_conditioned(backend, model, result)
    logs = sp.conjugate_graph(model_of(backend, build, as_logs))
    expected = evidence_of(backend, logs) - np.sum(VALUES.get(build, LOGS))
    np.testing.assert_allclose(evidence_of(backend, result), expected, rtol=1e-9, atol=1e-9)
    got, expected = log_density(backend, result), log_density(backend, logs)
    [name] = got.names
    assert expected.names == [name]
    for seed in range(3):
        point = {name: np.random.default_rng(seed).normal(size=SHAPES.get(build, ()))}
        np.testing.assert_allclose(got(point), expected(point), rtol=1e-9)


def unknown_scale(pm, t, data):
    data(pm.Normal("b", F(0.3), sigma=F(1.5)), sigma=pm.HalfCauchy("s", beta=F(2.0)))


def unknown_scale_one_each(pm, t, data):
    s = pm.HalfCauchy("s", beta=F(2.0))
    data(F(2.0) * pm.Normal("b", F(0.3), sigma=F(1.5), shape=N), sigma=s)


def unknown_scale_flat(pm, t, data):
    data(t.dot(X, pm.Flat("b", shape=3)), sigma=pm.HalfCauchy("s", beta=F(2.0)))


def unknown_scale_matrix(pm, t, data):
    b = pm.Normal("b", F(0.3), sigma=F(1.5), shape=(1, 4))
    data(b, sigma=pm.HalfCauchy("s", beta=F(2.0)), observed=Y.reshape(3, 4))


def unknown_scale_bounded(pm, t, data):
    data(pm.Exponential("b", F(0.8)), sigma=pm.HalfCauchy("s", beta=F(2.0)))


UNKNOWN = [unknown_scale, unknown_scale_one_each, unknown_scale_flat, unknown_scale_matrix]


@pytest.mark.parametrize("build", [*UNKNOWN, unknown_scale_bounded])
def test_the_evidence_of_an_unknown_deviation_stays(backend, build):
    model = model_of(backend, build, as_themselves)
    if build in UNKNOWN:
        assert_conditioned(backend, model, sp.conjugate_graph(model), n=5, spread=0.4)
    collapsed, logs = sp.collapse_graph(model), sp.collapse_graph(model_of(backend, build, as_logs))
    got, expected = log_density(backend, collapsed), log_density(backend, logs)
    [name] = got.names
    constants = evidence_of(backend, collapsed) - evidence_of(backend, logs)
    for s in (-1.0, 0.0, 1.2):
        point = {name: np.array(s)}
        np.testing.assert_allclose(got(point) + constants, expected(point) - SCALE, rtol=1e-9)


def test_one_log_normal_variable_each_keeps_its_law(backend):
    """N(0, s) medians of log-normal variables of deviation 0.7 make ones of deviation sqrt(s^2 + 0.49)."""
    model = model_of(backend, unknown_scale_one_each, as_themselves)
    result = sp.conjugate_graph(model)
    assert [v.name for v in result.observed_RVs] == ["y"] and not result.potentials
    density = log_density(backend, sp.collapse_graph(model))
    [name] = density.names
    for s in (0.3, 1.0, 2.0):
        prior = stats.halfcauchy(scale=2).logpdf(s) + np.log(s)
        expected = prior + stats.lognorm(np.sqrt(s**2 + 9.0), 0, np.exp(0.6)).logpdf(Y).sum()
        np.testing.assert_allclose(density({name: np.log(s)}), expected, rtol=1e-9)


def test_a_log_normal_variable_that_is_unknown_loses_its_mean(backend):
    def build(pm, t):
        m = pm.Normal("m", F(0.3), sigma=F(1.5), shape=4)
        x = lognormal(pm, "x", F(0.5) + F(2.0) * m, sigma=F(0.7), shape=4)
        pm.Poisson("y", x, observed=np.array([3, 0, 2, 5]))

    model = built(backend, build)
    result = sp.marginalize_graph(model, ["m"])
    density = log_density(backend, result)
    [name] = density.names
    x = np.array([0.5, 1.0, 2.0, 4.0])
    law = stats.lognorm(np.sqrt(9.0 + 0.49), 0, np.exp(1.1))
    expected = np.sum(law.logpdf(x) + np.log(x)) + stats.poisson(x).logpmf([3, 0, 2, 5]).sum()
    np.testing.assert_allclose(density({name: np.log(x)}), expected, rtol=1e-9)


@pytest.mark.parametrize("factor", (1.0, 2.5))
def test_a_half_flat_deviation_of_logarithms(backend, factor):
    """The square is inverse gamma of the squares of the logarithms."""
    model = built(backend, lambda pm, t: lognormal(pm, "y", F(2.5), sigma=F(factor) * pm.HalfFlat("s"), observed=Y))
    result = sp.conjugate_graph(model)
    assert taken(result) == [("s", "y")]
    density = log_density(backend, result)
    [name] = density.names
    law = stats.invgamma((N - 1) / 2, scale=np.sum((LOGS - 2.5) ** 2) / (2 * factor**2))
    for v in (0.1, 0.7, 3.0):
        np.testing.assert_allclose(density({name: np.log(v)}), law.logpdf(v) + np.log(v), rtol=1e-9)
        s = np.sqrt(v)
        joint = stats.lognorm(factor * s, 0, np.exp(2.5)).logpdf(Y).sum()
        np.testing.assert_allclose(joint - law.logpdf(v) - np.log(2 * s), evidence_of(backend, result), rtol=1e-8)


def test_the_law_of_the_logarithms(backend):
    """Both ways, and the density of the data is that of their logarithms but for the slope of these."""
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    density = import_module(f"symbolic_pymc.{backend.name}.adapter").ADAPTER.log_density
    y, q = ops.constant(Y), var()
    mu, sigma = (ops.like(ops.constant(F(x)), y) for x in (2.5, 0.7))
    ((law, logs),) = run(0, q, lognormal_observedo(ops, (ops.lognormal(mu, sigma), y), q))
    found, values = backend.compile_plainly([], [density(law.reify(), logs.reify()), logs.reify()])()
    np.testing.assert_allclose(found - values, stats.lognorm(0.7, scale=np.exp(2.5)).logpdf(Y), rtol=1e-12)
    ((back, data),) = run(0, q, lognormal_observedo(ops, q, (law, logs)))
    assert ops.distribution_of(back) == "lognormal" and back.rands[:2] == (mu, sigma) and data is y


def test_data_beyond_the_support_are_refused(backend):
    values = np.array([1.0, -2.0, 3.0])
    model = model_of(backend, number_of_one, lambda pm, mu, **k: lognormal(pm, "y", mu, sigma=F(1.0), observed=values))
    result = sp.conjugate_graph(model)
    assert result is model
    assert "values that are not positive" in reasons(result)["b", "y"]


def in_both(pm, t, data):
    b = pm.Normal("b", F(0.0), sigma=F(1.0))
    data(b, sigma=t.exp(b))


def in_the_deviation(pm, t, data):
    data(F(1.0), sigma=pm.TruncatedNormal("b", mu=F(1.0), sigma=F(1.0), lower=F(0.1)))


def not_affine(pm, t, data):
    data(t.exp(pm.Normal("b", F(0.0), sigma=F(1.0))), sigma=F(1.0))


def improper(pm, t, data):
    data(t.dot(X[:, [0, 1, 1]], pm.Flat("b", shape=3)), sigma=F(0.7))


REFUSED = {
    in_both: "also appears in the sigma",
    in_the_deviation: "stands in the sigma of y",
    not_affine: "not affine",
    improper: "improper",
}


@pytest.mark.parametrize("build", REFUSED)
def test_refused_with_the_reason(backend, build):
    model = model_of(backend, build, as_themselves)
    result = sp.conjugate_graph(model)
    assert result is model
    assert REFUSED[build] in reasons(result)["b", "y"]
