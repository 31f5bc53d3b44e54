"""Estimates of one number that all data depend on: what is summed over data counts once, and the prior once."""

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize_scalar

import symbolic_pymc as sp

F = np.float64
rng = np.random.default_rng(0)
Y = 2.0 + rng.normal(size=51)
COUNTS, BITS = rng.poisson(3.0, size=20), (rng.random(20) < 0.7).astype(int)


def scale(pm):
    pm.Normal("y", F(2), pm.HalfNormal("x", F(1)), observed=Y)
    return lambda x: stats.norm(2, x).logpdf(Y).sum() + stats.halfnorm.logpdf(x)


def scale_of_laplace(pm):
    pm.Laplace("y", F(2), pm.Exponential("x", F(1)), observed=Y)
    return lambda x: stats.laplace(2, x).logpdf(Y).sum() + stats.expon.logpdf(x)


def mean(pm):
    pm.Normal("y", pm.Laplace("x", F(0), F(0.1)), F(1), observed=Y)
    return lambda x: stats.norm(x, 1).logpdf(Y).sum() + stats.laplace(0, 0.1).logpdf(x)


def median(pm):
    pm.Laplace("y", pm.Normal("x", F(0), F(1)), F(1), observed=Y)
    return lambda x: stats.laplace(x, 1).logpdf(Y).sum() + stats.norm.logpdf(x)


def rate(pm):
    pm.Poisson("y", pm.Exponential("x", F(1)), observed=COUNTS)
    return lambda x: stats.poisson(x).logpmf(COUNTS).sum() + stats.expon.logpdf(x)


def chance(pm):
    pm.Bernoulli("y", p=pm.Beta("x", F(2), F(3)), observed=BITS)
    return lambda x: stats.bernoulli(x).logpmf(BITS).sum() + stats.beta(2, 3).logpdf(x)


def rate_of_data_that_may_change(pm):
    pm.Gamma("y", F(3), pm.Gamma("x", F(2), F(1)), observed=pm.Data("data", np.abs(Y)))
    return lambda x: stats.gamma(3, scale=1 / x).logpdf(np.abs(Y)).sum() + stats.gamma(2).logpdf(x)


def scale_of_data_that_may_change(pm):
    pm.Normal("y", F(2), pm.HalfNormal("x", F(1)), observed=pm.Data("data", Y))
    return lambda x: stats.norm(2, x).logpdf(Y).sum() + stats.halfnorm.logpdf(x)


MODELS = [scale, scale_of_laplace, mean, median, rate, chance]
MODELS += [rate_of_data_that_may_change, scale_of_data_that_may_change]


@pytest.mark.parametrize("build", MODELS, ids=lambda f: f.__name__)
def test_an_estimate_is_the_mode(backend, build):
    with backend.pm.Model() as model:
        density = build(backend.pm)
    result = sp.find_map(model, tol=1e-10, progressbar=False)
    bounds = (1e-3, 1 - 1e-3) if build is chance else (1e-3, 6.0)
    best = minimize_scalar(lambda x: -density(x), bounds=bounds, method="bounded", options={"xatol": 1e-12})
    assert result.status == "converged"
    assert density(float(result["x"])) >= -best.fun - 1e-9
    assert result["x"] == pytest.approx(best.x, abs=1e-5)
    if result.gap is not None:
        assert -best.fun - density(float(result["x"])) - 1e-9 <= result.gap <= 1e-7
