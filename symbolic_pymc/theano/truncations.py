"""PyMC3's missing distributions between bounds, with densities that integrate to one."""

import numpy as np
import theano.tensor as tt
from pymc3.distributions.continuous import BoundedContinuous
from pymc3.distributions.dist_math import bound
from pymc3.distributions.distribution import draw_values, generate_samples

from symbolic_pymc.theano.floats import as_float
from symbolic_pymc.theano.known import constant_value
from symbolic_pymc.truncations import ENDS, PARAMETERS, draw, log_density, start


class Truncated(BoundedContinuous):
    """One of the laws of `symbolic_pymc.truncations` between two bounds (abstract).

    Parameters
    ----------
    alpha, beta : tensor
        Those of PyMC3's own distribution.
    lower, upper : tensor
        By default the ends of what that distribution can be.
    **kwargs
        As of every PyMC3 distribution.
    """

    family: str

    def __init__(self, alpha, beta, lower=None, upper=None, *args, **kwargs):
        bounds = (end if x is None else x for x, end in zip((lower, upper), ENDS[self.family]))
        self.params = [as_float(x) for x in (alpha, beta, *bounds)]
        self.alpha, self.beta, self.lower, self.upper = self.params
        limit = None if constant_value(self.upper) == np.inf else self.upper
        super().__init__(*args, lower=self.lower, upper=limit, **{"defaults": ("start",), **kwargs})
        self.start = start(tt, self.family, *self.params)

    def random(self, point=None, size=None):
        """Return draws, an array of shape ``(*size, *shape)``."""
        values = draw_values(self.params, point=point, size=size)
        return generate_samples(self._draw, **dict(zip(PARAMETERS, values)), dist_shape=self.shape, size=size)

    def _draw(self, alpha, beta, lower, upper, size=None):
        shapes = map(np.shape, (alpha, beta, lower, upper))
        batch = np.broadcast_shapes(*shapes) if size is None else tuple(size)
        return draw(np.random, self.family, alpha, beta, lower, upper, batch)

    def logp(self, value):
        """Return the log density of each number."""
        alpha, beta, lower, upper = self.params
        is_inside = tt.ge(value, lower) * tt.le(value, upper)
        inside = tt.switch(is_inside, value, start(tt, self.family, *self.params))
        density = log_density(tt, self.family, inside, *self.params)
        return bound(density, is_inside, alpha > 0, beta > 0, lower < upper)

    def _distr_parameters_for_repr(self):
        return list(PARAMETERS)


class TruncatedGamma(Truncated):
    """A gamma variable between two bounds."""

    family = "gamma"


class TruncatedInverseGamma(Truncated):
    """An inverse gamma variable between two bounds."""

    family = "inversegamma"


class TruncatedBeta(Truncated):
    """A beta variable between two bounds."""

    family = "beta"
