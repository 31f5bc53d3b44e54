"""PyMC3's mixtures of the number 0 and of a law that never draws it, as they travel in a graph."""

import pymc3 as pm
import theano
import theano.tensor as tt
from pymc3.distributions import bound
from theano.tensor.basic import Join
from theano.tensor.elemwise import DimShuffle
from theano.tensor.opt import MakeVector

from symbolic_pymc.components import Hurdle
from symbolic_pymc.theano.known import constant_array, constant_value, is_elemwise, op_of
from symbolic_pymc.theano.opaque import Law, OpaqueRV

_CUT = bound._DiscreteBounded, bound._ContinuousBounded, pm.TruncatedNormal
# laws that have no density at 0 in PyMC3, and those that have none where alpha is larger than one
_POSITIVE, _POSITIVE_ABOVE_ONE = (pm.InverseGamma, pm.Wald, pm.Pareto), (pm.Gamma, pm.Weibull)


def hurdle_of(rv):
    """Return the `Hurdle` that a variable draws; None for any other variable."""
    op = rv.owner.op
    if not isinstance(op, OpaqueRV) or not isinstance(op.law, Law) or not isinstance(op.law.dist, pm.Mixture):
        return None
    dist = op.law.with_parents(rv.owner.inputs[3:])
    if not isinstance(dist.comp_dists, (list, tuple)) or len(dist.comp_dists) != 2:
        return None
    (zero, law), chance = dist.comp_dists, _chance(dist.w)
    if chance is None or type(zero) is not pm.Constant or constant_value(tt.as_tensor_variable(zero.c)) != 0:
        return None
    return Hurdle(chance, (law.logp(tt.ones((), dtype=law.dtype)),)) if _misses_zero(law) else None


def _misses_zero(law):
    if isinstance(law, _CUT):
        return law.lower is not None and _is_above(law.lower, 0)
    return type(law) in _POSITIVE or (type(law) in _POSITIVE_ABOVE_ONE and _is_above(law.alpha, 1))


def _is_above(x, number):
    values = constant_array(tt.as_tensor_variable(x))
    return values is not None and bool((values > number).all())


def _chance(weights):
    """Return psi where the weights are 1 - psi and psi, side by side along the last axis, else None."""
    if not isinstance(op_of(weights), (MakeVector, Join)):
        return None
    if isinstance(op_of(weights), Join) and constant_value(weights.owner.inputs[0]) not in (-1, weights.ndim - 1):
        return None
    parts = [_without_last_axis(x) for x in weights.owner.inputs[isinstance(op_of(weights), Join) :]]
    if len(parts) != 2 or not is_elemwise(parts[0], theano.scalar.sub):
        return None
    one, psi = parts[0].owner.inputs
    return psi if psi is parts[1] and constant_value(one) == 1 else None


def _without_last_axis(x):
    """Return what an axis of length one was put after, by a join along it."""
    op = op_of(x)
    is_padded = isinstance(op, DimShuffle) and op.new_order == (*range(x.ndim - 1), "x")
    return x.owner.inputs[0] if is_padded else x
