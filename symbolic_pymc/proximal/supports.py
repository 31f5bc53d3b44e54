"""What a log density takes for granted of a variable: where its support lies in a plane."""

import numpy as np

from symbolic_pymc.distributions import DISTRIBUTIONS
from symbolic_pymc.errors import NoProximalOperator
from symbolic_pymc.meta import metatize, peek
from symbolic_pymc.relations.zero_sums import sums_to_zero


def planes(ops, draw, value):
    """Return the terms, zero or infinite, that say in which plane the value of a draw lies: exactly, and within rounding.

    The density of a law on a simplex is one along the simplex, that of a vector that sums to zero one along the plane:
    they say nothing of values beside it.

    Returns
    -------
    dict of term to term

    Raises
    ------
    NoProximalOperator
        For what sums to zero along several axes.
    """
    total = _total(ops, draw)
    if total is None:
        return {}
    rest = ops.sub(ops.sums_of_rows(value), ops.constant(total))
    few = ops.constant(np.sqrt(np.finfo(peek(value).dtype).eps))
    tests = (ops.neq(ops.sums_of_rows(value), ops.constant(total)), ops.gt(ops.abs(rest), few))
    exact, close = (ops.switch(ops.any_of(beside), ops.constant(float("inf")), ops.constant(0.0)) for beside in tests)
    return {metatize(exact.reify()): metatize(close.reify())}


def is_simplex(ops, draw):
    """Tell whether the rows of a draw are none negative and add up to one."""
    family = DISTRIBUTIONS.get(ops.distribution_of(draw))
    return family is not None and family.support == "simplex"


def _total(ops, draw):
    """Return what the elements of every row of a draw add up to; None where nothing is known."""
    if is_simplex(ops, draw):
        return 1.0
    if not sums_to_zero(draw):
        return None
    if draw.rator.op.ndim_supp != 1:
        raise NoProximalOperator(f"{draw.name} sums to zero over several axes; its estimate is not known here")
    return 0.0
