"""Convexity of expressions in all unknowns together, by the rules of disciplined convex programming.

Every part of an expression has a curvature and a sign.  A convex function that grows with each of its arguments is
convex of convex arguments, and so on; a part that is computed element by element from one affine expression is judged
by its pieces (`symbolic_pymc.proximal.shapes`), which knows more than its composition shows.
"""

from dataclasses import dataclass, replace

from symbolic_pymc.proximal.combinations import Numbers
from symbolic_pymc.proximal.shapes import CONVEX
from symbolic_pymc.proximal.summands import dependents
from symbolic_pymc.relations.arithmetic import number
from symbolic_pymc.parts import graph_parts

CONSTANT, AFFINE, CONCAVE, UNKNOWN = "constant", "affine", "concave", "unknown"


@dataclass(frozen=True)
class Shape:
    """The curvature of an expression, its sign, and the curvature of its logarithm.

    `sign` is 1 where it is never negative, -1 where it is never positive, else None; `log` is None where the logarithm
    is not known to have a curvature, or there is none.
    """

    curvature: str
    sign: int | None = None
    log: str | None = None


def shapes(ops, root, inputs):
    """Return the `Shape` of every part of an expression, in the inputs together, as a dict."""
    depends, found, n = dependents(ops, root, inputs), {}, Numbers(ops)
    for x in graph_parts(root):
        if x in inputs:
            found[x] = Shape(AFFINE)
        elif x in depends:
            found[x] = _composed(ops, n, x, [found.get(r) or _constant(n, r) for r in x.rands])
    return found


def _constant(n, x):
    sign = n.direction(x)
    return Shape(CONSTANT, sign, CONSTANT if sign == 1 else None)


def is_affine(shape):
    return shape.curvature in (CONSTANT, AFFINE)


def _composed(ops, n, x, parts):
    """Return the shape of an operation on parts whose shapes are known."""
    kind = ops.kind_of(x)
    rule = _RULES.get(kind)
    if rule is not None:
        return rule(ops, n, x, parts)
    inner, rest = parts[0], parts[1:]
    if kind in _LINEAR and all(p.curvature == CONSTANT for p in rest):
        return inner
    shape = _atom(_ATOMS[kind], inner) if kind in _ATOMS and not rest else Shape(UNKNOWN)
    return replace(shape, log=_LOGS[kind](inner)) if kind in _LOGS and not rest else shape


def _atom(atom, inner):
    curvature, monotone, sign = atom
    grows = monotone(inner.sign) if callable(monotone) else monotone
    if is_affine(inner):
        return Shape(curvature, sign)
    if (grows, inner.curvature) in ((1, curvature), (-1, _opposite(curvature))):
        return Shape(curvature, sign)
    return Shape(UNKNOWN, sign)


def _opposite(curvature):
    return {CONVEX: CONCAVE, CONCAVE: CONVEX}.get(curvature, curvature)


def _by_sign(sign):
    return sign


_LINEAR = ("structural", "transpose", "cast", "check", "deterministic")
_ATOMS = {  # curvature, whether it grows (1), falls (-1) or both by the sign of its argument, sign
    "exp": (CONVEX, 1, 1),
    "expm1": (CONVEX, 1, None),
    "softplus": (CONVEX, 1, 1),
    "sqrt": (CONCAVE, 1, 1),
    "sqr": (CONVEX, _by_sign, 1),
    "abs": (CONVEX, _by_sign, 1),
    "reciprocal": (CONVEX, -1, 1),
}


def _grown(curvature, inner):
    """Return the curvature of the logarithm of an atom that is log-concave and grows (1) or falls (-1)."""
    fits = is_affine(inner) or inner.curvature == (CONCAVE if curvature > 0 else CONVEX)
    return CONCAVE if fits else None


_LOGS = {  # the curvature of the logarithm of an atom
    "exp": lambda inner: inner.curvature if inner.curvature != UNKNOWN else None,
    "sigmoid": lambda inner: _grown(1, inner),
    "erfc": lambda inner: _grown(-1, inner),
    "sqrt": lambda inner: inner.log,
    "sqr": lambda inner: inner.log,
    "reciprocal": lambda inner: inner.log and _opposite(inner.log),
}


def _log(ops, n, x, parts):
    """The logarithm: of what is log-convex or log-concave, or the concave atom."""
    (inner,) = parts
    return Shape(inner.log) if inner.log is not None else _atom((CONCAVE, 1, None), inner)


def _log1p(ops, n, x, parts):
    (inner,) = parts
    return Shape(CONVEX) if _is_log_convex(inner) else _atom((CONCAVE, 1, None), inner)


def _is_log_convex(shape):
    return shape.log in (CONSTANT, AFFINE, CONVEX)


def _meet(curvatures):
    """Return the curvature of a sum of parts."""
    curvatures = set(curvatures) - {CONSTANT}
    if not curvatures:
        return CONSTANT
    bent = curvatures - {AFFINE}
    return AFFINE if not bent else bent.pop() if len(bent) == 1 else UNKNOWN


def _common_sign(parts):
    signs = {p.sign for p in parts}
    return signs.pop() if len(signs) == 1 else None


def _negated(shape):
    return Shape(_opposite(shape.curvature), shape.sign and -shape.sign)


def _add(ops, n, x, parts):
    log = CONVEX if all(map(_is_log_convex, parts)) else None
    return Shape(_meet(p.curvature for p in parts), _common_sign(parts), log)


def _sum(ops, n, x, parts):
    return replace(parts[0], log=CONVEX if _is_log_convex(parts[0]) else None)


def _sub(ops, n, x, parts):
    return _add(ops, n, x, [parts[0], _negated(parts[1])])


def _scaled(shape, factor):
    """Return the shape of a part times a constant."""
    log = shape.log if factor.sign == 1 else None
    if shape.curvature in (CONSTANT, AFFINE):
        return Shape(shape.curvature, shape.sign and factor.sign and shape.sign * factor.sign, log)
    return Shape(UNKNOWN) if factor.sign is None else shape if factor.sign > 0 else _negated(shape)


def _mul(ops, n, x, parts):
    varying = [p for p in parts if p.curvature != CONSTANT]
    if len(varying) > 1:
        logs = [p.log for p in parts]
        return Shape(UNKNOWN, log=None if None in logs else _known(_meet(logs)))
    (result,) = varying
    for p in parts:
        if p.curvature == CONSTANT:
            result = _scaled(result, p)
    return result


def _known(curvature):
    return None if curvature == UNKNOWN else curvature


def _true_div(ops, n, x, parts):
    over, under = parts
    if under.curvature == CONSTANT:
        return _scaled(over, under)
    if over.curvature == CONSTANT and under.sign == 1:
        return _scaled(replace(_atom(_ATOMS["reciprocal"], under), log=_LOGS["reciprocal"](under)), over)
    log = None if None in (over.log, under.log) else _known(_meet([over.log, _opposite(under.log)]))
    return Shape(UNKNOWN, log=log)


def _reciprocal(ops, n, x, parts):
    (inner,) = parts
    if inner.sign != 1:
        return Shape(UNKNOWN, log=_LOGS["reciprocal"](inner))
    return replace(_atom(_ATOMS["reciprocal"], inner), log=_LOGS["reciprocal"](inner))


def _pow(ops, n, x, parts):
    """A power of a known exponent; one that is no whole number is defined where its base is not negative."""
    inner, exponent = parts[0], number(ops, x.rands[1])
    if exponent is None or parts[1].curvature != CONSTANT:
        return Shape(UNKNOWN)
    if exponent > 0 and exponent % 2 == 0:
        return _atom(_ATOMS["sqr"], inner)
    if exponent == 1.0:
        return inner
    if inner.sign != 1 and (exponent % 1 == 0 or exponent > 1 and not is_affine(inner)):
        return Shape(UNKNOWN)
    if exponent > 0:
        return _atom((CONVEX if exponent > 1 else CONCAVE, 1, 1), inner)
    return _atom((CONVEX, -1, 1), inner)


def _second(ops, n, x, parts):
    return parts[1]


def _extreme(curvature):
    def rule(ops, n, x, parts):
        fits = all(is_affine(p) or p.curvature == curvature for p in parts)
        return Shape(curvature if fits else UNKNOWN, _common_sign(parts))

    return rule


def _join(ops, n, x, parts):
    return Shape(_meet(p.curvature for p in parts), _common_sign(parts))


def _dot(ops, n, x, parts):
    varying = [p for p in parts if p.curvature != CONSTANT]
    return Shape(AFFINE) if len(varying) == 1 and varying[0].curvature == AFFINE else Shape(UNKNOWN)


def _switch(ops, n, x, parts):
    """A choice by data has the curvature that both of its sides have."""
    condition, *sides = parts
    return _add(ops, n, x, sides) if condition.curvature == CONSTANT else Shape(UNKNOWN)


def _neg(ops, n, x, parts):
    return _negated(parts[0])


_RULES = {
    "add": _add,
    "sub": _sub,
    "neg": _neg,
    "mul": _mul,
    "sum": _sum,
    "log": _log,
    "log1p": _log1p,
    "true_div": _true_div,
    "pow": _pow,
    "reciprocal": _reciprocal,
    "second": _second,
    "maximum": _extreme(CONVEX),
    "minimum": _extreme(CONCAVE),
    "switch": _switch,
    "join": _join,
    "dot": _dot,
    "matmul": _dot,
}
