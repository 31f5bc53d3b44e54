"""The graph that holds a model, and relations as PyTensor rewriters."""

from importlib import import_module

import numpy as np
from pytensor.graph.basic import Constant
from pytensor.graph.features import Feature
from pytensor.graph.fg import FunctionGraph as PyTensorFunctionGraph
from pytensor.graph.rewriting.basic import NodeRewriter
from pytensor.tensor import cast
from pytensor.tensor.type import TensorType

from symbolic_pymc.applyrelations import RecordKeeper, RelationSub

try:
    from pytensor.graph.traversal import ancestors, graph_inputs, io_toposort
except ImportError:  # PyTensor before 2.34
    from pytensor.graph.basic import ancestors, graph_inputs, io_toposort

__all__ = ["Coords", "FunctionGraph", "KanrenRelationSub", "ancestors", "graph_inputs", "io_toposort"]


class Coords(dict):
    """The coords of a PyMC model (labels by name of dimension), and what else belongs to a model as a whole.

    It may have something to say without any label: compare it with None, for an empty dict is false.

    Attributes
    ----------
    lengths : dict of str to Variable
        Symbolic lengths of dimensions, as far as no random variable is needed to say them.
    data : dict of Variable to (tuple of str, or None)
        The `pm.Data` variables of the model, used or not, and their dims.
    check_bounds : bool
        Whether compiled log densities check the parameters.
    """

    def __init__(self, labels=(), lengths=(), data=(), check_bounds=True):
        super().__init__(labels)
        self.lengths = dict(lengths)
        self.data = dict(data)
        self.check_bounds = check_bounds


class FunctionGraph(PyTensorFunctionGraph):
    """A PyTensor graph that may be a whole model.

    Unlike PyTensor's own, it takes the variables as they are (no clones, so nothing merges and names stay),
    and finds its inputs by itself when none are given.

    Parameters
    ----------
    inputs : sequence of Variable or None
        The roots of the graph; None for every root that is no constant.
    outputs : sequence of Variable
    coords : dict of str to sequence, or None
        Labels along the named dimensions of a model; a `Coords` when the graph came from a PyMC model.
    model_name : str
    """

    def __init__(self, inputs, outputs, clone=False, coords=None, model_name="", **kwargs):
        outputs = list(outputs)
        if inputs is None:
            inputs = [v for v in graph_inputs(outputs) if not isinstance(v, Constant)]
        self.coords = coords
        self.model_name = model_name
        super().__init__(list(inputs), outputs, clone=clone, **kwargs)

    def _repr_latex_(self):
        return import_module("symbolic_pymc.pytensor.printing").tt_tprint(self)


class _RecordKeeper(RecordKeeper, Feature):
    """Keeps records of the variables of a PyTensor graph."""


class KanrenRelationSub(RelationSub, NodeRewriter):
    """A relation as a node rewriter of PyTensor; see `symbolic_pymc.applyrelations.RelationSub`."""

    keeper, constant, own_graph = _RecordKeeper, Constant, FunctionGraph

    @staticmethod
    def of_type(variable, type_):
        """Return `variable` as one of another type, or None when it can be none."""
        if variable.type == type_:
            return variable
        if not isinstance(type_, TensorType) or not isinstance(variable.type, TensorType):
            return None
        if not np.can_cast(variable.dtype, type_.dtype, "same_kind"):
            return None
        try:
            return type_.filter_variable(cast(variable, type_.dtype), allow_convert=True)
        except TypeError:
            return None
