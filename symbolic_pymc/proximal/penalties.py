r"""Penalties of thresholding operators: proximal operators read backwards.

.. math::

    x = \operatorname{prox}_{\gamma\phi}(z) \implies \phi'(x) = \frac{z - x}{\gamma}

An operator that grows without jumps has one penalty, up to a constant: where it is strictly increasing its inverse
tells the slope, where it is level the penalty has a kink, or its domain an end.
"""

from symbolic_pymc.proximal.combinations import SQUARE, X, Combinations, Unknown
from symbolic_pymc.proximal.functions import Function
from symbolic_pymc.proximal.pieces import Piecewise, piecewise


def penalty_of(ops, prox, z, step, beta):
    """Return the penalty of which `prox` is the proximal operator at `z`, as a term in `beta`.

    Raises
    ------
    Unknown
        For an operator that jumps or falls somewhere, and for one whose inverse is not known.
    """
    return term_of(ops, pieces_of_penalty(ops, prox, z, step), beta)


def pieces_of_penalty(ops, prox, z, step):
    """Return the penalty of an operator as `Piecewise`: zero at zero if it has a knot there, else at the first one."""
    c, operator = Combinations(ops), piecewise(ops, prox, z)
    if any(piece is None for piece in operator.pieces) or any(point is not None for point in operator.points):
        raise Unknown("it is not defined everywhere, or jumps")
    if len(operator.pieces) == 1 and any(f.kind == "root" for f in operator.pieces[0]):
        return _of_root(c, operator.pieces[0], step)
    slopes = [_slope(c, piece) for piece in operator.pieces]
    images = [_image(c, *at) for at in zip(operator.knots, operator.pieces, operator.pieces[1:])]
    knots, pieces = [], [None if c.n.is_zero(slopes[0]) else _inverted(c, operator.pieces[0], step)]
    for image, slope, piece in zip(images, slopes[1:], operator.pieces[1:]):
        if not knots or not c.n.is_zero(c.n.sub(image, knots[-1])):
            knots.append(image)
            pieces.append(None if c.n.is_zero(slope) else _inverted(c, piece, step))
        elif not c.n.is_zero(slope):
            pieces[-1] = _inverted(c, piece, step)
    if all(piece is None for piece in pieces):
        raise Unknown("it is constant")
    return Piecewise(tuple(knots), tuple(_connected(c, knots, pieces)), (None,) * len(knots))


def _slope(c, piece):
    affine = c.affine(piece)
    if affine is None:
        raise Unknown("the inverse of a piece that is not affine")
    if c.n.sign(affine[0]) not in (0, 1):
        raise Unknown("it falls somewhere, or is not known to grow")
    return affine[0]


def _image(c, knot, left, right):
    """Return the value of an operator at a knot."""
    value = c.n.add(c.term(left, knot), c.n.zero)
    if not c.n.is_zero(c.n.sub(value, c.term(right, knot))):
        raise Unknown("it jumps: between the ends of a jump every penalty that is large enough has this operator")
    return value


def _inverted(c, piece, step):
    """Return the penalty whose slope is ``((x - b) / s - x) / step``, for ``s z + b``."""
    n, (slope, offset) = c.n, c.affine(piece)
    bend = n.div(n.sub(n.div(n.one, slope), n.one), step)
    tilt = n.neg(n.div(offset, n.mul(slope, step)))
    return {f: k for f, k in ((SQUARE, n.mul(n(0.5), bend)), (X, tilt)) if not n.is_zero(k)}


def _connected(c, knots, pieces):
    """Return pieces with the constants that let the function go on without jumps."""
    n, total, connected = c.n, c.n.zero, list(pieces)
    for i, (knot, left, right) in enumerate(zip(knots, pieces, pieces[1:])):
        if right is not None:
            before = n.zero if left is None else n.add(c.term(left, knot), total)
            total = n.sub(before, c.term(right, knot))
            connected[i + 1] = c.add(right, c.constant(total))
    origin = next((k for k in knots if n.is_zero(k)), knots[0] if knots else None)
    if origin is None:
        return connected
    i = knots.index(origin)
    piece = connected[i] if connected[i] is not None else connected[i + 1]
    height = n.neg(n.add(c.term(piece, origin), n.zero))
    return [None if piece is None else c.add(piece, c.constant(height)) for piece in connected]


def _of_root(c, piece, step):
    r"""The penalty of :math:`b + h \bigl(y + \sqrt{y^2 + d}\bigr)` with :math:`y = z - c`: quadratic and logarithmic."""
    n, rest = c.n, {f: k for f, k in piece.items() if f.kind == "root"}
    (f, h), *more = rest.items()
    affine = c.affine({g: k for g, k in piece.items() if g != f})
    if more or affine is None or not n.is_zero(n.sub(affine[0], h)) or n.sign(h) != 1:
        raise Unknown("the inverse of a piece that is not affine")
    centre = f.centre or n.zero
    origin = n.add(affine[1], n.mul(h, centre))
    square = n.div(n.sub(n.div(n(0.25), h), n(0.5)), step)
    tilt = n.div(n.sub(centre, n.mul(n.div(n(0.5), h), origin)), step)
    log = Function("log", None if n.is_zero(origin) else origin)
    weight = n.neg(n.div(n.mul(n(0.5), n.mul(f.extra, h)), step))
    inside = {g: k for g, k in ((SQUARE, square), (X, tilt), (log, weight)) if not n.is_zero(k)}
    return Piecewise((origin,), (None, inside), (None,))


def term_of(ops, function, x):
    """Return a `Piecewise` function as a term; what is as steep on both sides of a knot is an absolute value."""
    c = Combinations(ops)
    absolute = _absolute(c, function, x)
    if absolute is not None:
        return absolute
    result = _piece_term(ops, c, function.pieces[-1], x)
    for i in reversed(range(len(function.knots))):
        left, right = function.pieces[i], function.pieces[i + 1]
        below = ops.lt if right is not None else ops.le
        result = ops.switch(below(x, function.knots[i]), _piece_term(ops, c, left, x), result)
    return result


def _piece_term(ops, c, piece, x):
    return ops.second(x, ops.constant(float("inf")) if piece is None else c.term(piece, x))


def _absolute(c, function, x):
    n = c.n
    lines = [c.affine(piece) if piece is not None else None for piece in function.pieces]
    if len(lines) != 2 or None in lines or not n.is_zero(n.add(lines[0][0], lines[1][0])):
        return None
    (knot,) = function.knots
    if not n.is_zero(n.add(c.term(function.pieces[1], knot), n.zero)):
        return None
    moved = x if n.is_zero(knot) else c.ops.sub(x, knot)
    return c.ops.mul(lines[1][0], c.ops.abs(moved))
