r"""Special members of families as relations of draws: the same variable, drawn from a law of another name.

The facts of `special`, and of `limits` where they are asked for, are about laws of single numbers.  To these come here
vectors and matrices, and laws that are moved or scaled: then what is drawn has a name of its own, and the variable
stays, under its name, as a deterministic quantity, and must not be observed.
"""

from functools import partial

from kanren import eq
from unification import reify, var

from symbolic_pymc.meta import settle_graph
from symbolic_pymc.records import Info, Ref, Term, is_ground
from symbolic_pymc.relation import Relation, reference_of
from symbolic_pymc.relations.case_rows import CASES
from symbolic_pymc.relations.components import mixture_as_componento
from symbolic_pymc.relations.correlations import lkj_as_uniformo
from symbolic_pymc.relations.edge import NotReversible, dressed, shape_of
from symbolic_pymc.relations.facts import Facts, first_of
from symbolic_pymc.relations.forms import NoKnownLaw, draw_of, form_of_draw
from symbolic_pymc.relations.laws import law, parameters_of
from symbolic_pymc.relations.limits import LIMITS
from symbolic_pymc.relations.mixtures import has_its_own_density
from symbolic_pymc.relations.special import SPECIAL

# of laws that a vocabulary reads, and no table has
OTHERS = lkj_as_uniformo, mixture_as_componento


def caseo(ops, row, x, y):
    """Relate a draw to the same variable as a row of `CASES` has it."""

    def goal(s):
        draw = reify(x, s)
        p = _parameters_in(ops, row.family, draw) if _may_be_another(ops, draw) else None
        if p is not None:
            found = row.law(ops, p, draw)
            if found is not None and found[0] in ops.rows:
                yield from eq(y, _drawn(ops, row, draw, p, found))(s)

    return goal


def _parameters_in(ops, family, draw):
    """Return the parameters of a draw as one from a family, None where it is of another; time series are chains."""
    if ops.distribution_of(draw) == family:
        return parameters_of(ops, draw)
    try:
        return ops.chain_of(draw) if family == "gaussianchain" else None
    except NotReversible:
        return None


def _drawn(ops, row, x, p, found):
    note = x.info.note and Ref(x.info.note.obj.successor())
    is_whole = found[0] == "mvnormal" or row.family == "gaussianchain"  # the parameters are as long as the variable
    size = None if is_whole else shape_of(ops, x)
    z = settle_graph(law(ops, *found, size=size).replace(info=Info(var(), x.name + row.part, var(), note)))
    if row.value is None:
        return z
    return ops.deterministic(row.value(ops, p, z)).replace(info=x.info.replace(index=0, draw=None))


def memberso(ops, fact, x, y):
    """Relate a draw to the same variable drawn from the law that a fact about single numbers has for its own."""

    def goal(s):
        draw = reify(x, s)
        if not _may_be_another(ops, draw):
            return
        try:
            found = first_of(fact, ops, form_of_draw(ops, draw))
            if found is None:
                return
            new = draw_of(ops, Facts(ops, ()).settled(found), shape_of(ops, draw))
        except NoKnownLaw:
            return
        yield from eq(y, dressed(ops, new, draw))(s)

    return goal


def _may_be_another(ops, x):
    is_known = isinstance(x, Term) and is_ground(x) and ops.operator_of(x) is None
    return is_known and isinstance(x.name, str) and has_its_own_density(x)


def relations_of(ops):
    """Return the relations of special members, bound to one vocabulary, by name."""
    heads = partial(_is_draw, ops)
    members = {
        fact.__name__: Relation(fact.__name__, partial(memberso, ops, fact), heads, reference_of(fact))
        for fact in SPECIAL
    }
    named = partial(_has_a_name, ops)
    cases = {
        name: Relation(name, partial(caseo, ops, row), named if row.family == "gaussianchain" else heads)
        for name, row in CASES.items()
    }
    others = {f.__name__: Relation(f.__name__, partial(f, ops), heads) for f in OTHERS}
    return members | cases | others


def limits_of(ops, distance=0.01):
    """Return the relations that hold in a limit, for laws at most as far away from it as `distance`, as a tuple.

    Parameters
    ----------
    ops : Vocabulary
    distance : float
        In total variation, of one element.
    """
    facts = (limit(distance) for limit in LIMITS)
    return tuple(
        Relation(fact.__name__, partial(memberso, ops, fact), partial(_is_draw, ops), reference_of(fact), True)
        for fact in facts
    )


def _is_draw(ops, x):
    return ops.is_random(x)


def _has_a_name(ops, x):
    """Tell whether a term may be a time series."""
    return isinstance(x, Term) and ops.operator_of(x) is None and x.name is not None
