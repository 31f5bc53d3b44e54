"""Mixtures of conjugate priors, as an indicator and a law that it picks: the posterior is such a mixture again.

Its weights are those of the prior times the evidences of the components.
"""

import numpy as np
import pytest
from scipy import stats
from scipy.special import betaln, gammaln, logsumexp

import symbolic_pymc as sp
from symbolic_pymc.adapter import adapter_of
from symbolic_pymc.meta import reify_many
from tests.densities import evidence_of
from tests.joints import built, reasons

F = np.float64
W = np.array([0.3, 0.5, 0.2])
Y, COUNTS = np.array([0.3, 0.1, -0.4, 2.2]), np.array([2, 0, 5, 3])
A, B = np.array([1.0, 4.0, 9.0]), np.array([2.0, 1.0, 0.5])
M, S = np.array([0.0, 3.0, -1.0]), np.array([1.0, 0.5, 0.02])  # the last is a spike


def normal(pm, t, z):
    pm.Normal("y", pm.Normal("q", M[z], sigma=S[z]), sigma=F(0.7), observed=Y)


def gamma(pm, t, z):
    pm.Poisson("y", pm.Gamma("q", alpha=A[z], beta=B[z]), observed=COUNTS)


def beta(pm, t, z):
    pm.Binomial("y", n=np.int64(7), p=pm.Beta("q", A[z], B[z]), observed=COUNTS)


def normal_evidence(k):
    return stats.multivariate_normal(np.full(4, M[k]), 0.49 * np.eye(4) + S[k] ** 2).logpdf(Y)


def gamma_evidence(k):
    a, b = A[k] + COUNTS.sum(), B[k] + 4
    return A[k] * np.log(B[k]) - gammaln(A[k]) + gammaln(a) - a * np.log(b) - gammaln(COUNTS + 1).sum()


def beta_evidence(k):
    ways = gammaln(8) - gammaln(COUNTS + 1) - gammaln(8 - COUNTS)
    return ways.sum() + betaln(A[k] + COUNTS.sum(), B[k] + 28 - COUNTS.sum()) - betaln(A[k], B[k])


PAIRS = {"normal": (normal, normal_evidence), "gamma": (gamma, gamma_evidence), "beta": (beta, beta_evidence)}


def mixed(backend, build):
    """Return the model of a prior picked by an indicator."""

    def whole(pm, t):
        z = pm.Categorical("z", W)
        build(pm, t, z)

    class Picked(np.ndarray):
        """Numbers that a variable may be an index of."""

        def __getitem__(self, index):
            return backend.tensor.as_tensor_variable(np.asarray(self))[index]

    saved = {name: globals()[name] for name in "ABMS"}
    globals().update({name: np.asarray(x).view(Picked) for name, x in saved.items()})
    try:
        return built(backend, whole)
    finally:
        globals().update(saved)


@pytest.mark.parametrize("name", PAIRS)
def test_the_evidence_is_the_weighted_one_of_the_components(backend, name):
    build, evidence = PAIRS[name]
    result = sp.marginalize_graph(mixed(backend, build), ["q", "z"])
    assert result.free_RVs == []
    exact = logsumexp([np.log(W[k]) + evidence(k) for k in range(3)])
    assert evidence_of(backend, result) == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize("name", PAIRS)
def test_the_weights_of_the_posterior(backend, name):
    build, evidence = PAIRS[name]
    result = sp.marginalize_graph(mixed(backend, build), ["q", "z"])
    adapter = adapter_of(result)
    (z,) = (x for x in result.recover.integrated if x.name == "z")
    (base,) = reify_many((z,))
    weights = [float(np.exp(adapter.evaluate(adapter.log_density(base, np.int64(k))))) for k in range(3)]
    logs = np.array([np.log(W[k]) + evidence(k) for k in range(3)])
    np.testing.assert_allclose(weights, np.exp(logs - logsumexp(logs)), rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("name", PAIRS)
def test_each_component_given_the_indicator(backend, name):
    model = mixed(backend, PAIRS[name][0])
    result = sp.conjugate_graph(model)
    taken = [step.variables for step in sp.steps(result) if step.taken]
    # of normal data without q there is a law given the indicator, which is summed over
    assert taken == [("q", "y")] + [("z", "y")] * (name == "normal")
    if name == "normal":
        assert not result.observed_RVs
        whole = sp.collapse_graph(mixed(backend, PAIRS[name][0]))
        assert evidence_of(backend, result) == pytest.approx(evidence_of(backend, whole), rel=1e-9)


def test_a_mixture_in_one_variable_stays_with_a_reason(backend):
    def build(pm, t):
        parts = [pm.Normal.dist(F(0.0), sigma=F(1.0)), pm.Normal.dist(F(3.0), sigma=F(0.5))]
        pm.Normal("y", pm.Mixture("q", w=np.array([0.4, 0.6]), comp_dists=parts), sigma=F(0.7), observed=Y)

    model = built(backend, build)
    assert sp.conjugate_graph(model) is model
    result = sp.marginalize_graph(model, ["q"])
    assert result is model and "no closed form" in reasons(result)["q"]


def test_a_potential_of_the_indicator_is_summed_too(backend):
    worth = np.array([0.4, -1.2, 0.7])

    def build(pm, t):
        z = pm.Categorical("z", W)
        pm.Potential("worth", t.as_tensor_variable(worth)[z])

    result = sp.marginalize_graph(built(backend, build), ["z"])
    assert result.free_RVs == [] and result.potentials == []
    assert evidence_of(backend, result) == pytest.approx(logsumexp(np.log(W) + worth), abs=1e-7)


def test_a_potential_of_every_element_of_a_vector_stays(backend):
    def build(pm, t):
        z = pm.Bernoulli("z", F(0.3), shape=3)
        pm.Potential("worth", t.sum(z) ** 2 * F(0.1))

    model = built(backend, build)
    result = sp.marginalize_graph(model, ["z"])
    assert result is model and "potential" in reasons(result)["z"]
