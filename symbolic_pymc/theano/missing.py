"""Data with missing entries: a constant array into which the free variable of these entries is written."""

import numpy as np
from theano.graph.basic import Constant
from theano.tensor import as_tensor_variable
from theano.tensor.subtensor import AdvancedIncSubtensor, AdvancedIncSubtensor1

from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.missing import Missing


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


def missing_of(mark, parts):
    """Return the `Missing` of observed data, ``observed(value, rv)``, of a model; None where no entry is missing."""
    value, whole = mark.rands
    (base,) = reify_many((value,))
    found = missing_parts(base)
    if found is None:
        return None
    array, _, mask = found
    return Missing(whole, value.rands[1], metatize(as_tensor_variable(array[~mask])), mask, value)


def missing_mask(value):
    """Return the mask of the missing entries of `value`, which has some."""
    return missing_parts(value)[2]
