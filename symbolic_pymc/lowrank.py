r"""The normal vector whose covariance is diagonal plus low rank, in numpy and in the words of any tensor module.

.. math::

    y = \mu + F (d \odot z) + \sqrt{v} \odot e, \qquad z \sim N(0, I_k), \quad e \sim N(0, I_n)
    \qquad\Longleftrightarrow\qquad
    y \sim N(\mu, \operatorname{diag}(v) + F \operatorname{diag}(d)^2 F^\top)

Shapes: mu (n), factor F (n, k), variance v (n) or (1), all of it positive, scales d (k) or (1); every one may have axes
of a batch in front.  The covariance is never formed: a draw costs O(n k), a log density O(n k min(n, k)), and much
less where F is constant and v one number, see `symbolic_pymc.capacitance`.
"""

from typing import Any, Callable, NamedTuple

import numpy as np

from symbolic_pymc.capacitance import arrow_distance, arrow_of, distance, wide_distance
from symbolic_pymc.errors import ArgumentError, ModelGraphError

PARAMETERS = ("mu", "factor", "variance", "scales")
NDIMS = (1, 2, 1, 1)


def check_shapes(*shapes):
    """Raise ModelGraphError unless mu (..., n), factor (..., n, k), variance and scales fit together.

    Parameters
    ----------
    *shapes : tuple of int or None
        The shapes of the four as far as they are known: None for a length that is not.
    """
    for name, shape, ndim in zip(PARAMETERS, shapes, NDIMS):
        if len(shape) < ndim:
            raise ModelGraphError(
                f"lowrankmvnormal: {name} has {len(shape)} dimensions; it needs {ndim}: mu and variance are vectors "
                "of length n, factor is a matrix with n rows, scales are a vector with an element per column of it"
            )
    (*_, n), (*_, rows, k), (*_, m), (*_, l) = shapes
    _check_lengths({"mu": n, "factor": rows, "variance": None if m == 1 else m}, "mu, variance and the rows of factor")
    _check_lengths({"factor": k, "scales": None if l == 1 else l}, "scales and the columns of factor")


def _check_lengths(lengths, which):
    if len({n for n in lengths.values() if n is not None}) > 1:
        listed = ", ".join(f"{name} {n}" for name, n in lengths.items())
        raise ModelGraphError(f"lowrankmvnormal: the lengths differ ({listed}); {which} are as many")


def length_of(*shapes):
    """Return n by the shapes of mu, factor, variance and scales as far as they are known, or None."""
    (*_, n), (*_, rows, _), *_ = shapes
    return rows if n is None else n


def batch_of(*params):
    """Return the shape of the batch that the arrays have in common."""
    return np.broadcast_shapes(*(np.shape(p)[: np.ndim(p) - n] for p, n in zip(params, NDIMS)))


def draw(rng, mu, factor, variance, scales, batch):
    """Return independent draws, an array of shape (*batch, n).

    Parameters
    ----------
    rng : numpy.random.Generator, numpy.random.RandomState, or the module numpy.random
    mu, factor, variance, scales : numpy.ndarray
        Of shapes (..., n), (..., n, k), (..., n) or (..., 1), and (..., k) or (..., 1), where ... broadcasts to
        `batch`.
    batch : tuple of int

    Raises
    ------
    ModelGraphError
        For shapes that do not fit.
    ArgumentError
        For a variance that is not positive.
    """
    check_shapes(mu.shape, factor.shape, variance.shape, scales.shape)
    if not np.all(variance > 0):
        raise ArgumentError("lowrankmvnormal: the variances are not all positive; give it positive ones")
    z = scales * rng.standard_normal((*batch, factor.shape[-1]))
    e = rng.standard_normal((*batch, factor.shape[-2]))
    return mu + np.matmul(factor, z[..., None])[..., 0] + np.sqrt(variance) * e


class Algebra(NamedTuple):
    """What a tensor module says in its own way; matrices may have axes of a batch in front if it can.

    `cholesky` gives a lower factor, with a diagonal that is not positive where there is none; `solve` is called as
    ``solve(matrix, right, lower)`` with a triangular matrix; `value` gives the array that a constant expression is,
    None for another.
    """

    tensor: Any
    product: Callable
    transpose: Callable
    diagonal: Callable
    cholesky: Callable
    solve: Callable
    value: Callable


def log_density(algebra, factor, variance, scales, residuals, shape):
    r"""Return the log density at the columns of `residuals`, y - mu, of shape (..., n, m); the result is (..., m).

    .. math::

        S = D^{-1/2} F \operatorname{diag}(d), \quad r = D^{-1/2} (y - \mu), \quad
        C = I_k + S^\top S, \quad z = C^{-1} S^\top r

        (y - \mu)^\top \Sigma^{-1} (y - \mu) = \lVert r - S z \rVert^2 + \lVert z \rVert^2,
        \qquad \log |\Sigma| = \log |D| + \log |C|

    This is the Woodbury identity as the least squares problem that it solves: nothing cancels where S S' is large, and
    an error in z counts squared.  The density is zero (log: -inf) where a variance is not positive, and nan where C
    overflows or is so near to singular that it has no Cholesky factor in double precision.  `shape` is what is known of
    that of the factor, None for a length that is not.

    Reference: Woodbury, Inverting modified matrices, Memorandum Report 42, Statistical Research Group, Princeton
    University (1950).
    """
    t = algebra.tensor
    positive = t.gt(variance, 0)
    variance = t.switch(positive, variance, 1.0)
    squares, half_log_determinant, sound = _distance(algebra, factor, t.sqrt(variance), scales, residuals, shape)
    repeats = residuals.shape[-2] / variance.shape[-1]
    constant = repeats * t.sum(t.log(2 * np.pi * variance), axis=-1) + 2 * half_log_determinant
    density = t.switch(sound[..., None], -0.5 * (constant[..., None] + squares), np.nan)
    return t.switch(t.all(positive, axis=-1)[..., None], density, -np.inf)


def _distance(algebra, factor, deviation, scales, residuals, shape):
    """Return what `capacitance.distance` does, by the quickest way that suits what is known of the parameters."""
    array = algebra.value(factor)
    *batch, n, k = shape if array is None else array.shape
    is_wide = None not in (n, k) and k > n > 0
    if deviation.type.broadcastable == (True,) and not (batch or is_wide) and (arrow := arrow_of(array)):
        d = (scales + algebra.tensor.zeros((k,), dtype=factor.dtype)) / deviation
        return arrow_distance(algebra, arrow, factor, d, residuals, deviation)
    S, r = factor * scales[..., None, :] / deviation[..., None], residuals / deviation[..., None]
    return wide_distance(algebra, S, r) if is_wide else distance(algebra, S, r, k)
