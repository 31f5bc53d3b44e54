r"""Solving with :math:`C = I_k + S^\top S`, the capacitance matrix of a normal vector of low rank.

Most factors of hierarchical models are constant and nearly empty: every row has one column of each group, and few
columns (an intercept) have entries in all rows.  Then :math:`S = F \operatorname{diag}(d)` with a constant F,
:math:`C = I + \operatorname{diag}(d) F^\top F \operatorname{diag}(d)`, and where two columns have no row in common
there is a zero in C that stays.  Sorted, C is an arrow: small blocks along the diagonal, bordered by the few columns
that touch many others.  Its Cholesky factor is written out element by element for all blocks at once.

`algebra` is a `symbolic_pymc.lowrank.Algebra`.
"""

from functools import reduce
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

# Cholesky factors up to this size are written out; beyond it LAPACK is quicker
SMALL = 4
# rows with more entries than this are multiplied as those of a full matrix
FEW_ENTRIES = 8
WIDEST_BORDER = 64


class Arrow(NamedTuple):
    """The columns of a constant factor, sorted so that few of them overlap.

    blocks : (b, p) integers, the columns of each block, k where it has fewer than p; border : (g) integers; gram :
    (k + 1, k + 1) ``F'F`` with zeros for the column k; order : (k) integers, where each column comes among the columns
    of the blocks, one position after the other, and the border.
    """

    blocks: Any
    border: Any
    gram: Any
    order: Any


def arrow_of(factor):
    """Return the `Arrow` of an array (n, k), or None if there is no array or its columns overlap too much.

    Columns that overlap with most others go to the border, one after the other, until the others fall apart into
    blocks of at most `SMALL` columns.
    """
    if factor is None or factor.shape[1] <= SMALL:
        return None
    filled, k = csr_matrix(factor != 0, dtype=float), factor.shape[1]
    overlap, inside = (filled.T @ filled).tocsr(), np.arange(k)
    _, labels = connected_components(overlap, directed=False)
    while np.bincount(labels).max() > SMALL:
        if k - len(inside) >= min(k // 2, WIDEST_BORDER):
            return None
        among = overlap[inside][:, inside]
        inside = np.delete(inside, np.diff(among.indptr).argmax())
        _, labels = connected_components(overlap[inside][:, inside], directed=False)
    blocks = _padded([inside[labels == i] for i in range(labels.max() + 1)], k)
    border = np.setdiff1d(np.arange(k), inside)
    places = np.concatenate([blocks.T.ravel(), border])
    order = np.empty(k + 1, dtype="int64")
    order[places] = np.arange(len(places))
    return Arrow(blocks, border, np.pad(factor.T @ factor, (0, 1)), order[:k])


def _padded(groups, filler):
    """Return groups of integers as the rows of a matrix."""
    width = max(map(len, groups))
    return np.array([[*group, *[filler] * (width - len(group))] for group in groups], dtype="int64")


def arrow_distance(algebra, arrow, factor, d, residuals, deviation):
    """Return what `distance` does, for S = factor diag(d) with the constant factor of which `arrow` tells.

    Shapes: factor (n, k), d (k), residuals (n, m), and r = residuals / deviation with one number (1).
    """
    t, dot = algebra.tensor, algebra.product
    # the residuals are often constant, too: then so is the product with them
    right = d[:, None] * _finite(t, dot(factor.T, residuals)) / deviation
    z, half, sound = _solve_arrow(algebra, arrow, d, right)
    error = residuals / deviation - _product(algebra, factor, d[:, None] * z)
    return t.sum(t.sqr(error), axis=-2) + t.sum(t.sqr(z), axis=-2), half, sound


def _solve_arrow(algebra, arrow, d, right):
    """Return z, half of log|C| and the soundness for C z = right (k, m).

    The blocks are eliminated first; what they leave of the border, its Schur complement, is a matrix (g, g).
    """
    t, dot = algebra.tensor, algebra.product
    blocks, border, gram, order = arrow
    places, edge = blocks.T, d[border]
    d = t.concatenate([d, t.zeros((1,), dtype=d.dtype)])
    sides = t.concatenate([right, t.zeros_like(right[:1])])
    scale = [d[columns] for columns in places]
    L = _small_cholesky(t, [[_entry(arrow, scale, i, j) for j in range(i + 1)] for i in range(len(places))])
    u = _forward(L, [sides[columns] for columns in places])
    half, sound = sum(t.sum(t.log(L[i][i])) for i in range(len(L))), t.all(_is_sound(t, L))
    if not len(border):
        return t.concatenate(_backward(L, u))[order], half, sound
    U = _forward(L, [s[:, None] * gram[np.ix_(columns, border)] * edge for s, columns in zip(scale, places)])
    schur = t.eye(len(border), dtype=d.dtype) + edge[:, None] * gram[np.ix_(border, border)] * edge
    schur = schur - sum(dot(x.T, x) for x in U)
    rest = right[border] - sum(dot(x.T, y) for x, y in zip(U, u))
    z, half_of_border, sound_border = _solve(algebra, schur, rest, len(border))
    inside = _backward(L, [y - dot(x, z) for x, y in zip(U, u)])
    return t.concatenate([*inside, z])[order], half + half_of_border, t.and_(sound, sound_border)


def _entry(arrow, scale, i, j):
    """Return the elements (i, j) of all blocks of C."""
    places = arrow.blocks.T
    overlap = scale[i] * scale[j] * arrow.gram[places[i], places[j]]
    return 1.0 + overlap if i == j else overlap


def _product(algebra, factor, x):
    """Return the product of a constant matrix (n, k), perhaps nearly empty, and a matrix (k, m)."""
    entries = algebra.value(factor)
    filled = entries != 0
    width = filled.sum(axis=1).max(initial=0)
    if width > FEW_ENTRIES:
        return algebra.product(factor, x)
    columns = np.argsort(~filled, axis=1, kind="stable")[:, :width]
    values = np.take_along_axis(entries, columns, axis=1)
    return sum(values[:, [i]] * x[columns[:, i]] for i in range(width))


def distance(algebra, S, r, k):
    """Return ``r' (I + S S')**-1 r`` by columns (..., m), half of log|C| and if C is sound (...).

    Shapes: S (..., n, k), where k is None if it is not known, and r (..., n, m).  Sound is what has a Cholesky factor
    in double precision.
    """
    t, dot = algebra.tensor, algebra.product
    if not k:
        # a column that changes nothing: LAPACK has no triangular systems of order zero
        S = t.concatenate([S, t.zeros_like(t.sum(S, axis=-1)[..., None])], axis=-1)
    transposed = algebra.transpose(S)
    C = t.eye(S.shape[-1], dtype=S.dtype) + dot(transposed, S)
    z, half, sound = _solve(algebra, C, _finite(t, dot(transposed, r)), k or None)
    return t.sum(t.sqr(r - dot(S, z)), axis=-2) + t.sum(t.sqr(z), axis=-2), half, sound


def wide_distance(algebra, S, r):
    """Return what `distance` does, for S with more columns than rows.

    Then C has the eigenvalue 1 at least k - n times and loses digits where S S' is large; ``I + S S'`` is smaller, has
    the same determinant, and serves in its place.
    """
    t = algebra.tensor
    matrix = t.eye(S.shape[-2], dtype=S.dtype) + algebra.product(S, algebra.transpose(S))
    L, sound = _cholesky(algebra, matrix)
    right, half = _finite(t, r), t.sum(t.log(algebra.diagonal(L)), axis=-1)
    # what is not finite stays at an infinite distance
    return t.sum(t.sqr(algebra.solve(L, right, True)) + t.sqr(r - right), axis=-2), half, sound


def _solve(algebra, C, right, k):
    """Return z, half of log|C| and the soundness for C z = right, shapes (..., k, k) and (..., k, m)."""
    t = algebra.tensor
    if k is not None and k <= SMALL:
        L = _small_cholesky(t, [[C[..., i, j] for j in range(i + 1)] for i in range(k)])
        z = _backward(L, _forward(L, [right[..., i, :] for i in range(k)]))
        half = sum(t.log(L[i][i]) for i in range(k))
        return t.stack(z, axis=-2), half, _is_sound(t, L)
    L, sound = _cholesky(algebra, C)
    z = algebra.solve(algebra.transpose(L), algebra.solve(L, right, True), False)
    return z, t.sum(t.log(algebra.diagonal(L)), axis=-1), sound


def _cholesky(algebra, matrix):
    """Return the Cholesky factor of a matrix, the identity where it has none, and if it has one (...)."""
    t = algebra.tensor
    identity = t.eye(matrix.shape[-1], dtype=matrix.dtype)
    finite = t.all(t.lt(abs(matrix), np.inf), axis=(-2, -1))
    L = algebra.cholesky(t.switch(finite[..., None, None], matrix, identity))
    sound = t.and_(finite, t.all(t.gt(algebra.diagonal(L), 0), axis=-1))
    return t.switch(sound[..., None, None], L, identity), sound


def _finite(t, x):
    """Put zeros for infinities and nan, which LAPACK's wrappers refuse."""
    return t.switch(t.lt(abs(x), np.inf), x, 0.0)


# Small systems, many at once: L[i][j] are the elements (i, j) of all the lower factors -----------------------------


def _small_cholesky(t, A):
    """Return the lower Cholesky factors of matrices given by their lower elements; nan where there is none."""
    L = []
    for i, row in enumerate(A):
        L.append([])
        for j, entry in enumerate(row):
            rest = entry - sum(L[i][c] * L[j][c] for c in range(j))
            L[i].append(t.sqrt(rest) if i == j else rest / L[j][j])
    return L


def _forward(L, right):
    """Return the solution of L u = right; each element of `right` has a further axis."""
    u = []
    for i, side in enumerate(right):
        u.append((side - sum(L[i][j][..., None] * u[j] for j in range(i))) / L[i][i][..., None])
    return u


def _backward(L, right):
    """Return the solution of L' x = right."""
    x = {}
    for i in reversed(range(len(L))):
        later = sum(L[j][i][..., None] * x[j] for j in range(i + 1, len(L)))
        x[i] = (right[i] - later) / L[i][i][..., None]
    return [x[i] for i in range(len(L))]


def _is_sound(t, L):
    """Tell which of the matrices have a factor."""
    sound = [t.and_(t.gt(L[i][i], 0), t.lt(L[i][i], np.inf)) for i in range(len(L))]
    return reduce(t.and_, sound)
