r"""The normal vector whose covariance is diagonal plus low rank, in numpy and in the words of any tensor module.

.. math::

    y = \mu + W z + \sqrt{v} \odot e, \qquad z \sim N(0, I_k), \quad e \sim N(0, I_n)
    \qquad\Longleftrightarrow\qquad y \sim N(\mu, \operatorname{diag}(v) + W W^\top)

Shapes: mu (n), factor W (n, k), variance v (n), all of it positive; every one may have axes of a batch in front.
The covariance is never formed: a draw costs O(n k), a log density O(n k min(n, k)).
"""

from typing import Any, Callable, NamedTuple

import numpy as np

from symbolic_pymc.errors import ArgumentError, ModelGraphError

PARAMETERS = ("mu", "factor", "variance")
NDIMS = (1, 2, 1)


def check_shapes(*shapes):
    """Raise ModelGraphError unless mu (..., n), factor (..., n, k) and variance (..., n) fit together.

    Parameters
    ----------
    *shapes : tuple of int or None
        The shapes of the three as far as they are known: None for a length that is not.
    """
    for name, shape, ndim in zip(PARAMETERS, shapes, NDIMS):
        if len(shape) < ndim:
            raise ModelGraphError(
                f"lowrankmvnormal: {name} has {len(shape)} dimensions; it needs {ndim}: mu and variance are vectors "
                "of length n, factor is a matrix with n rows"
            )
    lengths = [shape[len(shape) - ndim] for shape, ndim in zip(shapes, NDIMS)]
    if len({n for n in lengths if n is not None}) > 1:
        listed = ", ".join(f"{name} {n}" for name, n in zip(PARAMETERS, lengths) if n is not None)
        raise ModelGraphError(
            f"lowrankmvnormal: the lengths differ ({listed}); mu, variance and the rows of factor are as many"
        )


def length_of(*shapes):
    """Return n by the shapes of mu, factor and variance as far as they are known, or None."""
    lengths = (shape[len(shape) - ndim] for shape, ndim in zip(shapes, NDIMS))
    return next((n for n in lengths if n is not None), None)


def batch_of(mu, factor, variance):
    """Return the shape of the batch that three arrays have in common."""
    return np.broadcast_shapes(*(np.shape(p)[: np.ndim(p) - n] for p, n in zip((mu, factor, variance), NDIMS)))


def draw(rng, mu, factor, variance, batch):
    """Return independent draws, an array of shape (*batch, n).

    Parameters
    ----------
    rng : numpy.random.Generator, numpy.random.RandomState, or the module numpy.random
    mu, factor, variance : numpy.ndarray
        Of shapes (..., n), (..., n, k) and (..., n), where ... broadcasts to `batch`.
    batch : tuple of int

    Raises
    ------
    ModelGraphError
        For shapes that do not fit.
    ArgumentError
        For a variance that is not positive.
    """
    check_shapes(mu.shape, factor.shape, variance.shape)
    if not np.all(variance > 0):
        raise ArgumentError("lowrankmvnormal: the variances are not all positive; give it positive ones")
    z = rng.standard_normal((*batch, factor.shape[-1]))
    e = rng.standard_normal((*batch, factor.shape[-2]))
    return mu + np.matmul(factor, z[..., None])[..., 0] + np.sqrt(variance) * e


class Algebra(NamedTuple):
    """What a tensor module says in its own way; matrices may have axes of a batch in front if it can.

    `cholesky` gives a lower factor, with a diagonal that is not positive where there is none; `solve` is called as
    ``solve(matrix, right, lower)`` with a triangular matrix.
    """

    tensor: Any
    product: Callable
    transpose: Callable
    diagonal: Callable
    cholesky: Callable
    solve: Callable


def log_density(algebra, factor, variance, residuals, wide=False):
    r"""Return the log density at the columns of `residuals`, y - mu, of shape (..., n, m); the result is (..., m).

    .. math::

        S = D^{-1/2} W, \quad r = D^{-1/2} (y - \mu), \quad C = I_k + S^\top S, \quad z = C^{-1} S^\top r

        (y - \mu)^\top \Sigma^{-1} (y - \mu) = \lVert r - S z \rVert^2 + \lVert z \rVert^2,
        \qquad \log |\Sigma| = \log |D| + \log |C|

    This is the Woodbury identity as the least squares problem that it solves: nothing cancels where W W' is much
    larger than D, and an error in z counts squared.  The density is zero (log: -inf) where a variance is not
    positive, and nan where C overflows or is so near to singular that it has no Cholesky factor in double precision.

    Parameters
    ----------
    algebra : Algebra
    factor, variance, residuals : tensor
    wide : bool
        Says that k > n.  Then C, of k rows and the eigenvalue 1 at least k - n times, loses digits where W W' is much
        larger than D; ``I_n + S S'`` is smaller, has the same determinant, and serves in its place.

    Reference: Woodbury, Inverting modified matrices, Memorandum Report 42, Statistical Research Group, Princeton
    University (1950).
    """
    t = algebra.tensor
    positive = t.gt(variance, 0)
    variance = t.switch(positive, variance, 1.0)
    deviation = t.sqrt(variance)[..., None]
    solve = _solve_wide if wide else _solve_tall
    distance, L, sound = solve(algebra, factor / deviation, residuals / deviation)
    constant = t.sum(t.log(2 * np.pi * variance), axis=-1) + 2 * t.sum(t.log(algebra.diagonal(L)), axis=-1)
    density = t.switch(sound, -0.5 * (constant[..., None] + distance), np.nan)
    return t.switch(t.all(positive, axis=-1)[..., None], density, -np.inf)


def _solve_tall(algebra, S, r):
    """Return ``r' (I + S S')**-1 r`` by columns, a triangular L of that determinant, and if L is sound."""
    t, dot = algebra.tensor, algebra.product
    # a column that changes nothing: LAPACK has no triangular systems of order zero, which k = 0 would need
    S = t.concatenate([S, t.zeros_like(t.sum(S, axis=-1)[..., None])], axis=-1)
    transposed = algebra.transpose(S)
    L, sound = _cholesky(algebra, dot(transposed, S))
    right = _finite(t, dot(transposed, r))
    z = algebra.solve(algebra.transpose(L), algebra.solve(L, right, True), False)
    return t.sum(t.sqr(r - dot(S, z)), axis=-2) + t.sum(t.sqr(z), axis=-2), L, sound


def _solve_wide(algebra, S, r):
    """Return what `_solve_tall` does, for S with more columns than rows."""
    t = algebra.tensor
    L, sound = _cholesky(algebra, algebra.product(S, algebra.transpose(S)))
    right = _finite(t, r)
    # what is not finite stays at an infinite distance
    return t.sum(t.sqr(algebra.solve(L, right, True)) + t.sqr(r - right), axis=-2), L, sound


def _finite(t, x):
    """Put zeros for infinities and nan, which LAPACK's wrappers refuse."""
    return t.switch(t.lt(abs(x), np.inf), x, 0.0)


def is_wide(shape):
    """Tell whether a factor is known to have more columns than rows, and rows at all, which LAPACK would need."""
    rows, columns = shape[-2:]
    return None not in (rows, columns) and columns > rows > 0


def _cholesky(algebra, gram):
    """Return the Cholesky factor of I + gram, the identity where it has none, and (..., 1) booleans: has it one?"""
    t = algebra.tensor
    identity = t.eye(gram.shape[-1], dtype=gram.dtype)
    matrix = identity + gram
    finite = t.all(t.lt(abs(matrix), np.inf), axis=(-2, -1))
    L = algebra.cholesky(t.switch(finite[..., None, None], matrix, identity))
    sound = t.and_(finite, t.all(t.gt(algebra.diagonal(L), 0), axis=-1))
    return t.switch(sound[..., None, None], L, identity), sound[..., None]
