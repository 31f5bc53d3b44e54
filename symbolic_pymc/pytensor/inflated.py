"""Counts with more zeros than their law has, which PyMC writes as a mixture of the number 0 and of that law."""

from pymc.distributions import DiracDelta, Mixture
from pymc.distributions.shape_utils import rv_size_is_none
from pytensor.graph.basic import Constant
from pytensor.scalar import Cast, Sub
from pytensor.tensor import broadcast_shape, stack
from pytensor.tensor.basic import Join, MakeVector
from pytensor.tensor.elemwise import DimShuffle, Elemwise

from symbolic_pymc.pytensor.random_variables import DISTRIBUTIONS, INFLATED, make_rv, row_of, rv_parts

_BY_ROW = {DISTRIBUTIONS[name]: DISTRIBUTIONS[inflated] for name, inflated in INFLATED.items()}
COUNTS = {inflated: row for row, inflated in _BY_ROW.items()}


def plain_counts(outputs):
    """Return the outputs of the plain random variable for those of such a mixture; those of another node as they are."""
    node = outputs[-1].owner
    if not isinstance(node.op, Mixture.rv_type):
        return outputs
    weights, zero, *counts = node.op.dist_params(node)
    psi = chance_of(weights)
    if psi is None or len(counts) != 1 or not is_zero(zero):
        return outputs
    row = _BY_ROW.get(row_of(counts[0].owner.op))
    if row is None:
        return outputs
    _, size, params = rv_parts(counts[0].owner)
    draw = make_rv(row.op, (psi, *params), size=size, name=outputs[-1].name)
    return draw.owner.outputs if outputs[-1].type.is_super(draw.type) else outputs


def mixture_of(row, params, size):
    """Return the draw of PyMC's mixture for a row of `COUNTS`."""
    psi, *params = params
    size = broadcast_shape(psi, *params) if rv_size_is_none(size) else size
    return Mixture.dist(
        stack([1 - psi, psi], axis=-1), [DiracDelta.dist(0), make_rv(COUNTS[row].op, params, size=size)]
    )


def is_zero(component):
    """Tell whether a component of a mixture is always the number 0."""
    node = component.owner
    if not isinstance(node.op, DiracDelta.rv_type):
        return False
    (value,) = node.op.dist_params(node)
    return _is_always(value, 0)


def chance_of(weights):
    """Return psi where the weights are 1 - psi and psi, side by side along the last axis, else None."""
    node = weights.owner
    if node is None or not isinstance(node.op, Join | MakeVector):
        return None
    first, second = (_without_last_axis(x) for x in node.inputs[-2:])
    op = first.owner and first.owner.op
    if not isinstance(op, Elemwise) or not isinstance(op.scalar_op, Sub):
        return None
    one, psi = first.owner.inputs
    return second if psi is second and _is_always(one, 1) else None


def _is_always(variable, number):
    while variable.owner is not None and (isinstance(variable.owner.op, DimShuffle) or _is_cast(variable.owner.op)):
        variable = variable.owner.inputs[0]
    return isinstance(variable, Constant) and bool((variable.data == number).all())


def _is_cast(op):
    return isinstance(op, Elemwise) and isinstance(op.scalar_op, Cast)


def _without_last_axis(x):
    """Return what an axis of length one was put after, by a join along it."""
    op = x.owner and x.owner.op
    is_padded = isinstance(op, DimShuffle) and op.new_order == (*range(x.ndim - 1), "x")
    return x.owner.inputs[0] if is_padded else x
