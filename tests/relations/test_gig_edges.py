"""Gamma variances, half-normal deviations, inverse gamma precisions: scipy's densities and quadrature are the oracles."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

import symbolic_pymc as sp
from tests.densities import assert_conditioned, evidence_of, log_density, random_points
from tests.families import density_of, draws
from tests.relations.test_flat_edges import ERRORS, GROUP, Y, F, built, reasons
from tests.relations.test_kernel_edges import POSITIVE, REALS
from tests.test_gig import gig_of, law


def lognormal(pm, *args, **options):
    (getattr(pm, "LogNormal", None) or pm.Lognormal)("y", *args, **options)


def gamma(backend):
    return backend.pm.Gamma("theta", F(2.0), F(1.5))


def exponential(backend):
    return backend.pm.Exponential("theta", F(1.5))


def inverse_gamma(backend):
    return backend.pm.InverseGamma("theta", F(2.0), F(1.5))


def inverted(backend):
    return gig_of(backend, "theta", F(0.7), F(2.0), F(3.0))


GAMMA, INVERSE, GIG = stats.gamma(2.0, scale=1 / 1.5), stats.invgamma(2.0, scale=1.5), law(0.7, 2.0, 3.0)
ERROR = np.sum((REALS - 0.3) ** 2)
# prior and its law in scipy, data as a model and by scipy, order and factors of the posterior
CASES = {
    "variance": (
        (gamma, GAMMA),
        lambda pm, t, x: pm.Normal("y", F(0.3), sigma=t.sqrt(x), observed=REALS),
        lambda x: stats.norm(0.3, np.sqrt(x)).logpdf(REALS),
        (0.0, 3.0, ERROR),
    ),
    "exponential variance": (
        (exponential, stats.expon(0, 1 / 1.5)),
        lambda pm, t, x: pm.Normal("y", F(0.3), sigma=t.sqrt(x), observed=REALS),
        lambda x: stats.norm(0.3, np.sqrt(x)).logpdf(REALS),
        (-1.0, 3.0, ERROR),
    ),
    "chi-squared variance": (
        (lambda backend: backend.pm.ChiSquared("theta", F(3.0)), stats.chi2(3.0)),
        lambda pm, t, x: pm.Normal("y", F(0.3), sigma=t.sqrt(x), observed=REALS),
        lambda x: stats.norm(0.3, np.sqrt(x)).logpdf(REALS),
        (-0.5, 1.0, ERROR),
    ),
    "variance of logarithms": (
        (gamma, GAMMA),
        lambda pm, t, x: lognormal(pm, F(0.3), sigma=t.sqrt(F(2.0) * x), observed=np.exp(REALS)),
        lambda x: stats.lognorm(np.sqrt(2 * x), scale=np.exp(0.3)).logpdf(np.exp(REALS)),
        (0.0, 3.0, ERROR / 2),
    ),
    "scale": (
        (gamma, GAMMA),
        lambda pm, t, x: pm.Exponential("y", F(1.0) / x, observed=POSITIVE),
        lambda x: stats.expon(0, x).logpdf(POSITIVE),
        (-2.0, 3.0, 2 * POSITIVE.sum()),
    ),
    "precision": (
        (inverse_gamma, INVERSE),
        lambda pm, t, x: pm.Normal("y", F(0.3), tau=x, observed=REALS),
        lambda x: stats.norm(0.3, x**-0.5).logpdf(REALS),
        (0.0, ERROR, 3.0),
    ),
    "rate": (
        (inverse_gamma, INVERSE),
        lambda pm, t, x: pm.Poisson("y", F(0.7) * x, observed=np.array([3, 0, 2])),
        lambda x: stats.poisson(0.7 * x).logpmf([3, 0, 2]),
        (3.0, 4.2, 3.0),
    ),
    "rate of its own kind": (
        (inverted, GIG),
        lambda pm, t, x: pm.Poisson("y", x, observed=np.array([3, 0, 2])),
        lambda x: stats.poisson(x).logpmf([3, 0, 2]),
        (5.7, 8.0, 3.0),
    ),
    "variance of its own kind": (
        (inverted, GIG),
        lambda pm, t, x: pm.Normal("y", F(0.3), sigma=t.sqrt(x), observed=REALS),
        lambda x: stats.norm(0.3, np.sqrt(x)).logpdf(REALS),
        (-1.3, 2.0, 3.0 + ERROR),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_posterior_and_evidence(backend, case):
    (prior, prior_law), data, logpdf, numbers = CASES[case]
    model = built(backend, lambda pm, t: data(pm, t, prior(backend)))
    result = sp.conjugate_graph(model)
    assert [step.relation for step in sp.steps(result)] == ["gig_scale_reversalo"]
    evidence = assert_conditioned(backend, model, result)
    at = np.array([0.3, 1.0, 2.5])
    joint = np.array([prior_law.logpdf(x) + np.sum(logpdf(x)) for x in at])
    density = np.array([float(density_of(backend, result, "theta", x)) for x in at])
    np.testing.assert_allclose(density, law(*numbers).logpdf(at), rtol=1e-8)
    np.testing.assert_allclose(density + evidence, joint, rtol=1e-8)
    mass = sum(
        quad(lambda x: np.exp(prior_law.logpdf(x) + np.sum(logpdf(x)) - evidence), *ends, limit=200)[0]
        for ends in ((0, 1), (1, 4), (4, np.inf))
    )
    np.testing.assert_allclose(mass, 1.0, rtol=1e-8)


def test_a_half_normal_deviation(backend):
    """Its square is generalised inverse Gaussian."""

    def build(pm, t):
        pm.Normal("y", F(0.3), sigma=F(2.0) * pm.HalfNormal("s", sigma=F(1.5)), observed=REALS)

    result = sp.conjugate_graph(built(backend, build))
    assert [step.relation for step in sp.steps(result)] == ["gig_scale_reversalo"]
    density = log_density(backend, result)
    [place] = density.names
    for s in (0.4, 1.3):
        joint = stats.halfnorm(0, 1.5).logpdf(s) + stats.norm(0.3, 2 * s).logpdf(REALS).sum()
        # the space of the sampler is that of the logarithm of the square
        got = density({place: np.log(s**2)}) - np.log(s**2) + np.log(2 * s) + evidence_of(backend, result)
        np.testing.assert_allclose(got, joint, rtol=1e-9)
    (s,) = draws(backend, result, ["s"])
    assert s > 0


def test_groups(backend):
    def build(pm, t):
        pm.Normal("y", F(0.3), sigma=ERRORS * t.sqrt(pm.Gamma("theta", F(2.0), F(1.5), shape=3)[GROUP]), observed=Y)

    model = built(backend, build)
    assert_conditioned(backend, model, sp.conjugate_graph(model))


def test_normal_means_go_first(backend):
    """What an unknown mean has to do with the deviation is kept: the mean has a closed form, given that."""

    def build(pm, t):
        s = pm.HalfNormal("s", sigma=F(1.5))
        pm.Normal("y", pm.Normal("m", F(0.0), sigma=F(2.0)), sigma=s, observed=REALS)

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert [step.variables for step in sp.steps(result) if step.taken] == [("m", "y")]
    before, after = log_density(backend, model), log_density(backend, result)
    points = random_points(backend, model, 8)
    np.testing.assert_allclose([before(p) for p in points], [after(p) for p in points], rtol=1e-8)


def no_data(pm, t):
    pm.Normal("y", F(0.3), sigma=t.sqrt(pm.Gamma("theta", F(2.0), F(1.5))), observed=REALS[:0])


def no_deviation(pm, t):
    pm.Normal("y", F(0.3), sigma=pm.HalfNormal("theta", sigma=F(1.5)), observed=np.full(4, 0.3))


def a_group_without(pm, t):
    pm.Normal("y", F(0.3), sigma=t.sqrt(pm.Gamma("theta", F(2.0), F(1.5), shape=4)[GROUP]), observed=Y)


def an_unknown_rate(pm, t):
    theta = pm.Gamma("theta", F(2.0), pm.HalfCauchy("h", beta=F(1.0)))
    pm.Normal("y", F(0.3), sigma=t.sqrt(theta), observed=REALS)


def an_unknown_mean(pm, t):
    m = pm.StudentT("m", nu=F(3.0), mu=F(0.0), sigma=F(1.0))
    pm.Normal("y", m, sigma=pm.HalfNormal("theta", sigma=F(1.5)), observed=REALS)


def a_deviation(pm, t):
    pm.Normal("y", F(0.3), sigma=pm.Gamma("theta", F(2.0), F(1.5)), observed=REALS)


def a_variance(pm, t):
    pm.Normal("y", F(0.3), sigma=t.sqrt(pm.HalfNormal("theta", sigma=F(1.5))), observed=REALS)


def truncated_data(pm, t):
    theta = pm.Gamma("theta", F(2.0), F(1.5))
    pm.TruncatedNormal("y", mu=F(0.3), sigma=t.sqrt(theta), lower=F(-99.0), observed=REALS)


def the_mean_too(pm, t):
    theta = pm.Gamma("theta", F(2.0), F(1.5))
    pm.Normal("y", theta, sigma=t.sqrt(theta), observed=REALS)


REFUSED = {
    no_data: "deviate for every element",
    no_deviation: "deviate for every element",
    a_group_without: "deviate for every element",
    an_unknown_rate: "nothing else about them is unknown",
    an_unknown_mean: "nothing else about them is unknown",
    a_deviation: "is proportional to",
    a_variance: "is proportional to",
    truncated_data: "no closed form is known between the two",
    the_mean_too: "also appears in the sigma",
}


@pytest.mark.parametrize("build", REFUSED)
def test_refused_with_the_reason(backend, build):
    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert result is model
    assert REFUSED[build] in reasons(result)["theta", "y"]
