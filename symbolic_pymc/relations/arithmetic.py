"""What is provable about parameters: that two are the same, that one is a number, that one is positive."""

import numpy as np

from symbolic_pymc.records import Constant, Term, uniform_value
from symbolic_pymc.parts import graph_parts
from symbolic_pymc.relations.ranges import range_of

# A polynomial is a dict from monomials to pairs: the coefficient, and the size of what was added up to give it.
# A monomial is a frozenset of pairs: a term that is taken as it stands, and its power.

ONE = frozenset()
_LIMIT = 64
_ROUNDING = 8 * np.finfo(float).eps


def number(ops, x):
    """Return the number that a term is, in all of its elements, or None."""
    polynomial = _polynomial(ops, x)
    if not polynomial:
        return 0.0
    return polynomial[ONE][0] if set(polynomial) == {ONE} else None


def same(ops, x, y):
    """Tell whether two terms are provably equal, elementwise; numbers are, within rounding."""
    return x is y or not _sum(_polynomial(ops, x), _polynomial(ops, y), -1.0)


def simplified(ops, x):
    """Return a parameter without axes in front that only broadcasting needs; a number as a scalar constant."""
    value = number(ops, x)
    if value is not None:
        return ops.constant(np.float64(value))
    while (inner := _unshuffled(x)) is not None:
        x = inner
    if ops.operator_of(x) == "reciprocal" and ops.operator_of(x.rands[0]) == "reciprocal":
        return x.rands[0].rands[0]
    return _without_neutral(ops, x)


def sign(ops, x):
    """Return 1.0 or -1.0 for a term that is provably positive or negative, else None."""
    value = number(ops, x)
    if value is not None:
        return float(np.sign(value)) or None
    return range_of(ops, x).sign


# Polynomials ----------------------------------------------------------------------------------------------------


def _polynomial(ops, root):
    """Return the polynomial that a term is in what is no arithmetic."""

    def parts(x):
        is_arithmetic = ops.operator_of(x) in _RULES or _unshuffled(x) is not None or _is_cast(ops, x)
        return x.rands if isinstance(x, Term) and is_arithmetic else ()

    memo = {}
    for x in graph_parts(root, subterms=parts):
        memo[x] = _of(ops, x, memo)
    return memo[root]


def _of(ops, x, memo):
    if isinstance(x, Constant):
        value = uniform_value(x.value) if x.type.dtype != "bool" else None
        return _scalar(float(value)) if value is not None and np.isfinite(value) else _atom(x)
    if not isinstance(x, Term):
        return _atom(x)
    if _unshuffled(x) is not None or _is_cast(ops, x):
        return memo[x.rands[0]]
    rule = _RULES.get(ops.operator_of(x))
    result = rule and rule(*(memo[r] for r in x.rands))
    return _atom(x) if result is None else result


def _unshuffled(x):
    """Return what a term adds axes of length one in front of, or None."""
    order = getattr(getattr(x.rator, "op", None), "new_order", None) if isinstance(x, Term) else None
    if order is None:
        return None
    kept = [i for i in order if i != "x"]
    in_front = list(order)[len(order) - len(kept) :] == list(range(len(kept)))
    return x.rands[0] if in_front else None


def _is_cast(ops, x):
    return ops.kind_of(x) == "cast"


def _atom(x):
    return {frozenset({(x, 1.0)}): (1.0, 1.0)}


def _scalar(value):
    return {ONE: (value, abs(value))} if value else {}


def _sum(a, b, factor=1.0):
    """Return ``a + factor * b``; what cancels within rounding is gone."""
    total = dict(a)
    for monomial, (value, size) in b.items():
        old_value, old_size = total.get(monomial, (0.0, 0.0))
        value, size = old_value + factor * value, old_size + abs(factor) * size
        if abs(value) <= _ROUNDING * size:
            total.pop(monomial, None)
        else:
            total[monomial] = value, size
    return total


def _product(a, b):
    if len(a) * len(b) > _LIMIT:
        return None
    total = {}
    for p, (value, size) in a.items():
        for q, (other, other_size) in b.items():
            total = _sum(total, {_times(p, q): (value * other, size * other_size)})
    return total


def _times(p, q):
    powers = dict(p)
    for atom, power in q:
        powers[atom] = powers.get(atom, 0.0) + power
    return frozenset((atom, power) for atom, power in powers.items() if power)


def _inverse(a):
    if len(a) > 1:
        whole = frozenset((monomial, value) for monomial, (value, _) in a.items())
        return {frozenset({(whole, -1.0)}): (1.0, 1.0)}
    for monomial, (value, _) in a.items():
        return {frozenset((atom, -power) for atom, power in monomial): (1 / value, abs(1 / value))}
    return None


def _quotient(a, b):
    inverse = _inverse(b)
    return None if inverse is None else _product(a, inverse)


def _add(*polynomials):
    total = {}
    for p in polynomials:
        total = _sum(total, p)
    return total


def _mul(*polynomials):
    total = _scalar(1.0)
    for p in polynomials:
        total = _product(total, p)
        if total is None:
            return None
    return total


def _of_number(function):
    def rule(a):
        if a and set(a) != {ONE}:
            return None
        with np.errstate(all="ignore"):
            value = float(function(a[ONE][0] if a else 0.0))
        return _scalar(value) if np.isfinite(value) else None

    return rule


def _power(a, b):
    """Return a power of numbers, or None."""
    if any(p and set(p) != {ONE} for p in (a, b)):
        return None
    base, exponent = (p[ONE][0] if p else 0.0 for p in (a, b))
    return _of_number(lambda x: np.power(x, exponent))(_scalar(base)) if base >= 0 else None


def _larger(a, b, choose):
    if any(p and set(p) != {ONE} for p in (a, b)):
        return None
    return _scalar(choose(p[ONE][0] if p else 0.0 for p in (a, b)))


_RULES = {
    "add": _add,
    "mul": _mul,
    "sub": lambda a, b: _sum(a, b, -1.0),
    "neg": lambda a: _sum({}, a, -1.0),
    "true_div": _quotient,
    "reciprocal": _inverse,
    "sqr": lambda a: _product(a, a),
    "deterministic": lambda a: a,
    "exp": _of_number(np.exp),
    "log": _of_number(np.log),
    "sqrt": _of_number(np.sqrt),
    "abs": _of_number(np.abs),
    "log1p": _of_number(np.log1p),
    "pow": _power,
    "maximum": lambda a, b: _larger(a, b, max),
    "minimum": lambda a, b: _larger(a, b, min),
}


def _without_neutral(ops, x):
    """Return a sum without its zeros, a product without its ones, at the top of a term."""
    name = ops.operator_of(x)
    if name not in ("add", "mul", "true_div", "sub"):
        return x
    neutral = 0.0 if name in ("add", "sub") else 1.0
    kept = [r for r in x.rands if number(ops, r) != neutral]
    if name in ("true_div", "sub"):
        return simplified(ops, x.rands[0]) if number(ops, x.rands[1]) == neutral else x
    if len(kept) == 1 and ops.ndim(kept[0]) == ops.ndim(x):
        return simplified(ops, kept[0])
    return x
