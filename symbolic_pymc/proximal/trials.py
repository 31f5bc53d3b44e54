"""Affine expressions told by their values: tried on arrays, where the way they are spelt does not matter."""

from contextlib import redirect_stdout
from io import StringIO

import numpy as np

from symbolic_pymc.records import Atom, Constant
from symbolic_pymc.parts import graph_parts, substitute

SIZES = (5, 7, 11), (8, 13, 6)  # of arrays on which maps are tried whose sizes are not known
LARGE = (1000, 90, 20), (2001, 171, 31)  # of arrays that have all positions that are named


def tried(ops, expr, argument, sizes=SIZES):
    """Return pairs of arrays and values of an expression at them; None where it cannot be tried.

    Parameters
    ----------
    sizes : tuple of tuples of int
        Of the axes of the argument whose lengths are not known.
    """
    known = ops.known_shape(argument) or (None,) * ops.ndim(argument)
    shapes = {tuple(n or m for n, m in zip(known, own)): None for own in sizes}
    pairs = [_pair(ops, expr, argument, shape) for shape in shapes]
    if None in pairs:  # what is given has a size of its own
        leaves = [x for x in graph_parts(expr) if isinstance(x, (Constant, Atom)) and x is not argument]
        lengths = {n for part in leaves for n in _lengths(ops, part)} - {0, 1}
        pairs = [_pair(ops, expr, argument, tuple(n or m for n in known)) for m in sorted(lengths)]
        pairs = [pair for pair in pairs if pair is not None]
    return pairs or None


def _lengths(ops, part):
    value = ops.value_of(part)
    return () if value is None else value.shape


def _pair(ops, expr, argument, shape):
    x = np.random.default_rng(0).normal(size=shape)
    try:
        with redirect_stdout(StringIO()):  # Theano prints matrices that have no determinant
            value = ops.value_of(substitute(expr, {argument: ops.constant(x)}))
    except Exception:  # arrays of the wrong size do not go together, each backend in its own words
        return None
    return None if value is None else (x, value)


def differences(ops, expr, argument):
    """Return the axis along which an expression is the differences of neighbours, and 1 or -1; else None."""
    pairs = tried(ops, expr, argument) or []
    for axis in range(ops.ndim(argument)):
        for sign in (1, -1):
            steps = [(sign * np.diff(x, axis=axis), value) for x, value in pairs]
            if steps and all(d.shape == v.shape and np.allclose(d, v, rtol=1e-12, atol=1e-12) for d, v in steps):
                return axis, sign
    return None


def constant_matrix(ops, matrix, argument):
    """Return the value of a matrix, if it is the same for all arguments; else None."""
    value = ops.value_of(matrix)
    values = [v for _, v in tried(ops, matrix, argument) or ()] if value is None else [value]
    return values[0] if values and all(np.array_equal(v, values[0]) for v in values) else None


def fixed_places(ops, positions, argument):
    """Return positions that do not depend on the size of the argument as an array of integers; else None."""
    found = [value for _, value in tried(ops, positions, argument, LARGE) or ()]
    if not found or any(not np.array_equal(p, found[0]) for p in found[1:]):
        return None
    return found[0].astype("int64")
