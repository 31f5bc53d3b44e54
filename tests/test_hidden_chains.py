"""Hidden Markov models written in a loop, against the sum over all paths and the forward algorithm in numpy."""

from itertools import product

import numpy as np
import pytest
from scipy import stats
from scipy.special import logsumexp

import symbolic_pymc as sp
from tests.densities import evidence_of, log_density, random_points
from tests.joints import built, reasons
from tests.kalman import smooth

START = np.array([0.5, 0.3, 0.2])
STEP = np.array([[0.8, 0.15, 0.05], [0.2, 0.7, 0.1], [0.3, 0.3, 0.4]])
LEVELS = np.array([-1.0, 0.0, 2.0])
Y = np.random.default_rng(11).normal(size=30).round(2)
TOLERANCE = 1e-8


def chain(n, sigma=lambda pm: np.float64(0.8)):
    def build(pm, t):
        step, levels, s = t.as_tensor_variable(STEP), t.as_tensor_variable(LEVELS), sigma(pm)
        for i in range(n):
            z = pm.Categorical(f"z{i}", p=START if i == 0 else step[z])
            pm.Normal(f"y{i}", levels[z], sigma=s, observed=Y[i])

    return build


def log_joint(path, sigma):
    """Return the log density of the data and a path by the definition of the model."""
    steps = sum(np.log(STEP[a, b]) for a, b in zip(path, path[1:]))
    return np.log(START[path[0]]) + steps + stats.norm.logpdf(Y[: len(path)], LEVELS[list(path)], sigma).sum()


def forward(n, sigma):
    """Return the log density of the data by the forward algorithm."""
    a = np.log(START) + stats.norm.logpdf(Y[0], LEVELS, sigma)
    for y in Y[1:n]:
        a = logsumexp(a[:, None] + np.log(STEP), axis=0) + stats.norm.logpdf(y, LEVELS, sigma)
    return logsumexp(a)


def test_the_evidence_is_the_sum_over_all_paths(backend):
    result = sp.collapse_graph(built(backend, chain(5)))
    assert not result.free_RVs and not result.observed_RVs and not result.potentials
    expected = logsumexp([log_joint(path, 0.8) for path in product(range(3), repeat=5)])
    assert evidence_of(backend, result) == pytest.approx(expected, rel=TOLERANCE)


def test_the_density_of_what_is_left_is_that_of_the_forward_algorithm(backend):
    n = 8
    model = built(backend, chain(n, lambda pm: pm.HalfNormal("s", sigma=1.0)))
    result = sp.marginalize_graph(model, [f"z{i}" for i in range(n)])
    assert len(result.free_RVs) == 1 and len(result.potentials) == n and not result.observed_RVs
    density = log_density(backend, result)
    for point in random_points(backend, result, 5):
        s = np.exp(point["s_log__"])
        expected = forward(n, s) + stats.halfnorm.logpdf(s) + point["s_log__"]
        assert density(point) == pytest.approx(expected, rel=TOLERANCE)


def test_a_loop_of_switches_with_unknown_chances(backend):
    n, levels = 6, np.array([0.0, 2.0])

    def build(pm, t):
        stay, come = (
            pm.Beta("stay", np.float64(4.0), np.float64(2.0)),
            pm.Beta("come", np.float64(2.0), np.float64(3.0)),
        )
        for i in range(n):
            chance = t.switch(t.eq(z, 1), stay, come) if i else np.float64(0.5)
            z = pm.Bernoulli(f"z{i}", chance)
            pm.Normal(f"y{i}", t.switch(z, levels[1], levels[0]), sigma=np.float64(0.8), observed=Y[i])

    model = built(backend, build)
    result = sp.marginalize_graph(model, [f"z{i}" for i in range(n)])
    assert len(result.free_RVs) == 2 and not result.observed_RVs
    density, old = log_density(backend, result), log_density(backend, built(backend, lambda pm, t: _two_chances(pm)))
    for point in random_points(backend, result, 5):
        stay, come = (1 / (1 + np.exp(-point[f"{name}_logodds__"])) for name in ("stay", "come"))
        a = np.log([0.5, 0.5]) + stats.norm.logpdf(Y[0], levels, 0.8)
        for y in Y[1:n]:
            a = logsumexp(a[:, None] + np.log([[1 - come, come], [1 - stay, stay]]), axis=0)
            a = a + stats.norm.logpdf(y, levels, 0.8)
        # the evidence of the first element depends on nothing unknown, and is no part of the density
        first = logsumexp(np.log([0.5, 0.5]) + stats.norm.logpdf(Y[0], levels, 0.8))
        assert density(point) == pytest.approx(logsumexp(a) - first + old(point), rel=TOLERANCE)


def _two_chances(pm):
    pm.Beta("stay", np.float64(4.0), np.float64(2.0))
    pm.Beta("come", np.float64(2.0), np.float64(3.0))


def test_the_path_is_drawn_backwards(backend):
    n, draws = 4, 4000
    path = sp.collapse_graph(built(backend, chain(n))).recover(draws=draws, random_seed=2)
    found = np.zeros((3,) * n)
    np.add.at(found, tuple(path[f"z{i}"] for i in range(n)), 1)
    logs = np.array([log_joint(p, 0.8) for p in product(range(3), repeat=n)]).reshape(found.shape)
    expected = draws * np.exp(logs - logsumexp(logs))
    likely = expected > 5
    rest = [found[~likely].sum()], [expected[~likely].sum()]
    observed, wanted = np.r_[found[likely], rest[0]], np.r_[expected[likely], rest[1]]
    assert stats.chisquare(observed, wanted).pvalue > 1e-4


def test_a_second_path_to_the_data_is_refused(backend):
    def build(pm, t):
        a = pm.Categorical("a", p=START)
        b = pm.Categorical("b", p=t.as_tensor_variable(STEP)[a])
        pm.Normal("y", t.as_tensor_variable(LEVELS)[a] + b, sigma=1.0, observed=0.5)

    result = sp.marginalize_graph(model := built(backend, build), ["a"])
    assert result is model and "also reaches y through b" in reasons(result)["a"]


def test_a_chain_of_vectors_is_refused(backend):
    def build(pm, t):
        a = pm.Bernoulli("a", p=0.3, shape=3)
        b = pm.Bernoulli("b", p=0.2 + 0.5 * a, shape=3)
        pm.Normal("y", b, sigma=1.0, observed=Y[:3])

    result = sp.marginalize_graph(model := built(backend, build), ["a"])
    assert result is model and "has no name" in reasons(result)["a"]


def test_two_states_as_bernoulli_variables(backend):
    def build(pm, t):
        for i in range(4):
            z = pm.Bernoulli(f"z{i}", p=np.float64(0.4) if i == 0 else 0.2 + 0.5 * z)
            pm.Normal(f"y{i}", 2.0 * z, sigma=1.0, observed=Y[i])

    result = sp.collapse_graph(built(backend, build))
    total = []
    for path in product((0, 1), repeat=4):
        chances = [0.4, *(0.2 + 0.5 * z for z in path[:-1])]
        total.append(stats.bernoulli.logpmf(path, chances).sum() + stats.norm.logpdf(Y[:4], 2.0 * np.array(path)).sum())
    assert evidence_of(backend, result) == pytest.approx(logsumexp(total), rel=TOLERANCE)


def test_normal_variables_in_a_loop_are_filtered(backend):
    n = 12

    def build(pm, t):
        for i in range(n):
            x = pm.Normal(f"x{i}", 0.0 if i == 0 else x, sigma=np.float64(0.7))
            pm.Normal(f"y{i}", x, sigma=np.float64(0.5), observed=Y[i])

    result = sp.collapse_graph(built(backend, build))
    assert not result.free_RVs and not result.observed_RVs
    expected = smooth(np.zeros(n), np.ones(n), 0.7, Y[:n], 0.5)[2]
    assert evidence_of(backend, result) == pytest.approx(expected, rel=TOLERANCE)
