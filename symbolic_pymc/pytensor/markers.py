"""The Ops that say what role an expression plays in a model; each computes its first argument."""

import numpy as np
from pytensor.gradient import DisconnectedType
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.graph.rewriting.basic import node_rewriter
from pytensor.tensor import as_tensor_variable
from pytensor.tensor.rewriting.basic import register_specialize

from symbolic_pymc.errors import ModelGraphError


class Marker(Op):
    """An identity in its first argument (abstract)."""

    __props__ = ()
    view_map = {0: [0]}

    def perform(self, node, inputs, outputs):
        outputs[0][0] = np.asarray(inputs[0], dtype=node.outputs[0].dtype)

    def infer_shape(self, *fgraph_node_shapes):
        return [fgraph_node_shapes[-1][0]]  # older PyTensor passes the graph first

    def L_op(self, inputs, outputs, output_gradients):
        return [output_gradients[0], *(DisconnectedType()() for _ in inputs[1:])]

    pullback = L_op  # the name since PyTensor 3

    def connection_pattern(self, node):
        return [[i == 0] for i, _ in enumerate(node.inputs)]

    def __str__(self):
        return type(self).__name__.lower()


class Observed(Marker):
    """``observed(value, rv)``: the random variable `rv` was seen to be `value`."""

    def make_node(self, value, rv):
        value, rv = as_tensor_variable(value), as_tensor_variable(rv)
        check_observation(value, rv)
        return Apply(self, [value.astype(rv.dtype), rv], [rv.type()])


class Deterministic(Marker):
    """``deterministic(x)``: the value of `x` is a named quantity of the model."""

    def make_node(self, x):
        x = as_tensor_variable(x)
        return Apply(self, [x], [x.type()])


class Potential(Deterministic):
    """``potential(x)``: `x` is a term of the model's log density."""


def check_observation(value, rv):
    """Raise ModelGraphError unless `value` can be a value of `rv`: its shape, and no fractions for integers.

    Axes of length one broadcast, and lengths unknown before evaluation are not judged.
    """
    name = rv.name or rv
    if value.ndim != rv.ndim:
        raise ModelGraphError(
            f"{name}: the observed value has {value.ndim} dimensions, the random variable {rv.ndim}; "
            "give the value the shape of the variable"
        )
    lengths = zip(value.type.shape, rv.type.shape)
    if any(None not in (n, m) and 1 not in (n, m) and n != m for n, m in lengths):
        raise ModelGraphError(
            f"{name}: the observed value has shape {value.type.shape}, the random variable {rv.type.shape}; "
            "give the value the shape of the variable"
        )
    if np.dtype(value.dtype).kind == "f" and np.dtype(rv.dtype).kind in "iub":
        raise ModelGraphError(
            f"{name}: the observed value has dtype {value.dtype}, the random variable is discrete; "
            f"convert the data with .astype({rv.dtype!r})"
        )


@register_specialize("fast_compile")
@node_rewriter([Observed, Deterministic, Potential])
def local_remove_marker(fgraph, node):
    """Replace a marker by its first argument, so that compiled functions hold none."""
    value, output = node.inputs[0], node.outputs[0]
    return [value] if value.type == output.type else [output.type.filter_variable(value)]


observed = Observed()
deterministic = Deterministic()
potential = Potential()
