"""The convex functions of affine arguments that a split objective is a sum of, with their conjugates."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from symbolic_pymc.errors import NotDifferentiable
from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.parts import substitute
from symbolic_pymc.proximal.blockduals import conjugate_of_block, covered
from symbolic_pymc.proximal.blocks import block
from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.compiled import total_of
from symbolic_pymc.proximal.conjugates import conjugate_of_pieces
from symbolic_pymc.proximal.piecevalues import slope_of_pieces, value_of_pieces
from symbolic_pymc.proximal.pieces import Piecewise, piecewise
from symbolic_pymc.proximal.together import summed


@dataclass(frozen=True)
class Summand:
    """A function of one affine argument.

    Parameters
    ----------
    argument : term
    function : Piecewise or Block
    terms : tuple of term
        All of whose elements add up to it.
    """

    argument: Any
    function: Any
    terms: tuple

    @property
    def is_of_elements(self):
        return isinstance(self.function, Piecewise)

    def value(self, ops, a):
        """Return arrays whose elements add up to the value at `a`."""
        if self.is_of_elements:
            return [value_of_pieces(ops, self.function, a)]
        return [substitute(term, {self.argument: a}) for term in self.terms]

    def conjugate(self, ops, u):
        """Return an array whose elements add up to the conjugate at `u`."""
        if self.is_of_elements:
            return conjugate_of_pieces(ops, self.function, u)
        phi = metatize(sum(base.sum() for base in reify_many(self.terms)))
        return conjugate_of_block(ops, self.function, phi, u)

    def slope(self, adapter, a):
        """Return the slope at the record `a`; nan where it has none."""
        if self.is_of_elements:
            return slope_of_pieces(adapter.ops, self.function, a).reify()
        try:
            return adapter.gradient(total_of(adapter, self.value(adapter.ops, a)), [a.reify()])[0]
        except NotDifferentiable:
            return a.reify() * np.nan

    def covered(self, ops, x):
        """Return which elements of `x` it depends on, as numbers."""
        if self.is_of_elements:
            return ops.second(x, ops.constant(1.0))
        return covered(ops, self.function, x)

    def witness(self):
        """Return a variable of the type of the slope: of all elements of the function, where it is one of elements."""
        record = self.terms[0] if self.is_of_elements else self.argument
        return record.reify().type("u")


def summands_of(split):
    """Return the functions of other affine arguments, and by name those of the unknowns themselves.

    Raises
    ------
    Unknown
        For a part that is neither.
    """
    ops, inputs = split.objective.adapter.ops, split.objective.inputs
    parts = [*split.smooth, *split.composites, *(p for own in split.penalties.values() for p in own)]
    if any(part.function is None for part in parts):
        raise Unknown("a part that is no function of one affine argument")
    names, own, others = {record: name for name, record in inputs.items()}, {}, []
    for part in parts:
        summand = Summand(part.argument, part.function, (part.term,))
        is_own = part.argument in names and _has_elements_of(ops, part.term, summand)
        own.setdefault(names[part.argument], []).append(part) if is_own else others.append(summand)
    joined = {}
    for name, found in own.items():
        joined[name], rest = _joined(split.objective.adapter, found, inputs[name])
        others += rest
    return others, joined


def _has_elements_of(ops, term, summand):
    """Tell whether a function has as many elements as its argument, if it is one of elements."""
    return not summand.is_of_elements or ops.ndim(term) == ops.ndim(summand.argument)


def _joined(adapter, parts, x):
    """Return functions of an unknown as one function, and those that are not in it."""
    ops, terms = adapter.ops, tuple(p.term for p in parts)
    for read in (_of_elements, _of_all) if len(parts) > 1 else ():
        try:
            one = Summand(x, read(adapter, parts, x), terms)
            one.conjugate(ops, x)
            return one, []
        except Unknown:
            continue
    *rest, last = (Summand(x, p.function, (p.term,)) for p in sorted(parts, key=lambda p: p.smooth))
    return last, rest


def _of_elements(adapter, parts, x):
    patterns = {adapter.ops.pattern(p.term) for p in parts}
    if len(patterns) > 1 or not all(isinstance(p.function, Piecewise) for p in parts):
        raise Unknown("a function of a whole array")
    return piecewise(adapter.ops, summed(adapter.ops, [p.term for p in parts]), x)


def _of_all(adapter, parts, x):
    return block(adapter.ops, metatize(total_of(adapter, [p.term for p in parts])), x)
