"""What is known of a Theano variable without computing it."""

import numpy as np
from theano import function
from theano.compile import Mode
from theano.graph.basic import Constant, graph_inputs
from theano.graph.utils import TestValueError
from theano.tensor.elemwise import DimShuffle, Elemwise
from theano.tensor.sharedvar import SharedVariable


def op_of(variable):
    """Return the Op that computes `variable`; None for a root."""
    return variable.owner and variable.owner.op


def is_elemwise(variable, scalar_op):
    """Is `variable` computed by the elementwise `scalar_op`?"""
    op = op_of(variable)
    return isinstance(op, Elemwise) and op.scalar_op == scalar_op


def without_dimshuffle(variable):
    """Return what `variable` has the entries of."""
    while isinstance(op_of(variable), DimShuffle):
        variable = variable.owner.inputs[0]
    return variable


def constant_value(variable):
    """Return the number that `variable` always is, or None."""
    variable = without_dimshuffle(variable)
    if isinstance(variable, Constant) and np.size(variable.data) == 1:
        return float(np.ravel(variable.data)[0])
    return None


def constant_array(variable):
    """Return the array that an expression of constants is, or None for another expression."""
    if isinstance(variable, Constant):
        return variable.data
    if not all(isinstance(root, Constant) for root in graph_inputs([variable])):
        return None
    return function([], variable, mode=Mode("py", None))()


def shape_of(variable):
    """Return the static shape of a variable, from its value or its test value; None when it has neither."""
    if isinstance(variable, Constant):
        return np.shape(variable.data)
    if isinstance(variable, SharedVariable):
        return np.shape(variable.get_value(borrow=True))
    try:
        return np.shape(variable.get_test_value())
    except TestValueError:
        return None


def batch_shape(shapes, ndims_params):
    """Return the shape that parameters have in common, beside the dimensions of one draw."""
    return np.broadcast_shapes(*(s[: len(s) - n] for s, n in zip(shapes, ndims_params)))
