"""Arcs from uniform variables to data of which they are a rate, a scale, a deviation or a probability."""

from dataclasses import replace
from functools import partial

import numpy as np
from kanren import eq, lall
from unification import var

from symbolic_pymc.relations.cuts import Cut
from symbolic_pymc.relations.edge import (
    NotReversible,
    ask,
    called,
    computed_from,
    named,
    refuse_beside_unknowns,
    value_of,
    without_draws,
)
from symbolic_pymc.relations.goals import constant_number, is_constant
from symbolic_pymc.relations.kernel_edges import Likelihood, rate_pick, reverse_kernel
from symbolic_pymc.relations.kernels import CHANCES
from symbolic_pymc.relations.rates import RATES
from symbolic_pymc.relations.laws import parameters_of
from symbolic_pymc.relations.links import link_of
from symbolic_pymc.relations.truncated_edges import reverse_cut

# the powers of a rate that a uniform variable may be
POWERS = (1, -1, -2)


def uniform_rate_reversalo(ops, link, likelihood, power, before, after):
    r"""Reverse the arc from a uniform variable to data of which a power of it is, picked and scaled, a rate.

    .. math::

        \frac{\theta \sim U(l, u) \qquad p(y \mid \theta) \propto q^{n} e^{-q t},\; q = c\,(G\theta)^k \qquad
              G'n + 1 / k > 0 \qquad G'(c\, t) > 0}
             {\begin{array}{ll}
              k = 1: & \theta \mid y \sim \Gamma(G'n + 1,\; G'(c\, t))\text{ on }(l^{+}, u) \\
              k = -1: & \theta \mid y \sim \Gamma^{-1}(G'n - 1,\; G'(c\, t))\text{ on }(l^{+}, u) \\
              k = -2: & \theta^2 \mid y \sim \Gamma^{-1}(G'n - \tfrac{1}{2},\; G'(c\, t))\text{ on }((l^{+})^2, u^2)
              \end{array}}

    :math:`l^{+}` is the larger of l and 0; `likelihood`, :math:`G` and :math:`G'` are those of `gamma_rate_reversalo`, and
    `power` is k.  What comes out for k = -2, a deviation, is the square.  Guards: it is
    the last of the unknowns, and has data enough.

    Reference: Gelman, Prior distributions for variance parameters in hierarchical models, Bayesian Analysis 1 (2006).
    """
    lower, upper, c = var(), var(), var()
    theta = ops.uniform(lower, upper)
    law = ops.truncatedgamma if power > 0 else ops.truncatedinversegamma
    bounds = (ops.sqr(lower), ops.sqr(upper)) if power == -2 else (lower, upper)
    shape = ops.add(ops.constant(1.0 / power), link.collect(likelihood.count))
    posterior = law(shape, link.collect(ops.mul(c, likelihood.amount)), *bounds)
    return lall(
        eq(before, (theta, likelihood.law(ops.mul(c, _raised(ops, power, link.spread(theta)))))),
        eq(after, (posterior, None)),
    )


def _raised(ops, power, x):
    """Return `x` to one of `POWERS`."""
    return {1: lambda: x, -1: lambda: ops.reciprocal(x), -2: lambda: ops.reciprocal(ops.sqr(x))}[power]()


def reverse_uniform(ops, edge):
    """Return the `Reversal` of an edge from a uniform variable to the other parameters of `kernels` than a mean."""
    own, pair = parameters_of(ops, edge.theta), (ops.distribution_of(edge.rv), edge.parameter)
    if pair in CHANCES and not (is_constant(own["lower"], 0.0) and is_constant(own["upper"], 1.0)):
        one = ops.constant(1.0)
        return reverse_cut(ops, edge, Cut("beta", {"alpha": one, "beta": one}, **own), reverse_kernel)
    if pair in RATES and RATES[pair].applies(edge.others):
        return _reverse_rate(ops, edge, RATES[pair], own)
    return reverse_kernel(ops, edge)


def _reverse_rate(ops, edge, row, own):
    power, pick = _power(ops, edge, row)
    refuse_beside_unknowns(ops, edge)
    link, scale = link_of(ops, edge, pick.positions), ops.constant(1.0) if pick.scale is None else pick.scale
    likelihood = Likelihood(ops, row, edge.data, edge.others, False)
    number = constant_number(own["lower"])
    lower = ops.maximum(own["lower"], ops.constant(0.0)) if number is None else ops.constant(max(number, 0.0))
    relation, theta = uniform_rate_reversalo, ops.uniform(lower, own["upper"])
    before = theta, likelihood.law(ops.mul(scale, _raised(ops, power, link.spread(theta))))
    posterior, _ = ask(partial(relation, ops, link, likelihood, power), before)
    _refuse_untold(ops, edge, posterior)
    reversal = named(ops, edge, posterior, None, relation)
    if power != -2:
        return reversal
    return replace(reversal, posterior=computed_from(ops, reversal.posterior, "squared", ops.sqrt))


def _power(ops, edge, row):
    """Return of which power of the parent the rate of a row is a multiple, and the `Pick` of that."""
    for power in POWERS:
        try:
            return power, rate_pick(ops, edge, row, power)
        except NotReversible as reason:
            refusal = reason
    raise refusal


def _refuse_untold(ops, edge, posterior):
    """Refuse a posterior of which the data do not say, or may not say, enough for its parameters to be positive."""
    names = called(ops, edge.theta), called(ops, edge.rv)
    shape, amount = (value_of(ops, without_draws(ops, x)) for x in posterior.rands[:2])
    if shape is None:
        raise NotReversible("{0} is uniform, and how many data of {1} there are is not known".format(*names))
    if not np.all(shape > 0) or amount is None or not np.all(amount > 0):
        raise NotReversible(
            "{0} is uniform, and {1} has too few data for a posterior of known form, or none that deviate".format(
                *names
            )
        )
