"""Sums over variables of finite support: against sums written out with scipy, and refusals."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import logsumexp

import symbolic_pymc as sp
from tests.densities import evidence_of, log_density, random_points

Y = np.array([0.1, 2.0, -3.0, 0.7])
COUNTS = np.array([0, 2, 0, 5])


def one_switch(pm, t):
    z = pm.Bernoulli("z", np.float64(0.3))
    pm.Normal("y", t.switch(z, np.float64(1.0), np.float64(-2.0)), sigma=np.float64(1.5), observed=Y)


def log_evidence_of_one_switch():
    joints = [np.log(p) + stats.norm(m, 1.5).logpdf(Y).sum() for p, m in ((0.3, 1.0), (0.7, -2.0))]
    return logsumexp(joints)


def switches(pm, t):
    z = pm.Bernoulli("z", np.float64(0.3), shape=4)
    pm.Normal("y", 3.0 * z - 2.0, sigma=np.float64(1.5), observed=Y)


def log_evidence_of_switches():
    return np.log(0.3 * stats.norm(1.0, 1.5).pdf(Y) + 0.7 * stats.norm(-2.0, 1.5).pdf(Y)).sum()


def labels(pm, t):
    z = pm.Categorical("z", p=np.array([0.2, 0.5, 0.3]), shape=4)
    pm.Normal("y", t.as_tensor_variable(np.array([-1.0, 0.0, 4.0]))[z], sigma=np.float64(0.5), observed=Y)


def log_evidence_of_labels():
    parts = [w * stats.norm(m, 0.5).pdf(Y) for w, m in ((0.2, -1.0), (0.5, 0.0), (0.3, 4.0))]
    return np.log(sum(parts)).sum()


def one_label_two_children(pm, t):
    z = pm.Categorical("z", p=np.array([0.2, 0.5, 0.3]))
    pm.Normal("y", np.float64(2.0) * z, sigma=np.float64(0.5), observed=Y)
    pm.Poisson("k", t.exp(np.float64(0.5) * z), observed=COUNTS)


def log_evidence_of_one_label_two_children():
    return logsumexp(
        [
            np.log(w) + stats.norm(2.0 * k, 0.5).logpdf(Y).sum() + stats.poisson(np.exp(0.5 * k)).logpmf(COUNTS).sum()
            for k, w in enumerate((0.2, 0.5, 0.3))
        ]
    )


def a_count(pm, t):
    n = pm.Binomial("z", 6, np.float64(0.4))
    pm.Normal("y", n - np.float64(3.0), sigma=np.float64(2.0), observed=Y)


def log_evidence_of_a_count():
    return logsumexp([stats.binom(6, 0.4).logpmf(k) + stats.norm(k - 3.0, 2.0).logpdf(Y).sum() for k in range(7)])


def a_die(pm, t):
    z = pm.DiscreteUniform("z", 0, 5)
    pm.Normal("y", z * np.float64(0.5), sigma=np.float64(2.0), observed=Y)


def log_evidence_of_a_die():
    return logsumexp([-np.log(6) + stats.norm(0.5 * k, 2.0).logpdf(Y).sum() for k in range(6)])


KNOWN = {
    one_switch: log_evidence_of_one_switch,
    switches: log_evidence_of_switches,
    labels: log_evidence_of_labels,
    one_label_two_children: log_evidence_of_one_label_two_children,
    a_count: log_evidence_of_a_count,
    a_die: log_evidence_of_a_die,
}


@pytest.mark.parametrize("build", KNOWN)
def test_the_evidence_is_the_sum(backend, build):
    with backend.pm.Model() as model:
        build(backend.pm, backend.tensor)
    result = sp.marginalize_graph(model, ["z"])
    assert not result.free_RVs and not result.observed_RVs
    # both keep whole numbers in few bits and take their logarithms in single precision
    tolerance = 1e-6 if build in (a_count, a_die) else 1e-10
    assert evidence_of(backend, result) == pytest.approx(KNOWN[build](), rel=tolerance)


@pytest.mark.parametrize("build", KNOWN)
def test_the_law_given_the_data(backend, build):
    """p(z) p(y | z) = p(y) p(z | y) for every z, by the densities of the backend."""
    with backend.pm.Model() as model:
        build(backend.pm, backend.tensor)
    result = sp.conjugate_graph(model)
    assert not result.observed_RVs and [step.relation for step in sp.steps(result)] == ["enumerate_values"]
    evidence = evidence_of(backend, result)
    tolerance = 1e-6 if build in (a_count, a_die) else 1e-10
    assert evidence == pytest.approx(KNOWN[build](), rel=tolerance)
    joint, posterior = log_density(backend, model), log_density(backend, result)
    shape, size = ((4,), 2 + (build is labels)) if build in (switches, labels) else ((), SIZES[build])
    for z in np.random.default_rng(4).integers(0, size, size=(20, *shape)):
        assert evidence + posterior({"z": z}) == pytest.approx(joint({"z": z}), rel=tolerance)


SIZES = {one_switch: 2, one_label_two_children: 3, a_count: 7, a_die: 6}


def beside_an_unknown_deviation(pm, t):
    z = pm.Bernoulli("z", np.float64(0.3), shape=4)
    pm.Normal("y", 3.0 * z - 2.0, sigma=pm.Weibull("s", np.float64(2.0), np.float64(1.0)), observed=Y)


def below_an_unknown_chance(pm, t):
    z = pm.Bernoulli("z", pm.LogitNormal("p", np.float64(0.0), sigma=np.float64(1.0)))
    pm.Normal("y", 3.0 * z - 2.0, sigma=np.float64(1.5), observed=Y)


@pytest.mark.parametrize("build", [beside_an_unknown_deviation, below_an_unknown_chance])
def test_a_law_that_depends_on_other_unknowns_stays(backend, build):
    with backend.pm.Model() as model:
        build(backend.pm, backend.tensor)
    assert sp.conjugate_graph(model) is model
    (reason,) = [step.reason for step in sp.steps(model) if step.variables[0] == "z"]
    assert "nothing else about them is unknown" in reason and "marginalize_graph(model, ['z'])" in reason


def mixture(pm, t):
    mu = pm.Normal("mu", np.float64(0.0), sigma=np.float64(5.0), shape=3)
    w = pm.Dirichlet("w", np.ones(3))
    z = pm.Categorical("z", p=w, shape=4)
    pm.Normal("y", mu[z], sigma=np.float64(1.5), observed=Y)


def test_a_mixture_by_labels_is_the_mixture(backend):
    pm = backend.pm
    with pm.Model() as model:
        mixture(pm, backend.tensor)
    with pm.Model() as by_pymc:
        mu = pm.Normal("mu", np.float64(0.0), sigma=np.float64(5.0), shape=3)
        w = pm.Dirichlet("w", np.ones(3))
        pm.NormalMixture("y", w, mu, sigma=np.float64(1.5), observed=Y)
    result = sp.collapse_graph(model)
    ours, theirs = log_density(backend, result), log_density(backend, by_pymc)
    for point in random_points(backend, by_pymc):
        assert ours(point) == pytest.approx(theirs(point), rel=1e-10)


def test_labels_are_drawn_back_with_their_probabilities(backend):
    with backend.pm.Model() as model:
        mixture(backend.pm, backend.tensor)
    result = sp.marginalize_graph(model, ["z"])
    mu, w, n = np.array([-3.0, 0.0, 2.0]), np.array([0.2, 0.5, 0.3]), 20_000
    trace = {"mu": np.tile(mu, (n, 1)), "w": np.tile(w, (n, 1))}
    z = result.recover(trace, random_seed=3)["z"]
    exact = w * stats.norm(mu, 1.5).pdf(Y[:, None])
    exact /= exact.sum(axis=1, keepdims=True)
    found = np.stack([(z == k).mean(axis=0) for k in range(3)], axis=1)
    assert np.all(np.abs(found - exact) < 5 * np.sqrt(exact * (1 - exact) / n) + 1e-12)


def in_other_places(pm, t):
    z = pm.Bernoulli("z", np.float64(0.3), shape=4)
    pm.Normal("y", z[::-1] * np.float64(1.0), sigma=np.float64(1.0), observed=Y)


def summed(pm, t):
    z = pm.Bernoulli("z", np.float64(0.3), shape=4)
    pm.Normal("y", t.sum(z) * np.float64(1.0), sigma=np.float64(1.0), observed=Y)


def cumulated(pm, t):
    z = pm.Bernoulli("z", np.float64(0.3), shape=4)
    pm.Normal("y", t.cumsum(z) * np.float64(1.0), sigma=np.float64(1.0), observed=Y)


def as_a_vector(pm, t):
    z = pm.Bernoulli("z", np.float64(0.3), shape=4)
    pm.MvNormal("y", z * np.float64(1.0), cov=np.eye(4) + 0.5, observed=Y)


def shared_by_rows(pm, t):
    z = pm.Bernoulli("z", np.float64(0.3), shape=4)
    pm.Normal("y", z * np.float64(1.0), sigma=np.float64(1.0), observed=np.ones((3, 4)))


def without_an_end(pm, t):
    z = pm.Poisson("z", np.float64(2.0))
    pm.Normal("y", z * np.float64(1.0), sigma=np.float64(1.0), observed=Y)


def with_a_latent_child(pm, t):
    z = pm.Bernoulli("z", np.float64(0.3))
    x = pm.Normal("x", z * np.float64(1.0), sigma=np.float64(1.0))
    pm.Poisson("y", t.exp(x), observed=COUNTS)


def with_a_total_size(pm, t):
    z = pm.Bernoulli("z", np.float64(0.3))
    pm.Normal("y", z * np.float64(1.0), sigma=np.float64(1.0), observed=Y, total_size=[400])


REFUSED = {
    in_other_places: "in other places",
    summed: "in other places",
    cumulated: "in other places",
    as_a_vector: "no elementwise distribution",
    shared_by_rows: "depend on",
    without_an_end: "no closed form is known",
    with_a_latent_child: "has no name",
    with_a_total_size: "total_size",
}


@pytest.mark.parametrize("build", REFUSED)
def test_what_cannot_be_summed_stays_with_the_reason(backend, build):
    with backend.pm.Model() as model:
        build(backend.pm, backend.tensor)
    assert sp.marginalize_graph(model, ["z"]) is model
    (step,) = sp.steps(model)
    assert not step.taken and REFUSED[build] in step.reason, step
