r"""Distributions that are special members of others, exactly: the same law under another name, in neutral form."""

import numpy as np
from unification import var

from symbolic_pymc.relations.forms import form
from symbolic_pymc.relations.guards import fact, infiniteo, nearo, numbero


def _special(name, statement, rule):
    """Return the relation of a law to its other name; `rule` gives both and the guards."""
    rule.__name__ = rule.__qualname__ = name
    rule.__doc__ = f"Relate a law to its other name.\n\n    .. math::\n\n        {statement}\n    "
    return fact(rule)


def _uniform(ops):
    a, b, one = var(), var(), ops.constant(1.0)
    return form.uniform(a, b), form.beta(one, one), numbero(ops, a, 0.0), nearo(ops, b, 1.0)


def _beta(ops):
    a, b = var(), var()
    return form.beta(a, b), form.uniform(ops.constant(0.0), ops.constant(1.0)), nearo(ops, a, 1.0), nearo(ops, b, 1.0)


def _exponential(ops):
    r = var()
    return form.exponential(r), form.gamma(ops.constant(1.0), r)


def _gamma(ops):
    a, r = var(), var()
    return form.gamma(a, r), form.exponential(r), nearo(ops, a, 1.0)


def _bernoulli(ops):
    p = var()
    return form.bernoulli(p), form.binomial(ops.constant(1.0), p)


def _binomial(ops):
    n, p = var(), var()
    return form.binomial(n, p), form.bernoulli(p), nearo(ops, n, 1.0)


def _weibull(ops):
    a, b = var(), var()
    return form.weibull(a, b), form.exponential(ops.reciprocal(b)), nearo(ops, a, 1.0)


def _rice(ops):
    nu, s = var(), var()
    scale = ops.mul(ops.constant(np.sqrt(2.0)), s)
    return form.rice(nu, s), form.weibull(ops.constant(2.0), scale), numbero(ops, nu, 0.0)


def _studentt(ops):
    nu, m, s = var(), var(), var()
    return form.studentt(nu, m, s), form.cauchy(m, s), nearo(ops, nu, 1.0)


def _halfstudentt(ops):
    nu, s = var(), var()
    return form.halfstudentt(nu, s), form.halfcauchy(s), nearo(ops, nu, 1.0)


def _skewnormal(ops):
    m, s, a = var(), var(), var()
    return form.skewnormal(m, s, a), form.normal(m, s), numbero(ops, a, 0.0)


def _asymmetriclaplace(ops):
    b, kappa, m = var(), var(), var()
    return form.asymmetriclaplace(b, kappa, m), form.laplace(m, ops.reciprocal(b)), nearo(ops, kappa, 1.0)


def _kumaraswamy_first(ops):
    a, b = var(), var()
    return form.kumaraswamy(a, b), form.beta(a, b), nearo(ops, b, 1.0)


def _kumaraswamy_second(ops):
    a, b = var(), var()
    return form.kumaraswamy(a, b), form.beta(a, b), nearo(ops, a, 1.0)


def _betabinomial(ops):
    n, a, b = var(), var(), var()
    law = form.discreteuniform(ops.constant(0.0), n)
    return form.betabinomial(n, a, b), law, nearo(ops, a, 1.0), nearo(ops, b, 1.0)


def _halfnormal(ops):
    m, s, low, high = (var() for _ in range(4))
    law = form.truncatednormal(m, s, low, high)
    return law, form.halfnormal(s), numbero(ops, m, 0.0), numbero(ops, low, 0.0), infiniteo(high, 1)


def _untruncated(ops):
    m, s, low, high = (var() for _ in range(4))
    return form.truncatednormal(m, s, low, high), form.normal(m, s), infiniteo(low, -1), infiniteo(high, 1)


def _triangle(peak):
    """Return the rule of a triangle between 0 and 1 with its peak at one of these."""

    def rule(ops):
        low, c, high = var(), var(), var()
        numbers = (numbero(ops, low, 0.0), nearo(ops, c, peak) if peak else numbero(ops, c, 0.0), nearo(ops, high, 1.0))
        beta = form.beta(ops.constant(1.0 + peak), ops.constant(2.0 - peak))
        return form.triangular(low, c, high), beta, *numbers

    return rule


def _never_inflated(name, n_params):
    """Return the rule of a law of counts without any zeros beside its own."""

    def rule(ops):
        psi, *params = (var() for _ in range(n_params + 1))
        return getattr(form, "zeroinflated" + name)(psi, *params), getattr(form, name)(*params), nearo(ops, psi, 1.0)

    return rule


def _negativebinomial(ops):
    psi, mu, alpha = var(), var(), var()
    law = form.negativebinomial(alpha, ops.true_div(mu, alpha))
    return form.zeroinflatednegativebinomial(psi, mu, alpha), law, nearo(ops, psi, 1.0)


SPECIAL = (
    _special("uniform_as_betao", r"U(0, 1) = \operatorname{Beta}(1, 1)", _uniform),
    _special("beta_as_uniformo", r"\operatorname{Beta}(1, 1) = U(0, 1)", _beta),
    _special("exponential_as_gammao", r"\operatorname{Exp}(r) = \operatorname{Gamma}(1, r)", _exponential),
    _special("gamma_as_exponentialo", r"\operatorname{Gamma}(1, r) = \operatorname{Exp}(r)", _gamma),
    _special("bernoulli_as_binomialo", r"\operatorname{Bern}(p) = \operatorname{Binom}(1, p)", _bernoulli),
    _special("binomial_as_bernoullio", r"\operatorname{Binom}(1, p) = \operatorname{Bern}(p)", _binomial),
    _special("weibull_as_exponentialo", r"\operatorname{Weibull}(1, b) = \operatorname{Exp}(1 / b)", _weibull),
    _special("rice_as_weibullo", r"\operatorname{Rice}(0, s) = \operatorname{Weibull}(2, \sqrt{2} s)", _rice),
    _special("studentt_as_cauchyo", r"T(1, m, s) = C(m, s)", _studentt),
    _special("halfstudentt_as_halfcauchyo", r"T^{+}(1, s) = C^{+}(s)", _halfstudentt),
    _special("skewnormal_as_normalo", r"\operatorname{SN}(m, s, 0) = N(m, s)", _skewnormal),
    _special(
        "asymmetriclaplace_as_laplaceo",
        r"\operatorname{AL}(b, 1, m) = \operatorname{Laplace}(m, 1 / b)",
        _asymmetriclaplace,
    ),
    _special(
        "kumaraswamy_as_betao",
        r"\operatorname{Kumaraswamy}(a, 1) = \operatorname{Beta}(a, 1)",
        _kumaraswamy_first,
    ),
    _special(
        "kumaraswamy_as_reflected_betao",
        r"\operatorname{Kumaraswamy}(1, b) = \operatorname{Beta}(1, b)",
        _kumaraswamy_second,
    ),
    _special(
        "betabinomial_as_discreteuniformo",
        r"\operatorname{BetaBinom}(n, 1, 1) = \operatorname{DU}(0, n)",
        _betabinomial,
    ),
    _special(
        "truncatednormal_as_halfnormalo",
        r"\operatorname{TN}(0, s, 0, \infty) = N^{+}(s)",
        _halfnormal,
    ),
    _special("truncatednormal_as_normalo", r"\operatorname{TN}(m, s, -\infty, \infty) = N(m, s)", _untruncated),
    _special(
        "falling_triangular_as_betao",
        r"\operatorname{Tri}(0, 0, 1) = \operatorname{Beta}(1, 2)",
        _triangle(0.0),
    ),
    _special(
        "rising_triangular_as_betao",
        r"\operatorname{Tri}(0, 1, 1) = \operatorname{Beta}(2, 1)",
        _triangle(1.0),
    ),
    _special(
        "zeroinflatedpoisson_as_poissono",
        r"\operatorname{ZIP}(1, m) = \operatorname{Pois}(m)",
        _never_inflated("poisson", 1),
    ),
    _special(
        "zeroinflatedbinomial_as_binomialo",
        r"\operatorname{ZIB}(1, n, p) = \operatorname{Binom}(n, p)",
        _never_inflated("binomial", 2),
    ),
    _special(
        "zeroinflatednegativebinomial_as_negativebinomialo",
        r"\operatorname{ZINB}(1, m, a) = \operatorname{NB}(m, a)",
        _negativebinomial,
    ),
)
