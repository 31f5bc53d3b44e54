"""Gaussian process regression: posterior, prediction at new points and evidence, against the equations of kriging."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

import symbolic_pymc as sp
from tests.densities import assert_conditioned, evidence_of, log_density
from tests.joints import built

F = np.float64
X = np.array([0.0, 0.15, 0.4, 0.7, 1.0, 0.3, 0.85])  # the last two are new
Y = np.array([0.3, 0.1, -0.4, 0.2, 0.8])
SEEN, N, SD = np.arange(5), 5, F(0.2)
JITTER = 1e-6


def rbf(length, amplitude=1.0, x=X, exp=np.exp):
    return amplitude**2 * exp(-0.5 * ((x[:, None] - x[None, :]) / length) ** 2) + JITTER * np.eye(len(x))


MEAN, K = 0.2 + 0.5 * X, rbf(0.3)


def kriging(k, mean=MEAN, sd=SD):
    """Return mean and covariance of f at all points given data at the first five, and the log evidence."""
    gain = k[:, :N] @ np.linalg.inv(k[:N, :N] + sd**2 * np.eye(N))
    law = multivariate_normal(mean[:N], k[:N, :N] + sd**2 * np.eye(N))
    return mean + gain @ (Y - mean[:N]), k - gain @ k[:N], law.logpdf(Y)


def assert_law(backend, result, mean, cov):
    density = log_density(backend, result)
    law = multivariate_normal(mean, cov)
    (name,) = density.names
    draws = np.linalg.cholesky(cov) @ np.random.default_rng(1).normal(size=(len(mean), 5))
    for x in (mean, *(mean + draws.T)):
        assert density({name: x}) == pytest.approx(law.logpdf(x), abs=1e-6)


def test_where_the_data_are(backend):
    def build(pm, t):
        pm.Normal("y", pm.MvNormal("f", MEAN[:N], cov=K[:N, :N], shape=N), sigma=SD, observed=Y)

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    mean, cov, evidence = kriging(K[:N, :N], MEAN[:N])
    assert assert_conditioned(backend, model, result, tolerance=1e-7) == pytest.approx(evidence, abs=1e-8)
    assert_law(backend, result, mean, cov)


@pytest.mark.parametrize("pick", [lambda f: f[SEEN], lambda f: f[:N]], ids=["by index", "by slice"])
def test_prediction_at_new_points(backend, pick):
    def build(pm, t):
        pm.Normal("y", pick(pm.MvNormal("f", MEAN, cov=K, shape=len(X))), sigma=SD, observed=Y)

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    mean, cov, evidence = kriging(K)
    assert evidence_of(backend, result) == pytest.approx(evidence, abs=1e-8)
    assert_law(backend, result, mean, cov)


def test_without_noise_but_of_the_jitter(backend):
    """Data that are the function itself, up to a thousandth."""

    def build(pm, t):
        pm.Normal("y", pm.MvNormal("f", MEAN, cov=K, shape=len(X))[:N], sigma=F(1e-3), observed=Y)

    result = sp.conjugate_graph(built(backend, build))
    mean, _, evidence = kriging(K, sd=1e-3)
    assert evidence_of(backend, result) == pytest.approx(evidence, rel=1e-6)
    assert mean[:N] == pytest.approx(Y, abs=0.01)


def test_two_data_sets_of_one_function(backend):
    def build(pm, t):
        f = pm.MvNormal("f", MEAN, cov=K, shape=len(X))
        pm.Normal("y", f[:3], sigma=SD, observed=Y[:3])
        pm.Normal("z", f[np.array([3, 4])], sigma=SD, observed=Y[3:])

    result = sp.conjugate_graph(built(backend, build))
    mean, cov, evidence = kriging(K)
    assert evidence_of(backend, result) == pytest.approx(evidence, abs=1e-8)
    assert_law(backend, result, mean, cov)


def test_unknown_parameters_of_the_kernel(backend):
    """The function goes; what is left is the marginal likelihood of length, amplitude and noise."""

    def build(pm, t):
        length, amplitude, sd = (pm.HalfNormal(name, sigma=F(1.0)) for name in ("length", "amplitude", "sd"))
        k = rbf(length, amplitude, X[:N], t.exp)
        pm.Normal("y", pm.MvNormal("f", MEAN[:N], cov=k, shape=N), sigma=sd, observed=Y)

    model = built(backend, build)
    result = sp.marginalize_graph(model, ["f"])
    density = log_density(backend, result)
    assert len(density.names) == 3
    for length, amplitude, sd in ((0.3, 1.0, 0.2), (1.2, 0.5, 0.6)):
        values = {"length": length, "amplitude": amplitude, "sd": sd}
        evidence = kriging(rbf(length, amplitude, X[:N]), MEAN[:N], sd)[2]
        prior = sum(np.log(2) + norm.logpdf(v) + np.log(v) for v in values.values())
        point = {name: F(np.log(values[name.removesuffix("_log__")])) for name in density.names}
        assert density(point) == pytest.approx(prior + evidence, abs=1e-6)


def test_the_function_drawn_back(backend):
    def build(pm, t):
        pm.Normal("y", pm.MvNormal("f", MEAN, cov=K, shape=len(X))[:N], sigma=SD, observed=Y)

    result = sp.marginalize_graph(built(backend, build), ["f"])
    draws = result.recover(draws=5000, random_seed=2)["f"]
    mean, cov, _ = kriging(K)
    assert np.all(np.abs(draws.mean(axis=0) - mean) < 5 * np.sqrt(np.diag(cov) / 5000))
    np.testing.assert_allclose(np.cov(draws.T), cov, atol=5 * np.diag(cov).max() * np.sqrt(2 / 5000))


def test_a_function_of_the_function_is_refused(backend):
    def build(pm, t):
        pm.Normal("y", t.exp(pm.MvNormal("f", MEAN[:N], cov=K[:N, :N], shape=N)), sigma=SD, observed=Y)

    model = built(backend, build)
    assert sp.conjugate_graph(model) is model
