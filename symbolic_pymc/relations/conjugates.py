r"""Arc reversals: ``p(theta) p(y | theta) = p(y) p(theta | y)``, each written once, in neutral form.

A relation here knows one pair of distributions.  It relates ``(theta, y)`` before, `y` given `theta`, to
``(theta, y)`` after, `theta` given the data and `y` by itself.  How an edge of a model comes to this form is the
matter of `symbolic_pymc.relations.edges`; which edges a model has, of `symbolic_pymc.reversal`.
"""

from kanren import eq, lall
from unification import var

from symbolic_pymc.relations.laws import law


def normal_mean_reversalo(ops, link, data, before, after):
    r"""Reverse the arc from a normal variable to normal data of which it is, picked and scaled, the mean.

    .. math::

        \frac{\theta \sim N(m, s) \qquad y \mid \theta \sim N(c + b\, G\theta, \sigma)}
             {\theta \mid y \sim N\bigl(v\,(m / s^2 + G'(b\,(y - c) / \sigma^2)), \sqrt{v}\bigr),\quad
              v = 1 / (1 / s^2 + G'(b^2 / \sigma^2)) \qquad
              y \sim N(c + b\, G m,\; \operatorname{diag}(\sigma^2) + (b\, G s)(b\, G s)')}

    :math:`G` gives every element of `y` one element of :math:`\theta` (broadcasting, indexing), :math:`G'` sums over
    the elements of `y` that share one.  All of `m`, `s`, `c`, `b`, :math:`\sigma` broadcast; `link` has `spread` for
    :math:`G`, `collect` for :math:`G'`, and `marginal` for the law of `y`, which is elementwise when no two elements
    share one.

    Reference: Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.5.
    """
    m, s, c, b, sigma = (var() for _ in range(5))
    prior = ops.normal(m, s)
    weight = ops.true_div(b, ops.sqr(sigma))
    v = ops.reciprocal(ops.add(ops.reciprocal(ops.sqr(s)), link.collect(ops.mul(weight, b))))
    mean = ops.mul(v, ops.add(ops.true_div(m, ops.sqr(s)), link.collect(ops.mul(weight, ops.sub(data, c)))))
    return lall(
        eq(before, (prior, ops.normal(ops.add(c, ops.mul(b, link.spread(prior))), sigma))),
        eq(after, (ops.normal(mean, ops.sqrt(v)), link.marginal(m, s, c, b, sigma))),
    )


def mvnormal_mean_reversalo(ops, data, before, after):
    r"""Reverse the arc from a multivariate normal variable to normal data that are linear in it.

    .. math::

        \frac{\beta \sim N(a, R) \qquad y \mid \beta \sim N(F\beta + c, V)}
             {\beta \mid y \sim N(a + A\,(y - c - F a),\; R - A Q A') \qquad y \sim N(F a + c, Q)}
        \qquad Q = F R F' + V, \quad A = R F' Q^{-1}

    `a` (k), `R` (k, k), `F` (n, k), `c` and `y` (n), `V` (n, n); the cost is that of one n by n inverse.

    Reference: Lindley and Smith, Bayes estimates for the linear model, JRSS B 34 (1972), 1-41.
    """
    a, R, F, c, V = (var() for _ in range(5))
    beta = ops.mvnormal(a, R)
    RFt = ops.dot(R, ops.transpose(F))
    Q = ops.add(ops.dot(F, RFt), V)
    A = ops.dot(RFt, ops.inverse(Q))
    expected = ops.add(ops.dot(F, a), c)
    mean = ops.add(a, ops.dot(A, ops.sub(data, expected)))
    cov = ops.sub(R, ops.dot(ops.dot(A, Q), ops.transpose(A)))
    return lall(
        eq(before, (beta, ops.mvnormal(ops.add(ops.dot(F, beta), c), V))),
        eq(after, (ops.mvnormal(mean, cov), ops.mvnormal(expected, Q))),
    )


def mvnormal_mean_precision_reversalo(ops, prior, noise, data, before, after):
    r"""The same reversal in its precision form: inverses of k by k matrices beside that of the noise, for n >= k.

    .. math::

        \frac{\beta \sim N(a, R) \qquad y \mid \beta \sim N(F\beta + c, V)}
             {\beta \mid y \sim N\bigl(C\,(R^{-1} a + F' V^{-1} (y - c)),\; C\bigr), \quad
              C = (R^{-1} + F' V^{-1} F)^{-1} \qquad y \sim N(F a + c, V + F R F')}

    `prior` and `noise` are of `symbolic_pymc.relations.noise` and have `law` for the normal law about a mean; `prior`
    has `precision` for :math:`R^{-1}`, `noise` has `solve` for :math:`V^{-1}` times a vector or matrix, which is cheap
    for independent noise and for that of low rank, and `widened` for the law of noise :math:`V + F R F'`.  Equal to
    `mvnormal_mean_reversalo` by the Woodbury identity, and accurate for vague priors, where that one subtracts two
    large matrices.

    Reference: Petersen and Pedersen, The Matrix Cookbook, eq. 156.
    """
    a, F, c = var(), var(), var()
    beta, Ft = prior.law(a), ops.transpose(F)
    C = ops.inverse(ops.add(prior.precision, ops.dot(Ft, noise.solve(F))))
    mean = ops.dot(C, ops.add(ops.dot(prior.precision, a), ops.dot(Ft, noise.solve(ops.sub(data, c)))))
    return lall(
        eq(before, (beta, noise.law(ops.add(ops.dot(F, beta), c)))),
        eq(after, (ops.mvnormal(mean, C), noise.widened(ops.add(ops.dot(F, a), c), F, prior))),
    )


def gamma_rate_reversalo(ops, link, likelihood, before, after):
    r"""Reverse the arc from a gamma variable to data of which it is, picked and scaled, a rate.

    .. math::

        \frac{\theta \sim \Gamma(\alpha, \beta) \qquad p(y \mid \theta) \propto q^{n} e^{-q t},\; q = c\, G\theta}
             {\theta \mid y \sim \Gamma(\alpha + G'n,\; \beta + G'(c\, t))}

    `likelihood` is a row of `symbolic_pymc.relations.rates` at the data: `law` of q, `count` n and `amount` t.
    :math:`G` and :math:`G'` are those of `normal_mean_reversalo`.

    Reference: Diaconis and Ylvisaker, Conjugate priors for exponential families, Annals of Statistics 7 (1979), 269-281.
    """
    alpha, beta, c = var(), var(), var()
    theta = law(ops, "gamma", alpha, beta)
    posterior = law(
        ops,
        "gamma",
        ops.add(alpha, link.collect(likelihood.count)),
        ops.add(beta, link.collect(ops.mul(c, likelihood.amount))),
    )
    return lall(
        eq(before, (theta, likelihood.law(ops.mul(c, link.spread(theta))))),
        eq(after, (posterior, likelihood.marginal(link.spread(alpha), ops.true_div(link.spread(beta), c)))),
    )


def inversegamma_scale_reversalo(ops, link, likelihood, before, after):
    r"""Reverse the arc from an inverse gamma variable to data of which it is, picked and scaled, a rate's reciprocal.

    .. math::

        \frac{\theta \sim \Gamma^{-1}(\alpha, \beta) \qquad p(y \mid \theta) \propto q^{n} e^{-q t},\; q = c / G\theta}
             {\theta \mid y \sim \Gamma^{-1}(\alpha + G'n,\; \beta + G'(c\, t))}

    The rest is as in `gamma_rate_reversalo`, for :math:`1 / \theta`.

    Reference: Diaconis and Ylvisaker, Conjugate priors for exponential families, Annals of Statistics 7 (1979), 269-281.
    """
    alpha, beta, c = var(), var(), var()
    theta = ops.inversegamma(alpha, beta)
    posterior = ops.inversegamma(
        ops.add(alpha, link.collect(likelihood.count)), ops.add(beta, link.collect(ops.mul(c, likelihood.amount)))
    )
    return lall(
        eq(before, (theta, likelihood.law(ops.mul(c, ops.reciprocal(link.spread(theta)))))),
        eq(after, (posterior, likelihood.marginal(link.spread(alpha), ops.true_div(link.spread(beta), c)))),
    )


def beta_chance_reversalo(ops, link, likelihood, before, after):
    r"""Reverse the arc from a beta variable to data of which it is, picked, a probability.

    .. math::

        \frac{\theta \sim B(\alpha, \beta) \qquad p(y \mid \theta) \propto q^{s} (1 - q)^{f},\; q = G\theta}
             {\theta \mid y \sim B(\alpha + G's,\; \beta + G'f)}

    `likelihood` is a row of `symbolic_pymc.relations.kernels` at the data: `law` of q, `successes` s, `failures` f.

    Reference: Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.4.
    """
    alpha, beta = var(), var()
    theta = ops.beta(alpha, beta)
    posterior = ops.beta(
        ops.add(alpha, link.collect(likelihood.successes)), ops.add(beta, link.collect(likelihood.failures))
    )
    return lall(
        eq(before, (theta, likelihood.law(link.spread(theta)))),
        eq(after, (posterior, likelihood.marginal(link.spread(alpha), link.spread(beta)))),
    )


def beta_products_reversalo(ops, likelihood, before, after):
    r"""Reverse the arc from beta variables to labels whose probabilities are products of them and of their complements.

    .. math::

        \frac{\theta_j \sim B(\alpha_j, \beta_j) \qquad p(y \mid \theta) \propto \prod_k q_k^{n_k} \qquad
              q_k = \prod_j \theta_j^{s_{kj}} (1 - \theta_j)^{f_{kj}} \qquad \textstyle\sum_k q_k = 1}
             {\theta_j \mid y \sim B(\alpha_j + \textstyle\sum_k s_{kj} n_k,\; \beta_j + \sum_k f_{kj} n_k)}

    For a stick of which a fraction :math:`\theta_j` of what is left is broken off, :math:`s_{jj} = 1` and
    :math:`f_{kj} = 1` for k > j.  `likelihood` has `law` of q, and with n the sums as `successes` and `failures`.

    Reference: Ishwaran and James, Gibbs sampling methods for stick-breaking priors, JASA 96 (2001), 161-173.
    """
    alpha, beta, q = var(), var(), var()
    posterior = ops.beta(ops.add(alpha, likelihood.successes), ops.add(beta, likelihood.failures))
    return lall(eq(before, (ops.beta(alpha, beta), likelihood.law(q))), eq(after, (posterior, None)))


def dirichlet_chances_reversalo(ops, likelihood, before, after):
    r"""Reverse the arc from a Dirichlet variable to data of which it is the vector of probabilities.

    .. math::

        \frac{\theta \sim \operatorname{Dir}(a) \qquad p(y \mid \theta) \propto \prod_k \theta_k^{n_k}}
             {\theta \mid y \sim \operatorname{Dir}(a + n)}

    `likelihood` is a row of `symbolic_pymc.relations.kernels` at the data: `law` of theta and `counts` n (k).

    Reference: Gelman et al., Bayesian Data Analysis, 3rd ed., section 3.4.
    """
    a = var()
    theta = ops.dirichlet(a)
    return lall(
        eq(before, (theta, likelihood.law(theta))),
        eq(after, (ops.dirichlet(ops.add(a, likelihood.counts)), None)),
    )
