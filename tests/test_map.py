"""MAP estimates against objectives written in NumPy: no move of one coordinate makes them better."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import xlog1py, xlogy

import symbolic_pymc as sp
from symbolic_pymc.errors import ArgumentError

pytestmark = pytest.mark.filterwarnings("ignore")

N, P = 60, 8
rng = np.random.default_rng(0)
X = rng.normal(size=(N, P))
Y = X @ np.r_[1.0, -1.0, 0.5, np.zeros(P - 3)] + rng.normal(size=N)
SIGNS, COUNTS = (Y > 0).astype("int64"), rng.poisson(2.0, size=N)
zero, one, narrow, three = map(np.float64, (0.0, 1.0, 0.1, 3.0))


def squares(beta):
    return 0.5 * np.sum((Y - X @ beta) ** 2)


def normal_data(backend, mean):
    backend.pm.Normal("y", mean, one, observed=Y)


def product(backend, beta):
    return backend.tensor.dot(X, beta)


def lasso(backend):
    pm = backend.pm
    normal_data(backend, product(backend, pm.Laplace("beta", zero, narrow, shape=P)))
    return lambda v: squares(v["beta"]) + 10 * np.abs(v["beta"]).sum()


def intercept(backend):
    pm = backend.pm
    level = pm.Normal("level", zero, three)
    normal_data(backend, level + product(backend, pm.Laplace("beta", zero, narrow, shape=P)))

    def objective(v):
        errors = Y - v["level"] - X @ v["beta"]
        return 0.5 * np.sum(errors**2) + v["level"] ** 2 / 18 + 10 * np.abs(v["beta"]).sum()

    return objective


def nonnegative(backend):
    normal_data(backend, product(backend, backend.pm.Exponential("beta", three, shape=P)))
    return lambda v: squares(v["beta"]) + 3 * v["beta"].sum() + (np.inf if np.any(v["beta"] < 0) else 0)


def half_normal(backend):
    normal_data(backend, product(backend, backend.pm.HalfNormal("beta", three, shape=P)))
    return lambda v: squares(v["beta"]) + (v["beta"] ** 2).sum() / 18 + (np.inf if np.any(v["beta"] < 0) else 0)


def bounded(backend):
    normal_data(backend, product(backend, backend.pm.Uniform("beta", np.float64(-0.3), np.float64(0.4), shape=P)))
    return lambda v: squares(v["beta"]) if np.all((v["beta"] >= -0.3) & (v["beta"] <= 0.4)) else np.inf


def gamma(backend):
    normal_data(backend, product(backend, backend.pm.Gamma("beta", np.float64(2.0), three, shape=P)))
    return lambda v: squares(v["beta"]) + 3 * v["beta"].sum() - np.log(v["beta"]).sum()


def elastic_net(backend):
    beta = backend.pm.Normal("beta", zero, one, shape=P)
    backend.pm.Potential("sparsity", -10.0 * abs(beta).sum())
    normal_data(backend, product(backend, beta))
    return lambda v: squares(v["beta"]) + 0.5 * (v["beta"] ** 2).sum() + 10 * np.abs(v["beta"]).sum()


def asymmetric(backend):
    pm = backend.pm
    normal_data(backend, product(backend, pm.AsymmetricLaplace("beta", b=one, kappa=np.float64(2.0), mu=zero, shape=P)))
    return lambda v: squares(v["beta"]) + np.where(v["beta"] > 0, 2.0 * v["beta"], -0.5 * v["beta"]).sum()


def _logistic(v):
    p = 1 / (1 + np.exp(-X @ v["beta"]))
    return -np.sum(xlogy(SIGNS, p) + xlog1py(1 - SIGNS, -p)) + 3 * np.abs(v["beta"]).sum()


def logistic(backend):
    beta = backend.pm.Laplace("beta", zero, np.float64(1 / 3), shape=P)
    backend.pm.Bernoulli("y", logit_p=product(backend, beta), observed=SIGNS)
    return _logistic


def logistic_by_chances(backend):
    beta = backend.pm.Laplace("beta", zero, np.float64(1 / 3), shape=P)
    sigmoid = getattr(backend.tensor, "nnet", backend.tensor).sigmoid
    backend.pm.Bernoulli("y", p=sigmoid(product(backend, beta)), observed=SIGNS)
    return _logistic


def poisson(backend):
    beta = backend.pm.Laplace("beta", zero, np.float64(1 / 3), shape=P)
    backend.pm.Poisson("y", backend.tensor.exp(product(backend, beta)), observed=COUNTS)
    return lambda v: np.sum(np.exp(X @ v["beta"]) - COUNTS * (X @ v["beta"])) + 3 * np.abs(v["beta"]).sum()


def minibatch(backend):
    beta = backend.pm.Laplace("beta", zero, narrow, shape=P)
    backend.pm.Normal("y", product(backend, beta), one, observed=Y, total_size=6 * N)
    return lambda v: 6 * squares(v["beta"]) + 10 * np.abs(v["beta"]).sum()


def minibatch_along_two_axes(backend):
    level = backend.pm.Gamma("level", three, one)
    backend.pm.Poisson("y", level, observed=COUNTS.reshape(20, 3), total_size=[60, 12])

    def objective(v):
        return 12 * (N * v["level"] - COUNTS.sum() * np.log(v["level"])) + v["level"] - 2 * np.log(v["level"])

    return objective


CASES = {f.__name__: f for f in (
    lasso, intercept, nonnegative, half_normal, bounded, gamma, elastic_net, asymmetric, logistic, logistic_by_chances,
    poisson, minibatch, minibatch_along_two_axes,
)}  # fmt: skip


def improvement(objective, values):
    """Return by how much moving one coordinate alone makes an objective smaller."""
    best, least = objective(values), 0.0
    for name, value in values.items():
        for i in np.ndindex(value.shape):

            def moved(u):
                changed = np.array(value, dtype=float)
                changed[i] = u
                return objective({**values, name: changed})

            for width in (1e-3, 1.0):
                with np.errstate(all="ignore"):
                    found = minimize_scalar(
                        moved, bounds=(value[i] - width, value[i] + width), method="bounded", options={"xatol": 1e-12}
                    )
                least = max(least, best - found.fun)
    return least


@pytest.mark.parametrize("case", CASES)
def test_an_estimate_is_the_best(backend, case):
    with backend.pm.Model() as model:
        objective = CASES[case](backend)
    result = sp.find_map(model, tol=1e-10)
    assert (result.status, result.curvature) == ("converged", "convex")
    values = {name: value for name, value in result.items() if name in ("beta", "level")}
    assert np.isfinite(objective(values))
    assert improvement(objective, values) <= 1e-9
    constant = result.objective[-1] - objective(values)
    start = sp.find_map(model, start={name: np.full(value.shape, 0.2) for name, value in values.items()}, tol=1e-10)
    assert start.objective[-1] - objective({**values, **{name: start[name] for name in values}}) == pytest.approx(
        constant, abs=1e-8
    )


def test_the_result_is_a_point_of_the_model(backend):
    with backend.pm.Model() as model:
        beta = backend.pm.Gamma("beta", np.float64(2.0), three, shape=P)
        backend.pm.Deterministic("mean", product(backend, beta))
        normal_data(backend, product(backend, beta))
    result = sp.find_map(model)
    np.testing.assert_allclose(result["beta_log__"], np.log(result["beta"]))
    np.testing.assert_allclose(result["mean"], X @ result["beta"])
    density = model.logp if backend.name == "theano" else model.compile_logp()
    names = [v.name for v in (model.vars if backend.name == "theano" else model.value_vars)]
    assert np.isfinite(density({name: result[name] for name in names}))


def test_zeros_are_exact(backend):
    with backend.pm.Model() as model:
        lasso(backend)
    beta = sp.find_map(model, tol=1e-10)["beta"]
    slopes = X.T @ (Y - X @ beta)
    zeros = beta == 0.0
    assert 0 < zeros.sum() < P
    assert np.all(np.abs(slopes[zeros]) <= 10)
    np.testing.assert_allclose(slopes[~zeros], 10 * np.sign(beta[~zeros]), rtol=1e-8)


def test_more_coefficients_than_data(backend):
    """The duality gap proves the optimum: ill-conditioned, it takes Newton's method among the coefficients at work."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(70, 100))
    y = X[:, :20] @ (100 * np.exp(-np.arange(20))) + rng.normal(scale=10, size=70)
    with backend.pm.Model() as model:
        beta = backend.pm.Laplace("beta", zero, one, shape=100)
        backend.pm.Normal("y", backend.tensor.dot(X, beta), one, observed=y)
    result = sp.find_map(model)
    errors = y - X @ result["beta"]
    primal = 0.5 * errors @ errors + np.abs(result["beta"]).sum()
    dual = errors / max(1.0, np.abs(X.T @ errors).max())
    gap = primal - (dual @ y - 0.5 * dual @ dual)
    assert result.status == "converged" and result.iterations < 2000
    assert 0 <= gap <= 1e-9 * primal
    assert np.sum(result["beta"] == 0) >= 30


def test_a_point_that_is_only_critical_says_so(backend):
    with backend.pm.Model() as model:
        beta = backend.pm.Laplace("beta", zero, np.float64(1 / 3), shape=P)
        backend.pm.StudentT("y", nu=np.float64(4.0), mu=product(backend, beta), sigma=one, observed=Y)
    result = sp.find_map(model)
    assert (result.status, result.curvature) == ("converged", "unknown")


@pytest.mark.parametrize(
    "start, message", [({"gamma": np.zeros(P)}, "gamma is no unknown"), ({"beta": np.zeros(3)}, "has the shape")]
)
def test_a_start_that_does_not_fit_is_refused(backend, start, message):
    with backend.pm.Model() as model:
        lasso(backend)
    with pytest.raises(ArgumentError, match=message):
        sp.find_map(model, start=start)
