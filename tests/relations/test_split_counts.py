"""Numbers of things of several kinds, of which some were seen: all ways to divide them up, one by one."""

from itertools import product

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import beta, binom, multinomial

import symbolic_pymc as sp
from tests.densities import evidence_of, log_density
from tests.joints import built

F = np.float64
N, Q, P = 7, np.array([0.2, 0.5, 0.3]), np.array([0.3, 0.6, 0.0])
Y = np.array([1, 2, 0])
WAYS = [x for x in product(range(N + 1), repeat=3) if sum(x) == N]


def model_of(backend, p=P, y=Y, q=Q):
    def build(pm, t):
        X = pm.Multinomial("X", n=np.int64(N), p=q, shape=3)
        pm.Binomial("y", n=X, p=p(pm) if callable(p) else p, observed=y)

    return built(backend, build)


def joint(x, p=P, y=Y):
    return multinomial(N, Q).logpmf(x) + binom(np.array(x), p).logpmf(y).sum()


@pytest.mark.parametrize("p", [P, F(0.4)], ids=["of each kind", "of all kinds"])
def test_against_all_ways(backend, p):
    result = sp.conjugate_graph(model_of(backend, p))
    assert [step.relation for step in sp.steps(result)] == ["split_count_reversalo"]
    evidence = logsumexp([joint(x, p) for x in WAYS])
    assert evidence_of(backend, result) == pytest.approx(
        evidence, abs=1e-6
    )  # PyMC's counts are in part in single precision
    density = log_density(backend, result)
    (name,) = density.names
    for x in WAYS:
        rest = np.array(x) - Y
        if np.all(rest >= 0) and np.isfinite(joint(x, p)):
            assert density({name: rest}) == pytest.approx(joint(x, p) - evidence, abs=1e-6)


def test_nothing_seen_and_all_seen_of_a_kind(backend):
    for y in (np.zeros(3, dtype="int64"), np.array([0, 7, 0])):
        result = sp.conjugate_graph(model_of(backend, y=y))
        exact = logsumexp([joint(x, y=y) for x in WAYS])
        assert evidence_of(backend, result) == pytest.approx(exact, abs=1e-6)


def test_the_evidence_stays_where_the_chance_is_unknown(backend):
    model = model_of(backend, lambda pm: pm.Beta("p", F(2.0), F(3.0)))
    result = sp.marginalize_graph(model, ["X"])
    assert [v.name for v in result.potentials] == ["y_evidence"]
    density = log_density(backend, result)
    (name,) = density.names
    for u in (-0.4, 0.9):
        p = 1 / (1 + np.exp(-u))
        exact = logsumexp([joint(x, p) for x in WAYS]) + beta(2, 3).logpdf(p) + np.log(p * (1 - p))
        assert density({name: F(u)}) == pytest.approx(exact, abs=1e-6)


def test_they_are_drawn_back(backend):
    draws = sp.marginalize_graph(model_of(backend), ["X"]).recover(draws=4000, random_seed=1)["X"]
    assert np.all(draws.sum(axis=1) == N) and np.all(draws >= Y)
    logs = np.array([joint(x) for x in WAYS])
    mean = np.exp(logs - logsumexp(logs)) @ np.array(WAYS)
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=5 * np.sqrt(N / 4 / 4000))


REFUSED = {
    "all is seen": lambda pm, t: pm.Binomial("y", n=pm.Multinomial("X", n=3, p=Q, shape=3), p=np.ones(3), observed=Y),
    "one kind": lambda pm, t: pm.Binomial(
        "y", n=pm.Multinomial("X", n=N, p=Q, shape=3)[0], p=F(0.3), observed=np.int64(1)
    ),
    "as the chance": lambda pm, t: pm.Binomial(
        "y", n=np.int64(7), p=pm.Multinomial("X", n=N, p=Q, shape=3) / 10.0, observed=Y
    ),
    "twice the number": lambda pm, t: pm.Binomial(
        "y", n=2 * pm.Multinomial("X", n=N, p=Q, shape=3), p=F(0.3), observed=Y
    ),
    "several data of each": lambda pm, t: pm.Binomial(
        "y", n=pm.Multinomial("X", n=N, p=Q, shape=3), p=F(0.3), observed=np.stack([Y, Y])
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(backend, name):
    model = built(backend, REFUSED[name])
    assert sp.conjugate_graph(model) is model
