r"""Gamma, inverse gamma and beta laws between two bounds, in numpy and in the words of any tensor module.

.. math::

    p(x) = \frac{k(x)}{\int_l^u k(z)\, dz},\; l \le x \le u, \qquad
    k(x) = x^{\alpha - 1} e^{-\beta x},\quad x^{-\alpha - 1} e^{-\beta / x},\quad x^{\alpha - 1} (1 - x)^{\beta - 1}

On the scale of :math:`s = \log x` or of the logit, the logarithm `h` of what is integrated is concave, and its distance
`fall` from the largest value between the bounds grows without end: the integral is taken from there to both sides, as
far as `fall` is below `DEPTH`, which holds however far in a tail the bounds are.
"""

from typing import Callable, NamedTuple

import numpy as np
from scipy import stats

PARAMETERS = ("alpha", "beta", "lower", "upper")
# the share of the integral that may be left out is exp(-DEPTH)
DEPTH = 45.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(120)
NODES, WEIGHTS = (_NODES + 1) / 2, _WEIGHTS / 2
# with less mass between the bounds than this, draws are made by rejection
SMALL = 1e-6


class Kernel(NamedTuple):
    """What is integrated; two functions stand for what is to the left and to the right of the point `x`.

    mode : where `h` is largest.  log : the value of `h`.  slope, curvature : of `h` in s, without signs.
    falls : ``fall(t, a, b, x, e)`` at the distance `e`.  reaches : how far `fall` is below `DEPTH` at most.
    rooms : ``room(t, x, bound)`` is the distance of the bound, and `ends` are the bounds at which that is infinite.
    moved : ``moved(x, e)`` is the point at the distance `e` in s to the right of `x`.
    """

    ends: tuple
    mode: Callable
    log: Callable
    slope: Callable
    curvature: Callable
    falls: tuple
    reaches: tuple
    rooms: tuple
    moved: Callable


def _reach_down(t, a, b):
    e = DEPTH / a
    return (e + t.sqrt(e * e + 8 * e)) / 2


def _reach_up(t, a, b):
    e = DEPTH / a
    return t.log1p(e + t.sqrt(2 * e))


_GAMMA = Kernel(
    ends=(0.0, np.inf),
    mode=lambda a, b: a / b,
    log=lambda t, a, b, x: a * t.log(x) - b * x,
    slope=lambda a, b, x: abs(a - b * x),
    curvature=lambda a, b, x: b * x,
    falls=(lambda t, a, b, x, e: a * e + b * x * t.expm1(-e), lambda t, a, b, x, e: b * x * t.expm1(e) - a * e),
    reaches=(_reach_down, _reach_up),
    rooms=(lambda t, x, low: t.log1p((x - low) / low), lambda t, x, high: t.log1p((high - x) / x)),
    moved=lambda x, e: x * np.exp(e),
)
_BETA = Kernel(
    ends=(0.0, 1.0),
    mode=lambda a, b: a / (a + b),
    log=lambda t, a, b, x: a * t.log(x) + b * t.log1p(-x),
    slope=lambda a, b, x: abs(a - (a + b) * x),
    curvature=lambda a, b, x: (a + b) * x * (1 - x),
    falls=(
        lambda t, a, b, x, e: a * e + (a + b) * t.log1p(x * t.expm1(-e)),
        lambda t, a, b, x, e: b * e + (a + b) * t.log1p((1 - x) * t.expm1(-e)),
    ),
    reaches=(
        lambda t, a, b: (DEPTH + (a + b) * t.log1p(a / b)) / a,
        lambda t, a, b: (DEPTH + (a + b) * t.log1p(b / a)) / b,
    ),
    rooms=(
        lambda t, x, low: t.log1p((x - low) / (low * (1 - x))),
        lambda t, x, high: t.log1p((high - x) / (x * (1 - high))),
    ),
    moved=lambda x, e: x / (x + (1 - x) * np.exp(-e)),
)


class Law(NamedTuple):
    """A law that is cut: its kernel, whether that is of the reciprocal, and the law in scipy."""

    kernel: Kernel
    is_reciprocal: bool
    scipy: Callable


LAWS = {
    "gamma": Law(_GAMMA, False, lambda a, b: stats.gamma(a, scale=1 / b)),
    "inversegamma": Law(_GAMMA, True, lambda a, b: stats.invgamma(a, scale=b)),
    "beta": Law(_BETA, False, stats.beta),
}
# the lowest and the highest value that a law has without bounds
ENDS = {name: law.kernel.ends for name, law in LAWS.items()}


def log_density(t, name, value, a, b, lower, upper):
    """Return the log density of a value between the bounds, in the words of a tensor module `t`."""
    law = LAWS[name]
    log_kernel = law.kernel.log(t, a, b, 1 / value if law.is_reciprocal else value) - t.log(value)
    one_less = -t.log1p(-value) if law.kernel is _BETA else 0.0
    return log_kernel + one_less - log_mass(t, name, a, b, lower, upper)


def log_mass(t, name, a, b, lower, upper):
    """Return the log of the integral of the kernel between the bounds."""
    kernel, bounds = LAWS[name].kernel, (lower, upper)
    if LAWS[name].is_reciprocal:
        bounds = tuple(_reciprocal(t, bound) for bound in reversed(bounds))
    x = _within(t, kernel, a, b, bounds)
    sides = (_side(t, kernel, side, a, b, x, bound) for side, bound in enumerate(bounds))
    return kernel.log(t, a, b, x) + t.log(sum(sides))


def _within(t, kernel, a, b, bounds):
    """Return where between the bounds the integrand is largest."""
    lower, upper = bounds
    return t.minimum(t.maximum(kernel.mode(a, b), lower), upper)


def _reciprocal(t, bound):
    """Return one over a bound, which may be 0 or infinite."""
    is_zero = t.le(bound, 0)
    return t.switch(is_zero, np.inf, 1 / t.switch(is_zero, 1.0, bound))


def _side(t, kernel, side, a, b, x, bound):
    """Return the integral from `x` to one of the bounds, over its largest integrand."""
    width = 1 / t.maximum(t.maximum(1.0, kernel.slope(a, b, x)), t.sqrt(kernel.curvature(a, b, x)))
    longest = t.log1p(_length(t, kernel, side, a, b, x, bound) / width)
    a, b, x, width, longest = (_padded(t, y + 0 * longest) for y in (a, b, x, width, longest))
    steps = width * t.expm1(longest * NODES)
    return t.sum(t.exp(longest * NODES - kernel.falls[side](t, a, b, x, steps)) * width * longest * WEIGHTS, axis=-1)


def _length(t, kernel, side, a, b, x, bound):
    """Return how far the integral goes: to the bound, or to where nothing is left."""
    end, reach = kernel.ends[side], kernel.reaches[side](t, a, b)
    is_free = t.le(bound, end) if side == 0 else t.ge(bound, end)
    middle = x / 2 if side == 0 else x  # of no effect: what stands for an infinite room must be finite
    return t.switch(is_free, reach, t.minimum(reach, kernel.rooms[side](t, x, t.switch(is_free, middle, bound))))


def _padded(t, x):
    return t.shape_padright(x)


def start(t, name, a, b, lower, upper):
    """Return a value that is neither of the bounds."""
    kernel = LAWS[name].kernel
    mode = kernel.mode(b, a) if LAWS[name].is_reciprocal else kernel.mode(a, b)
    is_bounded = t.lt(upper, np.inf)
    between = t.switch(is_bounded, (lower + t.switch(is_bounded, upper, 1.0)) / 2, lower + 1)
    return t.switch(t.gt(mode, lower) * t.lt(mode, upper), mode, between)


# Draws -----------------------------------------------------------------------------------------------------------


def draw(rng, name, a, b, lower, upper, batch):
    """Return an array of independent draws, of shape `batch`."""
    params = np.broadcast_arrays(*(np.broadcast_to(np.asarray(x, "float64"), batch) for x in (a, b, lower, upper)))
    with np.errstate(divide="ignore", invalid="ignore"):
        draws = [_draw_one(rng, name, *(float(p[i]) for p in params)) for i in np.ndindex(*batch)]
    return np.reshape(draws, batch)


def _draw_one(rng, name, a, b, lower, upper):
    if not lower < upper:
        return np.nan
    law = LAWS[name].scipy(a, b)
    # the shares of the tail in which more digits of them are
    share, inverse = (law.cdf, law.ppf) if law.cdf(lower) < 0.5 else (law.sf, law.isf)
    least, most = sorted((share(lower), share(upper)))
    if most - least > SMALL:
        return min(max(inverse(rng.uniform(least, most)), lower), upper)
    if LAWS[name].is_reciprocal:
        return 1 / _rejected(rng, LAWS[name].kernel, a, b, *(1 / np.float64(x) for x in (upper, lower)))
    return _rejected(rng, LAWS[name].kernel, a, b, np.float64(lower), np.float64(upper))


def _rejected(rng, kernel, a, b, *bounds):
    """Return a draw by rejection from what falls as fast as the largest integrand does, in s."""
    x = _within(np, kernel, a, b, bounds)
    lengths = [_room(kernel, side, a, b, x, bound) for side, bound in enumerate(bounds)]
    # within the bounds or not, the slope there is that of one side only
    slope = kernel.slope(a, b, x) if min(lengths) == 0 else 0.0
    while True:
        side = int(rng.uniform() * sum(lengths) > lengths[0])
        u, length = rng.uniform(), lengths[side]
        e = u * length if slope * length < 1e-9 else -np.log1p(u * np.expm1(-slope * length)) / slope
        if np.log(rng.uniform()) < slope * e - kernel.falls[side](np, a, b, x, e):
            return kernel.moved(x, e if side else -e)


def _room(kernel, side, a, b, x, bound):
    is_free = bound <= kernel.ends[0] if side == 0 else bound >= kernel.ends[1]
    reach = kernel.reaches[side](np, a, b)
    return reach if is_free else min(reach, kernel.rooms[side](np, x, bound))
