"""Mixing laws by the inverse Laplace transform: those of the table, some that are in none, and densities to refuse."""

import numpy as np
import pytest
import sympy
from kanren import run, var
from scipy import stats

from symbolic_pymc.relations.laplace import Density, Mixing, NoMixingLaw, lowered, mixing_law
from symbolic_pymc.relations.scale_mixtures import normal_scale_mixtureo
from symbolic_pymc.parts import graph_parts
from tests.relations.test_scale_mixtures import numbers, scipy_law, words

x, nu, b, sigma = sympy.symbols("x nu b sigma")
half, sqrt, pi, exp = sympy.Rational(1, 2), sympy.sqrt, sympy.pi, sympy.exp

STUDENT = (
    sympy.gamma((nu + 1) / 2)
    / (sqrt(nu * pi) * sympy.gamma(nu / 2) * sigma)
    * (1 + x**2 / (nu * sigma**2)) ** (-(nu + 1) / 2)
)
MIXTURES = {
    "studentt": (STUDENT, ("precision", "gamma", nu / 2, nu * sigma**2 / 2)),
    "studentt of three degrees": (STUDENT.subs(nu, 3), ("precision", "gamma", 3 * half, 3 * sigma**2 / 2)),
    "studentt of a product of scales": (
        STUDENT.subs(sigma, b * sigma),
        ("precision", "gamma", nu / 2, nu * b**2 * sigma**2 / 2),
    ),
    "cauchy": (1 / (pi * sigma * (1 + x**2 / sigma**2)), ("precision", "gamma", half, sigma**2 / 2)),
    "laplace": (exp(-abs(x) / b) / (2 * b), ("variance", "exponential", 1 / (2 * b**2))),
    "laplace of scale one": (exp(-abs(x)) / 2, ("variance", "exponential", half)),
    # of two levels of exponentials: the normal-gamma prior with shape 2
    "variance gamma": ((1 + abs(x) / b) * exp(-abs(x) / b) / (4 * b), ("variance", "gamma", 2, 1 / (2 * b**2))),
}


@pytest.mark.parametrize("name", MIXTURES)
def test_mixing_laws(name):
    density, (of, law, *parameters) = MIXTURES[name]
    found = mixing_law(density)
    assert (found.of, found.name) == (of, law)
    own = {p.name: p for p in density.free_symbols}
    for got, expected in zip(found.parameters, parameters):
        got = got.subs({p: own[p.name] for p in got.free_symbols})
        assert sympy.simplify(got - expected) == 0


def piecewise(inside, condition):
    return sympy.Piecewise((inside, condition), (0, True))


REFUSED = {
    "uniform": (piecewise(half, abs(x) < 1), "completely monotone"),
    "triangular": (piecewise(1 - abs(x), abs(x) < 1), "completely monotone"),
    "von Mises": (
        piecewise(exp(b * sympy.cos(x)) / (2 * pi * sympy.besseli(0, b)), abs(x) < pi),
        "completely monotone",
    ),
    "skew normal": (exp(-(x**2) / 2) / sqrt(2 * pi) * (1 + sympy.erf(x / sqrt(2))), "symmetric"),
    "shifted": (exp(-abs(x - 1)) / 2, "symmetric"),
    "light tails": (exp(-(x**4)), "completely monotone"),
    "normal": (exp(-(x**2) / 2) / sqrt(2 * pi), "not random"),
    "logistic": (sympy.sech(x / 2) ** 2 / 4, "does not know"),
    "not normed": (exp(-abs(x)), "the mixture is"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name):
    density, reason = REFUSED[name]
    with pytest.raises(NoMixingLaw, match=reason):
        mixing_law(density)


@pytest.mark.parametrize("scale", [np.float64(0.7), np.array([0.7, 1.9])])
def test_a_density_is_known_by_its_mixing_law(backend, scale):
    ops, variance, found = words(backend), var(), var()
    mean, density = ops.constant(np.float64(1.5)), Density(MIXTURES["laplace"][0], {"b": ops.constant(scale)})
    [spread] = run(0, variance, normal_scale_mixtureo(ops, density, mean, variance))
    name, p = numbers(backend, ops, spread)
    assert name == "exponential"
    np.testing.assert_allclose(p["lam"], 1 / (2 * scale**2), rtol=1e-12)
    [draw] = run(0, found, normal_scale_mixtureo(ops, found, mean, spread))
    exact = stats.laplace(1.5, scale)
    np.testing.assert_allclose(scipy_law(*numbers(backend, ops, draw)).pdf(0.3), exact.pdf(0.3), rtol=1e-12)


def test_a_precision(backend):
    ops, variance = words(backend), var()
    density = Density(STUDENT, {"nu": ops.constant(np.float64(3.0)), "sigma": ops.constant(np.float64(0.7))})
    [spread] = run(0, variance, normal_scale_mixtureo(ops, density, ops.constant(0.0), variance))
    [w] = (x for x in graph_parts(spread) if ops.is_random(x))
    assert ops.operator_of(spread) == "reciprocal"
    name, p = numbers(backend, ops, w)
    assert name == "gamma"
    np.testing.assert_allclose([p["alpha"], p["beta"]], [1.5, 1.5 * 0.49], rtol=1e-12)


def test_no_variance_of_what_is_no_mixture(backend):
    ops, variance = words(backend), var()
    density = Density(REFUSED["uniform"][0])
    assert run(0, variance, normal_scale_mixtureo(ops, density, ops.constant(0.0), variance)) == ()


def test_a_law_is_a_value():
    assert mixing_law(exp(-abs(x)) / 2) == Mixing("variance", "exponential", (half,))


U = sympy.symbols("u")
EXPRESSIONS = (
    3 + 2 * U, U**half, exp(-U) * sympy.log(U), abs(U - 2), sympy.sign(2 - U), sympy.LambertW(U), sympy.LambertW(U**2 / 3),
)  # fmt: skip


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_expressions_as_terms(backend, expression):
    ops, values = words(backend), np.array([0.02, 0.7, 3.0, 50.0])
    found = ops.value_of(lowered(ops, expression, {"u": ops.constant(values)}))
    np.testing.assert_allclose(found, [float(expression.subs(U, u)) for u in values], rtol=1e-12)


def test_functions_that_no_backend_has(backend):
    ops = words(backend)
    with pytest.raises(NoMixingLaw, match="zeta"):
        lowered(ops, sympy.zeta(U), {"u": ops.constant(np.float64(2.0))})
