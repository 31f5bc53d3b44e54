"""PyTensor's rewrites on graphs of models."""

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.graph.basic import Constant
from pytensor.graph.rewriting.basic import in2out, node_rewriter

from symbolic_pymc.errors import ConversionError
from symbolic_pymc.pytensor.copying import is_draw
from symbolic_pymc.pytensor.opt import FunctionGraph, ancestors
from symbolic_pymc.pytensor.pymc import graph_model, model_graph
from symbolic_pymc.pytensor.random_variables import NormalRV, deterministic, make_rv
from symbolic_pymc.pytensor.utils import canonicalize, optimize_graph
from tests.pytensor.models import make

pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning", "ignore:.*:DeprecationWarning")


def draws_of(outputs):
    return [v for v in ancestors(outputs) if is_draw(v)]


def two_draws():
    """Return two draws from one generator with the same parameters."""
    generator = pytensor.shared(np.random.default_rng(1))
    return [make_rv(NormalRV, (0.0, 1.0), rng=generator, name=name) for name in "ab"]


def test_algebra_is_done():
    x = pt.vector("x")
    result = canonicalize(pt.log(pt.exp(x * 2)) * 1 + 0)
    assert result.owner.op == pt.mul and x in result.owner.inputs
    np.testing.assert_allclose(result.eval({x: [1.0, 2.0]}), [2.0, 4.0])


def test_equal_expressions_become_one():
    x = pt.vector("x")
    result = canonicalize(pt.sin(x) + pt.cos(pt.sin(x)))
    assert len({v for v in ancestors([result]) if v.owner and v.owner.op == pt.sin}) == 1


@pytest.mark.parametrize("names", ["ab", [None, None]])
def test_draws_never_merge(names):
    a, b = two_draws()
    a.name, b.name = names
    result = canonicalize(a - b)
    assert len(draws_of([result])) == 2 and not isinstance(result, Constant)
    graph = FunctionGraph(None, [a - b])
    assert canonicalize(graph) is graph
    assert set(draws_of(graph.outputs)) == {a, b}


def test_draws_under_a_scan_and_in_mixtures_never_merge():
    generator = pytensor.shared(np.random.default_rng(1))
    component = pm.Normal.dist(0, 1)
    censored = [pm.Censored.dist(component, -1, 1) for _ in range(2)]
    looped = []
    for _ in range(2):
        step = lambda g: make_rv(NormalRV, (0.0, 1.0), rng=g)  # noqa: E731
        out = pytensor.scan(step, non_sequences=[generator], n_steps=3)
        looped.append(out[0] if isinstance(out, list | tuple) else out)
    before = censored[0] - censored[1]
    assert len(draws_of([canonicalize(before)])) == len(draws_of([before])) == 4
    difference = canonicalize(looped[0] - looped[1])
    assert difference.owner.inputs[0].owner is not difference.owner.inputs[1].owner


def test_markers_never_merge():
    [x] = two_draws()[:1]
    first, second = deterministic(x), deterministic(x)
    first.name, second.name = "first", "second"
    graph = canonicalize(FunctionGraph(None, [first, second]))
    assert graph.outputs == [first, second]


def test_draws_are_the_same_when_drawn():
    a, b = two_draws()
    before, after = pytensor.function([], [a + 1 * b, canonicalize(a + 1 * b)], mode="FAST_COMPILE")()
    assert before == after


@pytest.mark.parametrize(
    "name", ["dims_data_and_deterministics", "potentials", "mixtures", "missing_values", "total_size"]
)
def test_what_belongs_to_a_model_stays(name):
    model = make(name)
    graph = model_graph(model)
    outputs, inputs, random = list(graph.outputs), list(graph.inputs), set(draws_of(graph.outputs))
    notes = {v: v.tag.note for v in random if v.name is not None}
    coords = graph.coords
    assert canonicalize(graph) is graph
    assert graph.outputs == outputs and graph.inputs == inputs and graph.coords is coords
    assert set(draws_of(graph.outputs)) == random and all(v.tag.note is note for v, note in notes.items())
    back = graph_model(graph)
    assert [v.name for v in back.basic_RVs] == [v.name for v in model.basic_RVs]
    with pytensor.config.change_flags(mode="FAST_COMPILE", cxx=""):
        point = model.initial_point(0)
        ours, theirs = (float(m.compile_logp()(point)) for m in (back, model))
        assert ours == pytest.approx(theirs, rel=1e-6)


def test_a_copy_can_be_canonicalized_instead():
    a, b = two_draws()
    z = (a + 0) * 1 + b
    z.name = "z"
    graph = FunctionGraph(None, [z], coords={"g": (1, 2)}, model_name="m")
    other = canonicalize(graph, in_place=False)
    assert other is not graph and graph.outputs == [z] and z.owner.inputs[1] is b
    assert other.inputs == graph.inputs and other.coords == {"g": (1, 2)} and other.model_name == "m"
    assert [v.name for v in other.outputs] == ["z"]
    assert {v.name for v in draws_of(other.outputs)} == {"a", "b"}


def test_names_of_expressions_stay():
    x = pt.vector("x")
    y = pt.exp(x * 1)
    y.name = "y"
    a = make_rv(NormalRV, (y, 1.0), name="a")
    result = canonicalize(2 * a)
    assert "y" in {v.name for v in ancestors([result])}


@pytest.mark.parametrize("name", ["time_series", "lkj", "random_indices", "custom_distributions"])
def test_random_variables_that_pymc_composes_survive(name):
    model = make(name)
    graph = canonicalize(model_graph(model))
    assert [v.name for v in graph_model(graph).basic_RVs] == [v.name for v in model.basic_RVs]


@node_rewriter([pt.exp])
def one_plus(fgraph, node):
    """Replace exp(x) by 1 + x."""
    return [1 + node.inputs[0]]


def test_rewrites_apply_to_a_copy():
    x = pt.vector("x")
    z = pt.exp(pt.exp(x))
    result = optimize_graph(z, one_plus)
    np.testing.assert_allclose(result.eval({x: [1.0]}), [3.0])
    assert z.owner.op == pt.exp
    graph = optimize_graph(FunctionGraph(None, [z]), in2out(one_plus))
    assert isinstance(graph, FunctionGraph) and graph.inputs == [x]
    assert isinstance(optimize_graph(z, one_plus, return_graph=True), FunctionGraph)
    assert len(optimize_graph(FunctionGraph(None, [z, x]), one_plus, return_graph=False)) == 2


def test_wrong_types_are_refused():
    for function in (canonicalize, optimize_graph):
        with pytest.raises(ConversionError, match="got int"):
            function(3)
    with pytest.raises(
        ConversionError, match="no optimizer of symbolic_pymc.pytensor; pass a GraphRewriter or a NodeRewriter"
    ):
        optimize_graph(pt.vector("x"), lambda fgraph, node: None)
