"""Vectors of probabilities that are products of chances and of their complements, such as the pieces of broken sticks.

An expression is followed from the variable outwards; each element of it is found to be
``prod(theta ** s * (1 - theta) ** f)`` with whole numbers s and f, for every element of the variable.
"""

from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

import numpy as np

from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.records import Constant, Term
from symbolic_pymc.relations.affine import dependents
from symbolic_pymc.relations.conjugates import beta_products_reversalo
from symbolic_pymc.relations.edge import NotReversible, ask, called, named
from symbolic_pymc.unify import PLAIN
from symbolic_pymc.parts import graph_parts


class NotProducts(Exception):
    """Why the elements of an expression are no products of chances."""


@dataclass(frozen=True)
class Products:
    """The powers of every element of the variable and of its complement, along the last axis of both arrays."""

    successes: np.ndarray
    failures: np.ndarray

    def mapped(self, f):
        """Return the products of which the powers are `f` of these powers."""
        return Products(f(self.successes), f(self.failures))


def products(ops, expr, theta):
    """Return the `Products` that the elements of `expr` are; `theta` is an array in the place of the variable.

    Raises
    ------
    NotProducts
        With the reason in words.
    """
    start = _fixed(ops, theta)
    own = np.eye(start.size, dtype="int64").reshape((*start.shape, start.size))
    depends, forms = dependents(ops, expr, theta), {theta: Products(own, np.zeros_like(own))}
    for x in graph_parts(expr):
        if x in depends and x is not theta:
            kind = ops.kind_of(x)
            if kind not in _RULES:
                raise NotProducts(f"it stands inside {kind or x.rator}")
            forms[x] = _RULES[kind](ops, x, partial(_form, ops, forms, start.size))
    return forms[expr]


def _fixed(ops, x):
    """Return the value of a term that is computed from constants alone."""
    known = metatize(reify_many((x,))[0])
    if any(ops.is_random(part) or not isinstance(part, (Term, Constant)) for part in graph_parts(known)):
        raise NotProducts("it stands beside what is no constant")
    return ops.value_of(known)


def _form(ops, forms, size, x):
    """Return the products that an argument is: that of no factor for an array of ones."""
    if isinstance(x, Term) and x in forms:
        return forms[x]
    value = _fixed(ops, x)
    if not np.all(value == 1.0):
        raise NotProducts("it stands beside a constant that is not 1")
    none = np.zeros((*value.shape, size), dtype="int64")
    return Products(none, none)


def _pass(ops, x, form):
    return form(x.rands[0])


def _mul(ops, x, form):
    factors = [form(r) for r in x.rands]
    return Products(reduce(np.add, [p.successes for p in factors]), reduce(np.add, [p.failures for p in factors]))


def _sub(ops, x, form):
    """Return the complement of single chances."""
    one, chance = (form(r) for r in x.rands)
    powers = chance.successes.sum(axis=-1) + chance.failures.sum(axis=-1)
    if one.successes.any() or one.failures.any() or not np.all(powers == 1):
        raise NotProducts("a difference has it that is not one minus one element of it")
    none = np.zeros_like(one.successes)
    return Products(none + chance.failures, none + chance.successes)


def _join(ops, x, form):
    first = ops.joined_from
    axis = int(_fixed(ops, x.rands[0])) if first else x.rator.op.axis
    parts = [form(r) for r in x.rands[first:]]
    return Products(
        np.concatenate([p.successes for p in parts], axis), np.concatenate([p.failures for p in parts], axis)
    )


def _stack(ops, x, form):
    parts = [form(r) for r in x.rands]
    return Products(np.stack([p.successes for p in parts]), np.stack([p.failures for p in parts]))


def _cumprod(ops, x, form):
    whole, axis = form(x.rands[0]), x.rator.op.axis
    if axis is None and ops.ndim(x.rands[0]) != 1:
        raise NotProducts("a matrix of it is multiplied up")
    return whole.mapped(partial(np.cumsum, axis=axis or 0))


def _structural(ops, x, form):
    inner = x.rands[0]
    places = _fixed(ops, x.replace(rands=(ops.row_numbers(inner), *x.rands[1:]), info=PLAIN))
    return form(inner).mapped(lambda powers: powers.reshape((-1, powers.shape[-1]))[places])


_RULES = {
    "deterministic": _pass,
    "cast": _pass,
    "mul": _mul,
    "sub": _sub,
    "join": _join,
    "stack": _stack,
    "cumprod": _cumprod,
    "structural": _structural,
    "transpose": _structural,
}


def add_up_to_one(whole):
    """Tell whether the elements of a vector of products are probabilities, whatever the chances are.

    The sum is a polynomial: where it is not one, it is one at a random point with probability zero.
    """
    chances = np.random.default_rng(0).uniform(size=(5, whole.successes.shape[-1]))
    logs = np.log(chances) @ whole.successes.T + np.log1p(-chances) @ whole.failures.T
    return bool(np.all(np.abs(np.exp(logs).sum(axis=1) - 1.0) < 1e-10))


@dataclass(frozen=True)
class Labels:
    """A row of `kernels.SIMPLEXES` at the data of an edge, whose probabilities are products of chances."""

    law: Any
    successes: Term
    failures: Term


def reverse_sticks(ops, edge, row, theta):
    """Return the `Reversal` of an edge from chances to data that have products of them for probabilities."""
    names = edge.parameter, called(ops, edge.rv), called(ops, edge.theta)
    if ops.static_size(edge.theta) is None:
        raise NotReversible(f"how many elements {names[2]} has is not known; give it a shape")
    try:
        whole = products(ops, edge.expression, edge.blank)
    except NotProducts as reason:
        raise NotReversible("the {} of {} is no vector of products of {}: {}".format(*names, reason)) from None
    shape = whole.successes.shape
    if any(n != 1 for n in shape[:-2]) or len(shape) < 2:
        raise NotReversible("the {} of {} is a batch of vectors of products of {}".format(*names))
    whole = whole.mapped(lambda powers: powers.reshape(shape[-2:]))
    if not add_up_to_one(whole):
        raise NotReversible("the {} of {} does not add up to one for every {}".format(*names))
    counts = ops.floating(row.counts(ops, edge.data, ops.constant(np.zeros(shape[-2]))))
    sums = (ops.dot(ops.constant(powers.T.astype("float64")), counts) for powers in (whole.successes, whole.failures))
    labels = Labels(lambda q: row.law(ops, q, edge.others), *(ops.shaped(x, edge.blank) for x in sums))
    before = theta, labels.law(edge.expression)
    posterior, marginal = ask(partial(beta_products_reversalo, ops, labels), before)
    return named(ops, edge, posterior, marginal, beta_products_reversalo)
