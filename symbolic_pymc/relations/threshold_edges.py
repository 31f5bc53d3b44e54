r"""Arcs from normal variables to whether they are positive, and to binary data of a chance that is a probit of them."""

from dataclasses import replace
from functools import partial
from math import sqrt

import numpy as np
from kanren import eq, lall
from unification import var

from symbolic_pymc.meta import settle_graph
from symbolic_pymc.relations.edge import NotReversible, ask, called, computed_from, named
from symbolic_pymc.relations.goals import constant_number, without_unit_axes
from symbolic_pymc.relations.latent_rows import link_of
from symbolic_pymc.relations.mixtures import has_its_own_density, latent_thresholdo

NORMAL = ("normal", "mvnormal")


def normal_threshold_reversalo(ops, data, before, after):
    r"""Reverse the arc from a normal variable to whether it is positive.

    .. math::

        \frac{w \sim N(\mu, \sigma) \qquad y \mid w \sim \operatorname{Bern}([w > 0])}
             {(2y - 1)\, w \mid y \sim N((2y - 1)\,\mu, \sigma)\text{ on }(0, \infty) \qquad
              y \sim \operatorname{Bern}(\Phi(\mu / \sigma))}

    What comes out is the law of the absolute value of w, ``<w>_magnitude``; the data tell the sign.

    With :math:`w \sim N(a + b\,\eta, 1)` and :math:`\eta \sim N(m, s)` this is
    :math:`y \sim \operatorname{Bern}(\Phi((a + b\,m) / \sqrt{1 + b^2 s^2}))`.  Of a logistic function the mean has no
    closed form.

    Reference: Albert and Chib, Bayesian analysis of binary and polychotomous response data, JASA 88 (1993), 669-679.
    """
    mu, sigma = var(), var()
    w = ops.normal(mu, sigma)
    magnitude = ops.truncatednormal(ops.mul(_sign(ops, data), mu), sigma, ops.constant(0.0), ops.constant(np.inf))
    half, over = ops.constant(0.5), ops.true_div(mu, ops.mul(ops.constant(-sqrt(2.0)), sigma))
    return lall(
        eq(before, (w, ops.bernoulli(_is_positive(ops, w)))),
        eq(after, (magnitude, ops.bernoulli(ops.like(ops.mul(half, ops.erfc(over)), data)))),
    )


def _sign(ops, data):
    return ops.sub(ops.mul(ops.constant(2.0), data), ops.constant(1.0))


def _is_positive(ops, w):
    return ops.mul(ops.constant(0.5), ops.add(ops.constant(1.0), ops.sign(w)))


def reverse_threshold(ops, edge):
    """Return the `Reversal` of an edge from a normal variable to whether it is positive."""
    names = called(ops, edge.theta), called(ops, edge.rv)
    if _argument_of_sign(ops, edge.expression) is not edge.blank:
        raise NotReversible(_reason(ops, edge.expression).format(*names))
    if ops.is_stretched(edge.blank, edge.data):
        raise NotReversible("several elements of {1} depend on one element of {0}".format(*names))
    w = ops.normal(*ops.parameters(edge.theta).values())
    posterior, marginal = ask(
        partial(normal_threshold_reversalo, ops, edge.data), (w, ops.bernoulli(_is_positive(ops, w)))
    )
    reversal = named(ops, edge, posterior, marginal, normal_threshold_reversalo)
    signed = computed_from(ops, reversal.posterior, "magnitude", partial(ops.mul, _sign(ops, edge.data)))
    return replace(reversal, posterior=signed)


def _argument_of_sign(ops, chance):
    """Return x where `chance` is half of one plus the sign of x, else None."""
    for kind, number in (("mul", 0.5), ("add", 1.0)):
        rands = chance.rands if ops.kind_of(chance) == kind else ()
        others = [x for x in rands if constant_number(without_unit_axes(x)) != number]
        if len(rands) != 2 or len(others) != 1:
            return None
        (chance,) = others
    return chance.rands[0] if ops.kind_of(chance) == "sign" else None


def _reason(ops, chance):
    link = link_of(ops, chance)
    if link is None:
        return "{0} is normal, and the chance of {1} is no probit of it"
    if link[0] == "normal":
        return (
            "the posterior of {0}, a probit of which is the chance of {1}, has no name; where each datum has an element "
            "of its own, marginalize_graph integrates it out"
        )
    return (
        "the mean of a logistic or complementary log-log function of a normal variable, {0}, has no closed form ({1})"
    )


def is_probit(ops, theta, child):
    """Tell whether a probit of the normal draw `theta` is the chance of the data ``observed(y, rv)`` that `child` is."""
    if not ops.is_observed(child) or ops.distribution_of(theta) not in NORMAL:
        return False
    rv = child.rands[1]
    if ops.distribution_of(rv) != "bernoulli" or not has_its_own_density(rv):
        return False
    link = link_of(ops, rv.rands[0])
    return link is not None and link[0] == "normal"


def with_latent(ops, child, name):
    """Return ``observed(y, rv)`` with the latent normal variable of a name, one for each datum, whose sign it tells."""
    data, rv = child.rands
    expanded = ask(partial(latent_thresholdo, ops), rv)
    w = _argument_of_sign(ops, expanded.rands[0])
    # their shape is that of the data, and of no other variable
    latent = ops.normal(*ops.parameters(w).values(), ops.shape(data)).replace(info=w.info.replace(name=name))
    seen = ops.bernoulli(_is_positive(ops, settle_graph(latent)), ops.shape(data)).replace(info=expanded.info)
    return child.replace(rands=(data, settle_graph(seen)))
