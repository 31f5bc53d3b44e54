"""Sums of functions of whole arrays with others: no point, near or far, is better than what is derived."""

from importlib import import_module

import numpy as np
import pytest

from symbolic_pymc.proximal.shapes import CONVEX
from tests.proximal.block_cases import INF
from tests.proximal.test_blocks import derived

W = np.array([0.1, 0.5, 0.0, 0.3, 1.0, 0.2])
MEMBERS = np.array([[0.0, 1.0, 0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0, 1.0]])
ODD, EVEN = np.array([1, 3, 5]), np.array([0, 2, 4])


@pytest.fixture
def ops(backend):
    return import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops


def _norm(t, x):
    return t.sqrt(t.sum(x**2))


def _positive(t, x, value):
    return t.switch(t.all(x >= 0), value, INF)


def _growing(t, x, value):
    return t.switch(t.all(x[1:] >= x[:-1]), value, INF)


def _huber(t, x):
    return t.sum(t.switch(abs(x) < 0.5, x**2 / 2, 0.5 * abs(x) - 0.125))


def _variation(t, x):
    return t.sum(abs(x[1:] - x[:-1]))


SUMS = {
    "length and check loss": lambda t, x: 0.7 * _norm(t, x) + t.sum(t.switch(x < 0, -0.4 * x, 1.3 * x)),
    "length, weights, squares, line": lambda t, x: (
        0.7 * _norm(t, x) + t.sum(W * abs(x)) + 0.3 * t.sum((x - W) ** 2) + t.dot(W, x)
    ),
    "ball and weights": lambda t, x: t.switch(_norm(t, x) <= 1, t.sum(W * abs(x)), INF),
    "ball and positive": lambda t, x: t.switch(_norm(t, x) <= 1, _positive(t, x, 0.1 * t.sum(x)), INF),
    "cube of a length": lambda t, x: 0.7 * t.sum(x**2) ** 1.5 + 0.3 * t.sum(abs(x)),
    "fourth power of a length": lambda t, x: 0.2 * t.sum(x**2) ** 2,
    "length twice": lambda t, x: _norm(t, x) + 0.5 * t.sqrt(t.sum(x**2)),
    "exponential of a length": lambda t, x: t.exp(_norm(t, x)),
    "groups and absolute values": lambda t, x: 0.5 * _norm(t, x[:2]) + 0.9 * _norm(t, x[2:6]) + 0.2 * t.sum(abs(x)),
    "a group, others alone": lambda t, x: 0.5 * _norm(t, x[:2]) + 0.9 * t.sum(abs(x[2:6])),
    "a group, largest of others": lambda t, x: 0.5 * _norm(t, x[:2]) + 0.9 * t.max(x[2:6]),
    "groups by index": lambda t, x: 0.5 * _norm(t, x[ODD] - 1.0) + 0.8 * _norm(t, 2 * x[EVEN]),
    "groups by a matrix, some of them positive": lambda t, x: _positive(
        t, x, t.dot(np.r_[0.5, 1.2], t.sqrt(t.dot(MEMBERS, x**2))) + 0.1 * t.sum(x)
    ),
    "largest, absolute values, squares": lambda t, x: 0.9 * t.max(x) + 0.2 * t.sum(abs(x)) + 0.1 * t.sum(x**2),
    "largest and positive": lambda t, x: _positive(t, x, 0.9 * t.max(x)),
    "largest and Huber": lambda t, x: 0.9 * t.max(x) + _huber(t, x),
    "largest and absolute residuals": lambda t, x: 0.9 * t.max(x) + 0.3 * t.sum(abs(x - 0.4)),
    "largest two and absolute values": lambda t, x: 0.9 * t.sum(t.sort(x)[-2:]) + 0.3 * t.sum(abs(x)),
    "variation and positive": lambda t, x: _positive(t, x, 0.5 * _variation(t, x) + 0.2 * t.sum(x)),
    "variation and box": lambda t, x: t.switch(t.all(abs(x) <= 0.6), 0.5 * _variation(t, x), INF),
    "variation, absolute values, line": lambda t, x: 0.5 * _variation(t, x) + 0.2 * t.sum(abs(x)) + t.dot(W, x),
    "growing and positive": lambda t, x: _growing(t, x, _positive(t, x, 0.3 * t.sum(x))),
    "growing and absolute values": lambda t, x: _growing(t, x, 0.3 * t.sum(abs(x))),
    "growing, Huber, squares": lambda t, x: _growing(t, x, _huber(t, x) + 0.2 * t.sum((x - W) ** 2)),
    "order, squares, line": lambda t, x: t.dot(np.sort(W), t.sort(abs(x))) + 0.3 * t.sum(x**2) + t.dot(W, x),
    "log-sum-exp and squares": lambda t, x: 0.7 * t.log(t.sum(t.exp(2 * x - 1))) + 0.2 * t.sum((x - W) ** 2),
    "distance and squares": lambda t, x: 0.8 * _norm(t, t.maximum(x - 0.3, 0)) + 0.1 * t.sum(x**2),
    "square of a sum": lambda t, x: t.sum(x) ** 2 + 0.1 * t.sum(x),
    "deviations from the mean": lambda t, x: t.sum((x - t.mean(x)) ** 2),
    "simplex, squares, line": lambda t, x: t.switch(
        t.eq(t.sum(x), 2.0), _positive(t, x, 0.3 * t.sum((x - W) ** 2) + t.dot(W, x)), INF
    ),
    "simplex of bounded elements": lambda t, x: t.switch(
        t.and_(t.eq(t.sum(x), 2.0), t.all(x <= 2)), _positive(t, x, t.dot(W, x)), INF
    ),
    "fixed sum and squares": lambda t, x: t.switch(t.eq(t.sum(x), 2.0), 0.3 * t.sum((x - W) ** 2), INF),
}
FIXED = [name for name in SUMS if "simplex" in name or "fixed" in name]
# the values along the simplex or plane, which rounding leaves
ALONG = {
    "simplex, squares, line": lambda x: 0.3 * np.sum((x - W) ** 2) + W @ x,
    "simplex of bounded elements": lambda x: W @ x,
    "fixed sum and squares": lambda x: 0.3 * np.sum((x - W) ** 2),
}


def others(name, x, rng):
    """Yield points near and far, of the same sum where that is fixed, and positive on the simplex."""
    for size in (1.0, 1e-1, 1e-2, 1e-3, 1e-4):
        for _ in range(40):
            step = size * rng.normal(size=6) * (rng.random(6) < rng.choice([0.3, 1.0]))
            if name == "fixed sum and squares":
                step -= np.mean(step)
            yield x + step if "simplex" not in name else x + size * (2.0 * rng.dirichlet(np.full(6, 0.3)) - x)


@pytest.mark.parametrize("name", SUMS)
def test_nothing_is_better(backend, ops, name):
    function, prox = derived(backend, ops, lambda x: SUMS[name](backend.tensor, x), 1)
    x = backend.tensor.dvector("x")
    cost = backend.compile_plainly([x], backend.tensor.sum(SUMS[name](backend.tensor, x)))
    rng = np.random.default_rng(7)

    def objective(u, z):
        value = ALONG[name](u) if name in FIXED else float(cost(u))
        return 0.8 * value + 0.5 * np.sum((u - z) ** 2)

    wrong = 0.0
    for scale in (0.3, 1.0, 3.0):
        z = scale * rng.normal(size=6)
        at = prox(z, 0.8)
        with np.errstate(all="ignore"):
            if name not in FIXED and not np.isfinite(cost(at)):
                at = at * (1 - 1e-12)  # rounding left it beside the support
            least = min(objective(u, z) for u in others(name, at, rng))
            assert objective(at, z) <= least + 1e-9
            if name in FIXED:
                assert abs(np.sum(at) - 2.0) < 1e-12
            wrong = max(wrong, objective(at + 1e-2 * (z - at), z) - objective(at, z))
    assert function.curvature == CONVEX
    assert wrong > 1e-6 or name in FIXED
