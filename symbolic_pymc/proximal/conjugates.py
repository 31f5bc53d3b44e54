r"""Convex conjugates of penalties, derived from their pieces.

.. math::

    \phi^*(u) = \sup_x\; u x - \phi(x)
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Callable

from kanren import eq
from unification import reify

from symbolic_pymc.records import is_ground
from symbolic_pymc.proximal.blocks import block
from symbolic_pymc.proximal.combinations import ONE, SQUARE, X, Combinations, Unknown
from symbolic_pymc.proximal.functions import KINDS
from symbolic_pymc.proximal.piecevalues import INF, spans
from symbolic_pymc.proximal.pieces import piecewise
from symbolic_pymc.proximal.resolvents import iterated
from symbolic_pymc.proximal.shapes import CONVEX, curvature
from symbolic_pymc.relations.arithmetic import number

FAR = 1e11  # a supremum that is taken farther away is infinite


def conjugateo(ops, phi, beta, u, conjugate):
    r"""Relate a convex penalty, computed element by element from `beta`, to its conjugate at `u`.

    .. math::

        \frac{\phi \text{ convex}}{\phi^*(u) = \sup_x\; u x - \phi(x)}

    Where `u` is a slope of a piece the supremum is taken where the piece has that slope; beyond it at an end of the
    piece, and it is infinite where that is.

    Parameters
    ----------
    phi : term
        Of a vocabulary `ops`, of the shape of `beta`.
    beta : input record
    u, conjugate : terms

    Reference: Rockafellar, Convex Analysis (1970), section 12.
    """

    def goal(s):
        known = reify((phi, beta, u), s)
        if not is_ground(known):
            return
        try:
            found = conjugate_of(ops, *known)
        except Unknown:
            return
        yield from eq(conjugate, found)(s)

    return goal


def conjugate_of(ops, phi, beta, u):
    """Return the conjugate of a convex penalty as a term.

    Raises
    ------
    Unknown
        With the reason in words.
    """
    try:
        function = piecewise(ops, phi, beta)
    except Unknown:
        duals = import_module("symbolic_pymc.proximal.blockduals")  # which itself rests on this module
        return duals.conjugate_of_block(ops, block(ops, phi, beta), phi, u)
    return conjugate_of_pieces(ops, function, u)


def conjugate_of_pieces(ops, function, u):
    """Return the conjugate of a convex `Piecewise` function as a term."""
    if curvature(ops, function) != CONVEX:
        raise Unknown("it is not known to be convex, and its conjugate is that of another function")
    total = None
    for span in spans(function):
        own = _Span(ops, *span).supremum(u)
        total = own if total is None else ops.maximum(total, own)
    if total is None:
        raise Unknown("it is infinite everywhere")
    return total


@dataclass(frozen=True)
class Dual:
    """The conjugate of a function ``sign * f(y)``, and the limits of its slope.

    Parameters
    ----------
    sign : int
        Of the coefficient.
    value : callable
        ``value(n, w, extra)`` returns its conjugate at `w`.
    slopes : callable
        ``slopes(n, extra)`` returns the slope at the lower and at the upper end of the domain.
    fits : callable
        Of the number that `extra` is, or None.
    """

    sign: int
    value: Callable
    slopes: Callable
    fits: Callable = lambda extra: True


def _entropy(ops, t):
    """Return ``t log t``, 0 at 0."""
    positive = ops.gt(t, ops.constant(0.0))
    return ops.switch(positive, ops.mul(t, ops.log(ops.switch(positive, t, ops.constant(1.0)))), ops.constant(0.0))


def _of_softplus(n, w, r):
    ops, t = n.ops, n.ops.true_div(w, r)
    return ops.add(_entropy(ops, t), _entropy(ops, ops.sub(n.one, t)))


def _of_exp(n, w, r):
    t = n.ops.true_div(w, r)
    return n.ops.sub(_entropy(n.ops, t), t)


def _of_log(n, w, e):
    return n.ops.sub(n(-1.0), n.ops.log(n.ops.neg(w)))


def _of_entropy(n, w, e):
    return n.ops.exp(n.ops.sub(w, n.one))


def _of_power(sign):
    def value(n, w, p):
        ops, falling = n.ops, n.sub(p, n.one)
        y_to_p = ops.pow(ops.true_div(ops.mul(n(float(sign)), w), p), n.div(p, falling))
        return ops.mul(n.mul(n(float(sign)), falling), y_to_p)

    return value


def _of_root(n, w, d):
    return n.ops.neg(n.ops.sqrt(n.ops.mul(d, n.ops.sub(n.one, n.ops.sqr(w)))))


def _slopes_of_softplus(n, r):
    if n.sign(r) == 1:
        return 0.0, r
    return n.ops.minimum(r, n.zero), n.ops.maximum(r, n.zero)


DUALS = {
    "softplus": (Dual(1, _of_softplus, _slopes_of_softplus),),
    "exp": (Dual(1, _of_exp, lambda n, r: (0.0, INF)),),
    "log": (Dual(-1, _of_log, lambda n, e: (-INF, 0.0)),),
    "entropy": (Dual(1, _of_entropy, lambda n, e: (-INF, INF)),),
    "root": (Dual(1, _of_root, lambda n, d: (-1.0, 1.0)),),
    "power": (
        Dual(1, _of_power(1), lambda n, p: (0.0, INF), lambda p: p is not None and p > 1.0),
        Dual(1, _of_power(1), lambda n, p: (-INF, 0.0), lambda p: p is not None and p < 0.0),
        Dual(-1, _of_power(-1), lambda n, p: (-INF, 0.0), lambda p: p is not None and 0.0 < p < 1.0),
    ),
}


class _Span:
    """A convex combination between two ends."""

    def __init__(self, ops, piece, lower, upper):
        self.ops, self.c, self.piece, self.lower, self.upper = ops, Combinations(ops), piece, lower, upper
        self.n = self.c.n
        self.rest = {f: k for f, k in piece.items() if f not in (ONE, X, SQUARE)}
        self.linear = piece.get(X, self.n.zero)

    def supremum(self, u):
        """Return the largest ``u x - f(x)`` between the ends."""
        if self.rest:
            dual = self._dual()
            if dual is None:
                return self._iterated(u)
            inside, slopes = self._of_dual(dual, u)
        elif SQUARE in self.piece:
            inside, slopes = self._of_parabola(u), (-INF, INF)
        else:
            inside, slopes = self.n.neg(self.piece.get(ONE, self.n.zero)), (0.0, 0.0)
            inside = self.ops.second(u, inside) if self.lower is None else self._at(u, self.lower)
        low, high = (self._slope_at(end, s) for end, s in zip((self.lower, self.upper), slopes))
        result = inside if low is None else self.ops.switch(self.ops.lt(u, low), self._at(u, self.lower), inside)
        return result if high is None else self.ops.switch(self.ops.gt(u, high), self._at(u, self.upper), result)

    def _slope_at(self, end, limit):
        """Return the slope at an end; None where it is infinite there, and `limit` at infinity less that of the line."""
        if end is not None and not self._is_singular(end):
            return self.c.slope(self.piece, end)
        if isinstance(limit, float) and limit in (INF, -INF):
            return None
        return self.n.add(self.linear, limit if not isinstance(limit, float) else self.n(limit))

    def _is_singular(self, end):
        return any(KINDS[f.kind].positive and self.n.same(f.centre, end) for f in self.rest)

    def _at(self, u, end):
        """Return ``u x - f(x)`` at an end, infinite where that is."""
        if end is None:
            return self.ops.second(u, self.ops.constant(INF))
        value = self._limit(end) if self._is_singular(end) else self.c.term(self.piece, end)
        return self.ops.sub(self.ops.mul(u, end), value)

    def _limit(self, end):
        """Return the limit of the function at an end where its slope is infinite, or it is only defined on one side."""
        ((f, k),) = self.rest.items()
        others = {g: q for g, q in self.piece.items() if g != f}
        if f.kind == "entropy" or f.kind == "power" and self.n.sign(f.extra) == 1:
            return self.c.term(others, end)
        return self.ops.constant(INF)

    def _of_parabola(self, u):
        """The largest value of ``u x - c - a x - q x**2``."""
        ops, n = self.ops, self.n
        over = ops.sqr(ops.sub(u, self.linear))
        return ops.sub(ops.true_div(over, n.mul(n(4.0), self.piece[SQUARE])), self.piece.get(ONE, n.zero))

    def _dual(self):
        """Return the row of the one function that there is, None for other combinations."""
        if len(self.rest) > 1 or SQUARE in self.piece:
            return None
        ((f, k),) = self.rest.items()
        extra = None if f.extra is None else number(self.ops, f.extra)
        rows = (row for row in DUALS.get(f.kind, ()) if row.fits(extra) and self.n.sign(k) == row.sign)
        return next(rows, None)

    def _of_dual(self, dual, u):
        """Return ``(u - a) c + |k| g*((u - a) side / |k|) - b``, and the slopes at the ends of the domain."""
        ops, n, ((f, k),) = self.ops, self.n, self.rest.items()
        size, side = n.mul(n(float(dual.sign)), k), n(float(f.side))
        moved = u if n.is_zero(self.linear) else ops.sub(u, self.linear)
        own = dual.value(n, ops.mul(n.div(side, size), moved), f.extra)
        value = ops.sub(ops.mul(size, own), self.piece.get(ONE, n.zero))
        value = value if f.centre is None else ops.add(ops.mul(moved, f.centre), value)
        slopes = dual.slopes(n, f.extra)[:: f.side]
        return value, [self._scaled(slope, n.mul(side, size), f.side) for slope in slopes]

    def _scaled(self, slope, factor, side):
        if isinstance(slope, float) and slope in (INF, -INF):
            return side * slope
        return self.n.mul(factor, self.n(slope) if isinstance(slope, float) else slope)

    def _iterated(self, u):
        """Return the largest value where it is found by iteration: half a square less half a square is nothing."""
        ops, n = self.ops, self.n
        functions = {**self.rest, X: ops.sub(self.linear, u)}
        functions[SQUARE] = n.sub(self.piece.get(SQUARE, n.zero), n(0.5))
        place = iterated(ops, n, functions, ops.second(u, n.zero), self.lower, self.upper)
        value = ops.sub(ops.mul(u, place), self.c.term(self.piece, place))
        return ops.switch(ops.gt(ops.abs(place), n(FAR)), n(INF), value)
