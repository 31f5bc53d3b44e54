r"""The generalised inverse Gaussian distribution, in numpy and in the words of any tensor module.

.. math::

    p(x) = \frac{(a / b)^{p / 2}}{2 K_p(\sqrt{a b})}\, x^{p - 1} e^{-(a x + b / x) / 2}, \qquad a, b > 0

It is the law of a variance that is gamma a priori, given what it is the variance of.
"""

import numpy as np
from scipy import stats

PARAMETERS = ("p", "a", "b")
# the share of the integral that may be left out is exp(-DEPTH)
DEPTH = 45.0
NODES = np.arange(500) / 499.0


def draw(rng, p, a, b, batch):
    """Return an array of independent draws, of shape `batch`."""
    p, a, b = (np.broadcast_to(np.asarray(x, dtype="float64"), batch) for x in (p, a, b))
    draws = np.empty(batch)
    for i in np.ndindex(*batch):
        draws[i] = stats.geninvgauss.rvs(p[i], np.sqrt(a[i] * b[i]), scale=np.sqrt(b[i] / a[i]), random_state=rng)
    return draws


def mode(t, p, a, b):
    """Return where the density is largest."""
    root = t.sqrt(t.sqr(p - 1) + a * b)
    # both are the same number; each is a sum of positive ones on its side
    return t.switch(t.gt(p, 1), (root + p - 1) / a, b / (root + 1 - p))


def log_density(t, p, a, b, value):
    """Return the log density of a positive value, in the words of a tensor module `t`."""
    x = t.sqrt(a * b)
    kernel = (p - 1) * t.log(value) - (a * value + b / value) / 2
    return kernel + p / 2 * (t.log(a) - t.log(b)) - np.log(2.0) - log_bessel(t, p, x)


def log_bessel(t, p, x):
    r"""Return the log of the modified Bessel function of the second kind, elementwise.

    .. math::

        K_p(x) = \int_0^\infty e^{-x \cosh s} \cosh(p s)\, ds

    by the trapezoidal rule around the largest value of the integrand, which is even and analytic.
    """
    p, x = abs(p) + 0 * x, x + 0 * p
    r = t.sqrt(t.sqr(p) + t.sqr(x))
    top = t.arcsinh(p / x)
    u, c = DEPTH / r, DEPTH / t.maximum(p, 1e-3)
    right = t.log1p(u + t.sqrt(u) * t.sqrt(u + 2))
    left = t.minimum(top, (c + t.sqrt(t.sqr(c) + 8 * c)) / 2)
    width = t.shape_padright(left + right)
    d = width * NODES - t.shape_padright(left)
    p_, r_, top_ = (t.shape_padright(y) for y in (p, r, top))
    fall = -2 * r_ * t.sqr(t.sinh(d / 2)) - p_ * (t.sinh(d) - d)
    terms = t.exp(fall) * (1 + t.exp(-2 * p_ * (top_ + d)))
    area = t.sum(terms, axis=-1) - (terms[..., 0] + terms[..., -1]) / 2
    step = (left + right) / (len(NODES) - 1)
    return p * top - r + t.log(area * step / 2)
