"""Log evidence of normal data whose deviation is less than the last digit of their mean, against 60 digits."""

import numpy as np
import pytest
from mpmath import det, inverse, log, matrix, mp, mpf, pi

import symbolic_pymc as sp
from tests.densities import evidence_of

F = np.float64
FAR, SIGMA = F(1e8), F(1e-8)
Y = FAR + np.array([0.0, 1.0, 2.0, -1.0, 3.0]) * 2.0**-26
GROUP = np.array([0, 1, 1, 0, 2])
ONES = np.ones((5, 1))
X = np.column_stack([np.ones(5), np.arange(5.0)])
COV = np.array([[1.0, 0.5], [0.5, 1.0]])
NOISE = np.array([[1.0, 0.2], [0.2, 2.0]])


def exactly(x):
    return matrix([[mpf(float(u)) for u in row] for row in np.atleast_2d(x)])


def normal(design, mean, prior, noise, y):
    """Return the log density of y ~ N(design mean, noise + design prior design'); covariances are of mpmath."""
    design, y = exactly(design), exactly(y).T
    spread = design * prior * design.T + noise
    error = y - design * exactly(mean).T
    return -((error.T * inverse(spread) * error)[0] + log(det(spread)) + len(y) * log(2 * pi)) / 2


def eye(n):
    return exactly(np.eye(n))


def flat():
    """Return the log of the integral of the density of the data over their mean, and that mean."""
    v, y = mpf(SIGMA) ** 2, [mpf(u) for u in Y]
    mean = sum(y) / 5
    squares = sum((u - mean) ** 2 for u in y)
    return -squares / v / 2 - 5 * log(2 * pi * v) / 2 + log(2 * pi * v / 5) / 2, mean


def exponential():
    integral, mean = flat()
    rate = mpf(1e-8)
    return integral + log(rate) - rate * mean + (rate * mpf(SIGMA)) ** 2 / 10


VAGUE, TINY = mpf(FAR) ** 2, mpf(SIGMA) ** 2


def about(pm, theta, y=Y):
    return pm.Normal("y", theta, sigma=SIGMA, observed=y)


# by name: the model, and the log evidence
CASES = {
    "one datum": (
        lambda pm, t: about(pm, pm.Normal("t", FAR, sigma=FAR), -FAR),
        lambda: normal([[1.0]], [FAR], VAGUE * eye(1), TINY * eye(1), -FAR),
    ),
    "one mean": (
        lambda pm, t: about(pm, pm.Normal("t", -FAR, sigma=FAR)),
        lambda: normal(ONES, [-FAR], VAGUE * eye(1), TINY * eye(5), Y),
    ),
    "means of groups": (
        lambda pm, t: about(pm, F(2.0) * pm.Normal("t", -FAR, sigma=FAR, shape=3)[GROUP]),
        lambda: normal(2 * np.eye(3)[GROUP], [-FAR] * 3, VAGUE * eye(3), TINY * eye(5), Y),
    ),
    "a regression": (
        lambda pm, t: about(pm, t.dot(X, pm.Normal("t", F(0.0), sigma=FAR, shape=2))),
        lambda: normal(X, [0.0, 0.0], VAGUE * eye(2), TINY * eye(5), Y),
    ),
    "a vector": (
        lambda pm, t: pm.MvNormal(
            "y",
            pm.MvNormal("t", np.zeros(2), cov=COV * FAR**2, shape=2),
            cov=NOISE * SIGMA**2,
            observed=Y[:4].reshape(2, 2),
            shape=(2, 2),
        ),
        lambda: normal(
            np.kron(np.ones((2, 1)), np.eye(2)),
            [0.0, 0.0],
            exactly(COV * FAR**2),
            exactly(np.kron(np.eye(2), NOISE * SIGMA**2)),
            Y[:4],
        ),
    ),
    "uniform": (
        lambda pm, t: about(pm, pm.Uniform("t", -2 * FAR, 2 * FAR)),
        lambda: flat()[0] - log(mpf(4 * FAR)),
    ),
    "half-normal": (
        lambda pm, t: about(pm, pm.HalfNormal("t", sigma=FAR)),
        lambda: normal(ONES, [0.0], VAGUE * eye(1), TINY * eye(5), Y) + log(2),
    ),
    "exponential": (lambda pm, t: about(pm, pm.Exponential("t", F(1e-8))), exponential),
    "flat": (lambda pm, t: about(pm, pm.Flat("t")), lambda: flat()[0]),
    "half-flat": (lambda pm, t: about(pm, pm.HalfFlat("t")), lambda: flat()[0]),
}


@pytest.mark.parametrize("name", CASES)
def test_the_evidence_of_numbers_far_away(backend, name):
    build, exact = CASES[name]
    with backend.pm.Model() as model:
        build(backend.pm, backend.tensor)
    result = sp.conjugate_graph(model)
    with mp.workdps(60):
        np.testing.assert_allclose(evidence_of(backend, result), float(exact()), rtol=1e-12)
