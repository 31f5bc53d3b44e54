"""Bounded priors of the mean of normal data: the untruncated update between the same bounds; quadrature is the oracle."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

import symbolic_pymc as sp
from tests.densities import evidence_of, log_density
from tests.relations.test_kernel_edges import truncated
from tests.relations.test_flat_edges import ERRORS, GROUP, Y, F, N, X, built, reasons

LOW, HIGH = F(0.5), F(2.5)


def truncated_mass(law):
    """The mass between the bounds, by which PyMC's `Truncated` divides the density, and PyMC3's `Bound` does not."""
    return np.log(law.cdf(HIGH) - law.cdf(LOW)) if NORMALISED[0] else 0.0


NORMALISED = [True]


@pytest.fixture(autouse=True)
def _as_the_backend_does(request):
    if "backend" in request.fixturenames:
        NORMALISED[0] = request.getfixturevalue("backend").name == "pytensor"


# name: the prior, its density in scipy up to a constant, its bounds
PRIORS = {
    "truncated normal": (
        lambda pm, **k: pm.TruncatedNormal("m", mu=F(1.0), sigma=F(0.7), lower=LOW, upper=HIGH, **k),
        stats.truncnorm(-0.5 / 0.7, 1.5 / 0.7, 1.0, 0.7).logpdf,
        (0.5, 2.5),
    ),
    "normal cut off below": (
        lambda pm, **k: pm.TruncatedNormal("m", mu=F(1.0), sigma=F(0.7), lower=LOW, **k),
        stats.truncnorm(-0.5 / 0.7, np.inf, 1.0, 0.7).logpdf,
        (0.5, np.inf),
    ),
    "normal cut off above": (
        lambda pm, **k: pm.TruncatedNormal("m", mu=F(1.0), sigma=F(0.7), upper=HIGH, **k),
        stats.truncnorm(-np.inf, 1.5 / 0.7, 1.0, 0.7).logpdf,
        (-np.inf, 2.5),
    ),
    "half-normal": (lambda pm, **k: pm.HalfNormal("m", sigma=F(2.0), **k), stats.halfnorm(0, 2).logpdf, (0, np.inf)),
    "uniform": (lambda pm, **k: pm.Uniform("m", LOW, HIGH, **k), stats.uniform(0.5, 2).logpdf, (0.5, 2.5)),
    "exponential": (lambda pm, **k: pm.Exponential("m", F(1.5), **k), stats.expon(0, 1 / 1.5).logpdf, (0, np.inf)),
    "exponential between bounds": (
        lambda pm, **k: truncated(pm, "m", "Exponential", LOW, HIGH, F(1.5), **k),
        lambda m: stats.expon(0, 1 / 1.5).logpdf(m) - truncated_mass(stats.expon(0, 1 / 1.5)),
        (0.5, 2.5),
    ),
    "half-normal between bounds": (
        lambda pm, **k: truncated(pm, "m", "HalfNormal", LOW, HIGH, F(2.0), **k),
        lambda m: stats.halfnorm(0, 2).logpdf(m) - truncated_mass(stats.halfnorm(0, 2)),
        (0.5, 2.5),
    ),
    "normal between bounds": (
        lambda pm, **k: truncated(pm, "m", "Normal", LOW, HIGH, F(1.0), F(0.7), **k),
        lambda m: stats.norm(1.0, 0.7).logpdf(m) - truncated_mass(stats.norm(1.0, 0.7)),
        (0.5, 2.5),
    ),
    "half-flat": (lambda pm, **k: pm.HalfFlat("m", **k), lambda m: 0.0 * m, (0, np.inf)),
}
SIGMA = 1.5


def value(x, low, high):
    """Return the point of which PyMC's transforms make `x`, and the log of the derivative."""
    if np.isinf(high):
        return low + np.exp(x), x
    if np.isinf(low):
        return high - np.exp(x), x
    at = 1 / (1 + np.exp(-x))
    return low + (high - low) * at, np.log((high - low) * at * (1 - at))


@pytest.mark.parametrize("slope", (2.0, -1.0, 0.001))
@pytest.mark.parametrize("name", PRIORS)
def test_one_mean_is_a_truncated_normal(backend, name, slope):
    prior, logpdf, bounds = PRIORS[name]
    slopes = slope * ERRORS
    result = sp.conjugate_graph(
        built(backend, lambda pm, t: pm.Normal("y", F(0.3) + slopes * prior(pm), sigma=F(SIGMA), observed=Y))
    )
    assert [step.relation for step in sp.steps(result)] == ["bounded_mean_reversalo"]

    def joint(m):
        return logpdf(m) + stats.norm(0.3 + slopes * m, SIGMA).logpdf(Y).sum()

    evidence, density = evidence_of(backend, result), log_density(backend, result)
    [place] = density.names
    for x in (-1.3, -0.2, 0.4, 1.0):
        m, stretch = value(x, *bounds)
        np.testing.assert_allclose(density({place: np.array(x)}) - stretch + evidence, joint(m), rtol=1e-9)
    if abs(slope) >= 1:  # else the mass lies too far out for quadrature
        mass = quad(lambda m: np.exp(joint(m) - evidence), *bounds, limit=200)[0]
        np.testing.assert_allclose(mass, 1.0, rtol=1e-6)  # PyMC's normaliser of what lies far out


@pytest.mark.parametrize("name", PRIORS)
def test_means_of_groups(backend, name):
    prior, logpdf, bounds = PRIORS[name]
    result = sp.conjugate_graph(
        built(backend, lambda pm, t: pm.Normal("y", prior(pm, shape=3)[GROUP], sigma=ERRORS, observed=Y))
    )
    evidence, density = evidence_of(backend, result), log_density(backend, result)
    [place] = density.names
    for x in (np.array([0.1, -0.5, 0.8]), np.array([1.0, 0.3, -0.2])):
        m, stretch = value(x, *bounds)
        expected = np.sum(logpdf(m)) + stats.norm(m[GROUP], ERRORS).logpdf(Y).sum()
        np.testing.assert_allclose(density({place: x}) - np.sum(stretch) + evidence, expected, rtol=1e-9)


# The reciprocal of the mean of inverse Gaussian data ------------------------------------------------------------

TIMES = np.array([0.4, 1.3, 2.2, 0.1, 0.7, 0.9])
OF_TIMES = np.array([0, 1, 2, 0, 1, 2])
LAM = np.array([1.5, 0.3, 2.0, 4.0, 0.7, 1.1])


def log_wald(y, mu, lam):
    return 0.5 * np.log(lam / (2 * np.pi * y**3)) - lam * (y - mu) ** 2 / (2 * mu**2 * y)


# how a reciprocal is spelt, and the factor in it
RECIPROCALS = {
    "quotient": (lambda m: F(1.0) / m, 1.0),
    "quotient of a multiple": (lambda m: F(1.0) / (F(2.5) * m), 2.5),
    "power": (lambda m: m ** F(-1.0), 1.0),
}


@pytest.mark.parametrize("spelling", RECIPROCALS)
@pytest.mark.parametrize("name", PRIORS)
def test_the_reciprocal_of_a_mean_is_a_truncated_normal(backend, name, spelling):
    (prior, logpdf, (low, high)), (reciprocal, factor) = PRIORS[name], RECIPROCALS[spelling]
    result = sp.conjugate_graph(
        built(backend, lambda pm, t: pm.Wald("y", mu=reciprocal(prior(pm)), lam=LAM, observed=TIMES))
    )
    assert [step.relation for step in sp.steps(result)] == ["wald_mean_reversalo"]

    def joint(m):
        return logpdf(m) + log_wald(TIMES, 1 / (factor * m), LAM).sum()

    evidence, density = evidence_of(backend, result), log_density(backend, result)
    [place] = density.names
    low = max(low, 0.0)
    for x in (-1.3, 0.4, 1.0):
        m, stretch = value(x, low, high)
        np.testing.assert_allclose(density({place: np.array(x)}) - stretch + evidence, joint(m), rtol=1e-9)
    np.testing.assert_allclose(quad(lambda m: np.exp(joint(m) - evidence), low, high, limit=200)[0], 1.0, rtol=1e-6)


@pytest.mark.parametrize("name", ("half-normal", "exponential"))
def test_reciprocals_of_the_means_of_groups(backend, name):
    prior, logpdf, bounds = PRIORS[name]
    result = sp.conjugate_graph(
        built(backend, lambda pm, t: pm.Wald("y", mu=F(1.0) / prior(pm, shape=3)[OF_TIMES], lam=LAM, observed=TIMES))
    )
    evidence, density = evidence_of(backend, result), log_density(backend, result)
    [place] = density.names
    for x in (np.array([0.1, -0.5, 0.8]), np.array([1.0, 0.3, -0.2])):
        m, stretch = value(x, *bounds)
        expected = np.sum(logpdf(m)) + log_wald(TIMES, 1 / m[OF_TIMES], LAM).sum()
        np.testing.assert_allclose(density({place: x}) - np.sum(stretch) + evidence, expected, rtol=1e-9)


def shifted(pm, t):
    pm.Wald("y", mu=F(1.0) / pm.HalfNormal("m", sigma=F(1.0)), lam=F(1.0), alpha=F(0.05), observed=TIMES)


def the_mean_itself(pm, t):
    pm.Wald("y", mu=pm.HalfNormal("m", sigma=F(1.0)), lam=F(1.0), observed=TIMES)


def shifted_reciprocal(pm, t):
    pm.Wald("y", mu=F(1.0) / (F(1.0) + pm.HalfNormal("m", sigma=F(1.0))), lam=F(1.0), observed=TIMES)


def no_times(pm, t):
    pm.Wald("y", mu=F(1.0) / pm.Exponential("m", F(1.0)), lam=F(1.0), observed=TIMES[:0])


def test_an_unknown_deviation_keeps_the_evidence(backend):
    def build(pm, t):
        s = pm.HalfCauchy("s", beta=F(2.0))
        pm.Normal("y", pm.Exponential("m", F(1.5)), sigma=s, observed=Y)

    collapsed = sp.collapse_graph(built(backend, build))
    density = log_density(backend, collapsed)
    [place] = density.names
    for s in (0.4, 1.0, 3.0):
        mass = quad(lambda m: np.exp(-1.5 * m + stats.norm(m, s).logpdf(Y).sum() + 80) * 1.5, 0, 20, points=[3, 4])[0]
        expected = np.log(mass) - 80 + stats.halfcauchy(scale=2).logpdf(s) + np.log(s)
        np.testing.assert_allclose(density({place: np.log(s)}), expected, rtol=1e-7)


def matrix(pm, t):
    pm.Normal("y", t.dot(X, pm.HalfNormal("m", sigma=F(1.0), shape=3)), sigma=F(1.0), observed=Y)


def no_data(pm, t):
    pm.Normal("y", pm.HalfFlat("m"), sigma=F(1.0), observed=Y[:0])


def nothing_told(pm, t):
    pm.Normal("y", np.zeros(N) * pm.Exponential("m", F(1.0)), sigma=F(1.0), observed=Y)


def random_factor(pm, t):
    pm.Normal(
        "y", pm.Exponential("m", F(1.0)) * pm.StudentT("z", F(3.0), mu=F(0.0), sigma=F(1.0)), sigma=F(1.0), observed=Y
    )


def truncated_data(pm, t):
    m = pm.TruncatedNormal("m", mu=F(0.0), sigma=F(1.0), lower=F(0.0))
    pm.TruncatedNormal("y", mu=m, sigma=F(1.0), lower=F(-9.0), observed=Y)


REFUSED = {
    matrix: "enters y through a matrix",
    no_data: "not known that y tells every element",
    nothing_told: "not known that y tells every element",
    random_factor: "not known that y tells every element",
    shifted: "shifted",
    the_mean_itself: "no multiple of the reciprocal",
    shifted_reciprocal: "no multiple of the reciprocal",
    no_times: "not known that y tells every element",
    truncated_data: "no closed form is known between the two",
}


@pytest.mark.parametrize("build", REFUSED)
def test_refused_with_the_reason(backend, build):
    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert result is model
    assert REFUSED[build] in reasons(result)["m", "y"]
