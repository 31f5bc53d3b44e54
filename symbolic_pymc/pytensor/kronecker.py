"""PyMC's normal vectors of a Kronecker covariance, as they travel in a graph."""

from pymc.distributions.multivariate import KroneckerNormalRV
from pytensor.graph.basic import Constant

from symbolic_pymc.relations.edge import NotReversible


def kronecker_of(rv):
    """Return mean, standard deviation of the noise or None, and covariances of such a vector; None for another variable.

    Raises
    ------
    NotReversible
        For several vectors.
    """
    node = rv.owner
    if not isinstance(node.op, KroneckerNormalRV):
        return None
    if rv.ndim != 1:
        raise NotReversible(f"{rv.name} is a batch of normal vectors; write one variable for each")
    mu, sigma, *covs = node.op.dist_params(node)
    is_noisy = not isinstance(sigma, Constant) or bool(sigma.data.any())
    return (mu, sigma if is_noisy else None, *covs)
