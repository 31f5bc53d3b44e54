"""Distributions that travel whole: draws have the moments of their densities, rewrites reach parents."""

import pickle

import numpy as np
import pymc3 as pm
import pytest
import theano
import theano.tensor as tt
from scipy import stats

from symbolic_pymc.errors import UnsupportedDistributionError
from symbolic_pymc.theano.opaque import Law, OpaqueRV, substitute, tensors_of
from symbolic_pymc.theano.pymc3 import graph_model, model_graph
from symbolic_pymc.theano.random_variables import NormalRV
from symbolic_pymc.theano.opaque_samplers import lkj_correlation
from tests.theano.pymc3_models import PLAIN, assert_same_model, model_of

N = 4000
COV = np.array([[2.0, 0.6], [0.6, 1.0]])


@pytest.fixture(autouse=True)
def without_compiler():
    with theano.config.change_flags(cxx="", compute_test_value="off"):
        yield


def draws(build, n=N):
    """Draw n times from the variable x of the model that `build` makes."""
    with pm.Model() as model:
        build()
    x = model_graph(model, "x").outputs[0]
    assert isinstance(x.owner.op, OpaqueRV)
    op, values = x.owner.op, [p.eval() for p in x.owner.inputs[3:]]
    return op.law.draw(np.random.RandomState(11), values, (n,))


def assert_moments(x, mean, cov):
    """Means to five standard errors, covariances to a tenth of the standard deviations' product."""
    x = x.reshape(len(x), -1)
    cov = np.atleast_2d(cov)
    sd = np.sqrt(np.diag(cov))
    np.testing.assert_allclose(x.mean(axis=0), np.ravel(mean), atol=5 * sd.max() / np.sqrt(len(x)) + 1e-12)
    np.testing.assert_allclose(np.cov(x.T).reshape(cov.shape), cov, atol=0.1 * sd.max() ** 2 + 1e-12)


def ar1_cov(k, variance, n):
    return variance / (1 - k**2) * k ** np.abs(np.subtract.outer(np.arange(n), np.arange(n)))


W = np.array([0.3, 0.7])
STEPS = np.minimum.outer(np.arange(4), np.arange(4)).astype(float)
# what makes x, its mean, its covariance
MOMENTS = {
    "AR1": (lambda: pm.AR1("x", k=0.6, tau_e=0.5, shape=4), np.zeros(4), ar1_cov(0.6, 2.0, 4)),
    "AR": (
        # an initial value of the stationary law makes the whole series stationary
        lambda: pm.AR("x", np.array([0.6]), sigma=1.5, init=pm.Normal.dist(0, 1.5 / 0.8), shape=4),
        np.zeros(4),
        ar1_cov(0.6, 2.25, 4),
    ),
    "AR with a constant": (
        lambda: pm.AR(
            "x", np.array([1.0, 0.6]), sigma=1.5, constant=True, init=pm.Normal.dist(2.5, 1.5 / 0.8), shape=4
        ),
        2.5 * np.ones(4),
        ar1_cov(0.6, 2.25, 4),
    ),
    "GARCH11": (
        # the variance of the first draw is the stationary one, 1 / (1 - 0.2 - 0.3)
        lambda: pm.GARCH11("x", 1.0, 0.2, 0.3, np.float64(np.sqrt(2)), shape=4),
        np.zeros(4),
        2 * np.eye(4),
    ),
    "GaussianRandomWalk": (
        lambda: pm.GaussianRandomWalk("x", mu=0.5, sigma=1.5, shape=4),
        np.arange(4) / 2,
        2.25 * STEPS,
    ),
    "GaussianRandomWalk from a normal": (
        lambda: pm.GaussianRandomWalk("x", sigma=1.5, init=pm.Normal.dist(1.0, 2.0), shape=4),
        np.ones(4),
        2.25 * STEPS + 4,
    ),
    "MvGaussianRandomWalk": (
        lambda: pm.MvGaussianRandomWalk("x", mu=np.array([0.5, -1.0]), cov=COV, shape=(4, 2)),
        np.outer(np.arange(4), [0.5, -1.0]),
        np.kron(STEPS, COV),
    ),
    "MvStudentTRandomWalk": (
        lambda: pm.MvStudentTRandomWalk("x", 12.0, mu=np.zeros(2), cov=COV, shape=(4, 2)),
        np.zeros(8),
        np.kron(STEPS, COV) * 12 / 10,
    ),
    "Bound": (
        lambda: pm.Bound(pm.Normal, lower=0.0)("x", np.array([0.0, 3.0]), 1.0, shape=2),
        [stats.truncnorm(0, np.inf).mean(), stats.truncnorm(-3, np.inf, 3).mean()],
        np.diag([stats.truncnorm(0, np.inf).var(), stats.truncnorm(-3, np.inf, 3).var()]),
    ),
    "Mixture": (
        lambda: pm.Mixture("x", W, pm.Normal.dist(np.array([-1.0, 2.0]), 0.5, shape=2)),
        1.1,
        0.25 + 0.3 * 2.1**2 + 0.7 * 0.9**2,
    ),
    "Mixture of a list": (
        lambda: pm.Mixture("x", W, [pm.Normal.dist(-1.0, 0.5), pm.Exponential.dist(0.5)]),
        1.1,
        0.3 * 1.25 + 0.7 * 8 - 1.1**2,
    ),
    "NormalMixture": (
        lambda: pm.NormalMixture("x", W, np.array([-1.0, 2.0]), sigma=0.5, comp_shape=2),
        1.1,
        0.25 + 0.3 * 2.1**2 + 0.7 * 0.9**2,
    ),
    "MixtureSameFamily": (
        lambda: pm.MixtureSameFamily("x", W, pm.Normal.dist(np.tile([-1.0, 2.0], (3, 1)), 0.5, shape=(3, 2)), shape=3),
        1.1 * np.ones(3),
        (0.25 + 0.3 * 2.1**2 + 0.7 * 0.9**2) * np.eye(3),
    ),
    "MixtureSameFamily of counts": (
        lambda: pm.MixtureSameFamily(
            "x",
            W,
            pm.Multinomial.dist(6, np.array([[0.5, 0.5], [0.1, 0.9]]), shape=(2, 2)),
            mixture_axis=0,
            shape=2,
        ),
        [1.32, 4.68],
        # within a component plus between the two means, 3 and 0.6
        (0.3 * 1.5 + 0.7 * 0.54 + 0.3 * 0.7 * 2.4**2) * np.array([[1, -1], [-1, 1]]),
    ),
    "Mixture of vectors": (
        lambda: pm.Mixture("x", W, pm.Normal.dist(np.tile([-1.0, 2.0], (3, 1)), 0.5, shape=(3, 2)), shape=3),
        1.1 * np.ones(3),
        (0.25 + 0.3 * 2.1**2 + 0.7 * 0.9**2) * np.eye(3),
    ),
    "Mixture of a list of vectors": (
        lambda: pm.Mixture("x", W, [pm.Normal.dist(-1.0, 0.5, shape=3), pm.Normal.dist(2.0, 0.5, shape=3)], shape=3),
        1.1 * np.ones(3),
        (0.25 + 0.3 * 2.1**2 + 0.7 * 0.9**2) * np.eye(3),
    ),
    "Mixture with weights of each": (
        lambda: pm.Mixture(
            "x",
            np.array([[1.0, 0.0], [0.3, 0.7]]),
            pm.Normal.dist(np.array([-1.0, 2.0]), 0.5, shape=2),
            shape=2,
        ),
        [-1.0, 1.1],
        np.diag([0.25, 0.25 + 0.3 * 2.1**2 + 0.7 * 0.9**2]),
    ),
    "Mixture of normal vectors": (
        lambda: pm.Mixture(
            "x",
            W,
            [pm.MvNormal.dist(np.zeros(2), COV, shape=2), pm.MvNormal.dist(np.ones(2), COV, shape=2)],
            shape=2,
        ),
        0.7 * np.ones(2),
        COV + 0.21,
    ),
    "LKJCorr": (lambda: pm.LKJCorr("x", n=3, eta=2.0), np.zeros(3), np.eye(3) / 6),
    "KroneckerNormal": (
        lambda: pm.KroneckerNormal("x", np.arange(4.0), covs=[COV, np.diag([1.0, 4.0])], sigma=0.5, shape=4),
        np.arange(4.0),
        np.kron(COV, np.diag([1.0, 4.0])) + 0.25 * np.eye(4),
    ),
    "Interpolated": (
        lambda: pm.Interpolated("x", np.linspace(-6, 8, 400), stats.norm(1.0, 1.5).pdf(np.linspace(-6, 8, 400))),
        1.0,
        2.25,
    ),
    "DensityDist": (
        lambda: pm.DensityDist("x", pm.Normal.dist(0.5, 2.0).logp, random=pm.Normal.dist(0.5, 2.0).random, shape=2),
        0.5 * np.ones(2),
        4 * np.eye(2),
    ),
}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", MOMENTS)
def test_draws_have_the_moments(name):
    build, mean, cov = MOMENTS[name]
    n = 500 if name == "KroneckerNormal" else N
    assert_moments(draws(build, n), mean, cov)


def test_lkj_correlations_follow_their_beta_marginals():
    """Every correlation of LKJ(eta) in n dimensions is 2 Beta(a, a) - 1, a = eta - 1 + n / 2."""
    np.random.seed(3)
    r = np.array([lkj_correlation(4, 1.5)[np.triu_indices(4, k=1)] for _ in range(N)])
    for column in r.T:
        assert stats.kstest((column + 1) / 2, stats.beta(2.5, 2.5).cdf).pvalue > 1e-3


def test_lkj_cholesky_draws_are_cholesky_factors_with_the_given_deviations():
    x = draws(lambda: pm.LKJCholeskyCov("x", n=3, eta=2.0, sd_dist=pm.Exponential.dist(0.5)), 2000)
    chol = np.zeros((2000, 3, 3))
    chol[:, np.tril_indices(3)[0], np.tril_indices(3)[1]] = x
    cov = chol @ np.swapaxes(chol, 1, 2)
    sd = np.sqrt(np.diagonal(cov, axis1=1, axis2=2))
    assert stats.kstest(sd.ravel(), stats.expon(scale=2).cdf).pvalue > 1e-3
    r = cov[:, 0, 2] / (sd[:, 0] * sd[:, 2])
    assert stats.kstest((r + 1) / 2, stats.beta(2.5, 2.5).cdf).pvalue > 1e-3


def test_draws_come_from_the_generator_alone():
    with pm.Model() as model:
        pm.GaussianRandomWalk("x", sigma=1.0, shape=5)
    x = model_graph(model).outputs[0]
    law = x.owner.op.law
    np.random.seed(1)
    before = np.random.get_state()[1].copy()
    one = law.draw(np.random.RandomState(2), [])
    np.testing.assert_array_equal(np.random.get_state()[1], before)
    np.testing.assert_array_equal(law.draw(np.random.RandomState(2), []), one)
    f = theano.function([], x, mode=PLAIN)
    assert not np.array_equal(f(), f())


def test_draws_follow_the_drawn_parents():
    with pm.Model() as model:
        mu = pm.Normal("mu", 0, 100.0)
        d = pm.Deterministic("d", mu + 1)
        pm.GaussianRandomWalk("x", sigma=0.01, init=pm.Normal.dist(d, 0.01), shape=3)
        pm.DensityDist(
            "z",
            lambda v: -tt.sqr(v - mu),
            random=lambda point=None, size=None: pm.Normal.dist(mu, 0.01).random(point=point, size=size),
        )
    graph = model_graph(model, ["x", "z", "mu"])
    f = theano.function([], graph.outputs, mode=PLAIN)
    for _ in range(5):
        x, z, drawn = f()
        np.testing.assert_allclose(x, drawn + 1, atol=0.2)
        np.testing.assert_allclose(z, drawn, atol=0.1)


def test_rewrites_of_a_parent_reach_the_distribution():
    """The parent of a mixture replaced by hand: the model is the one written so from the start."""

    def build(reparametrised):
        with pm.Model() as model:
            if reparametrised:
                mu = 3.0 * pm.Normal("offset", 0.0, 1.0, shape=2)
            else:
                mu = pm.Normal("mu", 0.0, 3.0, shape=2)
            pm.Mixture("y", W, [pm.Normal.dist(mu[0], 1.0), pm.Normal.dist(mu[1], 2.0)], observed=np.arange(3.0))
            pm.DensityDist("z", lambda v: -tt.sqr(v - mu[0]), observed=np.arange(3.0))
        return model

    graph = model_graph(build(False))
    (mu,) = [v for v in graph.variables if v.name == "mu"]
    offset = NormalRV(np.float64(0.0), np.float64(1.0), size=(2,), name="offset", rng=mu.owner.inputs[0])
    graph.replace(mu, 3.0 * offset)
    rewritten = graph_model(graph)
    expected = build(True)
    for point in [{"offset": np.array([0.3, -1.0])}, {"offset": np.array([2.0, 1.0])}]:
        np.testing.assert_allclose(rewritten.logp(point), expected.logp(point), rtol=1e-10)


def test_twice_there_and_back():
    with pm.Model() as model:
        mu = pm.Normal("mu")
        pm.DensityDist("x", lambda v: -tt.sqr(v - mu))
        pm.Mixture("y", W, [pm.Normal.dist(mu, 1.0), pm.Normal.dist(-mu, 2.0)], observed=np.arange(3.0))
    assert_same_model(model, graph_model(model_graph(graph_model(model_graph(model)))), n_points=3)


def test_without_random_there_is_no_draw_and_the_error_says_so():
    with pm.Model() as model:
        pm.DensityDist("x", lambda v: -tt.sqr(v))
    with pytest.raises((UnsupportedDistributionError, ValueError), match="random"):
        theano.function([], model_graph(model).outputs, mode=PLAIN)()


def test_a_law_depends_on_what_its_density_and_its_attributes_do():
    mu, s, other = tt.dscalar("mu"), tt.dscalar("s"), tt.dscalar("other")
    law = Law(pm.DensityDist.dist(lambda v: -tt.sqr(v - mu) / s), ())
    assert set(law.parents) == {mu, s}
    law = Law(pm.Mixture.dist(W, [pm.Normal.dist(mu * s, 1.0), pm.Normal.dist(0.0, 1.0)]), ())
    assert set(law.parents) == {mu, s}
    assert set(law.with_parents([other, other]).comp_dists[0].mu.owner.inputs) == {other}


def test_substitute_leaves_the_original_alone():
    mu, other = tt.dscalar("mu"), tt.dscalar("other")
    dist = pm.Bound(pm.Normal, lower=mu).dist(mu=mu)
    new = substitute(dist, {mu: other})
    assert dist.lower is mu and dist._wrapped.mu is mu and dist.transform.a is mu
    assert new.lower is other and new._wrapped.mu is other and new.transform.a is other
    assert mu in tensors_of(dist) and mu not in tensors_of(new)


def test_an_op_is_equal_by_its_law_and_can_be_pickled():
    with pm.Model() as model:
        x = pm.AR1("x", 0.5, 1.0, shape=3)
        pm.AR1("y", 0.5, 1.0, shape=3)
    x, y = (v.owner.op for v in model_graph(model, ["x", "y"]).outputs)
    assert x != y and x == x
    copied = pickle.loads(pickle.dumps(x))
    np.testing.assert_array_equal(
        copied.law.draw(np.random.RandomState(0), []), x.law.draw(np.random.RandomState(0), [])
    )


def test_sampling_trees_leaves_the_other_model_alone():
    with pm.Model() as model:
        mu = pm.BART("mu", np.arange(6.0).reshape(3, 2), np.array([0.4, 1.7, 0.9]), m=4)
        pm.Normal("y", mu, 1.0, observed=np.ones(3))
    again = graph_model(model_graph(model))
    before = mu.distribution.sum_trees_output.copy()
    with again:
        pm.PGBART([again["mu"]]).astep(np.zeros(3))
    assert not np.array_equal(again["mu"].distribution.sum_trees_output, before)
    np.testing.assert_array_equal(mu.distribution.sum_trees_output, before)
    with pytest.raises(UnsupportedDistributionError, match="random"):
        theano.function([], model_graph(model, "mu").outputs[0], mode=PLAIN)()


@pytest.mark.parametrize("name", ["Simulator", "Interpolated", "Bound"])
def test_every_variable_of_a_model_can_be_drawn(name):
    graph = model_graph(model_of(name))
    for value, v in zip(theano.function([], graph.outputs, mode=PLAIN)(), graph.outputs):
        assert v.type.is_valid_value(value)
