r"""Distributions as mixtures of simpler ones, from left to right.

The relations bring in a variable that was integrated out, named ``<x>_mixing`` unless said otherwise, with which much is conditionally
normal or conjugate; `symbolic_pymc.marginals` and `symbolic_pymc.relations.scale_mixtures` go the other way.
All of them are elementwise.  They fail for draws of no distribution in their table, for those without a name, and for
those with a transform of their own or a `total_size`, whose density is not that of the distribution.
"""

from kanren import eq
from unification import reify, var

from symbolic_pymc.distributions import DISTRIBUTIONS
from symbolic_pymc.meta import settle_graph
from symbolic_pymc.records import Info, Ref, Term
from symbolic_pymc.relations.edge import shape_of
from symbolic_pymc.relations.latent_rows import LATENT
from symbolic_pymc.relations.laws import law, parameters_of
from symbolic_pymc.relations.mixture_rows import COUNTS, INFLATED, NORMAL
from symbolic_pymc.relations.shape_rows import EXPONENTIAL, INVERSE_GAMMA, UNIFORM
from symbolic_pymc.unify import is_lvar

SUFFIX = "_mixing"
INDICATOR = "_counted"
MIXTURES = {**NORMAL, **COUNTS}


def mixtureo(ops, rv, expanded):
    r"""Relate a draw to the same variable drawn given a mixing variable of its own.

    The given law is normal, half normal, Poisson, with more zeros or without, or binomial.
    """
    return _expansion(ops, MIXTURES, rv, expanded)


def uniform_mixtureo(ops, rv, expanded):
    r"""Relate a draw of unimodal density to a uniform one of random width about the mode.

    .. math::

        \frac{x \sim f(|x|), \quad f \text{ decreasing}}{w \sim -2 w f'(w) \qquad x \mid w \sim U(-w, w)}

    Reference: Feller, An Introduction to Probability Theory and Its Applications, vol. 2, V.9.
    """
    return _expansion(ops, UNIFORM, rv, expanded)


def exponential_mixtureo(ops, rv, expanded):
    r"""Relate a draw of completely monotone density to an exponential one of random rate.

    .. math::

        \frac{x \sim F, \quad 1 - F(x) = \int e^{-w x}\, p(w)\, dw}{w \sim p \qquad x \mid w \sim \operatorname{Exp}(w)}

    A Pareto variable becomes a deterministic quantity, and must not be observed.

    Reference: Feller, An Introduction to Probability Theory and Its Applications, vol. 2, XIII.4.
    """
    return _expansion(ops, EXPONENTIAL, rv, expanded)


def inversegamma_mixtureo(ops, rv, expanded):
    r"""Relate the draw of a scale to the root of a variance with conjugate laws on both of its levels.

    .. math::

        \frac{x \sim T^{+}(\nu, \sigma)}{w \sim \Gamma^{-1}(\tfrac{1}{2}, 1 / \sigma^2) \qquad
              z \mid w \sim \Gamma^{-1}(\nu / 2, \nu / w) \qquad x = \sqrt{z}}

    The variance is named ``<x>_square``; `x` stays, under its name, as a deterministic quantity, and must not be
    observed.

    Reference: Wand et al., Mean field variational Bayes for elaborate distributions, Bayesian Analysis 6 (2011),
    847-900.
    """
    return _expansion(ops, INVERSE_GAMMA, rv, expanded)


def latent_thresholdo(ops, rv, expanded):
    r"""Relate a binary draw to whether a latent variable is positive.

    .. math::

        \frac{x \sim \operatorname{Bern}(P(w > 0))}{w \sim F(\eta, 1) \qquad x \mid w = [w > 0]}

    `F` is normal for a probit, logistic for a logit, and Gumbel for a complementary log-log link; without a latent
    variable that is exactly zero, what stands for :math:`[w > 0]` is :math:`(1 + \operatorname{sign} w) / 2`.

    Reference: Albert and Chib, Bayesian analysis of binary and polychotomous response data, JASA 88 (1993), 669-679.
    """
    return _expansion(ops, LATENT, rv, expanded)


def zero_inflationo(ops, rv, expanded):
    r"""Relate counts with more zeros than their law has to an indicator of what is counted, ``<x>_counted``.

    .. math::

        \frac{x \sim (1 - \psi)\, \delta_0 + \psi\, F}
             {w \sim \operatorname{Bern}(\psi) \qquad x \mid w = 1 \sim F \qquad x \mid w = 0 \sim \delta_0}

    The given law is the Poisson one of the mean w times that of F, or the binomial one of w times as many trials, so
    that the rate or chance has its conjugate posterior given w, and :math:`\psi` too.  Negative binomial counts are
    brought to this form by `mixtureo`.

    Reference: Lambert, Zero-inflated Poisson regression, Technometrics 34 (1992), 1-14.
    """
    return _expansion(ops, INFLATED, rv, expanded, INDICATOR)


TABLES = {
    mixtureo: MIXTURES,
    uniform_mixtureo: UNIFORM,
    exponential_mixtureo: EXPONENTIAL,
    inversegamma_mixtureo: INVERSE_GAMMA,
    latent_thresholdo: LATENT,
    zero_inflationo: INFLATED,
}


def _expansion(ops, table, rv, expanded, suffix=SUFFIX):
    def goal(s):
        x = reify(rv, s)
        name = ops.distribution_of(x) if isinstance(x, Term) else None
        if name not in table or is_lvar(x.name) or x.name is None or not has_its_own_density(x):
            return
        p = parameters_of(ops, x)
        if table[name].applies(ops, p) and not (_is_vector(ops, x) and ops.ndim(x) > 1):
            yield from eq(expanded, _expanded(ops, table[name], x, p, suffix))(s)

    return goal


def has_its_own_density(x):
    """Tell whether the density of a draw in its model is that of its distribution."""
    note = x.info.note and x.info.note.obj
    return note is None or (note.total_size is None and note.default_transform)


def _expanded(ops, mixture, x, p, suffix):
    """Return a draw as it is given its mixing variable: one for every element, and one for the whole of a vector."""
    is_vector, note = _is_vector(ops, x), x.info.note and x.info.note.obj
    kept = note and Ref(note.successor())
    size = None if is_vector else shape_of(ops, x)
    w = _drawn(ops, mixture.mixing(ops, p), Info(var(), x.name + suffix, var(), None if is_vector else kept), size)
    if mixture.value is None:
        return _drawn(ops, mixture.given(ops, p, w), x.info.replace(index=var(), draw=var(), note=kept), size)
    z = _drawn(ops, mixture.given(ops, p, w), Info(var(), x.name + mixture.part, var(), kept), size)
    return ops.deterministic(mixture.value(ops, p, z)).replace(info=x.info.replace(index=0, draw=None))


def _is_vector(ops, x):
    return DISTRIBUTIONS[ops.distribution_of(x)].support == "vector"


def _drawn(ops, given, info, size):
    return settle_graph(law(ops, *given, size=size).replace(info=info))
