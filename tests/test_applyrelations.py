"""Relations as local optimizers, on every backend."""

from importlib import import_module

import numpy as np
import pytest
from kanren import conde, eq, lall
from unification import var

from symbolic_pymc.compare import graph_equal
from symbolic_pymc.errors import NonTerminationError, RelationError
from symbolic_pymc.meta import metatize
from symbolic_pymc.relation import Relation
from tests.test_meta import grows_linearly


def evaluate(backend, graph, values):
    return backend.compile_plainly(list(values), graph)(*values.values())


@pytest.fixture
def tools(backend):
    """Return KanrenRelationSub, optimize_graph, the optimizer to a fixed point, the plain FunctionGraph."""
    opt = import_module(f"symbolic_pymc.{backend.name}.opt")
    utils = import_module(f"symbolic_pymc.{backend.name}.utils")
    return (
        opt.KanrenRelationSub,
        utils.optimize_graph,
        utils.REWRITING.equilibrium,
        utils.REWRITING.graph.base_graph,
    )


def doubling(backend):
    """Return the relation of x + x and 2 x."""

    def doublingo(x, y):
        a = var()
        return lall(eq(x, backend.mt.add(a, a)), eq(y, backend.mt.mul(np.float64(2.0), a)))

    return doublingo


def twice(backend, x):
    """Return the variable 2 x."""
    return backend.mt.mul(np.float64(2.0), x).reify()


def distribution(backend):
    """Return the relation of x (y + z) and x y + x z."""
    mt = backend.mt

    def distributiono(x, y):
        a, b, c = var(), var(), var()
        return lall(eq(x, mt.mul(a, mt.add(b, c))), eq(y, mt.add(mt.mul(a, b), mt.mul(a, c))))

    return distributiono


def commutation(backend):
    """Return the relation of x + y and y + x, which has no end."""

    def commutationo(x, y):
        a, b = var(), var()
        return lall(eq(x, backend.mt.add(a, b)), eq(y, backend.mt.add(b, a)))

    return commutationo


def test_a_sum_of_equals_becomes_a_product(backend, tools):
    sub, optimize_graph, _, _ = tools
    x = backend.tensor.vector("x")
    before = backend.tensor.exp(x + x) + backend.tensor.exp(x + x)
    after = optimize_graph(before, sub(doubling(backend)))
    assert graph_equal(after, twice(backend, backend.tensor.exp(twice(backend, x))), same_inputs=True)
    value = np.r_[0.5, -1.0]
    np.testing.assert_allclose(evaluate(backend, after, {x: value}), evaluate(backend, before, {x: value}))


def test_relations_reach_a_fixed_point_together(backend, tools):
    sub, optimize_graph, equilibrium, _ = tools
    x, y, z = (backend.tensor.vector(name) for name in "xyz")
    before = x * ((y + z) + (y + z)) + y
    both = equilibrium([sub(doubling(backend)), sub(distribution(backend))], max_use_ratio=10)
    after = optimize_graph(before, both)
    mul, add = backend.tensor.mul, backend.tensor.add
    assert not any(
        node.op == mul and i.owner is not None and i.owner.op == add
        for node in backend.nodes(after)
        for i in node.inputs
    )
    point = {v: np.random.default_rng(i).normal(size=3) for i, v in enumerate((x, y, z))}
    np.testing.assert_allclose(evaluate(backend, after, point), evaluate(backend, before, point), rtol=1e-12)


def test_the_graph_passed_in_stays_unless_in_place(backend, tools):
    sub, optimize_graph, _, _ = tools
    x = backend.tensor.vector("x")
    z = x + x
    graph = backend.FunctionGraph(None, [z])
    assert optimize_graph(graph, sub(doubling(backend))) is not graph
    assert graph.outputs == [z] and z.owner.op == backend.tensor.add
    assert optimize_graph(graph, sub(doubling(backend)), in_place=True) is graph
    assert graph.outputs[0].owner.op == backend.tensor.mul and z.owner.inputs == [x, x]


def test_answers_of_a_user_s_own_nodes_leave_these_alone(backend, tools):
    """An answer may be a graph that somebody holds: what is changed in it afterwards is a copy."""
    sub, optimize_graph, equilibrium, _ = tools
    x, tensor = backend.tensor.vector("x"), backend.tensor
    held = tensor.exp(x + x)
    relations = [
        sub(lambda a, b: lall(eq(a, metatize(tensor.log(x))), eq(b, metatize(held)))),
        sub(doubling(backend)),
    ]
    after = optimize_graph(tensor.log(x), equilibrium(relations, max_use_ratio=10))
    assert graph_equal(after, tensor.exp(twice(backend, x)), same_inputs=True)
    assert held.owner.inputs[0].owner.op == tensor.add


def test_a_relation_without_end_is_stopped(backend, tools):
    sub, optimize_graph, _, _ = tools
    x, y = backend.tensor.vector("x"), backend.tensor.vector("y")
    with pytest.raises(NonTerminationError, match="commutationo") as error:
        optimize_graph(x + y, sub(commutation(backend)))
    assert evaluate(backend, error.value.last.outputs[0], {x: np.r_[1.0], y: np.r_[2.0]}) == [3.0]


def test_filters_choose_nodes_and_answers(backend, tools):
    sub, optimize_graph, _, _ = tools
    tensor = backend.tensor
    x = tensor.vector("x")
    z = tensor.exp(x + x) + tensor.exp(x + x)
    inner = sub(doubling(backend), node_filter=lambda node: node.inputs[0] is x)
    assert graph_equal(optimize_graph(z, inner), tensor.exp(twice(backend, x)) + tensor.exp(twice(backend, x)))
    assert graph_equal(optimize_graph(z, sub(doubling(backend), results_filter=lambda terms: None)), z)

    def powerso(a, b):
        return conde(*([eq(a, metatize(x + x)), eq(b, metatize(y))] for y in (twice(backend, x), x * x)))

    last = sub(powerso, results_filter=lambda terms: ([*terms] or [None])[-1])
    assert graph_equal(optimize_graph(x + x, last), x * x)


def test_heads_are_asked_first(backend, tools):
    sub, optimize_graph, _, _ = tools
    asked = []

    def goal(x, y):
        asked.append(x)
        return doubling(backend)(x, y)

    x = backend.tensor.vector("x")
    relation = Relation("doubling", goal, heads=frozenset([metatize(backend.tensor.add)]))
    optimize_graph(backend.tensor.exp(x + x), sub(relation))
    assert {term.rator for term in asked} == {metatize(backend.tensor.add)}


def test_dtypes_are_cast_where_no_value_is_lost(backend, tools):
    sub, optimize_graph, _, _ = tools
    tensor = backend.tensor
    x, n = tensor.fvector("x"), tensor.lvector("n")
    after = optimize_graph(x + x, sub(doubling(backend)))
    assert after.dtype == "float32" and after.owner.inputs[0].dtype == "float64"
    # the double of an integer would be a float
    assert graph_equal(optimize_graph(n + n, sub(doubling(backend))), n + n)


def test_shapes_keep_what_is_known_about_them(backend, tools):
    sub, optimize_graph, _, _ = tools
    tensor = backend.tensor
    row, vector, scalar = tensor.row("row"), tensor.vector("vector"), tensor.scalar("scalar")

    def becomes(a, b):
        return sub(lambda x, y: lall(eq(x, metatize(a)), eq(y, metatize(b))))

    matrix = tensor.matrix("matrix")
    after = optimize_graph(backend.FunctionGraph(None, [tensor.exp(row)]), becomes(tensor.exp(row), tensor.exp(matrix)))
    assert after.outputs[0].type == row.type and matrix in after.inputs
    after = optimize_graph(
        backend.FunctionGraph(None, [tensor.exp(matrix)]), becomes(tensor.exp(matrix), tensor.exp(row))
    )
    assert row in after.inputs and evaluate(backend, after.outputs[0], {row: np.ones((1, 2))}).shape == (1, 2)
    assert graph_equal(
        optimize_graph(tensor.exp(vector), becomes(tensor.exp(vector), tensor.exp(scalar))),
        tensor.exp(vector),
    )


def test_open_answers_are_passed_over(backend, tools):
    sub, optimize_graph, _, _ = tools
    x = backend.tensor.vector("x")

    def halfo(a, b):
        return conde(
            [eq(b, backend.mt.add(var(), var()))],
            [eq(a, metatize(x + x)), eq(b, metatize(twice(backend, x)))],
        )

    assert graph_equal(optimize_graph(x + x, sub(halfo)), twice(backend, x))


def test_draws_stay_the_draws_they_are(backend, tools):
    sub, optimize_graph, _, _ = tools
    rng = backend.generator(0)
    a, b = (backend.normal(0.0, 1.0, rng=rng, name=name) for name in "ab")
    after = optimize_graph((a + a) * (a + b), sub(doubling(backend)))
    assert len(backend.draws(after)) == 2
    assert graph_equal(after, twice(backend, a) * (a + b), names=True, same_inputs=True)


def test_new_draws_bring_their_generators(backend, tools):
    sub, optimize_graph, _, base_graph = tools
    mu = backend.tensor.vector("mu")

    def standardo(x, y):
        m = var()
        loc = backend.mt.add(m, backend.mt.NormalRV(np.zeros(2), np.ones(2)))
        return lall(eq(x, backend.mt.NormalRV(m, np.ones(2))), eq(y, loc))

    draw = backend.normal(mu, np.ones(2), name="draw")
    relation = sub(standardo, node_filter=lambda node: mu in node.inputs)
    graph = optimize_graph(backend.FunctionGraph(None, [draw]), relation)
    assert graph.outputs[0].owner.op == backend.tensor.add and len(backend.draws(*graph.outputs)) == 1
    (new,) = backend.draws(*graph.outputs)
    assert set(backend.graph.graph_inputs(new.outputs)) - set(graph.inputs) == {
        v for v in new.inputs if isinstance(v, backend.Constant)
    }


def test_a_relation_that_raises_says_where(backend, tools):
    sub, optimize_graph, _, _ = tools

    def brokeno(x, y):
        raise ZeroDivisionError("no")

    x = backend.tensor.vector("x")
    with pytest.raises(RelationError, match="brokeno raised ZeroDivisionError"):
        optimize_graph(x + x, sub(brokeno))


def test_an_input_that_a_foreign_graph_lacks_is_an_error(backend, tools):
    sub, _, equilibrium, base_graph = tools
    x, y = backend.tensor.vector("x"), backend.tensor.vector("y")
    graph = base_graph([x], [backend.tensor.exp(x)], clone=False)
    relation = sub(lambda a, b: lall(eq(a, metatize(backend.tensor.exp(x))), eq(b, metatize(y))))
    with pytest.raises(RelationError, match="depends on y, which is no input of the graph"):
        equilibrium([relation], max_use_ratio=10)(graph)


def test_the_cost_is_linear_in_shared_terms(backend, tools):
    sub, optimize_graph, _, _ = tools

    def doublings(n):
        v = backend.tensor.vector("x")
        for _ in range(n):
            v = v + v
        relation = Relation("doubling", doubling(backend), heads=frozenset([metatize(backend.tensor.add)]))
        return lambda: optimize_graph(v, sub(relation))

    assert grows_linearly(doublings, [50, 100, 200, 400])
