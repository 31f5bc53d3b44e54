"""A chain x_i ~ N(x_{i-1}, 2) of random variables: is the cost linear in its depth, and the stack never too small?"""

import numpy as np

import symbolic_pymc as sp
from _backends import backend
from _timing import exponent, medians, table, timed, verdict

DEPTHS = (1, 4, 16, 64, 256, 1024, 4096)
MODEL_DEPTHS = (1, 4, 16, 64, 256)


def graph_of(b, depth):
    """Return the chain as a graph of random variables, the last of them observed."""
    with b.without_test_values():
        x = b.tensor.constant(0.0)
        for i in range(depth):
            x = b.NormalRV(x, np.float64(2.0), name=f"x_{i}")
        y = b.NormalRV(x, np.float64(2.0), name="y")
        return b.FunctionGraph(None, [b.observed(b.tensor.constant(1.0), y)])


def model_of(b, depth):
    """Return the chain as a model, written by hand."""
    with b.pm.Model() as model:
        x = 0.0
        for i in range(depth):
            x = b.pm.Normal(f"x_{i}", x, 2.0)
        b.pm.Normal("y", x, 2.0, observed=1.0)
    return model


def measure_graph(b, depth):
    """Return the times of rewriting one chain."""
    graph = graph_of(b, depth)
    record, metatizing = timed(sp.metatize, graph)
    _, reifying = timed(record.reify)
    del record
    rewritten, rewriting = timed(sp.reparam_graph, graph)
    assert sum(step.taken for step in sp.steps(rewritten)) == depth
    return {"metatize, s": metatizing, "reify, s": reifying, "metatize, reparameterise, reify, s": rewriting}


def measure_model(b, depth):
    """Return the times of one model's way to a graph, through a rewrite, and back."""
    model, by_hand = timed(model_of, b, depth)
    graph, to_graph = timed(b.model_graph, model)
    rewritten = sp.reparam_graph(graph)
    _, to_model = timed(b.graph_model, rewritten)
    return {"model by hand, s": by_hand, "model_graph, s": to_graph, "graph_model, s": to_model}


def main(depths=DEPTHS, model_depths=MODEL_DEPTHS):
    b = backend()
    graphs = medians(lambda depth: measure_graph(b, depth), depths)
    models = medians(lambda depth: measure_model(b, depth), model_depths)
    print(f"## Chain ({b.name}, {b.models})\n\n{__doc__}\n")
    print(table("depth", graphs) + "\n")
    print(f"The same chain as a {b.models} model:\n\n{table('depth', models)}\n")
    for column in ("metatize, s", "reify, s", "metatize, reparameterise, reify, s"):
        print(verdict(f"growth exponent of {column[:-3]}, depth 64 to 4096", exponent(graphs, column, 64), 1.15))


if __name__ == "__main__":
    main()
