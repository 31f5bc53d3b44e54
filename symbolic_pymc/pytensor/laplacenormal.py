"""PyMC's missing law of a mean that is Laplace a priori: the product of a Laplace density and a normal one."""

import numpy as np
import pytensor.tensor as pt
from pymc.distributions.continuous import Continuous
from pymc.distributions.dist_math import check_parameters
from pymc.distributions.shape_utils import rv_size_is_none
from pytensor.tensor.random.op import RandomVariable

from symbolic_pymc.laplacenormal import draw, log_density, mode


class LaplaceNormalRV(RandomVariable):
    """Draws from the density proportional to ``exp(-abs(x - location) / b) * exp(-((x - mu) / sigma)**2 / 2)``."""

    name = "laplacenormal"
    signature = "(),(),(),()->()"
    dtype = "floatX"
    _print_name = ("LaplaceNormal", r"\operatorname{LaplaceNormal}")

    @classmethod
    def rng_fn(cls, rng, *params_and_size):
        *params, size = params_and_size
        return draw(rng, *params, np.broadcast_shapes(*map(np.shape, params)) if size is None else tuple(size))


class LaplaceNormal(Continuous):
    """The law of density proportional to ``exp(-abs(x - location) / b) * exp(-((x - mu) / sigma)**2 / 2)``.

    Parameters
    ----------
    mu, location : tensor
    sigma, b : tensor
        Positive.
    **kwargs
        As of every PyMC distribution.
    """

    rv_op = LaplaceNormalRV()

    @classmethod
    def dist(cls, mu, sigma, location, b, **kwargs):
        return super().dist([pt.as_tensor_variable(x) for x in (mu, sigma, location, b)], **kwargs)

    def support_point(rv, size, *params):
        value = mode(pt, *params)
        return value if rv_size_is_none(size) else pt.full(size, value)

    def logp(value, mu, sigma, location, b):
        """Return the log density of each number."""
        return check_parameters(
            log_density(pt, mu, sigma, location, b, value), sigma > 0, b > 0, msg="sigma > 0, b > 0"
        )
