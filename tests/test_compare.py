"""Equality of graphs up to renaming, and where graphs differ."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unification import var

from symbolic_pymc.compare import Difference, graph_equal, meta_diff
from symbolic_pymc.errors import ConversionError
from symbolic_pymc.meta import metatize
from tests.strategies import build, build_toy, programs
from tests.test_meta import grows_linearly
from tests.toy import Expr, Leaf, ToyOp

f, g = ToyOp("f"), ToyOp("g")


@given(programs)
def test_a_program_builds_the_same_graph_twice(program):
    (_, once), (_, again) = build_toy(program), build_toy(program)
    assert graph_equal(once, again, names=True)
    assert list(meta_diff(once, again)) == []
    assert graph_equal(once, once, same_inputs=True)


@settings(max_examples=40)
@given(program=programs)
def test_a_program_builds_the_same_graph_twice_on_a_backend(backend, program):
    (_, once), (_, again) = build(backend, program), build(backend, program)
    assert graph_equal(once, again, names=True)
    assert not graph_equal(once, again, same_inputs=True) or not _inputs(backend, once)


def _inputs(backend, variables):
    return [v for v in backend.graph.graph_inputs(variables) if not isinstance(v, backend.Constant)]


def _naive_equal(x, y, forward, backward):
    """Compare toy expressions as trees, by the definition: what is renamed is renamed everywhere alike."""
    if type(x) is not type(y):
        return False
    if isinstance(x, (Leaf, Expr)) and (isinstance(x, Leaf) or x.op == "draw"):
        if forward.setdefault(x, y) is not y or backward.setdefault(y, x) is not x:
            return False
    if not isinstance(x, Expr):
        return isinstance(x, Leaf) or x == y
    if x.op != y.op or len(x.args) != len(y.args):
        return False
    return all(_naive_equal(a, b, forward, backward) for a, b in zip(x.args, y.args))


@settings(max_examples=300)
@given(programs, programs, st.integers(0, 11))
def test_it_agrees_with_the_definition(program, other, changed):
    (_, once), (_, again) = build_toy(program), build_toy(program)
    assert _naive_equal(once[-1], again[-1], {}, {}) and graph_equal(once[-1], again[-1])
    mixed = [*program]
    mixed[changed % len(program)] = other[0]
    (_, once), (_, again) = build_toy(program), build_toy(mixed)
    assert graph_equal(once[-1], again[-1]) == _naive_equal(once[-1], again[-1], {}, {})


def test_names_matter_when_asked_for():
    x, y = Leaf("x"), Leaf("y")
    assert graph_equal(x, y) and not graph_equal(x, y, names=True)
    once, again = Expr("f", x, name="u"), Expr("f", x, name="v")
    assert graph_equal(once, again)
    assert list(meta_diff(once, again, names=True)) == [Difference(("name",), "u", "v")]


def test_inputs_correspond_one_to_one():
    x, y, z = Leaf("x"), Leaf("y"), Leaf("z")
    assert graph_equal(Expr("f", x, y), Expr("f", y, x))
    assert not graph_equal(Expr("f", x, y), Expr("f", y, x), same_inputs=True)
    assert not graph_equal(Expr("f", x, y), Expr("f", z, z))
    assert not graph_equal(Expr("f", z, z), Expr("f", x, y))
    assert list(meta_diff(Expr("f", z, Expr("g", z)), Expr("f", x, Expr("g", y)))) == [
        Difference((1, 0), metatize(z), metatize(y))
    ]


def test_two_draws_are_not_one_draw_used_twice(backend):
    rng = backend.generator(0)
    one, other = (backend.normal(0.0, 1.0, rng=rng) for _ in range(2))
    assert graph_equal(one + other, other + one)
    assert not graph_equal(one + other, one + one)
    assert not graph_equal(one + one, one + other)
    (difference,) = meta_diff(one + one, one + other)
    assert difference.path == (1, "draw") and difference.left is not difference.right


def test_one_generator_is_not_two(backend):
    def pair(*generators):
        return [backend.normal(0.0, 1.0, rng=rng) for rng in generators]

    shared, a, b, c, d = map(backend.generator, range(5))
    assert graph_equal(pair(a, b), pair(c, d))
    assert not graph_equal(pair(a, b), pair(shared, shared))
    assert not graph_equal(pair(shared, shared), pair(a, b))


def test_inputs_of_another_type_are_different(backend):
    vector, matrix = backend.tensor.vector("x"), backend.tensor.matrix("x")
    assert graph_equal(vector, backend.tensor.vector("y"))
    assert not graph_equal(vector, matrix)
    assert not graph_equal(vector, backend.generator(0))
    assert not graph_equal(vector, backend.tensor.exp(vector))


def test_constants_are_compared_by_value(backend):
    x, t = backend.tensor.vector("x"), backend.tensor
    assert graph_equal(x + np.r_[1.0, 2.0], x + np.r_[1.0, 2.0])
    (difference,) = meta_diff(x + np.r_[1.0, 2.0], x + np.r_[1.0, 3.0])
    assert difference.path == (1,)
    assert graph_equal(x[1:3], x[1:3]) and not graph_equal(x[1:3], x[1:4])
    m = t.matrix("m")
    index = np.r_[0, 1]
    assert graph_equal(m[index, 1:], m[index, 1:])
    assert not graph_equal(m[index, 1:], m[index, 2:])


def test_a_difference_names_the_place_and_both_sides(backend):
    x, t = backend.tensor.vector("x"), backend.tensor
    left, right = t.exp(x + t.log(x)), t.exp(x + t.sqrt(x))
    (difference,) = meta_diff(left, right)
    assert difference.path == (0, 1)
    assert difference.left is metatize(left.owner.inputs[0].owner.inputs[1])
    assert difference.right is metatize(right.owner.inputs[0].owner.inputs[1])


def test_the_limit_bounds_what_is_yielded():
    left = Expr("f", *(Expr("g", i) for i in range(10)))
    right = Expr("f", *(Expr("g", i + 0.5) for i in range(10)))
    assert [d.path for d in meta_diff(left, right, limit=3)] == [(0, 0), (1, 0), (2, 0)]
    assert len(list(meta_diff(left, right))) == 10


def test_logic_variables_are_renamed_one_to_one():
    a, b, c = var(), var(), var()
    assert graph_equal(f(a, g(b)), f(b, g(c)))
    assert not graph_equal(f(a, g(a)), f(b, g(c)))
    assert not graph_equal(f(a), f(1))


def test_graphs_are_compared_by_outputs_inputs_and_under_names_by_coords(backend):
    def graph(extra=(), coords=None, model_name="m"):
        x, y = backend.tensor.vectors("x", "y")
        return backend.FunctionGraph([x, y, *extra], [x + y, x], coords=coords, model_name=model_name)

    idle = backend.tensor.matrix("idle")
    assert graph_equal(graph(), graph(), names=True)
    assert graph_equal(graph([idle]), graph([idle.type("other")]))
    assert [d.path for d in meta_diff(graph([idle]), graph([idle.type("other")]), names=True)] == [("inputs",)]
    assert [d.path for d in meta_diff(graph([idle]), graph())] == [("inputs",)]
    assert graph_equal(graph(), graph(model_name="other"))
    assert [d.path for d in meta_diff(graph(), graph(model_name="other"), names=True)] == [("model_name",)]
    labels = {"city": np.array(["Ulm", "Bonn"]), "day": None}
    assert graph_equal(graph(coords=labels), graph(coords=dict(labels)), names=True)
    assert graph_equal(graph(coords=labels), graph())
    assert not graph_equal(graph(coords=labels), graph(), names=True)


def test_an_unknown_object_is_an_error():
    with pytest.raises(ConversionError, match="no backend has a record"):
        graph_equal(Leaf("x"), "x")
    with pytest.raises(ConversionError):
        graph_equal([object()], [object()])


@given(programs)
def test_the_graphs_stay_as_they_are(program):
    _, variables = build_toy(program)
    before = [(v, v.op, v.args, v.name) for v in variables]
    list(meta_diff(variables, list(reversed(variables))))
    assert before == [(v, v.op, v.args, v.name) for v in variables]


def test_the_cost_is_linear_in_shared_terms_and_in_depth():
    def doublings(n, name):
        t = f("x")
        for i in range(n):
            # two variants of every level that differ by name alone
            t = g(f(t, t, name=f"{name} {i}"), f(t, t))
        return t

    def compare(n):
        left, right = doublings(n, "u"), doublings(n, "v")
        return lambda: graph_equal(left, right)

    assert compare(20)()
    assert grows_linearly(compare, [500, 1000, 2000, 4000])


def test_a_difference_at_the_bottom_of_a_deep_graph_is_found():
    left, right = f("x"), f("y")
    for _ in range(10_000):
        left, right = g(left), g(right)
    (difference,) = meta_diff(left, right)
    assert difference == Difference((0,) * 10_001, "x", "y")
    assert not graph_equal(left, right)
