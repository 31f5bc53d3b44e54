r"""Normal recursions of a higher order, :math:`x_t = o_t + \sum_k g_{kt} x_{t-k} + s_t z_t`: autoregressions.

A `symbolic_pymc.chains.Recursion` of terms is written :math:`\operatorname{AR}(o, g, s)`; offset, every gain and scale
are vectors (n), and a gain is zero where there is no element so far back.
"""

from functools import reduce

from kanren import eq


def autoregression_mvnormalo(ops, series, vector):
    r"""Relate a normal recursion of any order to the multivariate normal variable of the same law.

    .. math::

        \frac{x \sim \operatorname{AR}(o, g, s)}{x \sim N(A o,\; A \operatorname{diag}(s^2) A')} \qquad
        A = \bigl(I - \textstyle\sum_k \operatorname{diag}(g_k)\, S^k\bigr)^{-1}, \quad (S x)_t = x_{t-1}

    One-way: the recursion is known.

    Reference: Rue and Held, Gaussian Markov Random Fields, Chapman and Hall (2005), chapter 1.
    """
    A = ops.inverse(ops.differences_matrix(*series.gains))
    cov = ops.dot(ops.dot(A, ops.diagonal(ops.sqr(series.scale))), ops.transpose(A))
    return eq(vector, ops.mvnormal(ops.dot(A, series.offset), cov))


def autoregression_observedo(ops, before, after):
    r"""Relate an observed normal recursion to observed independent normal variables: each given those before it.

    .. math::

        \frac{x \sim \operatorname{AR}(o, g, s) \text{ observed}}
             {x_t \sim N\bigl(o_t + \textstyle\sum_k g_{kt}\, x_{t-k},\; s_t\bigr) \text{ observed}}

    `before` is the data and the recursion, which are known.  Guard: the data are no random variable, which then would
    stand in its own mean.

    Reference: Durbin and Koopman, Time Series Analysis by State Space Methods, 2nd ed. (2012), chapter 3.
    """
    data, series = before
    lags = [reduce(lambda x, _: ops.lagged(x), range(k), data) for k in range(1, len(series.gains) + 1)]
    mean = ops.add(series.offset, *map(ops.mul, series.gains, lags))
    return eq(after, (data, ops.normal(mean, series.scale)))
