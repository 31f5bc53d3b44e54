"""PyMC3's missing distribution: a normal vector each element of which depends on the one before it alone."""

import pymc3 as pm
import theano.tensor as tt

from symbolic_pymc import chains
from symbolic_pymc.theano.vectorlaw import VectorLaw


class GaussianChain(VectorLaw, pm.Continuous):
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

    law = chains

    def __init__(self, offset, gain, scale, shape=(), **kwargs):
        super().__init__(offset, gain, scale, shape=shape, **kwargs)
        self.offset, self.gain, self.scale = self.params
        self.mean = self.median = self.mode = tt.zeros(tuple(int(n) for n in self.shape))

    def logp(self, value):
        """Return the log density of each vector of `value`, of shape (..., n)."""
        return chains.log_density(tt, tt.as_tensor_variable(value), *self.params)
