r"""Rules of proximal operators: how that of a changed penalty comes from that of the penalty.

A rule has a statement in LaTeX, the penalty ``make(t, x)`` as it is spelt, and ``expected(prox, z, step)``, its operator
by the rule; ``prox(z, step)`` is that of the penalty `BASE`, which is coded here on its own.
"""

from dataclasses import dataclass
from typing import Callable

import numpy as np


def base(t, x):
    """Return ``0.7 |x - 0.3| + e**x / 2`` at `x`."""
    return 0.7 * abs(x - 0.3) + 0.5 * t.exp(x)


def base_prox(z, step):
    """Return its operator: on either side of the kink a root, found by bisection."""
    z, step = np.broadcast_arrays(np.asarray(z, float), step)
    low, high = np.full(z.shape, -1e3), np.maximum(z, 0.3) + 1.0
    for _ in range(200):
        x = 0.5 * (low + high)
        with np.errstate(over="ignore"):
            up = x - z + step * (0.7 * np.where(x >= 0.3, 1.0, -1.0) + 0.5 * np.exp(x)) > 0
        low, high = np.where(up, low, x), np.where(up, x, high)
    return high


@dataclass(frozen=True)
class Rule:
    """A rule: `statement` in LaTeX, `make` the penalty that it is about, `expected` its operator by the rule."""

    statement: str
    make: Callable
    expected: Callable


def soft(z, w):
    return np.sign(z) * np.maximum(np.abs(z) - w, 0)


def _regularized(prox, z, step, r=0.8, a=-0.4):
    return prox((z + step * r * a) / (1 + step * r), step / (1 + step * r))


def _even(t, x):
    return 0.5 * x**2 + 0.3 * abs(x) ** 3


def _even_prox(z, step):
    scale = 1 + step
    return np.sign(z) * (np.sqrt(scale**2 + 3.6 * step * np.abs(z)) - scale) / (1.8 * step)


CALCULUS = {
    "scaled argument": Rule(
        r"\operatorname{prox}_{\phi(\cdot / r)}(z) = r \operatorname{prox}_{\phi / r^2}(z / r)",
        lambda t, x: base(t, x / 1.6),
        lambda prox, z, step: 1.6 * prox(z / 1.6, step / 1.6**2),
    ),
    "translation": Rule(
        r"\operatorname{prox}_{\phi(\cdot - b)}(z) = b + \operatorname{prox}_\phi(z - b)",
        lambda t, x: base(t, x - 0.9),
        lambda prox, z, step: 0.9 + prox(z - 0.9, step),
    ),
    "affine argument": Rule(
        r"\operatorname{prox}_{\phi(r \cdot + b)}(z) = (\operatorname{prox}_{r^2 \phi}(r z + b) - b) / r",
        lambda t, x: base(t, -1.3 * x + 0.9),
        lambda prox, z, step: (prox(-1.3 * z + 0.9, 1.3**2 * step) - 0.9) / -1.3,
    ),
    "tilt": Rule(
        r"\operatorname{prox}_{\phi + a \cdot + c}(z) = \operatorname{prox}_\phi(z - a)",
        lambda t, x: base(t, x) - 0.6 * x + 2.0,
        lambda prox, z, step: prox(z + 0.6 * step, step),
    ),
    "square": Rule(
        r"\operatorname{prox}_{\phi + \frac{r}{2} (\cdot - a)^2}(z)"
        r" = \operatorname{prox}_{\phi / (1 + r)}\Bigl(\frac{z + r a}{1 + r}\Bigr)",
        lambda t, x: base(t, x) + 0.4 * (x + 0.4) ** 2,
        _regularized,
    ),
    "reflection": Rule(
        r"\operatorname{prox}_{\phi(-\cdot)}(z) = -\operatorname{prox}_\phi(-z)",
        lambda t, x: base(t, -x),
        lambda prox, z, step: -prox(-z, step),
    ),
    "interval": Rule(
        r"\operatorname{prox}_{\phi + \iota_{[a, b]}}(z) = \min(\max(\operatorname{prox}_\phi(z), a), b)",
        lambda t, x: t.switch(t.and_(x >= -0.5, x <= 0.8), base(t, x), np.inf),
        lambda prox, z, step: np.clip(prox(z, step), -0.5, 0.8),
    ),
    "absolute value beside a function that is least at zero": Rule(
        r"\operatorname{prox}_{\phi + w |\cdot|}(z) = \operatorname{prox}_\phi(\operatorname{soft}(z, w))",
        lambda t, x: _even(t, x) + 0.9 * abs(x),
        lambda prox, z, step: _even_prox(soft(z, 0.9 * step), step),
    ),
    "factor and constant": Rule(
        r"\operatorname{prox}_{a \phi + c}(z) = \operatorname{prox}_{(a) \phi}(z), \; a > 0",
        lambda t, x: 2.5 * base(t, x) + 1.0,
        lambda prox, z, step: prox(z, 2.5 * step),
    ),
    "envelope": Rule(
        r"\operatorname{prox}_{\gamma\, e_m \phi}(z) = z + \frac{\gamma}{m + \gamma}"
        r" (\operatorname{prox}_{(m + \gamma) \phi}(z) - z), \; \phi = |\cdot|",
        lambda t, x: t.switch(abs(x) <= 0.7, x**2 / 1.4, abs(x) - 0.35),
        lambda prox, z, step: z + step / (0.7 + step) * (soft(z, 0.7 + step) - z),
    ),
    "smaller of two": Rule(
        r"\operatorname{prox}_{\min_i \phi_i}(z) \text{ is the best of all } \operatorname{prox}_{\phi_i}(z)",
        lambda t, x: t.minimum(0.5 * abs(x), 0.9),
        lambda prox, z, step: _better(z, step),
    ),
}


def _better(z, step):
    shrunk = soft(z, 0.5 * step)
    costs = [0.5 * (x - z) ** 2 + step * np.minimum(0.5 * np.abs(x), 0.9) for x in (shrunk, z)]
    return np.where(costs[0] <= costs[1], shrunk, z)
