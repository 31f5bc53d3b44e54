"""Between which numbers the elements of a term lie, whatever its inputs are: interval arithmetic."""

from dataclasses import dataclass
from functools import reduce
from operator import add, mul

import numpy as np
from scipy.special import expit

from symbolic_pymc.records import Constant, Term
from symbolic_pymc.parts import graph_parts

INFINITE = float("inf")


@dataclass(frozen=True)
class Range:
    """The numbers between two ends.

    Parameters
    ----------
    low, high : float
    above, below : bool
        Whether all are above the lower end, and below the upper one; else they may be the end.
    """

    low: float = -INFINITE
    high: float = INFINITE
    above: bool = False
    below: bool = False

    @property
    def sign(self):
        """Return 1.0 or -1.0 for numbers that are all positive or all negative, else None."""
        if self.low > 0.0 or self.low == 0.0 and self.above:
            return 1.0
        return -1.0 if self.high < 0.0 or self.high == 0.0 and self.below else None

    def has(self, x):
        """Tell whether a number is one of them."""
        return (x > self.low or x == self.low and not self.above) and (
            x < self.high or x == self.high and not self.below
        )

    def is_finite(self):
        """Tell whether all are finite."""
        return (self.low > -INFINITE or self.above) and (self.high < INFINITE or self.below)

    def __neg__(self):
        return Range(-self.high, -self.low, self.below, self.above)

    def __add__(self, other):
        if any(a.has(INFINITE) and b.has(-INFINITE) for a, b in ((self, other), (other, self))):
            return ANY  # a sum may be nan
        low, above = _sum_of_ends((self.low, self.above), (other.low, other.above))
        high, below = _sum_of_ends((self.high, self.below), (other.high, other.below))
        return ANY if np.isnan(low) or np.isnan(high) else Range(low, high, above, below)

    def __sub__(self, other):
        return self + -other

    def __or__(self, other):
        low, high = min(self.low, other.low), max(self.high, other.high)
        above = all(r.above for r in (self, other) if r.low == low)
        return Range(low, high, above, all(r.below for r in (self, other) if r.high == high))

    def __mul__(self, other):
        if not (self.is_finite() and other.is_finite()):
            return ANY
        mine, yours = (((r.low, r.above), (r.high, r.below)) for r in (self, other))
        ends = [_product_of_ends(a, b) for a in mine for b in yours]
        low, high = (best(value for value, _ in ends) for best in (min, max))
        return Range(low, high, *(all(free for value, free in ends if value == end) for end in (low, high)))

    def through(self, function):
        """Return the range of the values of a function that does not fall, and is finite where its argument is."""
        with np.errstate(all="ignore"):
            return Range(float(function(self.low)), float(function(self.high)), self.above, self.below)

    def reciprocal(self):
        """Return the range of the reciprocals."""
        if self.sign is None:
            return ANY
        low, high = (end if end else self.sign * 0.0 for end in (self.low, self.high))
        with np.errstate(all="ignore"):
            return Range(float(np.divide(1.0, high)), float(np.divide(1.0, low)), self.below, self.above)


ANY, POSITIVE = Range(), Range(low=0.0, above=True, below=True)


def _sum_of_ends(a, b):
    """Return the sum of two ends, and whether it is not reached: one that is infinite needs no more than one of them."""
    total = a[0] + b[0]
    if abs(total) == INFINITE:
        return total, all(free for value, free in (a, b) if value == total)
    return total, a[1] or b[1]


def _product_of_ends(a, b):
    if 0.0 in (a[0], b[0]):
        return 0.0, all(free for value, free in (a, b) if value == 0.0)
    return a[0] * b[0], a[1] or b[1]


def range_of(ops, x):
    """Return the `Range` of the elements of a term; the inputs and draws in it may be any numbers."""
    ranges = {}
    for part in graph_parts(x, subterms=lambda y: () if ops.is_random(y) or not isinstance(y, Term) else y.rands):
        ranges[part] = _range(ops, part, ranges)
    return ranges[x]


def _range(ops, x, ranges):
    if isinstance(x, Constant):
        return _of_array(x.value)
    if not isinstance(x, Term) or ops.is_random(x):
        return ANY
    if ops.kind_of(x) == "diagonal" and ops.kind_of(x.rands[0]) == "cholesky":
        return POSITIVE
    rule = _RULES.get(ops.kind_of(x))
    return rule(*(ranges[r] for r in x.rands)) if rule else ANY


def _of_array(array):
    if array.dtype.kind not in "fiub" or not array.size:
        return ANY
    low, high = float(np.min(array)), float(np.max(array))
    return ANY if np.isnan(low) else Range(low, high)


def _exp(x):
    with np.errstate(all="ignore"):
        low, high = float(np.exp(x.low)), float(np.exp(x.high))
    return Range(low, high, x.above or low == 0.0, x.below or high == INFINITE)


def _sigmoid(x):
    low, high = (float(expit(end)) for end in (x.low, x.high))
    return Range(low, high, x.above or low == 0.0, x.below or high == 1.0)


def _log(x):
    return x.through(np.log) if x.low >= 0.0 else ANY


def _sqrt(x):
    return x.through(np.sqrt) if x.low >= 0.0 else ANY


def _clip(x, low, high):
    return Range(min(max(x.low, low.low), high.low), min(max(x.high, low.high), high.high))


def _abs(x):
    if x.low >= 0.0 or x.high <= 0.0:
        return x if x.low >= 0.0 else -x
    return Range(0.0, max(-x.low, x.high), False, x.above and x.below)


def _sqr(x):
    return _abs(x).through(np.square)


def _pow(base, exponent):
    return POSITIVE if base.sign == 1.0 else ANY


def _sign(x):
    return ANY if x.sign is None else Range(x.sign, x.sign)


def _same(x, *others):
    return x


_RULES = {
    "add": lambda *parts: reduce(add, parts),
    "sub": lambda a, b: a - b,
    "neg": lambda a: -a,
    "mul": lambda *parts: reduce(mul, parts),
    "true_div": lambda a, b: a * b.reciprocal(),
    "reciprocal": lambda a: a.reciprocal(),
    "exp": _exp,
    "sigmoid": _sigmoid,
    "softplus": lambda a: POSITIVE,
    "log": _log,
    "log1p": lambda a: _log(a + Range(1.0, 1.0)),
    "sqrt": _sqrt,
    "abs": _abs,
    "clip": _clip,
    "sqr": _sqr,
    "pow": _pow,
    "sign": _sign,
    "switch": lambda condition, a, b: a | b,
    "second": lambda a, b: b,
    "structural": _same,
    "cast": _same,
    "deterministic": _same,
    "shape": lambda *x: POSITIVE,
}
