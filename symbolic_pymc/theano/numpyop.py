"""Functions of NumPy as Ops of Theano, for what has no expression in other Ops."""

import numpy as np
import theano.tensor as tt
from theano.graph.basic import Apply
from theano.graph.op import Op


class NumpyOp(Op):
    """An elementwise function of NumPy.

    Parameters
    ----------
    function : callable
    whole : int
        How many of the first inputs are taken whole, not element by element.
    slopes : callable, optional
        ``slopes(theano.tensor, output, *inputs)`` returns the derivatives by the inputs, all of one shape; without it
        there is no gradient.
    """

    __props__ = ("function", "whole", "slopes")

    def __init__(self, function, whole=0, slopes=None):
        self.function, self.whole, self.slopes = function, whole, slopes

    def make_node(self, *inputs):
        inputs = [tt.as_tensor_variable(x) for x in inputs]
        ndim = max(x.ndim for x in inputs[self.whole :])
        patterns = [(True,) * (ndim - x.ndim) + x.broadcastable for x in inputs[self.whole :]]
        out = tt.TensorType("float64", [all(axis) for axis in zip(*patterns)])
        return Apply(self, inputs, [out()])

    def perform(self, node, inputs, outputs):
        outputs[0][0] = np.array(self.function(*inputs), dtype="float64")  # a copy: it may give back an argument

    def grad(self, inputs, gradients):
        if self.slopes is None:
            return super().grad(inputs, gradients)
        (gradient,) = gradients
        return [gradient * slope for slope in self.slopes(tt, self(*inputs), *inputs)]
