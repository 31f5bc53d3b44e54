r"""Duality gaps: how far an estimate can be from the optimum, at most.

For convex functions f of an affine argument :math:`a = A\beta + c` and :math:`\phi` of the unknowns themselves, every
u is a witness.  With :math:`u = s\,f'(a)` and :math:`g = A^\top f'(a)`, which needs no A,

.. math::

    0 \le F(\beta) - F^* \le
    \left[f(a) + f^*(u) - u^\top a\right] + \left[\phi(\beta) + \phi^*(-s\,g) + s\,g^\top\beta\right]

where s in [0, 1] is as large as the domains of the conjugates let it be.
"""

import numpy as np

from symbolic_pymc.meta import reify_many
from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.conjugate_values import NoConjugate
from symbolic_pymc.proximal.numbers import grouped, numeric_of, point_of
from symbolic_pymc.proximal.shapes import CONVEX

HALVINGS = 100


def duality_gap(split, values):
    """Return an upper bound of the distance of the objective from its optimum; None where a conjugate is not known."""
    if split.curvature != CONVEX or split.composites or split.objective.logs:
        return None
    try:
        with split.objective.adapter.build_context():
            return _Duality(split, values).gap()
    except (Unknown, NoConjugate):
        return None


class _Duality:
    """The functions of a split objective, with numbers for everything, at one point."""

    def __init__(self, split, values):
        self.objective, self.adapter = split.objective, split.objective.adapter
        inputs = self.objective.inputs
        self.bases = reify_many(tuple(inputs.values()))
        self.arrays = [np.asarray(values[name], dtype=base.dtype) for name, base in zip(inputs, self.bases)]
        self.values = dict(zip(inputs, self.arrays))
        losses, penalties = grouped(split)
        at = point_of(self.objective, self.values)
        self.losses = [numeric_of(self.adapter, at, part.function, part.argument) for part in losses]
        self.penalties = {name: numeric_of(self.adapter, at, f, inputs[name])[0] for name, f in penalties.items()}
        total = self.adapter.zero()
        for base in reify_many(tuple(part.term for part in losses)):
            total = total + base.sum()
        slopes = self.adapter.gradient(total, list(self.bases))
        self.total, *gradients = self.adapter.compile(list(self.bases), [total, *slopes])(*self.arrays)
        self.gradient = dict(zip(inputs, gradients))

    def gap(self):
        with np.errstate(all="ignore"):
            computed = sum(np.sum(f.value(a)) for f, a in self.losses)
            if not np.isclose(computed, self.total, rtol=1e-9, atol=1e-9):
                return None  # the term is not this function of this argument, element by element
            slopes = [f.slope(a) for f, a in self.losses]
            best = _largest(lambda s: np.isfinite(self._bound(s, slopes)))
            return None if best is None else max(0.0, float(self._bound(best, slopes)))

    def _bound(self, s, slopes):
        total = sum(
            np.sum(f.value(a) + f.conjugate(s * u) - s * u * a) for (f, a), u in zip(self.losses, slopes)
        )
        for name, x in self.values.items():
            g = s * self.gradient[name]
            if name in self.penalties:
                f = self.penalties[name]
                total += np.sum(f.value(x) + f.conjugate(-g) + g * x)
            elif np.any(g != 0.0):
                return np.inf
        return total


def _largest(possible):
    """Return the largest s in [0, 1] that is possible, where all below one that is are; None where none is."""
    if possible(1.0):
        return 1.0
    low, high = 0.0, 1.0
    if not possible(low):
        return None
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if possible(middle) else (low, middle)
    return low
