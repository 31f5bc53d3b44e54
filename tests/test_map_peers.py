"""Estimates on real data against scikit-learn's own: its diabetes and breast-cancer sets."""

import numpy as np
import pytest

import symbolic_pymc as sp

pytestmark = pytest.mark.filterwarnings("ignore")
linear_model = pytest.importorskip("sklearn.linear_model", reason="of the extra test")
datasets = pytest.importorskip("sklearn.datasets")
F = np.float64


def diabetes():
    """Return the diabetes data, centred."""
    x, y = datasets.load_diabetes(return_X_y=True)
    return x, y - y.mean()


def breast_cancer():
    """Return the breast-cancer data, columns scaled to one standard deviation."""
    x, y = datasets.load_breast_cancer(return_X_y=True)
    return (x - x.mean(axis=0)) / x.std(axis=0), y.astype("int64")


@pytest.mark.parametrize("alpha", [0.05, 0.5, 2.0])
def test_lasso_on_diabetes(backend, alpha):
    x, y = diabetes()
    peer = linear_model.Lasso(alpha=alpha, fit_intercept=False, tol=1e-12, max_iter=1_000_000).fit(x, y)
    with backend.pm.Model() as model:
        beta = backend.pm.Laplace("beta", F(0), F(1 / (alpha * len(y))), shape=x.shape[1])
        backend.pm.Normal("y", backend.tensor.dot(x, beta), F(1), observed=y)
    result = sp.find_map(model, tol=1e-10)
    np.testing.assert_allclose(result["beta"], peer.coef_, atol=1e-6 * np.abs(peer.coef_).max())
    np.testing.assert_array_equal(result.active["beta"], peer.coef_ != 0)
    assert result.gap <= 1e-8 * np.sum(y**2)


@pytest.mark.parametrize("l1_ratio", [0.2, 0.7])
def test_elastic_net_on_diabetes(backend, l1_ratio):
    x, y = diabetes()
    alpha, n = 0.01, len(y)
    peer = linear_model.ElasticNet(
        alpha=alpha, l1_ratio=l1_ratio, fit_intercept=False, tol=1e-13, max_iter=1_000_000
    ).fit(x, y)
    with backend.pm.Model() as model:
        beta = backend.pm.Laplace("beta", F(0), F(1 / (alpha * l1_ratio * n)), shape=x.shape[1])
        backend.pm.Potential("ridge", F(-0.5 * alpha * (1 - l1_ratio) * n) * backend.tensor.sum(beta**2))
        backend.pm.Normal("y", backend.tensor.dot(x, beta), F(1), observed=y)
    result = sp.find_map(model, tol=1e-10)
    np.testing.assert_allclose(result["beta"], peer.coef_, atol=1e-6 * np.abs(peer.coef_).max())


@pytest.mark.parametrize("c", [0.05, 1.0])
def test_logistic_regression_on_breast_cancer(backend, c):
    x, y = breast_cancer()
    peer = linear_model.LogisticRegression(
        penalty="l1", C=c, solver="liblinear", fit_intercept=False, tol=1e-11, max_iter=200_000, random_state=0
    ).fit(x, y)
    with backend.pm.Model() as model:
        beta = backend.pm.Laplace("beta", F(0), F(c), shape=x.shape[1])
        backend.pm.Bernoulli("y", logit_p=backend.tensor.dot(x, beta), observed=y)
    result = sp.find_map(model, tol=1e-9)
    np.testing.assert_allclose(result["beta"], peer.coef_[0], atol=1e-6 * np.abs(peer.coef_).max())
    np.testing.assert_array_equal(result.active["beta"], peer.coef_[0] != 0)
    assert result.gap <= 1e-7


def test_with_an_intercept(backend):
    """Neither has a penalty on the intercept."""
    x, y = datasets.load_diabetes(return_X_y=True)
    peer = linear_model.Lasso(alpha=0.5, tol=1e-12, max_iter=1_000_000).fit(x, y)
    with backend.pm.Model() as model:
        beta = backend.pm.Laplace("beta", F(0), F(1 / (0.5 * len(y))), shape=x.shape[1])
        level = backend.pm.Flat("level")
        backend.pm.Normal("y", level + backend.tensor.dot(x, beta), F(1), observed=y)
    result = sp.find_map(model, tol=1e-10)
    np.testing.assert_allclose(result["beta"], peer.coef_, atol=1e-6 * np.abs(peer.coef_).max())
    assert result["level"] == pytest.approx(peer.intercept_, rel=1e-8)
