"""PyMC models to graphs and back, and the log densities of graphs.

A model's graph holds one node per random variable; see `symbolic_pymc.pytensor.markers` for the Ops that mark
observed variables, Deterministics and Potentials, and `symbolic_pymc.note` for what travels beside the
mathematics.
"""

from pymc.logprob.basic import conditional_logp
from pytensor import tensor
from pytensor.graph.replace import clone_replace

from symbolic_pymc.pytensor.copying import copy_graph, is_trace
from symbolic_pymc.pytensor.from_model import model_graph
from symbolic_pymc.pytensor.logp import log_density
from symbolic_pymc.pytensor.naming import random_variables_of
from symbolic_pymc.pytensor.to_model import copy_for_pymc, graph_model, outputs_of
from symbolic_pymc.pytensor.vocabulary import ops
from symbolic_pymc.relations.densities import derived_densities

__all__ = ["graph_model", "logp", "model_graph"]


def logp(*output_vars):
    """Return the log densities of the random variables of a graph, each given all the others.

    Parameters
    ----------
    *output_vars : Variable or FunctionGraph
        The random variables that they depend on are taken in, too, named or not; the components of mixtures
        and the like are no random variables of their own. What a Scan draws is one, over all steps, where it
        is given (every random output of the Scan, without its initial values) or observed. An output that is
        no draw itself, such as a sum of two of them, counts as a random variable in their place if its law is
        known (`symbolic_pymc.relations.algebra`) and they stand in no other output.

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
    derived = derived_densities(ops, tensor, log_density, outputs)
    outputs = [derived[v][1] if v in derived else v for v in outputs]
    draws, observations = random_variables_of(outputs)
    draws += [v for v in dict.fromkeys([*outputs, *observations]) if is_trace(v)]
    memo = {}
    copy_graph([*outputs, *(node.inputs[0] for node in observations.values())], memo, copy_for_pymc)
    # one stand-in per variable: two variables may have been observed with the same value
    stand_ins = {rv: memo[rv].type(name=rv.name) for rv in draws}
    densities = conditional_logp({memo[rv]: value for rv, value in stand_ins.items()}, warn_rvs=False) if draws else {}
    observed = {stand_ins[rv]: memo.get(node.inputs[0], node.inputs[0]) for rv, node in observations.items()}
    graphs = clone_replace([densities[stand_ins[rv]] for rv in draws], replace=observed)
    found = {rv: (observed.get(stand_ins[rv], stand_ins[rv]), graph) for rv, graph in zip(draws, graphs)}
    values = {memo[rv]: value for rv, (value, _) in found.items()}
    return found | {v: (value, clone_replace(memo.get(d, d), replace=values)) for v, (value, d) in derived.items()}
