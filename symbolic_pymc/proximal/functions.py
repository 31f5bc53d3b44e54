"""The smooth functions of one number that penalties are put together from, piece by piece.

A `Function` is a function f of ``y = side * (x - centre)``; a combination of some of them is a dict from each to its
coefficient, a term.  Every coefficient, centre and scale is a term of its own, as large as `x` or broadcast to it.
"""

import math
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
    turns : callable
        ``turns(number of extra)`` returns the places between which the second derivative only grows or only falls;
        None where these are not known.
    end : callable
        ``end(number of extra)`` returns the largest `y` for which it is defined.
    """

    value: Callable
    slope: Callable
    bend: Callable
    curvature: Callable
    positive: bool = False
    turns: Callable = lambda extra: ()
    end: Callable = lambda extra: float("inf")


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


def _at_zero(extra):
    return (0.0,)


def _log_erfc(ops, y, r):
    """Return ``log(erfc(r y))``, of `erfcx` where `erfc` is next to nothing."""
    u = ops.mul(r, y)
    positive = ops.maximum(u, ops.constant(0.0))
    far = ops.sub(ops.log(ops.erfcx(positive)), ops.sqr(positive))
    return ops.switch(ops.gt(u, ops.constant(0.0)), far, ops.log(ops.erfc(u)))


def _hazard(ops, y, r):
    """Return minus the derivative of ``log(erfc(r y))`` by ``r y``."""
    return ops.true_div(ops.constant(2.0 / math.sqrt(math.pi)), ops.erfcx(ops.mul(r, y)))


FAR = 1e3  # from here on, differences of nearly equal numbers are taken from the asymptotic series


def _log_erfc_bend(ops, y, r):
    u, hazard = ops.mul(r, y), _hazard(ops, y, r)
    near = ops.mul(hazard, ops.sub(ops.mul(ops.constant(2.0), u), hazard))
    far = ops.sub(ops.reciprocal(ops.sqr(u)), ops.constant(2.0))
    return ops.mul(ops.sqr(r), ops.switch(ops.gt(u, ops.constant(FAR)), far, near))


def _erfc_slope(ops, y, r):
    return ops.mul(ops.mul(ops.constant(-2.0 / math.sqrt(math.pi)), r), ops.exp(ops.neg(ops.sqr(ops.mul(r, y)))))


def _erfc_bend(ops, y, r):
    return ops.mul(ops.mul(ops.constant(-2.0), ops.mul(ops.sqr(r), y)), _erfc_slope(ops, y, r))


def _log_i0_bend(ops, y, r):
    u = ops.maximum(ops.mul(r, ops.abs(y)), ops.constant(1e-6))
    ratio = ops.i1_over_i0(u)
    near = ops.sub(ops.constant(1.0), ops.add(ops.true_div(ratio, u), ops.sqr(ratio)))
    far = ops.true_div(ops.constant(0.5), ops.sqr(u))
    return ops.mul(ops.sqr(r), ops.switch(ops.gt(u, ops.constant(FAR)), far, near))


def _below_one(ops, y, a):
    """Return ``1 - y**a``."""
    return ops.sub(ops.constant(1.0), ops.pow(y, a))


def _log1m_power_slope(ops, y, a):
    return ops.neg(ops.true_div(_slope_of_power(ops, y, a), _below_one(ops, y, a)))


def _log1m_power_bend(ops, y, a):
    over = ops.add(ops.sub(a, ops.constant(1.0)), ops.pow(y, a))
    over = ops.mul(ops.mul(a, ops.pow(y, ops.sub(a, ops.constant(2.0)))), over)
    return ops.neg(ops.true_div(over, ops.sqr(_below_one(ops, y, a))))


def _log_odds(ops, y, w):
    return ops.sub(ops.log(y), ops.log(ops.sub(w, y)))


def _log_odds_slope(ops, y, w):
    """Return the derivative of the logarithm of ``y / (w - y)``."""
    return ops.true_div(w, ops.mul(y, ops.sub(w, y)))


def _squared_log_odds_slope(ops, y, w):
    return ops.mul(ops.constant(2.0), ops.mul(_log_odds(ops, y, w), _log_odds_slope(ops, y, w)))


def _squared_log_odds_bend(ops, y, w):
    slope = _log_odds_slope(ops, y, w)
    away = ops.sub(ops.constant(1.0), ops.true_div(ops.mul(ops.constant(2.0), y), w))
    rest = ops.sub(ops.constant(1.0), ops.mul(_log_odds(ops, y, w), away))
    return ops.mul(ops.mul(ops.constant(2.0), ops.sqr(slope)), rest)


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
        lambda ops, y, e: ops.true_div(ops.mul(ops.constant(2.0), ops.sub(ops.constant(1.0), ops.log(y))), ops.sqr(y)),
        _always(None),
        positive=True,
        turns=lambda e: (math.exp(1.5),),
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
        turns=_at_zero,
    ),
    "sigmoid": Kind(  # 1 / (1 + exp(-extra * y))
        lambda ops, y, r: ops.sigmoid(ops.mul(r, y)),
        lambda ops, y, r: ops.true_div(_logistic_bend(ops, y, r), r),
        lambda ops, y, r: ops.mul(_logistic_bend(ops, y, r), ops.sub(ops.constant(1.0), _doubled_sigmoid(ops, y, r))),
        _always(None),
        turns=lambda r: (-math.log(2.0 + math.sqrt(3.0)) / r, math.log(2.0 + math.sqrt(3.0)) / r),
    ),
    "log of square": Kind(  # log(extra + y**2)
        lambda ops, y, d: ops.log(ops.add(d, ops.sqr(y))),
        lambda ops, y, d: ops.true_div(ops.mul(ops.constant(2.0), y), ops.add(d, ops.sqr(y))),
        _cauchy_bend,
        _always(None),
        turns=lambda d: (-math.sqrt(3.0 * d), 0.0, math.sqrt(3.0 * d)),
    ),
    "root": Kind(  # sqrt(extra + y**2)
        _distance,
        lambda ops, y, d: ops.true_div(y, _distance(ops, y, d)),
        lambda ops, y, d: ops.true_div(d, ops.pow(ops.add(d, ops.sqr(y)), ops.constant(1.5))),
        _always(1),
        turns=_at_zero,
    ),
    "erfc": Kind(  # erfc(extra * y)
        lambda ops, y, r: ops.erfc(ops.mul(r, y)),
        _erfc_slope,
        _erfc_bend,
        _always(None),
        turns=lambda r: (-1.0 / (math.sqrt(2.0) * r), 1.0 / (math.sqrt(2.0) * r)),
    ),
    "log erfc": Kind(  # log(erfc(extra * y))
        _log_erfc,
        lambda ops, y, r: ops.neg(ops.mul(r, _hazard(ops, y, r))),
        _log_erfc_bend,
        _always(-1),
    ),
    "log bessel": Kind(  # log(I_0(extra * y))
        lambda ops, y, r: ops.log_i0(ops.mul(r, y)),
        lambda ops, y, r: ops.mul(r, ops.i1_over_i0(ops.mul(r, y))),
        _log_i0_bend,
        _always(1),
        turns=_at_zero,
    ),
    "log gamma": Kind(  # log of the gamma function of y
        lambda ops, y, e: ops.gammaln(y),
        lambda ops, y, e: ops.psi(y),
        lambda ops, y, e: ops.tri_gamma(y),
        _always(1),
        positive=True,
    ),
    "cos": Kind(  # cos(extra * y)
        lambda ops, y, r: ops.cos(ops.mul(r, y)),
        lambda ops, y, r: ops.neg(ops.mul(r, ops.sin(ops.mul(r, y)))),
        lambda ops, y, r: ops.neg(ops.mul(ops.sqr(r), ops.cos(ops.mul(r, y)))),
        _always(None),
        turns=lambda r: None,
    ),
    "log of one minus power": Kind(  # log(1 - y**extra)
        lambda ops, y, a: ops.log(_below_one(ops, y, a)),
        _log1m_power_slope,
        _log1m_power_bend,
        lambda a: -1 if a is not None and a >= 1.0 else None,
        positive=True,
        turns=lambda a: () if a >= 2.0 else None,
        end=lambda a: 1.0,
    ),
    "squared log odds": Kind(  # log(y / (extra - y))**2
        lambda ops, y, w: ops.sqr(_log_odds(ops, y, w)),
        _squared_log_odds_slope,
        _squared_log_odds_bend,
        _always(1),
        positive=True,
        turns=lambda w: (0.5 * w,),
        end=lambda w: w,
    ),
}
