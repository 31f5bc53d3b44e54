"""Log densities of classes and of counts of them, whose chances are a softmax or lie on a simplex by themselves.

PyMC picks a chance by a clipped number, or checks all of them, and that is neither smooth nor known to be convex.
"""

from symbolic_pymc.relations.goals import without_unit_axes

NEVER = float("-inf")


def categorical(ops, p, y, on_simplex):
    r"""Return the log chance of a class: :math:`\log p_y`.

    Chances that are a softmax, or drawn from a law on the simplex, are some; of others PyMC decides.
    """
    chances = _in_one_row(ops, p["p"])
    if ops.ndim(chances) > ops.ndim(y) + 1:
        return None
    is_own = ops.is_class(y, chances)
    logs = _log_chances(ops, chances, on_simplex, is_own)
    if logs is None:
        return None
    density = ops.sums_of_rows(ops.switch(is_own, logs, ops.constant(0.0)))
    return ops.switch(ops.gt(ops.sums_of_rows(ops.as_number(is_own)), ops.constant(0.0)), density, ops.constant(NEVER))


def multinomial(ops, p, y, on_simplex):
    r"""Return the log density of counts of classes.

    .. math::

        \log \frac{n!}{\prod_k y_k!} + \sum_k y_k \log p_k

    Reference: Johnson, Kotz and Balakrishnan, Discrete Multivariate Distributions, 1997, section 35.1.
    """
    chances, zero = _in_one_row(ops, p["p"]), ops.constant(0.0)
    if ops.ndim(p["n"]) >= ops.ndim(y) or ops.ndim(chances) > ops.ndim(y):
        return None
    logs = _log_chances(ops, chances, on_simplex, ops.neq(y, zero))
    if logs is None:
        return None
    ways = ops.sub(_log_factorial(ops, p["n"]), ops.sums_of_rows(_log_factorial(ops, y)))
    is_negative = ops.gt(ops.sums_of_rows(ops.as_number(ops.lt(y, zero))), zero)
    wrong = ops.or_(is_negative, ops.neq(ops.sums_of_rows(y), p["n"]))
    density = ops.add(ways, ops.sums_of_rows(ops.mul(y, logs)))
    return ops.switch(wrong, ops.constant(NEVER), density)


def _in_one_row(ops, chances):
    """Return chances that are the same for all data as one row, without the axes of length one that PyMC gives them."""
    bare = without_unit_axes(chances)
    is_row = all(ops.pattern(chances)[:-1]) and not ops.pattern(bare)[-1:] == (True,)
    return bare if is_row else chances


def _log_chances(ops, chances, on_simplex, counts):
    """Return the logarithms of the chances that count; of the others, which may be zero, any numbers."""
    logits = ops.logits_of(chances)
    if logits is not None:
        return ops.sub(logits, ops.with_last_axis(ops.log(ops.sums_of_rows(ops.exp(logits)))))
    return ops.log(ops.switch(counts, chances, ops.constant(1.0))) if on_simplex else None


def _log_factorial(ops, y):
    return ops.gammaln(ops.add(y, ops.constant(1.0)))


CLASSES = {"categorical": categorical, "multinomial": multinomial}
