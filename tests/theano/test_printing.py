"""Theano graphs and PyMC3 models as mathematics."""

import numpy as np
import pymc3 as pm
import pytest
import theano
import theano.sparse
import theano.tensor as tt
from theano.compile.ops import as_op
from theano.ifelse import ifelse

import symbolic_pymc as sp
from symbolic_pymc import distributions
from symbolic_pymc.errors import ConversionError
from symbolic_pymc.theano.meta import mt
from symbolic_pymc.theano.opt import FunctionGraph
from symbolic_pymc.theano.printing import tt_pprint, tt_tprint
from symbolic_pymc.theano.pymc3 import model_graph
from symbolic_pymc.theano.random_variables import DISTRIBUTIONS
from tests.test_printing import assert_well_formed
from tests.theano.pymc3_models import MODELS

POSTERIOR = """\
F in R**(N^F_0 x N^F_1), a in R**(N^a_0), R in R**(N^R_0 x N^R_1)
V in R**(N^V_0 x N^V_1)
beta ~ N(a, R) in R**(N^beta_0), Y ~ N((F * beta), V) in R**(N^Y_0)
Y = [-3.]"""


@pytest.fixture(scope="module")
def posterior_model():
    a, R, F, V = tt.vector("a"), tt.matrix("R"), tt.matrix("F"), tt.matrix("V")
    a.tag.test_value = np.r_[1.0, 0.0]
    R.tag.test_value = np.diag([10.0, 10.0])
    F.tag.test_value = np.c_[-2.0, 1.0]
    V.tag.test_value = np.diag([0.5])
    y = tt.as_tensor_variable(np.r_[-3.0])
    y.name = "y"
    with pm.Model() as model:
        beta = pm.MvNormal("beta", a, R, shape=(2,))
        pm.MvNormal("Y", tt.dot(F, beta), V, observed=y)
    return model


@pytest.fixture(scope="module")
def groups_model():
    """The model of the second example, small, with what else a model may hold."""
    county, floor = np.arange(30) % 5, np.arange(30) % 2
    with pm.Model() as model:
        mu_a = pm.Normal("mu_a", mu=0.0, sigma=100.0**2)
        sigma_a = pm.HalfCauchy("sigma_a", 5)
        a = pm.Normal("a", mu=mu_a, sigma=sigma_a, shape=5)
        shift = pm.Deterministic("shift", a - mu_a)
        X = pm.Data("X", np.ones((30, 2)))
        theta = pm.Normal("theta", 0, 1, shape=2)
        eps = pm.HalfCauchy("eps", 5)
        pm.Normal("Y", a[county] * floor + tt.dot(X, theta), eps, observed=np.linspace(0, 1, 30))
        pm.Potential("penalty", -tt.sum(shift**2))
    return model


def test_example_a_prints_exactly(posterior_model):
    fgraph = model_graph(posterior_model, output_vars=[posterior_model["Y"]])
    assert tt_pprint(fgraph) == POSTERIOR
    assert tt_pprint(posterior_model) == POSTERIOR
    assert tt_pprint(mt(fgraph)) == str(mt(fgraph)) == POSTERIOR
    assert_well_formed(tt_tprint(posterior_model))


def test_the_closed_form_posterior_reads_as_well(posterior_model):
    result = sp.conjugate_graph(model_graph(posterior_model, output_vars=[posterior_model["Y"]]))
    *_, declared, law = tt_pprint(result).split("\n")
    assert law.startswith("beta ~ N(") and law.endswith(") in R**(N^beta_0)")
    assert "[-3.]" in law and "**-1" in declared + law
    assert_well_formed(result._repr_latex_())


def test_a_model_of_groups(groups_model):
    assert tt_pprint(groups_model) == (
        "X in R**(N^X_0 x N^X_1)\n"
        "mu_a ~ N(0., 10000.) in R, sigma_a ~ C**+(0., 5.) in R\n"
        "a ~ N(mu_a, sigma_a) in R**(N^a_0), theta ~ N(0., 1.) in R**(N^theta_0)\n"
        "eps ~ C**+(0., 5.) in R\n"
        "Y ~ N(((a[[0 1 ... 3 4]] * [0 1 ... 0 1]) + (X * theta)), eps) in R**(N^Y_0)\n"
        "shift = a - mu_a\n"
        "penalty = -sum(shift**2)\n"
        "Y = [0. 0.034483 ... 0.965517 1.]\n"
        "log p += penalty"
    )
    assert_well_formed(tt_tprint(groups_model))


def test_the_reparameterised_model_reads_as_well(groups_model):
    text = tt_pprint(sp.reparam_graph(groups_model))
    assert "a_offset ~ N(0., 1.) in R**(N^a_offset_0)\na = mu_a + (sigma_a * a_offset)\n" in text


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_every_distribution_has_its_name_and_parameters_alone(name):
    op, params = DISTRIBUTIONS[name]
    inputs = [tt.TensorType("float64", (False,) * n)(p) for p, n in zip(params, op.ndims_params)]
    if name in ("multinomial", "dirichletmultinomial", "betabinomial", "binomial"):
        inputs[0] = tt.lscalar(params[0])
    drawn = tt_pprint(op(*inputs, name="rv")).split("\n")[-1]
    row = distributions.DISTRIBUTIONS.get(name)
    printed = row.printed[0] if row else name
    assert f"rv ~ {printed}({', '.join(params)}) in " in drawn
    assert_well_formed(tt_tprint(op(*inputs, name="rv")))


def test_distributions_that_travel_whole():
    with pm.Model() as model:
        sigma = pm.HalfNormal("sigma", 1.0)
        pm.GaussianRandomWalk("walk", sigma=sigma, shape=5)
        normals = pm.Normal.dist(mu=np.r_[0.0, 1.0], sigma=sigma, shape=2)
        pm.Mixture("mix", w=np.r_[0.4, 0.6], comp_dists=normals)
    text = tt_pprint(model)
    assert "walk ~ GaussianRandomWalk(sigma) in R**(N^walk_0)" in text
    assert "mix ~ Mixture(sigma" in text
    assert_well_formed(tt_tprint(model))


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_models_of_every_distribution_print(name):
    with theano.config.change_flags(cxx=""), pm.Model() as model:
        MODELS[name]()
    text = tt_pprint(model)
    for variable in model.unobserved_RVs + model.observed_RVs:
        if not variable.name.endswith("_"):
            assert variable.name in text
    assert_well_formed(tt_tprint(model))


M, x, y, s = tt.matrix("M"), tt.vector("x"), tt.vector("y"), tt.scalar("s")
idx = tt.lvector("idx")


@as_op(itypes=[tt.dvector], otypes=[tt.dvector])
def smooth(x):
    return x


@pytest.mark.parametrize(
    "variable, written",
    [
        (M[:, None, idx], "M[:, None, idx]"),
        (M[idx, : idx[0]], "M[idx, :idx[0]]"),
        (tt.AdvancedSubtensor()(M, idx, tt.type_other.NoneConst), "M[idx, None]"),
        (tt.nnet.softmax(M), "softmax(M)"),
        (tt.cumsum(x), "cumsum(x)"),
        (tt.cumprod(M, axis=0), "cumprod(M, axis=0)"),
        (x.mean(), "mean = sum(x) / shape(x)[0]"),
        (tt.patternbroadcast(x, (True,)) * y, "(x * y)"),
        (tt.batched_dot(tt.tensor3("P"), tt.tensor3("Q")), "(P * Q)"),
        (ifelse(tt.gt(s, 0), x, y), "{x if s > 0, y otherwise}"),
        (smooth(x), "smooth(x)"),
        (tt.slinalg.Cholesky(lower=False)(M), "chol(M).T"),
        (tt.max_and_argmax(M, axis=1)[1], "argmax(M, axis=1)"),
        (tt.minimum(x, -1e30), "minimum(x, -1.e+30)"),
        (tt.sort(x), "sort(x, -1)"),
        (theano.sparse.dot(theano.sparse.csr_matrix("S"), M), "(S * M)"),
        (tt.repeat(x, 3), "reshape("),
        (tt.split(x, [1, 2], 2)[1], "split(x, 0, [1 2])[1]"),
        (tt.opt.Assert("positive")(x, tt.gt(s, 0)) + 1.0, "(x + 1.)"),
        (tt.tri(3, 4, 0), "tri(3, 4, 0)"),
    ],
)
def test_operators_of_theano_alone(variable, written):
    assert written in tt_pprint(variable).split("\n")[-1]
    assert_well_formed(tt_tprint(variable))


def test_an_optimised_graph_prints_too():
    f = theano.function([x, y], tt.exp(x) + 2 * x * y, mode=theano.compile.mode.Mode("py", "fast_run"))
    text = tt_pprint(f.maker.fgraph)
    assert text.startswith("x in R**(N^x_0), y in R**(N^y_0)")
    assert_well_formed(tt_tprint(f.maker.fgraph))


def test_every_output_of_a_graph_is_written():
    graph = FunctionGraph(None, [x, x + y, tt.exp(x + y), tt.as_tensor_variable(2.0)])
    assert tt_pprint(graph) == "x in R**(N^x_0), y in R**(N^y_0)\na = x + y\nexp(a)\n2."


def test_a_node_prints_as_its_operator():
    assert tt_pprint((x + y).owner) == "x in R**(N^x_0), y in R**(N^y_0)\n(x + y)"


def test_printing_leaves_the_graph_alone(posterior_model):
    fgraph = model_graph(posterior_model)
    before = theano.printing.debugprint(fgraph, file="str", ids="id")
    tt_pprint(fgraph), tt_tprint(fgraph)
    assert theano.printing.debugprint(fgraph, file="str", ids="id") == before


@pytest.mark.parametrize("wrong", [3, "x", None, [tt.vector()]])
def test_what_is_no_graph_is_refused(wrong):
    with pytest.raises(ConversionError, match="model_graph takes a pymc3.Model"):
        tt_pprint(wrong)
