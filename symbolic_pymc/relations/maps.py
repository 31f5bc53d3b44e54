r"""Laws of exponentials, logarithms and distribution functions of one variable, one fact per relation.

`before` is ``form.exp(x)``, ``form.log(x)``, ``form.sigmoid(x)``, ... of a law, `after` a law; see
`symbolic_pymc.relations.forms`.
"""

from unification import var

from symbolic_pymc.relations.forms import form, minus
from symbolic_pymc.relations.guards import fact, nearo, numbero


@fact
def normal_expo(ops):
    r"""Relate the exponential of a normal variable to a log-normal one.

    .. math::

        \frac{x \sim N(m, s)}{e^x \sim \operatorname{LogN}(m, s)}
    """
    m, s = var(), var()
    return form.exp(form.normal(m, s)), form.lognormal(m, s)


@fact
def lognormal_logo(ops):
    r"""Relate the logarithm of a log-normal variable to a normal one.

    .. math::

        \frac{x \sim \operatorname{LogN}(m, s)}{\log x \sim N(m, s)}
    """
    m, s = var(), var()
    return form.log(form.lognormal(m, s)), form.normal(m, s)


@fact
def exponential_expo(ops):
    r"""Relate the exponential of an exponential variable to a Pareto one.

    .. math::

        \frac{x \sim \operatorname{Exp}(r)}{e^x \sim \operatorname{Pareto}(r, 1)}
    """
    r = var()
    return form.exp(form.exponential(r)), form.pareto(r, ops.constant(1.0))


@fact
def exponential_survivalo(ops):
    r"""Relate the exponential of minus an exponential variable to a beta one.

    .. math::

        \frac{x \sim \operatorname{Exp}(r)}{e^{-x} \sim \operatorname{Beta}(r, 1)}
    """
    r = var()
    return form.exp(minus(ops, form.exponential(r))), form.beta(r, ops.constant(1.0))


@fact
def gumbel_expo(ops):
    r"""Relate the exponential of minus a Gumbel variable to a Weibull one.

    .. math::

        \frac{x \sim \operatorname{Gumbel}(m, b)}{e^{-x} \sim \operatorname{Weibull}(1 / b, e^{-m})}
    """
    m, b = var(), var()
    return form.exp(minus(ops, form.gumbel(m, b))), form.weibull(ops.reciprocal(b), ops.exp(ops.neg(m)))


@fact
def weibull_logo(ops):
    r"""Relate the logarithm of a Weibull variable to minus a Gumbel one.

    .. math::

        \frac{x \sim \operatorname{Weibull}(a, b)}{-\log x \sim \operatorname{Gumbel}(-\log b, 1 / a)}
    """
    a, b = var(), var()
    return form.log(form.weibull(a, b)), minus(ops, form.gumbel(ops.neg(ops.log(b)), ops.reciprocal(a)))


@fact
def exponential_logo(ops):
    r"""Relate the logarithm of an exponential variable to minus a Gumbel one.

    .. math::

        \frac{x \sim \operatorname{Exp}(r)}{-\log x \sim \operatorname{Gumbel}(\log r, 1)}
    """
    r = var()
    return form.log(form.exponential(r)), minus(ops, form.gumbel(ops.log(r), ops.constant(1.0)))


@fact
def inversegamma_logo(ops):
    r"""Relate the logarithm of an inverse gamma variable of shape 1 to a Gumbel one.

    .. math::

        \frac{x \sim \operatorname{InvGamma}(1, c)}{\log x \sim \operatorname{Gumbel}(\log c, 1)}
    """
    a, c = var(), var()
    return form.log(form.inversegamma(a, c)), form.gumbel(ops.log(c), ops.constant(1.0)), nearo(ops, a, 1.0)


@fact
def beta_logo(ops):
    r"""Relate the logarithm of a beta variable with second shape 1 (uniform, say) to minus an exponential one.

    .. math::

        \frac{x \sim \operatorname{Beta}(a, 1)}{-\log x \sim \operatorname{Exp}(a)}
    """
    a, b = var(), var()
    return form.log(form.beta(a, b)), minus(ops, form.exponential(a)), nearo(ops, b, 1.0)


@fact
def pareto_logo(ops):
    r"""Relate the logarithm of a Pareto variable to a shifted exponential one.

    .. math::

        \frac{x \sim \operatorname{Pareto}(a, m)}{\log x - \log m \sim \operatorname{Exp}(a)}
    """
    a, m = var(), var()
    return form.log(form.pareto(a, m)), form.affine(ops.log(m), ops.constant(1.0), form.exponential(a))


@fact
def logistic_cdfo(ops):
    r"""Relate the logistic function of a standard logistic variable to a uniform one.

    .. math::

        \frac{x \sim \operatorname{Logistic}(0, 1)}{1 / (1 + e^{-x}) \sim U(0, 1)}
    """
    m, s = var(), var()
    return (
        form.sigmoid(form.logistic(m, s)),
        form.uniform(ops.constant(0.0), ops.constant(1.0)),
        numbero(ops, m, 0.0),
        nearo(ops, s, 1.0),
    )


@fact
def normal_sigmoido(ops):
    r"""Relate the logistic function of a normal variable to a logit-normal one.

    .. math::

        \frac{x \sim N(m, s)}{1 / (1 + e^{-x}) \sim \operatorname{LogitN}(m, s)}
    """
    m, s = var(), var()
    return form.sigmoid(form.normal(m, s)), form.logitnormal(m, s)


@fact
def uniform_logito(ops):
    r"""Relate the log odds of a uniform variable to a logistic one.

    .. math::

        \frac{x \sim U(0, 1)}{\log x - \log (1 - x) \sim \operatorname{Logistic}(0, 1)}
    """
    a, b = var(), var()
    return (
        form.logit(form.beta(a, b)),
        form.logistic(ops.constant(0.0), ops.constant(1.0)),
        nearo(ops, a, 1.0),
        nearo(ops, b, 1.0),
    )


@fact
def logitnormal_logito(ops):
    r"""Relate the log odds of a logit-normal variable to a normal one.

    .. math::

        \frac{x \sim \operatorname{LogitN}(m, s)}{\log x - \log (1 - x) \sim N(m, s)}
    """
    m, s = var(), var()
    return form.logit(form.logitnormal(m, s)), form.normal(m, s)


@fact
def normal_erfo(ops):
    r"""Relate the error function of a normal variable of variance 1/2 to a uniform one.

    .. math::

        \frac{x \sim N(0, \sqrt{1/2})}{\operatorname{erf} x \sim U(-1, 1)}
    """
    m, s = var(), var()
    return (
        form.erf(form.normal(m, s)),
        form.uniform(ops.constant(-1.0), ops.constant(1.0)),
        numbero(ops, m, 0.0),
        nearo(ops, ops.sqr(s), 0.5),
    )


@fact
def exponential_ceilo(ops):
    r"""Relate an exponential variable, rounded up, to a geometric one.

    .. math::

        \frac{x \sim \operatorname{Exp}(r)}{\lceil x \rceil \sim \operatorname{Geom}(1 - e^{-r})}
    """
    r = var()
    return form.ceil(form.exponential(r)), form.geometric(ops.sub(ops.constant(1.0), ops.exp(ops.neg(r))))


@fact
def exponential_flooro(ops):
    r"""Relate an exponential variable, rounded down, to a negative binomial one of a single success.

    .. math::

        \frac{x \sim \operatorname{Exp}(r)}{\lfloor x \rfloor \sim \operatorname{NB}(n = 1, p = 1 - e^{-r})}
    """
    r = var()
    odds = ops.reciprocal(ops.sub(ops.exp(r), ops.constant(1.0)))
    return form.floor(form.exponential(r)), form.negativebinomial(ops.constant(1.0), odds)


MAPS = (
    normal_expo, lognormal_logo, exponential_expo, exponential_survivalo, gumbel_expo, weibull_logo,
    exponential_logo, inversegamma_logo, beta_logo, pareto_logo, logistic_cdfo, normal_sigmoido, uniform_logito,
    logitnormal_logito, normal_erfo, exponential_ceilo, exponential_flooro,
)  # fmt: skip
