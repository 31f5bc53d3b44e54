"""PyMC's missing distribution of scales: the Kolmogorov distribution."""

import numpy as np
import pytensor.tensor as pt
from pymc.distributions.continuous import PositiveContinuous
from pymc.distributions.dist_math import check_parameters
from pymc.distributions.shape_utils import rv_size_is_none
from pytensor.tensor.random.op import RandomVariable

from symbolic_pymc.kolmogorov import MEAN, draw, log_density


class KolmogorovRV(RandomVariable):
    """Draws the limit of the Kolmogorov-Smirnov statistic, times a scale."""

    name = "kolmogorov"
    signature = "()->()"
    dtype = "floatX"
    _print_name = ("Kolmogorov", r"\operatorname{Kolmogorov}")

    @classmethod
    def rng_fn(cls, rng, scale, size):
        return draw(rng, scale, np.shape(scale) if size is None else tuple(size))


class Kolmogorov(PositiveContinuous):
    """The limit law of the Kolmogorov-Smirnov statistic, times a scale.

    Parameters
    ----------
    scale : tensor
        Positive.
    **kwargs
        As of every PyMC distribution.
    """

    rv_op = KolmogorovRV()

    @classmethod
    def dist(cls, scale, **kwargs):
        return super().dist([pt.as_tensor_variable(scale)], **kwargs)

    def support_point(rv, size, scale):
        value = scale * MEAN
        return value if rv_size_is_none(size) else pt.full(size, value)

    def logp(value, scale):
        """Return the log density of each number."""
        inside = pt.switch(pt.gt(value, 0), value, 1.0)
        density = pt.switch(pt.gt(value, 0), log_density(pt, scale, inside), -np.inf)
        return check_parameters(density, scale > 0, msg="scale > 0")
