"""PyTensor graphs and PyMC models as mathematics."""

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest

import symbolic_pymc as sp
from symbolic_pymc import distributions
from symbolic_pymc.errors import ConversionError
from symbolic_pymc.pytensor.meta import mt
from symbolic_pymc.pytensor.printing import tt_pprint, tt_tprint
from symbolic_pymc.pytensor.pymc import model_graph
from symbolic_pymc.pytensor.random_variables import DISTRIBUTIONS, make_rv
from tests.pytensor.models import MODELS, make
from tests.test_printing import assert_well_formed

POSTERIOR = """\
F in R**(N^F_0 x N^F_1), a in R**(N^a_0), R in R**(N^R_0 x N^R_1)
V in R**(N^V_0 x N^V_1)
beta ~ N(a, R) in R**(N^beta_0), Y ~ N((F * beta), V) in R**(N^Y_0)
Y = [-3.]"""


@pytest.fixture(scope="module")
def posterior_model():
    a, R, F, V = pt.vector("a"), pt.matrix("R"), pt.matrix("F"), pt.matrix("V")
    with pm.Model() as model:
        beta = pm.MvNormal("beta", a, R, shape=(2,))
        pm.MvNormal("Y", pt.dot(F, beta), V, observed=np.r_[-3.0])
    return model


def test_example_a_prints_exactly(posterior_model):
    assert tt_pprint(posterior_model) == POSTERIOR
    assert tt_pprint(model_graph(posterior_model)) == POSTERIOR
    assert str(mt(model_graph(posterior_model))) == POSTERIOR
    assert_well_formed(tt_tprint(posterior_model))


def test_the_closed_form_posterior_reads_as_well(posterior_model):
    result = sp.conjugate_graph(model_graph(posterior_model))
    *_, declared, law = tt_pprint(result).split("\n")
    assert law.startswith("beta ~ N(") and law.endswith(") in R**(N^beta_0)")
    assert "[-3.]" in law and "**-1" in declared + law
    assert_well_formed(result._repr_latex_())


def test_a_model_with_data_dims_and_marks():
    with pm.Model(coords={"obs": range(6), "c": ["a", "b"]}) as model:
        X = pm.Data("X", np.ones((6, 2)), dims=("obs", "c"))
        w = pm.Normal("w", 0, 1, shape=2)
        sigma = pm.HalfNormal("sigma", 2.0)
        mu = pm.Deterministic("mu", X @ w)
        pm.Normal("Y", mu, sigma, observed=np.arange(6.0), dims="obs")
        pm.Potential("penalty", -(w.sum() ** 2))
    assert tt_pprint(model) == (
        "X in R**(N^X_0 x N^X_1)\n"
        "w ~ N(0., 1.) in R**(2)\n"
        "mu = X * w\n"
        "sigma ~ N**+(0., 2.) in R, Y ~ N(mu, sigma) in R**(N^Y_0)\n"
        "penalty = -(sum(w)**2)\n"
        "Y = [0. 1. 2. 3. 4. 5.]\n"
        "log p += penalty"
    )
    assert_well_formed(tt_tprint(model))


def test_known_sizes_are_numbers():
    assert tt_pprint(pt.tensor("x", shape=(3, None))) == "x in R**(3 x N^x_1)"


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_every_distribution_has_its_name_and_parameters_alone(name):
    row = DISTRIBUTIONS[name]
    inputs = [pt.tensor(p, shape=(None,) * n) for p, n in zip(row.params, row.op.ndims_params)]
    if name in ("multinomial", "betabinomial", "binomial"):
        inputs[0] = pt.lscalar(row.params[0])
    drawn = make_rv(row.op, inputs, name="rv")
    printed = distributions.DISTRIBUTIONS[name].printed[0]
    assert f"rv ~ {printed}({', '.join(row.params)}) in " in tt_pprint(drawn).split("\n")[-1]
    assert_well_formed(tt_tprint(drawn))


def test_distributions_that_pymc_hides_in_a_graph():
    with pm.Model() as model:
        sigma = pm.HalfNormal("sigma", 1.0)
        pm.Censored("cut", pm.Normal.dist(0.0, sigma), lower=0.0, upper=None)
        pm.GaussianRandomWalk("walk", sigma=sigma, init_dist=pm.Normal.dist(0, 1), steps=4)
        pm.CustomDist("own", sigma, logp=lambda value, sigma: -value * sigma)
        pm.LKJCholeskyCov("chol", n=2, eta=2.0, sd_dist=pm.HalfNormal.dist(1.0))
    text = tt_pprint(model)
    for law in ("cut ~ Censored(", "walk ~ RandomWalk(", "own ~ CustomDist_own(sigma)", "~ lkjcholeskycov("):
        assert law in text
    assert_well_formed(tt_tprint(model))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", MODELS)
def test_models_of_every_kind_print(name):
    model = make(name)
    text = tt_pprint(model)
    assert all(variable.name in text for variable in model.basic_RVs)
    assert_well_formed(tt_tprint(model))


M, x, s = pt.matrix("M"), pt.vector("x"), pt.scalar("s")


@pytest.mark.parametrize(
    "variable, written",
    [
        (pt.matmul(M, M), "(M * M)"),
        (pt.special.softmax(M, axis=1), "softmax(M, axis=1)"),
        (pt.cumsum(M, axis=0), "cumsum(M, axis=0)"),
        (pt.specify_shape(x, (3,)) + 1, "(x + 1)"),
        (pt.sort(x), "sort(x"),
        (pt.linalg.kron(M, M), "kron(M, M)"),
        (pt.where(pt.ge(s, 0), s, -s), "{s if s >= 0, -s otherwise}"),
        (pm.math.invlogit(x), "sigmoid(x)"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_operators_of_pytensor_alone(variable, written):
    assert written in tt_pprint(variable).split("\n")[-1]
    assert_well_formed(tt_tprint(variable))


@pytest.mark.parametrize("wrong", [3, "x", None])
def test_what_is_no_graph_is_refused(wrong):
    with pytest.raises(ConversionError):
        tt_pprint(wrong)
