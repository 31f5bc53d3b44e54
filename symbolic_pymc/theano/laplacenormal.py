"""PyMC3's missing law of a mean that is Laplace a priori: the product of a Laplace density and a normal one."""

import numpy as np
import theano.tensor as tt
from pymc3.distributions.continuous import Continuous
from pymc3.distributions.dist_math import bound
from pymc3.distributions.distribution import draw_values, generate_samples

from symbolic_pymc.laplacenormal import PARAMETERS, draw, log_density, mode
from symbolic_pymc.theano.floats import as_float


class LaplaceNormal(Continuous):
    """The law of density proportional to ``exp(-abs(x - location) / b) * exp(-((x - mu) / sigma)**2 / 2)``.

    Parameters
    ----------
    mu, location : tensor
    sigma, b : tensor
        Positive.
    **kwargs
        As of every PyMC3 distribution.
    """

    def __init__(self, mu, sigma, location, b, *args, **kwargs):
        self.params = [as_float(x) for x in (mu, sigma, location, b)]
        self.mu, self.sigma, self.location, self.b = self.params
        super().__init__(*args, **kwargs)
        self.mode = mode(tt, *self.params)

    def random(self, point=None, size=None):
        """Return draws, an array of shape ``(*size, *shape)``."""
        values = draw_values(self.params, point=point, size=size)
        return generate_samples(_draw, **dict(zip(PARAMETERS, values)), dist_shape=self.shape, size=size)

    def logp(self, value):
        """Return the log density of each number."""
        return bound(log_density(tt, *self.params, value), self.sigma > 0, self.b > 0)

    def _distr_parameters_for_repr(self):
        return list(PARAMETERS)


def _draw(mu, sigma, location, b, size=None):
    batch = np.broadcast_shapes(*map(np.shape, (mu, sigma, location, b))) if size is None else tuple(size)
    return draw(np.random, mu, sigma, location, b, batch)
