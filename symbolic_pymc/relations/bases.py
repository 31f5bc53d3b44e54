r"""Distributions as those of functions of other variables: row by row what is drawn, and what of it is the variable."""

from dataclasses import dataclass, field
from typing import Callable

from symbolic_pymc.distributions import DISTRIBUTIONS
from symbolic_pymc.relations.quantiles import QUANTILES


@dataclass(frozen=True)
class Representation:
    """A distribution as that of a function of other variables.

    Parameters
    ----------
    statement : str
        LaTeX.
    bases : dict of str to callable
        By the ending of its name, the law of each base: ``law(ops, p)`` returns its neutral name and parameters.
    value : callable
        ``value(ops, p, *bases)`` returns the function.
    shapes : dict of str to callable
        By its ending, the shape of a base that has another than the variable, from that of the variable.
    """

    statement: str
    bases: dict
    value: Callable
    shapes: dict = field(default_factory=dict)


def _one(ops):
    return ops.constant(1.0)


def _uniform(ops, p):
    return "uniform", ops.constant(0.0), _one(ops)


def _by_quantile(name, statement, quantile):
    printed = DISTRIBUTIONS[name].printed[1]
    rule = rf"\frac{{x \sim {printed}}}{{u \sim U(0, 1) \qquad x = {statement}}}"
    return Representation(rule, {"_uniform": _uniform}, quantile)


INVERSE_CDF = {name: _by_quantile(name, *row) for name, row in QUANTILES.items()}

LOGARITHM = {
    "lognormal": Representation(
        r"\frac{x \sim \operatorname{LogN}(\mu, \sigma)}{z \sim N(\mu, \sigma) \qquad x = e^z}",
        {"_log": lambda ops, p: ("normal", p["mu"], p["sigma"])},
        lambda ops, p, z: ops.exp(z),
    ),
    "weibull": Representation(
        r"\frac{x \sim \operatorname{Weibull}(\alpha, \beta)}"
        r"{z \sim \operatorname{Gumbel}(-\log \beta, 1 / \alpha) \qquad x = e^{-z}}",
        {"_minus_log": lambda ops, p: ("gumbel", ops.neg(ops.log(p["beta"])), ops.reciprocal(p["alpha"]))},
        lambda ops, p, z: ops.exp(ops.neg(z)),
    ),
    "exponential": Representation(
        r"\frac{x \sim \operatorname{Exp}(\lambda)}{z \sim \operatorname{Gumbel}(\log \lambda, 1) \qquad x = e^{-z}}",
        {"_minus_log": lambda ops, p: ("gumbel", ops.log(p["lam"]), _one(ops))},
        lambda ops, p, z: ops.exp(ops.neg(z)),
    ),
    "pareto": Representation(
        r"\frac{x \sim \operatorname{Pareto}(\alpha, m)}{z \sim \operatorname{Exp}(\alpha) \qquad x = m e^z}",
        {"_log_ratio": lambda ops, p: ("exponential", p["alpha"])},
        lambda ops, p, z: ops.mul(p["m"], ops.exp(z)),
    ),
}

LOGIT = {
    "logitnormal": Representation(
        r"\frac{x \sim \operatorname{LogitN}(\mu, \sigma)}{z \sim N(\mu, \sigma) \qquad x = 1 / (1 + e^{-z})}",
        {"_logit": lambda ops, p: ("normal", p["mu"], p["sigma"])},
        lambda ops, p, z: ops.sigmoid(z),
    ),
    "uniform": Representation(
        r"\frac{x \sim U(l, h)}{z \sim \operatorname{Logistic}(0, 1) \qquad x = l + (h - l) / (1 + e^{-z})}",
        {"_logit": lambda ops, p: ("logistic", ops.constant(0.0), _one(ops))},
        lambda ops, p, z: ops.add(p["lower"], ops.mul(ops.sub(p["upper"], p["lower"]), ops.sigmoid(z))),
    ),
}

RECIPROCAL = {
    "inversegamma": Representation(
        r"\frac{x \sim \operatorname{Gamma^{-1}}(\alpha, \beta)}{g \sim \Gamma(\alpha, \beta) \qquad x = 1 / g}",
        {"_reciprocal": lambda ops, p: ("gamma", p["alpha"], p["beta"])},
        lambda ops, p, g: ops.reciprocal(g),
    ),
    "gamma": Representation(
        r"\frac{x \sim \Gamma(\alpha, \beta)}{g \sim \operatorname{Gamma^{-1}}(\alpha, \beta) \qquad x = 1 / g}",
        {"_reciprocal": lambda ops, p: ("inversegamma", p["alpha"], p["beta"])},
        lambda ops, p, g: ops.reciprocal(g),
    ),
}


def _standard_gamma(name):
    return lambda ops, p: ("gamma", p[name], _one(ops))


GAMMAS = {
    "dirichlet": Representation(
        r"\frac{x \sim \operatorname{Dir}(a)}{g_k \sim \Gamma(a_k, 1) \qquad x_k = g_k / \textstyle\sum_j g_j}",
        {"_gamma": _standard_gamma("a")},
        lambda ops, p, g: ops.normalized(g),
    ),
    "beta": Representation(
        r"\frac{x \sim B(\alpha, \beta)}{g \sim \Gamma(\alpha, 1) \qquad h \sim \Gamma(\beta, 1) \qquad x = g / (g + h)}",
        {"_gamma": _standard_gamma("alpha"), "_rest": _standard_gamma("beta")},
        lambda ops, p, g, h: ops.true_div(g, ops.add(g, h)),
    ),
    "chisquared": Representation(
        r"\frac{x \sim \chi^2(\nu)}{g \sim \Gamma(\nu / 2, 1) \qquad x = 2 g}",
        {"_gamma": lambda ops, p: ("gamma", ops.mul(ops.constant(0.5), p["nu"]), _one(ops))},
        lambda ops, p, g: ops.mul(ops.constant(2.0), g),
    ),
    "moyal": Representation(
        r"\frac{x \sim \operatorname{Moyal}(\mu, \sigma)}"
        r"{g \sim \Gamma(\tfrac{1}{2}, \tfrac{1}{2}) \qquad x = \mu - \sigma \log g}",
        {"_gamma": lambda ops, p: ("gamma", ops.constant(0.5), ops.constant(0.5))},
        lambda ops, p, g: ops.sub(p["mu"], ops.mul(p["sigma"], ops.log(g))),
    ),
}

STICKS = {
    "dirichlet": Representation(
        r"\frac{x \sim \operatorname{Dir}(a)}{v_k \sim B(a_k, \textstyle\sum_{j > k} a_j),\; k < K \qquad "
        r"x_k = v_k \textstyle\prod_{j < k} (1 - v_j),\; v_K = 1}",
        {"_stick": lambda ops, p: ("beta", ops.all_but_last(p["a"]), ops.sums_after(p["a"]))},
        lambda ops, p, v: ops.broken(v),
        shapes={"_stick": lambda shape: (*shape[:-1], shape[-1] - 1)},
    ),
}

SPLIT = {
    "gamma": Representation(
        r"\frac{x \sim \Gamma(\alpha, \beta)}{g \sim \Gamma(\alpha + 1, \beta) \qquad u \sim U(0, 1) \qquad "
        r"x = g\, u^{1 / \alpha}}",
        {
            "_gamma": lambda ops, p: ("gamma", ops.add(p["alpha"], _one(ops)), p["beta"]),
            "_uniform": _uniform,
        },
        lambda ops, p, g, u: ops.mul(g, ops.pow(u, ops.reciprocal(p["alpha"]))),
    ),
    "inversegamma": Representation(
        r"\frac{x \sim \operatorname{Gamma^{-1}}(\alpha, \beta)}"
        r"{g \sim \operatorname{Gamma^{-1}}(\alpha + 1, \beta) \qquad u \sim U(0, 1) \qquad x = g\, u^{-1 / \alpha}}",
        {
            "_gamma": lambda ops, p: ("inversegamma", ops.add(p["alpha"], _one(ops)), p["beta"]),
            "_uniform": _uniform,
        },
        lambda ops, p, g, u: ops.true_div(g, ops.pow(u, ops.reciprocal(p["alpha"]))),
    ),
}


def _diagonal(ops, p):
    """Return the law of chi squared variables with as many degrees of freedom as `nu`, one less, ..."""
    freedom = ops.sub(p["nu"], ops.row_numbers(ops.first(p["V"])))
    return "gamma", ops.mul(ops.constant(0.5), freedom), ops.constant(0.5)


def _bartlett(ops, p, diagonal, below):
    root = ops.dot(ops.cholesky(p["V"]), ops.lower_triangle(ops.sqrt(diagonal), below))
    return ops.dot(root, ops.transpose(root))


FACTORS = {
    "matrixnormal": Representation(
        r"\frac{X \sim \operatorname{MN}(M, A A', B B')}{z_{ij} \sim N(0, 1) \qquad X = M + A z B'}",
        {"_offset": lambda ops, p: ("normal", ops.constant(0.0), _one(ops))},
        lambda ops, p, z: ops.add(p["mu"], ops.dot(ops.dot(p["rowchol"], z), ops.transpose(p["colchol"]))),
    ),
    "wishart": Representation(
        r"\frac{X \sim \operatorname{W}(\nu, L L')}{a_{ii}^2 \sim \chi^2(\nu - i + 1) \qquad a_{ij} \sim N(0, 1),\; i > j "
        r"\qquad X = L A A' L'}",
        {"_diagonal": _diagonal, "_below": lambda ops, p: ("normal", ops.constant(0.0), _one(ops))},
        _bartlett,
        shapes={"_diagonal": lambda shape: shape[:1], "_below": lambda shape: (shape[0] * (shape[0] - 1) // 2,)},
    ),
}
