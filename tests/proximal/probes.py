"""Negative log likelihoods as users spell them, functions of a vector `w` of three elements, and what is true of them.

`DCP` says what the rules of composition alone make of the plain spelling of each.
"""

from dataclasses import dataclass
from typing import Callable

import numpy as np

from symbolic_pymc.proximal.shapes import CONVEX, NOT_CONVEX, UNKNOWN

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(5, 3)), rng.normal(size=5)
COUNTS, SIGNS = rng.poisson(3.0, size=5), np.r_[1.0, -1.0, 1.0, 1.0, -1.0]


@dataclass(frozen=True)
class Probe:
    """A function: how it is written, how it is made, what is true of it, and what rules of composition make of it."""

    statement: str
    make: Callable
    truth: str = CONVEX
    dcp: str = CONVEX


def _linear(t, w):
    return t.dot(X, w)


def _softplus(t, x):
    return (t.nnet if hasattr(t, "nnet") else t).softplus(x)


def _positive(t, x, value):
    return t.switch(x > 0, value, np.inf)


def _entropy(t, w):
    return t.switch(w > 0, w * t.log(w), t.switch(t.eq(w, 0), np.float64(0.0), np.inf))


PROBES = {
    "squares": Probe(r"\|y - X w\|^2", lambda t, w: t.sum((Y - _linear(t, w)) ** 2)),
    "logistic": Probe(
        r"\operatorname{softplus}(-s\, r), \; r = X w", lambda t, w: t.sum(_softplus(t, -SIGNS * _linear(t, w)))
    ),
    "Poisson": Probe(r"e^r - y\, r", lambda t, w: t.sum(t.exp(_linear(t, w)) - COUNTS * _linear(t, w))),
    "absolute": Probe(r"|w|", lambda t, w: t.sum(abs(w))),
    "length of one and all": Probe(r"\|(1, w)\|", lambda t, w: t.sqrt(1 + t.sum(w**2))),
    "gamma": Probe(r"2 w - 1.5 \log w, \; w > 0", lambda t, w: t.sum(_positive(t, w, 2 * w - 1.5 * t.log(w)))),
    "beta": Probe(r"-1.5 \log w - 0.5 \log(1 - w)", lambda t, w: -t.sum(1.5 * t.log(w) + 0.5 * t.log(1 - w))),
    "Gumbel": Probe(r"w + e^{-w}", lambda t, w: t.sum(w + t.exp(-w))),
    "logistic density": Probe(r"w + 2 \operatorname{softplus}(-w)", lambda t, w: t.sum(w + 2 * _softplus(t, -w))),
    "log cosh": Probe(r"\operatorname{softplus}(2 w) - w", lambda t, w: t.sum(_softplus(t, 2 * w) - w)),
    "mean and precision": Probe(
        r"-n \log \tau + \tfrac{1}{2} \|\tau y - x\, \theta\|^2, \; w = (\tau, \theta)",
        lambda t, w: -5 * t.log(w[0]) + 0.5 * t.sum((w[0] * Y - X[:, 0] * w[1]) ** 2),
    ),
    "probit": Probe(
        r"-\log \Phi(s\, r)", lambda t, w: -t.sum(t.log(0.5 * t.erfc(-SIGNS * _linear(t, w) / np.sqrt(2))))
    ),
    "Weibull": Probe(
        r"0.8 w^{1.5} - 0.5 \log w, \; w > 0", lambda t, w: t.sum(_positive(t, w, 0.8 * w**1.5 - 0.5 * t.log(w)))
    ),
    "rate": Probe(r"3 w - \log w, \; w > 0", lambda t, w: t.sum(_positive(t, w, 3.0 * w - t.log(w)))),
    "negative binomial": Probe(
        r"(y + 2) \operatorname{softplus}(r) - y\, r",
        lambda t, w: t.sum((COUNTS + 2.0) * _softplus(t, _linear(t, w)) - COUNTS * _linear(t, w)),
    ),
    "hinge": Probe(r"\max(0, 1 - s\, r)", lambda t, w: t.sum(t.maximum(0, 1 - SIGNS * _linear(t, w)))),
    "log of a sum of exponentials": Probe(
        r"\log \sum_i e^{r_i} - \sum_i w_i", lambda t, w: t.log(t.sum(t.exp(_linear(t, w)))) - t.sum(w)
    ),
    "square written out": Probe(r"w^2 - 2 w + 1", lambda t, w: t.sum(w**2 - 2 * w + 1)),
    "negative entropy": Probe(r"w \log w, \; 0 \text{ at } 0", lambda t, w: t.sum(_entropy(t, w))),
    "logarithm of one plus": Probe(r"\log(1 + e^r)", lambda t, w: t.sum(t.log(1 + t.exp(_linear(t, w)))), dcp=UNKNOWN),
    "root": Probe(r"\sqrt{1 + w^2}", lambda t, w: t.sum(t.sqrt(1 + w**2)), dcp=UNKNOWN),
    "smoothed absolute": Probe(r"|w| - \log(1 + |w|)", lambda t, w: t.sum(abs(w) - t.log(1 + abs(w))), dcp=UNKNOWN),
    "negative binomial, spelt out": Probe(
        r"(y + 2) \log(2 + e^r) - y\, r",
        lambda t, w: t.sum((COUNTS + 2.0) * t.log(2.0 + t.exp(_linear(t, w))) - COUNTS * _linear(t, w)),
        dcp=UNKNOWN,
    ),
    "product": Probe(r"(w - 1) (w - 1)", lambda t, w: t.sum((w - 1) * (w - 1)), dcp=UNKNOWN),
    "x log x": Probe(r"w \log w", lambda t, w: t.sum(w * t.log(w)), dcp=UNKNOWN),
    "Cauchy": Probe(r"\log(1 + r^2)", lambda t, w: t.sum(t.log(1 + _linear(t, w) ** 2)), NOT_CONVEX, UNKNOWN),
    "log of absolute": Probe(r"\log(1 + |w|)", lambda t, w: t.sum(t.log(1 + abs(w))), NOT_CONVEX, UNKNOWN),
    "variance": Probe(
        r"\log w + 2 / w, \; w > 0", lambda t, w: t.sum(_positive(t, w, t.log(w) + 2.0 / w)), NOT_CONVEX, UNKNOWN
    ),
}
MORE = {
    "probit of a residual": Probe(
        r"-\log \Phi(r - y)", lambda t, w: -t.sum(t.log(0.5 * t.erfc((Y - _linear(t, w)) / 2)))
    ),
    "bilinear": Probe(r"w_1 w_2", lambda t, w: w[0] * w[1], NOT_CONVEX, UNKNOWN),
    "sine": Probe(r"\sin w", lambda t, w: t.sum(t.sin(w)), NOT_CONVEX, UNKNOWN),
}
