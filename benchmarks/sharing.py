"""y = y + y, nested: a graph of n nodes that is a tree of 2**n. Every add(x, x) is rewritten to 2 x."""

from kanren import eq, lall, run
from unification import var

import symbolic_pymc as sp
from _backends import backend
from _timing import exponent, medians, table, timed, verdict
from symbolic_pymc.walk import walko

DEPTHS = (5, 10, 50, 100, 500, 1000, 2000)


def doubling(b):
    """Return the relation between x + x and 2 x."""

    def doublingo(before, after):
        x = var()
        return lall(eq(before, b.ops.add(x, x)), eq(after, b.ops.mul(b.ops.constant(2.0), x)))

    return doublingo


def graph_of(b, depth):
    """Return the nested sum."""
    with b.without_test_values():
        y = b.tensor.dscalar("y")
        for _ in range(depth):
            y = y + y
    return y


def measure(b, depth):
    """Return the times of rewriting one nested sum, by our driver and by kanren's `run` with `walko`."""
    y, relation, q = graph_of(b, depth), doubling(b), var()
    rewritten, rewriting = timed(sp.rewrite_graph, y, relation)
    assert len(sp.steps(rewritten)) == depth
    del rewritten
    (_,), walking = timed(run, 1, q, walko(relation, b.mt(y), q))
    return {"rewrite_graph, s": rewriting, "run(1, q, walko(...)), s": walking}


def main(depths=DEPTHS):
    b = backend()
    rows = medians(lambda depth: measure(b, depth), depths)
    print(f"## Sharing ({b.name})\n\n{__doc__}\n")
    print(table("nested", rows) + "\n")
    for column in rows[depths[0]]:
        print(verdict(f"growth exponent of {column[:-3]}, 50 to 2000 deep", exponent(rows, column, 50), 1.15))


if __name__ == "__main__":
    main()
