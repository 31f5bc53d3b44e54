"""Arcs from gamma, beta and Dirichlet variables to data of which they are a rate, a scale or a probability."""

from dataclasses import dataclass, replace
from functools import partial
from math import isclose
from typing import Any

from symbolic_pymc.records import Term
from symbolic_pymc.relations.affine import NotAffine, Pick, affine
from symbolic_pymc.relations.conjugates import (
    beta_chance_reversalo,
    dirichlet_chances_reversalo,
    gamma_rate_reversalo,
    inversegamma_scale_reversalo,
)
from symbolic_pymc.relations.edge import NotReversible, ask, called, computed_from, named
from symbolic_pymc.relations.flat_edges import refuse_improper_square
from symbolic_pymc.relations.flats import halfflat_scale_reversalo
from symbolic_pymc.relations.goals import is_constant, without_unit_axes
from symbolic_pymc.relations.kernels import PRIORS, Chances, rate_of
from symbolic_pymc.relations.rates import Rate
from symbolic_pymc.relations.laws import law, parameters_of
from symbolic_pymc.relations.links import link_of
from symbolic_pymc.relations.monomials import NotMonomial, monomial, power
from symbolic_pymc.relations.sticks import reverse_sticks


@dataclass(frozen=True)
class Likelihood:
    """A row of `kernels` at the data of an edge; `named` says whether the law of the data can have a name."""

    ops: Any
    row: Any
    data: Term
    others: dict
    named: bool

    def law(self, q):
        """Return the draw for the rate or probability `q`."""
        return self.row.law(self.ops, q, self.others)

    def marginal(self, alpha, beta):
        """Return the law of the data for q ~ Gamma(alpha, beta) or Beta(alpha, beta), or None."""
        if not (self.named and self.row.marginal):
            return None
        alpha, beta = (self.ops.like(x, self.data) for x in (alpha, beta))
        return self.row.marginal(self.ops, alpha, beta, self.others)

    def __getattr__(self, statistic):
        return getattr(self.row, statistic)(self.ops, self.data, self.others)


def reverse_kernel(ops, edge):
    """Return the `Reversal` of an edge whose ends `kernels` knows."""
    family = ops.distribution_of(edge.theta)
    prior, own = PRIORS[family], parameters_of(ops, edge.theta)
    if not prior.standard(own):
        raise NotReversible(f"{called(ops, edge.theta)} is {family}, but not between 0 and 1")
    row = prior.kernels.get((ops.distribution_of(edge.rv), edge.parameter))
    if row is None or not row.applies(edge.others):
        raise NotReversible(
            f"{called(ops, edge.theta)} is {family}, and stands in the {edge.parameter} of {called(ops, edge.rv)}, "
            f"which is {ops.distribution_of(edge.rv)}: no closed form is known"
        )
    theta = law(ops, prior.family, *prior.parameters(ops, own))
    if isinstance(row, Chances):
        reverse = _reverse_simplex if prior.family == "dirichlet" else reverse_sticks
        return reverse(ops, edge, row, theta)
    if isinstance(row, Rate):
        return _reverse_rate(ops, edge, row, theta, prior)
    return _reverse_chance(ops, edge, row, theta)


def _reverse_rate(ops, edge, row, theta, prior):
    pick = rate_pick(ops, edge, row, prior.exponent)
    link = link_of(ops, edge, pick.positions)
    likelihood = Likelihood(ops, row, edge.data, edge.others, link.one_to_one)
    relation, q = RELATIONS[prior.family], rate_of(ops, prior, link.spread(theta))
    factor = ops.constant(1.0) if pick.scale is None else pick.scale
    before = theta, likelihood.law(ops.mul(factor, q))
    return reversed_by(ops, edge, relation, *ask(partial(relation, ops, link, likelihood), before))


RELATIONS = {
    "gamma": gamma_rate_reversalo,
    "inversegamma": inversegamma_scale_reversalo,
    "halfflat": halfflat_scale_reversalo,
}


def reversed_by(ops, edge, relation, posterior, marginal):
    """Return the `Reversal` that a relation of rates gives."""
    if relation is not halfflat_scale_reversalo:
        return named(ops, edge, posterior, marginal, relation)
    refuse_improper_square(ops, edge, posterior)
    reversal = named(ops, edge, posterior, None, relation)
    return replace(reversal, posterior=computed_from(ops, reversal.posterior, "squared", ops.sqrt))


def rate_pick(ops, edge, row, exponent):
    """Return the `Pick` of the rate of a row, which must be a multiple of the parent to the power of `exponent`."""
    names = edge.parameter, called(ops, edge.rv), called(ops, edge.theta)
    argument = row.argument(ops, edge.expression, edge.others)
    if argument is None:
        raise NotReversible("the {} of {} is not its scale times the logarithm of {}".format(*names))
    try:
        form = monomial(ops, argument, edge.blank)
    except NotMonomial as reason:
        raise NotReversible("the {} of {} is not a multiple of a power of {}: {}".format(*names, reason)) from None
    wanted = row.power(edge.others) if callable(row.power) else row.power
    if not isclose(form.exponent * wanted, exponent, rel_tol=1e-14):  # 1 / 49 * 49 is not 1
        raise NotReversible(
            "the {} of {} is proportional to {}".format(*names)
            + f" ** {form.exponent:g}, and has a closed form for the exponent {exponent / wanted:g}"
        )
    return power(ops, form, wanted).pick


def _reverse_chance(ops, edge, row, theta):
    positions, mirrored = _chance(ops, edge)
    link = link_of(ops, edge, positions)
    likelihood = Likelihood(ops, row, edge.data, edge.others, link.one_to_one)
    prior = _mirrored(ops, theta) if mirrored else theta
    before = prior, likelihood.law(link.spread(prior))
    posterior, marginal = ask(partial(beta_chance_reversalo, ops, link, likelihood), before)
    posterior = _mirrored(ops, posterior) if mirrored else posterior
    return named(ops, edge, posterior, marginal, beta_chance_reversalo)


def _chance(ops, edge):
    """Return which elements of the parent the probabilities are, and whether they are one minus these."""
    names = edge.parameter, called(ops, edge.rv), called(ops, edge.theta)
    try:
        form = affine(ops, edge.expression, edge.blank)
    except NotAffine as reason:
        raise NotReversible("the {} of {} is not {} itself: {}".format(*names, reason)) from None
    if isinstance(form.link, Pick):
        if is_constant(form.offset, 0.0) and (form.link.scale is None or is_constant(form.link.scale, 1.0)):
            return form.link.positions, False
        if is_constant(form.offset, 1.0) and form.link.scale and is_constant(form.link.scale, -1.0):
            return form.link.positions, True
    raise NotReversible("the {} of {} is neither {} nor one minus that".format(*names))


def _mirrored(ops, draw):
    """Return the law of one minus a beta variable."""
    alpha, beta = draw.rands[:2]
    return ops.beta(beta, alpha)


def _reverse_simplex(ops, edge, row, theta):
    is_whole = without_unit_axes(edge.expression) is edge.blank
    if not is_whole or ops.pattern(edge.expression)[-1:] != ops.pattern(edge.blank)[-1:]:
        raise NotReversible(f"{called(ops, edge.theta)} is not as it is the {edge.parameter} of {called(ops, edge.rv)}")
    if ops.ndim(edge.blank) != 1:
        raise NotReversible(f"{called(ops, edge.theta)} is a batch of vectors of probabilities")
    likelihood = Simplex(row.counts(ops, edge.data, edge.blank), partial(_law_of, ops, row, edge))
    before = theta, likelihood.law(theta)
    relation = dirichlet_chances_reversalo
    return named(ops, edge, *ask(partial(relation, ops, likelihood), before), relation)


def _law_of(ops, row, edge, q):
    return row.law(ops, q, edge.others)


@dataclass(frozen=True)
class Simplex:
    """A row of `kernels.SIMPLEXES` at the data of an edge."""

    counts: Term
    law: Any
