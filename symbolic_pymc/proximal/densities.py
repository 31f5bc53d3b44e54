"""Log densities that are stated here: those of PyMC change to limits, to other formulas, or are read less easily."""

import math

import numpy as np

from symbolic_pymc.meta import metatize
from symbolic_pymc.proximal.classdensities import CLASSES, log_factorial
from symbolic_pymc.proximal.ordereddensities import ordered_logistic, ordered_probit
from symbolic_pymc.proximal.supports import is_simplex
from symbolic_pymc.records import Term
from symbolic_pymc.vocabulary import is_unit_axis_shuffle


def stated_density(ops, draw, given, value):
    """Return the log density of a draw, of parameters that are terms of the unknowns; None to take that of PyMC.

    Parameters
    ----------
    draw, given : terms
        The draw, and as one of given parameters.
    value : term
    """
    name, density = ops.distribution_of(draw), None
    if name in CLASSES:
        density = CLASSES[name](ops, ops.parameters(given), value, _size_of_simplex(ops, ops.parameters(draw)["p"]))
    elif name in _RULES:
        density = _RULES[name](ops, ops.parameters(given), value)
    return density if density is None else metatize(density.reify())  # words of several nodes taken apart


def _size_of_simplex(ops, chances):
    """Return the number of classes where chances are rows of a draw from a law on the simplex, else None."""
    while isinstance(chances, Term) and (is_unit_axis_shuffle(chances) or ops.picks_rows(chances)):
        chances = chances.rands[0]
    shape = ops.known_shape(chances) if is_simplex(ops, chances) else None
    return shape and shape[-1]


def _negative_binomial(ops, p, y):
    """Return that of PyMC where the shape is a number, else what it is without the limit that PyMC takes beyond 1e10."""
    shape = p["alpha"] if "mu" in p else p["n"]
    return None if ops.value_of(shape) is not None else _of_counts(ops, y, _negative_binomial_logs(ops, p, y))


def _negative_binomial_logs(ops, p, y):
    r"""Return the log density of a shape n, and a mean or a chance.

    .. math::

        \log \frac{\Gamma(y + n)}{\Gamma(n)\, y!} + n \log p + y \log(1 - p), \qquad p = \frac{n}{n + \mu}

    Reference: Gelman et al., Bayesian Data Analysis, third edition 2013, appendix A.
    """
    n = p["alpha"] if "mu" in p else p["n"]
    whole = ops.add(n, p["mu"]) if "mu" in p else None
    success, failure = (
        (p["p"], ops.sub(ops.constant(1.0), p["p"]))
        if whole is None
        else (ops.true_div(x, whole) for x in (n, p["mu"]))
    )
    ways = ops.sub(ops.gammaln(ops.add(y, n)), ops.add(ops.gammaln(n), log_factorial(ops, y)))
    return ops.add(ways, ops.add(ops.mul(n, ops.log(success)), ops.mul(y, ops.log(failure))))


def _poisson_logs(ops, p, y):
    mean = p["mu"] if "mu" in p else p["theta"]
    return ops.sub(ops.mul(y, ops.log(mean)), ops.add(mean, log_factorial(ops, y)))


def _binomial_logs(ops, p, y):
    rest = ops.sub(p["n"], y)
    ways = ops.sub(log_factorial(ops, p["n"]), ops.add(log_factorial(ops, y), log_factorial(ops, rest)))
    chances = ops.add(ops.mul(y, ops.log(p["p"])), ops.mul(rest, ops.log(ops.sub(ops.constant(1.0), p["p"]))))
    return ops.add(ways, chances)


def _inflated(logs):
    r"""Return the rule of a law that is also zero with the chance 1 - psi.

    .. math::

        \log\bigl(1 - \psi + \psi\, p(0)\bigr) \quad\text{for zeros}, \qquad \log \psi + \log p(y) \quad\text{for others}

    Reference: Lambert, Zero-inflated Poisson regression, Technometrics 34 (1992), 1-14.
    """

    def rule(ops, p, y):
        zero = ops.mul(p["psi"], ops.exp(logs(ops, p, ops.constant(0.0))))
        zero = ops.log(ops.add(ops.sub(ops.constant(1.0), p["psi"]), zero))
        return _of_counts(
            ops, y, ops.switch(ops.eq(y, ops.constant(0.0)), zero, ops.add(ops.log(p["psi"]), logs(ops, p, y)))
        )

    return rule


def _truncated_normal(ops, p, y):
    r"""Return the log density between bounds that are numbers, of a mean and a deviation of which one is unknown.

    .. math::

        -\frac{(y - \mu)^2}{2 \sigma^2} - \log \sigma \sqrt{\pi / 2}
        - \log\left(\operatorname{erfc} \frac{l - \mu}{\sigma \sqrt 2} - \operatorname{erfc} \frac{u - \mu}{\sigma \sqrt 2}\right)

    Reference: Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions 1, second edition 1994, section 13.10.1.
    """
    bounds = [ops.value_of(p[name]) for name in ("lower", "upper")]
    if any(bound is None for bound in bounds) or all(ops.value_of(p[name]) is not None for name in ("mu", "sigma")):
        return None
    infinite = [np.all(bound == end) for bound, end in zip(bounds, (-np.inf, np.inf))]
    if any(np.any(np.isinf(bound)) and not same for bound, same in zip(bounds, infinite)):
        return None  # a bound for some alone
    inside = ops.and_(ops.ge(y, p["lower"]), ops.le(y, p["upper"]))
    density = ops.sub(_normal_logs(ops, p, y), _log_mass(ops, p, infinite))
    return ops.switch(inside, density, ops.constant(-np.inf))


def _normal_logs(ops, p, y):
    square = ops.mul(ops.constant(0.5), ops.sqr(ops.true_div(ops.sub(y, p["mu"]), p["sigma"])))
    return ops.neg(ops.add(square, ops.add(ops.log(p["sigma"]), ops.constant(0.5 * math.log(0.5 * math.pi)))))


def _log_mass(ops, p, infinite):
    """Return the logarithm of twice what a normal law has between the bounds."""
    below, above = (
        ops.true_div(ops.sub(p[bound], p["mu"]), ops.mul(p["sigma"], ops.constant(math.sqrt(2.0))))
        for bound in ("lower", "upper")
    )
    if all(infinite):
        return ops.constant(math.log(2.0))
    if any(infinite):  # what a bound that is infinite is computed from would have the slope nan
        return ops.log_erfc_gap(below if infinite[1] else ops.neg(above), ops.constant(np.inf))
    zero = ops.mul(ops.constant(0.0), ops.add(below, above))  # of the shape of both
    return ops.log_erfc_gap(ops.add(below, zero), ops.add(above, zero))


def _of_counts(ops, y, density):
    return ops.switch(ops.ge(y, ops.constant(0.0)), density, ops.constant(-np.inf))


_RULES = {
    "orderedlogistic": ordered_logistic,
    "orderedprobit": ordered_probit,
    "truncatednormal": _truncated_normal,
    "negativebinomial": _negative_binomial,
    "zeroinflatedpoisson": _inflated(_poisson_logs),
    "zeroinflatedbinomial": _inflated(_binomial_logs),
    "zeroinflatednegativebinomial": _inflated(_negative_binomial_logs),
}
