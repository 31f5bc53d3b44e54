"""Conditions on functions of one number, settled on one interval at a time."""

import numpy as np

from symbolic_pymc.records import Constant, uniform_value
from symbolic_pymc.proximal.combinations import Outside, Unknown
from symbolic_pymc.proximal.logic import CONDITIONS, settled
from symbolic_pymc.relations.goals import without_unit_axes


def infinite(part):
    """Return 1 or -1 for a constant that is infinite, with that sign, in all elements; 0 for any other term."""
    part = without_unit_axes(part)
    value = uniform_value(part.value) if isinstance(part, Constant) else None
    return int(np.sign(value)) if value is not None and np.isinf(value) else 0


def is_settled(reader, condition):
    """Tell whether a condition that depends on the number holds where a `Reader` is."""
    if reader.ops.kind_of(condition) == "isnan":
        return _is_outside(reader, *condition.rands)
    return settled(reader.ops, condition, reader.holds, lambda test, a, b: compared(reader, test, a, b))


def compared(reader, test, a, b):
    """Return the outcome of a test of the sign of a difference."""
    if any(reader.ops.kind_of(v) in CONDITIONS and reader.ops.kind_of(v) not in _NUMBERS for v in (a, b)):
        raise Unknown("a comparison of conditions")
    n = reader.c.n
    for inner, outer, turn in ((a, b, 1), (b, a, -1)):
        if outer not in reader.depends and infinite(outer):
            return bool(test(-turn * infinite(outer)))
    return bool(test(reader.sign(reader.c.add(reader.form(a), reader.c.times(n(-1.0), reader.form(b))))))


_NUMBERS = ("mul", "stack", "structural", "cast")  # what may be of numbers too


def _is_outside(reader, part):
    """Tell whether a part has no value here."""
    try:
        reader.form(part)
    except Outside:
        return True
    return False
