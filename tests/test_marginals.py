"""Variables integrated out of whole models: the joint density is kept, and what cannot go says why it stays."""

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import (
    betabinom,
    dirichlet_multinomial,
    halfcauchy,
    lomax,
    multivariate_normal,
    nbinom,
    norm,
)
from scipy.stats import t as student

import symbolic_pymc as sp
from symbolic_pymc.errors import ArgumentError
from tests.densities import assert_conditioned, evidence_of
from tests.exact import posterior_and_evidence
from tests.joints import built, marginalized, reasons, state

RNG = np.random.default_rng(8)
GROUP = np.array([0, 1, 1, 3, 0, 1, 2, 3, 3, 2, 0, 1])
ITEM = np.array([0, 0, 1, 1, 0, 1, 0, 1, 1, 2, 2, 2])
X = RNG.normal(size=(12, 3)).round(2)
B = X[:, 0]
Y = RNG.normal(size=12).round(2)
Z = RNG.normal(size=4).round(2)
COUNTS = np.array([2, 0, 5, 3])
FLIPS = np.array([1, 0, 1, 1])
# of eight schools: Rubin, Estimation in parallel randomized experiments, J. of Educational Statistics 6 (1981)
EFFECTS = np.array([28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0])
ERRORS = np.array([15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0])


# Normal hierarchies ----------------------------------------------------------------------------------------------


def eight_schools(pm, t):
    mu, tau = pm.Normal("mu", 0.0, sigma=5.0), pm.HalfCauchy("tau", 5.0)
    theta = pm.Normal("theta", mu, sigma=tau, shape=8)
    pm.Deterministic("best", t.max(theta))
    pm.Normal("y", theta, sigma=ERRORS, observed=EFFECTS)


def eight_schools_not_centred(pm, t):
    mu, tau = pm.Normal("mu", 0.0, sigma=5.0), pm.HalfCauchy("tau", 5.0)
    z = pm.Normal("z", 0.0, sigma=1.0, shape=8)
    theta = pm.Deterministic("theta", mu + tau * z)
    pm.Normal("y", theta, sigma=ERRORS, observed=EFFECTS)


def levels_and_slopes(pm, t):
    mu_a, mu_b = pm.Normal("mu_a", 0.0, sigma=10.0), pm.Normal("mu_b", 0.0, sigma=10.0)
    a = pm.Normal("a", mu_a, sigma=pm.HalfCauchy("sigma_a", 5.0), shape=4)
    b = pm.Normal("b", mu_b, sigma=pm.HalfCauchy("sigma_b", 5.0), shape=4)
    pm.Normal("y", a[GROUP] + b[GROUP] * B, sigma=pm.HalfCauchy("eps", 5.0), observed=Y)


def crossed(pm, t):
    a = pm.Normal("a", 0.0, sigma=pm.HalfNormal("s_a", sigma=1.0), shape=4)
    b = pm.Normal("b", 0.0, sigma=pm.HalfNormal("s_b", sigma=1.0), shape=3)
    mu = pm.Normal("mu", 0.0, sigma=3.0)
    pm.Normal("y", mu + a[GROUP] + b[ITEM], sigma=pm.HalfNormal("s", sigma=1.0), observed=Y)


def two_way(pm, t):
    a = pm.Normal("a", 1.0, sigma=pm.HalfNormal("s_a", sigma=1.0), shape=4)
    b = pm.Normal("b", 0.5, sigma=0.3, shape=3)
    pm.Normal("y", a[GROUP] + b[ITEM] * B, sigma=1.5, observed=Y)


def regression(pm, t):
    beta = pm.Normal("beta", 0.0, sigma=2.0, shape=3)
    pm.Normal("y", t.dot(X, beta), sigma=pm.HalfNormal("s", sigma=1.0), observed=Y)


def three_levels(pm, t):
    top = pm.Normal("top", 0.0, sigma=1.0)
    mu = pm.Normal("mu", 2 * top, sigma=pm.HalfNormal("s", sigma=1.0), shape=2)
    theta = pm.Normal("theta", mu[np.array([0, 0, 1, 1])] - 1.0, sigma=0.5, shape=4)
    pm.Normal("y", theta[GROUP], sigma=1.5, observed=Y)


def _chain(pm, observed):
    x = None
    for i in range(5):
        mean = 0.9 * x + 0.1 if x is not None else 0.3
        x = pm.Normal(f"x{i}", mean, sigma=0.5 + 0.1 * i, observed=observed.get(i))


def chain_with_ends_seen(pm, t):
    _chain(pm, {0: 0.4, 4: -0.2})


def chain_with_the_last_seen(pm, t):
    _chain(pm, {4: -0.2})


def chain_of_unknown_steps(pm, t):
    x, s = 0.0, pm.HalfNormal("s", sigma=1.0)
    for i in range(4):
        x = pm.Normal(f"x{i}", x, sigma=s)
        pm.Normal(f"y{i}", x, sigma=0.5, observed=Z[i])


def chain_of_vectors(pm, t):
    x = pm.Normal("x0", 0.0, sigma=1.0, shape=4)
    for i in range(1, 4):
        x = pm.Normal(f"x{i}", 0.5 * x, sigma=0.5, shape=4)
    pm.Normal("y", x, sigma=1.0, observed=Z)


def diamond(pm, t):
    a = pm.Normal("a", 0.5, sigma=1.0)
    b, c = pm.Normal("b", a, sigma=0.5), pm.Normal("c", 2 * a, sigma=0.7)
    pm.Normal("y", b + c, sigma=1.0, observed=0.4)


def diamond_with_an_arc_across(pm, t):
    a = pm.Normal("a", 0.5, sigma=1.0)
    b = pm.Normal("b", a, sigma=0.5)
    c = pm.Normal("c", 2 * a - b, sigma=0.7)
    pm.Normal("y", b + c + a, sigma=1.0, observed=0.4)


def many_children(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=4)
    pm.Normal("latent", 2 * theta, sigma=0.5, shape=4)
    pm.Normal("other", theta - 1, sigma=pm.HalfNormal("s", sigma=1.0), shape=4)
    pm.Normal("y1", theta, sigma=0.5, observed=Z)
    pm.Normal("y2", theta[GROUP], sigma=1.5, observed=Y)


def matrix_plate(pm, t):
    mu = pm.Normal("mu", 0.0, sigma=1.0)
    theta = pm.Normal("theta", mu, sigma=0.5, shape=(4, 3))
    pm.Normal("y", theta, sigma=pm.HalfNormal("s", sigma=1.0), observed=Y.reshape(4, 3))


def matrix_plate_by_itself(pm, t):
    theta = pm.Normal("theta", 0.5, sigma=pm.HalfNormal("tau", sigma=1.0), shape=(4, 3))
    pm.Normal("y", 2 * theta + 1, sigma=pm.HalfNormal("s", sigma=1.0), observed=Y.reshape(4, 3))


def rows_of_a_matrix(pm, t):
    theta = pm.Normal("theta", 0.5, sigma=1.0, shape=3)
    pm.Normal("y", theta, sigma=1.0, observed=Y.reshape(4, 3))


def rows_of_a_matrix_of_unknown_noise(pm, t):
    theta = pm.Normal("theta", 0.5, sigma=1.0, shape=3)
    pm.Normal("y", theta, sigma=pm.HalfNormal("s", sigma=1.0), observed=Y.reshape(4, 3))


def length_one(pm, t):
    mu = pm.Normal("mu", 0.0, sigma=1.0, shape=1)
    theta = pm.Normal("theta", mu, sigma=pm.HalfNormal("s", sigma=1.0), shape=1)
    pm.Normal("y", theta, sigma=1.0, observed=Z[:1])


def scalars(pm, t):
    mu = pm.Normal("mu", 0.0, sigma=1.0)
    theta = pm.Normal("theta", mu, sigma=pm.HalfNormal("s", sigma=1.0))
    pm.Normal("y", 3 * theta + 1, sigma=1.0, observed=0.3)


def vectors(pm, t):
    mu = pm.MvNormal("mu", np.zeros(3), cov=np.eye(3) + 0.5, shape=3)
    theta = pm.MvNormal("theta", 2 * mu, cov=np.eye(3) + 0.2, shape=3)
    pm.Normal("y", t.dot(X, theta), sigma=pm.HalfNormal("s", sigma=1.0), observed=Y)


def more_parameters_than_data(pm, t):
    beta = pm.Normal("beta", 0.0, sigma=pm.HalfNormal("tau", sigma=1.0), shape=12)
    pm.Normal("y", t.dot(X.T, beta), sigma=pm.HalfNormal("s", sigma=1.0), observed=Z[:3])


def groups_without_data(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=pm.HalfNormal("s", sigma=1.0), shape=7)
    pm.Normal("y", theta[GROUP], sigma=0.5, observed=Y)


def feeds_nothing(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Gamma("loose", 2.0, 1.0)
    pm.StudentT("tails", 4.0, mu=theta, sigma=1.0)
    pm.Normal("y", 0.0, sigma=pm.HalfCauchy("s", 1.0), observed=Y)


def observed_parent_of_all(pm, t):
    m = pm.Normal("m", 0.0, sigma=1.0, observed=0.3)
    theta = pm.Normal("theta", m, sigma=pm.HalfNormal("s", sigma=1.0))
    pm.Normal("y", theta + m, sigma=1.0, observed=Y)


def observed_regressor(pm, t):
    m = pm.Normal("m", 0.0, sigma=1.0, observed=Z)
    theta = pm.Normal("theta", 0.0, sigma=pm.HalfNormal("s", sigma=1.0))
    pm.Normal("y", theta * m, sigma=1.0, observed=Z**2)


def an_observed_child_of_the_observed(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    y = pm.Normal("y", theta, sigma=pm.HalfNormal("s", sigma=1.0), observed=Z)
    pm.Normal("y2", theta + 2 * y, sigma=0.5, observed=Z**2)


def uses_itself_in_noise(pm, t):
    theta = pm.Normal("theta", 0.0, sigma=1.0)
    x = pm.Normal("x", theta, sigma=t.exp(theta))
    pm.Normal("y", x, sigma=1.0, observed=Y)


def scalar_and_vector_chain(pm, t):
    mu = pm.Normal("mu", 0.0, sigma=1.0)
    x = pm.Normal("x", mu, sigma=1.0, shape=3)
    z = pm.Normal("z", t.sum(x), sigma=1.0)
    pm.StudentT("y", 4.0, mu=z + x[0], sigma=1.0, observed=Y)


def deterministics(pm, t):
    mu = pm.Normal("mu", 0.0, sigma=1.0)
    s = pm.HalfNormal("s", sigma=1.0)
    twice = pm.Deterministic("twice", 2 * s)
    centre = pm.Deterministic("centre", mu + twice)
    theta = pm.Normal("theta", centre, sigma=s, shape=4)
    exps = pm.Deterministic("exps", t.exp(theta))
    pm.Deterministic("both", t.sum(exps) + s)
    pm.Normal("y", theta, sigma=1.0, observed=Z)


def without_data(pm, t):
    s = pm.HalfNormal("s", sigma=1.0)
    pm.Normal("x", 0.0, sigma=s)


# Other families --------------------------------------------------------------------------------------------------


def latent_with_counts(pm, t):
    mu = pm.Normal("mu", 0.0, sigma=1.0)
    eta = pm.Normal("eta", mu, sigma=pm.HalfNormal("s", sigma=1.0), shape=4)
    pm.Poisson("y", t.exp(eta), observed=COUNTS)


def latent_pairs_with_counts(pm, t):
    eta = pm.Normal("eta", 0.5, sigma=0.7, shape=4)
    noisy = pm.Normal("noisy", eta, sigma=0.3, shape=4)
    pm.Poisson("y", t.exp(noisy), observed=COUNTS)


def latent_counts(pm, t):
    rate = pm.Gamma("rate", 2.0, 1.5, shape=4)
    n = pm.Poisson("n", rate, shape=4)
    pm.Normal("y", 1.0 * n, sigma=pm.HalfNormal("s", sigma=1.0), observed=Z)


def gamma_poisson(pm, t):
    alpha = pm.HalfNormal("alpha", sigma=1.0)
    rate = pm.Gamma("rate", 1 + alpha, 1.5, shape=4)
    pm.Poisson("y", 2 * rate, observed=COUNTS)


def gamma_poisson_shared(pm, t):
    alpha = pm.HalfNormal("alpha", sigma=1.0)
    rate = pm.Gamma("rate", 1 + alpha, 1.5)
    pm.Poisson("y", rate, observed=COUNTS)


def beta_binomial(pm, t):
    a, b = pm.HalfNormal("a", sigma=2.0), pm.HalfNormal("b", sigma=2.0)
    p = pm.Beta("p", 1 + a, 1 + b, shape=4)
    pm.Binomial("y", n=10, p=p, observed=COUNTS)


def beta_binomial_shared(pm, t):
    a = pm.HalfNormal("a", sigma=2.0)
    p = pm.Beta("p", 1 + a, 2.0)
    pm.Binomial("y", n=10, p=p, observed=COUNTS)


def several_rates(pm, t):
    rate = pm.Gamma("rate", 2.0, 1.5)
    pm.Poisson("y1", rate, observed=COUNTS)
    pm.Exponential("y2", rate, observed=np.abs(Z))
    pm.Poisson("y3", 3 * rate, observed=2)


def gamma_of_gamma(pm, t):
    b = pm.Gamma("b", 2.0, 1.5)
    rate = pm.Gamma("rate", 3.0, b)
    pm.Poisson("y", rate, observed=COUNTS)


def unknown_precision(pm, t):
    v = pm.InverseGamma("v", alpha=3.0, beta=2.0)
    mu = pm.Normal("mu", 0.0, sigma=2.0)
    pm.Normal("y", mu, sigma=t.sqrt(v), observed=Y)


def dirichlet(pm, t):
    a = pm.HalfNormal("a", sigma=1.0)
    p = pm.Dirichlet("p", a + np.array([1.0, 2.0, 3.0]), shape=3)
    pm.Categorical("y", p, observed=np.array([0, 2, 2, 1]))


def latent_student(pm, t):
    v = pm.InverseGamma("v", alpha=3.0, beta=2.0, shape=4)
    x = pm.Normal("x", 0.0, sigma=t.sqrt(v), shape=4)
    pm.Normal("y", x, sigma=1.0, observed=Z)


def latent_bernoulli(pm, t):
    p = pm.Beta("p", 1 + pm.HalfNormal("a", sigma=1.0), 3.0, shape=4)
    z = pm.Bernoulli("z", p=p, shape=4)
    pm.Normal("y", z * pm.Normal("m", 0.0, sigma=1.0), sigma=1.0, observed=Z)


def scale_times_latent(pm, t):
    tau = pm.Gamma("tau", 2.0, 2.0)
    theta = pm.Normal("theta", 0.0, sigma=1 / t.sqrt(tau), shape=4)
    pm.Normal("y", theta, sigma=1.0, observed=Z)


def two_evidences(pm, t):
    alpha = pm.HalfNormal("alpha", sigma=1.0)
    rate = pm.Gamma("rate", 1 + alpha, 1.5)
    pm.Poisson("y", rate, observed=COUNTS)
    pm.Exponential("y2", rate, observed=np.abs(Z))


def evidence_of_data_used_again(pm, t):
    alpha = pm.HalfNormal("alpha", sigma=1.0)
    rate = pm.Gamma("rate", 1 + alpha, 1.5)
    y = pm.Poisson("y", rate, observed=COUNTS)
    pm.Normal("y2", 1.0 * y, sigma=1.0, observed=Z)


def name_taken(pm, t):
    alpha = pm.HalfNormal("y_evidence", sigma=1.0)
    rate = pm.Gamma("rate", 1 + alpha, 1.5)
    pm.Poisson("y", rate, observed=COUNTS)


# Potentials ------------------------------------------------------------------------------------------------------


def potential_off_the_path(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    s = pm.HalfNormal("s", sigma=1.0)
    pm.Potential("p", -(s**4))
    pm.Normal("y", theta, sigma=s, observed=Y)


def potential_on_a_child(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    x = pm.Normal("x", theta, sigma=1.0, shape=4)
    pm.Potential("p", -t.sum(x**4))


def potential_with_a_name_of_data(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    y = pm.Normal("y", theta, sigma=pm.HalfNormal("s", sigma=1.0), observed=Y)
    pm.Potential("p", -t.sum(y**2))


def potential_of_data_and_a_parent(pm, t):
    alpha = pm.HalfNormal("alpha", sigma=1.0)
    rate = pm.Gamma("rate", 1 + alpha, 1.5)
    y = pm.Poisson("y", rate, observed=COUNTS)
    pm.Potential("p", t.sum(1.0 * y) * alpha)


def data_that_others_are_computed_from(pm, t):
    theta = pm.Normal("theta", 0.0, sigma=1.0)
    y = pm.Normal("y", theta, sigma=1.0, observed=Z)
    twice = pm.Deterministic("twice", 2 * y)
    x = pm.StudentT("x", 4.0, mu=twice, sigma=1.0, shape=4)
    pm.StudentT("w", 4.0, mu=x + t.exp(y), sigma=1.0, observed=Z)


def sums_and_differences(pm, t):
    a = pm.Normal("a", 0.0, sigma=1.0)
    b = pm.Normal("b", a, sigma=1.0)
    pm.Normal("y1", a - b, sigma=1.0, observed=0.3)
    pm.Normal("y2", a + b, sigma=pm.HalfNormal("s", sigma=1.0), observed=Z)
    pm.Deterministic("d", a * b)


def latent_groups_with_counts(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=4)
    x = pm.Normal("x", theta[np.array([0, 0, 1, 1, 3])], sigma=0.5, shape=5)
    pm.Poisson("y", t.exp(x[:4]), observed=COUNTS)


def products_of_what_stays(pm, t):
    a = pm.Normal("a", 0.0, sigma=1.0, shape=2)
    b = pm.Normal("b", a[0] + a[1], sigma=1.0)
    pm.Poisson("n", t.exp(b), observed=2)
    c = pm.Normal("c", a * b, sigma=1.0, shape=2)
    pm.StudentT("y", 4.0, mu=c, sigma=1.0, observed=Z[:2])


# the variables that stay, and what stands for the data
COLLAPSED = {
    eight_schools: ("tau", "y"),
    eight_schools_not_centred: ("tau", "y"),
    levels_and_slopes: ("eps sigma_a sigma_b", "y"),
    crossed: ("s s_a s_b", "y"),
    two_way: ("s_a", "y"),
    regression: ("s", "y"),
    three_levels: ("s", "y"),
    chain_with_ends_seen: ("", "x0"),
    chain_with_the_last_seen: ("", ""),
    chain_of_unknown_steps: ("s", "y0 y1 y2 y3"),
    chain_of_vectors: ("", ""),
    diamond: ("", ""),
    diamond_with_an_arc_across: ("", ""),
    many_children: ("", ""),
    matrix_plate: ("s", "y_evidence"),
    matrix_plate_by_itself: ("s tau", "y"),
    rows_of_a_matrix: ("", ""),
    rows_of_a_matrix_of_unknown_noise: ("s", "y_evidence"),
    length_one: ("s", "y"),
    scalars: ("s", "y"),
    vectors: ("s", "y"),
    more_parameters_than_data: ("s tau", "y"),
    groups_without_data: ("s", "y"),
    feeds_nothing: ("s", "y"),
    observed_parent_of_all: ("s", "m y"),
    observed_regressor: ("s", "m y"),
    an_observed_child_of_the_observed: ("s", "y y2"),
    uses_itself_in_noise: ("theta", "y"),
    scalar_and_vector_chain: ("x z", "y"),
    deterministics: ("s", "y"),
    without_data: ("", ""),
    latent_with_counts: ("eta s", "y"),
    latent_pairs_with_counts: ("noisy", "y"),
    latent_counts: ("n s", "y"),
    gamma_poisson: ("alpha", "y"),
    gamma_poisson_shared: ("alpha", "y_evidence"),
    beta_binomial: ("a b", "y"),
    beta_binomial_shared: ("a", "y_evidence"),
    several_rates: ("", ""),
    gamma_of_gamma: ("b", "y_evidence"),
    unknown_precision: ("mu", "y_evidence"),
    dirichlet: ("a", "y_evidence"),
    latent_student: ("v", "y"),
    latent_bernoulli: ("a z", "y"),
    scale_times_latent: ("tau", "y"),
    two_evidences: ("alpha", "y2_evidence y_evidence"),
    evidence_of_data_used_again: ("alpha", "y2 y_evidence"),
    name_taken: ("y_evidence", "y_evidence_2"),
    potential_off_the_path: ("s", "p y"),
    potential_on_a_child: ("x", "p"),
    potential_with_a_name_of_data: ("s", "p y"),
    potential_of_data_and_a_parent: ("alpha", "p y_evidence"),
    data_that_others_are_computed_from: ("x", "w"),
    sums_and_differences: ("s", "y2"),
    latent_groups_with_counts: ("x", "y"),
    products_of_what_stays: ("b c", "n y"),
}


@pytest.mark.parametrize("build", COLLAPSED)
def test_joint_density_is_kept(backend, build):
    check = marginalized(backend, built(backend, build), spread=0.5)
    kept, factors = COLLAPSED[build]
    assert check.kept == kept.split()
    assert sorted(check.observed() + check.potentials()) == factors.split()
    assert set(check.reasons()) == set(check.kept)
    assert all(check.reasons().values())


# What stays ------------------------------------------------------------------------------------------------------


def potential_on_the_path(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Potential("p", -(theta**4))
    pm.Normal("y", theta, sigma=pm.HalfNormal("s", sigma=1.0), observed=Y)


def potential_through_a_deterministic(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    d = pm.Deterministic("d", 2 * theta)
    pm.Potential("p", -(d**4))
    pm.Normal("y", theta, sigma=pm.HalfNormal("s", sigma=1.0), observed=Y)


def own_transform(pm, t):
    log = pm.distributions.transforms.log
    theta = pm.Normal("theta", 1.0, sigma=2.0, transform=log)
    pm.Normal("y", theta, sigma=1.0, observed=Y)


def own_transform_of_a_loose_one(pm, t):
    log = pm.distributions.transforms.log
    mu = pm.StudentT("mu", 4.0, mu=0.0, sigma=1.0)
    pm.Normal("loose", mu, sigma=2.0, transform=log)
    pm.StudentT("y", 4.0, mu=mu, sigma=1.0, observed=Y)


def flat_loose_one(pm, t):
    mu = pm.Flat("mu")
    pm.HalfFlat("loose")
    pm.StudentT("y", 4.0, mu=mu, sigma=1.0, observed=Y)


def own_density(pm, t):
    mu = pm.StudentT("mu", 4.0, mu=0.0, sigma=1.0)
    if hasattr(pm, "CustomDist"):
        pm.CustomDist("loose", mu, logp=lambda value, mu: -((value - mu) ** 2) * mu**2, shape=())
    else:
        pm.DensityDist("loose", lambda value: -((value - mu) ** 2) * mu**2)
    pm.StudentT("y", 4.0, mu=mu, sigma=1.0, observed=Y)


def mixture(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    parts = [pm.Normal.dist(theta, sigma=1.0), pm.Normal.dist(-theta, sigma=2.0)]
    pm.Mixture("y", w=np.array([0.3, 0.7]), comp_dists=parts, observed=Y)


def latent_mixture(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    parts = [pm.Normal.dist(theta, sigma=1.0), pm.Normal.dist(-theta, sigma=2.0)]
    x = pm.Mixture("x", w=np.array([0.3, 0.7]), comp_dists=parts)
    pm.Normal("y", x, sigma=1.0, observed=Y)


def total_size(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0)
    pm.Normal("y", theta, sigma=1.0, observed=Y, total_size=900)


def shape_only(pm, t):
    theta = pm.Normal("theta", 1.0, sigma=2.0, shape=4)
    pm.Normal("y", 0.5, sigma=1.0 * theta.shape[0], observed=Z)


def batch_of_vectors(pm, t):
    mu = pm.MvNormal("mu", np.zeros(3), cov=np.eye(3), shape=3)
    x = pm.MvNormal("x", mu, cov=np.eye(3), shape=(4, 3))
    pm.Normal("y", x, sigma=1.0, observed=Y.reshape(4, 3))


def shared_matrix_latent(pm, t):
    mu = pm.Normal("mu", 0.0, sigma=1.0, shape=3)
    x = pm.Normal("x", mu, sigma=1.0, shape=(4, 3))
    pm.StudentT("y", 4.0, mu=x, sigma=1.0, observed=Y.reshape(4, 3))


STAYING = {
    potential_on_the_path: {"theta": "the potential p depends on theta"},
    potential_through_a_deterministic: {"theta": "the potential p depends on theta"},
    own_transform: {"theta": "a transform of its own"},
    own_transform_of_a_loose_one: {"loose": "a transform of its own", "mu": "mu is studentt and y is studentt"},
    flat_loose_one: {"loose": "halfflat, which may not integrate to one", "mu": "mu is flat"},
    own_density: {"loose": "may not integrate to one"},
    mixture: {"theta": ""},
    latent_mixture: {"theta": "", "x": "no closed form"},
    total_size: {"theta": "total_size"},
    shape_only: {"theta": "no parameter of y depends on the value of theta"},
    batch_of_vectors: {"mu": "the law of x without mu has no name", "x": "batch of multivariate normal"},
    shared_matrix_latent: {"mu": "the law of x without mu has no name"},
}


@pytest.mark.parametrize("build", STAYING)
def test_what_cannot_go_stays_with_the_reason(backend, build):
    model = built(backend, build)
    check = marginalized(backend, model, n=3, spread=0.5)
    assert check.result is model
    assert set(STAYING[build]) <= set(check.reasons()) == set(check.kept)
    for name, reason in STAYING[build].items():
        assert check.reasons()[name] and reason in check.reasons()[name]


def test_parents_of_evidence_without_a_name_stay(backend):
    check = marginalized(backend, built(backend, gamma_of_gamma), n=3)
    assert check.reasons() == {"b": "the potential y_evidence depends on b"}


def test_a_bound_that_is_no_distribution_stays(backend):
    """PyMC3's Bound does not divide by the probability of its interval; PyMC's Truncated does."""
    pm = backend.pm
    with pm.Model() as model:
        mu = pm.StudentT("mu", 4.0, mu=0.0, sigma=1.0)
        if backend.name == "theano":
            pm.Bound(pm.Normal, lower=0.0)("loose", mu, sigma=2.0)
        else:
            pm.Truncated("loose", pm.Normal.dist(mu, sigma=2.0), lower=0.0, upper=None)
        pm.StudentT("y", 4.0, mu=mu, sigma=1.0, observed=Y)
    check = marginalized(backend, model, n=3)
    assert check.gone == ([] if backend.name == "theano" else ["loose"])


@pytest.mark.filterwarnings("ignore:Data in y contains missing values")
def test_data_with_missing_entries(backend):
    """PyMC has one variable for the missing entries and one for the others; PyMC3 makes one datum of both."""
    with backend.pm.Model() as model:
        theta = backend.pm.Normal("theta", 1.0, sigma=2.0)
        s = backend.pm.HalfNormal("s", sigma=1.0)
        backend.pm.Normal("y", theta, sigma=s, observed=np.ma.masked_array(Y, GROUP == 1))
    check = marginalized(backend, model, n=5)
    assert check.kept == ["s"] and check.observed() == ["y" if backend.name == "theano" else "y_observed"]


def test_a_walk_about_an_unknown_level(backend):
    def build(pm, t):
        mu = pm.Normal("mu", 0.0, sigma=1.0)
        more = {} if backend.name == "theano" else {"init_dist": pm.Normal.dist(0.0, 1.0)}
        x = pm.GaussianRandomWalk("x", mu=mu, sigma=1.0, shape=4, **more)
        pm.Normal("y", x, sigma=1.0, observed=Z)

    model = built(backend, build)
    if backend.name == "theano":  # where a walk starts anywhere, by default
        assert sp.collapse_graph(model) is model
        assert "mu" in reasons(model)
    else:
        check = marginalized(backend, model, n=5)
        assert check.gone == ["x"] and "y_evidence depends on mu" in check.reasons()["mu"]


# Some of the variables -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", [["theta"], ["mu", "theta"], ("theta", "mu")])
def test_named_variables_go(backend, names):
    check = marginalized(backend, built(backend, eight_schools), names, n=5)
    assert check.gone == sorted(names)
    assert not check.reasons()


def test_names_from_an_iterator(backend):
    result = sp.marginalize_graph(built(backend, eight_schools), iter(["mu", "theta"]))
    assert [v.name for v in result.free_RVs][0].startswith("tau")


def test_only_what_was_named_goes(backend):
    """A child between stays: its own law takes the place of its law given its parent."""
    check = marginalized(backend, built(backend, three_levels), ["mu"], n=5)
    assert check.kept == ["s", "theta", "top"]
    check = marginalized(backend, built(backend, levels_and_slopes), ["mu_b", "a"], n=5)
    assert check.gone == ["a", "mu_b"]


def test_what_was_named_and_cannot_go_stays_with_the_reason(backend):
    check = marginalized(backend, built(backend, eight_schools), ["tau", "theta"], n=5)
    assert check.gone == ["theta"] and check.kept == ["mu", "tau"]
    assert list(check.reasons()) == ["tau"]


def test_one_variable_after_the_other(backend):
    model = built(backend, eight_schools)
    once = sp.marginalize_graph(model, ["theta"])
    twice = sp.marginalize_graph(once, ["mu"])
    check = marginalized(backend, model, n=5)
    assert [v.name for v in twice.free_RVs] == [v.name for v in check.result.free_RVs]
    assert marginalized(backend, once, ["mu"], n=5).gone == ["mu"]


@pytest.mark.parametrize(
    "names, said",
    [
        (["nobody"], "nobody is no unobserved variable; there are mu, tau, theta"),
        (["theta", "y"], "y is no unobserved variable"),
        (["best"], "best is no unobserved variable"),
        ("theta", "the names of variables are wanted, in a list"),
        ([], "the names of variables are wanted, in a list"),
        ([3], "the names of variables are wanted, in a list"),
        ([None], "the names of variables are wanted, in a list"),
    ],
)
def test_wrong_names(backend, names, said):
    model = built(backend, eight_schools)
    before = state(model)
    with pytest.raises(ArgumentError, match=said):
        sp.marginalize_graph(model, names)
    assert state(model) == before


def test_collapsing_again_changes_nothing(backend):
    once = sp.collapse_graph(built(backend, levels_and_slopes))
    again = sp.collapse_graph(once)
    assert again is once and not any(step.taken for step in sp.steps(again))


# What a model has beside its mathematics ---------------------------------------------------------------------------


def test_dims_coords_and_the_order_of_variables_are_kept(backend):
    pm, t = backend.pm, backend.tensor
    with pm.Model(coords={"group": list("abcd"), "item": range(12)}) as model:
        first = pm.HalfNormal("first", sigma=1.0)
        mu = pm.Normal("mu", 0.0, sigma=1.0)
        eta = pm.Normal("eta", mu, sigma=first, dims="group")
        theta = pm.Normal("theta", 1.0, sigma=2.0, dims="group")
        pm.Deterministic("shifted", eta + 1, dims="group")
        pm.Deterministic("lost", theta * 2, dims="group")
        last = pm.Gamma("last", 2.0, 1.0)
        pm.Poisson("n", t.exp(eta), observed=COUNTS, dims="group")
        pm.Normal("y", theta[GROUP], sigma=last, observed=Y, dims="item")
    result = marginalized(backend, model, n=5, spread=0.3).result
    dims = result.RV_dims if backend.name == "theano" else result.named_vars_to_dims
    assert {name: tuple(d) for name, d in dims.items()} == {
        "eta": ("group",),
        "shifted": ("group",),
        "n": ("group",),
        "y": ("item",),
    }
    assert list(result.coords["group"]) == list("abcd")
    assert [v.name.removesuffix("_log__") for v in result.free_RVs] == ["first", "eta", "last"]


def test_deterministics_of_what_stays_stay(backend):
    result = sp.collapse_graph(built(backend, deterministics))
    assert [v.name for v in result.deterministics if v.name != "s"] == ["twice"]


def test_the_name_of_a_model_is_kept(backend):
    model = built(backend, eight_schools, name="study")
    check = marginalized(backend, model, n=5)
    assert check.result.name == "study"
    assert all("study" in name for name in (*check.kept, *check.gone))


def test_shared_data_may_change_afterwards(backend):
    def build(idx, x, y):
        a = backend.pm.Normal("a", 1.0, sigma=backend.pm.HalfNormal("s", sigma=1.0), shape=4)
        b = backend.pm.Normal("b", 0.5, sigma=2.0)
        backend.pm.Normal("y", a[idx] + b * x, sigma=0.5, observed=y)

    with backend.pm.Model() as model:
        shared = [backend.shared(value) for value in (GROUP, B, Y)]
        build(*shared)
    result = marginalized(backend, model, n=3).result
    new = GROUP[:5], B[:5], Y[5:10]
    for variable, value in zip(shared, new):
        variable.set_value(value)
    with backend.pm.Model() as fresh:
        build(*new)
    density, expected = (free_density(backend, m) for m in (result, marginalized(backend, fresh, n=3).result))
    np.testing.assert_allclose([density(s) for s in GRID], [expected(s) for s in GRID], rtol=1e-10)


# Evidence against numbers from elsewhere --------------------------------------------------------------------------


def free_density(backend, model):
    """Return the log density of a model of one positive variable, without that of its transform."""
    if backend.name == "theano":
        function = backend.compile_plainly(model.free_RVs, model.logp_nojact)
    else:
        function = backend.compile_plainly(model.value_vars, model.logp(jacobian=False))
    return lambda x: float(function(np.log(x)))


GRID = [0.01, 0.3, 1.0, 4.0, 12.0, 40.0, 300.0]


def test_eight_schools_is_the_density_of_the_data_given_tau(backend):
    density = free_density(backend, sp.collapse_graph(built(backend, eight_schools)))
    for tau in GRID:
        law = multivariate_normal(np.zeros(8), 25 * np.ones((8, 8)) + np.diag(ERRORS**2 + tau**2))
        expected = halfcauchy(scale=5).logpdf(tau) + law.logpdf(EFFECTS)
        np.testing.assert_allclose(density(tau), expected, rtol=1e-8)


def test_eight_schools_with_a_flat_mean_is_the_formula_of_the_book(backend):
    """Up to a constant; Gelman et al., Bayesian Data Analysis, 3rd ed., eq. 5.21."""

    def build(pm, t):
        mu, tau = pm.Normal("mu", 0.0, sigma=1e5), pm.HalfCauchy("tau", 5.0)
        theta = pm.Normal("theta", mu, sigma=tau, shape=8)
        pm.Normal("y", theta, sigma=ERRORS, observed=EFFECTS)

    def book(tau):
        v = ERRORS**2 + tau**2
        precision = np.sum(1 / v)
        mean = np.sum(EFFECTS / v) / precision
        prior = halfcauchy(scale=5).logpdf(tau)
        return prior - 0.5 * np.log(precision) - 0.5 * np.sum(np.log(v) + (EFFECTS - mean) ** 2 / v)

    density = free_density(backend, sp.collapse_graph(built(backend, build)))
    differences = [density(tau) - book(tau) for tau in GRID]
    np.testing.assert_allclose(differences, differences[0], atol=1e-6)


def normal_normal(pm, t):
    theta = pm.Normal("theta", 0.5, sigma=2.0)
    pm.Normal("y", theta, sigma=1.0, observed=0.7)


def normal_affine(pm, t):
    theta = pm.Normal("theta", 0.5, sigma=2.0)
    pm.Normal("y", 3 * theta + 1, sigma=0.5, observed=0.7)


def bernoulli_switch(pm, t):
    z = pm.Bernoulli("z", 0.3)
    pm.Normal("y", t.switch(t.eq(z, 1), 2.0, -1.0), sigma=1.0, observed=0.7)


def normal_five(pm, t):
    theta = pm.Normal("theta", 0.5, sigma=2.0)
    pm.Normal("y", theta, sigma=1.0, observed=Y[:5])


def coefficients(pm, t):
    beta = pm.Normal("beta", 0.5, sigma=2.0, shape=3)
    pm.Normal("y", t.dot(X, beta), sigma=1.5, observed=Y)


def binomial(pm, t):
    p = pm.Beta("p", 2.0, 3.0)
    pm.Binomial("y", n=10, p=p, observed=4)


def poisson(pm, t):
    rate = pm.Gamma("rate", 2.0, 1.5)
    pm.Poisson("y", rate, observed=4)


def exponential(pm, t):
    rate = pm.Gamma("rate", 2.0, 1.5)
    pm.Exponential("y", rate, observed=0.7)


def variance(pm, t):
    v = pm.InverseGamma("v", alpha=3.0, beta=2.0)
    pm.Normal("y", 0.5, sigma=t.sqrt(v), observed=0.7)


def multinomial(pm, t):
    p = pm.Dirichlet("p", np.array([1.0, 2.0, 3.0]), shape=3)
    pm.Multinomial("y", n=7, p=p, observed=np.array([3, 0, 4]))


def two_experiments(pm, t):
    p = pm.Beta("p", 1.0, 1.0)
    pm.Binomial("y1", n=10, p=p, observed=3)
    pm.Binomial("y2", n=20, p=p, observed=15)


def five_flips(pm, t):
    p = pm.Beta("p", 1.0, 1.0)
    pm.Bernoulli("y", p=p, observed=np.array([1, 0, 1, 1, 1]))


def switch_of_unknown_chance(pm, t):
    """Summing over z first would leave a potential that p could not leave any more."""
    p = pm.Beta("p", 3.0, 7.0)
    z = pm.Bernoulli("z", p)
    pm.Normal("y", t.switch(t.eq(z, 1), 2.0, -1.0), sigma=1.0, observed=0.7)


def _switched(y):
    return logsumexp([norm(2, 1).logpdf(y), norm(-1, 1).logpdf(y)], b=[0.3, 0.7])


EVIDENCE = {
    normal_normal: norm(0.5, 5**0.5).logpdf(0.7),
    normal_affine: norm(2.5, 36.25**0.5).logpdf(0.7),
    bernoulli_switch: _switched(0.7),
    switch_of_unknown_chance: _switched(0.7),
    normal_five: multivariate_normal(np.full(5, 0.5), 4 * np.ones((5, 5)) + np.eye(5)).logpdf(Y[:5]),
    coefficients: multivariate_normal(X @ np.full(3, 0.5), 4 * X @ X.T + 2.25 * np.eye(12)).logpdf(Y),
    binomial: betabinom(10, 2, 3).logpmf(4),
    poisson: nbinom(2, 1.5 / 2.5).logpmf(4),
    exponential: lomax(2, scale=1.5).logpdf(0.7),
    variance: student(6, 0.5, (2 / 3) ** 0.5).logpdf(0.7),
    multinomial: dirichlet_multinomial([1, 2, 3], 7).logpmf([3, 0, 4]),
    # both coefficients and the integral of p**18 (1 - p)**12
    two_experiments: np.log(120.0 * 15504.0) - np.log(31.0 * 86493225.0),
    five_flips: -np.log(6.0 * 5.0),
}


@pytest.mark.parametrize("build", EVIDENCE)
def test_evidence_of_everything(backend, build):
    result = sp.collapse_graph(built(backend, build))
    assert not result.free_RVs and not result.observed_RVs and not result.potentials
    # PyMC3 has the logarithms of binomial coefficients in single precision
    np.testing.assert_allclose(evidence_of(backend, result), EVIDENCE[build], rtol=1e-6)


def test_evidence_of_a_chain(backend):
    """The last of five steps is normal by itself: its mean and variance go along the chain."""
    result = sp.collapse_graph(built(backend, chain_with_the_last_seen))
    mean, v = 0.3, 0.25
    for i in range(1, 5):
        mean, v = 0.9 * mean + 0.1, 0.81 * v + (0.5 + 0.1 * i) ** 2
    np.testing.assert_allclose(evidence_of(backend, result), norm(mean, v**0.5).logpdf(-0.2), rtol=1e-8)


def test_scales_of_all_magnitudes(backend):
    """Levels and slopes about unknown means, at the ends of what a sampler tries, against rational arithmetic."""
    result = sp.collapse_graph(built(backend, levels_and_slopes))
    values = result.free_RVs if backend.name == "theano" else result.value_vars
    density = result.logp_nojact if backend.name == "theano" else result.logp(jacobian=False)
    function = backend.compile_plainly(values, density)
    names = [v.name.removesuffix("_log__") for v in values]
    zero, one = np.zeros(12), np.eye(4)[GROUP]
    slope = B[:, None] * one
    for scales in ((1e-9, 1e-9, 1.0), (1e3, 1e-3, 1.0), (1e6, 1e6, 1e-2), (1e-60, 1.0, 1e3)):
        at = dict(zip(("sigma_a", "sigma_b", "eps"), scales))
        # columns: the two means, the levels, the slopes
        F = np.c_[one.sum(axis=1), B, one, slope]
        sd = np.repeat([10.0, 10.0, *scales[:2]], [1, 1, 4, 4])
        _, _, evidence = posterior_and_evidence(F, np.zeros(10), sd, zero + scales[2], Y)
        expected = evidence + sum(halfcauchy(scale=5).logpdf(scales))
        np.testing.assert_allclose(function(*(np.log(at[name]) for name in names)), expected, rtol=1e-7)


# Graphs ----------------------------------------------------------------------------------------------------------


def test_a_graph_of_variables(backend):
    """What is computed from a variable that goes is drawn back with it when it has a name."""
    theta = backend.normal(0.0, 1.0, name="theta")
    x = backend.normal(theta, 2.0, name="x")
    twice = 2 * theta
    twice.name = "twice"
    result = sp.marginalize_graph(backend.FunctionGraph(None, [x, twice]), ["theta"])
    (kept,) = result.outputs
    assert kept.name == "x"
    draws = result.recover({"x": np.full(3, 0.5)})
    assert set(draws) == {"theta", "twice"}
    np.testing.assert_allclose(draws["twice"], 2 * draws["theta"])


def test_the_law_of_one_variable(backend):
    theta = backend.normal(1.0, 3.0, name="theta")
    x = backend.normal(2 * theta, 2.0, name="x")
    result = sp.marginalize_graph(x, ["theta"])
    mean, sd = (backend.compile_plainly([], v)() for v in result.owner.inputs[-2:])
    np.testing.assert_allclose([mean, sd], [2.0, 40**0.5])


def test_an_output_without_a_name_stays(backend):
    theta = backend.normal(0.0, 1.0, name="theta")
    x = backend.normal(theta, 2.0, name="x")
    graph = backend.FunctionGraph(None, [x, 2 * theta])
    result = sp.marginalize_graph(graph, ["theta"])
    assert result is graph
    assert "output without a name" in reasons(result)["theta"]


def test_a_draw_without_a_name_may_be_a_part_of_another(backend):
    theta = backend.normal(0.0, 1.0, name="theta")
    graph = backend.FunctionGraph(None, [backend.normal(theta, 2.0)])
    result = sp.marginalize_graph(graph, ["theta"])
    assert result is graph
    assert "an unnamed normal" in reasons(result)["theta"]


# Conditioning ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("build", [evidence_of_data_used_again, name_taken, two_evidences])
def test_conditioning_leaves_potentials_of_evidence(backend, build):
    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert evidence_of(backend, result) == 0.0
    assert len(result.potentials) == 1 + (build is two_evidences)
    assert_conditioned(backend, model, result)
