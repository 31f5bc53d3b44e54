"""Half-flat deviations, alone and beside flat means: the square is inverse gamma, one half less for its Jacobian."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

import symbolic_pymc as sp
from tests.densities import evidence_of, log_density
from tests.relations.test_flat_edges import ERRORS, GROUP, INDICATORS, Y, F, N, X, built, log_integral, reasons

MEAN = X @ [1.0, 0.5, -0.5]


def deviation(pm, t):
    pm.Normal("y", MEAN, sigma=pm.HalfFlat("s"), observed=Y)


def scaled(pm, t):
    pm.Normal("y", MEAN, sigma=F(2.0) * pm.HalfFlat("s") * ERRORS, observed=Y)


def precision(pm, t):
    pm.Normal("y", MEAN, tau=pm.HalfFlat("s") ** -2, observed=Y)


def regression(pm, t):
    b = pm.Flat("b", shape=3)
    pm.Normal("y", t.dot(X, b), sigma=pm.HalfFlat("s"), observed=Y)


def deviation_first(pm, t):
    s = pm.HalfFlat("s")
    pm.Normal("y", t.dot(X, pm.Flat("b", shape=3)), sigma=s, observed=Y)


def two_numbers(pm, t):
    a, s, b = pm.Flat("a"), pm.HalfFlat("s"), pm.Flat("b")
    pm.Normal("y", a + b * X[:, 1], sigma=s, observed=Y)


def group_means(pm, t):
    pm.Normal("y", pm.Flat("b", shape=3)[GROUP], sigma=pm.HalfFlat("s"), observed=Y)


def covariance(pm, t):
    s = pm.HalfFlat("s")
    pm.MvNormal("y", MEAN, cov=t.sqr(s) * np.diag(ERRORS), observed=Y)


NOTHING = np.zeros((N, 0))
# model: the design of what is flat, mean, covariance in units of the deviation
MODELS = {
    deviation: (NOTHING, MEAN, np.eye(N)),
    scaled: (NOTHING, MEAN, np.diag(4 * ERRORS**2)),
    precision: (NOTHING, MEAN, np.eye(N)),
    regression: (X, 0.0, np.eye(N)),
    deviation_first: (X, 0.0, np.eye(N)),
    two_numbers: (X[:, :2], 0.0, np.eye(N)),
    group_means: (INDICATORS, 0.0, np.eye(N)),
    covariance: (NOTHING, MEAN, np.diag(ERRORS)),
}


def likelihood(design, mean, cov, s):
    """The log density of the data given the deviation, whatever is flat integrated out."""
    if not design.shape[1]:
        return stats.multivariate_normal(mean, s**2 * cov).logpdf(Y)
    return log_integral(design, s**2 * cov, Y - mean)[0]


@pytest.mark.parametrize("build", MODELS)
def test_the_square_is_inverse_gamma(backend, build):
    model = built(backend, build)
    result = sp.conjugate_graph(model)
    evidence = evidence_of(backend, result)
    expected = np.log(quad(lambda s: np.exp(likelihood(*MODELS[build], s) - evidence), 0, np.inf)[0]) + evidence
    np.testing.assert_allclose(evidence, expected, rtol=1e-8)
    assert not result.observed_RVs and "s" in {v.name for v in result.deterministics}
    marginal = sp.marginalize_graph(result, set(names(result)) - {"s_squared"}) if len(names(result)) > 1 else result
    old, new = sp.collapse_graph(model), log_density(backend, marginal)
    assert not old.free_RVs and evidence_of(backend, old) == pytest.approx(evidence, rel=1e-12)
    [name] = new.names
    design, mean, cov = MODELS[build]
    for s in (0.3, 1.0, 2.5):
        density = new({name: np.log(s**2)}) - np.log(s**2)  # of the square
        np.testing.assert_allclose(density + np.log(2 * s) + evidence, likelihood(design, mean, cov, s), rtol=1e-9)
    left, root = N - design.shape[1], np.linalg.cholesky(np.linalg.inv(cov)).T
    residual = root @ (Y - mean)
    if design.shape[1]:
        residual -= root @ design @ np.linalg.lstsq(root @ design, residual, rcond=None)[0]
    law = stats.invgamma((left - 1) / 2, scale=residual @ residual / 2)
    density = new({name: 0.5}) - 0.5
    np.testing.assert_allclose(density, law.logpdf(np.exp(0.5)), rtol=1e-9)
    wrong = stats.invgamma(left / 2, scale=residual @ residual / 2)  # without the Jacobian
    assert abs(density - wrong.logpdf(np.exp(0.5))) > 0.05


def names(model):
    return [v.name.removesuffix("_log__") for v in model.free_RVs]


@pytest.mark.parametrize("build", (regression, two_numbers))
def test_the_ratio_of_the_joint_densities(backend, build):
    """p(b, s, y) = p(y) p(b, s | y); on the logarithmic scale the square has twice the length."""
    model = built(backend, build)
    result = sp.conjugate_graph(model)
    old, new = log_density(backend, model), log_density(backend, result)
    rng = np.random.default_rng(1)
    for _ in range(10):
        point = {name: rng.normal(size=3 if name == "b" and build is regression else ()) for name in ("a", "b")}
        s = rng.normal()
        at = {name: s if name.startswith("s") else point.get(name) for name in old.names}
        to = {name: 2 * s if name.startswith("s") else point.get(name) for name in new.names}
        before, after = old(at), new(to) + np.log(2)
        assert before - after == pytest.approx(evidence_of(backend, result), rel=1e-9, abs=1e-9 * abs(before))


def test_a_deviation_for_each_column(backend):
    y = Y.reshape(3, 4)

    def build(pm, t):
        pm.Normal("y", F(3.0), sigma=pm.HalfFlat("s", shape=4), observed=y)

    result = sp.conjugate_graph(built(backend, build))
    density = log_density(backend, result)
    [name] = density.names
    at = np.array([0.1, 0.2, -0.4, 1.0])
    law = stats.invgamma(1.0, scale=np.sum((y - 3) ** 2, axis=0) / 2)
    np.testing.assert_allclose(density({name: at}), np.sum(law.logpdf(np.exp(at)) + at), rtol=1e-10)


def test_the_deviation_is_drawn_back(backend):
    collapsed = sp.collapse_graph(built(backend, regression))
    draws = collapsed.recover(draws=2000, random_seed=3)
    np.testing.assert_allclose(draws["s"] ** 2, draws["s_squared"], rtol=1e-12)
    best, *_ = np.linalg.lstsq(X, Y, rcond=None)
    square = np.sum((Y - X @ best) ** 2)
    law = stats.invgamma((N - 4) / 2, scale=square / 2)
    assert stats.kstest(draws["s_squared"], law.cdf).pvalue > 1e-3
    root = np.sqrt(np.linalg.inv(X.T @ X)[1, 1] * square / (N - 4))
    assert stats.kstest((draws["b"][:, 1] - best[1]) / root, stats.t(N - 4).cdf).pvalue > 1e-3


# What would be improper, or may be ------------------------------------------------------------------------------


def one_datum(pm, t):
    pm.Normal("y", F(0.0), sigma=pm.HalfFlat("s"), observed=Y[:1])


def no_data(pm, t):
    pm.Normal("y", F(0.0), sigma=pm.HalfFlat("s"), observed=Y[:0])


def one_datum_each(pm, t):
    pm.Normal("y", F(0.0), sigma=pm.HalfFlat("s", shape=N), observed=Y)


def one_more_than_parameters(pm, t):
    pm.Normal("y", t.dot(X[:4], pm.Flat("b", shape=3)), sigma=pm.HalfFlat("s"), observed=Y[:4])


def no_deviation(pm, t):
    pm.Normal("y", MEAN, sigma=pm.HalfFlat("s"), observed=MEAN)


def taken_name(pm, t):
    pm.Normal("s_squared", F(0.0), sigma=F(1.0))
    pm.Normal("y", F(0.0), sigma=pm.HalfFlat("s"), observed=Y)


def variance(pm, t):
    pm.Normal("y", F(0.0), sigma=t.sqrt(pm.HalfFlat("s")), observed=Y)


REFUSED = {
    one_datum: "each element of it needs two data of y",
    no_data: "each element of it needs two data of y",
    one_datum_each: "each element of it needs two data of y",
    one_more_than_parameters: "each element of it needs two data of y",
    no_deviation: "y does not deviate from its mean",
    taken_name: "s_squared, and that name is taken",
    variance: "has a closed form for the exponent 1",
}


@pytest.mark.parametrize("build", REFUSED)
def test_refused_with_the_reason(backend, build):
    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert REFUSED[build] in reasons(result)["s", "y"]
    assert "s" in names(result) and "s" in names(sp.collapse_graph(model))
