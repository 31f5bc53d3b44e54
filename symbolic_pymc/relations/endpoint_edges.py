"""Arcs from Pareto variables to uniform data of which they are, picked and scaled, the upper end."""

from functools import partial

import numpy as np
from kanren import eq, lall
from unification import var

from symbolic_pymc.relations.affine import NotAffine, Pick, affine
from symbolic_pymc.relations.edge import NotReversible, ask, called, named, value_of, without_draws
from symbolic_pymc.relations.goals import is_constant
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
    link = link_of(ops, edge, form.link.positions)
    theta = ops.pareto(*ops.parameters(edge.theta).values())
    before = theta, ops.uniform(ops.constant(0.0), ops.mul(scale, link.spread(theta)))
    posterior, marginal = ask(partial(pareto_end_reversalo, ops, link, edge.data), before)
    return named(ops, edge, posterior, marginal, pareto_end_reversalo)
