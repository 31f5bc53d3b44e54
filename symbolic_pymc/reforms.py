"""The forms that a variable may be written in, by the names that a caller gives them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from numbers import Real
from typing import Any, Callable

import numpy as np

from symbolic_pymc.errors import ArgumentError, ConversionError
from symbolic_pymc.meta import metatize
from symbolic_pymc.records import Constant
from symbolic_pymc.relations import correlations, races, representations, zero_sums
from symbolic_pymc.relations.designs import (
    coefficient_scaledo,
    intercept_centredo,
    shifts_of,
    why_not_centred,
    why_not_scaled,
)
from symbolic_pymc.relations.distributions import scale_loc_transform, why_no_transform
from symbolic_pymc.relations.linalg import coefficient_qro, designs_of, why_no_coordinates
from symbolic_pymc.relations.partial_offsets import partial_offseto, why_no_partial_offset
from symbolic_pymc.relation import Relation, reference_of
from symbolic_pymc.parts import graph_parts


@dataclass(frozen=True)
class Form:
    """A form for the variables of one model.

    Parameters
    ----------
    relation : callable
        The relation that states it.
    goal : callable
        ``goal(x, y)`` relates a draw of the model to its form.
    why_not : callable
        ``why_not(x)`` says in words why a draw is left as it is.
    """

    relation: Callable
    goal: Callable
    why_not: Callable

    def driven_by(self, may_match):
        """Return the relation as a driver takes it, asked only where `may_match` says so."""
        return Relation(self.relation.__name__, self.goal, may_match, reference_of(self.relation))


def _offset(ops, outputs, weights):
    return Form(scale_loc_transform, partial(scale_loc_transform, ops), partial(why_no_transform, ops))


def _partial(ops, outputs, weights):
    """Return the form between the centred and the non-centred one, with the weight of every variable."""

    def goal(x, y):
        return partial_offseto(ops, weights.of(x), x, y)

    return Form(partial_offseto, goal, partial(why_no_partial_offset, ops))


def _by_table(relation):
    def form(ops, outputs, weights):
        return Form(relation, partial(relation, ops), partial(representations.why_not_represented, ops, relation))

    return form


def _race(relation):
    def form(ops, outputs, weights):
        return Form(relation, partial(relation, ops), partial(races.why_no_race, ops))

    return form


def _zero_sum(ops, outputs, weights):
    return Form(zero_sums.zero_sumo, partial(zero_sums.zero_sumo, ops), partial(zero_sums.why_no_zero_sum, ops))


def _vine(ops, outputs, weights):
    return Form(correlations.lkj_vineo, partial(correlations.lkj_vineo, ops), partial(correlations.why_no_vine, ops))


def _qr(ops, outputs, weights):
    designs = designs_of(ops, outputs)

    def goal(x, y):
        return coefficient_qro(ops, designs.get(x.name), x, y)

    return Form(coefficient_qro, goal, lambda x: why_no_coordinates(ops, designs.get(x.name), x))


def _centred(ops, outputs, weights):
    shifts = shifts_of(ops, outputs)

    def goal(x, y):
        return intercept_centredo(ops, shifts.get(x.name), x, y)

    return Form(intercept_centredo, goal, lambda x: why_not_centred(ops, shifts.get(x.name), x))


def _scaled(ops, outputs, weights):
    designs = designs_of(ops, outputs)

    def goal(x, y):
        return coefficient_scaledo(ops, designs.get(x.name), x, y)

    return Form(coefficient_scaledo, goal, lambda x: why_not_scaled(ops, designs.get(x.name), x))


FORMS = {
    "offset": _offset,
    "partial": _partial,
    "inverse_cdf": _by_table(representations.inverse_cdfo),
    "log": _by_table(representations.logarithmo),
    "logit": _by_table(representations.logito),
    "reciprocal": _by_table(representations.reciprocalo),
    "gammas": _by_table(representations.gammaso),
    "sticks": _by_table(representations.stickso),
    "split": _by_table(representations.splito),
    "factors": _by_table(representations.factorso),
    "times": _race(races.exponential_raceo),
    "utilities": _race(races.gumbel_raceo),
    "zero_sum": _zero_sum,
    "vine": _vine,
    "qr": _qr,
    "centred": _centred,
    "scaled": _scaled,
}


def form_of(ops, outputs, name, weights):
    """Return the `Form` of a name for the variables of a model.

    Raises
    ------
    ArgumentError
        When there is no form of that name.
    """
    if name not in FORMS:
        raise ArgumentError(f"form: {name!r} is no form; there are {', '.join(FORMS)}")
    return FORMS[name](ops, outputs, weights)


class Weights:
    """The weights of variables between their non-centred (0) and their centred form (1).

    Parameters
    ----------
    ops : Vocabulary
    given : number, array, variable, or mapping from names to these
        Variables may be shared ones, or expressions of them; nothing random.

    Raises
    ------
    ArgumentError
        When a weight is none of these, is outside of 0 and 1, or depends on something random.
    """

    def __init__(self, ops, given):
        self._ops = ops
        self.names = tuple(given) if isinstance(given, Mapping) else None
        pairs = given.items() if isinstance(given, Mapping) else [("weights", given)]
        self._records = {name: _weight(ops, name, value) for name, value in pairs}

    def of(self, x):
        """Return the weight of a draw as a record.

        Raises
        ------
        ArgumentError
            When the draw has none, or one that does not broadcast to its shape.
        """
        weight = self._records.get("weights" if self.names is None else x.name)
        if weight is None:
            raise ArgumentError(f"weights: there is none for {x.name}; give one, or leave it out of the names")
        shape = x.info.note.obj.shape if x.info.note else None
        fits = self._ops.ndim(weight) <= self._ops.ndim(x)
        if fits and isinstance(weight, Constant) and shape is not None and None not in shape:
            fits = all(n in (1, m) for n, m in zip(weight.shape[::-1], shape[::-1]))
        if not fits:
            raise ArgumentError(f"weights: the weight of {x.name} does not broadcast to the shape of the variable")
        return weight


def _weight(ops, name, value: Any):
    if isinstance(value, (Real, np.ndarray, list, tuple)) and not isinstance(value, bool):
        array = np.asarray(value, dtype="float64")
        if not np.all((array >= 0) & (array <= 1)):
            raise ArgumentError(f"weights: that of {name} is {value}; a weight lies between 0 and 1")
        return ops.constant(array)
    try:
        record = metatize(value)
    except ConversionError:
        raise ArgumentError(f"weights: {value!r} is no weight; give a number, an array or a shared variable") from None
    if any(ops.is_random(x) for x in graph_parts(record)):
        raise ArgumentError(
            f"weights: that of {name} depends on random variables; it must be known before they are drawn"
        )
    return record
