"""Linear forms of expressions over what is not linear in them."""

from dataclasses import dataclass
from typing import Any

from symbolic_pymc.relations.arithmetic import number, simplified


@dataclass(frozen=True)
class Linear:
    """``offset + sum(coefficient * atom)``; `terms` maps atoms to coefficients, all of them terms."""

    offset: Any
    terms: dict


def linear_form(ops, x, parts):
    """Return the `Linear` form of `x`, given those of its arguments; `x` itself where it is linear in none."""
    rule = _RULES.get(ops.kind_of(x)) if parts else None
    result = rule and rule(ops, parts)
    return result or Linear(ops.constant(0.0), {x: ops.constant(1.0)})


def plus(ops, *parts):
    """Return the sum of linear forms; what cancels is gone."""
    offset, terms, zero = ops.constant(0.0), {}, ops.constant(0.0)
    for part in parts:
        offset = simplified(ops, ops.add(offset, part.offset))
        for atom, c in part.terms.items():
            terms[atom] = simplified(ops, ops.add(terms.get(atom, zero), c))
    return Linear(offset, {atom: c for atom, c in terms.items() if number(ops, c) != 0.0})


def times(ops, linear, factor):
    """Return a linear form times a term."""

    def by(c):
        return simplified(ops, ops.mul(c, factor))

    return Linear(by(linear.offset), {atom: by(c) for atom, c in linear.terms.items()})


def less(ops, a, b):
    """Return the difference of two linear forms."""
    return plus(ops, a, times(ops, b, ops.constant(-1.0)))


def _mul(ops, parts):
    random = [p for p in parts if p.terms]
    if len(random) != 1:
        return None
    (result,) = random
    for part in parts:
        if not part.terms:
            result = times(ops, result, part.offset)
    return result


def _true_div(ops, parts):
    over, under = parts
    return None if under.terms else times(ops, over, ops.reciprocal(under.offset))


_RULES = {
    "add": lambda ops, parts: plus(ops, *parts),
    "sub": lambda ops, parts: less(ops, *parts),
    "neg": lambda ops, parts: times(ops, parts[0], ops.constant(-1.0)),
    "mul": _mul,
    "true_div": _true_div,
    "deterministic": lambda ops, parts: parts[0],
    "cast": lambda ops, parts: parts[0],
}
