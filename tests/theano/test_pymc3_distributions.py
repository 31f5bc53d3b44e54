"""Every distribution that PyMC3 exports, there and back."""

import pymc3 as pm
import pytest
import theano

from symbolic_pymc.theano.pymc3 import graph_model, model_graph
from symbolic_pymc.theano.pymc3_distributions import PYMC3_CLASSES
from symbolic_pymc.theano.random_variables import DISTRIBUTIONS
from tests.theano.pymc3_models import MODELS, NOT_DISTRIBUTIONS, assert_same_model, model_of


@pytest.fixture(autouse=True)
def without_compiler():
    with theano.config.change_flags(cxx="", compute_test_value="off"):
        yield


def test_every_exported_name_has_a_model():
    assert set(MODELS) | set(NOT_DISTRIBUTIONS) == set(pm.distributions.__all__)


def test_every_row_has_its_pymc3_class():
    assert set(PYMC3_CLASSES) == set(DISTRIBUTIONS)
    assert {cls.__name__.lower() for cls in PYMC3_CLASSES.values()} == set(DISTRIBUTIONS)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", MODELS)
def test_round_trip(name):
    model = model_of(name)
    before = {n: (v, v.name) for n, v in model.named_vars.items()}
    point = model.test_point
    again = graph_model(model_graph(model))
    assert_same_model(model, again)
    assert {n: (v, v.name) for n, v in model.named_vars.items()} == before
    assert all((model.test_point[n] == v).all() for n, v in point.items())
