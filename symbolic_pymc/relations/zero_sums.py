r"""Normal vectors that sum to zero as deviations from their mean."""

import numpy as np
from kanren import eq
from unification import reify, var

from symbolic_pymc.meta import peek, settle_graph
from symbolic_pymc.records import Info, Ref, Term, is_ground
from symbolic_pymc.relations.distributions import why_not_of_its_family
from symbolic_pymc.relations.laws import law


def zero_sumo(ops, rv, expression):
    r"""Relate a normal vector that sums to zero to the deviations of independent normal variables from their mean.

    .. math::

        \frac{x \sim N(0, \sigma^2 (I - 1 1' / n))}{z_i \sim N(0, 1) \qquad x_i = \sigma (z_i - \bar{z})}

    The mean of `z` is independent of `x` and in the model now: one dimension more than before.  PyMC3 has no such
    vector.  One-way.

    Reference: Rue and Held, Gaussian Markov Random Fields, Chapman and Hall 2005, ch. 2.
    """

    def goal(s):
        x = reify(rv, s)
        if isinstance(x, Term) and is_ground(x) and ops.is_random(x) and not why_no_zero_sum(ops, x):
            yield from eq(expression, _deviations(ops, x))(s)

    return goal


def why_no_zero_sum(ops, x):
    """Return in words why a draw is not written so, or None."""
    note = x.info.note and x.info.note.obj
    if not sums_to_zero(x):
        return f"{x.name} is no ZeroSumNormal"
    if x.rator.op.ndim_supp != 1:
        return f"{x.name} sums to zero over several axes"
    if note is None or note.shape is None or None in note.shape:
        return f"the shape of {x.name} is not known"
    return why_not_of_its_family(x)


def sums_to_zero(x):
    """Tell whether a draw is of the law of a normal vector that sums to zero, along one axis or several."""
    return type(x.rator.op).__name__ == "ZeroSumNormalRV"


def _deviations(ops, x):
    sigma, note = _scale(x), x.info.note.obj.successor()
    info = Info(var(), None if x.name is None else x.name + "_offset", var(), Ref(note))
    size = ops.constant(np.asarray(note.shape, dtype="int64"))
    z = settle_graph(law(ops, "normal", ops.constant(0.0), ops.constant(1.0), size=size).replace(info=info))
    return ops.deterministic(ops.mul(sigma, ops.deviations(z))).replace(info=x.info.replace(index=0, draw=None))


def _scale(x):
    """Return the standard deviation, which is all that is no generator and no shape among the arguments."""
    (sigma,) = (r for r in x.rands if str(getattr(peek(r).type, "dtype", "")).startswith("float"))
    return sigma
