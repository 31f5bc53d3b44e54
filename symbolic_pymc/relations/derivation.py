"""The laws of the parts of an expression, bottom-up: linear forms of atoms, whose laws facts give."""

from itertools import combinations, product

from symbolic_pymc.relations.arithmetic import number, same
from symbolic_pymc.relations.atoms import Law, law_of_atom
from symbolic_pymc.relations.edges import blank_of
from symbolic_pymc.relations.facts import Facts
from symbolic_pymc.relations.forms import NoKnownLaw, NotRandom, form_of_draw, spelled
from symbolic_pymc.relations.independence import called, own_value_arguments, sources_of, value_parts
from symbolic_pymc.relations.linearforms import Linear, linear_form, plus


def is_affine_in_one(ops, expression):
    """Tell whether an expression is a single draw, shifted and scaled."""
    sources, forms = set(sources_of(ops, expression)), {}
    if len(sources) != 1:
        return False
    for x in value_parts(ops, expression, sources):
        parts = [forms.get(r, Linear(r, {})) for r in x.rands] if x not in sources and hasattr(x, "rands") else []
        if x in sources or any(p.terms for p in parts):
            forms[x] = linear_form(ops, x, parts)
    return set(forms[expression].terms) <= sources


class Derivation:
    """The laws of the parts of one expression.

    linear : from every part that depends on a draw to its `Linear` form
    laws : from every atom of these forms to its `Law`, or to the reason why there is none
    """

    def __init__(self, ops, sources, facts):
        self.ops, self.sources, self.facts = ops, sources, Facts(ops, facts)
        self.linear, self.laws, self._known = {}, {}, {}

    def law_at(self, expression):
        """Return the law of an expression."""
        for x in value_parts(self.ops, expression, self.sources):
            if x in self.sources or self._random_arguments(x):
                self.linear[x] = self._linear(x)
                if x in self.linear[x].terms:
                    self.laws[x] = self._law_or_reason(x)
        if expression not in self.linear:
            raise NotRandom("nothing random stands in it")
        return self.combined(expression)

    def _random_arguments(self, x):
        return [r for r in own_value_arguments(self.ops, x) if r in self.linear]

    def _linear(self, x):
        parts = [self.linear.get(r, Linear(r, {})) for r in x.rands] if x not in self.sources else []
        return linear_form(self.ops, x, parts)

    def combined(self, x):
        """Return the law of any part, from those of the atoms of its linear form."""
        if x not in self._known:
            self._known[x] = self.combine(x, self.linear[x])
        return self._known[x]

    def combine(self, x, linear):
        """Return the law of a linear form, of the shape of `x`, or say why there is none."""
        terms = self._with_log_odds(linear.terms)
        laws = [self._law_of_atom(atom) for atom in terms]
        if not laws:
            raise NotRandom("everything random in it cancels")
        for atom in linear.terms:
            if self.ops.is_stretched(atom, x):
                raise NoKnownLaw(f"{called(self.ops, atom)} is broadcast, which makes the elements dependent")
        self.refuse_common_sources(laws)
        forms = [self.facts.affine(self.facts.zero, c, law.form) for law, c in zip(laws, terms.values())]
        while len(forms) > 1:
            forms = self._add_two(forms)
        whole = self.facts.affine(linear.offset, self.facts.one, forms[0])
        return Law(whole, laws[0].blank, frozenset().union(*(law.sources for law in laws)))

    def _law_of_atom(self, atom):
        law = self.laws[atom]
        if isinstance(law, str):
            raise NoKnownLaw(law)
        return law

    def refuse_common_sources(self, laws):
        """Refuse laws of parts that share a draw."""
        for a, b in combinations(laws, 2):
            for common in a.sources & b.sources:
                raise NoKnownLaw(f"{called(self.ops, common)} stands in two parts, which are therefore dependent")

    def _add_two(self, forms):
        """Return the forms with two of them replaced by that of their sum."""
        pairs = list(combinations(range(len(forms)), 2))
        for i, j in sorted(pairs, key=lambda pair: not self._of_one_family(*(forms[i] for i in pair))):
            found = self._sum_of(forms[i], forms[j])
            if found is not None:
                return [f for k, f in enumerate(forms) if k not in (i, j)] + [found]
        raise NoKnownLaw(f"no law is known for the sum of {' and '.join(map(spelled, forms))} with these parameters")

    def _of_one_family(self, x, y):
        """Tell whether two forms are of one family, whose sums are best taken first."""
        names = ({law[0] for law in self.facts.names_of(self.facts.signed(z)[2])} for z in (x, y))
        return not set.isdisjoint(*names)

    def _sum_of(self, x, y):
        (a, s, f), (b, t, g) = self.facts.signed(x), self.facts.signed(y)
        if s == t:
            ways = [("add", f, g, s), ("add", g, f, s)]
        else:
            ways = [("sub", f, g, s), ("sub", g, f, t)]
        for word, left, right, direction in ways:
            found = self.facts.ask(word, left, right)
            if found is not None:
                return self.facts.affine(self.facts.plus(a, b), self.ops.constant(direction), found)
        return None

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
        is_shifted = self.ops.kind_of(atom) == "log1p"
        return Linear(self.facts.plus(inner.offset, self.facts.one), inner.terms) if is_shifted else inner

    def _are_complements(self, a, b):
        """Tell whether the arguments of two logarithms sum to one, the first of them being a plain variable."""
        total = plus(self.ops, self._inside(a), self._inside(b))
        return a is not b and not total.terms and number(self.ops, total.offset) == 1.0

    def _log_odds(self, atom):
        try:
            inner = self.combine(atom.rands[0], self._inside(atom))
            if not self.facts.is_unit(inner.form):
                raise NoKnownLaw(f"log odds of {spelled(inner.form)}, which is not known to lie between 0 and 1")
            return Law(self.facts.function("logit", inner.form), inner.blank, inner.sources)
        except NoKnownLaw as reason:
            return str(reason)

    def _law_or_reason(self, x):
        try:
            if x in self.sources:
                law = form_of_draw(self.ops, x)
                return Law(law, blank_of(self.ops, x) if self.ops.ndim(x) else None, frozenset({x}))
            return law_of_atom(self, x)
        except NoKnownLaw as reason:
            return str(reason)
