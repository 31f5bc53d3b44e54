"""The smooth functions of one number that penalties are put together from, piece by piece.

A `Function` is a function f of ``y = side * (x - centre)``; a combination of some of them is a dict from each to its
coefficient, a term.  Every coefficient, centre and scale is a term of its own, as large as `x` or broadcast to it.
"""

from dataclasses import dataclass
from typing import Any, Callable


@dataclass(frozen=True)
class Function:
    """``f(side * (x - centre))``.

    Parameters
    ----------
    kind : str
        A key of `KINDS`.
    centre : term or None
        None for 0.
    side : int
        1 or -1.
    extra : term or None
        The exponent of a power, the rate of an exponential, the scale of a root.
    """

    kind: str
    centre: Any = None
    side: int = 1
    extra: Any = None


@dataclass(frozen=True)
class Kind:
    """What a kind of function is.

    Parameters
    ----------
    value, slope, bend : callable
        ``value(ops, y, extra)`` returns the graph of f(y), of its derivative, and of its second derivative.
    curvature : callable
        ``curvature(number of extra or None)`` returns 1 for convex, -1 for concave, 0 for both, None for unknown
        or neither; on ``y > 0`` where `positive`.
    positive : bool
        Whether it is defined for ``y > 0`` only.
    """

    value: Callable
    slope: Callable
    bend: Callable
    curvature: Callable
    positive: bool = False


def _doubled_sigmoid(ops, y, r):
    return ops.mul(ops.constant(2.0), ops.sigmoid(ops.mul(r, y)))


def _always(sign):
    return lambda extra: sign


def _of_power(p):
    """Return the curvature of ``y**p`` on ``y > 0``."""
    if p is None:
        return None
    return 0 if p in (0.0, 1.0) else -1 if 0.0 < p < 1.0 else 1


def _slope_of_power(ops, y, p):
    return ops.mul(p, ops.pow(y, ops.sub(p, ops.constant(1.0))))


def _bend_of_power(ops, y, p):
    falling = ops.mul(p, ops.sub(p, ops.constant(1.0)))
    return ops.mul(falling, ops.pow(y, ops.sub(p, ops.constant(2.0))))


def _distance(ops, y, d):
    """Return ``sqrt(y**2 + d)``."""
    return ops.sqrt(ops.add(ops.sqr(y), d))


def _cauchy_bend(ops, y, d):
    over = ops.mul(ops.constant(2.0), ops.sub(d, ops.sqr(y)))
    return ops.true_div(over, ops.sqr(ops.add(d, ops.sqr(y))))


def _logistic_bend(ops, y, r):
    p = ops.sigmoid(ops.mul(r, y))
    return ops.mul(ops.sqr(r), ops.mul(p, ops.sub(ops.constant(1.0), p)))


_zero = lambda ops, y, extra: ops.constant(0.0)  # noqa: E731

KINDS = {
    "one": Kind(lambda ops, y, e: ops.constant(1.0), _zero, _zero, _always(0)),
    "linear": Kind(lambda ops, y, e: y, lambda ops, y, e: ops.constant(1.0), _zero, _always(0)),
    "square": Kind(
        lambda ops, y, e: ops.sqr(y),
        lambda ops, y, e: ops.mul(ops.constant(2.0), y),
        lambda ops, y, e: ops.constant(2.0),
        _always(1),
    ),
    "power": Kind(lambda ops, y, p: ops.pow(y, p), _slope_of_power, _bend_of_power, _of_power, positive=True),
    "log": Kind(
        lambda ops, y, e: ops.log(y),
        lambda ops, y, e: ops.reciprocal(y),
        lambda ops, y, e: ops.neg(ops.reciprocal(ops.sqr(y))),
        _always(-1),
        positive=True,
    ),
    "log squared": Kind(
        lambda ops, y, e: ops.sqr(ops.log(y)),
        lambda ops, y, e: ops.true_div(ops.mul(ops.constant(2.0), ops.log(y)), y),
        lambda ops, y, e: ops.true_div(
            ops.mul(ops.constant(2.0), ops.sub(ops.constant(1.0), ops.log(y))), ops.sqr(y)
        ),
        _always(None),
        positive=True,
    ),
    "entropy": Kind(  # y log y
        lambda ops, y, e: ops.mul(y, ops.log(y)),
        lambda ops, y, e: ops.add(ops.log(y), ops.constant(1.0)),
        lambda ops, y, e: ops.reciprocal(y),
        _always(1),
        positive=True,
    ),
    "exp": Kind(  # exp(extra * y)
        lambda ops, y, r: ops.exp(ops.mul(r, y)),
        lambda ops, y, r: ops.mul(r, ops.exp(ops.mul(r, y))),
        lambda ops, y, r: ops.mul(ops.sqr(r), ops.exp(ops.mul(r, y))),
        _always(1),
    ),
    "softplus": Kind(  # log(1 + exp(extra * y))
        lambda ops, y, r: ops.softplus(ops.mul(r, y)),
        lambda ops, y, r: ops.mul(r, ops.sigmoid(ops.mul(r, y))),
        _logistic_bend,
        _always(1),
    ),
    "sigmoid": Kind(  # 1 / (1 + exp(-extra * y))
        lambda ops, y, r: ops.sigmoid(ops.mul(r, y)),
        lambda ops, y, r: ops.true_div(_logistic_bend(ops, y, r), r),
        lambda ops, y, r: ops.mul(_logistic_bend(ops, y, r), ops.sub(ops.constant(1.0), _doubled_sigmoid(ops, y, r))),
        _always(None),
    ),
    "log of square": Kind(  # log(extra + y**2)
        lambda ops, y, d: ops.log(ops.add(d, ops.sqr(y))),
        lambda ops, y, d: ops.true_div(ops.mul(ops.constant(2.0), y), ops.add(d, ops.sqr(y))),
        _cauchy_bend,
        _always(None),
    ),
    "root": Kind(  # sqrt(extra + y**2)
        _distance,
        lambda ops, y, d: ops.true_div(y, _distance(ops, y, d)),
        lambda ops, y, d: ops.true_div(d, ops.pow(ops.add(d, ops.sqr(y)), ops.constant(1.5))),
        _always(1),
    ),
}
