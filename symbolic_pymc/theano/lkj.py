"""PyMC3's random correlation matrices, as they travel in a graph."""

import pymc3 as pm
import theano.tensor as tt
from pymc3.distributions import multivariate
from theano.graph.basic import Constant

from symbolic_pymc.lkj import PACKED, UPPER, Correlations
from symbolic_pymc.theano.opaque import Law, OpaqueRV
from symbolic_pymc.theano.pymc3_parameters import travel
from symbolic_pymc.theano.random_variables import fresh_rng


def correlations_of(rv):
    """Return the `Correlations` that a variable draws; None for any other variable."""
    op = rv.owner.op
    if not isinstance(op, OpaqueRV) or not isinstance(op.law, Law) or rv.ndim != 1:
        return None
    kind = type(op.law.dist)
    if kind not in (pm.LKJCorr, multivariate._LKJCholeskyCov):
        return None
    dist = op.law.with_parents(rv.owner.inputs[3:])
    n, eta = map(tt.as_tensor_variable, (dist.n, dist.eta))
    n, eta = int(n.data) if isinstance(n, Constant) else None, eta if eta.ndim == 0 else eta.flatten()[0]
    if kind is pm.LKJCorr or n is None:
        return Correlations(n, eta, UPPER if kind is pm.LKJCorr else PACKED)
    return Correlations(n, eta, PACKED, _drawn(dist.sd_dist, n))


def _drawn(dist, n):
    """Return n draws of a distribution that is no variable of the model."""
    plan = travel(dist, (n,))
    return plan.op(*plan.params, size=plan.size or None, rng=fresh_rng())
