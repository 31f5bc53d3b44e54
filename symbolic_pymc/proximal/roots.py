"""Points that are closest to a number and cheap by a combination of functions at the same time, found by iteration.

``least`` is what stands for a proximal operator without closed form: an operator of both backends calls it.
"""

import types

import numpy as np
from scipy.special import erfc, erfcx, expit, gammaln, i0e, i1e, polygamma, psi

from symbolic_pymc.proximal.functions import KINDS


def log_i0(x):
    """Return the logarithm of the modified Bessel function of order 0."""
    return np.log(i0e(x)) + np.abs(x)


def i1_over_i0(x):
    """Return its derivative, the ratio of the Bessel functions of the orders 1 and 0."""
    return i1e(x) / i0e(x)


WORDS = types.SimpleNamespace(
    add=np.add,
    sub=np.subtract,
    mul=np.multiply,
    true_div=np.divide,
    neg=np.negative,
    sqr=np.square,
    sqrt=np.sqrt,
    exp=np.exp,
    log=np.log,
    pow=np.power,
    reciprocal=np.reciprocal,
    sigmoid=expit,
    softplus=lambda x: np.logaddexp(0.0, x),
    abs=np.abs,
    cos=np.cos,
    sin=np.sin,
    erfc=erfc,
    erfcx=erfcx,
    gammaln=gammaln,
    psi=psi,
    tri_gamma=lambda x: polygamma(1, x),
    log_i0=log_i0,
    i1_over_i0=i1_over_i0,
    maximum=np.maximum,
    switch=np.where,
    gt=np.greater,
    constant=np.float64,
)
NAMES = tuple(KINDS)
STEPS = 100
SAMPLES = 257


def least(codes, z, lower, upper, *parameters):
    """Return the `x` between two bounds where ``(x - z)**2 / 2 + sum(c * f(side * (x - centre)))`` is least.

    Parameters
    ----------
    codes : array of whole numbers, shape (functions, 2)
        For each function the place of its kind in `NAMES`, and its side.
    z, lower, upper : array
        The bounds may be infinite; a function that is defined for positive arguments only is, between them.
    *parameters : arrays
        Coefficient, centre and extra of every function, one after the other.
    """
    z, lower, upper, *parameters = np.broadcast_arrays(z, lower, upper, *parameters)
    functions = [
        (*code, *parameters[3 * i : 3 * i + 3]) for i, code in enumerate(np.reshape(codes, (-1, 2)).astype(int))
    ]
    objective = _Objective(functions, z)
    with np.errstate(all="ignore"):
        low, high = _bracket(objective, lower, upper)
        x = _newton(objective, low, high)
    return np.asarray(x, dtype=np.result_type(z, np.float64))


class _Objective:
    """The function to be made small, elementwise."""

    def __init__(self, functions, z):
        self.functions, self.z = functions, z

    def _sum(self, x, what):
        total = 0.0
        for kind, side, c, centre, extra in self.functions:
            f = getattr(KINDS[NAMES[kind]], what)(WORDS, side * (x - centre), extra)
            total = total + c * f * (side if what == "slope" else 1)
        return total

    def value(self, x):
        value = 0.5 * np.square(x - self.z) + self._sum(x, "value")
        return np.where(np.isnan(value), np.inf, value)

    def slope(self, x):
        return x - self.z + self._sum(x, "slope")

    def bend(self, x):
        return 1.0 + self._sum(x, "bend")


def _bracket(objective, lower, upper):
    """Return an interval around the least value where the objective is sampled, inside of the bounds."""
    points = _samples(objective.z, lower, upper)
    values = np.stack([objective.value(x) for x in points])
    best = np.take_along_axis(points, np.argmin(values, axis=0)[None], axis=0)[0]
    low = np.max(np.where(points < best, points, points[0]), axis=0)
    high = np.min(np.where(points > best, points, points[-1]), axis=0)
    return low, high


def _samples(z, lower, upper):
    """Return points between the bounds: near to each bound and to z, and ever wider apart away from them."""
    half = np.concatenate([[0.0], np.geomspace(1e-12, 1e12, SAMPLES)])
    steps = np.concatenate([-half[::-1], half]).reshape((-1,) + (1,) * np.ndim(z))
    anchors = [z] + [np.where(np.isfinite(bound), bound, z) for bound in (lower, upper)]
    points = np.concatenate([anchor + steps * np.maximum(1.0, np.abs(anchor)) for anchor in anchors])
    return np.sort(np.clip(points, lower, upper), axis=0)


def _newton(objective, low, high):
    """Return the zero of the slope between two points, or the end towards which the objective falls."""
    x = 0.5 * (low + high)
    for _ in range(STEPS):
        slope = objective.slope(x)
        low, high = np.where(slope < 0, x, low), np.where(slope > 0, x, high)
        step = x - slope / objective.bend(x)
        inside = (step > low) & (step < high) & np.isfinite(step)
        new = np.where(inside, step, 0.5 * (low + high))
        new = np.where(slope == 0, x, new)
        if np.all(np.abs(new - x) <= 2e-16 * np.maximum(np.abs(x), 1e-300)):
            return new
        x = new
    return x
