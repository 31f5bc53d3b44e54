"""Graphs as mathematics: inputs and their spaces, random variables and their laws, definitions, observations.

The order is that of reading: what an expression needs stands before it, inputs first, in the order of their
first use. Declarations fill lines of 72 characters; a definition, an observation and an expression have lines
of their own. A subterm that occurs more than once, or is very long, is written once and named; names that the
graph does not give are the first free letters, random variables first.
"""

import numpy as np

from symbolic_pymc.errors import ConversionError
from symbolic_pymc.meta import reify_many
from symbolic_pymc.records import Atom, Constant, Term, is_ground
from symbolic_pymc.printing.latex import LATEX
from symbolic_pymc.printing.notation import TEXT
from symbolic_pymc.printing.outline import outline, role_of
from symbolic_pymc.printing.rules import Literal, Symbol, describe, rule_of_term
from symbolic_pymc.unify import is_lvar


def pprint(record):
    """Write a graph as text.

    Parameters
    ----------
    record : MetaSymbol
        A term, constant or input; other records have their `repr`.
    """
    return write(record, TEXT) if isinstance(record, (Term, Atom, Constant)) else repr(record)


def tprint(record):
    """Write a graph as a LaTeX environment, or return None for a record that is no graph."""
    return write(record, LATEX) if isinstance(record, (Term, Atom, Constant)) else None


def formula(record):
    """Write a graph in LaTeX as one expression: what it computes, without the spaces of its inputs."""
    _, definitions, results = _lines(record, LATEX)
    where = [rf"\text{{with }} {text}" for text, _ in definitions]
    return r",\; ".join([*results, *where])


def write(record, n):
    """Write a graph in the notation `n`."""
    inputs, definitions, results = _lines(record, n)
    return n.document([*_fill(n, inputs), *_fill(n, definitions), *results])


def _lines(record, n):
    """Return what is said of the inputs, of the parts that have names, and the results."""
    found = outline(record)
    spaces, pieces, inputs, body = _spaces(found.order), {}, [], []
    for x in found.order:
        title, space = found.titles.get(x), spaces.get(x)
        piece = _piece(n, x, [pieces[p] for p in found.parts[x]])
        ndim = piece.ndim if space is None else len(space.shape)
        pieces[x] = (piece if title is None else n.name(title))._replace(ndim=ndim)
        if title is not None and (isinstance(x, Term) or x in spaces):
            group = body if isinstance(x, Term) else inputs
            group.append(_statement(n, role_of(x), pieces[x].text, piece, space))
    facts = [_fact(n, *(pieces[x] for x in fact)) for fact in found.facts]
    ends = [x for x in found.ends if x not in found.titles or not isinstance(x, Term) and x not in spaces]
    return inputs, body, [*facts, *(pieces[x].text for x in ends)]


def _statement(n, role, title, piece, space):
    """Return what is said of a part that has a name, and whether that may share a line."""
    if role not in ("leaf", "draw"):
        return n.equation(title, piece), False
    said = n.draw(title, piece) if role == "draw" else title
    return said if space is None else n.member(said, _space(n, title, space)), True


def _fact(n, x, value=None):
    return n.term(x) if value is None else n.equation(x.text, value)


def _piece(n, x, args):
    if isinstance(x, Term):
        return rule_of_term(x).write(n, args, x)
    if isinstance(x, Constant):
        return n.value(x.value)
    leaf = Symbol(str(x)) if is_lvar(x) else describe(x.ref.obj)
    return n.value(leaf.value) if isinstance(leaf, Literal) else n.name(leaf.name or "")


def _spaces(order):
    """Return the spaces of those parts whose type the backend can tell."""
    known = {x: describe(x.ref.obj).space for x in order if isinstance(x, Atom)}
    terms = [x for x in order if isinstance(x, Term) and is_ground(x)]
    try:
        known.update((x, describe(base).space) for x, base in zip(terms, reify_many(terms)))
    except ConversionError:
        pass  # what its backend cannot build has no types, but can be read
    return {x: space for x, space in known.items() if space is not None}


def _space(n, title, space):
    sizes = [n.size(title, i) if d is None else str(d) for i, d in enumerate(space.shape)]
    return n.space(np.dtype(space.dtype).kind, sizes)


def _fill(n, statements):
    """Join those statements that may share a line, in order, into lines no wider than the notation allows."""
    lines, open_ = [], False
    for text, fills in statements:
        if open_ and fills and n.width_of(lines[-1] + n.separator + text) <= n.width:
            lines[-1] += n.separator + text
        else:
            lines.append(text)
        open_ = fills
    return lines
