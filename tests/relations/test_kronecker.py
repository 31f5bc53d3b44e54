"""Normal vectors of a Kronecker covariance, against the multivariate normal laws of SciPy."""

import numpy as np
import pytest
from scipy import stats

import symbolic_pymc as sp
from tests.densities import assert_conditioned, log_density, random_points
from tests.joints import built, reasons

F = np.float64
RNG = np.random.default_rng(12)
ROOTS = [RNG.normal(size=(n, n + 2)).round(2) for n in (2, 3, 2)]
FACTORS = [root @ root.T / root.shape[1] for root in ROOTS]
Y = RNG.normal(size=12).round(2)
TOLERANCE = 1e-8


def spelt(how, covs):
    if how == "chols":
        return [np.linalg.cholesky(K) for K in covs]
    return [np.linalg.eigh(K) for K in covs] if how == "evds" else covs


def covariance(covs, sigma=0.0):
    product = covs[0]
    for K in covs[1:]:
        product = np.kron(product, K)
    return product + sigma**2 * np.eye(len(product))


@pytest.mark.parametrize("sigma", [None, F(0.5)], ids=["exact", "noisy"])
@pytest.mark.parametrize("how, n", [("covs", 1), ("covs", 3), ("chols", 2), ("evds", 2)])
def test_the_mean_has_its_posterior(backend, how, n, sigma):
    covs = FACTORS[:n]
    cov, options = covariance(covs, sigma or 0.0), {how: spelt(how, covs)} | ({"sigma": sigma} if sigma else {})
    d = len(cov)

    def build(pm, t):
        mu = pm.Normal("mu", F(0.4), sigma=F(1.5), shape=d)
        pm.KroneckerNormal("y", mu=mu, shape=d, observed=Y[:d], **options)

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    evidence = assert_conditioned(backend, model, result)
    law = stats.multivariate_normal(np.full(d, 0.4), cov + 2.25 * np.eye(d))
    assert evidence == pytest.approx(law.logpdf(Y[:d]), rel=TOLERANCE)


def test_one_mean_of_all_and_an_unknown_noise(backend):
    cov = covariance(FACTORS[:2])

    def build(pm, t):
        noise = pm.HalfNormal("noise", sigma=F(1.0))
        mu = pm.Normal("mu", F(0.4), sigma=F(1.5))
        pm.KroneckerNormal("y", mu=mu * np.ones(6), covs=FACTORS[:2], sigma=noise, shape=6, observed=Y[:6])

    result = sp.collapse_graph(built(backend, build))
    density = log_density(backend, result)
    for point in random_points(backend, result):
        noise = np.exp(point["noise_log__"])
        law = stats.multivariate_normal(np.full(6, 0.4), cov + noise**2 * np.eye(6) + 2.25)
        expected = law.logpdf(Y[:6]) + stats.halfnorm.logpdf(noise) + point["noise_log__"]
        assert density(point) == pytest.approx(expected, rel=TOLERANCE)


@pytest.mark.parametrize("scale", [1e-8, 1e8])
def test_a_latent_field_is_smoothed(backend, scale):
    cov = scale**2 * covariance(FACTORS[:2])
    y = scale * Y[:6]

    def build(pm, t):
        x = pm.KroneckerNormal("x", mu=np.zeros(6), covs=[scale**2 * FACTORS[0], FACTORS[1]], shape=6)
        pm.Normal("y", x, sigma=F(0.5 * scale), observed=y)

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    gain = np.linalg.solve(cov + 0.25 * scale**2 * np.eye(6), cov).T
    posterior = stats.multivariate_normal(gain @ y, cov - gain @ cov)
    density = log_density(backend, result)
    for z in RNG.normal(size=(3, 6)):
        x = posterior.mean + np.linalg.cholesky(posterior.cov) @ z
        assert density({"x": x}) == pytest.approx(posterior.logpdf(x), rel=1e-7)


def test_elements_of_a_latent_field(backend):
    index = np.array([5, 0, 0, 3])

    def build(pm, t):
        x = pm.KroneckerNormal("x", mu=np.arange(6.0), covs=FACTORS[:2], shape=6)
        pm.Normal("y", 1.0 - 2.0 * x[index], sigma=F(0.5), observed=Y[:4])

    model = built(backend, build)
    evidence = assert_conditioned(backend, model, sp.conjugate_graph(model))
    G = -2.0 * np.eye(6)[index]
    law = stats.multivariate_normal(1.0 + G @ np.arange(6.0), G @ covariance(FACTORS[:2]) @ G.T + 0.25 * np.eye(4))
    assert evidence == pytest.approx(law.logpdf(Y[:4]), rel=TOLERANCE)


def test_a_field_of_which_nothing_comes_stays_what_it_was(backend):
    def build(pm, t):
        x = pm.KroneckerNormal("x", mu=np.zeros(6), covs=FACTORS[:2], shape=6)
        pm.Poisson("k", t.exp(x), observed=np.arange(6))

    model = built(backend, build)
    for result in (sp.conjugate_graph(model), sp.collapse_graph(model)):
        assert result is model and "x" in reasons(result)


def test_a_mean_that_is_not_affine_is_refused(backend):
    def build(pm, t):
        mu = pm.Normal("mu", 0.0, sigma=1.0, shape=6)
        pm.KroneckerNormal("y", mu=t.exp(mu), covs=FACTORS[:2], shape=6, observed=Y[:6])

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert result is model and "not affine" in reasons(result)["mu"]
