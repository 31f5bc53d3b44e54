"""The table of random variables against scipy: draws, and PyMC's log densities, by native parameters."""

import warnings

import numpy as np
import pymc as pm
import pytensor
import pytest
from scipy import stats

from symbolic_pymc.distributions import DISTRIBUTIONS as NEUTRAL
from symbolic_pymc.pytensor import random_variables
from symbolic_pymc.pytensor.markers import observed
from symbolic_pymc.pytensor.pymc import logp
from symbolic_pymc.pytensor.random_variables import (
    DISTRIBUTIONS,
    BernoulliRV,
    MvNormalRV,
    NormalRV,
    as_parameter,
    make_rv,
    row_of,
    rv_parts,
)
from tests.families import LaplaceTimesNormal, TiltedPolyaGamma, between

COV = np.array([[2.0, 0.6], [0.6, 1.0]])

# neutral name: (parameters by name, the same distribution in scipy)
CONTINUOUS = {
    "normal": (dict(mu=1.0, sigma=2.0), stats.norm(1, 2)),
    "halfnormal": (dict(loc=0.0, sigma=2.0), stats.halfnorm(0, 2)),
    "halfcauchy": (dict(loc=0.0, beta=2.0), stats.halfcauchy(0, 2)),
    "cauchy": (dict(alpha=1.0, beta=2.0), stats.cauchy(1, 2)),
    "laplace": (dict(mu=1.0, b=2.0), stats.laplace(1, 2)),
    "laplacenormal": (dict(mu=0.5, sigma=2.0, location=1.3, b=0.8), LaplaceTimesNormal(0.5, 2.0, 1.3, 0.8)),
    "logistic": (dict(mu=1.0, s=2.0), stats.logistic(1, 2)),
    "gumbel": (dict(mu=1.0, beta=2.0), stats.gumbel_r(1, 2)),
    "generalizedinversegaussian": (dict(p=0.7, a=2.0, b=3.0), stats.geninvgauss(0.7, np.sqrt(6.0), scale=np.sqrt(1.5))),
    "kolmogorov": (dict(scale=2.5), stats.kstwobign(scale=2.5)),
    "polyagamma": (dict(tilt=0.7), TiltedPolyaGamma(0.7)),
    "studentt": (dict(nu=5.0, mu=1.0, sigma=2.0), stats.t(5, 1, 2)),
    "skewnormal": (dict(mu=1.0, sigma=2.0, alpha=3.0), stats.skewnorm(3, 1, 2)),
    "moyal": (dict(mu=1.0, sigma=2.0), stats.moyal(1, 2)),
    "exgaussian": (dict(mu=1.0, sigma=2.0, nu=3.0), stats.exponnorm(3 / 2, 1, 2)),
    "asymmetriclaplace": (dict(b=2.0, kappa=0.5, mu=1.0), stats.laplace_asymmetric(0.5, 1, 1 / 2)),
    "uniform": (dict(lower=1.0, upper=3.0), stats.uniform(1, 2)),
    "triangular": (dict(lower=1.0, c=2.0, upper=5.0), stats.triang(1 / 4, 1, 4)),
    "truncatednormal": (dict(mu=1.0, sigma=2.0, lower=0.0, upper=4.0), stats.truncnorm(-0.5, 1.5, 1, 2)),
    "truncatedbeta": (dict(alpha=2.0, beta=3.5, lower=0.2, upper=0.7), between(stats.beta(2.0, 3.5), 0.2, 0.7)),
    "truncatedgamma": (
        dict(alpha=2.0, beta=3.0, lower=0.3, upper=2.0),
        between(stats.gamma(2.0, scale=1 / 3.0), 0.3, 2.0),
    ),
    "truncatedinversegamma": (
        dict(alpha=3.0, beta=2.0, lower=0.3, upper=2.0),
        between(stats.invgamma(3.0, scale=2.0), 0.3, 2.0),
    ),
    "exponential": (dict(scale=3.0), stats.expon(0, 3)),
    "gamma": (dict(alpha=2.0, scale=3.0), stats.gamma(2, 0, 3)),
    "inversegamma": (dict(alpha=4.0, beta=3.0), stats.invgamma(4, 0, 3)),
    "beta": (dict(alpha=2.0, beta=3.0), stats.beta(2, 3)),
    "lognormal": (dict(mu=1.0, sigma=0.5), stats.lognorm(0.5, 0, np.e)),
    "weibull": (dict(alpha=2.0, beta=3.0), stats.weibull_min(2, 0, 3)),
    "pareto": (dict(alpha=4.0, m=2.0), stats.pareto(4, 0, 2)),
    "vonmises": (dict(mu=0.5, kappa=2.0), stats.vonmises(2, 0.5)),
    "wald": (dict(mu=2.0, lam=3.0, alpha=1.0), stats.invgauss(2 / 3, 1, 3)),
    "rice": (dict(b=1.5, sigma=2.0), stats.rice(1.5, 0, 2)),
}
DISCRETE = {
    "bernoulli": (dict(p=0.3), stats.bernoulli(0.3)),
    "binomial": (dict(n=5, p=0.3), stats.binom(5, 0.3)),
    "betabinomial": (dict(n=5, alpha=2.0, beta=3.0), stats.betabinom(5, 2, 3)),
    "poisson": (dict(mu=3.0), stats.poisson(3)),
    "geometric": (dict(p=0.3), stats.geom(0.3)),
    "negativebinomial": (dict(n=3.0, p=0.4), stats.nbinom(3, 0.4)),
    "hypergeometric": (dict(good=4, bad=6, n=3), stats.hypergeom(10, 4, 3)),
    "discreteuniform": (dict(lower=1, upper=6), stats.randint(1, 7)),
    "categorical": (
        dict(p=np.array([0.2, 0.3, 0.5])),
        stats.rv_discrete(values=([0, 1, 2], [0.2, 0.3, 0.5])),
    ),
}


class Inflated:
    """scipy has none: counts of a law with chance 0.6, else zero."""

    def __init__(self, law):
        self.law = law

    def pmf(self, x):
        return 0.6 * self.law.pmf(x) + 0.4 * (np.asarray(x) == 0)

    def logpmf(self, x):
        return np.log(self.pmf(x))


DISCRETE |= {
    "zeroinflatedpoisson": (dict(psi=0.6, mu=2.5), Inflated(stats.poisson(2.5))),
    "zeroinflatedbinomial": (dict(psi=0.6, n=7, p=0.3), Inflated(stats.binom(7, 0.3))),
    "zeroinflatednegativebinomial": (dict(psi=0.6, n=2.0, p=0.4), Inflated(stats.nbinom(2, 0.4))),
}


class TwoStates:
    """A path of two states, by a table of the probabilities of all four."""

    table = np.array([[0.27, 0.03], [0.28, 0.42]])
    mean = np.array([0.7, 0.45])

    def cov(self):
        return np.array([[0.21, 0.105], [0.105, 0.2475]])

    def logpdf(self, path):
        return np.log(self.table[tuple(path)])


SCALES = np.array([[1.0, 0.0, 0.0], [0.5, 2.0, 0.0], [0.0, -0.3, 0.7]])
VECTORS = {
    "mvstudentt": (dict(nu=8.0, mu=np.array([1.0, 2.0]), cov=COV), stats.multivariate_t([1, 2], COV, 8)),
    "gaussianchain": (
        dict(offset=np.array([0.5, -1.0]), gain=np.array([9.0, 0.6]), scale=np.array([0.8, 1.1])),
        stats.multivariate_normal([0.5, -0.7], [[0.64, 0.384], [0.384, 1.4404]]),
    ),
    "lowrankmvnormal": (
        dict(
            mu=np.array([1.0, 2.0]),
            factor=np.array([[0.4], [-0.25]]),
            variance=np.array([0.4, 1.2]),
            scales=np.array([2.0]),
        ),
        stats.multivariate_normal([1, 2], [[1.04, -0.4], [-0.4, 1.45]]),
    ),
    "markovchain": (
        dict(
            start=np.array([0.3, 0.7]),
            chances=np.array([[[0.5, 0.5], [0.5, 0.5]], [[0.9, 0.1], [0.4, 0.6]]]),
        ),
        TwoStates(),
    ),
    "mvnormal": (dict(mu=np.array([1.0, 2.0]), cov=COV), stats.multivariate_normal([1, 2], COV)),
    "dirichlet": (dict(a=np.array([1.0, 2.0, 3.0])), stats.dirichlet([1, 2, 3])),
    "multinomial": (dict(n=5, p=np.array([0.2, 0.3, 0.5])), stats.multinomial(5, [0.2, 0.3, 0.5])),
}
# parameters by name, the same distribution in scipy, and its mean
MATRICES = {
    "matrixnormal": (
        dict(mu=np.arange(6.0).reshape(2, 3), rowchol=np.linalg.cholesky(COV), colchol=SCALES),
        stats.matrix_normal(np.arange(6.0).reshape(2, 3), COV, SCALES @ SCALES.T),
        np.arange(6.0).reshape(2, 3),
    ),
    "wishart": (dict(nu=5.0, V=COV), stats.wishart(5, COV), 5 * COV),
    "inversewishart": (dict(nu=30.0, Psi=COV), stats.invwishart(30, COV), COV / 27),
}
SIZE = 2000


class HalfStudentT:
    """scipy has none: the distribution of 2 |T| with five degrees of freedom."""

    cdf = staticmethod(lambda x: 2 * stats.t(5, 0, 2).cdf(x) - 1)
    logpdf = staticmethod(lambda x: np.log(2) + stats.t(5, 0, 2).logpdf(x))


class Kumaraswamy:
    """scipy has none: the distribution with a = 2 and b = 3."""

    cdf = staticmethod(lambda x: 1 - (1 - x**2) ** 3)
    logpdf = staticmethod(lambda x: np.log(6 * x) + 2 * np.log1p(-(x**2)))


CONTINUOUS["halfstudentt"] = (dict(nu=5.0, sigma=2.0), HalfStudentT)
CONTINUOUS["kumaraswamy"] = (dict(a=2.0, b=3.0), Kumaraswamy)


@pytest.fixture(autouse=True)
def quick():
    with pytensor.config.change_flags(mode="FAST_COMPILE", cxx=""), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def drawn(name, params, size):
    """Return a draw; parameters are given by name, in the order of the row."""
    row = DISTRIBUTIONS[name]
    generator = pytensor.shared(np.random.default_rng(7))
    return make_rv(row.op, [params[p] for p in row.params], size=(size,), rng=generator, name=name)


def densities_at(rv, values):
    """Return PyMC's log density of a random variable at values, of which it is independent."""
    [(_, density)] = logp(observed(values, rv)).values()
    return density.eval()


def assert_close(densities, expected):
    # PyMC computes some of its constants in single precision
    np.testing.assert_allclose(densities, expected, rtol=1e-6, atol=1e-6)


def test_every_row_is_tested_and_known():
    assert set(DISTRIBUTIONS) - {"flat", "halfflat"} == {*CONTINUOUS, *DISCRETE, *VECTORS, *MATRICES}
    assert set(DISTRIBUTIONS) <= set(NEUTRAL)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_continuous(name):
    params, expected = CONTINUOUS[name]
    rv = drawn(name, params, SIZE)
    draws = rv.eval()
    assert stats.kstest(draws, expected.cdf).pvalue > 1e-3  # the seed is fixed: this does not flicker
    some = draws[:20]
    assert_close(densities_at(drawn(name, params, 20), some), expected.logpdf(some))


@pytest.mark.parametrize("name", DISCRETE)
def test_discrete(name):
    params, expected = DISCRETE[name]
    draws = drawn(name, params, SIZE).eval()
    values, counts = np.unique(draws, return_counts=True)
    frequent = counts >= 5
    probabilities = expected.pmf(values)
    error = (counts / SIZE - probabilities) / np.sqrt(probabilities * (1 - probabilities) / SIZE)
    assert np.abs(error[frequent]).max() < 4
    some = draws[:20]
    assert_close(densities_at(drawn(name, params, 20), some), expected.logpmf(some))


@pytest.mark.parametrize("name", VECTORS)
def test_vectors(name):
    params, expected = VECTORS[name]
    draws = drawn(name, params, SIZE).eval()
    if name == "mvstudentt":
        mean, covariance = expected.loc, expected.shape * 8 / 6
    else:
        mean = expected.mean() if callable(expected.mean) else expected.mean
        covariance = expected.cov() if callable(expected.cov) else getattr(expected, "cov_object").covariance
    assert np.all(np.abs(draws.mean(0) - mean) < 5 * np.sqrt(np.diag(covariance) / SIZE))
    np.testing.assert_allclose(np.cov(draws.T), covariance, atol=0.15 * np.abs(covariance).max())
    density = expected.logpmf if name == "multinomial" else expected.logpdf
    some = draws[:20]
    oracle = [density(x) for x in some]
    assert_close(densities_at(drawn(name, params, 20), some), oracle)


@pytest.mark.parametrize("name", MATRICES)
def test_matrices(name):
    params, expected, mean = MATRICES[name]
    draws = drawn(name, params, SIZE).eval()
    assert draws.shape == (SIZE, *mean.shape)
    assert np.all(np.abs(draws.mean(0) - mean) < 5 * draws.std(0) / np.sqrt(SIZE))
    moments = expected.rvs(SIZE, random_state=np.random.RandomState(3)).reshape(SIZE, -1)
    covariance = np.cov(moments.T)
    np.testing.assert_allclose(np.cov(draws.reshape(SIZE, -1).T), covariance, atol=0.2 * np.abs(covariance).max())
    for x in draws[:5]:
        rv = make_rv(DISTRIBUTIONS[name].op, list(params.values()), name=name)
        assert_close(densities_at(rv, x), expected.logpdf(x))


def test_operators_are_those_in_models():
    with pm.Model() as model:
        x = pm.Normal("x", 0, 1)
        y = pm.MvNormal("y", np.zeros(2), np.eye(2))
        z = pm.Bernoulli("z", 0.3)
    assert [v.owner.op for v in model.free_RVs] == [NormalRV, MvNormalRV, BernoulliRV]
    assert row_of(x.owner.op) is DISTRIBUTIONS["normal"]
    assert row_of(random_variables.ExGaussianRV) is DISTRIBUTIONS["exgaussian"]
    assert row_of(pytensor.tensor.exp) is None and y.ndim == 1 and z.ndim == 0


def test_parts_of_a_node_make_the_node():
    rv = make_rv(NormalRV, (0, 1), size=(3,), name="x")
    rng, size, params = rv_parts(rv.owner)
    again = make_rv(NormalRV, params, size, rng)
    assert again.type == rv.type and again.owner.inputs[0] is rng
    np.testing.assert_array_equal(again.eval(), rv.eval())


def test_numbers_become_double_precision():
    dtypes = [as_parameter(x).dtype for x in (1.5, 0.1, np.float32(2), 3, True)]
    assert dtypes == ["float64"] * 3 + ["int64", "bool"]


def test_generators_are_fresh():
    a, b = make_rv(NormalRV, (0.0, 1.0)), make_rv(NormalRV, (0.0, 1.0))
    assert a.owner.inputs[0] is not b.owner.inputs[0]
    assert a.eval() != b.eval()
