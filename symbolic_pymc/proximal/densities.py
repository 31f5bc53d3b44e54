"""Log densities of counts that are stated here: those of PyMC change to limits, or are read less easily."""

import numpy as np


def stated_density(ops, draw, value):
    """Return the log density of a draw, of parameters that are terms of the unknowns; None to take that of PyMC."""
    rule = _RULES.get(ops.distribution_of(draw))
    return rule and rule(ops, ops.parameters(draw), value)


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
    ways = ops.sub(ops.gammaln(ops.add(y, n)), ops.add(ops.gammaln(n), _log_factorial(ops, y)))
    return ops.add(ways, ops.add(ops.mul(n, ops.log(success)), ops.mul(y, ops.log(failure))))


def _poisson_logs(ops, p, y):
    mean = p["mu"] if "mu" in p else p["theta"]
    return ops.sub(ops.mul(y, ops.log(mean)), ops.add(mean, _log_factorial(ops, y)))


def _binomial_logs(ops, p, y):
    rest = ops.sub(p["n"], y)
    ways = ops.sub(_log_factorial(ops, p["n"]), ops.add(_log_factorial(ops, y), _log_factorial(ops, rest)))
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


def _log_factorial(ops, y):
    return ops.gammaln(ops.add(y, ops.constant(1.0)))


def _of_counts(ops, y, density):
    return ops.switch(ops.ge(y, ops.constant(0.0)), density, ops.constant(-np.inf))


_RULES = {
    "negativebinomial": _negative_binomial,
    "zeroinflatedpoisson": _inflated(_poisson_logs),
    "zeroinflatedbinomial": _inflated(_binomial_logs),
    "zeroinflatednegativebinomial": _inflated(_negative_binomial_logs),
}
