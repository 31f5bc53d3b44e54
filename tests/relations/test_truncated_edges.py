"""Priors between bounds of rates, scales and probabilities: the update without bounds between the same bounds.

The oracles are the joint density by scipy and quadrature.  PyMC3's `Bound` does not divide the density of the prior by
its mass between the bounds, PyMC's `Truncated` does: the evidence is that of the density which the model has.
"""

from importlib import import_module

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

import symbolic_pymc as sp
from tests.densities import evidence_of, log_density, random_points
from tests.families import between, density_of, draws
from tests.relations.test_kernel_edges import (
    BITS,
    COUNTS,
    GROUP,
    GROUPED,
    LABELS,
    POSITIVE,
    REALS,
    F,
    truncated,
    truncated_data,
)
from tests.relations.test_flat_edges import built, reasons

INF = np.inf
LAWS = {
    "Gamma": lambda a, b: stats.gamma(a, scale=1 / b),
    "InverseGamma": lambda a, b: stats.invgamma(a, scale=b),
    "Beta": stats.beta,
    "Exponential": lambda lam: stats.expon(0, 1 / lam),
    "ChiSquared": stats.chi2,
}
# the family, its parameters, bounds and ends; the data as a model and by scipy
CASES = {
    "gamma, poisson": (
        ("Gamma", (2.0, 1.5), (0.5, 3.0), (0.5, 3.0)),
        lambda pm, t, x: pm.Poisson("y", F(0.7) * x, observed=COUNTS),
        lambda x: stats.poisson(0.7 * x).logpmf(COUNTS),
    ),
    "gamma from below, exponential": (
        ("Gamma", (2.0, 1.5), (2.5, None), (2.5, INF)),
        lambda pm, t, x: pm.Exponential("y", x, observed=POSITIVE),
        lambda x: stats.expon(0, 1 / x).logpdf(POSITIVE),
    ),
    "gamma from above, precision": (
        ("Gamma", (2.0, 1.5), (None, 0.4), (0.0, 0.4)),
        lambda pm, t, x: pm.Normal("y", F(0.3), tau=x, observed=REALS),
        lambda x: stats.norm(0.3, x**-0.5).logpdf(REALS),
    ),
    "gamma in the tail, poisson": (
        ("Gamma", (2.0, 1.5), (6.0, 7.0), (6.0, 7.0)),
        lambda pm, t, x: pm.Poisson("y", x, observed=COUNTS),
        lambda x: stats.poisson(x).logpmf(COUNTS),
    ),
    "exponential, poisson": (
        ("Exponential", (1.5,), (0.5, 3.0), (0.5, 3.0)),
        lambda pm, t, x: pm.Poisson("y", x, observed=COUNTS),
        lambda x: stats.poisson(x).logpmf(COUNTS),
    ),
    "chi-squared, poisson": (
        ("ChiSquared", (3.0,), (0.5, 3.0), (0.5, 3.0)),
        lambda pm, t, x: pm.Poisson("y", x, observed=COUNTS),
        lambda x: stats.poisson(x).logpmf(COUNTS),
    ),
    "inverse gamma, variance": (
        ("InverseGamma", (2.5, 1.5), (0.5, 3.0), (0.5, 3.0)),
        lambda pm, t, x: pm.Normal("y", F(0.3), sigma=t.sqrt(F(2.0) * x), observed=REALS),
        lambda x: stats.norm(0.3, np.sqrt(2 * x)).logpdf(REALS),
    ),
    "inverse gamma from below, covariance": (
        ("InverseGamma", (2.5, 1.5), (2.0, None), (2.0, INF)),
        lambda pm, t, x: pm.MvNormal("y", np.full(4, 0.3), cov=x * (np.eye(4) + 0.5), observed=REALS),
        lambda x: stats.multivariate_normal(np.full(4, 0.3), x * (np.eye(4) + 0.5)).logpdf(REALS),
    ),
    "beta, binomial": (
        ("Beta", (2.0, 1.5), (0.2, 0.5), (0.2, 0.5)),
        lambda pm, t, x: pm.Binomial("y", n=np.int64(7), p=x, observed=COUNTS),
        lambda x: stats.binom(7, x).logpmf(COUNTS),
    ),
    "beta from below, complement": (
        ("Beta", (2.0, 1.5), (0.9, None), (0.9, 1.0)),
        lambda pm, t, x: pm.Bernoulli("y", F(1.0) - x, observed=BITS),
        lambda x: stats.bernoulli(1 - x).logpmf(BITS),
    ),
    "beta beyond its ends, geometric": (
        ("Beta", (2.0, 1.5), (-1.0, 0.3), (0.0, 0.3)),
        lambda pm, t, x: pm.Geometric("y", x, observed=LABELS + 1),
        lambda x: stats.geom(x).logpmf(LABELS + 1),
    ),
}


def numbers(values):
    return [None if x is None else F(x) for x in values]


def prior(pm, family, parameters, bounds, **options):
    return truncated(pm, "theta", family, *numbers(bounds), *numbers(parameters), **options)


@pytest.mark.parametrize("case", CASES)
def test_posterior_and_evidence(backend, case):
    (family, parameters, bounds, (low, high)), data, logpdf = CASES[case]
    model = built(backend, lambda pm, t: data(pm, t, prior(pm, family, parameters, bounds)))
    result = sp.conjugate_graph(model)
    assert [step.relation for step in sp.steps(result)] == ["truncated_prior_reversalo"]
    law = LAWS[family](*parameters)
    missing = 0.0 if backend.name == "theano" else np.log(law.cdf(high) - law.cdf(low))

    def joint(x):
        return law.logpdf(x) - missing + np.sum(logpdf(x))

    evidence, end = evidence_of(backend, result), high if np.isfinite(high) else 60.0
    at = np.linspace(low, end, 7)[1:-1]
    density = [float(density_of(backend, result, "theta", x)) for x in at]
    np.testing.assert_allclose(np.array(density) + evidence, [joint(x) for x in at], rtol=1e-9)
    assert np.isclose(quad(lambda x: np.exp(joint(x) - evidence), low, high, limit=200)[0], 1.0, rtol=1e-7)
    beyond = [x for x in (low - 0.01, high + 0.01) if np.isfinite(x)]
    assert all(density_of(backend, result, "theta", x) == -INF for x in beyond)


def test_draws_of_a_posterior(backend):
    def build(pm, t):
        pm.Poisson("y", prior(pm, "Gamma", (2.0, 1.5), (0.5, 1.5), shape=2000), observed=np.full(2000, 3))

    result = sp.conjugate_graph(built(backend, build))
    (x,) = draws(backend, result, ["theta"])
    assert stats.kstest(x, between(stats.gamma(5.0, scale=1 / 2.5), 0.5, 1.5).cdf).pvalue > 1e-3


def groups(pm, t):
    pm.Poisson("y", prior(pm, "Gamma", (2.0, 1.5), (0.5, 3.0), shape=3)[GROUP], observed=GROUPED)


def test_groups(backend):
    """Each has its own data, and one may have none."""
    result = sp.conjugate_graph(built(backend, groups))
    x = np.array([0.7, 1.4, 2.9])
    law = stats.gamma(2.0, scale=1 / 1.5)
    missing = 0.0 if backend.name == "theano" else 3 * np.log(law.cdf(3.0) - law.cdf(0.5))
    expected = law.logpdf(x).sum() - missing + stats.poisson(x[GROUP]).logpmf(GROUPED).sum()
    got = density_of(backend, result, "theta", x).sum() + evidence_of(backend, result)
    np.testing.assert_allclose(got, expected, rtol=1e-10)


def test_the_posterior_is_the_next_prior(backend):
    """Data in two parts, one after the other, are all of them at once."""

    def build(seen):
        return lambda pm, t: pm.Poisson("y", prior(pm, "Gamma", (2.0, 1.5), (0.5, 3.0)), observed=seen)

    whole = sp.conjugate_graph(built(backend, build(COUNTS)))
    first = sp.conjugate_graph(built(backend, build(COUNTS[:1])))
    with first:
        backend.pm.Poisson("y", first["theta"], observed=COUNTS[1:])
    second = sp.conjugate_graph(first)
    assert [step.relation for step in sp.steps(second)] == ["truncated_prior_reversalo"]
    for x in (0.6, 1.7):
        np.testing.assert_allclose(*(density_of(backend, m, "theta", x) for m in (second, whole)), rtol=1e-10)
    parts = evidence_of(backend, first) + evidence_of(backend, second)
    np.testing.assert_allclose(parts, evidence_of(backend, whole), rtol=1e-10)


def test_unknown_parameters_of_the_prior_keep_the_evidence(backend):
    """Collapsed, the model has the unknown rate alone: by quadrature over the variable between bounds."""

    def build(pm, t):
        rate = pm.HalfNormal("rate", sigma=F(2.0))
        pm.Poisson("y", truncated(pm, "theta", "Gamma", F(0.5), F(3.0), F(2.0), rate), observed=COUNTS)

    collapsed = sp.collapse_graph(built(backend, build))
    density = log_density(backend, collapsed)
    [place] = density.names
    for rate in (0.4, 1.0, 3.0):
        law = stats.gamma(2.0, scale=1 / rate)
        mass = quad(lambda x: np.exp(law.logpdf(x) + stats.poisson(x).logpmf(COUNTS).sum()), 0.5, 3.0)[0]
        mass /= 1.0 if backend.name == "theano" else law.cdf(3.0) - law.cdf(0.5)
        expected = np.log(mass) + stats.halfnorm(0, 2).logpdf(rate) + np.log(rate)
        np.testing.assert_allclose(density({place: np.log(rate)}), expected, rtol=1e-8)


def test_unknown_bounds(backend):
    """They are parents of the variable, and of its posterior."""

    def build(pm, t):
        end = F(2.0) + pm.Exponential("end", F(1.0))
        pm.Poisson("y", truncated(pm, "theta", "Gamma", F(0.5), end, F(2.0), F(1.5)), observed=COUNTS)

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert [step.relation for step in sp.steps(result) if step.taken] == ["truncated_prior_reversalo"]
    before, after = log_density(backend, model), log_density(backend, result)
    differences = [before(p) - after(p) for p in random_points(backend, model, 8)]
    assert before.names == after.names and evidence_of(backend, result) == 0.0
    np.testing.assert_allclose(differences, 0.0, atol=1e-8)


def discrete(pm, t):
    pm.Binomial("y", n=truncated(pm, "theta", "Poisson", 9, None, F(12.0)), p=F(0.3), observed=np.array(4))


def bounds_on_data(pm, t):
    truncated_data(pm, "Exponential", F(5.0), prior(pm, "Gamma", (2.0, 1.5), (0.5, 3.0)), observed=POSITIVE)


def no_conjugate(pm, t):
    pm.Poisson("y", prior(pm, "Weibull", (2.0, 1.5), (0.5, 3.0)), observed=COUNTS)


def of_both_parameters(pm, t):
    x = prior(pm, "Gamma", (2.0, 1.5), (0.5, 3.0))
    pm.Normal("y", x, sigma=x, observed=REALS)


def shifted(pm, t):
    pm.Poisson("y", F(1.0) + prior(pm, "Gamma", (2.0, 1.5), (0.5, 3.0)), observed=COUNTS)


def own_transform(pm, t):
    log = import_module(f"{pm.__name__}.distributions.transforms").log
    pm.Poisson("y", prior(pm, "Exponential", (1.5,), (0.1, 3.0), transform=log), observed=COUNTS)


REFUSED = {
    discrete: "no closed form is known between the two",
    bounds_on_data: "no closed form is known between the two",
    no_conjugate: "no closed form is known between the two",
    of_both_parameters: "also appears in the sigma",
    shifted: "is not a multiple of a power",
    own_transform: "a transform of its own",
}


@pytest.mark.parametrize("build", REFUSED)
def test_refused_with_the_reason(backend, build):
    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert result is model
    assert REFUSED[build] in reasons(result)["theta", "y"]
