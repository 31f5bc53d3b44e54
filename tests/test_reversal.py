"""Whole models conditioned on their data: several parameters, several data, what stays and what is refused."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

import symbolic_pymc as sp
from symbolic_pymc.reversal import condition
from tests.densities import assert_conditioned, assert_densities_differ_by, evidence_of, log_density, random_points

RNG = np.random.default_rng(5)
X = RNG.normal(size=(9, 3))
Y = RNG.normal(size=9)
Z = RNG.normal(size=4)
GROUP = np.array([0, 1, 1, 3, 0, 1, 3, 3, 3])
ITEM = np.array([0, 0, 1, 1, 0, 1, 0, 1, 1])
B = X[:, 0]


def names(variables):
    return [v.name for v in variables]


def taken(result):
    return [step.variables for step in sp.steps(result) if step.taken]


def reasons(result):
    return {step.variables: step.reason for step in sp.steps(result) if not step.taken}


def conditioned(backend, build, **points):
    """Return the model, what it becomes, and its log evidence; the ratio test is passed and the model untouched."""
    with backend.pm.Model() as model:
        build(backend.pm, backend.tensor)
    before = state(model)
    result = sp.conjugate_graph(model)
    assert state(model) == before
    return model, result, assert_conditioned(backend, model, result, **points)


def state(model):
    """Return what a model is made of, by identity."""
    return {n: (id(v), v.name, v.owner, v.type) for n, v in model.named_vars.items()}, names(model.observed_RVs)


# All data gone: the evidence is known --------------------------------------------------------------------------


def selection(index, k):
    return np.eye(k)[index]


def levels(pm, t):
    mu = pm.Normal("mu", 1.0, sigma=2.0)
    theta = pm.Normal("theta", mu, sigma=0.5, shape=4)
    pm.Normal("y", theta[GROUP], sigma=1.5, observed=Y)


def three_levels(pm, t):
    top = pm.Normal("top", 0.0, sigma=1.0)
    mu = pm.Normal("mu", 2 * top, sigma=2.0, shape=2)
    theta = pm.Normal("theta", mu[np.array([0, 0, 1, 1])] - 1.0, sigma=0.5, shape=4)
    pm.Normal("y", theta[GROUP], sigma=1.5, observed=Y)


def intercepts_and_slopes(pm, t):
    a = pm.Normal("a", 1.0, sigma=2.0, shape=4)
    b = pm.Normal("b", 0.5, sigma=0.3, shape=4)
    pm.Normal("y", a[GROUP] + b[GROUP] * B, sigma=1.5, observed=Y)


def crossed(pm, t):
    a = pm.Normal("a", 1.0, sigma=2.0, shape=4)
    b = pm.Normal("b", 0.5, sigma=0.3, shape=2)
    pm.Normal("y", a[GROUP] + b[ITEM] * B, sigma=1.5, observed=Y)


def rows_and_columns(pm, t):
    c = pm.Normal("c", 1.0, sigma=2.0, shape=3)
    pm.Normal("y", c, sigma=1.5, observed=X)


def intercept_and_regression(pm, t):
    alpha = pm.Normal("alpha", 1.0, sigma=2.0)
    beta = pm.Normal("beta", 0.5, sigma=0.3, shape=3)
    pm.Normal("y", alpha + t.dot(X, beta), sigma=1.5, observed=Y)


def two_regressions(pm, t):
    beta = pm.MvNormal("beta", np.ones(3), cov=np.diag([1.0, 2.0, 3.0]), shape=3)
    u = pm.Normal("u", 0.0, sigma=0.7, shape=4)
    pm.MvNormal("y", t.dot(X, beta) + t.dot(selection(GROUP, 4), u), cov=2.25 * np.eye(9), observed=Y)


def through_deterministics(pm, t):
    beta = pm.Normal("beta", 0.5, sigma=0.3, shape=3)
    half = pm.Deterministic("half", beta / 2)
    eta = pm.Deterministic("eta", t.dot(X, half))
    size = pm.Deterministic("size", 0.5 * beta.shape[0])
    pm.Normal("y", pm.Deterministic("mean", eta + t.dot(X, half) + beta[0]), sigma=size, observed=Y)


def several_data(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=4)
    pm.Normal("y1", theta, sigma=0.5, observed=Z)
    pm.Normal("y2", theta[GROUP], sigma=1.5, observed=Y)
    pm.MvNormal("y3", t.dot(X[:, :2], theta[:2]), cov=np.eye(9), observed=B)
    pm.Normal("y4", t.sum(theta), sigma=0.1, observed=0.3)


def several_data_of_a_scalar(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.MvNormal("y1", theta * B, cov=np.eye(9), observed=Y)
    pm.Normal("y2", theta, sigma=0.5, observed=Z)
    pm.Normal("y3", 2 * theta, sigma=0.5, observed=0.2)


def chain_of_scalars(pm, t):
    x = pm.Normal("x0", 0.0, sigma=1.0)
    for i in range(1, 5):
        x = pm.Normal(f"x{i}", 0.9 * x + 0.1, sigma=0.5)
    pm.Normal("y", x, sigma=1.5, observed=0.7)


def seen_and_used_again(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    y = pm.Normal("y1", theta, sigma=0.5, observed=Z)
    pm.Normal("y2", theta + y, sigma=0.5, observed=Z**2)


def eye(n, sd):
    return sd**2 * np.eye(n)


ONES = np.ones((9, 1))
P4, P2 = selection(GROUP, 4), selection(ITEM, 2)
PAIRS = np.repeat(np.eye(2), 2, axis=0)
STEP = np.cumprod(np.r_[1.0, np.full(4, 0.9)])

# the data laid out as a vector, its mean and its covariance
CLOSED = {
    levels: (Y, 1.0, P4 @ (4 * np.ones((4, 4)) + eye(4, 0.5)) @ P4.T + eye(9, 1.5)),
    three_levels: (
        Y,
        -1.0,
        P4 @ (PAIRS @ (4 * np.ones((2, 2)) + eye(2, 2)) @ PAIRS.T + eye(4, 0.5)) @ P4.T + eye(9, 1.5),
    ),
    intercepts_and_slopes: (
        Y,
        1 + 0.5 * B,
        4 * P4 @ P4.T + 0.09 * (B[:, None] * P4) @ (B[:, None] * P4).T + eye(9, 1.5),
    ),
    crossed: (Y, 1 + 0.5 * B, 4 * P4 @ P4.T + 0.09 * (B[:, None] * P2) @ (B[:, None] * P2).T + eye(9, 1.5)),
    rows_and_columns: (X.ravel(), 1.0, np.kron(np.ones((9, 9)), 4 * np.eye(3)) + eye(27, 1.5)),
    intercept_and_regression: (Y, 1 + X @ np.full(3, 0.5), 4 * ONES @ ONES.T + 0.09 * X @ X.T + eye(9, 1.5)),
    two_regressions: (
        Y,
        X @ np.ones(3),
        X @ np.diag([1.0, 2.0, 3.0]) @ X.T + 0.49 * P4 @ P4.T + eye(9, 1.5),
    ),
    through_deterministics: (
        Y,
        X @ np.full(3, 0.5) + 0.5,
        0.09 * (X + [1, 0, 0]) @ (X + [1, 0, 0]).T + eye(9, 1.5),
    ),
    chain_of_scalars: (
        np.array([0.7]),
        0.1 * (1 - 0.9**4) / 0.1,
        np.array([[0.9**8 + 0.25 * np.sum(0.81 ** np.arange(4)) + 2.25]]),
    ),
}


@pytest.mark.parametrize("build", CLOSED)
def test_evidence_of_everything(backend, build):
    model, result, evidence = conditioned(backend, build)
    data, mean, cov = CLOSED[build]
    assert not result.observed_RVs
    np.testing.assert_allclose(evidence, multivariate_normal(mean + np.zeros(len(data)), cov).logpdf(data), rtol=1e-8)


def test_evidence_of_several_data(backend):
    model, result, evidence = conditioned(backend, several_data)
    F = np.vstack([np.eye(4), P4, np.c_[X[:, :2], np.zeros((9, 2))], np.ones((1, 4))])
    noise = np.r_[np.full(4, 0.5), np.full(9, 1.5), np.ones(9), 0.1]
    data = np.r_[Z, Y, B, 0.3]
    law = multivariate_normal(F @ np.ones(4), 4 * F @ F.T + np.diag(noise**2))
    np.testing.assert_allclose(evidence, law.logpdf(data), rtol=1e-8)
    assert taken(result) == [("theta", f"y{i}") for i in range(1, 5)]


def test_evidence_of_several_data_of_a_scalar(backend):
    model, result, evidence = conditioned(backend, several_data_of_a_scalar)
    F = np.r_[B, np.ones(4), 2.0][:, None]
    noise = np.r_[np.ones(9), np.full(5, 0.5)]
    law = multivariate_normal(F[:, 0], 4 * F @ F.T + np.diag(noise**2))
    np.testing.assert_allclose(evidence, law.logpdf(np.r_[Y, Z, 0.2]), rtol=1e-8)


def test_data_that_other_data_depend_on(backend):
    model, result, evidence = conditioned(backend, seen_and_used_again)
    F = np.ones((8, 1))
    law = multivariate_normal(np.r_[np.ones(4), 1 + Z], 4 * F @ F.T + 0.25 * np.eye(8))
    np.testing.assert_allclose(evidence, law.logpdf(np.r_[Z, Z**2]), rtol=1e-8)
    assert not result.observed_RVs


def test_levels_are_conditioned_from_the_data_outwards(backend):
    model, result, _ = conditioned(backend, three_levels)
    assert taken(result) == [("theta", "y"), ("mu", "y"), ("top", "y")]
    assert sorted(names(result.basic_RVs)) == ["mu", "theta", "top"]
