"""Goals about parameters, asked once they are known: what cannot be proven fails."""

from functools import wraps

import numpy as np
from kanren import eq, lall
from unification import reify

from symbolic_pymc.meta import settle_graph
from symbolic_pymc.records import Constant, Term, is_ground
from symbolic_pymc.relations.arithmetic import number, same, sign
from symbolic_pymc.relations.goals import is_constant
from symbolic_pymc.parts import graph_parts


def _asked(predicate, *terms):
    def goal(s):
        known = tuple(settle_graph(reify(x, s)) for x in terms)
        if all(map(is_ground, known)) and predicate(*known):
            yield s

    return goal


def sameo(ops, x, y):
    """State that two terms are provably equal: one and the same expression, or equal numbers."""
    return _asked(lambda a, b: same(ops, a, b), x, y)


def numbero(ops, x, value):
    """State that a term is provably the number `value`, in all of its elements."""
    return _asked(lambda a: number(ops, a) == value, x)


def nearo(ops, x, value):
    """State that a term is the number `value` within rounding."""
    return sameo(ops, x, ops.constant(value))


def at_mosto(ops, x, bound):
    """State that all elements of a term are known numbers, no larger than `bound`; that of a shared variable is not."""

    def is_small(a):
        value = known_value(ops, a)
        return value is not None and bool(np.all(value <= bound))

    return _asked(is_small, x)


def known_value(ops, x):
    """Return the value of a term that is computed from constants alone, as an array, else None."""
    is_known = all(isinstance(y, (Term, Constant)) for y in graph_parts(x))
    return ops.value_of(x) if is_known else None


def infiniteo(x, sign):
    """State that a term is a constant that is infinite, of a sign, in all of its elements."""
    return _asked(lambda a: is_constant(a, sign * np.inf), x)


def positiveo(ops, x):
    """State that a term is provably positive."""
    return _asked(lambda a: sign(ops, a) == 1.0, x)


def negativeo(ops, x):
    """State that a term is provably negative."""
    return _asked(lambda a: sign(ops, a) == -1.0, x)


def singleo(ops, x):
    """State that a term is a single number, not an array."""
    return _asked(lambda a: _is_single(ops, a), x)


def single_parameterso(ops, law):
    """State that every parameter of a law is a single number."""
    return _asked(lambda known: all(_is_single(ops, x) for x in known[1:]), law)


def _is_single(ops, x):
    return not isinstance(x, tuple) and ops.ndim(x) == 0


def fact(rule):
    """Return the relation ``(ops, before, after)`` that a rule states.

    ``rule(ops)`` returns what stands before, what stands after, and guards; the first two hold logic variables.
    """

    @wraps(rule)
    def relation(ops, before, after):
        given, result, *guards = rule(ops)
        return lall(eq(before, given), *guards, eq(after, result))

    del relation.__wrapped__
    return relation
