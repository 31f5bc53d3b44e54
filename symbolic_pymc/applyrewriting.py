"""Rewriting of graphs by their backend's own optimizers: what is drawn stays drawn, once per draw."""

from dataclasses import dataclass
from typing import Any, Callable

from symbolic_pymc.applygraph import ApplyGraph
from symbolic_pymc.errors import ConversionError, ModelGraphError, NonTerminationError

MAX_USE_RATIO = 10


@dataclass(frozen=True, eq=False)
class Rewriting:
    """How one backend rewrites its graphs.

    graph : its `ApplyGraph`; marker : the type of the Ops that mark a variable's role in a model;
    simplify : applies the standard canonicalizations to a FunctionGraph of pure mathematics, in place;
    whole, local : the types of its optimizers of whole graphs and of single nodes;
    equilibrium : the optimizer that applies local ones until nothing changes; config : its configuration.
    """

    graph: ApplyGraph
    marker: type
    simplify: Callable
    whole: type
    local: type
    equilibrium: Callable
    config: Any


def canonicalize(r, graph, in_place):
    """Return a FunctionGraph with the mathematics of `graph` in canonical form; see a backend's ``utils``."""
    fgraph = _working_graph(r.graph, graph, in_place)
    fixed = [node for node in fgraph.toposort() if _has_identity(r, node)]
    kept = {*fgraph.inputs, *(v for node in fixed for v in node.outputs)}
    ends = dict.fromkeys([*(i for node in fixed for i in node.inputs), *fgraph.outputs])
    olds = [v for v in ends if v.owner is not None and v not in kept]
    for old, new in zip(olds, _simplified(r, olds, kept)):
        if new.name is None and new.owner is not None and new not in kept:
            new.name = old.name
        fgraph.replace(old, new)
    return fgraph


def optimize_graph(r, graph, rewrites, in_place):
    """Return a FunctionGraph to which optimizers were applied in turn; see a backend's ``utils``."""
    rewrites = [_of_whole_graphs(r, x) for x in rewrites]
    fgraph = _working_graph(r.graph, graph, in_place)
    for rewrite in rewrites:
        try:
            with r.config.change_flags(on_opt_error="raise"):
                rewrite(fgraph)
        except AssertionError as error:
            if "max'ed out" not in str(error):
                raise
            raise NonTerminationError(
                f"applied {MAX_USE_RATIO} times as often as the graph has nodes, the optimizer found no end: "
                f"{error}; the graph reached so far is in the attribute `last`",
                fgraph,
            ) from error
    return fgraph


def result(r, graph, fgraph, return_graph):
    """Return what a rewrite of `graph` into `fgraph` is asked to return."""
    if isinstance(graph, r.graph.base_graph) if return_graph is None else return_graph:
        return fgraph
    return fgraph.outputs[0] if len(fgraph.outputs) == 1 else list(fgraph.outputs)


def copied(variables, memo, stop=frozenset()):
    """Return copies of variables and of all that computes them; roots, and what is in `stop`, stay the same.

    Parameters
    ----------
    variables : sequence of Variable
    memo : dict of Variable to Variable
        What stands for what; it is extended.
    stop : container of Variable

    Raises
    ------
    ModelGraphError
        For a graph with a cycle.
    """
    opened, stack = set(), list(variables)
    while stack:
        v = stack[-1]
        if v in memo:
            stack.pop()
        elif v.owner is None or v in stop:
            memo[v] = v
        elif pending := [i for i in v.owner.inputs if i not in memo]:
            if v in opened:
                raise ModelGraphError(f"{v}: the variable depends on itself; a graph has no cycles")
            opened.add(v)
            stack.extend(pending)
        else:
            node = v.owner.clone_with_new_inputs([memo[i] for i in v.owner.inputs])
            memo.update(zip(v.owner.outputs, node.outputs))
    return [memo[v] for v in variables]


def _working_graph(g, graph, in_place):
    """Return the FunctionGraph to change: `graph` itself, or a copy over the same inputs and generators."""
    if not isinstance(graph, (g.base_graph, g.variable)):
        raise ConversionError(
            f"expected a FunctionGraph or a variable, got {type(graph).__name__}; "
            "make a FunctionGraph of several variables"
        )
    whole = isinstance(graph, g.base_graph)
    if whole and in_place:
        return graph
    return g.graph(
        graph.inputs if whole else None,
        copied(graph.outputs if whole else [graph], {}),
        coords=getattr(graph, "coords", None),
        model_name=getattr(graph, "model_name", ""),
    )


def _has_identity(r, node):
    """Tell whether a node may not be merged with one like it: it marks, or it draws in some way."""
    return isinstance(node.op, r.marker) or any(isinstance(v.type, r.graph.generator_types) for v in node.inputs)


def _simplified(r, variables, kept):
    """Return the canonical forms of some variables, in which `kept` ones stand as they are."""
    stand_ins = {v: v.type(name=v.name) if v.owner is not None else v for v in kept}
    scratch = r.graph.graph(None, copied(variables, dict(stand_ins)))
    # constants are folded in Python: to compile C for every kind of them takes seconds
    with r.config.change_flags(cxx=""):
        r.simplify(scratch)
    return copied(scratch.outputs, {new: old for old, new in stand_ins.items()})


def _of_whole_graphs(r, rewrite):
    if isinstance(rewrite, r.whole):
        return rewrite
    if isinstance(rewrite, r.local):
        return r.equilibrium([rewrite], max_use_ratio=MAX_USE_RATIO)
    raise ConversionError(
        f"{rewrite!r:.200} is no optimizer of {r.graph.name}; pass a {r.whole.__name__} or a {r.local.__name__}"
    )
