"""The FunctionGraph of models, and relations among Theano's own optimizers."""

import numpy as np
import pytest
import theano
import theano.tensor as tt
from kanren import eq, lall
from theano.compile.mode import Mode, optdb
from theano.graph.fg import FunctionGraph as TheanoFunctionGraph
from theano.graph.fg import MissingInputError
from theano.graph.opt import EquilibriumOptimizer
from theano.graph.optdb import Query
from unification import var

import symbolic_pymc as sp
from symbolic_pymc.errors import RelationError
from symbolic_pymc.theano import random_variables as rv
from symbolic_pymc.theano.meta import mt
from symbolic_pymc.theano.opt import FunctionGraph, KanrenRelationSub
from symbolic_pymc.theano.utils import optimize_graph


def doublingo(x, y):
    a = var()
    return lall(eq(x, mt.add(a, a)), eq(y, mt.mul(np.float64(2.0), a)))


def test_a_graph_takes_variables_as_they_are():
    x = tt.vector("x")
    y = tt.exp(x)
    y.name = "y"
    graph = FunctionGraph(None, [y], coords={"city": ["Ulm"]}, model_name="m")
    assert graph.outputs[0] is y and graph.inputs == [x]
    assert graph.coords == {"city": ["Ulm"]} and graph.model_name == "m"
    assert isinstance(graph, TheanoFunctionGraph)
    with pytest.raises(MissingInputError):
        FunctionGraph([], [y])


def test_a_relation_is_a_local_optimizer_of_a_foreign_graph():
    x = tt.vector("x")
    graph = TheanoFunctionGraph([x], [tt.exp(x + x)], clone=False)
    EquilibriumOptimizer([KanrenRelationSub(doublingo)], max_use_ratio=10).optimize(graph)
    assert [node.op for node in graph.toposort()][1:] == [tt.mul, tt.exp]


def test_a_relation_works_while_a_function_is_compiled():
    optimizations = optdb.query(Query(include=["merge"]))
    relation = EquilibriumOptimizer([KanrenRelationSub(doublingo)], max_use_ratio=10)
    optimizations.append(relation)
    x = tt.vector("x")
    function = theano.function([x], tt.exp(x + x), mode=Mode(linker="py", optimizer=optimizations))
    ops = [node.op for node in function.maker.fgraph.toposort()]
    assert tt.mul in ops and tt.add not in ops
    np.testing.assert_allclose(function([0.5]), [np.e])


def test_a_relation_that_raises_stops_the_optimizer():
    def brokeno(x, y):
        raise KeyError("nothing")

    x = tt.vector("x")
    graph = TheanoFunctionGraph([x], [tt.exp(x)], clone=False)
    with pytest.raises(RelationError, match="brokeno raised KeyError"):
        EquilibriumOptimizer([KanrenRelationSub(brokeno)], max_use_ratio=10).optimize(graph)


def test_a_relation_prints_by_its_name():
    assert str(KanrenRelationSub(doublingo)) == "KanrenRelationSub(doublingo)"
    with pytest.raises(TypeError, match="a relation is a function"):
        KanrenRelationSub("doubling")


def test_records_follow_what_changes_between_runs():
    """A name given between two runs in place is seen by the second."""
    x = tt.vector("x")
    inner = tt.log(x)
    graph = FunctionGraph(None, [tt.exp(inner + inner)])
    seen = []

    def watcho(a, b):
        seen.extend(v.name for v in getattr(a, "rands", ()) if getattr(v, "name", None))
        return eq(0, 1)

    optimize_graph(graph, KanrenRelationSub(watcho), in_place=True)
    assert seen == []
    inner.name = "inner"
    optimize_graph(graph, KanrenRelationSub(watcho), in_place=True)
    assert set(seen) == {"inner"}


# One-element vectors ----------------------------------------------------------------------------------------------

ONE_ELEMENT = {
    "normal": lambda: (rv.NormalRV(np.zeros(1), 1.0, name="t"), rv.NormalRV, (1.0,)),
    "uniform": lambda: (rv.UniformRV(np.zeros(1), 1.0, name="t"), rv.NormalRV, (1.0,)),
    "gamma": lambda: (rv.GammaRV(np.ones(1), 1.0, name="t"), rv.PoissonRV, ()),
    "beta": lambda: (rv.BetaRV(np.ones(1), 1.0, name="t"), rv.BernoulliRV, ()),
}


@pytest.mark.parametrize("name", ONE_ELEMENT)
@pytest.mark.parametrize("indexed", [False, True])
def test_a_posterior_of_one_element_broadcasts_as_its_prior(name, indexed):
    theta, law, more = ONE_ELEMENT[name]()
    value = theta[np.zeros(3, dtype=int)] if indexed else theta
    seen = rv.observed(tt.constant(np.array([1, 0, 1])), law(value, *more, name="y"))
    result = sp.conjugate_graph(FunctionGraph(None, [seen, theta]))
    assert [step.variables for step in sp.steps(result) if step.taken] == [("t", "y")]
    (posterior,) = (v for v in result.outputs if v.name == "t")
    assert posterior.type == theta.type and posterior.broadcastable == (True,)
