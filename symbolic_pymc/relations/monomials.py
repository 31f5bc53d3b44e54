"""Expressions that are a multiple of a power of one positive variable: ``c * theta[positions] ** k``, however they are spelt.

A precision stands in a model as ``sigma = 1 / sqrt(c * tau)``, a rate as ``scale = 1 / (c * lam)``: from the
variable outwards, roots, squares, reciprocals and powers change the exponent; all else is as in `affine`.
"""

from dataclasses import dataclass
from functools import reduce
from numbers import Real

from symbolic_pymc.records import Term
from symbolic_pymc.relations.affine import LINEAR_RULES, Affine, NotAffine, Pick, dependents
from symbolic_pymc.relations.goals import constant_number
from symbolic_pymc.unify import PLAIN
from symbolic_pymc.parts import graph_parts


class NotMonomial(Exception):
    """Why an expression is not a multiple of a power of a variable."""


@dataclass(frozen=True)
class Monomial:
    """``scale * theta[positions] ** exponent``; `pick` has both, as in `affine.Pick`."""

    pick: Pick
    exponent: Real


def monomial(ops, expr, theta):
    """Return the `Monomial` that `expr` is.

    Raises
    ------
    NotMonomial
        With the reason in words.
    """
    depends = dependents(ops, expr, theta)
    forms = {theta: Monomial(Pick(None, None), 1.0)}
    for x in graph_parts(expr):
        if x in depends and x is not theta:
            forms[x] = _form(ops, x, [forms.get(r) if isinstance(r, Term) else None for r in x.rands], theta)
    if expr not in forms:
        raise NotMonomial("it does not stand there")
    return forms[expr]


def _form(ops, x, forms, theta):
    kind = ops.kind_of(x)
    if kind in _POWERS:
        return power(ops, forms[0], _POWERS[kind])
    if kind in _SIGNS:
        return _SIGNS[kind](ops, forms[0])
    if kind in _MATRICES:
        return _matrix(ops, kind, x, forms, theta)
    if kind == "pow":
        return _pow(ops, x, *forms, theta)
    if kind not in _PROPORTIONAL:
        raise NotMonomial(f"it stands inside {kind or x.rator}")
    if kind == "true_div" and forms[1] is not None:
        return _product(ops, x, x.rands, (forms[0], power(ops, forms[1], -1.0)), theta)
    if kind == "mul":
        return _product(ops, x, x.rands, forms, theta)
    return _linear(ops, kind, x, x.rands, forms, theta)


_POWERS = {"sqrt": 0.5, "sqr": 2.0, "reciprocal": -1.0}
_PROPORTIONAL = ("deterministic", "cast", "second", "mul", "true_div", "structural", "transpose")


def _absolute(ops, form):
    return Monomial(Pick(form.pick.positions, form.pick.scale and ops.abs(form.pick.scale)), form.exponent)


def _sign(ops, form):
    return Monomial(Pick(form.pick.positions, form.pick.scale and ops.sign(form.pick.scale)), 0.0)


_SIGNS = {"abs": _absolute, "sign": _sign}


def _matrix(ops, kind, x, forms, theta):
    """Return the form of a function of matrices, in which a number may be a factor."""
    if ops.ndim(theta) > 0:
        raise NotMonomial(f"it stands inside {kind}")
    return _MATRICES[kind](ops, x, forms)


def _whole(ops, x, form):
    """Return the factor of a form in the shape of its expression."""
    return ops.like(ops.constant(1.0) if form.pick.scale is None else form.pick.scale, x)


def _inverse(ops, x, forms):
    return Monomial(Pick(None, ops.inverse(_whole(ops, x.rands[0], forms[0]))), -forms[0].exponent)


def _cholesky(ops, x, forms):
    return Monomial(Pick(None, ops.cholesky(_whole(ops, x.rands[0], forms[0]))), 0.5 * forms[0].exponent)


def _dot(ops, x, forms):
    wholes = [r if form is None else _whole(ops, r, form) for r, form in zip(x.rands, forms)]
    return Monomial(Pick(None, ops.dot(*wholes)), sum(form.exponent for form in forms if form is not None))


def _join(ops, x, forms):
    first = ops.joined_from
    parts = list(zip(x.rands, forms))[first:]
    if len({form and form.exponent for _, form in parts}) != 1:
        raise NotMonomial("parts of it have different powers")
    wholes = (_whole(ops, r, form) for r, form in parts)
    return Monomial(Pick(None, x.replace(rands=(*x.rands[:first], *wholes), info=PLAIN)), parts[0][1].exponent)


_MATRICES = {"inverse": _inverse, "cholesky": _cholesky, "dot": _dot, "matmul": _dot, "join": _join}


def _product(ops, x, rands, forms, theta):
    """Return the form of a product; `forms` has None for the factors that are free of the variable."""
    factors = [_linear(ops, "mul", x, (r,), (form,), theta) for r, form in zip(rands, forms) if form is not None]
    positions = factors[0].pick.positions
    if any(form.pick.positions is not positions for form in factors):
        raise NotMonomial("different elements of it are multiplied")
    scales = [form.pick.scale for form in factors] + [r for r, form in zip(rands, forms) if form is None]
    scale = _times(ops, [s for s in scales if s is not None])
    return Monomial(Pick(positions, scale), sum(form.exponent for form in factors))


def _times(ops, factors):
    return reduce(ops.mul, factors) if factors else None


def _linear(ops, kind, x, rands, forms, theta):
    """Return the form of what is proportional to its only argument that depends on the variable."""
    if sum(form is not None for form in forms) != 1:
        raise NotMonomial("it decides what is indexed")
    parts = [(r, form and Affine(None, form.pick)) for r, form in zip(rands, forms)]
    try:
        link = LINEAR_RULES[kind](ops, x, parts, theta).link
    except NotAffine as reason:
        raise NotMonomial(str(reason)) from None
    [exponent] = [form.exponent for form in forms if form is not None]
    return Monomial(link, exponent)


def _pow(ops, x, base, exponent, theta):
    k = constant_number(x.rands[1])
    if base is None or exponent is not None or k is None:
        raise NotMonomial("it stands in a power whose exponent is no constant number")
    return power(ops, _linear(ops, "mul", x, x.rands[:1], (base,), theta), k)  # an array of exponents may stretch it


def power(ops, form, k):
    """Return the form of ``expression ** k``, where its factor and its variable are positive."""
    positions, scale = form.pick.positions, form.pick.scale
    return Monomial(Pick(positions, scale and raised(ops, ops.floating(scale), k)), form.exponent * k)


def raised(ops, x, k):
    """Return `x`, which is positive, to the power of a number."""
    if k < 0:
        return ops.reciprocal(raised(ops, x, -k))
    words = {1.0: lambda y: y, 2.0: ops.sqr, 0.5: ops.sqrt}
    return words[k](x) if k in words else ops.pow(x, ops.constant(k))
