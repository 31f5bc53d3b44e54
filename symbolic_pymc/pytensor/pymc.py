"""PyMC models to graphs and back, and the log densities of graphs.

A model's graph holds one node per random variable; see `symbolic_pymc.pytensor.markers` for the Ops that mark
observed variables, Deterministics and Potentials, and `symbolic_pymc.note` for what travels beside the
mathematics.
"""

from pymc.logprob.basic import conditional_logp
from pytensor.graph.replace import clone_replace

from symbolic_pymc.pytensor.copying import copy_graph, is_trace
from symbolic_pymc.pytensor.from_model import model_graph
from symbolic_pymc.pytensor.naming import random_variables_of
from symbolic_pymc.pytensor.to_model import copy_for_pymc, graph_model, outputs_of

__all__ = ["graph_model", "logp", "model_graph"]


def logp(*output_vars):
    """Return the log densities of the random variables of a graph, each given all the others.

    Parameters
    ----------
    *output_vars : Variable or FunctionGraph
        The random variables that they depend on are taken in, too, named or not; the components of mixtures
        and the like are no random variables of their own. What a Scan draws is one, over all steps, where it
        is given (every random output of the Scan, without its initial values) or observed.

    Returns
    -------
    dict of Variable to (Variable, Variable)
        From every random variable to its value (what was observed, else a new variable of its type and name)
        and to the graph of its log density, over its independent elements, in the values of all of them.

    Raises
    ------
    ConversionError
        For anything but graphs and variables.
    """
    outputs = [v for graph in output_vars for v in outputs_of(graph)]
    draws, observations = random_variables_of(outputs)
    draws += [v for v in dict.fromkeys([*outputs, *observations]) if is_trace(v)]
    memo = {}
    copy_graph([*outputs, *(node.inputs[0] for node in observations.values())], memo, copy_for_pymc)
    # one stand-in per variable: two variables may have been observed with the same value
    stand_ins = {rv: memo[rv].type(name=rv.name) for rv in draws}
    densities = conditional_logp({memo[rv]: value for rv, value in stand_ins.items()}, warn_rvs=False)
    observed = {stand_ins[rv]: memo.get(node.inputs[0], node.inputs[0]) for rv, node in observations.items()}
    graphs = clone_replace([densities[stand_ins[rv]] for rv in draws], replace=observed)
    return {rv: (observed.get(stand_ins[rv], stand_ins[rv]), graph) for rv, graph in zip(draws, graphs)}
