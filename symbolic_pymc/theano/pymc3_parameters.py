"""How a PyMC3 distribution stands in a graph: its Op, and its parameters as the user gave them."""

from typing import NamedTuple

import numpy as np
import pymc3 as pm
import theano
import theano.tensor as tt
from theano.graph.basic import Constant
from theano.tensor.elemwise import CAReduce, DimShuffle, Elemwise
from theano.tensor.random.op import RandomVariable

from symbolic_pymc.theano.known import (
    batch_shape,
    constant_value,
    is_elemwise,
    op_of,
    shape_of,
    without_dimshuffle,
)
from symbolic_pymc.theano.opaque import opaque_op
from symbolic_pymc.theano.pymc3_distributions import PYMC3_CLASSES
from symbolic_pymc.theano.pymc3_transforms import transform_has_parents
from symbolic_pymc.theano.random_variables import DISTRIBUTIONS, LowRankMvNormalRV, MarkovChainRV, MatrixNormalRV

NEUTRAL_NAMES = {cls: name for name, cls in PYMC3_CLASSES.items()} | {pm.Wishart: "wishart"}


def _without_one(variable):
    """Return x for the 1.0 * x that PyMC3 makes of a scale."""
    if is_elemwise(variable, theano.scalar.mul) and len(variable.owner.inputs) == 2:
        one, x = variable.owner.inputs
        if constant_value(one) == 1 and x.type == variable.type:
            return x
    return variable


def _without_floor(bound):
    """Return x for the cast(floor(x)) that PyMC3 makes of a discrete bound."""
    cast = op_of(bound)
    if isinstance(cast, Elemwise) and isinstance(cast.scalar_op, theano.scalar.Cast):
        floor = bound.owner.inputs[0]
        return floor.owner.inputs[0] if is_elemwise(floor, theano.scalar.floor) else bound
    return bound


def _without_padding(variable, dist):
    """Return x for the padding that PyMC3 gives the parameters of a batch of counts."""
    padded = len(dist.shape) > 1 and isinstance(op_of(variable), DimShuffle)
    return variable.owner.inputs[0] if padded else variable


def _without_sum(p):
    """Return p for p / sum(p)."""
    if is_elemwise(p, theano.scalar.true_div):
        raw, total = p.owner.inputs[0], without_dimshuffle(p.owner.inputs[1])
        if isinstance(op_of(total), CAReduce) and total.owner.inputs[0] is raw:
            return raw
    return p


def _covariance(dist):
    """Return the covariance matrix, however it was given."""
    if dist._cov_type == "tau":
        return tt.nlinalg.matrix_inverse(dist.tau)
    if dist._cov_type == "chol":
        return tt.dot(dist.chol_cov, dist.chol_cov.T)
    return dist.cov


def _location(dist):
    """Return the mean vector, of full length where it was given as a number."""
    mu = tt.as_tensor_variable(dist.mu)
    if mu.ndim > 0:
        return mu
    length = int(dist.shape[-1])
    return np.full(length, mu.data) if isinstance(mu, Constant) else tt.alloc(mu, length)


def _matrix(dist):
    """Return the mean of a random matrix, of full shape where it was given as less."""
    mu = tt.as_tensor_variable(dist.mu)
    if mu.ndim == 2:
        return mu
    return np.broadcast_to(mu.data, dist.shape) if isinstance(mu, Constant) else tt.zeros(dist.shape) + mu


def _zero(dist):
    return np.float64(0.0)


_READ = {
    ("halfcauchy", "loc"): _zero,
    ("halfnormal", "loc"): _zero,
    ("mvnormal", "mu"): _location,
    ("mvnormal", "cov"): _covariance,
    ("mvstudentt", "mu"): _location,
    ("mvstudentt", "cov"): _covariance,
    ("matrixnormal", "mu"): _matrix,
    ("matrixnormal", "rowchol"): lambda dist: dist.rowchol_cov,
    ("matrixnormal", "colchol"): lambda dist: dist.colchol_cov,
    ("discreteuniform", "lower"): lambda dist: _without_floor(dist.lower),
    ("discreteuniform", "upper"): lambda dist: _without_floor(dist.upper),
    ("multinomial", "n"): lambda dist: _without_padding(dist.n, dist),
    ("multinomial", "p"): lambda dist: _without_sum(_without_padding(dist.p, dist)),
    ("dirichletmultinomial", "n"): lambda dist: _without_padding(dist.n, dist),
    ("dirichletmultinomial", "a"): lambda dist: _without_padding(dist.a, dist),
}


def native_parameters(dist, name):
    """Return the parameters of a PyMC3 distribution of the table by name, as its Op takes them."""
    return {param: _read(dist, name, param) for param in DISTRIBUTIONS[name].params}


_COUNTS = {"n", "N", "k", "c"}  # and the bounds of a DiscreteUniform


def _read(dist, name, param):
    read = _READ.get((name, param))
    variable = _without_one(tt.as_tensor_variable(read(dist) if read else getattr(dist, param)))
    count = param in _COUNTS or name == "discreteuniform"
    if isinstance(variable, Constant) and not count and variable.dtype != theano.config.floatX:
        return tt.as_tensor_variable(variable.data.astype(theano.config.floatX))
    return variable


def _axes_of(op, core):
    """Return for each parameter the first lengths that it has where a draw is of the shape `core`."""
    if op is MatrixNormalRV:
        rows, columns = core
        return core, (rows, rows), (columns, columns)
    if op is LowRankMvNormalRV:
        # a variance may stand for all, and there is a scale for every column
        return core, core, (), ()
    if op is MarkovChainRV:
        # there is a matrix for every element
        return (), core
    # a factor has as many rows as a draw has axes, and columns of its own
    return [core if n else () for n in op.ndims_params] if op.ndim_supp else [()] * len(op.ndims_params)


class Travel(NamedTuple):
    """How a distribution stands in a graph: Op, parameters, repetitions, and how it was parametrised."""

    op: RandomVariable
    params: list
    size: tuple
    extras: tuple = ()


def _size(op, params, shape):
    """Return the repetitions with which `op` draws an array of `shape`; None when it never does."""
    batch, core = shape[: len(shape) - op.ndim_supp], shape[len(shape) - op.ndim_supp :]
    known = []
    for s, n, axes in zip(map(shape_of, params), op.ndims_params, _axes_of(op, core)):
        if s is not None:
            if len(s) < n or s[len(s) - n :][: len(axes)] != axes:
                return None
            known.append((s, n))
    try:
        own = batch_shape(*zip(*known)) if known else ()
        total = np.broadcast_shapes(own, batch)
    except ValueError:
        return None
    if own == batch:
        return ()
    if total != batch:
        return None
    if op.ndim_supp == 0:
        return batch
    return batch[: len(batch) - len(own)] if batch[len(batch) - len(own) :] == own else None


def travel(dist, shape, stop=frozenset()):
    """Return how a PyMC3 distribution stands in a graph.

    Parameters
    ----------
    dist : pymc3.Distribution
    shape : tuple of int
        The shape of the variable, which for an observed one is that of its data.
    stop : set of Variable
        The model's variables.
    """
    name = NEUTRAL_NAMES.get(type(dist))
    shape = tuple(int(n) for n in shape)
    if name is not None and not transform_has_parents(dist) and "logp" not in vars(dist):
        row = DISTRIBUTIONS[name]
        params = [*native_parameters(dist, name).values()]
        dtype = theano.config.floatX if row.op.dtype == "floatX" else row.op.dtype
        size = _size(row.op, params, shape)
        if size is not None and dtype == str(dist.dtype):
            return Travel(row.op, params, size, _extras(dist))
    op, params = opaque_op(dist, shape, stop)
    return Travel(op, params, ())


def _extras(dist):
    if getattr(dist, "_cov_type", None) == "chol":
        return (("given", "chol"),)
    if getattr(dist, "_is_logit", False):
        return (("given", "logit_p"),)
    return ()
