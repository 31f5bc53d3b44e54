"""Proximal operators derived from penalties, against a search for the least value and formulas from the literature."""

from importlib import import_module

import numpy as np
import pytest
from kanren import run, var
from scipy.optimize import minimize_scalar
from scipy.special import xlogy

from symbolic_pymc.meta import metatize
from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.pieces import piecewise
from symbolic_pymc.proximal.prox import prox_of, proxo
from symbolic_pymc.proximal.shapes import curvature
from tests.proximal.argmin import excess
from tests.proximal.penalties import PENALTIES

Z = np.r_[-22.0, np.linspace(-6, 6, 33), 22.0]
EXCESS = 1e-9


@pytest.fixture
def ops(backend):
    return import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops


def derived(backend, ops, make, step):
    """Return the proximal operator of a penalty as a function of `z`, and the penalty as one of `x`."""
    x, z = (backend.tensor.dvector(name) for name in "xz")
    phi = make(backend.tensor, x)
    gamma = metatize(backend.tensor.constant(np.float64(step)))
    prox = prox_of(ops, *map(metatize, (phi, x, z)), gamma).reify()
    return backend.compile_plainly([z], prox), backend.compile_plainly([x], phi)


@pytest.mark.parametrize("step", [0.4, 1.3])
@pytest.mark.parametrize("name", PENALTIES)
def test_the_value_is_the_least(backend, ops, name, step):
    prox, phi = derived(backend, ops, PENALTIES[name].make, step)
    with np.errstate(all="ignore"):
        worst = max(excess(phi, step, z, x) for z, x in zip(Z, prox(Z)))
    assert worst <= EXCESS


@pytest.mark.parametrize("name", PENALTIES)
def test_convexity(backend, ops, name):
    x = backend.tensor.dvector("x")
    function = piecewise(ops, metatize(PENALTIES[name].make(backend.tensor, x)), metatize(x))
    assert curvature(ops, function) == PENALTIES[name].verdict


@pytest.mark.parametrize("name", [name for name in PENALTIES if PENALTIES[name].verdict == "convex"])
def test_operators_of_convex_penalties_are_firmly_nonexpansive(backend, ops, name):
    prox, _ = derived(backend, ops, PENALTIES[name].make, 0.9)
    rng = np.random.default_rng(1)
    a, b = rng.normal(0, 4, size=(2, 200))
    with np.errstate(all="ignore"):
        difference = prox(a) - prox(b)
    assert np.all(difference**2 <= difference * (a - b) + 1e-12)


def test_a_wrong_operator_is_found_out(backend, ops):
    prox, phi = derived(backend, ops, PENALTIES["Laplace"].make, 1.3)
    assert max(excess(phi, 1.3, z, x + 1e-4) for z, x in zip(Z, prox(Z))) > EXCESS


def test_soft_thresholding(backend, ops):
    """The values that Willard prints, A Role for Symbolic Computation in the General Estimation of Statistical Models."""
    prox, _ = derived(backend, ops, lambda t, x: abs(x), 0.5)
    np.testing.assert_array_equal(prox([-10, -1, -0.2, 0, 0.2, 1, 10]), [-9.5, -0.5, 0, 0, 0, 0.5, 9.5])


def _entropic(u):
    return xlogy(u, u) + xlogy(1 - u, 1 - u)


CONJUGATES = {  # the conjugate of a penalty, and its domain
    "Laplace": (lambda t, x: 0.7 * abs(x), lambda u: 0.0 * u, (-0.7, 0.7)),
    "normal": (lambda t, x: 0.7 * x**2, lambda u: u**2 / 2.8, (-50, 50)),
    "elastic net": (
        lambda t, x: 0.7 * abs(x) + 0.4 * x**2,
        lambda u: np.maximum(np.abs(u) - 0.7, 0) ** 2 / 1.6,
        (-50, 50),
    ),
    "hinge": (lambda t, x: t.maximum(0, 1 - x), lambda u: u, (-1, 0)),
    "squared hinge": (lambda t, x: t.maximum(0, 1 - x) ** 2, lambda u: u + u**2 / 4, (-50, 0)),
    "logistic loss": (lambda t, x: t.log(1 + t.exp(x)), _entropic, (0, 1)),
    "exponential function": (lambda t, x: t.exp(x), lambda u: xlogy(u, u) - u, (0, 50)),
    "logarithmic barrier": (lambda t, x: -t.log(x), lambda u: -1 - np.log(-u), (-50, 0)),
    "entropy": (lambda t, x: x * t.log(x), lambda u: np.exp(u - 1), (-50, 5)),
    "reciprocal": (lambda t, x: t.switch(x > 0, 1 / x, np.inf), lambda u: -2 * np.sqrt(-u), (-50, 0)),
    "pseudo-Huber": (lambda t, x: t.sqrt(1 + x**2), lambda u: -np.sqrt(1 - u**2), (-1, 1)),
    "insensitive": (lambda t, x: t.maximum(abs(x) - 0.5, 0), lambda u: 0.5 * np.abs(u), (-1, 1)),
    "smoothed Laplace": (
        lambda t, x: abs(x) - t.log(1 + abs(x)),
        lambda u: -np.log1p(-np.abs(u)) - np.abs(u),
        (-1, 1),
    ),
    "logistic density": (
        lambda t, x: x + 2 * t.log(1 + t.exp(-x)),
        lambda u: xlogy(1 + u, (1 + u) / 2) + xlogy(1 - u, (1 - u) / 2),
        (-1, 1),
    ),
}


@pytest.mark.parametrize("name", CONJUGATES)
def test_the_decomposition_of_moreau(backend, ops, name):
    r""":math:`z = \operatorname{prox}_{\gamma\phi}(z) + \gamma \operatorname{prox}_{\phi^* / \gamma}(z / \gamma)`"""
    make, conjugate, domain = CONJUGATES[name]
    gamma = 0.8
    prox, _ = derived(backend, ops, make, gamma)
    z = np.linspace(-3, 3, 13)
    with np.errstate(all="ignore"):
        duals = [
            minimize_scalar(
                lambda u: conjugate(u) / gamma + 0.5 * (u - x / gamma) ** 2,
                bounds=domain,
                method="bounded",
                options={"xatol": 1e-12},
            ).x
            for x in z
        ]
        np.testing.assert_allclose(prox(z) + gamma * np.array(duals), z, atol=1e-6)


def test_a_relation(backend, ops):
    x, z = (backend.tensor.dvector(name) for name in "xz")
    gamma, operator = metatize(backend.tensor.constant(np.float64(0.5))), var()
    (found,) = run(1, operator, proxo(ops, metatize(abs(x)), metatize(x), metatize(z), gamma, operator))
    np.testing.assert_array_equal(backend.compile_plainly([z], found.reify())([-2.0, 0.1, 2.0]), [-1.5, 0.0, 1.5])
    assert (
        run(1, operator, proxo(ops, metatize(backend.tensor.sin(x)), metatize(x), metatize(z), gamma, operator)) == ()
    )


@pytest.mark.parametrize(
    "make, reason",
    [
        (lambda t, x: t.sin(x), "it stands inside"),
        (lambda t, x: t.exp(x**2), "exponential"),
        (lambda t, x: t.sqrt(1 + t.exp(x)), "power"),
        (lambda t, x: t.exp(x) * t.log(x), "product"),
        (lambda t, x: abs(x * np.r_[1.0, -1.0]), "the sign"),
        (lambda t, x: t.maximum(x, np.r_[1.0, 2.0]) + t.maximum(x, np.r_[2.0, 1.0]), "larger"),
    ],
)
def test_what_is_not_known_is_refused(backend, ops, make, reason):
    x = backend.tensor.dvector("x")
    with pytest.raises(Unknown, match=reason):
        piecewise(ops, metatize(make(backend.tensor, x)), metatize(x))


def test_parameters_may_differ_from_element_to_element(backend, ops):
    weights, centres = np.r_[0.5, 2.0], np.r_[1.0, -1.0]
    prox, _ = derived(backend, ops, lambda t, x: weights * abs(x - centres), 1.0)
    np.testing.assert_allclose(prox([2.0, 2.0]), [1.5, 0.0])
    np.testing.assert_allclose(prox([1.2, -2.0]), [1.0, -1.0])
