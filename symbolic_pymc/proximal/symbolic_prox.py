r"""Proximal operators by SymPy, for functions of one number that are read by no table.

On each of the `intervals` of a function :math:`x + \gamma\,\phi'(x) = z` is solved, and the solution is taken that gives
back `x` at places of the interval; the places between them belong to the images of their ends.

Reference: Lauster, Luke and Tam, Symbolic computation with monotone operators, Set-Valued and Variational Analysis 26
(2018), 353-368.
"""

import numpy as np

from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.intervals import TOLERANCE, intervals, is_convex, numbers_at, on_half_line
from symbolic_pymc.proximal.iterated import operator
from symbolic_pymc.proximal.symbolic import expression_of, installed_sympy, unknown_of
from symbolic_pymc.relations.laplace import NoMixingLaw, lowered


def prox_by_sympy(ops, phi, beta, z, step):
    """Return the proximal operator of a convex term in closed form.

    Raises
    ------
    Unknown
        Where SymPy solves no equation, or its solutions fail the test.
    """
    sympy = installed_sympy()
    expression = expression_of(ops, phi, beta)
    x, pieces = unknown_of(sympy), intervals(expression)
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
    equation, y = on_half_line(sympy, x + gamma * piece.slope - z, x, piece)
    over, _ = sympy.fraction(sympy.together(sympy.powsimp(equation)))
    if not _is_simple(sympy, over, y):
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


def _is_simple(sympy, over, y):
    """Tell whether an equation is quadratic, or one with exponentials or logarithms of what is affine."""
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
    slopes = numbers_at(sympy, piece.slope, x, piece.places)
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
