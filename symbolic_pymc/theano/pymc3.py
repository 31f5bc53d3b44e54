"""PyMC3 models as graphs of random variables, and back; the log densities of graphs."""

from symbolic_pymc.theano.from_pymc3 import model_graph
from symbolic_pymc.theano.logp import logp
from symbolic_pymc.theano.to_pymc3 import graph_model

__all__ = ["graph_model", "logp", "model_graph"]
