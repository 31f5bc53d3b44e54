"""Data with missing entries: one variable of what was seen, and one of the rest, both picked from one draw."""

from pymc.distributions.distribution import PartialObservedRV

from symbolic_pymc.records import Constant, MetaOp, Term
from symbolic_pymc.missing import Missing


def missing_of(mark, parts):
    """Return the `Missing` of observed data, ``observed(value, rv)``, of a model; None where no entry is missing.

    It is None, too, where the mask is no constant.
    """
    values, seen = mark.rands
    if not isinstance(seen.rator, MetaOp) or not isinstance(seen.rator.op, PartialObservedRV):
        return None
    whole, mask = seen.rands
    others = (
        x for x in parts if isinstance(x, Term) and x.rator == seen.rator and x.rands == seen.rands and x is not seen
    )
    free = next(others, None)
    if free is None or not isinstance(mask, Constant):
        return None
    return Missing(whole, free, values, mask.value)
