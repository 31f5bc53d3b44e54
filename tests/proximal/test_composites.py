"""Estimates where what is not smooth is a function of a linear map, against programs that SciPy solves exactly."""

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, linprog, lsq_linear, minimize, minimize_scalar

import symbolic_pymc as sp
from symbolic_pymc.errors import NoProximalOperator

F = np.float64
rng = np.random.default_rng(0)
N, P = 40, 6
X = rng.normal(size=(N, P))
Y = X @ [1.0, -2.0, 0.0, 0.0, 3.0, 0.0] + 0.3 * rng.laplace(size=N)
SIDES = np.where(Y > 0, 1.0, -1.0)
GROUPS = np.arange(N) % 5
STEPS = np.repeat([0.0, 3.0, 1.0], [15, 15, 10]) + 0.4 * rng.normal(size=N)


def linear_program(rows, offset, weights):
    """Return the least of ``sum(max(up * r, down * r))`` of residuals ``r = rows @ x + offset``, ``weights = (up, down)``."""
    n, p = rows.shape
    up, down = weights
    split = np.hstack([rows, -np.eye(n), np.eye(n)])
    bounds = [(None, None)] * p + [(0, None)] * (2 * n)
    return linprog(np.r_[np.zeros(p), up, -down], A_eq=split, b_eq=-offset, bounds=bounds).fun


def of_differences(rows, weight, target, sigma):
    """Return the least of ``|target - t|**2 / (2 sigma**2) + weight |rows @ t|_1``, from its dual in a box."""
    dual = lsq_linear(sigma * rows.T, target / sigma, (-weight, weight), tol=1e-15, max_iter=1000).x
    t = target - sigma**2 * rows.T @ dual
    return np.sum((target - t) ** 2) / (2 * sigma**2) + weight * np.abs(rows @ t).sum()


def robust(backend):
    """Laplace noise and a Laplace prior."""
    beta = backend.pm.Laplace("beta", F(0), F(0.5), shape=P)
    backend.pm.Laplace("y", backend.tensor.dot(X, beta), F(0.25), observed=Y)
    rows, weights = np.vstack([X, np.eye(P)]), np.repeat([4.0, 2.0], [N, P])
    return linear_program(
        rows, np.r_[-Y, np.zeros(P)], (weights, -weights)
    ), lambda v: 4 * np.abs(Y - X @ v["beta"]).sum() + 2 * np.abs(v["beta"]).sum()


def quantile(backend):
    """The check loss of the ninth decile."""
    tt, beta = backend.tensor, backend.pm.Flat("beta", shape=P)
    r = Y - tt.dot(X, beta)
    backend.pm.Potential("check", -tt.sum(tt.maximum(F(0.9) * r, F(-0.1) * r)))
    return linear_program(-X, Y, (np.full(N, 0.9), np.full(N, -0.1))), lambda v: np.sum(
        np.maximum(0.9 * (Y - X @ v["beta"]), -0.1 * (Y - X @ v["beta"]))
    )


def quantile_of_a_law(backend):
    """The same, as the density that it belongs to."""
    beta = backend.pm.Flat("beta", shape=P)
    kappa = F(np.sqrt(9.0))  # slopes b kappa and -b / kappa
    backend.pm.AsymmetricLaplace("y", b=F(1.0), kappa=kappa, mu=backend.tensor.dot(X, beta), observed=Y)
    return linear_program(-X, Y, (np.full(N, 3.0), np.full(N, -1 / 3))), lambda v: np.sum(
        np.maximum(3 * (Y - X @ v["beta"]), -(Y - X @ v["beta"]) / 3)
    )


def support_vectors(backend):
    """The hinge loss of a line between two classes."""
    pm, tt = backend.pm, backend.tensor
    beta, intercept = pm.Normal("beta", F(0), F(1), shape=P), pm.Flat("intercept")
    pm.Potential("hinge", -tt.sum(tt.maximum(F(0), F(1) - SIDES * (tt.dot(X, beta) + intercept))))

    def value(v):
        return np.sum(np.maximum(0, 1 - SIDES * (X @ v["beta"] + v["intercept"]))) + 0.5 * np.sum(v["beta"] ** 2)

    def program(u):
        return 0.5 * u[:P] @ u[:P] + u[P + 1 :].sum()

    inside = LinearConstraint(np.hstack([SIDES[:, None] * np.c_[X, np.ones(N)], np.eye(N)]), lb=1.0)
    bounds = [(None, None)] * (P + 1) + [(0, None)] * N
    slope = lambda u: np.r_[u[:P], 0.0, np.ones(N)]  # noqa: E731
    start = np.r_[np.zeros(P + 1), np.ones(N)]
    found = minimize(program, start, jac=slope, constraints=inside, bounds=bounds, method="SLSQP", tol=1e-12)
    return found.fun, value


def fused(backend):
    """Jumps are penalised."""
    tt, t = backend.tensor, backend.pm.Flat("t", shape=N)
    backend.pm.Normal("y", t, F(0.4), observed=STEPS)
    backend.pm.Potential("jumps", -F(3) * tt.sum(abs(t[1:] - t[:-1])))
    return of_differences(
        np.diff(np.eye(N), axis=0), 3.0, STEPS, 0.4
    ), lambda v: np.sum((STEPS - v["t"]) ** 2) / 0.32 + 3 * np.abs(np.diff(v["t"])).sum()


def fused_and_sparse(backend):
    """Jumps are penalised, and what is not zero."""
    tt, t = backend.tensor, backend.pm.Laplace("t", F(0), F(1 / 3), shape=N)
    backend.pm.Normal("y", t, F(0.4), observed=STEPS)
    backend.pm.Potential("jumps", -F(3) * tt.sum(abs(t[1:] - t[:-1])))
    rows = np.vstack([np.diff(np.eye(N), axis=0), np.eye(N)])
    return of_differences(
        rows, 3.0, STEPS, 0.4
    ), lambda v: np.sum((STEPS - v["t"]) ** 2) / 0.32 + 3 * (np.abs(np.diff(v["t"])).sum() + np.abs(v["t"]).sum())


def trend(backend):
    """Kinks are penalised."""
    tt, t = backend.tensor, backend.pm.Flat("t", shape=N)
    backend.pm.Normal("y", t, F(0.4), observed=STEPS)
    backend.pm.Potential("kinks", -F(9) * tt.sum(abs(t[2:] - F(2) * t[1:-1] + t[:-2])))
    return of_differences(
        np.diff(np.eye(N), 2, axis=0), 9.0, STEPS, 0.4
    ), lambda v: np.sum((STEPS - v["t"]) ** 2) / 0.32 + 9 * np.abs(np.diff(v["t"], 2)).sum()


def layers(backend):
    """Groups that differ from a common mean in few places, itself unknown: one copy of each layer."""
    pm = backend.pm
    mean = pm.Laplace("mean", F(0), F(1))
    group = pm.Laplace("group", mean, F(0.25), shape=5)
    pm.Laplace("y", group[GROUPS], F(0.5), observed=Y)
    rows = np.zeros((N + 5 + 1, 6))
    rows[np.arange(N), GROUPS] = 1.0
    rows[N : N + 5, :5], rows[N : N + 5, 5] = np.eye(5), -1.0
    rows[-1, 5] = 1.0
    weights = np.r_[np.full(N, 2.0), np.full(5, 4.0), 1.0]
    return linear_program(
        rows, np.r_[-Y, np.zeros(6)], (weights, -weights)
    ), lambda v: 2 * np.abs(Y - v["group"][GROUPS]).sum() + 4 * np.abs(v["group"] - v["mean"]).sum() + abs(v["mean"])


CASES = {
    f.__name__: f
    for f in (robust, quantile, quantile_of_a_law, support_vectors, fused, fused_and_sparse, trend, layers)
}


@pytest.mark.parametrize("solver", ["auto", "admm"])
@pytest.mark.parametrize("case", CASES)
def test_an_estimate_is_that_of_the_program(backend, case, solver):
    with backend.pm.Model() as model:
        least, value = CASES[case](backend)
    result = sp.find_map(model, solver=solver, tol=1e-10)
    assert (result.status, result.curvature) == ("converged", "convex")
    assert result.residual < 1e-10
    np.testing.assert_allclose(value(result), least, rtol=1e-8)
    assert value(result) <= least * (1 + 1e-10)


def test_jumps_that_are_not_there_are_zero(backend):
    with backend.pm.Model() as model:
        fused(backend)
    jumps = np.abs(np.diff(sp.find_map(model)["t"]))
    assert np.sum(jumps < 1e-12) == 28
    assert np.all((jumps < 1e-12) | (jumps > 1e-3))


def test_a_function_of_no_affine_expression_is_refused(backend):
    with backend.pm.Model() as model:
        a, b = backend.pm.Flat("a"), backend.pm.Flat("b", shape=3)
        backend.pm.Potential("product", -backend.tensor.sum(abs(a * b - F(1))))
    with pytest.raises(NoProximalOperator, match="product: the term"):
        sp.find_map(model)


@pytest.mark.parametrize("kind", ["rates", "odds"])
def test_one_number_of_many_data_beside_differences(backend, kind):
    """A function of one number that is repeated only after something was computed from it."""
    pm, data = backend.pm, np.array([1, 2, 3, 5]) if kind == "rates" else np.array([1, 0, 1, 1])
    with pm.Model() as model:
        level = pm.Normal("level", np.float64(0), sigma=np.float64(5), shape=4)
        pm.Potential("steps", -2.0 * abs(level[1:] - level[:-1]).sum())
        pm.Normal("y", level, sigma=np.float64(1), observed=np.array([1.0, 1.2, 3.0, 2.8]))
        s = pm.Normal("s", np.float64(0), sigma=np.float64(1))
        if kind == "rates":
            pm.Poisson("c", backend.tensor.exp(s), observed=data)
        else:
            pm.Bernoulli("c", logit_p=s, observed=data)
    result = sp.find_map(model, tol=1e-9, progressbar=False)

    def lost(s):
        return s**2 / 2 + np.sum((np.exp(s) if kind == "rates" else np.logaddexp(0, s)) - data * s)

    best = minimize_scalar(lost, bounds=(-4, 4), method="bounded", options={"xatol": 1e-12})
    assert (result.status, result.solver) == ("converged", "admm")
    assert lost(result["s"]) <= best.fun + 1e-12
