"""Arcs from variables with a part of a normal or exponential density between two bounds, to data about them.

They are the mean of normal data, or the reciprocal of that of inverse Gaussian (Wald) data.
"""

from functools import partial

import numpy as np
from kanren import eq, lall
from unification import var

from symbolic_pymc.relations.affine import Pick
from symbolic_pymc.relations.cuts import cut_of, family_of
from symbolic_pymc.relations.edge import NotReversible, ask, called, named, value_of, without_draws
from symbolic_pymc.relations.goals import is_constant
from symbolic_pymc.relations.laws import parameters_of
from symbolic_pymc.relations.links import link_of
from symbolic_pymc.relations.monomials import NotMonomial, monomial, power
from symbolic_pymc.relations.normal_edges import affine_mean


def _normal(ops, mu, sigma, lower, upper):
    precision = ops.reciprocal(ops.sqr(sigma))
    return precision, ops.mul(precision, mu), lower, upper


def _tail(ops, slope, lower, upper):
    return ops.constant(0.0), slope, lower, upper


# precision and precision times mean of the density between the bounds, and these; a precision of 0 needs data
BOUNDED = {
    "truncatednormal": lambda ops, p: _normal(ops, p["mu"], p["sigma"], p["lower"], p["upper"]),
    "halfnormal": lambda ops, p: _normal(ops, p["loc"], p["sigma"], p["loc"], ops.constant(np.inf)),
    "uniform": lambda ops, p: _tail(ops, ops.constant(0.0), p["lower"], p["upper"]),
    "exponential": lambda ops, p: _tail(ops, ops.neg(p["lam"]), ops.constant(0.0), ops.constant(np.inf)),
    "halfflat": lambda ops, p: _tail(ops, ops.constant(0.0), ops.constant(0.0), ops.constant(np.inf)),
}
WITHOUT_PRECISION = ("uniform", "exponential", "halfflat")
# what may be cut at more bounds, with its own ends
CUT_MEANS = {"normal": (-np.inf, np.inf), "exponential": (0.0, np.inf), "halfnormal": (0.0, np.inf)}


def _density(ops, theta):
    """Return what `BOUNDED` says of a variable, perhaps one that is cut at bounds."""
    cut = cut_of(ops, theta)
    if cut is None:
        return BOUNDED[ops.distribution_of(theta)](ops, parameters_of(ops, theta))
    bounds = cut.bounds_within(ops, *CUT_MEANS[cut.family])
    if cut.family == "exponential":
        return _tail(ops, ops.neg(cut.parameters["lam"]), *bounds)
    mean = cut.parameters["mu" if cut.family == "normal" else "loc"]
    return _normal(ops, mean, cut.parameters["sigma"], *bounds)


def bounded_mean_reversalo(ops, link, data, before, after):
    r"""Reverse the arc from a bounded variable to normal data of which it is, picked and scaled, the mean.

    .. math::

        \frac{p(\theta) \propto e^{h\theta - p\,\theta^2 / 2},\; l < \theta < u \qquad
              y \mid \theta \sim N(c + b\, G\theta, \sigma) \qquad p + G'b^2 > 0}
             {\theta \mid y \sim N\bigl(v\,(h + G'(b\,(y - c) / \sigma^2)), \sqrt{v}\bigr)\text{ on }(l, u),\quad
              v = 1 / (p + G'(b^2 / \sigma^2))}

    Truncation of the prior commutes with conditioning: :math:`p = 1 / s^2, h = m / s^2` for a truncated normal law,
    with :math:`m = l = 0` for a half-normal one, :math:`p = 0, h = -\lambda` for an exponential one, and
    :math:`p = h = 0` for a uniform or half-flat one.  `link` is as in `normal_mean_reversalo`.

    Reference: Gelfand, Smith and Lee, Bayesian analysis of constrained parameter and truncated data problems using
    Gibbs sampling, JASA 87 (1992), 523-532.
    """
    theta, p, h, lower, upper, c, b, sigma = (var() for _ in range(8))
    weight = ops.true_div(b, ops.sqr(sigma))
    v = ops.reciprocal(ops.add(p, link.collect(ops.mul(weight, b))))
    mean = ops.mul(v, ops.add(h, link.collect(ops.mul(weight, ops.sub(data, c)))))
    return lall(
        eq(before, ((theta, p, h, lower, upper), (c, b, sigma))),
        eq(after, (ops.truncatednormal(mean, ops.sqrt(v), lower, upper), None)),
    )


def reverse_bounded(ops, edge):
    """Return the `Reversal` of an edge from a bounded variable to the mean of a normal one."""
    names, family = (called(ops, edge.theta), called(ops, edge.rv)), family_of(ops, edge.theta)
    offset, pick = affine_mean(ops, edge)
    if not isinstance(pick, Pick):
        raise NotReversible("{0} is {2} and enters {1} through a matrix".format(*names, family))
    link, scale = link_of(ops, edge, pick.positions), ops.constant(1.0) if pick.scale is None else pick.scale
    if family_of(ops, edge.theta) in WITHOUT_PRECISION:
        refuse_untold(ops, edge, link, scale)
    prior = edge.theta, *_density(ops, edge.theta)
    before = prior, (offset, scale, edge.others["sigma"])
    posterior, _ = ask(partial(bounded_mean_reversalo, ops, link, edge.data), before)
    return named(ops, edge, posterior, None, bounded_mean_reversalo)


def refuse_untold(ops, edge, link, scale):
    """Refuse a prior without precision where data may be missing that would give the posterior one."""
    squares = value_of(ops, without_draws(ops, link.collect(ops.sqr(scale))))
    if squares is None or not (np.all(squares > 0) and np.all(np.isfinite(squares))):
        names = called(ops, edge.theta), family_of(ops, edge.theta), called(ops, edge.rv)
        raise NotReversible("{0} is {1}, and it is not known that {2} tells every element of it".format(*names))


def wald_mean_reversalo(ops, link, data, before, after):
    r"""Reverse the arc from a bounded variable to inverse Gaussian data: it is, picked and scaled, one over their mean.

    .. math::

        \frac{p(\theta) \propto e^{h\theta - p\,\theta^2 / 2},\; l < \theta < u \qquad
              y \mid \theta \sim \operatorname{Wald}(1 / (c\, G\theta), \lambda) \qquad p + G'c^2 > 0}
             {\theta \mid y \sim N\bigl(v\,(h + G'(c\,\lambda)), \sqrt{v}\bigr)\text{ on }(\max(l, 0), u),\quad
              v = 1 / (p + G'(c^2 \lambda\, y))}

    The priors are those of `bounded_mean_reversalo`.

    Reference: Banerjee and Bhattacharyya, Bayesian results for the inverse Gaussian distribution with an application,
    Technometrics 21 (1979), 247-251.
    """
    theta, p, h, lower, upper, c, lam = (var() for _ in range(7))
    weight = ops.mul(c, lam)
    v = ops.reciprocal(ops.add(p, link.collect(ops.mul(ops.mul(weight, c), data))))
    mean = ops.mul(v, ops.add(h, link.collect(weight)))
    posterior = ops.truncatednormal(mean, ops.sqrt(v), ops.maximum(lower, ops.constant(0.0)), upper)
    return lall(eq(before, ((theta, p, h, lower, upper), (c, lam))), eq(after, (posterior, None)))


def reverse_reciprocal(ops, edge):
    """Return the `Reversal` of an edge from a bounded variable to the mean of an inverse Gaussian one."""
    names = edge.parameter, called(ops, edge.rv), called(ops, edge.theta)
    if edge.parameter != "mu" or not is_constant(edge.others["alpha"], 0.0):
        raise NotReversible("{2} stands in the {0} of {1}, or that is shifted: no closed form is known".format(*names))
    try:
        form = monomial(ops, edge.expression, edge.blank)
    except NotMonomial as reason:
        raise NotReversible("the {} of {} is no multiple of the reciprocal of {}: {}".format(*names, reason)) from None
    if form.exponent != -1.0:
        raise NotReversible("the {} of {} is no multiple of the reciprocal of {}".format(*names))
    pick = power(ops, form, -1.0).pick
    link, scale = link_of(ops, edge, pick.positions), ops.constant(1.0) if pick.scale is None else pick.scale
    if family_of(ops, edge.theta) in WITHOUT_PRECISION:
        refuse_untold(ops, edge, link, scale)
    prior = edge.theta, *_density(ops, edge.theta)
    posterior, _ = ask(partial(wald_mean_reversalo, ops, link, edge.data), (prior, (scale, edge.others["lam"])))
    return named(ops, edge, posterior, None, wald_mean_reversalo)
