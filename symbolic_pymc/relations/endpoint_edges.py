"""Arcs from variables to data of which they are, picked and scaled, an end: the upper of uniform, the lower of Pareto data."""

from dataclasses import replace
from functools import partial

import numpy as np
from kanren import eq, lall
from unification import var

from symbolic_pymc.relations.affine import NotAffine, Pick, affine
from symbolic_pymc.relations.edge import NotReversible, ask, called, computed_from, named, value_of, without_draws
from symbolic_pymc.relations.goals import is_constant
from symbolic_pymc.relations.kernels import PRIORS
from symbolic_pymc.relations.laws import parameters_of
from symbolic_pymc.relations.links import link_of


def pareto_end_reversalo(ops, link, data, before, after):
    r"""Reverse the arc from a Pareto variable to uniform data between 0 and a multiple of it.

    .. math::

        \frac{\theta \sim \operatorname{Pareto}(\alpha, m) \qquad y \mid \theta \sim U(0, c\, G\theta) \qquad c > 0}
             {\theta \mid y \sim \operatorname{Pareto}(\alpha + G'1,\; \max(m, \max_G y / c))}

    :math:`G` and :math:`G'` are those of `normal_mean_reversalo`; :math:`\max_G` is the largest of what shares an
    element of :math:`\theta`.

    Reference: DeGroot, Optimal Statistical Decisions, section 9.7.
    """
    alpha, m, c = var(), var(), var()
    theta = ops.pareto(alpha, m)
    number = link.collect(ops.constant(1.0))
    posterior = ops.pareto(ops.add(alpha, number), link.largest(m, ops.true_div(data, c)))
    return lall(
        eq(before, (theta, ops.uniform(ops.constant(0.0), ops.mul(c, link.spread(theta))))),
        eq(after, (posterior, None)),
    )


def reverse_end(ops, edge):
    """Return the `Reversal` of an edge from a Pareto variable to uniform data."""
    names = edge.parameter, called(ops, edge.rv), called(ops, edge.theta)
    if edge.parameter != "upper" or not is_constant(edge.others["lower"], 0.0):
        raise NotReversible(f"{names[1]} is not uniform between 0 and a multiple of {names[2]}")
    link, scale = _multiple(ops, edge)
    theta = ops.pareto(*ops.parameters(edge.theta).values())
    before = theta, ops.uniform(ops.constant(0.0), ops.mul(scale, link.spread(theta)))
    posterior, marginal = ask(partial(pareto_end_reversalo, ops, link, edge.data), before)
    return named(ops, edge, posterior, marginal, pareto_end_reversalo)


def _multiple(ops, edge):
    """Return the link from the parent of an edge to an end that is a positive multiple of it, and the factors."""
    names = edge.parameter, called(ops, edge.rv), called(ops, edge.theta)
    try:
        form = affine(ops, edge.expression, edge.blank)
    except NotAffine as reason:
        raise NotReversible("the {} of {} is no multiple of {}: {}".format(*names, reason)) from None
    if not isinstance(form.link, Pick) or not is_constant(form.offset, 0.0):
        raise NotReversible("the {} of {} is no multiple of {}".format(*names))
    scale = ops.constant(1.0) if form.link.scale is None else form.link.scale
    factors = value_of(ops, without_draws(ops, scale))
    if factors is None or not np.all(factors > 0):
        raise NotReversible("the {} of {} is not known to be a positive multiple of {}".format(*names))
    return link_of(ops, edge, form.link.positions), scale


def power_start_reversalo(ops, link, data, before, after):
    r"""Reverse the arc from a beta variable to Pareto data above a multiple of it.

    .. math::

        \frac{\theta \sim B(a, 1) \qquad y \mid \theta \sim \operatorname{Pareto}(k, c\, G\theta) \qquad c > 0}
             {\theta = \min(1, \min_G y / c)\; w \qquad w \mid y \sim B(a + G'k, 1)}

    :math:`G` and :math:`G'` are those of `normal_mean_reversalo`; :math:`\min_G` is the smallest of what shares an
    element of :math:`\theta`.  What comes out is the law of w, ``<theta>_fraction``.  The data bound the posterior from
    above, whatever the prior; beta laws with another second parameter give none with a name.

    Reference: DeGroot, Optimal Statistical Decisions, section 9.7.
    """
    a, k, c = var(), var(), var()
    theta = ops.beta(a, ops.constant(1.0))
    bound = ops.neg(link.largest(ops.constant(-1.0), ops.neg(ops.true_div(data, c))))
    return lall(
        eq(before, (theta, ops.pareto(k, ops.mul(c, link.spread(theta))))),
        eq(after, (ops.beta(ops.add(a, link.collect(k)), ops.constant(1.0)), bound)),
    )


def reverse_start(ops, edge):
    """Return the `Reversal` of an edge from a beta variable to the lower end of Pareto data."""
    family, names = ops.distribution_of(edge.theta), (called(ops, edge.theta), called(ops, edge.rv))
    prior, own = PRIORS[family], parameters_of(ops, edge.theta)
    a, b = prior.parameters(ops, own)
    if edge.parameter != "m" or not prior.standard(own) or not is_constant(b, 1.0):
        raise NotReversible(
            "{0} is {2}, and {1} is Pareto: a closed form is known where {0} is a beta variable whose second parameter is "
            "1, and the lower end of {1} a multiple of it".format(*names, family)
        )
    link, scale = _multiple(ops, edge)
    theta = ops.beta(a, ops.constant(1.0))
    before = theta, ops.pareto(edge.others["alpha"], ops.mul(scale, link.spread(theta)))
    posterior, bound = ask(partial(power_start_reversalo, ops, link, edge.data), before)
    reversal = named(ops, edge, posterior, None, power_start_reversalo)
    return replace(reversal, posterior=computed_from(ops, reversal.posterior, "fraction", partial(ops.mul, bound)))
