"""Do all answers of the literal example (b) stay few, and how long do the examples take, by hand and by one call?"""

from functools import partial

import numpy as np
from kanren import run
from kanren.graph import reduceo, walko
from unification import var

import symbolic_pymc as sp
from _backends import backend
from _timing import medians, table, timed, verdict
from symbolic_pymc import conditioning
from symbolic_pymc.adapter import adapter_of
from symbolic_pymc.meta import reify_many
from symbolic_pymc.relations.distributions import scale_loc_transform
from symbolic_pymc.relations.goals import non_obs_walko

GROUPS = (1, 2, 4, 8)


def hierarchy(b, groups):
    """Return a model of `groups` hierarchies of 20 units each, and the graph of its observed variable."""
    unit = np.repeat(np.arange(20), 5)
    with b.pm.Model() as model:
        mean = 0.0
        for k in range(groups):
            mu, sigma = b.pm.Normal(f"mu_{k}", 0.0, 10.0), b.pm.HalfCauchy(f"sigma_{k}", 5.0)
            mean = mean + b.pm.Normal(f"a_{k}", mu, sigma, shape=20)[unit]
        b.pm.Normal("y", mean, b.pm.HalfCauchy("eps", 5.0), observed=np.zeros(100))
    return model, b.model_graph(model).outputs[0]


def regression(b):
    """Return the posterior model of the examples and the graph of its observed variable."""
    with b.pm.Model() as model:
        beta = b.pm.MvNormal("beta", np.array([1.0, 0.0]), 10.0 * np.eye(2), shape=2)
        design = np.array([[-2.0, 1.0]])
        b.pm.MvNormal("Y", b.tensor.dot(design, beta), np.array([[0.5]]), observed=np.array([-3.0]))
    return model, b.model_graph(model).outputs[0]


def literal_reparam(b, graph):
    """Return all answers of example (b), written out over kanren."""
    relation = partial(non_obs_walko, b.ops, partial(scale_loc_transform, b.ops))
    answers = run(0, var("q"), reduceo(relation, b.mt(graph), var("q")))
    answers[0].reify()
    return answers


def literal_conjugate(b, graph):
    """Return the posterior of example (a), written out over kanren."""
    relation = partial(walko, partial(conditioning.conjugate, b.ops))
    (answer,) = run(1, var("q"), reduceo(relation, graph, var("q")))
    return answer.evaled_obj.reify()


def symbolic_conjugate(b, graph):
    """Metatize, condition and reify: what `conjugate_graph` does between the two models."""
    return reify_many(conditioning.condition(adapter_of(graph), (b.mt(graph),)).outputs)


def measure_groups(b, groups):
    model, graph = hierarchy(b, groups)
    answers, literal = timed(literal_reparam, b, graph)
    _, call = timed(sp.reparam_graph, model)
    return {"answers": len(answers), "all answers, s": literal, "sp.reparam_graph(model), s": call}


def measure_regression(b, _):
    model, graph = regression(b)
    _, literal = timed(literal_conjugate, b, graph)
    _, symbolic = timed(symbolic_conjugate, b, graph)
    _, call = timed(sp.conjugate_graph, model)
    return {"literal form, s": literal, "symbolic work, s": symbolic, "sp.conjugate_graph(model), s": call}


def main():
    b = backend()
    rows = medians(partial(measure_groups, b), GROUPS)
    posterior = medians(partial(measure_regression, b), (2,))
    print(f"## All answers ({b.name}, {b.models})\n\n{__doc__}\n")
    print("Hierarchies of 20 units, 100 data; the radon model of example (b) has two groups:\n")
    print(table("groups", rows) + "\n")
    print(f"The posterior model of example (a):\n\n{table('coefficients', posterior)}\n")
    print(verdict("all answers of 8 groups", rows[8]["answers"], 2))
    print(verdict("literal form (b), two groups, s", rows[2]["all answers, s"], 1.3))
    print(verdict("sp.reparam_graph, two groups, s", rows[2]["sp.reparam_graph(model), s"], 0.2))
    print(verdict("literal form (a), s", posterior[2]["literal form, s"], 0.11))
    print(verdict("symbolic work of sp.conjugate_graph, s", posterior[2]["symbolic work, s"], 0.02))


if __name__ == "__main__":
    main()
