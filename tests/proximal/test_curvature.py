"""Negative log likelihoods as users spell them: convex, or not known to be."""

from importlib import import_module

import numpy as np
import pytest

from symbolic_pymc.meta import metatize
from symbolic_pymc.proximal.objective import Objective
from symbolic_pymc.proximal.shapes import CONVEX
from symbolic_pymc.proximal.split import parts_of

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(5, 3)), rng.normal(size=5)
COUNTS, SIGNS = rng.poisson(3.0, size=5), np.r_[1.0, -1.0, 1.0, 1.0, -1.0]


def _linear(t, w):
    return t.dot(X, w)


def _softplus(t, x):
    return (t.nnet if hasattr(t, "nnet") else t).softplus(x)


def _positive(t, x, value):
    return t.switch(x > 0, value, np.inf)


# functions of a vector `w` of three elements
IS_CONVEX = {
    "squares": lambda t, w: t.sum((Y - _linear(t, w)) ** 2),
    "logistic": lambda t, w: t.sum(_softplus(t, -SIGNS * _linear(t, w))),
    "Poisson": lambda t, w: t.sum(t.exp(_linear(t, w)) - COUNTS * _linear(t, w)),
    "absolute": lambda t, w: t.sum(abs(w)),
    "gamma": lambda t, w: t.sum(_positive(t, w, 2 * w - 1.5 * t.log(w))),
    "beta": lambda t, w: -t.sum(1.5 * t.log(w) + 0.5 * t.log(1 - w)),
    "Gumbel": lambda t, w: t.sum(w + t.exp(-w)),
    "logistic density": lambda t, w: t.sum(w + 2 * _softplus(t, -w)),
    "log cosh": lambda t, w: t.sum(_softplus(t, 2 * w) - w),
    "mean and precision": lambda t, w: -5 * t.log(w[0]) + 0.5 * t.sum((w[0] * Y - X[:, 0] * w[1]) ** 2),
    "probit": lambda t, w: -t.sum(t.log(0.5 * t.erfc(-SIGNS * _linear(t, w) / np.sqrt(2)))),
    "probit of a residual": lambda t, w: -t.sum(t.log(0.5 * t.erfc((Y - _linear(t, w)) / 2))),
    "Weibull": lambda t, w: t.sum(_positive(t, w, 0.8 * w**1.5 - 0.5 * t.log(w))),
    "rate": lambda t, w: t.sum(_positive(t, w, 3.0 * w - t.log(w))),
    "negative binomial": lambda t, w: t.sum((COUNTS + 2.0) * _softplus(t, _linear(t, w)) - COUNTS * _linear(t, w)),
    "hinge": lambda t, w: t.sum(t.maximum(0, 1 - SIGNS * _linear(t, w))),
    "log of a sum of exponentials": lambda t, w: t.log(t.sum(t.exp(_linear(t, w)))) - t.sum(w),
    "square written out": lambda t, w: t.sum(w**2 - 2 * w + 1),
    # beyond the composition of their parts
    "logarithm of one plus": lambda t, w: t.sum(t.log(1 + t.exp(_linear(t, w)))),
    "root": lambda t, w: t.sum(t.sqrt(1 + w**2)),
    "smoothed absolute": lambda t, w: t.sum(abs(w) - t.log(1 + abs(w))),
    "negative binomial, spelt out": lambda t, w: t.sum(
        (COUNTS + 2.0) * t.log(2.0 + t.exp(_linear(t, w))) - COUNTS * _linear(t, w)
    ),
    "product": lambda t, w: t.sum((w - 1) * (w - 1)),
    "x log x": lambda t, w: t.sum(w * t.log(w)),
}
IS_NOT = {
    "Cauchy": lambda t, w: t.sum(t.log(1 + _linear(t, w) ** 2)),
    "log of absolute": lambda t, w: t.sum(t.log(1 + abs(w))),
    "variance": lambda t, w: t.sum(_positive(t, w, t.log(w) + 2.0 / w)),
    "bilinear": lambda t, w: w[0] * w[1],
    "sine": lambda t, w: t.sum(t.sin(w)),
}


def verdicts(backend, make):
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    w = backend.tensor.dvector("w")
    adapter = import_module(f"symbolic_pymc.{backend.name}.adapter").ADAPTER
    assert adapter.ops is ops
    objective = Objective(adapter, {"w": metatize(w)}, (("w", metatize(make(backend.tensor, w))),), (), {})
    return {part.curvature for part in parts_of(objective)}


@pytest.mark.parametrize("name", IS_CONVEX)
def test_convex(backend, name):
    assert verdicts(backend, IS_CONVEX[name]) == {CONVEX}


@pytest.mark.parametrize("name", IS_NOT)
def test_not_convex(backend, name):
    assert verdicts(backend, IS_NOT[name]) - {CONVEX}
