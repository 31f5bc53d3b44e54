"""Whole models conditioned on their data: several parameters, several data, what stays and what is refused."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

import symbolic_pymc as sp
from tests.densities import assert_conditioned, evidence_of, log_density, random_points, value_of
from tests.languages import Graphs

F = np.float64
RNG = np.random.default_rng(5)
X = RNG.normal(size=(9, 3))
Y = RNG.normal(size=9)
Z = RNG.normal(size=4)
GROUP = np.array([0, 1, 1, 3, 0, 1, 3, 3, 3])
ITEM = np.array([0, 0, 1, 1, 0, 1, 0, 1, 1])
B = X[:, 0]


def names(variables):
    return [v.name for v in variables]


def taken(result):
    return [step.variables for step in sp.steps(result) if step.taken]


def reasons(result):
    return {step.variables: step.reason for step in sp.steps(result) if not step.taken}


def conditioned(backend, build, **points):
    """Return the model, what it becomes, and its log evidence; the ratio test is passed and the model untouched."""
    with backend.pm.Model() as model:
        build(backend.pm, backend.tensor)
    before = state(model)
    result = sp.conjugate_graph(model)
    assert state(model) == before
    return model, result, assert_conditioned(backend, model, result, **points)


def state(model):
    """Return what a model is made of, by identity."""
    return {n: (id(v), v.name, v.owner, v.type) for n, v in model.named_vars.items()}, names(model.observed_RVs)


# All data gone: the evidence is known --------------------------------------------------------------------------


def selection(index, k):
    return np.eye(k)[index]


def levels(pm, t):
    mu = pm.Normal("mu", 1.0, sigma=2.0)
    theta = pm.Normal("theta", mu, sigma=0.5, shape=4)
    pm.Normal("y", theta[GROUP], sigma=1.5, observed=Y)


def three_levels(pm, t):
    top = pm.Normal("top", 0.0, sigma=1.0)
    mu = pm.Normal("mu", 2 * top, sigma=2.0, shape=2)
    theta = pm.Normal("theta", mu[np.array([0, 0, 1, 1])] - 1.0, sigma=0.5, shape=4)
    pm.Normal("y", theta[GROUP], sigma=1.5, observed=Y)


def intercepts_and_slopes(pm, t):
    a = pm.Normal("a", 1.0, sigma=2.0, shape=4)
    b = pm.Normal("b", 0.5, sigma=0.3, shape=4)
    pm.Normal("y", a[GROUP] + b[GROUP] * B, sigma=1.5, observed=Y)


def crossed(pm, t):
    a = pm.Normal("a", 1.0, sigma=2.0, shape=4)
    b = pm.Normal("b", 0.5, sigma=0.3, shape=2)
    pm.Normal("y", a[GROUP] + b[ITEM] * B, sigma=1.5, observed=Y)


def rows_and_columns(pm, t):
    c = pm.Normal("c", 1.0, sigma=2.0, shape=3)
    pm.Normal("y", c, sigma=1.5, observed=X)


def intercept_and_regression(pm, t):
    alpha = pm.Normal("alpha", 1.0, sigma=2.0)
    beta = pm.Normal("beta", 0.5, sigma=0.3, shape=3)
    pm.Normal("y", alpha + t.dot(X, beta), sigma=1.5, observed=Y)


def two_regressions(pm, t):
    beta = pm.MvNormal("beta", np.ones(3), cov=np.diag([1.0, 2.0, 3.0]), shape=3)
    u = pm.Normal("u", 0.0, sigma=0.7, shape=4)
    pm.MvNormal("y", t.dot(X, beta) + t.dot(selection(GROUP, 4), u), cov=2.25 * np.eye(9), observed=Y)


def through_deterministics(pm, t):
    beta = pm.Normal("beta", 0.5, sigma=0.3, shape=3)
    half = pm.Deterministic("half", beta / 2)
    eta = pm.Deterministic("eta", t.dot(X, half))
    size = pm.Deterministic("size", 0.5 * beta.shape[0])
    pm.Normal("y", pm.Deterministic("mean", eta + t.dot(X, half) + beta[0]), sigma=size, observed=Y)


def several_data(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=4)
    pm.Normal("y1", theta, sigma=0.5, observed=Z)
    pm.Normal("y2", theta[GROUP], sigma=1.5, observed=Y)
    pm.MvNormal("y3", t.dot(X[:, :2], theta[:2]), cov=np.eye(9), observed=B)
    pm.Normal("y4", t.sum(theta), sigma=0.1, observed=0.3)


def several_data_of_a_scalar(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.MvNormal("y1", theta * B, cov=np.eye(9), observed=Y)
    pm.Normal("y2", theta, sigma=0.5, observed=Z)
    pm.Normal("y3", 2 * theta, sigma=0.5, observed=0.2)


def chain_of_scalars(pm, t):
    x = pm.Normal("x0", 0.0, sigma=1.0)
    for i in range(1, 5):
        x = pm.Normal(f"x{i}", 0.9 * x + 0.1, sigma=0.5)
    pm.Normal("y", x, sigma=1.5, observed=0.7)


def seen_and_used_again(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    y = pm.Normal("y1", theta, sigma=0.5, observed=Z)
    pm.Normal("y2", theta + y, sigma=0.5, observed=Z**2)


def eye(n, sd):
    return sd**2 * np.eye(n)


ONES = np.ones((9, 1))
P4, P2 = selection(GROUP, 4), selection(ITEM, 2)
PAIRS = np.repeat(np.eye(2), 2, axis=0)
STEP = np.cumprod(np.r_[1.0, np.full(4, 0.9)])

# the data laid out as a vector, its mean and its covariance
CLOSED = {
    levels: (Y, 1.0, P4 @ (4 * np.ones((4, 4)) + eye(4, 0.5)) @ P4.T + eye(9, 1.5)),
    three_levels: (
        Y,
        -1.0,
        P4 @ (PAIRS @ (4 * np.ones((2, 2)) + eye(2, 2)) @ PAIRS.T + eye(4, 0.5)) @ P4.T + eye(9, 1.5),
    ),
    intercepts_and_slopes: (
        Y,
        1 + 0.5 * B,
        4 * P4 @ P4.T + 0.09 * (B[:, None] * P4) @ (B[:, None] * P4).T + eye(9, 1.5),
    ),
    crossed: (Y, 1 + 0.5 * B, 4 * P4 @ P4.T + 0.09 * (B[:, None] * P2) @ (B[:, None] * P2).T + eye(9, 1.5)),
    rows_and_columns: (X.ravel(), 1.0, np.kron(np.ones((9, 9)), 4 * np.eye(3)) + eye(27, 1.5)),
    intercept_and_regression: (Y, 1 + X @ np.full(3, 0.5), 4 * ONES @ ONES.T + 0.09 * X @ X.T + eye(9, 1.5)),
    two_regressions: (
        Y,
        X @ np.ones(3),
        X @ np.diag([1.0, 2.0, 3.0]) @ X.T + 0.49 * P4 @ P4.T + eye(9, 1.5),
    ),
    through_deterministics: (
        Y,
        X @ np.full(3, 0.5) + 0.5,
        0.09 * (X + [1, 0, 0]) @ (X + [1, 0, 0]).T + eye(9, 1.5),
    ),
    chain_of_scalars: (
        np.array([0.7]),
        0.1 * (1 - 0.9**4) / 0.1,
        np.array([[0.9**8 + 0.25 * np.sum(0.81 ** np.arange(4)) + 2.25]]),
    ),
}


@pytest.mark.parametrize("build", CLOSED)
def test_evidence_of_everything(backend, build):
    model, result, evidence = conditioned(backend, build)
    data, mean, cov = CLOSED[build]
    assert not result.observed_RVs
    np.testing.assert_allclose(evidence, multivariate_normal(mean + np.zeros(len(data)), cov).logpdf(data), rtol=1e-8)


def test_evidence_of_several_data(backend):
    model, result, evidence = conditioned(backend, several_data)
    F = np.vstack([np.eye(4), P4, np.c_[X[:, :2], np.zeros((9, 2))], np.ones((1, 4))])
    noise = np.r_[np.full(4, 0.5), np.full(9, 1.5), np.ones(9), 0.1]
    data = np.r_[Z, Y, B, 0.3]
    law = multivariate_normal(F @ np.ones(4), 4 * F @ F.T + np.diag(noise**2))
    np.testing.assert_allclose(evidence, law.logpdf(data), rtol=1e-8)
    assert taken(result) == [("theta", f"y{i}") for i in range(1, 5)]


def test_evidence_of_several_data_of_a_scalar(backend):
    model, result, evidence = conditioned(backend, several_data_of_a_scalar)
    F = np.r_[B, np.ones(4), 2.0][:, None]
    noise = np.r_[np.ones(9), np.full(5, 0.5)]
    law = multivariate_normal(F[:, 0], 4 * F @ F.T + np.diag(noise**2))
    np.testing.assert_allclose(evidence, law.logpdf(np.r_[Y, Z, 0.2]), rtol=1e-8)


def test_data_that_other_data_depend_on(backend):
    model, result, evidence = conditioned(backend, seen_and_used_again)
    F = np.ones((8, 1))
    law = multivariate_normal(np.r_[np.ones(4), 1 + Z], 4 * F @ F.T + 0.25 * np.eye(8))
    np.testing.assert_allclose(evidence, law.logpdf(np.r_[Z, Z**2]), rtol=1e-8)
    assert not result.observed_RVs


def test_levels_are_conditioned_from_the_data_outwards(backend):
    model, result, _ = conditioned(backend, three_levels)
    assert taken(result) == [("theta", "y"), ("mu", "y"), ("top", "y")]
    assert sorted(names(result.basic_RVs)) == ["mu", "theta", "top"]


# Something stays -----------------------------------------------------------------------------------------------


def unknown_noise(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    s = pm.HalfNormal("s", sigma=1.5)
    pm.Normal("y", theta * B, sigma=s, observed=Y)


def unknown_noise_elementwise(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=(4,))
    s = pm.Exponential("s", 1.0)
    pm.Normal("y", 2 * theta - 1, sigma=s, observed=Z)


def unknown_prior_scale(pm, t):
    tau = pm.HalfCauchy("tau", 2.0)
    theta = pm.Normal("theta", 1.0, sigma=tau, shape=4)
    pm.Normal("y", theta[GROUP], sigma=0.7, observed=Y)


def unknown_scales_on_both_levels(pm, t):
    mu = pm.Normal("mu", 0.0, sigma=10.0)
    tau, s = pm.HalfCauchy("tau", 2.0), pm.Uniform("s", 0.0, 5.0)
    theta = pm.Normal("theta", mu, sigma=tau, shape=4)
    pm.Normal("y", theta[GROUP], sigma=s, observed=Y)


def varying_intercepts_and_slopes(pm, t):
    mu_a, mu_b = pm.Normal("mu_a", 0.0, sigma=100.0), pm.Normal("mu_b", 0.0, sigma=100.0)
    sigma_a, sigma_b = pm.HalfCauchy("sigma_a", 5.0), pm.HalfCauchy("sigma_b", 5.0)
    a = pm.Normal("a", mu_a, sigma=sigma_a, shape=4)
    b = pm.Normal("b", mu_b, sigma=sigma_b, shape=4)
    pm.Normal("y", a[GROUP] + b[GROUP] * B, sigma=pm.HalfCauchy("eps", 5.0), observed=Y)


def unknown_location_of_the_prior(pm, t):
    nu = pm.StudentT("nu", 4.0, mu=0.5, sigma=2.0)
    theta = pm.Normal("theta", nu, sigma=2.0, shape=3)
    pm.MvNormal("y", t.dot(X, theta), cov=np.eye(9), observed=Y)


def unknown_coefficients(pm, t):
    g = pm.Gamma("g", 2.0, 1.0)
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=3)
    pm.Normal("y", g * t.dot(X, theta), sigma=1.5, observed=Y)


def unknown_covariance(pm, t):
    s = pm.HalfNormal("s", sigma=1.5)
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.MvNormal("y", theta * B, cov=s * np.eye(9), observed=Y)


STAYING = {
    unknown_noise: {"y"},
    unknown_noise_elementwise: {"y"},
    unknown_prior_scale: {"y"},
    unknown_scales_on_both_levels: {"y"},
    varying_intercepts_and_slopes: {"y"},
    unknown_location_of_the_prior: {"y"},
    unknown_coefficients: {"y"},
    unknown_covariance: {"y"},
}


@pytest.mark.parametrize("build", STAYING)
def test_evidence_that_depends_on_unknowns_stays(backend, build):
    model, result, evidence = conditioned(backend, build, spread=0.5)
    assert evidence == 0.0
    assert set(names(result.observed_RVs)) == STAYING[build]
    assert taken(result)


def test_every_linear_variable_of_a_varying_intercepts_model_goes(backend):
    model, result, _ = conditioned(backend, varying_intercepts_and_slopes, spread=0.3)
    assert {v for v, _ in taken(result)} == {"mu_a", "mu_b", "a", "b"}


def test_children_without_a_reversal_stay(backend):
    def build(pm, t):
        theta = pm.Normal("theta", 1.0, sigma=2.0)
        pm.Normal("y1", theta, sigma=0.5, observed=Z)
        pm.StudentT("y2", 3.0, mu=theta, sigma=0.5, observed=Y)
        pm.Poisson("y3", t.exp(theta), observed=np.array([1, 4]))
        pm.Normal("latent", theta, sigma=t.exp(theta))

    model, result, evidence = conditioned(backend, build)
    assert names(result.observed_RVs) == ["y2", "y3"]
    assert taken(result) == [("theta", "y1")]
    assert set(reasons(result)) == {("theta", "y2"), ("theta", "y3")}
    law = multivariate_normal(np.ones(4), 4 * np.ones((4, 4)) + 0.25 * np.eye(4))
    np.testing.assert_allclose(evidence, law.logpdf(Z), rtol=1e-8)


def test_potentials_and_deterministics_are_kept(backend):
    def build(pm, t):
        theta = pm.Normal("theta", 1.0, sigma=2.0, shape=4)
        pm.Normal("y", theta[GROUP], sigma=0.5, observed=Y)
        pm.Potential("p", -t.sum(theta**4))
        pm.Deterministic("d", t.exp(theta[0]))

    model, result, _ = conditioned(backend, build)
    assert names(result.potentials) == ["p"]
    assert "d" in names(result.deterministics)
    new, theta = result["d"], result["theta"]
    at = RNG.normal(size=4)
    values = {"theta": at}
    if backend.name == "theano":
        value = backend.compile_plainly([theta], new)(at)
    else:
        (replaced,) = result.replace_rvs_by_values([new])
        value = backend.compile_plainly(result.value_vars, replaced)(*(values[v.name] for v in result.value_vars))
    np.testing.assert_allclose(value, np.exp(at[0]))


def test_a_quantity_of_the_data_is_kept(backend):
    def build(pm, t):
        theta = pm.Normal("theta", 1.0, sigma=2.0)
        y = pm.Normal("y", theta, sigma=0.5, observed=Z)
        pm.Deterministic("d", t.sum(y) + theta)

    model, result, _ = conditioned(backend, build)
    assert "d" in names(result.deterministics)


def test_variables_that_feed_nothing_are_kept(backend):
    def build(pm, t):
        theta = pm.Normal("theta", 1.0, sigma=2.0)
        pm.Normal("y", theta, sigma=0.5, observed=Z)
        pm.Gamma("loose", 2.0, 1.0)
        pm.Normal("child", theta, sigma=1.0, shape=3)

    model, result, _ = conditioned(backend, build)
    assert sorted(v.name for v in result.unobserved_RVs if "__" not in v.name) == ["child", "loose", "theta"]


# Sizes, data that change, and numbers of all magnitudes -----------------------------------------------------------


@pytest.mark.parametrize("form, n", [("shared", 0), ("shared", 1), ("each", 1), ("dense", 0), ("dense", 1)])
def test_no_data_and_one_datum(backend, n, form):
    data = Z[:n]

    def build(pm, t):
        theta = pm.Normal("theta", 1.0, sigma=2.0, shape=n if form == "each" else 3 if form == "dense" else ())
        mean = t.dot(X[:n], theta) if form == "dense" else theta
        pm.Normal("y", mean, sigma=0.5, observed=data)

    model, result, evidence = conditioned(backend, build)
    F = {"shared": np.ones((n, 1)), "each": np.eye(n), "dense": X[:n]}[form]
    law = multivariate_normal(F @ np.ones(F.shape[1]), 4 * F @ F.T + 0.25 * np.eye(n)).logpdf(data) if n else 0.0
    np.testing.assert_allclose(evidence, law, rtol=1e-8, atol=1e-8)


def test_groups_without_data(backend):
    def build(pm, t):
        theta = pm.Normal("theta", 1.0, sigma=2.0, shape=7)
        pm.Normal("y", theta[GROUP], sigma=0.5, observed=Y)

    model, result, _ = conditioned(backend, build)


def test_shared_data_may_change_afterwards(backend):
    def build(x, idx, y):
        a = backend.pm.Normal("a", 1.0, sigma=2.0, shape=4)
        beta = backend.pm.Normal("beta", 0.0, sigma=1.0, shape=3)
        mean = a[idx] + backend.tensor.dot(x, beta)
        backend.pm.Normal("y", mean, sigma=0.5, observed=y)

    with backend.pm.Model() as model:
        x, idx, y = backend.shared(X), backend.shared(GROUP), backend.shared(Y)
        build(x, idx, y)
    result = sp.conjugate_graph(model)
    first = assert_conditioned(backend, model, result)
    new = RNG.normal(size=(5, 3)), GROUP[:5], RNG.normal(size=5)
    for shared, value in zip((x, idx, y), new):
        shared.set_value(value)
    second = assert_conditioned(backend, model, result)
    with backend.pm.Model() as fresh:
        build(*new)
    assert abs(first - second) > 1.0
    np.testing.assert_allclose(second, evidence_of(backend, sp.conjugate_graph(fresh)), rtol=1e-8)


def test_data_containers_of_the_model_may_change_afterwards(backend):
    pm = backend.pm
    with pm.Model() as model:
        y = pm.Data("data", Y)
        theta = pm.Normal("theta", 1.0, sigma=2.0)
        pm.Normal("y", theta, sigma=0.5, observed=y)
    result = sp.conjugate_graph(model)
    assert_conditioned(backend, model, result)
    with result:
        pm.set_data({"data": Z})
    law = multivariate_normal(np.ones(4), 4 * np.ones((4, 4)) + 0.25 * np.eye(4))
    np.testing.assert_allclose(assert_conditioned(backend, model, result), law.logpdf(Z), rtol=1e-8)


# Refused ---------------------------------------------------------------------------------------------------------


def in_the_scale_too(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Normal("y", theta, sigma=t.exp(theta), observed=Y)


def in_the_scale_alone(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Normal("y", 0.0, sigma=t.exp(theta), observed=Y)


def in_the_scale_through_a_deterministic(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=4)
    s = pm.Deterministic("s", t.exp(theta[0]))
    pm.Normal("y", theta, sigma=s, observed=Z)


def in_the_covariance(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.MvNormal("y", theta * B, cov=np.eye(9) * (1 + theta**2), observed=Y)


def exponential(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Normal("y", t.exp(theta), sigma=1.0, observed=Y)


def squared(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Normal("y", theta**2, sigma=1.0, observed=Y)


def times_itself(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Normal("y", theta * theta, sigma=1.0, observed=Y)


def in_the_denominator(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Normal("y", 1.0 / theta, sigma=1.0, observed=Y)


def absolute(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Normal("y", abs(theta), sigma=1.0, observed=Y)


def largest(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=4)
    pm.Normal("y", t.max(theta), sigma=1.0, observed=Y)


def product_of_elements(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=4)
    pm.Normal("y", t.prod(theta), sigma=1.0, observed=Y)


def on_both_sides_of_a_product(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=3)
    pm.Normal("y", t.dot(theta, theta), sigma=1.0, observed=Y)


def in_the_design(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=3)
    pm.Normal("y", t.dot(X * theta, theta), sigma=1.0, observed=Y)


def clipped(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Normal("y", t.clip(theta, -1.0, 1.0), sigma=1.0, observed=Y)


def rounded(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Normal("y", t.floor(theta), sigma=1.0, observed=Y)


def cast_to_an_integer(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Normal("y", t.cast(theta, "int64"), sigma=1.0, observed=Y)


def switched(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Normal("y", t.switch(theta > 0.0, theta, 0.0), sigma=1.0, observed=Y)


def on_two_paths(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    z = pm.StudentT("z", 3.0, mu=theta, sigma=1.0)
    pm.Normal("y", theta + z, sigma=1.0, observed=Y)


def heavy_tailed_prior(pm, t):
    theta = pm.StudentT("theta", 3.0, mu=0.0, sigma=2.0)
    pm.Normal("y", theta, sigma=1.0, observed=Y)


def flat_prior(pm, t):
    theta = pm.Flat("theta")
    pm.StudentT("y", 3.0, mu=theta, sigma=1.0, observed=Y)


def half_normal_prior(pm, t):
    theta = pm.HalfNormal("theta", sigma=2.0)
    pm.StudentT("y", 3.0, mu=theta, sigma=1.0, observed=Y)


def truncated_prior(pm, t):
    theta = pm.TruncatedNormal("theta", mu=1.0, sigma=2.0, lower=0.0)
    pm.StudentT("y", 3.0, mu=theta, sigma=1.0, observed=Y)


def truncated_likelihood(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.TruncatedNormal("y", mu=theta, sigma=1.0, lower=0.0, observed=Y**2)


def student_t_likelihood(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.StudentT("y", 4.0, mu=theta, sigma=1.0, observed=Y)


def counts(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Poisson("y", t.exp(theta), observed=np.array([1, 2]))


def mixture(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    parts = [pm.Normal.dist(theta, sigma=1.0), pm.Normal.dist(-theta, sigma=2.0)]
    pm.Mixture("y", w=np.array([0.3, 0.7]), comp_dists=parts, observed=Y)


def total_size_of_the_data(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Normal("y", theta, sigma=1.0, observed=Y, total_size=900)


def matrix_through_a_matrix(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=(3, 2))
    pm.Normal("y", t.dot(X, theta), sigma=1.0, observed=np.ones((9, 2)))


def matrix_summed(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=(3, 4))
    pm.Normal("y", t.sum(theta, axis=0), sigma=1.0, observed=Z)


def chosen_by_a_draw(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=2)
    z = pm.Bernoulli("z", 0.4, shape=9)
    pm.StudentT("y", 4.0, mu=theta[z], sigma=1.0, observed=Y)


def no_data(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Normal("y", theta, sigma=1.0)


REFUSED = {
    in_the_scale_too: "sigma of y",
    in_the_scale_alone: "sigma of y",
    in_the_scale_through_a_deterministic: "sigma of y",
    in_the_covariance: "cov of y",
    exponential: "exp",
    squared: "",
    times_itself: "multiplied by something that depends on it",
    in_the_denominator: "denominator",
    absolute: "not affine",
    largest: "not affine",
    product_of_elements: "not affine",
    on_both_sides_of_a_product: "multiplied by something that depends on it",
    in_the_design: "multiplied by something that depends on it",
    clipped: "not affine",
    rounded: "not affine",
    cast_to_an_integer: "not affine",
    switched: "not affine",
    on_two_paths: "through z",
    heavy_tailed_prior: "theta is studentt",
    flat_prior: "theta is flat",
    half_normal_prior: "theta is halfnormal",
    truncated_prior: "theta is truncatednormal",
    truncated_likelihood: "y is truncatednormal",
    student_t_likelihood: "y is studentt",
    counts: "y is poisson",
    mixture: "y is",
    total_size_of_the_data: "total_size",
    matrix_through_a_matrix: "matrix in a matrix product",
    matrix_summed: "2 axes",
    chosen_by_a_draw: "y is studentt",
}


@pytest.mark.parametrize("build", REFUSED)
def test_refused_with_the_reason(backend, build):
    with backend.pm.Model() as model:
        build(backend.pm, backend.tensor)
    before, density = state(model), log_density(backend, model)
    result = sp.conjugate_graph(model)
    assert result is model
    assert state(model) == before
    assert not taken(result)
    assert evidence_of(backend, result) == 0.0
    assert REFUSED[build] in reasons(result)["theta", "y"]
    point = random_points(backend, model, n=1)[0]
    assert log_density(backend, model)(point) == density(point)


def test_a_model_without_data_comes_back(backend):
    with backend.pm.Model() as model:
        no_data(backend.pm, backend.tensor)
    result = sp.conjugate_graph(model)
    assert result is model
    assert not sp.steps(result)
    assert str(sp.steps(result)) == "nothing to do"


@pytest.mark.filterwarnings("ignore:Data in y contains missing values")
def test_data_with_missing_entries(backend):
    """What is missing is drawn by itself, so that the others can go."""
    with backend.pm.Model() as model:
        theta = backend.pm.Normal("theta", 1.0, sigma=2.0)
        backend.pm.Normal("y", theta, sigma=1.0, observed=np.ma.masked_array(Y, GROUP == 1))
    result = sp.conjugate_graph(model)
    assert_conditioned(backend, model, result)
    missing = "y_missing" if backend.name == "theano" else "y_unobserved"
    assert [v.name for v in result.free_RVs] == ["theta", missing]


# Odd but legal: exact, or left alone ------------------------------------------------------------------------------


def chosen_by_a_draw_in_a_normal(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=2)
    z = pm.Bernoulli("z", 0.4, shape=9)
    pm.Normal("y", theta[z], sigma=1.0, observed=Y)


def cancelled(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Normal("y", theta - theta, sigma=1.0, observed=Y)


def times_zero(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=4)
    pm.Normal("y", 0.0 * theta, sigma=1.0, observed=Z)


def only_its_shape(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=4)
    pm.Normal("y", t.zeros_like(theta), sigma=1.0, observed=Z)


def its_shape_and_itself(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=4)
    pm.Normal("y", t.ones_like(theta) * 3.0 + theta, sigma=1.0, observed=Z)


def filled_with_its_only_element(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Normal("y", t.fill(np.zeros(4), theta), sigma=1.0, observed=Z)


def filled_like_itself(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Normal("y", t.zeros_like(theta) + Z + theta, sigma=1.0, observed=Z)


def repeated(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=3)
    pm.Normal("y", t.repeat(theta, 3), sigma=1.0, observed=Y)


def tiled(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=3)
    pm.Normal("y", t.tile(theta, 3), sigma=1.0, observed=Y)


def joined(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=3)
    pm.Normal("y", t.concatenate([theta, theta[:1]]), sigma=1.0, observed=Z)


def stacked(pm, t):
    parts = [pm.Normal(name, 1.0, sigma=2.0) for name in ("theta", "b", "c", "d")]
    pm.Normal("y", t.stack(parts), sigma=1.0, observed=Z)


def written_into_an_array(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=3)
    pm.Normal("y", t.set_subtensor(t.as_tensor_variable(Z)[1:], theta), sigma=1.0, observed=Z)


def cumulated(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=4)
    pm.Normal("y", t.cumsum(theta), sigma=1.0, observed=Z)


def from_the_diagonal(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=(4, 4))
    pm.Normal("y", t.diag(theta), sigma=1.0, observed=Z)


def solved(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=3)
    pm.Normal("y", t.dot(np.linalg.inv(np.eye(3) + 0.1), theta), sigma=1.0, observed=Z[:3])


def positive_part_of_the_scale(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Normal("y", 2.0, sigma=abs(theta) + 1.0, observed=Y)


def a_bound_that_depends_on_nothing(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Normal("y", theta, tau=4.0, observed=Y)


def a_precision_for_the_prior(pm, t):
    theta = pm.Normal("theta", 1.0, tau=0.25, shape=4)
    pm.Normal("y", theta[GROUP], tau=np.arange(1.0, 10.0), observed=Y)


def a_precision_matrix(pm, t):
    theta = pm.MvNormal("theta", np.ones(3), tau=np.eye(3) + 0.3, shape=3)
    pm.MvNormal("y", t.dot(X, theta), tau=np.eye(9) + 0.2, observed=Y)


def a_cholesky_factor(pm, t):
    root = np.tril(np.ones((3, 3))) + np.eye(3)
    theta = pm.MvNormal("theta", np.ones(3), chol=root, shape=3)
    pm.MvNormal("y", t.dot(X, theta), chol=np.tril(np.ones((9, 9))), observed=Y)


def rows_of_a_batch(pm, t):
    theta = pm.MvNormal("theta", np.ones(3), cov=np.eye(3), shape=(4, 3))
    pm.Normal("y", theta[:, 0], sigma=1.0, observed=Z)


def a_batch_of_data(pm, t):
    theta = pm.MvNormal("theta", np.ones(3), cov=np.eye(3), shape=3)
    pm.MvNormal("y", theta, cov=np.eye(3) + 0.5, observed=X)


def vectors_about_a_scalar(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.MvNormal("y", theta + np.zeros(3), cov=np.eye(3) + 0.5, observed=X)


def one_number_with_unknown_noise(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Normal("y", 3 * theta, sigma=pm.HalfNormal("s", sigma=1.0), observed=0.4)


def matrix_of_data_with_unknown_noise(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=3)
    pm.Normal("y", theta, sigma=pm.HalfNormal("s", sigma=1.0), observed=X)


def matrix_each_with_unknown_noise(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=(9, 3))
    pm.Normal("y", theta, sigma=pm.HalfNormal("s", sigma=1.0), observed=X)


def whole_numbers_as_data(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Normal("y", theta, sigma=1.0, observed=np.array([1, 2, 5]))


def whole_numbers_as_parameters(pm, t):
    theta = pm.Normal("theta", 1, sigma=2, shape=4)
    pm.Normal("y", 3 * theta + 1, sigma=2, observed=np.array([1, 2, 5, 2]))


def whole_numbers_as_design(pm, t):
    theta = pm.Normal("theta", np.arange(3), sigma=2, shape=3)
    pm.Normal("y", t.dot(np.arange(12).reshape(4, 3), theta), sigma=2, observed=np.array([1, 2, 5, 2]))


def shared_parent_of_noise_and_prior(pm, t):
    s = pm.HalfNormal("s", sigma=1.0)
    theta = pm.Normal("theta", s, sigma=s)
    pm.Normal("y", theta + s, sigma=s, observed=Y)


def parent_of_parent_in_the_mean(pm, t):
    mu = pm.Normal("mu", 0.0, sigma=1.0)
    theta = pm.Normal("theta", mu, sigma=2.0)
    pm.Normal("y", theta + mu, sigma=1.0, observed=Y)


def child_between_that_stays(pm, t):
    theta = pm.Normal("theta", 0.0, sigma=1.0)
    child = pm.Normal("child", 2 * theta, sigma=1.0)
    pm.Normal("y", child, sigma=pm.HalfNormal("s", sigma=1.0), observed=Y)
    pm.Normal("w", theta, sigma=0.5, observed=Z)


def same_data_twice(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Normal("y", theta, sigma=1.0, observed=Y)
    pm.Normal("y2", theta, sigma=1.0, observed=Y)


def two_equal_priors(pm, t):
    theta, b = pm.Normal("theta", 1.0, sigma=2.0), pm.Normal("b", 1.0, sigma=2.0)
    pm.Normal("y", theta + b, sigma=1.0, observed=Y)


def two_equal_priors_taken_apart(pm, t):
    theta, b = pm.Normal("theta", 1.0, sigma=2.0, shape=4), pm.Normal("b", 1.0, sigma=2.0, shape=4)
    pm.Normal("y", theta - b, sigma=1.0, observed=Z)


def an_observed_parent(pm, t):
    m = pm.Normal("m", 0.0, sigma=1.0, observed=0.3)
    theta = pm.Normal("theta", m, sigma=2.0)
    pm.Normal("y", theta + m, sigma=1.0, observed=Y)


def a_random_walk_by_hand(pm, t):
    theta = pm.Normal("theta", 0.0, sigma=1.0)
    b = pm.Normal("b", theta, sigma=0.5)
    pm.Normal("y", theta, sigma=1.0, observed=0.3)
    pm.Normal("y2", b, sigma=1.0, observed=0.7)


def second_data_further_out(pm, t):
    mu = pm.Normal("mu", 0.0, sigma=1.0)
    theta = pm.Normal("theta", mu, sigma=0.5, shape=4)
    pm.Normal("y0", mu, sigma=0.2, observed=0.4)
    pm.Normal("y", theta[GROUP], sigma=1.0, observed=Y)


ODD = [
    chosen_by_a_draw_in_a_normal,
    cancelled,
    times_zero,
    only_its_shape,
    its_shape_and_itself,
    filled_with_its_only_element,
    filled_like_itself,
    repeated,
    tiled,
    joined,
    stacked,
    written_into_an_array,
    cumulated,
    from_the_diagonal,
    solved,
    positive_part_of_the_scale,
    a_bound_that_depends_on_nothing,
    a_precision_for_the_prior,
    a_precision_matrix,
    a_cholesky_factor,
    rows_of_a_batch,
    a_batch_of_data,
    vectors_about_a_scalar,
    one_number_with_unknown_noise,
    matrix_of_data_with_unknown_noise,
    matrix_each_with_unknown_noise,
    whole_numbers_as_data,
    whole_numbers_as_parameters,
    whole_numbers_as_design,
    shared_parent_of_noise_and_prior,
    parent_of_parent_in_the_mean,
    child_between_that_stays,
    same_data_twice,
    two_equal_priors,
    two_equal_priors_taken_apart,
    an_observed_parent,
    a_random_walk_by_hand,
    second_data_further_out,
]


@pytest.mark.parametrize("build", ODD)
def test_exact_or_left_alone(backend, build):
    with backend.pm.Model() as model:
        build(backend.pm, backend.tensor)
    before = state(model)
    result = sp.conjugate_graph(model)
    assert state(model) == before
    if result is model:
        assert reasons(result)
    else:
        assert_conditioned(backend, model, result)


# What the density of a model has beside its distributions ----------------------------------------------------------


def with_a_transform(pm, t):
    log = pm.distributions.transforms.log
    theta = pm.Normal("theta", 1.0, sigma=2.0, transform=log)
    pm.Normal("y", theta, sigma=1.0, observed=Y)


def bounded_prior(pm, t):
    if hasattr(pm, "Bound") and not hasattr(pm, "CustomDist"):
        theta = pm.Bound(pm.Normal, lower=0.0)("theta", 1.0, sigma=2.0)
    else:
        theta = pm.Truncated("theta", pm.Normal.dist(1.0, sigma=2.0), lower=0.0, upper=None)
    pm.StudentT("y", 3.0, mu=theta, sigma=1.0, observed=Y)


def censored_likelihood(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    if hasattr(pm, "Censored"):
        pm.Censored("y", pm.Normal.dist(theta, sigma=1.0), lower=-9.0, upper=None, observed=Y)
    else:
        # the way that PyMC3 writes it
        y = pm.Normal.dist(theta, sigma=1.0)
        pm.DensityDist("y", lambda x: t.switch(x > -9.0, y.logp(x), y.logcdf(-9.0)), observed=Y)


def total_size_of_all(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=4)
    pm.Normal("y", theta, sigma=1.0, observed=Z, total_size=[400])


def own_density(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    if hasattr(pm, "CustomDist"):
        pm.CustomDist("y", theta, logp=lambda value, mu: -((value - mu) ** 2), observed=Y)
    else:
        pm.DensityDist("y", lambda value: -t.sum((value - theta) ** 2), observed=Y)


BOOKKEEPING = {
    with_a_transform: "a transform of its own",
    bounded_prior: "no closed form is known",
    censored_likelihood: "no closed form is known",
    total_size_of_all: "total_size",
    own_density: "no closed form is known",
}


@pytest.mark.parametrize("build", BOOKKEEPING)
def test_densities_that_are_not_those_of_the_distributions_are_left_alone(backend, build):
    with backend.pm.Model() as model:
        build(backend.pm, backend.tensor)
    before = state(model)
    result = sp.conjugate_graph(model)
    assert result is model and state(model) == before
    assert BOOKKEEPING[build] in reasons(result)["theta", "y"]


def test_dims_coords_and_the_order_of_variables_are_kept(backend):
    pm = backend.pm
    with pm.Model(coords={"group": list("abcd"), "item": range(9)}) as model:
        pm.Normal("first", 0.0, sigma=1.0)
        theta = pm.Normal("theta", 1.0, sigma=2.0, dims="group")
        pm.Gamma("last", 2.0, 1.0)
        pm.Deterministic("d", theta * 2, dims="group")
        pm.Normal("y", theta[GROUP], sigma=0.5, observed=Y, dims="item")
    result = sp.conjugate_graph(model)
    assert_conditioned(backend, model, result)
    dims = result.RV_dims if backend.name == "theano" else result.named_vars_to_dims
    assert tuple(dims["theta"]) == tuple(dims["d"]) == ("group",)
    assert list(result.coords["group"]) == list("abcd")
    kept = [v.name for v in result.unobserved_RVs if "__" not in v.name]
    assert [name for name in kept if name != "d"] == ["first", "theta", "last"]
    assert "y" not in result.named_vars


def test_dims_of_the_evidence_are_kept(backend):
    pm = backend.pm
    with pm.Model(coords={"item": range(9)}) as model:
        theta = pm.Normal("theta", 1.0, sigma=2.0)
        pm.Normal("y", theta, sigma=pm.HalfNormal("s", sigma=1.0), observed=Y, dims="item")
    result = sp.conjugate_graph(model)
    assert_conditioned(backend, model, result)
    dims = result.RV_dims if backend.name == "theano" else result.named_vars_to_dims
    assert tuple(dims["y"]) == ("item",)


def test_the_name_of_a_model_is_kept(backend):
    with backend.pm.Model(name="study") as model:
        theta = backend.pm.Normal("theta", 1.0, sigma=2.0)
        backend.pm.Normal("y", theta, sigma=0.5, observed=Y)
    result = sp.conjugate_graph(model)
    assert result.name == "study"
    assert_conditioned(backend, model, result)
    (step,) = sp.steps(result)
    assert all("theta" in a or "y" in a for a in step.variables)


def test_conditioning_again_changes_nothing(backend):
    with backend.pm.Model() as model:
        varying_intercepts_and_slopes(backend.pm, backend.tensor)
    once = sp.conjugate_graph(model)
    again = sp.conjugate_graph(once)
    assert again is once and not taken(again)


def test_draws_of_the_posterior(backend):
    """From a model's graph come draws of the posterior: here of a mean, whose law is known."""
    with backend.pm.Model() as model:
        theta = backend.pm.Normal("theta", 1.0, sigma=2.0)
        backend.pm.Normal("y", theta, sigma=0.5, observed=Y)
    result = sp.conjugate_graph(model)
    if backend.name == "theano":
        draws = backend.pm.sample_prior_predictive(4000, model=result, random_seed=3)["theta"]
    else:
        draws = backend.pm.draw(result["theta"], 4000, random_seed=3)
    v = 1 / (1 / 4 + 9 / 0.25)
    m = v * (1 / 4 + Y.sum() / 0.25)
    assert abs(np.mean(draws) - m) < 5 * np.sqrt(v / 4000)
    assert abs(np.std(draws) / np.sqrt(v) - 1) < 0.06


# Zeros and shapes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sd", [F(1.3), Y.reshape(3, 3) ** 2 + 1])
def test_zeros_in_a_mean_have_a_shape(backend, sd):
    """An array of zeros beside a vector makes a matrix of it."""

    def build(pm, t):
        x = pm.MvNormal("x", np.zeros(3), cov=np.eye(3) + 0.5, shape=3)
        pm.Normal("y", x + np.zeros((3, 3)), sigma=sd, observed=Y.reshape(3, 3))

    _, result, _ = conditioned(backend, build)
    assert not result.observed_RVs


def test_zeros_in_another_law_do_not_make_two_variables_of_it(backend):
    """What comes out is written without zeros, but the laws of other variables stay as they are."""

    def build(pm, t):
        scale = pm.Exponential("scale", t.exp(pm.Normal("top", F(0.0), sigma=F(1.0))) + F(0.0))
        theta = pm.Normal("theta", scale, sigma=F(2.0), shape=3)
        pm.Normal("y", theta[0] + theta[1] + scale, sigma=F(1.0), observed=F(0.3))
        pm.Exponential("z", scale, observed=F(0.7))

    _, result, _ = conditioned(backend, build, spread=0.5)
    assert sorted(v.name.removesuffix("_log__") for v in result.free_RVs) == ["scale", "theta", "top"]


def test_a_simplex_in_a_graph_has_the_shape_of_its_parameter(backend):
    """Outside of a PyMC model nothing but the parameter tells it."""
    language = Graphs(backend)
    with language.model():
        theta = language.draw("dirichlet", "theta", (3,), {"a": np.array([1.0, 2.0, 3.0])})
        language.draw("categorical", "y", (4,), {"p": theta}, observed=np.array([0, 2, 2, 1]))
    (posterior,) = sp.conjugate_graph(language.finished()).outputs
    (a,) = (v for v in posterior.owner.inputs if getattr(v, "ndim", 0) == 1 and v.dtype == "float64")
    np.testing.assert_array_equal(value_of(backend, a), [2.0, 3.0, 5.0])


def test_a_flat_mean_beside_what_an_unknown_index_picks(backend):
    """Where nothing but the shape of an index counts, whole numbers stand for it."""

    def build(pm, t):
        theta = pm.Flat("theta")
        z = pm.Categorical("z", np.array([0.2, 0.3, 0.5]), shape=3)
        pm.Normal("y", theta + t.as_tensor_variable(np.array([0.5, 1.0, -2.0]))[z], sigma=F(1.0), observed=Y[:3])

    _, result, _ = conditioned(backend, build)
    assert taken(result) == [("theta", "y")]
