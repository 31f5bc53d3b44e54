"""PyMC3's missing distribution: a normal vector whose covariance is diagonal plus low rank."""

import numpy as np
import pymc3 as pm
import theano
import theano.tensor as tt
from pymc3.distributions.distribution import draw_values
from pymc3.distributions.shape_utils import to_tuple
from theano.tensor.slinalg import Cholesky, solve_lower_triangular, solve_upper_triangular

from symbolic_pymc.errors import ModelGraphError, UnsupportedDistributionError
from symbolic_pymc.lowrank import (
    NDIMS,
    PARAMETERS,
    Algebra,
    batch_of,
    check_shapes,
    draw,
    length_of,
    log_density,
)
from symbolic_pymc.theano.known import constant_array, shape_of

# samplers do not catch errors of LAPACK
_cholesky = Cholesky(lower=True, on_error="nan")


def _solve(matrix, right, lower):
    return (solve_lower_triangular if lower else solve_upper_triangular)(matrix, right)


ALGEBRA = Algebra(tt, tt.dot, lambda x: x.T, tt.diag, _cholesky, _solve, constant_array)


class LowRankMvNormal(pm.Continuous):
    """The normal distribution with mean `mu` and covariance ``diag(variance) + W W'``, W = factor * scales.

    Parameters
    ----------
    mu : (..., n) tensor
    factor : (n, k) tensor
    variance : (n) or (1) tensor
        Positive.
    scales : (k) or (1) tensor, optional
        By default 1. The density is quick to compute where the factor is constant and the variance one number.
    shape : tuple of int
        By default that of the parameters. Further axes in front are independent draws.
    **kwargs
        As of every PyMC3 distribution.

    Raises
    ------
    ModelGraphError
        For parameters, or a shape, that do not fit together.
    UnsupportedDistributionError
        By `logp`: for a batch of factors, variances or scales.
    """

    def __init__(self, mu, factor, variance, scales=(1.0,), *args, shape=(), **kwargs):
        self.params = [as_float(p) for p in (mu, factor, variance, scales)]
        self.mu, self.factor, self.variance, self.scales = self.params
        shapes = [shape_of(p) for p in self.params]
        known = [s if s is not None else (None,) * p.ndim for s, p in zip(shapes, self.params)]
        check_shapes(*known)
        self._factor_shape = known[1]
        super().__init__(*args, shape=_shape(to_tuple(shape), shapes, known), **kwargs)
        self.mean = self.median = self.mode = self.mu

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
        """Return the log density of each vector of `value`, of shape (..., n)."""
        value = tt.as_tensor_variable(value)
        if self.factor.ndim > 2 or self.variance.ndim > 1 or self.scales.ndim > 1:
            raise UnsupportedDistributionError(
                "LowRankMvNormal: Theano has no density of a batch of factors, variances or scales; "
                "write one variable for each of them"
            )
        residuals = value - self.mu
        columns = residuals.reshape((-1, residuals.shape[-1]), ndim=2).T if residuals.ndim > 1 else residuals[:, None]
        density = log_density(ALGEBRA, *self.params[1:], columns, self._factor_shape)
        return density.reshape(residuals.shape[:-1], ndim=residuals.ndim - 1)

    def _distr_parameters_for_repr(self):
        return list(PARAMETERS)


def as_float(value):
    value = tt.as_tensor_variable(np.asarray(value) if isinstance(value, tuple) else value)
    return value if value.dtype.startswith("float") else value.astype(theano.config.floatX)


def _shape(given, shapes, known):
    """Return the shape of a variable: that which was given, else that of the parameters."""
    n = length_of(*known)
    if not given:
        if None in shapes:
            raise ModelGraphError("LowRankMvNormal: the shapes of the parameters are not known; give it shape=(n,)")
        return (*np.broadcast_shapes(*(s[: len(s) - ndim] for s, ndim in zip(shapes, NDIMS))), n)
    # densities are taken with lengths of one for unknown ones
    if n is not None and given[-1] not in (1, n):
        raise ModelGraphError(f"LowRankMvNormal: the shape is {given}, the parameters have length {n}")
    return given


def spread(value, n_front, n_missing):
    """Put `n_missing` axes of length one behind the first `n_front`, if there are such."""
    return np.expand_dims(value, tuple(range(n_front, n_front + n_missing))) if n_front > 0 else value
