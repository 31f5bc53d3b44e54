r"""The Kolmogorov distribution, in numpy and in the words of any tensor module.

.. math::

    P(X \le \sigma x) = 1 - 2 \sum_{n \ge 1} (-1)^{n + 1} e^{-2 n^2 x^2}
                      = \frac{\sqrt{2 \pi}}{x} \sum_{n \ge 1} e^{-(2 n - 1)^2 \pi^2 / (8 x^2)}

It is the law of the largest distance of a Brownian bridge from zero, times a scale, and that of half the scale of a
normal variable that is logistic by itself.
"""

import numpy as np
from scipy import stats

PARAMETERS = ("scale",)
MEAN = np.sqrt(np.pi / 2) * np.log(2.0)
# where one series is left for the other, and how many terms of each are larger than rounding there
CUT = 0.8
UPPER_TERMS, LOWER_TERMS = 6, 3


def draw(rng, scale, batch):
    """Return an array of independent draws, of shape `batch`."""
    return np.asarray(scale * stats.kstwobign.rvs(size=batch, random_state=rng))


def log_density(t, scale, value):
    """Return the log density of a positive value, in the words of a tensor module `t`."""
    x = value / scale
    is_low = t.lt(x, CUT)
    # the branch that is not taken is computed at the cut, where it is finite
    low, high = _below(t, t.switch(is_low, x, CUT)), _above(t, t.switch(is_low, CUT, x))
    return t.switch(is_low, low, high) - t.log(scale)


def _above(t, x):
    square = t.sqr(x)
    terms = ((-1) ** (n + 1) * n**2 * t.exp(-2 * (n**2 - 1) * square) for n in range(1, UPPER_TERMS + 1))
    return np.log(8.0) + t.log(x) - 2 * square + t.log(sum(terms))


def _below(t, x):
    square = t.sqr(x)
    depth = np.pi**2 / 8 / square
    odds = (2 * n - 1 for n in range(1, LOWER_TERMS + 1))
    terms = ((k**2 * np.pi**2 / 4 - square) * t.exp(-(k**2 - 1) * depth) for k in odds)
    return 0.5 * np.log(2 * np.pi) - depth - 4 * t.log(x) + t.log(sum(terms))
