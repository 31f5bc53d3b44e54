"""A graph of 10^5 nodes in and out again, beside what the backend itself takes to copy it with `clone_get_equiv`."""

import random

from kanren import eq
from unification import var

import symbolic_pymc as sp
from _backends import backend
from _timing import medians, peak_memory, table, timed, verdict
from symbolic_pymc.relation import Relation
from symbolic_pymc.walk import rewrite

SIZES = (1_000, 10_000, 100_000)


def graph_of(b, size):
    """Return the inputs and the output of a graph of `size` nodes, all of which the output depends upon."""
    chance, operators = random.Random(0), (b.tensor.add, b.tensor.mul, b.tensor.sub)
    with b.without_test_values():
        inputs = [b.tensor.dvector(f"x_{i}") for i in range(10)]
        variables = list(inputs)
        for i in range(size):
            variables.append(operators[i % 3](variables[-1], chance.choice(variables)))
    return inputs, variables[-1]


def never(b):
    """Return a relation that matches nothing in the graph."""

    def log_of_exp(before, after):
        x = var()
        return eq((before, after), (b.ops.log(b.ops.exp(x)), x))

    return log_of_exp


def there_and_back(output, relation):
    """Return the graph by way of its records."""
    return rewrite(sp.metatize(output), relation).reify()


def measure(b, size):
    """Return the times for one graph."""
    inputs, output = graph_of(b, size)
    everywhere = never(b)
    indexed = Relation("log_of_exp", everywhere, heads=frozenset({b.mt.log}))
    copies, copying = timed(b.clone, inputs, [output])
    del copies
    record, metatizing = timed(sp.metatize, output)
    _, walking = timed(rewrite, record, indexed)
    _, asking = timed(rewrite, record, everywhere)
    back, reifying = timed(record.reify)
    assert back is output
    return {
        "clone_get_equiv, s": copying,
        "metatize, s": metatizing,
        "walk, s": walking,
        "walk that asks kanren at every node, s": asking,
        "reify, s": reifying,
        "metatize, walk, reify: ratio": (metatizing + walking + reifying) / copying,
        "asking everywhere: ratio": (metatizing + asking + reifying) / copying,
    }


def memory(b, size):
    """Return the peak memory for one graph."""
    inputs, output = graph_of(b, size)
    copying = peak_memory(lambda: b.clone(inputs, [output]))
    ours = peak_memory(lambda: there_and_back(output, never(b)))
    return {"clone_get_equiv, MB": copying, "metatize, walk, reify, MB": ours, "ratio": ours / copying}


def main(sizes=SIZES):
    b = backend()
    rows = medians(lambda size: measure(b, size), sizes)
    memories = {size: memory(b, size) for size in sizes}
    print(f"## Limit ({b.name})\n\n{__doc__}\n")
    print(table("nodes", rows) + "\n")
    print("Peak memory, by tracemalloc; the walk asks kanren at every node:\n")
    print(table("nodes", memories) + "\n")
    last = rows[sizes[-1]]
    print(verdict("time over clone_get_equiv, largest graph", last["metatize, walk, reify: ratio"], 5))
    print(verdict("the same when kanren is asked at every node", last["asking everywhere: ratio"], 5))
    print(verdict("peak memory over clone_get_equiv, largest graph", memories[sizes[-1]]["ratio"], 3))


if __name__ == "__main__":
    main()
