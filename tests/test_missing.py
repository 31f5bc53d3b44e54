"""Data with missing entries, against the conditional and the marginal laws of the normal vector in SciPy."""

import numpy as np
import pytest
from scipy import linalg, stats

import symbolic_pymc as sp
from tests.densities import assert_conditioned, evidence_of, log_density, random_points
from tests.joints import built

F = np.float64
RNG = np.random.default_rng(8)
D = 5
ROOT = RNG.normal(size=(D, 9)).round(2)
COV = ROOT @ ROOT.T / 9
MU = np.array([0.5, -1.0, 2.0, 0.3, 0.0])
Y = RNG.normal(size=D).round(2)
GONE = np.array([False, True, False, True, False])
SEEN = ~GONE
TOLERANCE = 1e-8

pytestmark = pytest.mark.filterwarnings("ignore:.*missing values:Warning", "ignore:Data in:Warning")


def missing_name(backend):
    return "y_missing" if backend.name == "theano" else "y_unobserved"


def masked(gone=GONE, y=Y):
    return np.ma.masked_array(y, gone)


def sized(backend, shape):
    return {"shape": shape} if backend.name == "theano" else {}


def data(pm, backend, mu=MU, gone=GONE, **spelling):
    return pm.MvNormal("y", mu=mu, observed=masked(gone), **(spelling or {"cov": COV}), **sized(backend, D))


def given(mean, cov, gone=GONE):
    """Return the law of what is missing given the rest."""
    seen = ~gone
    gain = np.linalg.solve(cov[np.ix_(seen, seen)], cov[np.ix_(seen, gone)]).T
    rest = cov[np.ix_(gone, gone)] - gain @ cov[np.ix_(seen, gone)]
    return stats.multivariate_normal(mean[gone] + gain @ (Y[seen] - mean[seen]), rest)


def of_seen(mean, cov, gone=GONE):
    return stats.multivariate_normal(mean[~gone], cov[np.ix_(~gone, ~gone)]).logpdf(Y[~gone])


def same_density(backend, model, result):
    old, new = log_density(backend, model), log_density(backend, result)
    for point in random_points(backend, model):
        assert new(point) == pytest.approx(old(point), rel=TOLERANCE)


SPELLINGS = {
    "covariance": {"cov": COV},
    "factor": {"chol": np.linalg.cholesky(COV)},
    "precision": {"tau": linalg.inv(COV)},
}


@pytest.mark.parametrize("gone", [[1], [0, 1, 2, 4], [3, 4], [0, 2]], ids=str)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_what_is_missing_has_its_law_given_the_rest(backend, spelling, gone):
    gone = np.isin(np.arange(D), gone)
    model = built(backend, lambda pm, t: data(pm, backend, gone=gone, **SPELLINGS[spelling]))
    result = sp.conjugate_graph(model)
    assert [step.relation for step in sp.steps(result)] == ["missing_giveno"]
    same_density(backend, model, result)
    density, law = log_density(backend, result), given(MU, COV, gone)
    for point in random_points(backend, result):
        expected = of_seen(MU, COV, gone) + law.logpdf(point[missing_name(backend)])
        assert density(point) == pytest.approx(expected, rel=TOLERANCE)


def test_the_mean_has_its_posterior_given_what_was_seen(backend):
    model = built(backend, lambda pm, t: data(pm, backend, mu=pm.Normal("mu", F(0.4), sigma=F(1.5), shape=D)))
    result = sp.conjugate_graph(model)
    evidence = assert_conditioned(backend, model, result)
    assert evidence == pytest.approx(of_seen(np.full(D, 0.4), COV + 2.25 * np.eye(D)), rel=TOLERANCE)
    total = (COV + 2.25 * np.eye(D))[np.ix_(SEEN, SEEN)]
    gain = 2.25 * np.linalg.solve(total, np.eye(D)[SEEN]).T
    posterior = stats.multivariate_normal(0.4 + gain @ (Y[SEEN] - 0.4), 2.25 * (np.eye(D) - gain @ np.eye(D)[SEEN]))
    density = log_density(backend, result)
    for point in random_points(backend, result):
        law = given(point["mu"], COV)
        expected = posterior.logpdf(point["mu"]) + law.logpdf(point[missing_name(backend)])
        assert density(point) == pytest.approx(expected, rel=TOLERANCE)


def test_coefficients_of_a_regression_with_missing_data(backend):
    X = RNG.normal(size=(D, 2)).round(2)

    def build(pm, t):
        beta = pm.MvNormal("beta", mu=np.zeros(2), cov=4.0 * np.eye(2), shape=2)
        data(pm, backend, mu=1.5 + t.dot(X, beta))

    model = built(backend, build)
    evidence = assert_conditioned(backend, model, sp.conjugate_graph(model))
    assert evidence == pytest.approx(of_seen(np.full(D, 1.5), COV + 4.0 * X @ X.T), rel=TOLERANCE)


def test_what_is_missing_is_integrated_out_and_drawn_back(backend):
    def build(pm, t):
        data(pm, backend, cov=COV * pm.HalfNormal("v", sigma=1.0))

    result = sp.collapse_graph(built(backend, build))
    assert not any(v.name.startswith("y_") for v in result.free_RVs)
    density = log_density(backend, result)
    for point in random_points(backend, result):
        v = np.exp(point["v_log__"])
        expected = of_seen(MU, v * COV) + stats.halfnorm.logpdf(v) + point["v_log__"]
        assert density(point) == pytest.approx(expected, rel=TOLERANCE)
    draws = result.recover({"v": np.full(4000, 2.0)}, random_seed=1)[missing_name(backend)]
    law = given(MU, 2.0 * COV)
    for i, (mean, variance) in enumerate(zip(law.mean, np.diag(law.cov))):
        assert stats.kstest(draws[:, i], stats.norm(mean, variance**0.5).cdf).pvalue > 1e-4


def test_what_else_depends_on_the_data(backend):
    def build(pm, t):
        y = data(pm, backend, mu=pm.Normal("mu", 0.0, sigma=1.0, shape=D))
        pm.Deterministic("twice", 2.0 * y)
        pm.Poisson("k", t.exp(y[1] + y[2]), observed=3)

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert "mvnormal_mean_reversalo" in {step.relation for step in sp.steps(result)}
    assert "twice" in {v.name for v in result.deterministics}
    assert_conditioned(backend, model, result, tolerance=1e-6)  # PyMC3 has counts in single precision


@pytest.mark.parametrize("scale", [1e-8, 1e8])
@pytest.mark.parametrize("correlation", [0.0, 1 - 1e-6])
def test_extreme_covariances(backend, scale, correlation):
    cov = scale**2 * ((1 - correlation) * np.eye(D) + correlation)
    model = built(backend, lambda pm, t: data(pm, backend, mu=np.zeros(D), cov=cov))
    result, law = sp.conjugate_graph(model), given(np.zeros(D), cov)
    density = log_density(backend, result)
    for z in RNG.normal(size=(3, 2)):
        x = law.mean + np.linalg.cholesky(law.cov) @ z
        expected = of_seen(np.zeros(D), cov) + law.logpdf(x)
        assert density({missing_name(backend): x}) == pytest.approx(expected, rel=1e-5)


INDEX = np.array([2, 0, 0, 1, 2])


def of_groups(pm, backend):
    mu = pm.Normal("mu", F(0.4), sigma=F(1.5), shape=3)
    pm.Normal("y", mu[INDEX], sigma=F(0.7), observed=masked(), **sized(backend, D))


def of_columns(pm, backend):
    sd = np.array([0.5, 0.7])
    mu = pm.Normal("mu", F(0.4), sigma=F(1.5), shape=2)
    gone = np.array([[True, False], [False, False], [False, True]])
    pm.Normal(
        "y", mu, sigma=sd, observed=np.ma.masked_array(np.r_[Y, 0.3].reshape(3, 2), gone), **sized(backend, (3, 2))
    )


def of_one(pm, backend):
    pm.Normal(
        "y", pm.Normal("mu", F(0.4), sigma=F(1.5)), sigma=np.arange(1.0, 6.0), observed=masked(), **sized(backend, D)
    )


def of_rows(pm, backend):
    mu = pm.Normal("mu", F(0.4), sigma=F(1.5), shape=(3, 1))
    gone = np.array([[True, False], [False, False], [False, True]])
    pm.Normal(
        "y", mu, sigma=F(1.0), observed=np.ma.masked_array(np.r_[Y, 0.3].reshape(3, 2), gone), **sized(backend, (3, 2))
    )


PLATES = {"groups": of_groups, "columns": of_columns, "one mean": of_one, "rows": of_rows}


@pytest.mark.parametrize("build", PLATES.values(), ids=PLATES)
def test_independent_data(backend, build):
    model = built(backend, lambda pm, t: build(pm, backend))
    result = sp.conjugate_graph(model)
    assert not result.observed_RVs
    assert_conditioned(backend, model, result)


def test_the_mean_of_groups_given_what_was_seen(backend):
    result = sp.collapse_graph(built(backend, lambda pm, t: of_groups(pm, backend)))
    assert not result.free_RVs
    same = INDEX[SEEN][:, None] == INDEX[SEEN]
    law = stats.multivariate_normal(np.full(3, 0.4), 2.25 * same + 0.49 * np.eye(3))
    assert evidence_of(backend, result) == pytest.approx(law.logpdf(Y[SEEN]), rel=TOLERANCE)


def test_counts(backend):
    y = np.ma.masked_array([3, 0, 2, 5], [False, True, False, True])

    def build(pm, t):
        pm.Poisson("y", pm.Gamma("mu", F(2.0), F(1.5)), observed=y, **sized(backend, 4))

    model = built(backend, build)
    result = sp.marginalize_graph(model, ["mu", missing_name(backend)])
    # the law of 3 and 2 that have one rate
    rate = stats.gamma(2.0 + 5, scale=1 / 3.5), stats.gamma(2.0, scale=1 / 1.5)
    exact = stats.poisson(1.0).logpmf([3, 2]).sum() + rate[1].logpdf(1.0) - rate[0].logpdf(1.0)
    assert evidence_of(backend, result) == pytest.approx(exact, abs=1e-6)  # PyMC3 has counts in single precision


def rows_of_vectors(pm, t, backend):
    gone = np.zeros((3, D), dtype=bool)
    gone[0, 1] = gone[2, 2] = True
    y = np.ma.masked_array(RNG.normal(size=(3, D)), gone)
    pm.MvNormal("y", mu=pm.Normal("mu", 0.0, sigma=1.0, shape=D), cov=COV, observed=y, **sized(backend, (3, D)))


def student_vector(pm, t, backend):
    names = {"Sigma" if backend.name == "theano" else "scale": COV}
    pm.MvStudentT(
        "y", nu=5.0, mu=pm.Normal("mu", 0.0, sigma=1.0, shape=D), observed=masked(), **names, **sized(backend, D)
    )


@pytest.mark.parametrize("build", [rows_of_vectors, student_vector])
def test_what_is_left_as_it_is(backend, build):
    model = built(backend, lambda pm, t: build(pm, t, backend))
    for result in (sp.conjugate_graph(model), sp.collapse_graph(model)):
        same_density(backend, model, result) if result is model else None
        assert "missing_giveno" not in {step.relation for step in sp.steps(result)}
        assert "mu" in {v.name for v in result.free_RVs}
