"""The joint log density of a PyMC3 model, as PyMC3 writes it, ready to be evaluated."""

import theano
from theano.compile.mode import Mode


def evaluate(variable):
    """Return the value of a variable that depends on no input, computed as it stands."""
    return _compiled([], variable)()


def joint_density(model):
    """Return the log density in the space that samplers walk in, a function of values in order, and their names."""
    values = model.free_RVs
    return _compiled(values, model.logpt), [v.name for v in values]


def start(model):
    """Return the values that samplers start from, by name."""
    point = model.test_point
    return {v.name: point[v.name] for v in model.free_RVs}


def _compiled(inputs, output):
    return theano.function(inputs, output, mode=Mode(linker="py", optimizer=None), on_unused_input="ignore")
