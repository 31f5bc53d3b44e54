"""The inverse Wishart distribution against scipy, and the laws of random matrices in models of both backends."""

from importlib import import_module

import numpy as np
import pytest
from scipy import stats

import symbolic_pymc as sp
from symbolic_pymc.errors import ModelGraphError, UnsupportedDistributionError
from tests.densities import log_density

pytestmark = pytest.mark.filterwarnings("ignore:The Wishart distribution")


def module(backend, name):
    return import_module(f"symbolic_pymc.{backend.name}.{name}")


def pymc_module(backend):
    return module(backend, "pymc3" if backend.name == "theano" else "pymc")


def inverse_wishart(backend):
    return module(backend, "wishart").InverseWishart


def make(backend, nu, Psi, size=None, seed=0):
    random_variables = module(backend, "random_variables")
    op, rng = random_variables.InverseWishartRV, backend.generator(seed)
    if backend.name == "theano":
        return op(nu, Psi, size=size, rng=rng)
    return random_variables.make_rv(op, (nu, Psi), size=size, rng=rng)


def positive(d, seed=0):
    root = np.random.default_rng(seed).normal(size=(d, d + 2))
    return root @ root.T


def density_at(backend, value, nu, Psi):
    return backend.compile_plainly([], module(backend, "logp").log_density(make(backend, nu, Psi), value))()


@pytest.mark.parametrize("d", [1, 2, 3, 5])
@pytest.mark.parametrize("excess", [0.01, 1.0, 30.5])
def test_the_density_is_that_of_scipy(backend, d, excess):
    Psi, nu = positive(d, 1), d - 1 + excess
    for seed in range(3):
        X = positive(d, seed + 2)
        np.testing.assert_allclose(density_at(backend, X, nu, Psi), stats.invwishart(nu, Psi).logpdf(X), rtol=1e-10)


def test_the_density_of_one_by_one_matrices_is_that_of_the_inverse_gamma(backend):
    got = density_at(backend, np.array([[0.7]]), 3.0, np.array([[2.0]]))
    np.testing.assert_allclose(got, stats.invgamma(1.5, scale=1.0).logpdf(0.7), rtol=1e-12)


@pytest.mark.parametrize("scale", [1e-8, 1e8])
def test_the_density_of_matrices_of_any_size(backend, scale):
    X, Psi = scale * positive(3, 2), scale * positive(3, 1)
    np.testing.assert_allclose(density_at(backend, X, 7.0, Psi), stats.invwishart(7, Psi).logpdf(X), rtol=1e-10)


@pytest.mark.parametrize(
    "X, nu",
    [
        (np.array([[1.0, 2.0], [2.0, 1.0]]), 5.0),
        (-np.eye(2), 5.0),
        (np.array([[1.0, 0.5], [0.4, 1.0]]), 5.0),
        (np.full((2, 2), np.nan), 5.0),
        (np.full((2, 2), np.inf), 5.0),
        (np.eye(2), 1.0),
        (np.eye(2), -3.0),
    ],
    ids=["indefinite", "negative", "asymmetric", "nan", "infinite", "few degrees", "negative degrees"],
)
def test_no_density_outside_of_the_support(backend, X, nu):
    with np.errstate(all="ignore"):
        assert density_at(backend, X, nu, np.eye(2)) == -np.inf


def test_no_density_without_a_positive_scale(backend):
    assert density_at(backend, np.eye(2), 5.0, np.array([[1.0, 2.0], [2.0, 1.0]])) == -np.inf


def test_a_batch_of_matrices(backend):
    """PyTensor has the density of each; Theano says that it has none."""
    X, Psi = (np.stack([positive(2, s) for s in seeds]) for seeds in ([1, 2], [3, 4]))
    nu = np.array([4.0, 7.5])
    if backend.name == "theano":
        with pytest.raises(UnsupportedDistributionError, match="batch of matrices"):
            density_at(backend, X, nu, Psi)
        return
    expected = [stats.invwishart(n, p).logpdf(x) for n, p, x in zip(nu, Psi, X)]
    np.testing.assert_allclose(density_at(backend, X, nu, Psi), expected, rtol=1e-10)
    expected = [stats.invwishart(4.0, Psi[0]).logpdf(x) for x in X]
    density = module(backend, "logp").log_density(make(backend, 4.0, Psi[0], size=(2,)), X)
    np.testing.assert_allclose(backend.compile_plainly([], density)(), expected, rtol=1e-10)


@pytest.mark.parametrize("d", [1, 3])
def test_draws_are_symmetric_and_invert_to_wishart_matrices(backend, d):
    Psi, nu, n = positive(d, 1), d + 4.5, 4000
    x = backend.compile_plainly([], make(backend, nu, Psi, size=(n,), seed=4))()
    assert x.shape == (n, d, d) and np.array_equal(x, np.swapaxes(x, 1, 2))
    inverted = np.linalg.inv(x)[:, 0, 0]
    # a diagonal entry of a Wishart matrix is gamma
    law = stats.gamma(nu / 2, scale=2 * np.linalg.inv(Psi)[0, 0])
    assert stats.kstest(inverted, law.cdf).pvalue > 1e-3


def test_psi_must_be_square(backend):
    for Psi, message in [(np.ones((2, 3)), "2 by 3"), (np.ones(3), "1 dimensions")]:
        with pytest.raises(ModelGraphError, match=message):
            inverse_wishart(backend).dist(np.float64(5.0), Psi)


def test_a_shape_that_is_not_that_of_psi(backend):
    with backend.pm.Model(), pytest.raises(ModelGraphError, match="shape is"):
        inverse_wishart(backend)("S", np.float64(5.0), np.eye(2), shape=(3, 3))


# Models -------------------------------------------------------------------------------------------------------


def hierarchy(backend):
    """A random scale, a covariance, and data; a matrix of normal data; an observed Wishart matrix."""
    pm, t = backend.pm, backend.tensor
    shape = {"shape": (2, 2)} if backend.name == "theano" else {}
    with pm.Model() as model:
        s = pm.HalfNormal("s", sigma=np.float64(2.0))
        S = inverse_wishart(backend)("S", np.float64(5.5), s * t.eye(2), shape=(2, 2))
        pm.MvNormal("y", np.zeros(2), cov=S, observed=np.ones((3, 2)), shape=(3, 2))
        pm.MatrixNormal("m", np.zeros((3, 2)), rowcov=t.eye(3), colcov=S, observed=np.ones((3, 2)), shape=(3, 2))
        pm.Wishart("W", 5, positive(2, 3), observed=positive(2, 4), **shape)
        pm.MvStudentT("t", nu=np.float64(4.0), mu=np.zeros(2), **{_scale(backend): S}, observed=np.ones(2), shape=2)
    return model


def _scale(backend):
    return "cov" if backend.name == "theano" else "scale"


def oracle(s, S):
    prior = stats.invwishart(5.5, s * np.eye(2)).logpdf(S) + stats.halfnorm(0, 2).logpdf(s)
    data = 2 * stats.multivariate_normal(np.zeros(2), S).logpdf(np.ones((3, 2))).sum()
    t = stats.multivariate_t(np.zeros(2), S, 4.0).logpdf(np.ones(2))
    return prior + data + stats.wishart(5, positive(2, 3)).logpdf(positive(2, 4)) + t


def test_the_density_of_a_model_is_that_of_scipy_and_travels_both_ways(backend):
    model = hierarchy(backend)
    graph = pymc_module(backend).model_graph(model)
    name = module(backend, "vocabulary").ops.distribution_of
    drawn = [name(sp.metatize(node.outputs[1])) for node in backend.draws(*graph.outputs)]
    expected = ["halfnormal", "inversewishart", "matrixnormal", "mvnormal", "mvstudentt", "wishart"]
    assert sorted(drawn) == expected
    again = pymc_module(backend).graph_model(graph)
    for m in (model, again):
        density = log_density(backend, m)
        (s_name,) = set(density.names) - {"S"}
        for seed, s in enumerate([0.3, 1.0, 4.0]):
            S = positive(2, seed)
            got = density({s_name: np.log(s), "S": S})
            np.testing.assert_allclose(got, oracle(s, S) + np.log(s), rtol=1e-6)


def test_a_free_covariance_is_drawn(backend):
    """Forward sampling, which needs no transform."""
    with backend.pm.Model() as model:
        S = inverse_wishart(backend)("S", np.float64(8.0), np.eye(2), shape=(2, 2))
        backend.pm.MvNormal("x", np.zeros(2), cov=S, shape=2)
    if backend.name == "theano":
        np.random.seed(1)
        with model:
            x = backend.pm.sample_prior_predictive(4000, var_names=["S", "x"])
        S, x = x["S"], x["x"]
    else:
        S, x = backend.pm.draw([model["S"], model["x"]], draws=4000, random_seed=1)
    assert S.shape == (4000, 2, 2)
    np.testing.assert_allclose(S.mean(axis=0), np.eye(2) / 5, atol=0.02)
    law = stats.multivariate_t(np.zeros(2), np.eye(2) / 7, 7)
    assert stats.kstest(x[:, 0], stats.t(law.df, 0, np.sqrt(1 / 7)).cdf).pvalue > 1e-3


def test_a_rewritten_model_draws_its_wishart_matrix(backend):
    """What conditioning gives is drawn as scipy draws it, by PyMC3, whose own class does not, too."""
    shape = {"shape": (2, 2)} if backend.name == "theano" else {}
    x = positive(2, 5)
    with backend.pm.Model() as model:
        W = backend.pm.Wishart("W", nu=5, V=positive(2, 3), **shape)
        backend.pm.MvNormal("x", np.zeros(2), tau=W, observed=x, shape=(2, 2))
    result = sp.conjugate_graph(model)
    assert [step.variables for step in sp.steps(result) if step.taken] == [("W", "x")]
    mean = 7 * np.linalg.inv(np.linalg.inv(positive(2, 3)) + x.T @ x)
    if backend.name == "theano":
        np.random.seed(1)
        with result:
            draws = backend.pm.sample_prior_predictive(4000, var_names=["W"])["W"]
            assert result["W"].random().shape == (2, 2)
    else:
        draws = backend.pm.draw(result["W"], draws=4000, random_seed=1)
    assert draws.shape == (4000, 2, 2) and np.array_equal(draws, np.swapaxes(draws, 1, 2))
    np.testing.assert_allclose(draws.mean(axis=0), mean, rtol=0.05, atol=0.05 * np.max(mean))
    law = stats.gamma(7 / 2, scale=2 * mean[0, 0] / 7)
    assert stats.kstest(draws[:, 0, 0], law.cdf).pvalue > 1e-3
