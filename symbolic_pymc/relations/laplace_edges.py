"""Arcs from variables with a Laplace density, perhaps times a normal one, to normal data of which they are the mean."""

from functools import partial

from kanren import eq, lall
from unification import var

from symbolic_pymc.relations.affine import Pick
from symbolic_pymc.relations.bounded_edges import refuse_untold
from symbolic_pymc.relations.edge import NotReversible, ask, called, named
from symbolic_pymc.relations.laws import parameters_of
from symbolic_pymc.relations.links import link_of
from symbolic_pymc.relations.normal_edges import affine_mean


def _laplace(ops, p):
    zero = ops.constant(0.0)
    return zero, zero, p["mu"], p["b"]


def _laplace_normal(ops, p):
    precision = ops.reciprocal(ops.sqr(p["sigma"]))
    return precision, ops.mul(precision, p["mu"]), p["location"], p["b"]


# precision and precision times mean of the normal density, and location and scale of the Laplace one
KINKED = {"laplace": _laplace, "laplacenormal": _laplace_normal}


def laplace_mean_reversalo(ops, link, data, before, after):
    r"""Reverse the arc from a Laplace variable to normal data of which it is, picked and scaled, the mean.

    .. math::

        \frac{p(\theta) \propto e^{-|\theta - a| / r + h\theta - p\,\theta^2 / 2} \qquad
              y \mid \theta \sim N(c + b\, G\theta, \sigma) \qquad p + G'b^2 > 0}
             {p(\theta \mid y) \propto e^{-|\theta - a| / r}\, N(\theta; m, \sqrt{v}),\quad
              m = v\,(h + G'(b\,(y - c) / \sigma^2)),\quad v = 1 / (p + G'(b^2 / \sigma^2))}

    :math:`p = h = 0` for a Laplace variable.  The posterior is a mixture of :math:`N(m + v / r, \sqrt{v})` on
    :math:`(-\infty, a)` and of :math:`N(m - v / r, \sqrt{v})` on :math:`(a, \infty)`, with the masses of the product on
    both sides for weights.  `link` is as in `normal_mean_reversalo`.

    Reference: Hans, Bayesian lasso regression, Biometrika 96 (2009), 835-845.
    """
    theta, p, h, a, r, c, b, sigma = (var() for _ in range(8))
    weight = ops.true_div(b, ops.sqr(sigma))
    v = ops.reciprocal(ops.add(p, link.collect(ops.mul(weight, b))))
    mean = ops.mul(v, ops.add(h, link.collect(ops.mul(weight, ops.sub(data, c)))))
    return lall(
        eq(before, ((theta, p, h, a, r), (c, b, sigma))),
        eq(after, (ops.laplacenormal(mean, ops.sqrt(v), a, r), None)),
    )


def reverse_laplace(ops, edge):
    """Return the `Reversal` of an edge from a variable of `KINKED` to the mean of a normal one."""
    names, family = (called(ops, edge.theta), called(ops, edge.rv)), ops.distribution_of(edge.theta)
    offset, pick = affine_mean(ops, edge)
    if not isinstance(pick, Pick):
        raise NotReversible("{0} is {2} and enters {1} through a matrix".format(*names, family))
    link, scale = link_of(ops, edge, pick.positions), ops.constant(1.0) if pick.scale is None else pick.scale
    if family == "laplace":
        refuse_untold(ops, edge, link, scale)
    before = (edge.theta, *KINKED[family](ops, parameters_of(ops, edge.theta))), (offset, scale, edge.others["sigma"])
    posterior, _ = ask(partial(laplace_mean_reversalo, ops, link, edge.data), before)
    return named(ops, edge, posterior, None, laplace_mean_reversalo)
