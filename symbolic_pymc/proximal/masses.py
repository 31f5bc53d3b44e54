r"""The logarithm of what a normal law has between two numbers, with its slopes.

.. math::

    L(p, q) = \log\bigl(\operatorname{erfc} p - \operatorname{erfc} q\bigr), \qquad
    \frac{\partial L}{\partial p} = -\frac{2}{\sqrt\pi} e^{-p^2 - L}, \quad
    \frac{\partial L}{\partial q} = \frac{2}{\sqrt\pi} e^{-q^2 - L}, \qquad p < q

It is smooth, though no single formula computes it everywhere: far in a tail the difference is that of scaled functions.
"""

import math

import numpy as np
from scipy.special import erf, erfcx

RATE = 2.0 / math.sqrt(math.pi)


def log_erfc_gap(p, q):
    """Return the logarithm of the difference, of any two numbers of which the second is larger, or infinite."""
    with np.errstate(all="ignore"):  # the branch that is not taken
        is_left = p + q < 0.0
        p, q = np.where(is_left, -q, p), np.where(is_left, -p, q)
        far = np.log(erfcx(p) - np.exp((p - q) * (p + q)) * erfcx(q)) - np.square(p)
        return np.where(p > 0.0, far, np.log(erf(q) - erf(p)))


def gap_slopes(t, gap, p, q):
    """Return the slopes, in the words of a tensor module `t`, of the two numbers and the logarithm."""
    return -RATE * t.exp(-p * p - gap), RATE * t.exp(-q * q - gap)
