"""Copies of nodes in which every draw has a generator of its own."""

from functools import partial, reduce

import numpy as np
from pymc.distributions.distribution import SymbolicRandomVariable
from pytensor.graph.basic import Constant
from pytensor.scalar import Second
from pytensor.scan.op import Scan
from pytensor.tensor import cast, dmatrix, linalg, matmul, swapaxes
from pytensor.tensor.blockwise import Blockwise
from pytensor.tensor.elemwise import DimShuffle, Elemwise
from pytensor.tensor.random.op import RandomVariable
from pytensor.tensor.subtensor import Subtensor
from pytensor.tensor.type import TensorType

from symbolic_pymc.pytensor.inflated import COUNTS, mixture_of
from symbolic_pymc.pytensor.opt import io_toposort
from symbolic_pymc.pytensor.random_variables import (
    WRAPPED,
    as_parameter,
    fresh_rng,
    is_generator,
    make_rv,
    row_of,
)


def is_draw(variable):
    """Tell whether a variable is what a RandomVariable, or one that PyMC made of several, draws."""
    random = isinstance(_op_of(variable), RandomVariable | SymbolicRandomVariable)
    return random and not is_generator(variable)


def is_trace(variable):
    """Tell whether a variable is what a Scan draws, step by step, with or without its initial values."""
    if isinstance(_op_of(variable), Subtensor):
        variable = variable.owner.inputs[0]
    random = isinstance(_op_of(variable), Scan) and any(map(is_generator, variable.owner.inputs))
    return random and not is_generator(variable)


def _op_of(variable):
    return None if variable.owner is None else variable.owner.op


def copy_graph(outputs, memo, copy_node):
    """Copy what `memo` does not hold yet of the graph of `outputs`, into `memo`; roots stay the same objects.

    Parameters
    ----------
    outputs : iterable of Variable
    memo : dict of Variable to Variable
        Changed in place.
    copy_node : function
        Given a node and its new inputs it returns the new outputs. Generators that stand at the roots of the
        graph, and not in `memo`, are replaced before, use by use.
    """
    for node in io_toposort((), list(outputs)):
        if not any(v in memo for v in node.outputs):
            inputs = [_new_input(i, memo) for i in node.inputs]
            memo.update(zip(node.outputs, copy_node(node, inputs)))


def _new_input(variable, memo):
    if variable in memo:
        return memo[variable]
    return fresh_rng() if variable.owner is None and is_generator(variable) else variable


def copy_node(node, inputs):
    """Return the outputs of a copy of `node` at other inputs of the same types."""
    return node.clone_with_new_inputs(inputs).outputs


def without_fill(param):
    """Return what a parameter is filled with, where the filling adds nothing but a check of lengths."""
    inner, shuffles = _below_shuffles(param)
    op = _op_of(inner)
    if not isinstance(op, Elemwise) or not isinstance(op.scalar_op, Second):
        return param
    filling = inner.owner.inputs[1]
    return _shuffled(filling, shuffles) if filling.type == inner.type else param


def rebuild_draw(node, inputs):
    """Return the outputs of a draw at inputs that may have other dtypes; names and tags stay."""
    if all(new.type == old.type for new, old in zip(inputs, node.inputs)):
        return copy_node(node, inputs)
    outputs = node.op.make_node(*inputs).outputs
    for old, new in zip(node.outputs, outputs):
        new.name = old.name
        new.tag.__dict__.update(old.tag.__dict__)
    return outputs


# Constants in double precision ----------------------------------------------------------------------------


def widen(param):
    """Return a constant parameter in double precision, and anything else as it is.

    PyTensor keeps a 12 in eight bits, where its square is -112.
    """
    constant, shuffles = constant_of(param)
    if constant is None or constant.dtype == "float64" or constant.data.dtype.kind not in "iuf":
        return param
    return _shuffled(as_parameter(constant.data.astype("float64")), shuffles)


def is_widened(param, original):
    """Tell whether `param` is the constant `original` in some precision."""
    (a, _), (b, _) = constant_of(param), constant_of(original)
    if a is None or b is None or param.type.shape != original.type.shape:
        return False
    return np.array_equal(a.data, b.data)


def constant_of(param):
    """Return the constant under dimension shuffles (or None), and these Ops from the inside out."""
    inner, shuffles = _below_shuffles(param)
    return (inner, shuffles) if isinstance(inner, Constant) else (None, shuffles)


def _below_shuffles(variable):
    """Return what is under dimension shuffles, and these Ops from the inside out."""
    shuffles = []
    while isinstance(_op_of(variable), DimShuffle):
        shuffles.insert(0, variable.owner.op)
        variable = variable.owner.inputs[0]
    return variable, shuffles


def _shuffled(variable, shuffles):
    return reduce(lambda x, op: op(x), shuffles, variable)


# Distributions that PyMC hides in a graph -----------------------------------------------------------------


_CHOLESKY = type(linalg.cholesky(dmatrix()).owner.op.core_op)


def _same(param):
    return param


def _product_of_factor(factor):
    """Return the matrix that a Cholesky factor is of."""
    op = _op_of(factor)
    if isinstance(op, Blockwise) and isinstance(op.core_op, _CHOLESKY):
        return factor.owner.inputs[0]
    return matmul(factor, swapaxes(factor, -1, -2))


def _whole_number(param):
    return param if param.dtype.startswith("int") else cast(param, "int64")


# What PyMC has in the place of a parameter, and what it takes for it
_READ = {("wishart", "V"): _product_of_factor}
_WRITE = {("wishart", "nu"): _whole_number}


def unwrap_draw(outputs):
    """Return the outputs of the plain random variable for those of a node that PyMC wraps.

    They are the same where a static shape would get lost.
    """
    node = outputs[-1].owner
    (rng,), size, params = node.op.rng_params(node), node.op.size_param(node), node.op.dist_params(node)
    size = None if isinstance(size.type, TensorType) and size.type.shape == (0,) else size
    row = WRAPPED[type(node.op)]
    params = [_READ.get((row.op.name, name), _same)(p) for name, p in zip(row.params, params)]
    draw = make_rv(row.op, params, size=size, rng=rng, name=outputs[-1].name)
    return draw.owner.outputs if draw.type == outputs[-1].type else outputs


def wrap_draw(node, params, size):
    """Return the outputs of PyMC's own wrapped random variable for those of a plain one."""
    row = row_of(node.op)
    params = [_WRITE.get((row.op.name, name), _same)(p) for name, p in zip(row.params, params)]
    plain = partial(row.wrapped.dist, **dict(zip(row.names, params)))
    draw = mixture_of(row, params, size) if row in COUNTS else plain(size=size)
    draw.name = node.outputs[-1].name
    return draw.owner.outputs
