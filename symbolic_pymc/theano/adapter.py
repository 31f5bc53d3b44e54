"""PyMC3 models, Theano graphs and variables, as the calls of `symbolic_pymc.api` see them."""

from functools import partial

import numpy as np
import pymc3
import theano
import theano.tensor as tt
from theano.graph.basic import Variable
from theano.gradient import NullTypeGradError
from theano.graph.fg import FunctionGraph as TheanoFunctionGraph
from theano.graph.utils import MethodNotDefined
from theano.tensor.random.type import RandomStateType

from symbolic_pymc.adapter import Adapter
from symbolic_pymc.batches import Draws
from symbolic_pymc.errors import NotDifferentiable
from symbolic_pymc.theano import cuts  # noqa: F401  (registers what it reads)
from symbolic_pymc.theano.joint import evaluate, joint_density, start
from symbolic_pymc.theano.logp import log_density, scaling
from symbolic_pymc.theano.meta import build_context
from symbolic_pymc.theano.numpymode import AT_ONCE, compile_at_once
from symbolic_pymc.theano.opt import FunctionGraph
from symbolic_pymc.theano.pymc3 import graph_model, model_graph
from symbolic_pymc.theano.points import point, unwalked
from symbolic_pymc.theano.vocabulary import ops


# Draws are made by one operation after the other, each for all of them.
STEP_BY_STEP = AT_ONCE.excluding("inplace", "BlasOpt")


def compile_draws(inputs, outputs):
    """Return the `Draws` of a graph."""
    function = theano.function(inputs, list(outputs), mode=STEP_BY_STEP, on_unused_input="ignore")
    return Draws(function, len(inputs), len(outputs), lambda x: isinstance(x.type, RandomStateType), _generator)


def _generator(seed):
    return np.random.RandomState(np.random.MT19937(seed))


def gradient(cost, variables):
    """Return the derivatives of a scalar.

    Raises
    ------
    NotDifferentiable
    """
    try:
        return tt.grad(cost, variables, disconnected_inputs="ignore")
    except (MethodNotDefined, NotImplementedError, NullTypeGradError) as error:
        raise NotDifferentiable(f"the gradient of {cost}: {error}") from error


ADAPTER = Adapter(
    ops=ops,
    model=pymc3.Model,
    graph=FunctionGraph,
    base_graph=TheanoFunctionGraph,
    variable=Variable,
    model_graph=model_graph,
    graph_model=graph_model,
    log_density=log_density,
    scaling=scaling,
    joint_density=joint_density,
    start=start,
    point=point,
    unwalked=unwalked,
    score=partial(tt.grad, disconnected_inputs="ignore"),
    copied=tt.tensor_copy,
    evaluate=evaluate,
    zero=lambda: tt.constant(np.float64(0.0)),
    compile=compile_at_once,
    gradient=gradient,
    build_context=partial(build_context, test_values=False),
    compile_draws=compile_draws,
)
