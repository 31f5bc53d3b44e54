"""Draws from laws that are cut at bounds, however a backend writes them: the law without bounds, and these."""

from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import numpy as np

from symbolic_pymc.records import Term
from symbolic_pymc.relations.goals import constant_number
from symbolic_pymc.relations.laws import read_all
from symbolic_pymc.truncations import ENDS

# the names of the laws that are normalised between their bounds, by those of the laws without any
TRUNCATED = {name: f"truncated{name}" for name in ENDS}
_WITHOUT_BOUNDS = {cut: name for name, cut in TRUNCATED.items()}


@dataclass(frozen=True)
class Cut:
    """A law between bounds.

    Parameters
    ----------
    family : str
        Neutral name of the law without bounds.
    parameters : dict
        Its parameters by name, as `laws.parameters_of` gives them.
    lower, upper : term
    shape : term or None
        That of the draw, where its Op is told.
    """

    family: str
    parameters: dict
    lower: Term
    upper: Term
    shape: Any = None

    def bounds_within(self, ops, low, high):
        """Return the bounds, where they are beyond `low` and `high` these."""
        return _clipped(ops, self.lower, low, max, ops.maximum), _clipped(ops, self.upper, high, min, ops.minimum)


@singledispatch
def parts_of_cut(op, rands):
    """Return what the Op of a draw cuts at bounds: its neutral name, native parameters by name, bounds and shape.

    None for an Op that cuts nothing; backends register theirs.
    """
    return None


def cut_of(ops, draw):
    """Return the `Cut` that a draw is from, or None."""
    family = ops.distribution_of(draw)
    if family in _WITHOUT_BOUNDS:
        *values, lower, upper = ops.parameters(draw).values()
        return Cut(_WITHOUT_BOUNDS[family], dict(zip(("alpha", "beta"), values)), lower, upper)
    parts = parts_of_cut(draw.rator.op, draw.rands) if family is None and ops.is_random(draw) else None
    if parts is None:
        return None
    name, native, *rest = parts
    return Cut(name, read_all(ops, name, native), *rest)


def family_of(ops, draw):
    """Return the neutral name of the law of a draw, without bounds where it is cut; None when that is not known."""
    cut = cut_of(ops, draw)
    return ops.distribution_of(draw) if cut is None else cut.family


def _clipped(ops, bound, end, of_numbers, of_terms):
    if not np.isfinite(end):
        return bound
    number = constant_number(bound)
    return of_terms(bound, ops.constant(end)) if number is None else ops.constant(of_numbers(number, end))
