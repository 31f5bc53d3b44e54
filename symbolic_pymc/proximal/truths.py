"""Conditions that are settled by what is known of signs, such as that of an exponential function."""

import numpy as np

from symbolic_pymc.relations.arithmetic import number, sign


def truth(ops, condition):
    """Return True or False for a condition that has that value in all elements, whatever the unknowns; else None."""
    rule = _RULES.get(ops.kind_of(condition))
    verdict = rule(ops, *condition.rands) if rule is not None else None
    if verdict is not None:
        return verdict
    value = ops.value_of(condition)
    return None if value is None or np.size(value) == 0 or np.any(value) != np.all(value) else bool(np.all(value))


def _compared(test):
    """Return the rule of a comparison, one of whose sides is zero and the other of a known sign."""

    def rule(ops, a, b):
        if number(ops, b) == 0.0:
            known = sign(ops, a)
        elif number(ops, a) == 0.0:
            known = sign(ops, b)
            known = known and -known
        else:
            known = None
        return None if known is None else test(known)

    return rule


def _settled_by(verdict):
    """Return the rule of several conditions, of which one that has the verdict settles it."""

    def rule(ops, *parts):
        known = [truth(ops, p) for p in parts]
        return verdict if verdict in known else None if None in known else not verdict

    return rule


def _same(ops, part, *rest):
    return truth(ops, part)


def _not(ops, part):
    known = truth(ops, part)
    return None if known is None else not known


_RULES = {
    "gt": _compared(lambda s: s > 0),
    "ge": _compared(lambda s: s >= 0),
    "lt": _compared(lambda s: s < 0),
    "le": _compared(lambda s: s <= 0),
    "eq": _compared(lambda s: False),
    "neq": _compared(lambda s: True),
    "and_": _settled_by(False),
    "mul": _settled_by(False),
    "stack": _settled_by(False),
    "or_": _settled_by(True),
    "invert": _not,
    "structural": _same,
    "cast": _same,
    "all": _same,
}
