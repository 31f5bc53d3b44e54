r"""Logarithms of sums of exponentials, without the largest term that they are computed from."""

from functools import reduce

from symbolic_pymc.records import Term
from symbolic_pymc.relations.arithmetic import number


def without_shift(ops, x):
    r"""Return a term in which nothing has a kink, else None.

    .. math::

        t + \log \sum_i e^{x_i - t} = x_n + \operatorname{softplus}\Bigl(\log \sum_{i < n} e^{x_i} - x_n\Bigr)

    The left side is the same for all `t`, which is the largest of the terms, for the rounding alone.
    """
    pairs = (x.rands, x.rands[::-1]) if ops.kind_of(x) == "add" and len(x.rands) == 2 else ()
    for shift, rest in pairs:
        if ops.kind_of(rest) == "log" and ops.pattern(rest) == ops.pattern(shift):
            terms = [_above(ops, part, shift) for part in _parts(ops, rest.rands[0])]
            if len(terms) > 1 and None not in terms:
                return reduce(lambda total, term: ops.add(term, ops.softplus(ops.sub(total, term))), terms)
    return None


def _parts(ops, x):
    """Return what a sum is of, without zeros."""
    if ops.kind_of(x) == "add":
        return [part for r in x.rands for part in _parts(ops, r)]
    return [] if number(ops, x) == 0.0 else [x]


def _above(ops, part, shift):
    """Return `x` of the exponential of ``x - shift``, else None."""
    if ops.kind_of(part) != "exp" or ops.kind_of(part.rands[0]) != "sub":
        return None
    term, subtracted = part.rands[0].rands
    return term if subtracted == shift and isinstance(term, Term) else None
