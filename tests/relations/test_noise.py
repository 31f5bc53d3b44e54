"""What spreads a normal vector about its mean: its covariance, inverse, law and sums, against matrices of numpy."""

from importlib import import_module

import numpy as np
import pytest
from scipy import stats

from symbolic_pymc.meta import settle_graph
from symbolic_pymc.relations.noise import DenseNoise, EqualNoise, IndependentNoise, LowRankNoise, noise_of

RNG = np.random.default_rng(4)
N = 4
MEAN, POINT = RNG.normal(size=N), RNG.normal(size=N)
VARIANCE, SCALES, FACTOR = RNG.uniform(0.5, 2, size=N), RNG.uniform(0.5, 2, size=2), RNG.normal(size=(N, 2))
ROOT = RNG.normal(size=(N, N))
COV = ROOT @ ROOT.T + np.eye(N)
F = RNG.normal(size=(N, 3))
PARENT_ROOT = RNG.normal(size=(3, 3))
PARENT_COV, PARENT_VARIANCE = PARENT_ROOT @ PARENT_ROOT.T + np.eye(3), RNG.uniform(0.5, 2, size=3)


def low_rank(ops, variance=VARIANCE):
    return LowRankNoise(ops, *map(ops.constant, (FACTOR, variance, SCALES, MEAN)))


W = FACTOR * SCALES
# the noise and its covariance
NOISES = {
    "independent": (lambda ops: IndependentNoise(ops, *map(ops.constant, (VARIANCE, MEAN))), np.diag(VARIANCE)),
    "equal": (lambda ops: IndependentNoise(ops, *map(ops.constant, (VARIANCE[:1], MEAN))), VARIANCE[0] * np.eye(N)),
    "low rank": (low_rank, np.diag(VARIANCE) + W @ W.T),
    "low rank beside equal": (lambda ops: low_rank(ops, VARIANCE[:1]), VARIANCE[0] * np.eye(N) + W @ W.T),
    "dense": (lambda ops: DenseNoise(ops, ops.constant(COV)), COV),
}
PARENTS = {
    "independent": (
        lambda ops: IndependentNoise(ops, *map(ops.constant, (PARENT_VARIANCE, np.ones(3)))),
        np.diag(PARENT_VARIANCE),
    ),
    "dense": (lambda ops: DenseNoise(ops, ops.constant(PARENT_COV)), PARENT_COV),
}


@pytest.fixture(params=NOISES)
def noise(request, backend):
    ops = ops_of(backend)
    build, cov = NOISES[request.param]
    return ops, build(ops), cov


def ops_of(backend):
    return import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops


def number(backend, term):
    return backend.compile_plainly([], settle_graph(term).reify())()


def close(backend, term, expected):
    np.testing.assert_allclose(number(backend, term), expected, rtol=1e-10, atol=1e-12)


def has_law(backend, draw, mean, cov):
    density = import_module(f"symbolic_pymc.{backend.name}.adapter").ADAPTER.log_density
    y = ops_of(backend).constant(POINT)
    found = backend.compile_plainly([], density(settle_graph(draw).reify(), y.reify()).sum())()
    np.testing.assert_allclose(found, stats.multivariate_normal(mean, cov).logpdf(POINT), rtol=1e-10)


def test_covariance_and_law(backend, noise):
    ops, noise, cov = noise
    close(backend, noise.cov, cov)
    has_law(backend, noise.law(ops.constant(MEAN)), MEAN, cov)


def test_the_inverse_covariance_times_a_vector_and_a_matrix(backend, noise):
    ops, noise, cov = noise
    for x in (POINT, F):
        close(backend, noise.solve(ops.constant(x)), np.linalg.solve(cov, x))


@pytest.mark.parametrize("name", PARENTS)
def test_the_precision_and_the_columns_of_a_parameter(backend, name):
    ops = ops_of(backend)
    build, cov = PARENTS[name]
    parent = build(ops)
    close(backend, parent.precision, np.linalg.inv(cov))
    factor, scales = (number(backend, x) for x in parent.columns(ops.constant(F)))
    np.testing.assert_allclose((factor * scales) @ (factor * scales).T, F @ cov @ F.T, rtol=1e-12)


@pytest.mark.parametrize("name", PARENTS)
def test_the_law_with_a_linear_map_of_a_parameter(backend, noise, name):
    ops, noise, cov = noise
    build, parent_cov = PARENTS[name]
    widened = noise.widened(ops.constant(MEAN), ops.constant(F), build(ops))
    has_law(backend, widened, MEAN, cov + F @ parent_cov @ F.T)


@pytest.mark.parametrize("name", ["low rank", "low rank beside equal", "dense"])
def test_divided_by_a_number(backend, name):
    ops, (build, cov) = ops_of(backend), NOISES[name]
    divided = build(ops).divided(ops.constant(2.5))
    close(backend, divided.cov, cov / 2.5)
    has_law(backend, divided.law(ops.constant(MEAN)), MEAN, cov / 2.5)


def test_the_law_of_one_deviation(backend):
    ops = ops_of(backend)
    noise = EqualNoise(ops, ops.like(ops.constant(1.5), ops.constant(MEAN)))
    has_law(backend, noise.law(ops.constant(MEAN)), MEAN, 1.5**2 * np.eye(N))


def test_the_noise_of_a_draw(backend):
    ops = ops_of(backend)
    mean, pattern, deviation = ops.constant(MEAN), ops.constant(POINT), ops.constant(np.sqrt(VARIANCE))
    draws = {
        "independent": ops.normal(mean, deviation),
        "equal": ops.normal(mean, ops.constant(np.sqrt(VARIANCE[0]))),
        "low rank": ops.lowrankmvnormal(mean, *map(ops.constant, (FACTOR, VARIANCE, SCALES))),
        "dense": ops.mvnormal(mean, ops.constant(COV)),
    }
    for name, draw in draws.items():
        close(backend, noise_of(ops, draw, pattern).cov, NOISES[name][1])
    others = {"mu": mean, "sigma": ops.constant(np.float64(3.0))}
    close(backend, noise_of(ops, draws["independent"], pattern, others).cov, 9.0 * np.eye(N))
    one = ops.lowrankmvnormal(mean, *map(ops.constant, (FACTOR, VARIANCE, SCALES[:1])))
    column = FACTOR * SCALES[0]
    close(backend, noise_of(ops, one, pattern).cov, np.diag(VARIANCE) + column @ column.T)
