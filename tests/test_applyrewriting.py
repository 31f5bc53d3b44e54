"""Canonicalization and optimizers on graphs of random variables, on every backend."""

from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings

from symbolic_pymc.applyrewriting import copied
from symbolic_pymc.compare import graph_equal
from symbolic_pymc.errors import ConversionError, ModelGraphError
from symbolic_pymc.note import Note
from tests.strategies import build, programs


def evaluate(backend, graph, values):
    return backend.compile_plainly(list(values), graph)(*values.values())


@pytest.fixture(scope="session")
def utils(backend):
    return import_module(f"symbolic_pymc.{backend.name}.utils")


def markers(backend):
    return import_module(f"symbolic_pymc.{backend.name}.markers")


@settings(max_examples=40)
@given(program=programs)
def test_draws_neither_merge_nor_vanish(backend, utils, program):
    """Law 8: as many draws as before, with the same names and generators, however alike they are."""
    _, variables = build(backend, program)
    rng, x = backend.generator(0), variables[-1]
    alike, other = (backend.normal(x, backend.tensor.exp(x), rng=rng) for _ in range(2))
    variables = [*variables, alike - other]
    outputs = [*variables, *(markers(backend).deterministic(v) for v in variables)]
    graph = backend.FunctionGraph(None, outputs)
    after = utils.canonicalize(graph, in_place=False)
    before, left = (backend.draws(*g.outputs) for g in (graph, after))
    assert len(before) == len(left)
    assert sorted(str(n.outputs[1].name) for n in before) == sorted(str(n.outputs[1].name) for n in left)
    assert {n.inputs[0] for n in before} == {n.inputs[0] for n in left}
    assert after.inputs == graph.inputs and [v.type for v in after.outputs] == [v.type for v in outputs]


@settings(max_examples=15)
@given(program=programs)
def test_the_values_stay(backend, utils, program):
    inputs, variables = build(backend, program)
    value = variables[-1]
    generator = np.random.default_rng(0)
    point = {v: generator.normal(size=2) for v in inputs}
    with np.errstate(all="ignore"):
        before, after = (evaluate(backend, v, point) for v in (value, utils.canonicalize(value)))
    np.testing.assert_allclose(after, before, rtol=1e-10)


def test_algebra_is_done_beside_and_under_draws(backend, utils):
    x = backend.tensor.vector("x")
    draw = backend.normal((x + 0.0) * 1.0, 1.0, name="draw")
    after = utils.canonicalize(draw * 1.0 + 0.0)
    assert after.name == "draw" and [n.op for n in backend.nodes(after)] == [draw.owner.op]
    assert x in after.owner.inputs


def test_equal_expressions_merge(backend, utils):
    x, t = backend.tensor.vector("x"), backend.tensor
    after = utils.canonicalize(t.sin(x) + t.cos(t.sin(x)))
    assert [n.op for n in backend.nodes(after)].count(t.sin) == 1


def test_draws_alike_are_two_through_chains_and_markers(backend, utils):
    rng, deterministic = backend.generator(1), markers(backend).deterministic

    def chain():
        first = backend.normal(0.0, 1.0, rng=rng)
        return deterministic(backend.normal(first * 1.0, 1.0, rng=rng))

    graph = backend.FunctionGraph(None, [chain() - chain()])
    after = utils.canonicalize(graph, in_place=False)
    assert len(backend.draws(*after.outputs)) == 4
    one, other = after.outputs[0].owner.inputs
    assert one.owner is not other.owner and one.owner.inputs[0] is not other.owner.inputs[0]


def test_names_notes_coords_and_inputs_stay(backend, utils):
    x, idle = backend.tensor.vector("x"), backend.tensor.vector("idle")
    note = Note(dims=("city",))
    draw = backend.normal(x * 1.0, 1.0, name="draw")
    draw.tag.note = note
    seen = markers(backend).observed(np.r_[1.0, 2.0], draw)
    seen.name = "draw"
    mean = draw + 0.0 + x
    mean.name = "mean"
    coords = {"city": ("Ulm", "Bonn")}
    graph = backend.FunctionGraph(None, [seen, mean], coords=coords, model_name="m")
    graph.add_input(idle)
    inputs = list(graph.inputs)
    for after in (utils.canonicalize(graph, in_place=False), utils.canonicalize(graph)):
        assert after.inputs == inputs and after.coords is coords and after.model_name == "m"
        assert [v.name for v in after.outputs] == ["draw", "mean"]
        rv = after.outputs[0].owner.inputs[1]
        assert rv.name == "draw" and rv.tag.note is note
        assert type(after.outputs[0].owner.op).__name__ == "Observed"
        assert rv in after.outputs[1].owner.inputs


def test_the_graph_passed_in_stays_unless_in_place(backend, utils):
    x = backend.tensor.vector("x")
    z = backend.normal(x * 1.0, 1.0) * 1.0
    graph = backend.FunctionGraph(None, [z])
    nodes = {node: list(node.inputs) for node in backend.nodes(z)}
    assert utils.canonicalize(graph, in_place=False) is not graph
    assert utils.canonicalize(z) is not z
    assert graph.outputs == [z] and nodes == {node: list(node.inputs) for node in backend.nodes(z)}
    assert utils.canonicalize(graph) is graph and graph.outputs != [z]


def test_twice_is_once(backend, utils):
    x = backend.tensor.vector("x")
    draw = backend.normal(2.0 * x + x * 1.0, backend.tensor.exp(x), name="draw")
    once = utils.canonicalize(draw * draw - 3.0 * draw)
    assert graph_equal(utils.canonicalize(once), once, names=True, same_inputs=True)


def test_what_is_returned_is_what_is_asked_for(backend, utils):
    x = backend.tensor.vector("x")
    graph = backend.FunctionGraph(None, [x * 1.0, x + 0.0])
    assert utils.canonicalize(graph, in_place=False, return_graph=False) == [x, x]
    assert isinstance(utils.canonicalize(x * 1.0, return_graph=True), backend.FunctionGraph)
    assert utils.optimize_graph(graph, return_graph=False) != graph.outputs
    assert utils.optimize_graph(x) is x


def test_wrong_types_are_refused(backend, utils):
    for function in (utils.canonicalize, utils.optimize_graph):
        with pytest.raises(ConversionError, match="expected a FunctionGraph or a variable, got list"):
            function([backend.tensor.vector("x")])
    with pytest.raises(ConversionError, match="is no optimizer of"):
        utils.optimize_graph(backend.tensor.vector("x"), lambda node: None)


def test_a_cycle_is_refused(backend):
    x = backend.tensor.vector("x")
    y = backend.tensor.exp(x)
    z = backend.tensor.log(y)
    y.owner.inputs[0] = z
    with pytest.raises(ModelGraphError, match="depends on itself"):
        copied([z], {})


def test_deep_graphs_are_copied(backend):
    x = backend.tensor.vector("x")
    v = x
    for _ in range(3000):
        v = backend.tensor.exp(v)
    (copy,) = copied([v], {})
    assert copy is not v and len(backend.nodes(copy)) == 3000
