"""Functions that no table reads: judged and solved by SymPy, or by Newton's method, against a search."""

import sys
from importlib import import_module

import numpy as np
import pytest
import sympy

from symbolic_pymc.meta import metatize
from symbolic_pymc.proximal import intervals
from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.curvature import shapes
from symbolic_pymc.proximal.intervals import is_convex
from symbolic_pymc.proximal.iterated import iterated_prox
from symbolic_pymc.proximal.pieces import piecewise
from symbolic_pymc.proximal.prox import prox_of
from symbolic_pymc.proximal.symbolic import expression_of
from symbolic_pymc.proximal.symbolic_prox import prox_by_sympy
from tests.proximal.argmin import excess

Z = np.r_[-22.0, -3.0, -0.3, 0.0, 0.5, 2.0, 5.0, 22.0]
GRID = np.linspace(-24, 24, 24_001)

SOLVED = {
    "cube": lambda t, x: abs(x) * x**2,
    "moved cube": lambda t, x: abs(x - 1) * (x - 1) ** 2 + abs(x),
    "scaled cube": lambda t, x: 0.7 * abs(x) ** 2 * t.sqr(x) ** 0.5 + t.maximum(x, -x),
}
ITERATED = {
    "bowl": lambda t, x: t.exp(x**2 / 50),
    "three exponentials": lambda t, x: t.log(1 + t.exp(x) + t.exp(-2 * x)),
    "fourth power": lambda t, x: x**2 * x**2,
    "kinked": lambda t, x: t.maximum(x**2 * x**2, abs(x)),
    "barrier and bowl": lambda t, x: t.exp(x**2 / 50) - t.log(x),
    "Cauchy and more": lambda t, x: t.log(1 + x**2) + x**2 * x**2 + 2 * x**2,
}
NOT_CONVEX = {
    "bell": lambda t, x: -t.exp(-(x**2)),
    "steep Cauchy": lambda t, x: 3 * t.log(1 + 9 * x**2) + 0.1 * x**2 * x**2,
    "cube of both signs": lambda t, x: x * x * x,
    "falling kink": lambda t, x: x**2 * x**2 - abs(x),
    "two wells": lambda t, x: x**2 * x**2 - x**2,
}


@pytest.fixture
def ops(backend):
    return import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops


def records(backend, make):
    x, z = (backend.tensor.dvector(name) for name in "xz")
    return tuple(map(metatize, (make(backend.tensor, x), x, z)))


def worst(backend, ops, make, rule, step=0.7):
    phi, x, z = records(backend, make)
    prox = rule(ops, phi, x, z, metatize(backend.tensor.constant(np.float64(step))))
    values = backend.compile_plainly([z.reify()], prox.reify())(Z)
    cost = backend.compile_plainly([x.reify()], phi.reify())
    return max(excess(cost, step, u, v, GRID) for u, v in zip(Z, values))


def is_unread(ops, phi, x):
    with pytest.raises(Unknown):
        piecewise(ops, phi, x)
    return True


@pytest.mark.parametrize("name", SOLVED)
def test_what_sympy_solves(backend, ops, name):
    assert is_unread(ops, *records(backend, SOLVED[name])[:2])
    assert worst(backend, ops, SOLVED[name], prox_by_sympy) <= 1e-9
    assert worst(backend, ops, SOLVED[name], prox_of, 1.9) <= 1e-9


@pytest.mark.parametrize("name", ITERATED)
def test_what_is_iterated(backend, ops, name):
    assert is_unread(ops, *records(backend, ITERATED[name])[:2])
    assert worst(backend, ops, ITERATED[name], prox_of) <= 1e-9


def test_without_sympy_what_is_convex_by_its_composition_is_iterated(backend, ops, monkeypatch):
    monkeypatch.setitem(sys.modules, "sympy", None)
    assert worst(backend, ops, ITERATED["bowl"], prox_of) <= 1e-9
    with pytest.raises(Unknown, match="SymPy is not installed"):
        prox_by_sympy(ops, *records(backend, SOLVED["cube"]), metatize(backend.tensor.constant(0.5)))
    with pytest.raises(Unknown, match="product"):
        prox_of(ops, *records(backend, SOLVED["cube"]), metatize(backend.tensor.constant(0.5)))


def is_bent(f):
    """Tell whether second differences of a function are negative somewhere, by more than rounding."""
    x = np.linspace(-3, 3, 1001)
    with np.errstate(all="ignore"):
        below, at, above = f(x - 1e-2), f(x), f(x + 1e-2)
    return bool(np.any(below - 2 * at + above < -1e-10 * (1 + abs(at))))


@pytest.mark.parametrize("name", [*SOLVED, *ITERATED, *NOT_CONVEX])
def test_certificates(backend, ops, name):
    make = (SOLVED | ITERATED | NOT_CONVEX)[name]
    phi, x, _ = records(backend, make)
    try:
        verdict = is_convex(expression_of(ops, phi, x))
    except Unknown:
        verdict = None
    f = backend.compile_plainly([x.reify()], phi.reify())
    assert is_bent(f) == (name in NOT_CONVEX)
    assert verdict in ({False, None} if name in NOT_CONVEX else {True, None})
    if name in SOLVED or name in ("bell", "steep Cauchy", "Cauchy and more", "cube of both signs", "two wells"):
        assert verdict is (name not in NOT_CONVEX)


@pytest.mark.parametrize("name", NOT_CONVEX)
def test_what_is_not_convex_is_refused(backend, ops, name):
    phi, x, z = records(backend, NOT_CONVEX[name])
    assert shapes(ops, phi, (x,))[phi].curvature != "convex"
    for rule in (prox_of, prox_by_sympy, iterated_prox):
        with pytest.raises(Unknown):
            rule(ops, phi, x, z, metatize(backend.tensor.constant(np.float64(0.7))))


def test_a_wrong_solution_is_found_out(backend, ops, monkeypatch):
    real = sympy.solve
    monkeypatch.setattr(sympy, "solve", lambda *args, **kwargs: [1.001 * s for s in real(*args, **kwargs)])
    with pytest.raises(Unknown, match="belongs to the interval"):
        prox_by_sympy(ops, *records(backend, SOLVED["cube"]), metatize(backend.tensor.constant(0.5)))


def test_parameters_by_element_are_iterated_and_not_solved(backend, ops):
    weights = np.linspace(0.5, 2.0, len(Z))

    def make(t, x):
        return weights * t.exp(x**2 / 50)

    phi, x, z = records(backend, make)
    with pytest.raises(Unknown):
        expression_of(ops, phi, x)
    step = metatize(backend.tensor.constant(np.float64(0.7)))
    values = backend.compile_plainly([z.reify()], prox_of(ops, phi, x, z, step).reify())(Z)
    slopes = weights * np.exp(values**2 / 50) * values / 25
    np.testing.assert_allclose(values + 0.7 * slopes, Z, rtol=1e-12, atol=1e-12)


def test_sums_over_elements_have_no_such_operator(backend, ops):
    phi, x, z = records(backend, lambda t, x: t.exp(t.sum(x) ** 2))
    with pytest.raises(Unknown):
        prox_of(ops, phi, x, z, metatize(backend.tensor.constant(np.float64(0.7))))


def test_places_that_are_tried_lie_in_the_interval():
    for ends in ((-np.inf, np.inf), (0.0, np.inf), (-np.inf, -2.0), (1.0, 2.0), (-np.inf, 30.0), (30.0, np.inf)):
        places = intervals._places(*ends)
        assert ends[0] < places.min() and places.max() < ends[1]
