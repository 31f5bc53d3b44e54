"""The algebra of random variables: from an expression in independent draws to its law."""

from functools import partial
from weakref import WeakKeyDictionary

from kanren import eq
from unification import reify

from symbolic_pymc.errors import ModelGraphError
from symbolic_pymc.meta import metatize
from symbolic_pymc.records import Term, is_ground, key
from symbolic_pymc.relations.atoms import Law
from symbolic_pymc.relations.derivation import Derivation, is_affine_in_one
from symbolic_pymc.relations.edge import blank_of
from symbolic_pymc.relations import facts as known
from symbolic_pymc.relations.forms import NoKnownLaw, NotRandom, draw_of
from symbolic_pymc.relations.gaussian import gaussian_law
from symbolic_pymc.relations.independence import called, independent_sources, sources_of
from symbolic_pymc.relations.scalings import scalingo
from symbolic_pymc.relation import Relation, reference_of
from symbolic_pymc.parts import as_graph, graph_parts, substitute

FACTS = (*known.FACTS, gaussian_law)


def law_of(ops, expression, facts=FACTS):
    """Return a fresh draw that has the law of an expression, called like it.

    Its parameters may hold draws that the expression's own draws depend on: the law is the one given these.

    Parameters
    ----------
    ops : Vocabulary
    expression : term or base variable
        Of distinct and independent draws, in any spelling that `facts` and linearity reach.
    facts : collection of relations
        Which facts may be used.

    Raises
    ------
    NoKnownLaw
        When no distribution of the backend is known to be the law; with the reasons.
    """
    expression = metatize(expression)
    if ops.is_random(expression):
        return expression
    law = derive(ops, expression, facts)
    if isinstance(law, Term):
        return law.replace(info=law.info.replace(name=expression.name))
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
    for way in (elementwise_law, gaussian_law):
        if way is elementwise_law or way in facts:
            try:
                return _without_sources(ops, way(ops, expression, sources, facts), sources)
            except NotRandom:
                raise
            except NoKnownLaw as reason:
                reasons.append(str(reason))
    raise NoKnownLaw(f"{expression.name or 'the expression'}: no law is known; {'; '.join(reasons)}")


def elementwise_law(ops, expression, sources, facts):
    """Return the `Law` of an expression whose elements are independent, or say why there is none."""
    return Derivation(ops, sources, facts).law_at(expression)


def _without_sources(ops, law, sources):
    """Return a law whose parameters, where they depend on the shape of a source, draw nothing."""
    blanks = {key(x): blank_of(ops, x) for x in sources}

    def clean(x):
        if isinstance(x, tuple):
            return tuple(map(clean, x))
        return substitute(x, blanks) if isinstance(x, Term) else x

    return clean(law) if isinstance(law, Term) else Law(clean(law.form), law.blank and clean(law.blank), law.sources)


# As relations of terms ----------------------------------------------------------------------------------------

_made = WeakKeyDictionary()  # draw that stands for an expression -> that expression


def law(ops, expression, draw, facts=FACTS):
    """Relate an expression in independent draws to a fresh draw from its law.

    What the expression is computed from must stand nowhere else: asked about all outputs of a graph, in a tuple,
    the goal refuses a graph in which a draw made before stands beside what it was made of.  A draw that it made
    before counts as the expression that it stands for.  A shifted or scaled draw, as it stands in the parameters of
    others, is left as it is, unless `scalingo` alone is asked for.

    Raises
    ------
    ModelGraphError
        When it is asked about such a graph.
    """

    def goal(s):
        known_term = as_graph(reify(expression, s))
        if type(known_term) is tuple:
            _refuse_use_elsewhere(ops, known_term)
        elif isinstance(known_term, Term) and is_ground(known_term) and not ops.is_random(known_term):
            whole = _spelled_out(known_term)
            if is_affine_in_one(ops, whole) and set(facts) != {scalingo}:
                return
            try:
                found = law_of(ops, whole, facts)
            except NoKnownLaw:
                return
            _made[found] = whole
            yield from eq(draw, found)(s)

    return goal


def _spelled_out(expression):
    """Return an expression with what made draws stand for in their places."""
    return substitute(expression, {key(x): _made[x] for x in graph_parts(expression) if x in _made})


def _refuse_use_elsewhere(ops, outputs):
    parts = list(graph_parts(outputs))
    draws = {x for x in parts if ops.is_random(x)}
    for x in parts:
        used = draws.intersection(sources_of(ops, _made[x])) if isinstance(x, Term) and x in _made else ()
        for source in used:
            raise ModelGraphError(
                f"{called(ops, source)} is used elsewhere: to put {called(ops, x)} in the place of an expression in it "
                "would change the joint law; rewrite the expression alone, or write the graph without the other use"
            )


def relation_of(ops, fact):
    """Return a fact as a relation of terms, which `symbolic_pymc.rewrite_graph` takes, and of whole outputs."""
    allowed = FACTS if fact is law else tuple({fact: None, scalingo: None})
    name = "law" if fact is law else fact.__name__
    heads = partial(_may_have_law, ops)
    return Relation(name, partial(law, ops, facts=allowed), heads, reference_of(fact))


def _may_have_law(ops, x):
    if isinstance(x, Term):
        return not ops.is_random(x) and not ops.is_observed(x) and ops.kind_of(x) is not None
    return type(x) is tuple


def relations_of(ops):
    """Return all relations of the algebra, bound to one vocabulary, by name."""
    return {r.name: r for r in (relation_of(ops, fact) for fact in (law, *FACTS))}
