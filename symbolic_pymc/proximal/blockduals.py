r"""Convex conjugates of functions of whole arrays.

.. math::

    \phi^*(u) = \sup_x\; \langle u, x \rangle - \phi(x)
"""

from dataclasses import dataclass, replace
from typing import Callable

from symbolic_pymc.proximal.blocks import prox_of_block
from symbolic_pymc.proximal.combinations import X, Numbers, Unknown
from symbolic_pymc.proximal.conjugates import conjugate_of_pieces
from symbolic_pymc.proximal.inner import at, positions
from symbolic_pymc.proximal.piecevalues import value_of_pieces
from symbolic_pymc.proximal.pieces import Piecewise
from symbolic_pymc.proximal.shapes import CONVEX
from symbolic_pymc.parts import substitute


def conjugate_of_block(ops, function, phi, u):
    r"""Return the conjugate of a convex `Block`, which all elements of the term `phi` add up to, at `u` as a number.

    A linear function is taken away first.  With squares beside it, the supremum is where a proximal operator says,

    .. math::

        (\phi + q \lVert \cdot \rVert^2)^*(u) = \langle u, x \rangle - \phi(x) - q \lVert x \rVert^2, \qquad
        x = \operatorname{prox}_{\phi / 2 q}(u / 2 q).

    Raises
    ------
    Unknown
        With the reason in words.
    """
    if function.curvature != CONVEX:
        raise Unknown("it is not known to be convex, and its conjugate is that of another function")
    moved = u if function.tilt is None else ops.sub(u, function.tilt)
    if function.square is not None:
        place = _place_beside_squares(ops, function, moved)
        return ops.sub(ops.total(ops.mul(u, place)), _at(ops, function, phi, place))
    own = _sum(ops, _conjugates(ops, function, moved))
    place = prox_of_block(ops, replace(function, tilt=None), ops.mul(ops.constant(0.0), u), ops.constant(1.0))
    values = _sum(ops, _values(ops, function, place))  # all but constants, which a block does not tell
    return ops.sub(own, ops.sub(_at(ops, function, phi, place), values))


def covered(ops, function, x):
    """Return on which elements of `x` a `Block` depends, as numbers."""
    inner = [core.inner for core in function.cores]
    everywhere = ops.second(x, ops.constant(1.0))
    if function.square is not None or function.extra is not None or any(i.kind != "some" for i in inner):
        return everywhere
    result = ops.mul(ops.constant(0.0), x)
    for each in inner:
        result = ops.put(result, positions(ops, each), ops.second(at(each, function.argument, x), ops.constant(1.0)))
    return result


def _sum(ops, arrays):
    first, *rest = [ops.total(x) for x in arrays]
    for other in rest:
        first = ops.add(first, other)
    return first


def _at(ops, function, phi, place):
    return ops.total(substitute(phi, {function.argument: place}))


def _place_beside_squares(ops, function, u):
    n = Numbers(ops)
    twice = n.mul(n(2.0), function.square)
    alone = replace(function, tilt=None, square=None)
    return prox_of_block(ops, alone, ops.true_div(u, twice), n.div(n.one, twice))


def _values(ops, function, x):
    """Yield arrays whose elements add up to the value of a block without squares."""
    for core in function.cores:
        yield _DUALS[core.kind].value(ops, core, _inside(ops, core, function.argument, x))
    if function.extra is not None:
        yield value_of_pieces(ops, function.extra, x)
    if function.tilt is not None:
        yield ops.mul(function.tilt, x)


def _conjugates(ops, function, u):
    """Yield arrays whose elements add up to the conjugate of a block without squares and linear functions."""
    kinds = {core.kind for core in function.cores}
    if not function.cores and function.extra is None or not kinds <= set(_DUALS):
        raise Unknown(f"the conjugate of {' and '.join(kinds) or 'a linear function'}")
    if function.extra is not None and kinds:
        u = _beside(ops, function, u)
    elif function.extra is not None:
        yield conjugate_of_pieces(ops, function.extra, u)
    for core in function.cores:
        yield from _through(ops, core, function.argument, u)


def _beside(ops, function, u):
    r"""Return what is left of `u` beside a multiple of `x` on each side of zero, for functions of lengths.

    .. math::

        (\phi + \sigma_{[a, b]})^*(u) = \min_{a \le v \le b} \phi^*(u - v)
    """
    if not {core.kind for core in function.cores} <= {"radial", "groups"}:
        raise Unknown("the conjugate of a sum")
    below, above = function.extra.pieces[0], function.extra.pieces[-1]
    nearest = u if below is None else ops.maximum(u, below.get(X, Numbers(ops).zero))
    nearest = nearest if above is None else ops.minimum(nearest, above.get(X, Numbers(ops).zero))
    return ops.sub(u, nearest)


def _inside(ops, core, argument, x):
    """Return the map of a core at `x`."""
    return x if core.inner.kind in _SPECTRA else at(core.inner, argument, x)


_SPECTRA = ("singular", "eigen")


def _through(ops, core, argument, u):
    r"""Yield the conjugate of a function of a map, where `u` is in its range.

    .. math::

        \phi(L \cdot + b)^*(L^\top v) = \phi^*(v) - \langle b, v \rangle, \qquad L L^\top = c I
    """
    inner, n = core.inner, Numbers(ops)
    if inner.kind not in ("all", "some", *_SPECTRA):
        raise Unknown("a function of a linear map, whose conjugate is finite on its range alone")
    if inner.kind not in _SPECTRA and not (inner.factor is None and inner.offset is None and inner.expr is argument):
        v = at(inner, argument, u)
        v = v if inner.offset is None else ops.sub(v, inner.offset)
        v = v if inner.factor is None else ops.true_div(v, n.mul(inner.factor, inner.factor))
        if inner.offset is not None:
            yield ops.neg(ops.mul(inner.offset, v))
        u = v
    yield _DUALS[core.kind].conjugate(ops, core, u)


def above_zero(ops, function):
    """Return a piecewise function of lengths, without what it says of negative ones."""
    n = Numbers(ops)
    signs = [n.sign(knot) for knot in function.knots]
    if None in signs:
        raise Unknown("a function of lengths that changes its form at places that are not known to be positive")
    first = sum(sign < 1 for sign in signs)
    knots = (n.zero, *function.knots[first:])
    return Piecewise(knots, (None, *function.pieces[first:]), (None,) * len(knots))


@dataclass(frozen=True)
class _Dual:
    """The value and the conjugate of a core, each ``(ops, core, u)``: an array that adds up to it."""

    value: Callable
    conjugate: Callable


def _of(numbers, function):
    """Return the row of a function, element by element, of numbers that are computed from an array."""
    return _Dual(
        lambda ops, core, u: value_of_pieces(ops, function(ops, core), numbers(ops, core, u)),
        lambda ops, core, u: conjugate_of_pieces(ops, function(ops, core), numbers(ops, core, u)),
    )


def _of_lengths(ops, core):
    return above_zero(ops, core.function)


def _of_elements(ops, core):
    return core.function


def _numbers(ops, core, u):
    rule = {"singular": ops.singular_values, "eigen": ops.eigenvalues}.get(core.inner.kind)
    return u if rule is None else rule(u)


_DUALS = {
    "radial": _of(lambda ops, core, u: ops.lengths(u, core.axes), _of_lengths),
    "groups": _of(lambda ops, core, u: ops.group_lengths(core.parameters["members"], u), _of_lengths),
    "pieces": _of(_numbers, _of_elements),
}
