"""Theano's canonicalization on the graphs of PyMC3 models."""

import numpy as np
import pymc3 as pm
import pytest
import theano
import theano.tensor as tt
from theano.compile.mode import Mode
from theano.graph.basic import ancestors
from theano.graph.opt import EquilibriumOptimizer, in2out, local_optimizer
from theano.scan.op import Scan

from symbolic_pymc.errors import NonTerminationError
from symbolic_pymc.theano.opt import FunctionGraph
from symbolic_pymc.theano.pymc3 import graph_model, model_graph
from symbolic_pymc.theano.random_variables import NormalRV, fresh_rng
from symbolic_pymc.theano.utils import canonicalize, graph_equal, meta_diff, optimize_graph
from tests.theano.pymc3_models import MODELS, assert_same_model, model_of

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning", "ignore::RuntimeWarning"
)


@pytest.fixture(autouse=True)
def without_compiler():
    with theano.config.change_flags(cxx="", compute_test_value="off"):
        yield


def evaluate(graph, values):
    return theano.function(list(values), graph, mode=Mode(linker="py", optimizer=None))(*values.values())


def radon():
    """A small model with everything in it that has to stay."""
    floor = np.r_[0.0, 1.0, 1.0, 0.0, 1.0]
    with pm.Model(name="radon", coords={"county": ["Ulm", "Bonn", "Kiel"]}) as model:
        shift = pm.Data("shift", np.r_[0.5, 1.5])
        mu = pm.Normal("mu", 0.0, 1e4)
        sigma = pm.HalfCauchy("sigma", 5.0)
        a = pm.Normal("a", mu * 1.0, sigma, dims="county")
        b = pm.Normal("b", mu + 0.0, sigma, dims="county")
        mean = pm.Deterministic("mean", a[[0, 1, 1, 2, 0]] + b[[0, 1, 1, 2, 0]] * floor * 1.0)
        pm.Potential("pull", -((mu - shift.sum()) ** 2) + 0.0)
        pm.Normal("idle", 0.0, 1.0)
        pm.Normal("y", mean, pm.HalfNormal("eps", 1.0), observed=np.arange(5.0), total_size=50)
    theano.config.compute_test_value = "off"
    return model


def test_the_second_seed_s_call():
    fgraph = model_graph(radon())
    after = canonicalize(fgraph, in_place=False)
    assert isinstance(after, FunctionGraph) and after is not fgraph
    assert after.inputs == fgraph.inputs and after.coords is fgraph.coords and after.model_name == "radon"


def test_the_model_of_the_canonical_graph_is_the_model():
    model = radon()
    assert_same_model(model, graph_model(canonicalize(model_graph(model))), n_points=3)


@pytest.mark.parametrize("name", ["Bernoulli", "GaussianRandomWalk", "HalfNormal", "MvNormal"])
def test_models_of_any_distribution_stay(name):
    """Also parametrisations: a precision, a Cholesky factor or a logit goes through."""
    assert name in MODELS
    model = model_of(name)
    assert_same_model(model, graph_model(canonicalize(model_graph(model))), n_points=3)


def test_two_graphs_of_one_model_are_equal():
    model = radon()
    once, again = model_graph(model), model_graph(model)
    assert graph_equal(once, again, names=True)
    assert graph_equal(canonicalize(once, in_place=False), canonicalize(again), names=True)
    with pm.Model(name="radon") as other:
        pm.Normal("mu", 0.0, 1e4)
    assert [d.path for d in meta_diff(once, model_graph(other), limit=1)] == [()]


def test_models_that_differ_by_a_parameter_differ_there():
    def graph(sd):
        with pm.Model() as model:
            pm.Normal("y", pm.Normal("mu", 0.0, sd), 1.0, observed=np.r_[1.0])
        return model_graph(model)

    assert graph_equal(graph(2.0), graph(2.0))
    (difference,) = meta_diff(graph(2.0), graph(3.0))
    # the observed variable, its random variable, its mean, the scale of that
    assert difference.path == (0, 1, 0, 1)


def test_scans_are_compared_by_what_they_do():
    def walk(sd=1.0):
        step = lambda x: NormalRV(x, sd, rng=fresh_rng())  # noqa: E731
        return theano.scan(step, outputs_info=[np.float64(0.0)], n_steps=3)[0]

    once = walk()
    assert graph_equal(walk(), walk()) and not graph_equal(walk(), walk(2.0))
    assert graph_equal(once - walk(), walk() - walk()) and not graph_equal(once - once, walk() - walk())


def test_a_draw_under_a_scan_stays():
    walks = [
        theano.scan(lambda x: NormalRV(x, 1.0, rng=fresh_rng(0)), outputs_info=[np.float64(0.0)], n_steps=3)[0]
        for _ in range(2)
    ]
    rng = fresh_rng(1)
    loops = [theano.scan(lambda: NormalRV(0.0, 1.0, rng=rng), n_steps=3)[0] for _ in range(2)]
    for one, other in (walks, loops):
        left, right = canonicalize(one - other).owner.inputs
        assert left.owner is not right.owner
        nodes = {v.owner for v in ancestors([left, right]) if v.owner}
        assert sum(isinstance(node.op, Scan) for node in nodes) == 2


@pytest.mark.parametrize("mode", ["off", "ignore", "raise"])
def test_test_values_are_computed_when_asked_for_and_never_required(mode):
    with_value, without = tt.vector("with_value"), tt.vector("without")
    with_value.tag.test_value = np.r_[1.0, 2.0]
    z = tt.exp(without * 1.0)
    with theano.config.change_flags(compute_test_value=mode):
        y, z = canonicalize(FunctionGraph(None, [tt.exp(with_value * 1.0), z]), return_graph=False)
    assert hasattr(y.tag, "test_value") == (mode != "off") and not hasattr(z.tag, "test_value")


@local_optimizer([tt.exp])
def one_plus(fgraph, node):
    """Replace exp(x) by 1 + x."""
    return [1 + node.inputs[0]] if node.op == tt.exp else False


@local_optimizer([tt.add])
def flipped(fgraph, node):
    """Replace x + y by y + x, without an end."""
    return [tt.add(*reversed(node.inputs))]


def test_optimizers_apply_to_a_copy_or_in_place():
    x = tt.vector("x")
    z = tt.exp(tt.exp(x))
    assert evaluate(optimize_graph(z, one_plus), {x: [1.0]}) == [3.0]
    assert z.owner.op == tt.exp
    graph = FunctionGraph(None, [z])
    for optimization in (one_plus, in2out(one_plus), EquilibriumOptimizer([one_plus], max_use_ratio=5)):
        after = optimize_graph(graph, optimization)
        assert after is not graph and graph.outputs == [z]
        assert evaluate(after.outputs[0], {x: [1.0]}) == [3.0]
    assert optimize_graph(graph, one_plus, in_place=True) is graph and graph.outputs[0].owner.op == tt.add
    assert isinstance(optimize_graph(z, one_plus, return_graph=True), FunctionGraph)
    assert len(optimize_graph(FunctionGraph(None, [z, x]), one_plus, return_graph=False)) == 2


def test_optimizers_without_end_are_stopped():
    x, y = tt.vectors("x", "y")
    with pytest.raises(NonTerminationError) as error:
        optimize_graph(x + y, flipped)
    assert evaluate(error.value.last.outputs[0], {x: [1.0], y: [2.0]}) == [3.0]
    assert theano.config.on_opt_error == "warn"
