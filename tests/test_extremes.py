"""Numbers of extreme size: posterior parameters and log evidence against 50 digits, for data of none to 10**5 elements.

The parameters of a prior are shared variables, so that one rewritten model is evaluated at all of them.  The data are
few numbers repeated, whose exact sums the oracle knows without adding them up.
"""

from dataclasses import dataclass, field
from typing import Any, Callable

import numpy as np
import pytest
from mpmath import det, diag, inverse, log, loggamma, matrix, mp, mpf, pi, workdps

import symbolic_pymc as sp
from symbolic_pymc.adapter import adapter_of
from symbolic_pymc.meta import reify_many
from symbolic_pymc.relations.laws import parameters_of
from symbolic_pymc.parts import graph_parts
from tests.interpreter import run_python

mp.dps = 50
F = np.float64
TOLERANCE = 1e-8
SIZES = [0, 1, 100_000]
# parameters of gamma, inverse gamma and beta priors
SHAPES = [(1e-8, 1e-8), (2.5, 1e8), (2.5, 1e-8), (1e6, 3.0), (1e6, 1e8), (1e-3, 1e-6)]
CHANCES = [(1e-8, 1e-8), (1e-8, 3.0), (2.5, 1e6), (1e6, 1e6), (1e6, 1e-3)]


@dataclass(frozen=True)
class Case:
    """A conjugate pair.

    model : ``model(pm, y, *parameters)`` writes it with the parameters of the prior as shared variables
    statistics : ``statistics(y)`` of one datum, exactly: what it adds to the parameters, and the rest of its log density
    data : the numbers that are repeated
    """

    model: Callable
    statistics: Callable
    data: Any
    values: Any = field(default_factory=lambda: SHAPES)
    family: str = "gamma"


def exact(case, y, parameters):
    """Return the parameters of the posterior and the log evidence, with 50 digits."""
    distinct, counts = np.unique(y, return_counts=True)
    a, b = before = tuple(map(mpf, parameters))
    rest = mpf(0)
    for value, count in zip(distinct, counts):
        first, second, constant = case.statistics(mpf(value.item()))
        a, b, rest = a + int(count) * first, b + int(count) * second, rest + int(count) * constant
    return (a, b), rest + LOG_NORMS[case.family](a, b) - LOG_NORMS[case.family](*before)


LOG_NORMS = {
    "gamma": lambda a, b: loggamma(a) - a * log(b),
    "inversegamma": lambda a, b: loggamma(a) - a * log(b),
    "beta": lambda a, b: loggamma(a) + loggamma(b) - loggamma(a + b),
}
HALF = mpf(1) / 2
REALS = np.array([-1e8, -0.3, 1e-8, 2e3])
POSITIVE = np.array([1e-8, 0.3, 2e3, 1e8])
COUNTS = np.array([0, 1, 40, 10**6])
PARTS = np.array([1e-12, 0.3, 0.99, 1 - 2.0**-20])  # nearer to 1, the density of Beta(1e8, 1) in PyMC is inexact


def rate(build):
    return lambda pm, y, a, b: build(pm, y, pm.Gamma("theta", a, b))


def scale(build):
    return lambda pm, y, a, b: build(pm, y, pm.InverseGamma("theta", a, b))


def chance(build):
    return lambda pm, y, a, b: build(pm, y, pm.Beta("theta", a, b))


def square(error):
    return HALF, error**2 / 2, -log(2 * pi) / 2


CASES = {
    "gamma, Poisson": Case(
        rate(lambda pm, y, q: pm.Poisson("y", q, observed=y)), lambda y: (y, 1, -loggamma(y + 1)), COUNTS
    ),
    "gamma, Poisson with small exposures": Case(
        rate(lambda pm, y, q: pm.Poisson("y", F(1e-8) * q, observed=y)),
        lambda y: (y, mpf(1e-8), y * log(mpf(1e-8)) - loggamma(y + 1)),
        COUNTS,
    ),
    "gamma, exponential": Case(
        rate(lambda pm, y, q: pm.Exponential("y", q, observed=y)), lambda y: (1, y, 0), POSITIVE
    ),
    "gamma, gamma": Case(
        rate(lambda pm, y, q: pm.Gamma("y", F(2.5), q, observed=y)),
        lambda y: (mpf(2.5), y, mpf(1.5) * log(y) - loggamma(mpf(2.5))),
        POSITIVE,
    ),
    "gamma, normal precision": Case(
        rate(lambda pm, y, q: pm.Normal("y", F(1e3), tau=q, observed=y)), lambda y: square(y - 1000), REALS
    ),
    "gamma, lognormal precision": Case(
        rate(lambda pm, y, q: (getattr(pm, "LogNormal", None) or pm.Lognormal)("y", F(-3.0), tau=q, observed=y)),
        lambda y: (*square(log(y) + 3)[:2], -log(2 * pi) / 2 - log(y)),
        POSITIVE,
    ),
    "gamma, half normal precision": Case(
        rate(lambda pm, y, q: pm.HalfNormal("y", tau=q, observed=y)),
        lambda y: (HALF, y**2 / 2, log(2 / pi) / 2),
        POSITIVE,
    ),
    "gamma, inverse gamma": Case(
        rate(lambda pm, y, q: pm.InverseGamma("y", F(2.5), q, observed=y)),
        lambda y: (mpf(2.5), 1 / y, -mpf(3.5) * log(y) - loggamma(mpf(2.5))),
        POSITIVE,
    ),
    "gamma, Weibull": Case(
        rate(lambda pm, y, q: pm.Weibull("y", F(2.0), q ** F(-0.5), observed=y)),
        lambda y: (1, y**2, log(2) + log(y)),
        POSITIVE,
    ),
    "gamma, Laplace": Case(
        rate(lambda pm, y, q: pm.Laplace("y", F(1e3), 1 / q, observed=y)),
        lambda y: (1, abs(y - 1000), -log(mpf(2))),
        REALS,
    ),
    "gamma, Pareto": Case(
        rate(lambda pm, y, q: pm.Pareto("y", q, F(1e-9), observed=y)),
        lambda y: (1, log(y / mpf(1e-9)), -log(y)),
        POSITIVE,
    ),
    "gamma, beta(theta, 1)": Case(
        rate(lambda pm, y, q: pm.Beta("y", q, F(1.0), observed=y)), lambda y: (1, -log(y), -log(y)), PARTS
    ),
    "gamma, beta(1, theta)": Case(
        rate(lambda pm, y, q: pm.Beta("y", F(1.0), q, observed=y)), lambda y: (1, -log(1 - y), -log(1 - y)), PARTS
    ),
    "gamma, Wald": Case(
        rate(lambda pm, y, q: pm.Wald("y", mu=F(2.0), lam=q, observed=y)),
        lambda y: (HALF, (y - 2) ** 2 / (8 * y), -log(2 * pi * y**3) / 2),
        POSITIVE,
    ),
    "inverse gamma, normal variance": Case(
        scale(lambda pm, y, v: pm.Normal("y", F(1e3), sigma=v**0.5, observed=y)),
        lambda y: square(y - 1000),
        REALS,
        family="inversegamma",
    ),
    "inverse gamma, exponential scale": Case(
        scale(lambda pm, y, v: pm.Exponential("y", 1 / v, observed=y)),
        lambda y: (1, y, 0),
        POSITIVE,
        family="inversegamma",
    ),
    "beta, Bernoulli": Case(
        chance(lambda pm, y, p: pm.Bernoulli("y", p, observed=y)),
        lambda y: (y, 1 - y, 0),
        np.array([0, 1, 1, 1]),
        CHANCES,
        "beta",
    ),
    "beta, binomial": Case(
        chance(lambda pm, y, p: pm.Binomial("y", 10**6, p, observed=y)),
        lambda y: (y, 10**6 - y, loggamma(mpf(10**6 + 1)) - loggamma(y + 1) - loggamma(10**6 - y + 1)),
        COUNTS,
        CHANCES,
        "beta",
    ),
    "beta, geometric": Case(
        chance(lambda pm, y, p: pm.Geometric("y", p, observed=y)), lambda y: (1, y - 1, 0), COUNTS[1:], CHANCES, "beta"
    ),
    "beta, negative binomial": Case(
        chance(lambda pm, y, p: pm.NegativeBinomial("y", n=F(2.5), p=p, observed=y)),
        lambda y: (mpf(2.5), y, loggamma(y + mpf(2.5)) - loggamma(mpf(2.5)) - loggamma(y + 1)),
        COUNTS,
        CHANCES,
        "beta",
    ),
}


def give(shared, values):
    for place, value in zip(shared, values):
        place.set_value(np.asarray(value, dtype=place.dtype))


def assert_equal(got, expected, note, tolerance=TOLERANCE):
    """Compare parameters by the largest of each, and the log evidence, the last, by itself or 1."""
    assert len(got) == len(expected)
    for i, (x, right) in enumerate(zip(got, expected)):
        x, right = np.ravel(x), np.ravel(np.array(right, dtype=object))
        assert x.shape == right.shape and np.all(np.isfinite(x)), (note, x, right)
        size = max([abs(r) for r in right] + [1] * (i == len(got) - 1))
        error = max(abs(mpf(float(u)) - r) for u, r in zip(x, right))
        assert error <= tolerance * size, (note, i, float(error / size))


def read(backend, model):
    """Return a function to the parameters of `theta` in a conditioned model, and the log evidence."""
    graph = sp.conjugate_graph(model)
    assert [step.variables for step in sp.steps(graph) if step.taken] == [("theta", "y")], sp.steps(graph)
    ops, terms = adapter_of(graph).ops, adapter_of(graph).terms(graph)[0]
    (theta,) = (x for x in graph_parts(*terms) if ops.is_random(x) and x.name == "theta")
    parameters = reify_many(tuple(parameters_of(ops, theta).values()))
    return backend.compile_plainly([], [*parameters, graph.log_evidence])


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("name", CASES)
def test_one_parameter(backend, name, n):
    case = CASES[name]
    y = np.resize(case.data, n) if n != 1 else case.data[-1:]
    with backend.pm.Model() as model:
        shared = [backend.shared(F(1.0)) for _ in range(2)]
        case.model(backend.pm, y, *shared)
    compute = read(backend, model)
    for values in case.values:
        give(shared, values)
        expected, evidence = exact(case, y, values)
        assert_equal(compute(), [*expected, evidence], values)


# Normal ----------------------------------------------------------------------------------------------------------


def column(x):
    return matrix([mpf(float(u)) for u in np.ravel(x)])


def exactly(x):
    return matrix([[mpf(float(u)) for u in row] for row in x])


def condition(design, mean, covariance, noise, y):
    """Return mean and covariance of x ~ N(mean, covariance) given y ~ N(design x, noise), and the log density of y."""
    cross = covariance * design.T
    spread = design * cross + noise
    error, solved = y - design * mean, inverse(spread)
    gain = cross * solved
    evidence = -((error.T * solved * error)[0] + log(det(spread)) + len(y) * log(2 * pi)) / 2
    return list(mean + gain * error), list(covariance - gain * cross.T), evidence


UNITS = np.array([-0.3, 1e-8, 0.9, 2.0])  # a datum whose last digit is worth more than its deviation says nothing
# mean and deviation of the prior, deviation of the data
MEANS = [(0.3, 1e8, 1e-8), (0.3, 1e-8, 1e8), (1e8, 1e8, 1.0), (-1e8, 1.0, 1e-8), (0.0, 1e-8, 1.0), (1e-8, 1.0, 1e-8)]


@pytest.mark.parametrize("n", SIZES)
def test_the_mean_of_normal_data(backend, n):
    y = np.resize(UNITS, n)
    with backend.pm.Model() as model:
        m, s, sigma = shared = [backend.shared(F(1.0)) for _ in range(3)]
        backend.pm.Normal("y", backend.pm.Normal("theta", m, sigma=s), sigma=sigma, observed=y)
    compute = read(backend, model)
    for values in MEANS:
        give(shared, values)
        m, s, sigma = map(mpf, values)
        left = [mpf(u) - m for u in UNITS[: max(1, min(n, 4))]]
        total, squares = (n * sum(u**k for u in left) / len(left) for k in (1, 2))
        v = 1 / (1 / s**2 + n / sigma**2)
        squares = squares / sigma**2 - v * total**2 / sigma**4
        evidence = -(squares + n * log(2 * pi * sigma**2) + log(s**2 / v)) / 2
        assert_equal(compute(), [m + v * total / sigma**2, v**HALF, evidence], values)


@pytest.mark.parametrize("n", SIZES[1:])
def test_the_mean_of_normal_data_without_a_prior(backend, n):
    y = np.resize(UNITS, n)
    with backend.pm.Model() as model:
        sigma = backend.shared(F(1.0))
        backend.pm.Normal("y", backend.pm.Flat("theta"), sigma=sigma, observed=y)
    compute = read(backend, model)
    for value in (1e-8, 1.0, 1e8):
        sigma.set_value(value)
        data = [mpf(u) for u in y[:4]]
        mean, v = sum(data) / len(data), mpf(value) ** 2
        squares = n * sum((u - mean) ** 2 for u in data) / len(data)
        evidence = -(squares / v + n * log(2 * pi * v) - log(2 * pi * v / n)) / 2
        assert_equal(compute(), [mean, (v / n) ** HALF, evidence], value)


Z = np.array([0.3, -1.2, 0.8, 2.0, -0.5])
Y = np.array([1.0, -0.4, 3.0, 0.2, 2.0])


@pytest.mark.parametrize("distance", [1e-1, 1e-3])
@pytest.mark.parametrize("n", [1, 5])
def test_a_regression_on_columns_that_are_nearly_one(backend, n, distance):
    X = np.column_stack([np.ones(n), 1.0 + distance * Z[:n]])
    with backend.pm.Model() as model:
        s, sigma = shared = [backend.shared(F(1.0)) for _ in range(2)]
        beta = backend.pm.Normal("theta", np.array([1.0, 0.0]), sigma=s, shape=2)
        backend.pm.Normal("y", backend.tensor.dot(X, beta), sigma=sigma, observed=Y[:n])
    compute = read(backend, model)
    for values in [(1e-8, 1.0), (1.0, 1e8), (1.0, 1e-2), (1e4, 1.0), (1.0, 1e-8), (1e8, 1.0), (1e8, 1e8), (1e8, 1e-8)]:
        give(shared, values)
        with workdps(150):  # what is left of the prior's variance are the last of 64 digits
            s, sigma = map(mpf, values)
            prior, noise = diag([s**2] * 2), diag([sigma**2] * n)
            right = condition(exactly(X), column([1.0, 0.0]), prior, noise, column(Y[:n]))
            assert_equal(compute(), right, values)


def nearly_singular(distance):
    """Return a covariance of the correlation 1 - distance."""
    return np.array([[4.0, 2.0 - 2.0 * distance], [2.0 - 2.0 * distance, 1.0]])


ROWS = np.column_stack([Y, Y / 2 + 1e-4 * Z])


@pytest.mark.parametrize("distance", [1e-2, 1e-6])
def test_a_mean_vector_of_a_nearly_singular_covariance(backend, distance):
    with backend.pm.Model() as model:
        size = backend.shared(F(1.0))
        mu = backend.pm.MvNormal("theta", np.zeros(2), cov=size * nearly_singular(distance), shape=2)
        backend.pm.MvNormal("y", mu, cov=np.array([[2.0, 0.5], [0.5, 1.0]]), observed=ROWS, shape=ROWS.shape)
    compute = read(backend, model)
    for value in (1e-8, 1.0, 1e8):
        size.set_value(value)
        design = exactly(np.kron(np.ones((5, 1)), np.eye(2)))
        noise = exactly(np.kron(np.eye(5), np.array([[2.0, 0.5], [0.5, 1.0]])))
        prior = mpf(value) * exactly(nearly_singular(distance))
        right = condition(design, column(np.zeros(2)), prior, noise, column(ROWS))
        assert_equal(compute(), right, value, tolerance=TOLERANCE)


@pytest.mark.parametrize("distance", [1e-2, 1e-6])
def test_the_scale_of_a_nearly_singular_covariance(backend, distance):
    y = ROWS[0]
    with backend.pm.Model() as model:
        a, b = shared = [backend.shared(F(1.0)) for _ in range(2)]
        v = backend.pm.InverseGamma("theta", a, b)
        backend.pm.MvNormal("y", np.zeros(2), cov=v * nearly_singular(distance), observed=y, shape=2)
    compute, V = read(backend, model), exactly(nearly_singular(distance))
    for values in SHAPES:
        give(shared, values)
        a, b = map(mpf, values)
        after = a + 1, b + (column(y).T * inverse(V) * column(y))[0] / 2
        evidence = LOG_NORMS["gamma"](*after) - LOG_NORMS["gamma"](a, b) - log(2 * pi) - log(det(V)) / 2
        assert_equal(compute(), [*after, evidence], values)


# Vectors of probabilities ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("counts", [np.zeros(3, int), np.array([0, 0, 1]), np.array([10**6, 7, 0])], ids=str)
def test_a_vector_of_probabilities(backend, counts):
    n = int(counts.sum())
    with backend.pm.Model() as model:
        a = backend.shared(np.ones(3))
        theta = backend.pm.Dirichlet("theta", a, shape=3)
        backend.pm.Multinomial("y", n, theta, observed=counts, shape=3)
    compute = read(backend, model)
    for values in ([1e-3, 1.0, 1e6], [1e6, 1e6, 1e6], [1e-3, 2.0, 0.5]):
        a.set_value(np.array(values))
        before, y = [mpf(u) for u in values], [int(u) for u in counts]
        after = [u + v for u, v in zip(before, y)]
        norms = [sum(map(loggamma, x)) - loggamma(sum(x)) for x in (before, after)]
        evidence = norms[1] - norms[0] + loggamma(n + 1) - sum(loggamma(mpf(u + 1)) for u in y)
        assert_equal(compute(), [after, evidence], values)


# Single precision -----------------------------------------------------------------------------------------------

SINGLE = """
import os
os.environ["{name}_FLAGS".upper()] = "floatX=float32,cxx=,base_compiledir={cache}"
import numpy as np
from tests.conftest import make_backend
from tests import test_extremes as module
backend = make_backend("{name}")
module.F = np.float32
for name, case in module.CASES.items():
    y = case.data[module.small(case.data)]
    y = y.astype("float32") if y.dtype.kind == "f" else y
    with backend.pm.Model() as model:
        shared = [backend.shared(np.float32(1.0)) for _ in range(2)]
        case.model(backend.pm, y, *shared)
    print(name)
    if "{name}" == "theano" and y.dtype.kind == "i":  # PyMC3 has them in 16 bits, and no law of these is known
        result = module.sp.conjugate_graph(model)
        assert result is model and "no closed form is known" in module.sp.steps(result)[0].reason
        continue
    compute = module.read(backend, model)
    for values in [(0.25, 0.125), (2.5, 1024.0), (512.0, 3.0)]:
        module.give(shared, values)
        expected, evidence = module.exact(case, y, values)
        module.assert_equal(compute(), [*expected, evidence], (name, values), tolerance=1e-3)
"""


def small(data):
    """Return which of the data single precision tells from its neighbours and from 0 and 1."""
    return (abs(data) < 1e5) & (abs(data) > 1e-5) & (abs(data - 1) > 1e-5) | (data == 1)


@pytest.mark.slow
def test_single_precision(backend, pytestconfig, tmp_path):
    process = run_python(SINGLE.format(name=backend.name, cache=tmp_path), pytestconfig.rootpath)
    assert process.returncode == 0, process.stderr
    assert process.stdout.splitlines() == list(CASES)
