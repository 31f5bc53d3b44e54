"""PyMC3 models as graphs and back: what the graph looks like, what survives."""

import numpy as np
import pandas as pd
import pymc3 as pm
import pytest
import theano
import theano.tensor as tt
from scipy import stats
from theano.graph.basic import Constant, ancestors
from theano.tensor.random.op import RandomVariable

from symbolic_pymc.errors import ModelGraphError
from symbolic_pymc.note import Note
from symbolic_pymc.theano.markers import Deterministic, Observed, Potential, observed
from symbolic_pymc.theano.opaque import OpaqueRV
from symbolic_pymc.theano.opt import FunctionGraph
from symbolic_pymc.theano.pymc3 import graph_model, model_graph
from symbolic_pymc.theano.random_variables import (
    DirichletRV,
    ExponentialRV,
    GammaRV,
    HalfCauchyRV,
    MvNormalRV,
    NormalRV,
    PoissonRV,
    fresh_rng,
)
from tests.theano.pymc3_models import PLAIN, assert_same_model

DATA = np.array([0.4, 1.7, 0.9])


@pytest.fixture(autouse=True)
def without_compiler():
    with theano.config.change_flags(cxx="", compute_test_value="off"):
        yield


def there_and_back(model, n_points=4):
    graph = model_graph(model)
    again = graph_model(graph)
    assert_same_model(model, again, n_points)
    return graph, again


def rvs_of(graph):
    outputs = graph.outputs if isinstance(graph, FunctionGraph) else [graph]
    return [v for v in ancestors(outputs) if v.owner and isinstance(v.owner.op, RandomVariable) and v.name]


def params(rv):
    return rv.owner.inputs[3:]


# The graph


def regression():
    """The model of the README's first example."""
    a, R, F, V = tt.vector("a"), tt.matrix("R"), tt.matrix("F"), tt.matrix("V")
    a.tag.test_value = np.r_[1.0, 0.0]
    R.tag.test_value = np.diag([10.0, 10.0])
    F.tag.test_value = np.c_[-2.0, 1.0]
    V.tag.test_value = np.diag([0.5])
    y = tt.as_tensor_variable(np.r_[-3.0])
    y.name = "y"
    with pm.Model() as model:
        beta = pm.MvNormal("beta", a, R, shape=(2,))
        Y = pm.MvNormal("Y", tt.dot(F, beta), V, observed=y)
    return model, Y, (a, R, F, V, y)


def test_a_regression_has_no_node_more_than_the_user_wrote():
    model, Y, (a, R, F, V, y) = regression()
    graph = model_graph(model, output_vars=[Y])
    (out,) = graph.outputs
    assert isinstance(out.owner.op, Observed) and out.name == "Y"
    value, rv = out.owner.inputs
    assert value is y and rv.name == "Y" and rv.owner.op is MvNormalRV
    mean, cov = params(rv)
    assert cov is V and mean.owner.op == tt.basic._dot and mean.owner.inputs[0] is F
    beta = mean.owner.inputs[1]
    assert beta.name == "beta" and beta.owner.op is MvNormalRV and list(params(beta)) == [a, R]
    assert [v for v in graph.inputs if v.name] == [F, a, R, V]
    assert all(node.inputs[1].data.size == 0 for node in (rv.owner, beta.owner))
    assert beta.tag.note.shape == (2,)
    assert_same_model_with_inputs(model, graph_model(graph), (a, R, F, V))


def assert_same_model_with_inputs(model, again, inputs):
    givens = {v: v.tag.test_value for v in inputs}
    for point in [{"beta": np.r_[0.3, -1.0]}, {"beta": np.r_[0.0, 2.0]}]:
        a, b = (
            theano.function([], m.logpt, givens={**givens, m["beta"]: point["beta"]}, mode=PLAIN)()
            for m in (model, again)
        )
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_numbers_become_double_constants_and_aliases_disappear():
    with pm.Model() as model:
        s = pm.HalfCauchy("s", 5)
        pm.Normal("x", 0.1, sd=s)
        pm.StudentT("t", 3, 0, sigma=0.1)
        pm.Normal("p", 1, tau=0.25)
    x, t, p = model_graph(model, ["x", "t", "p"]).outputs
    mu, sigma = params(x)
    assert mu.data == 0.1 and sigma.name == "s" and sigma.owner.op is HalfCauchyRV
    for v in [mu, *params(t), *params(sigma)]:
        assert isinstance(v, Constant) and v.dtype == "float64"
    assert params(t)[2].data == 0.1
    assert params(p)[1].data == 2.0


def test_the_order_of_the_outputs():
    with pm.Model() as model:
        x = pm.Normal("x")
        loose = pm.Normal("loose")
        pm.Normal("looser", loose, 1.0)
        pm.Deterministic("d", 2 * x)
        pm.Normal("y", x, 1.0, observed=DATA)
        pm.Potential("p", -tt.sqr(x))
        pm.Normal("z", x, 1.0, observed=DATA)
        pm.Gamma("last", 1.0, 1.0)
    graph = model_graph(model)
    assert [v.name for v in graph.outputs] == ["y", "z", "p", "d", "looser", "last"]
    kinds = [Observed, Observed, Potential, Deterministic]
    assert [type(v.owner.op) for v in graph.outputs[:4]] == kinds
    there_and_back(model)


def test_one_observed_variable_is_the_only_output():
    with pm.Model() as model:
        pm.Normal("y", pm.Normal("mu"), pm.HalfNormal("s", 1.0), observed=DATA)
    (y,) = model_graph(model).outputs
    assert isinstance(y.owner.op, Observed)


def test_a_variable_used_twice_is_one_node_and_independent_ones_have_their_own_generators():
    with pm.Model() as model:
        a, b = pm.Normal("a", 0.0, 1.0), pm.Normal("b", 0.0, 1.0)
        d = pm.Deterministic("d", a * a + b)
        pm.Normal("y", a + d, tt.exp(a), observed=DATA)
        pm.Potential("p", d + a)
    graph = model_graph(model)
    assert sorted(v.name for v in rvs_of(graph)) == ["a", "b", "y"]
    generators = [v.owner.inputs[0] for v in rvs_of(graph)]
    assert len(set(generators)) == 3
    a, d, b = theano.function([], model_graph(model, ["a", "d", "b"]).outputs, mode=PLAIN)()
    assert d == a * a + b and a != b


def test_the_graph_draws_from_the_prior():
    with pm.Model() as model:
        s = pm.Exponential("s", 2.0)
        x = pm.Normal("x", 3.0, s, shape=2)
        pm.Deterministic("d", x.sum())
    graph = model_graph(model, ["s", "x", "d"])
    f = theano.function([], graph.outputs, mode=PLAIN)
    s, x, d = map(np.array, zip(*(f() for _ in range(3000))))
    assert stats.kstest(s, stats.expon(scale=0.5).cdf).pvalue > 1e-3
    assert stats.kstest(((x - 3) / s[:, None]).ravel(), "norm").pvalue > 1e-3
    np.testing.assert_allclose(d, x.sum(axis=1))
    assert abs(np.corrcoef(((x - 3) / s[:, None]).T)[0, 1]) < 0.1


def test_outputs_by_name_and_by_variable():
    with pm.Model() as model:
        x = pm.Gamma("x", 2.0, 1.0)
        pm.Potential("p", -x)
        d = pm.Deterministic("d", x + 1)
        pm.Normal("y", x, 1.0, observed=DATA)
    graph = model_graph(model, [d, "p", x])
    assert [v.name for v in graph.outputs] == ["d", "p", "x"]
    assert model_graph(model, x).outputs[0].owner.op is GammaRV


def test_an_unconstrained_value_used_by_hand():
    with pm.Model() as model:
        x = pm.Uniform("x", 0.0, pm.Exponential("top", 1.0))
        pm.Potential("p", -tt.sqr(x.transformed))
    there_and_back(model)


def test_deep_graphs_need_no_recursion():
    with pm.Model() as model:
        x = pm.Normal("x")
        y = x
        for _ in range(2000):
            y = y + 1.0
        pm.Normal("y", y, 1.0, observed=DATA)
    again = graph_model(model_graph(model))
    assert list(again.named_vars) == ["x", "y"]


def test_a_chain_of_many_variables():
    x = NormalRV(np.float64(0), np.float64(2), name="x0")
    for i in range(1, 40):
        x = NormalRV(x, np.float64(2), name=f"x{i}")
    model = graph_model(x)
    assert [v.name for v in model.free_RVs] == [f"x{i}" for i in range(40)]
    assert len(rvs_of(model_graph(model))) == 40


# What survives


def test_potentials_deterministics_and_dims():
    coords = {"county": pd.Index(["a", "b", "c"]), "year": pd.RangeIndex(2)}
    with pm.Model(coords=coords) as model:
        x = pm.Normal("x", dims="county")
        z = pm.Gamma("z", 2.0, 1.0, dims=("year", "county"))
        pm.Deterministic("d", x * z, dims=("year", "county"))
        pm.Potential("p", -tt.sqr(x).sum())
        pm.Normal("y", x, 1.0, observed=DATA, dims="county")
    graph, again = there_and_back(model)
    assert graph.coords == dict(model.coords)
    assert again.coords == model.coords and again.RV_dims == model.RV_dims
    (z,) = [v for v in rvs_of(graph) if v.name == "z"]
    assert z.tag.note.dims == ("year", "county") and z.tag.note.shape == (2, 3)


def test_data_containers_stay_the_same_shared_variables():
    with pm.Model(coords={"i": pd.RangeIndex(3)}) as model:
        t = pm.Data("t", np.arange(3.0), dims="i")
        y = pm.Data("y_data", DATA)
        unused = pm.Data("unused", np.ones(2))
        pm.Normal("y", pm.Normal("b") * t, 1.0, observed=y)
        pm.Poisson("k", 3.0, observed=pm.Data("counts", np.array([1, 2, 3])))
    graph, again = there_and_back(model)
    assert {t, y, unused} <= set(graph.inputs)
    assert again["t"] is t and again["y_data"] is y and again["unused"] is unused
    assert again.RV_dims["t"] == ("i",)
    with again:
        pm.set_data({"t": np.arange(5.0), "y_data": np.ones(5)})
    expected = stats.norm(0.5 * np.arange(5), 1).logpdf(1).sum() + stats.norm(0, 1).logpdf(0.5)
    np.testing.assert_allclose(again["y"].logp({"b": 0.5}) + again["b"].logp({"b": 0.5}), expected, rtol=1e-10)


def test_minibatches_and_total_size():
    with pm.Model() as model:
        mu = pm.Normal("mu")
        pm.Normal("y", mu, 1.0, observed=pm.Minibatch(np.arange(100.0), 10, in_memory_size=100), total_size=100)
        pm.Normal("z", mu, 1.0, observed=np.ones((4, 5)), total_size=(8, Ellipsis, 50))
        pm.Gamma("g", 1.0, 1.0, shape=4, total_size=12)
    graph = model_graph(model)
    again = graph_model(graph)
    for name, size in [("y", 100), ("z", (8, Ellipsis, 50)), ("g_log__", 12)]:
        assert again[name].total_size == size
    assert graph.outputs[0].owner.inputs[0].owner is not None
    point = {"g_log__": np.ones(4), "mu": 0.3}
    for name in ["z", "g_log__"]:
        np.testing.assert_allclose(again[name].logp(point), model[name].logp(point), rtol=1e-12)


@pytest.mark.filterwarnings("ignore:Data in")
def test_missing_data():
    counts = np.ma.masked_values([1, 0, 99, 2], 99)
    with pm.Model() as model:
        mu = pm.Normal("mu", 0.0, 2.0)
        y = pm.Normal("y", mu, 1.0, observed=np.array([0.3, np.nan, 1.0, np.nan]))
        pm.Poisson("k", tt.exp(mu), observed=counts)
        pm.Normal("m", mu, 2.0, observed=np.array([[0.3, np.nan, 1.0], [np.nan, 1.0, 2.0]]))
        pm.Deterministic("filled", y.missing_values * 2)
    graph, again = there_and_back(model)
    assert again["k_missing"].dtype == "int64"
    assert again["y"].observations.mask.tolist() == [False, True, False, True]
    missing = [v for v in rvs_of(graph) if v.name == "y_missing"]
    assert len(missing) == 1
    value = theano.function([], [missing[0], graph.outputs[0]], mode=PLAIN)
    drawn, whole = value()
    np.testing.assert_array_equal(whole[[1, 3]], drawn)
    assert whole[0] == 0.3


@pytest.mark.filterwarnings("ignore:Data in")
def test_missing_data_of_an_opaque_variable():
    with pm.Model() as model:
        mu = pm.Normal("mu", shape=2)
        pm.Mixture("y", np.array([0.3, 0.7]), pm.Normal.dist(mu, 1.0, shape=2), observed=np.array([0.3, np.nan, 1.0]))
    there_and_back(model)


def test_missing_entries_are_drawn_from_the_distribution_of_the_whole():
    with pm.Model() as model:
        pm.Normal("y", np.array([0.0, 5.0, 9.0]), 1.0, observed=np.array([0.3, np.nan, np.nan]))
    (y,) = model_graph(model, ["y_missing"]).outputs
    f = theano.function([], y, mode=PLAIN)
    x = np.array([f() for _ in range(1000)])
    assert stats.kstest((x - [5.0, 9.0]).ravel(), "norm").pvalue > 1e-3


def test_several_data_sets_observed_at_once():
    with pm.Model() as model:
        mu = pm.Normal("mu")
        pm.DensityDist("z", lambda a, b: -tt.sqr(a - mu * b), observed={"a": DATA, "b": mu}, total_size=30)
    graph, again = there_and_back(model)
    assert isinstance(graph.outputs[0].owner.op, Potential)
    assert again["z"].data["b"] is again["mu"]


def test_test_values():
    with pm.Model() as model:
        x = pm.Normal("x", testval=3.0)
        pm.Gamma("g", 2.0, 1.0, testval=np.array([1.0, 4.0]), shape=2)
        pm.Gamma("mode", 3.0, 1.0, testval="mode")
        pm.Normal("given", x, testval=x + 1)
    _, again = there_and_back(model)
    assert again["given"].tag.test_value == 4.0


def test_transforms():
    kinds = pm.distributions.transforms
    with pm.Model() as model:
        top = pm.Gamma("top", 2.0, 1.0)
        pm.HalfNormal("none", 1.0, transform=None)
        pm.HalfNormal("soft", 1.0, transform=kinds.log_exp_m1)
        pm.Uniform("same", 0.0, 1.0)
        pm.Uniform("other", 0.0, 1.0, transform=kinds.interval(-1.0, 2.0))
        pm.Normal("order", shape=3, transform=kinds.ordered, testval=np.arange(3.0))
        pm.Normal("chain", shape=3, transform=kinds.Chain([kinds.ordered]), testval=np.arange(3.0))
        pm.Exponential("moving", 1.0, transform=kinds.interval(0.0, top), testval=0.5)
        pm.Pareto("p", 2.0, top)
    graph, again = there_and_back(model)
    notes = {v.name: v.tag.note for v in rvs_of(graph)}
    assert notes["none"].transform is None and not notes["none"].default_transform
    assert notes["same"].default_transform and notes["p"].default_transform
    assert not notes["other"].default_transform
    assert again["moving"].transformation.b is again["top"]


def test_nested_models_keep_their_names():
    class Part(pm.Model):
        def __init__(self, name="", model=None):
            super().__init__(name, model, coords={"k": pd.RangeIndex(2)})
            self.x = pm.Normal("x", dims="k")
            pm.Deterministic("d", self.x + 1)

    with pm.Model() as model:
        first = Part("first")
        second = Part("second")
        pm.Normal("y", first.x + second.x, 1.0, observed=np.ones(2))
    again = graph_model(model_graph(model))
    assert list(again.named_vars) == list(model.named_vars)
    assert "first_x" in again.named_vars and again.RV_dims["second_x"] == ("k",)
    assert [v.name for v in model_graph(second).outputs] == ["second_d"]


def test_a_named_model_keeps_its_name():
    with pm.Model(name="m") as model:
        pm.Normal("x")
    graph = model_graph(model)
    assert graph.model_name == "m"
    again = graph_model(graph)
    assert again.name == "m" and list(again.named_vars) == ["m_x"]
    assert graph_model(graph, model_name="").name == ""


def test_a_model_without_checks_of_bounds():
    with pm.Model(check_bounds=False) as model:
        pm.Exponential("x", 1.0, transform=None)
    again = graph_model(model_graph(model))
    assert not again.check_bounds
    assert np.isfinite(again.logp({"x": -1.0})) and again.logp({"x": -1.0}) == model.logp({"x": -1.0})


def test_the_model_and_the_caller_are_left_alone():
    with pm.Model() as model:
        x = pm.HalfNormal("x", 1.0)
        pm.Deterministic("d", x + 1)
        pm.Potential("p", -x)
        pm.Normal("y", x, 1.0, observed=DATA)
    before = [(v, v.name, v.owner) for v in model.named_vars.values()]
    with theano.config.change_flags(compute_test_value="off"):
        with pm.Model() as outside, theano.config.change_flags(compute_test_value="warn"):
            again = graph_model(model_graph(model))
            assert theano.config.compute_test_value == "warn"
    assert [(v, v.name, v.owner) for v in model.named_vars.values()] == before
    assert again.isroot and not outside.named_vars
    graph = model_graph(model)
    names = [(v, v.name) for v in ancestors(graph.outputs)]
    graph_model(graph)
    assert [(v, v.name) for v in ancestors(graph.outputs)] == names


def test_an_empty_model():
    graph = model_graph(pm.Model())
    assert graph.outputs == [] and not graph_model(graph).named_vars


def test_there_and_back_twice_is_the_same_graph():
    model, Y, _ = regression()
    once = model_graph(model)
    twice = model_graph(graph_model(once))
    assert [n.op for n in once.toposort()] == [n.op for n in twice.toposort()]
    assert twice.outputs[0].owner.inputs[1].owner.inputs[4] is once.outputs[0].owner.inputs[1].owner.inputs[4]


# Graphs without notes


def test_a_hand_written_graph():
    mu = NormalRV(np.float64(0), np.float64(10), name="mu")
    s = HalfCauchyRV(np.float64(0), np.float64(5), name="s")
    a = NormalRV(mu, s, size=(4,), name="a")
    index = np.array([0, 1, 3])
    y = observed(tt.as_tensor_variable(DATA), NormalRV(a[index], np.float64(1), name="y"))
    model = graph_model(y)
    with pm.Model() as expected:
        mu = pm.Normal("mu", 0, 10)
        s = pm.HalfCauchy("s", 5)
        a = pm.Normal("a", mu, s, shape=4)
        pm.Normal("y", a[index], 1.0, observed=DATA)
    assert model["a"].dshape == (4,)
    for v in model.free_RVs:
        point = {k: x + 0.3 for k, x in model.test_point.items()}
        np.testing.assert_allclose(model[v.name].logp(point), expected[v.name].logp(point), rtol=1e-10)
    np.testing.assert_allclose(model.logp(point), expected.logp(point), rtol=1e-10)


def test_shapes_from_the_parameters():
    a = tt.dvector("a")
    a.tag.test_value = np.zeros(3)
    rvs = [
        NormalRV(a, np.float64(1), name="x"),
        MvNormalRV(a, np.eye(3), name="v"),
        MvNormalRV(a, np.eye(3), size=(2,), name="m"),
        DirichletRV(np.ones((2, 3)), name="w"),
        ExponentialRV(np.float64(1), size=(2, 1), name="e"),
        PoissonRV(tt.exp(a), name="k"),
    ]
    model = graph_model(rvs)
    shapes = {v.name: model[v.name].dshape for v in rvs}
    assert shapes == {"x": (3,), "v": (3,), "m": (2, 3), "w": (2, 3), "e": (2, 1), "k": (3,)}


def test_the_name_of_an_observed_variable_may_stand_on_either_side():
    y = observed(np.float64(1), NormalRV(np.float64(0), np.float64(1)))
    y.name = "y"
    assert list(graph_model(y).named_vars) == ["y"]
    y.owner.inputs[1].name = "Y_new"
    assert list(graph_model(y).named_vars) == ["Y_new"]


def test_an_observed_variable_used_as_a_value():
    with pm.Model() as model:
        y = pm.Normal("y", 0.0, 1.0, observed=DATA)
        pm.Normal("z", y, 1.0, observed=DATA + 1)
        pm.Deterministic("d", y * 2)
    there_and_back(model)


def test_notes_are_on_the_variables_that_have_one():
    with pm.Model() as model:
        x = pm.Normal("x")
        pm.Deterministic("d", x)
        pm.Normal("y", x, 1.0, observed=DATA)
    for v in model_graph(model).outputs:
        assert isinstance(v.tag.note, Note)


def test_sampling_the_model_that_came_back():
    with pm.Model() as model:
        mu = pm.Normal("mu", 1.0, 2.0)
        pm.Mixture("x", np.array([0.4, 0.6]), [pm.Normal.dist(mu, 0.1), pm.Normal.dist(-mu, 0.1)])
        pm.Normal("y", mu, pm.HalfNormal("s", 1.0), observed=DATA)
    again = graph_model(model_graph(model))
    drawn = pm.sample_prior_predictive(400, model=again, random_seed=1)
    np.testing.assert_allclose(drawn["mu"].mean(), 1.0, atol=0.5)
    np.testing.assert_allclose(abs(drawn["x"]), abs(drawn["mu"]), atol=0.6)
    assert drawn["y"].shape == (400, 3)


def generators(graph):
    return [v.owner.inputs[0] for v in rvs_of(graph)]


def test_seeded_generators_repeat_the_draws():
    with pm.Model() as model:
        pm.Normal("y", pm.Normal("x"), 1.0)
    graph = model_graph(model)
    f = theano.function([], graph.outputs, mode=PLAIN)
    for rng in generators(graph):
        rng.set_value(fresh_rng(4).get_value())
    first = f()
    for rng in generators(graph):
        rng.set_value(fresh_rng(4).get_value())
    assert f() == first != f()


def test_variables_keep_their_test_values():
    with pm.Model() as model:
        x = pm.Gamma("x", 2.0, 1.0, shape=2, testval=np.array([1.0, 3.0]))
        d = pm.Deterministic("d", x + 1)
        pm.Potential("p", -d.sum())
        pm.Normal("y", d, 1.0, observed=np.ones(2))
    graph = model_graph(model)
    with theano.config.change_flags(compute_test_value="raise"):
        for v in [*graph.outputs, *rvs_of(graph)]:
            np.testing.assert_array_equal(v.get_test_value(), model[v.name].tag.test_value)
            assert (v + 1).tag.test_value.shape == v.get_test_value().shape


def opaque_names(graph):
    return {v.name for v in rvs_of(graph) if isinstance(v.owner.op, OpaqueRV)}


def test_what_does_not_fit_its_row_travels_whole():
    class Mine(pm.Normal):
        def logp(self, value):
            return 2 * super().logp(value)

    with pm.Model() as model:
        s = pm.Exponential("s", 1.0)
        Mine("subclass", 0.0, s)
        pm.Normal("single", 0.0, s, dtype="float32")
        pm.Poisson("short", 3.0, dtype="int16")
        pm.Exponential("moving", 1.0, transform=pm.distributions.transforms.interval(0.0, s + 1), testval=0.5)
        pm.Normal("y", np.zeros(3), s, observed=1.0)
        pm.Dirichlet("rows", np.array([[1.0, 2.0]]), shape=(3, 2))
    graph, _ = there_and_back(model)
    assert opaque_names(graph) == {"subclass", "single", "short", "moving", "y", "rows"}
    drawn = theano.function([], graph.outputs[1:], mode=PLAIN)()
    assert all(np.all(np.isfinite(x)) for x in drawn)
    with pytest.raises(ModelGraphError, match=r"draws of shape \(3,\), the variable has the shape \(\)"):
        graph.outputs[0].owner.inputs[1].eval()


def test_shapes_with_an_axis_of_length_one():
    with pm.Model() as model:
        s = pm.Exponential("s", 1.0)
        pm.Normal("a", 0.0, s, shape=1)
        pm.Normal("b", np.zeros((2, 1)), s, shape=(2, 1))
        pm.Normal("c", np.zeros(1) + s, 1.0, shape=(1,))
        pm.MvNormal("m", np.zeros(1), np.eye(1), shape=1)
        pm.MvNormal("n", np.zeros(2), np.eye(2), shape=(1, 2))
        pm.Dirichlet("w", np.ones((1, 2)), shape=(1, 2))
        pm.Normal("y", 0.0, s, observed=np.ones((1, 3)))
    graph, _ = there_and_back(model)
    assert not opaque_names(graph)
    for v in rvs_of(graph):
        value = v.eval()
        assert v.type == model[v.name].type and v.type.is_valid_value(value)


def test_data_of_unknown_length():
    data, x = tt.dvector("data"), theano.shared(np.arange(3.0), "x")
    data.tag.test_value = DATA
    with pm.Model() as model:
        b = pm.Normal("b")
        pm.Normal("y", b, 1.0, observed=data)
        pm.Normal("z", b * x, 1.0, observed=data)
    y, z = model_graph(model).outputs
    assert x in ancestors([z])
    f = theano.function([data], [y.owner.inputs[1], z.owner.inputs[1]], mode=PLAIN, givens={x: data})
    assert [v.shape for v in f(np.ones(7))] == [(7,), (7,)]
    again = graph_model(model_graph(model))
    for m in (model, again):
        logp = theano.function([data], theano.clone(m.logpt, {m["b"]: tt.constant(0.3)}), mode=PLAIN)
        expected = (
            stats.norm(0, 1).logpdf(0.3)
            + stats.norm(0.3).logpdf(2) * 3
            + stats.norm(0.3 * np.arange(3)).logpdf(2).sum()
        )
        np.testing.assert_allclose(logp(2 * np.ones(3)), expected, rtol=1e-10)


def test_gaussian_processes():
    X = np.linspace(0, 1, 4)[:, None]
    with pm.Model() as model:
        length = pm.Gamma("length", 2.0, 1.0)
        latent = pm.gp.Latent(cov_func=pm.gp.cov.ExpQuad(1, length)).prior("f", X=X)
        pm.Normal("y", latent, 1.0, observed=np.arange(4.0))
        marginal = pm.gp.Marginal(cov_func=pm.gp.cov.Matern32(1, length))
        marginal.marginal_likelihood("z", X=X, y=np.arange(4.0), noise=0.1)
    there_and_back(model)
