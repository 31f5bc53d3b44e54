r"""Log densities of counts and of the conjugate priors of their parameters, that keep digits where counts are large.

Of a billion events, the logarithms of factorials and powers are of the order of :math:`10^{10}` and cancel to a few
units.  Written as

.. math::

    \log\frac{\lambda^k e^{-\lambda}}{k!} = -S(k) - D(k, \lambda), \qquad
    S(k) = \log k! - k \log k + k = \tfrac12 \log 2 \pi k + \tfrac{1}{12 k} - \dots, \qquad
    D(k, \lambda) = k \log\frac{k}{\lambda} - k + \lambda

nothing cancels: D is small where the mean is near the count, and rounding of the mean counts as much as it is away.

Reference: Loader, Fast and accurate computation of binomial probabilities, Bell Laboratories (2000).
"""

import numpy as np

SMALL = 16.0
# up to here the plain densities lose few digits
LARGE = 1e4
# of Stirling's series, in the inverse squares of k
SERIES = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188)
TINY = np.finfo("float64").tiny


def stirling_functions(t):
    """Return the functions of a vocabulary for such densities, by name, written with a tensor module `t`."""

    def rest(k):
        """Return S(k), 0 for k = 0."""
        below = t.gammaln(k + 1.0) - k * t.log(t.maximum(k, TINY)) + k
        large, series = t.maximum(k, SMALL), 0.0
        for coefficient in reversed(SERIES):
            series = series / t.sqr(large) + coefficient
        return t.switch(t.lt(k, SMALL), below, 0.5 * t.log(2 * np.pi * large) + series / large)

    def deviance(k, mean):
        """Return D(k, mean); the switches keep optimizers from adding up what is large on its own."""
        mean = t.maximum(mean, TINY)
        is_near = t.and_(t.ge(k, 0.5 * mean), t.le(k, 2.0 * mean))
        d = t.switch(is_near, (k - mean) / mean, 1.0)
        near = t.switch(is_near, (1.0 + d) * t.log1p(d) - d, 1.0)
        far = k * (t.log(t.maximum(k, TINY)) - t.log(mean)) - (k - mean)
        return t.switch(is_near, mean * near, far)

    def log_poisson(k, mean):
        return -rest(k) - deviance(k, mean)

    def log_binomial(k, n, p):
        return rest(n) + log_poisson(k, n * p) + log_poisson(n - k, n * (1.0 - p))

    def log_negative_binomial(k, n, odds):
        successes, failures = 1.0 / (1.0 + odds), odds / (1.0 + odds)
        each = log_poisson(n, (n + k) * successes) + log_poisson(k, (n + k) * failures)
        return rest(n + k) + each + t.log(n) - t.log(n + k)

    def log_multinomial(k, n, p):
        return rest(n) + t.sum(log_poisson(k, n[..., None] * p), axis=-1)

    def log_gamma(x, alpha, beta):
        return log_poisson(alpha, beta * x) + t.log(alpha) - t.log(x)

    def log_inverse_gamma(x, alpha, beta):
        return log_poisson(alpha, beta / x) + t.log(alpha) - t.log(x)

    def log_beta(x, alpha, beta):
        n = alpha + beta
        each = log_poisson(alpha, n * x) + log_poisson(beta, n * (1.0 - x))
        return rest(n) + each + t.log(alpha) + t.log(beta) - t.log(n) - t.log(x) - t.log1p(-x)

    def log_dirichlet(x, a):
        n = t.sum(a, axis=-1)
        each = log_poisson(a, n[..., None] * x) + t.log(a) - t.log(x)
        return rest(n) + t.sum(each, axis=-1) - t.log(n)

    def where_large(size, density, plain):
        """Return a log density written in this way where counts are large and possible, by the plain one there."""
        return t.switch(t.and_(t.gt(size, LARGE), t.gt(plain, -np.inf)), density, plain)

    def sum_over_last(x):
        return t.sum(x, axis=-1)

    functions = (
        log_poisson, log_binomial, log_negative_binomial, log_multinomial, log_gamma, log_inverse_gamma, log_beta,
        log_dirichlet, where_large, sum_over_last,
    )  # fmt: skip
    return {f.__name__: f for f in functions}
