"""Wishart and inverse Wishart matrices and what depends on them: the ratio test, and evidence against scipy."""

from importlib import import_module

import numpy as np
import pytest
from scipy import stats
from scipy.special import multigammaln

import symbolic_pymc as sp
from symbolic_pymc.adapter import adapter_of
from symbolic_pymc.errors import UnsupportedDistributionError
from symbolic_pymc.meta import metatize, settle_graph
from symbolic_pymc.relations.matrix_edges import Rows
from symbolic_pymc.relations.matrixforms import Multiple, NotMultiple, multiple
from symbolic_pymc.relations.scatters import SCATTERS
from tests.densities import evidence_of
from tests.joints import Joint

pytestmark = pytest.mark.filterwarnings("ignore:The Wishart distribution", "ignore:.*trace is deprecated")

F = np.float64
RNG = np.random.default_rng(3)
PSI = np.array([[2.0, 0.3], [0.3, 1.0]])
V = np.array([[0.5, -0.2], [-0.2, 0.8]])
M = np.array([0.5, -1.0])
Y = RNG.normal(size=(4, 2)) + M
X = np.array([[2.0, 0.4], [0.4, 1.5]])
NU = 6


def inverse_wishart(pm):
    backend = "theano" if pm.__name__ == "pymc3" else "pytensor"
    return import_module(f"symbolic_pymc.{backend}.wishart").InverseWishart


def sigma(pm, psi=PSI, nu=NU):
    return inverse_wishart(pm)("S", F(nu), psi, shape=psi.shape)


def wishart(pm, name="L", nu=NU, scale=V, **options):
    shape = {"shape": scale.shape} if pm.__name__ == "pymc3" and "observed" not in options else {}
    return pm.Wishart(name, nu, scale, **shape, **options)


def positive(seed, d=2):
    root = np.random.default_rng(seed).normal(size=(d, d + 3))
    return root @ root.T


def built(backend, build):
    with backend.pm.Model() as model:
        build(backend.pm, backend.tensor)
    return model


def plain_density(backend, model):
    """Return the log density in the space of the values themselves, as a function of a dict of these."""
    if backend.name == "theano":
        inputs, density = model.free_RVs, model.logp_nojact
        function = backend.compile_plainly(inputs, density)
        return lambda point: float(function(*(point[v.name] for v in inputs)))
    graph = import_module("symbolic_pymc.pytensor.pymc").model_graph(model)
    adapter = adapter_of(graph)
    joint = Joint(adapter, adapter.terms(graph)[0])
    total = backend.tensor.as_tensor_variable(joint.of(joint.densities))
    function = backend.compile_plainly(list(joint.places.values()), total)
    return lambda point: float(function(*(point[name] for name in joint.places)))


def random_point(model, seed):
    rng = np.random.default_rng(seed)

    def value(v):
        shape = tuple(int(n) for n in (v.dshape if hasattr(v, "dshape") else v.type.shape))
        if len(shape) == 2 and shape[0] == shape[1] and v.name[0].isupper():
            return positive(seed + len(v.name) + ord(v.name[0]), shape[0])
        return rng.normal(size=shape)

    return {v.name: value(v) for v in model.free_RVs}


def assert_conditioned(backend, build, tolerance=1e-8):
    """Assert the ratio test at symmetric matrices; return the log evidence, and the model that comes out."""
    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert result is not model and not result.observed_RVs, [str(s) for s in sp.steps(result)]
    evidence = evidence_of(backend, result)
    old, new = plain_density(backend, model), plain_density(backend, result)
    for seed in range(5):
        point = random_point(model, seed)
        before, after = old(point), new(point)
        assert np.isfinite(before) and np.isfinite(after)
        assert abs(before - after - evidence) <= tolerance * max(1.0, abs(before), abs(evidence)), seed
    return evidence, result


def matrix_t(nu, psi, rows, mean, rowcov=None):
    """The log density of rows about a mean, Sigma ~ IW(nu, psi), by the ratio of normalizing constants."""
    n, d = rows.shape
    rowcov = np.eye(n) if rowcov is None else rowcov
    error = rows - mean
    after = psi + error.T @ np.linalg.solve(rowcov, error)
    logdet = lambda x: np.linalg.slogdet(x)[1] if x.size else 0.0  # noqa: E731
    return (
        -n * d / 2 * np.log(np.pi)
        - d / 2 * logdet(rowcov)
        + multigammaln((nu + n) / 2, d)
        - multigammaln(nu / 2, d)
        + nu / 2 * logdet(psi)
        - (nu + n) / 2 * logdet(after)
    )


def students(nu, psi, mean, y):
    d = len(psi)
    return stats.multivariate_t(mean, psi / (nu - d + 1), nu - d + 1).logpdf(y)


def test_the_matrix_t_of_one_row_is_students_t():
    assert matrix_t(NU, PSI, Y[:1], M) == pytest.approx(students(NU, PSI, M, Y[0]), rel=1e-12)


# Precision and covariance ---------------------------------------------------------------------------------------


def one_vector(pm, t):
    pm.MvNormal("y", M, cov=sigma(pm), observed=Y[0])


def rows_of_data(pm, t):
    pm.MvNormal("y", M, cov=sigma(pm), observed=Y, shape=(4, 2))


def one_row(pm, t):
    pm.MvNormal("y", M, cov=sigma(pm), observed=Y[:1], shape=(1, 2))


def plates_of_data(pm, t):
    if pm.__name__ == "pymc3":  # which has no normal vectors with more than one axis of plates
        return two_observations(pm, t)
    pm.MvNormal("y", M, cov=sigma(pm), observed=Y.reshape(2, 2, 2), shape=(2, 2, 2))


def two_observations(pm, t):
    S = sigma(pm)
    pm.MvNormal("y", M, cov=S, observed=Y[:2], shape=(2, 2))
    pm.MvNormal("z", M, cov=S, observed=Y[2:], shape=(2, 2))


def means_of_their_own(pm, t):
    pm.MvNormal("y", np.tile(M, (4, 1)), cov=sigma(pm), observed=Y, shape=(4, 2))


def cholesky_factor(pm, t):
    cholesky = t.slinalg.cholesky if pm.__name__ == "pymc3" else t.linalg.cholesky
    pm.MvNormal("y", M, chol=cholesky(sigma(pm)), observed=Y, shape=(4, 2))


def through_its_inverse(pm, t):
    inverse = t.nlinalg.matrix_inverse if pm.__name__ == "pymc3" else t.linalg.inv
    pm.MvNormal("y", M, tau=inverse(sigma(pm)), observed=Y, shape=(4, 2))


def matrix_normal(pm, t):
    pm.MatrixNormal("y", np.tile(M, (4, 1)), rowcov=t.eye(4), colcov=sigma(pm), observed=Y, shape=(4, 2))


def wishart_precision(pm, t):
    pm.MvNormal("y", M, tau=wishart(pm, scale=np.linalg.inv(PSI)), observed=Y, shape=(4, 2))


def wishart_precision_of_a_vector(pm, t):
    pm.MvNormal("y", M, tau=wishart(pm, scale=np.linalg.inv(PSI)), observed=Y[0])


ROWS = [
    one_row,
    rows_of_data,
    plates_of_data,
    two_observations,
    means_of_their_own,
    cholesky_factor,
    through_its_inverse,
    matrix_normal,
    wishart_precision,
]


@pytest.mark.parametrize("build", ROWS)
def test_rows_are_of_the_matrix_t(backend, build):
    evidence, result = assert_conditioned(backend, build)
    n = 1 if build is one_row else 4
    assert evidence == pytest.approx(matrix_t(NU, PSI, Y[:n], M), rel=1e-9)


@pytest.mark.parametrize("build", [one_vector, wishart_precision_of_a_vector])
def test_a_vector_is_of_students_t(backend, build):
    evidence, _ = assert_conditioned(backend, build)
    assert evidence == pytest.approx(students(NU, PSI, M, Y[0]), rel=1e-9)


# Normal and matrix: the joint families -------------------------------------------------------------------------


def normal_inverse_wishart(pm, t):
    S = sigma(pm)
    mu = pm.MvNormal("mu", M, cov=S / F(0.7), shape=2)
    pm.MvNormal("y", mu, cov=S, observed=Y, shape=(4, 2))
    return 4, 1 / 0.7


def with_a_single_vector(pm, t):
    S = sigma(pm)
    mu = pm.MvNormal("mu", M, cov=S * F(2.5), shape=2)
    pm.MvNormal("y", mu, cov=S, observed=Y[0])
    return 1, 2.5


def with_a_single_row(pm, t):
    S = sigma(pm)
    mu = pm.MvNormal("mu", M, cov=S, shape=2)
    pm.MvNormal("y", mu, cov=S, observed=Y[:1], shape=(1, 2))
    return 1, 1.0


def normal_wishart(pm, t):
    L = wishart(pm, scale=np.linalg.inv(PSI))
    mu = pm.MvNormal("mu", M, tau=L * F(0.7), shape=2)
    pm.MvNormal("y", mu, tau=L, observed=Y, shape=(4, 2))
    return 4, 1 / 0.7


def offsets(pm, t):
    S = sigma(pm)
    mu = pm.MvNormal("mu", M / 4, cov=S / F(0.7), shape=2)
    pm.MvNormal("y", mu + np.tile(0.75 * M, (4, 1)), cov=S, observed=Y, shape=(4, 2))
    return 4, 1 / 0.7


JOINT = [normal_inverse_wishart, with_a_single_vector, with_a_single_row, normal_wishart, offsets]


@pytest.mark.parametrize("build", JOINT)
def test_normal_and_matrix_together(backend, build):
    sizes = []
    evidence, result = assert_conditioned(backend, lambda pm, t: sizes.append(build(pm, t)))
    n, r = sizes[0]
    assert evidence == pytest.approx(matrix_t(NU, PSI, Y[:n], M, np.eye(n) + r), rel=1e-9)


def test_both_have_multiples_of_the_matrix(backend):
    def build(pm, t):
        S = sigma(pm)
        mu = pm.MvNormal("mu", M, cov=F(3.0) * S, shape=2)
        pm.MvNormal("y", mu, cov=F(0.4) * S, observed=Y, shape=(4, 2))

    evidence, _ = assert_conditioned(backend, build)
    assert evidence == pytest.approx(matrix_t(NU, PSI, Y, M, 0.4 * np.eye(4) + 3.0), rel=1e-9)


def test_the_mean_by_itself_is_students_t(backend):
    """B|y of Normal-inverse-Wishart: mu | y ~ T(nu' - d + 1, m', Psi' / (kappa' (nu' - d + 1)))."""
    _, result = assert_conditioned(backend, normal_inverse_wishart)
    kappa, n = 0.7, 4
    mean = (kappa * M + Y.sum(axis=0)) / (kappa + n)
    error, scatter = Y.mean(axis=0) - M, (Y - Y.mean(axis=0)).T @ (Y - Y.mean(axis=0))
    psi = PSI + scatter + kappa * n / (kappa + n) * np.outer(error, error)
    collapsed = sp.marginalize_graph(result, ["S"])
    assert [v.name for v in collapsed.free_RVs] == ["mu"]
    density = plain_density(backend, collapsed)
    law = stats.multivariate_t(mean, psi / ((kappa + n) * (NU + n - 1)), NU + n - 1)
    for seed in range(5):
        value = np.random.default_rng(seed).normal(size=2)
        assert density({"mu": value}) == pytest.approx(law.logpdf(value), rel=1e-9)


def test_the_next_vector_is_of_students_t(backend):
    """The posterior predictive law, by integrating mean and covariance out of a latent vector."""

    def build(pm, t):
        S = sigma(pm)
        mu = pm.MvNormal("mu", M, cov=S * F(2.0), shape=2)
        pm.MvNormal("y", mu, cov=S, observed=Y, shape=(4, 2))
        pm.MvNormal("new", mu, cov=S, shape=2)

    result = sp.marginalize_graph(sp.conjugate_graph(built(backend, build)), ["mu", "S"])
    assert [v.name for v in result.free_RVs] == ["new"]
    kappa, n = 0.5, 4
    error, scatter = Y.mean(axis=0) - M, (Y - Y.mean(axis=0)).T @ (Y - Y.mean(axis=0))
    psi = PSI + scatter + kappa * n / (kappa + n) * np.outer(error, error)
    mean, nu = (kappa * M + Y.sum(axis=0)) / (kappa + n), NU + n - 1
    law = stats.multivariate_t(mean, psi * (1 + 1 / (kappa + n)) / nu, nu)
    density = plain_density(backend, result)
    for seed in range(3):
        value = np.random.default_rng(seed).normal(size=2)
        assert density({"new": value}) == pytest.approx(law.logpdf(value), rel=1e-9)


def test_a_vector_of_a_multiple_of_a_wishart_precision_is_of_students_t(backend):
    def build(pm, t):
        pm.MvNormal("new", M, tau=F(2.5) * wishart(pm), shape=2)

    result = sp.marginalize_graph(built(backend, build), ["L"])
    assert [v.name for v in result.free_RVs] == ["new"]
    law = stats.multivariate_t(M, np.linalg.inv(V) / (2.5 * (NU - 1)), NU - 1)
    value = np.array([0.3, -1.2])
    assert plain_density(backend, result)({"new": value}) == pytest.approx(law.logpdf(value), rel=1e-9)


def test_a_batch_of_matrices_is_left_alone(backend):
    def build(pm, t):
        S = inverse_wishart(pm)("S", F(6.0), np.stack([PSI, PSI]), shape=(2, 2, 2))
        pm.MvNormal("y", M, cov=S[0], observed=Y, shape=(4, 2))

    if backend.name == "theano":
        with pytest.raises(UnsupportedDistributionError, match="batch of matrices"):
            built(backend, build)
        return
    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert result is model
    assert [step.reason for step in sp.steps(result)] == ["S is a batch of matrices"]


def test_lkj_priors_have_no_closed_form(backend):
    def build(pm, t):
        if pm.__name__ == "pymc3":
            packed = pm.LKJCholeskyCov("L", eta=F(2.0), n=2, sd_dist=pm.Exponential.dist(F(1.0)))
            chol = pm.expand_packed_triangular(2, packed)
        else:
            chol, *_ = pm.LKJCholeskyCov("L", eta=F(2.0), n=2, sd_dist=pm.Exponential.dist(F(1.0), shape=2))
        pm.MvNormal("y", M, chol=chol, observed=Y, shape=(4, 2))

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert result is model
    reasons = {step.variables: step.reason for step in sp.steps(result)}
    assert "LKJ" in reasons["L", "y"] and "InverseWishart" in reasons["L", "y"]


def test_a_normal_mean_of_rows(backend):
    """A mean whose prior has a covariance of its own; everything else known."""

    def build(pm, t):
        mu = pm.MvNormal("mu", M, cov=V, shape=2)
        pm.MvNormal("y", mu, cov=PSI, observed=Y, shape=(4, 2))

    evidence, _ = assert_conditioned(backend, build)
    cov = np.kron(np.eye(4), PSI) + np.kron(np.ones((4, 4)), V)
    expected = stats.multivariate_normal(np.tile(M, 4), cov).logpdf(Y.ravel())
    assert evidence == pytest.approx(expected, rel=1e-9)


# Matrices that depend on matrices --------------------------------------------------------------------------------


def wishart_evidence(child, x, prior):
    """The log of p(child) p(prior) / p(posterior) at any point, all by scipy."""
    R = positive(5)
    before, after = prior
    return child(x, R) + before.logpdf(R) - after.logpdf(R)


def test_a_wishart_scale(backend):
    def build(pm, t):
        wishart(pm, "X", 5, sigma(pm), observed=X)

    evidence, _ = assert_conditioned(backend, build)
    prior = stats.invwishart(NU, PSI), stats.invwishart(NU + 5, PSI + X)
    assert evidence == pytest.approx(wishart_evidence(lambda x, R: stats.wishart(5, R).logpdf(x), X, prior), rel=1e-8)


def test_a_wishart_inverse_scale(backend):
    def build(pm, t):
        inverse = t.nlinalg.matrix_inverse if pm.__name__ == "pymc3" else t.linalg.inv
        wishart(pm, "X", 5, inverse(wishart(pm)), observed=X)

    evidence, _ = assert_conditioned(backend, build)
    after = stats.wishart(NU + 5, np.linalg.inv(np.linalg.inv(V) + X))

    def child(x, R):
        return stats.wishart(5, np.linalg.inv(R)).logpdf(x)

    assert evidence == pytest.approx(wishart_evidence(child, X, (stats.wishart(NU, V), after)), rel=1e-8)


def test_an_inverse_wishart_scale(backend):
    def build(pm, t):
        inverse_wishart(pm)("X", F(5.0), F(0.5) * wishart(pm), observed=X, shape=(2, 2))

    evidence, _ = assert_conditioned(backend, build)
    after = stats.wishart(NU + 5, np.linalg.inv(np.linalg.inv(V) + np.linalg.inv(X) / 2))

    def child(x, R):
        return stats.invwishart(5, R / 2).logpdf(x)

    assert evidence == pytest.approx(wishart_evidence(child, X, (stats.wishart(NU, V), after)), rel=1e-8)


# Numbers beside the matrix ---------------------------------------------------------------------------------------

FACTORS = [F(0.25), F(3.0)]


@pytest.mark.parametrize("c", FACTORS)
def test_a_multiple_of_the_covariance(backend, c):
    evidence, _ = assert_conditioned(
        backend, lambda pm, t: pm.MvNormal("y", M, cov=c * sigma(pm), observed=Y, shape=(4, 2))
    )
    assert evidence == pytest.approx(matrix_t(NU, PSI * c, Y, M), rel=1e-9)


@pytest.mark.parametrize("c", FACTORS)
def test_a_multiple_of_the_precision(backend, c):
    """The scale of PyMC's Wishart is no inverse scale: its mean is nu V."""
    evidence, _ = assert_conditioned(
        backend, lambda pm, t: pm.MvNormal("y", M, tau=wishart(pm) * c, observed=Y, shape=(4, 2))
    )
    assert evidence == pytest.approx(matrix_t(NU, np.linalg.inv(V) / c, Y, M), rel=1e-9)


@pytest.mark.parametrize("c", FACTORS)
def test_multiples_of_factors_and_of_inverses(backend, c):
    """Half a root of the covariance is the root of a quarter of it."""
    theano = backend.name == "theano"
    cholesky = backend.tensor.slinalg.cholesky if theano else backend.tensor.linalg.cholesky
    inverse = backend.tensor.nlinalg.matrix_inverse if theano else backend.tensor.linalg.inv

    def root(pm, t):
        pm.MvNormal("y", M, chol=F(0.5) * cholesky(c * sigma(pm)), observed=Y, shape=(4, 2))

    def precision(pm, t):
        pm.MvNormal("y", M, tau=F(4.0) * inverse(c * sigma(pm)), observed=Y, shape=(4, 2))

    for build in (root, precision):
        evidence, _ = assert_conditioned(backend, build)
        assert evidence == pytest.approx(matrix_t(NU, PSI * c / 4, Y, M), rel=1e-9)


def test_a_matrix_of_one_element_that_is_repeated_is_no_multiple(backend):
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    one = backend.tensor.dscalar("s").dimshuffle("x", "x")
    same, repeated = (metatize(backend.tensor.second(np.zeros((n, n)), one)) for n in (1, 2))
    assert multiple(ops, same, metatize(one)) == Multiple(None, 1)
    with pytest.raises(NotMultiple, match="repeated"):
        multiple(ops, repeated, metatize(one))


def test_different_multiples_one_after_the_other(backend):
    def build(pm, t):
        L = wishart(pm)
        for i, c in enumerate([0.5, 2.0, 7.0]):
            pm.MvNormal(f"y{i}", M, tau=F(c) * L, observed=Y[i])

    evidence, _ = assert_conditioned(backend, build)
    rowcov = np.diag([2.0, 0.5, 1 / 7])
    assert evidence == pytest.approx(matrix_t(NU, np.linalg.inv(V), Y[:3], M, rowcov), rel=1e-9)


def test_no_data_change_nothing(backend):
    """PyMC takes no variable of no rows, but data that become so later: the posterior is the prior."""

    def build(pm, t):
        data = pm.Data("data", Y)
        pm.MvNormal("y", M, cov=sigma(pm), observed=data)

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert not result.observed_RVs
    model["data"].set_value(Y[:0])
    density = plain_density(backend, result)
    for seed in range(3):
        assert density({"S": positive(seed)}) == pytest.approx(stats.invwishart(NU, PSI).logpdf(positive(seed)))


@pytest.mark.parametrize("d", [1, 5])
def test_matrices_of_other_sizes(backend, d):
    psi, y = positive(1, d), np.random.default_rng(2).normal(size=(3, d))
    evidence, _ = assert_conditioned(
        backend, lambda pm, t: pm.MvNormal("y", np.zeros(d), cov=sigma(pm, psi, 7.5), observed=y, shape=(3, d))
    )
    assert evidence == pytest.approx(matrix_t(7.5, psi, y, np.zeros(d)), rel=1e-8)


@pytest.mark.parametrize("scale", [1e-8, 1e8])
def test_data_of_any_size(backend, scale):
    def build(pm, t):
        pm.MvNormal("y", M * scale, cov=sigma(pm, PSI * scale**2), observed=Y * scale, shape=(4, 2))

    result = sp.conjugate_graph(built(backend, build))
    expected = matrix_t(NU, PSI, Y, M) - Y.size * np.log(scale)
    assert evidence_of(backend, result) == pytest.approx(expected, rel=1e-9)


# What must be refused ----------------------------------------------------------------------------------------------


def matrix_coefficient(pm, t):
    A = np.array([[1.0, 0.5], [0.0, 2.0]])
    pm.MvNormal("y", M, tau=t.dot(t.dot(A, wishart(pm, "S")), A.T), observed=Y, shape=(4, 2))


def elementwise_coefficient(pm, t):
    pm.MvNormal("y", M, cov=sigma(pm) * np.array([[1.0, 0.5], [0.5, 2.0]]), observed=Y, shape=(4, 2))


def column_of_coefficients(pm, t):
    pm.MvNormal("y", M, cov=sigma(pm) * np.array([[1.0], [2.0]]), observed=Y, shape=(4, 2))


def covariance_that_is_wishart(pm, t):
    pm.MvNormal("y", M, cov=wishart(pm, "S"), observed=Y, shape=(4, 2))


def precision_that_is_inverse_wishart(pm, t):
    pm.MvNormal("y", M, tau=sigma(pm), observed=Y, shape=(4, 2))


def added_noise(pm, t):
    pm.MvNormal("y", M, cov=sigma(pm) + np.eye(2), observed=Y, shape=(4, 2))


def in_the_mean_too(pm, t):
    S = sigma(pm)
    pm.MvNormal("y", S[0], cov=S, observed=Y, shape=(4, 2))


def in_the_degrees_of_freedom(pm, t):
    S = sigma(pm)
    pm.MvStudentT("y", nu=S[0, 0] + 5, mu=M, **{"cov" if pm.__name__ == "pymc3" else "scale": PSI}, observed=Y[0])


def squared(pm, t):
    S = sigma(pm)
    pm.MvNormal("y", M, cov=t.dot(S, S), observed=Y, shape=(4, 2))


def a_part(pm, t):
    pm.Normal("y", F(0.0), sigma=t.sqrt(sigma(pm)[0, 0]), observed=Y[:, 0])


def degrees_of_freedom_that_are_no_whole_number(pm, t):
    inverse_wishart(pm)("y", F(5.5), wishart(pm, "S"), observed=X, shape=(2, 2))


def another_root(pm, t):
    """The product of a factor with itself, not with its transpose."""
    cholesky = t.slinalg.cholesky if pm.__name__ == "pymc3" else t.linalg.cholesky
    L = cholesky(sigma(pm))
    pm.MvNormal("y", M, cov=t.dot(L.T, L), observed=Y, shape=(4, 2))


REFUSED = [
    matrix_coefficient,
    elementwise_coefficient,
    column_of_coefficients,
    covariance_that_is_wishart,
    precision_that_is_inverse_wishart,
    added_noise,
    in_the_mean_too,
    in_the_degrees_of_freedom,
    squared,
    a_part,
    another_root,
    degrees_of_freedom_that_are_no_whole_number,
]


@pytest.mark.parametrize("build", REFUSED)
def test_no_multiple_of_the_matrix_is_left_alone(backend, build):
    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert result is model
    (step,) = (step for step in sp.steps(result) if step.variables == ("S", "y"))
    assert not step.taken and step.reason


def test_another_matrix_in_the_prior_of_the_mean(backend):
    """Sigma in the data and another one in the prior are no joint family: the mean goes, the evidence stays."""

    def build(pm, t):
        S, other = sigma(pm), inverse_wishart(pm)("T", F(7.0), PSI, shape=(2, 2))
        mu = pm.MvNormal("mu", M, cov=other, shape=2)
        pm.MvNormal("y", mu, cov=S, observed=Y, shape=(4, 2))

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    old, new = plain_density(backend, model), plain_density(backend, result)
    assert len(result.potentials) == 1
    for seed in range(5):
        point = random_point(model, seed)
        assert old(point) == pytest.approx(new(point) + evidence_of(backend, result), rel=1e-8)


def test_the_law_of_rows(backend):
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    density_of = import_module(f"symbolic_pymc.{backend.name}.adapter").ADAPTER.log_density
    offset, mean = 0.75 * M, M / 4
    rows = Rows(ops, ops.constant(Y), ops.constant(np.tile(offset, (4, 1))))
    draw = settle_graph(rows.law(ops.constant(mean), ops.constant(PSI)))
    density = backend.compile_plainly([], density_of(draw.reify(), rows.data.reify()))()
    expected = stats.multivariate_normal(offset + mean, PSI).logpdf(Y)
    np.testing.assert_allclose(np.sum(density), np.sum(expected), rtol=1e-10)


# The rows themselves ---------------------------------------------------------------------------------------------

ROWCHOL = np.linalg.cholesky(positive(8, 4))
# other parameters and data of each row
ROWS = {
    ("mvnormal", "cov"): ({"mu": M}, Y[0]),
    ("matrixnormal", "colchol"): ({"mu": np.ones((4, 2)), "rowchol": ROWCHOL}, Y),
    ("wishart", "V"): ({"nu": F(5.0)}, X),
    ("inversewishart", "Psi"): ({"nu": F(5.0)}, X),
}


def test_every_row_is_here():
    assert set(ROWS) == set(SCATTERS)


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_the_law_of_a_row_is_its_kernel(backend, row):
    """The density of the row's law over its kernel does not depend on Q."""
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    density_of = import_module(f"symbolic_pymc.{backend.name}.adapter").ADAPTER.log_density
    others, data = ROWS[row]
    p, y = {name: ops.constant(x) for name, x in others.items()}, ops.constant(data)
    count, scatter = (f(ops, y, p) for f in (SCATTERS[row].count, SCATTERS[row].scatter))
    left = []
    for Q in (positive(5), positive(6), np.array([[2.0, -0.5], [-0.5, 0.7]])):
        draw = settle_graph(SCATTERS[row].law(ops, ops.constant(Q), p))
        density = density_of(draw.reify(), y.reify())
        density, n, S = backend.compile_plainly([], [density, count.reify(), scatter.reify()])()
        left.append(density - n / 2 * np.linalg.slogdet(Q)[1] + np.trace(S @ Q) / 2)
    np.testing.assert_allclose(left, left[0], rtol=1e-8)
