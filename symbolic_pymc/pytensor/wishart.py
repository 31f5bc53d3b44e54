"""PyMC's missing distribution of covariance matrices: the inverse Wishart."""

from numbers import Integral

import numpy as np
import pytensor.tensor as pt
from pymc.distributions.distribution import Continuous
from pymc.distributions.shape_utils import rv_size_is_none
from pytensor.tensor.random.op import RandomVariable

from symbolic_pymc.errors import ModelGraphError
from symbolic_pymc.pytensor.lowrank import ALGEBRA
from symbolic_pymc.wishart import check_shape, draw, log_density


class InverseWishartRV(RandomVariable):
    """Draws a symmetric matrix whose inverse is Wishart with `nu` degrees of freedom and scale ``inv(Psi)``."""

    name = "inversewishart"
    signature = "(),(d,d)->(d,d)"
    dtype = "floatX"
    _print_name = ("IW", r"\operatorname{W^{-1}}")

    @classmethod
    def rng_fn(cls, rng, nu, Psi, size):
        batch = np.broadcast_shapes(np.shape(nu), np.shape(Psi)[:-2]) if size is None else tuple(size)
        return draw(rng, nu, Psi, batch)


class InverseWishart(Continuous):
    """The law of a covariance matrix whose inverse is Wishart with `nu` degrees of freedom and scale ``inv(Psi)``.

    No sampler that walks entry by entry proposes a symmetric matrix: as with PyMC's own Wishart, it is a prior for
    posteriors in closed form, and a law to draw from.

    Parameters
    ----------
    nu : (...) tensor
        Above d - 1.
    Psi : (..., d, d) tensor
        Symmetric and positive definite.
    **kwargs
        As of every PyMC distribution.

    Raises
    ------
    ModelGraphError
        For a `Psi` that is known not to be square.
    """

    rv_op = InverseWishartRV()

    @classmethod
    def dist(cls, nu, Psi, **kwargs):
        Psi = pt.as_tensor_variable(Psi)
        check_shape(Psi.type.shape)
        _check_shape(kwargs.get("shape"), Psi.type.shape[-1])
        return super().dist([pt.as_tensor_variable(nu), Psi], **kwargs)

    def support_point(rv, size, nu, Psi):
        mode = Psi / (nu + Psi.shape[-1] + 1)[..., None, None]
        return mode if rv_size_is_none(size) else pt.alloc(mode, *size, Psi.shape[-2], Psi.shape[-1])

    def logp(value, nu, Psi):
        """Return the log density of each matrix of `value`, of shape (..., d, d)."""
        return log_density(ALGEBRA, nu, Psi, value)


def _check_shape(shape, d):
    """Raise ModelGraphError for a shape whose last two lengths are others than `d`; PyMC itself looks at the others."""
    given = [n for n in shape[-2:] if isinstance(n, Integral)] if isinstance(shape, tuple | list) else []
    if d is not None and any(n != d for n in given):
        raise ModelGraphError(f"InverseWishart: the shape is {shape}, Psi is {d} by {d}")
