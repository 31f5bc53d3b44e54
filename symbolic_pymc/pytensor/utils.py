"""PyTensor's own rewrites for graphs of models, and whether two graphs are the same."""

from functools import partial

import pytensor
from pytensor.graph.rewriting.basic import EquilibriumGraphRewriter, GraphRewriter, NodeRewriter
from pytensor.graph.rewriting.utils import rewrite_graph

from symbolic_pymc import applyrewriting
from symbolic_pymc.compare import graph_equal, meta_diff
from symbolic_pymc.pytensor.markers import Marker
from symbolic_pymc.pytensor.meta import BACKEND

__all__ = ["canonicalize", "graph_equal", "meta_diff", "optimize_graph"]


def canonicalize(graph, in_place=True, return_graph=None):
    """Apply PyTensor's canonicalizations to the mathematics of a graph.

    Draws never merge, nor does what markers mark: to the rewriting each of them is an input of its own. Names
    and notes, inputs, coords and the name of the model stay.

    Parameters
    ----------
    graph : FunctionGraph or Variable
    in_place : bool
        Whether to change a FunctionGraph itself. A graph variable is never changed.
    return_graph : bool or None
        Whether to return the FunctionGraph rather than its outputs (one variable, or a list when there are
        several); None for what `graph` is.

    Returns
    -------
    FunctionGraph, Variable or list of Variable

    Raises
    ------
    ConversionError
        For anything else.
    """
    fgraph = applyrewriting.canonicalize(REWRITING, graph, in_place)
    return applyrewriting.result(REWRITING, graph, fgraph, return_graph)


def optimize_graph(graph, *rewrites, return_graph=None, in_place=False):
    """Apply rewrites to a graph, one after the other.

    The rewrites see the random variables and may change them; for algebra under them see `canonicalize`.

    Parameters
    ----------
    graph : FunctionGraph or Variable
    *rewrites : GraphRewriter or NodeRewriter
        A NodeRewriter is applied until nothing changes, at most ten times as often as the graph has nodes.
    return_graph, in_place
        As for `canonicalize`.

    Returns
    -------
    FunctionGraph, Variable or list of Variable

    Raises
    ------
    ConversionError
        For a `graph` that is neither, or a rewrite that is no PyTensor rewriter.
    NonTerminationError
        For a NodeRewriter that always finds something more to change.
    """
    fgraph = applyrewriting.optimize_graph(REWRITING, graph, rewrites, in_place)
    return applyrewriting.result(REWRITING, graph, fgraph, return_graph)


REWRITING = applyrewriting.Rewriting(
    graph=BACKEND,
    marker=Marker,
    simplify=partial(rewrite_graph, include=("canonicalize", "merge")),
    whole=GraphRewriter,
    local=NodeRewriter,
    equilibrium=EquilibriumGraphRewriter,
    config=pytensor.config,
)
