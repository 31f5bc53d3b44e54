"""Chains that a Scan draws in a graph of Theano: a Kalman filter, and the forward algorithm in numpy."""

import numpy as np
import pytest
import theano
import theano.tensor as tt
from scipy import stats

import symbolic_pymc as sp
from symbolic_pymc.theano.opt import FunctionGraph
from symbolic_pymc.theano.random_variables import CategoricalRV, NormalRV, fresh_rng, observed
from tests.joints import reasons
from tests.kalman import smooth
from tests.states import LEVELS, START, STEP, forward

N = 9
Y = np.random.default_rng(3).normal(size=N).round(2)
TOLERANCE = 1e-8


def scanned(step, first, moving=(), n=N):
    rng = fresh_rng(3)
    x, _ = theano.scan(step, sequences=list(moving), outputs_info=[first], non_sequences=[rng], n_steps=n)
    x.name = "x"
    return x


def seen(mean, *others):
    y = observed(Y, NormalRV(mean, 0.5))
    y.owner.inputs[1].name = y.name = "y"
    return FunctionGraph(None, [y, *others])


def states(x):
    return tt.as_tensor_variable(LEVELS)[x]


def next_state(last, rng):
    return CategoricalRV(tt.as_tensor_variable(STEP)[last], rng=rng)


def assert_evidence(graph, expected, relation):
    result = sp.collapse_graph(graph)
    assert [s.relation for s in sp.steps(result)] == ["read_series", relation]
    assert result.log_evidence.eval() == pytest.approx(expected, rel=TOLERANCE)
    return result


def test_a_normal_loop_behind_a_number_and_behind_a_draw():
    inputs = np.linspace(-1.0, 1.0, N)
    x = scanned(
        lambda u, last, rng: NormalRV(0.6 * last + 2.0 * u, 0.7, rng=rng),
        np.float64(0.4),
        [tt.as_tensor_variable(inputs)],
    )
    chain = 2.0 * inputs + np.r_[0.24, np.zeros(N - 1)], np.full(N, 0.6), np.full(N, 0.7)
    result = assert_evidence(seen(x), smooth(*chain, Y, 0.5)[2], "gaussianchain_mean_reversalo")
    draws = result.recover(draws=4000, random_seed=1)["x"]
    mean, variance, _ = smooth(*chain, Y, 0.5)
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=4.5 * np.sqrt(variance.max() / 4000))
    x = scanned(lambda last, rng: NormalRV(0.6 * last, 0.7, rng=rng), NormalRV(1.0, 2.0, rng=fresh_rng(4)))
    chain = np.r_[0.6, np.zeros(N - 1)], np.full(N, 0.6), np.r_[np.hypot(1.2, 0.7), np.full(N - 1, 0.7)]
    assert_evidence(seen(x), smooth(*chain, Y, 0.5)[2], "gaussianchain_mean_reversalo")


def test_hidden_states_behind_a_state_and_behind_a_draw():
    densities = stats.norm.pdf(Y[:, None], LEVELS, 0.5)
    x = scanned(next_state, np.int64(1))
    result = assert_evidence(seen(states(x)), forward(STEP[1], STEP, densities), "markovchain_given")
    assert result.recover(draws=7, random_seed=1)["x"].shape == (7, N)
    x = scanned(next_state, CategoricalRV(START, rng=fresh_rng(4)))
    assert_evidence(seen(states(x)), forward(START @ STEP, STEP, densities), "markovchain_given")


def test_what_else_uses_the_numbers_is_refused():
    first = NormalRV(1.0, 2.0, rng=fresh_rng(4))
    x = scanned(lambda last, rng: NormalRV(0.6 * last, 0.7, rng=rng), first)
    for mean in (x + first, x + x.owner.inputs[0][0]):
        result = sp.collapse_graph(graph := seen(mean))
        assert result is graph and "something else depends" in reasons(result)["x"]


def test_a_loop_that_draws_more_is_refused():
    def step(last, rng):
        x = NormalRV(last, 0.7, rng=rng)
        return x, NormalRV(x, 0.5, rng=rng)

    (x, z), _ = theano.scan(step, outputs_info=[np.float64(0.0), None], non_sequences=[fresh_rng(3)], n_steps=N)
    x.name = "x"
    result = sp.collapse_graph(graph := seen(x, z))
    assert result is graph and "returns other numbers" in reasons(result)["x"]
