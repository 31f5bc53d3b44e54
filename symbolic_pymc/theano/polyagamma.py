"""PyMC3's missing distribution of precisions of a logistic regression: the Polya-Gamma distribution."""

import numpy as np
import theano.tensor as tt
from pymc3.distributions.continuous import PositiveContinuous
from pymc3.distributions.dist_math import bound
from pymc3.distributions.distribution import draw_values, generate_samples

from symbolic_pymc.polyagamma import PARAMETERS, draw, log_density, mean
from symbolic_pymc.theano.floats import as_float


class PolyaGamma(PositiveContinuous):
    """The Polya-Gamma distribution of the shape 1.

    Parameters
    ----------
    tilt : tensor
    **kwargs
        As of every PyMC3 distribution.
    """

    def __init__(self, tilt, *args, **kwargs):
        self.tilt = as_float(tilt)
        super().__init__(*args, **kwargs)
        self.mean = mean(tt, self.tilt)

    def random(self, point=None, size=None):
        """Return draws, an array of shape ``(*size, *shape)``."""
        (tilt,) = draw_values([self.tilt], point=point, size=size)
        return generate_samples(_draw, tilt=tilt, dist_shape=self.shape, size=size)

    def logp(self, value):
        """Return the log density of each number."""
        inside = tt.switch(tt.gt(value, 0), value, 1.0)
        return bound(log_density(tt, self.tilt, inside), value > 0)

    def _distr_parameters_for_repr(self):
        return list(PARAMETERS)


def _draw(tilt, size=None):
    return draw(np.random, tilt, np.shape(tilt) if size is None else tuple(size))
