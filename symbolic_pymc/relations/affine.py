"""Expressions that are affine in one variable: ``offset + link(theta)``, whatever way they are spelt.

An expression is followed from the variable outwards through sums, products with other things, indexing, reshaping,
broadcasting, matrix products and reductions.  Each element of the result either has one element of the variable
times a factor (a `Pick`: broadcasting and indexing stay cheap), or is a row of a matrix (a `Dense` link).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from symbolic_pymc.records import Atom, Term
from symbolic_pymc.relations.goals import constant_number
from symbolic_pymc.unify import PLAIN
from symbolic_pymc.parts import graph_parts


class NotAffine(Exception):
    """Why an expression is not affine in a variable."""


@dataclass(frozen=True)
class Pick:
    """Every element is `scale` times one element of the variable.

    positions : integer term of the shape of the expression, saying which element; None for the very element that
    stands there (or the only one, for a scalar variable).  scale : term, or None for 1.
    """

    positions: Any
    scale: Any


@dataclass(frozen=True)
class Dense:
    """Every element is a row of `matrix` (elements of the expression, elements of the variable) times the variable."""

    matrix: Any


@dataclass(frozen=True)
class Affine:
    """``offset + link(theta)``; `offset` is a term or None for 0, `link` None where the variable does not occur."""

    offset: Any
    link: Any


def affine(ops, expr, theta):
    """Return the `Affine` form of `expr` in the draw `theta`.

    Other draws are constants here, whatever they depend on.

    Raises
    ------
    NotAffine
        With the reason in words.
    """
    depends = dependents(ops, expr, theta)
    forms = {theta: Affine(None, Pick(None, None))}
    for x in graph_parts(expr):
        if x in depends and x is not theta:
            parts = [(r, forms[r] if _in(depends, r) else None) for r in x.rands]
            forms[x] = _rule(ops, x)(ops, x, parts, theta)
    return forms.get(expr, Affine(expr, None))


def dependents(ops, expr, theta):
    """Return the set of `theta` and the parts of `expr` that its value has a say in; a shape is no value."""
    found = {theta}
    for x in graph_parts(expr):
        if isinstance(x, Term) and not ops.is_random(x) and any(_in(found, r) for r in _values(ops, x)):
            found.add(x)
    return found


def _values(ops, x):
    """Return the arguments of `x` that count by their value, not by their shape alone."""
    kind = ops.kind_of(x)
    return () if kind == "shape" else x.rands[1:] if kind == "second" else x.rands


def _in(terms, x):
    return isinstance(x, (Term, Atom)) and x in terms


def _rule(ops, x):
    kind = ops.kind_of(x)
    rule = LINEAR_RULES.get(kind)
    if rule is None:
        raise NotAffine(f"it stands inside {kind or x.rator}, which is not affine")
    return rule


# Each rule gets the expression `x`, its arguments with their forms (None for what is free of theta) ----------------


def _pass(ops, x, parts, theta):
    """Markers, casts and the like: the value of the first argument."""
    return parts[0][1]


def _second(ops, x, parts, theta):
    """The second argument, broadcast to the shape of the first."""
    return _lifted(ops, *parts[1], x, theta)


def _neg(ops, x, parts, theta):
    return _scaled(ops, parts[0][1], ops.constant(-1.0), x)


def _add(ops, x, parts, theta):
    first, *rest = (_lifted(ops, term, form, x, theta) for term, form in parts)
    for form in rest:
        first = _sum_of(ops, first, form, x, theta)
    return first


def _sub(ops, x, parts, theta):
    left, right = (_lifted(ops, term, form, x, theta) for term, form in parts)
    return _sum_of(ops, left, _scaled(ops, right, ops.constant(-1.0), x), x, theta)


def _mul(ops, x, parts, theta):
    dependent = [(term, form) for term, form in parts if form is not None]
    if len(dependent) > 1:
        raise NotAffine("it is multiplied by something that depends on it")
    result = _lifted(ops, *dependent[0], x, theta)
    for term, form in parts:
        if form is None:
            result = _scaled(ops, result, term, x)
    return result


def _true_div(ops, x, parts, theta):
    (numerator, form), (denominator, denominator_form) = parts
    if denominator_form is not None:
        raise NotAffine("it stands in a denominator")
    return _scaled(ops, _lifted(ops, numerator, form, x, theta), ops.reciprocal(ops.floating(denominator)), x)


def _structural(ops, x, parts, theta):
    (inner, form), *rest = parts
    if any(f is not None for _, f in rest) or form is None:
        raise NotAffine("it decides what is indexed")

    def moved(y):
        return x.replace(rands=(y, *x.rands[1:]), info=PLAIN)

    def moved_value(y):
        """Return the value moved about; a number that stands everywhere stays as it is."""
        number = y and constant_number(y)
        return y and (moved(ops.like(y, inner)) if number is None else ops.constant(number))

    offset, link = moved_value(form.offset), form.link
    if isinstance(link, Dense):
        return Affine(offset, Dense(ops.take_rows(link.matrix, moved(ops.row_numbers(inner)))))
    scale = moved_value(link.scale)
    if ops.ndim(theta) == 0:
        return Affine(offset, Pick(None, scale))
    positions = ops.row_numbers(inner) if link.positions is None else ops.like(link.positions, inner)
    return Affine(offset, Pick(moved(positions), scale))


def _matmul(ops, x, parts, theta):
    (left, left_form), (right, right_form) = parts
    if left_form is not None and right_form is not None:
        raise NotAffine("it is multiplied by something that depends on it")
    on_the_right = left_form is None
    inner, form, other = (right, right_form, left) if on_the_right else (left, left_form, right)
    if ops.ndim(inner) > 2 or (ops.ndim(inner) == 2 and not ops.pattern(inner)[1 if on_the_right else 0]):
        raise NotAffine("it is a matrix in a matrix product; write the product of a matrix and a vector")
    if not on_the_right and ops.ndim(other) == 2:
        other = ops.transpose(other)
    matrix = other
    if form.link != Pick(None, None) or ops.ndim(theta) != 1:
        matrix = ops.dot(other, dense(ops, form.link, inner, theta))
    matrix = ops.as_row(matrix) if ops.ndim(other) == 1 else matrix
    offset = None
    if form.offset is not None:
        full = ops.like(form.offset, inner)
        offset = x.replace(rands=(left, full) if on_the_right else (full, right), info=PLAIN)
    return Affine(offset, Dense(matrix))


def _sum(ops, x, parts, theta):
    inner, form = parts[0]
    offset = form.offset and x.replace(rands=(ops.like(form.offset, inner),), info=PLAIN)
    return Affine(offset, Dense(ops.sum_rows(dense(ops, form.link, inner, theta), inner, ops.axes_of(x))))


def _solve(ops, x, parts, theta):
    """The solution of one system of linear equations, by its right-hand side."""
    (matrix, matrix_form), (inner, form) = parts
    if matrix_form is not None or not _is_one_system(ops, matrix, inner):
        raise NotAffine("it stands in several systems of linear equations, or is their matrix")
    square = ops.row_at(matrix, 0) if ops.ndim(matrix) == 3 else matrix
    if not is_what_it_is_taken_for(ops, x.rator.op, square):
        raise NotAffine("it stands in a system of equations whose matrix is not known to be triangular")
    offset = form.offset and x.replace(rands=(matrix, ops.like(form.offset, inner)), info=PLAIN)
    return Affine(offset, Dense(ops.solved(square, dense(ops, form.link, inner, theta))))


def _is_one_system(ops, matrix, inner):
    one_matrix = ops.ndim(matrix) == 2 or (ops.ndim(matrix) == 3 and ops.pattern(matrix)[0])
    return one_matrix and (ops.ndim(inner) == 1 or (ops.ndim(inner) == 2 and any(ops.pattern(inner))))


def is_what_it_is_taken_for(ops, op, matrix):
    """Tell whether a solver that reads one triangle of a matrix reads all of it."""
    op = getattr(op, "core_op", op)
    structure = getattr(op, "A_structure", None) or getattr(op, "assume_a", None) or "lower_triangular"
    if structure in ("general", "gen"):
        return True
    value = ops.value_of(matrix)
    is_lower = (
        structure == "lower_triangular" and (hasattr(op, "A_structure") or op.lower) and not getattr(op, "trans", 0)
    )
    return is_lower and value is not None and bool((value == np.tril(value)).all())


LINEAR_RULES = {
    "deterministic": _pass,
    "cast": _pass,
    "second": _second,
    "neg": _neg,
    "add": _add,
    "sub": _sub,
    "mul": _mul,
    "true_div": _true_div,
    "structural": _structural,
    "transpose": _structural,
    "dot": _matmul,
    "matmul": _matmul,
    "sum": _sum,
    "solve": _solve,
}


# Sums, multiples and broadcasts of forms -----------------------------------------------------------------------


def _lifted(ops, term, form, x, theta):
    """Return the form of an argument `term`, broadcast to the shape of the elementwise result `x`."""
    if form is None:
        return Affine(term, None)
    if not ops.is_stretched(term, x):
        return form
    link = form.link
    if isinstance(link, Dense):
        link = Dense(ops.take_rows(link.matrix, ops.like(ops.row_numbers(term), x)))
    elif link.positions is None and ops.ndim(theta) > 0:
        link = Pick(ops.row_numbers(term), link.scale)
    return Affine(form.offset, link)


def _sum_of(ops, left, right, x, theta):
    offsets = [form.offset for form in (left, right) if form.offset is not None]
    offset = ops.add(*offsets) if len(offsets) == 2 else next(iter(offsets), None)
    if left.link is None or right.link is None:
        return Affine(offset, left.link or right.link)
    if isinstance(left.link, Pick) and isinstance(right.link, Pick) and left.link.positions is right.link.positions:
        one = ops.constant(1.0)
        return Affine(offset, Pick(left.link.positions, ops.add(left.link.scale or one, right.link.scale or one)))
    return Affine(offset, Dense(ops.add(dense(ops, left.link, x, theta), dense(ops, right.link, x, theta))))


def _scaled(ops, form, factor, x):
    offset = form.offset and ops.mul(form.offset, factor)
    link = form.link
    if isinstance(link, Pick):
        link = Pick(link.positions, factor if link.scale is None else ops.mul(link.scale, factor))
    elif isinstance(link, Dense):
        link = Dense(ops.scale_rows(link.matrix, factor, x))
    return Affine(offset, link)


def dense(ops, link, pattern, theta):
    """Return the matrix of a link: (elements of `pattern`, elements of `theta`)."""
    if isinstance(link, Dense):
        return link.matrix
    scale = ops.constant(1.0) if link.scale is None else link.scale
    if ops.ndim(theta) == 0:
        return ops.one_column(scale, pattern)
    if link.positions is None and link.scale is None:
        return ops.identity_matrix(theta)
    positions = ops.row_numbers(theta) if link.positions is None else link.positions
    return ops.selection(positions, scale, theta, pattern)
