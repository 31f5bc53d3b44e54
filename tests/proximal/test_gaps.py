"""Duality gaps bound the distance to the optimum, at any point, and vanish at it: against optima found otherwise."""

import numpy as np
import pytest
from scipy.special import expit

import symbolic_pymc as sp
from symbolic_pymc.proximal.gaps import duality_gap
from tests.proximal.test_composites import CASES as PROGRAMS

F = np.float64
rng = np.random.default_rng(0)
N, GROUPS, SIZE = 60, 6, 3
P = GROUPS * SIZE
X = rng.normal(size=(N, P))
B = np.zeros((GROUPS, SIZE))
B[1], B[4] = [1.0, -2.0, 0.5], [2.0, 0.0, 1.0]
Y = 3.0 + X @ B.ravel() + 0.3 * rng.normal(size=N)
SIDES = (rng.random(N) < expit(Y - 3.0)).astype(float)
WHOLE = np.outer(rng.normal(size=6), rng.normal(size=5)) + 0.1 * rng.normal(size=(6, 5))
COVARIANCE = np.cov(rng.normal(size=(30, 4)) @ (np.eye(4) + np.diag([0.8] * 3, 1)), rowvar=False)


def least(value, gradient, prox, penalty, bound, x):
    """Return the least of a smooth function and a penalty by accelerated gradients with restarts, to the last digit."""
    y, t = x, 1.0
    for _ in range(20_000):
        new = prox(y - gradient(y) / bound, 1.0 / bound)
        if np.sum((y - new) * (new - x)) > 0:
            y, t = x, 1.0
            continue
        if np.max(np.abs(new - x)) < 1e-15 and t > 10:
            break
        after = 0.5 * (1 + np.sqrt(1 + 4 * t * t))
        x, y, t = new, new + (t - 1) / after * (new - x), after
    return value(x) + penalty(x)


def _groups(x, weight, step):
    """Return the proximal operator of weighted lengths of groups."""
    b = x.reshape(GROUPS, SIZE)
    sizes = np.linalg.norm(b, axis=1, keepdims=True)
    return (b * np.maximum(1 - step * weight / np.maximum(sizes, 1e-300), 0.0)).ravel()


def _lengths(x):
    return np.linalg.norm(np.reshape(x, (GROUPS, SIZE)), axis=1).sum()


CENTRED, TARGET = X - X.mean(axis=0), Y - Y.mean()
STEEPEST = np.linalg.norm(X, 2) ** 2


def squares(x):
    return 0.5 * np.sum((TARGET - CENTRED @ x) ** 2)


def slope_of_squares(x):
    return CENTRED.T @ (CENTRED @ x - TARGET)


def _residuals(v):
    return 0.5 * np.sum((Y - v["a"] - X @ np.ravel(v["beta"])) ** 2)


def _level(backend):
    return backend.pm.Flat("a") + 0.0


def groups(backend):
    """Groups, beside a level of which nothing is known."""
    tt, beta = backend.tensor, backend.pm.Flat("beta", shape=(GROUPS, SIZE))
    backend.pm.Potential("groups", -F(8) * tt.sum(tt.sqrt(tt.sum(tt.sqr(beta), axis=1))))
    backend.pm.Normal("y", _level(backend) + tt.dot(X, beta.flatten()), F(1), observed=Y)
    operator = lambda z, s: _groups(z, 8.0, s)  # noqa: E731
    found = least(squares, slope_of_squares, operator, lambda x: 8 * _lengths(x), STEEPEST, np.zeros(P))
    return found, lambda v: _residuals(v) + 8 * _lengths(v["beta"])


def sparse_groups(backend):
    """Groups that are sparse themselves, and not negative."""
    tt, beta = backend.tensor, backend.pm.Exponential("beta", F(2), shape=(GROUPS, SIZE))
    backend.pm.Potential("groups", -F(5) * tt.sum(tt.sqrt(tt.sum(tt.sqr(beta), axis=1))))
    backend.pm.Normal("y", _level(backend) + tt.dot(X, beta.flatten()), F(1), observed=Y)
    operator = lambda z, s: _groups(np.maximum(z - 2 * s, 0.0), 5.0, s)  # noqa: E731
    penalty = lambda x: 5 * _lengths(x) + 2 * np.sum(x)  # noqa: E731
    found = least(squares, slope_of_squares, operator, penalty, STEEPEST, np.zeros(P))
    return found, lambda v: _residuals(v) + penalty(np.ravel(v["beta"]))


def groups_and_ridge(backend):
    """Groups, and the squares of a prior."""
    tt, beta = backend.tensor, backend.pm.Normal("beta", F(0), F(0.5), shape=(GROUPS, SIZE))
    backend.pm.Potential("groups", -F(8) * tt.sum(tt.sqrt(tt.sum(tt.sqr(beta), axis=1))))
    backend.pm.Normal("y", _level(backend) + tt.dot(X, beta.flatten()), F(1), observed=Y)
    operator = lambda z, s: _groups(z / (1 + 4 * s), 8.0, s / (1 + 4 * s))  # noqa: E731
    penalty = lambda x: 8 * _lengths(x) + 2 * np.sum(x**2)  # noqa: E731
    found = least(squares, slope_of_squares, operator, penalty, STEEPEST, np.zeros(P))
    return found, lambda v: _residuals(v) + penalty(np.ravel(v["beta"]))


def some(backend):
    """The length of the first elements only; nothing is known of the others."""
    tt, beta = backend.tensor, backend.pm.Flat("beta", shape=P)
    backend.pm.Potential("first", -F(30) * tt.sqrt(tt.sum(tt.sqr(beta[:SIZE]))))
    backend.pm.Normal("y", _level(backend) + tt.dot(X, beta), F(1), observed=Y)

    def operator(z, s):
        return np.r_[_groups(np.r_[z[:SIZE], np.zeros(P - SIZE)], 30.0, s)[:SIZE], z[SIZE:]]

    penalty = lambda x: 30 * np.linalg.norm(x[:SIZE])  # noqa: E731
    found = least(squares, slope_of_squares, operator, penalty, STEEPEST, np.zeros(P))
    return found, lambda v: _residuals(v) + penalty(v["beta"])


def classes(backend):
    """Two classes, sparse slopes and a level."""
    beta = backend.pm.Laplace("beta", F(0), F(0.5), shape=P)
    backend.pm.Bernoulli("y", logit_p=_level(backend) + backend.tensor.dot(X, beta), observed=SIDES)
    rows = np.c_[np.ones(N), X]
    value = lambda x: np.sum(np.logaddexp(0, rows @ x) - SIDES * (rows @ x))  # noqa: E731
    slope = lambda x: rows.T @ (expit(rows @ x) - SIDES)  # noqa: E731
    operator = lambda z, s: np.r_[z[0], np.sign(z[1:]) * np.maximum(np.abs(z[1:]) - 2 * s, 0)]  # noqa: E731
    penalty = lambda x: 2 * np.sum(np.abs(x[1:]))  # noqa: E731
    found = least(value, slope, operator, penalty, np.linalg.norm(rows, 2) ** 2 / 4, np.zeros(P + 1))
    return found, lambda v: value(np.r_[v["a"], v["beta"]]) + penalty(np.r_[v["a"], v["beta"]])


def low_rank(backend):
    """The sum of singular values."""
    svd = getattr(backend.tensor, "linalg", None) or backend.tensor.nlinalg
    whole = backend.pm.Flat("M", shape=WHOLE.shape)
    singular = svd.svd(whole, full_matrices=False, compute_uv=False)
    backend.pm.Potential("rank", -F(0.7) * backend.tensor.sum(singular))
    backend.pm.Normal("y", whole, F(1), observed=WHOLE)

    def value(v):
        return 0.5 * np.sum((v["M"] - WHOLE) ** 2) + 0.7 * np.linalg.svd(v["M"], compute_uv=False).sum()

    u, values, vt = np.linalg.svd(WHOLE, full_matrices=False)
    return value({"M": (u * np.maximum(values - 0.7, 0)) @ vt}), value


def precision(backend):
    """A sparse precision matrix: the dual is a covariance that is near to that of the data."""
    linalg = getattr(backend.tensor, "linalg", None) or backend.tensor.nlinalg
    tt, matrix = backend.tensor, backend.pm.Flat("precision", shape=(4, 4))
    symmetric = (matrix + matrix.T) / F(2)
    backend.pm.Potential("likelihood", tt.log(linalg.det(symmetric)) - tt.sum(COVARIANCE * symmetric))
    backend.pm.Potential("sparse", -F(0.15) * tt.sum(abs(matrix)))

    def value(v):
        s = (v["precision"] + v["precision"].T) / 2
        return np.sum(COVARIANCE * s) - np.linalg.slogdet(s)[1] + 0.15 * np.abs(v["precision"]).sum()

    near = COVARIANCE + 0.15 * np.eye(4)
    for _ in range(500):  # block coordinate ascent: each column of the covariance by the elements of its box
        for i in range(4):
            rest = np.arange(4) != i
            inner = np.linalg.inv(near[np.ix_(rest, rest)])
            column = near[rest, i]
            for _ in range(50):
                for j in range(3):
                    aim = column[j] - inner[j] @ column / inner[j, j]
                    box = COVARIANCE[rest, i][j] + np.r_[-0.15, 0.15]
                    column[j] = np.clip(aim, *box)
            near[rest, i] = near[i, rest] = column
    return np.linalg.slogdet(near)[1] + 4, value


OTHERS = (groups, sparse_groups, groups_and_ridge, some, classes, low_rank, precision)
CASES = PROGRAMS | {f.__name__: f for f in OTHERS}
START = {"precision": {"precision": np.eye(4)}}


def made(backend, case):
    with backend.pm.Model() as model:
        return model, *CASES[case](backend)


@pytest.mark.parametrize("case", CASES)
def test_the_gap_bounds_the_distance_and_vanishes_at_the_optimum(backend, case):
    model, optimum, value = made(backend, case)
    best = sp.find_map(model, start=START.get(case), tol=1e-10, progressbar=False)
    distance, size = value(best) - optimum, abs(optimum)
    assert abs(distance) <= 1e-9 * size
    assert distance - 1e-11 * size <= best.gap <= 1e-8 * size
    names, draws = list(best.split.objective.inputs), np.random.default_rng(1)
    for scale in (1e-6, 0.2 if case != "precision" else 1e-2):
        values = {n: best[n] + scale * draws.normal(size=np.shape(best[n])) for n in names}
        if case == "sparse_groups":
            values["beta"] = np.abs(values["beta"])
        gap = duality_gap(best.split, values)
        assert gap >= value(values) - optimum - 1e-10 * size
        assert gap < 0.01 * size or scale > 1e-3


def test_none_is_told_of_a_function_of_several_expressions(backend):
    """The log of a sum of exponentials is convex, and its conjugate of all of them."""
    tt = backend.tensor
    with backend.pm.Model() as model:
        beta = backend.pm.Laplace("beta", F(0), F(1), shape=3)
        backend.pm.Potential("soft", -tt.log(tt.sum(tt.exp(tt.dot(X[:, :3], beta)))))
    result = sp.find_map(model, progressbar=False)
    assert (result.status, result.curvature) == ("converged", "convex")
    assert result.gap is None


def test_none_is_told_where_nothing_bounds_the_objective(backend):
    with backend.pm.Model() as model:
        a = backend.pm.Flat("a")
        backend.pm.Potential("slope", -backend.tensor.exp(a))
    assert sp.find_map(model, progressbar=False).gap in (None, pytest.approx(0.0, abs=1e-6))
