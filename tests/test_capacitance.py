"""Normal vectors of low rank whose factor is constant and nearly empty: sorted, and solved in blocks."""

from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from symbolic_pymc.capacitance import SMALL, arrow_of
from tests.exact import posterior_and_evidence


def groups(rng, n, *sizes):
    """Return a factor with a column for each member of several groups: one of each group has an entry in each row."""
    return np.hstack([np.eye(size)[rng.integers(size, size=n)] * rng.normal(size=(n, 1)) for size in sizes])


def nested(rng, n, k):
    """Return the factor of an intercept and a slope for each of k groups, and of both for all."""
    codes, x = np.r_[np.arange(k), rng.integers(k, size=n - k)], rng.normal(size=(n, 1))
    one = np.eye(k)[codes]
    return np.hstack([one, x * one, np.ones((n, 1)), x])


RNG = np.random.default_rng(1)
ARROWS = {
    "one group": (groups(RNG, 30, 12), 0),
    "groups within groups": (nested(RNG, 40, 9), 2),
    "crossed groups": (groups(RNG, 50, 12, 3), 3),
    "columns without entries": (np.pad(groups(RNG, 20, 5), ((0, 0), (0, 2))), 0),
    "one column for all": (np.hstack([groups(RNG, 20, 6), np.ones((20, 1))]), 1),
}


def density(backend, factor, residuals):
    """Return variance and scales as variables, the log density in them, and it as a function of them."""
    t, law = backend.tensor, import_module(f"symbolic_pymc.{backend.name}.lowrank").LowRankMvNormal
    v, d = t.dvector("v"), t.dvector("d")
    params = [np.zeros(len(factor)), factor, v[0].dimshuffle("x"), d]
    if backend.name == "theano":
        expr = law.dist(*params, shape=(len(factor),)).logp(residuals)
    else:
        expr = law.logp(*map(t.as_tensor_variable, (residuals, *params)))
    return [v, d], expr, backend.compile_plainly([v, d], expr)


@pytest.mark.parametrize("name", ARROWS)
def test_columns_fall_into_blocks(name):
    factor, border = ARROWS[name]
    arrow, k = arrow_of(factor), factor.shape[1]
    assert len(arrow.border) == border and arrow.blocks.shape[1] <= SMALL
    assert sorted(np.r_[arrow.blocks[arrow.blocks < k], arrow.border]) == list(range(k))
    places = np.concatenate([arrow.blocks.T.ravel(), arrow.border])
    np.testing.assert_array_equal(places[arrow.order], np.arange(k))
    for i, one in enumerate(arrow.blocks):
        for other in arrow.blocks[i + 1 :]:
            assert not np.any(arrow.gram[np.ix_(one, other)])


def test_what_does_not_fall_into_blocks():
    assert arrow_of(np.ones((10, 12))) is None
    assert arrow_of(np.random.default_rng(2).normal(size=(200, 40))) is None
    assert arrow_of(np.eye(SMALL)) is None
    assert arrow_of(None) is None


@pytest.mark.parametrize("name", ARROWS)
@pytest.mark.parametrize("size", [1e-6, 1e-2, 1.0, 1e3])
def test_the_density_is_exact(backend, name, size):
    """Against rational arithmetic, for scales from far below the deviation of the noise to far above."""
    rng = np.random.default_rng(3)
    factor = np.round(64 * ARROWS[name][0]) / 64
    n, k = factor.shape
    residuals, d = np.round(64 * rng.normal(size=n)) / 64, size * 2.0 ** rng.integers(-2, 3, size=k)
    _, _, function = density(backend, factor, residuals)
    _, _, expected = posterior_and_evidence(factor, np.zeros(k), d, np.full(n, 0.5), residuals)
    np.testing.assert_allclose(function(np.array([0.25]), d), expected, rtol=1e-10)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_density_of_random_factors_is_that_of_scipy(backend, seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 25))
    factor = groups(rng, n, *rng.integers(1, 9, size=rng.integers(1, 4)))
    d, y, v = rng.uniform(0.1, 3, size=factor.shape[1]), rng.normal(size=n), rng.uniform(0.1, 2)
    _, _, function = density(backend, factor, y)
    expected = stats.multivariate_normal(np.zeros(n), v * np.eye(n) + factor @ np.diag(d**2) @ factor.T).logpdf(y)
    np.testing.assert_allclose(function(np.array([v]), d), expected, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", ["groups within groups", "crossed groups"])
def test_gradients_are_finite_differences(backend, name):
    rng = np.random.default_rng(5)
    factor, _ = ARROWS[name]
    n, k = factor.shape
    (v, d), expr, function = density(backend, factor, rng.normal(size=n))
    at = np.array([0.7]), rng.uniform(0.5, 2, size=k)
    gradient = backend.compile_plainly([v, d], backend.tensor.concatenate(backend.tensor.grad(expr, [v, d])))(*at)
    step = 1e-5
    for i in range(k + 1):
        ends = []
        for sign in (1, -1):
            moved = np.concatenate(at)
            moved[i] += sign * step
            ends.append(float(function(moved[:1], moved[1:])))
        np.testing.assert_allclose(gradient[i], (ends[0] - ends[1]) / (2 * step), rtol=1e-5, atol=1e-6)


def test_nothing_is_solved_where_there_is_no_density(backend):
    factor, _ = ARROWS["groups within groups"]
    d, y = np.ones(factor.shape[1]), np.ones(len(factor))
    _, _, function = density(backend, factor, y)
    assert function(np.array([0.0]), d) == -np.inf and function(np.array([-1.0]), d) == -np.inf
    with np.errstate(all="ignore"):
        assert np.isnan(function(np.array([1e-320]), d))
        y[3] = np.inf
        _, _, function = density(backend, factor, y)
        assert function(np.array([1.0]), d) == -np.inf
