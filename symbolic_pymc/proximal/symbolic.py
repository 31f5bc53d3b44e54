"""Terms as expressions of SymPy."""

import numpy as np

from symbolic_pymc.parts import graph_parts
from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.records import Constant, Term, uniform_value
from symbolic_pymc.vocabulary import is_unit_axis_shuffle


def installed_sympy():
    """Return the module, or raise `Unknown`."""
    try:
        import sympy
    except ImportError:
        raise Unknown("SymPy is not installed, which would derive its operator") from None
    return sympy


def unknown_of(sympy):
    """Return the symbol ``x`` of what an expression is a function of."""
    return sympy.Symbol("x", real=True)


def expression_of(ops, phi, beta):
    """Return a term as a SymPy expression of the real symbol ``x``.

    Raises
    ------
    Unknown
        For an operation without a name in SymPy, and for parameters that are not one number.
    """
    sympy = installed_sympy()
    found = {beta: unknown_of(sympy)}
    for part in graph_parts(phi):
        if part not in found:
            found[part] = _expression(sympy, ops, part, found)
    if found[phi] is None:
        raise Unknown("it has parameters that are not one number, or is no function that SymPy has a name for")
    return found[phi]


def _expression(sympy, ops, part, found):
    value = _value(ops, part, found)
    if value is not None:
        return sympy.nsimplify(value, rational=True) if np.isfinite(value) else sympy.oo * int(np.sign(value))
    parts = [found[r] for r in part.rands] if isinstance(part, Term) else [None]
    word = _words(sympy).get(ops.kind_of(part)) if isinstance(part, Term) else None
    if ops.kind_of(part) in ("second", "check"):
        return parts[1] if ops.kind_of(part) == "second" else parts[0]
    if ops.kind_of(part) == "structural":  # another order of elements is another function
        return parts[0] if ops.ndim(part.rands[0]) == 0 and is_unit_axis_shuffle(part) else None
    return None if word is None or None in parts else word(*parts)


def _value(ops, part, found):
    """Return the number that a part is in all elements, None where it is none, or depends on the unknown."""
    if not isinstance(part, Constant) and any(found[r] is not None for r in getattr(part, "rands", ())):
        if any(getattr(found[r], "free_symbols", None) for r in part.rands):
            return None
    values = ops.value_of(part)
    value = None if values is None or values.dtype.kind not in "fiu" else uniform_value(values)
    return None if value is None or np.isnan(value) else float(value)


def _words(sympy):
    return {
        "add": lambda *a: sympy.Add(*a),
        "sub": lambda a, b: a - b,
        "mul": lambda *a: sympy.Mul(*a),
        "true_div": lambda a, b: a / b,
        "neg": lambda a: -a,
        "reciprocal": lambda a: 1 / a,
        "sqr": lambda a: a**2,
        "sqrt": sympy.sqrt,
        "pow": lambda a, b: a**b,
        "exp": sympy.exp,
        "log": sympy.log,
        "log1p": lambda a: sympy.log(1 + a),
        "expm1": lambda a: sympy.exp(a) - 1,
        "softplus": lambda a: sympy.log(1 + sympy.exp(a)),
        "sigmoid": lambda a: 1 / (1 + sympy.exp(-a)),
        "abs": sympy.Abs,
        "sign": sympy.sign,
        "maximum": sympy.Max,
        "minimum": sympy.Min,
        "cast": lambda a: a,
        "deterministic": lambda a: a,
    }
