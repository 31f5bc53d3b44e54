"""Penalties as piecewise functions of one number, whatever way they are spelt.

An expression that is computed element by element from an unknown `x` is read on one interval at a time: there
``abs``, ``sign``, ``maximum`` and ``switch`` are settled, and what is left is a combination of smooth functions.  An
interval ends where one of these changes its mind, or where a logarithm or a root ends; these places are found on the
way.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from symbolic_pymc.meta import Constant, Term
from symbolic_pymc.proximal.combinations import ONE, SQUARE, X, Combinations, Unknown
from symbolic_pymc.proximal.functions import Function
from symbolic_pymc.relations.arithmetic import number
from symbolic_pymc.relations.goals import without_unit_axes
from symbolic_pymc.walk import graph_parts


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


class _Outside(Exception):
    """This interval is outside of the domain."""


LIMIT = 12


def piecewise(ops, expr, x):
    """Return the `Piecewise` form of `expr` in the input `x`.

    Raises
    ------
    Unknown
        With the reason in words.
    """
    knots, reader = [], Reader(ops, expr, x)
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
    kept = [i for i in range(len(knots)) if not _equal(c, pieces[i], pieces[i + 1]) or points[i] is not None]
    parts = [pieces[i] for i in kept] + [pieces[-1]]
    return Piecewise(tuple(knots[i] for i in kept), tuple(parts), tuple(points[i] for i in kept))


def _equal(c, a, b):
    return (a is None) == (b is None) and (a is None or not c.add(a, c.times(c.n(-1.0), b)))


class Reader:
    """Reads an expression on one interval at a time."""

    def __init__(self, ops, expr, x):
        self.ops, self.expr, self.x, self.c = ops, expr, x, Combinations(ops)
        self.parts = graph_parts(expr)
        self.depends, self.given = {x}, {}
        for part in self.parts:
            if isinstance(part, Term) and ops.kind_of(part) != "shape" and any(r in self.depends for r in _inputs(ops, part)):
                self.depends.add(part)
        self.jumps = any(ops.kind_of(part) in ("eq", "neq") for part in self.depends)

    def read(self, knots, i, at=False):
        """Return the combination below knot `i`, or at it; None outside of the domain."""
        self.knots, self.i, self.at, self.forms = knots, i, at, {self.x: {X: self.c.n.one}}
        try:
            return self.form(self.expr)
        except _Outside:
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
            raise _Outside
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
        for f, k in self._without_sigmoid(form).items():
            own = 1 if f.kind in ("one", "square", "power", "exp", "softplus", "root", "sigmoid") else None
            if f == SQUARE:
                own = abs(self.side(self.c.n.zero))
            signs.add(None if own is None else own * (self.c.n.sign(k) or 0))
        known = signs - {0}
        if None in signs or len(known) > 1 or not known:
            raise Unknown("the sign of a function of it is not known")
        return known.pop()

    def _without_sigmoid(self, form):
        """Return a combination with ``k - k sigmoid(y)`` as ``k sigmoid(-y)``."""
        f = next((f for f in form if f.kind == "sigmoid"), None)
        if f is None or set(form) != {ONE, f} or not self.c.n.is_zero(self.c.n.add(form[f], form[ONE])):
            return form
        return {replace(f, side=-f.side): form[ONE]}

    def holds(self, condition):
        """Tell whether a condition holds on this interval."""
        if condition not in self.depends:
            value = self.ops.value_of(condition)
            if value is None or not _is_uniform(value):
                raise Unknown("a condition that is not known, or not the same in all elements")
            return bool(np.all(value))
        kind = self.ops.kind_of(condition)
        if kind not in CONDITIONS:
            raise Unknown(f"a condition on {kind or condition.rator}")
        return CONDITIONS[kind](self, *condition.rands)


def _inputs(ops, part):
    return part.rands[1:] if ops.kind_of(part) == "second" else part.rands


def infinite(part):
    """Return 1 or -1 for a constant that is infinite, with that sign, in all elements; 0 for any other term."""
    part = without_unit_axes(part)
    signs = np.unique(part.value) if isinstance(part, Constant) else ()
    return int(np.sign(signs[0])) if len(signs) == 1 and np.isinf(signs[0]) else 0


# Conditions ------------------------------------------------------------------------------------------------------


def _compared(test):
    def rule(reader, a, b):
        if any(reader.ops.kind_of(v) in _LOGIC for v in (a, b)):
            raise Unknown("a comparison of conditions")
        n = reader.c.n
        for inner, outer, turn in ((a, b, 1), (b, a, -1)):
            if outer not in reader.depends and infinite(outer):
                return bool(test(-turn * infinite(outer)))
        return bool(test(reader.sign(reader.c.add(reader.form(a), reader.c.times(n(-1.0), reader.form(b))))))

    return rule


def _settled_by(verdict):
    """Return a rule for several conditions, of which one that gives the verdict settles it, whatever the others."""

    def rule(reader, *parts):
        unknown = None
        for part in parts:
            try:
                if reader.holds(part) is verdict:
                    return verdict
            except Unknown as reason:
                unknown = reason
        if unknown is not None:
            raise unknown
        return not verdict

    return rule


_all = _settled_by(False)
_LOGIC = ("gt", "ge", "lt", "le", "eq", "neq", "and_", "or_", "invert", "all")
CONDITIONS = {
    "gt": _compared(lambda s: s > 0),
    "ge": _compared(lambda s: s >= 0),
    "lt": _compared(lambda s: s < 0),
    "le": _compared(lambda s: s <= 0),
    "eq": _compared(lambda s: s == 0),
    "neq": _compared(lambda s: s != 0),
    "and_": _all,
    "mul": _all,
    "or_": _settled_by(True),
    "invert": lambda reader, part: not reader.holds(part),
    "structural": lambda reader, part, *rest: reader.holds(part),
    "cast": lambda reader, part: reader.holds(part),
    "all": lambda reader, part: reader.holds(part),
    "stack": _all,
}

# Operations --------------------------------------------------------------------------------------------------------


def _sum(reader, *parts):
    return reader.c.add(*map(reader.form, parts))


def _less(reader, a, b):
    return reader.c.add(reader.form(a), reader.c.times(reader.c.n(-1.0), reader.form(b)))


def _neg(reader, a):
    return reader.c.times(reader.c.n(-1.0), reader.form(a))


def _mul(reader, *parts):
    product, *rest = map(reader.form, parts)
    for form in rest:
        product = reader.c.product(product, form)
    return product


def _switch(reader, condition, yes, no):
    if condition not in reader.depends and not _is_uniform(reader.ops.value_of(condition)):
        return _mixed(reader, condition, reader.form(yes), reader.form(no))
    return reader.form(yes if reader.holds(condition) else no)


def _is_uniform(value):
    return value is None or bool(np.all(value)) == bool(np.any(value))


def _mixed(reader, condition, yes, no):
    """Return the combination of some elements, and another one of the others."""
    zero, switch = reader.c.n.zero, reader.ops.switch
    chosen = {f: switch(condition, k, zero) for f, k in yes.items()}
    others = {f: switch(condition, zero, k) for f, k in no.items()}
    return reader.c.add(chosen, others)


def _abs(reader, a):
    form = reader.form(a)
    return reader.c.times(reader.c.n(float(reader.sign(form))), form)


def _sign(reader, a):
    return reader.c.constant(reader.c.n(float(reader.sign(reader.form(a)))))


def _larger(direction):
    def rule(reader, a, b):
        difference = _less(reader, a, b)
        return reader.form(a if direction * reader.sign(difference) > 0 else b)

    return rule


def _clip(reader, a, low, high):
    for bound, direction in ((low, -1), (high, 1)):
        if reader.sign(_less(reader, a, bound)) * direction > 0:
            return reader.form(bound)
    return reader.form(a)


def _inside(reader, form):
    """Return slope and offset of an affine combination that is positive here; outside of the domain else."""
    affine = reader.c.affine(form)
    if affine is None or reader.c.n.is_zero(affine[0]):
        return None
    if reader.sign(form) < 0 or reader.at:
        raise _Outside
    return affine


def _placed(reader, kind, affine, extra=None):
    """Return a function of an affine argument ``r x + b = |r| y``."""
    slope, offset = affine
    n = reader.c.n
    centre = n.div(n.neg(offset), slope)
    return Function(kind, None if n.is_zero(centre) else centre, n.sign(slope), extra)


def _log_of(reader, form):
    c, n = reader.c, reader.c.n
    value = c.number(form)
    if value is not None:
        return c.constant(n.add(reader.ops.log(value), n.zero))
    affine = _inside(reader, form)
    if affine:
        size = n.mul(n(n.sign(affine[0])), affine[0])
        return c.add({_placed(reader, "log", affine): n.one}, c.constant(n.add(reader.ops.log(size), n.zero)))
    for rule in (_log_of_power, _log_of_exponential, _log_of_quadratic, _log_of_sigmoid):
        found = rule(reader, form)
        if found is not None:
            return found
    raise Unknown("the logarithm of a function of it that is not known")


def _log_of_power(reader, form):
    c, n = reader.c, reader.c.n
    if len(form) != 1:
        return None
    ((f, k),) = form.items()
    logs = {
        SQUARE: lambda: c.times(n(2.0), _log_of(reader, {X: n(float(reader.side(n.zero)))})),
        "power": lambda: {Function("log", f.centre, f.side): f.extra},
        "exp": lambda: {X: n.mul(n(f.side), f.extra), **c.constant(n.neg(n.mul(n.mul(n(f.side), f.extra), f.centre or n.zero)))},
    }
    rule = logs.get(f) or logs.get(f.kind)
    return None if rule is None else c.add(rule(), c.constant(n.add(reader.ops.log(k), n.zero)))


def _log_of_exponential(reader, form):
    """Return ``log(a + b exp(r y))`` as ``log(a) + softplus(r y + log(b / a))``."""
    c, n = reader.c, reader.c.n
    rest = {f: k for f, k in form.items() if f != ONE}
    if len(rest) != 1 or ONE not in form:
        return None
    ((f, b),) = rest.items()
    a = form[ONE]
    if f.kind != "exp" or n.sign(a) != 1 or n.sign(b) != 1:
        return None
    # e**(r y) b / a = e**(r side (x - centre'))
    shift = n.div(n.add(reader.ops.log(n.div(b, a)), n.zero), n.mul(n(f.side), f.extra))
    centre = n.sub(f.centre or n.zero, shift)
    own = Function("softplus", None if n.is_zero(centre) else centre, f.side, f.extra)
    return c.add({own: n.one}, c.constant(n.add(reader.ops.log(a), n.zero)))


def _squared_distance(reader, form):
    """Return ``a, centre, d`` of ``a (d + (x - centre)**2)`` with positive `a` and `d`, or None."""
    n, quadratic = reader.c.n, reader.c.quadratic(form)
    if quadratic is None or n.sign(quadratic[2]) != 1:
        return None
    offset, slope, a = quadratic
    centre = n.div(slope, n.mul(n(-2.0), a))
    d = n.sub(n.div(offset, a), n.mul(centre, centre))
    return (a, None if n.is_zero(centre) else centre, d)


def _log_of_quadratic(reader, form):
    found = _squared_distance(reader, form)
    if found is None or reader.c.n.sign(found[2]) != 1:
        return None
    a, centre, d = found
    c, n = reader.c, reader.c.n
    return c.add({Function("log of square", centre, 1, d): n.one}, c.constant(n.add(reader.ops.log(a), n.zero)))


def _log_of_sigmoid(reader, form):
    """Return ``log(k sigmoid(y))`` as ``log(k) - softplus(-y)``."""
    form = reader._without_sigmoid(reader.c.add(form))
    if len(form) != 1 or next(iter(form)).kind != "sigmoid":
        return None
    ((f, k),) = form.items()
    c, n = reader.c, reader.c.n
    own = Function("softplus", f.centre, -f.side, f.extra)
    return c.add({own: n(-1.0)}, c.constant(n.add(reader.ops.log(k), n.zero)))


def _sigmoid_of(reader, form):
    """Return the sigmoid function of an affine combination, as ``sigmoid(rate * y)``."""
    c, n, affine = reader.c, reader.c.n, reader.c.affine(form)
    if affine is None or n.sign(affine[0]) is None:
        raise Unknown("the sigmoid of a function of it that is not affine, or whose slope has no known sign")
    if n.is_zero(affine[0]):
        return c.constant(n.add(reader.ops.sigmoid(affine[1]), n.zero))
    return {_placed(reader, "sigmoid", affine, n.mul(n(n.sign(affine[0])), affine[0])): n.one}


def _exp_of(reader, form):
    c, n, affine = reader.c, reader.c.n, reader.c.affine(form)
    if affine is None:
        raise Unknown("the exponential of a function of it that is not affine")
    slope, offset = affine
    factor = n.add(reader.ops.exp(offset), n.zero)
    if n.is_zero(slope):
        return c.constant(factor)
    side = n.sign(slope)
    if side is None:
        raise Unknown(f"the sign of {slope} is not known, or not the same in all elements")
    return {Function("exp", None, side, n.mul(n(side), slope)): factor}


def _softplus_of(reader, form):
    return _log_of(reader, reader.c.add(reader.c.constant(reader.c.n.one), _exp_of(reader, form)))


def _raised(reader, form, p):
    """Return a power of a combination; `p` is a term."""
    c, n = reader.c, reader.c.n
    exponent, value = number(reader.ops, p), c.number(form)
    if value is not None:
        return c.constant(n.add(reader.ops.pow(value, p), n.zero))
    if exponent in (0.0, 1.0):
        return form if exponent else c.constant(n.one)
    if exponent == 2.0 and c.affine(form):
        return c.product(form, form)
    distance = _squared_distance(reader, form)
    if distance is not None:
        return _root(reader, distance, exponent)
    if len(form) == 1 and exponent == 2.0 and next(iter(form)).kind == "log":
        ((f, k),) = form.items()
        return {Function("log squared", f.centre, f.side): n.mul(k, k)}
    return _power_of_affine(reader, form, p, exponent)


def _root(reader, distance, exponent):
    c, n = reader.c, reader.c.n
    a, centre, d = distance
    if exponent != 0.5 or n.sign(d) not in (0, 1):
        raise Unknown("a power of a quadratic function of it")
    root = n.add(reader.ops.sqrt(a), n.zero)
    if n.sign(d) == 1:
        return {Function("root", centre, 1, d): root}
    side = n(float(reader.side(centre or n.zero)))
    return c.add({X: n.mul(side, root)}, c.constant(n.neg(n.mul(n.mul(side, root), centre or n.zero))))


def _power_of_affine(reader, form, p, exponent):
    c, n, affine = reader.c, reader.c.n, reader.c.affine(form)
    if affine is None:
        raise Unknown("a power of a function of it")
    sign = reader.sign(form)
    factor = 1.0
    if sign < 0:
        if exponent is None or exponent != round(exponent):
            raise _Outside
        form, factor = c.times(n(-1.0), form), (-1.0) ** round(exponent)
        affine = c.affine(form)
    size = n.mul(n(n.sign(affine[0])), affine[0])
    scale = n.mul(n(factor), reader.ops.pow(size, p))
    return {_placed(reader, "power", affine, p): scale}


def _divided(reader, a, b):
    return reader.c.product(reader.form(a), _raised(reader, reader.form(b), reader.c.n(-1.0)))


ELEMENTWISE = {
    "add": _sum,
    "sub": _less,
    "neg": _neg,
    "mul": _mul,
    "true_div": _divided,
    "switch": _switch,
    "abs": _abs,
    "sign": _sign,
    "maximum": _larger(1),
    "minimum": _larger(-1),
    "clip": _clip,
    "log": lambda reader, a: _log_of(reader, reader.form(a)),
    "log1p": lambda reader, a: _log_of(reader, reader.c.add(reader.c.constant(reader.c.n.one), reader.form(a))),
    "exp": lambda reader, a: _exp_of(reader, reader.form(a)),
    "expm1": lambda reader, a: reader.c.add(_exp_of(reader, reader.form(a)), reader.c.constant(reader.c.n(-1.0))),
    "sigmoid": lambda reader, a: _sigmoid_of(reader, reader.form(a)),
    "softplus": lambda reader, a: _softplus_of(reader, reader.form(a)),
    "sqr": lambda reader, a: _raised(reader, reader.form(a), reader.c.n(2.0)),
    "sqrt": lambda reader, a: _raised(reader, reader.form(a), reader.c.n(0.5)),
    "reciprocal": lambda reader, a: _raised(reader, reader.form(a), reader.c.n(-1.0)),
    "pow": lambda reader, a, p: _pow(reader, a, p),
    "second": lambda reader, pattern, a: reader.form(a),
    "cast": lambda reader, a: reader.form(a),
    "check": lambda reader, a, *conditions: reader.form(a),
    "deterministic": lambda reader, a: reader.form(a),
}


def _pow(reader, a, p):
    if p in reader.depends:  # as in the density of an asymmetric Laplace law: a number to the power of a sign
        exponent = reader.c.number(reader.form(p))
        if exponent is None:
            raise Unknown("it stands in an exponent")
        return _raised(reader, reader.form(a), exponent)
    return _raised(reader, reader.form(a), p)


def _truth(rule):
    """Return the rule of a truth value that is taken for a number."""
    return lambda reader, *parts: reader.c.constant(reader.c.n(float(rule(reader, *parts))))


ELEMENTWISE |= {kind: _truth(CONDITIONS[kind]) for kind in ("gt", "ge", "lt", "le", "eq", "neq")}
