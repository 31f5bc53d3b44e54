r"""Functions of one number taken apart by SymPy where they change their mind, and whether they are convex.

The intervals end where an absolute value, a maximum or a condition does.  What SymPy says is believed only after it was
put to the test at random places.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.symbolic import installed_sympy, unknown_of

PROBES = 40
FAR = 4.0  # how far from the ends of an interval places are tried
TOLERANCE = 1e-7


@dataclass(frozen=True)
class Interval:
    """A smooth expression between two ends, the places where it is tried, and its derivative."""

    expression: Any
    lower: float
    upper: float
    places: np.ndarray
    slope: Any


def intervals(expression):
    """Return the `Interval` list of an expression: of all places where it is real.

    Raises
    ------
    Unknown
        Where the places at which it changes its form are not found.
    """
    sympy = installed_sympy()
    x = unknown_of(sympy)
    kinks = sorted({float(k) for k in _kinks(sympy, expression, x)})
    ends = [-np.inf, *kinks, np.inf]
    found = []
    for lower, upper in zip(ends, ends[1:]):
        places = _places(lower, upper)
        smooth = _smooth(sympy, expression, x, float(places[0]))
        values = numbers_at(sympy, smooth, x, places)
        if np.all(np.isfinite(values)):
            found.append(Interval(smooth, lower, upper, places, sympy.diff(smooth, x)))
        elif np.any(np.isfinite(values)):
            raise Unknown("the ends of its domain are not found")
    return found


def _kinks(sympy, expression, x):
    """Yield the places where an expression changes its form, or where its domain ends."""
    switches = [a.args[0] for a in expression.atoms(sympy.Abs, sympy.sign)]
    for a in expression.atoms(sympy.Max, sympy.Min):
        switches += [p - q for i, p in enumerate(a.args) for q in a.args[:i]]
    switches += [a.args[0] for a in expression.atoms(sympy.log)]
    switches += [
        a.base for a in expression.atoms(sympy.Pow) if a.base.has(x) and not (a.exp.is_integer and a.exp.is_nonnegative)
    ]
    for switch in switches:
        if not switch.has(x) or switch.is_positive:
            continue
        try:
            roots = sympy.solveset(switch, x, sympy.S.Reals)
        except (NotImplementedError, ValueError):
            raise Unknown(f"where {switch} is zero is not known") from None
        if not isinstance(roots, sympy.FiniteSet) and roots is not sympy.S.EmptySet:
            raise Unknown(f"where {switch} is zero is not known")
        yield from roots


def _places(lower, upper):
    rng = np.random.default_rng(0)
    low = lower if np.isfinite(lower) else min(upper, 0.0) - FAR if np.isfinite(upper) else -FAR
    high = upper if np.isfinite(upper) else low + 2.0 * FAR
    return np.sort(rng.uniform(low, high, PROBES))


def _smooth(sympy, expression, x, place):
    """Return an expression as it is around a place, without what changes its form."""

    def sided(e):
        return sympy.sign(e.subs(x, place).evalf())

    expression = expression.replace(sympy.Abs, lambda e: sided(e) * e if e.has(x) else sympy.Abs(e))
    expression = expression.replace(sympy.sign, lambda e: sided(e) if e.has(x) else sympy.sign(e))
    for largest, cls in ((True, sympy.Max), (False, sympy.Min)):
        expression = expression.replace(
            cls, lambda *e, most=largest: (max if most else min)(e, key=lambda a: float(a.subs(x, place)))
        )
    return expression


def numbers_at(sympy, expression, x, places):
    """Return the values of an expression at some places, nan where they are not real."""
    with np.errstate(all="ignore"):
        values = np.asarray(sympy.lambdify(x, expression, "numpy")(places.astype(complex)), dtype=complex)
        values = np.broadcast_to(values, places.shape)
        return np.where(np.abs(values.imag) <= 1e-12 * (1.0 + np.abs(values.real)), values.real, np.nan)


def is_convex(expression):
    """Tell whether SymPy knows the second derivative to be nowhere negative, and slopes to grow at all kinks.

    False only where a second derivative is clearly negative at some place; None where nothing is known.
    """
    sympy = installed_sympy()
    x, pieces = unknown_of(sympy), intervals(expression)
    verdicts = [_is_convex_on(sympy, piece, x) for piece in pieces]
    if False in verdicts:
        return False
    joints = [_grows(sympy, left, right, x) for left, right in zip(pieces, pieces[1:])]
    return True if pieces and all(verdicts) and all(joints) else None


def _is_convex_on(sympy, piece, x):
    bend = sympy.diff(piece.slope, x)
    values = numbers_at(sympy, bend, x, piece.places)
    if np.any(values < -1e-6 * (1.0 + np.nanmax(np.abs(values)))):
        return False
    bend, y = _on_positive(sympy, bend, x, piece)
    forms = (lambda: bend, lambda: sympy.factor(bend), lambda: _completed(sympy, bend, y), lambda: sympy.simplify(bend))
    known = any(form().is_nonnegative for form in forms)
    return True if known and np.all(values >= 0.0) else None


def on_half_line(sympy, expression, x, piece):
    """Return an expression in a symbol that is positive, where the interval begins or ends at a number, and the symbol."""
    y = sympy.Symbol("y", positive=True)
    if np.isfinite(piece.lower):
        return expression.subs(x, sympy.nsimplify(piece.lower) + y), y
    if np.isfinite(piece.upper):
        return expression.subs(x, sympy.nsimplify(piece.upper) - y), y
    return expression, x


def _on_positive(sympy, expression, x, piece):
    """Return an expression in a symbol that is positive, if the interval has an end, and the symbol."""
    if not (np.isfinite(piece.lower) and np.isfinite(piece.upper)):
        return on_half_line(sympy, expression, x, piece)
    y, low, high = sympy.Symbol("y", positive=True), *map(sympy.nsimplify, (piece.lower, piece.upper))
    return sympy.together(expression.subs(x, (low + high * y) / (1 + y))), y


def _completed(sympy, bend, y):
    """Return 1 for a rational function that is positive at 1 and has no roots or poles, else the function."""
    over, under = sympy.fraction(sympy.together(bend))
    polynomials = [p for p in (over, under) if p.has(y) and not p.is_positive]
    if not all(p.is_polynomial(y) for p in polynomials) or not bend.subs(y, 1).is_positive:
        return bend
    return bend if any(_has_root(sympy, p, y) for p in polynomials) else sympy.Integer(1)


def _has_root(sympy, polynomial, y):
    """Tell whether a polynomial is zero at a real number, at a positive one where the symbol is."""
    if not y.is_positive:
        return sympy.Poly(polynomial, y).count_roots() > 0
    at_zero = polynomial.subs(y, 0) == 0
    return sympy.Poly(polynomial, y).count_roots(0, None) > int(at_zero)


def _grows(sympy, left, right, x):
    """Tell whether the slope grows from one interval to the next, which begins where that ends, without a jump."""
    if left.upper != right.lower:
        return False
    at = sympy.nsimplify(left.upper)
    jump = (right.expression - left.expression).subs(x, at)
    rise = (right.slope - left.slope).subs(x, at)
    return bool(sympy.simplify(jump) == 0) and bool(sympy.simplify(rise).is_nonnegative)
