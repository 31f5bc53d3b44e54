"""Penalties of one number as users would spell them, by name, with what is known of them.

A row is a function of a tensor module and a variable, the statement in LaTeX, and the verdict on its convexity.
"""

from dataclasses import dataclass
from typing import Callable

import numpy as np

from symbolic_pymc.proximal.shapes import CONVEX, NOT_CONVEX

INF = np.float64(np.inf)


@dataclass(frozen=True)
class Penalty:
    """A penalty: `statement` in LaTeX, `make(t, x)` its graph, `verdict` on convexity."""

    statement: str
    make: Callable
    verdict: str = CONVEX


def _abs(t, x):
    return getattr(t, "abs_", getattr(t, "abs", None))(x)


def _softplus(t, x):
    return (t.nnet if hasattr(t, "nnet") else t).softplus(x)


def _where(t, condition, value):
    return t.switch(condition, value, INF)


def _positive(t, x, value):
    return _where(t, x > 0, value)


def _huber(t, x, d):
    return t.switch(_abs(t, x) <= d, x**2 / 2, d * _abs(t, x) - d**2 / 2)


def _triangular(t, x, low, high):
    upper = t.switch(x < high, np.log(high) - t.log(high - x), INF)
    return t.switch(x <= low, INF, t.switch(x <= 0, np.log(-low) - t.log(x - low), upper))


def _scad(t, x, lam, a):
    size = _abs(t, x)
    middle = (2 * a * lam * size - x**2 - lam**2) / (2 * (a - 1))
    return t.switch(size <= lam, lam * size, t.switch(size <= a * lam, middle, np.float64(lam**2 * (a + 1) / 2)))


def _mcp(t, x, lam, b):
    size = _abs(t, x)
    return t.switch(size <= b * lam, lam * size - x**2 / (2 * b), np.float64(b * lam**2 / 2))


PENALTIES = {
    "Laplace": Penalty(r"w |x - \mu|", lambda t, x: 0.7 * _abs(t, x - 0.3)),
    "check": Penalty(r"-a x \;(x < 0), \quad b x \;(x \ge 0)", lambda t, x: t.switch(x < 0, -0.4 * x, 1.3 * x)),
    "normal": Penalty(r"t (x - \mu)^2", lambda t, x: 0.7 * t.sqr(x - 0.3)),
    "elastic net": Penalty(r"w |x| + t x^2", lambda t, x: 0.7 * _abs(t, x) + 0.4 * x**2),
    "power 4/3": Penalty(r"k |x|^{4/3}", lambda t, x: 0.7 * _abs(t, x) ** (4 / 3)),
    "power 3/2": Penalty(r"k |x|^{3/2}", lambda t, x: 0.7 * _abs(t, x) ** 1.5),
    "power 3": Penalty(r"k |x|^3", lambda t, x: 0.7 * _abs(t, x) ** 3),
    "power 4": Penalty(r"k x^4", lambda t, x: 0.7 * x**4),
    "power": Penalty(r"k |x|^p, \; p > 1", lambda t, x: 0.7 * _abs(t, x) ** 2.7),
    "Huber": Penalty(
        r"\lambda x^2 / 2 \;(|x| \le d), \quad \lambda (d |x| - d^2 / 2)", lambda t, x: 0.8 * _huber(t, x, 1.1)
    ),
    "maximum entropy": Penalty(
        r"w |x| + t x^2 + k |x|^p", lambda t, x: 0.5 * _abs(t, x) + 0.3 * x**2 + 0.6 * _abs(t, x) ** 1.5
    ),
    "smoothed Laplace": Penalty(
        r"w |x| - \log(1 + w |x|)", lambda t, x: 0.8 * _abs(t, x) - t.log(1 + 0.8 * _abs(t, x))
    ),
    "exponential": Penalty(r"w x, \; x \ge 0", lambda t, x: _where(t, x >= 0, 0.8 * x)),
    "gamma": Penalty(r"-k \log x + w x", lambda t, x: _positive(t, x, 0.8 * x - 1.5 * t.log(x))),
    "chi": Penalty(r"-k \log x + w x^2 / 2", lambda t, x: _positive(t, x, 0.4 * x**2 - 1.5 * t.log(x))),
    "uniform": Penalty(r"0, \; a \le x \le b", lambda t, x: _where(t, t.and_(x >= -0.5, x <= 0.8), 0.0 * x)),
    "triangular": Penalty(
        r"-\log(x - w_1) \;(w_1 < x \le 0), \quad -\log(w_2 - x) \;(0 < x < w_2)",
        lambda t, x: _triangular(t, x, -1.0, 2.0),
    ),
    "Weibull": Penalty(r"-k \log x + w x^p", lambda t, x: _positive(t, x, 0.8 * x**1.5 - 0.5 * t.log(x))),
    "generalised inverse Gaussian": Penalty(
        r"-k \log x + w x + r / x", lambda t, x: _positive(t, x, 0.8 * x - 0.5 * t.log(x) + 0.4 / x)
    ),
    "beta": Penalty(r"-k_1 \log x - k_2 \log(1 - x)", lambda t, x: -0.5 * t.log(x) - 1.2 * t.log(1 - x)),
    "half normal": Penalty(r"t x^2, \; x \ge 0", lambda t, x: _where(t, x >= 0, 0.7 * x**2)),
    "logarithmic barrier": Penalty(r"-\lambda \log x", lambda t, x: -0.7 * t.log(x)),
    "entropy": Penalty(r"\lambda x \log x", lambda t, x: 0.7 * x * t.log(x)),
    "exponential function": Penalty(r"\lambda e^x", lambda t, x: 0.7 * t.exp(x)),
    "Poisson, log link": Penalty(r"\lambda (e^x - y x)", lambda t, x: 0.7 * (t.exp(x) - 2.0 * x)),
    "Gumbel": Penalty(r"\lambda (x + e^{-x})", lambda t, x: 0.7 * (x + t.exp(-x))),
    "reciprocal": Penalty(r"\lambda / x", lambda t, x: _positive(t, x, 0.7 / x)),
    "hinge": Penalty(r"\lambda \max(0, 1 - x)", lambda t, x: 0.7 * t.maximum(0, 1 - x)),
    "squared hinge": Penalty(r"\lambda \max(0, 1 - x)^2", lambda t, x: 0.7 * t.maximum(0, 1 - x) ** 2),
    "insensitive": Penalty(r"\lambda \max(|x| - \epsilon, 0)", lambda t, x: 0.7 * t.maximum(_abs(t, x) - 0.5, 0)),
    "logistic loss": Penalty(r"\lambda \log(1 + e^x)", lambda t, x: 0.7 * t.log(1 + t.exp(x))),
    "softplus": Penalty(r"\lambda \operatorname{softplus}(x)", lambda t, x: 0.7 * _softplus(t, x)),
    "logistic density": Penalty(r"x + 2 \log(1 + e^{-x})", lambda t, x: x + 2 * t.log(1 + t.exp(-x))),
    "pseudo-Huber": Penalty(r"\lambda \sqrt{x^2 + d^2}", lambda t, x: 0.7 * t.sqrt(x**2 + 0.6)),
    "Cauchy": Penalty(r"\lambda \log(d + x^2)", lambda t, x: 3.7 * t.log(0.5 + x**2), NOT_CONVEX),
    "half Cauchy": Penalty(
        r"\lambda \log(d + x^2), \; x \ge 0", lambda t, x: _where(t, x >= 0, 3.7 * t.log(0.5 + x**2)), NOT_CONVEX
    ),
    "double Pareto": Penalty(
        r"\gamma \log(1 + |x| / a), \; \gamma < a^2", lambda t, x: 0.7 * t.log(1 + _abs(t, x) / 1.1), NOT_CONVEX
    ),
    "steep double Pareto": Penalty(
        r"\gamma \log(1 + |x| / a), \; \gamma > a^2", lambda t, x: 3.7 * t.log(1 + _abs(t, x) / 0.6), NOT_CONVEX
    ),
    "spike": Penalty(r"\lambda\, 1[x \ne 0]", lambda t, x: t.switch(t.eq(x, 0), 0.0 * x, 0.7), NOT_CONVEX),
    "power 1/2": Penalty(r"\lambda |x|^{1/2}", lambda t, x: 0.7 * t.sqrt(_abs(t, x)), NOT_CONVEX),
    "power 2/3": Penalty(r"\lambda |x|^{2/3}", lambda t, x: 0.7 * _abs(t, x) ** (2 / 3), NOT_CONVEX),
    "bridge": Penalty(r"\lambda |x|^q, \; q < 1", lambda t, x: 0.7 * _abs(t, x) ** 0.3, NOT_CONVEX),
    "SCAD": Penalty(r"\operatorname{SCAD}(\lambda, a)", lambda t, x: _scad(t, x, 0.5, 3.7), NOT_CONVEX),
    "MCP": Penalty(r"\operatorname{MCP}(\lambda, b)", lambda t, x: _mcp(t, x, 0.5, 3.0), NOT_CONVEX),
    "capped": Penalty(r"\lambda \min(|x|, \theta)", lambda t, x: 0.7 * t.minimum(_abs(t, x), 1.2), NOT_CONVEX),
    "inverse gamma": Penalty(r"a \log x + b / x", lambda t, x: _positive(t, x, 2.5 * t.log(x) + 0.8 / x), NOT_CONVEX),
    "Pareto": Penalty(r"c \log x, \; x \ge m", lambda t, x: _where(t, x >= 0.5, 2.5 * t.log(x)), NOT_CONVEX),
    "lognormal": Penalty(
        r"\log x + k (\log x)^2", lambda t, x: _positive(t, x, t.log(x) + 0.5 * t.log(x) ** 2), NOT_CONVEX
    ),
}
