"""The Polya-Gamma distribution of the shape 1, which PyMC has with the help of another package alone."""

import numpy as np
import pytensor.tensor as pt
from pymc.distributions.continuous import PositiveContinuous
from pymc.distributions.shape_utils import rv_size_is_none
from pytensor.tensor.random.op import RandomVariable

from symbolic_pymc.polyagamma import draw, log_density, mean


class TiltedPolyaGammaRV(RandomVariable):
    """Draws from the Polya-Gamma distribution of the shape 1."""

    name = "polyagamma"
    signature = "()->()"
    dtype = "floatX"
    _print_name = ("PolyaGamma", r"\operatorname{PG}")

    @classmethod
    def rng_fn(cls, rng, tilt, size):
        return draw(rng, tilt, np.shape(tilt) if size is None else tuple(size))


class PolyaGamma(PositiveContinuous):
    """The Polya-Gamma distribution of the shape 1.

    Parameters
    ----------
    tilt : tensor
    **kwargs
        As of every PyMC distribution.
    """

    rv_op = TiltedPolyaGammaRV()

    @classmethod
    def dist(cls, tilt, **kwargs):
        return super().dist([pt.as_tensor_variable(tilt)], **kwargs)

    def support_point(rv, size, tilt):
        value = mean(pt, tilt)
        return value if rv_size_is_none(size) else pt.full(size, value)

    def logp(value, tilt):
        """Return the log density of each number."""
        inside = pt.switch(pt.gt(value, 0), value, 1.0)
        return pt.switch(pt.gt(value, 0), log_density(pt, tilt, inside), -np.inf)
