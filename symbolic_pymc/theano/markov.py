"""PyMC3's missing distribution: a Markov chain of finitely many states."""

import numpy as np
import pymc3 as pm
import theano.tensor as tt
from pymc3.distributions.distribution import draw_values
from pymc3.distributions.shape_utils import to_tuple

from symbolic_pymc.errors import ModelGraphError
from symbolic_pymc.markov import NDIMS, PARAMETERS, batch_of, check_shapes, draw, length_of, log_density
from symbolic_pymc.theano.known import shape_of
from symbolic_pymc.theano.lowrank import as_float, spread


class MarkovChain(pm.Discrete):
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

    def __init__(self, start, chances, *args, shape=(), **kwargs):
        self.start, self.chances = self.params = [as_float(p) for p in (start, chances)]
        shapes = [shape_of(p) for p in self.params]
        known = [s if s is not None else (None,) * p.ndim for s, p in zip(shapes, self.params)]
        check_shapes(*known)
        super().__init__(*args, shape=_shape(to_tuple(shape), shapes, known), **kwargs)
        self.mode = tt.zeros(tuple(int(n) for n in self.shape), dtype="int64")

    def random(self, point=None, size=None):
        """Return draws, an array of shape ``(*size, *shape)``."""
        size, n_batch = to_tuple(size), len(self.shape) - 1
        values = draw_values(self.params, point=point, size=size)
        # what depends on random variables has the axes of `size` in front; those of the batch come after them
        values = [
            spread(np.asarray(value), value.ndim - param.ndim, n_batch - (param.ndim - ndim))
            for value, param, ndim in zip(values, self.params, NDIMS)
        ]
        batch = np.broadcast_shapes((*size, *(int(n) for n in self.shape[:-1])), batch_of(*values))
        return draw(np.random, *values, batch)

    def logp(self, value):
        """Return the log probability of each path of `value`, of shape (..., n)."""
        return log_density(tt, tt.as_tensor_variable(value), *self.params)

    def _distr_parameters_for_repr(self):
        return list(PARAMETERS)


def _shape(given, shapes, known):
    """Return the shape of a variable: that which was given, else that of the parameters."""
    n = length_of(*known)
    if not given:
        if None in shapes:
            raise ModelGraphError("MarkovChain: the shapes of the parameters are not known; give it shape=(n,)")
        return (*np.broadcast_shapes(shapes[0][:-1], shapes[1][:-3]), n)
    # densities are taken with lengths of one for unknown ones
    if n is not None and given[-1] not in (1, n):
        raise ModelGraphError(f"MarkovChain: the shape is {given}, the parameters are of {n} elements")
    return given
