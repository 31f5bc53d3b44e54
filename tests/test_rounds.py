"""Arcs that are reversed together, as one round of conditioning: the joint density is that of the model, whatever they share."""

import numpy as np
import pytest
from scipy import stats

import symbolic_pymc as sp
from tests.densities import assert_conditioned
from tests.joints import built

Y = np.random.default_rng(3).normal(size=8).round(2)
F = np.float64


def chain(pm, t):
    """One arc of every link goes in a round, the prior of one being the posterior of another."""
    for i in range(5):
        x = pm.Normal(f"x{i}", F(0.3) if i == 0 else F(0.9) * x, sigma=F(0.7))
        pm.Normal(f"y{i}", x + F(0.1), sigma=F(0.5), observed=Y[i])


def chain_of_unknown_noise(pm, t):
    s = pm.HalfNormal("s", sigma=F(1.0))
    for i in range(4):
        x = pm.Normal(f"x{i}", F(0.0) if i == 0 else x, sigma=F(0.7))
        pm.Normal(f"y{i}", x, sigma=s, observed=Y[i])


def crossing(pm, t):
    """The data of either arc depend on both: reversed together, each draw would be given the other."""
    a, b = pm.Normal("a", F(0.2), sigma=F(1.0)), pm.Normal("b", F(-0.1), sigma=F(2.0))
    pm.Normal("y0", a + F(2.0) * b, sigma=F(0.5), observed=Y[0])
    pm.Normal("y1", b - F(3.0) * a, sigma=F(0.4), observed=Y[1])


def common_mean(pm, t):
    mu = pm.Normal("mu", F(0.0), sigma=F(1.0))
    for i in range(4):
        pm.Normal(f"y{i}", pm.Normal(f"x{i}", mu, sigma=F(0.3)), sigma=F(0.5), observed=Y[i])


def ring(pm, t):
    """Every datum depends on a draw and on the next one."""
    x = [pm.Normal(f"x{i}", F(0.1) * i, sigma=F(1.0) + F(0.2) * i) for i in range(4)]
    for i in range(4):
        pm.Normal(f"y{i}", x[i] - F(0.5) * x[(i + 1) % 4], sigma=F(0.6), observed=Y[i])


def data_that_depend_on_data(pm, t):
    a, b = pm.Normal("a", F(0.2), sigma=F(1.0)), pm.Normal("b", F(-0.1), sigma=F(2.0))
    y = pm.Normal("y0", a, sigma=F(0.5), observed=Y[0])
    pm.Normal("y1", b + F(0.5) * y, sigma=F(0.4), observed=Y[1])


def families(pm, t):
    """The evidence of counts has no name here: potentials that depend on what another arc of the round leaves."""
    shape = pm.HalfNormal("shape", sigma=F(2.0))
    scale = pm.Normal("scale", F(1.0), sigma=F(1.0))
    pm.Normal("y0", scale, sigma=F(0.5), observed=Y[0])
    rate = pm.Gamma("rate", shape, F(1.0) + t.exp(scale))
    pm.Poisson("y1", rate, observed=np.array([1, 3, 2]))


BUILDS = [chain, chain_of_unknown_noise, crossing, common_mean, ring, data_that_depend_on_data, families]


@pytest.mark.parametrize("build", BUILDS)
def test_the_joint_density_is_that_of_the_model(backend, build):
    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert any(step.taken for step in sp.steps(result))
    assert_conditioned(backend, model, result)


def test_the_evidence_of_a_chain(backend):
    model = built(backend, chain)
    result = sp.conjugate_graph(model)
    assert not result.observed_RVs and not result.potentials
    mean, cov, last = [], np.zeros((5, 5)), (0.3, 0.49)
    for i in range(5):
        m, v = last if i == 0 else (0.9 * last[0], 0.81 * last[1] + 0.49)
        for j in range(i, 5):
            cov[i, j] = cov[j, i] = v * 0.9 ** (j - i)
        mean.append(m + 0.1)
        last = m, v
    expected = stats.multivariate_normal(mean, cov + 0.25 * np.eye(5)).logpdf(Y[:5])
    assert assert_conditioned(backend, model, result) == pytest.approx(expected, rel=1e-8)


def test_a_round_has_an_arc_of_every_link(backend):
    steps = [step.variables for step in sp.steps(sp.conjugate_graph(built(backend, chain)))]
    assert steps[:5] == [(f"x{i}", f"y{i}") for i in range(5)]
    assert sorted(steps) == sorted((f"x{i}", f"y{j}") for j in range(5) for i in range(j + 1))


def test_a_chain_is_filtered_in_as_many_steps_as_it_has_arcs(backend):
    steps = [step.variables for step in sp.steps(sp.collapse_graph(built(backend, chain))) if step.taken]
    assert sorted(steps) == sorted([(f"x{i}", f"y{i}") for i in range(5)] + [(f"x{i}", f"x{i + 1}") for i in range(4)])
