"""The Kalman filter and the Rauch-Tung-Striebel smoother of a normal chain, in numpy, step by step."""

import numpy as np


def smooth(offset, gain, scale, y, sigma, slope=1.0):
    """Condition x[t] ~ N(offset[t] + gain[t] x[t-1], scale[t]) on y[t] ~ N(slope x[t], sigma[t]); nan is no data.

    Returns means and variances of x given all of y, and the log density of y.
    """
    n = len(y)
    offset, gain, scale, sigma = (np.broadcast_to(np.asarray(p, dtype=float), n) for p in (offset, gain, scale, sigma))
    before, spread, mean, variance = np.zeros((4, n))
    evidence = 0.0
    for t in range(n):
        before[t], spread[t] = offset[t], scale[t] ** 2
        if t > 0:
            before[t] += gain[t] * mean[t - 1]
            spread[t] += gain[t] ** 2 * variance[t - 1]
        mean[t], variance[t] = before[t], spread[t]
        if not np.isnan(y[t]):
            total = slope**2 * spread[t] + sigma[t] ** 2
            error = y[t] - slope * before[t]
            weight = slope * spread[t] / total
            mean[t] += weight * error
            variance[t] *= sigma[t] ** 2 / total
            evidence -= 0.5 * (np.log(2 * np.pi * total) + error**2 / total)
    for t in reversed(range(n - 1)):
        back = gain[t + 1] * variance[t] / spread[t + 1]
        mean[t] += back * (mean[t + 1] - before[t + 1])
        variance[t] += back**2 * (variance[t + 1] - spread[t + 1])
    return mean, variance, evidence


def chain_moments(offset, gain, scale):
    """Return mean and covariance of the chain by its definition, element by element."""
    n = len(offset)
    mean, cov = np.zeros(n), np.zeros((n, n))
    for t in range(n):
        mean[t] = offset[t] + (gain[t] * mean[t - 1] if t else 0.0)
        if t:
            cov[t, :t] = cov[:t, t] = gain[t] * cov[t - 1, :t]
        cov[t, t] = scale[t] ** 2 + (gain[t] ** 2 * cov[t - 1, t - 1] if t else 0.0)
    return mean, cov
