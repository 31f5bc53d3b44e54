"""Supports: the conditions under which a density is not zero, one by one."""

from symbolic_pymc.records import Term
from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.leaves import bare, is_number
from symbolic_pymc.proximal.comparisons import infinite
from symbolic_pymc.proximal.logic import CONDITIONS, EITHER, TOGETHER

_TURNED = {"gt": "le", "ge": "lt", "lt": "ge", "le": "gt", "eq": "neq", "neq": "eq"}
_CLOSED = {"gt": "ge", "ge": "ge", "lt": "le", "le": "le", "eq": "eq"}
_LOGIC = {*CONDITIONS, "any", None} - {"isnan"}


def support_of(ops, expr, depends, argument):
    """Return the inner expression of a restricted one, its conditions, and the sign of its infinity elsewhere.

    The sign is None where it has no value there; all is None where it is not restricted.  A condition is a triple
    of "le", "ge", "eq" or "definite" and two terms; the closure of the support is meant.
    """
    kind = ops.kind_of(expr)
    if kind == "check":
        own = [c for c in expr.rands[1:] if c in depends]
        found = [c for part in own for c in conditions(ops, part, True, depends)]
        return (expr.rands[0], found, None) if own else None
    if kind != "switch" or expr.rands[0] not in depends:
        return None
    if ops.ndim(bare(ops, expr.rands[0])) >= max(1, ops.ndim(argument)):
        return None
    condition, yes, no = expr.rands
    for inner, outer, holds in ((yes, no, True), (no, yes, False)):
        if outer not in depends and infinite(outer):
            return inner, conditions(ops, condition, holds, depends), infinite(outer)
    return None


def conditions(ops, part, holds, depends):
    """Return the conditions that say together that a truth value is what it is said to be."""
    part = bare(ops, part)
    if part not in depends:
        return []
    kind = ops.kind_of(part)
    together = (*TOGETHER, "all") if holds else (*EITHER, "any")
    parts = [r for r in part.rands if r in depends] if isinstance(part, Term) else []
    if kind in together:
        return [c for r in parts for c in conditions(ops, r, holds, depends)]
    if kind == "invert":
        return conditions(ops, parts[0], not holds, depends)
    of_zero = kind in ("neq", "eq") and is_number(ops, part.rands[1], 0.0)
    if of_zero and ops.kind_of(bare(ops, part.rands[0])) in _LOGIC:
        return conditions(ops, part.rands[0], holds == (kind == "neq"), depends)
    if str(part.rator) == "MatrixIsPositiveDefinite" and holds:
        return [("definite", part.rands[0], None)]
    own = kind if holds else _TURNED.get(kind)
    if own not in _CLOSED:
        raise Unknown(f"a condition on {kind or part.rator}")
    return [(_CLOSED[own], *part.rands)]
