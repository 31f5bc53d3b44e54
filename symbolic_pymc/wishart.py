r"""The inverse Wishart distribution of positive definite matrices, in numpy and in the words of any tensor module.

.. math::

    X \sim W^{-1}(\nu, \Psi) \iff X^{-1} \sim W(\nu, \Psi^{-1}), \qquad
    p(X) = \frac{|\Psi|^{\nu/2}}{2^{\nu d / 2}\, \Gamma_d(\nu / 2)}\, |X|^{-(\nu + d + 1)/2}
           e^{-\operatorname{tr}(\Psi X^{-1}) / 2}

Shapes: nu a number above d - 1, Psi (d, d) symmetric and positive definite; both may have axes of a batch in front.
The mean is ``Psi / (nu - d - 1)`` for nu > d + 1, the mode ``Psi / (nu + d + 1)``.
"""

import numpy as np
from scipy import stats

from symbolic_pymc.errors import ModelGraphError

PARAMETERS = ("nu", "Psi")
NDIMS = (0, 2)
# how far two entries that should be equal may differ, relative to the entries of the diagonal
ASYMMETRY = 1e-9


def check_shape(shape):
    """Raise ModelGraphError unless Psi, of the given shape with None for unknown lengths, can be square."""
    if len(shape) < 2:
        raise ModelGraphError(f"inversewishart: Psi has {len(shape)} dimensions; give it a square matrix")
    rows, columns = shape[-2:]
    if None not in (rows, columns) and rows != columns:
        raise ModelGraphError(f"inversewishart: Psi is {rows} by {columns}; give it a square matrix")


def draw(rng, nu, Psi, batch):
    """Return independent draws, a symmetric matrix for each element of `batch`, of shape (*batch, d, d)."""
    return _draws(stats.invwishart, rng, nu, Psi, batch)


def draw_wishart(rng, nu, V, batch):
    """Return the same of Wishart matrices of the mean ``nu V``."""
    return _draws(stats.wishart, rng, nu, V, batch)


def _draws(law, rng, nu, scale, batch):
    nu, scale = np.asarray(nu), np.asarray(scale)
    d = scale.shape[-1]
    nu, scale = np.broadcast_to(nu, batch), np.broadcast_to(scale, (*batch, d, d))
    draws = np.empty((*batch, d, d))
    for index in np.ndindex(*batch):
        x = np.reshape(law.rvs(nu[index], scale[index], random_state=rng), (d, d))
        draws[index] = (x + x.T) / 2
    return draws


def log_density(algebra, nu, Psi, value):
    """Return the log density at each matrix of `value`, -inf where a matrix is not symmetric and positive definite.

    Parameters
    ----------
    algebra : symbolic_pymc.lowrank.Algebra
    nu, Psi, value : tensor
    """
    t = algebra.tensor
    d = t.cast(value.shape[-1], value.dtype)
    L, sound = _factor(algebra, value)
    scale, proper = _factor(algebra, Psi)
    trace = t.sum(t.sqr(algebra.solve(L, scale, True)), axis=(-2, -1))
    valid = t.and_(t.and_(sound, proper), t.gt(nu, d - 1))
    nu = t.switch(t.gt(nu, d - 1), nu, d)
    gammas = (
        t.gammaln((nu[..., None] - t.arange(value.shape[-1])) / 2)
        if nu.ndim
        else t.gammaln((nu - t.arange(value.shape[-1])) / 2)
    )
    normalizer = nu * d / 2 * np.log(2.0) + d * (d - 1) / 4 * np.log(np.pi) + t.sum(gammas, axis=-1)
    density = nu / 2 * _log_determinant(algebra, scale) - (nu + d + 1) / 2 * _log_determinant(algebra, L)
    return t.switch(valid, density - trace / 2 - normalizer, -np.inf)


def _log_determinant(algebra, L):
    return 2 * algebra.tensor.sum(algebra.tensor.log(algebra.diagonal(L)), axis=-1)


def _factor(algebra, matrix):
    """Return the Cholesky factor of a matrix, the identity where it has none, and whether it has one."""
    t = algebra.tensor
    identity, across = t.eye(matrix.shape[-1], dtype=matrix.dtype), algebra.transpose(matrix)
    finite = t.all(t.lt(abs(matrix), np.inf), axis=(-2, -1))
    spread = t.sqrt(abs(algebra.diagonal(matrix)))
    allowed = ASYMMETRY * spread[..., :, None] * spread[..., None, :]
    symmetric = t.all(t.le(abs(matrix - across), allowed), axis=(-2, -1))
    L = algebra.cholesky(t.switch(finite[..., None, None], matrix, identity))
    sound = t.and_(t.and_(finite, symmetric), t.all(t.gt(algebra.diagonal(L), 0), axis=-1))
    return t.switch(sound[..., None, None], L, identity), sound
