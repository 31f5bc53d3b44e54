"""Conditions that are settled by between which numbers their sides lie, such as an exponential function and zero."""

import numpy as np

from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.logic import settled
from symbolic_pymc.relations.ranges import range_of


def truth(ops, condition):
    """Return True or False for a condition that has that value in all elements, whatever the unknowns; else None."""
    try:
        return _holds(ops, condition)
    except Unknown:
        return None


def _holds(ops, condition):
    try:
        return settled(ops, condition, lambda part: _holds(ops, part), lambda test, a, b: test(_sign(ops, a, b)))
    except Unknown:
        value = ops.value_of(condition)
        if value is None or np.size(value) == 0 or np.any(value) != np.all(value):
            raise
        return bool(np.all(value))


def _sign(ops, a, b):
    """Return the sign of a difference, where one side is larger whatever the unknowns."""
    for part, other, turn in ((a, b, 1.0), (b, a, -1.0)):
        here, there = range_of(ops, part), range_of(ops, other)
        if here.low > there.high or here.low == there.high and (here.above or there.below):
            return turn
    raise Unknown("the sign of a difference")
