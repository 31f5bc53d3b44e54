r"""Laws of absolute values of one variable, one fact per relation, in neutral form.

`before` is ``form.abs(x)`` of a law, `after` a law; see `symbolic_pymc.relations.forms`.
"""

from unification import var

from symbolic_pymc.relations.forms import form
from symbolic_pymc.relations.guards import fact, numbero, sameo


@fact
def normal_foldo(ops):
    r"""Relate the absolute value of a normal variable of mean zero to a half-normal one.

    .. math::

        \frac{x \sim N(0, s)}{|x| \sim N^{+}(s)}
    """
    m, s = var(), var()
    return form.abs(form.normal(m, s)), form.halfnormal(s), numbero(ops, m, 0.0)


@fact
def cauchy_foldo(ops):
    r"""Relate the absolute value of a Cauchy variable around zero to a half-Cauchy one.

    .. math::

        \frac{x \sim C(0, b)}{|x| \sim C^{+}(b)}
    """
    a, b = var(), var()
    return form.abs(form.cauchy(a, b)), form.halfcauchy(b), numbero(ops, a, 0.0)


@fact
def studentt_foldo(ops):
    r"""Relate the absolute value of a Student variable around zero to a half-Student one.

    .. math::

        \frac{x \sim T(\nu, 0, s)}{|x| \sim T^{+}(\nu, s)}
    """
    nu, m, s = var(), var(), var()
    return form.abs(form.studentt(nu, m, s)), form.halfstudentt(nu, s), numbero(ops, m, 0.0)


@fact
def laplace_foldo(ops):
    r"""Relate the absolute value of a Laplace variable around zero to an exponential one.

    .. math::

        \frac{x \sim \operatorname{Laplace}(0, b)}{|x| \sim \operatorname{Exp}(1 / b)}
    """
    m, b = var(), var()
    return form.abs(form.laplace(m, b)), form.exponential(ops.reciprocal(b)), numbero(ops, m, 0.0)


@fact
def uniform_foldo(ops):
    r"""Relate the absolute value of a uniform variable around zero to a uniform one.

    .. math::

        \frac{x \sim U(-b, b)}{|x| \sim U(0, b)}
    """
    a, b = var(), var()
    return form.abs(form.uniform(a, b)), form.uniform(ops.constant(0.0), b), sameo(ops, a, ops.neg(b))


FOLDS = (
    normal_foldo, cauchy_foldo, studentt_foldo, laplace_foldo, uniform_foldo,
)  # fmt: skip
