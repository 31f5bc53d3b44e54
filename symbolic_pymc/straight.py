"""Compiled graphs as one call of NumPy after the other.

Where arrays are small, both backends take longer to call an operation than the operation takes: they look at shapes
and types anew every time, and store what is found.
"""

from functools import partial
from operator import itemgetter

import numpy as np


class Straight:
    """A function of a backend as a list of calls; it returns a list of arrays.

    Parameters
    ----------
    function : Function
        As the backend compiled it for Python.
    known : dict of type to callable
        By types of operations what tells the call of NumPy that a node is, or None: `elementwise`, `arranged`, `total`.
        Any other node is computed as the backend computes it.

    Attributes
    ----------
    trust_input : bool
        Whether what it is called with has the types of the inputs.
    """

    def __init__(self, function, known):
        self.maker, self.trust_input = function.maker, False
        graph, given = function.maker.fgraph, function.maker.inputs
        self.types = [x.type for x, one in zip(graph.inputs, given) if not one.shared]
        self.places, self.values = {}, []
        for x in graph.inputs:
            self._place(x)
        self.shared = [(i, function.input_storage[i]) for i, one in enumerate(given) if one.shared]
        self.steps = [self._step(node, known.get(type(node.op))) for node in graph.toposort()]
        self.outputs = [(self._place(x), x.type.dtype) for x in graph.outputs]
        self._forget_early()

    def __call__(self, *inputs):
        if not self.trust_input:
            inputs = [kind.filter(x) for kind, x in zip(self.types, inputs, strict=True)]
        values = self.values.copy()
        values[: len(inputs)] = inputs
        for place, container in self.shared:
            values[place] = container.storage[0]
        for call, ins, outs, last in self.steps:
            found = call(*[values[i] for i in ins])
            if len(outs) == 1:
                values[outs[0]] = found
            else:
                for i, value in zip(outs, found):
                    values[i] = value
            for i in last:
                values[i] = None
        return [np.asarray(values[i], dtype) for i, dtype in self.outputs]

    def _place(self, x, dtype=None):
        """Return where the value of a variable is kept, that of a constant of the given type."""
        value = _value(x)
        dtype = None if value is None else dtype
        if (x, dtype) not in self.places:
            self.places[x, dtype] = len(self.values)
            self.values.append(value if dtype is None else value.astype(dtype))
        return self.places[x, dtype]

    def _step(self, node, find):
        """Return a call, the places of its inputs and outputs, and of what is not needed afterwards."""
        call, dtype = (find and find(node)) or (_Operation(node), None)
        return call, [self._place(x, dtype) for x in node.inputs], [self._place(x) for x in node.outputs], []

    def _forget_early(self):
        kept = {i for i, value in enumerate(self.values) if value is not None} | {i for i, _ in self.outputs}
        for _, ins, _, last in reversed(self.steps):
            last += set(ins) - kept
            kept.update(ins)


class _Operation:
    """A node as its backend computes it, as a function."""

    def __init__(self, node):
        variables = dict.fromkeys([*node.inputs, *node.outputs])
        storage, computed = {x: [None] for x in variables}, {x: [False] for x in variables}
        self.inputs, self.outputs = ([storage[x] for x in part] for part in (node.inputs, node.outputs))
        # a number that is an index stays one: what an array picks is a copy, and nothing that is written there is kept
        self.are_arrays = [hasattr(x.type, "broadcastable") for x in node.inputs]
        self.thunk = node.op.make_thunk(node, storage, computed, list(node.outputs), impl="py")

    def __call__(self, *inputs):
        for storage, value, is_array in zip(self.inputs, inputs, self.are_arrays):
            storage[0] = np.asarray(value) if is_array and isinstance(value, np.generic) else value
        self.thunk()
        found = [storage[0] for storage in self.outputs]
        for storage in (*self.inputs, *self.outputs):
            storage[0] = None
        return found if len(found) > 1 else found[0]


def elementwise(node):
    """Return the function of NumPy that a node is, and the type that its inputs are to have."""
    function, (output,) = node.op.nfunc, node.outputs
    if not (isinstance(function, np.ufunc) or function is np.where) or node.op.nfunc_spec[1] != len(node.inputs):
        return None
    inputs = node.inputs[1:] if function is np.where else node.inputs
    dtype = np.result_type(*[x.type.dtype for x in inputs])
    if any(x.type.dtype != dtype and _value(x) is None for x in inputs):
        return None
    ones = [np.ones(1, dtype) for _ in inputs]
    found = function(True, *ones) if function is np.where else function(*ones)
    return (function, dtype) if found.dtype == output.type.dtype else None


def arranged(node):
    """Return the call of NumPy that gives an array axes of length one, or turns them."""
    order, index = tuple(node.op.shuffle), tuple(None if axis == "x" else slice(None) for axis in node.op.new_order)
    if node.op.drop:
        return None
    return (itemgetter(index) if order == tuple(range(len(order))) else partial(_turned, order, index)), None


def _turned(order, index, x):
    return np.transpose(x, order)[index]


def total(node):
    """Return the call of NumPy that sums over axes."""
    if any(dtype != "float64" for dtype in (node.inputs[0].type.dtype, node.op.acc_dtype, node.outputs[0].type.dtype)):
        return None
    return partial(np.add.reduce, axis=node.op.axis), None


def _value(x):
    """Return what a constant is; None for another variable."""
    return getattr(x, "data", None)
