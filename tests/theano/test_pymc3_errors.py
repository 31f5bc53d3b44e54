"""What is no model, or no graph of one, is refused: a typed error says which variable and what to do."""

import numpy as np
import pymc3 as pm
import pytest
import theano
import theano.tensor as tt
from theano.tensor.random import basic

from symbolic_pymc.errors import (
    ConversionError,
    ModelGraphError,
    SymbolicPyMCError,
    UnsupportedDistributionError,
)
from symbolic_pymc.note import Note
from symbolic_pymc.theano.markers import deterministic, observed, potential
from symbolic_pymc.theano.pymc3 import graph_model, model_graph
from symbolic_pymc.theano.pymc3_distributions import pymc3_dist
from symbolic_pymc.theano.random_variables import (
    HalfCauchyRV,
    HalfNormalRV,
    MvNormalRV,
    NormalRV,
    PoissonRV,
)

ZERO, ONE = np.float64(0), np.float64(1)
DATA = np.array([0.4, 1.7, 0.9])


@pytest.fixture(autouse=True)
def without_compiler():
    with theano.config.change_flags(cxx="", compute_test_value="off"):
        yield


def normal(name=None, mu=ZERO, sigma=ONE, **kwargs):
    return NormalRV(mu, sigma, name=name, **kwargs)


def named(variable, name):
    variable.name = name
    return variable


def with_note(variable, **fields):
    variable.tag.note = Note(**fields)
    return variable


def twice():
    y = normal("y")
    return [observed(ONE, y), observed(ZERO, y)]


def cycle():
    x = normal("x")
    y = x + 1
    z = NormalRV(y, ONE, name="z")
    y.owner.inputs[0] = z
    return z


def orphan():
    """Missing entries whose observed variable is not in the graph."""
    with pm.Model() as model:
        pm.Normal("y", 0.0, 1.0, observed=np.array([0.3, np.nan]))
    return model_graph(model, "y_missing").outputs


def renamed_missing():
    with pm.Model() as model:
        y = pm.Normal("y", 0.0, 1.0, observed=np.array([0.3, np.nan]))
        pm.Deterministic("d", y.missing_values + 0.0)
    graph = model_graph(model)
    for v in graph.variables:
        if v.name == "y_missing":
            v.name = "other"
    return graph


# what makes the graph, the error, what its message says
GRAPHS = {
    "a number": (lambda: 3, ConversionError, "FunctionGraph"),
    "a list with a string": (lambda: [normal("x"), "y"], ConversionError, "str"),
    "an unnamed random variable": (
        lambda: normal(mu=normal("x")),
        ModelGraphError,
        r"normal_rv\(x, .*\.name",
    ),
    "an unnamed observed variable": (lambda: observed(ONE, normal()), ModelGraphError, r"\.name"),
    "an unnamed deterministic": (lambda: deterministic(normal("x")), ModelGraphError, "deterministic.*name"),
    "an unnamed potential": (lambda: potential(normal("x")), ModelGraphError, "potential.*name"),
    "one name twice": (lambda: [normal("x"), normal("x")], ModelGraphError, "x: two variables"),
    "one name on a variable and a deterministic": (
        lambda: named(deterministic(normal("x") + 1), "x"),
        ModelGraphError,
        "x: two variables",
    ),
    "an observed vector of a number": (
        lambda: observed(DATA, normal("y")),
        ModelGraphError,
        "y: the observed value has 1 dimensions",
    ),
    "an observed vector of the wrong length": (
        lambda: observed(DATA, normal("y", size=(4,))),
        ModelGraphError,
        r"y: the observed value has the shape \(3,\), the variable \(4,\)",
    ),
    "an observed matrix of the wrong shape": (
        lambda: observed(np.ones((2, 3)), MvNormalRV(np.zeros(2), np.eye(2), size=(2,), name="y")),
        ModelGraphError,
        r"y: .*\(2, 3\).*\(2, 2\)",
    ),
    "an observed fraction of a count": (
        lambda: observed(DATA, PoissonRV(ONE, size=(3,), name="k")),
        ModelGraphError,
        "k: the observed value is float64, the variable int64",
    ),
    "an observed expression": (lambda: observed(ONE, normal("x") + 1), ModelGraphError, "no random variable"),
    "a variable observed twice": (twice, ModelGraphError, "y: observed twice"),
    "an input without a test value": (
        lambda: normal("x", mu=tt.dscalar("mu")),
        ModelGraphError,
        "mu.*test_value",
    ),
    "a size that is not known": (
        lambda: normal("x", size=tt.stack([tt.lscalar("n")])),
        ModelGraphError,
        "n: .*test_value",
    ),
    "parameters that do not broadcast": (
        lambda: NormalRV(*map(tt.as_tensor_variable, (np.zeros(2), np.ones(3))), size=(2,), name="x"),
        SymbolicPyMCError,
        "x",
    ),
    "a note of another shape": (
        lambda: with_note(normal("x", size=(3,)), shape=(2,)),
        ModelGraphError,
        r"x: its note gives it the shape \(2,\)",
    ),
    "dims without coords": (
        lambda: with_note(normal("x", size=(3,)), shape=(3,), dims=("county",)),
        ModelGraphError,
        "PyMC3 cannot build x",
    ),
    "an Op of Theano's that has no row": (
        lambda: basic.randint(3, name="x"),
        UnsupportedDistributionError,
        "x: .*no distribution",
    ),
    "Theano's own gamma, which holds a scale": (
        lambda: basic.gamma(ONE, ONE, name="x"),
        UnsupportedDistributionError,
        "x: .*DISTRIBUTIONS",
    ),
    "a half distribution that does not start at zero": (
        lambda: HalfNormalRV(ONE, ONE, name="x"),
        UnsupportedDistributionError,
        "x: .*add the location",
    ),
    "a half distribution that starts at a variable": (
        lambda: HalfCauchyRV(normal("loc"), ONE, name="x"),
        UnsupportedDistributionError,
        "x: ",
    ),
    "an error below another variable": (
        lambda: named(deterministic(basic.randint(3, name="inner") + 1), "outer"),
        UnsupportedDistributionError,
        "^inner: ",
    ),
    "a cycle": (cycle, ModelGraphError, "cycle"),
    "missing entries of nothing": (orphan, ModelGraphError, "y_missing: .*observe the whole"),
    "missing entries under another name": (renamed_missing, ModelGraphError, "y_missing"),
}


@pytest.mark.filterwarnings("ignore:Data in")
@pytest.mark.parametrize("case", GRAPHS)
def test_graphs_that_are_no_models(case):
    build, error, message = GRAPHS[case]
    with pytest.raises(error, match=message):
        graph_model(build())
    assert not pm.Model.get_contexts()


def two_data_sets_with_holes():
    pm.DensityDist("z", lambda a, b: -tt.sqr(a - b), observed={"a": np.array([1.0, np.nan]), "b": np.ones(2)})


@pytest.mark.filterwarnings("ignore:Data in")
def test_missing_entries_among_several_data_sets():
    with pm.Model() as model:
        two_data_sets_with_holes()
    with pytest.raises(UnsupportedDistributionError, match="z ~ DensityDist: missing.*variable of its own"):
        model_graph(model)


def test_a_density_that_is_no_graph():
    def logp(value):
        if not pm.Model.get_contexts():
            raise ValueError("outside of the model")
        return -tt.sqr(value)

    with pm.Model() as model:
        pm.DensityDist("z", logp)
    with pytest.raises(UnsupportedDistributionError, match="z ~ DensityDist: .*outside of the model.*write it"):
        model_graph(model)


@pytest.mark.parametrize("thing", [3, None, "model", normal("x")])
def test_model_graph_of_no_model(thing):
    with pytest.raises(ConversionError, match="pymc3.Model"):
        model_graph(thing)


def test_outputs_that_are_not_in_the_model():
    with pm.Model() as model:
        pm.Normal("x")
    with pm.Model():
        other = pm.Normal("x")
    for wanted in ["z", [other], tt.dscalar("u")]:
        with pytest.raises(ModelGraphError, match="no variable of the model; choose among x"):
            model_graph(model, wanted)
    with pytest.raises(ModelGraphError, match="the model is empty"):
        model_graph(pm.Model(), "x")


def test_no_distribution_for_an_op():
    with pytest.raises(UnsupportedDistributionError):
        pymc3_dist(basic.choice, [])


def test_every_error_is_ours():
    for error in (ConversionError, ModelGraphError, UnsupportedDistributionError):
        assert issubclass(error, SymbolicPyMCError)
