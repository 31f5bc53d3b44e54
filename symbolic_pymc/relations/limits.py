r"""Distributions that are nearly others, in neutral form: equal in a limit only, and so never used unless asked for.

`distance` is the largest total variation distance to allow between the law of an element and what takes its place,
the supremum of the difference of their probabilities over all events.  The bound of each row must be provably below
it: the parameters in it are constants.
"""

from functools import wraps

import numpy as np
from unification import var

from symbolic_pymc.relations.forms import form
from symbolic_pymc.relations.guards import at_mosto, fact, numbero, positiveo


def _limit(rule):
    """Return the function of a distance that gives the relation ``(ops, before, after)`` of a rule."""

    @wraps(rule)
    def within(distance):
        def bounded(ops):
            before, after, bound, *guards = rule(ops)
            return before, after, at_mosto(ops, bound, distance), *guards

        return fact(wraps(rule)(bounded))

    return within


@_limit
def negativebinomial_as_poissono(ops):
    r"""Relate a negative binomial law whose odds of a failure are small to a Poisson one.

    .. math::

        \lim_{\alpha \to \infty} \operatorname{NB}(\mu, \alpha) = \operatorname{Pois}(\mu), \qquad
        d_{TV} \le \mu / \alpha

    Reference: Barbour, Holst and Janson, Poisson Approximation, Oxford 1992, ch. 1.
    """
    n, odds = var(), var()
    return form.negativebinomial(n, odds), form.poisson(ops.mul(n, odds)), odds


@_limit
def binomial_as_poissono(ops):
    r"""Relate a binomial law of a small probability to a Poisson one.

    .. math::

        \lim_{n \to \infty} \operatorname{Binom}(n, \lambda / n) = \operatorname{Pois}(\lambda), \qquad
        d_{TV} \le \lambda / n

    Reference: Barbour and Hall, On the rate of Poisson convergence, Math. Proc. Camb. Phil. Soc. 95 (1984), 473-480.
    """
    n, p = var(), var()
    return form.binomial(n, p), form.poisson(ops.mul(n, p)), p


def _student_distance(ops, nu):
    """Return more than the distance of a Student law from a normal one; the least such multiple of 1 / nu is 0.317."""
    return ops.true_div(ops.constant(1 / 3), nu)


@_limit
def studentt_as_normalo(ops):
    r"""Relate a Student law of many degrees of freedom to a normal one.

    .. math::

        \lim_{\nu \to \infty} T(\nu, \mu, \sigma) = N(\mu, \sigma), \qquad d_{TV} \le 1 / (3 \nu)
    """
    nu, m, s = var(), var(), var()
    return form.studentt(nu, m, s), form.normal(m, s), _student_distance(ops, nu), positiveo(ops, nu)


@_limit
def halfstudentt_as_halfnormalo(ops):
    r"""Relate a half Student law of many degrees of freedom to a half-normal one.

    .. math::

        \lim_{\nu \to \infty} T^{+}(\nu, \sigma) = N^{+}(\sigma), \qquad d_{TV} \le 1 / (3 \nu)
    """
    nu, s = var(), var()
    return form.halfstudentt(nu, s), form.halfnormal(s), _student_distance(ops, nu), positiveo(ops, nu)


@_limit
def exgaussian_as_exponentialo(ops):
    r"""Relate an exponentially modified normal law about zero, of little noise, to an exponential one.

    .. math::

        \lim_{\sigma \to 0} \operatorname{ExG}(0, \sigma, \nu) = \operatorname{Exp}(1 / \nu), \qquad
        d_{TV} \le \sqrt{2 / \pi}\, \sigma / \nu

    Moved by h, an exponential law of mean :math:`\nu` is :math:`1 - e^{-|h| / \nu}` away from itself.
    """
    m, s, nu = var(), var(), var()
    bound = ops.mul(ops.constant(np.sqrt(2 / np.pi)), ops.true_div(s, nu))
    return form.exgaussian(m, s, nu), form.exponential(ops.reciprocal(nu)), bound, numbero(ops, m, 0.0)


@_limit
def vonmises_as_uniformo(ops):
    r"""Relate a von Mises law of little concentration to a uniform one.

    .. math::

        \lim_{\kappa \to 0} \operatorname{VM}(\mu, \kappa) = U(-\pi, \pi), \qquad d_{TV} \le \kappa / \pi
    """
    mu, kappa = var(), var()
    circle = form.uniform(ops.constant(-np.pi), ops.constant(np.pi))
    return form.vonmises(mu, kappa), circle, ops.true_div(kappa, ops.constant(np.pi)), positiveo(ops, kappa)


@_limit
def wald_as_inversegammao(ops):
    r"""Relate a Wald law of large mean to a Lévy one, which is inverse gamma.

    .. math::

        \lim_{\mu \to \infty} \operatorname{Wald}(\mu, \lambda) = \operatorname{Gamma^{-1}}(\tfrac{1}{2}, \lambda / 2),
        \qquad d_{TV} \le e^{\lambda / \mu} - 1

    The ratio of the densities is at most :math:`e^{\lambda / \mu}`.
    """
    mu, lam = var(), var()
    half = ops.constant(0.5)
    bound = ops.expm1(ops.true_div(lam, mu))
    return form.wald(mu, lam), form.inversegamma(half, ops.mul(half, lam)), bound, positiveo(ops, mu)


LIMITS = (
    negativebinomial_as_poissono, binomial_as_poissono, studentt_as_normalo, halfstudentt_as_halfnormalo,
    exgaussian_as_exponentialo, vonmises_as_uniformo, wald_as_inversegammao,
)  # fmt: skip
