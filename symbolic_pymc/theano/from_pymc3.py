"""From a PyMC3 model to the graph of its random variables."""

import pymc3 as pm
import theano
import theano.tensor as tt
from pymc3.model import FreeRV, MultiObservedRV, ObservedRV, TransformedRV
from theano.compile import SharedVariable
from theano.graph.basic import Constant, Variable, ancestors, graph_inputs

from symbolic_pymc.errors import ConversionError, ModelGraphError, UnsupportedDistributionError
from symbolic_pymc.note import Note
from symbolic_pymc.theano.known import shape_of
from symbolic_pymc.theano.markers import deterministic, observed, potential
from symbolic_pymc.theano.missing import missing_mask
from symbolic_pymc.theano.opaque import MissingLaw, OpaqueRV
from symbolic_pymc.theano.opt import FunctionGraph
from symbolic_pymc.theano.pymc3_parameters import travel
from symbolic_pymc.theano.pymc3_transforms import has_default_transform
from symbolic_pymc.theano.random_variables import fresh_rng
from symbolic_pymc.theano.rebuild import fill, owner_inputs, rebuilt


def model_graph(model, output_vars=None):
    """Return the graph of a PyMC3 model, in which every random variable is a RandomVariable node.

    Parameters
    ----------
    model : pymc3.Model
        It is left as it was.
    output_vars : sequence of model variables or names, or None
        The outputs of the graph. By default: the observed variables, potentials, deterministics, and the free
        variables that feed none of these.

    Returns
    -------
    FunctionGraph
        Its inputs are the user's own variables, data containers and one random generator per random variable.

    Raises
    ------
    ConversionError
        For something that is no model.
    ModelGraphError
        For an output that is no variable of the model.
    UnsupportedDistributionError
        For a variable that cannot stand in a graph.
    """
    if not isinstance(model, pm.Model):
        raise ConversionError(f"{type(model).__name__}: model_graph takes a pymc3.Model")
    with theano.config.change_flags(compute_test_value="off"):
        reader = _Reader(model)
        wanted = reader.default_outputs() if output_vars is None else _chosen(model, output_vars)
        outputs = [reader.output(v) for v in wanted]
    inputs = [v for v in graph_inputs(outputs) if not isinstance(v, Constant)]
    if output_vars is None:
        used = set(inputs)
        inputs += [v for v in reader.data if v not in used]
    return FunctionGraph(inputs, outputs, coords=reader.coords, model_name=model.name)


def _chosen(model, output_vars):
    """Return the model variables that were asked for, by themselves or by name."""
    if isinstance(output_vars, (str, Variable, MultiObservedRV)):
        output_vars = [output_vars]
    chosen = [model.named_vars.get(v, v) if isinstance(v, str) else v for v in output_vars]
    for v in chosen:
        if not any(v is known for known in model.named_vars.values()):
            names = ", ".join(model.named_vars) or "none, for the model is empty"
            raise ModelGraphError(f"output_vars: {v} is no variable of the model; choose among {names}")
    return chosen


class _Reader:
    """What has been read of a model, and how to read the rest.

    `memo` leads from the model's variables, and all that they are computed from, to variables of the graph.
    """

    def __init__(self, model):
        self.model = model
        self.memo, self.plans = {}, {}
        named = model.root.named_vars
        self.position = {name: i for i, name in enumerate(named)}
        variables = [v for v in named.values() if not isinstance(v, SharedVariable)]
        self.data = [v for v in model.named_vars.values() if isinstance(v, SharedVariable)]
        self.unconstrained = {v.transformed: v for v in variables if isinstance(v, TransformedRV)}
        self.observed = {v for v in variables if isinstance(v, ObservedRV)}
        self.missing = {v.missing_values: v for v in self.observed if v.missing_values is not None}
        self.free = {v for v in variables if isinstance(v, (FreeRV, TransformedRV))} - set(self.unconstrained)
        self.deterministics = set(model.root.deterministics) - self.free
        self.stop = self.free | self.observed | self.deterministics | set(self.unconstrained)
        models = {m: None for m in (model.root, model, *(v.model for v in self.free | self.observed))}
        self.dims = {name: dims for m in models for name, dims in m.RV_dims.items()}
        self.coords = {name: coord for m in models for name, coord in m.coords.items()}
        for v in self.data:
            v.tag.note = self.note(v.name)

    def default_outputs(self):
        several, single = [], []
        for v in self.model.observed_RVs:
            (several if isinstance(v, MultiObservedRV) else single).append(v)
        first = [*single, *self.model.potentials, *several]
        first += [v for v in self.model.deterministics if v in self.deterministics]
        reached = set(ancestors([self.output(v) for v in first]))
        loose = []
        for v in reversed(self.model.named_vars.values()):
            if v in self.free and self.output(v) not in reached:
                loose.append(v)
                reached.update(ancestors([self.output(v)], blockers=reached))
        return first + loose[::-1]

    def output(self, v):
        """Return the variable of the graph that stands for a variable of the model."""
        if isinstance(v, MultiObservedRV):
            return self._several_observed(v)
        out = self.read(v)
        if v in self.stop:
            return out
        # a potential: PyMC3 gave the expression itself the name
        if out is not v:
            out.name = None
        return self._named(_with_test_value(potential(out), v), v.name)

    def read(self, v):
        fill(self.memo, [v], self._build, self._dependencies)
        return self.memo[v]

    def note(self, name, **fields):
        extras = (("position", self.position[name]), *fields.pop("extras", ()))
        if not self.model.check_bounds:
            extras += (("check_bounds", False),)
        return Note(dims=self.dims.get(name), extras=extras, **fields)

    def _named(self, variable, name, **fields):
        variable.name = name
        variable.tag.note = self.note(name, **fields)
        return variable

    def _dependencies(self, v):
        if v in self.unconstrained:
            return [self._plan(v)]
        if v in self.observed:
            plan = self._plan(v)
            return [*plan.params, *_variables(plan.size), _value(v)]
        if v in self.free:
            plan = self._plan(self.missing.get(v, v))
            return [*plan.params, *_variables(plan.size)]
        if v in self.deterministics:
            return [_copied(v)]
        return owner_inputs(v)

    def _build(self, v):
        if v in self.unconstrained:
            return self.memo[self._plan(v)]
        if v in self.observed:
            return self._observed(v)
        if v in self.missing:
            return self._missing(v)
        if v in self.free:
            return self._random(v, v.type)
        if v in self.deterministics:
            out = self._named(deterministic(self.memo[_copied(v)]), v.name)
            return _with_test_value(out, v)
        return rebuilt(v, self.memo)

    def _plan(self, v):
        """Return how the distribution of `v` travels; of an unconstrained value, its expression."""
        if v not in self.plans:
            self.plans[v] = self._make_plan(v)
        return self.plans[v]

    def _make_plan(self, v):
        if v in self.unconstrained:
            rv = self.unconstrained[v]
            return rv.transformation.forward(rv)
        if v not in self.observed:
            return self._travel(v, v.distribution.shape)
        value = _value(v)
        plan = self._travel(v, shape_of(value))
        if plan.size and not isinstance(value, Constant) and v.missing_values is None:
            return plan._replace(size=tt.shape(value)[: len(plan.size)])
        return plan

    def _travel(self, v, shape):
        try:
            return travel(v.distribution, shape, self.stop)
        except Exception as error:
            raise UnsupportedDistributionError(
                f"{v.name} ~ {type(v.distribution).__name__}: the density cannot be taken as a graph of its "
                f"value ({type(error).__name__}: {error}); write it with Theano functions of the value alone"
            ) from error

    def _random(self, v, type_):
        """Draw the variable `v` by a node of its own."""
        plan = self._plan(v)
        params = [self.memo[p] for p in plan.params]
        size = self.memo[plan.size] if isinstance(plan.size, Variable) else plan.size or None
        out = plan.op(*params, size=size, rng=fresh_rng())
        if out.type != type_ and plan.op.ndim_supp == 0 and not isinstance(size, Variable):
            shape = shape_of(_value(v)) if v in self.observed else tuple(v.distribution.shape)
            out = plan.op(*params, size=shape, rng=out.owner.inputs[0])
        # what the parameters cannot tell, PyMC3 knows: that an axis has length one
        out.type = type_
        dist, constrained = v.distribution, getattr(v, "transformed", v)
        extras = (*plan.extras, ("dist_shape", tuple(int(n) for n in dist.shape)))
        if not has_default_transform(dist):
            extras += (("exact_transform", True),)
        return self._named(
            _with_test_value(out, v),
            v.name,
            shape=None if v in self.observed else tuple(int(n) for n in dist.shape),
            transform=dist.transform,
            default_transform=has_default_transform(dist, precision_counts=False),
            total_size=constrained.total_size,
            initval=_test_value(dist.testval),
            extras=extras,
        )

    def _observed(self, v):
        value = self.memo[_value(v)]
        rv = self._random(v, tt.TensorType(v.distribution.dtype, value.broadcastable))
        return self._named(_with_test_value(observed(value, rv), v), v.name)

    def _missing(self, v):
        whole = self.missing[v]
        plan = self._plan(whole)
        params = [self.memo[p] for p in plan.params]
        law = MissingLaw(plan.op, plan.size, missing_mask(_value(whole)))
        op = OpaqueRV(law, 1, [p.ndim for p in params], str(v.dtype))
        out = op(*params, rng=fresh_rng())
        out.type = v.type
        return self._named(
            _with_test_value(out, v), v.name, shape=law.shape, initval=_test_value(v.distribution.testval)
        )

    def _several_observed(self, v):
        """Return the density of several data sets observed at once, which have no single value."""
        if v.missing_values:
            raise UnsupportedDistributionError(
                f"{v.name} ~ {type(v.distribution).__name__}: missing entries among several observed arrays "
                "cannot travel; observe each array by a variable of its own"
            )
        data = tuple((key, self.read(value)) for key, value in v.data.items())
        density = self.read(tt.as_tensor_variable(v.logp_elemwiset))
        extras = (("observed", data), ("random", getattr(v.distribution, "random", None)))
        out = _with_test_value(potential(density), density)
        return self._named(out, v.name, total_size=v.total_size, extras=extras)


def _value(v):
    """Return the observed value as a tensor; the user's own constant where it is one."""
    value = v.owner.inputs[0]
    given = v.observations
    return given if isinstance(given, Constant) and given.type == value.type else value


def _copied(v):
    """Return the expression that ``pm.Deterministic`` copied."""
    return v.owner.inputs[0] if v.owner is not None and v.owner.op == tt.tensor_copy else v


def _variables(size):
    return [size] if isinstance(size, Variable) else []


def _with_test_value(out, v):
    """Give `out` the test value that PyMC3 gave `v`, so that the caller may compute on with test values."""
    if "test_value" in vars(v.tag):
        out.tag.test_value = v.tag.test_value
    return out


def _test_value(testval):
    return testval.get_test_value() if isinstance(testval, Variable) else testval
