"""The functions that an objective is split into, with numbers for their coefficients."""

import numpy as np

from symbolic_pymc.meta import reify_many
from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.conjugate_values import Numeric, numeric_piece
from symbolic_pymc.proximal.objective import constant_of
from symbolic_pymc.proximal.pieces import piecewise
from symbolic_pymc.parts import substitute


def separated(split):
    """Return the parts that are functions of an affine argument, and by name the terms of the unknowns themselves.

    Raises
    ------
    Unknown
        For a part that is neither.
    """
    ops, inputs = split.objective.adapter.ops, split.objective.inputs
    if any(part.function is None for part in split.smooth):
        raise Unknown("a part that is no function of one affine argument")
    names = {record: name for name, record in inputs.items()}
    own = [p for p in split.smooth if p.argument in names and ops.ndim(p.term) == ops.ndim(p.argument)]
    terms = {name: [p.term for p in parts] for name, parts in split.penalties.items()}
    for part in own:
        terms.setdefault(names[part.argument], []).append(part.term)
    return [part for part in split.smooth if part not in own], terms


def grouped(split):
    """Return the parts that are functions of an affine argument, and by name the functions of unknowns themselves.

    Raises
    ------
    Unknown
        For a part that is neither.
    """
    losses, terms = separated(split)
    return losses, {name: of_terms(split.objective, name, found) for name, found in terms.items()}


def of_terms(objective, name, terms):
    """Return the sum of some terms as a piecewise function of an unknown."""
    return piecewise(objective.adapter.ops, _added(objective.adapter.ops, terms), objective.inputs[name])


def _added(ops, terms):
    total, *rest = terms
    for term in rest:
        total = ops.add(total, term)
    return total


def point_of(objective, values):
    """Return the constants that stand for the unknowns at values."""
    return {objective.inputs[name]: constant_of(objective.inputs[name], value) for name, value in values.items()}


def value_at(adapter, point, term):
    """Return the value of a term, computed as it stands."""
    (base,) = reify_many((substitute(term, point),))
    return np.asarray(adapter.evaluate(base))


def numeric_of(adapter, point, function, argument):
    """Return a `Piecewise` function as a `Numeric` one, and the value of its argument.

    Raises
    ------
    NoConjugate
        For a piece that has none.
    """
    combinations = [[] if piece is None else list(piece.items()) for piece in function.pieces]
    terms = {*function.knots} | {x for piece in combinations for f, c in piece for x in (c, f.centre, f.extra)} - {None}
    arrays = {term: value_at(adapter, point, term) for term in terms}
    ends = [-np.inf, *(arrays[k] for k in function.knots), np.inf]
    pieces = [
        numeric_piece(
            low, high, [(f.kind, f.side, arrays.get(f.centre), arrays.get(f.extra), arrays[c]) for f, c in piece]
        )
        for low, high, piece, known in zip(ends, ends[1:], combinations, function.pieces)
        if known is not None
    ]
    return Numeric(tuple(pieces)), value_at(adapter, point, argument)
