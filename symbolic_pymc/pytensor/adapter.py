"""PyMC models, PyTensor graphs and variables, as the calls of `symbolic_pymc.api` see them."""

from contextlib import nullcontext
from functools import partial

import numpy as np
import pymc
import pytensor
import pytensor.tensor as pt
from pytensor.graph.basic import Variable
from pytensor.gradient import NullTypeGradError
from pytensor.graph.fg import FunctionGraph as PyTensorFunctionGraph
from pytensor.graph.utils import MethodNotDefined
from pytensor.tensor.random.type import RandomType

from symbolic_pymc.adapter import Adapter
from symbolic_pymc.batches import Draws
from symbolic_pymc.errors import NotDifferentiable
from symbolic_pymc.pytensor import cuts  # noqa: F401  (registers what it reads)
from symbolic_pymc.pytensor.joint import evaluate, joint_density, start
from symbolic_pymc.pytensor.logp import log_density, scaling
from symbolic_pymc.pytensor.numpymode import AT_ONCE, compile_at_once
from symbolic_pymc.pytensor.opt import FunctionGraph
from symbolic_pymc.pytensor.pymc import graph_model, model_graph
from symbolic_pymc.pytensor.points import point, unwalked
from symbolic_pymc.pytensor.vocabulary import ops

# Draws are made by one operation after the other, each for all of them.
STEP_BY_STEP = AT_ONCE.excluding("inplace", "BlasOpt")


def compile_draws(inputs, outputs):
    """Return the `Draws` of a graph."""
    function = pytensor.function(inputs, list(outputs), mode=STEP_BY_STEP, on_unused_input="ignore")
    return Draws(function, len(inputs), len(outputs), lambda x: isinstance(x.type, RandomType), _generator)


def _generator(seed):
    return np.random.default_rng(seed)


def gradient(cost, variables):
    """Return the derivatives of a scalar.

    Raises
    ------
    NotDifferentiable
    """
    try:
        return pt.grad(cost, variables, disconnected_inputs="ignore")
    except (MethodNotDefined, NotImplementedError, NullTypeGradError) as error:
        raise NotDifferentiable(f"the gradient of {cost}: {error}") from error


ADAPTER = Adapter(
    ops=ops,
    model=pymc.Model,
    graph=FunctionGraph,
    base_graph=PyTensorFunctionGraph,
    variable=Variable,
    model_graph=model_graph,
    graph_model=graph_model,
    log_density=log_density,
    scaling=scaling,
    joint_density=joint_density,
    start=start,
    point=point,
    unwalked=unwalked,
    score=partial(pt.grad, disconnected_inputs="ignore"),
    copied=pt.tensor_copy,
    evaluate=evaluate,
    zero=lambda: pt.constant(np.float64(0.0)),
    compile=compile_at_once,
    gradient=gradient,
    build_context=nullcontext,
    compile_draws=compile_draws,
)
