"""Laplace priors of the mean of normal data: the product of both densities; scipy and quadrature are the oracles."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

import symbolic_pymc as sp
from tests.densities import assert_conditioned, evidence_of, log_density
from tests.families import LaplaceTimesNormal, density_of, draws
from tests.relations.test_flat_edges import ERRORS, GROUP, Y, F, N, X, built, reasons

# the place of the kink and the scale, and what the variable is multiplied with
CASES = {
    "wide": (0.0, 2.0, 1.0),
    "at the data": (float(np.mean(Y)), 0.05, 1.0),
    "strong": (0.2, 5e-3, 1.0),
    "turned": (-1.5, 0.7, -2.0),
}


def conditioned(backend, build):
    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert [step.relation for step in sp.steps(result) if step.taken] == ["laplace_mean_reversalo"]
    return model, result, assert_conditioned(backend, model, result)


@pytest.mark.parametrize("case", CASES)
def test_posterior_and_evidence(backend, case):
    at, b, slope = CASES[case]
    slopes = slope * ERRORS

    def build(pm, t):
        pm.Normal("y", F(0.3) + slopes * pm.Laplace("m", F(at), F(b)), sigma=F(1.5), observed=Y)

    _, result, evidence = conditioned(backend, build)

    def joint(m):
        return stats.laplace(at, b).logpdf(m) + stats.norm(0.3 + slopes * m, 1.5).logpdf(Y).sum()

    for m in (at, at - 0.3, at + 1.1):
        np.testing.assert_allclose(density_of(backend, result, "m", m) + evidence, joint(m), rtol=1e-9)
    ends = np.array([0.0, 0.01, 0.1, 1.0, 20.0])
    pieces = [*zip(at - ends[1:], at - ends[:-1]), *zip(at + ends[:-1], at + ends[1:])]
    mass = sum(quad(lambda m: np.exp(joint(m) - evidence), *piece)[0] for piece in pieces)
    np.testing.assert_allclose(mass, 1.0, rtol=1e-8)


def test_draws_are_of_two_truncated_normals(backend):
    y = np.array([0.4, 1.1])

    def build(pm, t):
        pm.Normal("y", pm.Laplace("m", F(0.5), F(0.6), shape=(2000, 1)), sigma=F(0.9), observed=np.tile(y, (2000, 1)))

    result = sp.conjugate_graph(built(backend, build))
    (m,) = draws(backend, result, ["m"])
    assert stats.kstest(m.ravel(), LaplaceTimesNormal(y.mean(), 0.9 / np.sqrt(2), 0.5, 0.6).cdf).pvalue > 1e-3


def groups(pm, t):
    pm.Normal("y", pm.Laplace("m", np.array([0.0, 1.0, -1.0]), F(0.7), shape=3)[GROUP], sigma=ERRORS, observed=Y)


def matrix_plate(pm, t):
    pm.Normal("y", pm.Laplace("m", F(0.0), F(0.7), shape=(2, 1)), sigma=F(0.9), observed=np.stack([Y, Y[::-1]]))


def logarithms(pm, t):
    law = getattr(pm, "LogNormal", None) or pm.Lognormal
    law("y", F(0.3) + pm.Laplace("m", F(0.0), F(0.7)), sigma=ERRORS, observed=np.exp(Y))


@pytest.mark.parametrize("build", (groups, matrix_plate, logarithms))
def test_plates(backend, build):
    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert_conditioned(backend, model, result)


def test_the_posterior_is_the_next_prior(backend):
    def build(part):
        return lambda pm, t: pm.Normal("y", pm.Laplace("m", F(0.3), F(0.7)), sigma=F(0.9), observed=part)

    whole, first = (sp.conjugate_graph(built(backend, build(part))) for part in (Y, Y[:2]))
    with first:
        backend.pm.Normal("y", first["m"], sigma=F(0.9), observed=Y[2:])
    second = sp.conjugate_graph(first)
    assert [step.relation for step in sp.steps(second)] == ["laplace_mean_reversalo"]
    for m in (0.1, 0.8):
        np.testing.assert_allclose(*(density_of(backend, x, "m", m) for x in (second, whole)), rtol=1e-10)
    parts = evidence_of(backend, first) + evidence_of(backend, second)
    np.testing.assert_allclose(parts, evidence_of(backend, whole), rtol=1e-10)


def test_an_unknown_scale_keeps_the_evidence(backend):
    """Collapsed, the model has the scale of the prior alone: by quadrature over the mean."""

    def build(pm, t):
        b = pm.HalfNormal("b", sigma=F(2.0))
        pm.Normal("y", pm.Laplace("m", F(0.3), b), sigma=F(0.9), observed=Y)

    collapsed = sp.collapse_graph(built(backend, build))
    density = log_density(backend, collapsed)
    [place] = density.names
    for b in (0.1, 1.0, 5.0):

        def joint(m):
            return np.exp(stats.laplace(0.3, b).logpdf(m) + stats.norm(m, 0.9).logpdf(Y).sum() + 40.0)

        mass = sum(quad(joint, *ends, limit=200)[0] for ends in ((-8, 0.3), (0.3, 1), (1, 8)))
        expected = np.log(mass) - 40.0 + stats.halfnorm(0, 2).logpdf(b) + np.log(b)
        np.testing.assert_allclose(density({place: np.log(b)}), expected, rtol=1e-8)


def lasso(pm, t):
    pm.Normal("y", t.dot(X, pm.Laplace("m", F(0.0), F(1.0), shape=3)), sigma=F(1.0), observed=Y)


def no_data(pm, t):
    pm.Normal("y", pm.Laplace("m", F(0.0), F(1.0)), sigma=F(1.0), observed=Y[:0])


def nothing_told(pm, t):
    pm.Normal("y", np.zeros(N) * pm.Laplace("m", F(0.0), F(1.0)), sigma=F(1.0), observed=Y)


def a_group_without_data(pm, t):
    pm.Normal("y", pm.Laplace("m", F(0.0), F(1.0), shape=4)[GROUP], sigma=F(1.0), observed=Y)


def squared(pm, t):
    pm.Normal("y", pm.Laplace("m", F(0.0), F(1.0)) ** 2, sigma=F(1.0), observed=Y)


def scale_too(pm, t):
    m = pm.Laplace("m", F(0.0), F(1.0))
    pm.Normal("y", m, sigma=t.exp(m), observed=Y)


def truncated_data(pm, t):
    pm.TruncatedNormal("y", mu=pm.Laplace("m", F(0.0), F(1.0)), sigma=F(1.0), lower=F(-99.0), observed=Y)


def asymmetric(pm, t):
    pm.Normal("y", pm.AsymmetricLaplace("m", b=F(1.0), kappa=F(0.7), mu=F(0.0)), sigma=F(1.0), observed=Y)


REFUSED = {
    lasso: "enters y through a matrix",
    no_data: "not known that y tells every element",
    nothing_told: "not known that y tells every element",
    a_group_without_data: "not known that y tells every element",
    squared: "m",
    scale_too: "also appears in the sigma",
    truncated_data: "no closed form is known between the two",
    asymmetric: "no closed form is known between the two",
}


@pytest.mark.parametrize("build", REFUSED)
def test_refused_with_the_reason(backend, build):
    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert result is model
    assert REFUSED[build] in reasons(result)["m", "y"]
