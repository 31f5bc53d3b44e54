"""K independent pairs theta_k ~ N(m_k, 2), y_k ~ N(theta_k, 1): conditioning all of them in closed form."""

import symbolic_pymc as sp
from _backends import backend
from _timing import exponent, medians, table, timed, verdict

SIZES = (1, 4, 16, 64, 256)


def model_of(b, size):
    """Return the model."""
    with b.pm.Model() as model:
        for k in range(size):
            theta = b.pm.Normal(f"theta_{k}", float(k % 7), 2.0)
            b.pm.Normal(f"y_{k}", theta, 1.0, observed=1.5)
    return model


def measure(b, size):
    """Return the time of conditioning one model."""
    graph = b.model_graph(model_of(b, size))
    conditioned, conditioning = timed(sp.conjugate_graph, graph)
    assert sum(step.taken for step in sp.steps(conditioned)) == size
    return {"metatize, condition, reify, s": conditioning, "per pair, s": conditioning / size}


def main(sizes=SIZES):
    b = backend()
    rows = medians(lambda size: measure(b, size), sizes)
    print(f"## Pairs ({b.models})\n\n{__doc__}\n")
    print(table("K", rows) + "\n")
    growth = exponent(rows, "metatize, condition, reify, s", 16)
    print(verdict("growth exponent, K = 16 to 256", growth, 1.15))


if __name__ == "__main__":
    main()
