"""PyMC3's missing distribution: a Markov chain of finitely many states."""

import pymc3 as pm
import theano.tensor as tt

from symbolic_pymc import markov
from symbolic_pymc.theano.vectorlaw import VectorLaw


class MarkovChain(VectorLaw, pm.Discrete):
    """The distribution of a path z: z[0] = j with probability start[j], z[t] = j with chances[t, z[t-1], j].

    Parameters
    ----------
    start : (..., k) tensor
        Of probabilities.
    chances : (..., n, k, k) tensor
        Of probabilities, that sum to one in each row; the first matrix counts for nothing.
    shape : tuple of int
        By default that of the parameters. Further axes in front are independent draws.
    **kwargs
        As of every PyMC3 distribution.

    Raises
    ------
    ModelGraphError
        For parameters, or a shape, that do not fit together.
    """

    law = markov

    def __init__(self, start, chances, shape=(), **kwargs):
        super().__init__(start, chances, shape=shape, **kwargs)
        self.start, self.chances = self.params
        self.mode = tt.zeros(tuple(int(n) for n in self.shape), dtype="int64")

    def logp(self, value):
        """Return the log probability of each path of `value`, of shape (..., n)."""
        return markov.log_density(tt, tt.as_tensor_variable(value), *self.params)
