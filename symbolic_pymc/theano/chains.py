"""PyMC3's missing distribution: a normal vector each element of which depends on the one before it alone."""

import numpy as np
import pymc3 as pm
import theano.tensor as tt
from pymc3.distributions.distribution import draw_values
from pymc3.distributions.shape_utils import to_tuple

from symbolic_pymc.chains import PARAMETERS, batch_of, check_shapes, draw, length_of, log_density
from symbolic_pymc.errors import ModelGraphError
from symbolic_pymc.theano.known import shape_of
from symbolic_pymc.theano.lowrank import as_float, spread


class GaussianChain(pm.Continuous):
    """The distribution of ``x[0] = offset[0] + scale[0] z[0]``, ``x[t] = offset[t] + gain[t] x[t-1] + scale[t] z[t]``.

    Parameters
    ----------
    offset, gain : (..., n) tensor
        The first gain counts for nothing.
    scale : (..., n) tensor
        Positive.
    shape : tuple of int
        By default that of the parameters. Further axes in front are independent draws.
    **kwargs
        As of every PyMC3 distribution.

    Raises
    ------
    ModelGraphError
        For parameters, or a shape, that do not fit together.
    """

    def __init__(self, offset, gain, scale, *args, shape=(), **kwargs):
        self.offset, self.gain, self.scale = self.params = [as_float(p) for p in (offset, gain, scale)]
        shapes = [shape_of(p) for p in self.params]
        known = [s if s is not None else (None,) * p.ndim for s, p in zip(shapes, self.params)]
        check_shapes(*known)
        super().__init__(*args, shape=_shape(to_tuple(shape), shapes, known), **kwargs)
        self.mean = self.median = self.mode = tt.zeros(tuple(int(n) for n in self.shape))

    def random(self, point=None, size=None):
        """Return draws, an array of shape ``(*size, *shape)``."""
        size, n_batch = to_tuple(size), len(self.shape) - 1
        values = draw_values(self.params, point=point, size=size)
        # what depends on random variables has the axes of `size` in front; those of the batch come after them
        values = [
            spread(np.asarray(value), value.ndim - param.ndim, n_batch - (param.ndim - 1))
            for value, param in zip(values, self.params)
        ]
        batch = np.broadcast_shapes((*size, *(int(n) for n in self.shape[:-1])), batch_of(*values))
        return draw(np.random, *values, batch)

    def logp(self, value):
        """Return the log density of each vector of `value`, of shape (..., n)."""
        return log_density(tt, tt.as_tensor_variable(value), *self.params)

    def _distr_parameters_for_repr(self):
        return list(PARAMETERS)


def _shape(given, shapes, known):
    """Return the shape of a variable: that which was given, else that of the parameters."""
    n = length_of(*known)
    if not given:
        if None in shapes:
            raise ModelGraphError("GaussianChain: the shapes of the parameters are not known; give it shape=(n,)")
        return (*np.broadcast_shapes(*(s[:-1] for s in shapes)), n)
    # densities are taken with lengths of one for unknown ones
    if n is not None and given[-1] not in (1, n):
        raise ModelGraphError(f"GaussianChain: the shape is {given}, the parameters have length {n}")
    return given
