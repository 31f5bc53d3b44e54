r"""Laws of sums over the independent elements of one array, one fact per relation, in neutral form.

`before` is ``form.total(x)`` of the law of the elements, `after` a law; `over` says what is summed over:
``over.sum(x)`` is the sum of a parameter over all elements, ``over.count`` their number.  `singleo` states that a
parameter is one number for all of them.
"""

from kanren import eq, lall
from unification import var

from symbolic_pymc.relations.forms import form
from symbolic_pymc.relations.guards import singleo


def normal_totalo(ops, over, before, after):
    r"""Relate the sum of independent normal elements to a normal variable.

    .. math::

        \frac{x_i \sim N(m_i, s_i)}{\sum_i x_i \sim N(\sum_i m_i, \sqrt{\sum_i s_i^2})}
    """
    m, s = var(), var()
    return lall(
        eq(before, form.total(form.normal(m, s))),
        eq(after, form.normal(over.sum(m), ops.sqrt(over.sum(ops.sqr(s))))),
    )


def cauchy_totalo(ops, over, before, after):
    r"""Relate the sum of independent Cauchy elements to a Cauchy variable.

    .. math::

        \frac{x_i \sim C(a_i, b_i)}{\sum_i x_i \sim C(\sum_i a_i, \sum_i b_i)}
    """
    a, b = var(), var()
    return lall(eq(before, form.total(form.cauchy(a, b))), eq(after, form.cauchy(over.sum(a), over.sum(b))))


def gamma_totalo(ops, over, before, after):
    r"""Relate the sum of independent gamma elements of one rate to a gamma variable.

    .. math::

        \frac{x_i \sim \operatorname{Gamma}(a_i, r)}{\sum_i x_i \sim \operatorname{Gamma}(\sum_i a_i, r)}
    """
    a, r = var(), var()
    return lall(eq(before, form.total(form.gamma(a, r))), singleo(ops, r), eq(after, form.gamma(over.sum(a), r)))


def poisson_totalo(ops, over, before, after):
    r"""Relate the sum of independent Poisson elements to a Poisson variable.

    .. math::

        \frac{x_i \sim \operatorname{Pois}(m_i)}{\sum_i x_i \sim \operatorname{Pois}(\sum_i m_i)}
    """
    m = var()
    return lall(eq(before, form.total(form.poisson(m))), eq(after, form.poisson(over.sum(m))))


def binomial_totalo(ops, over, before, after):
    r"""Relate the sum of independent binomial elements of one probability to a binomial variable.

    .. math::

        \frac{x_i \sim \operatorname{Binom}(n_i, p)}{\sum_i x_i \sim \operatorname{Binom}(\sum_i n_i, p)}
    """
    n, p = var(), var()
    return lall(eq(before, form.total(form.binomial(n, p))), singleo(ops, p), eq(after, form.binomial(over.sum(n), p)))


def negativebinomial_totalo(ops, over, before, after):
    r"""Relate the sum of independent negative binomial elements of one probability to a negative binomial variable.

    .. math::

        \frac{x_i \sim \operatorname{NB}(n_i, p)}{\sum_i x_i \sim \operatorname{NB}(\sum_i n_i, p)}
    """
    n, o = var(), var()
    return lall(
        eq(before, form.total(form.negativebinomial(n, o))),
        singleo(ops, o),
        eq(after, form.negativebinomial(over.sum(n), o)),
    )


TOTALS = (
    normal_totalo, cauchy_totalo, gamma_totalo, poisson_totalo, binomial_totalo, negativebinomial_totalo,
)  # fmt: skip
