"""The graph that holds a model, and relations as Theano optimizers."""

from importlib import import_module

import numpy as np
import theano.tensor as tt
from theano.graph.basic import Constant, graph_inputs
from theano.graph.fg import FunctionGraph as TheanoFunctionGraph
from theano.graph.opt import LocalOptimizer
from theano.graph.toolbox import Feature
from theano.tensor.type import TensorType

from symbolic_pymc.applyrelations import RecordKeeper, RelationSub


class FunctionGraph(TheanoFunctionGraph):
    """A Theano graph that may be a whole model.

    Unlike Theano's own, it takes the variables as they are (no clones, so nothing merges and names stay), and
    finds its inputs by itself when none are given.

    Parameters
    ----------
    inputs : sequence of Variable or None
        The roots of the graph; None for every root that is no constant.
    outputs : sequence of Variable
    coords : dict of str to sequence, or None
        Labels along the named dimensions of a model.
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
        return import_module("symbolic_pymc.theano.printing").tt_tprint(self)


class _RecordKeeper(RecordKeeper, Feature):
    """Keeps records of the variables of a Theano graph."""


class KanrenRelationSub(RelationSub, LocalOptimizer):
    """A relation as a local optimizer of Theano; see `symbolic_pymc.applyrelations.RelationSub`."""

    keeper, constant, own_graph = _RecordKeeper, Constant, FunctionGraph

    @staticmethod
    def of_type(variable, type_):
        """Return `variable` as one of another type, or None when it can be none."""
        if variable.type == type_:
            return variable
        if not isinstance(type_, TensorType) or not isinstance(variable.type, TensorType):
            return None
        if variable.ndim != type_.ndim or not np.can_cast(variable.dtype, type_.dtype, "same_kind"):
            return None
        variable = tt.cast(variable, type_.dtype)
        if variable.type == type_:
            return variable
        # what `tensor.patternbroadcast` does, which fails on results of elementwise Ops
        return tt.Rebroadcast(*enumerate(type_.broadcastable))(variable)
