"""The words of relations that are several nodes in a graph, spelt the same in Theano and PyTensor."""

import numpy as np


def is_stretched(x, pattern):
    """Tell whether broadcasting `x` to the shape of `pattern` repeats its elements (base variables)."""
    if x.ndim != pattern.ndim:
        return True
    return any(one and not one_there for one, one_there in zip(x.type.broadcastable, pattern.type.broadcastable))


def has_full_rank(t, svd, matrix):
    """Return whether the columns of a matrix are linearly independent, whatever their units (base variables)."""
    lengths = t.sqrt(t.sum(t.sqr(matrix), axis=0))
    values = svd(matrix / t.switch(lengths > 0, lengths, t.ones_like(lengths)), compute_uv=False)
    size = t.maximum(matrix.shape[0], matrix.shape[1])
    independent = t.min(values) > t.max(values) * size * np.finfo("float64").eps
    return t.and_(t.ge(matrix.shape[0], matrix.shape[1]), independent)


LOST_RANK = (
    "what a flat variable is multiplied with has no longer full column rank: its posterior is improper, and there is no "
    "evidence; give the shared variables other values"
)


def tensor_functions(t):
    """Return the functions of a vocabulary that are spelt the same with every tensor module `t`, by name.

    Shapes: ``n`` is the number of elements of the observed variable, ``k`` that of the parameter; a link is given
    by `positions`, an integer array that says for every element of a child which element of its parent it has.
    """

    def size_of(x):
        if isinstance(x, t.TensorConstant) or x.ndim == 0:
            return t.constant(np.asarray(x.data.size if x.ndim else 1, dtype="int64"))
        return t.prod(x.shape, dtype="int64")

    def shape(x):
        """Return the shape of `x`: constant where `x` is."""
        if isinstance(x, t.TensorConstant):
            return t.constant(np.asarray(x.data.shape, dtype="int64"))
        return x.shape

    def counted(size):
        """Return the integers below `size`."""
        return t.constant(np.arange(size.data)) if isinstance(size, t.TensorConstant) else t.arange(size)

    def row_numbers(x):
        """Return an array of the shape of `x` that counts its elements: 0, 1, ..."""
        if isinstance(x, t.TensorConstant):
            return t.constant(np.arange(x.data.size).reshape(x.data.shape))
        return t.arange(size_of(x)).reshape(x.shape, ndim=x.ndim)  # reshaped to keep what is known of its axes

    def like(x, pattern):
        """Return `x` broadcast to the shape of `pattern`."""
        return t.second(pattern, x) if is_stretched(x, pattern) else x

    def flattened(x):
        return x if x.ndim == 1 else x.flatten()

    def shaped(vector, pattern):
        """Return the elements of a vector in the shape of `pattern`."""
        return vector if pattern.ndim == 1 else vector.reshape(shape(pattern), ndim=pattern.ndim)

    def column(x, pattern):
        """Return the elements of `x`, broadcast to `pattern`, as a vector."""
        return flattened(like(x, pattern))

    def condensed(x, pattern):
        """Return the elements of `x`, broadcast to `pattern`, as a vector; that of a number has one element."""
        return x.dimshuffle("x") if all(x.type.broadcastable) else column(x, pattern)

    def spread(x, positions, pattern):
        """Return for every element of `pattern` the element of `x` that `positions` says."""
        return shaped(flattened(x)[column(positions, pattern)], pattern)

    def collect(values, positions, parent):
        """Return an array of the shape of `parent`: the sums of `values` over the elements with its positions."""
        zeros = t.zeros((size_of(parent),), dtype=values.dtype)
        return shaped(t.inc_subtensor(zeros[column(positions, values)], flattened(values)), parent)

    def largest_of(values, positions, floor, parent):
        """Return an array of the shape of `parent`: the largest of `floor` and of the values with its positions."""
        numbers, least = counted(size_of(parent)).dimshuffle(0, "x"), column(floor, parent).dimshuffle(0, "x")
        own = t.switch(
            t.eq(numbers, column(positions, values).dimshuffle("x", 0)), flattened(values).dimshuffle("x", 0), least
        )
        return shaped(t.max(t.concatenate([least, own], axis=1), axis=1), parent)

    def total(values):
        return t.sum(values)

    def selection(positions, scale, parent, pattern):
        """Return the matrix (n, k) whose rows pick `scale` times one element of `parent`."""
        chosen = t.eq(column(positions, pattern).dimshuffle(0, "x"), counted(size_of(parent)).dimshuffle("x", 0))
        return chosen * column(scale, pattern).dimshuffle(0, "x")

    def one_column(scale, pattern):
        """Return the matrix (n, 1) of a scalar parent."""
        return column(scale, pattern).dimshuffle(0, "x")

    def take_rows(matrix, numbers):
        return matrix[flattened(numbers)]

    def scale_rows(matrix, factor, pattern):
        return matrix * column(factor, pattern).dimshuffle(0, "x")

    def scale_columns(matrix, scales):
        return matrix * scales.dimshuffle("x", 0)

    def per_column(x, matrix):
        """Return a vector with an element per column of a matrix, of `x` that has as many or one."""
        return t.alloc(x[0], matrix.shape[1]) if x.type.broadcastable[0] else x

    def one_per_column(matrix):
        return t.ones((matrix.shape[1],))

    def divide_rows(x, divisor):
        """Return the rows (or elements) of `x` divided by the elements of a vector."""
        return x / (divisor.dimshuffle(0, "x") if x.ndim == 2 else divisor)

    def sum_rows(matrix, pattern, axis):
        """Return the rows of a linear map of `pattern` (shape, k) summed over the axes `axis` of `pattern`."""
        shape = t.concatenate([pattern.shape, matrix.shape[1:]])
        summed = t.sum(matrix.reshape(shape, ndim=pattern.ndim + 1), axis=axis)
        return summed.reshape((-1, matrix.shape[1]))

    def diagonal(vector):
        return t.eye(vector.shape[0]) * vector.dimshuffle(0, "x")

    def identity_matrix(x):
        return t.eye(size_of(x))

    def length(vector):
        return t.cast(vector.shape[0], "float64")

    def identity_like(matrix):
        return t.eye(matrix.shape[0])

    def kronecker(left, right):
        """Return the Kronecker product of two matrices."""
        blocks = left.dimshuffle(0, "x", 1, "x") * right.dimshuffle("x", 0, "x", 1)
        sizes = [left.shape[i] * right.shape[i] for i in range(2)]
        return blocks.reshape(sizes, ndim=2)

    def side_by_side(left, right):
        return t.concatenate([left, right], axis=1)

    def end_to_end(first, second):
        return t.concatenate([first, second])

    def as_row(vector):
        return vector.dimshuffle("x", 0)

    def with_axes_of(x, pattern):
        """Return `x` with the axes of length one that `pattern` is known to have known to be so."""
        ones = [i for i, (a, b) in enumerate(zip(x.type.broadcastable, pattern.type.broadcastable)) if b and not a]
        if not ones:
            return x
        kept = iter(range(x.ndim))
        order = ["x" if i in ones else next(kept) for i in range(x.ndim)]
        return x[tuple(0 if i in ones else slice(None) for i in range(x.ndim))].dimshuffle(*order)

    def floating(x):
        """Return `x` in double precision: the roots of whole numbers and of Python's numbers would be in single."""
        return t.cast(x, "float64")

    def occurrences(labels, categories):
        """Return how often each index of the vector `categories` stands in `labels`."""
        zeros = t.zeros((size_of(categories),), dtype="int64")
        ones = t.ones_like(flattened(labels), dtype="int64")
        return t.inc_subtensor(zeros[flattened(labels)], ones)

    def sum_to_last(x):
        """Return the sums of `x` over all axes but the last."""
        return x if x.ndim == 1 else t.sum(x, axis=tuple(range(x.ndim - 1)))

    def log_sum_exp(*terms):
        """Return the logarithm of the sum of the exponentials of the terms, elementwise; none of them is +inf."""
        top = terms[0]
        for x in terms[1:]:
            top = t.maximum(top, x)
        top = t.switch(t.isinf(top), t.zeros_like(top), top)
        return top + t.log(sum(t.exp(x - top) for x in terms))

    def stacked_last(*terms):
        """Return the terms side by side along a new last axis."""
        return t.stack(terms, axis=-1)

    def row_at(matrix, number):
        return matrix[number]

    def with_last_axis(x):
        return t.shape_padright(x)

    def numbers_along(x):
        """Return the numbers of the places along the last axis."""
        return t.arange(x.shape[-1])

    def is_class(y, numbers):
        """Return along a new last axis which of some numbers each element of `y` is."""
        return t.eq(t.shape_padright(y), numbers)

    def clipped_element(vector, place):
        """Return the elements of a vector at the given places, its first or last for those beyond."""
        return vector[t.cast(t.clip(place, 0, vector.shape[0] - 1), "int64")]

    def last_of(x):
        """Return what stands last along the last axis."""
        return x[..., -1]

    def upper_rows(x, matrix):
        """Return as many rows (or elements) of `x` as `matrix` has columns."""
        return x[: matrix.shape[1]]

    def lower_rows(x, matrix):
        """Return the rows (or elements) of `x` below these."""
        return x[matrix.shape[1] :]

    def log_volume(triangle):
        """Return the log of the absolute determinant of a triangular matrix."""
        return 0.5 * t.sum(t.log(t.sum(t.sqr(triangle * t.eye(triangle.shape[0])), axis=0)))

    def all_but_last(x):
        """Return `x` without what stands last along the last axis."""
        return x[..., :-1]

    def sums_after(x):
        """Return the sum of what follows each element but the last, along the last axis."""
        return t.cumsum(x[..., ::-1], axis=x.ndim - 1)[..., ::-1][..., 1:]

    def place_of_largest(x):
        """Return the index of the largest element along the last axis."""
        return t.argmax(x, axis=-1)

    def place_of_smallest(x):
        """Return the index of the smallest element along the last axis."""
        return t.argmin(x, axis=-1)

    def deviations(x):
        """Return `x` less its mean over the last axis."""
        return x - t.mean(x, axis=-1, keepdims=True)

    def normalized(x):
        """Return `x` divided by its sum over the last axis."""
        return x / t.sum(x, axis=-1, keepdims=True)

    def fractions(weights):
        """Return the elements of a vector divided by their sum, rounded so that they add up to one in any order."""
        weights = floating(weights)
        unit = np.asarray(2.0 ** (2 - np.finfo(weights.dtype).nmant), dtype=weights.dtype)
        parts = t.maximum(t.floor(weights / t.sum(weights) / unit), 1) * unit
        is_largest = t.eq(t.arange(parts.shape[0]), t.argmax(parts))
        return parts + t.switch(is_largest, 1 - t.sum(parts), 0)

    def broken(v):
        """Return the pieces of a stick of length one, of which fractions are broken off along the last axis."""
        ones = t.ones_like(v[..., :1])
        return t.concatenate([v, ones], axis=v.ndim - 1) * t.concatenate(
            [ones, t.cumprod(1 - v, axis=v.ndim - 1)], axis=v.ndim - 1
        )

    def identity_in_place(zeros):
        """Return the identity matrix with the axes of a square matrix of zeros."""
        if isinstance(zeros, t.TensorConstant):
            return t.TensorConstant(zeros.type, np.eye(len(zeros.data)))
        return t.ones_like(zeros) if all(zeros.type.broadcastable) else zeros + t.eye(zeros.shape[0])

    def symmetric(matrix):
        """Return a matrix that is equal to its transpose to the last bit."""
        return (matrix + matrix.T) / 2

    def as_rows(x, pattern):
        """Return `x`, broadcast to the shape of `pattern`, as a matrix of its last axes."""
        full = like(x, pattern)
        return full.dimshuffle("x", 0) if full.ndim == 1 else full.reshape((-1, full.shape[-1]), ndim=2)

    def count_rows(pattern):
        """Return the number of vectors along the last axis of `pattern`."""
        return t.cast(t.prod(pattern.shape[:-1]), "float64") if pattern.ndim > 1 else t.constant(np.float64(1.0))

    def sum_of_rows(matrix):
        return t.sum(matrix, axis=0)

    def lower_triangle(diagonal, below):
        """Return the lower triangular matrix of a diagonal and of what is below it, row by row."""
        row = t.arange(diagonal.shape[0]).dimshuffle(0, "x")
        column = t.arange(diagonal.shape[0]).dimshuffle("x", 0)
        place = t.switch(column < row, row * (row - 1) // 2 + column, below.shape[0])
        padded = t.concatenate([below, t.zeros((1,), dtype=below.dtype)])
        return padded[place] + t.eye(diagonal.shape[0]) * diagonal.dimshuffle("x", 0)

    def correlation_factor(zeros, below):
        """Return the Cholesky factor of the correlation matrix of partial correlations, given row by row.

        Of two variables they are given those before both; `zeros` has as many elements as there are variables.
        """
        own = lower_triangle(zeros, below)
        rest = t.cumprod(t.sqrt((1 - own) * (1 + own)), axis=1)[:, :-1]
        before = t.concatenate([t.ones_like(own[:, :1]), rest], axis=1)
        return (own + t.eye(zeros.shape[0])) * before

    def with_length(size, matrix):
        """Return the shape `size` with the length of the rows of a square matrix after it."""
        return t.concatenate([t.cast(size, "int64"), shape(matrix)[:1]])

    def first(vector):
        return vector[0]

    def corner(matrix):
        return matrix[0, 0]

    def wrapped(x):
        return t.arctan2(t.sin(x), t.cos(x))

    def cosine(x):
        return t.cos(x)

    def sine(x):
        return t.sin(x)

    def direction(x, y):
        """Return the angle of the point (x, y)."""
        return t.arctan2(y, x)

    def counts(x):
        """Return `x`, whose values are whole numbers, as integers."""
        return x if x.dtype.startswith("int") else t.cast(x, "int64")

    def shape_of(*parameters):
        """Return the common shape of what broadcasts together."""
        return sum(parameters[1:], parameters[0]).shape

    return {name: word for name, word in locals().items() if callable(word)}
