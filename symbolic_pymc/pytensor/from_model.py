"""A PyMC model to the graph that says the same."""

import pymc as pm
from pymc.util import UNSET
from pymc.variational.minibatch_rv import MinibatchRandomVariable
from pytensor.compile.ops import ViewOp
from pytensor.graph.basic import Constant, Variable
from pytensor.scalar import Identity
from pytensor.tensor.elemwise import Elemwise
from pytensor.tensor.type import TensorType

from symbolic_pymc.errors import ConversionError, ModelGraphError, UnsupportedDistributionError
from symbolic_pymc.note import Note
from symbolic_pymc.pytensor.copying import (
    copy_graph,
    copy_node,
    is_draw,
    rebuild_draw,
    unwrap_draw,
    widen,
    without_fill,
)
from symbolic_pymc.pytensor.markers import deterministic, observed, potential
from symbolic_pymc.pytensor.naming import check_draws
from symbolic_pymc.pytensor.opt import Coords, FunctionGraph, ancestors
from symbolic_pymc.pytensor.inflated import plain_counts
from symbolic_pymc.pytensor.random_variables import WRAPPED, row_of


def model_graph(model, output_vars=None):
    """Return the graph of a PyMC model.

    Every random variable is the draw of one node with a generator of its own, named, with a `Note` at its
    ``tag.note``. An observed one stands as ``observed(value, rv)``, and what depends on it depends on that.
    Shared variables, `pm.Data` among them, are those of the model; everything else is a copy, and the model
    stays as it is.

    Parameters
    ----------
    model : pymc.Model
    output_vars : sequence of (Variable or str), optional
        Model variables; only these and what they depend on. By default the whole model: observed variables,
        Potentials, Deterministics, then the free random variables that feed none of them.

    Returns
    -------
    symbolic_pymc.pytensor.opt.FunctionGraph

    Raises
    ------
    ConversionError
        For anything but a PyMC model.
    ModelGraphError
        For a part of another model, a draw that is no variable of the model, or an output that it lacks.
    UnsupportedDistributionError
        For a free variable that no distribution of PyMC draws.
    """
    _check_model(model)
    _check_distributions(model)
    drawn = {_draw_of(rv) for rv in model.basic_RVs}
    check_draws([*model.basic_RVs, *model.potentials, *model.deterministics], drawn.__contains__)
    memo, draws, constants = {}, {}, {}
    copy_graph([model.rvs_to_values[rv] for rv in model.observed_RVs], memo, copy_node)
    roles = _roles(model, memo, draws)

    def copy(node, inputs):
        outputs = _copy_of(node, inputs, drawn, constants)
        return [roles[old](new) if old in roles else new for old, new in zip(node.outputs, outputs)]

    copy_graph(roles, memo, copy)
    memo.update((old, mark(old)) for old, mark in roles.items() if old not in memo)
    _write_notes(model, memo, draws, constants)
    outputs = _outputs(model, memo) if output_vars is None else _chosen(model, memo, output_vars)
    return FunctionGraph(None, outputs, coords=_coords(model), model_name=model.name)


def _check_model(model):
    if not isinstance(model, (pm.Model, getattr(pm.model.core, "BaseModel", pm.Model))):
        raise ConversionError(f"model_graph takes a PyMC model, got {type(model).__name__}")
    if model.parent is not None:
        raise ModelGraphError(f"{model.name!r} is a part of another model; convert the whole: model_graph(model.root)")


def _check_distributions(model):
    for rv in model.basic_RVs:
        draw = _draw_of(rv)
        if not is_draw(draw) or not isinstance(draw.type, TensorType):
            what = "an input" if draw.owner is None else draw.owner.op
            raise UnsupportedDistributionError(
                f"{rv.name}: {what} of type {draw.type} is no random variable of PyMC's; "
                f'write it as pm.CustomDist("{rv.name}", ..., dist=...)'
            )
        value = model.rvs_to_values[rv]
        if not isinstance(value.type, TensorType):
            raise UnsupportedDistributionError(
                f"{rv.name}: a value of type {value.type} does not travel; make it a dense array"
            )


def _draw_of(rv):
    """Return the draw itself of a model variable that minibatches may wrap."""
    wrapped = rv.owner is not None and isinstance(rv.owner.op, MinibatchRandomVariable)
    return rv.owner.inputs[0] if wrapped else rv


def _roles(model, memo, draws):
    """Return, for every variable of the model, what turns its copy into its form in the graph."""

    def observe(rv):
        def mark(copy):
            draws[rv] = copy
            copy.name = rv.name
            return _named(observed(memo.get(value, value), copy), rv.name)

        value = model.rvs_to_values[rv]
        return mark

    def free(rv):
        def mark(copy):
            draws[rv] = copy
            copy.name = rv.name
            return copy

        return mark

    def determine(name):
        def mark(copy):
            inner = copy.owner.inputs[0] if _is_view(copy) else copy
            if inner is copy and copy.owner is not None:
                copy.name = None
            return _named(deterministic(inner), name)

        return mark

    def add(name):
        def mark(copy):
            if copy.owner is not None:
                copy.name = None
            return _named(potential(copy), name)

        return mark

    roles = {rv: observe(rv) for rv in model.observed_RVs}
    roles.update((rv, free(rv)) for rv in model.free_RVs)
    roles.update((v, determine(v.name)) for v in model.deterministics)
    roles.update((v, add(v.name)) for v in model.potentials)
    return roles


def _named(variable, name):
    variable.name = name
    return variable


def _is_view(variable):
    """Tell whether a variable is the copy that `pm.Deterministic` makes."""
    op = variable.owner and variable.owner.op
    return isinstance(op, ViewOp) or (isinstance(op, Elemwise) and isinstance(op.scalar_op, Identity))


def _copy_of(node, inputs, drawn, constants):
    """Return the outputs of a node's copy: draws of the model in the plainest form that they have."""
    if isinstance(node.op, MinibatchRandomVariable):
        return [inputs[0]]
    outputs = copy_node(node, inputs)
    draw = node.outputs[-1]
    if draw not in drawn:
        return [_named(v, None) for v in outputs] if is_draw(draw) else outputs
    outputs = plain_counts(outputs) if type(node.op) not in WRAPPED else unwrap_draw(outputs)
    if row_of(outputs[-1].owner.op) is None or not draw.dtype.startswith("float"):
        return outputs
    rng, size, *params = outputs[-1].owner.inputs
    params = [without_fill(p) for p in params]
    wide = [widen(p) for p in params]
    outputs = rebuild_draw(outputs[-1].owner, [rng, size, *wide])
    pairs = enumerate(zip(params, wide))
    constants[outputs[-1]] = tuple((i, old) for i, (old, new) in pairs if new is not old)
    return outputs


# Notes ----------------------------------------------------------------------------------------------------


def _write_notes(model, memo, draws, constants):
    scratch = pm.Model(model=None)
    for position, rv in enumerate((*model.free_RVs, *model.observed_RVs)):
        draw, transform = draws[rv], model.rvs_to_transforms.get(rv)
        is_observed = rv not in model.rvs_to_initial_values
        draw.tag.note = Note(
            shape=rv.type.shape,
            dims=_dims(model, rv),
            transform=transform,
            default_transform=transform is None if is_observed else _is_default(transform, rv, scratch),
            total_size=_total_size(rv),
            initval=_initval(model.rvs_to_initial_values.get(rv), memo),
            extras=(("position", position), ("constants", constants.get(draw, ()))),
        )
    for position, v in enumerate((*model.potentials, *model.deterministics)):
        memo[v].tag.note = Note(shape=v.type.shape, dims=_dims(model, v), extras=(("position", position),))


def _dims(model, variable):
    dims = model.named_vars_to_dims.get(variable.name)
    return None if dims is None else tuple(dims)


def _total_size(rv):
    if not isinstance(rv.owner.op, MinibatchRandomVariable):
        return None
    return tuple(s.data if isinstance(s, Constant) and s.data is None else s for s in rv.owner.inputs[1:])


def _initval(initval, memo):
    if isinstance(initval, Variable):
        copy_graph([initval], memo, copy_node)
        return memo.get(initval, initval)
    return initval


def _is_default(transform, rv, scratch):
    """Tell whether PyMC chooses this transform for a variable by itself, in a model without it."""
    copy = rv.owner.clone().outputs[rv.owner.outputs.index(rv)]
    scratch.create_value_var(copy, transform=UNSET, default_transform=UNSET, value_var=copy)
    default = scratch.rvs_to_transforms[copy]
    if transform is default:
        return True
    return type(transform) is type(default) and _bounds_of(transform) is _bounds_of(default)


def _bounds_of(transform):
    """Return the code that an interval transform takes its bounds from, the same object for all defaults."""
    return getattr(getattr(transform, "args_fn", None), "__code__", None)


# The graph as a whole -------------------------------------------------------------------------------------


def _outputs(model, memo):
    marked = [memo[v] for v in (*model.observed_RVs, *model.potentials, *model.deterministics)]
    fed = set(ancestors(marked))
    return marked + [memo[rv] for rv in model.free_RVs if memo[rv] not in fed]


def _chosen(model, memo, output_vars):
    chosen = [model.named_vars.get(v, v) if isinstance(v, str) else v for v in output_vars]
    for v in chosen:
        if v not in memo:
            raise ModelGraphError(f"{v} is no random variable, Potential or Deterministic of the model")
    return [memo[v] for v in chosen]


def _coords(model):
    lengths = {name: v for name, v in model.dim_lengths.items() if not any(map(is_draw, ancestors([v])))}
    data = {v: _dims(model, v) for v in model.data_vars}
    return Coords(model.coords, lengths, data, model.check_bounds)
