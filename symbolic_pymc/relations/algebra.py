"""The algebra of random variables: from an expression in independent draws to its law, by facts, bottom-up."""

from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np
from kanren import run
from unification import var

from symbolic_pymc.meta import Constant, Term, children, key, rebuild, settle_graph
from symbolic_pymc.relations.arithmetic import number, same, sign, simplified
from symbolic_pymc.relations.edges import blank_of
from symbolic_pymc.relations.extremes import ARRAYS, EXTREMES
from symbolic_pymc.relations.forms import NoKnownLaw, draw_of, form, form_of_draw, minus, spelled
from symbolic_pymc.relations.gaussian import gaussian_law
from symbolic_pymc.relations.independence import called, independent_sources, own_value_arguments
from symbolic_pymc.relations.maps import MAPS
from symbolic_pymc.relations.powers import POWERS
from symbolic_pymc.relations.ratios import RATIOS
from symbolic_pymc.relations.scalings import SCALINGS
from symbolic_pymc.relations.special import SPECIAL
from symbolic_pymc.relations.sums import SUMS, TOTALS
from symbolic_pymc.distributions import DISTRIBUTIONS
from symbolic_pymc.unify import PLAIN
from symbolic_pymc.walk import graph_parts, substitute

FACTS = (*SUMS, *TOTALS, *SCALINGS, *POWERS, *MAPS, *RATIOS, *EXTREMES, *ARRAYS)


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


@dataclass(frozen=True)
class Linear:
    """``offset + sum(coefficient * atom)``; `terms` maps atoms to coefficients."""

    offset: Any
    terms: dict


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


def law_of(ops, expression, facts=FACTS):
    """Return a fresh draw that has the law of an expression, called like it.

    Its parameters may hold draws that the expression's own draws depend on: the law is the one given these.

    Parameters
    ----------
    ops : Vocabulary
    expression : term
        Of distinct and independent draws, in any spelling that `facts` and linearity reach.
    facts : collection of relations
        Which facts may be used.

    Raises
    ------
    NoKnownLaw
        When no distribution of the backend is known to be the law; with the reasons.
    """
    if ops.is_random(expression):
        return expression
    law = derive(ops, expression, facts)
    if isinstance(law, Term):
        return law
    size = None if law.blank is None else ops.shape(law.blank)
    return draw_of(ops, law.form, size, expression.name)


def derive(ops, expression, facts=FACTS):
    """Return the `Law` of an expression, or a draw from it where its elements are dependent.

    Raises
    ------
    NoKnownLaw
        With the reasons.
    """
    sources = independent_sources(ops, expression)
    reasons = []
    for way in (lambda: _Derivation(ops, sources, facts).law_at(expression), lambda: gaussian_law(ops, expression, sources)):
        try:
            return _without_sources(ops, way(), sources)
        except NoKnownLaw as reason:
            reasons.append(str(reason))
    raise NoKnownLaw(f"{expression.name or 'the expression'}: no law is known; {'; '.join(reasons)}")


def _without_sources(ops, law, sources):
    """Return a law whose parameters, where they depend on the shape of a source, draw nothing."""
    blanks = {key(x): blank_of(ops, x) for x in sources}

    def clean(x):
        if isinstance(x, tuple):
            return tuple(map(clean, x))
        return substitute(x, blanks) if isinstance(x, Term) else x

    return clean(law) if isinstance(law, Term) else Law(clean(law.form), law.blank and clean(law.blank), law.sources)


class _Derivation:
    """The laws of the parts of one expression.

    linear : from every part that depends on a draw to its `Linear` form
    laws : from every atom of these forms to its `Law`, or to the reason why there is none
    """

    def __init__(self, ops, sources, facts):
        self.ops, self.sources, self.facts = ops, sources, frozenset(facts)
        self.zero, self.one = ops.constant(0.0), ops.constant(1.0)
        self.linear, self.laws, self.combined = {}, {}, {}

    def law_at(self, expression):
        """Return the law of an expression."""
        for x in graph_parts(expression, subterms=lambda y: () if y in self.sources else own_value_arguments(self.ops, y)):
            if x in self.sources or self._random_arguments(x):
                self.linear[x] = self._linear(x)
                if x in self.linear[x].terms:
                    self.laws[x] = self._law_or_reason(x)
        if expression not in self.linear:
            raise NoKnownLaw("nothing random stands in it")
        return self._combined(expression)

    def _random_arguments(self, x):
        return [r for r in own_value_arguments(self.ops, x) if r in self.linear]

    # Linear forms ------------------------------------------------------------------------------------------------

    def _linear(self, x):
        parts = [self.linear.get(r, Linear(r, {})) for r in x.rands] if x not in self.sources else []
        rule = self._LINEAR.get(self.ops.kind_of(x)) if parts else None
        result = rule(self, x, parts) if rule else None
        return Linear(self.zero, {x: self.one}) if result is None else result

    def _add(self, x, parts):
        offset, terms = self.zero, {}
        for part in parts:
            offset = self._plus(offset, part.offset)
            for atom, c in part.terms.items():
                terms[atom] = self._plus(terms.get(atom, self.zero), c)
        return Linear(offset, {atom: c for atom, c in terms.items() if number(self.ops, c) != 0.0})

    def _plus(self, a, b):
        return simplified(self.ops, self.ops.add(a, b))

    def _times(self, linear, factor):
        by = lambda c: simplified(self.ops, self.ops.mul(c, factor))  # noqa: E731
        return Linear(by(linear.offset), {atom: by(c) for atom, c in linear.terms.items()})

    def _sub(self, x, parts):
        return self._add(x, [parts[0], self._times(parts[1], self.ops.constant(-1.0))])

    def _neg(self, x, parts):
        return self._times(parts[0], self.ops.constant(-1.0))

    def _mul(self, x, parts):
        random = [p for p in parts if p.terms]
        if len(random) > 1:
            return None
        result = random[0] if random else Linear(self.one, {})
        for part in parts:
            if part is not result and not part.terms:
                result = self._times(result, part.offset)
        return result

    def _true_div(self, x, parts):
        over, under = parts
        return None if under.terms else self._times(over, self.ops.reciprocal(under.offset))

    def _same(self, x, parts):
        return parts[0]

    _LINEAR = {
        "add": _add,
        "sub": _sub,
        "neg": _neg,
        "mul": _mul,
        "true_div": _true_div,
        "deterministic": _same,
        "cast": _same,
    }

    def _combined(self, x):
        """Return the law of any part, from those of the atoms of its linear form."""
        if x not in self.combined:
            self.combined[x] = self._combine(x, self.linear[x])
        return self.combined[x]

    def _combine(self, x, linear):
        terms = self._with_log_odds(linear.terms)
        laws = [self._law_of_atom(atom) for atom in terms]
        if not laws:
            raise NoKnownLaw("everything random in it cancels")
        for atom in linear.terms:
            if self.ops.is_stretched(atom, x):
                raise NoKnownLaw(f"{self._called(atom)} is broadcast, which makes the elements dependent")
        self._refuse_common_sources(laws)
        forms = [self.affine(self.zero, c, law.form) for law, c in zip(laws, terms.values())]
        while len(forms) > 1:
            forms = self._add_two(forms)
        whole = self.affine(linear.offset, self.one, forms[0])
        return Law(whole, laws[0].blank, frozenset().union(*(law.sources for law in laws)))

    def _called(self, x):
        return x.name or "a part of it"

    def _law_of_atom(self, atom):
        law = self.laws[atom]
        if isinstance(law, str):
            raise NoKnownLaw(law)
        return law

    def _refuse_common_sources(self, laws):
        for a, b in combinations(laws, 2):
            for common in a.sources & b.sources:
                raise NoKnownLaw(f"{called(self.ops, common)} stands in two parts, which are therefore dependent")

    def _add_two(self, forms):
        """Return the forms with two of them replaced by that of their sum."""
        pairs = sorted(combinations(range(len(forms)), 2), key=lambda ij: not self._of_one_family(*(forms[i] for i in ij)))
        for i, j in pairs:
            found = self._sum_of(forms[i], forms[j])
            if found is not None:
                return [f for k, f in enumerate(forms) if k not in (i, j)] + [found]
        raise NoKnownLaw(f"no law is known for the sum of {' and '.join(map(spelled, forms))} with these parameters")

    def _of_one_family(self, x, y):
        """Tell whether two forms are of one family, whose sums are best taken first."""
        names = ({law[0] for law in self.names_of(self._signed(z)[2])} for z in (x, y))
        return not set.isdisjoint(*names)

    def _sum_of(self, x, y):
        (a, s, f), (b, t, g) = self._signed(x), self._signed(y)
        if s == t:
            ways = [("add", f, g, s), ("add", g, f, s)]
        else:
            ways = [("sub", f, g, s), ("sub", g, f, t)]
        for word, left, right, direction in ways:
            found = self.ask(word, left, right)
            if found is not None:
                return self.affine(self._plus(a, b), self.ops.constant(direction), found)
        return None

    def _signed(self, law):
        """Return offset, sign and the rest of a form."""
        if law[0] == "affine" and (s := number(self.ops, law[2])) in (1.0, -1.0):
            return law[1], s, law[3]
        return self.zero, 1.0, law

    def _with_log_odds(self, terms):
        """Return terms in which ``c log x - c log(1 - x)`` is c times the log odds of x."""
        logs = [atom for atom in terms if self.ops.kind_of(atom) in ("log", "log1p")]
        for a, b in product(logs, logs):
            if self._are_complements(a, b) and same(self.ops, terms[b], self.ops.neg(terms[a])):
                odds = ("logit", a)
                self.laws.setdefault(odds, self._log_odds(a))
                return {odds: terms[a], **{atom: c for atom, c in terms.items() if atom not in (a, b)}}
        return terms

    def _inside(self, atom):
        """Return the linear form of what a logarithm is taken of."""
        inner = self.linear[atom.rands[0]]
        return Linear(self._plus(inner.offset, self.one), inner.terms) if self.ops.kind_of(atom) == "log1p" else inner

    def _are_complements(self, a, b):
        """Tell whether the arguments of two logarithms sum to one, the first of them being a plain variable."""
        total = self._add(None, [self._inside(a), self._inside(b)])
        return a is not b and not total.terms and number(self.ops, total.offset) == 1.0

    def _log_odds(self, atom):
        try:
            inner = self._combined(atom.rands[0])
            plain = inner.form if self.ops.kind_of(atom) == "log" else self.affine(self.one, self.one, inner.form)
            return Law(self.function("logit", plain), inner.blank, inner.sources)
        except NoKnownLaw as reason:
            return str(reason)

    # Asking the facts --------------------------------------------------------------------------------------------

    def ask(self, word, *arguments, over=None):
        """Return the law that a fact gives for a word and laws, under whatever names these go; None for none."""
        for known in product(*(self.names_of(x) if isinstance(x, tuple) else (x,) for x in arguments)):
            for fact in _BY_WORD.get(word, ()):
                if fact in self.facts:
                    found = _first(fact, self.ops, *(() if over is None else (over,)), (word, *known))
                    if found is not None:
                        return self.settled(found if over is None else over.of_numbers(found))
        return None

    def names_of(self, law):
        """Return a law under all of the names that it goes by."""
        found = [law]
        for x in found:
            for fact in SPECIAL:
                other = _first(fact, self.ops, x)
                other = other and self.settled(other)
                if other is not None and other not in found:
                    found.append(other)
        return found

    def settled(self, law):
        """Return a law with simple parameters."""
        word, *parts = (self.settled(x) if isinstance(x, tuple) else x for x in law)
        parts = [simplified(self.ops, x) if not isinstance(x, (tuple, str)) else x for x in parts]
        return self.affine(*parts) if word == "affine" else (word, *parts)

    def function(self, word, *arguments):
        """Return the law of a function of a variable: a known one, or one that is known by its density alone."""
        found = self.ask(word, *arguments)
        return (word, *arguments) if found is None else found

    def affine(self, a, b, law):
        """Return the law of ``a + b x``."""
        ops = self.ops
        if law[0] == "affine":
            _, c, d, law = law
            a, b = self._plus(a, ops.mul(b, c)), simplified(ops, ops.mul(b, d))
        if number(ops, a) == 0.0 and number(ops, b) == 1.0:
            return law
        found = self.ask("affine", a, b, law)
        if found is not None:
            return found
        direction = sign(ops, b)
        if direction is None:
            raise NoKnownLaw(f"the sign of a factor of {spelled(law)} is not known")
        if is_discrete(law) and number(ops, b) not in (1.0, -1.0):
            raise NoKnownLaw(f"no law is known for a multiple of {spelled(law)}")
        size = b if direction == 1.0 else simplified(ops, ops.neg(b))
        if direction == -1.0 and number(ops, a) != 0.0:
            moved = self.ask("affine", simplified(ops, ops.neg(a)), size, law)
            if moved is not None:
                return self.ask("affine", self.zero, ops.constant(-1.0), moved) or minus(ops, moved)
        if number(ops, size) != 1.0:
            scaled = self.ask("affine", self.zero, size, law)
            if scaled is not None:
                return self.affine(a, ops.constant(direction), scaled)
        if direction == -1.0 and number(ops, size) == 1.0 and number(ops, a) != 0.0:
            reflected = self.ask("affine", self.zero, b, law)
            if reflected is not None:
                return self.affine(a, self.one, reflected)
        return form.affine(a, b, law)

    # Atoms -------------------------------------------------------------------------------------------------------

    def _law_or_reason(self, x):
        try:
            if x in self.sources:
                law = form_of_draw(self.ops, x)
                return Law(law, blank_of(self.ops, x) if self.ops.ndim(x) else None, frozenset({x}))
            kind = self.ops.kind_of(x)
            if kind in _FUNCTIONS:
                inner = self._combined(x.rands[0])
                return Law(_FUNCTIONS[kind](self, inner.form), inner.blank, inner.sources)
            if kind in self._ATOMS:
                return self._ATOMS[kind](self, x)
            raise NoKnownLaw(f"{kind or x.rator} is no operation that laws are known for")
        except NoKnownLaw as reason:
            return str(reason)

    def _elementwise(self, x, *arguments):
        """Return the laws of arguments, which must be independent and fill the shape of `x`."""
        laws = [self._combined(r) for r in arguments]
        for r in arguments:
            if self.ops.is_stretched(r, x):
                raise NoKnownLaw(f"{self._called(r)} is broadcast, which makes the elements dependent")
        self._refuse_common_sources(laws)
        return laws

    def _known(self, word, laws):
        for way in (laws, laws[::-1]) if word != "true_div" else (laws,):
            found = self.ask(word, *(law.form for law in way))
            if found is not None:
                return Law(found, laws[0].blank, frozenset().union(*(law.sources for law in laws)))
        kinds = " and ".join(spelled(law.form) for law in laws)
        raise NoKnownLaw(f"no law is known for {word} of {kinds} with these parameters")

    def _power(self, x):
        base, exponent = x.rands
        if base not in self.linear or exponent in self.linear:
            raise NoKnownLaw("the exponent is random")
        (inner,) = self._elementwise(x, base)
        return Law(self._raised(inner.form, simplified(self.ops, exponent)), inner.blank, inner.sources)

    def _raised(self, law, exponent):
        if law[0] == "pow" and number(self.ops, exponent) is not None and is_positive(law[1]):
            law, exponent = law[1], simplified(self.ops, self.ops.mul(law[2], exponent))
        if number(self.ops, exponent) == 1.0:
            return law
        return self.function("pow", law, exponent)

    def _product(self, x):
        powers = {}
        for r in x.rands:
            powers[r] = powers.get(r, 0) + 1
        random = [r for r in powers if r in self.linear]
        laws = self._elementwise(x, *random)
        raised = [self._raised(law.form, self.ops.constant(float(powers[r]))) for law, r in zip(laws, random)]
        laws = [Law(f, law.blank, law.sources) for f, law in zip(raised, laws)]
        while len(laws) > 1:
            laws = [self._known("mul", laws[:2]), *laws[2:]]
        (law,) = laws
        for r in set(powers) - set(random):
            law = Law(self.affine(self.zero, simplified(self.ops, r), law.form), law.blank, law.sources)
        return law

    def _quotient(self, x):
        over, under = x.rands
        if over in self.linear:
            share = self._share(x, over, under)
            return self._known("true_div", self._elementwise(x, over, under)) if share is None else share
        (inner,) = self._elementwise(x, under)
        reciprocal = self._raised(inner.form, self.ops.constant(-1.0))
        return Law(self.affine(self.zero, simplified(self.ops, over), reciprocal), inner.blank, inner.sources)

    def _share(self, x, over, under):
        """Return the law of ``x / (x + rest)``, or None where the quotient is not one of this form."""
        part, whole = self.linear[over], self.linear[under]
        rest = self._sub(x, [whole, part])
        if not set(part.terms) <= set(whole.terms) or set(rest.terms) & set(part.terms):
            return None
        if not rest.terms:
            raise NoKnownLaw("it is a number where numerator and denominator are the same")
        laws = [self._combine(over, part), self._combine(under, rest)]
        self._refuse_common_sources(laws)
        if any(self.ops.is_stretched(r, x) for r in (over, under)):
            raise NoKnownLaw("a part of it is broadcast, which makes the elements dependent")
        return self._known("share", laws)

    def _extreme(self, x):
        laws, word = self._elementwise(x, *self._both(x)), self.ops.kind_of(x)
        if all(self._signed(law.form)[1] == -1.0 for law in laws):
            turned = [Law(self.affine(self.zero, self.ops.constant(-1.0), law.form), law.blank, law.sources) for law in laws]
            found = self._known({"maximum": "minimum", "minimum": "maximum"}[word], turned)
            return Law(self.affine(self.zero, self.ops.constant(-1.0), found.form), found.blank, found.sources)
        return self._known(word, laws)

    def _both(self, x):
        if not all(r in self.linear for r in x.rands):
            raise NoKnownLaw(f"one side of {self.ops.kind_of(x)} is not random, which gives that value a probability")
        return x.rands

    def _switch(self, x):
        condition, yes, no = x.rands
        if not all(r in self.linear for r in x.rands):
            raise NoKnownLaw("a choice with a branch that is not random gives that value a probability")
        choice, *branches = (self._combined(r) for r in x.rands)
        for law in branches:
            self._refuse_common_sources([choice, law])
        if any(self.ops.is_stretched(r, x) for r in x.rands):
            raise NoKnownLaw("a part of it is broadcast, which makes the elements dependent")
        if choice.form[0] != "bernoulli" or len({is_discrete(law.form) for law in branches}) > 1:
            raise NoKnownLaw("only a Bernoulli variable chooses between two laws, discrete or continuous both")
        law = form.mixture(choice.form[1], *(law.form for law in branches))
        return Law(law, choice.blank, frozenset().union(choice.sources, *(law.sources for law in branches)))

    def _clip(self, x):
        inner, low, high = x.rands
        if low in self.linear or high in self.linear:
            raise NoKnownLaw("a bound is random")
        (law,) = self._elementwise(x, inner)
        return Law(form.clip(law.form, simplified(self.ops, low), simplified(self.ops, high)), law.blank, law.sources)

    def _over_elements(self, x, word):
        (argument,) = x.rands[:1]
        if self.ops.ndim(x):
            raise NoKnownLaw(f"{word} over some axes only: of the sums, normal ones alone are known")
        law = self._combined(argument)
        if law.blank is None:
            return law
        offset, direction, rest = self._signed(law.form) if word != "argmax" else (self.zero, 1.0, law.form)
        if word == "largest" and direction == -1.0:
            word = "smallest"
        over = Over(self.ops, law.blank)
        found = self.ask(word, rest, over=over)
        if found is None:
            raise NoKnownLaw(f"no law is known for the {word} element or sum of {spelled(rest)} with these parameters")
        if word == "total":
            offset = simplified(self.ops, over.of_numbers(over.sum(offset)))
        elif number(self.ops, offset) is None and self.ops.ndim(offset):
            raise NoKnownLaw("the elements have different offsets")
        return Law(self.affine(offset, self.ops.constant(direction), found), None, law.sources)

    def _total(self, x):
        return self._over_elements(x, "total")

    def _largest(self, x):
        if self.ops.axes_of(x) != tuple(range(self.ops.ndim(x.rands[0]))):
            raise NoKnownLaw("an extreme over some axes only")
        if x.info.index == 0 and self.ops.kind_of(x) == "largest":
            return self._over_elements(x, "largest")
        if self.ops.ndim(x.rands[0]) != 1:
            raise NoKnownLaw("the place of the largest element of what is no vector")
        return self._over_elements(x, "argmax")

    def _moved(self, x):
        """Indexing, reshaping and the like: the parameters are moved with the elements."""
        if type(x.rator.op).__name__ not in ("Subtensor", "DimShuffle", "Reshape"):
            raise NoKnownLaw("indexing that may repeat elements makes them dependent")
        inner = self._combined(x.rands[0])
        blank = blank_of_number(self.ops, x.rands[0]) if inner.blank is None else inner.blank

        def moved(y):
            return x.replace(rands=(self.ops.like(y, blank), *x.rands[1:]), info=PLAIN)

        def parameter(y):
            if isinstance(y, tuple):
                return tuple(map(parameter, y))
            if isinstance(y, str) or number(self.ops, y) is not None or self.ops.ndim(y) == 0:
                return y
            return moved(y)

        return Law(parameter(inner.form), moved(blank) if self.ops.ndim(x) else None, inner.sources)

    _ATOMS = {
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


def blank_of_number(ops, x):
    """Return the zero that stands for a single number."""
    return ops.blank(ops.constant(np.empty(0, dtype="int64")), ops.pattern(x))


_FUNCTIONS = {
    "sqr": lambda d, law: d._raised(law, d.ops.constant(2.0)),
    "sqrt": lambda d, law: d._raised(law, d.ops.constant(0.5)),
    "reciprocal": lambda d, law: d._raised(law, d.ops.constant(-1.0)),
    "erfc": lambda d, law: d.affine(d.one, d.ops.constant(-1.0), d.function("erf", law)),
    "log1p": lambda d, law: d.function("log", d.affine(d.one, d.one, law)),
    "abs": lambda d, law: law if is_positive(law) else d.function("abs", law),
    **{word: (lambda d, law, word=word: d.function(word, law)) for word in ("exp", "log", "sigmoid", "erf", "ceil", "floor")},
}

_BY_WORD = {
    "add": SUMS,
    "sub": SUMS,
    "total": TOTALS,
    "affine": SCALINGS,
    "abs": POWERS,
    "pow": POWERS,
    **dict.fromkeys(("exp", "log", "sigmoid", "logit", "erf", "ceil", "floor"), MAPS),
    **dict.fromkeys(("mul", "true_div", "share"), RATIOS),
    **dict.fromkeys(("minimum", "maximum"), EXTREMES),
    **dict.fromkeys(("largest", "smallest", "argmax"), ARRAYS),
}


def _first(fact, ops, *before):
    q = var()
    return next(map(settle_graph, run(1, q, fact(ops, *before, q))), None)


def is_discrete(law):
    """Tell whether a law gives probabilities to whole numbers."""
    known = DISTRIBUTIONS.get(law[0])
    if known is not None:
        return known.support == "count"
    return any(is_discrete(x) for x in law[1:] if isinstance(x, tuple)) or law[0] in ("ceil", "floor")


def is_positive(law):
    """Tell whether a variable of this law is positive, or zero, with certainty."""
    known = DISTRIBUTIONS.get(law[0])
    return law[0] in ("exp", "abs", "betaprime") or known is not None and known.support in ("positive", "nonnegative", "unit")
