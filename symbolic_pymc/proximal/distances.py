r"""Squared distances that are computed from squares and products, as covariance functions of Gaussian processes are."""

from functools import partial

import numpy as np

from symbolic_pymc.records import Constant, Term
from symbolic_pymc.relations.arithmetic import number


def is_clipped_distance(ops, x):
    r"""Tell whether a term is squared distances, which its clipping at zero rids of negative roundings alone.

    .. math::

        \max\bigl(-2\, a_i' b_j + (a_i' a_i + b_j' b_j),\; 0\bigr) = \lVert a_i - b_j \rVert^2

    It is as smooth as `a` and `b` are.
    """
    if ops.kind_of(x) != "clip" or not all(map(partial(_is_all, ops), x.rands[1:], (0.0, np.inf))):
        return False
    parts = _two(ops, "add", x.rands[0])
    return any(_is_distance(ops, *order) for order in (parts, parts[::-1]) if order)


def _is_distance(ops, cross, norms):
    """Tell whether one part of a sum is -2 a b', and the other one the squares of the rows of a, and of b."""
    products = [p for c, p in _either_way(_two(ops, "mul", cross)) if number(ops, c) == -2.0]
    pairs = [p.rands for p in products if ops.kind_of(p) in ("dot", "matmul")]
    return any(
        _squares(ops, down, (-1, 1)) == a and _transposed(ops, b) == _squares(ops, across, (1, -1)) != None
        for a, b in pairs
        for down, across in _either_way(_two(ops, "add", norms))
    )


def _two(ops, kind, x):
    return tuple(x.rands) if ops.kind_of(x) == kind and len(x.rands) == 2 else ()


def _either_way(pair):
    return (pair, pair[::-1]) if pair else ()


def _squares(ops, x, shape):
    """Return the matrix of which a term has the sums of squares of its rows, in that shape; else None."""
    if not _is_reshaped(x, shape) or ops.kind_of(x.rands[0]) != "sum":
        return None
    total = x.rands[0]
    squares = total.rands[0]
    if tuple(total.rator.op.axis or ()) != (1,) or ops.ndim(squares) != 2:
        return None
    return squares.rands[0] if ops.kind_of(squares) == "sqr" else None


def _is_reshaped(x, shape):
    new = x.rands[1] if isinstance(x, Term) and len(x.rands) == 2 else None
    return isinstance(new, Constant) and new.value.shape == (2,) and tuple(new.value) == shape


def _transposed(ops, x):
    """Return the matrix of which a term is the transpose, else None."""
    order = getattr(x.rator.op, "new_order", None) if isinstance(x, Term) else None
    return x.rands[0] if order is not None and tuple(order) == (1, 0) else None


def _is_all(ops, x, number):
    value = ops.value_of(x)
    return value is not None and bool(np.all(value == number))
