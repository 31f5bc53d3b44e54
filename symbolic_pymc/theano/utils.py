"""Theano's own optimizations for graphs of models, and whether two graphs are the same."""

import theano
from theano.compile.mode import optdb
from theano.graph.op import compute_test_value
from theano.graph.opt import EquilibriumOptimizer, GlobalOptimizer, LocalOptimizer
from theano.graph.optdb import Query

from symbolic_pymc import applyrewriting
from symbolic_pymc.compare import graph_equal, meta_diff
from symbolic_pymc.theano.markers import Marker
from symbolic_pymc.theano.meta import BACKEND

__all__ = ["canonicalize", "graph_equal", "meta_diff", "optimize_graph"]


def canonicalize(graph, in_place=True, return_graph=None):
    """Apply Theano's canonicalizations to the mathematics of a graph.

    Draws never merge, nor does what markers mark: to the optimizers each of them is an input of its own.
    Names and notes, inputs, coords and the name of the model stay.

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
    with theano.config.change_flags(compute_test_value="off"):
        fgraph = applyrewriting.canonicalize(REWRITING, graph, in_place)
    _compute_test_values(fgraph)
    return applyrewriting.result(REWRITING, graph, fgraph, return_graph)


def optimize_graph(graph, *optimizations, return_graph=None, in_place=False):
    """Apply optimizations to a graph, one after the other.

    They see the random variables and may change them; for algebra beside them see `canonicalize`.

    Parameters
    ----------
    graph : FunctionGraph or Variable
    *optimizations : GlobalOptimizer or LocalOptimizer
        A LocalOptimizer is applied until nothing changes, at most ten times as often as the graph has nodes.
    return_graph, in_place
        As for `canonicalize`.

    Returns
    -------
    FunctionGraph, Variable or list of Variable

    Raises
    ------
    ConversionError
        For a `graph` that is neither, or an optimization that is no Theano optimizer.
    NonTerminationError
        For a LocalOptimizer that always finds something more to change.
    """
    fgraph = applyrewriting.optimize_graph(REWRITING, graph, optimizations, in_place)
    return applyrewriting.result(REWRITING, graph, fgraph, return_graph)


def _compute_test_values(fgraph):
    """Compute the test values that are missing, as far as inputs have them, when Theano is asked for any."""
    if theano.config.compute_test_value == "off":
        return
    with BACKEND.build_context():
        for node in fgraph.toposort():
            if any("test_value" not in v.tag.__dict__ for v in node.outputs):
                compute_test_value(node)


REWRITING = applyrewriting.Rewriting(
    graph=BACKEND,
    marker=Marker,
    simplify=optdb.query(Query(include=["canonicalize", "merge"])),
    whole=GlobalOptimizer,
    local=LocalOptimizer,
    equilibrium=EquilibriumOptimizer,
    config=theano.config,
)
