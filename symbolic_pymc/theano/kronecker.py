"""PyMC3's normal vectors of a Kronecker covariance, as they travel in a graph."""

import pymc3 as pm
import theano.tensor as tt

from symbolic_pymc.relations.edge import NotReversible
from symbolic_pymc.theano.known import constant_value
from symbolic_pymc.theano.opaque import Law, OpaqueRV


def kronecker_of(rv):
    """Return mean, standard deviation of the noise or None, and covariances of such a vector; None for another variable.

    Raises
    ------
    NotReversible
        For several vectors.
    """
    op = rv.owner.op
    if not isinstance(op, OpaqueRV) or not isinstance(op.law, Law) or type(op.law.dist) is not pm.KroneckerNormal:
        return None
    if len(op.law.shape) != 1:
        raise NotReversible(f"{rv.name} is a batch of normal vectors; write one variable for each")
    dist = op.law.with_parents(rv.owner.inputs[3:])
    return (dist.mu, _noise(dist), *_covariances(dist))


def _noise(dist):
    sigma = None if dist.sigma is None else tt.as_tensor_variable(dist.sigma)
    return None if sigma is None or constant_value(sigma) == 0 else sigma


def _covariances(dist):
    if dist._isEVD:
        return [tt.dot(Q * values, Q.T) for values, Q in zip(dist.eigs_sep, dist.Qs)]
    return [tt.dot(chol, chol.T) for chol in dist.chols]
