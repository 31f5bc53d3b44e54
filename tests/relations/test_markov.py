"""Markov chains of hidden states given data, against the densities of both backends and the forward algorithm."""

import importlib

import numpy as np
import pytest
from scipy import stats

import symbolic_pymc as sp
from tests.densities import evidence_of, log_density
from tests.joints import built, marginalized, reasons

RNG = np.random.default_rng(8)
N, K = 5, 3
START, CHANCES = RNG.dirichlet(np.ones(K)), RNG.dirichlet(np.ones(K), size=(N, K))
LEVELS = np.array([-1.0, 0.0, 2.0])
Y = RNG.normal(size=N).round(2)
COUNTS = np.array([0, 3, 1, 7, 2])
TOLERANCE = 1e-8


def markov_chain(backend, name="z", start=START, chances=CHANCES, **options):
    module = importlib.import_module(f"symbolic_pymc.{backend.name}.markov")
    return module.MarkovChain(name, start, chances, **options)


def forward(densities):
    """Return the log density of data by the forward algorithm; `densities` (n, K) are those of each datum."""
    a = START * densities[0]
    for matrix, row in zip(CHANCES[1:], densities[1:]):
        a = a @ matrix * row
    return np.log(a.sum())


def test_the_path_given_normal_data(backend):
    def build(pm, t):
        z = markov_chain(backend)
        pm.Normal("y", t.as_tensor_variable(LEVELS)[z], sigma=np.float64(0.8), observed=Y)

    check = marginalized(backend, built(backend, build))
    assert check.gone == ["z"] and not check.kept
    assert check.evidence == pytest.approx(forward(stats.norm.pdf(Y[:, None], LEVELS, 0.8)), rel=TOLERANCE)
    assert [s.relation for s in sp.steps(check.result)] == ["markovchain_given"]


def test_the_law_of_the_path_given_data(backend):
    """p(z) p(y | z) = p(y) p(z | y) for every path z, by the densities of the backend."""

    def build(pm, t):
        z = markov_chain(backend)
        pm.Normal("y", t.as_tensor_variable(LEVELS)[z], sigma=np.float64(0.8), observed=Y)
        pm.Poisson("k", t.exp(t.as_tensor_variable(LEVELS)[z]), observed=COUNTS)

    result = sp.conjugate_graph(model := built(backend, build))
    assert [s.relation for s in sp.steps(result)] == ["markovchain_given"] and not result.observed_RVs
    densities = stats.norm.pdf(Y[:, None], LEVELS, 0.8) * stats.poisson.pmf(COUNTS[:, None], np.exp(LEVELS))
    evidence = evidence_of(backend, result)
    assert evidence == pytest.approx(forward(densities), rel=TOLERANCE)
    joint, posterior = log_density(backend, model), log_density(backend, result)
    for path in np.random.default_rng(4).integers(0, K, size=(20, N)):
        assert evidence + posterior({"z": path}) == pytest.approx(joint({"z": path}), rel=TOLERANCE)


def test_the_path_given_several_data_and_unknown_parameters(backend):
    def build(pm, t):
        low, sd = pm.Normal("low", np.float64(0.0), sigma=np.float64(1.0)), pm.HalfNormal("sd", sigma=np.float64(1.0))
        z = markov_chain(backend)
        pm.Normal("y", low + 2.0 * z, sigma=sd, observed=Y)
        pm.Poisson("k", t.exp(t.as_tensor_variable(LEVELS)[z]), observed=COUNTS)

    check = marginalized(backend, built(backend, build), ["z"])
    assert check.gone == ["z"] and check.kept == ["low", "sd"] and check.potentials() == ["y_evidence"]


def test_categorical_data(backend):
    emit, y = RNG.dirichlet(np.ones(4), size=K), np.array([0, 3, 2, 1, 1])

    def build(pm, t):
        pm.Categorical("y", p=t.as_tensor_variable(emit)[markov_chain(backend)], observed=y)

    result = sp.collapse_graph(built(backend, build))
    assert not result.free_RVs and not result.observed_RVs
    assert evidence_of(backend, result) == pytest.approx(forward(emit[:, y].T), rel=TOLERANCE)


def test_one_state_alone(backend):
    def build(pm, t):
        z = markov_chain(backend, chances=CHANCES[:1])
        pm.Normal("y", t.as_tensor_variable(LEVELS)[z], sigma=np.float64(0.8), observed=Y[:1])

    check = marginalized(backend, built(backend, build))
    expected = np.log(START @ stats.norm.pdf(Y[0], LEVELS, 0.8))
    assert check.evidence == pytest.approx(expected, rel=TOLERANCE)


def test_data_of_two_states_are_refused(backend):
    def build(pm, t):
        z = markov_chain(backend)
        pm.Normal("y", z[1:] + z[:-1], sigma=np.float64(0.8), observed=Y[1:])

    result = sp.collapse_graph(model := built(backend, build))
    assert result is model and "in other places" in reasons(result)["z"]


def test_several_data_of_one_state_in_an_array_are_refused(backend):
    def build(pm, t):
        z = markov_chain(backend)
        pm.Normal("y", t.shape_padright(2.0 * z), sigma=np.float64(0.8), observed=np.zeros((N, 2)))

    result = sp.collapse_graph(model := built(backend, build))
    assert result is model and reasons(result)["z"]


def test_a_batch_of_chains_is_refused(backend):
    def build(pm, t):
        z = markov_chain(backend, shape=(2, N))
        pm.Normal("y", 2.0 * z, sigma=np.float64(0.8), observed=np.zeros((2, N)))

    result = sp.collapse_graph(model := built(backend, build))
    assert result is model and "batch of Markov chains" in reasons(result)["z"]


def test_a_chain_that_decides_another_variable_is_refused(backend):
    def build(pm, t):
        x = pm.Normal("x", 2.0 * markov_chain(backend), sigma=np.float64(0.8), shape=N)
        pm.Normal("y", x, sigma=np.float64(0.8), observed=Y)

    result = sp.marginalize_graph(model := built(backend, build), ["z"])
    assert result is model and reasons(result)["z"]


def test_shapes_that_do_not_fit_are_refused(backend):
    with pytest.raises(sp.errors.ModelGraphError, match="numbers of states differ"):
        built(backend, lambda pm, t: markov_chain(backend, start=np.array([0.5, 0.5])))
