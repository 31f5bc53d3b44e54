"""The Ops that say what role an expression plays in a model; each computes its first argument."""

import numpy as np
from theano.graph.basic import Apply
from theano.graph.op import Op
from theano.tensor import as_tensor_variable

from symbolic_pymc.errors import ModelGraphError


class Marker(Op):
    """An identity in its first argument (abstract)."""

    __props__ = ()
    view_map = {0: [0]}  # or what works in place would write into the argument

    def perform(self, node, inputs, outputs):
        outputs[0][0] = np.asarray(inputs[0], dtype=node.outputs[0].dtype)

    def infer_shape(self, fgraph, node, shapes):
        return [shapes[0]]

    def __str__(self):
        return type(self).__name__.lower()


class Observed(Marker):
    """``observed(value, rv)``: the random variable `rv` was seen to be `value`."""

    def make_node(self, value, rv):
        value, rv = as_tensor_variable(value), as_tensor_variable(rv)
        if value.ndim != rv.ndim:
            raise ModelGraphError(
                f"{rv.name or rv}: the observed value has {value.ndim} dimensions, the random variable {rv.ndim}; "
                "give the value the shape of the variable"
            )
        return Apply(self, [value, rv], [rv.type()])

    def grad(self, inputs, output_gradients):
        return [output_gradients[0], inputs[1].zeros_like()]


class Deterministic(Marker):
    """``deterministic(x)``: the value of `x` is a named quantity of the model."""

    def make_node(self, x):
        x = as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def grad(self, inputs, output_gradients):
        return output_gradients


class Potential(Deterministic):
    """``potential(x)``: `x` is a term of the model's log density."""


observed = Observed()
deterministic = Deterministic()
potential = Potential()
