"""The log evidence of data: the factors that went out of a model when arcs were reversed."""

from dataclasses import dataclass
from typing import Any

from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.records import Term
from symbolic_pymc.relations.edge import blank_of
from symbolic_pymc.relations.edges import without_marks
from symbolic_pymc.relations.laws import center, read
from symbolic_pymc.unify import PLAIN
from symbolic_pymc.parts import substitute


@dataclass(frozen=True)
class Dropped:
    """An evidence factor that went out of a model: ``p(y) = p(theta) p(y | theta) / p(theta | y)`` for any theta.

    `marginal` is the law of the data by themselves where it has fewer dimensions than the posterior, else None.
    """

    theta: Term
    rv: Term
    data: Term
    posterior: Term
    marginal: Any


def drawn(ops, posterior):
    """Return the draw that a posterior is, or is a deterministic function of: the last argument of an operation."""
    return posterior if ops.is_random(posterior) else posterior.rands[0].rands[-1]


def log_evidence(adapter, dropped):
    """Return the log of the evidence factors that went out of a model, as a scalar base graph.

    Each is the log of ``p(theta) p(y | theta) / p(theta | y)``, which is the same for every theta, in the middle of the
    posterior: a check of the reversal on its own, and no determinant larger than that of the parameter.  Of fewer data
    than parameters it is the log density of the data themselves.  The error is about 1e-16 times the largest of the
    terms; those of counts are written as in `symbolic_pymc.stirling`, where large ones leave small terms.  Of data
    whose last digit is much of their deviation, it is what a change of that digit makes.

    Reference: Chib, Marginal likelihood from the Gibbs output, JASA 90 (1995), 1313-1321.
    """
    total = adapter.zero()
    for factor in dropped:
        total = total + _log_factor(adapter, factor)
    return total


def _log_factor(adapter, factor):
    if isinstance(factor, Term):  # the log of the factor itself
        return reify_many((factor,))[0]
    ops = adapter.ops
    if factor.marginal is not None:
        return _log_densities(adapter, (factor.marginal, factor.data))
    draw = drawn(ops, factor.posterior)
    # a node of its own, for the slope there
    middle = adapter.copied(reify_many((center(ops, draw),))[0])
    value, slope = metatize(middle), None
    if draw is not factor.posterior:
        value, slope = _value_and_slope(ops, factor.posterior, value)
    rv = substitute(without_marks(ops, factor.rv, factor.theta), {factor.theta: value})
    joint = _log_densities(adapter, (factor.theta, value), (rv, factor.data))
    if slope is not None:
        joint = joint - reify_many((slope,))[0]
    elif ops.distribution_of(draw) in NORMAL:
        return joint - _log_normal(adapter, factor, draw, middle, metatize(adapter.score(joint, middle)))
    return joint - _log_densities(adapter, (draw, metatize(middle)))


def _log_densities(adapter, *pairs):
    """Return the sum of the log densities of some laws at some values, in one graph."""
    bases = iter(reify_many(tuple(x for pair in pairs for x in pair)))
    densities = (adapter.log_density(draw, value) for draw, value in zip(bases, bases))
    precise = (_with_digits(adapter.ops, pair, density) for pair, density in zip(pairs, densities))
    return sum((density.sum() for density in precise), adapter.zero())


def _with_digits(ops, pair, density):
    """Return the log density of a law at a value as `symbolic_pymc.stirling` has it; another law's, as it is."""
    (draw, value), name = pair, ops.distribution_of(pair[0])
    if name not in STIRLING:
        return density
    word, names, size = STIRLING[name]
    own = ops.parameters(draw)
    parameters = [ops.floating(read(ops, name, p, own)) for p in names]
    value = ops.floating(value)
    precise = getattr(ops, word)(value, *parameters)
    return reify_many((ops.where_large(size(ops, value, *parameters), precise, metatize(density)),))[0]


# which word of `symbolic_pymc.stirling` is the log density of a law, of which parameters, and what is large in it
STIRLING = {
    "poisson": ("log_poisson", ("mu",), lambda ops, k, mean: ops.maximum(k, mean)),
    "binomial": ("log_binomial", ("n", "p"), lambda ops, k, n, p: n),
    "negativebinomial": ("log_negative_binomial", ("n", "odds"), lambda ops, k, n, odds: ops.add(k, n)),
    "multinomial": ("log_multinomial", ("n", "p"), lambda ops, k, n, p: n),
    "gamma": ("log_gamma", ("alpha", "beta"), lambda ops, x, alpha, beta: alpha),
    "inversegamma": ("log_inverse_gamma", ("alpha", "beta"), lambda ops, x, alpha, beta: alpha),
    "beta": ("log_beta", ("alpha", "beta"), lambda ops, x, alpha, beta: ops.add(alpha, beta)),
    "dirichlet": ("log_dirichlet", ("a",), lambda ops, x, a: ops.sum_over_last(a)),
}


NORMAL = ("normal", "mvnormal", "truncatednormal")


def _log_normal(adapter, factor, draw, middle, score):
    """Return the log density of a posterior that is normal, perhaps between bounds, at the point `middle`.

    Its mean is as far from there as the covariance times `score`, the slope of the log of the joint density there.
    This does not ask for more digits of the mean than a number has: a deviation of 1e-8 is less than the last digit of
    a mean of 1e8.
    """
    ops, own = adapter.ops, adapter.ops.parameters(draw)
    if ops.distribution_of(draw) == "mvnormal":
        law, spread, distance = ops.mvnormal, own["cov"], ops.dot(own["cov"], score)
    else:
        law, spread, distance = ops.normal, own["sigma"], ops.mul(ops.sqr(own["sigma"]), score)
    density = _log_densities(adapter, (law(distance, spread), blank_of(ops, factor.theta)))
    if ops.distribution_of(draw) != "truncatednormal":
        return density
    value = metatize(middle)
    bounded, unbounded = ((x, value) for x in (draw, law(own["mu"], spread)))
    return density + _log_densities(adapter, bounded) - _log_densities(adapter, unbounded)


def _value_and_slope(ops, posterior, middle):
    """Return the variable where what it is computed from is `middle`, and the log of the slope there."""
    function = posterior.rands[0]
    value = function.replace(rands=(*function.rands[:-1], middle), info=PLAIN)
    slopes = {
        "sqrt": lambda: ops.log(ops.mul(ops.constant(2.0), value)),
        "add": lambda: ops.constant(0.0),
        "mul": lambda: ops.neg(ops.log(ops.abs(ops.true_div(value, middle)))),
    }
    return value, ops.total(slopes[ops.operator_of(function)]())
