"""How a backend's models, graphs and variables come to be terms, and back."""

import importlib
from dataclasses import dataclass
from functools import partial
from typing import Callable

from symbolic_pymc.backends import load_backend_of
from symbolic_pymc.errors import ConversionError, ModelGraphError
from symbolic_pymc.meta import metatize
from symbolic_pymc.vocabulary import Vocabulary


@dataclass(frozen=True)
class Adapter:
    """How a backend's models, graphs and variables come to be terms, and back.

    Parameters
    ----------
    ops : Vocabulary
    model, graph, variable : type
    model_graph, graph_model : callable
        From a model to a FunctionGraph, and back.
    log_density : callable
        ``log_density(rv, value)`` of base variables, elementwise.
    scaling : callable
        ``scaling(total_size, value)`` returns what the log density of a minibatch is multiplied by.
    joint_density : callable
        ``joint_density(model)`` returns a function of the values that samplers walk in, and their names.
    start : callable
        ``start(model)`` returns the values that samplers start from, by name.
    score : callable
        ``score(log_density, place)`` returns the slope of a scalar graph in a variable of it.
    copied : callable
        ``copied(variable)`` returns another variable of the same value.
    point : callable
        ``point(model, values)`` returns values of unknowns by name with what samplers call them, and Deterministics.
    unwalked : callable
        ``unwalked(model, walked)`` returns values of unknowns by name, from those that samplers walk in.
    evaluate : callable
        ``evaluate(variable)`` returns the value of a base variable that depends on no input.
    zero : callable
        Returns the scalar 0 of the backend.
    compile : callable
        ``compile(inputs, outputs)`` returns a function of arrays.
    gradient : callable
        ``gradient(cost, variables)`` returns the derivatives of a scalar, zero where it does not depend on one, or raises
        `NotDifferentiable`.
    build_context : callable
        Returns the context manager in which intermediate graphs are built.
    compile_draws : callable
        ``compile_draws(inputs, outputs)`` returns the `symbolic_pymc.batches.Draws` of a graph.
    """

    ops: Vocabulary
    model: type
    graph: type
    base_graph: type
    variable: type
    model_graph: Callable
    graph_model: Callable
    log_density: Callable
    scaling: Callable
    joint_density: Callable
    start: Callable
    point: Callable
    unwalked: Callable
    score: Callable
    copied: Callable
    evaluate: Callable
    zero: Callable
    compile: Callable
    gradient: Callable
    build_context: Callable
    compile_draws: Callable

    def terms(self, obj):
        """Return the outputs of `obj` as terms, and a function that makes an object of its kind from outputs."""
        if isinstance(obj, self.model):
            graph = self.model_graph(obj)
            return metatize(graph).rands, lambda outputs: self.graph_model(self._graph(graph, outputs))
        if isinstance(obj, self.base_graph):
            return metatize(obj).rands, partial(self._graph, obj)
        return (metatize(obj),), self._only_output

    def _graph(self, graph, outputs):
        attributes = {"coords": getattr(graph, "coords", None), "model_name": getattr(graph, "model_name", "")}
        return self.graph(None, list(outputs), **attributes)

    def _only_output(self, outputs):
        if not outputs:
            raise ModelGraphError("nothing is left of it; pass the model or a FunctionGraph of the variable")
        if len(outputs) > 1:
            names = ", ".join(str(v.name or v) for v in outputs)
            raise ModelGraphError(f"the result has the outputs {names}, not one; pass a FunctionGraph of the variable")
        return outputs[0]


def adapter_of(obj):
    """Return the `Adapter` for an object of a user.

    Raises
    ------
    ConversionError
        When it is no model, graph or variable of a backend.
    """
    name = load_backend_of(obj)
    if name is not None:
        adapter = importlib.import_module(f"{name}.adapter").ADAPTER
        if isinstance(obj, (adapter.model, adapter.base_graph, adapter.variable)):
            return adapter
    raise ConversionError(
        f"{type(obj).__module__}.{type(obj).__qualname__} is no model, FunctionGraph or variable; pass a PyMC3 or PyMC "
        "model, a FunctionGraph of Theano or PyTensor, or one of their variables"
    )
