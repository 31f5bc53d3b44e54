r"""The Polya-Gamma law of the shape 1, in numpy and in the words of any tensor module.

.. math::

    \omega \sim \operatorname{PG}(1, z) \qquad
    p(\omega) = \cosh(z / 2)\, e^{-z^2 \omega / 2}\, p_0(\omega) \qquad E_{p_0}\, e^{-t \omega} = 1 / \cosh \sqrt{t / 2}

Four times :math:`\omega` is the time at which a Brownian motion with the drift z / 2 leaves (-1, 1).  Its density is one
of two alternating series, of which the first few terms are all that rounding leaves.

Reference: Polson, Scott and Windle, Bayesian inference for logistic models using Polya-Gamma latent variables, JASA 108
(2013), 1339-1349.
"""

import numpy as np
from scipy.special import log_ndtr

PARAMETERS = ("tilt",)
# where one series is left for the other, and how many terms of each are larger than rounding there
CUT, TERMS = 0.64, 6


def log_density(t, tilt, value):
    """Return the log density of a positive value, in the words of a tensor module `t`."""
    x, drift = 4.0 * value, abs(tilt) / 2.0
    is_low = t.lt(x, CUT)
    # the branch that is not taken is computed at the cut, where it is finite
    low, high = _below(t, t.switch(is_low, x, CUT)), _above(t, t.switch(is_low, CUT, x))
    tilting = drift + t.log1p(t.exp(-2.0 * drift)) - np.log(2.0) - t.sqr(drift) * x / 2.0
    return t.switch(is_low, low, high) + tilting + np.log(2.0 * np.pi)


def _above(t, x):
    terms = ((-1) ** n * (2 * n + 1) * t.exp(-n * (n + 1) * np.pi**2 / 2.0 * x) for n in range(TERMS))
    return -(np.pi**2) / 8.0 * x + t.log(sum(terms))


def _below(t, x):
    terms = ((-1) ** n * (2 * n + 1) * t.exp(-2.0 * n * (n + 1) / x) for n in range(TERMS))
    return 1.5 * (np.log(2.0 / np.pi) - t.log(x)) - 1.0 / (2.0 * x) + t.log(sum(terms))


def mean(t, tilt):
    """Return the mean, in the words of a tensor module `t`."""
    z = t.switch(t.lt(abs(tilt), 1e-4), 1e-4, abs(tilt))
    return t.tanh(z / 2.0) / (2.0 * z)


def draw(rng, tilt, batch):
    """Return an array of independent draws, of shape `batch`.

    A draw is proposed from a mixture of an exponential law above the cut and an inverse Gaussian one below it, whose
    densities are the first terms of the two series, and the others decide on it.
    """
    drift = np.broadcast_to(abs(tilt) / 2.0, batch).ravel()
    return _until(lambda z: _decided(rng, _proposed(rng, z)), drift).reshape(batch) / 4.0


def _until(propose, drift):
    """Return a draw for every drift, where ``propose(drift)`` returns draws and which of them hold."""
    found, left = np.empty(drift.shape), np.arange(drift.size)
    while left.size:
        values, hold = propose(drift[left])
        found[left[hold]] = values[hold]
        left = left[~hold]
    return found


def _proposed(rng, drift):
    decay = np.pi**2 / 8.0 + drift**2 / 2.0
    above = np.log(np.pi / 2.0) - np.log(decay) - decay * CUT
    root = np.sqrt(CUT)
    below = np.log(2.0) + np.logaddexp(
        -drift + log_ndtr((CUT * drift - 1.0) / root), drift + log_ndtr(-(CUT * drift + 1.0) / root)
    )
    is_above = rng.uniform(size=drift.shape) * (1.0 + np.exp(np.minimum(below - above, 700.0))) < 1.0
    late = CUT + rng.standard_exponential(size=drift.shape) / decay
    return np.where(is_above, late, _until(lambda z: _early(rng, z), drift))


def _early(rng, drift):
    """Return inverse Gaussian proposals below the cut of the mean 1 / drift, and which of them hold."""
    is_far = drift < 1.0 / CUT  # the mean lies above the cut
    e, other = rng.standard_exponential(size=drift.shape), rng.standard_exponential(size=drift.shape)
    far = CUT / (1.0 + CUT * e) ** 2
    far_holds = (e**2 <= 2.0 * other / CUT) & (rng.uniform(size=drift.shape) < np.exp(-(drift**2) * far / 2.0))
    near = rng.wald(1.0 / np.where(is_far, 1.0, drift), 1.0)
    return np.where(is_far, far, near), np.where(is_far, far_holds, near < CUT)


def _decided(rng, x):
    """Return the proposals, and which of them hold: a number below the ratio of the whole series to its first term."""
    u, total = rng.uniform(size=x.shape), np.ones_like(x)
    rate = np.where(x < CUT, 2.0 / x, np.pi**2 / 2.0 * x)
    for n in range(1, TERMS):
        total += (-1) ** n * (2 * n + 1) * np.exp(-n * (n + 1) * rate)
    return x, u < total
