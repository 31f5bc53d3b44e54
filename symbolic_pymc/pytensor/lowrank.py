"""PyMC's missing distribution: a normal vector whose covariance is diagonal plus low rank."""

from numbers import Integral

import numpy as np
import pytensor
import pytensor.tensor as pt
from pymc.distributions.distribution import Continuous
from pymc.distributions.shape_utils import rv_size_is_none
from pymc.logprob.abstract import ValuedRV
from pytensor.compile.mode import Mode
from pytensor.graph.basic import Constant, Variable
from pytensor.tensor.random.op import RandomVariable

from symbolic_pymc.errors import ModelGraphError
from symbolic_pymc.lowrank import NDIMS, Algebra, batch_of, check_shapes, draw, length_of, log_density
from symbolic_pymc.pytensor.opt import ancestors, graph_inputs


class LowRankRV(RandomVariable):
    """Draws ``mu + factor (scales * z) + sqrt(variance) e`` with standard normal z and e, never forming a covariance.

    Raises
    ------
    ModelGraphError
        By `make_node` for shapes known not to fit together, else when it draws.
    ArgumentError
        When it draws with a variance that is not positive.
    """

    name = "lowrankmvnormal"
    signature = "(n),(n,k),(m),(l)->(n)"
    dtype = "floatX"
    _print_name = ("LowRankN", r"\operatorname{LowRankN}")

    def make_node(self, rng, size, *params):
        params = [p if isinstance(p, Variable) else pt.as_tensor_variable(p) for p in params]
        check_shapes(*(p.type.shape for p in params))
        return super().make_node(rng, size, *params)

    @classmethod
    def rng_fn(cls, rng, *args):
        *params, size = args
        return draw(rng, *params, batch_of(*params) if size is None else tuple(size))


def _transpose(matrix):
    return pt.swapaxes(matrix, -1, -2)


def _diagonal(matrix):
    return pt.diagonal(matrix, axis1=-2, axis2=-1)


def _cholesky(matrix):
    return pt.linalg.cholesky(matrix, on_error="nan")


def _solve(matrix, right, lower):
    return pt.linalg.solve_triangular(matrix, right, lower=lower, b_ndim=2)


def _value(variable):
    """Return the array that an expression of constants is; None for another one, or where PyMC has yet to put values."""
    if isinstance(variable, Constant):
        return variable.data
    owners = [v.owner for v in ancestors([variable]) if v.owner is not None]
    if any(isinstance(node.op, ValuedRV) for node in owners):
        return None
    if not all(isinstance(root, Constant) for root in graph_inputs([variable])):
        return None
    return pytensor.function([], variable, mode=Mode("py", None))()


ALGEBRA = Algebra(pt, pt.matmul, _transpose, _diagonal, _cholesky, _solve, _value)


class LowRankMvNormal(Continuous):
    """The normal distribution with mean `mu` and covariance ``diag(variance) + W W'``, W = factor * scales.

    Parameters
    ----------
    mu : (..., n) tensor
    factor : (..., n, k) tensor
    variance : (..., n) or (..., 1) tensor
        Positive.
    scales : (..., k) or (..., 1) tensor, optional
        By default 1. The density is quick to compute where the factor is constant and the variance one number.
    **kwargs
        As of every PyMC distribution.

    Raises
    ------
    ModelGraphError
        For parameters, or a shape, that are known not to fit together.
    """

    rv_op = LowRankRV()

    @classmethod
    def dist(cls, mu, factor, variance, scales=(np.float64(1.0),), **kwargs):
        params = [pt.as_tensor_variable(p) for p in (mu, factor, variance, scales)]
        check_shapes(*(p.type.shape for p in params))
        check_shape(cls.__name__, kwargs.get("shape"), length_of(*(p.type.shape for p in params)))
        return super().dist(params, **kwargs)

    def support_point(rv, size, mu, *others):
        batch = rv.shape[:-1] if rv_size_is_none(size) else size
        return pt.alloc(mu, *batch, mu.shape[-1])

    def logp(value, mu, *others):
        """Return the log density of each vector of `value`, of shape (..., n)."""
        factor, variance, scales = (_without_unit_axes(p, ndim) for p, ndim in zip(others, NDIMS[1:]))
        residuals, batch = value - mu, factor.ndim > 2 or variance.ndim > 1 or scales.ndim > 1
        each = batch or residuals.ndim == 1
        columns = residuals[..., None] if each else residuals.reshape((-1, residuals.shape[-1])).T
        density = log_density(ALGEBRA, factor, variance, scales, columns, factor.type.shape)
        return density[..., 0] if each else density.reshape(residuals.shape[:-1], ndim=residuals.ndim - 1)


def check_shape(name, shape, n):
    """Raise ModelGraphError for a shape whose last length is another than `n`; PyMC itself looks at the others."""
    last = shape[-1] if isinstance(shape, tuple | list) and shape else shape
    if isinstance(last, Integral) and n not in (None, last):
        raise ModelGraphError(f"{name}: the shape is {shape}, the parameters have length {n}")


def _without_unit_axes(param, ndim):
    """Return a parameter without the axes of a batch if it is one of one: then one factorisation serves all draws."""
    n_batch = param.ndim - ndim
    return param[(0,) * n_batch] if all(param.type.broadcastable[:n_batch]) else param
