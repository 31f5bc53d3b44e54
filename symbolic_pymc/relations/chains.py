r"""Normal chains, :math:`x_t = o_t + g_t x_{t-1} + s_t z_t` with :math:`x_{-1} = 0`: random walks, autoregressions.

A chain is written :math:`\operatorname{Chain}(o, g, s)`; offset, gain and scale are vectors (n).
"""

from kanren import eq, lall
from unification import var

from symbolic_pymc.relations.goals import is_constant


def gaussianchain_mean_reversalo(ops, link, data, before, after):
    r"""Reverse the arc from a normal chain to normal data of which it is, picked and scaled, the mean: the Kalman smoother.

    .. math::

        \frac{x \sim \operatorname{Chain}(o, g, s) \qquad y \mid x \sim N(c + b\, Gx, \sigma)}
             {x \mid y \sim \operatorname{Chain}\Bigl(\frac{o_t + s_t^2 H_t}{1 + s_t^2 \Lambda_t},\;
              \frac{g_t}{1 + s_t^2 \Lambda_t},\; \frac{s_t}{\sqrt{1 + s_t^2 \Lambda_t}}\Bigr)} \qquad
        \begin{aligned}
          \Lambda_t &= G'(b^2 / \sigma^2)_t + \frac{g_{t+1}^2 \Lambda_{t+1}}{1 + s_{t+1}^2 \Lambda_{t+1}} \\
          H_t &= G'(b\,(y - c) / \sigma^2)_t
                 + \frac{g_{t+1} (H_{t+1} - \Lambda_{t+1} o_{t+1})}{1 + s_{t+1}^2 \Lambda_{t+1}}
        \end{aligned}

    :math:`\Lambda_t` and :math:`H_t` are precision and information of the data at t and later in :math:`x_t`; they
    come of one loop backwards, so that the cost is linear in n.  An element without data has the precision 0 there.
    `link` is that of `conjugates.normal_mean_reversalo`.  The law of `y` has no name.

    Reference: Durbin and Koopman, Time Series Analysis by State Space Methods, 2nd ed. (2012), chapter 4.
    """
    o, g, s, c, b, sigma = (var() for _ in range(6))
    prior = ops.gaussianchain(o, g, s)
    weight = ops.true_div(b, ops.sqr(sigma))
    precision = link.collect(ops.mul(weight, b))
    information = link.collect(ops.mul(weight, ops.sub(data, c)))
    messages = ops.messages(precision, information, o, g, s)
    total, weighted, variance = ops.first_column(messages), ops.second_column(messages), ops.sqr(s)
    kept = ops.add(ops.constant(1.0), ops.mul(variance, total))
    posterior = ops.gaussianchain(
        ops.true_div(ops.add(o, ops.mul(variance, weighted)), kept),
        ops.true_div(g, kept),
        ops.true_div(s, ops.sqrt(kept)),
    )
    return lall(
        eq(before, (prior, ops.normal(ops.add(c, ops.mul(b, link.spread(prior))), sigma))),
        eq(after, (posterior, None)),
    )


def gaussianchain_mvnormalo(ops, chain, vector):
    r"""Relate a normal chain to the multivariate normal variable of the same law.

    .. math::

        \frac{x \sim \operatorname{Chain}(o, g, s)}{x \sim N(A o,\; A \operatorname{diag}(s^2) A')} \qquad
        A = (I - \operatorname{diag}(g)\, S)^{-1}, \quad (S x)_t = x_{t-1}

    For a random walk the covariance is :math:`s_0^2 + s^2 \min(i, j)`, for a stationary autoregression
    :math:`g^{|i - j|}\, s^2 / (1 - g^2)`.

    Reference: Rue and Held, Gaussian Markov Random Fields, Chapman and Hall (2005), chapter 1.
    """
    o, g, s = var(), var(), var()
    A = ops.inverse(ops.differences_matrix(g))
    cov = ops.dot(ops.dot(A, ops.diagonal(ops.sqr(s))), ops.transpose(A))
    return lall(eq(chain, ops.gaussianchain(o, g, s)), eq(vector, ops.mvnormal(ops.dot(A, o), cov)))


def gaussianchain_observedo(ops, before, after):
    r"""Relate an observed normal chain to observed independent normal variables: each given the one before it.

    .. math::

        \frac{x \sim \operatorname{Chain}(o, g, s) \text{ observed}}{x_t \sim N(o_t + g_t x_{t-1},\; s_t) \text{ observed}}

    Guard: the data are no random variable, which then would stand in its own mean.

    Reference: Durbin and Koopman, Time Series Analysis by State Space Methods, 2nd ed. (2012), chapter 4.
    """
    data, o, g, s = (var() for _ in range(4))
    mean = ops.add(o, ops.mul(g, ops.lagged(data)))
    return lall(
        eq(before, (data, ops.gaussianchain(o, g, s))),
        eq(after, (data, ops.normal(mean, s))),
    )


def gaussianchain_innovationso(ops, offset, chain, expression):
    r"""Relate a normal chain to the recursion that makes it of standard normal innovations: its non-centred form.

    .. math::

        \frac{x \sim \operatorname{Chain}(o, g, s)}
             {z_t \sim N(0, 1) \qquad x_t = o_t + s_t z_t + g_t x_{t-1}}

    Where all gains are 1, that of a random walk, the recursion is the cumulative sum of :math:`o + s z`; `offset` is z.

    Reference: Papaspiliopoulos, Roberts and Skold, A general framework for the parametrization of hierarchical
    models, Statistical Science 22 (2007), 59-73.
    """
    gain = ops.parameters(chain)["gain"]
    o, s = var(), var()
    steps = ops.add(o, ops.mul(s, offset))
    path = ops.cumsum(steps) if is_constant(gain, 1.0) else ops.recursion(steps, gain)
    return lall(eq(chain, ops.gaussianchain(o, gain, s)), eq(expression, path))
