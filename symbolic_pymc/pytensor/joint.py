"""The joint log density of a PyMC model, as PyMC writes it, ready to be evaluated."""

import pytensor
from pytensor import config
from pytensor.compile.mode import Mode


def double_constants():
    """Give the constants of PyMC's densities, such as the square root of two, the precision of what is computed."""
    return config.change_flags(cast_policy="numpy+floatX")


def evaluate(variable):
    """Return the value of a variable that depends on no input, computed as it stands."""
    return _compiled([], variable)()


def joint_density(model):
    """Return the log density in the space that samplers walk in, a function of values in order, and their names."""
    values = model.value_vars
    with double_constants():
        return _compiled(values, model.logp()), [v.name for v in values]


def start(model):
    """Return the values that samplers start from, by name."""
    point = model.initial_point(0)
    return {v.name: point[v.name] for v in model.value_vars}


def _compiled(inputs, output):
    return pytensor.function(inputs, output, mode=Mode(linker="py", optimizer=None), on_unused_input="ignore")
