r"""Laws of products and ratios of two independent variables, one fact per relation, in neutral form.

`before` is ``form.mul(x, y)``, ``form.true_div(x, y)`` or ``form.share(x, y)``, which is ``x / (x + y)``, of laws,
`after` a law; see `symbolic_pymc.relations.forms`.
"""

import numpy as np
from unification import var

from symbolic_pymc.relations.forms import form
from symbolic_pymc.relations.guards import fact, nearo, numbero, sameo


@fact
def normal_ratioo(ops):
    r"""Relate the ratio of two normal variables of mean zero to a Cauchy one.

    .. math::

        \frac{x \sim N(0, s) \qquad y \sim N(0, t)}{x / y \sim C(0, s / t)}

    Reference: Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions, vol. 1, ch. 16.
    """
    m, s, n, t = (var() for _ in range(4))
    return (
        form.true_div(form.normal(m, s), form.normal(n, t)),
        form.cauchy(ops.constant(0.0), ops.true_div(s, t)),
        numbero(ops, m, 0.0),
        numbero(ops, n, 0.0),
    )


@fact
def normal_halfnormal_ratioo(ops):
    r"""Relate the ratio of a normal variable of mean zero and a half-normal one to a Cauchy one.

    .. math::

        \frac{x \sim N(0, s) \qquad y \sim N^{+}(t)}{x / y \sim C(0, s / t)}
    """
    m, s, t = var(), var(), var()
    return (
        form.true_div(form.normal(m, s), form.halfnormal(t)),
        form.cauchy(ops.constant(0.0), ops.true_div(s, t)),
        numbero(ops, m, 0.0),
    )


@fact
def halfnormal_ratioo(ops):
    r"""Relate the ratio of two half-normal variables to a half-Cauchy one.

    .. math::

        \frac{x \sim N^{+}(s) \qquad y \sim N^{+}(t)}{x / y \sim C^{+}(s / t)}
    """
    s, t = var(), var()
    return form.true_div(form.halfnormal(s), form.halfnormal(t)), form.halfcauchy(ops.true_div(s, t))


@fact
def student_ratioo(ops):
    r"""Relate the ratio of a normal variable of mean zero and the root of a gamma one to a Student variable.

    .. math::

        \frac{x \sim N(0, s) \qquad y \sim \operatorname{Gamma}(a, r)}{x / \sqrt{y} \sim T(2 a, 0, s \sqrt{r / a})}

    Reference: Student, The probable error of a mean, Biometrika 6 (1908), 1-25.
    """
    m, s, a, r, c = (var() for _ in range(5))
    return (
        form.true_div(form.normal(m, s), form.pow(form.gamma(a, r), c)),
        form.studentt(ops.mul(ops.constant(2.0), a), ops.constant(0.0), ops.mul(s, ops.sqrt(ops.true_div(r, a)))),
        numbero(ops, m, 0.0),
        nearo(ops, c, 0.5),
    )


@fact
def student_producto(ops):
    r"""Relate the product of a normal variable of mean zero and the root of an inverse gamma one to a Student variable.

    .. math::

        \frac{x \sim N(0, s) \qquad y \sim \operatorname{InvGamma}(a, c)}{x \sqrt{y} \sim T(2 a, 0, s \sqrt{c / a})}
    """
    m, s, a, c, k = (var() for _ in range(5))
    return (
        form.mul(form.normal(m, s), form.pow(form.inversegamma(a, c), k)),
        form.studentt(ops.mul(ops.constant(2.0), a), ops.constant(0.0), ops.mul(s, ops.sqrt(ops.true_div(c, a)))),
        numbero(ops, m, 0.0),
        nearo(ops, k, 0.5),
    )


@fact
def laplace_producto(ops):
    r"""Relate the product of a normal variable of mean zero and a Rayleigh one to a Laplace variable.

    .. math::

        \frac{x \sim N(0, s) \qquad y \sim \operatorname{Weibull}(2, b)}
             {x y \sim \operatorname{Laplace}(0, s b / \sqrt{2})}

    Reference: Andrews and Mallows, Scale mixtures of normal distributions, JRSS B 36 (1974), 99-102.
    """
    m, s, a, b = (var() for _ in range(4))
    return (
        form.mul(form.normal(m, s), form.weibull(a, b)),
        form.laplace(ops.constant(0.0), ops.mul(ops.mul(s, b), ops.constant(np.sqrt(0.5)))),
        numbero(ops, m, 0.0),
        nearo(ops, a, 2.0),
    )


@fact
def gamma_shareo(ops):
    r"""Relate the share of one gamma variable in the sum of two of provably the same rate to a beta one.

    .. math::

        \frac{x \sim \operatorname{Gamma}(a, r) \qquad y \sim \operatorname{Gamma}(b, r)}
             {x / (x + y) \sim \operatorname{Beta}(a, b)}

    Reference: Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions, vol. 2, ch. 25.
    """
    a, b, r, q = (var() for _ in range(4))
    return form.share(form.gamma(a, r), form.gamma(b, q)), form.beta(a, b), sameo(ops, r, q)


@fact
def gamma_ratioo(ops):
    r"""Relate the ratio of two gamma variables to a scaled beta prime one, known by its density alone.

    .. math::

        \frac{x \sim \operatorname{Gamma}(a, r) \qquad y \sim \operatorname{Gamma}(b, q)}
             {(r / q)\, x / y \sim \beta'(a, b)}
    """
    a, b, r, q = (var() for _ in range(4))
    return form.true_div(form.gamma(a, r), form.gamma(b, q)), form.betaprime(a, b, ops.true_div(q, r))


@fact
def beta_gamma_producto(ops):
    r"""Relate the product of a beta and a gamma variable whose shape is the sum of the other's shapes to a gamma one.

    .. math::

        \frac{x \sim \operatorname{Beta}(a, b) \qquad y \sim \operatorname{Gamma}(a + b, r)}
             {x y \sim \operatorname{Gamma}(a, r)}

    Reference: Stuart, Gamma-distributed products of independent random variables, Biometrika 49 (1962), 564-565.
    """
    a, b, c, r = (var() for _ in range(4))
    return form.mul(form.beta(a, b), form.gamma(c, r)), form.gamma(a, r), sameo(ops, c, ops.add(a, b))


@fact
def beta_producto(ops):
    r"""Relate the product of two beta variables, of which one begins where the other ends, to a beta one.

    .. math::

        \frac{x \sim \operatorname{Beta}(a, b) \qquad y \sim \operatorname{Beta}(a + b, c)}
             {x y \sim \operatorname{Beta}(a, b + c)}
    """
    a, b, c, d = (var() for _ in range(4))
    return form.mul(form.beta(a, b), form.beta(d, c)), form.beta(a, ops.add(b, c)), sameo(ops, d, ops.add(a, b))


@fact
def lognormal_producto(ops):
    r"""Relate the product of two log-normal variables to a log-normal one.

    .. math::

        \frac{x \sim \operatorname{LogN}(m, s) \qquad y \sim \operatorname{LogN}(n, t)}
             {x y \sim \operatorname{LogN}(m + n, \sqrt{s^2 + t^2})}
    """
    m, s, n, t = (var() for _ in range(4))
    return (
        form.mul(form.lognormal(m, s), form.lognormal(n, t)),
        form.lognormal(ops.add(m, n), ops.sqrt(ops.add(ops.sqr(s), ops.sqr(t)))),
    )


@fact
def lognormal_ratioo(ops):
    r"""Relate the ratio of two log-normal variables to a log-normal one.

    .. math::

        \frac{x \sim \operatorname{LogN}(m, s) \qquad y \sim \operatorname{LogN}(n, t)}
             {x / y \sim \operatorname{LogN}(m - n, \sqrt{s^2 + t^2})}
    """
    m, s, n, t = (var() for _ in range(4))
    return (
        form.true_div(form.lognormal(m, s), form.lognormal(n, t)),
        form.lognormal(ops.sub(m, n), ops.sqrt(ops.add(ops.sqr(s), ops.sqr(t)))),
    )


@fact
def bernoulli_producto(ops):
    r"""Relate the product of two Bernoulli variables to a Bernoulli one.

    .. math::

        \frac{x \sim \operatorname{Bern}(p) \qquad y \sim \operatorname{Bern}(q)}{x y \sim \operatorname{Bern}(p q)}
    """
    p, q = var(), var()
    return form.mul(form.bernoulli(p), form.bernoulli(q)), form.bernoulli(ops.mul(p, q))


@fact
def horseshoe_producto(ops):
    r"""Relate the product of a normal variable of mean zero and a half-Cauchy one to a horseshoe variable, a density.

    .. math::

        \frac{x \sim N(0, s) \qquad y \sim C^{+}(b)}{x y \sim \operatorname{Horseshoe}(s b)}

    Reference: Carvalho, Polson and Scott, The horseshoe estimator for sparse signals, Biometrika 97 (2010), 465-480.
    """
    m, s, b = var(), var(), var()
    return form.mul(form.normal(m, s), form.halfcauchy(b)), form.horseshoe(ops.mul(s, b)), numbero(ops, m, 0.0)


RATIOS = (
    normal_ratioo, normal_halfnormal_ratioo, halfnormal_ratioo, student_ratioo, student_producto,
    laplace_producto, gamma_shareo, gamma_ratioo, beta_gamma_producto, beta_producto, lognormal_producto,
    lognormal_ratioo, bernoulli_producto, horseshoe_producto,
)  # fmt: skip
