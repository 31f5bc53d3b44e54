"""Powers, roots, exponential and gamma functions of functions of one number, as combinations."""

import numpy as np

from symbolic_pymc.proximal.combinations import ONE, X, Outside, Unknown
from symbolic_pymc.proximal.functions import Function
from symbolic_pymc.proximal.logarithms import log_of
from symbolic_pymc.relations.arithmetic import number


def exp_of(reader, form):
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


def log_gamma(reader, form):
    """Return the logarithm of the gamma function of ``y + b``, which is positive."""
    c, n, value = reader.c, reader.c.n, reader.c.number(form)
    if value is not None:
        return c.constant(n.add(reader.ops.gammaln(value), n.zero))
    affine = reader.inside(form)
    if affine is None or number(reader.ops, affine[0]) not in (1.0, -1.0):
        raise Unknown("the logarithm of the gamma function of a function of it")
    return {reader.placed("log gamma", affine): n.one}


def softplus_of(reader, form):
    return log_of(reader, reader.c.add(reader.c.constant(reader.c.n.one), exp_of(reader, form)))


def raised(reader, form, p):
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
    n = reader.c.n
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
