"""One gamma or inverse gamma number that scales a whole covariance: evidence against scipy's multivariate t."""

import numpy as np
import pytest
from scipy.stats import multivariate_t

import symbolic_pymc as sp
from tests.densities import assert_conditioned

X = np.random.default_rng(0).normal(size=(6, 2))
Y = np.arange(6.0)
GROUP = np.array([0, 1, 0, 1, 1, 0])
ALPHA, BETA = np.float64(2.0), np.float64(3.0)
COV = np.array([[2.0, 0.5], [0.5, 1.0]])
ONE, TWO, THREE = map(np.float64, (1.0, 2.0, 3.0))


def mean_and_variance(pm, t):
    v = pm.InverseGamma("v", ALPHA, BETA)
    mu = pm.Normal("mu", ONE, sigma=t.sqrt(v / THREE))
    pm.Normal("y", mu, sigma=t.sqrt(v), observed=Y)
    return np.ones(6), np.eye(6) + 1 / 3


def mean_and_precision(pm, t):
    tau = pm.Gamma("v", ALPHA, BETA)
    mu = pm.Normal("mu", ONE, tau=tau * THREE)
    pm.Normal("y", mu, tau=tau, observed=Y)
    return np.ones(6), np.eye(6) + 1 / 3


def regression(pm, t):
    v = pm.InverseGamma("v", ALPHA, BETA)
    beta = pm.Normal("beta", ONE, sigma=t.sqrt(v) * TWO, shape=2)
    pm.Normal("y", t.dot(X, beta), sigma=t.sqrt(v), observed=Y)
    return X.sum(axis=1), np.eye(6) + 4 * X @ X.T


def regression_with_a_matrix(pm, t):
    v = pm.InverseGamma("v", ALPHA, BETA)
    beta = pm.MvNormal("beta", np.zeros(2), cov=v * COV, shape=2)
    pm.Normal("y", t.dot(X, beta), sigma=t.sqrt(v), observed=Y)
    return np.zeros(6), np.eye(6) + X @ COV @ X.T


def zellners_prior(pm, t):
    v = pm.InverseGamma("v", ALPHA, BETA)
    beta = pm.MvNormal("beta", np.zeros(2), cov=THREE * v * np.linalg.inv(X.T @ X), shape=2)
    pm.Normal("y", t.dot(X, beta), sigma=t.sqrt(v), observed=Y)
    return np.zeros(6), np.eye(6) + 3 * X @ np.linalg.inv(X.T @ X) @ X.T


def groups_and_slopes(pm, t):
    v = pm.InverseGamma("v", ALPHA, BETA)
    a = pm.Normal("a", ONE, sigma=t.sqrt(v) * TWO, shape=2)
    beta = pm.Normal("beta", ONE, sigma=t.sqrt(v), shape=2)
    pm.Normal("y", t.dot(X, beta) + a[GROUP], sigma=t.sqrt(v), observed=Y)
    picks = np.eye(2)[GROUP]
    return 1 + X.sum(axis=1), np.eye(6) + 4 * picks @ picks.T + X @ X.T


def precision_matrix(pm, t):
    tau = pm.Gamma("v", ALPHA, BETA)
    pm.MvNormal("y", np.zeros(2), tau=tau * COV, observed=Y[:2])
    return np.zeros(2), np.linalg.inv(COV)


def covariance_matrix(pm, t):
    v = pm.InverseGamma("v", ALPHA, BETA)
    pm.MvNormal("y", np.ones(2), cov=COV * v, observed=Y[:2])
    return np.ones(2), COV


KNOWN = [
    mean_and_variance,
    mean_and_precision,
    regression,
    regression_with_a_matrix,
    zellners_prior,
    groups_and_slopes,
    precision_matrix,
    covariance_matrix,
]


@pytest.mark.parametrize("build", KNOWN)
def test_the_data_are_of_students_t(backend, build):
    with backend.pm.Model() as model:
        mean, shape = build(backend.pm, backend.tensor)
    result = sp.conjugate_graph(model)
    assert not result.observed_RVs and not result.potentials
    evidence = assert_conditioned(backend, model, result)
    exact = multivariate_t(mean, BETA / ALPHA * shape, df=2 * ALPHA).logpdf(Y[: len(mean)])
    assert evidence == pytest.approx(exact, rel=1e-10)


def not_all_of_it(pm, t):
    v = pm.InverseGamma("v", ALPHA, BETA)
    beta = pm.MvNormal("beta", np.zeros(2), cov=COV, shape=2)
    pm.Normal("y", t.dot(X, beta), sigma=t.sqrt(v), observed=Y)
    return "v", "y"


def not_in_proportion(pm, t):
    v = pm.Gamma("v", ALPHA, BETA)
    pm.MvNormal("y", np.zeros(2), cov=v * COV, observed=Y[:2])
    return "v", "y"


def in_the_mean_too(pm, t):
    v = pm.InverseGamma("v", ALPHA, BETA)
    pm.MvNormal("y", v * np.ones(2), cov=v * COV, observed=Y[:2])
    return "v", "y"


def added_to_a_diagonal(pm, t):
    v = pm.InverseGamma("v", ALPHA, BETA)
    pm.MvNormal("y", np.zeros(2), cov=COV + v * np.eye(2), observed=Y[:2])
    return "v", "y"


def two_numbers(pm, t):
    v = pm.InverseGamma("v", ALPHA, BETA, shape=2)
    pm.MvNormal("y", np.zeros(2), cov=v * np.eye(2), observed=Y[:2])
    return "v", "y"


@pytest.mark.parametrize("build", [not_all_of_it, not_in_proportion, in_the_mean_too, added_to_a_diagonal, two_numbers])
def test_what_scales_no_whole_covariance_stays(backend, build):
    with backend.pm.Model() as model:
        arc = build(backend.pm, backend.tensor)
    if build is not_all_of_it:  # without beta the covariance is v I + X COV X'
        model = sp.marginalize_graph(model, ["beta"])
    result = sp.conjugate_graph(model)
    assert result is model
    assert arc in {step.variables for step in sp.steps(result) if not step.taken}
