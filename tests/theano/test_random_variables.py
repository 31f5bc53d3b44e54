"""The draws of every Op of the table against scipy, and the laws that all of them keep."""

import pickle

import numpy as np
import pytest
import theano
import theano.tensor as tt
from scipy import special, stats

from symbolic_pymc.distributions import DISTRIBUTIONS as NEUTRAL
from symbolic_pymc.theano import random_variables
from symbolic_pymc.theano.random_variables import DISTRIBUTIONS, FlatRV, NormalRV, fresh_rng, neutral_name
from tests.families import LaplaceTimesNormal, TiltedPolyaGamma, between

PLAIN = theano.compile.mode.Mode(linker="py", optimizer="fast_compile")
N = 20_000
COV = np.array([[2.0, 0.6], [0.6, 1.0]])


def zero_inflated(psi, dist):
    """The distribution of a count that is `dist` with probability psi, and else 0."""
    k = np.arange(200)
    return stats.rv_discrete(values=(k, psi * dist.pmf(k) + (1 - psi) * (k == 0)))


def on_categories(p):
    return stats.rv_discrete(values=(np.arange(len(p)), p))


def cut(cdf, eta, cutpoints):
    return on_categories(np.diff(np.concatenate([[0], cdf(np.asarray(cutpoints) - eta), [1]])))


# neutral name: (parameters, oracle), the oracle parametrised by scipy's own documentation
SCALAR = {
    "asymmetriclaplace": ((1.5, 0.7, 0.3), stats.laplace_asymmetric(0.7, 0.3, 1 / 1.5)),
    "bernoulli": ((0.3,), stats.bernoulli(0.3)),
    "beta": ((2.0, 3.5), stats.beta(2.0, 3.5)),
    "betabinomial": ((7, 2.0, 3.5), stats.betabinom(7, 2.0, 3.5)),
    "binomial": ((7, 0.3), stats.binom(7, 0.3)),
    "categorical": (([0.2, 0.3, 0.5],), on_categories([0.2, 0.3, 0.5])),
    "cauchy": ((0.5, 2.0), stats.cauchy(0.5, 2.0)),
    "chisquared": ((3.5,), stats.chi2(3.5)),
    "constant": ((4,), on_categories([0, 0, 0, 0, 1.0])),
    "discreteuniform": ((2, 6), stats.randint(2, 7)),
    "discreteweibull": (
        (0.6, 1.4),
        on_categories(0.6 ** (np.arange(80) ** 1.4) - 0.6 ** ((np.arange(80) + 1) ** 1.4)),
    ),
    "exgaussian": ((0.5, 1.2, 2.0), stats.exponnorm(2.0 / 1.2, 0.5, 1.2)),
    "exponential": ((2.5,), stats.expon(scale=1 / 2.5)),
    "gamma": ((2.0, 3.0), stats.gamma(2.0, scale=1 / 3.0)),
    "geometric": ((0.3,), stats.geom(0.3)),
    "generalizedinversegaussian": ((0.7, 2.0, 3.0), stats.geninvgauss(0.7, np.sqrt(6.0), scale=np.sqrt(1.5))),
    "gumbel": ((0.5, 2.0), stats.gumbel_r(0.5, 2.0)),
    "halfcauchy": ((0.0, 2.0), stats.halfcauchy(0.0, 2.0)),
    "halfnormal": ((0.0, 2.0), stats.halfnorm(0.0, 2.0)),
    "halfstudentt": ((4.0, 2.0), None),
    "hypergeometric": ((20, 7, 6), stats.hypergeom(20, 7, 6)),
    "inversegamma": ((3.0, 2.0), stats.invgamma(3.0, scale=2.0)),
    "kolmogorov": ((2.5,), stats.kstwobign(scale=2.5)),
    "kumaraswamy": ((2.0, 3.0), None),
    "laplace": ((0.5, 2.0), stats.laplace(0.5, 2.0)),
    "laplacenormal": ((0.5, 2.0, 1.3, 0.8), LaplaceTimesNormal(0.5, 2.0, 1.3, 0.8)),
    "logistic": ((0.5, 2.0), stats.logistic(0.5, 2.0)),
    "logitnormal": ((0.5, 0.8), None),
    "lognormal": ((0.5, 0.8), stats.lognorm(0.8, scale=np.exp(0.5))),
    "moyal": ((0.5, 2.0), stats.moyal(0.5, 2.0)),
    "negativebinomial": ((3.0, 2.0), stats.nbinom(2.0, 2.0 / (2.0 + 3.0))),
    "normal": ((0.5, 2.0), stats.norm(0.5, 2.0)),
    "orderedlogistic": ((0.4, [-1.0, 0.5]), cut(special.expit, 0.4, [-1.0, 0.5])),
    "orderedprobit": ((0.4, [-1.0, 0.5]), cut(stats.norm.cdf, 0.4, [-1.0, 0.5])),
    "pareto": ((3.0, 2.0), stats.pareto(3.0, scale=2.0)),
    "polyagamma": ((0.7,), TiltedPolyaGamma(0.7)),
    "poisson": ((2.5,), stats.poisson(2.5)),
    "rice": ((1.5, 0.8), stats.rice(1.5 / 0.8, scale=0.8)),
    "skewnormal": ((0.5, 2.0, -3.0), stats.skewnorm(-3.0, 0.5, 2.0)),
    "studentt": ((4.0, 0.5, 2.0), stats.t(4.0, 0.5, 2.0)),
    "triangular": ((-1.0, 0.5, 2.0), stats.triang(0.5, -1.0, 3.0)),
    "truncatedbeta": ((2.0, 3.5, 0.2, 0.7), between(stats.beta(2.0, 3.5), 0.2, 0.7)),
    "truncatedgamma": ((2.0, 3.0, 0.3, 2.0), between(stats.gamma(2.0, scale=1 / 3.0), 0.3, 2.0)),
    "truncatedinversegamma": ((3.0, 2.0, 0.3, 2.0), between(stats.invgamma(3.0, scale=2.0), 0.3, 2.0)),
    "truncatednormal": ((0.5, 2.0, -1.0, 3.0), stats.truncnorm(-0.75, 1.25, 0.5, 2.0)),
    "uniform": ((-1.0, 2.0), stats.uniform(-1.0, 3.0)),
    "vonmises": ((0.5, 2.0), None),
    "wald": ((1.5, 2.0, 0.3), stats.invgauss(1.5 / 2.0, loc=0.3, scale=2.0)),
    "weibull": ((1.7, 2.0), stats.weibull_min(1.7, scale=2.0)),
    "zeroinflatedbinomial": ((0.6, 7, 0.3), zero_inflated(0.6, stats.binom(7, 0.3))),
    "zeroinflatednegativebinomial": ((0.6, 3.0, 2.0), zero_inflated(0.6, stats.nbinom(2.0, 0.4))),
    "zeroinflatedpoisson": ((0.6, 2.5), zero_inflated(0.6, stats.poisson(2.5))),
}
CDF = {
    "halfstudentt": lambda x: 2 * stats.t(4.0, 0, 2.0).cdf(x) - 1,
    "kumaraswamy": lambda x: 1 - (1 - x**2.0) ** 3.0,
    "logitnormal": lambda x: stats.norm(0.5, 0.8).cdf(special.logit(x)),
    "vonmises": lambda x: stats.vonmises(2.0, 0.5).cdf(x) - stats.vonmises(2.0, 0.5).cdf(-np.pi),
}
# neutral name: (parameters, mean, covariance of the flattened draw)
P, A = np.array([0.2, 0.3, 0.5]), np.array([1.0, 2.0, 3.0])
_POOLED = (6 + A.sum()) / (1 + A.sum())
SCALES = np.array([[1.0, 0.0, 0.0], [0.5, 2.0, 0.0], [0.0, -0.3, 0.7]])


def inverse_wishart_covariance(nu, psi):
    """The covariance of the entries, row by row (Press, Applied Multivariate Analysis, section 5.2)."""
    p = len(psi)
    crossed = np.einsum("ik,jl->ijkl", psi, psi) + np.einsum("il,jk->ijkl", psi, psi)
    cov = 2 * np.einsum("ij,kl->ijkl", psi, psi) + (nu - p - 1) * crossed
    return cov.reshape(p * p, p * p) / ((nu - p) * (nu - p - 1) ** 2 * (nu - p - 3))


INVERSE_WISHART_COV = inverse_wishart_covariance(12.0, COV)
VECTOR = {
    "dirichlet": ((A,), stats.dirichlet(A).mean(), (np.diag(A / 6) - np.outer(A, A) / 36) / 7),
    "dirichletmultinomial": ((6, A), A, 6 * _POOLED * (np.diag(A / 6) - np.outer(A, A) / 36)),
    "multinomial": ((6, P), 6 * P, stats.multinomial(6, P).cov()),
    "gaussianchain": (
        ([0.5, -1.0], [9.0, 0.6], [0.8, 1.1]),
        np.array([0.5, -0.7]),
        np.array([[0.64, 0.384], [0.384, 1.4404]]),
    ),
    "markovchain": (
        ([0.3, 0.7], [[[0.5, 0.5], [0.5, 0.5]], [[0.9, 0.1], [0.4, 0.6]]]),
        np.array([0.7, 0.45]),
        np.array([[0.21, 0.105], [0.105, 0.2475]]),
    ),
    "lowrankmvnormal": (
        ([0.5, -1.0], [[0.4], [-0.25]], [0.4, 1.2], [2.0]),
        np.array([0.5, -1.0]),
        np.array([[1.04, -0.4], [-0.4, 1.45]]),
    ),
    "mvnormal": (([0.5, -1.0], COV), np.array([0.5, -1.0]), COV),
    "mvstudentt": ((8.0, [0.5, -1.0], COV), np.array([0.5, -1.0]), COV * 8 / 6),
    "inversewishart": ((12.0, COV), COV.ravel() / 9, INVERSE_WISHART_COV),
    "matrixnormal": (
        (np.arange(6.0).reshape(2, 3), np.linalg.cholesky(COV), SCALES),
        np.arange(6.0),
        np.kron(COV, SCALES @ SCALES.T),
    ),
    "wishart": (
        (5.0, COV),
        5 * COV.ravel(),
        5 * (np.einsum("ik,jl->ijkl", COV, COV) + np.einsum("il,jk->ijkl", COV, COV)).reshape(4, 4),
    ),
}
MATRICES = {"wishart": (2, 2), "inversewishart": (2, 2), "matrixnormal": (2, 3)}
IMPROPER = {"flat", "halfflat"}


def draws(name, params, size, seed=17):
    rv = DISTRIBUTIONS[name].op(*params, size=size, rng=fresh_rng(seed))
    return theano.function([], rv, mode=PLAIN)()


def test_every_row_has_an_oracle():
    assert set(SCALAR) | set(VECTOR) | IMPROPER == set(DISTRIBUTIONS)
    assert set(NEUTRAL) <= set(DISTRIBUTIONS)


@pytest.mark.parametrize("name", SCALAR)
def test_scalar_draws_follow_scipy(name):
    params, oracle = SCALAR[name]
    x = draws(name, params, (N,))
    if DISTRIBUTIONS[name].op.dtype != "int64":
        assert stats.kstest(x, CDF[name] if oracle is None else oracle.cdf).pvalue > 1e-3
        return
    values, counts = np.unique(x, return_counts=True)
    expected = N * oracle.pmf(np.arange(values.max() + 1))
    counts = np.bincount(x, minlength=len(expected))
    often = expected > 5
    assert np.all(counts[expected == 0] == 0)
    chi2 = np.sum((counts - expected)[often] ** 2 / expected[often])
    assert stats.chi2(max(often.sum() - 1, 1)).sf(chi2) > 1e-3


@pytest.mark.parametrize("name", VECTOR)
def test_vector_draws_have_the_moments(name):
    params, mean, cov = VECTOR[name]
    x = draws(name, params, (5000,)).reshape(5000, -1)
    sd = np.sqrt(np.diag(cov))
    # five standard errors of a mean; covariances to a tenth of the product of the standard deviations
    np.testing.assert_allclose(x.mean(axis=0), mean, atol=5 * sd.max() / np.sqrt(5000))
    np.testing.assert_allclose(np.cov(x.T), cov, atol=0.1 * np.max(np.outer(sd, sd)))


@pytest.mark.parametrize("name", [*SCALAR, *VECTOR])
def test_shapes(name):
    params = (SCALAR.get(name) or VECTOR[name])[0]
    core = MATRICES.get(name, (len(VECTOR[name][1]),) if name in VECTOR else ())
    for size in [(), (4,), (3, 1)]:
        rv = DISTRIBUTIONS[name].op(*params, size=size or None, rng=fresh_rng(1))
        value, shape = theano.function([], [rv, rv.shape], mode=PLAIN)()
        assert value.shape == tuple(shape) == (*size, *core)
        assert rv.broadcastable[: len(size)] == tuple(n == 1 for n in size)
        assert rv.type.is_valid_value(value)


@pytest.mark.parametrize("name", [*SCALAR, *VECTOR])
def test_batches_of_parameters(name):
    """A batch of two equal parameter sets is two draws, each with its own values."""
    op, params = DISTRIBUTIONS[name].op, (SCALAR.get(name) or VECTOR[name])[0]
    single = [np.asarray(p) for p in params]
    batch = [np.stack([p, p]) for p in single]
    value = theano.function([], op(*batch, rng=fresh_rng(3)), mode=PLAIN)()
    assert value.shape[0] == 2
    assert value.shape[1:] == theano.function([], op(*single, rng=fresh_rng(3)), mode=PLAIN)().shape


def test_improper_variables_cannot_be_drawn():
    with pytest.raises(ValueError, match="proper prior"):
        theano.function([], FlatRV(size=(2,)), mode=PLAIN)()


def test_ops_of_different_distributions_differ():
    ops = [row.op for row in DISTRIBUTIONS.values()]
    assert len(set(ops)) == len(ops)
    for name, op in ((name, row.op) for name, row in DISTRIBUTIONS.items()):
        assert pickle.loads(pickle.dumps(op)) == op
        assert neutral_name(op) == name
        assert len(op.ndims_params) == len(DISTRIBUTIONS[name].params)


def test_ops_have_pymc3_names():
    from symbolic_pymc.theano.pymc3_distributions import PYMC3_CLASSES

    for name, cls in PYMC3_CLASSES.items():
        assert getattr(random_variables, f"{cls.__name__}RV") is DISTRIBUTIONS[name].op


def test_a_fresh_generator_steps_on_and_no_two_agree():
    x, y = NormalRV(0.0, 1.0, rng=fresh_rng(1)), NormalRV(0.0, 1.0, rng=fresh_rng(2))
    f = theano.function([], [x, y], mode=PLAIN)
    values = np.array([f() for _ in range(2000)])
    assert len(np.unique(values)) == values.size
    assert abs(np.corrcoef(values.T)[0, 1]) < 0.1
    assert abs(np.corrcoef(values[1:, 0], values[:-1, 0])[0, 1]) < 0.1
    assert stats.kstest(values.ravel(), "norm").pvalue > 1e-3


def test_a_fresh_generator_asks_for_no_removed_input():
    mu = tt.dscalar("mu")
    rng = fresh_rng(1)
    NormalRV(mu, 1.0, rng=rng)
    assert np.isfinite(theano.function([], NormalRV(0.0, 1.0, rng=rng), mode=PLAIN)())


def test_python_floats_become_double_constants():
    for row in DISTRIBUTIONS.values():
        if isinstance(row.op, random_variables.TableRV) and set(row.op.ndims_params) == {0}:
            node = row.op(*[0.5] * len(row.params)).owner
            assert all(p.dtype == "float64" for p in node.inputs[3:])


def test_compiled_with_all_optimizations():
    """In-place draws, which Theano makes of every Op that it optimizes, are the same draws."""
    for name in ["gamma", "mvstudentt", "normal"]:
        params = (SCALAR.get(name) or VECTOR[name])[0]
        rv = DISTRIBUTIONS[name].op(*params, rng=fresh_rng(5))
        fast = theano.function([], rv, mode=theano.compile.mode.Mode(linker="py", optimizer="fast_run"))
        np.testing.assert_array_equal(fast(), draws(name, params, None, seed=5))
