"""PyMC3's missing distribution of variances: the generalised inverse Gaussian."""

import numpy as np
import theano.tensor as tt
from pymc3.distributions.continuous import PositiveContinuous
from pymc3.distributions.dist_math import bound
from pymc3.distributions.distribution import draw_values, generate_samples

from symbolic_pymc.gig import PARAMETERS, draw, log_density, mode
from symbolic_pymc.theano.floats import as_float


class GeneralizedInverseGaussian(PositiveContinuous):
    """The law of a positive number of density proportional to ``x**(p - 1) * exp(-(a * x + b / x) / 2)``.

    Parameters
    ----------
    p : tensor
    a, b : tensor
        Positive.
    **kwargs
        As of every PyMC3 distribution.
    """

    def __init__(self, p, a, b, *args, **kwargs):
        self.p, self.a, self.b = self.params = [as_float(x) for x in (p, a, b)]
        super().__init__(*args, **kwargs)
        self.mode = mode(tt, *self.params)

    def random(self, point=None, size=None):
        """Return draws, an array of shape ``(*size, *shape)``."""
        p, a, b = draw_values(self.params, point=point, size=size)
        return generate_samples(_draw, p=p, a=a, b=b, dist_shape=self.shape, size=size)

    def logp(self, value):
        """Return the log density of each number."""
        inside = tt.switch(tt.gt(value, 0), value, 1.0)
        return bound(log_density(tt, *self.params, inside), value > 0, self.a > 0, self.b > 0)

    def _distr_parameters_for_repr(self):
        return list(PARAMETERS)


def _draw(p, a, b, size=None):
    return draw(np.random, p, a, b, np.broadcast_shapes(*map(np.shape, (p, a, b))) if size is None else tuple(size))
