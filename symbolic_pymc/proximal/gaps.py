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
from symbolic_pymc.proximal.conjugate_values import NoConjugate, Numeric, numeric_piece
from symbolic_pymc.proximal.pieces import piecewise
from symbolic_pymc.proximal.shapes import CONVEX

HALVINGS = 100


def duality_gap(split, values):
    """Return an upper bound of the distance of the objective from its optimum; None where a conjugate is not known."""
    if split.curvature != CONVEX or split.composites:
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
        losses, penalties = _grouped(split)
        self.losses = [self._numeric(part.function, part.argument) for part in losses]
        self.penalties = {name: self._numeric(f, inputs[name]) for name, f in penalties.items()}
        total = self.adapter.zero()
        for base in reify_many(tuple(part.term for part in losses)):
            total = total + base.sum()
        slopes = self.adapter.gradient(total, list(self.bases))
        self.total, *gradients = self._evaluated([total, *slopes])
        self.gradient = dict(zip(inputs, gradients))

    def _evaluated(self, outputs):
        return self.adapter.compile(list(self.bases), list(outputs))(*self.arrays)

    def _numeric(self, function, argument):
        """Return a `Piecewise` function with numbers for its coefficients, and its argument."""
        combinations = [[] if piece is None else list(piece.items()) for piece in function.pieces]
        terms = [argument, *function.knots]
        terms += [x for piece in combinations for f, c in piece for x in (c, f.centre, f.extra) if x is not None]
        arrays = dict(zip(terms, map(np.asarray, self._evaluated(reify_many(tuple(terms))))))
        ends = [-np.inf, *(arrays[k] for k in function.knots), np.inf]
        pieces = [
            numeric_piece(
                low, high, [(f.kind, f.side, arrays.get(f.centre), arrays.get(f.extra), arrays[c]) for f, c in piece]
            )
            for low, high, piece, known in zip(ends, ends[1:], combinations, function.pieces)
            if known is not None
        ]
        return Numeric(tuple(pieces)), arrays[argument]

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
                f, _ = self.penalties[name]
                total += np.sum(f.value(x) + f.conjugate(-g) + g * x)
            elif np.any(g != 0.0):
                return np.inf
        return total


def _grouped(split):
    """Return the parts that are functions of an affine argument, and by name the functions of unknowns themselves."""
    ops, inputs = split.objective.adapter.ops, split.objective.inputs
    if any(part.function is None for part in split.smooth):
        raise Unknown("a part that is no function of one affine argument")
    names = {record: name for name, record in inputs.items()}
    own = [p for p in split.smooth if p.argument in names and ops.ndim(p.term) == ops.ndim(p.argument)]
    terms = {name: [p.term for p in parts] for name, parts in split.penalties.items()}
    for part in own:
        terms.setdefault(names[part.argument], []).append(part.term)
    penalties = {name: piecewise(ops, _added(ops, found), inputs[name]) for name, found in terms.items()}
    return [part for part in split.smooth if part not in own], penalties


def _added(ops, terms):
    total, *rest = terms
    for term in rest:
        total = ops.add(total, term)
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
