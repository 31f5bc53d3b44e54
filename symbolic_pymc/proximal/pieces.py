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
from symbolic_pymc.proximal.combinations import ONE, SQUARE, X, Combinations, Outside, Unknown
from symbolic_pymc.proximal.functions import KINDS, Function
from symbolic_pymc.proximal.logarithms import TERMS, log_of, log_of_term
from symbolic_pymc.relations.arithmetic import number
from symbolic_pymc.relations.goals import without_unit_axes
from symbolic_pymc.vocabulary import is_unit_axis_shuffle
from symbolic_pymc.walk import graph_parts, substitute


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
            if isinstance(part, Term) and ops.kind_of(part) != "shape" and any(r in self.depends for r in _inputs(ops, part)):
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
            if value is None or not _is_uniform(value):
                raise Unknown(f"a condition that is not known, or not the same in all elements: {condition}")
            return bool(np.all(value))
        kind = self.ops.kind_of(condition)
        if kind not in CONDITIONS:
            raise Unknown(f"a condition on {kind or condition.rator}")
        return CONDITIONS[kind](self, *condition.rands)


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


def _is_outside(reader, part):
    """Tell whether a part has no value here."""
    try:
        reader.form(part)
    except Outside:
        return True
    return False


_all = _settled_by(False)
_LOGIC = ("gt", "ge", "lt", "le", "eq", "neq", "and_", "or_", "invert", "all", "isnan")
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
    "isnan": _is_outside,
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
        values = reader.ops.value_of(slope)
        if values is None or not np.all(values):
            raise Unknown(f"{slope} is not known to differ from zero in all elements")
        return {Function("exp", None, 1, slope): factor}
    return {Function("exp", None, side, n.mul(n(side), slope)): factor}


def _log_gamma(reader, form):
    """Return the logarithm of the gamma function of ``y + b``, which is positive."""
    c, n, value = reader.c, reader.c.n, reader.c.number(form)
    if value is not None:
        return c.constant(n.add(reader.ops.gammaln(value), n.zero))
    affine = reader.inside(form)
    if affine is None or number(reader.ops, affine[0]) not in (1.0, -1.0):
        raise Unknown("the logarithm of the gamma function of a function of it")
    return {reader.placed("log gamma", affine): n.one}


def _softplus_of(reader, form):
    return log_of(reader, reader.c.add(reader.c.constant(reader.c.n.one), _exp_of(reader, form)))


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
    distance = reader.squared_distance(form)
    if distance is not None:
        return _root(reader, distance, exponent)
    squared = _square(reader, form) if exponent == 2.0 else None
    found = squared or _power_of_exp(reader, form, exponent) or _power_of_power(reader, form, exponent)
    return found or _power_of_affine(reader, form, p, exponent)


def _square(reader, form):
    if len(form) == 2 and ONE in form and any(f.kind in ("exp", "power") for f in form):
        return reader.c.product(form, form)
    return _square_of_logs(reader, form)


def _square_of_logs(reader, form):
    """Return ``(g + b)**2`` where `g` is a multiple of one logarithm, or of the logarithm of odds, or None."""
    c, n = reader.c, reader.c.n
    logs = {f: k for f, k in form.items() if f != ONE}
    if any(f.kind != "log" for f in logs):
        return None
    if len(logs) == 1:
        ((f, k),) = logs.items()
        squared = Function("log squared", f.centre, f.side)
    elif len(logs) == 2:
        (f, k), (g, q) = sorted(logs.items(), key=lambda item: -item[0].side)
        if (f.side, g.side) != (1, -1) or not n.is_zero(n.add(k, q)):
            return None
        squared = Function("squared log odds", f.centre, 1, n.sub(g.centre or n.zero, f.centre or n.zero))
    else:
        return None
    offset = form.get(ONE, n.zero)
    return c.add({squared: n.mul(k, k)}, c.times(n.mul(n(2.0), offset), logs), c.constant(n.mul(offset, offset)))


def _power_of_power(reader, form, exponent):
    """Return ``(k y**p)**e``, where `k` is positive, or `e` a whole number."""
    c, n = reader.c, reader.c.n
    if len(form) != 1 or next(iter(form)).kind != "power" or exponent is None:
        return None
    ((f, k),) = form.items()
    sign = n.sign(k)
    if exponent % 2 == 0:
        factor = reader.ops.pow(n.mul(k, k), n(exponent / 2))
    elif sign == 1 or sign == -1 and exponent % 1 == 0:
        factor = n.mul(n(float(sign)), reader.ops.pow(n.mul(n(float(sign)), k), n(exponent)))
    else:
        return None
    return c.power(f, n.mul(n(exponent), f.extra), n.add(factor, n.zero))


def _power_of_exp(reader, form, exponent):
    c, n = reader.c, reader.c.n
    if len(form) != 1 or next(iter(form)).kind != "exp" or exponent is None:
        return None
    ((f, k),) = form.items()
    if exponent % 2 and n.sign(k) != 1:
        return None
    base, half = (k, 1.0) if exponent % 2 else (n.mul(k, k), 0.5)
    side = 1 if exponent > 0 else -1
    own = Function("exp", f.centre, side * f.side, n.mul(n(abs(exponent)), f.extra))
    return {own: n.add(reader.ops.pow(base, n(half * exponent)), n.zero)}


def _root(reader, distance, exponent):
    c, n = reader.c, reader.c.n
    a, centre, d = distance
    if exponent is None or n.sign(d) not in (0, 1) or n.sign(a) != 1 or (exponent != 0.5 and n.sign(d) == 1):
        raise Unknown("a power of a quadratic function of it")
    root = n.add(reader.ops.sqrt(a), n.zero)
    if n.sign(d) == 1:
        return {Function("root", centre, 1, d): root}
    side = n.mul(n(float(reader.side(centre or n.zero))), root)
    size = c.add({X: side}, c.constant(n.neg(n.mul(side, centre or n.zero))))
    return size if exponent == 0.5 else _power_of_affine(reader, size, n(2 * exponent), 2 * exponent)


def _power_of_affine(reader, form, p, exponent):
    c, n, affine = reader.c, reader.c.n, reader.c.affine(form)
    if affine is None:
        raise Unknown("a power of a function of it")
    sign = reader.sign(form)
    factor = 1.0
    if sign < 0:
        if exponent is None or exponent != round(exponent):
            raise Outside
        form, factor = c.times(n(-1.0), form), (-1.0) ** round(exponent)
        affine = c.affine(form)
    size = n.mul(n(n.sign(affine[0])), affine[0])
    scale = n.mul(n(factor), reader.ops.pow(size, p))
    return {reader.placed("power", affine, p): scale}


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
    "log": log_of_term,
    "log1p": lambda reader, a: log_of(reader, reader.c.add(reader.c.constant(reader.c.n.one), reader.form(a))),
    "exp": lambda reader, a: _exp_of(reader, reader.form(a)),
    "expm1": lambda reader, a: reader.c.add(_exp_of(reader, reader.form(a)), reader.c.constant(reader.c.n(-1.0))),
    "sigmoid": lambda reader, a: reader.scaled("sigmoid", reader.form(a)),
    "erfc": lambda reader, a: reader.scaled("erfc", reader.form(a)),
    "erf": lambda reader, a: reader.c.add(
        reader.c.constant(reader.c.n.one), reader.c.times(reader.c.n(-1.0), reader.scaled("erfc", reader.form(a)))
    ),
    "gammaln": lambda reader, a: _log_gamma(reader, reader.form(a)),
    "cos": lambda reader, a: reader.scaled("cos", reader.form(a)),
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
        if exponent is None:  # a number to the power of it
            power = reader.c.number(reader.form(a))
            if power is None or reader.c.n.sign(power) != 1:
                raise Unknown("it stands in an exponent")
            log = reader.c.n.add(reader.ops.log(power), reader.c.n.zero)
            return _exp_of(reader, reader.c.times(log, reader.form(p)))
        return _raised(reader, reader.form(a), exponent)
    return _raised(reader, reader.form(a), p)


def _truth(rule):
    """Return the rule of a truth value that is taken for a number."""
    return lambda reader, *parts: reader.c.constant(reader.c.n(float(rule(reader, *parts))))


ELEMENTWISE |= {kind: _truth(CONDITIONS[kind]) for kind in ("gt", "ge", "lt", "le", "eq", "neq")}

# What is computed element by element, and what is known of its logarithm or as a condition only
READ = frozenset((*ELEMENTWISE, *CONDITIONS, *TERMS))
