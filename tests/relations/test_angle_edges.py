"""Angles about an unknown angle, against integrals over the circle."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

import symbolic_pymc as sp
from tests.densities import assert_conditioned, evidence_of, log_density
from tests.relations.test_flat_edges import F, built, reasons

Y = np.array([0.3, -2.9, 1.4, 3.0, 0.8, -0.2])
GROUP = np.array([0, 2, 0, 2, 0, 2])  # none is of group 1
KAPPA = np.array([1.5, 0.3, 2.0, 4.0, 0.7, 1.1])
# PyMC3's Bessel function is an approximation; the ratio test, in which it cancels, has its own tolerance
TOLERANCE = {"theano": {"rtol": 1e-4, "atol": 1e-3}, "pytensor": {"rtol": 1e-7, "atol": 1e-9}}
MU, KAPPA0 = np.array([0.4, -3.0, 2.0]), F(0.8)

# name: mean of the data from theta, as an expression and as a function of it, shape of theta, which datum has which
FORMS = {
    "one": (lambda x: x, lambda x: x, (), np.zeros(6, int), KAPPA, Y),
    "one concentration": (lambda x: x, lambda x: x, (), np.zeros(6, int), F(1.3), Y),
    "turned": (lambda x: F(2.5) + x, lambda x: 2.5 + x, (), np.zeros(6, int), KAPPA, Y),
    "mirrored": (lambda x: KAPPA - x, lambda x: KAPPA - x, (), np.zeros(6, int), F(1.3), Y),
    "one datum": (lambda x: x, lambda x: x, (), np.zeros(1, int), F(1.3), Y[:1]),
    "a number": (lambda x: -x, lambda x: -x, (), np.zeros((), int), F(1.3), Y[0]),
    "no data": (lambda x: x, lambda x: x, (), np.zeros(0, int), F(1.3), Y[:0]),
    "groups": (lambda x: x[GROUP], lambda x: x, (3,), GROUP, KAPPA, Y),
    "one each": (lambda x: x, lambda x: x, (3,), np.arange(3), F(1.3), Y[:3]),
    "rows": (lambda x: x, lambda x: x, (3,), np.tile(np.arange(3), (2, 1)), F(1.3), Y.reshape(2, 3)),
}


@pytest.mark.parametrize("name", FORMS)
def test_posterior_and_evidence(backend, name):
    mean, function, shape, group, kappa, y = FORMS[name]
    mu = MU if shape else F(0.4)

    def build(pm, t):
        pm.VonMises("y", mu=mean(pm.VonMises("theta", mu=mu, kappa=KAPPA0, shape=shape)), kappa=kappa, observed=y)

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert [step.relation for step in sp.steps(result)] == ["vonmises_mean_reversalo"]
    evidence = assert_conditioned(backend, model, result)

    def joint(x, k):
        own = stats.vonmises(kappa, function(x)).logpdf(y)
        return stats.vonmises(KAPPA0, np.atleast_1d(mu)[k]).logpdf(x) + np.sum(np.where(group == k, own, 0.0))

    masses = [quad(lambda x, k=k: np.exp(joint(x, k)), -np.pi, np.pi)[0] for k in range(np.atleast_1d(mu).size)]
    np.testing.assert_allclose(evidence, np.sum(np.log(masses)), **TOLERANCE[backend.name])
    density = log_density(backend, result)
    for x in (-2.0, 0.9):
        expected = sum(joint(x, k) - np.log(mass) for k, mass in enumerate(masses))
        np.testing.assert_allclose(density({density.names[0]: np.full(shape, x)}), expected, **TOLERANCE[backend.name])


def angle(pm, **k):
    return pm.VonMises("theta", mu=F(0.4), kappa=F(0.8), **k)


REFUSED = {
    "doubled": (lambda pm, t: pm.VonMises("y", mu=F(2.0) * angle(pm), kappa=F(1.0), observed=Y), "turned or mirrored"),
    "sum": (
        lambda pm, t: pm.VonMises("y", mu=t.sum(angle(pm, shape=2)), kappa=F(1.0), observed=Y),
        "turned or mirrored",
    ),
    "function": (lambda pm, t: pm.VonMises("y", mu=t.sin(angle(pm)), kappa=F(1.0), observed=Y), "is not theta turned"),
    "concentration": (
        lambda pm, t: pm.VonMises("y", mu=F(1.0), kappa=t.exp(angle(pm)), observed=Y),
        "stands in the kappa",
    ),
    "normal data": (lambda pm, t: pm.Normal("y", angle(pm), sigma=F(1.0), observed=Y), "no closed form is known"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_the_reason(backend, name):
    build, reason = REFUSED[name]
    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert result is model
    assert reason in reasons(result)["theta", "y"]


def test_an_unknown_concentration_keeps_the_evidence(backend):
    def build(pm, t):
        pm.VonMises("y", mu=angle(pm), kappa=pm.Exponential("k", F(1.0)), observed=Y)

    density = log_density(backend, sp.collapse_graph(built(backend, build)))
    [place] = density.names
    for k in (0.5, 2.0):
        prior = stats.vonmises(0.8, 0.4).pdf
        mass = quad(lambda x: prior(x) * np.exp(stats.vonmises(k, x).logpdf(Y).sum()), -np.pi, np.pi)[0]
        np.testing.assert_allclose(density({place: np.log(k)}), np.log(mass) - k + np.log(k), **TOLERANCE[backend.name])


def test_evidence_is_that_of_all_data_in_any_order(backend):
    """Half of the data by one variable and half by another are all of them."""
    half = built(
        backend,
        lambda pm, t: (
            lambda x: [
                pm.VonMises(name, mu=x, kappa=F(1.3), observed=part) for name, part in (("y", Y[:3]), ("z", Y[3:]))
            ]
        )(angle(pm)),
    )
    whole = built(backend, lambda pm, t: pm.VonMises("y", mu=angle(pm), kappa=F(1.3), observed=Y))
    expected = evidence_of(backend, sp.conjugate_graph(whole))
    np.testing.assert_allclose(evidence_of(backend, sp.conjugate_graph(half)), expected, rtol=1e-9)
