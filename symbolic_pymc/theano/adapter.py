"""PyMC3 models, Theano graphs and variables, as the calls of `symbolic_pymc.api` see them."""

from functools import partial

import numpy as np
import pymc3
import theano.tensor as tt
from theano.graph.basic import Variable
from theano.graph.fg import FunctionGraph as TheanoFunctionGraph

from symbolic_pymc.api import Adapter
from symbolic_pymc.theano.logp import log_density
from symbolic_pymc.theano.meta import build_context
from symbolic_pymc.theano.opt import FunctionGraph
from symbolic_pymc.theano.pymc3 import graph_model, model_graph
from symbolic_pymc.theano.vocabulary import ops

ADAPTER = Adapter(
    ops=ops,
    model=pymc3.Model,
    graph=FunctionGraph,
    base_graph=TheanoFunctionGraph,
    variable=Variable,
    model_graph=model_graph,
    graph_model=graph_model,
    log_density=log_density,
    zero=lambda: tt.constant(np.float64(0.0)),
    build_context=partial(build_context, test_values=False),
)
