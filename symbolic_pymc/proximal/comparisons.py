"""Conditions on functions of one number, settled on one interval at a time."""

import numpy as np

from symbolic_pymc.meta import Constant
from symbolic_pymc.proximal.combinations import Outside, Unknown
from symbolic_pymc.relations.goals import without_unit_axes


def infinite(part):
    """Return 1 or -1 for a constant that is infinite, with that sign, in all elements; 0 for any other term."""
    part = without_unit_axes(part)
    signs = np.unique(part.value) if isinstance(part, Constant) else ()
    return int(np.sign(signs[0])) if len(signs) == 1 and np.isinf(signs[0]) else 0


def _compared(test):
    def rule(reader, a, b):
        if any(reader.ops.kind_of(v) in _LOGIC for v in (a, b)):
            raise Unknown("a comparison of conditions")
        n = reader.c.n
        for inner, outer, turn in ((a, b, 1), (b, a, -1)):
            if outer not in reader.depends and infinite(outer):
                return bool(test(-turn * infinite(outer)))
        return bool(test(reader.sign(reader.c.add(reader.form(a), reader.c.times(n(-1.0), reader.form(b))))))

    return rule


def _settled_by(verdict):
    """Return a rule for several conditions, of which one that gives the verdict settles it, whatever the others."""

    def rule(reader, *parts):
        unknown = None
        for part in parts:
            try:
                if reader.holds(part) is verdict:
                    return verdict
            except Unknown as reason:
                unknown = reason
        if unknown is not None:
            raise unknown
        return not verdict

    return rule


def _is_outside(reader, part):
    """Tell whether a part has no value here."""
    try:
        reader.form(part)
    except Outside:
        return True
    return False


_all = _settled_by(False)
_LOGIC = ("gt", "ge", "lt", "le", "eq", "neq", "and_", "or_", "invert", "all", "isnan")
CONDITIONS = {
    "gt": _compared(lambda s: s > 0),
    "ge": _compared(lambda s: s >= 0),
    "lt": _compared(lambda s: s < 0),
    "le": _compared(lambda s: s <= 0),
    "eq": _compared(lambda s: s == 0),
    "neq": _compared(lambda s: s != 0),
    "and_": _all,
    "mul": _all,
    "or_": _settled_by(True),
    "invert": lambda reader, part: not reader.holds(part),
    "structural": lambda reader, part, *rest: reader.holds(part),
    "cast": lambda reader, part: reader.holds(part),
    "all": lambda reader, part: reader.holds(part),
    "stack": _all,
    "isnan": _is_outside,
}
