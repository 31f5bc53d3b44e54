"""Penalties of thresholding operators, against the penalties that are known for them, and there and back again."""

from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kanren import run, var

from symbolic_pymc.meta import metatize
from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.penalties import penalty_of, pieces_of_penalty
from symbolic_pymc.proximal.prox import prox_of, proxo
from tests.proximal.penalties import PENALTIES

STEP = 0.5
INF = np.inf


def sign(t, z):
    return (t.sgn if t.__name__.startswith("theano") else t.sign)(z)


def soft(t, z, w):
    return sign(t, z) * t.maximum(abs(z) - w, 0)


def switched(t, z, w):
    return t.switch(z > w, z - w, t.switch(z < -w, z + w, 0.0 * z))


def firm(t, z, lam, b):
    size = abs(z)
    shrunk = t.switch(z > 0, 1.0, -1.0) * (size - STEP * lam) / (1 - STEP / b)
    return t.switch(size <= STEP * lam, 0.0 * z, t.switch(size <= b * lam, shrunk, z))


def mcp(x, lam, b):
    return np.where(abs(x) <= b * lam, lam * abs(x) - x**2 / (2 * b), b * lam**2 / 2)


def scad(t, z, lam, a):
    size = abs(z)
    middle = ((a - 1) * z - sign(t, z) * STEP * a * lam) / (a - 1 - STEP)
    small = soft(t, z, STEP * lam)
    return t.switch(size <= (1 + STEP) * lam, small, t.switch(size <= a * lam, middle, z))


def scad_penalty(x, lam, a):
    size = abs(x)
    middle = (2 * a * lam * size - x**2 - lam**2) / (2 * (a - 1))
    return np.where(size <= lam, lam * size, np.where(size <= a * lam, middle, lam**2 * (a + 1) / 2))


def within(x, low, high):
    return np.where((x >= low) & (x <= high), 0.0, INF)


CASES = {  # the operator with step 1/2, and its penalty
    "soft threshold": (lambda t, z: soft(t, z, 0.35), lambda x: 0.7 * abs(x)),
    "soft threshold by cases": (lambda t, z: switched(t, z, 0.35), lambda x: 0.7 * abs(x)),
    "soft threshold elsewhere": (lambda t, z: 2.0 + soft(t, z - 2.0, 0.35), lambda x: 0.7 * abs(x - 2)),
    "clip": (lambda t, z: t.clip(z, -0.5, 0.8), lambda x: within(x, -0.5, 0.8)),
    "clip by extremes": (lambda t, z: t.minimum(t.maximum(z, -0.5), 0.8), lambda x: within(x, -0.5, 0.8)),
    "shrinkage": (lambda t, z: z / 1.7, lambda x: 0.7 * x**2),
    "shrinkage to a mean": (lambda t, z: (z + 0.7 * 0.3) / 1.7, lambda x: 0.7 * (x - 0.3) ** 2),
    "soft threshold and shrinkage": (lambda t, z: soft(t, z, 0.35) / 1.4, lambda x: 0.7 * abs(x) + 0.4 * x**2),
    "exponential": (lambda t, z: t.maximum(z - 0.4, 0), lambda x: np.where(x >= 0, 0.8 * x, INF)),
    "half normal": (lambda t, z: t.maximum(z, 0) / 1.7, lambda x: np.where(x >= 0, 0.7 * x**2, INF)),
    "hinge": (
        lambda t, z: t.switch(z < 0.65, z + 0.35, t.switch(z > 1, z, 1.0)),
        lambda x: 0.7 * np.maximum(0, 1 - x),
    ),
    "squared hinge": (
        lambda t, z: t.switch(z < 1, (z + 0.7) / 1.7, z),
        lambda x: 0.7 * np.maximum(0, 1 - x) ** 2,
    ),
    "check": (
        lambda t, z: t.switch(z < -0.2, z + 0.2, t.switch(z > 0.65, z - 0.65, 0.0)),
        lambda x: np.where(x < 0, -0.4 * x, 1.3 * x),
    ),
    "insensitive": (
        lambda t, z: sign(t, z) * t.switch(abs(z) <= 0.5, abs(z), t.maximum(0.5, abs(z) - 0.35)),
        lambda x: 0.7 * np.maximum(abs(x) - 0.5, 0),
    ),
    "firm threshold": (lambda t, z: firm(t, z, 0.6, 3.0), lambda x: mcp(x, 0.6, 3.0)),
    "threshold of Fan and Li": (lambda t, z: scad(t, z, 0.6, 3.7), lambda x: scad_penalty(x, 0.6, 3.7)),
    "Huber": (
        lambda t, z: t.switch(abs(z) <= 1.1 * 1.4, z / 1.4, t.switch(z > 0, z - 0.44, z + 0.44)),
        lambda x: 0.8 * np.where(abs(x) <= 1.1, x**2 / 2, 1.1 * abs(x) - 1.1**2 / 2),
    ),
    "gamma": (
        lambda t, z: (z - 0.4 + t.sqrt((z - 0.4) ** 2 + 4 * 0.75)) / 2,
        lambda x: np.where(x > 0, 0.8 * x - 1.5 * np.log(np.maximum(x, 1e-300)), INF),
    ),
    "chi": (
        lambda t, z: (z + t.sqrt(z**2 + 4 * 0.75 * 1.4)) / 2.8,
        lambda x: np.where(x > 0, 0.4 * x**2 - 1.5 * np.log(np.maximum(x, 1e-300)), INF),
    ),
    "nothing": (lambda t, z: z, lambda x: 0.0 * x),
}
X = np.r_[-4.0, -1.3, -0.6, -0.3, -0.1, 0.1, 0.3, 0.6, 0.75, 1.3, 2.0, 4.0]


@pytest.fixture
def ops(backend):
    return import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops


def records(backend, make):
    z, x = (backend.tensor.dvector(name) for name in "zx")
    step = backend.tensor.constant(np.float64(STEP))
    return tuple(map(metatize, (make(backend.tensor, z), z, step, x)))


def up_to_a_constant(found, expected):
    """Return the largest difference of two functions, of which either may be larger by a constant."""
    finite = np.isfinite(expected)
    assert np.array_equal(np.isfinite(found), finite)
    difference = found[finite] - expected[finite]
    return np.max(np.abs(difference - difference[0]))


@pytest.mark.parametrize("name", CASES)
def test_penalties(backend, ops, name):
    make, expected = CASES[name]
    prox, z, step, x = records(backend, make)
    penalty = penalty_of(ops, prox, z, step, x)
    found = backend.compile_plainly([x.reify()], penalty.reify())
    assert up_to_a_constant(found(X), expected(X)) <= 1e-12


@pytest.mark.parametrize("name", CASES)
def test_there_and_back_again(backend, ops, name):
    prox, z, step, x = records(backend, CASES[name][0])
    penalty = penalty_of(ops, prox, z, step, x)
    again = prox_of(ops, penalty, x, z, step)
    given_one, derived = (backend.compile_plainly([z.reify()], p.reify()) for p in (prox, again))
    at = np.linspace(-5, 5, 101) + 1e-3
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(derived(at), given_one(at), atol=1e-12)


BACK = ["Laplace", "check", "normal", "elastic net", "Huber", "exponential", "uniform", "half normal", "hinge", "gamma",
        "squared hinge", "insensitive", "logarithmic barrier", "chi"]  # fmt: skip


@pytest.mark.parametrize("name", BACK)
def test_derived_operators_lead_back(backend, ops, name):
    x, z = (backend.tensor.dvector(n) for n in "xz")
    step = metatize(backend.tensor.constant(np.float64(STEP)))
    phi = metatize(PENALTIES[name].make(backend.tensor, x))
    prox = prox_of(ops, phi, metatize(x), metatize(z), step)
    penalty = penalty_of(ops, prox, metatize(z), step, metatize(x))
    old, new = (backend.compile_plainly([x], p.reify()) for p in (phi, penalty))
    with np.errstate(all="ignore"):
        values = old(X)
        assert up_to_a_constant(new(X), np.where(np.isnan(values), INF, values)) <= 1e-12


def test_random_thresholds(backend, ops):
    """Operators that are put together from random slopes and levels are those of their penalties."""

    @settings(max_examples=15)
    @given(
        st.lists(st.floats(0.1, 3.0), min_size=2, max_size=4),
        st.lists(st.sampled_from([0.0, 0.4, 1.0, 2.5]), min_size=5, max_size=5),
        st.floats(-2.0, 2.0),
    )
    def law(widths, slopes, start):
        ends = start + np.cumsum(widths)

        def make(t, z):
            value = 0.7 * z + (0.3 - 0.7) * ends[0]
            for left, right, slope in zip(ends, [*ends[1:], ends[-1] + 1], slopes):
                value = t.switch(z > left, value_at(left) + slope * (z - left), value)
            return value

        def value_at(place):
            total = 0.3 * ends[0]
            for left, right, slope in zip(ends, ends[1:], slopes):
                if right <= place:
                    total += slope * (right - left)
            return total

        prox, z, step, x = records(backend, make)
        again = prox_of(ops, penalty_of(ops, prox, z, step, x), x, z, step)
        given_one, derived = (backend.compile_plainly([z.reify()], p.reify()) for p in (prox, again))
        at = np.linspace(-6, 12, 37) + 1e-4
        np.testing.assert_allclose(derived(at), given_one(at), atol=1e-9)

    law()


def test_a_relation(backend, ops):
    prox, z, step, x = records(backend, CASES["soft threshold"][0])
    unknown = var()
    (penalty,) = run(1, unknown, proxo(ops, unknown, x, z, step, prox))
    np.testing.assert_allclose(backend.compile_plainly([x.reify()], penalty.reify())([-2.0, 0.0, 1.0]), [1.4, 0.0, 0.7])
    assert ops.operator_of(penalty.rands[1]) == "abs"
    assert run(1, unknown, proxo(ops, unknown, x, z, step, z)) != ()
    assert run(1, unknown, proxo(ops, unknown, x, z, step, var())) == ()


@pytest.mark.parametrize(
    "make, reason",
    [
        (lambda t, z: t.switch(abs(z) > 1.0, z, 0.0 * z), "jump"),
        (lambda t, z: -z, "falls"),
        (lambda t, z: t.switch(z > 0, z, -z), "falls"),
        (lambda t, z: t.exp(z), "affine"),
        (lambda t, z: 0.0 * z, "constant"),
        (lambda t, z: t.sin(z), "stands inside"),
        (lambda t, z: z + 2.0 * t.sqrt(z**2 + 1.0), "affine"),
    ],
)
def test_operators_without_one_penalty_are_refused(backend, ops, make, reason):
    prox, z, step, _ = records(backend, make)
    with pytest.raises(Unknown, match=reason):
        pieces_of_penalty(ops, prox, z, step)
