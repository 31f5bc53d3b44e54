"""Convex conjugates derived from penalties, against formulas from the literature and the laws that they obey."""

from dataclasses import dataclass
from importlib import import_module
from typing import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kanren import run, var
from scipy.special import xlogy

from symbolic_pymc.meta import metatize
from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.conjugates import conjugate_of, conjugateo
from symbolic_pymc.proximal.prox import prox_of
from tests.proximal.penalties import PENALTIES

INF = np.inf


def entropic(u):
    return xlogy(u, u) + xlogy(1 - u, 1 - u)


@dataclass(frozen=True)
class Row:
    """A function, its conjugate with the domain, and how both are written."""

    make: Callable
    conjugate: Callable
    domain: tuple
    statement: str


def positive(t, x, value):
    return t.switch(x > 0, value, INF)


CONJUGATES = {
    "absolute": Row(lambda t, x: 0.7 * abs(x), lambda u: 0 * u, (-0.7, 0.7), r"w |x| \to 0, \; |u| \le w"),
    "square": Row(lambda t, x: 0.7 * x**2, lambda u: u**2 / 2.8, (-INF, INF), r"t x^2 \to u^2 / (4 t)"),
    "power": Row(
        lambda t, x: abs(x) ** 1.5 / 1.5,
        lambda u: abs(u) ** 3 / 3,
        (-INF, INF),
        r"|x|^p / p \to |u|^q / q, \; 1/p + 1/q = 1",
    ),
    "elastic net": Row(
        lambda t, x: 0.7 * abs(x) + 0.4 * x**2,
        lambda u: np.maximum(abs(u) - 0.7, 0) ** 2 / 1.6,
        (-INF, INF),
        r"w |x| + t x^2 \to (|u| - w)_+^2 / (4 t)",
    ),
    "Huber": Row(
        lambda t, x: t.switch(abs(x) <= 1.1, x**2 / 2, 1.1 * abs(x) - 1.1**2 / 2),
        lambda u: u**2 / 2,
        (-1.1, 1.1),
        r"\text{Huber}_d \to u^2 / 2, \; |u| \le d",
    ),
    "hinge": Row(lambda t, x: t.maximum(0, 1 - x), lambda u: u, (-1, 0), r"(1 - x)_+ \to u, \; -1 \le u \le 0"),
    "squared hinge": Row(
        lambda t, x: t.maximum(0, 1 - x) ** 2,
        lambda u: u + u**2 / 4,
        (-INF, 0),
        r"(1 - x)_+^2 \to u + u^2 / 4, \; u \le 0",
    ),
    "logistic loss": Row(
        lambda t, x: t.log(1 + t.exp(x)), entropic, (0, 1), r"\log(1 + e^x) \to u \log u + (1 - u) \log(1 - u)"
    ),
    "exponential": Row(lambda t, x: t.exp(x), lambda u: xlogy(u, u) - u, (0, INF), r"e^x \to u \log u - u"),
    "barrier": Row(lambda t, x: -t.log(x), lambda u: -1 - np.log(-u), (-INF, 0), r"-\log x \to -1 - \log(-u)"),
    "entropy": Row(lambda t, x: x * t.log(x), lambda u: np.exp(u - 1), (-INF, INF), r"x \log x \to e^{u - 1}"),
    "reciprocal": Row(
        lambda t, x: positive(t, x, 1 / x), lambda u: -2 * np.sqrt(-u), (-INF, 0), r"1 / x \to -2 \sqrt{-u}"
    ),
    "root": Row(
        lambda t, x: positive(t, x, -t.sqrt(x)), lambda u: -1 / (4 * u), (-INF, 0), r"-\sqrt{x} \to -1 / (4 u)"
    ),
    "hyperbola": Row(
        lambda t, x: t.sqrt(1 + x**2), lambda u: -np.sqrt(1 - u**2), (-1, 1), r"\sqrt{1 + x^2} \to -\sqrt{1 - u^2}"
    ),
    "log cosh": Row(
        lambda t, x: t.log(1 + t.exp(2 * x)) - x - np.log(2),
        lambda u: (xlogy(1 + u, 1 + u) + xlogy(1 - u, 1 - u)) / 2,
        (-1, 1),
        r"\log\cosh x \to \tfrac{1}{2} ((1 + u) \log(1 + u) + (1 - u) \log(1 - u))",
    ),
    "insensitive": Row(
        lambda t, x: t.maximum(abs(x) - 0.5, 0), lambda u: 0.5 * abs(u), (-1, 1), r"(|x| - \epsilon)_+ \to \epsilon |u|"
    ),
    "check": Row(
        lambda t, x: t.switch(x < 0, -0.7 * x, 0.3 * x),
        lambda u: 0 * u,
        (-0.7, 0.3),
        r"\rho_\tau(x) \to 0, \; \tau - 1 \le u \le \tau",
    ),
    "Poisson": Row(
        lambda t, x: t.exp(x) - 2 * x,
        lambda u: xlogy(u + 2, u + 2) - (u + 2),
        (-2, INF),
        r"e^x - y x \to (u + y) \log(u + y) - (u + y)",
    ),
    "gamma": Row(
        lambda t, x: positive(t, x, 0.8 * x - 1.5 * t.log(x)),
        lambda u: 1.5 * np.log(1.5 / (0.8 - u)) - 1.5,
        (-INF, 0.8),
        r"-k \log x + w x \to k \log(k / (w - u)) - k",
    ),
    "half line": Row(
        lambda t, x: t.switch(x >= 0, 0.8 * x, INF), lambda u: 0 * u, (-INF, 0.8), r"w x, \; x \ge 0 \to 0, \; u \le w"
    ),
    "smoothed absolute": Row(
        lambda t, x: abs(x) - t.log(1 + abs(x)),
        lambda u: -np.log1p(-abs(u)) - abs(u),
        (-1, 1),
        r"|x| - \log(1 + |x|) \to -\log(1 - |u|) - |u|",
    ),
    "Gumbel": Row(
        lambda t, x: x + t.exp(-x),
        lambda u: xlogy(1 - u, 1 - u) - (1 - u),
        (-INF, 1),
        r"x + e^{-x} \to (1 - u) \log(1 - u) - (1 - u)",
    ),
    "logistic density": Row(
        lambda t, x: x + 2 * t.log(1 + t.exp(-x)),
        lambda u: xlogy(1 + u, (1 + u) / 2) + xlogy(1 - u, (1 - u) / 2),
        (-1, 1),
        r"x + 2 \log(1 + e^{-x}) \to (1 + u) \log\tfrac{1 + u}{2} + (1 - u) \log\tfrac{1 - u}{2}",
    ),
}


@pytest.fixture
def ops(backend):
    return import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops


def derived(backend, ops, make):
    """Return the conjugate of a function and the function itself, both as functions of arrays."""
    x, u = (backend.tensor.dvector(name) for name in "xu")
    phi = make(backend.tensor, x)
    found = conjugate_of(ops, *map(metatize, (phi, x, u))).reify()
    return backend.compile_plainly([u], found), backend.compile_plainly([x], phi)


def inside(domain, count=41):
    low, high = np.clip(domain, -6.0, 6.0)
    return np.linspace(low, high, count + 2)[1:-1]


def deviation(found, expected):
    """Return the largest difference relative to what is larger than one."""
    return float(np.max(np.abs(found - expected) / np.maximum(1.0, np.abs(expected))))


@pytest.mark.parametrize("name", CONJUGATES)
def test_rows(backend, ops, name):
    row = CONJUGATES[name]
    conjugate, _ = derived(backend, ops, row.make)
    u = inside(row.domain)
    with np.errstate(all="ignore"):
        assert deviation(conjugate(u), row.conjugate(u)) <= 1e-12
        beyond = [end + away for end, away in zip(row.domain, (-0.3, 0.3)) if np.isfinite(end)]
        assert np.all(conjugate(np.array(beyond)) == INF)


CONVEX = [name for name in PENALTIES if PENALTIES[name].verdict == "convex"]
X = np.concatenate([-np.geomspace(1e-3, 40, 300)[::-1], [0.0], np.geomspace(1e-3, 40, 300)])


@pytest.fixture(scope="module")
def compiled():
    return {}


def both(backend, ops, compiled, name):
    if (backend.name, name) not in compiled:
        compiled[backend.name, name] = derived(backend, ops, PENALTIES[name].make)
    return compiled[backend.name, name]


@pytest.mark.parametrize("name", CONVEX)
def test_the_inequality_of_fenchel_and_young(backend, ops, compiled, name):
    r""":math:`\phi(x) + \phi^*(u) \ge u x`, with equality where `u` is a slope at `x`."""
    conjugate, phi = both(backend, ops, compiled, name)

    @settings(max_examples=40)
    @given(st.floats(-9, 9), st.floats(-9, 9))
    def law(x, u):
        with np.errstate(all="ignore"):
            left = phi(np.r_[x])[0] + conjugate(np.r_[u])[0]
        left = INF if np.isnan(left) else left
        assert left >= u * x - 1e-9 * (1 + abs(u * x))

    law()
    with np.errstate(all="ignore"):
        values = phi(X)
    slopes, places = gradients(phi, values)
    with np.errstate(all="ignore"):
        gap = phi(places) + conjugate(slopes) - slopes * places
    assert np.max(gap / (1 + np.abs(slopes * places))) <= 1e-5


def gradients(phi, values):
    """Return numerical slopes at places where a function is finite."""
    places = X[np.isfinite(values) & (np.abs(X) < 8) & (np.abs(X) > 0.05)]
    h = 1e-6 * np.abs(places)
    with np.errstate(all="ignore"):
        slopes = (phi(places + h) - phi(places - h)) / (2 * h)
    known = np.isfinite(slopes)
    return (1 - 1e-6) * slopes[known], places[known]  # the last slopes of all are ends of domains


@pytest.mark.parametrize(
    "name", ["Laplace", "Huber", "gamma", "softplus", "hinge", "power 3", "maximum entropy", "Weibull"]
)
def test_the_conjugate_of_the_conjugate(backend, ops, compiled, name):
    r""":math:`\sup_u u x - \phi^*(u) = \phi(x)`, over a grid of `u`."""
    conjugate, phi = both(backend, ops, compiled, name)
    u, x = np.linspace(-8, 8, 4001), np.r_[0.3, 0.7, 1.2]
    with np.errstate(all="ignore"):
        values = conjugate(u)
        found = np.max(np.where(np.isfinite(values), u * x[:, None] - values, -INF), axis=1)
    np.testing.assert_allclose(found, phi(x), atol=4e-3)  # as fine as the grid


@pytest.mark.parametrize("name", CONVEX)
def test_the_decomposition_of_moreau(backend, ops, compiled, name):
    r"""What an operator leaves of `z` is a slope: :math:`\phi(p) + \phi^*(z - p) = p (z - p)`."""
    conjugate, phi = both(backend, ops, compiled, name)
    x, z = (backend.tensor.dvector(n) for n in "xz")
    make = PENALTIES[name].make(backend.tensor, x)
    prox = prox_of(ops, *map(metatize, (make, x, z)), metatize(backend.tensor.constant(np.float64(1.0)))).reify()
    at = np.linspace(-3, 3, 13)
    with np.errstate(all="ignore"):
        p = backend.compile_plainly([z], prox)(at)
        p = np.where(np.isfinite(phi(p)), p, p + 1e-12)
        u = at - p
        gap = phi(p) + conjugate(u * (1 - 1e-12)) - u * p
    assert np.max(np.abs(gap)) <= 1e-8


SUPREMA = {
    "parabola": (lambda t, x: 0.3 - 0.7 * x + 1.5 * x**2, -INF, INF),
    "softplus": (lambda t, x: 3 * t.log(1 + t.exp(2 * x)) - x, -INF, INF),
    "softplus that falls": (lambda t, x: 3 * t.log(1 + t.exp(-2 * (x - 0.5))), -INF, INF),
    "exponential": (lambda t, x: 2 * t.exp(x) - 4 * x, -INF, INF),
    "logarithm": (lambda t, x: 3 * x - 2 * t.log(x), 0, INF),
    "logarithm from above": (lambda t, x: -2 * t.log(1 - x), -INF, 1),
    "entropy": (lambda t, x: 2 * x * t.log(x), 0, INF),
    "root": (lambda t, x: 1.5 * t.sqrt(2 + (x - 0.5) ** 2), -INF, INF),
    "pieces": (lambda t, x: t.switch(x < 0, -2 * x, t.switch(x < 1, 0.5 * x**2, x - 0.5)), -INF, INF),
}


@pytest.mark.parametrize("name", SUPREMA)
def test_conjugates_are_suprema(backend, ops, name):
    make, low, high = SUPREMA[name]
    conjugate, phi = derived(backend, ops, make)
    grid = np.linspace(max(-60.0, low), min(60.0, high), 400_001)[1:-1]
    values = phi(grid)
    slopes = np.linspace(-4.0, 4.0, 33)
    best = np.array([np.argmax(v * grid - values) for v in slopes])
    with np.errstate(all="ignore"):
        found, largest = conjugate(slopes), slopes * grid[best] - values[best]
    edge = np.isin(best, (0, len(grid) - 1))  # far out: the supremum is infinite, or a limit
    assert np.all(found[edge] >= largest[edge])
    np.testing.assert_allclose(found[~edge], largest[~edge], atol=1e-6)


def test_rates_may_differ_in_sign(backend, ops):
    rates, u = np.r_[2.0, -2.0, 1.0], np.r_[0.5, -0.5, 0.3]
    conjugate, _ = derived(backend, ops, lambda t, x: t.log(1 + t.exp(rates * x)))
    np.testing.assert_allclose(conjugate(u), entropic(u / rates), rtol=1e-12)
    assert np.all(conjugate(np.r_[-0.1, 0.1, 1.1]) == INF)


def test_a_wrong_conjugate_is_found_out(backend, ops):
    conjugate, _ = derived(backend, ops, lambda t, x: 0.701 * x**2)
    u = inside((-INF, INF))
    assert deviation(conjugate(u), CONJUGATES["square"].conjugate(u)) > 1e-12


def test_parameters_may_differ_from_element_to_element(backend, ops):
    weights = np.r_[0.5, 2.0]
    conjugate, _ = derived(backend, ops, lambda t, x: weights * x**2 + abs(x - np.r_[1.0, -1.0]))
    np.testing.assert_allclose(conjugate(np.r_[4.0, 4.0]), [3.0**2 / 2 + 1, 3.0**2 / 8 - 1])


def test_a_relation(backend, ops):
    x, u = (backend.tensor.dvector(name) for name in "xu")
    found = var()
    (term,) = run(1, found, conjugateo(ops, metatize(x**2), metatize(x), metatize(u), found))
    np.testing.assert_allclose(backend.compile_plainly([u], term.reify())([2.0, -1.0]), [1.0, 0.25])
    assert run(1, found, conjugateo(ops, metatize(-(x**2)), metatize(x), metatize(u), found)) == ()


@pytest.mark.parametrize("name", [name for name in PENALTIES if PENALTIES[name].verdict != "convex"])
def test_what_is_not_convex_is_refused(backend, ops, name):
    with pytest.raises(Unknown, match="convex"):
        derived(backend, ops, PENALTIES[name].make)
