"""K independent groups a_k ~ N(mu_k, sigma_k) feed one observed normal: does the cost stay below that of the model?"""

import numpy as np

import symbolic_pymc as sp
from _backends import backend
from _timing import exponent, medians, table, timed, verdict

SIZES = (1, 4, 16, 64, 256, 1024)


def model_of(b, size):
    """Return the model, written by hand."""
    with b.pm.Model() as model:
        a = [b.pm.Normal(f"a_{k}", float(k % 7), 2.0 + k % 3) for k in range(size)]
        b.pm.Normal("y", b.tensor.stack(a), 1.0, observed=np.zeros(size))
    return model


def measure(b, size):
    """Return the times of one model's way through."""
    model, by_hand = timed(model_of, b, size)
    graph, to_graph = timed(b.model_graph, model)
    rewritten, rewriting = timed(sp.reparam_graph, graph)
    assert sum(step.taken for step in sp.steps(rewritten)) == size
    _, to_model = timed(b.graph_model, rewritten)
    return {
        "model by hand, s": by_hand,
        "model_graph, s": to_graph,
        "metatize, reparameterise, reify, s": rewriting,
        "ratio to by hand": rewriting / by_hand,
        "graph_model, s": to_model,
        "ratio to by hand ": to_model / by_hand,
    }


def main(sizes=SIZES):
    b = backend()
    rows = medians(lambda size: measure(b, size), sizes)
    print(f"## Groups ({b.models})\n\n{__doc__}\n")
    print(table("K", rows) + "\n")
    growth = exponent(rows, "metatize, reparameterise, reify, s", 64)
    print(verdict("metatize + reparameterise + reify over by hand, at worst", worst(rows, "ratio to by hand"), 0.25))
    print(verdict("graph_model of the result over by hand, at worst", worst(rows, "ratio to by hand "), 1.5))
    print(verdict("growth exponent of the rewriting, K = 64 to 1024", growth, 1.15))


def worst(rows, column):
    """Return the largest number of a column."""
    return max(row[column] for row in rows.values())


if __name__ == "__main__":
    main()
