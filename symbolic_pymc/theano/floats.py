"""Parameters of the distributions that PyMC3 lacks, as variables."""

import numpy as np
import theano
import theano.tensor as tt


def as_float(value):
    """Return a number, an array, a tuple or a variable as a variable of floating-point numbers."""
    value = tt.as_tensor_variable(np.asarray(value) if isinstance(value, tuple) else value)
    return value if value.dtype.startswith("float") else value.astype(theano.config.floatX)
