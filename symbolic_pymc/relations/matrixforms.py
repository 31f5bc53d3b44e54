"""Expressions that are a number times a random matrix or its inverse: ``factor * theta ** exponent``, however spelt.

A covariance stands in a model as itself, as the inverse of a precision, or as the product of a Cholesky factor with its
transpose; the factor may be any number.  A matrix ``A theta A'`` is no such multiple, whatever A is.
"""

from dataclasses import dataclass, replace
from typing import Any

from symbolic_pymc.records import Term
from symbolic_pymc.relations.affine import dependents
from symbolic_pymc.relations.goals import without_unit_axes
from symbolic_pymc.vocabulary import is_transposition, is_unit_axis_shuffle
from symbolic_pymc.parts import graph_parts


class NotMultiple(Exception):
    """Why an expression is no multiple of a matrix or of its inverse."""


@dataclass(frozen=True)
class Multiple:
    """``factor * theta ** exponent`` for a symmetric theta, or a triangular root of that.

    factor : scalar term, or None for 1.  exponent : 1 or -1.
    side : "whole", or "lower" and "upper" for the Cholesky factor of the whole and its transpose.
    """

    factor: Any
    exponent: int
    side: str = "whole"


def multiple(ops, expr, theta):
    """Return the `Multiple` of `theta`, a symmetric positive definite matrix, that `expr` is.

    Raises
    ------
    NotMultiple
        With the reason in words.
    """
    depends = dependents(ops, expr, theta)
    forms = {theta: Multiple(None, 1)}
    for x in graph_parts(expr):
        if x in depends and x is not theta:
            forms[x] = _form(ops, x, [forms.get(r) if isinstance(r, Term) else None for r in x.rands])
    if expr not in forms:
        raise NotMultiple("it does not stand there")
    return forms[expr]


def _form(ops, x, forms):
    kind = ops.kind_of(x)
    if is_transposition(x):
        return replace(forms[0], side=_TRANSPOSED[forms[0].side])
    if kind in ("structural", "transpose"):
        if not is_unit_axis_shuffle(x) or ops.pattern(x)[-2:] != ops.pattern(x.rands[0])[-2:]:
            raise NotMultiple("parts of it are taken")
        return forms[0]
    if kind not in _RULES:
        raise NotMultiple(f"it stands inside {kind or x.rator}")
    return _RULES[kind](ops, x, forms)


_TRANSPOSED = {"whole": "whole", "lower": "upper", "upper": "lower"}


def _pass(ops, x, forms):
    return forms[0]


def _second(ops, x, forms):
    if forms[1] is None or ops.is_stretched(x.rands[1], x):
        raise NotMultiple("it is repeated")
    return forms[1]


def _mul(ops, x, forms):
    form, *too = [form for form in forms if form is not None]
    if too:
        raise NotMultiple("it is multiplied with itself element by element")
    for r, own in zip(x.rands, forms):
        if own is None:
            form = _scaled(ops, form, r)
    return form


def _true_div(ops, x, forms):
    if forms[0] is None or forms[1] is not None:
        raise NotMultiple("it is a divisor element by element")
    return _scaled(ops, forms[0], ops.reciprocal(ops.floating(_number(ops, x.rands[1]))))


def _scaled(ops, form, factor):
    number = _number(ops, factor)
    if form.side != "whole":
        number = ops.sqr(number)
    return replace(form, factor=number if form.factor is None else ops.mul(form.factor, number))


def _number(ops, x):
    number = without_unit_axes(x)
    if ops.ndim(number) == 0:
        return number
    if all(ops.pattern(number)):
        return ops.total(number)
    raise NotMultiple("it is multiplied by more than one number")


def _inverse(ops, x, forms):
    if forms[0].side != "whole":
        raise NotMultiple("a Cholesky factor of it is inverted")
    return Multiple(None if forms[0].factor is None else ops.reciprocal(forms[0].factor), -forms[0].exponent)


def _cholesky(ops, x, forms):
    if forms[0].side != "whole":
        raise NotMultiple("its Cholesky factor is decomposed again")
    return replace(forms[0], side="lower")


def _dot(ops, x, forms):
    left, right = forms
    if left is None or right is None or (left.side, right.side) != ("lower", "upper"):
        raise NotMultiple("it stands in a matrix product")
    if (left.factor, left.exponent) != (right.factor, right.exponent):
        raise NotMultiple("its Cholesky factor is multiplied with another one")
    return replace(left, side="whole")


_RULES = {
    "deterministic": _pass,
    "cast": _pass,
    "second": _second,
    "mul": _mul,
    "true_div": _true_div,
    "inverse": _inverse,
    "cholesky": _cholesky,
    "dot": _dot,
    "matmul": _dot,
}
