r"""Laws of sums and differences of two independent variables, one fact per relation, in neutral form.

`before` is ``form.add(x, y)`` or ``form.sub(x, y)`` of laws, `after` a law; see `symbolic_pymc.relations.forms`.
That the variables are distinct, independent and of one shape is the matter of `symbolic_pymc.relations.derivation`.
"""

from kanren import eq, lall
from unification import var

from symbolic_pymc.relations.forms import form
from symbolic_pymc.relations.guards import nearo, sameo


def normal_sumo(ops, before, after):
    r"""Relate the sum of two normal variables to a normal one.

    .. math::

        \frac{x \sim N(m, s) \qquad y \sim N(n, t)}{x + y \sim N(m + n, \sqrt{s^2 + t^2})}

    Reference: Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions, vol. 1, ch. 13.
    """
    m, s, n, t = (var() for _ in range(4))
    return lall(
        eq(before, form.add(form.normal(m, s), form.normal(n, t))),
        eq(after, form.normal(ops.add(m, n), ops.sqrt(ops.add(ops.sqr(s), ops.sqr(t))))),
    )


def rice_sumo(ops, before, after):
    r"""Relate the sum of the squares of two normal variables of provably the same scale to the square of a Rice one.

    .. math::

        \frac{x \sim N(m, s) \qquad y \sim N(n, s)}{x^2 + y^2 = r^2, \quad r \sim \operatorname{Rice}(\sqrt{m^2 + n^2}, s)}

    Reference: Rice, Mathematical analysis of random noise, Bell System Tech. J. 24 (1945), 46-156.
    """
    m, s, n, t, c, d = (var() for _ in range(6))
    two = ops.constant(2.0)
    nu = ops.sqrt(ops.add(ops.sqr(m), ops.sqr(n)))
    return lall(
        eq(before, form.add(form.pow(form.normal(m, s), c), form.pow(form.normal(n, t), d))),
        nearo(ops, c, 2.0),
        nearo(ops, d, 2.0),
        sameo(ops, s, t),
        eq(after, form.pow(form.rice(nu, s), two)),
    )


def axis_rice_sumo(ops, before, after):
    r"""Relate the same sum where the mean of one of the variables is zero, and its square a gamma variable.

    .. math::

        \frac{g \sim \operatorname{Gamma}(1/2, 1 / (2 s^2)) \qquad y \sim N(n, s)}
             {g + y^2 = r^2, \quad r \sim \operatorname{Rice}(|n|, s)}
    """
    a, q, n, s, d = (var() for _ in range(5))
    return lall(
        eq(before, form.add(form.gamma(a, q), form.pow(form.normal(n, s), d))),
        nearo(ops, a, 0.5),
        nearo(ops, d, 2.0),
        sameo(ops, q, ops.true_div(ops.constant(0.5), ops.sqr(s))),
        eq(after, form.pow(form.rice(ops.abs(n), s), ops.constant(2.0))),
    )


def cauchy_sumo(ops, before, after):
    r"""Relate the sum of two Cauchy variables to a Cauchy one.

    .. math::

        \frac{x \sim C(a, b) \qquad y \sim C(c, d)}{x + y \sim C(a + c, b + d)}

    Reference: Feller, An Introduction to Probability Theory and Its Applications, vol. II, ch. II.
    """
    a, b, c, d = (var() for _ in range(4))
    return lall(
        eq(before, form.add(form.cauchy(a, b), form.cauchy(c, d))),
        eq(after, form.cauchy(ops.add(a, c), ops.add(b, d))),
    )


def gamma_sumo(ops, before, after):
    r"""Relate the sum of two gamma variables of provably the same rate to a gamma one.

    .. math::

        \frac{x \sim \operatorname{Gamma}(a, r) \qquad y \sim \operatorname{Gamma}(b, r)}
             {x + y \sim \operatorname{Gamma}(a + b, r)}

    An exponential variable is a gamma one of shape 1, a chi-squared one of :math:`\nu` degrees of freedom has shape
    :math:`\nu / 2` and rate 1/2.

    Reference: Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions, vol. 1, ch. 17.
    """
    a, b, r, q = (var() for _ in range(4))
    return lall(
        eq(before, form.add(form.gamma(a, r), form.gamma(b, q))),
        sameo(ops, r, q),
        eq(after, form.gamma(ops.add(a, b), r)),
    )


def poisson_sumo(ops, before, after):
    r"""Relate the sum of two Poisson variables to a Poisson one.

    .. math::

        \frac{x \sim \operatorname{Pois}(m) \qquad y \sim \operatorname{Pois}(n)}{x + y \sim \operatorname{Pois}(m + n)}

    Reference: Johnson, Kemp and Kotz, Univariate Discrete Distributions, ch. 4.
    """
    m, n = var(), var()
    return lall(
        eq(before, form.add(form.poisson(m), form.poisson(n))),
        eq(after, form.poisson(ops.add(m, n))),
    )


def binomial_sumo(ops, before, after):
    r"""Relate the sum of two binomial variables of provably the same probability to a binomial one.

    .. math::

        \frac{x \sim \operatorname{Binom}(m, p) \qquad y \sim \operatorname{Binom}(n, p)}
             {x + y \sim \operatorname{Binom}(m + n, p)}

    A Bernoulli variable is a binomial one of a single trial.

    Reference: Johnson, Kemp and Kotz, Univariate Discrete Distributions, ch. 3.
    """
    m, n, p, q = (var() for _ in range(4))
    return lall(
        eq(before, form.add(form.binomial(m, p), form.binomial(n, q))),
        sameo(ops, p, q),
        eq(after, form.binomial(ops.add(m, n), p)),
    )


def negativebinomial_sumo(ops, before, after):
    r"""Relate the sum of two negative binomial variables of provably the same odds to a negative binomial one.

    .. math::

        \frac{x \sim \operatorname{NB}(m, p) \qquad y \sim \operatorname{NB}(n, p)}
             {x + y \sim \operatorname{NB}(m + n, p)}

    Reference: Johnson, Kemp and Kotz, Univariate Discrete Distributions, ch. 5.
    """
    m, n, o, u = (var() for _ in range(4))
    return lall(
        eq(before, form.add(form.negativebinomial(m, o), form.negativebinomial(n, u))),
        sameo(ops, o, u),
        eq(after, form.negativebinomial(ops.add(m, n), o)),
    )


def wald_sumo(ops, before, after):
    r"""Relate the sum of two Wald (inverse Gaussian) variables with provably the same lam / mu**2 to a Wald one.

    .. math::

        \frac{x \sim \operatorname{Wald}(\mu_1, c \mu_1^2) \qquad y \sim \operatorname{Wald}(\mu_2, c \mu_2^2)}
             {x + y \sim \operatorname{Wald}(\mu_1 + \mu_2, c (\mu_1 + \mu_2)^2)}

    Reference: Tweedie, Statistical properties of inverse Gaussian distributions I, Ann. Math. Statist. 28 (1957),
    362-377.
    """
    m, c, n, d = (var() for _ in range(4))
    ratio, mean = ops.true_div(c, ops.sqr(m)), ops.add(m, n)
    return lall(
        eq(before, form.add(form.wald(m, c), form.wald(n, d))),
        sameo(ops, ratio, ops.true_div(d, ops.sqr(n))),
        eq(after, form.wald(mean, ops.mul(ratio, ops.sqr(mean)))),
    )


def uniform_sumo(ops, before, after):
    r"""Relate the sum of two uniform variables of provably the same width to a triangular one.

    .. math::

        \frac{x \sim U(a, a + w) \qquad y \sim U(b, b + w)}
             {x + y \sim \operatorname{Tri}(a + b, a + b + w, a + b + 2 w)}
    """
    a, b, c, d = (var() for _ in range(4))
    return lall(
        eq(before, form.add(form.uniform(a, b), form.uniform(c, d))),
        sameo(ops, ops.sub(b, a), ops.sub(d, c)),
        eq(after, form.triangular(ops.add(a, c), ops.add(a, d), ops.add(b, d))),
    )


def normal_exponential_sumo(ops, before, after):
    r"""Relate the sum of a normal and an exponential variable to an exponentially modified normal one.

    .. math::

        \frac{x \sim N(m, s) \qquad y \sim \operatorname{Exp}(r)}{x + y \sim \operatorname{ExG}(m, s, 1 / r)}
    """
    m, s, r = var(), var(), var()
    return lall(
        eq(before, form.add(form.normal(m, s), form.exponential(r))),
        eq(after, form.exgaussian(m, s, ops.reciprocal(r))),
    )


def exponential_differenceo(ops, before, after):
    r"""Relate the difference of two exponential variables of provably the same rate to a Laplace one.

    .. math::

        \frac{x \sim \operatorname{Exp}(r) \qquad y \sim \operatorname{Exp}(r)}
             {x - y \sim \operatorname{Laplace}(0, 1 / r)}

    Reference: Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions, vol. 2, ch. 24.
    """
    r, q = var(), var()
    return lall(
        eq(before, form.sub(form.exponential(r), form.exponential(q))),
        sameo(ops, r, q),
        eq(after, form.laplace(ops.constant(0.0), ops.reciprocal(r))),
    )


def exponential_asymmetric_differenceo(ops, before, after):
    r"""Relate the difference of two exponential variables to an asymmetric Laplace one.

    .. math::

        \frac{x \sim \operatorname{Exp}(r) \qquad y \sim \operatorname{Exp}(q)}
             {x - y \sim \operatorname{AL}(b = \sqrt{r q}, \kappa = \sqrt{r / q}, 0)}
    """
    r, q = var(), var()
    return lall(
        eq(before, form.sub(form.exponential(r), form.exponential(q))),
        eq(after, form.asymmetriclaplace(ops.sqrt(ops.mul(r, q)), ops.sqrt(ops.true_div(r, q)), ops.constant(0.0))),
    )


def gumbel_differenceo(ops, before, after):
    r"""Relate the difference of two Gumbel variables of provably the same scale to a logistic one.

    .. math::

        \frac{x \sim \operatorname{Gumbel}(m, b) \qquad y \sim \operatorname{Gumbel}(n, b)}
             {x - y \sim \operatorname{Logistic}(m - n, b)}

    Reference: McFadden, Conditional logit analysis of qualitative choice behavior, in Frontiers in Econometrics
    (1974), 105-142.
    """
    m, n, b, c = (var() for _ in range(4))
    return lall(
        eq(before, form.sub(form.gumbel(m, b), form.gumbel(n, c))),
        sameo(ops, b, c),
        eq(after, form.logistic(ops.sub(m, n), b)),
    )


SUMS = (
    normal_sumo, rice_sumo, axis_rice_sumo, cauchy_sumo, gamma_sumo, poisson_sumo, binomial_sumo, negativebinomial_sumo, wald_sumo, uniform_sumo,
    normal_exponential_sumo, exponential_differenceo, exponential_asymmetric_differenceo, gumbel_differenceo,
)  # fmt: skip
