"""The words of proximal operators of whole vectors and matrices, spelt the same in Theano and PyTensor."""

import numpy as np

from symbolic_pymc.proximal.rows import ALGORITHMS


def block_functions(t, svd, eigh, solve):
    """Return the functions of a vocabulary on blocks of elements, by name.

    Parameters
    ----------
    t : module
    svd, eigh, solve : callable
        ``svd(x)`` returns the thin decomposition of a matrix, ``eigh(x)`` eigenvalues and eigenvectors.

    Axes are tuples of numbers, `n` axes in all.
    """

    def expanded(x, axes, n):
        """Return `x` with axes of length one put in where they were summed over."""
        kept = iter(range(x.ndim))
        return x.dimshuffle(*("x" if i in axes else next(kept) for i in range(n)))

    def length_along(x, axes):
        """Return the Euclidean lengths of blocks, with axes of length one."""
        return t.sqrt(t.sum(t.sqr(x), axis=axes, keepdims=True))

    def resized(z, sizes, axes):
        """Return blocks of the given lengths in the direction of those of `z`; zeros have no direction."""
        before = length_along(z, axes)
        return z * t.switch(before > 0, sizes / t.switch(before > 0, before, 1.0), 0.0)

    def lengths(x, axes):
        """Return the Euclidean lengths of blocks."""
        return t.sqrt(t.sum(t.sqr(x), axis=axes))

    def group_lengths(members, x):
        """Return the Euclidean lengths of groups of elements, each a row of a matrix of zeros and ones."""
        return t.sqrt(t.dot(members, t.sqr(x)))

    def in_groups(members, values, x):
        """Return for each element of `x` the value of its group, zero for those in none."""
        return t.dot(members.T, t.zeros_like(members[:, 0]) + values)

    def resized_groups(x, members, sizes):
        """Return `x` with groups of the given lengths in the same direction; elements in no group stay."""
        before = group_lengths(members, x)
        ratio = t.switch(before > 0, sizes / t.switch(before > 0, before, 1.0), 0.0)
        return x * (1 + in_groups(members, ratio - 1, x))

    def sum_along(x, axes):
        return t.sum(x, axis=axes, keepdims=True)

    def sums_of_rows(x):
        """Return the sums along the last axis."""
        return t.sum(x, axis=x.ndim - 1)

    def with_sum(x, sums, axes):
        """Return the nearest array that has given sums along some axes."""
        return x - (t.sum(x, axis=axes, keepdims=True) - sums) / t.sum(t.ones_like(x), axis=axes, keepdims=True)

    def near(x, place):
        """Return where one number is the other, within rounding."""
        return abs(x - place) <= 1e-12 * t.maximum(1.0, abs(place))

    def any_of(conditions):
        return t.any(conditions)

    def as_number(condition):
        return t.cast(condition, "float64")

    def singular_values(z):
        return svd(z)[1]

    def with_singular_values(z, values):
        """Return the matrix with the singular vectors of `z` and other values."""
        left, _, right = svd(z)
        return t.dot(left * values, right)

    def eigenvalues(z):
        """Return those of the symmetric part of a matrix."""
        return eigh((z + z.T) / 2)[0]

    def with_eigenvalues(z, values):
        """Return the matrix with the eigenvectors of the symmetric part of `z` and other values, without a rounding."""
        vectors = eigh((z + z.T) / 2)[1]
        matrix = t.dot(vectors * values, vectors.T)
        return (matrix + matrix.T) / 2

    def solved(matrix, vector):
        return solve(matrix, vector)

    def flat(x):
        return x if x.ndim == 1 else x.flatten()

    def in_shape_of(vector, z):
        return vector if z.ndim == 1 else vector.reshape(z.shape, ndim=z.ndim)

    def combined(matrix, vector, z):
        """Return the transpose of a matrix times elements, in the shape of `z`."""
        return in_shape_of(t.dot(matrix.T, flat(vector)), z)

    def put(z, positions, values):
        """Return `z` with the elements at some positions replaced."""
        return in_shape_of(t.set_subtensor(flat(z)[flat(positions)], flat(values)), z)

    def in_cone(z, place):
        r"""Return the nearest point of the second-order cone, whose axis is the first or the last element."""
        axis, rest = (z[0], z[1:]) if place == 0 else (z[-1], z[:-1])
        size = t.sqrt(t.sum(t.sqr(rest)))
        middle = (size + axis) / 2
        moved = rest * (middle / t.switch(size > 0, size, 1.0))
        parts = [middle.dimshuffle("x"), moved]
        nearest = t.concatenate(parts if place == 0 else parts[::-1])
        return t.switch(size <= axis, z, t.switch(size <= -axis, 0.0, nearest))

    def cone_gap(z, place):
        """Return by how much a point is inside of the second-order cone."""
        axis, rest = (z[0], z[1:]) if place == 0 else (z[-1], z[:-1])
        return axis - t.sqrt(t.sum(t.sqr(rest)))

    def everywhere(condition, z):
        """Return a condition on a whole array for each of its elements."""
        return t.and_(condition, t.ones_like(z, dtype="bool"))

    def equals_neighbour(z, axis):
        """Return which elements are equal to one beside them along an axis."""
        ahead = [slice(None)] * z.ndim
        behind = list(ahead)
        ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
        same = t.cast(t.eq(z[tuple(ahead)], z[tuple(behind)]), "float64")
        none = t.zeros_like(z)
        either = t.inc_subtensor(t.inc_subtensor(none[tuple(ahead)], same)[tuple(behind)], same)
        return either > 0

    words = (
        expanded, resized, lengths, group_lengths, in_groups, resized_groups, sum_along, sums_of_rows, with_sum,
        near, any_of, as_number, singular_values, with_singular_values,
        eigenvalues, with_eigenvalues, solved, combined, put, in_cone, cone_gap, everywhere, equals_neighbour,
    )  # fmt: skip
    return {word.__name__: word for word in words}


def algorithm_functions(t, numpy_op):
    """Return the algorithms of `symbolic_pymc.proximal.rows` as functions of tensors, by name."""

    def applied(op):
        return lambda *inputs: op(*(t.constant(np.asarray(x)) if isinstance(x, tuple) else x for x in inputs))

    words = {name: applied(numpy_op(function, whole)) for name, (function, whole) in ALGORITHMS.items()}
    for name, word in words.items():
        word.__name__ = name
    return words
