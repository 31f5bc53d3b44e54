"""What the laws of vectors that PyMC3 lacks have in common: parameters, perhaps of a batch, the shape, and draws."""

import numpy as np
from pymc3.distributions.distribution import draw_values
from pymc3.distributions.shape_utils import to_tuple

from symbolic_pymc.errors import ModelGraphError
from symbolic_pymc.theano.floats import as_float
from symbolic_pymc.theano.known import shape_of


class VectorLaw:
    """A law of vectors (..., n); it stands before ``pm.Continuous`` or ``pm.Discrete`` among the bases (abstract).

    `law` is the module that has what depends on no backend: PARAMETERS and their NDIMS, ``check_shapes``, ``length_of``,
    ``batch_of`` and ``draw``.
    """

    law = None

    def __init__(self, *params, shape=(), **kwargs):
        self.params = [as_float(p) for p in params]
        shapes = [shape_of(p) for p in self.params]
        self.known_shapes = [s if s is not None else (None,) * p.ndim for s, p in zip(shapes, self.params)]
        self.law.check_shapes(*self.known_shapes)
        super().__init__(shape=self._shape(to_tuple(shape), shapes), **kwargs)

    def _shape(self, given, shapes):
        """Return the shape of a variable: that which was given, else that of the parameters."""
        n, name = self.law.length_of(*self.known_shapes), type(self).__name__
        if not given:
            if None in shapes:
                raise ModelGraphError(f"{name}: the shapes of the parameters are not known; give it shape=(n,)")
            return (*np.broadcast_shapes(*(s[: len(s) - ndim] for s, ndim in zip(shapes, self.law.NDIMS))), n)
        # densities are taken with lengths of one for unknown ones
        if n is not None and given[-1] not in (1, n):
            raise ModelGraphError(f"{name}: the shape is {given}, the parameters have length {n}")
        return given

    def random(self, point=None, size=None):
        """Return draws, an array of shape ``(*size, *shape)``."""
        size, n_batch = to_tuple(size), len(self.shape) - 1
        values = draw_values(self.params, point=point, size=size)
        # what depends on random variables has the axes of `size` in front; those of the batch come after them
        values = [
            _spread(np.asarray(value), value.ndim - param.ndim, n_batch - (param.ndim - ndim))
            for value, param, ndim in zip(values, self.params, self.law.NDIMS)
        ]
        batch = np.broadcast_shapes((*size, *(int(n) for n in self.shape[:-1])), self.law.batch_of(*values))
        return self.law.draw(np.random, *values, batch)

    def _distr_parameters_for_repr(self):
        return list(self.law.PARAMETERS)


def _spread(value, n_front, n_missing):
    """Put `n_missing` axes of length one behind the first `n_front`, if there are such."""
    return np.expand_dims(value, tuple(range(n_front, n_front + n_missing))) if n_front > 0 else value
