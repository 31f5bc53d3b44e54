"""What printing asks a backend: the rules of its operators, its leaves, the names of its distributions.

A backend answers by registration with the three generic functions of this module. Its folder's ``printing``
is imported when the first object of its kind is met.
"""

import importlib
from functools import singledispatch
from typing import Any, Callable, NamedTuple
from weakref import WeakKeyDictionary

from symbolic_pymc.backends import backend_of
from symbolic_pymc.records import MetaOp, MetaSymbol
from symbolic_pymc.printing.latex import escape


class Rule(NamedTuple):
    """How the terms of one operator are written.

    Parameters
    ----------
    write : callable
        ``write(n, args, term)`` gives the `Piece` of the term in notation `n`, from those of `shown`.
    shown : callable
        ``shown(rands)`` gives the arguments that are written at all.
    role : str
        "expression"; "silent" when the one shown argument stands for the term; "draw" of a random variable,
        of which `write` gives the distribution; "deterministic", "potential" and "observed" for the marks of
        a model; "graph" for a whole graph, whose arguments are its outputs.
    """

    write: Callable
    shown: Callable = tuple
    role: str = "expression"


class Symbol(NamedTuple):
    """A leaf known by its name (None when it has none) and its space."""

    name: str | None
    space: Any = None


class Literal(NamedTuple):
    """A leaf written by its value."""

    value: Any
    space: Any = None


class Space(NamedTuple):
    """Where a variable lives: the dtype of its numbers and its sizes, None where they are open."""

    dtype: str
    shape: tuple


def _load_printing(obj):
    name = backend_of(obj)
    return name is not None and importlib.import_module(f"{name}.printing")


@singledispatch
def rule_of(rator):
    """Return the `Rule` of an operator record; an operator without one is a function of its arguments."""
    if isinstance(rator, MetaOp) and _load_printing(rator.op):
        if rule_of.dispatch(type(rator)) is not rule_of.dispatch(object):
            return rule_of(rator)
    return _function(rator)


def _function(rator):
    return Rule(lambda n, args, term: n.call(str(rator), *args))


@singledispatch
def describe(obj):
    """Return the `Symbol` or `Literal` of a base object."""
    if _load_printing(obj) and describe.dispatch(type(obj)) is not describe.dispatch(object):
        return describe(obj)
    return Literal(obj)


@singledispatch
def distribution_name(op):
    """Return the printed name, in text and in LaTeX, of what a base operator draws from."""
    if _load_printing(op) and distribution_name.dispatch(type(op)) is not distribution_name.dispatch(object):
        return distribution_name(op)
    return str(op), rf"\operatorname{{{escape(str(op))}}}"


_rules = WeakKeyDictionary()  # operator record -> its rule


def rule_of_term(term):
    """Return the rule of a term's operator; with that, or all of the arguments, unknown it is a function."""
    rator = term.rator
    if not isinstance(rator, MetaSymbol) or type(term.rands) is not tuple:
        return _function(rator)
    rule = _rules.get(rator)
    if rule is None:
        rule = _rules[rator] = rule_of(rator)
    return rule
