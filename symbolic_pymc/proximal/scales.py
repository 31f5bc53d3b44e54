"""Objectives on the scales of transformed unknowns."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import expit, logit

from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.parts import substitute


@dataclass(frozen=True)
class Scale:
    r"""The numbers above one end, or between two, as a function of any number.

    .. math::

        x = a + e^t \quad\text{or}\quad x = a + \frac{b - a}{1 + e^{-t}}

    Parameters
    ----------
    low : number or array
    high : number or array, or None
    """

    low: Any
    high: Any = None

    @property
    def name(self):
        """Return the name of the transform that leads to the line."""
        return "log" if self.high is None else "logit"

    def __str__(self):
        positive = "positive" if np.all(self.low == 0.0) else f"larger than {self.low}"
        return positive if self.high is None else f"between {self.low} and {self.high}"

    def term(self, ops, t):
        """Return the unknown as a term."""
        x, length = (ops.exp(t), 1.0) if self.high is None else (ops.sigmoid(t), self.high - self.low)
        x = x if np.all(length == 1.0) else ops.mul(ops.constant(np.asarray(length, float)), x)
        return x if np.all(self.low == 0.0) else ops.add(ops.constant(np.asarray(self.low, float)), x)

    def __call__(self, t):
        """Return the unknown as an array."""
        return self.low + (np.exp(t) if self.high is None else (self.high - self.low) * expit(t))

    def inverse(self, x):
        """Return what an array is the value of."""
        return np.log(x - self.low) if self.high is None else logit((x - self.low) / (self.high - self.low))

    def has(self, x):
        """Tell whether all elements of an array are inside."""
        return bool(np.all(x > self.low) and (self.high is None or np.all(x < self.high)))

    def log_jacobian(self, ops, t):
        """Return the logarithm of the derivative, up to a constant."""
        return t if self.high is None else ops.neg(ops.add(ops.softplus(t), ops.softplus(ops.neg(t))))


LOG, LOGIT = Scale(0.0), Scale(0.0, 1.0)


def on_scale(objective, scales, jacobian=False):
    r"""Return an `Objective` in the transformed values of some unknowns.

    .. math::

        \tilde\phi(t) = \phi(e^t) \quad\text{or}\quad \phi\Bigl(\frac{1}{1 + e^{-t}}\Bigr)

    A term that is not convex in a positive unknown may be in its logarithm.

    Parameters
    ----------
    objective : Objective
    scales : dict of str to Scale
        For an unknown, by name.
    jacobian : bool
        Whether the densities are those of the transformed values; those of the unknowns themselves by default.
    """
    ops, inputs, moved = objective.adapter.ops, dict(objective.inputs), {}
    jacobians = {}
    for name, scale in scales.items():
        (base,) = reify_many((inputs[name],))
        inputs[name] = metatize(base.type(f"{name}_{scale.name}"))
        moved[objective.inputs[name]] = scale.term(ops, inputs[name])
        if jacobian:
            jacobians[name] = scale.log_jacobian(ops, inputs[name])
    moved = tuple(
        (name, substitute(ops.sub(term, jacobians[name]) if name in jacobians else term, moved))
        for name, term in objective.terms
    )
    return replace(objective, inputs=inputs, terms=moved, scales=objective.scales | scales)
