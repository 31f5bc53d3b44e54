"""Log densities of the random variables of Theano graphs."""

import pymc3 as pm
import theano
import theano.tensor as tt
from theano.graph.basic import Variable
from theano.tensor.random.op import RandomVariable

from symbolic_pymc.errors import ConversionError, ModelGraphError, UnsupportedDistributionError
from symbolic_pymc.note import Note
from symbolic_pymc.theano.opaque import MissingLaw, OpaqueRV
from symbolic_pymc.theano.pymc3_distributions import pymc3_dist


def is_random(variable):
    """Tell whether a variable is what a RandomVariable draws."""
    node = variable.owner
    return node is not None and isinstance(node.op, RandomVariable) and variable is node.outputs[1]


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
        One density for every independent draw: the shape is that of `value` without the dimensions of a single draw.
        For a distribution that travels whole it is what PyMC3's own ``logp`` gives. The entries missing from an
        observed value have log density zero, because the density of that value counts them.

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
    return conditional_density(rv, rv.owner.inputs[3:], _checked(value, rv))


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
        raise UnsupportedDistributionError(f"{rv}: PyMC3 has no log density of {op} for these shapes: {error}") from error
    surplus = 0 if isinstance(op, OpaqueRV) else density.ndim - (rv.ndim - op.ndim_supp)
    # axes of length one, which PyMC3 keeps behind for counts and puts in front for categories
    return density[(..., *(0,) * surplus)] if op.ndim_supp else density[(0,) * surplus]


def _unbound(dist, value, check_bounds):
    """Return PyMC3's log density with or without checks of bounds, whatever model the caller is inside of."""
    mode = theano.config.compute_test_value
    with pm.Model(check_bounds=check_bounds), theano.config.change_flags(compute_test_value=mode):
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
