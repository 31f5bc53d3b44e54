"""Logarithms of functions of one number, as combinations.

A product is taken apart before it is read, since the logarithms of its factors may be known where it is not.
"""

import math
from dataclasses import replace

from symbolic_pymc.proximal.combinations import ONE, SQUARE, X, Outside, Unknown
from symbolic_pymc.proximal.functions import Function
from symbolic_pymc.relations.arithmetic import number


def log_of_term(reader, part):
    """Return the logarithm of a part of an expression."""
    rule = TERMS.get(reader.ops.kind_of(part)) if part in reader.depends else None
    if rule is not None:
        try:
            return rule(reader, *part.rands)
        except Unknown:
            pass
    return log_of(reader, reader.form(part))


def log_of(reader, form):
    """Return the logarithm of a combination."""
    c, n = reader.c, reader.c.n
    value = c.number(form)
    if value is not None:
        return c.constant(n.add(reader.ops.log(value), n.zero))
    affine = reader.inside(form)
    if affine:
        size = n.mul(n(n.sign(affine[0])), affine[0])
        return c.add({reader.placed("log", affine): n.one}, c.constant(n.add(reader.ops.log(size), n.zero)))
    for rule in _FORMS:
        found = rule(reader, form)
        if found is not None:
            return found
    raise Unknown("the logarithm of a function of it that is not known")


# Of parts of an expression -----------------------------------------------------------------------------------------

_POSITIVE = ("exp", "i0e", "erfcx", "sigmoid", "softplus")


def _sign_of(reader, part):
    """Return the sign of a part: that of a product from those of its factors."""
    kind = reader.ops.kind_of(part)
    if kind in _POSITIVE:
        return 1
    if kind in ("mul", "true_div") and part in reader.depends:
        return math.prod(_sign_of(reader, r) for r in part.rands)
    return reader.sign(reader.form(part))


def _of_size(reader, part, sign):
    """Return the logarithm of the absolute value of a part of this sign."""
    if sign > 0:
        return log_of_term(reader, part)
    return log_of(reader, reader.c.times(reader.c.n(-1.0), reader.form(part)))


def _of_product(reader, *parts):
    signs = [_sign_of(reader, part) for part in parts]
    total = math.prod(signs)
    if total == 0:
        raise Unknown("the logarithm of a product that is zero")
    if total < 0:
        raise Outside
    return reader.c.add(*(_of_size(reader, part, sign) for part, sign in zip(parts, signs)))


def _of_quotient(reader, over, under):
    signs = [_sign_of(reader, part) for part in (over, under)]
    if signs[0] * signs[1] == 0:
        raise Unknown("the logarithm of a quotient by zero, or of zero")
    if signs[0] != signs[1]:
        raise Outside
    c = reader.c
    return c.add(_of_size(reader, over, signs[0]), c.times(c.n(-1.0), _of_size(reader, under, signs[1])))


def _of_i0e(reader, part):
    r"""Return :math:`\log I_0(r y) - |r y|`."""
    affine = reader.c.affine(reader.form(part))
    if affine is None or reader.c.n.sign(affine[0]) is None:
        raise Unknown("a Bessel function of a function of it that is not affine")
    c, form = reader.c, {X: affine[0], **reader.c.constant(affine[1])}
    rate = c.n.mul(c.n(c.n.sign(affine[0])), affine[0])
    away = c.times(c.n(-float(reader.sign(form))), form)
    return c.add({reader.placed("log bessel", affine, rate): c.n.one}, away)


def _of_erfcx(reader, part):
    r"""Return :math:`\log \operatorname{erfc}(r y) + (r y)^2`."""
    form = reader.form(part)
    return reader.c.add(_log_erfc(reader, reader.scaled("erfc", form)), reader.c.product(form, form))


TERMS = {
    "exp": lambda reader, a: reader.form(a),
    "mul": _of_product,
    "true_div": _of_quotient,
    "sqrt": lambda reader, a: reader.c.times(reader.c.n(0.5), log_of_term(reader, a)),
    "reciprocal": lambda reader, a: reader.c.times(reader.c.n(-1.0), log_of_term(reader, a)),
    "i0e": _of_i0e,
    "erfcx": _of_erfcx,
    "cast": log_of_term,
    "second": lambda reader, pattern, a: log_of_term(reader, a),
    "check": lambda reader, a, *conditions: log_of_term(reader, a),
}

# Of combinations ---------------------------------------------------------------------------------------------------


def _of_power(reader, form):
    c, n = reader.c, reader.c.n
    if len(form) != 1:
        return None
    ((f, k),) = form.items()
    logs = {
        SQUARE: lambda: c.times(n(2.0), log_of(reader, {X: n(float(_beside_zero(reader)))})),
        "power": lambda: {Function("log", f.centre, f.side): f.extra},
        "exp": lambda: _exponent(c, f),
        "erfc": lambda: _log_erfc(reader, {f: n.one}),
    }
    rule = logs.get(f) or logs.get(f.kind)
    return None if rule is None else c.add(rule(), c.constant(n.add(reader.ops.log(k), n.zero)))


def _beside_zero(reader):
    side = reader.side(reader.c.n.zero)
    if not side:
        raise Outside
    return side


def _exponent(c, f):
    """Return the exponent of an exponential function."""
    rate = c.n.mul(c.n(f.side), f.extra)
    return {X: rate, **c.constant(c.n.neg(c.n.mul(rate, f.centre or c.n.zero)))}


def _log_erfc(reader, form):
    ((f, _),) = form.items()
    return {replace(f, kind="log erfc"): reader.c.n.one}


def _of_exponential(reader, form):
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
    return c.add(_facing_right(c, own), c.constant(n.add(reader.ops.log(a), n.zero)))


def _facing_right(c, f):
    """Return ``softplus(-y)`` as ``softplus(y) - y``, so that equal ones are equal."""
    if f.side > 0:
        return {f: c.n.one}
    offset = c.n.mul(f.extra, f.centre or c.n.zero)
    return c.add({replace(f, side=1): c.n.one, X: c.n.neg(f.extra)}, c.constant(offset))


def _of_quadratic(reader, form):
    c, n = reader.c, reader.c.n
    parts = reader.squared_distance(form)
    if parts is None or n.sign(parts[2]) is None:
        return None
    a, centre, d = parts
    if n.sign(d) == 1:
        found = {Function("log of square", centre, 1, d): n.one}
        if n.sign(a) == -1:
            raise Outside
    else:
        half = n.add(reader.ops.sqrt(n.neg(d)), n.zero)
        found = _of_roots(reader, n.sign(a), n.sub(centre or n.zero, half), n.add(centre or n.zero, half))
    size = n.mul(n(n.sign(a)), a)
    return c.add(found, c.constant(n.add(reader.ops.log(size), n.zero)))


def _of_roots(reader, sign, low, high):
    """Return the logarithm of ``sign * (x - low) * (x - high)``."""
    sides = [reader.side(root) for root in (low, high)]
    if sign * sides[0] * sides[1] <= 0:
        raise Outside
    n = reader.c.n
    logs = [{Function("log", None if n.is_zero(root) else root, s): n.one} for root, s in zip((low, high), sides)]
    return reader.c.add(*logs)


def _of_mirrored(reader, form):
    """Return ``log(k sigmoid(y))`` as ``log(k) - softplus(-y)``, and that of ``2 k - k erfc(y)``."""
    c, n = reader.c, reader.c.n
    form = reader.mirrored(form)
    if len(form) != 1:
        return None
    ((f, k),) = form.items()
    if f.kind == "erfc":
        return _of_power(reader, form)
    if f.kind != "sigmoid":
        return None
    own = Function("softplus", f.centre, -f.side, f.extra)
    return c.add(c.times(n(-1.0), _facing_right(c, own)), c.constant(n.add(reader.ops.log(k), n.zero)))


def _of_one_minus_power(reader, form):
    """Return the logarithm of ``k - k y**p``."""
    c, n = reader.c, reader.c.n
    f = next((f for f in form if f.kind == "power"), None)
    if f is None or set(form) != {ONE, f} or n.sign(f.extra) != 1 or not n.is_zero(n.add(form[f], form[ONE])):
        return None
    if n.sign(form[ONE]) != 1 or f.side * reader.side(n.add(f.centre or n.zero, n(f.side))) >= 0:
        raise Outside
    own = Function("log of one minus power", f.centre, f.side, f.extra)
    return c.add({own: n.one}, c.constant(n.add(reader.ops.log(form[ONE]), n.zero)))


def _of_reciprocal(reader, form):
    """Return the logarithm of ``k / y + b``, as that of ``k + b y`` less that of `y`."""
    c, n = reader.c, reader.c.n
    f = next((f for f in form if f.kind == "power"), None)
    if f is None or set(form) != {ONE, f} or number(reader.ops, f.extra) != -1.0:
        return None
    slope = n.mul(n(f.side), form[ONE])
    over = c.add({X: slope}, c.constant(n.sub(form[f], n.mul(slope, f.centre or n.zero))))
    return c.add(log_of(reader, over), {Function("log", f.centre, f.side): n(-1.0)})


_FORMS = (_of_power, _of_exponential, _of_quadratic, _of_mirrored, _of_one_minus_power, _of_reciprocal)
