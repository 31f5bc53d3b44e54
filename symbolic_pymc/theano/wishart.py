"""The inverse Wishart, which PyMC3 lacks, and its Wishart with draws."""

import numpy as np
import pymc3 as pm
import theano.tensor as tt
from pymc3.distributions.distribution import draw_values
from pymc3.distributions.shape_utils import to_tuple

from symbolic_pymc.errors import ModelGraphError, UnsupportedDistributionError
from symbolic_pymc.theano.floats import as_float
from symbolic_pymc.theano.known import shape_of
from symbolic_pymc.theano.lowrank import ALGEBRA
from symbolic_pymc.wishart import NDIMS, PARAMETERS, check_shape, draw, draw_wishart, log_density


class InverseWishart(pm.Continuous):
    """The law of a covariance matrix whose inverse is Wishart with `nu` degrees of freedom and scale ``inv(Psi)``.

    No sampler that walks entry by entry proposes a symmetric matrix: as with PyMC3's own Wishart, it is a prior for
    posteriors in closed form, and a law to draw from.

    Parameters
    ----------
    nu : number
        Above d - 1.
    Psi : (d, d) tensor
        Symmetric and positive definite.
    shape : tuple of int
        By default that of `Psi`. Further axes in front are independent draws.
    **kwargs
        As of every PyMC3 distribution.

    Raises
    ------
    ModelGraphError
        For a `Psi` that is not square, or a shape that does not fit it.
    UnsupportedDistributionError
        By `logp`: for a batch of matrices.
    """

    def __init__(self, nu, Psi, *args, shape=(), **kwargs):
        self.nu, self.Psi = self.params = [as_float(nu), as_float(Psi)]
        known = shape_of(self.Psi)
        check_shape((None,) * self.Psi.ndim if known is None else known)
        super().__init__(*args, shape=_shape(to_tuple(shape), known), **kwargs)
        self.mode = self.Psi / (self.nu + self.Psi.shape[-1] + 1)[..., None, None]
        self.mode = tt.second(tt.zeros(self.shape), self.mode) if len(self.shape) > self.mode.ndim else self.mode

    def random(self, point=None, size=None):
        """Return draws, an array of shape ``(*size, *shape)``."""
        return _random(draw, self.params, self.shape, point, size)

    def logp(self, value):
        """Return the log density of a matrix."""
        value = tt.as_tensor_variable(value)
        if value.ndim > 2 or self.Psi.ndim > 2 or self.nu.ndim > 0:
            raise UnsupportedDistributionError(
                "InverseWishart: Theano has no density of a batch of matrices; write one variable for each of them"
            )
        return log_density(ALGEBRA, self.nu, self.Psi, value)

    def _distr_parameters_for_repr(self):
        return list(PARAMETERS)


class Wishart(pm.Wishart):
    """PyMC3's distribution of that name, whose own `random` gives no draws of a model's prior."""

    def random(self, point=None, size=None):
        """Return draws, an array of shape ``(*size, *shape)``."""
        return _random(draw_wishart, [self.nu, self.V], self.shape, point, size)


def _random(draw_matrices, params, shape, point, size):
    size = to_tuple(size)
    values = draw_values(params, point=point, size=size)
    batch = (*size, *(int(n) for n in shape[:-2]))
    spread = [
        np.expand_dims(v, tuple(range(v.ndim - n, len(batch)))) if v.ndim - n == len(size) else v
        for v, n in zip(map(np.asarray, values), NDIMS)
    ]
    return draw_matrices(np.random, *spread, batch)


def _shape(given, known):
    """Return the shape of a variable: that which was given, else that of Psi."""
    if not given and known is None:
        raise ModelGraphError("InverseWishart: the shape of Psi is not known; give it shape=(d, d)")
    # densities are taken with lengths of one for unknown ones
    if given and known is not None and any(n not in (1, known[-1]) for n in given[-2:]):
        raise ModelGraphError(f"InverseWishart: the shape is {given}, Psi is {known[-2]} by {known[-1]}")
    return given or known
