r"""Proximal operators of penalties, derived from their pieces.

.. math::

    \operatorname{prox}_{\gamma\phi}(z) = \operatorname{argmin}_x\; \gamma\,\phi(x) + \tfrac{1}{2} (x - z)^2
"""

from importlib import import_module

from kanren import eq
from unification import reify

from symbolic_pymc.records import is_ground
from symbolic_pymc.proximal.combinations import Combinations, Unknown
from symbolic_pymc.proximal.functions import KINDS
from symbolic_pymc.proximal.iterated import is_elementwise, iterated_prox
from symbolic_pymc.proximal.penalties import penalty_of
from symbolic_pymc.proximal.pieces import piecewise
from symbolic_pymc.proximal.resolvents import resolvent
from symbolic_pymc.proximal.shapes import CONVEX, curvature
from symbolic_pymc.proximal.symbolic_prox import certified_prox, prox_by_sympy


def proxo(ops, phi, beta, z, step, prox):
    r"""Relate a penalty of `beta` to its proximal operator at `z`.

    .. math::

        \frac{\phi \text{ convex on its pieces, with slopes that increase from one to the next}}
             {x = \operatorname{prox}_{\gamma\phi}(z) \iff z - x \in \gamma\,\partial\phi(x)}

    Between the knots the inclusion is an equation; at a knot a whole interval of `z` leads to it.  Where `phi` is not
    convex, the best of all candidates is taken.  What is not computed element by element is a row of
    `symbolic_pymc.proximal.blocktable.BLOCKS`, all elements of which are added up.

    It goes both ways: the penalty of an operator that grows without jumps, such as a soft threshold, is found by its
    slope :math:`(z - x) / \gamma`, up to a constant.

    Parameters
    ----------
    phi : term
        Of a vocabulary `ops`, whose elements are added up.
    beta : input record
    z, step, prox : terms
        `step` is positive.

    Reference: Combettes and Pesquet, Proximal splitting methods in signal processing (2011), section 10.2.
    """

    def goal(s):
        penalty, operator, *rest = reify((phi, prox, beta, z, step), s)
        if not is_ground(rest) or not (is_ground(penalty) or is_ground(operator)):
            return
        unknown, of, *given = (
            (prox, prox_of, penalty, *rest) if is_ground(penalty) else (phi, _backwards, operator, *rest)
        )
        try:
            found = of(ops, *given)
        except Unknown:
            return
        yield from eq(unknown, found)(s)

    return goal


def _backwards(ops, prox, beta, z, step):
    return penalty_of(ops, prox, z, step, beta)


def prox_of(ops, phi, beta, z, step):
    """Return the proximal operator of a penalty as a term.

    Raises
    ------
    Unknown
        With the reason in words.
    """
    try:
        return prox_of_pieces(ops, piecewise(ops, phi, beta), z, step)
    except Unknown as reason:
        if is_elementwise(ops, phi, beta):
            return _prox_of_unread(ops, phi, beta, z, step, reason)
        blocks = _blocks()
        return blocks.prox_of_block(ops, blocks.block(ops, phi, beta), z, step)


def _prox_of_unread(ops, phi, beta, z, step, reason):
    """Return the operator of a convex term that is no combination of known functions: solved, or iterated."""
    for derived in (prox_by_sympy, certified_prox, iterated_prox):
        try:
            return derived(ops, phi, beta, z, step)
        except Unknown:
            continue
    raise reason


def _blocks():
    """Return the module of functions of whole arrays, which itself rests on this one."""
    return import_module("symbolic_pymc.proximal.blocks")


def prox_of_pieces(ops, function, z, step):
    """Return the proximal operator of a `Piecewise` function as a term."""
    if all(piece is None for piece in function.pieces):
        raise Unknown("it is infinite everywhere")
    assemble = _by_thresholds if curvature(ops, function) == CONVEX else _by_candidates
    return assemble(ops, Combinations(ops), function, z, step)


def _resolvents(ops, function, z, step):
    """Return for every piece the solution of its equation, None outside of the domain."""
    ends = [None, *function.knots, None]
    return [
        None if piece is None else resolvent(ops, piece, z, step, lower, upper)
        for piece, lower, upper in zip(function.pieces, ends, ends[1:])
    ]


def _by_thresholds(ops, c, function, z, step):
    """Return the one solution: of the piece, or the knot, to which `z` belongs."""
    solutions = _resolvents(ops, function, z, step)
    result = solutions[0]
    for knot, left, right, solution in zip(function.knots, function.pieces, function.pieces[1:], solutions[1:]):
        if left is not None:
            low = _threshold(ops, c, left, knot, step)
            result = result if low is None else ops.switch(ops.lt(z, low), result, _like(ops, knot, z))
        if right is not None:
            high = _threshold(ops, c, right, knot, step)
            below = _like(ops, knot, z) if left is None else result
            result = solution if high is None else ops.switch(ops.gt(z, high), solution, below)
    return result


def _like(ops, x, z):
    return x if ops.is_stretched(x, z) is False else ops.second(z, x)


def _threshold(ops, c, piece, knot, step):
    """Return the `z` at which the solution of a piece arrives at a knot; None where it never does."""
    for f in piece:
        endless = f.kind in ("log", "log squared", "entropy") or (f.kind == "power" and not _is_above_one(c, f))
        if KINDS[f.kind].positive and endless and c.n.same(f.centre, knot):
            return None
    return c.n.add(knot, c.n.mul(step, c.slope(piece, knot)))


def _is_above_one(c, f):
    return c.n.sign(c.n.sub(f.extra, c.n.one)) == 1


def _by_candidates(ops, c, function, z, step):
    """Return the best of the knots and of the solutions of all pieces that lie on their piece."""
    best = value = None
    for candidate, cost in _candidates(ops, c, function, z, step):
        cost = ops.add(ops.mul(ops.constant(0.5), ops.sqr(ops.sub(candidate, z))), ops.mul(step, cost))
        # nan where there is none, which is no larger than anything; that it is not itself would be optimised away
        cost = ops.switch(ops.ge(cost, ops.constant(float("-inf"))), cost, ops.constant(float("inf")))
        if best is None:
            best, value = candidate, cost
        else:
            best = ops.switch(ops.lt(cost, value), candidate, best)
            value = ops.minimum(cost, value)
    return best


def _candidates(ops, c, function, z, step):
    for i, knot in enumerate(function.knots):
        point = function.points[i]
        sides = [point] if point is not None else [p for p in function.pieces[i : i + 2] if p is not None]
        for piece in sides:
            yield _like(ops, knot, z), c.term(piece, knot)
    ends = [None, *function.knots, None]
    solutions = _resolvents(ops, function, z, step)
    for piece, solution, lower, upper in zip(function.pieces, solutions, ends, ends[1:]):
        if piece is not None:
            solution = solution if lower is None else ops.maximum(solution, lower)
            solution = solution if upper is None else ops.minimum(solution, upper)
            yield solution, c.term(piece, solution)
