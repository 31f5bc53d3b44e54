"""Laws of what is not linear: functions, powers, products, ratios and extremes of parts whose laws are known.

Every rule gets the derivation `d`, which knows the laws of all parts (`symbolic_pymc.relations.derivation`), and the
expression `x`; it refuses parts that share a draw, and elements that broadcasting would make dependent.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from symbolic_pymc.relations.arithmetic import number, simplified
from symbolic_pymc.relations.facts import Over, is_discrete, is_positive, refuse_atoms
from symbolic_pymc.relations.forms import NoKnownLaw, form, spelled
from symbolic_pymc.relations.independence import called
from symbolic_pymc.relations.linearforms import less
from symbolic_pymc.unify import PLAIN


@dataclass(frozen=True)
class Law:
    """What is known of an expression.

    form : tuple, the law of every element, which are independent; see `symbolic_pymc.relations.forms`.
    blank : array of zeros with the shape of the expression; None for a single number.
    sources : frozenset of the draws that it is computed from.
    """

    form: tuple
    blank: Any
    sources: frozenset


def law_of_atom(d, x):
    """Return the `Law` of an expression that is not linear in its arguments.

    Raises
    ------
    NoKnownLaw
        With the reason.
    """
    kind = d.ops.kind_of(x)
    if kind in _FUNCTIONS:
        inner = d.combined(x.rands[0])
        return Law(_FUNCTIONS[kind](d.facts, inner.form), inner.blank, inner.sources)
    if kind in _RULES:
        return _RULES[kind](d, x)
    raise NoKnownLaw(f"{kind or x.rator} is no operation that laws are known for")


def _elementwise(d, x, *arguments):
    """Return the laws of arguments, which must be independent and fill the shape of `x`."""
    laws = [d.combined(r) for r in arguments]
    for r in arguments:
        if d.ops.is_stretched(r, x):
            raise NoKnownLaw(f"{called(d.ops, r)} is broadcast, which makes the elements dependent")
    d.refuse_common_sources(laws)
    return laws


def _known(d, word, laws):
    for way in (laws, laws[::-1]) if word != "true_div" else (laws,):
        found = d.facts.ask(word, *(law.form for law in way))
        if found is not None:
            return Law(found, laws[0].blank, frozenset().union(*(law.sources for law in laws)))
    kinds = " and ".join(spelled(law.form) for law in laws)
    raise NoKnownLaw(f"no law is known for {word} of {kinds} with these parameters")


def _power(d, x):
    base, exponent = x.rands
    if base not in d.linear or exponent in d.linear:
        raise NoKnownLaw("the exponent is random")
    (inner,) = _elementwise(d, x, base)
    return Law(d.facts.raised(inner.form, simplified(d.ops, exponent)), inner.blank, inner.sources)


def _product(d, x):
    powers = {}
    for r in x.rands:
        powers[r] = powers.get(r, 0) + 1
    random = [r for r in powers if r in d.linear]
    laws = _elementwise(d, x, *random)
    raised = [d.facts.raised(law.form, d.ops.constant(float(powers[r]))) for law, r in zip(laws, random)]
    laws = [Law(f, law.blank, law.sources) for f, law in zip(raised, laws)]
    while len(laws) > 1:
        laws = [_known(d, "mul", laws[:2]), *laws[2:]]
    (law,) = laws
    for r in set(powers) - set(random):
        law = Law(d.facts.affine(d.facts.zero, simplified(d.ops, r), law.form), law.blank, law.sources)
    return law


def _quotient(d, x):
    over, under = x.rands
    if over in d.linear:
        share = _share(d, x, over, under)
        return _known(d, "true_div", _elementwise(d, x, over, under)) if share is None else share
    (inner,) = _elementwise(d, x, under)
    reciprocal = d.facts.raised(inner.form, d.ops.constant(-1.0))
    return Law(d.facts.affine(d.facts.zero, simplified(d.ops, over), reciprocal), inner.blank, inner.sources)


def _share(d, x, over, under):
    """Return the law of ``x / (x + rest)``, or None where the quotient is not one of this form."""
    part, whole = d.linear[over], d.linear[under]
    rest = less(d.ops, whole, part)
    if not set(part.terms) <= set(whole.terms) or set(rest.terms) & set(part.terms):
        return None
    if not rest.terms:
        raise NoKnownLaw("it is a number where numerator and denominator are the same")
    laws = [d.combine(over, part), d.combine(under, rest)]
    d.refuse_common_sources(laws)
    if any(d.ops.is_stretched(r, x) for r in (over, under)):
        raise NoKnownLaw("a part of it is broadcast, which makes the elements dependent")
    return _known(d, "share", laws)


def _extreme(d, x):
    laws, word = _elementwise(d, x, *_both(d, x)), d.ops.kind_of(x)
    if all(d.facts.signed(law.form)[1] == -1.0 for law in laws):
        found = _known(d, {"maximum": "minimum", "minimum": "maximum"}[word], [_turned(d, law) for law in laws])
        return _turned(d, found)
    return _known(d, word, laws)


def _turned(d, law):
    """Return the law of minus a variable."""
    return Law(d.facts.affine(d.facts.zero, d.ops.constant(-1.0), law.form), law.blank, law.sources)


def _both(d, x):
    if not all(r in d.linear for r in x.rands):
        raise NoKnownLaw(f"one side of {d.ops.kind_of(x)} is not random, which gives that value a probability")
    return x.rands


def _switch(d, x):
    if not all(r in d.linear for r in x.rands):
        raise NoKnownLaw("a choice with a branch that is not random gives that value a probability")
    choice, *branches = (d.combined(r) for r in x.rands)
    for law in branches:
        d.refuse_common_sources([choice, law])
    if any(d.ops.is_stretched(r, x) for r in x.rands):
        raise NoKnownLaw("a part of it is broadcast, which makes the elements dependent")
    if choice.form[0] != "bernoulli" or len({is_discrete(law.form) for law in branches}) > 1:
        raise NoKnownLaw("only a Bernoulli variable chooses between two laws, discrete or continuous both")
    for law in branches:
        refuse_atoms(law.form)
    law = form.mixture(choice.form[1], *(law.form for law in branches))
    return Law(law, choice.blank, frozenset().union(choice.sources, *(law.sources for law in branches)))


def _clip(d, x):
    inner, low, high = x.rands
    if low in d.linear or high in d.linear:
        raise NoKnownLaw("a bound is random")
    (law,) = _elementwise(d, x, inner)
    refuse_atoms(law.form)
    return Law(form.clip(law.form, simplified(d.ops, low), simplified(d.ops, high)), law.blank, law.sources)


def _over_elements(d, x, word):
    (argument,) = x.rands[:1]
    if d.ops.ndim(x):
        raise NoKnownLaw(f"{word} over some axes only: of the sums, normal ones alone are known")
    law = d.combined(argument)
    if law.blank is None:
        return law
    offset, direction, rest = d.facts.signed(law.form) if word != "argmax" else (d.facts.zero, 1.0, law.form)
    if word == "largest" and direction == -1.0:
        word = "smallest"
    over = Over(d.ops, law.blank)
    found = d.facts.ask(word, rest, over=over)
    if found is None or found[0] == "largest_of" and is_discrete(rest):
        raise NoKnownLaw(f"no law is known for the {word} element or sum of {spelled(rest)} with these parameters")
    if word == "total":
        offset = simplified(d.ops, over.of_numbers(over.sum(offset)))
    elif number(d.ops, offset) is None and d.ops.ndim(offset):
        raise NoKnownLaw("the elements have different offsets")
    return Law(d.facts.affine(offset, d.ops.constant(direction), found), None, law.sources)


def _total(d, x):
    return _over_elements(d, x, "total")


def _largest(d, x):
    if d.ops.axes_of(x) != tuple(range(d.ops.ndim(x.rands[0]))):
        raise NoKnownLaw("an extreme over some axes only")
    if x.info.index == 0 and d.ops.kind_of(x) == "largest":
        return _over_elements(d, x, "largest")
    if d.ops.ndim(x.rands[0]) != 1:
        raise NoKnownLaw("the place of the largest element of what is no vector")
    return _over_elements(d, x, "argmax")


def _moved(d, x):
    """Indexing, reshaping and the like: the parameters are moved with the elements."""
    if type(x.rator.op).__name__ not in ("Subtensor", "DimShuffle", "Reshape"):
        raise NoKnownLaw("indexing that may repeat elements makes them dependent")
    if x.rands[0] not in d.linear or any(r in d.linear for r in x.rands[1:]):
        raise NoKnownLaw("what is picked is random")
    inner = d.combined(x.rands[0])
    blank = blank_of_number(d.ops, x.rands[0]) if inner.blank is None else inner.blank

    def moved(y):
        return x.replace(rands=(d.ops.like(y, blank), *x.rands[1:]), info=PLAIN)

    def parameter(y):
        if isinstance(y, tuple):
            return tuple(map(parameter, y))
        if isinstance(y, str) or number(d.ops, y) is not None or d.ops.ndim(y) == 0:
            return y
        return moved(y)

    return Law(parameter(inner.form), moved(blank) if d.ops.ndim(x) else None, inner.sources)


def blank_of_number(ops, x):
    """Return the zero that stands for a single number."""
    return ops.blank(ops.constant(np.empty(0, dtype="int64")), ops.pattern(x))


_RULES = {
    "pow": _power,
    "mul": _product,
    "true_div": _quotient,
    "minimum": _extreme,
    "maximum": _extreme,
    "switch": _switch,
    "clip": _clip,
    "sum": _total,
    "largest": _largest,
    "argmax": _largest,
    "structural": _moved,
    "transpose": _moved,
}


def _named(word):
    return lambda facts, law: facts.function(word, law)


_FUNCTIONS = {
    "sqr": lambda facts, law: facts.raised(law, facts.ops.constant(2.0)),
    "sqrt": lambda facts, law: facts.raised(law, facts.ops.constant(0.5)),
    "reciprocal": lambda facts, law: facts.raised(law, facts.ops.constant(-1.0)),
    "erfc": lambda facts, law: facts.affine(facts.one, facts.ops.constant(-1.0), facts.function("erf", law)),
    "log1p": lambda facts, law: facts.function("log", facts.affine(facts.one, facts.one, law)),
    "abs": lambda facts, law: law if is_positive(law) else facts.function("abs", law),
    **{word: _named(word) for word in ("exp", "log", "sigmoid", "erf", "ceil", "floor")},
}
