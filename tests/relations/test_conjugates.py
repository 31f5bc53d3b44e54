"""Closed-form posteriors, model in and model out: against the densities that PyMC computes, and against scipy."""

from functools import partial
from importlib import import_module
from itertools import product

import numpy as np
import pytest
from kanren import run
from scipy.stats import multivariate_normal, norm
from unification import var

import symbolic_pymc as sp
from symbolic_pymc.relations.conjugates import mvnormal_mean_precision_reversalo, mvnormal_mean_reversalo
from symbolic_pymc.relations.noise import DenseNoise
from tests.densities import POINTS, assert_conditioned, log_density
from tests.exact import posterior_and_evidence
from tests.interpreter import run_python

TOLERANCE = 1e-8
D = np.float64


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
    "shifted, summed": (VECTOR, lambda t, x: t.sum(2.0 - x)),
    "shifted, scaled, picked": (VECTOR, lambda t, x: (x * WIDE[0] + WIDE[1])[GROUP]),
    "shifted by an array, divided": (TRIPLE, lambda t, x: (x + X[0]) / X[1]),
    "sum beside others, picked": (TRIPLE, lambda t, x: (t.sum(x) + X[:, 0])[GROUP]),
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


# What has fewer elements than the data, or one -------------------------------------------------------------------

STRETCHED = {
    "sum": (TRIPLE, (), lambda t, x: t.sum(x)),
    "inner product": (TRIPLE, (), lambda t, x: t.dot(X[0], x)),
    "sum of one row": (TRIPLE, (1,), lambda t, x: t.sum(x * X[:1], axis=1)),
    "column of sums": (TRIPLE, (3, 1), lambda t, x: t.dot(X[:3], x)[:, None]),
}


@pytest.mark.parametrize("name", STRETCHED)
def test_a_linear_map_that_all_data_share(backend, name):
    shape, own, form = STRETCHED[name]
    full = (3, 4) if len(own) == 2 else (4,)
    problem = Problem(lambda t, x: np.broadcast_to(form(t, x), full), shape, "numbers", "numbers", 5)
    with backend.pm.Model() as model:
        x = backend.pm.Normal("x", problem.m, sigma=problem.s, shape=shape)
        backend.pm.Normal("y", form(backend.tensor, x), sigma=problem.sigma, observed=problem.y)
    evidence = assert_conditioned(backend, model, sp.conjugate_graph(model), TOLERANCE)
    np.testing.assert_allclose(evidence, problem.log_evidence(), rtol=TOLERANCE)


ALONE = {
    "number": ((), lambda t, x: t.sum(x * X[:, 0]), X[:, 0].sum() ** 2),
    "vector of one": ((1,), lambda t, x: t.dot(x, X[0, :1]), X[0, 0] ** 2),
    "vector": ((3,), lambda t, x: t.dot(X[0], x), np.sum(X[0] ** 2)),
}


@pytest.mark.parametrize("name", ALONE)
def test_the_law_of_one_number_without_what_is_in_its_mean(backend, name):
    shape, form, square = ALONE[name]
    s, sigma, y = np.float64(0.7), np.float64(1.3), np.float64(0.4)
    with backend.pm.Model() as model:
        x = backend.pm.Normal("x", np.float64(0.0), sigma=s, shape=shape)
        backend.pm.Normal("y", form(backend.tensor, x), sigma=sigma)
    result = sp.marginalize_graph(model, ["x"])
    assert [v.name for v in result.free_RVs] == ["y"]
    exact = norm(0.0, np.sqrt(sigma**2 + s**2 * square))
    np.testing.assert_allclose(log_density(backend, result)({"y": y}), exact.logpdf(y), rtol=TOLERANCE)


UNKNOWN = ["affine", "scalar to vector", "vector", "reversed", "groups with slopes", "mask", "regression"]


@pytest.mark.parametrize("name", UNKNOWN)
def test_the_law_of_unknown_numbers_without_what_is_in_their_mean(backend, name):
    shape, form = FORMS[name]
    problem = Problem(form, shape, "arrays" if shape else "numbers", "numbers", 6)
    with backend.pm.Model() as model:
        x = backend.pm.Normal("x", problem.m, sigma=problem.s, shape=shape)
        backend.pm.Normal("y", form(backend.tensor, x), sigma=problem.sigma, shape=problem.y.shape)
    result = sp.marginalize_graph(model, ["x"])
    assert [v.name for v in result.free_RVs] == ["y"]
    np.testing.assert_allclose(log_density(backend, result)({"y": problem.y}), problem.log_evidence(), rtol=TOLERANCE)


# Numbers of all magnitudes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["scalar to vector", "groups", "regression", "sum", "its only element"])
def test_extreme_scales(backend, name):
    """Prior and noise from 1e-8 to 1e8: mean, covariance and evidence are those of rational arithmetic.

    Left out is what no covariance matrix of double precision can hold: correlations of 1 - 1e-16 and nearer to 1.
    """
    shape, form = FORMS[name]
    problem = Problem(form, shape, "numbers", "numbers", seed=2)
    s, sigma = (backend.shared(np.float64(1.0)) for _ in range(2))
    pm = backend.pm
    with pm.Model() as model:
        x = pm.Normal("x", problem.m, sigma=s, shape=shape)
        pm.Normal("y", form(backend.tensor, x), sigma=sigma, observed=problem.y)
    result = sp.conjugate_graph(model)
    mean, scale = parameters_of(backend, result, "x")
    numbers = backend.compile_plainly([], [mean, scale, result.log_evidence])
    for s_value, sigma_value in product([1e-8, 1.0, 1e8], repeat=2):
        s.set_value(s_value)
        sigma.set_value(sigma_value)
        got_mean, got_scale, got_evidence = numbers()
        got_cov = got_scale if np.ndim(got_scale) == 2 else np.diag(np.ravel(got_scale) ** 2)
        noise = np.full(problem.n, sigma_value)
        exact = posterior_and_evidence(
            problem.F, problem.a, np.full(problem.k, s_value), noise, problem.y.ravel() - problem.c
        )
        np.testing.assert_allclose(np.ravel(got_mean), exact[0], rtol=1e-12)
        sd = np.sqrt(np.diag(exact[1]))
        assert np.all(np.abs(got_cov - exact[1]) <= 1e-12 * np.outer(sd, sd))
        np.testing.assert_allclose(got_evidence, exact[2], rtol=1e-12)


def parameters_of(backend, model, name):
    """Return the two parameters of a normal variable of a model, as base variables."""
    (rv,) = (v for v in sp_graph(backend, model).outputs if v.name == name)
    return rv.owner.inputs[3 if backend.name == "theano" else 2 :]


def sp_graph(backend, model):
    module = import_module(f"symbolic_pymc.{backend.name}.{'pymc3' if backend.name == 'theano' else 'pymc'}")
    return module.model_graph(model)


FLOAT32 = """
import os
os.environ["{name}_FLAGS".upper()] = "floatX=float32,cxx=,base_compiledir={cache}"
import numpy as np
from tests.conftest import make_backend
from tests.densities import assert_conditioned
import symbolic_pymc as sp
from tests.relations.test_conjugates import FORMS, Problem, single_model
backend = make_backend("{name}")
for form in ["one number", "groups", "regression", "more parameters than data", "row to matrix"]:
    shape, f = FORMS[form]
    problem = Problem(f, shape, "numbers", "numbers", seed=0)
    problem.y = problem.y.astype("float32")
    model = single_model(backend, problem, f)
    result = sp.conjugate_graph(model)
    evidence = assert_conditioned(backend, model, result, tolerance=1e-3)
    np.testing.assert_allclose(evidence, problem.log_evidence(), rtol=1e-3)
    print(form)
"""


@pytest.mark.slow
def test_single_precision(backend, pytestconfig, tmp_path):
    """With floatX=float32 the ratio test passes at 1e-3."""
    process = run_python(FLOAT32.format(name=backend.name, cache=tmp_path), pytestconfig.rootpath)
    assert process.returncode == 0, process.stderr
    assert len(process.stdout.splitlines()) == 5


# Python's numbers, which both backends hold in the smallest type that has their digits: a parent, and what it is in
LITERALS = {
    "quotient": (lambda pm, t: pm.Normal("x", D(0.5), sigma=D(2.0)), lambda t, x: {"mu": x / 3.0, "sigma": D(1.1)}),
    "quotient by an integer": (
        lambda pm, t: pm.Normal("x", D(0.5), sigma=D(2.0), shape=3),
        lambda t, x: {"mu": x / 7, "sigma": D(1.1)},
    ),
    "precision": (lambda pm, t: pm.Gamma("x", D(1.5), D(2.0)), lambda t, x: {"sigma": 1 / t.sqrt(3.0 * x)}),
    "root": (lambda pm, t: pm.InverseGamma("x", D(1.5), D(2.0)), lambda t, x: {"sigma": t.sqrt(3.0 * x)}),
    "power": (lambda pm, t: pm.InverseGamma("x", D(1.5), D(2.0)), lambda t, x: {"sigma": (7.0 * x) ** 0.5}),
    "root of a quotient": (lambda pm, t: pm.InverseGamma("x", D(1.5), D(2.0)), lambda t, x: {"sigma": t.sqrt(x / 7)}),
    "precision of a matrix": (
        lambda pm, t: pm.Gamma("x", D(1.5), D(2.0)),
        lambda t, x: {"cov": np.diag([1.0, 2.0, 3.0]) / (3.0 * x)},
    ),
}


@pytest.mark.parametrize("name", LITERALS)
def test_numbers_of_python_are_taken_in_double_precision(backend, name):
    parent, parameters = LITERALS[name]
    with backend.pm.Model() as model:
        p = {"mu": np.zeros(3), **parameters(backend.tensor, parent(backend.pm, backend.tensor))}
        law = backend.pm.MvNormal if "cov" in p else backend.pm.Normal
        law("y", **p, observed=np.array([0.3, 1.2, 2.5]))
    assert_conditioned(backend, model, sp.conjugate_graph(model), tolerance=1e-12)


# The relations themselves ---------------------------------------------------------------------------------------


def test_both_forms_of_the_linear_reversal_are_equal(backend):
    """The gain form and the precision form of one posterior, whatever the sizes."""
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    rng = np.random.default_rng(8)
    for n, k in [(2, 5), (5, 2), (3, 3), (1, 1)]:
        a, F, c, y = rng.normal(size=k), rng.normal(size=(n, k)), rng.normal(size=n), rng.normal(size=n)
        R, V = (m @ m.T + np.eye(len(m)) for m in (rng.normal(size=(k, k)), rng.normal(size=(n, n))))
        a_, F_, c_, y_, R_, V_ = map(ops.constant, (a, F, c, y, R, V))
        beta = ops.mvnormal(a_, R_)
        before = (beta, ops.mvnormal(ops.add(ops.dot(F_, beta), c_), V_))
        answers = []
        for relation in (
            partial(mvnormal_mean_reversalo, ops, y_),
            partial(mvnormal_mean_precision_reversalo, ops, DenseNoise(ops, R_), DenseNoise(ops, V_), y_),
        ):
            q = var()
            ((posterior, marginal),) = run(0, q, relation(before, q))
            answers.append([x.reify() for x in (*posterior.rands[:2], *marginal.rands[:2])])
        numbers = [backend.compile_plainly([], answer)() for answer in answers]
        for one, other in zip(*numbers):
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(numbers[0][3], F @ R @ F.T + V)


def test_a_reversal_knows_no_other_pair(backend):
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    a, R = ops.constant(np.zeros(2)), ops.constant(np.eye(2))
    beta, other = ops.mvnormal(a, R), ops.mvnormal(a, R)
    for likelihood in (ops.mvnormal(a, R), ops.normal(a, R), ops.mvnormal(ops.dot(R, beta), R)):
        q = var()
        assert run(0, q, mvnormal_mean_reversalo(ops, a, (beta, likelihood), q)) == ()
    assert other is not beta
