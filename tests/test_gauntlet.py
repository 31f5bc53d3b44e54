"""Statements that other systems once took for true, each a well-known slip: here they are refused, or done right.

Where a rewrite applies, its result passes the ratio test, and the wrong statement fails the very same oracle: over
theta, the log of the joint density less the log of the supposed posterior is not constant.
"""

from importlib import import_module

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import gammaln

import symbolic_pymc as sp
from symbolic_pymc.relations.algebra import law_of
from symbolic_pymc.relations.forms import NoKnownLaw
from symbolic_pymc.relations.laws import law as law_by_rate
from tests.densities import assert_conditioned, evidence_of, log_density
from tests.relations.test_kernels import log_posterior
from tests.relations.test_mixtures import expanded, integral

F = np.float64
CONSTANT = 1e-8  # what rounding makes of a constant
WRONG = 0.05  # far more: the least that any of the wrong statements is off by

COUNTS = np.array([3, 0, 2, 5])
REALS = np.array([0.3, -1.2, 2.5, 0.8])
FAR = REALS + 3.0
POSITIVE = np.array([0.4, 1.3, 2.2, 0.1])
RATES = np.linspace(0.2, 3.0, 7)
CHANCES = np.linspace(0.1, 0.9, 7)
PLACES = np.linspace(-1.0, 2.0, 7)


def unevenness(joint, law, points):
    """Return how far the log of ``joint / law`` is from constant: zero for the law that is the posterior."""
    return np.ptp([joint(x) - law(x) for x in points])


def gamma(alpha, beta):
    return stats.gamma(alpha, scale=1 / beta)


# Statements about a posterior ------------------------------------------------------------------------------------

# id: the model of theta, the same as a log density, the wrong posterior's log density, points
POSTERIORS = {
    "W01 successes and failures of a negative binomial confused": (
        lambda pm, t: pm.NegativeBinomial("y", n=F(1.5), p=pm.Beta("theta", F(2.0), F(3.0)), observed=COUNTS),
        lambda x: stats.beta(2, 3).logpdf(x) + stats.nbinom(1.5, x).logpmf(COUNTS).sum(),
        stats.beta(2 + COUNTS.sum(), 3 + 4 * 1.5).logpdf,
        CHANCES,
    ),
    "W02 a rate of several counts updated by each": (
        lambda pm, t: pm.Poisson("y", pm.Gamma("theta", F(2.0), F(3.0)), observed=COUNTS),
        lambda x: gamma(2, 3).logpdf(x) + stats.poisson(x).logpmf(COUNTS).sum(),
        lambda x: gamma(2 + COUNTS, 3 + 1).logpdf(x).sum(),
        RATES,
    ),
    "W03 a chance of several counts updated by each": (
        lambda pm, t: pm.Binomial("y", n=np.int64(9), p=pm.Beta("theta", F(2.0), F(3.0)), observed=COUNTS),
        lambda x: stats.beta(2, 3).logpdf(x) + stats.binom(9, x).logpmf(COUNTS).sum(),
        lambda x: stats.beta(2 + COUNTS, 3 + 9 - COUNTS).logpdf(x).sum(),
        CHANCES,
    ),
    "W06 a chi-squared variable read as one of rate 2": (
        lambda pm, t: pm.Poisson("y", pm.ChiSquared("theta", F(5.0)), observed=COUNTS),
        lambda x: stats.chi2(5).logpdf(x) + stats.poisson(x).logpmf(COUNTS).sum(),
        gamma(2.5 + COUNTS.sum(), 2 + 4).logpdf,
        RATES,
    ),
    "W16 a scale read as a rate": (
        lambda pm, t: pm.Exponential("y", pm.Gamma("theta", F(2.0), F(3.0)), observed=POSITIVE),
        lambda x: gamma(2, 3).logpdf(x) + stats.expon(scale=1 / x).logpdf(POSITIVE).sum(),
        stats.gamma(2 + 4, scale=3 + POSITIVE.sum()).logpdf,
        RATES,
    ),
    "W16 a rate of data read as their scale": (
        lambda pm, t: pm.Gamma("y", F(2.5), pm.Gamma("theta", F(2.0), F(3.0)), observed=POSITIVE),
        lambda x: gamma(2, 3).logpdf(x) + stats.gamma(2.5, scale=1 / x).logpdf(POSITIVE).sum(),
        gamma(2 + 10, 3 + (1 / POSITIVE).sum()).logpdf,
        RATES,
    ),
    "a factor of the rate forgotten": (
        lambda pm, t: pm.Poisson("y", F(2.0) * pm.Gamma("theta", F(2.0), F(3.0)), observed=COUNTS),
        lambda x: gamma(2, 3).logpdf(x) + stats.poisson(2 * x).logpmf(COUNTS).sum(),
        gamma(2 + COUNTS.sum(), 3 + 4).logpdf,
        RATES,
    ),
    "a shared mean updated by each": (
        lambda pm, t: pm.Normal("y", pm.Normal("theta", F(0.5), sigma=F(2.0)), sigma=F(1.5), observed=REALS),
        lambda x: stats.norm(0.5, 2).logpdf(x) + stats.norm(x, 1.5).logpdf(REALS).sum(),
        lambda x: stats.norm((0.5 * 2.25 + REALS * 4) / 6.25, (4 * 2.25 / 6.25) ** 0.5).logpdf(x).sum(),
        PLACES,
    ),
    "a deviation taken for a variance": (
        lambda pm, t: pm.Normal("y", pm.Normal("theta", F(0.5), sigma=F(2.0)), sigma=F(1.5), observed=REALS),
        lambda x: stats.norm(0.5, 2).logpdf(x) + stats.norm(x, 1.5).logpdf(REALS).sum(),
        stats.norm((0.5 / 2 + REALS.sum() / 1.5) / (1 / 2 + 4 / 1.5), (1 / 2 + 4 / 1.5) ** -0.5).logpdf,
        PLACES,
    ),
    "geometric counts from 0": (
        lambda pm, t: pm.Geometric("y", pm.Beta("theta", F(2.0), F(3.0)), observed=COUNTS + 1),
        lambda x: stats.beta(2, 3).logpdf(x) + stats.geom(x).logpmf(COUNTS + 1).sum(),
        stats.beta(2 + 4, 3 + (COUNTS + 1).sum()).logpdf,
        CHANCES,
    ),
    "a factor of the variance inverted": (
        lambda pm, t: pm.Normal(
            "y", F(0.0), sigma=t.sqrt(F(3.0) * pm.InverseGamma("theta", F(2.0), F(3.0))), observed=REALS
        ),
        lambda x: stats.invgamma(2, scale=3).logpdf(x) + stats.norm(0, np.sqrt(3 * x)).logpdf(REALS).sum(),
        stats.invgamma(2 + 2, scale=3 + 3 * (REALS**2).sum() / 2).logpdf,
        RATES,
    ),
}


@pytest.mark.parametrize("name", POSTERIORS)
def test_posteriors(backend, name):
    build, joint, wrong, points = POSTERIORS[name]
    with backend.pm.Model() as model:
        build(backend.pm, backend.tensor)
    result = sp.conjugate_graph(model)
    assert_conditioned(backend, model, result)
    assert unevenness(joint, log_posterior(backend, result, ()), points) < CONSTANT
    assert unevenness(joint, wrong, points) > WRONG


# Statements with a condition that does not hold -------------------------------------------------------------------


def truncated_exponential(pm, upper, rate):
    if hasattr(pm, "Truncated"):
        pm.Truncated("y", pm.Exponential.dist(rate), upper=upper, observed=POSITIVE)
    else:
        y = pm.Exponential.dist(rate)
        pm.DensityDist("y", lambda x: y.logp(x) - y.logcdf(upper), observed=POSITIVE)


def in_the_scale_too(pm, t):
    theta = pm.Normal("theta", F(0.0), sigma=F(1.0))
    pm.Normal("y", theta, sigma=t.exp(theta), observed=REALS)


def minimum_of_pareto(pm, t):
    pm.Pareto("y", alpha=F(2.0), m=pm.Pareto("theta", alpha=F(9.0), m=F(0.05)), observed=POSITIVE)


def flat_deviation(pm, t):
    pm.Normal("y", F(0.0), sigma=pm.HalfFlat("theta"), observed=REALS)


CONDITIONS = {
    "W13 a posterior that is not cut off at the least of the data": (
        minimum_of_pareto,
        lambda m: np.log(m) * (4 * 2 - 10) if m <= 0.1 else -1e3,
        lambda m: -10 * np.log(m) + 8 * np.log(m),
        np.array([0.06, 0.08, 0.09, 0.12]),
    ),
    "W14 truncated data taken for whole ones": (
        lambda pm, t: truncated_exponential(pm, F(3.0), pm.Gamma("theta", F(2.0), F(3.0))),
        lambda x: gamma(2, 3).logpdf(x) + 4 * np.log(x) - x * POSITIVE.sum() - 4 * np.log1p(-np.exp(-3 * x)),
        gamma(2 + 4, 3 + POSITIVE.sum()).logpdf,
        RATES,
    ),
    "W18 a mean that stands in the scale, too": (
        in_the_scale_too,
        lambda x: stats.norm(0, 1).logpdf(x) + stats.norm(x, np.exp(x)).logpdf(REALS).sum(),
        stats.norm(REALS.sum() / 5, 5**-0.5).logpdf,
        PLACES,
    ),
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_what_does_not_meet_a_condition_is_refused(backend, name):
    build, joint, wrong, points = CONDITIONS[name]
    with backend.pm.Model() as model:
        build(backend.pm, backend.tensor)
    result = sp.conjugate_graph(model)
    assert result is model
    assert [step.variables for step in sp.steps(result)] == [("theta", "y")]
    assert sp.steps(result)[0].reason
    assert unevenness(joint, wrong, points) > WRONG


def test_a_flat_deviation_whose_square_has_half_the_number_of_data(backend):
    """W19: the half that is missing is the Jacobian of the square."""
    with backend.pm.Model() as model:
        flat_deviation(backend.pm, backend.tensor)
    result = sp.conjugate_graph(model)
    assert [step.variables for step in sp.steps(result) if step.taken] == [("theta", "y")]
    density = log_density(backend, result)
    [name] = density.names

    def joint(s):
        return stats.norm(0, s).logpdf(REALS).sum()

    def root_of(law):
        return lambda s: law(s**2) + np.log(2 * s)

    def right(square):
        return density({name: np.log(square)}) - np.log(square)

    wrong = stats.invgamma(2, scale=(REALS**2).sum() / 2).logpdf
    assert unevenness(joint, root_of(right), RATES) < CONSTANT
    assert unevenness(joint, root_of(wrong), RATES) > WRONG


def test_a_number_of_trials_of_which_successes_were_seen(backend):
    """W05: the successes add to the size of what was not seen, they are not taken from it."""
    with backend.pm.Model() as model:
        n = backend.pm.NegativeBinomial("theta", mu=F(9.0), alpha=F(5.0))
        backend.pm.Binomial("y", n=n, p=F(0.4), observed=3)
    result = sp.conjugate_graph(model)
    assert [step.variables for step in sp.steps(result)] == [("theta", "y")]
    density = log_density(backend, result)

    def joint(n):
        return stats.nbinom(5, 5 / 14).logpmf(n) + stats.binom(n, 0.4).logpmf(3)

    def right(n):
        return density({density.names[0]: np.array(n - 3)})

    chance = 1 - (1 - 5 / 14) * 0.6
    assert unevenness(joint, right, np.arange(3, 9)) < CONSTANT
    assert unevenness(joint, lambda n: stats.nbinom(5 - 3, chance).logpmf(n - 3), np.arange(3, 9)) > WRONG


# Statements about a marginal -------------------------------------------------------------------------------------


def test_data_that_share_a_precision_are_dependent(backend):
    """W15: they are one multivariate Student vector, not independent Student variables."""
    with backend.pm.Model() as model:
        tau = backend.pm.Gamma("theta", F(2.0), F(3.0))
        backend.pm.Normal("y", F(0.5), tau=tau, observed=REALS)
    result = sp.conjugate_graph(model)
    evidence = assert_conditioned(backend, model, result)
    right = stats.multivariate_t(np.full(4, 0.5), 1.5 * np.eye(4), df=4).logpdf(REALS)
    wrong = stats.t(4, 0.5, np.sqrt(1.5)).logpdf(REALS).sum()
    assert abs(evidence - right) < CONSTANT
    assert abs(evidence - wrong) > WRONG


def test_data_that_share_a_precision_beside_an_unknown_mean(backend):
    """W15: the law of the data has a name only where each has a precision of its own."""
    with backend.pm.Model() as model:
        tau = backend.pm.Gamma("theta", F(2.0), F(3.0))
        mu = backend.pm.StudentT("mu", F(4.0), mu=F(0.0), sigma=F(1.0))
        backend.pm.Normal("y", mu, tau=tau, observed=REALS)
    result = sp.conjugate_graph(model)
    assert_conditioned(backend, model, result)
    assert not result.observed_RVs and [p.name for p in result.potentials] == ["y_evidence"]


def test_data_that_share_a_mean_are_dependent(backend):
    """W17: their law is a multivariate normal one, not an elementwise."""
    with backend.pm.Model() as model:
        theta = backend.pm.Normal("theta", F(0.5), sigma=F(2.0))
        backend.pm.Normal("y", theta, sigma=F(1.5), observed=FAR)
    evidence = assert_conditioned(backend, model, sp.conjugate_graph(model))
    right = stats.multivariate_normal(np.full(4, 0.5), 4 + 2.25 * np.eye(4)).logpdf(FAR)
    wrong = stats.norm(0.5, 2.5).logpdf(FAR).sum()
    assert abs(evidence - right) < CONSTANT
    assert abs(evidence - wrong) > WRONG


@pytest.mark.parametrize("call", ["conjugate_graph", "collapse_graph"])
def test_a_variance_that_scales_the_data_by_a_factor(backend, call):
    """W09: the factor of the data's variance counts."""
    with backend.pm.Model() as model:
        v = backend.pm.InverseGamma("v", F(2.0), F(3.0))
        mu = backend.pm.Normal("mu", F(0.5), sigma=backend.tensor.sqrt(v / F(0.7)))
        backend.pm.Normal("y", mu, sigma=backend.tensor.sqrt(F(3.0) * v), observed=FAR)
    result = getattr(sp, call)(model)

    def right(c):
        return stats.multivariate_t(np.full(4, 0.5), 1.5 * (1 / 0.7 + c * np.eye(4)), df=4).logpdf(FAR)

    assert result is not model
    if call == "conjugate_graph":
        assert_conditioned(backend, model, result)
    elif not result.observed_RVs and not result.potentials:
        assert abs(evidence_of(backend, result) - right(3)) < CONSTANT
    assert abs(right(3) - right(1)) > WRONG


# Statements about functions of variables ---------------------------------------------------------------------------


def words(backend):
    return import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops


def test_a_sum_of_a_variable_with_itself(backend):
    """W11: x + x is 2 x, of deviation 2 s, not the sum of two."""
    ops = words(backend)
    x = ops.normal(ops.constant(0.5), ops.constant(1.5)).reify()
    law = law_of(ops, x + x)
    mean, deviation = backend.compile_plainly([], [p.reify() for p in ops.parameters(law).values()])()
    np.testing.assert_allclose([mean, deviation], [1.0, 3.0])
    assert unevenness(stats.norm(1, 3).logpdf, stats.norm(1, 1.5 * np.sqrt(2)).logpdf, PLACES) > WRONG


def test_a_difference_of_a_variable_with_itself(backend):
    ops = words(backend)
    x = ops.normal(ops.constant(0.5), ops.constant(1.5)).reify()
    with pytest.raises(NoKnownLaw):
        law_of(ops, x - x)


def test_a_quotient_of_normal_variables_that_are_not_centred(backend):
    """W12: a Cauchy law needs means of zero."""
    ops = words(backend)
    x, y = (ops.normal(ops.constant(0.5), ops.constant(s)).reify() for s in (1.0, 2.0))
    with pytest.raises(NoKnownLaw):
        law_of(ops, x / y)

    def right(z):
        density = integrate.quad(lambda v: abs(v) * stats.norm.pdf(z * v, 0.5) * stats.norm.pdf(v, 0.5, 2), -30, 30)
        return np.log(density[0])

    assert unevenness(right, stats.cauchy(0, 0.5).logpdf, PLACES) > WRONG


def test_the_reciprocal_of_an_exponential_variable(backend):
    """W04: the rate of the exponential is the scale of the inverse gamma, not one over it."""
    ops = words(backend)
    law = law_of(ops, 1.0 / law_by_rate(ops, "exponential", ops.constant(4.0)).reify())
    assert ops.distribution_of(law) == "inversegamma"
    np.testing.assert_allclose(backend.compile_plainly([], [p.reify() for p in ops.parameters(law).values()])(), [1, 4])

    def right(z):
        return stats.expon(scale=1 / 4).logpdf(1 / z) - 2 * np.log(z)

    assert unevenness(right, stats.invgamma(1, scale=4).logpdf, RATES) < CONSTANT
    assert unevenness(right, stats.invgamma(1, scale=1 / 4).logpdf, RATES) > WRONG


def test_a_square_is_no_product_of_two(backend):
    """W25: of a uniform variable on (0, 1), x x has the density 1 / (2 sqrt(z)), a product of two -log(z)."""
    ops = words(backend)
    x = ops.uniform(ops.constant(0.0), ops.constant(1.0)).reify()
    points = np.array([0.1, 0.4, 0.9])
    try:
        law = law_of(ops, x * x)
    except NoKnownLaw:
        law = None
    if law is not None:
        assert ops.distribution_of(law) == "beta"
        parameters = backend.compile_plainly([], [p.reify() for p in ops.parameters(law).values()])()
        np.testing.assert_allclose(parameters, [0.5, 1.0])
    assert unevenness(stats.beta(0.5, 1).logpdf, lambda z: np.log(-np.log(z)), points) > WRONG


# Reparameterisation ----------------------------------------------------------------------------------------------


def test_the_law_of_regression_coefficients_is_kept(backend):
    """W10: standard coefficients stand for N(m, s) ones only when they are shifted and scaled."""
    X = np.random.default_rng(2).normal(size=(4, 2))
    with backend.pm.Model() as model:
        beta = backend.pm.Normal("beta", np.array([0.5, -1.0]), sigma=np.array([2.0, 0.3]), shape=2)
        backend.pm.Normal("y", backend.tensor.dot(X, beta), sigma=F(0.7), observed=REALS)
    result = sp.reparam_graph(model)
    old, new = log_density(backend, model), log_density(backend, result)
    assert new.names == ["beta_offset"]
    zs = np.random.default_rng(3).normal(size=(6, 2))
    right = [old({"beta": np.array([0.5, -1.0]) + np.array([2.0, 0.3]) * z}) - new({"beta_offset": z}) for z in zs]
    wrong = [old({"beta": z}) - new({"beta_offset": z}) for z in zs]
    np.testing.assert_allclose(right, -np.log(2.0 * 0.3), rtol=1e-8)
    assert np.ptp(wrong) > WRONG


def test_two_variables_have_two_offsets(backend):
    """W23: alike priors do not come to share one standard variable."""
    with backend.pm.Model() as model:
        a, b = backend.pm.Normal("a", F(0.5), sigma=F(2.0)), backend.pm.Normal("b", F(0.5), sigma=F(2.0))
        backend.pm.Normal("y", a - b, sigma=F(0.7), observed=REALS)
    result = sp.reparam_graph(model)
    old, new = log_density(backend, model), log_density(backend, result)
    assert sorted(new.names) == ["a_offset", "b_offset"]
    for z, w in np.random.default_rng(3).normal(size=(6, 2)):
        before = old({"a": 0.5 + 2 * z, "b": 0.5 + 2 * w})
        np.testing.assert_allclose(before - new({"a_offset": z, "b_offset": w}), -2 * np.log(2.0), rtol=1e-8)


# Mixtures ---------------------------------------------------------------------------------------------------------


def wrong_asymmetric(x, w, q=0.2, s=1.3):
    theta, phi = (2 * q - 1) / (q * (1 - q)), 2 / (q * (1 - q))
    return stats.expon.logpdf(w) + stats.norm(s * theta * w, s * np.sqrt(phi * w)).logpdf(x)


# name: the relation, the variable, its law, the wrong joint log density of it and what was to be its mixing variable
MIXED = {
    "W20 a scale for its square": (
        "inversegamma_mixtureo",
        lambda pm: pm.HalfCauchy("x", F(2.0)),
        stats.halfcauchy(scale=2.0),
        lambda x, w: (
            stats.invgamma(0.5, scale=1 / 2.0).logpdf(w) + stats.invgamma(0.5, scale=1 / w).logpdf(x**2) + np.log(2 * x)
        ),
    ),
    "W21 a mean for a rate": (
        "mixtureo",
        lambda pm: pm.Laplace("x", F(0.0), F(2.0)),
        stats.laplace(0, 2.0),
        lambda x, w: stats.expon(scale=1 / (2 * 2.0**2)).logpdf(w) + stats.norm(0, np.sqrt(w)).logpdf(x),
    ),
    "W22 the other side of a quantile": (
        "mixtureo",
        lambda pm: pm.AsymmetricLaplace("x", b=F(np.sqrt(0.16) / 1.3), kappa=F(np.sqrt(0.2 / 0.8)), mu=F(0.0)),
        stats.laplace_asymmetric(np.sqrt(0.2 / 0.8), 0.0, 1.3 / np.sqrt(0.16)),
        wrong_asymmetric,
    ),
}


@pytest.mark.parametrize("name", MIXED)
def test_mixtures(backend, name):
    relation, build, law, wrong = MIXED[name]
    with backend.pm.Model() as model:
        build(backend.pm)
    joint = log_density(backend, expanded(backend, model, relation))
    (mixing,) = (n for n in joint.names if "_mixing" in n)
    (other,) = (n for n in joint.names if n != mixing)
    is_root = "_square" in other
    for x in (0.6, 2.5):
        at, jacobian = (2 * np.log(x), np.log(2 / x)) if is_root else (x, 0.0)
        right = integral(lambda u: joint({mixing: u, other: F(at)})) + jacobian
        np.testing.assert_allclose(right, law.logpdf(x), atol=CONSTANT)
    assert unevenness(lambda x: integral(lambda u: wrong(x, np.exp(u)) + u), law.logpdf, (0.6, 2.5)) > WRONG


# Structures that other checkers got wrong --------------------------------------------------------------------------


MATRIX = np.random.default_rng(6).normal(size=(4, 3))


def normals(pm, k, name="theta"):
    return pm.Normal(name, F(0.5), sigma=F(2.0), shape=k)


def part_of_a_vector(pm, t):
    theta = pm.MvNormal("theta", np.ones(3), cov=np.eye(3) + 0.5, shape=3)
    pm.MvNormal("y", theta[1:], cov=np.eye(2), observed=REALS[:2])


def more_than_a_vector(pm, t):
    theta = pm.MvNormal("theta", np.ones(2), cov=np.eye(2) + 0.5, shape=2)
    pm.MvNormal("y", t.concatenate([theta, np.zeros(2)]), cov=np.eye(4), observed=REALS)


def overlapping_slices(pm, t):
    theta = normals(pm, 4)
    pm.Normal("y1", theta[:3], sigma=F(1.0), observed=REALS[:3])
    pm.Normal("y2", theta[1:], sigma=F(1.0), observed=REALS[1:])


def overlapping_slices_of_rates(pm, t):
    theta = pm.Gamma("theta", F(2.0), F(3.0), shape=4)
    pm.Poisson("y1", theta[:3], observed=COUNTS[:3])
    pm.Poisson("y2", theta[1:], observed=COUNTS[1:])


def sum_of_a_slice(pm, t):
    pm.Normal("y", t.sum(normals(pm, 4)[:3]), sigma=F(1.0), observed=REALS)


def index_and_value(pm, t):
    theta = pm.Poisson("theta", F(1.0))
    pm.Normal("y", normals(pm, 9, "x")[theta] + theta, sigma=F(1.0), observed=REALS)


def indices_that_are_drawn(pm, t):
    i, j = pm.Bernoulli("i", F(0.5), shape=4), pm.Bernoulli("j", F(0.3), shape=4)
    pm.Normal("y", normals(pm, (2, 2))[i, j], sigma=F(1.0), observed=REALS)


def a_constant_that_starts_with_one(pm, t):
    pm.Normal("y", np.array([1.0, 2.0, 3.0, 4.0]) * normals(pm, ()), sigma=F(1.0), observed=REALS)


def an_offset_that_starts_with_zero(pm, t):
    pm.Normal("y", np.array([0.0, 2.0, 3.0, 4.0]) + normals(pm, ()), sigma=F(1.0), observed=REALS)


def factors_of_a_rate_that_start_with_one(pm, t):
    pm.Poisson("y", np.array([1.0, 2.0, 3.0, 4.0]) * pm.Gamma("theta", F(2.0), F(3.0)), observed=COUNTS)


def matrix_transposed(pm, t):
    pm.Normal("y", t.dot(normals(pm, 4), MATRIX), sigma=F(1.0), observed=REALS[:3])


def vectors_about_a_common_mean(pm, t):
    mu = pm.MvNormal("theta", np.ones(3), cov=np.eye(3) + 0.5, shape=3)
    pm.MvNormal("y", mu, cov=np.eye(3) + 0.2, observed=MATRIX, shape=(4, 3))


def data_in_a_batch_of_vectors(pm, t):
    mu = pm.Normal("theta", np.ones(3), sigma=F(1.0), shape=3)
    pm.Normal("y", mu, sigma=F(1.0), observed=MATRIX)


def exponential_mean(pm, t):
    pm.Laplace("y", mu=pm.Exponential("theta", F(1.0)), b=F(1.0), observed=REALS)


def sum_of_rates(pm, t):
    pm.Poisson("y", t.sum(pm.Gamma("theta", F(2.0), F(3.0), shape=3)), observed=COUNTS)


def offset_of_a_rate_that_is_zero_at_first(pm, t):
    pm.Poisson("y", np.array([0.0, 1.0, 0.0, 0.0]) + pm.Gamma("theta", F(2.0), F(3.0)), observed=COUNTS)


def broken_stick(pm, t):
    v = pm.Beta("theta", F(1.0), F(2.0), shape=2)
    w = t.concatenate([v[:1], v[1:] * (1 - v[:1]), (1 - v[1:]) * (1 - v[:1])])
    pm.Categorical("y", w, observed=np.array([0, 2, 1, 1]))


def part_of_a_broken_stick(pm, t):
    v = pm.Beta("theta", F(1.0), F(2.0), shape=3)
    pm.Bernoulli("y", v[1] * (1 - v[0]), observed=np.array([0, 1, 1]))


def precision_matrix(pm, t):
    theta = pm.Gamma("theta", F(2.0), F(3.0), shape=3)
    pm.MvNormal("y", np.zeros(3), tau=t.eye(3) * theta, observed=MATRIX[0])


def scaled_precision_matrix(pm, t):
    theta = pm.Gamma("theta", F(2.0), F(3.0))
    pm.MvNormal("y", np.zeros(3), tau=theta * (np.eye(3) + 0.5), observed=MATRIX[0])


def deviation_of_both_levels(pm, t):
    v = pm.InverseGamma("v", F(2.0), F(3.0))
    theta = pm.Normal("theta", F(0.5), sigma=t.sqrt(v), shape=3)
    pm.Normal("y", theta, sigma=t.sqrt(v), observed=REALS[:3])


def intrinsic_field(pm, t):
    tau = pm.Gamma("tau", F(2.0), F(3.0))
    x = normals(pm, 4)
    pm.Potential("field", -0.5 * tau * t.sum((x[1:] - x[:-1]) ** 2))
    pm.Normal("y", x, sigma=F(1.0), observed=REALS)


def random_number_of_trials(pm, t):
    n = pm.Binomial("n", n=9, p=pm.Beta("q", F(1.0), F(2.0)))
    pm.Binomial("y", n=n, p=pm.Beta("theta", F(2.0), F(3.0)), observed=np.array([1, 0, 0]))


def wishart_precision(pm, t):
    """W08: a matrix beside a precision is no number."""
    theta = pm.Wishart("theta", nu=5, V=np.eye(2), **({"shape": (2, 2)} if pm.__name__ == "pymc3" else {}))
    A = np.array([[1.0, 2.0], [0.0, 3.0]])
    pm.MvNormal("y", np.zeros(2), tau=t.dot(t.dot(A, theta), A.T), observed=MATRIX[:, :2], shape=(4, 2))


def exponential_deviation(pm, t):
    """W21: a variance that is exponential has a closed form, and is not inverse gamma; a deviation has none."""
    pm.Normal("y", F(0.0), sigma=pm.Exponential("theta", F(2.0)), observed=REALS)


def half_cauchy_deviation(pm, t):
    """W20."""
    pm.Normal("y", F(0.0), sigma=pm.HalfCauchy("theta", F(2.0)), observed=REALS)


LEFT_ALONE = [
    exponential_mean,
    sum_of_rates,
    offset_of_a_rate_that_is_zero_at_first,
    part_of_a_broken_stick,
    wishart_precision,
    exponential_deviation,
    half_cauchy_deviation,
]
STRUCTURES = [
    part_of_a_vector,
    more_than_a_vector,
    overlapping_slices,
    overlapping_slices_of_rates,
    sum_of_a_slice,
    index_and_value,
    indices_that_are_drawn,
    a_constant_that_starts_with_one,
    an_offset_that_starts_with_zero,
    factors_of_a_rate_that_start_with_one,
    matrix_transposed,
    vectors_about_a_common_mean,
    data_in_a_batch_of_vectors,
    precision_matrix,
    scaled_precision_matrix,
    deviation_of_both_levels,
    intrinsic_field,
    random_number_of_trials,
    broken_stick,
]


@pytest.mark.filterwarnings("ignore:The Wishart distribution")
@pytest.mark.parametrize("build", LEFT_ALONE)
def test_structures_that_are_left_alone(backend, build):
    with backend.pm.Model() as model:
        build(backend.pm, backend.tensor)
    result = sp.conjugate_graph(model)
    assert result is model
    assert {step.variables: bool(step.reason) for step in sp.steps(result)} == {("theta", "y"): True}


@pytest.mark.parametrize("build", STRUCTURES)
def test_structures(backend, build):
    """Exact, or left alone with a reason."""
    with backend.pm.Model() as model:
        build(backend.pm, backend.tensor)
    result = sp.conjugate_graph(model)
    if result is model:
        assert all(step.reason for step in sp.steps(result)) and sp.steps(result)
    else:
        assert_conditioned(backend, model, result, n=5, spread=0.4)


def test_a_long_expression_is_checked_without_recursion(backend):
    """A rate below more factors of one than Python lets functions call each other."""
    with backend.pm.Model() as model:
        theta = backend.pm.Gamma("theta", F(2.0), F(3.0))
        rate = theta
        for _ in range(1200):
            rate = rate * F(1.0)
        backend.pm.Poisson("y", rate, observed=COUNTS)
    result = sp.conjugate_graph(model)
    assert [step.variables for step in sp.steps(result) if step.taken] == [("theta", "y")]
    total = COUNTS.sum()
    expected = 2 * np.log(3) + gammaln(2 + total) - (2 + total) * np.log(3 + 4) - gammaln(COUNTS + 1).sum()
    np.testing.assert_allclose(evidence_of(backend, result), expected, rtol=1e-8)
