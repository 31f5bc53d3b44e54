r"""Proximal operators of functions of whole vectors and matrices.

.. math::

    \operatorname{prox}_{\gamma\phi}(z)
        = \operatorname{argmin}_x\; \gamma\,\phi(x) + \tfrac{1}{2} \lVert x - z \rVert^2
"""

from dataclasses import dataclass, replace
from typing import Any

from symbolic_pymc.proximal.blockreader import Core, Reading
from symbolic_pymc.proximal.blocktable import BLOCKS
from symbolic_pymc.proximal.combinations import ONE, SQUARE, X, Combinations, Unknown
from symbolic_pymc.proximal.inner import held_through, in_place_of, is_plain, through, tried
from symbolic_pymc.proximal.pieces import Piecewise, piecewise
from symbolic_pymc.proximal.prox import prox_of_pieces
from symbolic_pymc.proximal.shapes import CONVEX, NOT_CONVEX, UNKNOWN, curvature
from symbolic_pymc.relations.arithmetic import number
from symbolic_pymc.walk import substitute


@dataclass(frozen=True)
class Block:
    """A function of a whole array.

    Parameters
    ----------
    argument : term
    cores : tuple of Core
        Functions that take elements together; they do not share elements, where there are several.
    extra : Piecewise or None
        What is added for each element.
    tilt : term or None
        The linear function that is added, by its coefficients.
    square : term or None
        The number with which the sum of squares is added.
    curvature : str
    """

    argument: Any
    cores: tuple
    extra: Any
    tilt: Any
    square: Any
    curvature: str

    @property
    def pattern(self):
        """Return for each core its kind, its map, the axes of its blocks and its weight."""
        return tuple((core.kind, core.inner.kind, core.axes, core.weight) for core in self.cores)


def block(ops, term, argument):
    """Return the `Block` that the sum of all elements of a term is of an argument.

    Raises
    ------
    Unknown
        With the reason in words.
    """
    reading = Reading(ops, argument)
    reading.read(term)
    cores = list(reading.cores)
    for y, (kind, inner, axes, terms) in reading.functions.items():
        cores.append(Core(kind, inner, axes, function=piecewise(ops, _sum(ops, terms), y)))
    cores = _joined(ops, cores)
    extra = piecewise(ops, _sum(ops, reading.separable), argument) if reading.separable else None
    tilt = _sum(ops, reading.tilts) if reading.tilts else None
    for core in cores:
        BLOCKS[core.kind].check(ops, core)
    if cores:
        return _assembled(ops, argument, cores, extra, tilt)
    if extra is None and tilt is None:
        raise Unknown("it does not depend on the unknown")
    return Block(argument, (), extra, tilt, None, CONVEX if extra is None else curvature(ops, extra))


def _sum(ops, terms):
    total, *rest = terms
    for term in rest:
        total = ops.add(total, term)
    return total


def _joined(ops, cores):
    """Return cores with all quadratic forms as one, and without conditions that others imply."""
    if "perspective" in [core.kind for core in cores]:
        cores = _with_positive_scale(ops, cores)
    quadratic = [core for core in cores if core.kind == "quadratic"]
    if len(quadratic) < 2:
        return cores
    matrix = _sum(ops, [core.parameters["matrix"] for core in quadratic])
    is_square = all(core.parameters["is_square"] for core in quadratic)
    total = replace(quadratic[0], parameters={"matrix": matrix, "is_square": is_square})
    return [core for core in cores if core not in quadratic] + [total]


def _with_positive_scale(ops, cores):
    """Return cores without the condition that the first element is positive, which a perspective function needs."""
    n = Combinations(ops).n
    implied = [
        core
        for core in cores
        if core.inner.kind == "some" and core.inner.places.tolist() in (0, [0]) and is_plain(core.inner)
        if core.kind == "pieces" and core.function.pieces == (None, {}) and n.is_zero(core.function.knots[0])
    ]
    if not implied:
        raise Unknown("a sum of squares over an element that is not known to be positive")
    return [core for core in cores if core not in implied]


def _assembled(ops, argument, cores, extra, tilt):
    """Return the block of cores and of what is added to them, where the two go together."""
    c = Combinations(ops)
    linear, square, extra = _without_parabola(ops, c, extra)
    tilt = linear if tilt is None else tilt if linear is None else ops.add(tilt, linear)
    cores, extra = _on_the_simplex(ops, c, cores, extra)
    if len(cores) > 1 and not _are_disjoint(cores):
        raise Unknown(f"{' and '.join(core.kind for core in cores)} of the same elements; split them")
    if extra is not None:
        for core in cores:
            _check_together(ops, c, core, extra)
    verdicts = {BLOCKS[core.kind].curvature(ops, core) for core in cores}
    verdicts |= set() if extra is None else {curvature(ops, extra)}
    verdict = CONVEX if verdicts == {CONVEX} else NOT_CONVEX if NOT_CONVEX in verdicts else UNKNOWN
    return Block(argument, tuple(cores), extra, tilt, square, verdict)


def _without_parabola(ops, c, extra):
    """Return the linear part and the number of squares that all pieces of a function share, and what is left."""
    if extra is None:
        return None, None, None
    n = c.n
    inside = [piece for piece in extra.pieces if piece is not None]
    if not inside:
        raise Unknown("it is infinite everywhere")
    square = inside[0].get(SQUARE, n.zero)
    linear = n.mul(n(0.5), n.add(inside[0].get(X, n.zero), inside[-1].get(X, n.zero)))
    if not all(n.same(piece.get(SQUARE), square) for piece in inside) or ops.ndim(square):
        square = n.zero
    taken = c.times(n(-1.0), {f: k for f, k in ((X, linear), (SQUARE, square)) if not n.is_zero(k)})
    pieces = (None if piece is None else c.add(piece, taken) for piece in extra.pieces)
    pieces = tuple(piece and {f: k for f, k in piece.items() if f != ONE} for piece in pieces)
    left = Piecewise(extra.knots, pieces, extra.points)
    trivial = not left.knots and not left.pieces[0]
    linear, square = (None if n.is_zero(k) else k for k in (linear, square))
    return linear, square, None if trivial else left


def _are_disjoint(cores):
    """Tell whether functions are of different elements."""
    seen = set()
    for core in cores:
        if core.inner.kind != "some":
            return False
        places = set(core.inner.places.ravel().tolist())
        if places & seen:
            return False
        seen |= places
    return True


def _check_together(ops, c, core, extra):
    """Refuse what is added to a core if there is no rule for the two."""
    joins = BLOCKS[core.kind].joins
    plain = is_plain(core.inner)
    if joins == "homogeneous" and plain and _is_homogeneous(ops, c, extra):
        return
    if joins == "uniform" and plain and core.inner.kind == "all" and _is_uniform(ops, extra):
        return
    raise Unknown(f"{core.kind} and another function of the same elements; split them")


def _is_homogeneous(ops, c, extra):
    """Tell whether a function is convex and a multiple of `x` on each side of zero."""
    at_zero = all(c.n.is_zero(knot) for knot in extra.knots)
    return at_zero and all(set(p or ()) <= {X} for p in extra.pieces) and curvature(ops, extra) == CONVEX


def _is_uniform(ops, extra):
    """Tell whether a function is convex and the same for all elements."""
    parts = [*extra.knots, *(t for p in extra.pieces if p for f, k in p.items() for t in (k, f.centre, f.extra) if t)]
    return all(ops.ndim(t) == 0 for t in parts) and curvature(ops, extra) == CONVEX


def _on_the_simplex(ops, c, cores, extra):
    r"""Return the plane :math:`\sum_i x_i = r` and positive elements as the simplex, with what is added on it."""
    planes = [core for core in cores if core.kind == "affine set"]
    if len(cores) != 1 or not planes or extra is None:
        return cores, extra
    (core,) = cores
    size = _size_of_simplex(ops, c.n, core)
    if size is None:
        return cores, extra
    piece = _piece_above_zero(c, extra, size)
    kinds = {f.kind for f in piece}
    if not piece:
        kind, weight = "simplex", size
    elif len(piece) == 1 and kinds <= {"log", "entropy"} and number(ops, size) == 1.0:
        ((f, k),) = piece.items()
        kind, weight = ("log on the simplex", c.n.neg(k)) if f.kind == "log" else ("entropy on the simplex", k)
        if f.centre is not None or f.side < 0:
            raise Unknown("a function on the simplex that is not centred")
    else:
        raise Unknown("a function on the simplex that is not known")
    return [Core(kind, core.inner, (0,), weight)], None


def _size_of_simplex(ops, n, core):
    r"""Return `r` where a plane is :math:`\sum_i x_i = r`, else None."""
    matrix, offset = core.parameters["matrix"], core.parameters["offset"]
    rows = [value for _, value in tried(ops, matrix, core.inner.expr) or ()]
    if not rows or offset is None or any(len(v) != 1 or (v != rows[0].ravel()[0]).any() for v in rows):
        return None
    size = n.div(n.neg(offset), n(rows[0].ravel()[0]))
    return size if n.sign(size) == 1 else None


def _piece_above_zero(c, extra, size):
    """Return what is added where elements are between zero and the size of the simplex."""
    n = c.n
    places = [i for i, knot in enumerate(extra.knots) if n.is_zero(knot)]
    if not places or extra.pieces[places[0]] is not None:
        raise Unknown("a plane, without the condition that elements are positive")
    i = places[0] + 1
    beyond = extra.knots[i:]
    if extra.pieces[i] is None or any(n.sign(n.sub(knot, size)) not in (0, 1) for knot in beyond):
        raise Unknown("a part of the simplex")
    return extra.pieces[i]


def prox_of_block(ops, function, z, step):
    r"""Return the proximal operator of a `Block` at `z` as a term.

    Linear functions and sums of squares are taken away first,

    .. math::

        \operatorname{prox}_{\gamma (\phi + a^\top x + q \lVert x \rVert^2)}(z)
            = \operatorname{prox}_{\gamma' \phi}\Bigl(\frac{z - \gamma a}{1 + 2 \gamma q}\Bigr),
        \qquad \gamma' = \frac{\gamma}{1 + 2 \gamma q};

    a function for each element is applied before what is radial, and after what has an order.
    """
    n, function = Combinations(ops).n, _in_place_of(function, z)
    if function.tilt is not None:
        z = ops.sub(z, ops.mul(step, function.tilt))
    if function.square is not None:
        below = n.add(n.one, n.mul(n(2.0), n.mul(step, function.square)))
        z, step = ops.true_div(z, below), n.div(step, below)
    if not function.cores:
        return z if function.extra is None else prox_of_pieces(ops, function.extra, z, step)
    after = function.extra is not None and BLOCKS[function.cores[0].kind].joins == "uniform"
    if function.extra is not None and not after:
        z = prox_of_pieces(ops, function.extra, z, step)
    for core in function.cores:
        own = BLOCKS[core.kind].prox
        z = through(ops, core.inner, function.argument, z, step, lambda u, s, c=core, p=own: p(ops, c, u, s))
    return prox_of_pieces(ops, function.extra, z, step) if after else z


def _in_place_of(function, z):
    """Return a block with what it takes from the shape of its argument taken from that of `z`."""

    def moved(x):
        return x if x is None or isinstance(x, (int, bool)) else substitute(x, {function.argument: z})

    cores = tuple(
        replace(
            core,
            inner=in_place_of(core.inner, function.argument, z),
            weight=moved(core.weight),
            function=core.function and _mapped(moved, core.function),
            parameters={name: moved(value) for name, value in core.parameters.items()},
        )
        for core in function.cores
    )
    return replace(function, cores=cores, tilt=moved(function.tilt))


def _mapped(moved, function):
    """Return a piecewise function with all of its parameters replaced."""

    def combination(part):
        if part is None:
            return None
        return {replace(f, centre=moved(f.centre), extra=moved(f.extra)): moved(k) for f, k in part.items()}

    return Piecewise(
        tuple(map(moved, function.knots)),
        tuple(map(combination, function.pieces)),
        tuple(map(combination, function.points)),
    )


def held(ops, function, x):
    """Return where a `Block` is not smooth in an element of `x`, as a term of booleans of the shape of `x`."""
    n, function = Combinations(ops).n, _in_place_of(function, x)
    result = ops.everywhere(ops.lt(n.one, n.zero), x)
    if function.extra is not None:
        for knot in function.extra.knots:
            result = ops.or_(result, ops.near(x, knot))
    for core in function.cores:
        own = BLOCKS[core.kind].held
        found = held_through(ops, core.inner, function.argument, x, lambda u, c=core, h=own: h(ops, c, u))
        result = ops.or_(result, found)
    return result
