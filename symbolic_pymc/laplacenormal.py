r"""The law that is proportional to a Laplace density times a normal one, in numpy and in the words of any tensor module.

.. math::

    p(x) \propto e^{-|x - a| / b}\, e^{-(x - \mu)^2 / 2 \sigma^2}

On each side of `a` it is a normal law cut there: one about :math:`\mu + \sigma^2 / b` below and one about
:math:`\mu - \sigma^2 / b` above.  It is the law of a normal mean that is Laplace a priori, given data, and of that again
given more data.
"""

import numpy as np
from scipy import special, stats

PARAMETERS = ("mu", "sigma", "location", "b")


def log_density(t, mu, sigma, location, b, value):
    """Return the log density of a value, in the words of a tensor module `t`."""
    kernel = -abs(value - location) / b - ((value - mu) / sigma) ** 2 / 2
    below, above = log_masses(t, mu, sigma, location, b)
    return kernel - t.maximum(below, above) - t.log1p(t.exp(-abs(above - below)))


def log_masses(t, mu, sigma, location, b):
    """Return the logs of the integrals of the product of the kernels, below and above `location`."""
    z, r = (mu - location) / sigma, sigma / b
    return tuple(t.log(sigma * np.sqrt(np.pi / 2)) + _log_mass(t, side * z, r) for side in (-1, 1))


def _log_mass(t, z, r):
    r"""Return the log of :math:`2 e^{r^2 / 2 - r z} \Phi(z - r)`."""
    x = (r - z) / np.sqrt(2.0)
    is_far = t.gt(x, 0)
    far = t.log(t.erfcx(t.switch(is_far, x, 0.0))) - z * z / 2
    return t.switch(is_far, far, t.log(t.erfc(t.switch(is_far, 0.0, x))) + r * r / 2 - r * z)


def mode(t, mu, sigma, location, b):
    """Return where the density is largest: the mean, drawn to the kink of the Laplace density."""
    return location + t.minimum(mu - location + sigma**2 / b, 0) + t.maximum(mu - location - sigma**2 / b, 0)


class _Numpy:
    """The words of a tensor module that `log_masses` needs, in numpy."""

    log, gt, switch = staticmethod(np.log), staticmethod(np.greater), staticmethod(np.where)
    erfc, erfcx = staticmethod(special.erfc), staticmethod(special.erfcx)


def draw(rng, mu, sigma, location, b, batch):
    """Return an array of independent draws, of shape `batch`."""
    mu, sigma, location, b = (np.broadcast_to(np.asarray(x, "float64"), batch) for x in (mu, sigma, location, b))
    below, above = log_masses(_Numpy, mu, sigma, location, b)
    side = np.where(rng.uniform(size=batch) < special.expit(above - below), 1.0, -1.0)
    least = -(side * (mu - location) / sigma - sigma / b)
    beyond = stats.truncnorm.rvs(least, np.inf, size=batch, random_state=rng) - least
    return location + side * sigma * beyond
