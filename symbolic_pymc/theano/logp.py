"""Log densities of the random variables of Theano graphs."""

from functools import partial

import pymc3 as pm
import theano
import theano.tensor as tt
from pymc3.model import _get_scaling
from theano.graph.basic import Variable
from theano.graph.fg import FunctionGraph as TheanoFunctionGraph

from symbolic_pymc.errors import ConversionError, ModelGraphError, UnsupportedDistributionError
from symbolic_pymc.note import Note
from symbolic_pymc.relations.densities import derived_densities
from symbolic_pymc.theano.markers import Marker, Observed
from symbolic_pymc.theano.meta import BACKEND
from symbolic_pymc.theano.opaque import MissingLaw, OpaqueRV
from symbolic_pymc.theano.pymc3_distributions import pymc3_dist
from symbolic_pymc.theano.rebuild import fill, owner_inputs, postorder, rebuilt
from symbolic_pymc.theano.scans import ConditionalScan, is_random, is_random_scan, take_apart, without_initial
from symbolic_pymc.theano.vocabulary import ops


def log_density(rv, value):
    """Return the graph of the log density of a random variable at a value, given its parameters.

    Parameters
    ----------
    rv : Variable
        What a RandomVariable draws; its static shape may be unknown.
    value : Variable, array or number
        With as many dimensions as `rv`.

    Returns
    -------
    Variable
        One density for every independent draw: the shape is that of `value` without the dimensions of a
        single draw. For a distribution that travels whole it is what PyMC3's own ``logp`` gives. The entries
        missing from an observed value have log density zero, because the density of that value counts them.

    Raises
    ------
    ConversionError
        For anything but a Theano variable that a RandomVariable draws.
    ModelGraphError
        For a value of the wrong number of dimensions, or one with fractions where `rv` is discrete.
    UnsupportedDistributionError
        For a distribution whose density PyMC3 does not have.
    """
    if not isinstance(rv, Variable) or not is_random(rv):
        raise ConversionError(f"{rv!r:.200}: log_density takes the output of a Theano RandomVariable node")
    with BACKEND.build_context():
        return conditional_density(rv, rv.owner.inputs[3:], _checked(value, rv))


def scaling(total_size, value):
    """Return what the log density of a minibatch is multiplied by: by how much `total_size` exceeds it."""
    return _get_scaling(total_size, value.shape, value.ndim)


def conditional_density(rv, params, value):
    """Return the log density of `rv` at `value` where its parameters are `params`."""
    op, note = rv.owner.op, getattr(rv.tag, "note", None) or Note()
    if isinstance(op, OpaqueRV) and isinstance(op.law, MissingLaw):
        return tt.zeros_like(value, dtype=theano.config.floatX)
    # PyMC3 looks at the number of dimensions alone
    shape = (1,) * rv.ndim
    try:
        density = _unbound(pymc3_dist(op, params, shape, note), value, dict(note.extras).get("check_bounds", True))
    except (ValueError, TypeError, NotImplementedError) as error:
        if isinstance(error, UnsupportedDistributionError):
            raise
        raise UnsupportedDistributionError(
            f"{rv}: PyMC3 has no log density of {op} for these shapes: {error}"
        ) from error
    if isinstance(op, OpaqueRV) or density.ndim == rv.ndim - op.ndim_supp:
        return density
    # axes of length one, which PyMC3 keeps behind for counts and puts in front for categories
    surplus = (0,) * (density.ndim - (rv.ndim - op.ndim_supp))
    return density[(..., *surplus)] if op.ndim_supp else density[surplus]


def _unbound(dist, value, check_bounds):
    """Return PyMC3's log density with or without checks of bounds, whatever model the caller is inside of."""
    mode = theano.config.compute_test_value
    # PyMC3 sets the flag inside of a model, and leaves it so behind
    with theano.config.change_flags(compute_test_value=mode), pm.Model(check_bounds=check_bounds):
        with theano.config.change_flags(compute_test_value=mode):
            return tt.as_tensor_variable(dist.logp(value))


def _checked(value, rv):
    value = tt.as_tensor_variable(value)
    if value.ndim != rv.ndim:
        raise ModelGraphError(
            f"{rv}: the value has {value.ndim} dimensions, the random variable {rv.ndim}; "
            "give the value the shape of the variable"
        )
    if rv.type.dtype in tt.discrete_dtypes and value.dtype not in tt.discrete_dtypes:
        raise ModelGraphError(
            f"{rv}: the value has dtype {value.dtype}, the random variable is discrete ({rv.dtype}); "
            f"cast the value to {rv.dtype}"
        )
    return value


# All random variables of a graph ----------------------------------------------------------------------------


def logp(*output_vars):
    """Return the log densities of the random variables of a graph, each given its parents.

    The sum of all of them is the joint log density, but for Potentials, and for the factor that a
    ``total_size`` gives to minibatches.

    Parameters
    ----------
    *output_vars : FunctionGraph, Variable or sequence of Variable
        The random variables that they depend on are taken in, too, named or not; also those that a Scan
        draws, if they are outputs of it.

    Returns
    -------
    dict of Variable to (Variable, Variable)
        From every random variable, parents before children, to its value and to the graph of its log density.
        The value is what was observed, else a new variable with the type of the random variable and the name
        ``<name>_value``. Densities are expressed in the values of all variables; see `log_density` for their
        shapes. An output that is no draw itself, such as a sum of two of them, counts as a random variable in
        their place if its law is known (`symbolic_pymc.relations.algebra`) and they stand in no other output.
        What a Scan draws is one random variable for all steps, without the initial ones: the output
        as `theano.scan` returns it. Its density has the steps as first dimension.

    Raises
    ------
    ConversionError
        For anything but graphs and variables.
    ModelGraphError
        For a variable that is observed twice or not random, a cycle, and a Scan that `take_apart` refuses.
    UnsupportedDistributionError
        For a distribution whose density PyMC3 does not have.
    """
    with BACKEND.build_context():
        outputs = _outputs_of(output_vars)
        derived = derived_densities(ops, tt, log_density, outputs)
        given = _Conditioner([derived[v][1] if v in derived else v for v in outputs])
        densities = given.result()
        return densities | {v: (value, given.memo[density]) for v, (value, density) in derived.items()}


def _outputs_of(graphs):
    outputs = []
    for graph in graphs:
        found = graph.outputs if isinstance(graph, TheanoFunctionGraph) else graph
        found = list(found) if isinstance(found, (list, tuple)) else [found]
        if not all(isinstance(v, Variable) for v in found):
            raise ConversionError(f"{graph!r:.200}: logp takes Theano FunctionGraphs and variables")
        outputs += found
    return outputs


class _Conditioner:
    """A graph, read for given values of its random variables.

    memo : what stands for each variable of the graph, expressed in values
    densities : from each random variable to its value and log density
    observations : from random variables to what was observed
    scans : the Scans that draw, by node
    steps : from what `theano.scan` returns of their outputs, without initial steps, to the outputs
    drawn : the random variables that the Scans draw, by node
    """

    def __init__(self, outputs):
        self.outputs = outputs
        self.memo, self.densities, self.observations = {}, {}, {}
        variables = postorder(outputs)
        self.scans = {node: take_apart(node) for node in {v.owner: None for v in variables} if is_random_scan(node)}
        self.steps = self._steps(variables)
        for v in variables:
            if _is_marker(v, Observed):
                self._observe(*v.owner.inputs)
        self.drawn = {node: [self._variable_of(s) for s in scan.drawn] for node, scan in self.scans.items()}

    def _steps(self, variables):
        n_initial = {s.outer: s.n_initial for scan in self.scans.values() for s in (*scan.drawn, *scan.others)}
        steps = {outer: outer for outer, n in n_initial.items() if n == 0}
        for v in variables:
            outer, n = without_initial(v) or (None, None)
            if outer in n_initial and n == n_initial[outer]:
                steps[v] = outer
        return steps

    def _observe(self, value, rv):
        drawn = (state.outer for scan in self.scans.values() for state in scan.drawn)
        if not is_random(rv) and self.steps.get(rv) not in drawn:
            raise ModelGraphError(f"observed({value}, {rv}): the second argument is no random variable; observe one")
        if rv in self.observations:
            raise ModelGraphError(f"{rv}: observed twice; a random variable has one value")
        self.observations[rv] = value

    def _variable_of(self, state):
        """Return the random variable of what a Scan draws: what is observed of it, else what it returns."""
        names = [v for v, outer in self.steps.items() if outer is state.outer]
        return next((v for v in names if v in self.observations), names[0] if names else state.outer)

    def result(self):
        """Return the densities of all random variables."""
        fill(self.memo, self.outputs, self._build, self._dependencies)
        return self.densities

    def _dependencies(self, v):
        if is_random(v):
            return [*v.owner.inputs[3:], *self._observed([v])]
        node = self._scan_of(v)
        if node is not None:
            return [*node.inputs, *self._observed(self.drawn[node])]
        return v.owner.inputs[1:] if _is_marker(v, Observed) else owner_inputs(v)

    def _observed(self, variables):
        return [self.observations[v] for v in variables if v in self.observations]

    def _scan_of(self, v):
        node = self.steps.get(v, v).owner
        return node if node in self.scans else None

    def _build(self, v):
        node = self._scan_of(v)
        if node is not None:
            self._build_scan(node)
            return self.memo.setdefault(v, v)  # a generator's last state stays what it is
        if not is_random(v):
            return _expression(v, self.memo)
        value = self._value(v, v.name)
        params = [self.memo[p] for p in v.owner.inputs[3:]]
        self.densities[v] = value, conditional_density(v, params, value)
        return value

    def _build_scan(self, node):
        scan, variables = self.scans[node], self.drawn[node]
        values = [self._value(v, v.name or state.inner.name) for v, state in zip(variables, scan.drawn)]
        given = ConditionalScan(scan, self.memo, values, _expressions)
        densities = given.densities(conditional_density)
        self.densities.update((v, (value, density)) for v, value, density in zip(variables, values, densities))
        outputs, steps = given.outputs()
        self.memo.update(outputs)
        self.memo.update((v, steps[outer]) for v, outer in self.steps.items() if outer in steps)

    def _value(self, rv, name):
        if rv in self.observations:
            return self.memo[self.observations[rv]]
        value = rv.type(name and f"{name}_value")
        if "test_value" in rv.tag.__dict__:
            value.tag.test_value = rv.tag.test_value
        return value


def _is_marker(v, kind):
    return v.owner is not None and isinstance(v.owner.op, kind)


def _expression(v, memo):
    """Return what stands for `v` when it does for its inputs; markers are taken off."""
    if _is_marker(v, Marker):
        return memo[v.owner.inputs[isinstance(v.owner.op, Observed)]]
    return rebuilt(v, memo)


def _expressions(variables, memo):
    """Rebuild variables over others."""
    fill(memo, variables, partial(_expression, memo=memo))
    return [memo[v] for v in variables]
