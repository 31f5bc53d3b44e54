"""Asking the facts: what law a word of algebra makes of laws, whatever names these go by."""

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from kanren import run
from unification import var

from symbolic_pymc.distributions import DISTRIBUTIONS
from symbolic_pymc.meta import settle_graph
from symbolic_pymc.records import Constant, Term, children, rebuild
from symbolic_pymc.relations.arithmetic import number, sign, simplified
from symbolic_pymc.relations.extremes import ARRAYS, EXTREMES
from symbolic_pymc.relations.folds import FOLDS
from symbolic_pymc.relations.forms import NoKnownLaw, form, minus, spelled
from symbolic_pymc.relations.maps import MAPS
from symbolic_pymc.relations.powers import POWERS
from symbolic_pymc.relations.ratios import RATIOS
from symbolic_pymc.relations.scalings import SCALINGS
from symbolic_pymc.relations.special import SPECIAL
from symbolic_pymc.relations.sums import SUMS
from symbolic_pymc.relations.totals import TOTALS

FACTS = (*SUMS, *TOTALS, *SCALINGS, *FOLDS, *POWERS, *MAPS, *RATIOS, *EXTREMES, *ARRAYS)

_BY_WORD = {
    "add": SUMS,
    "sub": SUMS,
    "total": TOTALS,
    "affine": SCALINGS,
    "abs": FOLDS,
    "pow": POWERS,
    **dict.fromkeys(("exp", "log", "sigmoid", "logit", "erf", "ceil", "floor"), MAPS),
    **dict.fromkeys(("mul", "true_div", "share"), RATIOS),
    **dict.fromkeys(("minimum", "maximum"), EXTREMES),
    **dict.fromkeys(("largest", "smallest", "argmax"), ARRAYS),
}


class Facts:
    """The facts that may be used, and a backend's vocabulary."""

    def __init__(self, ops, allowed):
        self.ops, self.allowed = ops, frozenset(allowed)
        self.zero, self.one = ops.constant(0.0), ops.constant(1.0)

    def plus(self, a, b):
        """Return the sum of two parameters."""
        return simplified(self.ops, self.ops.add(a, b))

    def signed(self, law):
        """Return offset, sign and the rest of a form."""
        if law[0] == "affine" and (s := number(self.ops, law[2])) in (1.0, -1.0):
            return law[1], s, law[3]
        return self.zero, 1.0, law

    def ask(self, word, *arguments, over=None):
        """Return the law that a fact gives for a word and laws, under whatever names these go; None for none."""
        names = [self.names_of(x) if isinstance(x, tuple) else (x,) for x in arguments]
        for fact in _BY_WORD.get(word, ()):
            for known in product(*names) if fact in self.allowed else ():
                found = first_of(fact, self.ops, *(() if over is None else (over,)), (word, *known))
                if found is not None and self.has(found):
                    return self.settled(found if over is None else over.of_numbers(found))
        return None

    def has(self, law):
        """Tell whether a law is one that the backend has a random variable for, if it has a name at all."""
        return law[0] in self.ops.rows or law[0] not in DISTRIBUTIONS

    def names_of(self, law):
        """Return a law under all of the names that it goes by."""
        found = [law]
        for x in found:
            for fact in SPECIAL:
                other = first_of(fact, self.ops, x)
                if other is not None and self.has(other) and (other := self.settled(other)) not in found:
                    found.append(other)
        return found

    def settled(self, law):
        """Return a law with simple parameters."""
        word, *parts = (self.settled(x) if isinstance(x, tuple) else x for x in law)
        parts = [simplified(self.ops, x) if not isinstance(x, (tuple, str)) else x for x in parts]
        return self.affine(*parts) if word == "affine" else (word, *parts)

    def function(self, word, *arguments):
        """Return the law of a function of a variable: a known one, or one that is known by its density alone."""
        refuse_atoms(arguments[0])
        found = self.ask(word, *arguments)
        if found is None and is_discrete(arguments[0]):
            raise NoKnownLaw(f"no law is known for {word} of {spelled(arguments[0])}")
        return (word, *arguments) if found is None else found

    def affine(self, a, b, law):
        """Return the law of ``a + b x``: of the family of `x`, or else with as much of `a` and `b` in it as goes."""
        ops = self.ops
        if law[0] == "affine":
            _, c, d, law = law
            a, b = self.plus(a, ops.mul(b, c)), simplified(ops, ops.mul(b, d))
        if number(ops, a) == 0.0 and number(ops, b) == 1.0:
            return law
        refuse_atoms(law)
        found = self.ask("affine", a, b, law)
        if found is not None:
            return found
        direction = sign(ops, b)
        if direction is None:
            raise NoKnownLaw(f"the sign of a factor of {spelled(law)} is not known")
        if is_discrete(law) and number(ops, b) not in (1.0, -1.0):
            raise NoKnownLaw(f"no law is known for a multiple of {spelled(law)}")
        ways = (self._reflected,) * (direction == -1.0) + (self._scaled,)
        parts = (way(a, b, simplified(ops, ops.mul(b, ops.constant(direction))), law) for way in ways)
        return next((part for part in parts if part is not None), form.affine(a, b, law))

    def _reflected(self, a, b, size, law):
        """Return the law of ``a - size x``, as ``-(-a + size x)`` or as ``-size x`` moved by `a`; or None."""
        if number(self.ops, a) == 0.0:
            return None
        moved = self.ask("affine", simplified(self.ops, self.ops.neg(a)), size, law)
        if moved is not None:
            return self.ask("affine", self.zero, self.ops.constant(-1.0), moved) or minus(self.ops, moved)
        turned = self.ask("affine", self.zero, b, law) if number(self.ops, size) == 1.0 else None
        return None if turned is None else self.affine(a, self.one, turned)

    def _scaled(self, a, b, size, law):
        """Return the law with the size of its factor in it, moved and turned round from outside; or None."""
        scaled = self.ask("affine", self.zero, size, law) if number(self.ops, size) != 1.0 else None
        return None if scaled is None else self.affine(a, self.ops.constant(sign(self.ops, b)), scaled)

    def is_unit(self, law):
        """Tell whether a variable of this law lies between 0 and 1 with certainty."""
        supports = {DISTRIBUTIONS[x[0]].support for x in self.names_of(law) if x[0] in DISTRIBUTIONS}
        return law[0] == "sigmoid" or "unit" in supports

    def raised(self, law, exponent):
        """Return the law of a power."""
        if law[0] == "pow" and number(self.ops, exponent) is not None and is_positive(law[1]):
            law, exponent = law[1], simplified(self.ops, self.ops.mul(law[2], exponent))
        if number(self.ops, exponent) == 1.0:
            return law
        return self.function("pow", law, exponent)


@dataclass(frozen=True)
class Over:
    """The elements of one array, that a relation sums a parameter over."""

    ops: Any
    blank: Any

    @property
    def count(self):
        """The number of elements, as a term."""
        shape = self.blank.rands[0] if isinstance(self.blank, Term) else self.ops.constant(self.blank.shape)
        if isinstance(shape, Constant):
            return self.ops.constant(float(np.prod(shape.value)))
        return self.sum(self.ops.constant(1.0))

    def of_numbers(self, x):
        """Return a term with the sums of what is a number for all elements as multiples of it."""

        def multiplied(y):
            if not isinstance(y, Term) or y.rator is not self._total or number(self.ops, y.rands[0].rands[0]) is None:
                return y
            return self.ops.mul(self.count, y.rands[0].rands[0])

        return rebuild(x, multiplied, children=lambda y: () if self.ops.is_random(y) else children(y))

    @property
    def _total(self):
        return self.ops.total(self.ops.constant(0.0)).rator

    def full(self, x):
        """Return a parameter with an element for each of the array."""
        return self.ops.column(x, self.blank)

    def sum(self, x):
        """Return the sum of a parameter over all elements."""
        return self.ops.total(self.full(x))


def first_of(fact, ops, *before):
    """Return what a fact gives for laws, None where it says nothing about them."""
    q = var()
    return next(map(settle_graph, run(1, q, fact(ops, *before, q))), None)


def is_discrete(law):
    """Tell whether a law gives probabilities to whole numbers."""
    known = DISTRIBUTIONS.get(law[0])
    if known is not None:
        return known.support == "count"
    return any(is_discrete(x) for x in law[1:] if isinstance(x, tuple)) or law[0] in ("ceil", "floor")


def refuse_atoms(law):
    """Refuse a continuous law with single values of positive probability, of which only the density is known."""
    if law[0] == "clip":
        raise NoKnownLaw("a clipped variable has its bounds with positive probability")


def is_positive(law):
    """Tell whether a variable of this law is positive, or zero, with certainty."""
    known = DISTRIBUTIONS.get(law[0])
    supports = ("positive", "nonnegative", "unit")
    return law[0] in ("exp", "abs", "betaprime") or known is not None and known.support in supports
