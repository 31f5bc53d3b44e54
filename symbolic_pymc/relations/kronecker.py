r"""Normal vectors whose covariance is a Kronecker product, with noise or without it."""

from functools import reduce

from kanren import eq


def kronecker_mvnormalo(ops, parameters, vector):
    r"""Relate a normal vector of a Kronecker covariance to the multivariate normal variable that it is.

    .. math::

        \frac{x \sim N(\mu,\; K_1 \otimes \cdots \otimes K_m + \sigma^2 I)}
             {x \sim N(\mu, \Sigma)} \qquad \Sigma = K_1 \otimes \cdots \otimes K_m + \sigma^2 I

    `parameters` is :math:`\mu`, :math:`\sigma` or None, and the covariances, which are known.  One-way.

    Reference: Saatchi, Scalable inference for structured Gaussian process models, thesis, Cambridge (2011), chapter 5.
    """
    mu, sigma, *covs = parameters
    product = reduce(ops.kronecker, covs)
    if sigma is not None:
        product = ops.add(product, ops.mul(ops.sqr(sigma), ops.identity_like(product)))
    return eq(vector, ops.mvnormal(ops.like(mu, ops.row_at(product, 0)), product))
