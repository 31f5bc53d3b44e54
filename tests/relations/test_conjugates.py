"""Closed-form posteriors, model in and model out: against the densities that PyMC computes, and against scipy."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

import symbolic_pymc as sp
from tests.densities import POINTS, assert_conditioned, log_density

TOLERANCE = 1e-8


# One parameter and one set of data, in every spelling -----------------------------------------------------------
#
# A form says how the mean of the data comes from a parameter of the given shape; `t` is the tensor module of a
# backend in the model, and numpy in the oracle, which takes its matrix from the images of the unit vectors.

X = np.random.default_rng(1).normal(size=(7, 3))
WIDE = np.random.default_rng(2).normal(size=(2, 5))
GROUP = np.array([0, 3, 3, 1, 0, 3, 3])
GRID = np.array([[0, 1, 1], [4, 0, 1]])
MASK = np.array([True, False, True, True, False])
ROW, COLUMN = np.array([[0.5, -2.0, 1.5]]), np.array([[2.0], [0.3]])

SCALAR, VECTOR, TRIPLE, SINGLE = (), (5,), (3,), (1,)
FORMS = {
    "one number": (SCALAR, lambda t, x: x),
    "negated": (SCALAR, lambda t, x: -x),
    "affine": (SCALAR, lambda t, x: 2.0 * x - 3.0),
    "integers": (SCALAR, lambda t, x: 2 * x + 1),
    "divided": (SCALAR, lambda t, x: (x - 1.0) / 4.0),
    "taken from": (SCALAR, lambda t, x: 1.0 - x),
    "twice": (SCALAR, lambda t, x: x + x),
    "twice, apart": (SCALAR, lambda t, x: 2.0 * (x + 1.0) - 0.5 * x),
    "scalar to vector": (SCALAR, lambda t, x: x * X[:, 0]),
    "scalar to matrix": (SCALAR, lambda t, x: X + x * X[:, :1] * X),
    "scalar to row": (SCALAR, lambda t, x: x + ROW),
    "scalar to column": (SCALAR, lambda t, x: x * COLUMN),
    "scalar, then row, then column": (SCALAR, lambda t, x: (x + ROW) * COLUMN),
    "scalar, summed": (SCALAR, lambda t, x: t.sum(x * X, axis=0)),
    "vector": (VECTOR, lambda t, x: x),
    "vector of one": (SINGLE, lambda t, x: x),
    "vector of one to vector": (SINGLE, lambda t, x: x + X[:, 0]),
    "vector of one to matrix": (SINGLE, lambda t, x: x * X),
    "its only element": (SINGLE, lambda t, x: x[0] * X[:, 0]),
    "vector to rows": (TRIPLE, lambda t, x: x * X),
    "vector to columns": (TRIPLE, lambda t, x: x[:, None] * X.T),
    "vector to an outer sum": (TRIPLE, lambda t, x: x[:, None] + x[None, :]),
    "elementwise differences": (TRIPLE, lambda t, x: x - 2.0 * x[::-1]),
    "reversed": (VECTOR, lambda t, x: x[::-1]),
    "one element": (VECTOR, lambda t, x: x[2]),
    "last element": (VECTOR, lambda t, x: x[-1]),
    "tail": (VECTOR, lambda t, x: x[1:]),
    "every other": (VECTOR, lambda t, x: x[::2]),
    "mask": (VECTOR, lambda t, x: x[MASK]),
    "groups": (VECTOR, lambda t, x: x[GROUP]),
    "groups counted from the end": (VECTOR, lambda t, x: x[GROUP - 5]),
    "groups with slopes": (VECTOR, lambda t, x: 1.0 + x[GROUP] * X[:, 0]),
    "groups in a matrix": (VECTOR, lambda t, x: x[GRID]),
    "groups of groups": (VECTOR, lambda t, x: x[GROUP][1:][GRID]),
    "groups beside one of them": (VECTOR, lambda t, x: x[GROUP] + x[0]),
    "groups and a matrix": (TRIPLE, lambda t, x: x[GROUP % 3] + t.dot(X, x)),
    "rows of groups": (VECTOR, lambda t, x: x[GROUP][:, None] * X),
    "steps": (VECTOR, lambda t, x: x[1:] - x[:-1]),
    "sum": (VECTOR, lambda t, x: t.sum(x)),
    "mean": (VECTOR, lambda t, x: t.mean(x)),
    "deviations from the mean": (VECTOR, lambda t, x: x - 0.5 * t.mean(x)),
    "sums over rows": (TRIPLE, lambda t, x: t.sum(x[:, None] * X.T, axis=0)),
    "means over columns": (TRIPLE, lambda t, x: t.mean(x[:, None] * X.T, axis=1)),
    "sums over the last axis": (TRIPLE, lambda t, x: t.sum(x * X, axis=-1)),
    "regression": (TRIPLE, lambda t, x: t.dot(X, x)),
    "regression with an offset": (TRIPLE, lambda t, x: 1.0 + t.dot(X, 0.5 * x + 1.0)),
    "regression from the left": (TRIPLE, lambda t, x: t.dot(x, X.T)),
    "more parameters than data": (VECTOR, lambda t, x: t.dot(WIDE, x)),
    "matrix times part": (VECTOR, lambda t, x: t.dot(X, x[1:4])),
    "part of matrix times": (TRIPLE, lambda t, x: t.dot(X, x)[2:5]),
    "matrix times matrix times": (TRIPLE, lambda t, x: t.dot(X[:3], t.dot(X[3:6], x))),
    "inner product": (TRIPLE, lambda t, x: t.dot(X[0], x)),
    "inner product, reversed": (TRIPLE, lambda t, x: t.dot(x, X[0]) * X[:, 1]),
    "matrix times scalar": (SCALAR, lambda t, x: t.dot(X, x * np.array([1.0, 0.5, -1.0]))),
    "matrix times column": (TRIPLE, lambda t, x: t.dot(X, x[:, None])),
    "row times matrix": (TRIPLE, lambda t, x: t.dot(x[None, :], X.T)),
    "reshaped": ((6,), lambda t, x: t.reshape(x, (2, 3))),
    "reshaped, transposed": ((6,), lambda t, x: t.reshape(x, (2, 3)).T * ROW.T),
    "reshaped product": (TRIPLE, lambda t, x: t.reshape(t.dot(X[:6], x), (3, 2)) + ROW.T),
    "matrix": ((2, 3), lambda t, x: x),
    "matrix, transposed": ((2, 3), lambda t, x: x.T),
    "matrix, flattened": ((2, 3), lambda t, x: t.reshape(x, (6,))),
    "row of a matrix": ((2, 3), lambda t, x: x[1]),
    "column of a matrix": ((2, 3), lambda t, x: x[:, 1]),
    "rows by groups": ((5, 3), lambda t, x: x[GROUP] * X),
    "elements of a matrix": ((5, 3), lambda t, x: x[GROUP, GROUP % 3]),
    "matrix to a stack": ((2, 3), lambda t, x: x[None, :, :] + np.zeros((4, 1, 1))),
    "column to matrix": ((2, 1), lambda t, x: x * ROW),
    "row to matrix": ((1, 3), lambda t, x: x + COLUMN),
    "row and column": ((1, 3), lambda t, x: 3.0 - x * COLUMN),
}


class Problem:
    """A normal parameter and normal data, as numbers: what the model is made of and what the answer must be."""

    def __init__(self, form, shape, prior, likelihood, seed):
        rng = np.random.default_rng(seed)
        zero = np.zeros(shape)
        k, offset = zero.size, np.asarray(form(np, zero))
        units = [np.reshape(row, shape) for row in np.eye(k)]
        self.F = np.transpose([(form(np, u) - offset).ravel() for u in units]) if k else np.zeros((offset.size, 0))
        self.shape, self.n, self.k = shape, offset.size, k
        self.c, self.y = offset.ravel(), rng.normal(size=offset.shape)
        self.m, self.s = _of_kind(prior, shape, rng)
        self.sigma = _of_kind(likelihood, offset.shape, rng)[1]
        self.R = _covariance(prior, self.s, shape)
        self.V = _covariance(likelihood, self.sigma, offset.shape)
        self.a = np.broadcast_to(self.m, shape).ravel()

    def log_evidence(self):
        cov = self.F @ self.R @ self.F.T + self.V
        return multivariate_normal(self.F @ self.a + self.c, cov).logpdf(self.y.ravel())

    def posterior(self):
        gain = np.linalg.solve(self.F @ self.R @ self.F.T + self.V, self.F @ self.R).T
        reduced = np.eye(self.k) - gain @ self.F
        mean = self.a + gain @ (self.y.ravel() - self.c - self.F @ self.a)
        return multivariate_normal(mean, reduced @ self.R @ reduced.T + gain @ self.V @ gain.T)


def _of_kind(kind, shape, rng):
    """Return a location, and a scale or covariance, of the kind that a distribution is to be given."""
    if kind == "matrix":
        root = rng.normal(size=(shape[0], shape[0]))
        return rng.normal(size=shape), root @ root.T + np.eye(shape[0])
    if kind == "arrays":
        return rng.normal(size=shape), rng.uniform(0.5, 2.0, size=shape)
    if kind == "broadcast":
        return rng.normal(size=shape[-1:]), rng.uniform(0.5, 2.0, size=shape[-1:])
    return rng.normal(), rng.uniform(0.5, 2.0)


def _covariance(kind, scale, shape):
    return scale if kind == "matrix" else np.diag(np.broadcast_to(scale, shape).ravel() ** 2)


def single_model(backend, problem, form, prior="numbers", likelihood="numbers"):
    """Return the model ``y ~ N(form(x), ...)`` of a problem."""
    pm = backend.pm
    with pm.Model() as model:
        if prior == "matrix":
            x = pm.MvNormal("x", problem.m, cov=problem.s, shape=problem.shape)
        else:
            x = pm.Normal("x", problem.m, sigma=problem.s, shape=problem.shape)
        mean = form(backend.tensor, x)
        if likelihood == "matrix":
            pm.MvNormal("y", mean, cov=problem.sigma, observed=problem.y)
        else:
            pm.Normal("y", mean, sigma=problem.sigma, observed=problem.y)
    return model


def check_single(backend, form, shape, prior, likelihood, seed=0):
    problem = Problem(form, shape, prior, likelihood, seed)
    model = single_model(backend, problem, form, prior, likelihood)
    result = sp.conjugate_graph(model)
    evidence = assert_conditioned(backend, model, result, TOLERANCE)
    assert not result.observed_RVs
    np.testing.assert_allclose(evidence, problem.log_evidence(), rtol=TOLERANCE)
    assert [step.variables for step in sp.steps(result) if step.taken] == [("x", "y")]
    density, posterior = log_density(backend, result), problem.posterior()
    for point in posterior.rvs(POINTS, random_state=3).reshape(POINTS, -1):
        np.testing.assert_allclose(density({"x": point.reshape(shape)}), posterior.logpdf(point), rtol=TOLERANCE)


@pytest.mark.parametrize("name", FORMS)
def test_every_form(backend, name):
    shape, form = FORMS[name]
    check_single(backend, form, shape, "numbers", "numbers")


KINDS = [
    ("vector", "arrays", "numbers"),
    ("vector", "numbers", "arrays"),
    ("vector", "arrays", "arrays"),
    ("vector", "matrix", "numbers"),
    ("vector", "matrix", "arrays"),
    ("vector", "numbers", "matrix"),
    ("vector", "arrays", "matrix"),
    ("vector", "matrix", "matrix"),
    ("groups", "arrays", "arrays"),
    ("groups with slopes", "matrix", "numbers"),
    ("groups with slopes", "arrays", "matrix"),
    ("groups in a matrix", "arrays", "broadcast"),
    ("tail", "matrix", "matrix"),
    ("one element", "matrix", "numbers"),
    ("scalar to vector", "numbers", "matrix"),
    ("scalar to vector", "numbers", "arrays"),
    ("scalar to matrix", "numbers", "arrays"),
    ("scalar to matrix", "numbers", "broadcast"),
    ("vector to rows", "arrays", "broadcast"),
    ("vector to columns", "matrix", "arrays"),
    ("sum", "matrix", "numbers"),
    ("mean", "arrays", "numbers"),
    ("steps", "arrays", "matrix"),
    ("regression", "numbers", "matrix"),
    ("regression", "arrays", "arrays"),
    ("regression", "matrix", "numbers"),
    ("regression", "matrix", "arrays"),
    ("regression", "matrix", "matrix"),
    ("more parameters than data", "arrays", "matrix"),
    ("more parameters than data", "matrix", "numbers"),
    ("matrix times part", "matrix", "matrix"),
    ("reshaped product", "matrix", "broadcast"),
    ("matrix", "arrays", "arrays"),
    ("matrix", "broadcast", "arrays"),
    ("matrix", "arrays", "broadcast"),
    ("row to matrix", "arrays", "arrays"),
    ("column to matrix", "arrays", "broadcast"),
    ("rows by groups", "broadcast", "arrays"),
    ("matrix, transposed", "broadcast", "broadcast"),
]


@pytest.mark.parametrize("name, prior, likelihood", KINDS)
def test_every_kind_of_prior_and_likelihood(backend, name, prior, likelihood):
    shape, form = FORMS[name]
    check_single(backend, form, shape, prior, likelihood, seed=1)
