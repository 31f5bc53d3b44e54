"""The graph that holds a model."""

from pytensor.graph.basic import Constant
from pytensor.graph.fg import FunctionGraph as PyTensorFunctionGraph

try:
    from pytensor.graph.traversal import graph_inputs
except ImportError:  # PyTensor before 2.34
    from pytensor.graph.basic import graph_inputs


class FunctionGraph(PyTensorFunctionGraph):
    """A PyTensor graph that may be a whole model.

    Unlike PyTensor's own, it takes the variables as they are (no clones, so nothing merges and names stay), and
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
