"""The graph that holds a model, and kanren relations as Theano optimizers."""

from importlib import import_module

from theano.graph.basic import Constant, graph_inputs
from theano.graph.fg import FunctionGraph as TheanoFunctionGraph


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
