r"""Laws of powers of one variable, one fact per relation, in neutral form.

`before` is ``form.pow(x, c)`` of a law, `after` a law; see `symbolic_pymc.relations.forms`.
"""

from unification import var

from symbolic_pymc.relations.forms import form
from symbolic_pymc.relations.guards import fact, nearo, negativeo, numbero, positiveo


@fact
def normal_squareo(ops):
    r"""Relate the square of a normal variable of mean zero to a gamma one; of variance 1, chi-squared.

    .. math::

        \frac{x \sim N(0, s)}{x^2 \sim \operatorname{Gamma}(1/2, 1 / (2 s^2))}

    Reference: Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions, vol. 1, ch. 18.
    """
    m, s, c = var(), var(), var()
    rate = ops.true_div(ops.constant(0.5), ops.sqr(s))
    return (
        form.pow(form.normal(m, s), c),
        form.gamma(ops.constant(0.5), rate),
        numbero(ops, m, 0.0),
        nearo(ops, c, 2.0),
    )


@fact
def halfnormal_squareo(ops):
    r"""Relate the square of a half-normal variable to a gamma one.

    .. math::

        \frac{x \sim N^{+}(s)}{x^2 \sim \operatorname{Gamma}(1/2, 1 / (2 s^2))}
    """
    s, c = var(), var()
    rate = ops.true_div(ops.constant(0.5), ops.sqr(s))
    return form.pow(form.halfnormal(s), c), form.gamma(ops.constant(0.5), rate), nearo(ops, c, 2.0)


@fact
def gamma_rooto(ops):
    r"""Relate the square root of a gamma variable of shape 1/2 to a half-normal one.

    .. math::

        \frac{x \sim \operatorname{Gamma}(1/2, r)}{\sqrt{x} \sim N^{+}(1 / \sqrt{2 r})}
    """
    a, r, c = var(), var(), var()
    sigma = ops.reciprocal(ops.sqrt(ops.mul(ops.constant(2.0), r)))
    return form.pow(form.gamma(a, r), c), form.halfnormal(sigma), nearo(ops, a, 0.5), nearo(ops, c, 0.5)


@fact
def rayleigh_squareo(ops):
    r"""Relate the square of a Rayleigh variable, which is a Rice one around zero, to an exponential one.

    .. math::

        \frac{x \sim \operatorname{Rice}(0, s)}{x^2 \sim \operatorname{Exp}(1 / (2 s^2))}
    """
    nu, s, c = var(), var(), var()
    rate = ops.true_div(ops.constant(0.5), ops.sqr(s))
    return form.pow(form.rice(nu, s), c), form.exponential(rate), numbero(ops, nu, 0.0), nearo(ops, c, 2.0)


@fact
def gamma_reciprocalo(ops):
    r"""Relate the reciprocal of a gamma variable to an inverse gamma one; the rate becomes the scale.

    .. math::

        \frac{x \sim \operatorname{Gamma}(a, r)}{1 / x \sim \operatorname{InvGamma}(a, r)}

    Reference: Leemis and McQueston, Univariate distribution relationships, The American Statistician 62 (2008), 45-53.
    """
    a, r, c = var(), var(), var()
    return form.pow(form.gamma(a, r), c), form.inversegamma(a, r), nearo(ops, c, -1.0)


@fact
def inversegamma_reciprocalo(ops):
    r"""Relate the reciprocal of an inverse gamma variable to a gamma one; the scale becomes the rate.

    .. math::

        \frac{x \sim \operatorname{InvGamma}(a, r)}{1 / x \sim \operatorname{Gamma}(a, r)}
    """
    a, r, c = var(), var(), var()
    return form.pow(form.inversegamma(a, r), c), form.gamma(a, r), nearo(ops, c, -1.0)


@fact
def cauchy_reciprocalo(ops):
    r"""Relate the reciprocal of a Cauchy variable to a Cauchy one.

    .. math::

        \frac{x \sim C(a, b)}{1 / x \sim C(a / (a^2 + b^2), b / (a^2 + b^2))}
    """
    a, b, c = var(), var(), var()
    length = ops.add(ops.sqr(a), ops.sqr(b))
    return (
        form.pow(form.cauchy(a, b), c),
        form.cauchy(ops.true_div(a, length), ops.true_div(b, length)),
        nearo(ops, c, -1.0),
    )


@fact
def exponential_powero(ops):
    r"""Relate a positive power of an exponential variable to a Weibull one.

    .. math::

        \frac{x \sim \operatorname{Exp}(r) \qquad c > 0}{x^c \sim \operatorname{Weibull}(1 / c, r^{-c})}
    """
    r, c = var(), var()
    return (
        form.pow(form.exponential(r), c),
        form.weibull(ops.reciprocal(c), ops.pow(r, ops.neg(c))),
        positiveo(ops, c),
    )


@fact
def weibull_powero(ops):
    r"""Relate a positive power of a Weibull variable to a Weibull one.

    .. math::

        \frac{x \sim \operatorname{Weibull}(a, b) \qquad c > 0}{x^c \sim \operatorname{Weibull}(a / c, b^c)}
    """
    a, b, c = var(), var(), var()
    return form.pow(form.weibull(a, b), c), form.weibull(ops.true_div(a, c), ops.pow(b, c)), positiveo(ops, c)


@fact
def pareto_powero(ops):
    r"""Relate a positive power of a Pareto variable to a Pareto one.

    .. math::

        \frac{x \sim \operatorname{Pareto}(a, m) \qquad c > 0}{x^c \sim \operatorname{Pareto}(a / c, m^c)}
    """
    a, m, c = var(), var(), var()
    return form.pow(form.pareto(a, m), c), form.pareto(ops.true_div(a, c), ops.pow(m, c)), positiveo(ops, c)


@fact
def pareto_negative_powero(ops):
    r"""Relate a negative power of a Pareto variable that starts at 1 to a beta one.

    .. math::

        \frac{x \sim \operatorname{Pareto}(a, 1) \qquad c < 0}{x^c \sim \operatorname{Beta}(-a / c, 1)}
    """
    a, m, c = var(), var(), var()
    return (
        form.pow(form.pareto(a, m), c),
        form.beta(ops.true_div(a, ops.neg(c)), ops.constant(1.0)),
        nearo(ops, m, 1.0),
        negativeo(ops, c),
    )


@fact
def beta_powero(ops):
    r"""Relate a positive power of a beta variable with second shape 1 (uniform, say) to a beta one.

    .. math::

        \frac{x \sim \operatorname{Beta}(a, 1) \qquad c > 0}{x^c \sim \operatorname{Beta}(a / c, 1)}
    """
    a, b, c = var(), var(), var()
    return form.pow(form.beta(a, b), c), form.beta(ops.true_div(a, c), b), nearo(ops, b, 1.0), positiveo(ops, c)


@fact
def beta_negative_powero(ops):
    r"""Relate a negative power of a beta variable with second shape 1 to a Pareto one.

    .. math::

        \frac{x \sim \operatorname{Beta}(a, 1) \qquad c < 0}{x^c \sim \operatorname{Pareto}(-a / c, 1)}
    """
    a, b, c = var(), var(), var()
    return (
        form.pow(form.beta(a, b), c),
        form.pareto(ops.true_div(a, ops.neg(c)), ops.constant(1.0)),
        nearo(ops, b, 1.0),
        negativeo(ops, c),
    )


@fact
def beta_rooto(ops):
    r"""Relate a positive power of a beta variable with first shape 1 to a Kumaraswamy one.

    .. math::

        \frac{x \sim \operatorname{Beta}(1, b) \qquad c > 0}{x^c \sim \operatorname{Kumaraswamy}(1 / c, b)}
    """
    a, b, c = var(), var(), var()
    return form.pow(form.beta(a, b), c), form.kumaraswamy(ops.reciprocal(c), b), nearo(ops, a, 1.0), positiveo(ops, c)


@fact
def kumaraswamy_powero(ops):
    r"""Relate a positive power of a Kumaraswamy variable to a Kumaraswamy one.

    .. math::

        \frac{x \sim \operatorname{Kumaraswamy}(a, b) \qquad c > 0}{x^c \sim \operatorname{Kumaraswamy}(a / c, b)}
    """
    a, b, c = var(), var(), var()
    return form.pow(form.kumaraswamy(a, b), c), form.kumaraswamy(ops.true_div(a, c), b), positiveo(ops, c)


@fact
def lognormal_powero(ops):
    r"""Relate a power of a log-normal variable to a log-normal one.

    .. math::

        \frac{x \sim \operatorname{LogN}(m, s)}{x^c \sim \operatorname{LogN}(c m, |c| s)}
    """
    m, s, c = var(), var(), var()
    return form.pow(form.lognormal(m, s), c), form.lognormal(ops.mul(c, m), ops.mul(ops.abs(c), s))


POWERS = (
    normal_squareo, halfnormal_squareo, gamma_rooto, rayleigh_squareo, gamma_reciprocalo,
    inversegamma_reciprocalo, cauchy_reciprocalo, exponential_powero, weibull_powero, pareto_powero,
    pareto_negative_powero, beta_powero, beta_negative_powero, beta_rooto, kumaraswamy_powero, lognormal_powero,
)  # fmt: skip
