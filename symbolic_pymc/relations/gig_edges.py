"""Arcs to data whose rate and whose scale a variable may both be: its law has a term for each, and so has its posterior."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Callable

import numpy as np
from kanren import eq, lall
from unification import var

from symbolic_pymc.relations.edge import (
    NotReversible,
    ask,
    called,
    computed_from,
    named,
    refuse_beside_unknowns,
    value_of,
)
from symbolic_pymc.relations.goals import is_constant
from symbolic_pymc.relations.kernel_edges import Likelihood, rate_pick, reverse_kernel
from symbolic_pymc.relations.rates import RATES
from symbolic_pymc.relations.laws import parameters_of
from symbolic_pymc.relations.links import link_of


@dataclass(frozen=True)
class Inverted:
    """A law as that of a generalised inverse Gaussian variable, of which perhaps one term is missing.

    parameters : ``parameters(ops, p)`` returns its order and the factors of x and of 1 / x in twice the exponent.
    powers : which powers of x may be a rate of the data, so that no term is missing afterwards.
    root : 2 where x is the square of the variable, else 1.
    """

    parameters: Callable
    powers: tuple
    root: int = 1


def _gamma(ops, alpha, beta):
    return alpha, ops.mul(ops.constant(2.0), beta), ops.constant(0.0)


INVERTED = {
    "gamma": Inverted(lambda ops, p: _gamma(ops, p["alpha"], p["beta"]), (-1,)),
    "exponential": Inverted(lambda ops, p: _gamma(ops, ops.constant(1.0), p["lam"]), (-1,)),
    "chisquared": Inverted(
        lambda ops, p: (ops.mul(ops.constant(0.5), p["nu"]), ops.constant(1.0), ops.constant(0.0)), (-1,)
    ),
    "inversegamma": Inverted(
        lambda ops, p: (ops.neg(p["alpha"]), ops.constant(0.0), ops.mul(ops.constant(2.0), p["beta"])), (1,)
    ),
    "halfnormal": Inverted(
        lambda ops, p: (ops.constant(0.5), ops.reciprocal(ops.sqr(p["sigma"])), ops.constant(0.0)), (-1,), root=2
    ),
    "generalizedinversegaussian": Inverted(lambda ops, p: (p["p"], p["a"], p["b"]), (1, -1)),
}


def gig_scale_reversalo(ops, link, likelihood, power, before, after):
    r"""Reverse the arc from a generalised inverse Gaussian variable to data of which it is a rate, or one over a rate.

    .. math::

        \frac{x \sim \operatorname{GIG}(p, a, b) \qquad p(y \mid x) \propto q^{n} e^{-q t},\; q = c\,(Gx)^k \qquad
              G'(c\, t) > 0}
             {\begin{array}{ll}
              k = 1: & x \mid y \sim \operatorname{GIG}(p + G'n,\; a + 2\, G'(c\, t),\; b) \\
              k = -1: & x \mid y \sim \operatorname{GIG}(p - G'n,\; a,\; b + 2\, G'(c\, t))
              \end{array}}

    :math:`p(x) \propto x^{p - 1} e^{-(a x + b / x) / 2}`.  A gamma variable is of b = 0, an inverse gamma one of a = 0,
    and the square of a half-normal one of scale s is of p = 1/2, a = 1 / s^2, b = 0; both terms must stand in the
    posterior.  `likelihood`, :math:`G` and :math:`G'` are those of `gamma_rate_reversalo`, and `power` is k.  Guards: it
    is the last of the unknowns, and the data deviate.

    Reference: Jorgensen, Statistical Properties of the Generalized Inverse Gaussian Distribution, Springer 1982.
    """
    x, p, a, b, c = (var() for _ in range(5))
    amount = ops.mul(ops.constant(2.0), link.collect(ops.mul(c, likelihood.amount)))
    count = link.collect(likelihood.count)
    posterior = {
        1: lambda: ops.generalizedinversegaussian(ops.add(p, count), ops.add(a, amount), b),
        -1: lambda: ops.generalizedinversegaussian(ops.sub(p, count), a, ops.add(b, amount)),
    }[power]()
    return lall(eq(before, ((x, p, a, b), c)), eq(after, (posterior, None)))


def or_inverted(reverse):
    """Return the function that reverses an edge as `reverse` does, or else as that of a variance or of its square root."""

    def reversed_or_inverted(ops, edge):
        try:
            return reverse(ops, edge)
        except NotReversible as reason:
            is_rate = (ops.distribution_of(edge.rv), edge.parameter) in RATES
            if not is_rate or ops.distribution_of(edge.theta) not in INVERTED:
                raise
            try:
                return reverse_inverted(ops, edge)
            except NotOfThatPower:
                raise reason from None

    return reversed_or_inverted


class NotOfThatPower(NotReversible):
    """Why an arc is not one of `gig_scale_reversalo`: no other reason is better known."""


def reverse_inverted(ops, edge):
    """Return the `Reversal` of an edge from a variable of `INVERTED` to a rate or scale of `kernels`."""
    names, own = (called(ops, edge.theta), called(ops, edge.rv)), parameters_of(ops, edge.theta)
    row, prior = RATES.get((ops.distribution_of(edge.rv), edge.parameter)), INVERTED[ops.distribution_of(edge.theta)]
    if row is None or not row.applies(edge.others) or not is_constant(own.get("loc", ops.constant(0.0)), 0.0):
        raise NotOfThatPower("no closed form is known between {0} and {1}".format(*names))
    power, pick = _power(ops, edge, row, prior)
    refuse_beside_unknowns(ops, edge)
    link, scale = link_of(ops, edge, pick.positions), ops.constant(1.0) if pick.scale is None else pick.scale
    likelihood, relation = Likelihood(ops, row, edge.data, edge.others, False), gig_scale_reversalo
    amount = value_of(ops, link.collect(ops.mul(scale, likelihood.amount)))
    if amount is None or not (np.all(amount > 0) and np.all(np.isfinite(amount))):
        raise NotReversible("it is not known that the data of {1} deviate for every element of {0}".format(*names))
    before = (edge.theta, *prior.parameters(ops, own)), scale
    posterior, _ = ask(partial(relation, ops, link, likelihood, power), before)
    reversal = named(ops, edge, posterior, None, relation)
    if prior.root == 1:
        return reversal
    return replace(reversal, posterior=computed_from(ops, reversal.posterior, "squared", ops.sqrt))


def _power(ops, edge, row, prior):
    for power in prior.powers:
        try:
            return power, rate_pick(ops, edge, row, power * prior.root)
        except NotReversible as reason:
            refusal = reason
    raise NotOfThatPower(str(refusal))


reverse_rate_or_scale = or_inverted(reverse_kernel)
