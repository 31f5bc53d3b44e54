r"""Mixing laws of densities that stand in no table, by the inverse Laplace transform.

A symmetric density `f` is a normal scale mixture exactly where :math:`g(s) = f(\sqrt{2 s})` is completely monotone, and
then :math:`g(s) = \int \sqrt{\tau / 2\pi}\, e^{-\tau s}\, p(\tau)\, d\tau` is a Laplace transform of what holds the
density `p` of the precision.  SymPy inverts it; the law is known by :math:`\tau\, p'(\tau) / p(\tau)`, and accepted
when the integral is numerically `f`.

Reference: Andrews and Mallows, Scale mixtures of normal distributions, JRSS B 36 (1974), 99-102.
"""

from dataclasses import dataclass, field
from functools import reduce
from math import comb, exp, isclose
from typing import Any

from symbolic_pymc.errors import SymbolicPyMCError

VARIABLE = "x"
_POINTS = (0.3, 1.1, 2.7)
_ORDERS = 8
_DIGITS = 60


class NoMixingLaw(SymbolicPyMCError, ValueError):
    """Why a density is not known to be a normal scale mixture."""


@dataclass(frozen=True, eq=False)
class Density:
    """A density about zero, for `normal_scale_mixtureo` in the place of a draw.

    expression : SymPy expression in ``x`` and positive parameters
    parameters : dict from the names of these to terms
    """

    expression: Any
    parameters: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Mixing:
    """A mixing law: the name of the law of the precision or the variance (`of`), and its parameters in SymPy."""

    of: str
    name: str
    parameters: tuple


def mixing_law(expression):
    """Return the `Mixing` of a density, a SymPy expression in ``x`` and positive parameters.

    Raises
    ------
    NoMixingLaw
        With the reason.

    >>> from sympy import exp, pi, symbols
    >>> x, b = symbols("x b")
    >>> mixing_law(exp(-abs(x) / b) / (2 * b))
    Mixing(of='variance', name='exponential', parameters=(1/(2*b**2),))
    """
    import sympy

    x = sympy.Symbol(VARIABLE, real=True)
    own = {p: x if p.name == VARIABLE else sympy.Symbol(p.name, positive=True) for p in expression.free_symbols}
    density = expression.subs(own)
    values = {p: sympy.Rational(13 + 7 * i, 10) for i, p in enumerate(sorted(density.free_symbols - {x}, key=str))}
    _refuse_what_is_no_mixture(sympy, density.subs(values), x)
    s, t = sympy.Symbol("s"), sympy.Symbol("tau", positive=True)  # SymPy needs to know nothing of s
    transform = density.subs(sympy.Abs(x), sympy.sqrt(2 * s)).subs(x, sympy.sqrt(2 * s))
    mixing = _law(sympy, sympy.inverse_laplace_transform(transform, s, t) / sympy.sqrt(t), t)
    _confirm(sympy, mixing, density, x, values)
    return mixing


def _refuse_what_is_no_mixture(sympy, density, x):
    """Refuse a density in numbers that is not symmetric, or whose differences at some place have a wrong sign."""
    import mpmath

    f = sympy.lambdify(x, density, "mpmath")
    with mpmath.workdps(_DIGITS):
        for point in map(mpmath.mpf, _POINTS):
            if not mpmath.almosteq(f(point), f(-point), mpmath.mpf(10) ** -20):
                raise NoMixingLaw("the density is not symmetric about zero, and no scale mixture of normal ones is not")
        for start in (mpmath.mpf(2) ** i / 128 for i in range(10)):
            for step in (start / 4, start, 4 * start):
                g = [f(mpmath.sqrt(2 * (start + i * step))) for i in range(_ORDERS + 1)]
                for order in range(_ORDERS + 1):
                    difference = sum((-1) ** i * comb(order, i) * g[i] for i in range(order + 1))
                    if difference < -(mpmath.mpf(10) ** (20 - _DIGITS)):
                        raise NoMixingLaw(
                            "f(sqrt(2 s)) is not completely monotone: "
                            f"its differences of order {order} have a wrong sign"
                        )


def _law(sympy, density, t):
    """Return the `Mixing` for a precision of density proportional to ``t**a exp(-b t)`` or ``t**a exp(-c / t)``."""
    if density.has(sympy.DiracDelta):
        raise NoMixingLaw("it is a normal density: its variance is not random")
    if density.has(sympy.InverseLaplaceTransform):
        raise NoMixingLaw("SymPy does not know the inverse Laplace transform of f(sqrt(2 s))")
    slope = sympy.expand(sympy.simplify(t * sympy.diff(sympy.log(density), t)))
    power, rate, inverse = slope.coeff(t, 0), -slope.coeff(t, 1), slope.coeff(t, -1)
    if sympy.simplify(slope - power + rate * t - inverse / t) == 0:
        if inverse == 0:
            return Mixing("precision", "gamma", (sympy.simplify(power + 1), rate))
        shape = sympy.simplify(-power - 1)
        if rate == 0:
            return Mixing("variance", *(("exponential", (inverse,)) if shape == 1 else ("gamma", (shape, inverse))))
    raise NoMixingLaw(f"no law has the density of its precision, proportional to {density}")


def _confirm(sympy, mixing, density, x, values):
    """Refuse a mixing law whose mixture is not the density, by quadrature."""
    from scipy import integrate, stats

    numbers = [float(p.subs(values)) for p in mixing.parameters]
    shape, rate = numbers if mixing.name == "gamma" else (1.0, *numbers)
    if shape <= 0 or rate <= 0:
        raise NoMixingLaw(f"the {mixing.of} would be {mixing.name} with parameters {numbers}")
    law, f = stats.gamma(shape, scale=1 / rate), sympy.lambdify(x, density.subs(values))
    power = 0.5 if mixing.of == "variance" else -0.5
    for point in _POINTS:

        def integrand(u):
            return law.pdf(exp(u)) * exp(u) * stats.norm.pdf(point, 0.0, exp(power * u))

        total = sum(integrate.quad(integrand, *ends)[0] for ends in ((-60, -5), (-5, 0), (0, 5), (5, 60)))
        if not isclose(total, f(point), rel_tol=1e-6):
            raise NoMixingLaw(f"with {mixing} the mixture is {total} at {point}, and the density is {f(point)}")


def lowered(ops, expression, values):
    """Return a SymPy expression of symbols as a term; `values` has terms by the names of the symbols."""
    if expression.is_Symbol:
        return values[expression.name]
    if expression.is_number:
        return ops.constant(float(expression))
    words = {"Add": ops.add, "Mul": ops.mul, "Pow": ops.pow}
    functions = {"exp": ops.exp, "log": ops.log, "Abs": ops.abs, "sign": ops.sign, "LambertW": _lambert_w(ops)}
    word = (words | functions).get(type(expression).__name__)
    if word is None:
        raise NoMixingLaw(f"{expression} is none of {', '.join((*words, *functions))}")
    parts = [lowered(ops, part, values) for part in expression.args]
    return reduce(word, parts) if word in words.values() else word(*parts)


def _lambert_w(ops):
    return lambda u: ops.wright_omega(ops.log(u))
