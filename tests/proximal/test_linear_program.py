"""Estimates where all is linear in pieces: vertices of linear programs, whose duals bound them from below."""

import numpy as np
import pytest
from scipy.optimize import linprog

import symbolic_pymc as sp
from symbolic_pymc.errors import ArgumentError
from symbolic_pymc.proximal import linear_program

F = np.float64
rng = np.random.default_rng(5)
N, P = 60, 5
X = rng.normal(size=(N, P))
Y = X @ [2.0, 0.0, -1.0, 0.0, 0.5] + rng.standard_t(2, size=N)
TIES = np.round(Y)  # many vertices share a point, and many optima may share a value
SIDES = np.sign(Y)


def dual_bound(rows, target, up, down, penalty):
    """Return the largest ``target'u``, ``-down <= u <= up`` and ``|rows'u| <= penalty``: the least of the check loss
    ``max(up r, -down r)`` of ``r = target - rows @ x`` and ``penalty |x|_1``.
    """
    n = len(target)
    most = np.full(rows.shape[1], penalty)
    found = linprog(
        -target, A_ub=np.vstack([rows.T, -rows.T]), b_ub=np.r_[most, most], bounds=[(-down, up)] * n, method="highs"
    )
    return -found.fun


def check(backend, x, y, up=0.7, down=0.3, penalty=None):
    """Quantile regression, with a Laplace or without a prior."""
    pm, t = backend.pm, backend.tensor
    beta = pm.Flat("beta", shape=P) if penalty is None else pm.Laplace("beta", F(0), F(1 / penalty), shape=P)
    r = y - t.dot(x, beta)
    pm.Potential("check", -t.sum(t.maximum(F(up) * r, F(-down) * r)))
    return lambda b: np.maximum(up * (y - x @ b), -down * (y - x @ b)).sum() + (penalty or 0.0) * np.abs(b).sum()


def solved(backend, build, *arguments, solver="auto", **keywords):
    with backend.pm.Model() as model:
        value = build(backend, *arguments, **keywords)
    return sp.find_map(model, solver=solver, progressbar=False), value


@pytest.mark.parametrize("penalty", [None, 0.5, 4.0, 100.0])
@pytest.mark.parametrize("target", [Y, TIES, np.zeros(N)], ids=["general", "ties", "zeros"])
def test_the_least_value_is_that_of_the_dual(backend, target, penalty):
    result, value = solved(backend, check, X, target, penalty=penalty)
    assert (result.solver, result.status, result.curvature) == ("highs", "converged", "convex")
    least = dual_bound(X, target, 0.7, 0.3, penalty or 0.0)
    assert value(result["beta"]) == pytest.approx(least, rel=1e-10, abs=1e-10)
    assert result.residual < 1e-10 and result.objective[-1] == pytest.approx(
        value(result["beta"]), rel=1e-10, abs=1e-10
    )
    assert 0.0 <= result.gap <= 1e-9 * max(1.0, least)


def test_what_is_zero_is_zero(backend):
    """A penalty of more than any slope of the loss."""
    result, _ = solved(backend, check, X, Y, penalty=np.abs(X).sum())
    assert np.array_equal(result["beta"], np.zeros(P)) and not result.active["beta"].any()


def test_as_many_residuals_as_coefficients_are_zero(backend):
    result, _ = solved(backend, check, X, Y)
    assert np.sum(np.abs(Y - X @ result["beta"]) < 1e-12) == P


def test_the_median_of_numbers(backend):
    with backend.pm.Model() as model:
        m = backend.pm.Flat("m")
        backend.pm.Laplace("y", m + np.zeros(N), F(1), observed=Y)
    result = sp.find_map(model, solver="highs", progressbar=False)
    low, high = np.sort(Y)[[N // 2 - 1, N // 2]]
    assert low <= result["m"] <= high
    assert result.objective[-1] == pytest.approx(np.abs(Y - np.median(Y)).sum(), rel=1e-12)


def test_ends_of_domains_are_kept(backend):
    """Coefficients between bounds, which one of them reaches, and an uninformative loss beyond."""
    pm, t = backend.pm, backend.tensor
    with pm.Model() as model:
        beta = pm.Uniform("beta", F(-0.25), F(0.75), shape=P)
        pm.Laplace("y", t.dot(X, beta), F(1), observed=Y)
    result = sp.find_map(model, solver="highs", progressbar=False)
    assert result.status == "converged"
    wide = np.hstack([X, np.eye(N), -np.eye(N)])
    bounds = [(-0.25, 0.75)] * P + [(0, None)] * (2 * N)
    least = linprog(np.r_[np.zeros(P), np.ones(2 * N)], A_eq=wide, b_eq=Y, bounds=bounds).fun
    assert np.all((result["beta"] >= -0.25) & (result["beta"] <= 0.75)) and 0.75 in result["beta"]
    assert np.abs(Y - X @ result["beta"]).sum() == pytest.approx(least, rel=1e-10)


def test_support_vectors(backend):
    """Hinges with a penalty of the sum of absolute values, a piece of each being level."""
    pm, t = backend.pm, backend.tensor
    with pm.Model() as model:
        beta = pm.Laplace("beta", F(0), F(1), shape=P)
        pm.Potential("hinge", -t.sum(t.maximum(F(0), F(1) - SIDES * t.dot(X, beta))))
    result = sp.find_map(model, progressbar=False)
    signed = SIDES[:, None] * X
    found = linprog(
        np.r_[np.ones(2 * P), np.ones(N)],
        A_ub=-np.hstack([signed, -signed, np.eye(N)]),
        b_ub=-np.ones(N),
    )
    b = result["beta"]
    assert result.solver == "highs" and result.status == "converged"
    assert np.maximum(0, 1 - signed @ b).sum() + np.abs(b).sum() == pytest.approx(found.fun, rel=1e-10)


def test_two_unknowns_and_no_data(backend):
    pm, t = backend.pm, backend.tensor
    with pm.Model() as model:
        a, b = pm.Laplace("a", F(1), F(1), shape=2), pm.Laplace("b", F(-1), F(1))
        pm.Laplace("y", a - b, F(0.5), observed=np.array([3.0, 1.0]))
        pm.Laplace("nothing", t.dot(np.zeros((0, 2)), a), F(1), observed=np.zeros(0))
    result = sp.find_map(model, solver="highs", progressbar=False)
    a, b = result["a"], result["b"]
    assert result.status == "converged"
    value = np.abs(a - 1).sum() + abs(b + 1) + 2 * np.abs(np.array([3.0, 1.0]) - a + b).sum()
    assert value == pytest.approx(2.0)  # a = (2, 1), b = -1 is one of those; no less, as the data disagree by 2


def test_what_is_not_linear_in_pieces_is_refused(backend):
    with backend.pm.Model() as model:
        beta = backend.pm.Laplace("beta", F(0), F(1), shape=P)
        backend.pm.Normal("y", backend.tensor.dot(X, beta), F(1), observed=Y)
    with pytest.raises(ArgumentError, match="linear in pieces"):
        sp.find_map(model, solver="highs")


def test_what_has_no_least_value_is_not_converged(backend):
    pm, t = backend.pm, backend.tensor
    with pm.Model() as model:
        x = pm.Flat("x", shape=2)
        pm.Potential("falls", t.sum(x) - t.sum(abs(x[0] - x[1])))
    result = sp.find_map(model, progressbar=False, limit=2000)
    assert result.status != "converged" and result.gap is None


def test_no_iterations_are_no_estimate(backend):
    with backend.pm.Model() as model:
        check(backend, X, Y)
    assert sp.find_map(model, solver="highs", limit=0, progressbar=False).status == "iteration limit"


@pytest.mark.parametrize("what", ["x", "marginals", "status"])
def test_an_answer_that_is_not_optimal_is_not_taken(backend, monkeypatch, what):
    """The conditions of optimality tell, and the alternating directions find another."""

    def wrong(*args, **kwargs):
        found = linprog(*args, **kwargs)
        if what == "x":
            found.x = found.x + 1.0
        elif what == "marginals":
            found.ineqlin.marginals = 0.5 * found.ineqlin.marginals
        else:
            found.status = 1
        return found

    monkeypatch.setattr(linear_program, "linprog", wrong)
    result, value = solved(backend, check, X, Y, penalty=0.5)
    assert result.status == "converged"
    assert value(result["beta"]) == pytest.approx(dual_bound(X, Y, 0.7, 0.3, 0.5), rel=1e-8)
