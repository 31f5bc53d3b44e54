r"""The normal vector each element of which depends on the one before it alone, in the words of any tensor module.

.. math::

    x_0 = o_0 + s_0 z_0, \qquad x_t = o_t + g_t x_{t-1} + s_t z_t, \qquad z_t \sim N(0, 1)

A Gaussian random walk has the gain 1, an autoregression of the first order a constant one; what data with independent
normal noise leave of such a vector is such a vector again.  Shapes: offset, gain and scale (n), scale positive; the
first gain counts for nothing.  Every one may have axes of a batch in front.  A draw and a log density cost O(n).

Reference: Rue and Held, Gaussian Markov Random Fields, Chapman and Hall (2005), chapter 1.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from symbolic_pymc.errors import ArgumentError, ModelGraphError

PARAMETERS = ("offset", "gain", "scale")
NDIMS = (1, 1, 1)


@dataclass(frozen=True)
class Recursion:
    """A time series ``x[t] = offset[t] + sum_k gains[k - 1][t] x[t - k] + scale[t] z[t]``; all are vectors (n).

    A gain is zero where there is no element so far back; the first of a single one counts for nothing.
    """

    offset: Any
    gains: tuple
    scale: Any

    def mapped(self, function):
        """Return the recursion of what `function` makes of every vector."""
        return Recursion(function(self.offset), tuple(map(function, self.gains)), function(self.scale))


def check_shapes(*shapes):
    """Raise ModelGraphError unless offset, gain and scale (..., n) fit together.

    Parameters
    ----------
    *shapes : tuple of int or None
        The shapes of the three as far as they are known: None for a length that is not.
    """
    if not all(shapes):
        raise ModelGraphError("gaussianchain: offset, gain and scale are vectors of one length; a number is none")
    if len({shape[-1] for shape in shapes} - {None}) > 1:
        listed = ", ".join(f"{name} {shape[-1]}" for name, shape in zip(PARAMETERS, shapes))
        raise ModelGraphError(f"gaussianchain: the lengths differ ({listed}); offset, gain and scale are as many")


def length_of(*shapes):
    """Return n by the shapes of offset, gain and scale as far as they are known, or None."""
    return next((shape[-1] for shape in shapes if shape[-1] is not None), None)


def batch_of(*params):
    """Return the shape of the batch that the parameters have in common."""
    return np.broadcast_shapes(*(np.shape(p)[:-1] for p in params))


def draw(rng, offset, gain, scale, batch):
    """Return independent draws, an array of shape (*batch, n).

    Parameters
    ----------
    rng : numpy.random.Generator, numpy.random.RandomState, or the module numpy.random
    offset, gain, scale : numpy.ndarray
        Of shape (..., n), where ... broadcasts to `batch`.
    batch : tuple of int

    Raises
    ------
    ModelGraphError
        For shapes that do not fit.
    ArgumentError
        For a scale that is not positive.
    """
    check_shapes(offset.shape, gain.shape, scale.shape)
    if not np.all(scale > 0):
        raise ArgumentError("gaussianchain: the scales are not all positive; give it positive ones")
    steps = offset + scale * rng.standard_normal((*batch, offset.shape[-1]))
    for t in range(1, steps.shape[-1]):
        steps[..., t] += gain[..., t] * steps[..., t - 1]
    return steps


def log_density(t, value, offset, gain, scale):
    """Return the log density of each vector of `value` (..., n), with the tensor module `t`.

    It is zero (log: -inf) where a scale is not positive.
    """
    before = t.concatenate([t.zeros_like(value[..., :1]), value[..., :-1]], axis=-1)
    positive = t.gt(scale, 0)
    scale = t.switch(positive, scale, 1.0)
    z = (value - offset - gain * before) / scale
    density = t.sum(-0.5 * (t.sqr(z) + np.log(2 * np.pi)) - t.log(scale), axis=-1)
    return t.switch(t.all(positive, axis=-1), density, -np.inf)


def led_by(t, first, others, n, order=1):
    """Return a vector of n elements, the `first` so many and then `others`, as a sum in which both stand by themselves.

    `first` is a scalar or as many as `order`, `others` a number, or n of which the first is not used; both are
    variables of the tensor module `t`; n is an integer or a variable.
    """
    if others.ndim:
        return t.concatenate([first.dimshuffle("x"), others[1:]])
    first = _followed_by_zeros(t, first, n)
    if isinstance(n, t.TensorVariable):
        front = t.cast(t.lt(t.arange(n), order), "float64")
        return first * front + others * (1 - front)
    front = (np.arange(n) < order).astype("float64")
    if isinstance(first, t.TensorConstant) and isinstance(others, t.TensorConstant):
        return t.constant(first.data * front + others.data * (1 - front))
    return first * t.constant(front) + others * t.constant(1 - front)


def _followed_by_zeros(t, first, n):
    """Return a number as it is, and a vector with as many zeros behind it as make it one of n elements."""
    if not first.ndim:
        return first
    if isinstance(n, t.TensorVariable) or not isinstance(first, t.TensorConstant):
        return t.concatenate([first, t.zeros((n - first.shape[0],))])
    return t.constant(np.r_[first.data, np.zeros(n - len(first.data))])


def chain_functions(t, scan):
    """Return the functions of a vocabulary for such vectors, by name.

    ``scan(step, sequences, initial)`` returns the outputs of a loop; `initial` has None for one that is no input of
    the next step.
    """

    def recursion(offset, gain):
        """Return x with x[0] = offset[0], x[i] = offset[i] + gain[i] * x[i - 1]."""
        (x,) = scan(lambda o, g, last: [o + g * last], [offset, gain], [t.zeros_like(offset[0] + gain[0])])
        return x

    def messages(precision, information, offset, gain, scale):
        """Return (n, 2): precision and information of each element in its own data and those of all later ones.

        `precision` and `information` (n) are what its own data alone have.
        """

        def step(own_precision, own_information, o, g, s, later_precision, later_information):
            total, weighted = own_precision + later_precision, own_information + later_information
            kept = 1 / (1 + t.sqr(s) * total)
            return [t.sqr(g) * total * kept, g * (weighted - total * o) * kept, total, weighted]

        backwards = [x[::-1] for x in (precision, information, offset, gain, scale)]
        zero = t.zeros_like(sum(x[0] for x in backwards))
        _, _, total, weighted = scan(step, backwards, [zero, zero, None, None])
        return t.stack([total[::-1], weighted[::-1]], axis=1)

    def first_column(matrix):
        return matrix[:, 0]

    def second_column(matrix):
        return matrix[:, 1]

    def lagged(vector):
        """Return the vector one place later, with zero in front."""
        return t.concatenate([t.zeros_like(vector[:1]), vector[:-1]])

    def differences_matrix(*gains):
        """Return the matrix of x[i] - gains[0][i] * x[i - 1] - gains[1][i] * x[i - 2] - ..."""
        n = gains[0].shape[0]
        return t.eye(n) - sum(t.eye(n, k=-k) * gain.dimshuffle(0, "x") for k, gain in enumerate(gains, 1))

    def element(x):
        """Return the first element of a vector; a number, as it is."""
        return x[0] if x.ndim else x

    def from_second(x):
        """Return a vector without its first element; a number, as it is."""
        return x[1:] if x.ndim else x

    def one_less(n):
        return t.constant(np.int64(n.data - 1)) if isinstance(n, t.TensorConstant) else n - 1

    def one_more(n):
        return t.constant(np.int64(n.data + 1)) if isinstance(n, t.TensorConstant) else n + 1

    def led(first, others, n):
        """Return the vector of the number `first` and n `others`: a number, or as many."""
        n = int(n.data) if isinstance(n, t.TensorConstant) else n
        if others.ndim:
            return t.concatenate([first.dimshuffle("x"), others[:n]])
        return led_by(t, first, others, n + 1)

    functions = (
        recursion, messages, first_column, second_column, lagged, differences_matrix, element, from_second, one_less,
        one_more, led,
    )  # fmt: skip
    return {f.__name__: f for f in functions}
