"""PyMC3's missing distribution: a normal vector whose covariance is diagonal plus low rank."""

import pymc3 as pm
import theano.tensor as tt
from theano.tensor.slinalg import Cholesky, solve_lower_triangular, solve_upper_triangular

from symbolic_pymc import lowrank
from symbolic_pymc.errors import UnsupportedDistributionError
from symbolic_pymc.theano.known import constant_array
from symbolic_pymc.theano.vectorlaw import VectorLaw

# samplers do not catch errors of LAPACK
_cholesky = Cholesky(lower=True, on_error="nan")


def _solve(matrix, right, lower):
    return (solve_lower_triangular if lower else solve_upper_triangular)(matrix, right)


ALGEBRA = lowrank.Algebra(tt, tt.dot, lambda x: x.T, tt.diag, _cholesky, _solve, constant_array)


class LowRankMvNormal(VectorLaw, pm.Continuous):
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

    law = lowrank

    def __init__(self, mu, factor, variance, scales=(1.0,), shape=(), **kwargs):
        super().__init__(mu, factor, variance, scales, shape=shape, **kwargs)
        self.mu, self.factor, self.variance, self.scales = self.params
        self.mean = self.median = self.mode = self.mu

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
        density = lowrank.log_density(ALGEBRA, *self.params[1:], columns, self.known_shapes[1])
        return density.reshape(residuals.shape[:-1], ndim=residuals.ndim - 1)
