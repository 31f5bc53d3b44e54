"""From a graph of random variables to a PyMC3 model."""

from contextlib import contextmanager

import numpy as np
import pymc3 as pm
import theano
import theano.tensor as tt
from theano.compile import SharedVariable
from theano.graph.basic import Constant, Variable, graph_inputs
from theano.graph.fg import FunctionGraph as TheanoFunctionGraph
from theano.graph.utils import TestValueError

from symbolic_pymc.errors import ConversionError, ModelGraphError, SymbolicPyMCError
from symbolic_pymc.theano.known import batch_shape, shape_of
from symbolic_pymc.theano.markers import Deterministic, Observed, Potential
from symbolic_pymc.theano.missing import missing_parts
from symbolic_pymc.theano.opaque import OpaqueRV
from symbolic_pymc.theano.pymc3_distributions import pymc3_dist
from symbolic_pymc.theano.random_variables import core_shape
from symbolic_pymc.theano.rebuild import fill, owner_inputs, postorder, rebuilt
from symbolic_pymc.theano.roles import is_marker, is_missing, is_rv, note_of, position_of


def graph_model(graph, model_name=None):
    """Return the PyMC3 model of a graph of random variables.

    Parameters
    ----------
    graph : FunctionGraph, Variable or sequence of Variable
        The ancestors of the outputs are the model. Every random variable needs a name.
    model_name : str or None
        None for the name that the graph carries.

    Returns
    -------
    pymc3.Model

    Raises
    ------
    ConversionError
        For something that is no graph.
    ModelGraphError
        For a graph that is no model: unnamed or doubled names, data of the wrong shape or dtype, an input
        without a test value, a cycle.
    UnsupportedDistributionError
        For a random variable that PyMC3 has no distribution for.
    """
    outputs, inputs = _parts(graph)
    if model_name is None:
        model_name = getattr(graph, "model_name", None) or ""
    with _no_model(), theano.config.change_flags(compute_test_value=theano.config.compute_test_value):
        model = pm.Model(name=model_name)
        model.coords = dict(getattr(graph, "coords", None) or {})
        writer = _Writer(model, outputs, inputs)
        with model:
            writer.write()
    return model


def _parts(graph):
    if isinstance(graph, TheanoFunctionGraph):
        return list(graph.outputs), list(graph.inputs)
    outputs = list(graph) if isinstance(graph, (list, tuple)) else [graph]
    for v in outputs:
        if not isinstance(v, Variable):
            raise ConversionError(f"{type(v).__name__}: graph_model takes a FunctionGraph or Theano variables")
    return outputs, []


@contextmanager
def _no_model():
    """Step out of the models that the caller may be inside of; none of them becomes a parent."""
    contexts = pm.Model.get_contexts()
    saved = contexts[:]
    contexts.clear()
    try:
        yield
    finally:
        contexts[:] = saved


class _Writer:
    """What has been written of a model, and how to write the rest.

    `memo` leads from the variables of the graph to those of the model.
    """

    def __init__(self, model, outputs, inputs):
        self.model = model
        self.outputs = outputs
        self.memo = {}
        variables = postorder(outputs)
        self.rvs = [v for v in variables if is_rv(v)]
        self.observed = {}
        self.missing = {}
        for v in variables:
            if is_marker(v, Observed):
                self._see(v)
        marked = [v for v in variables if is_marker(v, (Deterministic, Potential))]
        shared = [v for v in [*inputs, *graph_inputs(outputs)] if isinstance(v, SharedVariable)]
        # what pm.Data made is known by the shape that it noted
        self.data = dict.fromkeys(v for v in shared if getattr(v, "dshape", None) is not None)
        self.named = sorted([*self.data, *self.rvs, *marked], key=position_of)
        self.names = {v: self._name(v) for v in self.named}
        self._check_names()

    def _see(self, v):
        """Take in that a random variable is observed."""
        value, rv = v.owner.inputs
        if not is_rv(rv):
            raise ModelGraphError(
                f"observed({value}, {rv}): the second argument is no random variable; observe the output "
                "of a RandomVariable node"
            )
        if rv in self.observed:
            raise ModelGraphError(f"{rv}: observed twice; a random variable has one value")
        self.observed[rv] = v
        parts = missing_parts(value)
        if parts is not None and is_rv(parts[1]) and is_missing(parts[1]):
            self.missing[parts[1]] = rv

    def _name(self, v):
        name = v.name
        if name is None and v in self.observed:
            name = self.observed[v].name
        if name is None:
            raise ModelGraphError(
                f"{v.owner.op}({', '.join(map(str, v.owner.inputs[3 if is_rv(v) else 0 :]))}): "
                "the variable has no name; set .name on the output of the node"
            )
        return name

    def _check_names(self):
        seen = {}
        for v, name in self.names.items():
            if name in seen:
                raise ModelGraphError(
                    f"{name}: two variables of the graph have this name, {seen[name].owner} and {v.owner}; rename one"
                )
            seen[name] = v

    def write(self):
        if any(dict(note_of(v).extras).get("check_bounds") is False for v in self.named):
            self.model.check_bounds = False
        self.memo.update((v, v) for v in self.data)
        for v in self.named:
            if v in self.data:
                self.model.add_random_variable(v, dims=note_of(v).dims)
            with _own_errors(self.names[v]):
                fill(self.memo, [v], self._build, self._dependencies)

    def _dependencies(self, v):
        if v in self.missing:
            return [self.missing[v]]
        if is_rv(v):
            _, size, _, *parents = v.owner.inputs
            if v not in self.observed:
                return [*parents, size]
            if v in self.missing.values():
                return parents
            return [*parents, self.observed[v].owner.inputs[0]]
        if is_marker(v, Observed):
            return v.owner.inputs[1:]
        return owner_inputs(v)

    def _build(self, v):
        if v in self.names:
            with _named_errors(self.names[v]), _own_errors(self.names[v]):
                return self._build_named(v)
        if is_marker(v, Observed):
            return self.memo[v.owner.inputs[1]]
        if v.owner is None and not isinstance(v, (Constant, SharedVariable)):
            _check_input(v)
        return rebuilt(v, self.memo, test_values=True)

    def _build_named(self, v):
        if v in self.missing:
            return self._missing(v)
        if is_rv(v):
            return self._random(v)
        if is_marker(v, Potential):
            return self._potential(v)
        return pm.Deterministic(self.names[v], self.memo[v.owner.inputs[0]], dims=note_of(v).dims)

    def _random(self, v):
        op, note = v.owner.op, note_of(v)
        if is_missing(v):
            raise ModelGraphError("these missing entries are no longer part of any observed value; observe the whole")
        params = [self.memo[p] for p in v.owner.inputs[3:]]
        shape = self._shape(v, params)
        is_default = note.default_transform and "exact_transform" not in dict(note.extras)
        options = {} if is_default else {"transform": note.transform}
        if note.initval is not None:
            options["testval"] = note.initval
        # PyMC3 takes data as they are, but a matrix normal law asks for a shape
        unsaid = shape if op.ndim_supp > 1 else ()
        dist_shape = dict(note.extras).get("dist_shape", unsaid) if v in self.observed else shape
        dist = pymc3_dist(op, params, dist_shape, note, **options)
        data = self._data(v, shape) if v in self.observed else None
        return self.model.Var(self.names[v], dist, data, note.total_size, dims=note.dims)

    def _shape(self, v, params):
        """Return the static shape of a random variable, which its note and its parameters must agree upon."""
        op, size = v.owner.op, v.owner.inputs[1]
        noted = note_of(v).shape
        if isinstance(op, OpaqueRV):
            return op.law.shape if noted is None else noted
        shapes = [shape_of(p) for p in params]
        batch = batch_shape(shapes, op.ndims_params)
        core = core_shape(op, shapes) if op.ndim_supp else ()
        if v in self.observed and not isinstance(size, Constant):
            return shape_of(self.memo[self.observed[v].owner.inputs[0]])
        size = tuple(int(n) for n in self.memo.get(size, size).get_test_value())
        if op.ndim_supp:
            batch = (*size, *batch)
        elif size:
            batch = np.broadcast_shapes(size, batch)
        shape = (*batch, *core)
        if noted not in (None, shape):
            raise ModelGraphError(f"its note gives it the shape {noted}, its parameters and size {shape}")
        return shape

    def _data(self, v, shape):
        """Return the data of an observed variable as PyMC3 takes them."""
        given = self.observed[v].owner.inputs[0]
        if v in self.missing.values():
            array, _, mask = missing_parts(given)
            return np.ma.MaskedArray(array, mask)
        value = self.memo[given]
        if not np.can_cast(value.dtype, v.dtype, "same_kind"):
            raise ModelGraphError(f"the observed value is {value.dtype}, the variable {v.dtype}; cast the value")
        if shape_of(value) != tuple(shape) and not isinstance(v.owner.op, OpaqueRV):
            raise ModelGraphError(
                f"the observed value has the shape {shape_of(value)}, the variable {tuple(shape)}; "
                "give the value the shape of the variable"
            )
        by_itself = isinstance(value, Constant) and value.name in (None, self.names[v])
        return value.data if by_itself else value

    def _missing(self, v):
        name = f"{self.names[self.missing[v]]}_missing"
        if self.names[v] != name:
            raise ModelGraphError(f"PyMC3 names the missing entries {name}; give the variable that name")
        return self.model.named_vars[self.model.name_for(name)]

    def _potential(self, v):
        x, note, name = self.memo[v.owner.inputs[0]], note_of(v), self.names[v]
        extras = dict(note.extras)
        if "observed" in extras:
            dist = pm.DensityDist.dist(lambda **data: x, random=extras["random"])
            data = {key: self._datum(value) for key, value in extras["observed"]}
            return self.model.Var(name, dist, data, note.total_size)
        # PyMC3 names the expression itself, which may be the graph's own or have a name already
        own = x is not v.owner.inputs[0] and x.name is None
        return pm.Potential(name, x if own else tt.tensor_copy(x))

    def _datum(self, value):
        if isinstance(value, Constant):
            return value.data
        return self.memo.get(value, value)


def _check_input(v):
    try:
        v.get_test_value()
    except TestValueError:
        raise ModelGraphError(f"{v}: PyMC3 needs a test value of every input; set .tag.test_value") from None


@contextmanager
def _named_errors(name):
    """Say which variable an error of ours is about."""
    try:
        yield
    except SymbolicPyMCError as error:
        raise type(error)(f"{name}: {error}") from error


@contextmanager
def _own_errors(name):
    """Make the errors of PyMC3 and Theano ours."""
    try:
        yield
    except SymbolicPyMCError:
        raise
    except (ValueError, TypeError, AttributeError, IndexError, AssertionError) as error:
        raise ModelGraphError(f"PyMC3 cannot build {name}: {error}") from error
