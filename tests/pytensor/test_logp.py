"""The log density of one random variable of a PyTensor graph, against scipy."""

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.compile.mode import Mode
from pytensor.graph.replace import clone_replace
from scipy import stats

from symbolic_pymc.errors import ConversionError, ModelGraphError
from symbolic_pymc.pytensor.logp import log_density
from symbolic_pymc.pytensor.pymc import model_graph
from symbolic_pymc.pytensor.random_variables import (
    DISTRIBUTIONS,
    CategoricalRV,
    DirichletRV,
    MultinomialRV,
    MvNormalRV,
    NormalRV,
    PoissonRV,
    WeibullRV,
    make_rv,
)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

x = np.r_[0.3, 0.7]
counts = np.array([[1, 1, 2], [2, 2, 0]])
p3 = np.r_[0.2, 0.3, 0.5]
rows = np.array([[0.2, 0.8], [0.6, 0.4]])
cov = np.array([[2.0, 0.3], [0.3, 1.0]])

DENSITIES = {
    "a batch by parameters": (NormalRV, (0.5, np.r_[1.0, 2.0]), None, x, stats.norm.logpdf(x, 0.5, [1, 2])),
    "a batch by size": (NormalRV, (0.5, 2.0), (2,), x, stats.norm.logpdf(x, 0.5, 2)),
    "counts": (PoissonRV, (2.0,), (2,), np.r_[1, 3], stats.poisson.logpmf([1, 3], 2)),
    "what PyMC wraps": (WeibullRV, (2.0, 1.5), (2,), x, stats.weibull_min.logpdf(x, 2, scale=1.5)),
    "vectors": (MvNormalRV, (np.zeros(2), cov), (2,), rows, stats.multivariate_normal.logpdf(rows, cov=cov)),
    "counts of samples": (MultinomialRV, (4, p3), (2,), counts, stats.multinomial.logpmf(counts, 4, p3)),
    "a proportion": (DirichletRV, (p3,), None, p3, stats.dirichlet.logpdf(p3, p3)),
    "a category each": (CategoricalRV, (rows,), None, np.r_[1, 0], np.log([0.8, 0.6])),
}


def evaluate(graph, values):
    mode = Mode(linker="py", optimizer=None)
    return pytensor.function(list(values), graph, mode=mode, on_unused_input="ignore")(*values.values())


@pytest.mark.parametrize("name", DENSITIES)
def test_log_densities_are_those_of_scipy(name):
    op, params, size, value, expected = DENSITIES[name]
    got = evaluate(log_density(make_rv(op, params, size=size), value), {})
    assert got.shape == np.shape(expected)
    np.testing.assert_allclose(got, expected, rtol=1e-10)


REAL = {name: row for name, row in DISTRIBUTIONS.items() if row.op.dtype == "float64" and row.op.ndim_supp == 0}
WRAPPED = [name for name, row in REAL.items() if row.wrapped is not None]


@pytest.mark.parametrize("upper", [np.inf, 1e3])
@pytest.mark.parametrize("mu", [-1.0, -30.0, -1000.0])
def test_constants_of_densities_have_double_precision(mu, upper):
    """The square root of two in single precision would cost a part in 1e-8 of the square of the mean."""
    rv = make_rv(DISTRIBUTIONS["truncatednormal"].op, (mu, 1.0, 0.0, upper))
    expected = stats.truncnorm.logpdf(0.1, -mu, upper - mu, loc=mu)
    np.testing.assert_allclose(log_density(rv, 0.1).eval(), expected, rtol=1e-11)


@pytest.mark.parametrize("name", WRAPPED)
def test_distributions_that_pymc_wraps_have_densities(name):
    row = DISTRIBUTIONS[name]
    with pm.Model() as model:
        row.wrapped("v", **{param: 1.5 for param in row.params}, shape=2)
    (rv,) = model_graph(model).outputs
    got = evaluate(log_density(rv, x), {})
    np.testing.assert_allclose(got, evaluate(pm.logp(model["v"], x), {}), rtol=1e-7)


def test_the_static_shape_may_be_unknown():
    n, mu, value = pt.iscalar("n"), pt.vector("mu"), pt.vector("value")
    got = evaluate(log_density(make_rv(NormalRV, (0.0, 2.0), size=(n,)), value), {value: x, n: 2})
    np.testing.assert_allclose(got, stats.norm.logpdf(x, 0, 2), rtol=1e-12)
    got = evaluate(log_density(make_rv(NormalRV, (mu, 2.0)), value), {value: x, mu: np.zeros(2)})
    np.testing.assert_allclose(got, stats.norm.logpdf(x, 0, 2), rtol=1e-12)


def test_parents_that_are_random_stay_in_the_density():
    mu = make_rv(NormalRV, (0.0, 1.0), name="mu")
    density = log_density(make_rv(NormalRV, (mu, 1.0)), np.float64(0.5))
    value = pt.scalar("mu_value")
    got = evaluate(clone_replace(density, {mu: value}), {value: 0.2})
    np.testing.assert_allclose(got, stats.norm.logpdf(0.5, 0.2), rtol=1e-12)


def test_what_has_no_density_is_refused():
    v = pt.vector("v")
    with pytest.raises(ConversionError, match="v: log_density takes the output of a PyTensor RandomVariable"):
        log_density(v, v)
    with pytest.raises(ConversionError):
        log_density(3, v)
    with pytest.raises(ModelGraphError, match="the observed value has 1 dimensions, the random variable 0"):
        log_density(make_rv(NormalRV, (0.0, 1.0)), v)
    with pytest.raises(ModelGraphError, match="discrete"):
        log_density(make_rv(PoissonRV, (2.0,), size=(2,)), v)
