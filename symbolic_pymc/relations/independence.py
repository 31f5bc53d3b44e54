"""Which draws an expression is computed from, and whether they are independent."""

from symbolic_pymc.records import Term
from symbolic_pymc.relations.forms import NoKnownLaw
from symbolic_pymc.parts import graph_parts


def own_value_arguments(ops, x):
    """Return the arguments of a term that count by their value, not by their shape alone."""
    if not isinstance(x, Term) or not isinstance(x.rands, tuple):
        return ()
    kind = ops.kind_of(x)
    return () if kind == "shape" else x.rands[1:] if kind == "second" else x.rands


def value_parts(ops, expression, sources):
    """Yield the parts that the value of an expression depends on, down to `sources`, parts before wholes."""
    return graph_parts(expression, subterms=lambda x: () if x in sources else own_value_arguments(ops, x))


def sources_of(ops, expression):
    """Return the draws that an expression is computed from, without what those depend on themselves."""
    parts = graph_parts(expression, subterms=lambda x: () if ops.is_random(x) else own_value_arguments(ops, x))
    return [x for x in parts if ops.is_random(x)]


def ancestors_of(ops, draw):
    """Return the set of all draws that a draw depends on, and itself."""
    return {x for x in graph_parts(draw) if ops.is_random(x)}


def independent_sources(ops, expression):
    """Return the set of draws that an expression is computed from, which are independent.

    Raises
    ------
    NoKnownLaw
        When two of them share an ancestor, when one is observed, or has a factor in its density.
    """
    sources = sources_of(ops, expression)
    if not sources:
        raise NoKnownLaw("nothing random stands in it")
    if any(ops.is_observed(x) for x in graph_parts(expression)):
        raise NoKnownLaw(f"{expression.name or 'it'} depends on what was observed")
    owner = {}
    for draw in sources:
        note = draw.info.note and draw.info.note.obj
        if note is not None and note.total_size is not None:
            raise NoKnownLaw(f"{called(ops, draw)} has a total_size, which scales its log density")
        for ancestor in ancestors_of(ops, draw):
            if owner.setdefault(ancestor, draw) is not draw:
                names = called(ops, owner[ancestor]), called(ops, draw), called(ops, ancestor)
                raise NoKnownLaw("{} and {} both depend on {}".format(*names))
    return frozenset(sources)


def called(ops, draw):
    """Return the name of a draw, or what it is when it has none."""
    return draw.name or f"an unnamed {ops.distribution_of(draw) or draw.rator}"
