"""Log densities of classes and of counts of them, whose chances are a softmax or lie on a simplex by themselves.

PyMC picks a chance by a clipped number, or checks all of them, and that is neither smooth nor known to be convex.
"""

import numpy as np

from symbolic_pymc.relations.goals import without_unit_axes


def categorical(ops, p, y, size):
    r"""Return the log chance of a class: :math:`\log p_y`.

    Chances that are a softmax, or drawn from a law on the simplex of `size` classes, are some; of others PyMC decides.
    """
    chances = _in_one_row(ops, p["p"])
    logits = ops.logits_of(chances)
    if ops.ndim(chances) > ops.ndim(y) + 1 or logits is None and size is None:
        return None
    is_own = ops.is_class(y, ops.numbers_along(chances) if logits is not None else ops.constant(np.arange(size)))
    is_none = ops.eq(ops.sums_of_rows(ops.as_number(is_own)), ops.constant(0.0))
    rest = ops.switch(is_none, ops.constant(-np.inf), ops.constant(0.0))
    if logits is None:
        return _on_simplex(ops, chances, ops.as_number(is_own), rest)
    own = ops.switch(is_own, _log_softmax(ops, logits), ops.constant(0.0))
    return ops.add(rest, ops.sums_of_rows(own))


def multinomial(ops, p, y, size):
    r"""Return the log density of counts of classes.

    .. math::

        \log \frac{n!}{\prod_k y_k!} + \sum_k y_k \log p_k

    Reference: Johnson, Kotz and Balakrishnan, Discrete Multivariate Distributions, 1997, section 35.1.
    """
    chances, zero = _in_one_row(ops, p["p"]), ops.constant(0.0)
    logits = ops.logits_of(chances)
    if max(ops.ndim(p["n"]) + 1, ops.ndim(chances)) > ops.ndim(y) or logits is None and size is None:
        return None
    ways = ops.sub(log_factorial(ops, p["n"]), ops.sums_of_rows(log_factorial(ops, y)))
    is_negative = ops.gt(ops.sums_of_rows(ops.as_number(ops.lt(y, zero))), zero)
    is_none = ops.or_(is_negative, ops.neq(ops.sums_of_rows(y), p["n"]))
    rest = ops.switch(is_none, ops.constant(-np.inf), ways)
    if logits is None:
        return _on_simplex(ops, chances, y, rest)
    return ops.add(rest, ops.sums_of_rows(ops.mul(y, _log_softmax(ops, logits))))


def _in_one_row(ops, chances):
    """Return chances that are the same for all data as one row, without the axes of length one that PyMC gives them."""
    bare = without_unit_axes(chances)
    is_row = all(ops.pattern(chances)[:-1]) and not ops.pattern(bare)[-1:] == (True,)
    return bare if is_row else chances


def _log_softmax(ops, logits):
    return ops.sub(logits, ops.with_last_axis(ops.log(ops.sums_of_rows(ops.exp(logits)))))


def _on_simplex(ops, chances, counts, rest):
    """Return the rest of a density, and what counts say of chances: all data together, where these are one row."""
    if ops.ndim(chances) == 1:
        counts, rest = ops.sum_to_last(counts), ops.total(rest)
    # a chance that does not count may be zero
    logs = ops.log(ops.switch(ops.eq(counts, ops.constant(0.0)), ops.constant(1.0), chances))
    return ops.add(rest, ops.sums_of_rows(ops.mul(counts, logs)))


def log_factorial(ops, y):
    """Return the logarithm of the factorial of counts."""
    return ops.gammaln(ops.add(y, ops.constant(1.0)))


CLASSES = {"categorical": categorical, "multinomial": multinomial}
