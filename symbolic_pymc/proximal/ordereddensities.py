"""Log densities of ordered answers, between cutpoints.

PyMC3 picks a chance by a clipped number, of differences over their sum.
"""

import math


def ordered_logistic(ops, p, y):
    r"""Return the log chance of an ordered answer, between the cutpoints c beside it.

    .. math::

        \log\bigl(\sigma(u) - \sigma(l)\bigr) = \log \sigma(u) + \log \sigma(-l) + \log\bigl(1 - e^{l - u}\bigr),
        \qquad u = c_y - \eta, \quad l = c_{y-1} - \eta

    Reference: McCullagh, Regression models for ordinal data, Journal of the Royal Statistical Society B 42 (1980),
    109-142.
    """

    def density(answer, upper, lower):
        zero, one = ops.constant(0.0), ops.constant(1.0)
        below = ops.switch(answer.is_last, zero, ops.softplus(ops.neg(upper)))
        above = ops.switch(answer.is_first, zero, ops.softplus(lower))
        gap = ops.switch(answer.is_end, one, ops.sub(answer.above, answer.below))
        between = ops.switch(answer.is_end, zero, ops.log1p(ops.neg(ops.exp(ops.neg(gap)))))
        return ops.sub(between, ops.add(below, above))

    return _ordered(ops, p, y, density)


def ordered_probit(ops, p, y):
    r"""Return the log chance of an ordered answer of normal noise, between the cutpoints c beside it.

    .. math:: \log\bigl(\Phi(c_y - \eta) - \Phi(c_{y-1} - \eta)\bigr)
    """

    def density(answer, upper, lower):
        p, q = (ops.true_div(ops.neg(x), ops.constant(math.sqrt(2.0))) for x in (upper, lower))
        # above the last cutpoint it is what is below, on the other side
        p, q = ops.switch(answer.is_last, ops.neg(q), p), ops.switch(answer.is_end, ops.constant(math.inf), q)
        return ops.sub(ops.log_erfc_gap(p, q), ops.constant(math.log(2.0)))

    return _ordered(ops, p, y, density)


class _Answer:
    """An answer among cutpoints: whether it is an end, and the cutpoints `above` and `below`, any for an end."""

    def __init__(self, ops, cutpoints, y):
        zero, one, last = ops.constant(0.0), ops.constant(1.0), ops.length(cutpoints)
        self.is_first, self.is_last = ops.eq(y, zero), ops.eq(y, last)
        self.is_end = ops.or_(self.is_first, self.is_last)
        self.is_possible = ops.and_(ops.ge(y, zero), ops.le(y, last))
        self.above, self.below = (ops.clipped_element(cutpoints, place) for place in (y, ops.sub(y, one)))


def _ordered(ops, p, y, density):
    eta, cutpoints = p["eta"], p["cutpoints"]
    if ops.ndim(cutpoints) != 1 or ops.ndim(eta) > ops.ndim(y):
        return None
    answer = _Answer(ops, cutpoints, y)
    logs = density(answer, ops.sub(answer.above, eta), ops.sub(answer.below, eta))
    return ops.switch(answer.is_possible, logs, ops.constant(-math.inf))
