r"""Arc reversals to and from random matrices, in neutral form; see `symbolic_pymc.relations.conjugates`.

A Wishart matrix has its scale :math:`V` here, the mean being :math:`\nu V`; an inverse Wishart matrix its :math:`\Psi`,
the inverse being Wishart of the scale :math:`\Psi^{-1}`.
"""

from kanren import eq, lall
from unification import var


def wishart_precision_reversalo(ops, likelihood, before, after):
    r"""Reverse the arc from a Wishart matrix to data of which it is, times a number, the precision.

    .. math::

        \frac{\Lambda \sim W(\nu, V) \qquad p(y \mid \Lambda) \propto |Q|^{n/2} e^{-\operatorname{tr}(S Q) / 2},\;
              Q = c \Lambda}
             {\Lambda \mid y \sim W\bigl(\nu + n,\; (V^{-1} + c\, S)^{-1}\bigr)}

    `likelihood` is a row of `symbolic_pymc.relations.scatters` at the data: `law` of Q, `count` n and `scatter` S.  The
    numbers c and n are free of :math:`\Lambda`; a precision :math:`A \Lambda A'` has another posterior.

    Reference: Gelman et al., Bayesian Data Analysis, 3rd ed., section 3.6.
    """
    nu, V, c = var(), var(), var()
    theta, inverse = ops.wishart(nu, V), ops.inverse(V)
    scale = ops.symmetric(ops.inverse(ops.add(inverse, ops.mul(c, likelihood.scatter))))
    return lall(
        eq(before, (theta, likelihood.law(ops.mul(c, theta)))),
        eq(
            after,
            (ops.wishart(ops.add(nu, likelihood.count), scale), likelihood.marginal(nu, ops.true_div(inverse, c))),
        ),
    )


def inversewishart_covariance_reversalo(ops, likelihood, before, after):
    r"""Reverse the arc from an inverse Wishart matrix to data of which it is, times a number, the covariance.

    .. math::

        \frac{\Sigma \sim W^{-1}(\nu, \Psi) \qquad p(y \mid \Sigma) \propto |Q|^{n/2} e^{-\operatorname{tr}(S Q) / 2},\;
              Q = c\, \Sigma^{-1}}
             {\Sigma \mid y \sim W^{-1}(\nu + n,\; \Psi + c\, S)}

    The rest is as in `wishart_precision_reversalo`, for :math:`\Sigma^{-1}`.

    Reference: Gelman et al., Bayesian Data Analysis, 3rd ed., section 3.6.
    """
    nu, Psi, c = var(), var(), var()
    theta = ops.inversewishart(nu, Psi)
    posterior = ops.inversewishart(ops.add(nu, likelihood.count), ops.add(Psi, ops.mul(c, likelihood.scatter)))
    return lall(
        eq(before, (theta, likelihood.law(ops.mul(c, ops.inverse(theta))))),
        eq(after, (posterior, likelihood.marginal(nu, ops.true_div(Psi, c)))),
    )


def mvnormal_shared_covariance_reversalo(ops, rows, before, after):
    r"""Reverse the arc from a normal vector to rows of normal data about it, all of one covariance up to a number.

    .. math::

        \frac{\mu \sim N(m, r\, \Sigma) \qquad y_i \mid \mu \sim N(\mu + c_i, \Sigma), \quad i = 1, \dots, n}
             {\mu \mid y \sim N\Bigl(\frac{m / r + \sum_i (y_i - c_i)}{1 / r + n},\;
                                     \frac{1}{1 / r + n}\, \Sigma\Bigr) \qquad
              y \sim MN(1 m' + c,\; I + r\, 1 1',\; \Sigma)}

    The covariance of both stays a number times :math:`\Sigma`, so that the arc from a random :math:`\Sigma` can be
    reversed next.  `rows` has the data as `Rows`: `law` of the mean and covariance, `count`, `total` of the residuals,
    and `marginal`.

    Reference: Gelman et al., Bayesian Data Analysis, 3rd ed., section 3.6.
    """
    m, r, cov = var(), var(), var()
    mu, weight = ops.mvnormal(m, ops.mul(r, cov)), ops.reciprocal(r)
    total = ops.add(weight, rows.count)
    mean = ops.true_div(ops.add(ops.mul(weight, m), rows.total), total)
    return lall(
        eq(before, (mu, rows.law(mu, cov))),
        eq(after, (ops.mvnormal(mean, ops.true_div(cov, total)), rows.marginal(m, r, cov))),
    )


def mvnormal_rows_reversalo(ops, rows, before, after):
    r"""Reverse the arc from a normal vector to rows of normal data about it.

    .. math::

        \frac{\mu \sim N(m, R) \qquad y_i \mid \mu \sim N(\mu + c_i, \Sigma), \quad i = 1, \dots, n}
             {\mu \mid y \sim N\bigl(C\,(R^{-1} m + \Sigma^{-1} \textstyle\sum_i (y_i - c_i)),\; C\bigr)}
        \qquad C = (R^{-1} + n\, \Sigma^{-1})^{-1}

    `rows` is as in `mvnormal_shared_covariance_reversalo`.

    Reference: Gelman et al., Bayesian Data Analysis, 3rd ed., section 3.5.
    """
    m, R, cov = var(), var(), var()
    mu, prior, precision = ops.mvnormal(m, R), ops.inverse(R), ops.inverse(cov)
    C = ops.symmetric(ops.inverse(ops.add(prior, ops.mul(rows.count, precision))))
    mean = ops.dot(C, ops.add(ops.dot(prior, m), ops.dot(precision, rows.total)))
    return lall(eq(before, (mu, rows.law(mu, cov))), eq(after, (ops.mvnormal(mean, C), None)))
