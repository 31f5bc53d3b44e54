"""PyMC3's mixtures, as they travel in a graph."""

import pymc3 as pm
from pymc3.distributions.distribution import Distribution
from theano.graph.basic import Constant

from symbolic_pymc.components import Mixture
from symbolic_pymc.theano.known import constant_array
from symbolic_pymc.theano.opaque import Law, OpaqueRV
from symbolic_pymc.theano.pymc3_parameters import travel
from symbolic_pymc.theano.random_variables import fresh_rng


def mixture_of(rv):
    """Return the `Mixture` that a variable draws; None for any other variable, and for weights that are not constant."""
    op = rv.owner.op
    if not isinstance(op, OpaqueRV) or not isinstance(op.law, Law) or not isinstance(op.law.dist, pm.Mixture):
        return None
    dist, shape = op.law.with_parents(rv.owner.inputs[3:]), op.law.shape
    weights = constant_array(dist.w)
    if weights is None or weights.ndim == 0:
        return None
    is_one_law = isinstance(dist.comp_dists, Distribution)
    draws = (
        _along_the_last_axis(dist.comp_dists, shape, weights.shape[-1])
        if is_one_law
        else _listed(dist.comp_dists, shape)
    )
    return draws and Mixture(weights, draws)


def _listed(dists, shape):
    if len(dists) == 1 and shape:
        return None  # PyMC3 drops the axis of a single component, and adds up the densities of the elements
    return tuple(_drawn(plan.op, plan.params, plan.size) for plan in (travel(dist, shape) for dist in dists))


def _along_the_last_axis(dist, shape, n):
    plan = travel(dist, (*shape, n))
    if isinstance(plan.op, OpaqueRV) or plan.op.ndim_supp:
        return None
    return tuple(_drawn(plan.op, [_at(p, i) for p in plan.params], shape) for i in range(n))


def _drawn(op, params, size):
    return op(*params, size=size or None, rng=fresh_rng())


def _at(param, i):
    """Return the parameter of component i."""
    if getattr(param, "ndim", 0) == 0:
        return param
    place = 0 if param.broadcastable[-1] else i
    return param.data[..., place] if isinstance(param, Constant) else param[..., place]
