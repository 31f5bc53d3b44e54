"""Estimates under penalties of whole arrays, against what the conditions of optimality say of them."""

import numpy as np
import pytest
from scipy.optimize import brentq

import symbolic_pymc as sp
from symbolic_pymc.errors import NoProximalOperator

F = np.float64
rng = np.random.default_rng(0)
N, GROUPS, SIZE = 60, 6, 3
X = rng.normal(size=(N, GROUPS * SIZE))
B = np.zeros((GROUPS, SIZE))
B[1], B[4] = [1.0, -2.0, 0.5], [2.0, 0.0, 1.0]
Y = X @ B.ravel() + 0.3 * rng.normal(size=N)
WHOLE = np.outer(rng.normal(size=6), rng.normal(size=5)) + 0.1 * rng.normal(size=(6, 5))
COVARIANCE = np.cov(rng.normal(size=(30, 5)) @ (np.eye(5) + np.diag([0.8] * 4, 1)), rowvar=False)


def estimate(backend, build, **options):
    with backend.pm.Model() as model:
        build(backend.pm, backend.tensor)
    result = sp.find_map(model, tol=1e-10, progressbar=False, **options)
    assert (result.status, result.curvature) == ("converged", "convex")
    return result


@pytest.mark.parametrize("weight", [0.0, 2.0])
def test_groups_are_zero_together(backend, weight):
    def build(pm, tt):
        shape = (GROUPS, SIZE)
        beta = pm.Laplace("beta", F(0), F(1 / weight), shape=shape) if weight else pm.Flat("beta", shape=shape)
        pm.Potential("groups", -F(8) * tt.sum(tt.sqrt(tt.sum(tt.sqr(beta), axis=1))))
        pm.Normal("y", tt.dot(X, beta.flatten()), F(1), observed=Y)

    beta = estimate(backend, build)["beta"]
    assert [g for g in range(GROUPS) if np.any(beta[g] != 0)] == [1, 4]
    pull = (X.T @ (Y - X @ beta.ravel())).reshape(beta.shape)
    for group, own in enumerate(pull):
        there = beta[group]
        if np.any(there != 0):
            balance = 8 * there / np.linalg.norm(there) + weight * np.sign(there) - own
            np.testing.assert_allclose(balance[there != 0], 0.0, atol=1e-7)
            assert np.all(np.abs(own[there == 0]) <= weight + 1e-9)
        else:
            left = np.maximum(np.abs(own) - weight, 0.0)
            assert np.linalg.norm(left) <= 8 + 1e-9


def test_small_singular_values_are_zero(backend):
    svd = getattr(backend.tensor, "linalg", None) or backend.tensor.nlinalg

    def build(pm, tt):
        whole = pm.Flat("M", shape=WHOLE.shape)
        pm.Potential("rank", -F(0.7) * tt.sum(svd.svd(whole, full_matrices=False, compute_uv=False)))
        pm.Normal("y", whole, F(1), observed=WHOLE)

    u, values, vt = np.linalg.svd(WHOLE, full_matrices=False)
    np.testing.assert_allclose(estimate(backend, build)["M"], u * np.maximum(values - 0.7, 0) @ vt, atol=1e-9)


def test_a_sparse_precision_matrix(backend):
    linalg = getattr(backend.tensor, "linalg", None) or backend.tensor.nlinalg
    start = {"precision": np.eye(5)}

    def build(pm, tt):
        precision = pm.Flat("precision", shape=(5, 5))
        symmetric = (precision + precision.T) / F(2)
        pm.Potential("likelihood", tt.log(linalg.det(symmetric)) - tt.sum(COVARIANCE * symmetric))
        pm.Potential("sparse", -F(0.15) * tt.sum(abs(precision)))

    result = estimate(backend, build, start=start)
    precision = result["precision"]
    np.testing.assert_allclose(precision, precision.T, atol=1e-9)
    left = np.linalg.inv(precision) - COVARIANCE  # must be 0.15 times a subgradient of the modulus
    there = precision != 0
    assert 0 < np.sum(~there) < 20
    assert np.array_equal(result.active["precision"], there)
    np.testing.assert_allclose(left[there], 0.15 * np.sign(precision[there]), atol=1e-6)
    assert np.all(np.abs(left[~there]) <= 0.15 + 1e-7)


def test_the_determinant_of_a_matrix_that_need_not_be_symmetric_is_refused(backend):
    """Its density grows with whatever is not symmetric about it."""
    linalg = getattr(backend.tensor, "linalg", None) or backend.tensor.nlinalg
    with backend.pm.Model() as model:
        whole = backend.pm.Flat("whole", shape=(5, 5))
        backend.pm.Potential(
            "likelihood", backend.tensor.log(linalg.det(whole)) - backend.tensor.sum(COVARIANCE * whole)
        )
    with pytest.raises(NoProximalOperator, match="symmetric"):
        sp.find_map(model, start={"whole": np.eye(5)}, progressbar=False)


def test_what_is_zero_in_parts_and_jumps_seldom(backend):
    """Two penalties of one unknown, one of them of a linear map of all of it."""
    levels = np.repeat([0.0, 2.0, 0.0], [8, 6, 6]) + 0.2 * rng.normal(size=20)

    def build(pm, tt):
        level = pm.Laplace("level", F(0), F(0.5), shape=20)
        pm.Normal("y", level, F(1), observed=levels)
        pm.Potential("jumps", -F(1) * tt.sum(abs(level[1:] - level[:-1])))
        pm.Potential("size", -F(0.5) * tt.sqrt(tt.sum(tt.sqr(level))))

    level = estimate(backend, build)["level"]

    def value(t):
        size = 0.5 * np.linalg.norm(t) + 2 * np.abs(t).sum() + np.abs(np.diff(t)).sum()
        return 0.5 * np.sum((levels - t) ** 2) + size

    for _ in range(300):
        moved = level + 10 ** rng.uniform(-6, 0) * rng.normal(size=20) * (rng.random(20) < 0.3)
        assert value(moved) >= value(level) - 1e-9


def test_shares_stay_on_their_simplex(backend):
    """The density of a Dirichlet law, with its mode moved by what else is known of one share."""
    counts = np.array([2.0, 3.0, 1.0, 4.0])

    def build(pm, tt):
        shares = pm.Dirichlet("shares", a=counts)
        pm.Potential("known", -F(30) * tt.sqr(shares[0] - F(0.5)))

    def slack(m):
        """Return the sum of the shares less one, for a multiplier: each share solves an equation of its own."""
        first = brentq(lambda p: -1 / p + 60 * (p - 0.5) + m, 1e-9, 2.0)
        return first + np.sum((counts[1:] - 1) / m) - 1

    m = brentq(slack, 1.0, 1e4, xtol=1e-13)
    shares = estimate(backend, build)["shares"]
    np.testing.assert_allclose(shares[1:], (counts[1:] - 1) / m, atol=1e-7)
    np.testing.assert_allclose(np.sum(shares), 1.0, rtol=1e-12)
