"""Rates, probabilities and simplexes in larger models: what stays of the data, what is refused, what is kept."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import betaln, gammaln

import symbolic_pymc as sp
from tests.densities import assert_conditioned, evidence_of, log_density, random_points

F = np.float64
RNG = np.random.default_rng(4)
COUNTS = np.array([3, 0, 2, 5])
MORE = np.array([[1, 4, 0, 2], [0, 3, 2, 2], [5, 1, 1, 0]])
REALS = np.array([0.3, -1.2, 2.5, 0.8])
POSITIVE = np.array([0.4, 1.3, 2.2, 0.1])
CHANCES = np.array([0.4, 0.3, 0.92, 0.1])
BITS = np.array([0, 1, 1, 0])
LABELS = np.array([2, 0, 2, 1, 2])
GROUP = np.array([0, 2, 2, 0, 1, 2, 0])
GROUPED = np.array([1, 0, 4, 2, 2, 3, 1])


def names(variables):
    return [v.name for v in variables]


def taken(result):
    return [step.variables for step in sp.steps(result) if step.taken]


def conditioned(backend, build, **points):
    with backend.pm.Model() as model:
        build(backend.pm, backend.tensor)
    before = {name: id(v) for name, v in model.named_vars.items()}
    result = sp.conjugate_graph(model)
    assert before == {name: id(v) for name, v in model.named_vars.items()}
    return model, result, assert_conditioned(backend, model, result, **points)


# Unknown hyperparameters: the data's own law stays ---------------------------------------------------------------


def poisson_each(pm, t):
    alpha = pm.HalfNormal("alpha", sigma=F(2.0))
    theta = pm.Gamma("theta", alpha, pm.HalfNormal("rate", sigma=F(1.0)), shape=4)
    pm.Poisson("y", F(1.5) * theta, observed=COUNTS)


def poisson_each_with_exposures(pm, t):
    theta = pm.Gamma("theta", F(2.0), pm.HalfNormal("rate", sigma=F(1.0)), shape=(3, 4))
    pm.Poisson("y", theta * (MORE + 1.0), observed=MORE)


def poisson_each_of_an_inverse(pm, t):
    theta = pm.InverseGamma("theta", F(2.0), pm.HalfNormal("rate", sigma=F(1.0)), shape=4)
    pm.Poisson("y", F(1.5) / theta, observed=COUNTS)


def binomial_each(pm, t):
    a, b = pm.HalfNormal("a", sigma=F(2.0)), pm.HalfNormal("b", sigma=F(2.0))
    theta = pm.Beta("theta", a, b, shape=4)
    pm.Binomial("y", n=np.array([5, 6, 7, 8]), p=theta, observed=COUNTS)


def binomial_each_mirrored(pm, t):
    theta = pm.Beta("theta", pm.HalfNormal("a", sigma=F(2.0)), F(0.7), shape=4)
    pm.Binomial("y", n=np.array([5, 6, 7, 8]), p=F(1.0) - theta, observed=COUNTS)


def bernoulli_each(pm, t):
    theta = pm.Beta("theta", pm.HalfNormal("a", sigma=F(2.0)), F(0.7), shape=4)
    pm.Bernoulli("y", p=theta, observed=BITS)


def bernoulli_each_mirrored(pm, t):
    theta = pm.Beta("theta", pm.HalfNormal("a", sigma=F(2.0)), F(0.7), shape=4)
    pm.Bernoulli("y", p=F(1.0) - theta, observed=BITS)


def precision_each(pm, t):
    mu = pm.Normal("mu", F(0.0), sigma=F(1.0))
    tau = pm.Gamma("tau", F(2.0), pm.HalfNormal("rate", sigma=F(1.0)), shape=4)
    pm.StudentT("mu2", F(5.0), mu=mu, sigma=F(1.0))
    pm.Normal("y", t.exp(mu), tau=F(2.0) * tau, observed=REALS)


def variance_each(pm, t):
    v = pm.InverseGamma("v", F(2.0), pm.HalfNormal("rate", sigma=F(1.0)), shape=4)
    pm.Normal("y", F(0.5), sigma=t.sqrt(v), observed=REALS)


NAMED = {
    poisson_each: (lambda v: stats.nbinom(v["alpha"], v["rate"] / (v["rate"] + 1.5)).logpmf(COUNTS)),
    poisson_each_with_exposures: (lambda v: stats.nbinom(2.0, v["rate"] / (v["rate"] + MORE + 1.0)).logpmf(MORE)),
    poisson_each_of_an_inverse: (lambda v: stats.nbinom(2.0, v["rate"] / (v["rate"] + 1.5)).logpmf(COUNTS)),
    binomial_each: (lambda v: stats.betabinom([5, 6, 7, 8], v["a"], v["b"]).logpmf(COUNTS)),
    binomial_each_mirrored: (lambda v: stats.betabinom([5, 6, 7, 8], 0.7, v["a"]).logpmf(COUNTS)),
    bernoulli_each: (lambda v: stats.bernoulli(v["a"] / (v["a"] + 0.7)).logpmf(BITS)),
    bernoulli_each_mirrored: (lambda v: stats.bernoulli(0.7 / (v["a"] + 0.7)).logpmf(BITS)),
    precision_each: (lambda v: stats.t(4.0, np.exp(v["mu"]), np.sqrt(v["rate"] / (2 * 2.0))).logpdf(REALS)),
    variance_each: (lambda v: stats.t(4.0, 0.5, np.sqrt(v["rate"] / 2.0)).logpdf(REALS)),
}


def marginal_density(backend, model, point):
    """Return the log density of `y` in a model, at the values of a point of the space that samplers walk in."""
    if backend.name == "theano":
        function = backend.compile_plainly(model.free_RVs, model["y"].logpt)
        values = model.free_RVs
    else:
        values = model.value_vars
        function = backend.compile_plainly(values, model.logp(vars=[model["y"]]))
    return float(function(*(point[v.name] for v in values)))


@pytest.mark.parametrize("build", NAMED)
def test_the_law_of_the_data_keeps_its_name(backend, build):
    model, result, evidence = conditioned(backend, build, spread=0.5, n=5)
    assert evidence == 0.0
    assert names(result.observed_RVs) == ["y"] and not result.potentials
    for point in random_points(backend, result, n=3, spread=0.5):
        values = {name.split("_")[0]: v for name, v in point.items()}
        values |= {n.split("_")[0]: np.exp(v) for n, v in point.items() if n.endswith("log__")}
        expected = np.sum(NAMED[build](values))
        np.testing.assert_allclose(marginal_density(backend, result, point), expected, rtol=1e-8)


def poisson_shared(pm, t):
    theta = pm.Gamma("theta", F(2.0), pm.HalfNormal("rate", sigma=F(1.0)))
    pm.Poisson("y", theta, observed=COUNTS)


def poisson_groups(pm, t):
    alpha = pm.HalfNormal("alpha", sigma=F(1.0))
    theta = pm.Gamma("theta", alpha, pm.HalfNormal("rate", sigma=F(1.0)), shape=3)
    pm.Poisson("y", theta[GROUP], observed=GROUPED)


def exponential_each(pm, t):
    theta = pm.Gamma("theta", pm.HalfNormal("alpha", sigma=F(1.0)), F(0.5), shape=4)
    pm.Exponential("y", theta, observed=POSITIVE)


def precision_shared(pm, t):
    tau = pm.Gamma("tau", pm.HalfNormal("alpha", sigma=F(1.0)), F(0.5))
    pm.Normal("y", pm.Normal("mu", F(0.0), sigma=F(3.0)), tau=tau, observed=REALS)


def exponential_prior(pm, t):
    theta = pm.Exponential("theta", pm.HalfNormal("rate", sigma=F(1.0)), shape=4)
    pm.Exponential("y", theta * theta.shape[0], observed=POSITIVE)


def geometric_groups(pm, t):
    theta = pm.Beta("theta", pm.HalfNormal("a", sigma=F(1.0)), F(2.0), shape=3)
    pm.Geometric("y", theta[GROUP], observed=GROUPED + 1)


def binomial_shared_mirrored(pm, t):
    theta = pm.Beta("theta", pm.HalfNormal("a", sigma=F(1.0)), F(2.0))
    pm.Binomial("y", n=np.int64(9), p=F(1.0) - theta, observed=COUNTS)


def binomial_of_uniform(pm, t):
    n = pm.Poisson("n", F(20.0))
    theta = pm.Beta("theta", F(1.0), F(1.0))
    pm.Binomial("y", n=n, p=theta, observed=COUNTS)


def gamma_with_an_unknown_shape(pm, t):
    theta = pm.Gamma("theta", F(2.0), F(1.0))
    pm.Gamma("y", pm.HalfNormal("k", sigma=F(2.0)), theta, observed=POSITIVE)


def labels(pm, t):
    a = pm.HalfNormal("a", sigma=F(1.0))
    theta = pm.Dirichlet("theta", a * np.ones(3))
    pm.Categorical("y", theta, observed=LABELS)


def unknown_exposure(pm, t):
    theta = pm.Gamma("theta", F(2.0), F(1.0), shape=3)
    pm.Poisson("y", theta[GROUP] * pm.HalfNormal("c", sigma=F(1.0)), observed=GROUPED)


def chosen_by_a_draw(pm, t):
    theta = pm.Gamma("theta", F(2.0), F(1.0), shape=3)
    pm.Poisson("y", theta[pm.Binomial("z", n=2, p=F(0.5), shape=4)], observed=COUNTS)


AS_POTENTIAL = [
    chosen_by_a_draw,
    poisson_shared,
    poisson_groups,
    exponential_each,
    precision_shared,
    exponential_prior,
    geometric_groups,
    binomial_shared_mirrored,
    binomial_of_uniform,
    gamma_with_an_unknown_shape,
    labels,
    unknown_exposure,
]


@pytest.mark.parametrize("build", AS_POTENTIAL)
def test_the_law_of_the_data_stays_as_a_potential(backend, build):
    model, result, evidence = conditioned(backend, build, spread=0.4, n=5)
    assert evidence == 0.0
    assert names(result.potentials) == ["y_evidence"] and not result.observed_RVs


def test_a_potential_of_the_evidence_against_a_closed_form(backend):
    """Poisson counts of one rate, whose prior's rate b is unknown: their evidence is known for each b."""
    model, result, _ = conditioned(backend, poisson_shared, spread=0.4, n=3)
    (potential,) = result.potentials
    (rate,) = (v for v in result.unobserved_RVs if v.name == "rate")
    b = F(0.7)
    if backend.name == "theano":
        got = backend.compile_plainly([rate], potential)(b)
    else:
        (replaced,) = result.replace_rvs_by_values([potential])
        values = result.value_vars
        got = backend.compile_plainly(values, replaced)(*(np.log(b) for _ in values))
    s, n = COUNTS.sum(), len(COUNTS)
    expected = 2 * np.log(b) - gammaln(2.0) + gammaln(2.0 + s) - (2 + s) * np.log(b + n) - gammaln(COUNTS + 1).sum()
    np.testing.assert_allclose(got, expected, rtol=1e-8)


# Several sets of data --------------------------------------------------------------------------------------------


def mixed_likelihoods_of_a_rate(pm, t):
    theta = pm.Gamma("theta", F(2.0), F(1.5))
    pm.Poisson("y1", F(2.0) * theta, observed=COUNTS)
    pm.Exponential("y2", theta, observed=POSITIVE)
    pm.Normal("y3", F(0.5), tau=theta, observed=REALS)
    pm.Gamma("y4", F(2.5), theta / 3.0, observed=F(0.8))
    pm.Laplace("y5", F(0.5), 1.0 / theta, observed=REALS)


def mixed_likelihoods_of_a_variance(pm, t):
    v = pm.InverseGamma("theta", F(2.0), F(1.5))
    pm.Normal("y1", F(0.5), sigma=t.sqrt(v), observed=REALS)
    pm.Exponential("y2", F(1.0) / v, observed=POSITIVE)
    pm.Laplace("y3", F(0.5), v, observed=REALS)


def mixed_likelihoods_of_a_chance(pm, t):
    p = pm.Uniform("theta", 0.0, 1.0)
    pm.Bernoulli("y1", p, observed=BITS)
    pm.Geometric("y2", F(1.0) - p, observed=COUNTS + 1)
    pm.Binomial("y3", n=np.int64(9), p=p, observed=COUNTS)


def labels_and_counts(pm, t):
    p = pm.Dirichlet("theta", np.array([1.0, 2.0, 0.5]))
    pm.Categorical("y1", p, observed=LABELS)
    pm.Multinomial("y2", n=6, p=p, observed=np.array([1, 2, 3]))


def test_mixed_likelihoods_of_a_rate(backend):
    model, result, evidence = conditioned(backend, mixed_likelihoods_of_a_rate)
    assert taken(result) == [("theta", f"y{i}") for i in range(1, 6)]
    n = COUNTS.sum() + 4 + 2 + 2.5 + 4
    squares, distances = np.sum((REALS - 0.5) ** 2) / 2, np.abs(REALS - 0.5).sum()
    rate = 8.0 + POSITIVE.sum() + squares + 0.8 / 3 + distances
    constants = COUNTS.sum() * np.log(2) - gammaln(COUNTS + 1).sum() - 2 * np.log(2 * np.pi)
    constants += 1.5 * np.log(0.8) - 2.5 * np.log(3) - gammaln(2.5) - 4 * np.log(2)
    expected = constants + 2 * np.log(1.5) - gammaln(2.0) + gammaln(2.0 + n) - (2 + n) * np.log(1.5 + rate)
    np.testing.assert_allclose(evidence, expected, rtol=1e-8)


def test_mixed_likelihoods_of_a_variance(backend):
    model, result, evidence = conditioned(backend, mixed_likelihoods_of_a_variance)
    assert taken(result) == [("theta", f"y{i}") for i in range(1, 4)]
    n, t = 2 + 4 + 4, np.sum((REALS - 0.5) ** 2) / 2 + POSITIVE.sum() + np.abs(REALS - 0.5).sum()
    constants = -2 * np.log(2 * np.pi) - 4 * np.log(2)
    expected = constants + 2 * np.log(1.5) - gammaln(2.0) + gammaln(2.0 + n) - (2 + n) * np.log(1.5 + t)
    np.testing.assert_allclose(evidence, expected, rtol=1e-8)


def test_mixed_likelihoods_of_a_chance(backend):
    with backend.pm.Model() as model:
        mixed_likelihoods_of_a_chance(backend.pm, backend.tensor)
    result = sp.conjugate_graph(model)
    assert taken(result) == [("theta", f"y{i}") for i in range(1, 4)]
    s = BITS.sum() + COUNTS.sum() + COUNTS.sum()
    f = (1 - BITS).sum() + 4 + (9 - COUNTS).sum()
    binomials = np.sum(gammaln(10) - gammaln(COUNTS + 1) - gammaln(10 - COUNTS))
    np.testing.assert_allclose(evidence_of(backend, result), betaln(1 + s, 1 + f) + binomials, rtol=1e-8)


def test_labels_and_counts(backend):
    with backend.pm.Model() as model:
        labels_and_counts(backend.pm, backend.tensor)
    result = sp.conjugate_graph(model)
    assert taken(result) == [("theta", "y1"), ("theta", "y2")]
    a, n = np.array([1.0, 2.0, 0.5]), np.array([1, 1, 3]) + np.array([1, 2, 3])
    urn = gammaln(3.5) - gammaln(3.5 + 11) + np.sum(gammaln(a + n) - gammaln(a))
    expected = urn + gammaln(7) - gammaln([2, 3, 4]).sum()
    np.testing.assert_allclose(evidence_of(backend, result), expected, rtol=1e-8)


def two_priors_of_one_child(pm, t):
    mu = pm.Normal("mu", F(0.0), sigma=F(1.0))
    tau = pm.Gamma("tau", F(2.0), F(1.5))
    pm.Normal("y", mu, tau=tau, observed=REALS)


def a_chance_and_a_rate(pm, t):
    theta = pm.Gamma("theta", F(2.0), F(1.5), shape=4)
    p = pm.Beta("p", F(2.0), F(1.5))
    pm.Poisson("y", theta * p, observed=COUNTS)


def a_rate_of_rates(pm, t):
    top = pm.Gamma("top", F(2.0), F(1.5))
    theta = pm.Gamma("theta", F(3.0), top, shape=4)
    pm.Poisson("y", theta, observed=COUNTS)


def a_rate_of_rates_and_data(pm, t):
    top = pm.Gamma("top", F(2.0), F(1.5))
    theta = pm.Gamma("theta", F(3.0), top, shape=4)
    pm.Exponential("w", top, observed=POSITIVE)
    pm.Poisson("y", theta, observed=COUNTS)


def a_rate_of_a_latent_and_data(pm, t):
    theta = pm.Gamma("theta", F(2.0), F(1.5))
    pm.Gamma("latent", F(3.0), theta, shape=4)
    pm.Exponential("w", theta, observed=POSITIVE)


def a_precision_and_a_mean_of_others(pm, t):
    tau = pm.Gamma("tau", F(2.0), F(1.5))
    mu = pm.Normal("mu", F(0.0), tau=tau)
    pm.Normal("y", mu, sigma=F(0.7), observed=REALS)
    pm.Exponential("w", tau, observed=POSITIVE)


def two_rates_multiplied(pm, t):
    a, b = pm.Gamma("a", F(2.0), F(1.5)), pm.Gamma("b", F(3.0), F(1.0))
    pm.Poisson("y", a * b, observed=COUNTS)


def data_that_other_data_depend_on(pm, t):
    theta = pm.Gamma("theta", F(2.0), F(1.5))
    y = pm.Poisson("y", theta, observed=COUNTS)
    pm.Poisson("w", (y + F(1.0)) * theta, observed=COUNTS)


def number_of_trials_that_was_seen(pm, t):
    theta = pm.Gamma("theta", F(20.0), F(1.5))
    p = pm.Beta("p", F(2.0), F(1.5))
    n = pm.Poisson("n", theta, observed=COUNTS + 7)
    pm.Binomial("y", n=n, p=p, observed=COUNTS)


def same_data_twice(pm, t):
    theta = pm.Gamma("theta", F(2.0), F(1.5))
    pm.Poisson("y", theta, observed=COUNTS)
    pm.Poisson("y2", theta, observed=COUNTS)


def normal_mean_and_shared_precision(pm, t):
    tau = pm.Gamma("tau", F(2.0), F(1.5))
    mu = pm.Normal("mu", F(0.5), tau=F(0.3) * tau)
    pm.Normal("y", mu, tau=tau, observed=REALS)


def in_a_deterministic(pm, t):
    tau = pm.Gamma("tau", F(2.0), F(1.5), shape=4)
    sigma = pm.Deterministic("sigma", F(1.0) / t.sqrt(tau))
    pm.Deterministic("twice", 2 * sigma)
    pm.Potential("p", -t.sum(tau**2))
    pm.Normal("y", F(0.0), sigma=sigma, observed=REALS)


def its_shape_beside_it(pm, t):
    p = pm.Beta("p", F(2.0), F(1.5), shape=4)
    pm.Binomial("y", n=p.shape[0] + 3, p=p, observed=COUNTS)


def observed_scalars(pm, t):
    theta = pm.Gamma("theta", F(2.0), F(1.5))
    pm.Poisson("y", theta, observed=3)
    pm.Exponential("w", theta, observed=F(0.7))


def whole_numbers(pm, t):
    theta = pm.Gamma("theta", 2, 3)
    pm.Normal("y", 0, tau=2 * theta, observed=np.array([1, 2, 5, 2]))


def small_whole_numbers(pm, t):
    theta = pm.Gamma("theta", F(2.0), F(0.1), shape=3)
    pm.Poisson("y", theta[GROUP], observed=np.full(7, 100, dtype="int8"))


def truth_values(pm, t):
    p = pm.Beta("p", F(2.0), F(1.5), shape=3)
    pm.Bernoulli("y", p[GROUP], observed=GROUPED > 1)


def small_truth_values(pm, t):
    p = pm.Beta("p", F(2.0), F(1.5), shape=3)
    pm.Bernoulli("y", p[GROUP], observed=(GROUPED > 1).astype("uint8"))


def zero_counts_and_factors(pm, t):
    theta = pm.Gamma("theta", F(2.0), F(1.5))
    pm.Exponential("y", theta * np.array([1.0, 1e-9, 1e9, 2.0]), observed=POSITIVE)


def same_element_twice(pm, t):
    theta = pm.Gamma("theta", F(2.0), F(1.5), shape=3)
    pm.Poisson("y", t.sqrt(theta[GROUP] * theta[GROUP]), observed=GROUPED)


def a_quotient_of_two(pm, t):
    a, b = pm.Gamma("a", F(2.0), F(1.5)), pm.InverseGamma("b", F(3.0), F(1.0))
    pm.Normal("y", F(0.0), sigma=t.sqrt(b / a), observed=REALS)


def a_draw_in_the_factor(pm, t):
    z = pm.Bernoulli("z", F(0.5), shape=4)
    theta = pm.Gamma("theta", F(2.0), F(1.5))
    pm.Poisson("y", theta * (z + F(1.0)), observed=COUNTS)


def alike_priors(pm, t):
    a, b = pm.Gamma("a", F(2.0), F(1.5)), pm.Gamma("b", F(2.0), F(1.5))
    pm.Poisson("y", a, observed=COUNTS)
    pm.Poisson("w", b, observed=COUNTS)


def hyperparameter_in_the_factor(pm, t):
    a = pm.HalfNormal("a", sigma=F(1.0))
    pm.Poisson("y", a * pm.Gamma("theta", F(2.0), a, shape=4), observed=COUNTS)


def hyperparameter_in_the_mean(pm, t):
    mu = pm.StudentT("mu", F(4.0), mu=F(0.0), sigma=F(1.0))
    pm.Normal("y", mu, tau=pm.Gamma("theta", F(2.0), t.exp(mu), shape=4), observed=REALS)


def a_row_each(pm, t):
    theta = pm.Gamma("theta", F(2.0), pm.HalfNormal("a", sigma=F(1.0)), shape=(1, 4))
    pm.Poisson("y", theta, observed=COUNTS[None])


def a_column_each(pm, t):
    a = pm.HalfNormal("a", sigma=F(1.0))
    pm.Normal("y", a, tau=pm.Gamma("theta", F(2.0), a, shape=(4, 1)), observed=REALS[:, None])


def one_of_one(pm, t):
    theta = pm.Beta("theta", F(2.0), pm.HalfNormal("a", sigma=F(1.0)), shape=1)
    pm.Binomial("y", n=np.array([7]), p=theta, observed=COUNTS[:1])


def exposures_by_regression(pm, t):
    beta = pm.Normal("beta", F(0.0), sigma=F(1.0), shape=2)
    theta = pm.Gamma("theta", F(2.0), F(1.0), shape=3)
    X = np.linspace(-1.0, 1.0, 14).reshape(7, 2) ** 2
    pm.Poisson("y", theta[GROUP] * t.exp(t.dot(X, beta)), observed=GROUPED)


def three_children_of_unknown_chances(pm, t):
    a = pm.HalfNormal("a", sigma=F(1.0))
    p = pm.Beta("p", a, a, shape=4)
    pm.Binomial("y", n=np.full(4, 9), p=p, observed=COUNTS)
    pm.Bernoulli("w", F(1.0) - p, observed=BITS)
    pm.Geometric("z", p, observed=COUNTS + 1)


def a_parameter_that_was_seen(pm, t):
    a = pm.Gamma("a", F(2.0), F(1.0), observed=F(0.7))
    pm.Poisson("y", a * pm.Gamma("theta", F(2.0), a), observed=COUNTS)


def a_prior_chosen_by_a_draw(pm, t):
    z = pm.Bernoulli("z", F(0.4))
    pm.Poisson("y", pm.Gamma("theta", F(1.0) + z, F(1.0)), observed=COUNTS)


LARGER = [
    hyperparameter_in_the_factor,
    hyperparameter_in_the_mean,
    a_row_each,
    a_column_each,
    one_of_one,
    exposures_by_regression,
    three_children_of_unknown_chances,
    a_parameter_that_was_seen,
    a_prior_chosen_by_a_draw,
    two_priors_of_one_child,
    a_chance_and_a_rate,
    a_rate_of_rates,
    a_rate_of_rates_and_data,
    a_rate_of_a_latent_and_data,
    a_precision_and_a_mean_of_others,
    two_rates_multiplied,
    data_that_other_data_depend_on,
    number_of_trials_that_was_seen,
    same_data_twice,
    normal_mean_and_shared_precision,
    in_a_deterministic,
    its_shape_beside_it,
    observed_scalars,
    whole_numbers,
    small_whole_numbers,
    truth_values,
    small_truth_values,
    zero_counts_and_factors,
    same_element_twice,
    a_quotient_of_two,
    a_draw_in_the_factor,
    alike_priors,
]


@pytest.mark.parametrize("build", LARGER)
def test_larger_models(backend, build):
    model, result, _ = conditioned(backend, build, spread=0.4, n=5)
    assert taken(result)
    assert sorted(names(result.unobserved_RVs)) == sorted(names(model.unobserved_RVs))
    if build is in_a_deterministic:
        assert {"sigma", "twice"} <= set(names(result.deterministics)) and names(result.potentials) == ["p"]


def test_dims_and_coords_are_kept(backend):
    with backend.pm.Model(coords={"group": list("abc"), "item": range(7)}) as model:
        theta = backend.pm.Gamma("theta", F(2.0), backend.pm.HalfNormal("rate", sigma=F(1.0)), dims="group")
        p = backend.pm.Beta("p", F(2.0), backend.pm.HalfNormal("b", sigma=F(1.0)), dims="item")
        backend.pm.Poisson("y", theta[GROUP], observed=GROUPED, dims="item")
        backend.pm.Binomial("w", n=np.int64(9), p=p, observed=GROUPED, dims="item")
    result = sp.conjugate_graph(model)
    assert_conditioned(backend, model, result, n=3, spread=0.3)
    dims = result.RV_dims if backend.name == "theano" else result.named_vars_to_dims
    assert tuple(dims["theta"]) == ("group",) and tuple(dims["p"]) == tuple(dims["w"]) == ("item",)
    assert list(result.coords["group"]) == list("abc")


def test_shared_data_may_change_afterwards(backend):
    index, y = backend.shared(GROUP), backend.shared(GROUPED)
    with backend.pm.Model() as model:
        theta = backend.pm.Gamma("theta", F(2.0), F(1.5), shape=3)
        backend.pm.Poisson("y", theta[index], observed=y)
    result = sp.conjugate_graph(model)
    first = assert_conditioned(backend, model, result, n=3)
    index.set_value(np.array([1, 1, 0]))
    y.set_value(np.array([7, 2, 4]))
    assert abs(assert_conditioned(backend, model, result, n=3) - first) > 0.1


def test_missing_data_are_left_to_the_sampler(backend):
    """They stand beside the posterior given what was seen, and depend on it."""
    with backend.pm.Model() as model:
        p = backend.pm.Beta("p", F(2.0), F(1.5))
        with pytest.warns(Warning):
            backend.pm.Bernoulli("y", p, observed=np.ma.masked_values([1, 0, -1], -1))
    result = sp.conjugate_graph(model)
    assert_conditioned(backend, model, result, n=3)


def test_data_that_the_law_cannot_give(backend):
    """A negative waiting time: the density of the model is zero, and so is its evidence."""
    with backend.pm.Model() as model:
        theta = backend.pm.Gamma("theta", F(2.0), F(1.5))
        backend.pm.Exponential("y", theta, observed=np.array([0.3, -0.2]))
    result = sp.conjugate_graph(model)
    assert result is model or evidence_of(backend, result) == -np.inf


# Refused ---------------------------------------------------------------------------------------------------------


def gamma(pm, **options):
    return pm.Gamma("theta", F(2.0), F(1.5), **options)


def beta(pm, **options):
    return pm.Beta("theta", F(2.0), F(1.5), **options)


def truncated(pm, name, family, lower, upper, *parameters, **options):
    """Make a truncated variable: PyMC3 has `Bound` for priors, PyMC `Truncated`."""
    if hasattr(pm, "Truncated"):
        return pm.Truncated(name, getattr(pm, family).dist(*parameters), lower=lower, upper=upper, **options)
    return pm.Bound(getattr(pm, family), lower=lower, upper=upper)(name, *parameters, **options)


def truncated_data(pm, family, upper, *parameters, observed):
    if hasattr(pm, "Truncated"):
        truncated(pm, "y", family, None, upper, *parameters, observed=observed)
    else:  # the way that PyMC3 writes it
        y = getattr(pm, family).dist(*parameters)
        pm.DensityDist("y", lambda x: y.logp(x) - y.logcdf(upper), observed=observed)


def censored_data(pm, t, family, upper, *parameters, observed):
    if hasattr(pm, "Censored"):
        pm.Censored("y", getattr(pm, family).dist(*parameters), lower=None, upper=upper, observed=observed)
    else:
        y = getattr(pm, family).dist(*parameters)
        beyond = t.log1p(-t.exp(y.logcdf(upper)))
        pm.DensityDist("y", lambda x: t.switch(x < upper, y.logp(x), beyond), observed=observed)


NO_FORM = "no closed form is known"
REFUSED = {
    "in two parameters": (lambda pm, t: _two(pm), "also appears"),
    "in the mean and the precision": (lambda pm, t: _both(pm), "also appears"),
    "with an offset": (lambda pm, t: pm.Poisson("y", gamma(pm) + F(1.0), observed=COUNTS), "inside add"),
    "with an offset inside the root": (
        lambda pm, t: pm.Normal("y", F(0.0), sigma=F(1.0) / t.sqrt(gamma(pm) + F(0.5)), observed=REALS),
        "inside add",
    ),
    "sum of two": (
        lambda pm, t: pm.Poisson("y", gamma(pm) + pm.Gamma("b", F(1.0), F(1.0)), observed=COUNTS),
        "inside add",
    ),
    "sum of its elements": (
        lambda pm, t: pm.Poisson("y", t.sum(gamma(pm, shape=3)), observed=COUNTS),
        "not a multiple",
    ),
    "shape of a gamma": (lambda pm, t: pm.Gamma("y", gamma(pm), F(1.0), observed=POSITIVE), NO_FORM),
    "shape of an inverse gamma": (lambda pm, t: pm.InverseGamma("y", gamma(pm), F(1.0), observed=POSITIVE), NO_FORM),
    "mean of a gamma": (
        lambda pm, t: pm.Gamma("y", mu=gamma(pm), sigma=F(1.0), observed=POSITIVE),
        "also appears",
    ),
    "first shape of a beta": (lambda pm, t: pm.Beta("y", gamma(pm), F(2.0), observed=CHANCES), NO_FORM),
    "second shape of a beta": (lambda pm, t: pm.Beta("y", F(2.0), gamma(pm), observed=CHANCES), NO_FORM),
    "shape of a beta, an array": (
        lambda pm, t: pm.Beta("y", gamma(pm), np.array([1.0, 1.0, 2.0, 1.0]), observed=CHANCES),
        NO_FORM,
    ),
    "shape of a beta whose other is random": (
        lambda pm, t: pm.Beta("y", gamma(pm), pm.Gamma("b", F(1.0), F(1.0)), observed=CHANCES),
        NO_FORM,
    ),
    "size of a negative binomial": (
        lambda pm, t: pm.NegativeBinomial("y", mu=F(2.0), alpha=gamma(pm), observed=COUNTS),
        "theta",
    ),
    "mean of a negative binomial": (
        lambda pm, t: pm.NegativeBinomial("y", mu=gamma(pm), alpha=F(2.0), observed=COUNTS),
        NO_FORM,
    ),
    "concentration of a direction": (
        lambda pm, t: pm.VonMises("y", mu=F(0.0), kappa=gamma(pm), observed=REALS),
        NO_FORM,
    ),
    "degrees of freedom": (lambda pm, t: pm.StudentT("y", gamma(pm), mu=F(0.0), sigma=F(1.0), observed=REALS), NO_FORM),
    "scale of a student": (
        lambda pm, t: pm.StudentT("y", F(3.0), mu=F(0.0), sigma=F(1.0) / t.sqrt(gamma(pm)), observed=REALS),
        NO_FORM,
    ),
    "mean of a normal": (lambda pm, t: pm.Normal("y", gamma(pm), sigma=F(1.0), observed=REALS), NO_FORM),
    "deviation of gamma": (
        lambda pm, t: pm.Normal("y", F(0.0), sigma=gamma(pm), observed=REALS),
        "closed form for the exponent -0.5",
    ),
    "deviation of inverse gamma": (
        lambda pm, t: pm.Normal("y", F(0.0), sigma=pm.InverseGamma("theta", F(2.0), F(1.0)), observed=REALS),
        "closed form for the exponent 0.5",
    ),
    "squared rate": (lambda pm, t: pm.Poisson("y", gamma(pm) ** 2, observed=COUNTS), "closed form for the exponent 1"),
    "exponent nearly right": (
        lambda pm, t: pm.Poisson("y", gamma(pm) ** F(1.0001), observed=COUNTS),
        "closed form for the exponent 1",
    ),
    "quotient of itself": (
        lambda pm, t: (lambda x: pm.Poisson("y", x / x, observed=COUNTS))(gamma(pm)),
        "closed form for the exponent",
    ),
    "different elements": (
        lambda pm, t: (lambda x: pm.Poisson("y", t.sqrt(x * x[::-1]), observed=COUNTS))(gamma(pm, shape=4)),
        "different elements",
    ),
    "normalized": (
        lambda pm, t: (lambda x: pm.Poisson("y", x / t.sum(x), observed=COUNTS))(gamma(pm, shape=4)),
        "not a multiple",
    ),
    "exponential": (lambda pm, t: pm.Poisson("y", t.exp(gamma(pm)), observed=COUNTS), "inside exp"),
    "whole part": (lambda pm, t: pm.Poisson("y", t.cast(gamma(pm), "int64"), observed=COUNTS), "not a multiple"),
    "cumulated": (lambda pm, t: pm.Poisson("y", t.cumsum(gamma(pm, shape=4)), observed=COUNTS), "not a multiple"),
    "a weibull of the wrong power": (
        lambda pm, t: pm.Weibull("y", F(2.0), F(1.0) / gamma(pm), observed=POSITIVE),
        "closed form for the exponent",
    ),
    "a weibull with an unknown shape": (
        lambda pm, t: (lambda k: pm.Weibull("y", k, gamma(pm) ** (-1 / k), observed=POSITIVE))(
            pm.HalfNormal("k", sigma=F(1.0))
        ),
        NO_FORM,
    ),
    "a weibull with several shapes": (
        lambda pm, t: pm.Weibull("y", np.array([1.0, 2.0, 1.0, 2.0]), F(1.0) / gamma(pm), observed=POSITIVE),
        NO_FORM,
    ),
    "a shifted wald": (
        lambda pm, t: pm.Wald("y", mu=F(1.0), lam=gamma(pm), alpha=F(0.05), observed=POSITIVE),
        NO_FORM,
    ),
    "location of a gumbel variable": (
        lambda pm, t: pm.Gumbel("y", gamma(pm), F(1.0), observed=REALS),
        "not its scale times the logarithm",
    ),
    "a logarithm times another scale": (
        lambda pm, t: pm.Gumbel("y", F(2.0) * t.log(gamma(pm)), F(1.0), observed=REALS),
        "not its scale times the logarithm",
    ),
    "a logarithm of no multiple": (
        lambda pm, t: pm.Gumbel("y", t.log(F(1.0) + gamma(pm)), F(1.0), observed=REALS),
        "is not a multiple",
    ),
    "a gumbel of a rate and its scale": (
        lambda pm, t: (lambda x: pm.Gumbel("y", x * t.log(x), x, observed=REALS))(gamma(pm)),
        "also appears",
    ),
    "mean of a wald": (lambda pm, t: pm.Wald("y", mu=gamma(pm), lam=F(1.0), observed=POSITIVE), NO_FORM),
    "mean and shape of a wald": (
        lambda pm, t: pm.Wald("y", mu=F(2.0), phi=gamma(pm), alpha=F(0.01), observed=POSITIVE),
        NO_FORM,
    ),
    "scale of a pareto": (lambda pm, t: pm.Pareto("y", alpha=F(2.0), m=gamma(pm), observed=POSITIVE), NO_FORM),
    "half of a uniform variable": (
        lambda pm, t: pm.Geometric("y", pm.Uniform("theta", 0.0, 2.0) / F(2.0), observed=COUNTS + 1),
        "neither",
    ),
    "scaled chance": (lambda pm, t: pm.Bernoulli("y", F(0.5) * beta(pm), observed=BITS), "neither"),
    "shifted chance": (lambda pm, t: pm.Bernoulli("y", F(0.5) + F(0.5) * beta(pm), observed=BITS), "neither"),
    "wrongly mirrored chance": (lambda pm, t: pm.Bernoulli("y", F(0.9) - beta(pm), observed=BITS), "neither"),
    "negative chance": (lambda pm, t: pm.Bernoulli("y", beta(pm) - F(1.0), observed=BITS), "neither"),
    "mean of chances": (lambda pm, t: pm.Bernoulli("y", t.mean(beta(pm, shape=3)), observed=BITS), "neither"),
    "squared chance": (lambda pm, t: pm.Bernoulli("y", beta(pm) ** 2, observed=BITS), "is not theta itself"),
    "product of chances": (
        lambda pm, t: (lambda x: pm.Bernoulli("y", x * x[::-1], observed=BITS))(beta(pm, shape=4)),
        "is not theta itself",
    ),
    "chance of a logit": (lambda pm, t: pm.Bernoulli("y", logit_p=beta(pm), observed=BITS), "theta"),
    "chance in the number too": (
        lambda pm, t: (lambda x: pm.Binomial("y", n=t.ceil(9 * x), p=x, observed=BITS))(beta(pm)),
        "also appears",
    ),
    "beta as a rate": (lambda pm, t: pm.Poisson("y", beta(pm), observed=COUNTS), NO_FORM),
    "gamma as a chance": (lambda pm, t: pm.Geometric("y", gamma(pm), observed=COUNTS + 1), NO_FORM),
    "permuted simplex": (lambda pm, t: pm.Categorical("y", _simplex(pm)[::-1], observed=LABELS), "as it is"),
    "simplex by index": (
        lambda pm, t: pm.Categorical("y", _simplex(pm)[np.array([1, 0, 2])], observed=LABELS),
        "as it is",
    ),
    "mixed simplex": (
        lambda pm, t: pm.Categorical("y", F(0.5) * _simplex(pm) + F(1.0) / 6, observed=LABELS),
        "as it is",
    ),
    "element of a simplex": (lambda pm, t: pm.Bernoulli("y", _simplex(pm)[0], observed=BITS), NO_FORM),
    "column of a simplex": (
        lambda pm, t: pm.Categorical("y", _simplex(pm)[:, None], observed=np.zeros(3, dtype="int64")),
        "as it is",
    ),
    "batch of simplexes": (
        lambda pm, t: pm.Categorical("y", pm.Dirichlet("theta", np.ones((4, 3)), shape=(4, 3)), observed=LABELS[:4]),
        "a batch of vectors",
    ),
    "transposed batch of simplexes": (
        lambda pm, t: pm.Categorical("y", pm.Dirichlet("theta", np.ones((3, 3)), shape=(3, 3)).T, observed=LABELS[:3]),
        "as it is",
    ),
    "chosen by itself": (
        lambda pm, t: (lambda x: pm.Poisson("y", x[t.argmax(x)], observed=COUNTS))(gamma(pm, shape=3)),
        "it",
    ),
    "truncated data": (
        lambda pm, t: truncated_data(pm, "Exponential", F(5.0), gamma(pm), observed=POSITIVE),
        NO_FORM,
    ),
    "censored data": (
        lambda pm, t: censored_data(pm, t, "Exponential", F(2.0), gamma(pm), observed=np.minimum(POSITIVE, 2.0)),
        NO_FORM,
    ),
    "total size": (
        lambda pm, t: pm.Poisson("y", gamma(pm), observed=COUNTS, total_size=40),
        "total_size",
    ),
    "own transform": (
        lambda pm, t: pm.Poisson("y", gamma(pm, transform=_interval(pm)), observed=COUNTS),
        "a transform of its own",
    ),
    "zero inflated": (
        lambda pm, t: pm.ZeroInflatedPoisson("y", F(0.5), gamma(pm), observed=COUNTS),
        NO_FORM,
    ),
    "correlations": (
        lambda pm, t: pm.MvNormal("y", np.zeros(2), cov=_correlation(pm, t), observed=np.ones((3, 2))),
        "an LKJ law",
    ),
    "factor of a correlation": (
        lambda pm, t: pm.MvNormal("y", np.zeros(2), chol=_factor(pm), observed=np.ones((3, 2))),
        "an LKJ law",
    ),
    "part of a mixture": (
        lambda pm, t: (
            lambda x: pm.Mixture(
                "y", np.array([0.3, 0.7]), [pm.Poisson.dist(x), pm.Poisson.dist(F(2.0) * x)], observed=COUNTS
            )
        )(gamma(pm)),
        NO_FORM,
    ),
    "half normal prior": (
        lambda pm, t: pm.Poisson("y", pm.HalfNormal("theta", sigma=F(1.0)), observed=COUNTS),
        "closed form for the exponent -2",
    ),
}


def _two(pm):
    theta = gamma(pm)
    pm.Gamma("y", theta, theta, observed=POSITIVE)


def _both(pm):
    theta = gamma(pm)
    pm.Normal("y", theta, tau=theta, observed=REALS)


def _simplex(pm):
    return pm.Dirichlet("theta", np.array([1.0, 2.0, 0.5]))


def _correlation(pm, t):
    return t.eye(2) + (F(1.0) - t.eye(2)) * t.sum(pm.LKJCorr("theta", n=2, eta=F(2.0)))


def _factor(pm):
    factor, *_ = pm.LKJCholeskyCov("theta", n=2, eta=F(2.0), sd_dist=pm.HalfNormal.dist(F(1.0)), compute_corr=True)
    return factor


def _interval(pm):
    transforms = pm.distributions.transforms
    return transforms.Interval(0.0, 50.0) if hasattr(transforms, "Interval") else transforms.interval(0.0, 50.0)


@pytest.mark.parametrize("name", REFUSED)
def test_refused(backend, name):
    build, reason = REFUSED[name]
    with backend.pm.Model() as model:
        build(backend.pm, backend.tensor)
    result = sp.conjugate_graph(model)
    assert result is model, sp.steps(result)
    reasons = {step.variables: step.reason for step in sp.steps(result)}
    assert reason in reasons["theta", "y"]


@pytest.mark.parametrize("spell", (lambda x, t, b: (b * t.log(x))[:, None], lambda x, t, b: b * t.log(x)[:, None]))
def test_axes_about_a_logarithm(backend, spell):
    """Rows of Gumbel data, each with a rate of its own."""
    data = np.array([[0.3, -1.2, 2.5], [0.8, 1.1, -0.4]])

    def build(pm, t):
        theta = pm.Gamma("theta", F(2.0), F(1.5), shape=2)
        pm.Gumbel("y", spell(theta, t, F(0.7)), F(0.7), observed=data)

    _, _, evidence = conditioned(backend, build)
    rates = 1.5 + np.exp(-data / 0.7).sum(axis=1)
    expected = np.sum(2 * np.log(1.5) + gammaln(5.0) - gammaln(2.0) - 5 * np.log(rates))
    expected -= data.sum() / 0.7 + 6 * np.log(0.7)
    np.testing.assert_allclose(evidence, expected, rtol=1e-8)


# A negative binomial law by its mean ------------------------------------------------------------------------------

LENGTHS = np.array([2.5, 1.5, 2.5, 3.0])
BY_MEAN = {
    "one": lambda pm: (pm.Beta("p", F(2.0), F(3.0)), F(2.5)),
    "many": lambda pm: (pm.Beta("p", F(2.0), F(3.0), shape=4), LENGTHS),
    "groups": lambda pm: (pm.Beta("p", F(2.0), F(3.0), shape=3)[np.array([0, 1, 1, 2])], F(2.5)),
}


@pytest.mark.parametrize("name", BY_MEAN)
def test_a_chance_that_the_mean_is_computed_from(backend, name):
    with backend.pm.Model() as model:
        p, n = BY_MEAN[name](backend.pm)
        backend.pm.NegativeBinomial("y", mu=n * (1 - p) / p, alpha=n, observed=COUNTS)
    result = sp.conjugate_graph(model)
    assert taken(result) == [("p", "y")]
    assert_conditioned(backend, model, result)


@pytest.mark.parametrize("mean", [lambda n, p: n[::-1].copy() * (1 - p) / p, lambda n, p: n * (2 - p) / p])
def test_what_is_not_that_mean_stays(backend, mean):
    with backend.pm.Model() as model:
        p = backend.pm.Beta("p", F(2.0), F(3.0))
        backend.pm.NegativeBinomial("y", mu=mean(LENGTHS, p), alpha=LENGTHS, observed=COUNTS)
    assert sp.conjugate_graph(model) is model


# Single precision inside ------------------------------------------------------------------------------------------


def test_a_parameter_that_is_rounded_is_not_the_parameter(backend):
    with backend.pm.Model() as model:
        rate = backend.pm.Gamma("rate", F(2.0), F(3.0))
        backend.pm.Poisson("y", backend.tensor.cast(rate, "float32"), observed=COUNTS)
    result = sp.conjugate_graph(model)
    assert result is model and "float32" in sp.steps(result)[0].reason


def test_a_parameter_that_is_widened_is(backend):
    with backend.pm.Model() as model:
        rate = backend.pm.Gamma("rate", F(2.0), F(3.0))
        backend.pm.Poisson("y", backend.tensor.cast(rate, "float64") * F(2.0), observed=COUNTS)
    assert_conditioned(backend, model, sp.conjugate_graph(model))


# No transform -----------------------------------------------------------------------------------------------------

BARE = {
    "gamma": lambda pm, **own: pm.Poisson("y", pm.Gamma("q", F(2.0), F(3.0), **own), observed=COUNTS),
    "exponential": lambda pm, **own: pm.Poisson("y", pm.Exponential("q", F(3.0), **own), observed=COUNTS),
    "beta": lambda pm, **own: pm.Bernoulli("y", pm.Beta("q", F(2.0), F(3.0), **own), observed=BITS),
}


@pytest.mark.parametrize("name", BARE)
def test_a_variable_without_a_transform_stays_so(backend, name):
    own = {"theano": {"transform": None}, "pytensor": {"default_transform": None}}[backend.name]
    with backend.pm.Model() as model:
        BARE[name](backend.pm, **own)
    result = sp.conjugate_graph(model)
    assert log_density(backend, result).names == log_density(backend, model).names == ["q"]
    assert_conditioned(backend, model, result, points=[{"q": np.array(x)} for x in (0.2, 0.5, 0.7)])
