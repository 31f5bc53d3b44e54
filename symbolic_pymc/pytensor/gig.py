"""PyMC's missing distribution of variances: the generalised inverse Gaussian."""

import numpy as np
import pytensor.tensor as pt
from pymc.distributions.continuous import PositiveContinuous
from pymc.distributions.dist_math import check_parameters
from pymc.distributions.shape_utils import rv_size_is_none
from pytensor.tensor.random.op import RandomVariable

from symbolic_pymc.gig import draw, log_density, mode


class GeneralizedInverseGaussianRV(RandomVariable):
    """Draws from the density that is proportional to ``x**(p - 1) * exp(-(a * x + b / x) / 2)``."""

    name = "generalizedinversegaussian"
    signature = "(),(),()->()"
    dtype = "floatX"
    _print_name = ("GIG", r"\operatorname{GIG}")

    @classmethod
    def rng_fn(cls, rng, p, a, b, size):
        return draw(rng, p, a, b, np.broadcast_shapes(*map(np.shape, (p, a, b))) if size is None else tuple(size))


class GeneralizedInverseGaussian(PositiveContinuous):
    """The law of a positive number of density proportional to ``x**(p - 1) * exp(-(a * x + b / x) / 2)``.

    Parameters
    ----------
    p : tensor
    a, b : tensor
        Positive.
    **kwargs
        As of every PyMC distribution.
    """

    rv_op = GeneralizedInverseGaussianRV()

    @classmethod
    def dist(cls, p, a, b, **kwargs):
        return super().dist([pt.as_tensor_variable(x) for x in (p, a, b)], **kwargs)

    def support_point(rv, size, p, a, b):
        value = mode(pt, p, a, b)
        return value if rv_size_is_none(size) else pt.full(size, value)

    def logp(value, p, a, b):
        """Return the log density of each number."""
        inside = pt.switch(pt.gt(value, 0), value, 1.0)
        density = pt.switch(pt.gt(value, 0), log_density(pt, p, a, b, inside), -np.inf)
        return check_parameters(density, a > 0, b > 0, msg="a > 0, b > 0")
