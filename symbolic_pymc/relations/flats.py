r"""Arc reversals from variables of no prior density but 1, and what is left of the data without them.

The law of the data without such a variable is improper: along the columns of the design `F` (n, k) their density is
constant.  All that it says is said by the error contrasts ``K'y``, with `K` (n, n - k) an orthonormal basis of what is
orthogonal to `F`, which have a proper law.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kanren import eq, lall
from unification import var

from symbolic_pymc.records import Term
from symbolic_pymc.relations.goals import constant_number
from symbolic_pymc.relations.noise import EqualNoise, LowRankNoise


@dataclass(frozen=True)
class Contrasts:
    r"""The error contrasts of normal data about ``F theta + c``, with `data` and `offset` c as vectors (n).

    .. math::

        \int N(y; F\theta + c, V)\, d\theta = |F'F|^{-1/2}\, N(K'y; K'c, K'VK)

    Reference: Harville, Maximum likelihood approaches to variance component estimation, JASA 72 (1977), 320-338.
    """

    ops: Any
    design: Term
    data: Term
    offset: Term
    noise: Any

    @cached_property
    def basis(self):
        """An orthonormal basis of the columns of `F`; its first k rows are symmetric and positive semidefinite."""
        return self.ops.aligned_basis(self.design)

    def of(self, x):
        """Return ``K'x`` of a vector or matrix; with `A` the first k rows of `basis`, and `B` the others,

        ``K' = [-B, I - B (I + A)^-1 B']``, at the cost of n k numbers.
        """
        ops = self.ops
        upper, lower = ops.upper_rows(self.basis, self.design), ops.lower_rows(self.basis, self.design)
        below = ops.lower_rows(x, self.design)
        mixed = ops.dot(ops.inverse(ops.add(ops.identity_like(upper), upper)), ops.dot(ops.transpose(lower), below))
        return ops.sub(below, ops.dot(lower, ops.add(ops.upper_rows(x, self.design), mixed)))

    @property
    def seen(self):
        return self.of(self.data)

    @property
    def log_factor(self):
        """The log of what the density of the data has beside that of the contrasts."""
        return self.ops.neg(self.ops.log_volume(self.ops.triangular_factor(self.design)))

    @property
    def law(self):
        """The normal law of the contrasts: independent where the data are, with one deviation."""
        ops, noise, mean = self.ops, self.noise, self.of(self.offset)
        if isinstance(noise, EqualNoise):
            return ops.normal(mean, noise.sigma)
        if isinstance(noise, LowRankNoise) and is_filled(ops, noise.variance):
            # any n - k of the variances, which are all of one value, are those of the contrasts
            one = all(ops.pattern(noise.variance))
            variance = noise.variance if one else ops.lower_rows(noise.variance, self.design)
            return ops.lowrankmvnormal(mean, self.of(noise.factor), variance, noise.scales)
        return ops.mvnormal(mean, self.of(ops.transpose(self.of(noise.cov))))


def is_filled(ops, x):
    """Tell whether all elements of `x` are known to be one number."""
    if all(ops.pattern(x)) or constant_number(x) is not None:
        return True
    kind = ops.kind_of(x)
    if kind in ("second", "structural"):
        return is_filled(ops, x.rands[1 if kind == "second" else 0])
    return ops.is_elementwise(x) and all(is_filled(ops, r) for r in x.rands)


def flat_mean_reversalo(ops, link, contrasts, data, before, after):
    r"""Reverse the arc from a variable of the prior density 1 to normal data of which it is, picked and scaled, the mean.

    .. math::

        \frac{p(\theta) = 1 \qquad y \mid \theta \sim N(c + b\, G\theta, \sigma) \qquad G'b^2 > 0}
             {\theta \mid y \sim N\bigl(v\, G'(b\,(y - c) / \sigma^2), \sqrt{v}\bigr),\quad v = 1 / G'(b^2 / \sigma^2)
              \qquad K'y \sim N(K'c, K'VK)}

    The limit of `normal_mean_reversalo` for a wide prior, with :math:`G` and `link` as there.  For the error contrasts
    :math:`K'y`, which say what the data say without :math:`\theta`, see `Contrasts`.

    Reference: Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.8.
    """
    c, b, sigma = var(), var(), var()
    prior = ops.flat()
    weight = ops.true_div(b, ops.sqr(sigma))
    v = ops.reciprocal(link.collect(ops.mul(weight, b)))
    mean = ops.mul(v, link.collect(ops.mul(weight, ops.sub(data, c))))
    return lall(
        eq(before, (prior, ops.normal(ops.add(c, ops.mul(b, link.spread(prior))), sigma))),
        eq(after, (ops.normal(mean, ops.sqrt(v)), contrasts.law)),
    )


def flat_regression_reversalo(ops, contrasts, before, after):
    r"""Reverse the arc from a vector of the prior density 1 to normal data that are linear in it, of equal deviations.

    .. math::

        \frac{p(\beta) = 1 \qquad y \mid \beta \sim N(F\beta + c, \sigma) \qquad \operatorname{rank} F = k}
             {\beta \mid y \sim N\bigl(R^{-1} Q'(y - c),\; \sigma^2 R^{-1} R^{-\prime}\bigr)
              \qquad K'y \sim N(K'c, \sigma)}
        \qquad F = QR

    `F` (n, k), with its thin QR decomposition, `c` and `y` (n), :math:`\sigma` a number.  The mean is the least squares
    estimate, the covariance :math:`\sigma^2 (F'F)^{-1}`.

    Reference: Gelman et al., Bayesian Data Analysis, 3rd ed., section 14.2.
    """
    F, c, sigma = var(), var(), var()
    beta = ops.flat()
    root = ops.inverse(ops.triangular_factor(F))
    mean = ops.dot(root, ops.dot(ops.transpose(ops.dot(F, root)), ops.sub(contrasts.data, c)))
    cov = ops.mul(ops.sqr(sigma), ops.dot(root, ops.transpose(root)))
    return lall(
        eq(before, (beta, ops.normal(ops.add(ops.dot(F, beta), c), sigma))),
        eq(after, (ops.mvnormal(mean, cov), contrasts.law)),
    )


def flat_vector_reversalo(ops, noise, contrasts, before, after):
    r"""The same reversal for noise of any covariance.

    .. math::

        \frac{p(\beta) = 1 \qquad y \mid \beta \sim N(F\beta + c, V) \qquad \operatorname{rank} F = k}
             {\beta \mid y \sim N(C F' V^{-1} (y - c),\; C),\quad C = (F' V^{-1} F)^{-1} \qquad K'y \sim N(K'c, K'VK)}

    `noise` has `law` and `solve` as in `mvnormal_mean_precision_reversalo`.
    """
    F, c = var(), var()
    beta = ops.flat()
    Ft = ops.transpose(F)
    C = ops.inverse(ops.dot(Ft, noise.solve(F)))
    mean = ops.dot(C, ops.dot(Ft, noise.solve(ops.sub(contrasts.data, c))))
    return lall(
        eq(before, (beta, noise.law(ops.add(ops.dot(F, beta), c)))),
        eq(after, (ops.mvnormal(mean, C), contrasts.law)),
    )


def halfflat_scale_reversalo(ops, link, likelihood, before, after):
    r"""Reverse the arc from a positive variable of the prior density 1 to data of which it is a deviation.

    .. math::

        \frac{p(\sigma) = 1,\; \sigma > 0 \qquad p(y \mid \sigma) \propto q^{n} e^{-q t},\; q = c / (G\sigma)^2}
             {\sigma^2 \mid y \sim \Gamma^{-1}(G'n - \tfrac{1}{2},\; G'(c\, t))}

    The half is the Jacobian of the square.  The rest is as in `gamma_rate_reversalo`; the posterior that comes out is
    that of the square, and is proper where :math:`G'n > 1/2` and :math:`G'(c\, t) > 0`.

    Reference: Gelman, Prior distributions for variance parameters in hierarchical models, Bayesian Analysis 1 (2006).
    """
    c = var()
    sigma = ops.halfflat()
    shape = ops.sub(link.collect(likelihood.count), ops.constant(0.5))
    square = ops.inversegamma(shape, link.collect(ops.mul(c, likelihood.amount)))
    return lall(
        eq(before, (sigma, likelihood.law(ops.mul(c, ops.reciprocal(ops.sqr(link.spread(sigma))))))),
        eq(after, (square, None)),
    )
