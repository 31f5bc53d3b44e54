r"""Proximal operators of functions of whole vectors and matrices.

.. math::

    \operatorname{prox}_{\gamma\phi}(z)
        = \operatorname{argmin}_x\; \gamma\,\phi(x) + \tfrac{1}{2} \lVert x - z \rVert^2
"""

from dataclasses import dataclass, replace
from typing import Any

from symbolic_pymc.records import Atom, Term
from symbolic_pymc.proximal.blockreader import Reading
from symbolic_pymc.proximal.blocktable import BLOCKS
from symbolic_pymc.proximal.combinations import Combinations, Unknown
from symbolic_pymc.proximal.inner import held_through, in_place_of, through
from symbolic_pymc.proximal.pieces import Piecewise, piecewise
from symbolic_pymc.proximal.prox import prox_of_pieces
from symbolic_pymc.proximal.shapes import CONVEX, curvature
from symbolic_pymc.proximal.together import summed, together
from symbolic_pymc.parts import graph_parts, substitute


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


def block(ops, term, argument, shape=None):
    """Return the `Block` that the sum of all elements of a term is of an argument.

    Parameters
    ----------
    shape : tuple of int, optional
        Of the argument; needed where its type does not tell and elements are counted from the end.

    Raises
    ------
    Unknown
        With the reason in words.
    """
    if _is_elsewhere(ops, term, argument):
        raise Unknown("what it is computed from stands elsewhere in it too")
    reading = Reading(ops, argument)
    reading.read(term)
    cores = list(reading.cores)
    for y, (core, terms) in reading.functions.items():
        cores.append(replace(core, function=piecewise(ops, summed(ops, terms), y)))
    extra = piecewise(ops, summed(ops, reading.separable), argument) if reading.separable else None
    tilt = summed(ops, reading.tilts) if reading.tilts else None
    if cores:
        shape = shape or ops.known_shape(argument)
        return Block(argument, *together(ops, cores, extra, tilt, argument, shape))
    if extra is None and tilt is None:
        raise Unknown("it does not depend on the unknown")
    return Block(argument, (), extra, tilt, None, CONVEX if extra is None else curvature(ops, extra))


def _is_elsewhere(ops, term, argument):
    """Tell whether an input that an argument depends on stands in a term outside of that argument."""
    if not isinstance(argument, Term):
        return False
    without = substitute(term, {argument: ops.constant(0.0)})
    inputs = {x for x in graph_parts(argument) if isinstance(x, Atom) and ops.value_of(x) is None}
    return any(x in inputs for x in graph_parts(without))


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
    """Return where a `Block` is not smooth in an element of `x`, as booleans of the shape of `x`."""
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
