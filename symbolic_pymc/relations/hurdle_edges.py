"""Arcs to hurdle data: the number 0, or drawn by a law that never draws it."""

from dataclasses import replace
from functools import partial

from kanren import eq

from symbolic_pymc.relation import reference_of
from symbolic_pymc.relations.affine import dependents
from symbolic_pymc.relations.edge import NotReversible, ask, called, dressed

PRIORS_OF_CHANCES = ("beta", "uniform")


def hurdle_observedo(ops, hurdle, before, after):
    r"""Relate hurdle data to all that they say of the chance of the hurdle: which of them are 0.

    .. math::

        \frac{y \sim (1 - \psi)\, \delta_0 + \psi F \qquad F(\{0\}) = 0}
             {[y \neq 0] \sim \operatorname{Bern}(\psi)} \qquad
        p(y) = \operatorname{Bern}([y \neq 0];\; \psi)\; f(y)^{[y \neq 0]}

    Guard: the law :math:`F` never draws 0, and does not depend on what the chance depends on.  `before` is the data.

    Reference: Mullahy, Specification and testing of some modified count data models, Journal of Econometrics 33
    (1986), 341-365.
    """

    seen = ops.floating(ops.neq(before, ops.constant(0.0)))
    return eq(after, (seen, ops.bernoulli(hurdle.chance)))


def hurdle_to(ops, theta, rv):
    """Return the `Hurdle` that `rv` draws where `theta` may be its chance, else None."""
    if ops.distribution_of(theta) not in PRIORS_OF_CHANCES or ops.distribution_of(rv) is not None:
        return None
    return ops.hurdle_of(rv)


def reverse_hurdle(ops, theta, rv, data, hurdle, reverse):
    """Return the `Reversal` of the arc to a hurdle variable, by ``reverse(ops, theta, rv, data)`` of an indicator."""
    if any(x in dependents(ops, x, theta) for x in hurdle.law):
        raise NotReversible(f"{called(ops, theta)} is the chance of a hurdle of {called(ops, rv)}, and in its law too")
    seen, law = ask(partial(hurdle_observedo, ops, hurdle), data)
    reversal = reverse(ops, theta, dressed(ops, law, rv), seen)
    return replace(
        reversal,
        marginal=None,
        relation=hurdle_observedo.__name__,
        reference=reference_of(hurdle_observedo),
    )
