"""Functions of NumPy as Ops of Theano, for what has no expression in other Ops."""

import numpy as np
import theano.tensor as tt
from theano.graph.basic import Apply
from theano.graph.op import Op


class NumpyOp(Op):
    """An elementwise function of NumPy; it has no gradient.

    Parameters
    ----------
    function : callable
    whole : int
        How many of the first inputs are taken whole, not element by element.
    """

    __props__ = ("function", "whole")

    def __init__(self, function, whole=0):
        self.function, self.whole = function, whole

    def make_node(self, *inputs):
        inputs = [tt.as_tensor_variable(x) for x in inputs]
        ndim = max(x.ndim for x in inputs[self.whole :])
        patterns = [(True,) * (ndim - x.ndim) + x.broadcastable for x in inputs[self.whole :]]
        out = tt.TensorType("float64", [all(axis) for axis in zip(*patterns)])
        return Apply(self, inputs, [out()])

    def perform(self, node, inputs, outputs):
        outputs[0][0] = np.asarray(self.function(*inputs), dtype="float64")
