"""Convex conjugates of piecewise functions with numbers for coefficients, by the place where the supremum is taken."""

from dataclasses import dataclass
from typing import Any, Callable

import numpy as np
from scipy.special import expit, logit, xlogy


class NoConjugate(Exception):
    """A function whose conjugate is not known."""


@dataclass(frozen=True)
class Curve:
    """A function of y, its slope, where it has the slope w, and ``w y - f(y)`` there; `e` is its extra number.

    Parameters
    ----------
    value, slope, place, conjugate : callable
    slopes : callable
        ``slopes(e)`` returns the bounds of the slope.
    """

    value: Callable
    slope: Callable
    place: Callable
    conjugate: Callable
    slopes: Callable


CURVES = {
    "softplus": Curve(
        lambda y, e: np.logaddexp(0.0, e * y),
        lambda y, e: e * expit(e * y),
        lambda w, e: logit(w / e) / e,
        lambda w, e: xlogy(w / e, w / e) + xlogy(1.0 - w / e, 1.0 - w / e),
        lambda e: (np.minimum(e, 0.0), np.maximum(e, 0.0)),
    ),
    "exp": Curve(
        lambda y, e: np.exp(e * y),
        lambda y, e: e * np.exp(e * y),
        lambda w, e: np.log(w / e) / e,
        lambda w, e: xlogy(w / e, w / e) - w / e,
        lambda e: (np.where(e > 0, 0.0, -np.inf), np.where(e > 0, np.inf, 0.0)),
    ),
    "log": Curve(
        lambda y, e: np.log(y),
        lambda y, e: 1.0 / y,
        lambda w, e: 1.0 / w,
        lambda w, e: 1.0 + np.log(w),
        lambda e: (np.finfo(float).tiny, np.inf),
    ),
    "entropy": Curve(
        lambda y, e: xlogy(y, y),
        lambda y, e: np.log(y) + 1.0,
        lambda w, e: np.exp(w - 1.0),
        lambda w, e: np.exp(w - 1.0),
        lambda e: (-np.inf, np.inf),
    ),
    "root": Curve(
        lambda y, e: np.sqrt(e + y * y),
        lambda y, e: y / np.sqrt(e + y * y),
        lambda w, e: w * np.sqrt(e / (1.0 - w * w)),
        lambda w, e: -np.sqrt(e * (1.0 - w * w)),
        lambda e: (-1.0, 1.0),
    ),
}


@dataclass(frozen=True)
class Piece:
    """``constant + linear x + square x**2 + factor f(side (x - centre))`` on an interval; `kind` None for no f."""

    low: Any
    high: Any
    constant: Any = 0.0
    linear: Any = 0.0
    square: Any = 0.0
    kind: Any = None
    factor: Any = 1.0
    side: int = 1
    centre: Any = 0.0
    extra: Any = None

    def value(self, x):
        polynomial = self.constant + self.linear * x + self.square * x * x
        return polynomial if self.kind is None else polynomial + self.factor * self._curve("value", x)

    def slope(self, x):
        line = self.linear + 2.0 * self.square * x
        return line if self.kind is None else line + self.side * self.factor * self._curve("slope", x)

    def _curve(self, what, x):
        return getattr(CURVES[self.kind], what)(self.side * (x - self.centre), self.extra)

    def supremum(self, v):
        """Return the largest ``v x - f(x)`` on the interval, where f is convex."""
        with np.errstate(all="ignore"):
            v, low, high = np.broadcast_arrays(v, np.asarray(self.low, float), np.asarray(self.high, float))
            return self._of_polynomial(v, low, high) if self.kind is None else self._of_curve(v, low, high)

    def _at_end(self, v, end):
        """Return ``v x - f(x)`` at an end of the interval, which is infinite where that is."""
        inside = np.where(np.isfinite(end), end, 0.0)
        return np.where(np.isfinite(end), v * inside - self.value(inside), np.inf)

    def _of_polynomial(self, v, low, high):
        rest = v - self.linear
        bent = np.broadcast_to(self.square, v.shape) > 0
        place = np.where(bent, rest / np.where(bent, 2.0 * self.square, 1.0), np.sign(rest) * np.inf)
        place = np.where(~bent & (rest == 0), np.clip(0.0, low, high), place)
        return self._at_end(v, np.clip(place, low, high))

    def _of_curve(self, v, low, high):
        curve, w = CURVES[self.kind], self.side * (v - self.linear) / self.factor
        least, most = curve.slopes(self.extra)
        place = self.centre + self.side * curve.place(w, self.extra)
        best = (v - self.linear) * self.centre - self.constant + self.factor * curve.conjugate(w, self.extra)
        up = np.where(w < least, -self.side * self.factor, self.side * self.factor) > 0
        outside = (w < least) | (w > most)
        end = np.where(outside, np.where(up, high, low), np.clip(place, low, high))
        return np.where(~outside & (low <= place) & (place <= high), best, self._at_end(v, end))


@dataclass(frozen=True)
class Numeric:
    """A function of one number, piece by piece, with numbers for its coefficients."""

    pieces: tuple

    def value(self, x):
        """Return the value; the lower of two at a knot."""
        values = [np.where((p.low <= x) & (x <= p.high), p.value(x), np.inf) for p in self.pieces]
        return np.min(values, axis=0)

    def slope(self, x):
        """Return the slope; at a knot that to the right of it."""
        found = self.pieces[0].slope(x)
        for piece in self.pieces[1:]:
            found = np.where(x >= piece.low, piece.slope(x), found)
        return found

    def conjugate(self, v):
        """Return ``max over x of v x - f(x)``, of a convex function."""
        return np.max([p.supremum(v) for p in self.pieces], axis=0)


def numeric_piece(low, high, functions):
    """Return the `Piece` of functions, given as ``(kind, side, centre, extra, factor)``.

    Raises
    ------
    NoConjugate
        For more than one that is no polynomial, and for such beside a square.
    """
    fields, bent = {"constant": 0.0, "linear": 0.0, "square": 0.0}, None
    names = {"one": "constant", "linear": "linear", "square": "square"}
    for kind, side, centre, extra, factor in functions:
        centre = 0.0 if centre is None else centre
        if kind == "softplus" and side < 0:  # log(1 + exp(-y)) = log(1 + exp(y)) - y
            side = 1
            fields["linear"] = fields["linear"] - factor * extra
            fields["constant"] = fields["constant"] + factor * extra * centre
        if kind in names and side == 1 and np.all(centre == 0.0):
            fields[names[kind]] = fields[names[kind]] + factor
        elif kind in CURVES and (bent is None or _are_equal(bent[:4], (kind, side, centre, extra))):
            bent = (kind, side, centre, extra, factor if bent is None else bent[4] + factor)
        else:
            raise NoConjugate(kind)
    if bent is None:
        return Piece(low, high, **fields)
    if np.any(fields["square"] != 0.0):
        raise NoConjugate("a square beside a curve")
    kind, side, centre, extra, factor = bent
    return Piece(low, high, **fields, kind=kind, factor=factor, side=side, centre=centre, extra=extra)


def _are_equal(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other))
