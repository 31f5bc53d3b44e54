"""Graphs of additions, products and differences, walked with 10 relations and with 200, of which none matches.

Each relation is ``f(g(x), h(y)) -> x`` for three operators, declared to match only at `f`.  The first ten have the
graph's own operators at their heads and are asked at every node; the others have other operators there, and the index
by operator keeps them away.  200 relations that do not say what they match are asked at every node.
"""

from itertools import islice, product

from kanren import eq
from unification import var

import symbolic_pymc as sp
from _backends import backend
from _timing import medians, number, table, timed, verdict
from limit import graph_of
from symbolic_pymc.relation import Relation, Relations
from symbolic_pymc.walk import rewrite

SIZES = (100, 1_000, 10_000)
OWN = ("add", "mul", "sub")
OTHERS = ("true_div", "pow", "maximum", "minimum", "gt", "second")
INNER = (
    "neg", "exp", "log", "sqrt", "sqr", "abs", "log1p", "sign", "reciprocal", "sigmoid", "erf", "erfc", "erfinv",
    "erfcinv", "tan", "expm1", "ceil", "floor",
)  # fmt: skip


def relation_of(ops, f, g, h):
    """Return ``f(g(x), h(y)) -> x``, asked at `f` alone."""

    def absorbed(before, after):
        x, y = var(), var()
        pattern = getattr(ops, f)(getattr(ops, g)(x), getattr(ops, h)(y))
        return eq((before, after), (pattern, x))

    x = var()
    return Relation(f"{f}_{g}_{h}", absorbed, heads=frozenset({getattr(ops, f)(x, x).rator}))


def relations_of(ops, count):
    """Return ten relations about the operators of the graph and others, `count` in all."""
    pairs = list(product(INNER, INNER))
    own = [relation_of(ops, f, g, h) for (g, h), f in islice(product(pairs, OWN), 10)]
    others = [relation_of(ops, f, g, h) for (g, h), f in islice(product(pairs, OTHERS), count - 10)]
    return [*own, *others]


def measure(b, size):
    """Return the times for one graph."""
    record, relations = sp.metatize(graph_of(b, size)[1]), relations_of(b.ops, 200)
    few, many = Relations(relations[:10]), Relations(relations)
    unchanged, with_few = timed(rewrite, record, few)
    assert unchanged is record
    _, with_many = timed(rewrite, record, many)
    return {"10 relations, s": with_few, "200 relations, s": with_many, "ratio": with_many / with_few}


def main(sizes=SIZES):
    b = backend()
    rows = medians(lambda size: measure(b, size), sizes)
    everywhere = Relations([relation.goal for relation in relations_of(b.ops, 200)])
    _, asking = timed(rewrite, sp.metatize(graph_of(b, sizes[0])[1]), everywhere)
    print(f"## Walk ({b.name})\n\n{__doc__}\n")
    print(table("nodes", rows) + "\n")
    print(f"Asked everywhere, 200 relations take {number(asking)} s for {sizes[0]} nodes.\n")
    print(verdict("200 relations over 10, largest graph", rows[sizes[-1]]["ratio"], 1.5))


if __name__ == "__main__":
    main()
