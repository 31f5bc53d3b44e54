"""Conditions that are settled by what is known of signs, such as that of an exponential function."""

import numpy as np

from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.logic import settled
from symbolic_pymc.relations.arithmetic import number, sign


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
    """Return the sign of a difference, one of whose sides is zero and the other of a known sign."""
    for part, other, turn in ((a, b, 1.0), (b, a, -1.0)):
        known = sign(ops, part) if number(ops, other) == 0.0 else None
        if known is not None:
            return turn * known
    raise Unknown("the sign of a difference")
