r"""Binary data of logistic chances made normal in their log odds by Polya-Gamma variables, one for each datum."""

from kanren import eq
from unification import reify, var

from symbolic_pymc.meta import settle_graph
from symbolic_pymc.records import Info, MetaSymbol, Term, is_ground
from symbolic_pymc.parts import as_graph, graph_parts
from symbolic_pymc.relations.edge import NotReversible
from symbolic_pymc.relations.edges import reverse
from symbolic_pymc.relations.latent_rows import link_of
from symbolic_pymc.relations.mixtures import SUFFIX, has_its_own_density
from symbolic_pymc.vocabulary import is_unit_axis_shuffle


def logistic_augmentationo(ops, before, after):
    r"""Relate binary data of a logistic chance to a factor that is normal in their log odds given latent precisions.

    .. math::

        \frac{y \sim \operatorname{Bern}(1 / (1 + e^{-\psi})) \text{ observed}}
             {w \sim \operatorname{PG}(1, 0) \qquad
              p(y \mid w, \psi) = \tfrac{1}{2}\, e^{(y - 1 / 2)\, \psi - w\, \psi^2 / 2}}

    The factor is a potential, summed over the data, and the precisions, one for each datum, are `<y>_mixing`:
    integrated over them it is the chance of the data.  Guards: the goal fails for another link, for counts, and for
    data that are random.  One-way.

    Reference: Polson, Scott and Windle, Bayesian inference for logistic models using Polya-Gamma latent variables,
    JASA 108 (2013), 1339-1349.
    """

    def goal(s):
        mark = as_graph(reify(before, s))
        log_odds = _log_odds(ops, mark)
        if log_odds is not None and isinstance(mark.name, str):
            data = mark.rands[0]
            info = Info(var(), f"{mark.name}{SUFFIX}", var(), None)
            w = settle_graph(ops.polyagamma(ops.constant(0.0), ops.shape(data)).replace(info=info))
            half, square = ops.constant(0.5), ops.mul(w, ops.sqr(log_odds))
            kernel = ops.sub(ops.mul(_centred(ops, data), log_odds), ops.mul(half, square))
            factor = ops.potential(ops.total(ops.add(kernel, ops.log(half))))
            yield from eq(after, factor.replace(info=factor.info.replace(name=mark.name)))(s)

    return goal


def logistic_precision_giveno(ops, mark, conditional):
    r"""Relate binary data of a logistic chance to the law of the precisions of `logistic_augmentationo` given the rest.

    .. math::

        \frac{w \sim \operatorname{PG}(1, 0) \qquad p(y \mid w, \psi) \propto e^{(y - 1 / 2)\, \psi - w\, \psi^2 / 2}}
             {w \mid \psi, y \sim \operatorname{PG}(1, \psi)}

    `mark` is ``observed(y, rv)``, for which `conditional` has no name.  Guards as there.  One-way.

    Reference: Polson, Scott and Windle, Bayesian inference for logistic models using Polya-Gamma latent variables,
    JASA 108 (2013), 1339-1349.
    """

    def goal(s):
        known = as_graph(reify(mark, s))
        log_odds = _log_odds(ops, known)
        if log_odds is not None:
            draw = ops.polyagamma(log_odds, ops.shape(known.rands[0]))
            yield from eq(conditional, settle_graph(draw.replace(info=Info(var(), None, var(), None))))(s)

    return goal


def logistic_coefficients_giveno(ops, mark, theta, precisions, conditional):
    r"""Relate normal coefficients of log odds to their law given binary data and the precisions of these.

    .. math::

        \frac{\beta \sim N(b, B) \qquad y \sim \operatorname{Bern}(1 / (1 + e^{-\psi})), \; \psi = F \beta + c \qquad
              w \sim \operatorname{PG}(1, \psi)}
             {\beta \mid w, y \sim N\bigl(V\,(F'(y - \tfrac{1}{2} - w\, c) + B^{-1} b),\; V\bigr)} \qquad
        V = (F' \operatorname{diag}(w)\, F + B^{-1})^{-1}

    `mark` is ``observed(y, rv)``, `precisions` a term of the shape of the data.  It is the reversal of the arc to the
    normal data :math:`(y - 1/2) / w` of the mean :math:`\psi` and the precisions w, so that :math:`\beta` may be one
    number, a vector or an array, normal or multivariate normal, and :math:`\psi` may have it through an index, a
    product or a sum.  Guards: those of `logistic_augmentationo`, and of that arc.  One-way.

    Reference: Polson, Scott and Windle, Bayesian inference for logistic models using Polya-Gamma latent variables,
    JASA 108 (2013), 1339-1349.
    """

    def goal(s):
        known, draw, w = as_graph(reify(mark, s)), reify(theta, s), as_graph(reify(precisions, s))
        log_odds = _log_odds(ops, known)
        if log_odds is None or not isinstance(w, MetaSymbol) or draw not in set(graph_parts(log_odds)):
            return
        data = known.rands[0]
        rv = ops.normal(log_odds, ops.reciprocal(ops.sqrt(w)), ops.shape(data)).replace(info=known.rands[1].info)
        try:
            reversal = reverse(ops, draw, settle_graph(rv), ops.true_div(_centred(ops, data), w))
        except NotReversible:
            return
        yield from eq(conditional, reversal.posterior)(s)

    return goal


def _log_odds(ops, mark):
    """Return the log odds of the data ``observed(y, rv)``, or None for what are no binary data of a logistic chance."""
    if not isinstance(mark, Term) or not is_ground(mark) or not ops.is_observed(mark):
        return None
    data, rv = mark.rands
    if (
        ops.distribution_of(rv) != "bernoulli"
        or not has_its_own_density(rv)
        or any(map(ops.is_random, graph_parts(data)))
    ):
        return None
    link = link_of(ops, _without_leading_axes(ops, rv.rands[0]))
    return link[1] if link is not None and link[0] == "logistic" else None


def _without_leading_axes(ops, x):
    """Return a term without the axes of length one that were put in front, which broadcasting puts there too."""
    while isinstance(x, Term) and is_unit_axis_shuffle(x):
        inner = x.rands[0]
        if ops.pattern(x) != (True,) * (ops.ndim(x) - ops.ndim(inner)) + ops.pattern(inner):
            break
        x = inner
    return x


def _centred(ops, data):
    return ops.sub(ops.floating(data), ops.constant(0.5))
