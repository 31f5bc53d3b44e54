"""Uniform priors of rates, scales, deviations and probabilities; the joint density by scipy and quadrature are the oracles."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

import symbolic_pymc as sp
from tests.densities import evidence_of, log_density
from tests.relations.test_flat_edges import ERRORS, GROUP, Y, F, X, built, log_integral, reasons
from tests.relations.test_kernel_edges import BITS, COUNTS, LABELS, POSITIVE, REALS
from tests.relations.test_bounded_edges import value

RELATION = "uniform_rate_reversalo"
CUT = "truncated_prior_reversalo"
# the bounds as they are given, those of the posterior, the data as a model and by scipy, the relation
CASES = {
    "rate": (
        (0.0, 100.0),
        (0.0, 100.0),
        lambda pm, t, x: pm.Poisson("y", F(0.7) * x, observed=COUNTS),
        lambda x: stats.poisson(0.7 * x).logpmf(COUNTS),
        RELATION,
    ),
    "rate from below": (
        (3.0, 4.0),
        (3.0, 4.0),
        lambda pm, t, x: pm.Exponential("y", x, observed=POSITIVE),
        lambda x: stats.expon(0, 1 / x).logpdf(POSITIVE),
        RELATION,
    ),
    "precision": (
        (-1.0, 2.0),
        (0.0, 2.0),
        lambda pm, t, x: pm.Normal("y", F(0.3), tau=x, observed=REALS),
        lambda x: stats.norm(0.3, x**-0.5).logpdf(REALS),
        RELATION,
    ),
    "scale": (
        (0.2, 30.0),
        (0.2, 30.0),
        lambda pm, t, x: pm.Laplace("y", F(0.3), x, observed=REALS),
        lambda x: stats.laplace(0.3, x).logpdf(REALS),
        RELATION,
    ),
    "variance": (
        (0.0, 100.0),
        (0.0, 100.0),
        lambda pm, t, x: pm.Normal("y", F(0.3), sigma=t.sqrt(x), observed=REALS),
        lambda x: stats.norm(0.3, x**0.5).logpdf(REALS),
        RELATION,
    ),
    "deviation": (
        (0.0, 100.0),
        (0.0, 100.0),
        lambda pm, t, x: pm.Normal("y", F(0.3), sigma=F(2.0) * x, observed=REALS),
        lambda x: stats.norm(0.3, 2 * x).logpdf(REALS),
        RELATION,
    ),
    "deviation far below": (
        (0.01, 0.1),
        (0.01, 0.1),
        lambda pm, t, x: pm.Normal("y", F(0.3), sigma=x, observed=REALS),
        lambda x: stats.norm(0.3, x).logpdf(REALS),
        RELATION,
    ),
    "chance": (
        (0.5, 1.0),
        (0.5, 1.0),
        lambda pm, t, x: pm.Binomial("y", n=np.int64(7), p=x, observed=COUNTS),
        lambda x: stats.binom(7, x).logpmf(COUNTS),
        CUT,
    ),
    "chance between": (
        (0.1, 0.3),
        (0.1, 0.3),
        lambda pm, t, x: pm.Geometric("y", x, observed=LABELS + 1),
        lambda x: stats.geom(x).logpmf(LABELS + 1),
        CUT,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_posterior_and_evidence(backend, case):
    given, (low, high), data, logpdf, relation = CASES[case]
    model = built(backend, lambda pm, t: data(pm, t, pm.Uniform("theta", *map(F, given))))
    result = sp.conjugate_graph(model)
    assert [step.relation for step in sp.steps(result)] == [relation]
    evidence, density = evidence_of(backend, result), log_density(backend, result)
    [place] = density.names
    squared = place.startswith("theta_squared")
    ends = (low**2, high**2) if squared else (low, high)
    base = -np.log(given[1] - given[0])

    def joint(x):
        return base + np.sum(logpdf(x))

    for at in (-2.0, 0.3, 1.0):
        x, stretch = value(at, *ends)
        # the density of the square is that of the variable divided by the slope
        expected = joint(np.sqrt(x)) - np.log(2 * np.sqrt(x)) if squared else joint(x)
        np.testing.assert_allclose(density({place: np.array(at)}) - stretch + evidence, expected, rtol=1e-9)
    middle = [m for m in (0.05, 0.5, 1.5, 4.0) if low < m < high]
    mass = quad(lambda x: np.exp(joint(x) - evidence), low, high, limit=400, points=middle or None)[0]
    np.testing.assert_allclose(mass, 1.0, rtol=1e-6)


def test_a_bound_that_is_shared(backend):
    """What is not known of it is cut at zero when it is."""
    lower = backend.shared(F(-1.0), name="lower")
    model = built(backend, lambda pm, t: pm.Normal("y", F(0.3), tau=pm.Uniform("theta", lower, F(2.0)), observed=REALS))
    result = sp.conjugate_graph(model)
    assert [step.relation for step in sp.steps(result)] == [RELATION]
    for low in (-1.0, 0.5):
        lower.set_value(F(low))

        def joint(x, low=low):
            return np.exp(np.sum(stats.norm(0.3, x**-0.5).logpdf(REALS))) / (2.0 - low)

        exact = np.log(quad(joint, max(low, 0.0), 2.0, epsabs=0)[0])
        np.testing.assert_allclose(evidence_of(backend, result), exact, rtol=1e-8)


def test_a_deviation_beside_a_flat_mean(backend):
    """As BUGS models have it: the flat coefficients go first, and take their degrees of freedom."""

    def build(pm, t):
        s = pm.Uniform("s", F(0.0), F(50.0))
        pm.Normal("y", t.dot(X, pm.Flat("b", shape=3)), sigma=s, observed=Y)

    result = sp.conjugate_graph(built(backend, build))
    assert [step.relation for step in sp.steps(result)] == ["flat_regression_reversalo", RELATION]

    def given(s):
        return np.exp(log_integral(X, s**2 * np.eye(len(Y)), Y)[0] + 30.0)

    mass = quad(given, 1e-3, 50.0, points=[0.3, 1.0, 4.0], limit=400)[0] / 50.0
    np.testing.assert_allclose(evidence_of(backend, result), np.log(mass) - 30.0, rtol=1e-6)


def test_groups_of_known_factors(backend):
    def build(pm, t):
        pm.Normal("y", F(0.3), sigma=ERRORS * pm.Uniform("theta", F(0.1), F(9.0), shape=3)[GROUP], observed=Y)

    result = sp.conjugate_graph(built(backend, build))
    assert [step.relation for step in sp.steps(result)] == [RELATION]
    evidence, density = evidence_of(backend, result), log_density(backend, result)
    [place] = density.names
    at = np.array([0.3, -0.7, 0.5])
    square, stretch = value(at, 0.01, 81.0)
    x = np.sqrt(square)
    joint = -3 * np.log(8.9) + stats.norm(0.3, ERRORS * x[GROUP]).logpdf(Y).sum() - np.log(2 * x).sum()
    np.testing.assert_allclose(density({place: at}) - stretch.sum() + evidence, joint, rtol=1e-9)


def too_few(pm, t):
    pm.Exponential("y", F(1.0) / pm.Uniform("theta", F(0.0), F(9.0)), observed=POSITIVE[:1])


def none(pm, t):
    pm.Poisson("y", pm.Uniform("theta", F(0.0), F(9.0)), observed=COUNTS[:0])


def no_deviation(pm, t):
    pm.Normal("y", F(0.3), sigma=pm.Uniform("theta", F(0.0), F(9.0)), observed=np.full(3, 0.3))


def one_group_without(pm, t):
    pm.Poisson("y", pm.Uniform("theta", F(0.0), F(9.0), shape=4)[GROUP], observed=np.ones(len(GROUP), dtype=int))


def another_power(pm, t):
    pm.Normal("y", F(0.3), sigma=pm.Uniform("theta", F(0.0), F(9.0)) ** 2, observed=REALS)


def shifted(pm, t):
    pm.Poisson("y", F(1.0) + pm.Uniform("theta", F(0.0), F(9.0)), observed=COUNTS)


def an_unknown_mean(pm, t):
    pm.Normal(
        "y",
        pm.StudentT("m", nu=F(3.0), mu=F(0.0), sigma=F(1.0)),
        sigma=pm.Uniform("theta", F(0.0), F(9.0)),
        observed=REALS,
    )


def half_a_chance(pm, t):
    pm.Bernoulli("y", F(0.5) * pm.Uniform("theta", F(0.0), F(1.0)), observed=BITS)


REFUSED = {
    too_few: "too few data",
    none: "too few data",
    no_deviation: "too few data",
    one_group_without: "too few data",
    another_power: "is proportional to",
    shifted: "is not a multiple of a power",
    half_a_chance: "neither",
    an_unknown_mean: "nothing else about them is unknown",
}


@pytest.mark.parametrize("build", REFUSED)
def test_refused_with_the_reason(backend, build):
    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert result is model
    assert REFUSED[build] in reasons(result)["theta", "y"]
