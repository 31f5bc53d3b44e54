r"""Normal scale mixtures, both ways: which law the variance has, and which law the variable has by itself.

.. math::

    x \mid v \sim N(\mu, \sqrt{v}), \quad v \sim G \qquad \Longleftrightarrow \qquad x \sim F

A variance is written as an expression in one draw, say ``sigma**2 / w``.
"""

from functools import reduce

from kanren import eq
from unification import reify, var

from symbolic_pymc.meta import settle_graph
from symbolic_pymc.records import Info, MetaSymbol, Term, is_ground
from symbolic_pymc.relations.arithmetic import simplified
from symbolic_pymc.relations.edge import blank_of, shape_of
from symbolic_pymc.relations.goals import constant_number
from symbolic_pymc.relations.laplace import Density, NoMixingLaw, lowered, mixing_law
from symbolic_pymc.relations.laws import law, parameters_of
from symbolic_pymc.relations.mixtures import SUFFIX
from symbolic_pymc.relations.monomials import NotMonomial, monomial, raised
from symbolic_pymc.parts import as_graph, graph_parts, substitute


def normal_scale_mixtureo(ops, x, mean, variance):
    r"""Relate the law of a variable to its mean and the random variance that make it a normal scale mixture.

    .. math::

        \frac{x \sim F}{x = \int N(\mu, \sqrt{v})\, p(v)\, dv}

    ========================================= ==============================================
    :math:`F`                                 variance
    ========================================= ==============================================
    :math:`T(\nu, \mu, \sigma)`               :math:`1 / \Gamma(\nu / 2, \nu\sigma^2 / 2)`
    :math:`C(\alpha, \beta)`                  :math:`1 / \Gamma(\tfrac{1}{2}, \beta^2 / 2)`
    :math:`\operatorname{Laplace}(\mu, b)`    :math:`\operatorname{Exp}(1 / (2 b^2))`
    :math:`\operatorname{Logistic}(\mu, s)`   :math:`\operatorname{Kolmogorov}(2 s)^2`
    :math:`N(\mu, s)`, `s` random             :math:`s^2`
    ========================================= ==============================================

    It goes both ways: `x` or the pair of the other two may be unknown.  In the place of `x` may stand a `laplace.Density`, whose
    variance is derived, by SymPy, with the given mean.  A known variance is a multiple of a power of one draw,
    in any spelling, that has an element of its own for every element of the mean; the last row of the table makes the
    horseshoe and all that are like it known as such mixtures, whether or not their own law has a name.
    The draws that come out are fresh; they have no part in any model.

    Reference: Andrews and Mallows, Scale mixtures of normal distributions, JRSS B 36 (1974), 99-102.
    """

    def goal(s):
        draw, centre, spread = (as_graph(reify(term, s)) for term in (x, mean, variance))
        if isinstance(draw, Density):
            for found in _derived(ops, draw, centre):
                yield from eq(variance, found)(s)
        elif isinstance(draw, Term) and is_ground(draw):
            for found in _mixings(ops, draw):
                yield from eq((mean, variance), found)(s)
        elif all(isinstance(term, MetaSymbol) and is_ground(term) for term in (centre, spread)):
            for found in _integrated(ops, centre, spread):
                yield from eq(x, found)(s)

    return goal


# From the variable to its variance ------------------------------------------------------------------------------


def _chi_squared(ops, nu, sigma):
    """Return the variance of a Student t variable."""
    half = ops.mul(ops.constant(0.5), nu)
    return "reciprocal", "gamma", half, ops.mul(half, ops.sqr(sigma))


VARIANCES = {
    "studentt": lambda ops, p: (p["mu"], *_chi_squared(ops, p["nu"], p["sigma"])),
    "cauchy": lambda ops, p: (p["alpha"], *_chi_squared(ops, ops.constant(1.0), p["beta"])),
    "laplace": lambda ops, p: (
        p["mu"],
        None,
        "exponential",
        ops.reciprocal(ops.mul(ops.constant(2.0), ops.sqr(p["b"]))),
    ),
    "logistic": lambda ops, p: (p["mu"], "sqr", "kolmogorov", ops.mul(ops.constant(2.0), p["s"])),
}


def _mixings(ops, x):
    """Yield pairs of a mean and a random variance that a known draw is a scale mixture by."""
    name = ops.distribution_of(x)
    p = parameters_of(ops, x) if name is not None else {}
    if name in VARIANCES:
        mean, word, *mixing = VARIANCES[name](ops, p)
        w = settle_graph(law(ops, *mixing, size=shape_of(ops, x)).replace(info=_info(x)))
        yield mean, getattr(ops, word)(w) if word else w
    elif name == "normal" and any(scales_of(ops, p["mu"], p["sigma"], x)):
        yield p["mu"], ops.sqr(p["sigma"])


def _derived(ops, density, mean):
    """Yield the random variance of a density about a known mean."""
    if not isinstance(mean, MetaSymbol) or not is_ground(mean):
        return
    try:
        mixing = mixing_law(density.expression)
        parameters = [lowered(ops, p, density.parameters) for p in mixing.parameters]
    except NoMixingLaw:
        return
    size = ops.shape(reduce(ops.add, density.parameters.values(), mean))
    w = law(ops, mixing.name, *parameters, size=size)
    yield settle_graph(ops.reciprocal(w) if mixing.of == "precision" else w)


def _info(x):
    return Info(var(), x.name and x.name + SUFFIX, var(), None)


def scales_of(ops, mean, scale, x):
    """Yield the draws that a scale is a multiple of a power of, with the `Monomial` that it is.

    Every element of `x` must have one of its own, and nothing else that `x` is computed from may depend on it.
    """
    draws = [w for w in graph_parts(mean, scale) if ops.is_random(w) and ops.distribution_of(w) is not None]
    for w in draws:
        elsewhere = set(graph_parts(mean, *(r for d in draws for r in d.rands)))
        if w not in elsewhere and not ops.is_stretched(w, x):
            form = _form(ops, scale, w)
            if form is not None and form.pick.positions is None and form.exponent != 0.0:
                yield w, form


def _form(ops, scale, w):
    """Return the `Monomial` that a scale is in a draw, or None."""
    blank = blank_of(ops, w)
    try:
        return monomial(ops, substitute(scale, {w: blank}), blank)
    except NotMonomial:
        return None


# From the variance to the variable --------------------------------------------------------------------------------


def _of_weibull(ops, p):
    k = constant_number(p["alpha"])
    return k and (ops.constant(1.0), raised(ops, p["beta"], -k), 1.0 / k)


# law: its shape and rate as a power of a gamma variable, and that power; None where it is not known
GAMMAS = {
    "gamma": lambda ops, p: (p["alpha"], p["beta"], 1.0),
    "exponential": lambda ops, p: (ops.constant(1.0), p["lam"], 1.0),
    "chisquared": lambda ops, p: (ops.mul(ops.constant(0.5), p["nu"]), ops.constant(0.5), 1.0),
    "inversegamma": lambda ops, p: (p["alpha"], p["beta"], -1.0),
    "weibull": _of_weibull,
}


def _student(ops, alpha, beta, mean, scale):
    root = ops.sqrt(ops.true_div(beta, alpha))
    return "studentt", ops.mul(ops.constant(2.0), alpha), mean, ops.mul(scale, root)


def _laplace(ops, alpha, beta, mean, scale):
    if constant_number(alpha) == 1.0:
        return "laplace", mean, ops.true_div(scale, ops.sqrt(ops.mul(ops.constant(2.0), beta)))


# by the exponent of a gamma variable in the variance
MARGINALS = {-1.0: _student, 1.0: _laplace}


def marginals(ops, mean, scale, x):
    """Yield pairs of a draw and the law, by name and parameters, of a normal variable `x` when it is integrated out."""
    for w, form in scales_of(ops, mean, scale, x):
        factor = ops.constant(1.0) if form.pick.scale is None else form.pick.scale
        marginal = _logistic if ops.distribution_of(w) == "kolmogorov" else _of_gamma
        found = marginal(ops, w, form.exponent, mean, factor)
        if found:
            yield w, (found[0], *(simplified(ops, settle_graph(p)) for p in found[1:]))


def _of_gamma(ops, w, exponent, mean, factor):
    """Return the law of a normal variable whose scale is a factor times a power of a power of a gamma variable."""
    read = GAMMAS.get(ops.distribution_of(w))
    gamma = read and read(ops, parameters_of(ops, w))
    rule = gamma and MARGINALS.get(round(2 * exponent * gamma[2], 12))
    return rule and rule(ops, *gamma[:2], mean, factor)


def _logistic(ops, w, exponent, mean, factor):
    if round(exponent, 12) == 1.0:
        scale = ops.mul(factor, parameters_of(ops, w)["scale"])
        return "logistic", mean, ops.mul(ops.constant(0.5), scale)


def _integrated(ops, mean, variance):
    """Yield the laws, as fresh draws, of normal variables of a known mean and random variance."""
    x = settle_graph(ops.add(mean, variance))
    for w, found in marginals(ops, mean, settle_graph(ops.sqrt(variance)), x):
        size = ops.shape(substitute(x, {w: blank_of(ops, w)}))
        yield settle_graph(law(ops, *found, size=size))
