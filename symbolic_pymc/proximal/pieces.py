"""Penalties as piecewise functions of one number, whatever way they are spelt.

An expression that is computed element by element from an unknown `x` is read on one interval at a time: there
``abs``, ``sign``, ``maximum`` and ``switch`` are settled, and what is left is a combination of smooth functions.  An
interval ends where one of these changes its mind, or where a logarithm or a root ends; these places are found on the
way.
"""

from dataclasses import dataclass, replace

import numpy as np

from symbolic_pymc.errors import ConversionError
from symbolic_pymc.records import Term
from symbolic_pymc.proximal.combinations import ONE, SQUARE, X, Combinations, Outside, Unknown
from symbolic_pymc.proximal.comparisons import is_settled
from symbolic_pymc.proximal.functions import KINDS, Function
from symbolic_pymc.proximal.logarithms import TERMS
from symbolic_pymc.proximal.logic import CONDITIONS
from symbolic_pymc.proximal.operations import ELEMENTWISE, is_uniform
from symbolic_pymc.relations.arithmetic import number
from symbolic_pymc.vocabulary import is_unit_axis_shuffle
from symbolic_pymc.parts import graph_parts, substitute


@dataclass(frozen=True)
class Piecewise:
    """A function of one number.

    Parameters
    ----------
    knots : tuple of terms
        In ascending order.
    pieces : tuple of dict or None
        The combination on each of the intervals between them, one more than there are knots; None outside of the
        domain.
    points : tuple of dict or None
        The combination at each knot, a constant where the function jumps there; None where it is closed, and has
        the lower of the limits from both sides.
    """

    knots: tuple
    pieces: tuple
    points: tuple


class _Knot(Exception):
    """A place where the function changes its form, that was not known yet."""

    def __init__(self, place):
        self.place = place


LIMIT = 12
_MIRRORED = {"sigmoid": 1.0, "erfc": 2.0}  # the sum of the function at an argument, and at minus that


def piecewise(ops, expr, x):
    """Return the `Piecewise` form of `expr` in the input `x`.

    Raises
    ------
    Unknown
        With the reason in words.
    """
    try:
        return _pieces_of(Reader(ops, expr, x))
    except ConversionError as reason:  # it was read for numbers, and wants axes
        raise Unknown(f"it is not computed element by element: {reason}") from None


def _pieces_of(reader):
    knots = []
    while True:
        try:
            pieces = [reader.read(knots, i) for i in range(len(knots) + 1)]
            points = [reader.read(knots, i, at=True) if reader.jumps else None for i in range(len(knots))]
            return _merged(reader.c, knots, pieces, points)
        except _Knot as knot:
            _insert(reader.c.n, knots, knot.place)
            if len(knots) > LIMIT:
                raise Unknown(f"it has more than {LIMIT} places where it changes its form") from None


def _insert(n, knots, place):
    for i, knot in enumerate(knots):
        order = n.sign(n.sub(place, knot))
        if order is None:
            raise Unknown(f"it is not known which of {place} and {knot} is larger in all elements")
        if order < 0:
            knots.insert(i, place)
            return
    knots.append(place)


def _merged(c, knots, pieces, points):
    """Return the function without the knots where nothing changes."""
    points = [None if _is_closed(c, *at) else at[0] for at in zip(points, knots, pieces, pieces[1:])]
    kept = [i for i in range(len(knots)) if not _equal(c, pieces[i], pieces[i + 1]) or points[i] is not None]
    parts = [pieces[i] for i in kept] + [pieces[-1]]
    return Piecewise(tuple(knots[i] for i in kept), tuple(parts), tuple(points[i] for i in kept))


def _is_closed(c, point, knot, left, right):
    """Tell whether the value at a knot is the limit from both sides, as far as they are in the domain."""
    sides = [side for side in (left, right) if side is not None]
    if point is None or not sides:
        return point is None
    return all(c.n.is_zero(c.n.sub(c.term(point, knot), c.term(side, knot))) for side in sides)


def _equal(c, a, b):
    return (a is None) == (b is None) and (a is None or not c.add(a, c.times(c.n(-1.0), b)))


class Reader:
    """Reads an expression on one interval at a time."""

    def __init__(self, ops, expr, x):
        self.ops, self.expr, self.x, self.c = ops, _unfilled(ops, expr, x), x, Combinations(ops)
        self.parts = graph_parts(self.expr)
        self.depends, self.given = {x}, {}
        for part in self.parts:
            if (
                isinstance(part, Term)
                and ops.kind_of(part) != "shape"
                and any(r in self.depends for r in _inputs(ops, part))
            ):
                self.depends.add(part)
        self.jumps = any(ops.kind_of(part) in ("eq", "neq") for part in self.depends)

    def read(self, knots, i, at=False):
        """Return the combination below knot `i`, or at it; None outside of the domain."""
        self.knots, self.i, self.at, self.forms = knots, i, at, {self.x: {X: self.c.n.one}}
        try:
            return self.form(self.expr)
        except Outside:
            return None

    def form(self, part):
        """Return the combination of a part: of those that it depends on, branches that do not count are not read."""
        if part not in self.depends:
            return self._given(part)
        if part not in self.forms:
            kind = self.ops.kind_of(part)
            rule = ELEMENTWISE.get(kind)
            if rule is None:
                raise Unknown(f"it stands inside {kind or part.rator}, which is no function known here")
            self.forms[part] = rule(self, *part.rands)
        return self.forms[part]

    def _given(self, part):
        if part not in self.given:
            self.given[part] = None if self._is_infinite(part) else self.c.n.add(part, self.c.n.zero)
        if self.given[part] is None:
            raise Outside
        return self.c.constant(self.given[part])

    def _is_infinite(self, part):
        value = self.ops.value_of(part) if number(self.ops, part) is None else None
        return value is not None and value.size > 0 and bool(np.all(np.isinf(value)))

    # Where x is, beside a place or as an argument of a condition ---------------------------------------------------

    def side(self, place):
        """Return 1, -1 or 0 for `x` above, below or at a place; a new place is a new knot."""
        n = self.c.n
        for j, knot in enumerate(self.knots):
            if n.is_zero(n.sub(knot, place)):
                return 0 if self.at and self.i == j else 1 if self.i > j else -1
        raise _Knot(place)

    def sign(self, form):
        """Return the sign of a combination on this interval."""
        n, affine = self.c.n, self.c.affine(form)
        if affine is None:
            return self._sign_of_sum(form)
        slope, offset = affine
        if n.is_zero(slope):
            known = n.sign(offset)
            if known is None:
                raise Unknown(f"the sign of {offset} is not known")
            return known
        direction = n.sign(slope)
        if direction is None:
            raise Unknown(f"the sign of {slope} is not known, or not the same in all elements")
        return direction * self.side(n.div(n.neg(offset), slope))

    def _sign_of_sum(self, form):
        """Return the sign of a sum of functions that are positive, with coefficients of one sign."""
        signs = set()
        for f, k in self.mirrored(form).items():
            own = 1 if f.kind in ("one", "square", "power", "exp", "softplus", "root", "sigmoid", "erfc") else None
            if f == SQUARE:
                own = abs(self.side(self.c.n.zero))
            signs.add(None if own is None else own * (self.c.n.sign(k) or 0))
        known = signs - {0}
        if len(known) == 2 and None not in signs and len(form) == 2:
            return self._sign_beside_zero(form)
        if None in signs or len(known) > 1 or not known:
            raise Unknown("the sign of a function of it is not known")
        return known.pop()

    def _sign_beside_zero(self, form):
        """Return the sign of ``k f(y) + b``, where `f` grows from zero, and `k` and `b` have different signs."""
        n = self.c.n
        f = next((f for f in form if f.kind == "exp" or f.kind == "power" and n.sign(f.extra) == 1), None)
        if f is None or ONE not in form:
            raise Unknown("the sign of a function of it is not known")
        ratio = n.div(n.neg(form[ONE]), form[f])
        y = self.ops.pow(ratio, n.div(n.one, f.extra)) if f.kind == "power" else n.div(self.ops.log(ratio), f.extra)
        place = n.add(f.centre or n.zero, n.mul(n(f.side), n.add(y, n.zero)))
        return n.sign(form[f]) * f.side * self.side(place)

    def mirrored(self, form):
        """Return a combination with ``k - k sigmoid(y)`` as ``k sigmoid(-y)``, ``2 k - k erfc(y)`` as ``k erfc(-y)``."""
        n = self.c.n
        f = next((f for f in form if f.kind in _MIRRORED), None)
        if f is None or set(form) != {ONE, f}:
            return form
        if not n.is_zero(n.add(n.mul(n(_MIRRORED[f.kind]), form[f]), form[ONE])):
            return form
        return {replace(f, side=-f.side): n.neg(form[f])}

    # Functions of affine arguments ``r x + b = |r| y`` -----------------------------------------------------------------

    def inside(self, form):
        """Return slope and offset of an affine combination that is positive here; outside of the domain else."""
        affine = self.c.affine(form)
        if affine is None or self.c.n.is_zero(affine[0]):
            return None
        if self.sign(form) < 0 or self.at:
            raise Outside
        return affine

    def placed(self, kind, affine, extra=None):
        """Return a function of an affine argument."""
        slope, offset = affine
        n = self.c.n
        centre = n.div(n.neg(offset), slope)
        return Function(kind, None if n.is_zero(centre) else centre, n.sign(slope), extra)

    def scaled(self, kind, form):
        """Return the combination that is one function of an affine argument, whose slope is its rate."""
        n, affine = self.c.n, self.c.affine(form)
        if affine is None or n.sign(affine[0]) is None:
            raise Unknown(f"the {kind} of a function of it that is not affine, or whose slope has no known sign")
        if n.is_zero(affine[0]):
            return self.c.constant(n.add(KINDS[kind].value(self.ops, affine[1], n.one), n.zero))
        return {self.placed(kind, affine, n.mul(n(n.sign(affine[0])), affine[0])): n.one}

    def squared_distance(self, form):
        """Return ``a, centre, d`` of ``a (d + (x - centre)**2)`` with `a` of a known sign, or None."""
        n, quadratic = self.c.n, self.c.quadratic(form)
        if quadratic is None or n.sign(quadratic[2]) not in (1, -1):
            return None
        offset, slope, a = quadratic
        centre = n.div(slope, n.mul(n(-2.0), a))
        d = n.sub(n.div(offset, a), n.mul(centre, centre))
        return (a, None if n.is_zero(centre) else centre, d)

    def holds(self, condition):
        """Tell whether a condition holds on this interval."""
        if condition not in self.depends:
            value = self.ops.value_of(condition)
            if value is None or not is_uniform(value):
                raise Unknown(f"a condition that is not known, or not the same in all elements: {condition}")
            return bool(np.all(value))
        return is_settled(self, condition)


def _inputs(ops, part):
    return part.rands[1:] if ops.kind_of(part) == "second" else part.rands


def _unfilled(ops, expr, x):
    """Return a function of `x` where what is filled with one value is that value: it is read element by element."""
    values = {x: x.rands[0] for x in graph_parts(expr) if ops.is_fill(x)}
    values |= {x: x.rands[1] for x in graph_parts(expr) if ops.kind_of(x) == "second"}
    values |= {x: x.rands[0] for x in graph_parts(expr) if _is_number_with_axes(ops, x)}
    return substitute(expr, values | {x: x}) if values else expr


def _is_number_with_axes(ops, part):
    return isinstance(part, Term) and is_unit_axis_shuffle(part) and ops.ndim(part.rands[0]) == 0


# What is computed element by element, and what is known of its logarithm or as a condition only
READ = frozenset((*ELEMENTWISE, *CONDITIONS, *TERMS))
