"""The graph of a model to a PyMC model that says the same."""

import pymc as pm
from pymc.variational.minibatch_rv import create_minibatch_rv
from pytensor.graph.basic import Constant, Variable
from pytensor.graph.fg import FunctionGraph as PyTensorFunctionGraph

from symbolic_pymc.errors import ConversionError, ModelGraphError
from symbolic_pymc.note import Note
from symbolic_pymc.pytensor.copying import copy_graph, copy_node, is_draw, is_widened, rebuild_draw, wrap_draw
from symbolic_pymc.pytensor.markers import Deterministic, Marker, Observed, Potential, check_observation
from symbolic_pymc.pytensor.naming import check_draws, check_names
from symbolic_pymc.pytensor.opt import Coords, ancestors, io_toposort
from symbolic_pymc.pytensor.random_variables import WrappedRV


def graph_model(graph):
    """Return the PyMC model of a graph.

    Named draws become free random variables, ``observed(value, rv)`` observed ones, and the other markers and
    named outputs Potentials and Deterministics; notes and coords give them dims, transforms, initial values
    and sizes.
    The graph stays as it is; shared variables, `pm.Data` among them, are those of the graph.

    Parameters
    ----------
    graph : FunctionGraph, Variable, or sequence of Variable

    Returns
    -------
    pymc.Model

    Raises
    ------
    ConversionError
        For anything else.
    ModelGraphError
        For a random variable without a name, a name taken twice, a variable observed twice or by itself not
        random, an observed value that does not fit, or an output that is neither marked, random nor named.
    """
    outputs = outputs_of(graph)
    check_draws(outputs, lambda v: v.name is not None)
    nodes = io_toposort((), outputs)
    observations = _observations(nodes)
    memo = {}
    copy_graph([node.inputs[0] for node in observations.values()], memo, copy_node)
    nodes = [node for node in nodes if node.outputs[0] not in memo]
    draws = [v for node in nodes for v in node.outputs if is_draw(v) and v.name is not None]
    model = _empty_model(graph)
    check_names([*(("the data", v) for v in model.data_vars), *_roles(draws, nodes, outputs)])

    def copy(node, inputs):
        if isinstance(node.op, Marker):
            return [_MARKED[type(node.op)](model, node, inputs)]
        copies = copy_for_pymc(node, inputs)
        return [_draw(model, old, new, observations, memo) for old, new in zip(node.outputs, copies)]

    copy_graph(outputs, memo, copy)
    for v in filter(_is_plain, outputs):
        pm.Deterministic(v.name, memo.get(v, v), model=model)
    _set_initial_values(model, draws, memo)
    _sort(model, memo)
    return model


def outputs_of(graph):
    """Return the outputs of a graph, a variable or a sequence of them, or raise ConversionError."""
    outputs = graph.outputs if isinstance(graph, PyTensorFunctionGraph) else graph
    outputs = [outputs] if isinstance(outputs, Variable) else outputs
    if not isinstance(outputs, list | tuple) or not all(isinstance(v, Variable) for v in outputs):
        raise ConversionError(f"expected a PyTensor FunctionGraph or variable, got {type(graph).__name__}")
    return list(outputs)


def copy_for_pymc(node, inputs):
    """Return the outputs of a copy of `node` as PyMC writes it: its own Ops, its constants, no markers."""
    if isinstance(node.op, Marker):
        return [inputs[isinstance(node.op, Observed)]]
    if not is_draw(node.outputs[-1]):
        return copy_node(node, inputs)
    inputs = list(inputs)
    for i, original in dict(_note(node.outputs[-1]).extras).get("constants", ()):
        if i + 2 < len(inputs) and is_widened(inputs[i + 2], original):
            inputs[i + 2] = original
    if isinstance(node.op, WrappedRV):
        return wrap_draw(node, inputs[2:], inputs[1])
    return rebuild_draw(node, inputs)


def _note(variable):
    return getattr(variable.tag, "note", None) or Note()


# What the graph says --------------------------------------------------------------------------------------


def _observations(nodes):
    """Return the nodes of observed variables by what they observe."""
    observations = {}
    for node in nodes:
        if not isinstance(node.op, Observed):
            continue
        rv = node.inputs[1]
        if not is_draw(rv):
            name = node.outputs[0].name
            raise ModelGraphError(f"{name}: {rv} is observed but not random; observe a random variable")
        if rv in observations:
            raise ModelGraphError(f"{rv.name} is observed twice; draw a second variable for the second value")
        check_observation(*node.inputs)
        observations[rv] = node
    return observations


def _roles(draws, nodes, outputs):
    """Return pairs of role and variable for all that will stand in the model under a name."""
    marked = [(f"a {node.op}", node.outputs[0]) for node in nodes if isinstance(node.op, Deterministic)]
    plain = [("an output", v) for v in filter(_is_plain, outputs)]
    return [("a random variable", v) for v in draws] + marked + plain


def _is_plain(variable):
    """Tell whether an output has no role in a model: then it is a Deterministic by its name."""
    return not is_draw(variable) and not (variable.owner and isinstance(variable.owner.op, Marker))


# The model ------------------------------------------------------------------------------------------------


def _empty_model(graph):
    """Return a model with the name, the dimensions and the data of a graph, and nothing else."""
    coords = getattr(graph, "coords", None)
    coords = coords if isinstance(coords, Coords) else Coords(coords or {})
    model = pm.Model(name=getattr(graph, "model_name", ""), check_bounds=coords.check_bounds, model=None)
    for name, labels in coords.items():
        if labels is not None or name in coords.lengths:
            model.add_coord(name, labels, length=coords.lengths.get(name))
    for variable, dims in coords.data.items():
        model.register_data_var(variable, dims=dims)
    return model


def _draw(model, old, new, observations, memo):
    """Register the copy of an output of a node with the model, if it is one of its random variables."""
    if not is_draw(old) or old.name is None:
        return new
    note = _note(old)
    keywords = {} if note.default_transform else {"transform": note.transform, "default_transform": None}
    new.name = old.name
    if old not in observations:
        return model.register_rv(new, old.name, dims=note.dims, **keywords)
    value = observations[old].inputs[0]
    if note.total_size is not None:
        new = create_minibatch_rv(new, note.total_size)
        new.name = old.name
    _add_dims(model, new, note.dims)
    value = memo.get(value, value)
    if isinstance(value, Constant) and value in model.values_to_rvs:
        value = type(value)(
            value.type, value.data
        )  # PyMC knows a variable by its value, and equal data may be one constant
    model.create_value_var(new, transform=note.transform, default_transform=None, value_var=value)
    model.add_named_variable(new, note.dims)
    model.observed_RVs.append(new)
    return new


def _add_dims(model, variable, dims):
    for i, name in enumerate(dims or ()):
        if name is not None and name not in model.coords:
            model.add_coord(name, length=variable.shape[i])


def _observed(model, node, inputs):
    return inputs[1]


def _deterministic(model, node, inputs):
    output = node.outputs[0]
    _add_dims(model, inputs[0], _note(output).dims)
    return pm.Deterministic(output.name, inputs[0], model=model, dims=_note(output).dims)


def _potential(model, node, inputs):
    term, output = inputs[0], node.outputs[0]
    if term.owner is None or term.name is not None:
        term = term.copy()
    _add_dims(model, term, _note(output).dims)
    return pm.Potential(output.name, term, model=model, dims=_note(output).dims)


_MARKED = {Observed: _observed, Deterministic: _deterministic, Potential: _potential}


def _set_initial_values(model, draws, memo):
    """Give the free random variables their initial values; expressions are in the variables of the model."""
    for old in draws:
        initval, new = _note(old).initval, memo[old]
        if initval is None or new not in model.rvs_to_initial_values:
            continue
        if isinstance(initval, Variable):
            known = {v: model[v.name] for v in ancestors([initval]) if v.owner and v.name in model.named_vars}
            copy_graph([initval], known, copy_for_pymc)
            initval = known.get(initval, initval)
        model.set_initval(new, initval)


def _sort(model, memo):
    """Bring the variables into the order of the model that they came from, new ones in their places."""
    last, order = 0, {}
    for old, new in memo.items():
        last = dict(_note(old).extras).get("position", last)
        order[new] = last
    for variables in (model.free_RVs, model.observed_RVs, model.potentials, model.deterministics):
        variables.sort(key=lambda v: order.get(v, last))
