r"""Second derivatives and proximal operators by SymPy, for functions of one number that are read by no table.

A function is taken apart where an absolute value, a maximum or a condition changes its mind.  On each of the intervals
:math:`x + \gamma\,\phi'(x) = z` is solved, and the solution is taken that gives back `x` at places of the interval; the
places between them belong to the images of their ends.  What SymPy says is believed only after it was put to the test
at random places.

Reference: Lauster, Luke and Tam, Symbolic computation with monotone operators, Set-Valued and Variational Analysis 26
(2018), 353-368.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from symbolic_pymc.records import Constant, Term, uniform_value
from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.iterated import operator
from symbolic_pymc.relations.laplace import NoMixingLaw, lowered
from symbolic_pymc.vocabulary import is_unit_axis_shuffle
from symbolic_pymc.parts import graph_parts

PROBES = 40
FAR = 4.0  # how far from the ends of an interval places are tried
TOLERANCE = 1e-7


def _sympy():
    try:
        import sympy
    except ImportError:
        raise Unknown("SymPy is not installed, which would derive its operator") from None
    return sympy


def expression_of(ops, phi, beta):
    """Return a term as a SymPy expression of the real symbol ``x``.

    Raises
    ------
    Unknown
        For an operation without a name in SymPy, and for parameters that are not one number.
    """
    sympy = _sympy()
    found = {beta: sympy.Symbol("x", real=True)}
    for part in graph_parts(phi):
        if part not in found:
            found[part] = _expression(sympy, ops, part, found)
    if found[phi] is None:
        raise Unknown("it has parameters that are not one number, or is no function that SymPy has a name for")
    return found[phi]


def _expression(sympy, ops, part, found):
    value = _value(ops, part, found)
    if value is not None:
        return sympy.nsimplify(value, rational=True) if np.isfinite(value) else sympy.oo * int(np.sign(value))
    parts = [found[r] for r in part.rands] if isinstance(part, Term) else [None]
    word = _words(sympy).get(ops.kind_of(part)) if isinstance(part, Term) else None
    if ops.kind_of(part) in ("second", "check"):
        return parts[1] if ops.kind_of(part) == "second" else parts[0]
    if ops.kind_of(part) == "structural":  # another order of elements is another function
        return parts[0] if ops.ndim(part.rands[0]) == 0 and is_unit_axis_shuffle(part) else None
    return None if word is None or None in parts else word(*parts)


def _value(ops, part, found):
    """Return the number that a part is in all elements, None where it is none, or depends on the unknown."""
    if not isinstance(part, Constant) and any(found[r] is not None for r in getattr(part, "rands", ())):
        if any(getattr(found[r], "free_symbols", None) for r in part.rands):
            return None
    values = ops.value_of(part)
    value = None if values is None or values.dtype.kind not in "fiu" else uniform_value(values)
    return None if value is None or np.isnan(value) else float(value)


def _words(sympy):
    return {
        "add": lambda *a: sympy.Add(*a),
        "sub": lambda a, b: a - b,
        "mul": lambda *a: sympy.Mul(*a),
        "true_div": lambda a, b: a / b,
        "neg": lambda a: -a,
        "reciprocal": lambda a: 1 / a,
        "sqr": lambda a: a**2,
        "sqrt": sympy.sqrt,
        "pow": lambda a, b: a**b,
        "exp": sympy.exp,
        "log": sympy.log,
        "log1p": lambda a: sympy.log(1 + a),
        "expm1": lambda a: sympy.exp(a) - 1,
        "softplus": lambda a: sympy.log(1 + sympy.exp(a)),
        "sigmoid": lambda a: 1 / (1 + sympy.exp(-a)),
        "abs": sympy.Abs,
        "sign": sympy.sign,
        "maximum": sympy.Max,
        "minimum": sympy.Min,
        "cast": lambda a: a,
        "deterministic": lambda a: a,
    }


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
    sympy = _sympy()
    x = _symbol(sympy, expression)
    kinks = sorted({float(k) for k in _kinks(sympy, expression, x)})
    ends = [-np.inf, *kinks, np.inf]
    found = []
    for lower, upper in zip(ends, ends[1:]):
        places = _places(lower, upper)
        smooth = _smooth(sympy, expression, x, float(places[0]))
        values = _numbers(sympy, smooth, x, places)
        if np.all(np.isfinite(values)):
            found.append(Interval(smooth, lower, upper, places, sympy.diff(smooth, x)))
        elif np.any(np.isfinite(values)):
            raise Unknown("the ends of its domain are not found")
    return found


def _symbol(sympy, expression):
    return sympy.Symbol("x", real=True)


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


def _numbers(sympy, expression, x, places):
    with np.errstate(all="ignore"):
        values = np.asarray(sympy.lambdify(x, expression, "numpy")(places.astype(complex)), dtype=complex)
        values = np.broadcast_to(values, places.shape)
        return np.where(np.abs(values.imag) <= 1e-12 * (1.0 + np.abs(values.real)), values.real, np.nan)


def is_convex(expression):
    """Tell whether SymPy knows the second derivative to be nowhere negative, and slopes to grow at all kinks.

    False only where a second derivative is clearly negative at some place; None where nothing is known.
    """
    sympy = _sympy()
    x, pieces = _symbol(sympy, expression), intervals(expression)
    verdicts = [_is_convex_on(sympy, piece, x) for piece in pieces]
    if False in verdicts:
        return False
    joints = [_grows(sympy, left, right, x) for left, right in zip(pieces, pieces[1:])]
    return True if pieces and all(verdicts) and all(joints) else None


def _is_convex_on(sympy, piece, x):
    bend = sympy.diff(piece.slope, x)
    values = _numbers(sympy, bend, x, piece.places)
    if np.any(values < -1e-6 * (1.0 + np.nanmax(np.abs(values)))):
        return False
    bend, y = _on_positive(sympy, bend, x, piece)
    forms = (lambda: bend, lambda: sympy.factor(bend), lambda: _completed(sympy, bend, y), lambda: sympy.simplify(bend))
    known = any(form().is_nonnegative for form in forms)
    return True if known and np.all(values >= 0.0) else None


def _on_half_line(sympy, expression, x, piece):
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
        return _on_half_line(sympy, expression, x, piece)
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


def prox_by_sympy(ops, phi, beta, z, step):
    """Return the proximal operator of a convex term in closed form.

    Raises
    ------
    Unknown
        Where SymPy solves no equation, or its solutions fail the test.
    """
    sympy = _sympy()
    expression = expression_of(ops, phi, beta)
    x, pieces = _symbol(sympy, expression), intervals(expression)
    answers = [_solved(sympy, piece, x) for piece in pieces]
    if not answers or not is_convex(expression):
        raise Unknown("it is not known to be convex")
    words = {"z": z, "gamma": step}
    try:
        result = lowered(ops, answers[0], words)
        for piece, following, answer in zip(pieces, pieces[1:], answers[1:]):
            result = _joined(sympy, ops, result, lowered(ops, answer, words), piece, following, x, z, step)
        return _ended(sympy, ops, result, pieces, x, z, step)
    except NoMixingLaw as reason:
        raise Unknown(str(reason)) from None


def _solved(sympy, piece, x):
    """Return the solution of the equation of an interval in ``z`` and ``gamma``."""
    z, gamma = sympy.Symbol("z", real=True), sympy.Symbol("gamma", positive=True)
    equation, y = _on_half_line(sympy, x + gamma * piece.slope - z, x, piece)
    over, _ = sympy.fraction(sympy.together(sympy.powsimp(equation)))
    if not _is_simple(over, y):
        raise Unknown("the solutions of its equation are long, if there are any")
    try:
        solutions = sympy.solve(over, y, check=False)
    except NotImplementedError:
        raise Unknown("SymPy does not solve its equation") from None
    for solution in solutions:
        moved = _moved_back(sympy, solution, piece)
        if _fits(sympy, moved, piece, x, z, gamma):
            return sympy.simplify(moved)
    raise Unknown(f"none of the {len(solutions)} solutions of its equation belongs to the interval")


def _is_simple(over, y):
    """Tell whether an equation is quadratic, or one with exponentials or logarithms of what is affine."""
    import sympy

    if over.is_polynomial(y):
        return sympy.degree(over, y) <= 2
    inner = [a.args[0] for a in over.atoms(sympy.exp, sympy.log) if a.has(y)]
    return bool(inner) and all(a.is_polynomial(y) and sympy.degree(a, y) == 1 for a in inner)


def _moved_back(sympy, solution, piece):
    if np.isfinite(piece.lower):
        return sympy.nsimplify(piece.lower) + solution
    return sympy.nsimplify(piece.upper) - solution if np.isfinite(piece.upper) else solution


def _fits(sympy, solution, piece, x, z, gamma):
    """Tell whether a solution gives back the places of an interval, for several steps."""
    slopes = _numbers(sympy, piece.slope, x, piece.places)
    function = sympy.lambdify((z, gamma), solution, ["numpy", {"LambertW": _lambert}])
    for size in (0.3, 1.0, 2.2):
        with np.errstate(all="ignore"):
            found = np.asarray(function(piece.places + size * slopes + 0j, size), dtype=complex)
        if not np.all(np.abs(found - piece.places) <= TOLERANCE * (1.0 + np.abs(piece.places))):
            return False
    return True


def _lambert(u):
    from scipy.special import lambertw

    return lambertw(u)


def _limit(sympy, piece, x, end, side):
    """Return the slope at an end of an interval, None where it is infinite."""
    slope = sympy.limit(piece.slope, x, sympy.nsimplify(end), side)
    return float(slope) if slope.is_finite else None


def _joined(sympy, ops, below, above, left, right, x, z, step):
    """Return the operator of two neighbours: between them lies the image of the place where they meet."""
    place = ops.constant(left.upper)
    low, high = (_limit(sympy, piece, x, left.upper, side) for piece, side in ((left, "-"), (right, "+")))
    at_low, at_high = (ops.add(place, ops.mul(step, ops.constant(slope))) for slope in (low, high))
    held = ops.second(z, place)
    return ops.switch(ops.lt(z, at_low), below, ops.switch(ops.gt(z, at_high), above, held))


def _ended(sympy, ops, result, pieces, x, z, step):
    """Return the operator with the ends of the domain, which take all that lies beyond their images."""
    for piece, end, side, beyond in (
        (pieces[0], pieces[0].lower, "+", ops.le),
        (pieces[-1], pieces[-1].upper, "-", ops.ge),
    ):
        slope = _limit(sympy, piece, x, end, side) if np.isfinite(end) else None
        if slope is not None:
            image = ops.add(ops.constant(end), ops.mul(step, ops.constant(slope)))
            result = ops.switch(beyond(z, image), ops.second(z, ops.constant(end)), result)
    return result


def certified_prox(ops, phi, beta, z, step):
    """Return the operator, by iteration, of a term that SymPy knows to be convex."""
    if not is_convex(expression_of(ops, phi, beta)):
        raise Unknown("it is not known to be convex")
    return operator(ops, phi, beta, z, step)
