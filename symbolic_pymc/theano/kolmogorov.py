"""PyMC3's missing distribution of scales: the Kolmogorov distribution."""

import numpy as np
import theano.tensor as tt
from pymc3.distributions.continuous import PositiveContinuous
from pymc3.distributions.dist_math import bound
from pymc3.distributions.distribution import draw_values, generate_samples

from symbolic_pymc.kolmogorov import MEAN, PARAMETERS, draw, log_density
from symbolic_pymc.theano.floats import as_float


class Kolmogorov(PositiveContinuous):
    """The limit law of the Kolmogorov-Smirnov statistic, times a scale.

    Parameters
    ----------
    scale : tensor
        Positive.
    **kwargs
        As of every PyMC3 distribution.
    """

    def __init__(self, scale, *args, **kwargs):
        self.scale = as_float(scale)
        super().__init__(*args, **kwargs)
        self.mean = self.scale * MEAN

    def random(self, point=None, size=None):
        """Return draws, an array of shape ``(*size, *shape)``."""
        (scale,) = draw_values([self.scale], point=point, size=size)
        return generate_samples(_draw, scale=scale, dist_shape=self.shape, size=size)

    def logp(self, value):
        """Return the log density of each number."""
        inside = tt.switch(tt.gt(value, 0), value, 1.0)
        return bound(log_density(tt, self.scale, inside), value > 0, self.scale > 0)

    def _distr_parameters_for_repr(self):
        return list(PARAMETERS)


def _draw(scale, size=None):
    return draw(np.random, scale, np.shape(scale) if size is None else tuple(size))
