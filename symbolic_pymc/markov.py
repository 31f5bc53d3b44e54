r"""The Markov chain of finitely many states, in the words of any tensor module.

.. math::

    P(z_0 = j) = q_j, \qquad P(z_t = j \mid z_{t-1} = i) = P_{tij}

Shapes: start (K), chances (n, K, K), whose first matrix counts for nothing; both may have axes of a batch in front.
What data of which each depends on one state leave of such a chain is such a chain again.  A log density costs O(n K^2).

Reference: Rabiner, A tutorial on hidden Markov models, Proceedings of the IEEE 77 (1989), 257-286.
"""

import numpy as np

from symbolic_pymc.errors import ModelGraphError

PARAMETERS = ("start", "chances")
NDIMS = (1, 3)


def check_shapes(start, chances):
    """Raise ModelGraphError unless the shapes of start (..., K) and chances (..., n, K, K) fit; None is unknown."""
    if len(start) < 1 or len(chances) < 3:
        raise ModelGraphError("markovchain: start is a vector, and chances are a matrix for every element of the chain")
    if len({start[-1], *chances[-2:]} - {None}) > 1:
        lengths = f"start {start[-1]}, chances {chances[-2]} by {chances[-1]}"
        raise ModelGraphError(f"markovchain: the numbers of states differ ({lengths}); start and chances have as many")


def length_of(start, chances):
    """Return n by the shapes of start and chances as far as they are known, or None."""
    return chances[-3]


def batch_of(start, chances):
    """Return the shape of the batch that the parameters have in common."""
    return np.broadcast_shapes(np.shape(start)[:-1], np.shape(chances)[:-3])


def draw(rng, start, chances, batch):
    """Return independent draws, an integer array of shape (*batch, n).

    Parameters
    ----------
    rng : numpy.random.Generator, numpy.random.RandomState, or the module numpy.random
    start, chances : numpy.ndarray
        Of shapes (..., K) and (..., n, K, K), where ... broadcasts to `batch`.
    batch : tuple of int

    Raises
    ------
    ModelGraphError
        For shapes that do not fit.
    """
    check_shapes(start.shape, chances.shape)
    n = chances.shape[-3]
    uniform, path = rng.uniform(size=(*batch, n)), np.zeros((*batch, n), dtype="int64")
    rows = np.broadcast_to(start, (*batch, start.shape[-1]))
    for t in range(n):
        if t:
            matrices = np.broadcast_to(chances[..., t, :, :], (*batch, *chances.shape[-2:]))
            rows = np.take_along_axis(matrices, path[..., t - 1, None, None], axis=-2)[..., 0, :]
        below = np.cumsum(rows, axis=-1)
        # rounding must not make a state of what has no chance
        number = np.sum(below <= uniform[..., t, None] * below[..., -1:], axis=-1)
        path[..., t] = np.minimum(number, start.shape[-1] - 1)
    return path


def log_density(t, value, start, chances):
    """Return the log probability of each path of `value` (..., n), with the tensor module `t`."""
    states = t.arange(start.shape[-1])
    chosen = t.cast(t.eq(t.shape_padright(value), states), "float64")
    first = t.sum(chosen[..., 0, :] * start, axis=-1)
    before, after = t.shape_padright(chosen[..., :-1, :]), chosen[..., 1:, None, :]
    steps = t.sum(before * after * chances[..., 1:, :, :], axis=(-2, -1))
    return log_chances(t, first) + t.sum(log_chances(t, steps), axis=-1)


def log_chances(t, chances):
    """Return the logarithms of probabilities, which may be zero; there is a slope where they are, too."""
    possible = t.gt(chances, 0)
    return t.switch(possible, t.log(t.switch(possible, chances, 1.0)), -np.inf)


def markov_functions(t, scan):
    """Return the functions of a vocabulary for such chains, by name.

    ``scan(step, sequences, initial)`` returns the outputs of a loop; `initial` has None for one that is no input of
    the next step.
    """

    def totals(weights):
        """Return the logarithms of the sums of the exponentials along the last axis, -inf where all are zero."""
        top = t.max(weights, axis=-1, keepdims=True)
        top = t.switch(t.isinf(top), t.zeros_like(top), top)
        return log_chances(t, t.sum(t.exp(weights - top), axis=-1)) + top[..., 0]

    def state_messages(chances, likelihoods):
        """Return (n, K): the log density of the data of each element and of all later ones, given its state.

        `likelihoods` (n, K) has the log densities of its own data alone.
        """

        def step(matrix, own, later):
            given = own + later
            return [totals(log_chances(t, matrix) + given.dimshuffle("x", 0)), given]

        nothing = t.zeros_like(likelihoods[0])
        _, given = scan(step, [chances[::-1], likelihoods[::-1]], [nothing, None])
        return given[::-1]

    def start_evidence(start, messages):
        """Return the log density of all data."""
        return totals(log_chances(t, start) + messages[0])

    def start_given(start, messages):
        return posterior(start, messages[0])

    def chances_given(chances, messages):
        return posterior(chances, messages.dimshuffle(0, "x", 1))

    def posterior(prior, messages):
        """Return the probabilities given data; as they were in rows that no path with such data goes through."""
        weights = log_chances(t, prior) + messages
        total = t.shape_padright(totals(weights))
        return t.switch(t.isinf(total), prior, t.exp(weights - t.switch(t.isinf(total), 0.0, total)))

    def same_chances(matrix, n):
        """Return the matrix (K, K) of each of `n` elements, (n, K, K)."""
        n = int(n.data) if isinstance(n, t.TensorConstant) else n
        return t.alloc(matrix, n, matrix.shape[0], matrix.shape[1])

    def path_shape(chances):
        return chances.shape[:1]

    def rows_stacked(*rows):
        return t.stack(rows, axis=0)

    functions = (state_messages, start_evidence, start_given, chances_given, same_chances, path_shape, rows_stacked)
    return {f.__name__: f for f in functions}
