"""Arcs from angles to angles about them."""

from functools import partial

import numpy as np
from kanren import eq, lall
from unification import var

from symbolic_pymc.relations.affine import NotAffine, Pick, affine
from symbolic_pymc.relations.edge import NotReversible, ask, called, named
from symbolic_pymc.relations.goals import constant_number
from symbolic_pymc.relations.links import link_of


def vonmises_mean_reversalo(ops, link, data, before, after):
    r"""Reverse the arc from a von Mises variable to von Mises data of which it is, picked and with a sign b, the mean.

    .. math::

        \frac{\theta \sim \operatorname{VM}(\mu, \kappa_0) \qquad
              y \mid \theta \sim \operatorname{VM}(c + b\, G\theta, \kappa) \qquad b = \pm 1}
             {\theta \mid y \sim \operatorname{VM}(\arg z, |z|), \quad
              z = \kappa_0 e^{i\mu} + G'(\kappa\, e^{i b (y - c)})}

    :math:`G` and :math:`G'` are those of `normal_mean_reversalo`.

    Reference: Mardia and El-Atoum, Bayesian inference for the von Mises-Fisher distribution, Biometrika 63 (1976).
    """
    mu, kappa0, c, b, kappa = (var() for _ in range(5))
    theta = ops.vonmises(mu, kappa0)
    angle = ops.mul(b, ops.sub(data, c))
    x, y = (ops.add(ops.mul(kappa0, f(mu)), link.collect(ops.mul(kappa, f(angle)))) for f in (ops.cosine, ops.sine))
    posterior = ops.vonmises(ops.direction(x, y), ops.sqrt(ops.add(ops.sqr(x), ops.sqr(y))))
    return lall(
        eq(before, (theta, ops.vonmises(ops.add(c, ops.mul(b, link.spread(theta))), kappa))),
        eq(after, (posterior, None)),
    )


def reverse_angle(ops, edge):
    """Return the `Reversal` of an edge between von Mises variables."""
    names = edge.parameter, called(ops, edge.rv), called(ops, edge.theta)
    if edge.parameter != "mu":
        raise NotReversible("{2} stands in the {0} of {1}: no closed form is known".format(*names))
    try:
        form = affine(ops, edge.expression, edge.blank)
    except NotAffine as reason:
        raise NotReversible("the {} of {} is not {} turned: {}".format(*names, reason)) from None
    sign = 1.0
    if isinstance(form.link, Pick) and form.link.scale is not None:
        sign = constant_number(form.link.scale)
    if not isinstance(form.link, Pick) or sign is None or np.abs(sign) != 1.0:
        raise NotReversible("the {} of {} is not {} turned or mirrored".format(*names))
    link, b = link_of(ops, edge, form.link.positions), ops.constant(sign)
    theta = ops.vonmises(*ops.parameters(edge.theta).values())
    offset = ops.constant(0.0) if form.offset is None else form.offset
    before = theta, ops.vonmises(ops.add(offset, ops.mul(b, link.spread(theta))), edge.others["kappa"])
    posterior, marginal = ask(partial(vonmises_mean_reversalo, ops, link, edge.data), before)
    return named(ops, edge, posterior, marginal, vonmises_mean_reversalo)
