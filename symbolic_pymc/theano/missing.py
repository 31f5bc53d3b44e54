"""Data with missing entries: a constant array into which the free variable of these entries is written."""

import numpy as np
from theano.graph.basic import Constant
from theano.tensor.subtensor import AdvancedIncSubtensor, AdvancedIncSubtensor1


def missing_parts(value):
    """Return the constant array, the variable of the missing entries and the mask; None for other data."""
    op = value.owner and value.owner.op
    if not isinstance(op, (AdvancedIncSubtensor, AdvancedIncSubtensor1)) or not op.set_instead_of_inc:
        return None
    array, entries, *index = value.owner.inputs
    if not all(isinstance(v, Constant) for v in (array, *index)):
        return None
    mask = np.zeros(array.data.shape, dtype=bool)
    mask[tuple(v.data for v in index)] = True
    return array.data, entries, mask


def missing_mask(value):
    """Return the mask of the missing entries of `value`, which has some."""
    return missing_parts(value)[2]
