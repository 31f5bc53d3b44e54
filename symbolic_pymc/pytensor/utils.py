"""PyTensor's own rewrites for graphs of models: what is drawn stays drawn, once per draw."""

from pytensor.graph.basic import Constant, Variable
from pytensor.graph.fg import FunctionGraph as PyTensorFunctionGraph
from pytensor.graph.rewriting.basic import EquilibriumGraphRewriter, GraphRewriter, NodeRewriter
from pytensor.graph.rewriting.utils import rewrite_graph

from symbolic_pymc.errors import ConversionError
from symbolic_pymc.pytensor.copying import copy_graph, copy_node, is_draw
from symbolic_pymc.pytensor.markers import Marker
from symbolic_pymc.pytensor.opt import FunctionGraph, graph_inputs
from symbolic_pymc.pytensor.random_variables import is_generator
from symbolic_pymc.pytensor.to_model import outputs_of


def canonicalize(graph, in_place=True):
    """Apply PyTensor's canonicalizations to the mathematics of a graph.

    Draws never merge, nor does what markers mark: to the rewriting each of them is an input of its own. Names
    and notes, inputs, coords and the name of the model stay.

    Parameters
    ----------
    graph : FunctionGraph or Variable
    in_place : bool
        Whether to change a FunctionGraph itself. A graph variable is never changed.

    Returns
    -------
    FunctionGraph or Variable
        What `graph` is: `graph` itself when it was changed.

    Raises
    ------
    ConversionError
        For anything else.
    """
    fgraph = graph if in_place and isinstance(graph, PyTensorFunctionGraph) else copy_of(graph)
    fixed = [node for node in fgraph.toposort() if _is_fixed(node)]
    kept = {*fgraph.inputs, *(v for node in fixed for v in node.outputs)}
    free = {v: None for v in (*(i for node in fixed for i in node.inputs), *fgraph.outputs)}
    olds = [v for v in free if v.owner is not None and v not in kept]
    for old, new in zip(olds, _canonical(olds, kept)):
        if new.name is None and new.owner is not None:
            new.name = old.name
        fgraph.replace(old, new, import_missing=True)
    return fgraph if isinstance(graph, PyTensorFunctionGraph) else fgraph.outputs[0]


def optimize_graph(graph, *rewrites, return_graph=None):
    """Apply rewrites to a copy of a graph, one after the other.

    The rewrites see the random variables and may change them; for algebra under them see `canonicalize`.

    Parameters
    ----------
    graph : FunctionGraph or Variable
    *rewrites : GraphRewriter or NodeRewriter
        A NodeRewriter is applied until nothing changes, at most ten times as often as the graph has nodes.
    return_graph : bool or None
        Whether to return the FunctionGraph rather than its outputs (one variable, or a list when there are
        several); None for what `graph` is.

    Returns
    -------
    FunctionGraph, Variable or list of Variable

    Raises
    ------
    ConversionError
        For a `graph` that is neither, or a rewrite that is no PyTensor rewriter.
    """
    fgraph = copy_of(graph)
    for rewrite in rewrites:
        _rewriter(rewrite).rewrite(fgraph)
    if isinstance(graph, PyTensorFunctionGraph) if return_graph is None else return_graph:
        return fgraph
    return fgraph.outputs[0] if len(fgraph.outputs) == 1 else list(fgraph.outputs)


def copy_of(graph):
    """Return a copy of a FunctionGraph, or of the graph of a variable; the inputs are the same objects."""
    if not isinstance(graph, PyTensorFunctionGraph | Variable):
        raise ConversionError(f"expected a PyTensor FunctionGraph or variable, got {type(graph).__name__}")
    outputs = outputs_of(graph)
    inputs = graph.inputs if isinstance(graph, PyTensorFunctionGraph) else list(graph_inputs(outputs))
    memo = {v: v for v in inputs}
    copy_graph(outputs, memo, copy_node)
    return FunctionGraph(
        [v for v in inputs if not isinstance(v, Constant)],
        [memo.get(v, v) for v in outputs],
        coords=getattr(graph, "coords", None),
        model_name=getattr(graph, "model_name", ""),
    )


def _rewriter(rewrite):
    if isinstance(rewrite, GraphRewriter):
        return rewrite
    if isinstance(rewrite, NodeRewriter):
        return EquilibriumGraphRewriter([rewrite], max_use_ratio=10)
    raise ConversionError(f"{rewrite!r} is no PyTensor rewriter; decorate the function with node_rewriter")


def _is_fixed(node):
    """Tell whether a node has an identity of its own: it marks, or it draws in some way."""
    draws = any(map(is_draw, node.outputs)) or any(map(is_generator, node.inputs))
    return draws or isinstance(node.op, Marker)


def _canonical(variables, kept):
    """Return the canonical forms of some variables, in which `kept` ones stand as they are."""
    stand_ins = {v: v.type(name=v.name) if v.owner is not None else v for v in kept}
    memo, back = dict(stand_ins), {new: old for old, new in stand_ins.items()}
    copy_graph(variables, memo, copy_node)
    scratch = PyTensorFunctionGraph(outputs=[memo[v] for v in variables], clone=False)
    rewrite_graph(scratch, include=("canonicalize", "merge"))
    copy_graph(scratch.outputs, back, copy_node)
    return [back.get(v, v) for v in scratch.outputs]
