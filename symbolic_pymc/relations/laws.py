"""Distributions in one parametrisation each, whatever parameters a backend gives them.

A gamma variable has a shape and a rate here, an exponential one a rate, a negative binomial one its number of
successes and their probability, a hypergeometric one the number of things, of good ones and of those drawn.  All
other distributions are taken as the backends have them.
"""

import numpy as np

from symbolic_pymc.records import Term
from symbolic_pymc.relations.goals import are_alike, constant_number, is_constant, without_unit_axes
from symbolic_pymc.unify import PLAIN
from symbolic_pymc.vocabulary import is_unit_axis_shuffle


def _success(ops, mu, alpha):
    """Return the probability of success: `p` itself where `mu` is spelt ``alpha * (1 - p) / p``."""
    p = _success_of(ops, mu, alpha)
    return ops.true_div(alpha, ops.add(mu, alpha)) if p is None else p


def _success_of(ops, mu, alpha):
    """Return p where `mu` is spelt ``alpha * (1 - p) / p``, else None."""
    if ops.operator_of(mu) == "true_div" and ops.operator_of(mu.rands[0]) == "mul" and len(mu.rands[0].rands) == 2:
        (n, failure), p = mu.rands[0].rands, mu.rands[1]
        failure = without_unit_axes(failure)
        if ops.operator_of(failure) == "sub" and are_alike(n, alpha) and are_alike(failure.rands[1], p):
            if is_constant(failure.rands[0], 1.0):
                return p
    return None


def _respelt(ops, p):
    """Return a probability of success, `q` itself where it is computed from the mean ``n * (1 - q) / q``."""
    if isinstance(p, Term) and is_unit_axis_shuffle(p):
        inner = _respelt(ops, p.rands[0])
        return p if inner is p.rands[0] else p.replace(rands=(inner, *p.rands[1:]), info=PLAIN)
    found = (_success_of(ops, mu, n) for mu, n in _means(ops, p))
    return next((q for q in found if q is not None), p)


def _means(ops, p):
    """Return pairs of a mean and n of which `p` is spelt ``n / (mean + n)`` or ``sigmoid(log(n) - log(mean))``."""
    if ops.operator_of(p) == "true_div" and ops.operator_of(p.rands[1]) == "add":
        n, parts = p.rands[0], p.rands[1].rands
        return [(mu, n) for mu, other in (parts, parts[::-1]) if are_alike(other, n)] if len(parts) == 2 else []
    if ops.operator_of(p) == "sigmoid" and ops.operator_of(p.rands[0]) == "sub":
        of_n, of_mean = without_unit_axes(p.rands[0].rands[0]), p.rands[0].rands[1]
        if ops.operator_of(of_n) == ops.operator_of(of_mean) == "log":
            return [(of_mean.rands[0], of_n.rands[0])]
    return []


def _inverse_of(name):
    return lambda ops, p: ops.reciprocal(p[name])


def _zero(ops, p):
    return ops.constant(0.0)


def _odds(ops, p):
    """Return the odds of a failure, ``(1 - p) / p``."""
    if "odds" in p:
        return p["odds"]
    if "mu" in p:
        return ops.true_div(p["mu"], p["alpha"])
    return ops.true_div(ops.sub(ops.constant(1.0), p["p"]), p["p"])


def _things(ops, p):
    """Return the number of things: of which are bad all that are not good, or those and the good ones."""
    if ops.operator_of(p["bad"]) == "sub" and are_alike(p["bad"].rands[1], p["good"]):
        return p["bad"].rands[0]
    return ops.add(p["good"], p["bad"])


# How a parameter is computed from a backend's own when that has none of this name ...
_READ = {
    ("exponential", "lam"): _inverse_of("scale"),
    ("gamma", "beta"): _inverse_of("scale"),
    ("negativebinomial", "n"): lambda ops, p: p["alpha"],
    ("negativebinomial", "p"): lambda ops, p: _success(ops, **p),
    ("negativebinomial", "odds"): _odds,
    ("hypergeometric", "N"): _things,
    ("hypergeometric", "k"): lambda ops, p: p["good"],
    ("rice", "nu"): lambda ops, p: ops.mul(p["b"], p["sigma"]),
    ("zeroinflatedpoisson", "mu"): lambda ops, p: p["theta"],
    ("zeroinflatednegativebinomial", "mu"): lambda ops, p: ops.mul(p["n"], _odds(ops, p)),
    ("zeroinflatednegativebinomial", "alpha"): lambda ops, p: p["n"],
}
# ... and the other way round.
_WRITE = {
    ("exponential", "scale"): _inverse_of("lam"),
    ("gamma", "scale"): _inverse_of("beta"),
    ("negativebinomial", "mu"): lambda ops, p: ops.mul(p["n"], _odds(ops, p)),
    ("negativebinomial", "alpha"): lambda ops, p: p["n"],
    ("negativebinomial", "p"): lambda ops, p: ops.reciprocal(ops.add(ops.constant(1.0), p["odds"])),
    ("hypergeometric", "good"): lambda ops, p: p["k"],
    ("hypergeometric", "bad"): lambda ops, p: ops.sub(p["N"], p["k"]),
    ("rice", "b"): lambda ops, p: ops.true_div(p["nu"], p["sigma"]),
    ("halfcauchy", "loc"): _zero,
    ("halfnormal", "loc"): _zero,
    ("wald", "alpha"): _zero,
    ("zeroinflatedpoisson", "theta"): lambda ops, p: p["mu"],
    ("zeroinflatednegativebinomial", "n"): lambda ops, p: p["alpha"],
    ("zeroinflatednegativebinomial", "p"): lambda ops, p: _success(ops, p["mu"], p["alpha"]),
}
_PARAMETERS = {
    "gamma": ("alpha", "beta"),
    "exponential": ("lam",),
    "negativebinomial": ("n", "p"),
    "hypergeometric": ("N", "k", "n"),
    "zeroinflatedpoisson": ("psi", "mu"),
    "zeroinflatednegativebinomial": ("psi", "mu", "alpha"),
}


def read(ops, name, parameter, native):
    """Return a parameter of a distribution from those that a backend has."""
    if parameter not in native:
        return _READ[name, parameter](ops, native)
    value = native[parameter]
    return _respelt(ops, value) if (name, parameter) == ("negativebinomial", "p") else value


def write(ops, name, parameter, given):
    """Return a parameter that a backend has from those that are given."""
    return given[parameter] if parameter in given else _WRITE[name, parameter](ops, given)


def law(ops, name, *values, size=None):
    """Return the term of a draw from a distribution; `values` are its parameters as they are called here."""
    given = dict(zip(_PARAMETERS.get(name, ops.rows[name].params), values))
    native = (write(ops, name, p, given) for p in ops.rows[name].params)
    return getattr(ops, name)(*native, *(() if size is None else (size,)))


def parameters_of(ops, draw):
    """Return the parameters of a draw from a known distribution, as they are called here, by name."""
    return read_all(ops, ops.distribution_of(draw), ops.parameters(draw))


def read_all(ops, name, native):
    """Return the parameters of a distribution, as they are called here, from those that a backend has, by name."""
    return {p: read(ops, name, p, native) for p in _PARAMETERS.get(name, native)}


def _ratio(part, *whole):
    return lambda ops, p: ops.true_div(p[part], ops.add(*(p[name] for name in whole)))


def _whole(mean):
    return lambda ops, p: ops.counts(ops.floor(ops.floating(mean(ops, p))))


def _between(ops, p):
    """Return the mean of a normal law, or where it is out of the bounds a point within, as far as most of the mass."""
    x, (lower, upper) = p["mu"], (p["lower"], p["upper"])
    half = ops.mul(ops.constant(0.5), ops.sub(upper, lower))

    def depth(bound):
        reach = ops.add(p["sigma"], ops.abs(ops.sub(p["mu"], bound)))
        return ops.minimum(half, ops.true_div(ops.sqr(p["sigma"]), reach))

    if not _is_infinite(lower):
        x = ops.maximum(x, ops.add(lower, depth(lower)))
    return x if _is_infinite(upper) else ops.minimum(x, ops.sub(upper, depth(upper)))


def _balanced(ops, p):
    """Return the mode of a generalised inverse Gaussian law, as a sum of positive numbers on either side of p = 1."""
    less = ops.sub(p["p"], ops.constant(1.0))
    root = ops.sqrt(ops.add(ops.sqr(less), ops.mul(p["a"], p["b"])))
    above, below = ops.true_div(ops.add(root, less), p["a"]), ops.true_div(p["b"], ops.sub(root, less))
    return ops.switch(ops.gt(less, ops.constant(0.0)), above, below)


def _drawn_to_the_kink(ops, p):
    """Return the mode of a Laplace density times a normal one."""
    zero, reach = ops.constant(0.0), ops.true_div(ops.sqr(p["sigma"]), p["b"])
    distance = ops.sub(p["mu"], p["location"])
    below, above = ops.minimum(ops.add(distance, reach), zero), ops.maximum(ops.sub(distance, reach), zero)
    return ops.add(p["location"], ops.add(below, above))


def _cut(middle):
    """Return the function that gives the middle of a law without bounds, or the bound beyond which it is."""
    return lambda ops, p: ops.minimum(ops.maximum(middle(ops, p), p["lower"]), p["upper"])


def _is_infinite(bound):
    number = constant_number(bound)
    return number is not None and np.isinf(number)


def _shared_out(ops, p):
    """Return whole numbers that add up to `n` in about the proportions `p`."""
    after = ops.mul(ops.floating(p["n"]), ops.sums_after(p["p"]))
    after = ops.floor(ops.add(after, ops.constant(0.5)))
    whole, nothing = (ops.condensed(ops.floating(x), p["p"]) for x in (p["n"], ops.constant(0.0)))
    return ops.counts(ops.sub(ops.end_to_end(whole, after), ops.end_to_end(after, nothing)))


BELOW_ONE = np.nextafter(1.0, 0.0)

# A value in the middle of each distribution that a posterior may be, where its density is finite.
_CENTERS = {
    "normal": lambda ops, p: p["mu"],
    "mvnormal": lambda ops, p: p["mu"],
    "matrixnormal": lambda ops, p: p["mu"],
    "vonmises": lambda ops, p: p["mu"],
    "gaussianchain": lambda ops, p: ops.recursion(p["offset"], p["gain"]),
    "truncatednormal": _between,
    "laplacenormal": _drawn_to_the_kink,
    "generalizedinversegaussian": _balanced,
    "gamma": lambda ops, p: ops.true_div(p["alpha"], p["beta"]),
    "truncatedgamma": _cut(lambda ops, p: ops.true_div(p["alpha"], p["beta"])),
    "truncatedinversegamma": _cut(lambda ops, p: ops.true_div(p["beta"], p["alpha"])),
    "truncatedbeta": _cut(_ratio("alpha", "alpha", "beta")),
    "inversegamma": lambda ops, p: ops.true_div(p["beta"], ops.add(p["alpha"], ops.constant(1.0))),
    "pareto": lambda ops, p: ops.mul(p["m"], ops.add(ops.constant(1.0), ops.reciprocal(p["alpha"]))),
    "beta": lambda ops, p: ops.minimum(_ratio("alpha", "alpha", "beta")(ops, p), ops.constant(BELOW_ONE)),
    "poisson": _whole(lambda ops, p: p["mu"]),
    "binomial": _whole(lambda ops, p: ops.mul(p["n"], p["p"])),
    "betabinomial": _whole(lambda ops, p: ops.mul(p["n"], ops.true_div(p["alpha"], ops.add(p["alpha"], p["beta"])))),
    "negativebinomial": _whole(
        lambda ops, p: ops.true_div(ops.mul(p["n"], ops.sub(ops.constant(1.0), p["p"])), p["p"])
    ),
    "multinomial": _shared_out,
    "dirichlet": lambda ops, p: ops.fractions(p["a"]),
    "wishart": lambda ops, p: ops.symmetric(ops.mul(p["nu"], p["V"])),
    "inversewishart": lambda ops, p: ops.symmetric(
        ops.true_div(p["Psi"], ops.add(p["nu"], ops.add(ops.length(p["Psi"]), ops.constant(1.0))))
    ),
}


def center(ops, draw):
    """Return a value well inside the support of a draw, computed from its parameters."""
    return _CENTERS[ops.distribution_of(draw)](ops, parameters_of(ops, draw))
