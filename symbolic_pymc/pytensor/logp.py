"""The log density of a random variable of a PyTensor graph."""

import pymc as pm
from pytensor.graph.basic import Variable
from pymc.variational.minibatch_rv import get_scaling
from pytensor.tensor import NoneConst, as_tensor_variable

from symbolic_pymc.errors import ConversionError
from symbolic_pymc.pytensor.copying import is_draw
from symbolic_pymc.pytensor.joint import double_constants
from symbolic_pymc.pytensor.markers import check_observation
from symbolic_pymc.pytensor.random_variables import is_generator
from symbolic_pymc.pytensor.to_model import copy_for_pymc


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
        single draw.

    Raises
    ------
    ConversionError
        For anything but a PyTensor variable that a RandomVariable draws.
    ModelGraphError
        For a value that `rv` cannot have.
    """
    if not isinstance(rv, Variable) or not is_draw(rv):
        raise ConversionError(f"{rv!r:.200}: log_density takes the output of a PyTensor RandomVariable node")
    value = as_tensor_variable(value)
    check_observation(value, rv)
    copy = copy_for_pymc(rv.owner, _distinct(rv.owner.inputs))[rv.index]
    with double_constants():
        return pm.logp(copy, value, warn_rvs=False)


def scaling(total_size, value):
    """Return what the log density of a minibatch is multiplied by: by how much `total_size` exceeds it."""
    with double_constants():
        return get_scaling([NoneConst if n is None else n for n in total_size], value.shape)


def _distinct(inputs):
    """Return inputs of which none is given twice, which PyMC cannot make some of its distributions of."""
    return [v.copy() if v in inputs[:i] and not is_generator(v) else v for i, v in enumerate(inputs)]
