"""Fractions of which Pareto data have a multiple for their lower end: quadrature over the fraction."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

import symbolic_pymc as sp
from tests.densities import evidence_of, log_density
from tests.joints import built

F = np.float64
A, SHAPE, C = F(2.5), F(1.7), F(3.0)
Y = np.array([2.2, 4.0, 1.9, 7.5])
PICK = np.array([0, 1, 1, 0])


def beta(pm, **kw):
    return pm.Beta("x", A, F(1.0), **kw)


def joint(x, y, c=C, a=A, k=SHAPE):
    return stats.beta(a, 1).logpdf(x) + np.sum(
        stats.pareto(k, scale=1.0).logpdf(np.asarray(y) / (c * x)) - np.log(c * x)
    )


def evidence(y, c=C, a=A, k=SHAPE):
    bound = min(1.0, np.min(np.asarray(y) / c))
    return np.log(quad(lambda x: np.exp(joint(x, y, c, a, k)), 0, bound, epsabs=1e-14)[0])


CASES = {
    "one for all": (lambda pm, t: pm.Pareto("y", alpha=SHAPE, m=C * beta(pm), observed=Y), evidence(Y)),
    "data beyond the prior": (
        lambda pm, t: pm.Pareto("y", alpha=SHAPE, m=F(0.5) * beta(pm), observed=Y),
        evidence(Y, F(0.5)),
    ),
    "a datum": (lambda pm, t: pm.Pareto("y", alpha=SHAPE, m=C * beta(pm), observed=F(2.2)), evidence([2.2])),
    "each its own": (
        lambda pm, t: pm.Pareto("y", alpha=SHAPE, m=C * beta(pm, shape=4), observed=Y),
        sum(evidence([y]) for y in Y),
    ),
    "by index": (
        lambda pm, t: pm.Pareto("y", alpha=SHAPE, m=C * beta(pm, shape=2)[PICK], observed=Y),
        evidence(Y[PICK == 0]) + evidence(Y[PICK == 1]),
    ),
    "rows": (
        lambda pm, t: pm.Pareto("y", alpha=SHAPE, m=C * beta(pm, shape=2), observed=Y.reshape(2, 2)),
        evidence(Y[::2]) + evidence(Y[1::2]),
    ),
    "uniform": (
        lambda pm, t: pm.Pareto("y", alpha=SHAPE, m=C * pm.Uniform("x", F(0.0), F(1.0)), observed=Y),
        evidence(Y, a=1.0),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_evidence(backend, name):
    build, exact = CASES[name]
    result = sp.conjugate_graph(built(backend, build))
    assert [step.relation for step in sp.steps(result)] == ["power_start_reversalo"]
    assert evidence_of(backend, result) == pytest.approx(exact, abs=1e-7)


def test_the_posterior(backend):
    result = sp.conjugate_graph(built(backend, CASES["one for all"][0]))
    density = log_density(backend, result)
    (name,) = density.names
    bound = Y.min() / C
    for w in (0.2, 0.7, 0.95):
        exact = joint(bound * w, Y) - evidence(Y) + np.log(bound) + np.log(w * (1 - w))
        assert density({name: F(np.log(w / (1 - w)))}) == pytest.approx(exact, abs=1e-7)
    assert "x" in [v.name for v in result.deterministics]


def test_it_is_drawn_back(backend):
    draws = sp.marginalize_graph(built(backend, CASES["one for all"][0]), ["x"]).recover(draws=4000, random_seed=5)["x"]
    law = stats.beta(A + 4 * SHAPE, 1, scale=Y.min() / C)
    assert stats.kstest(draws, law.cdf).pvalue > 1e-3


REFUSED = {
    "another beta law": lambda pm, t: pm.Pareto("y", alpha=SHAPE, m=C * pm.Beta("x", A, F(2.0)), observed=Y),
    "a Pareto prior": lambda pm, t: pm.Pareto("y", alpha=SHAPE, m=pm.Pareto("x", alpha=A, m=F(0.1)), observed=Y),
    "a gamma prior": lambda pm, t: pm.Pareto("y", alpha=SHAPE, m=pm.Gamma("x", alpha=A, beta=F(1.0)), observed=Y),
    "a uniform prior elsewhere": lambda pm, t: pm.Pareto(
        "y", alpha=SHAPE, m=pm.Uniform("x", F(0.5), F(1.0)), observed=Y
    ),
    "an offset": lambda pm, t: pm.Pareto("y", alpha=SHAPE, m=F(0.5) + beta(pm), observed=Y),
    "a negative multiple": lambda pm, t: pm.Pareto("y", alpha=SHAPE, m=-C * beta(pm), observed=Y),
    "as the shape": lambda pm, t: pm.Pareto("y", alpha=beta(pm), m=F(0.5), observed=Y),
    "a square": lambda pm, t: pm.Pareto("y", alpha=SHAPE, m=C * beta(pm) ** 2, observed=Y),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(backend, name):
    model = built(backend, REFUSED[name])
    result = sp.conjugate_graph(model)
    assert result is model and all(step.reason for step in sp.steps(result))
