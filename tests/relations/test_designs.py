"""Regressions with centred and scaled predictors: the same joint density, at points that are mapped by numpy."""

import numpy as np
import pytest

import symbolic_pymc as sp
from tests.densities import log_density, random_points
from tests.families import values_at

RNG = np.random.default_rng(4)
X = RNG.normal(size=(12, 3)) * np.array([0.3, 5.0, 40.0]) + np.array([10.0, -200.0, 3.0])
Z = RNG.normal(size=12) + 7.0
Y = RNG.normal(size=12)
COV = np.array([[1.0, 0.3, 0.0], [0.3, 2.0, -0.4], [0.0, -0.4, 1.5]])


def prior(backend, kind):
    pm = backend.pm
    return {
        "normal": lambda: pm.Normal("beta", np.array([0.5, 0.0, -1.0]), sigma=np.float64(2.0), shape=3),
        "mvnormal": lambda: pm.MvNormal("beta", np.array([0.5, 0.0, -1.0]), cov=COV, shape=3),
        "flat": lambda: pm.Flat("beta", shape=3),
    }[kind]()


def regression(backend, kind="normal", design=X, intercept=None, spelling="dot"):
    """Return a model of `Y` with an intercept, three coefficients and one of a single predictor."""
    pm, t = backend.pm, backend.tensor
    with pm.Model() as model:
        s = pm.HalfNormal("s", np.float64(2.0))
        alpha = intercept(pm, s) if intercept else pm.Normal("alpha", np.float64(0.4), sigma=s)
        beta, b = prior(backend, kind), pm.Normal("b", np.float64(0.0), sigma=np.float64(1.0))
        product = t.dot(design, beta)
        eta = alpha + product + b * Z if spelling == "dot" else b * Z + pm.Deterministic("eta", product + alpha)
        pm.Normal("y", eta, sigma=s, observed=Y)
    return model


def assert_same_law(backend, model, result, names, slope):
    """Assert that the densities differ by `slope`, the log determinant of the map from the new to the old variables."""
    old, new = log_density(backend, model), log_density(backend, result)
    for point in random_points(backend, result, n=4, seed=1):
        x = values_at(backend, result, names, point)
        old_point = {name: v for name, v in point.items() if name in random_points(backend, model, n=1)[0]} | x
        assert new(point) == pytest.approx(old(old_point) + slope, rel=1e-9)


@pytest.mark.parametrize("spelling", ["dot", "nested"])
@pytest.mark.parametrize("flat", [False, True])
def test_intercepts_at_the_mean(backend, spelling, flat):
    intercept = (lambda pm, s: pm.Flat("alpha")) if flat else None
    model = regression(backend, spelling=spelling, intercept=intercept)
    result = sp.reparam_graph(model, ["alpha"], form="centred")
    assert [s.variables for s in sp.steps(result) if s.taken] == [("alpha",)]
    assert_same_law(backend, model, result, ["alpha"], 0.0)
    point = random_points(backend, result, n=1)[0]
    x = values_at(backend, result, ["alpha"], point)
    mean = X.mean(axis=0) @ point["beta"] + Z.mean() * point["b"]
    assert x["alpha"] == pytest.approx(point["alpha_centred"] - mean, rel=1e-9)


@pytest.mark.parametrize("kind", ["normal", "mvnormal", "flat"])
def test_scaled_coefficients(backend, kind):
    model = regression(backend, kind)
    result = sp.reparam_graph(model, ["beta"], form="scaled")
    assert [s.variables for s in sp.steps(result) if s.taken] == [("beta",)]
    spread = X.std(axis=0)
    # a flat law has density one in every scale
    assert_same_law(backend, model, result, ["beta"], 0.0 if kind == "flat" else -np.log(spread).sum())
    point = random_points(backend, result, n=1)[0]
    np.testing.assert_allclose(
        values_at(backend, result, ["beta"], point)["beta"], point["beta_scaled"] / spread, rtol=1e-9
    )


def test_one_after_the_other(backend):
    model = regression(backend)
    result = sp.reparam_graph(sp.reparam_graph(model, ["alpha"], form="centred"), ["beta"], form="scaled")
    slope = -np.log(X.std(axis=0)).sum()
    assert_same_law(backend, model, result, ["alpha", "beta"], slope)


def test_a_design_of_shared_data(backend):
    shared = backend.shared(X, name="X")
    model = regression(backend, design=shared)
    for form, name, slope in (("centred", "alpha", 0.0), ("scaled", "beta", -np.log(X.std(axis=0)).sum())):
        result = sp.reparam_graph(model, [name], form=form)
        assert_same_law(backend, model, result, [name], slope)


# What is left as it is -----------------------------------------------------------------------------------------------


def reason(result, name):
    return next(s.reason for s in sp.steps(result) if s.variables == (name,))


def test_constant_columns_have_no_scale(backend):
    design = np.column_stack([np.ones(12), X[:, :2]])
    model = regression(backend, design=design)
    result = sp.reparam_graph(model, ["beta"], form="scaled")
    assert result is model and "constant" in reason(result, "beta")


def test_intercepts_of_other_laws_and_without_predictors(backend):
    model = regression(backend, intercept=lambda pm, s: pm.Cauchy("alpha", np.float64(0.0), s))
    result = sp.reparam_graph(model, ["alpha", "b"], form="centred")
    assert result is model
    assert "no normal or flat prior" in reason(result, "alpha") and "no single number" in reason(result, "b")


def test_coefficients_that_depend_on_the_intercept(backend):
    pm = backend.pm
    with pm.Model() as model:
        alpha = pm.Normal("alpha", np.float64(0.0), sigma=np.float64(1.0))
        b = pm.Normal("b", alpha, sigma=np.float64(1.0))
        pm.Normal("y", alpha + b * Z, sigma=np.float64(1.0), observed=Y)
    result = sp.reparam_graph(model, ["alpha"], form="centred")
    assert result is model and "depend on it" in reason(result, "alpha")


def test_a_random_design_is_none(backend):
    pm, t = backend.pm, backend.tensor
    with pm.Model() as model:
        W = pm.Normal("W", np.float64(0.0), sigma=np.float64(1.0), shape=(12, 3))
        alpha = pm.Normal("alpha", np.float64(0.0), sigma=np.float64(1.0))
        beta = pm.Normal("beta", np.float64(0.0), sigma=np.float64(1.0), shape=3)
        pm.Normal("y", alpha + t.dot(W, beta), sigma=np.float64(1.0), observed=Y)
    for form, name in (("centred", "alpha"), ("scaled", "beta")):
        assert sp.reparam_graph(model, [name], form=form) is model
