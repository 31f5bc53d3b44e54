"""What is to be said about a graph, in any notation: its parts in reading order, and how they are called."""

from collections import Counter
from itertools import chain, count
from string import ascii_lowercase
from typing import NamedTuple

from symbolic_pymc.records import Atom, Constant, MetaSymbol, Ref, Term, postorder
from symbolic_pymc.printing.rules import Literal, Symbol, describe, rule_of_term
from symbolic_pymc.unify import is_lvar

LONGEST = 40  # symbols in one expression; a longer one is cut into named parts


class Outline(NamedTuple):
    """The parts of a graph in reading order, and how they are called.

    Parameters
    ----------
    order : list of records
        Every part that is written, arguments first.
    parts : dict
        The written arguments of every term.
    titles : dict
        The name of every part that is written out once and then referred to.
    facts : list of tuples of records
        (random variable, observed value), or (term of the log density,).
    ends : list of records
        The outputs.
    """

    order: list
    parts: dict
    titles: dict
    facts: list
    ends: list


def outline(record):
    """Return the `Outline` of a graph."""
    whole = isinstance(record, Term) and rule_of_term(record).role == "graph"
    ends = [_view(x) for x in (record.rands if whole else (record,))]
    parts, titles, facts, same = {}, {}, [], {}

    def shown(x):
        parts[x] = tuple(map(_view, rule_of_term(x).shown(_rands(x)))) if isinstance(x, Term) else ()
        return parts[x]

    everything = list(postorder(*ends, children=shown))
    for x in everything:
        parts[x] = tuple(same.get(p, p) for p in parts[x])
        role, title = role_of(x), _title(x)
        if role in _MARKS and _stands_for(role, title, parts[x][-1], titles):
            same[x] = parts[x][-1]
            if title and isinstance(same[x], Term):
                titles.setdefault(same[x], title)
        elif title:
            titles[x] = title
        if role == "observed":
            facts.append((same[x], parts[x][0]))
        elif role == "potential":
            facts.append((same.get(x, x),))
    ends = list(dict.fromkeys(same.get(x, x) for x in ends))
    found = Outline([x for x in everything if x not in same], parts, titles, facts, ends)
    _give_names(found)
    return found


_MARKS = {"silent", "deterministic", "potential", "observed"}


def _stands_for(role, title, marked, titles):
    """Tell whether a marked term is simply what it marks, under its name or the mark's own."""
    return role == "observed" or isinstance(marked, Term) and title in (None, titles.get(marked, title))


def _rands(term):
    return term.rands if type(term.rands) is tuple else (term.rands,)


def _view(x):
    """Return what is written for an argument: nameless silent terms are looked through."""
    while isinstance(x, Term) and not _title(x) and (rule := rule_of_term(x)).role == "silent":
        (x,) = rule.shown(_rands(x))
    return x if isinstance(x, MetaSymbol) or is_lvar(x) else Atom(Ref(x))


def role_of(x):
    """Return the role of a term's operator; "leaf" for what is no term."""
    return rule_of_term(x).role if isinstance(x, Term) else "leaf"


def _title(x):
    """Return the name that the graph itself gives a part; what backends call their results is no name."""
    if isinstance(x, Atom):
        leaf = describe(x.ref.obj)
        return leaf.name if isinstance(leaf, Symbol) else None
    name = x.name if isinstance(x, Term) else None
    if not name or is_lvar(name):
        return None
    marked = role_of(x) not in ("expression", "silent")
    return name if marked or name.isidentifier() and name not in _FUNCTIONS else None


_FUNCTIONS = {"max", "argmax"}  # Theano calls the results of these after them


def _is_literal(x):
    return isinstance(x, Constant) or isinstance(x, Atom) and isinstance(describe(x.ref.obj), Literal)


def _give_names(found):
    """Name what must have a name; a name that stands for something else already gets a prime."""
    parts, titles = found.parts, found.titles
    needed = Counter(p for x in found.order for p in parts[x])
    uses = needed + Counter(x for group in (found.ends, *found.facts) for x in group)
    observed = {fact[0] for fact in found.facts if len(fact) == 2}
    nameless, sizes = {"draw": [], "leaf": [], "": []}, {}
    for x in found.order:
        role = role_of(x)
        sizes[x] = 1 + sum(1 if p in titles else sizes[p] for p in parts[x])
        if x in titles or is_lvar(x) or _is_literal(x):
            continue
        shared = uses[x] > 1 and not _is_tiny(parts[x], titles)
        if role in nameless or x in observed or shared or needed[x] and sizes[x] > LONGEST:
            titles[x] = None
            nameless[role if role in nameless else ""].append(x)
    taken = set()
    for x in found.order:
        if titles.get(x):
            while titles[x] in taken:
                titles[x] += "'"
            taken.add(titles[x])
    letters = (a for a in _letters() if a not in taken)
    for x in chain(*nameless.values()):
        titles[x] = next(letters)


def _is_tiny(parts, titles):
    """Tell whether a term of these parts is about as short as a name: one name besides constants, at most."""
    named = [p for p in parts if not _is_literal(p)]
    return len(named) <= 1 and all(p in titles or is_lvar(p) for p in named)


def _letters():
    yield from ascii_lowercase
    yield from (f"{a}_{i}" for i in count(1) for a in ascii_lowercase)
