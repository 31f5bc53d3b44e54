"""What a log density takes for granted of a variable: where its support lies in a plane."""

from symbolic_pymc.distributions import DISTRIBUTIONS
from symbolic_pymc.meta import metatize


def planes(ops, draw, value):
    """Return the terms, zero or infinite, that say in which planes the value of a draw lies.

    The density of a law on a simplex is one along the simplex: it says nothing of values beside it.
    """
    name = ops.distribution_of(draw)
    if name not in DISTRIBUTIONS or DISTRIBUTIONS[name].support != "simplex":
        return []
    beside = ops.neq(ops.sums_of_rows(value), ops.constant(1.0))
    plane = ops.switch(ops.any_of(beside), ops.constant(float("inf")), ops.constant(0.0))
    return [metatize(plane.reify())]
