"""The functions that an objective is split into, with numbers for their coefficients."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from symbolic_pymc.meta import reify_many
from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.objective import constant_of
from symbolic_pymc.proximal.pieces import piecewise
from symbolic_pymc.proximal.together import summed
from symbolic_pymc.parts import substitute

POLYNOMIAL = {"one": "constant", "linear": "linear", "square": "square"}


@dataclass(frozen=True)
class Piece:
    """``constant + linear x + square x**2 + factor f(side (x - centre))`` on an interval; `kind` None for no f."""

    low: Any
    high: Any
    constant: Any = 0.0
    linear: Any = 0.0
    square: Any = 0.0
    kind: Any = None
    factor: Any = 1.0
    side: int = 1
    centre: Any = 0.0
    extra: Any = None


@dataclass(frozen=True)
class Numeric:
    """A function of one number, piece by piece, with numbers for its coefficients."""

    pieces: tuple


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


def of_terms(objective, name, terms):
    """Return the sum of some terms as a piecewise function of an unknown."""
    return piecewise(objective.adapter.ops, summed(objective.adapter.ops, terms), objective.inputs[name])


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
    Unknown
        For a piece with more than one function that is no polynomial.
    """
    combinations = [[] if piece is None else list(piece.items()) for piece in function.pieces]
    terms = {*function.knots} | {x for piece in combinations for f, c in piece for x in (c, f.centre, f.extra)} - {None}
    arrays = {term: value_at(adapter, point, term) for term in terms} | {None: None}
    ends = [-np.inf, *(arrays[k] for k in function.knots), np.inf]
    pieces = [
        _numeric_piece(low, high, [(f, arrays[f.centre], arrays[f.extra], arrays[c]) for f, c in piece])
        for low, high, piece, known in zip(ends, ends[1:], combinations, function.pieces)
        if known is not None
    ]
    return Numeric(tuple(pieces)), value_at(adapter, point, argument)


def _numeric_piece(low, high, functions):
    r"""Return the `Piece` of functions, given with the values of centre, extra and factor.

    As :math:`\log(1 + e^{-y}) = \log(1 + e^y) - y`, that is read as the other, and a line.
    """
    fields, bent = {"constant": 0.0, "linear": 0.0, "square": 0.0}, []
    for f, centre, extra, factor in functions:
        side, centre = f.side, 0.0 if centre is None else centre
        if f.kind == "softplus" and side < 0:
            side = 1
            fields["linear"] = fields["linear"] - factor * extra
            fields["constant"] = fields["constant"] + factor * extra * centre
        if f.kind in POLYNOMIAL and side == 1 and np.all(centre == 0.0):
            fields[POLYNOMIAL[f.kind]] = fields[POLYNOMIAL[f.kind]] + factor
        else:
            bent.append({"kind": f.kind, "side": side, "centre": centre, "extra": extra, "factor": factor})
    first, *others = bent or [{}]
    if any(not np.array_equal(other[k], first[k]) for other in others for k in ("kind", "side", "centre", "extra")):
        raise Unknown("functions that are no polynomials")
    own = first | {"factor": sum(b["factor"] for b in bent)} if bent else {}
    return Piece(low, high, **fields, **own)
