"""Graphs as parts within parts: every distinct part is visited once, iteratively, and what is shared stays shared.

The same functions serve meta graphs, Python lists and tuples, expression tuples, and whatever registers itself with
`subterms` and `with_subterms`.
"""

from functools import singledispatch

from etuples.core import ExpressionTuple

from symbolic_pymc.errors import SymbolicPyMCError
from symbolic_pymc.meta import metatize
from symbolic_pymc.records import MetaSymbol, Term
from symbolic_pymc.records import key as record_key


@singledispatch
def subterms(x):
    """Return the parts of `x` that a relation may rewrite, as a tuple."""
    return ()


@singledispatch
def with_subterms(x, new):
    """Return `x` with its parts replaced by `new`."""
    return x


@subterms.register(Term)
def _(x):
    return x.rands


@with_subterms.register(Term)
def _(x, new):
    return x.replace(rands=new)


def parts_of(x):
    """Return what `subterms` does, without asking for the type of a term, of which graphs are full."""
    return x.rands if isinstance(x, Term) else subterms(x)


for _sequence in (tuple, list, ExpressionTuple):
    subterms.register(_sequence, tuple)
    with_subterms.register(_sequence, lambda x, new: type(x)(new))


def key(x):
    """Return a dictionary key for a graph's part: by value where it can be, else by identity."""
    if isinstance(x, MetaSymbol):
        return x
    if isinstance(x, ExpressionTuple):
        return (ExpressionTuple, *map(key, x))
    try:
        k = record_key(x)
        hash(k)
        return k
    except TypeError:
        return ("at", id(x))


def fingerprint(root, table):
    """Return a number that two graphs share exactly when they are built alike; `table` is kept between calls.

    Lists and syntax trees are equal only to themselves as far as `key` can tell; a record is one object anyway.
    """

    def parts(x):
        return () if isinstance(x, MetaSymbol) else subterms(x)

    memo = {}
    for x in graph_parts(root, subterms=parts):
        built = not isinstance(x, MetaSymbol) and subterms.dispatch(type(x)) is not subterms.dispatch(object)
        shape = (type(x), *(memo[key(c)] for c in parts(x))) if built else key(x)
        memo[key(x)] = table.setdefault(shape, len(table))
    return memo[key(root)]


def alike(x, y):
    """Tell whether two graphs are built alike."""
    table = {}
    return x is y or fingerprint(x, table) == fingerprint(y, table)


def replace_parts(x, new):
    """Return `x` with the parts `new`; `x` itself when they are equal to the ones it has."""
    changed = any(a is not b and key(a) != key(b) for a, b in zip(new, parts_of(x)))
    return with_subterms(x, new) if changed else x


def substitute(root, replacements, within=False):
    """Return `root` with terms replaced by others.

    Parameters
    ----------
    replacements : dict
        From `key(term)` to the term that takes its place.
    within : bool
        Whether what stands in their place is looked into again; none may lead back to a term that it replaces.
    """
    memo, stack = {}, [root]
    while stack:
        x = stack[-1]
        k = key(x)
        if k in memo:
            stack.pop()
            continue
        y = replacements.get(k, x)
        parts = parts_of(y) if within or k not in replacements else ()
        if pending := [c for c in parts if key(c) not in memo]:
            stack.extend(reversed(pending))
        else:
            memo[k] = replace_parts(y, tuple(memo[key(c)] for c in parts)) if parts else y
    return memo[key(root)]


def graph_parts(*roots, subterms=parts_of):
    """Yield every distinct part of some graphs, parts before wholes."""
    seen, stack = set(), [(x, False) for x in reversed(roots)]
    while stack:
        x, expanded = stack.pop()
        if expanded:
            yield x
        elif (k := key(x)) not in seen:
            seen.add(k)
            if parts := subterms(x):
                stack.append((x, True))
                stack.extend([(c, False) for c in reversed(parts)])
            else:
                yield x


def as_graph(x):
    """Return `x` ready to be walked: base objects of a backend as their records."""
    return x if subterms.dispatch(type(x)) is not subterms.dispatch(object) else _record_or_self(x)


def _record_or_self(x):
    try:
        return metatize(x)
    except SymbolicPyMCError:
        return x
