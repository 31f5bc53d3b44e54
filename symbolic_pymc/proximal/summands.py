r"""Sums taken apart: constants, factors and sums of sums.

An objective is the sum of all elements of its terms.  Each term is taken apart into summands, ``factor * expr`` with
a factor that depends on no unknown; what depends on no unknown at all is left out.
"""

from dataclasses import dataclass
from typing import Any

from symbolic_pymc.records import Term
from symbolic_pymc.proximal.combinations import Numbers
from symbolic_pymc.proximal.shifts import without_shift
from symbolic_pymc.proximal.truths import truth
from symbolic_pymc.relations.goals import without_unit_axes
from symbolic_pymc.relations.ranges import range_of
from symbolic_pymc.vocabulary import is_transposition, is_unit_axis_shuffle
from symbolic_pymc.parts import graph_parts, replace_parts


@dataclass(frozen=True)
class Summand:
    """The sum of all elements of ``factor * expr``.

    Parameters
    ----------
    factor : term
        Of the shape of `expr`, or broadcast to it; it depends on no unknown.
    expr : term
    """

    factor: Any
    expr: Any


def summands(ops, term, inputs):
    """Return the `Summand` list of the sum of all elements of a term, without what is constant.

    Parameters
    ----------
    inputs : iterable of records
        The unknowns.
    """
    n = Numbers(ops)
    term = _decided(ops, n, term, inputs)
    depends = dependents(ops, term, inputs)
    found, stack = [], [Summand(n.one, term)]
    while stack:
        summand = stack.pop()
        if summand.expr in depends:
            rule = _RULES.get(ops.kind_of(summand.expr))
            parts = rule and rule(ops, n, summand, depends)
            if parts:
                stack.extend(reversed(parts))
            else:
                found.append(summand)
    return found


def _decided(ops, n, term, inputs):
    """Return a term with the branch that counts in the place of every choice that is the same whatever the unknowns."""
    depends, settled = dependents(ops, term, inputs), {}
    for x in graph_parts(term):
        is_own = x in depends and isinstance(x, Term)
        settled[x] = y = replace_parts(x, tuple(settled[r] for r in x.rands)) if is_own else x
        if x in depends:
            branch = _branch(ops, n, *y.rands) if ops.kind_of(y) == "switch" else without_shift(ops, y)
            settled[x] = y if branch is None else _full(ops, branch, y, set())
    return settled[term]


def _branch(ops, n, condition, yes, no):
    """Return what a choice is whatever the unknowns, else None."""
    verdict = truth(ops, condition)
    if verdict is None:
        return _continued(ops, n, condition, yes, no)
    return yes if verdict else no


def dependents(ops, root, inputs):
    """Return the set of the parts of a graph whose value depends on the inputs."""
    found = set(inputs)
    for x in graph_parts(root):
        if isinstance(x, Term) and any(r in found for r in valued(ops, x)):
            found.add(x)
    return found


def valued(ops, x):
    """Return the arguments of a term on whose values its own depends: not those of which it takes the shape, or a check."""
    counting = {"shape": slice(0), "second": slice(1, None), "check": slice(1)}
    return x.rands[counting.get(ops.kind_of(x), slice(None))]


def _add(ops, n, s, depends):
    return [Summand(s.factor, _full(ops, r, s.expr, depends)) for r in s.expr.rands if r in depends]


def _full(ops, part, whole, depends):
    """Return a part of a sum, broadcast to the shape of the sum."""
    if not ops.is_stretched(part, whole):
        return part
    full = ops.second(whole, part)
    if part in depends:
        depends.add(full)
    return full


def _sub(ops, n, s, depends):
    left, right = s.expr.rands
    signed = ((left, s.factor), (right, n.neg(s.factor)))
    return [Summand(factor, _full(ops, part, s.expr, depends)) for part, factor in signed if part in depends]


def _neg(ops, n, s, depends):
    return [Summand(n.neg(s.factor), s.expr.rands[0])]


def _mul(ops, n, s, depends):
    dependent = [r for r in s.expr.rands if r in depends]
    if len(dependent) > 1:
        return None
    factor = s.factor
    for r in s.expr.rands:
        if r not in depends:
            factor = n.mul(factor, r)
    return [Summand(factor, _full(ops, dependent[0], s.expr, depends))]


def _true_div(ops, n, s, depends):
    over, under = s.expr.rands
    if under not in depends:
        return [Summand(n.div(s.factor, under), _full(ops, over, s.expr, depends))]
    if over in depends or not ops.is_stretched(under, s.expr):
        return None
    under = without_unit_axes(under) if all(ops.pattern(under)) else under
    inverse = ops.reciprocal(under)
    depends |= {under, inverse}
    return [Summand(n.mul(s.factor, over), _full(ops, inverse, s.expr, depends))]


def _sum(ops, n, s, depends):
    """A sum of sums, where the factor is one number."""
    return (
        [Summand(s.factor, s.expr.rands[0])] if ops.ndim(s.factor) == 0 or n.is_zero(n.sub(s.factor, n.one)) else None
    )


def _stack(ops, n, s, depends):
    """Numbers side by side, where there is one factor for all."""
    return [Summand(s.factor, r) for r in s.expr.rands if r in depends] if ops.ndim(s.factor) == 0 else None


def _dot(ops, n, s, depends):
    """The inner product of two vectors, of which one does not depend on the unknowns."""
    parts = [_vector(ops, r) for r in s.expr.rands]
    if not all(ops.pattern(s.expr)) or ops.ndim(s.factor) or [ops.ndim(p) for p in parts] != [1, 1]:
        return None
    constant = [p for p in parts if p not in depends]
    varying = [p for p in parts if p in depends]
    return [Summand(n.mul(s.factor, constant[0]), varying[0])] if len(constant) == 1 else None


def _vector(ops, x):
    while isinstance(x, Term) and ops.ndim(x) > 1 and is_unit_axis_shuffle(x):
        x = x.rands[0]
    return x


def _same(ops, n, s, depends):
    return [Summand(s.factor, s.expr.rands[0])]


def _structural(ops, n, s, depends):
    """What only has other axes, or is broadcast, where there is one factor for all."""
    inner = s.expr.rands[0]
    if ops.ndim(s.factor) or any(r in depends for r in s.expr.rands[1:]) or ops.is_indexing(s.expr):
        return None
    return [Summand(s.factor, inner)] if _has_all_elements(ops, inner, s.expr) else None


def _has_all_elements(ops, inner, outer):
    """Tell whether an array of other axes has every element of an array once."""
    if is_unit_axis_shuffle(outer) or is_transposition(outer):
        return True
    return ops.is_fill(outer) and not ops.is_stretched(inner, outer)


def _check(ops, n, s, depends):
    """What is only checked to be in range; conditions on unknowns that may fail stay."""
    may_fail = any(r in depends and truth(ops, r) is not True for r in s.expr.rands[1:])
    return None if may_fail else _same(ops, n, s, depends)


def _continued(ops, n, condition, yes, no):
    """Return the branch of ``0 if a == b else (a - b) * c`` that is zero there itself, where c is finite; else None."""
    condition = without_unit_axes(condition)
    kind = ops.kind_of(condition)
    if kind not in ("eq", "neq"):
        return None
    at, beside = (yes, no) if kind == "eq" else (no, yes)
    factors = beside.rands if ops.kind_of(beside) == "mul" else ()
    error = n.sub(*condition.rands)
    vanishing = [f for f in factors if n.is_zero(n.sub(f, error))]
    rest = [f for f in factors if f not in vanishing]
    is_zero = n.is_zero(at) and vanishing and all(range_of(ops, f).is_finite() for f in rest)
    return beside if is_zero else None


def _second(ops, n, s, depends):
    """One number, broadcast: as often as there are elements, each with its factor."""
    pattern, x = s.expr.rands
    if not ops.is_stretched(x, pattern):
        return [Summand(s.factor, x)]
    known = _of_that_shape(ops, pattern, depends) if all(ops.pattern(x)) else None
    value = None if known is None else ops.value_of(known)
    if value is None:
        return None
    if all(ops.pattern(s.factor)):
        return [Summand(n.mul(without_unit_axes(s.factor), n(value.size)), without_unit_axes(x))]
    return None if ops.is_stretched(s.factor, pattern) else [Summand(ops.total(s.factor), without_unit_axes(x))]


def _of_that_shape(ops, pattern, depends):
    """Return what depends on no unknown and has the shape of a term that is computed element by element; None if unknown."""
    stack = [pattern]
    while stack:
        x = stack.pop()
        if ops.is_stretched(x, pattern):
            continue
        if x not in depends:
            return x
        if ops.is_elementwise(x):
            stack.extend(x.rands)
    return None


_RULES = {
    "second": _second,
    "add": _add,
    "sub": _sub,
    "neg": _neg,
    "mul": _mul,
    "true_div": _true_div,
    "sum": _sum,
    "stack": _stack,
    "dot": _dot,
    "matmul": _dot,
    "cast": _same,
    "deterministic": _same,
    "check": _check,
    "structural": _structural,
    "transpose": _structural,
}
