"""How conditions are put together, for all who read them: by intervals, by signs, or as supports."""

from symbolic_pymc.proximal.combinations import Unknown

TESTS = {
    "gt": lambda s: s > 0,
    "ge": lambda s: s >= 0,
    "lt": lambda s: s < 0,
    "le": lambda s: s <= 0,
    "eq": lambda s: s == 0,
    "neq": lambda s: s != 0,
}
TOGETHER = ("and_", "mul", "stack")
EITHER = ("or_",)
THROUGH = ("structural", "cast", "all")  # what is a condition element by element, of the first part
CONDITIONS = (*TESTS, *TOGETHER, *EITHER, *THROUGH, "invert", "isnan")


def settled(ops, condition, holds, compared):
    """Return whether a condition holds, as far as its parts tell.

    Parameters
    ----------
    holds : callable
        ``holds(part)`` says it of a part.
    compared : callable
        ``compared(test, a, b)`` of two numbers, for a `test` of the sign of their difference.

    Raises
    ------
    Unknown
        Also what `holds` and `compared` raise, where no other part settles it.
    """
    kind = ops.kind_of(condition)
    if kind in TESTS:
        return compared(TESTS[kind], *condition.rands)
    if kind in TOGETHER or kind in EITHER:
        return _settled_by(kind in EITHER, condition.rands, holds)
    if kind in THROUGH:
        return holds(condition.rands[0])
    if kind == "invert":
        return not holds(condition.rands[0])
    raise Unknown(f"a condition on {kind or condition}")


def _settled_by(verdict, parts, holds):
    """Return whether several conditions hold, of which one that gives the verdict settles it, whatever the others."""
    unknown = None
    for part in parts:
        try:
            if holds(part) is verdict:
                return verdict
        except Unknown as reason:
            unknown = reason
    if unknown is not None:
        raise unknown
    return not verdict
