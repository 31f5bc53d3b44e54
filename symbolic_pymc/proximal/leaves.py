"""Where an expression stops being computed element by element, and what stands there."""

from symbolic_pymc.records import Constant, Term
from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.curvature import is_affine, shapes
from symbolic_pymc.proximal.logic import CONDITIONS
from symbolic_pymc.proximal.operations import ELEMENTWISE
from symbolic_pymc.proximal.summands import dependents, valued
from symbolic_pymc.vocabulary import is_transposition, is_unit_axis_shuffle

_COMPARISONS = [kind for kind in CONDITIONS if kind not in ("structural", "stack", "all")]


def leaf_of(ops, expr, argument):
    """Return the one part, affine or not computed element by element, from which an expression is so computed.

    Raises
    ------
    Unknown
        Where there are several.
    """
    depends = dependents(ops, expr, (argument,))
    leaves = leaves_of(ops, expr, (argument,), depends, lambda x: not _is_elementwise(ops, x, depends))
    if len(leaves) > 1:
        known = shapes(ops, expr, (argument,))
        leaves = leaves_of(ops, expr, (argument,), depends, lambda x: is_affine(known[x]))
    if len(leaves) != 1:
        raise Unknown("it is computed from several expressions of the unknown")
    return leaves[0]


def leaves_of(ops, expr, inputs, depends, is_leaf):
    """Return the inputs and the other leaves that an expression is computed from, as far as it depends on the inputs."""
    found, stack = [], [expr]
    while stack:
        x = stack.pop()
        if x in inputs or is_leaf(x):
            if x not in found:
                found.append(x)
        elif isinstance(x, Term):
            stack.extend(r for r in valued(ops, x) if r in depends)
    return found


def _is_elementwise(ops, x, depends):
    parts = [r for r in valued(ops, x) if r in depends]
    stretched = any(ops.is_stretched(r, x) for r in parts)
    return ops.kind_of(x) in (*ELEMENTWISE, *_COMPARISONS) and not stretched


def bare(ops, x):
    """Return what stands under axes of length one, casts and marks."""
    while isinstance(x, Term):
        one = all(ops.pattern(x.rands[0])) if ops.kind_of(x) == "structural" and ops.ndim(x) == 0 else False
        if not (one or is_unit_axis_shuffle(x) or ops.kind_of(x) in ("cast", "deterministic")):
            break
        x = x.rands[0]
    return x


def rearranged(ops, x):
    """Return what stands under operations that only give all of its elements another order."""
    while isinstance(x, Term):
        op = type(getattr(x.rator, "op", None)).__name__
        if not (bare(ops, x) is not x or is_transposition(x) or op == "Reshape"):
            break
        x = bare(ops, x) if bare(ops, x) is not x else x.rands[0]
    return x


def squared_lengths(ops, leaf):
    """Return the expression and the axes of which a term is the sum of squares, or None."""
    kind = ops.kind_of(leaf)
    if kind == "sum":
        squares = _plain(ops, leaf.rands[0]) if _has_axes(leaf) else bare(ops, leaf.rands[0])
        e = root_of_square(ops, squares)
        return e and _merged(ops, e, ops.axes_of(leaf))
    if kind in ("dot", "matmul") and len(leaf.rands) == 2:
        left, right = (rearranged(ops, r) for r in leaf.rands)
        if left is right and ops.ndim(bare(ops, leaf)) == 0 or left is right and all(ops.pattern(leaf)):
            return left, tuple(range(ops.ndim(left)))
    return None


def _has_axes(leaf):
    return getattr(leaf.rator.op, "axis", None) is not None


def _plain(ops, x):
    return x.rands[0] if ops.kind_of(x) in ("cast", "deterministic") else x


def _merged(ops, e, axes):
    if len(axes) == ops.ndim(e):
        inner = rearranged(ops, e)
        return inner, tuple(range(ops.ndim(inner)))
    if ops.ndim(e) == 2 and isinstance(e, Term) and is_transposition(e):
        return e.rands[0], tuple(1 - axis for axis in axes)
    return e, tuple(axes)


def root_of_square(ops, x):
    """Return what a term is the square of, or None; the sign does not matter."""
    kind = ops.kind_of(x)
    if kind == "mul" and len(x.rands) == 2 and x.rands[0] is x.rands[1]:
        inner = x.rands[0]
    elif kind == "sqr" or (kind == "pow" and is_number(ops, x.rands[1], 2.0)):
        inner = x.rands[0]
    else:
        return None
    return inner.rands[0] if ops.kind_of(inner) == "abs" else inner


def is_number(ops, x, value):
    x = bare(ops, x)
    return isinstance(x, Constant) and x.value.size > 0 and bool((x.value == value).all())
