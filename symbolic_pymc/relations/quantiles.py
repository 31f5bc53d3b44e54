r"""Inverse distribution functions, elementwise: row by row what :math:`F^{-1}(u)` is.

Each row has LaTeX and a function ``quantile(ops, p, u)`` of the parameters `p` of the distribution, as
`symbolic_pymc.relations.laws` calls them, and a uniform `u`.  All are increasing; the upper tail is written with
``log1p(-u)``, so that no digits of `u` are lost in it.
"""

import numpy as np


def _minus_log_rest(ops, u):
    """Return the quantile of the standard exponential distribution."""
    return ops.neg(ops.log1p(ops.neg(u)))


def _scores(ops, u):
    """Return the standard normal quantile."""
    return ops.mul(ops.constant(-np.sqrt(2.0)), ops.erfcinv(ops.mul(ops.constant(2.0), u)))


def _half_scores(ops, u):
    return ops.mul(ops.constant(np.sqrt(2.0)), ops.erfinv(u))


def _logits(ops, u):
    return ops.add(ops.log(u), _minus_log_rest(ops, u))


def _gumbels(ops, u):
    return ops.neg(ops.log(ops.neg(ops.log(u))))


def _moyals(ops, u):
    return ops.neg(ops.log(ops.mul(ops.constant(2.0), ops.sqr(ops.erfcinv(u)))))


def _cauchys(ops, u):
    """Return the tangent of u - 1/2 half turns, as minus the cotangent of u, which keeps the digits of a small u."""
    return ops.neg(ops.reciprocal(ops.tan(ops.mul(ops.constant(np.pi), u))))


def _half_cauchys(ops, u):
    return ops.tan(ops.mul(ops.constant(np.pi / 2.0), u))


def _laplaces(ops, u):
    two = ops.constant(2.0)
    rest = ops.mul(two, ops.sub(ops.constant(1.0), u))
    return ops.switch(ops.gt(u, ops.constant(0.5)), ops.neg(ops.log(rest)), ops.log(ops.mul(two, u)))


def _line(standard, loc, scale):
    """Return the quantile of a family of locations and scales from that of its standard member."""
    return lambda ops, p, u: ops.add(p[loc], ops.mul(p[scale], standard(ops, u)))


def _times(standard, scale):
    return lambda ops, p, u: ops.mul(p[scale], standard(ops, u))


def _pareto(ops, p, u):
    return ops.mul(p["m"], ops.exp(ops.true_div(_minus_log_rest(ops, u), p["alpha"])))


def _weibull(ops, p, u):
    return ops.mul(p["beta"], ops.pow(_minus_log_rest(ops, u), ops.reciprocal(p["alpha"])))


def _kumaraswamy(ops, p, u):
    below = ops.neg(ops.expm1(ops.true_div(ops.log1p(ops.neg(u)), p["b"])))
    return ops.pow(below, ops.reciprocal(p["a"]))


def _asymmetric(ops, p, u):
    one, square = ops.constant(1.0), ops.sqr(p["kappa"])
    both = ops.add(one, square)
    left = ops.mul(ops.true_div(p["kappa"], p["b"]), ops.log(ops.true_div(ops.mul(u, both), square)))
    right = ops.true_div(ops.log(ops.mul(ops.sub(one, u), both)), ops.mul(p["b"], p["kappa"]))
    side = ops.switch(ops.gt(ops.mul(u, both), square), ops.neg(right), left)
    return ops.add(p["mu"], side)


def _triangular(ops, p, u):
    left, right = ops.sub(p["c"], p["lower"]), ops.sub(p["upper"], p["c"])
    whole = ops.sub(p["upper"], p["lower"])
    rising = ops.add(p["lower"], ops.sqrt(ops.mul(u, ops.mul(whole, left))))
    falling = ops.sub(p["upper"], ops.sqrt(ops.mul(ops.sub(ops.constant(1.0), u), ops.mul(whole, right))))
    return ops.switch(ops.gt(ops.mul(u, whole), left), falling, rising)


QUANTILES = {
    "normal": (r"\mu + \sigma\, \Phi^{-1}(u)", _line(_scores, "mu", "sigma")),
    "cauchy": (r"\alpha + \beta \tan \pi(u - \tfrac{1}{2})", _line(_cauchys, "alpha", "beta")),
    "laplace": (r"\mu - b\, \operatorname{sign}(u - \tfrac{1}{2}) \log(1 - |2u - 1|)", _line(_laplaces, "mu", "b")),
    "logistic": (r"\mu + s \log \frac{u}{1 - u}", _line(_logits, "mu", "s")),
    "gumbel": (r"\mu - \beta \log(-\log u)", _line(_gumbels, "mu", "beta")),
    "moyal": (r"\mu - \sigma \log\bigl(2 \operatorname{erfc}^{-1}(u)^2\bigr)", _line(_moyals, "mu", "sigma")),
    "asymmetriclaplace": (
        r"\mu + \tfrac{\kappa}{b} \log \tfrac{u (1 + \kappa^2)}{\kappa^2} \text{ below, }"
        r" \mu - \tfrac{1}{b \kappa} \log (1 - u)(1 + \kappa^2) \text{ above } \mu",
        _asymmetric,
    ),
    "uniform": (
        r"l + (h - l)\, u",
        lambda ops, p, u: ops.add(p["lower"], ops.mul(ops.sub(p["upper"], p["lower"]), u)),
    ),
    "triangular": (
        r"l + \sqrt{u (h - l)(c - l)} \text{ below, } h - \sqrt{(1 - u)(h - l)(h - c)} \text{ above } c",
        _triangular,
    ),
    "exponential": (
        r"-\log(1 - u) / \lambda",
        lambda ops, p, u: ops.true_div(_minus_log_rest(ops, u), p["lam"]),
    ),
    "halfnormal": (r"\sigma \sqrt{2} \operatorname{erf}^{-1}(u)", _times(_half_scores, "sigma")),
    "halfcauchy": (r"\beta \tan \tfrac{\pi}{2} u", _times(_half_cauchys, "beta")),
    "weibull": (r"\beta\, (-\log(1 - u))^{1 / \alpha}", _weibull),
    "pareto": (r"m\, (1 - u)^{-1 / \alpha}", _pareto),
    "kumaraswamy": (r"\bigl(1 - (1 - u)^{1 / b}\bigr)^{1 / a}", _kumaraswamy),
    "lognormal": (
        r"e^{\mu + \sigma \Phi^{-1}(u)}",
        lambda ops, p, u: ops.exp(_line(_scores, "mu", "sigma")(ops, p, u)),
    ),
    "logitnormal": (
        r"\operatorname{logit}^{-1}(\mu + \sigma \Phi^{-1}(u))",
        lambda ops, p, u: ops.sigmoid(_line(_scores, "mu", "sigma")(ops, p, u)),
    ),
}
