"""Losses of a known matrix: derivatives, restrictions and estimates are those of the objective as a whole."""

import numpy as np
import pytest

import symbolic_pymc as sp
from symbolic_pymc.proximal.compiled import Layout, problem_of
from symbolic_pymc.proximal.mapped import Mapped, mapped_or_whole
from symbolic_pymc.proximal.newton import Coordinates
from symbolic_pymc.proximal.solvers import fista

pytestmark = pytest.mark.filterwarnings("ignore")

rng = np.random.default_rng(5)
N, P = 40, 25
X = rng.normal(size=(N, P))
X[7] = 0.0
Y = X[:, 0] - 2.0 * X[:, 1] + rng.normal(size=N)
WEIGHTS, TIMES = np.linspace(0.5, 2.0, P), np.linspace(-1.0, 1.0, N)
F = np.float64


def squares(backend):
    beta = backend.pm.Laplace("beta", F(0), F(0.2), shape=P)
    backend.pm.Normal("y", backend.tensor.dot(X, beta) - F(0.5), F(0.7), observed=Y)


def weighted(backend):
    beta = backend.pm.Laplace("beta", F(0), 1.0 / WEIGHTS, shape=P)
    backend.pm.Normal("y", TIMES * backend.tensor.dot(X, beta), np.linspace(0.5, 2.0, N), observed=Y)


def logistic(backend):
    beta = backend.pm.Laplace("beta", F(0), F(0.5), shape=P)
    level = backend.pm.Normal("level", F(0), F(3))
    backend.pm.Bernoulli("y", logit_p=level + backend.tensor.dot(X, beta), observed=(Y > 0).astype("int64"))


def counts(backend):
    beta = backend.pm.Laplace("beta", F(0), F(0.5), shape=P)
    backend.pm.Potential("ridge", F(-2.0) * backend.tensor.sum(beta**2))
    trend = backend.pm.Normal("trend", F(0), F(1), shape=2)
    mean = backend.tensor.dot(X, beta) + TIMES * trend[0] + trend[1]
    backend.pm.Poisson("y", backend.tensor.exp(F(0.3) * mean), observed=np.round(np.exp(0.3 * Y)).astype("int64"))


def two_sets_of_data(backend):
    beta = backend.pm.Laplace("beta", F(0), F(0.2), shape=P)
    backend.pm.Normal("y", backend.tensor.dot(X, beta), F(1), observed=Y)
    backend.pm.Normal("z", backend.tensor.dot(X[::2], beta), F(2), observed=Y[::2])


def positive(backend):
    beta = backend.pm.Exponential("beta", F(2), shape=P)
    backend.pm.Normal("y", backend.tensor.dot(X, beta), F(1), observed=Y)


CONVEX = [squares, weighted, logistic, counts, two_sets_of_data, positive]


def rows(backend):
    """Groups that are the rows of a matrix."""
    beta = backend.pm.Flat("beta", shape=(5, 5))
    backend.pm.Potential("lengths", F(-8) * backend.tensor.sum(backend.tensor.sqrt((beta**2).sum(axis=1))))
    backend.pm.Normal("y", backend.tensor.dot(X, beta.flatten()), F(1), observed=Y)


def columns(backend):
    """Groups that are columns, and sizes of their elements."""
    beta = backend.pm.Laplace("beta", F(0), F(0.5), shape=(5, 5))
    backend.pm.Potential("lengths", F(-4) * backend.tensor.sum(backend.tensor.sqrt((beta**2).sum(axis=0))))
    backend.pm.Normal("y", backend.tensor.dot(X, beta.flatten()), F(1), observed=Y)


def some(backend):
    """Three groups of elements of a vector, and elements that are in none."""
    beta = backend.pm.Flat("beta", shape=P)
    for i, group in enumerate((beta[:3], beta[3:6], beta[6:20])):
        backend.pm.Potential(f"length {i}", F(-9) * backend.tensor.sqrt((group**2).sum()))
    backend.pm.Normal("y", backend.tensor.dot(X, beta), F(1), observed=Y)


GROUPED = {rows: (5, 5), columns: (5, 5), some: P}


def stated(backend, build):
    with backend.pm.Model() as model:
        build(backend)
    split = sp.split(model)
    shapes = {"beta": GROUPED.get(build, P), "level": (), "trend": 2}
    layout = Layout({name: np.zeros(shapes[name]) for name in split.objective.inputs})
    with split.objective.adapter.build_context():
        return mapped_or_whole(split, layout), problem_of(split, layout)


@pytest.mark.parametrize("build", [*CONVEX, *GROUPED], ids=lambda f: f.__name__)
def test_it_is_the_objective_as_a_whole(backend, build):
    problem, whole = stated(backend, build)
    assert isinstance(problem, Mapped)
    size = problem.matrix.shape[1]
    x, v = np.abs(rng.normal(size=size)) / 3.0, rng.normal(size=size)
    zeros = {rows: range(5, 10), columns: range(2, 25, 5)}.get(build, range(3, 6))
    x[list(zeros)] = 0.0
    np.testing.assert_allclose(problem.gradient(x)[0], whole.gradient(x)[0], rtol=1e-12)
    np.testing.assert_allclose(problem.gradient(x)[1], whole.gradient(x)[1], rtol=1e-9, atol=1e-10)
    assert problem.value(x) == pytest.approx(whole.value(x), rel=1e-12)
    assert problem.penalty(x) == pytest.approx(whole.penalty(x), rel=1e-12)
    space = Coordinates(problem.fixed(x))
    assert set(np.flatnonzero(problem.fixed(x))) == set(zeros)
    expected = np.stack([space.lower(whole.product(x, space.lift(e))) for e in np.eye(space.size)], axis=1)
    np.testing.assert_allclose(problem.hessian(x, space), expected, rtol=1e-9, atol=1e-9)
    moved = space.lift(space.lower(v))
    np.testing.assert_allclose(
        space.lower(problem.product(x, moved)), space.lower(whole.product(x, moved)), rtol=1e-9, atol=1e-9
    )


@pytest.mark.parametrize("build", [squares, counts], ids=lambda f: f.__name__)
def test_second_derivatives_among_other_elements(backend, build):
    """Those of squares are kept for elements that are fixed or free the next time."""
    problem, whole = stated(backend, build)
    size = problem.matrix.shape[1]
    for scale, zeros in ((1.0, (3, 4)), (1.0, (3, 4, 9)), (0.5, (0, 4, 9)), (0.5, range(20)), (0.5, ())):
        x = scale * np.linspace(-1.0, 1.2, size)
        x[list(zeros)] = 0.0
        space = Coordinates(problem.fixed(x))
        expected = np.stack([space.lower(whole.product(x, space.lift(e))) for e in np.eye(space.size)], axis=1)
        np.testing.assert_allclose(problem.hessian(x, space), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("build", [*CONVEX, *GROUPED], ids=lambda f: f.__name__)
def test_the_estimate_is_that_of_the_whole(backend, build):
    problem, whole = stated(backend, build)
    start = np.zeros(problem.matrix.shape[1])
    here, there = (fista(p, start, 1e-10) for p in (problem, whole))
    assert here.status == there.status == "converged"
    np.testing.assert_allclose(here.x, there.x, atol=1e-7)
    np.testing.assert_array_equal(here.x == 0.0, there.x == 0.0)
    assert 0 < np.sum(here.x == 0.0) < P


def test_no_matrix_no_map(backend):
    """What is multiplied is not known to be linear, or the loss is of two expressions."""

    def two_expressions(backend):
        beta = backend.pm.Laplace("beta", F(0), F(0.2), shape=P)
        level = backend.pm.HalfNormal("level", F(1))
        backend.pm.Potential("y", -(backend.tensor.dot(X, beta) ** 2 * (F(1) + level**2)).sum())

    def running_sums(backend):
        beta = backend.pm.Laplace("beta", F(0), F(0.2), shape=P)
        backend.pm.Normal("y", backend.tensor.cumsum(beta), F(1), observed=Y[:P])

    for build in (two_expressions, running_sums):
        problem, _ = stated(backend, build)
        assert not isinstance(problem, Mapped)


def test_one_set_for_another_is_no_design(backend):
    """A matrix that is in the graph, but not all that multiplies the unknown."""

    def twice(backend):
        beta = backend.pm.Laplace("beta", F(0), F(0.2), shape=P)
        mean = backend.tensor.dot(X, beta) + backend.tensor.dot(X[::-1], beta)
        backend.pm.Normal("y", mean, F(1), observed=Y)

    problem, whole = stated(backend, twice)
    assert not isinstance(problem, Mapped)


def test_memory_is_that_of_rows(backend):
    """Second derivatives are summed over blocks of rows: there is no second design."""
    import tracemalloc

    large = rng.normal(size=(20_000, 30))

    def tall(backend):
        beta = backend.pm.Laplace("beta", F(0), F(0.2), shape=P)
        backend.pm.Normal("y", backend.tensor.dot(large[:, :P].copy(), beta), F(1), observed=large[:, -1])

    problem, _ = stated(backend, tall)
    x = np.ones(P)
    problem.hessian(x, Coordinates(problem.fixed(x)))
    tracemalloc.start()
    problem.hessian(x, Coordinates(problem.fixed(x)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.5 * problem.matrix.nbytes


def test_a_start_without_exact_zeros_gets_them(backend):
    problem, _ = stated(backend, squares)
    best = fista(problem, np.zeros(P), 1e-10).x
    near = best + 1e-14 * rng.normal(size=P)
    found = fista(problem, near, 1e-6)
    assert found.status == "converged"
    np.testing.assert_array_equal(found.x == 0.0, best == 0.0)
