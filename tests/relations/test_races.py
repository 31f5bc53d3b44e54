"""Categorical variables as races: the laws of the runners, the winner, and how often each wins, against scipy."""

import numpy as np
import pytest
from scipy import stats

import symbolic_pymc as sp
from tests.families import density_of, draws

N = 3000
P = np.array([0.1, 0.25, 0.65])
RUNNERS = {
    "times": ("x_time", np.argmin, lambda p: stats.expon(scale=1 / p)),
    "utilities": ("x_utility", np.argmax, lambda p: stats.gumbel_r(np.log(p), 1.0)),
}


@pytest.mark.parametrize("form", RUNNERS)
def test_races(backend, form):
    name, place, law = RUNNERS[form]
    with backend.pm.Model() as model:
        backend.pm.Categorical("x", P, shape=N)
    result = sp.reparam_graph(model, form=form)
    runners, x = draws(backend, result, [name, "x"])
    assert runners.shape == (N, 3) and x.shape == (N,) and x.dtype == "int64"
    np.testing.assert_array_equal(x, place(runners, axis=-1))
    np.testing.assert_allclose(density_of(backend, result, name, runners), law(P).logpdf(runners), rtol=1e-8, atol=1e-8)
    assert stats.chisquare(np.bincount(x, minlength=3), N * P).pvalue > 1e-3


@pytest.mark.parametrize("form", RUNNERS)
def test_random_probabilities_in_rows_and_an_index(backend, form):
    """Every row has probabilities of its own, and the winner may be an index."""
    name, place, law = RUNNERS[form]
    pm = backend.pm
    with pm.Model() as model:
        p = pm.Dirichlet("p", np.ones((4, 3)), shape=(4, 3))
        x = pm.Categorical("x", p, shape=4)
        centre = pm.Normal("centre", np.float64(0.0), sigma=np.float64(5.0), shape=3)
        pm.Normal("y", centre[x], sigma=np.float64(1.0), observed=np.zeros(4))
    result = sp.reparam_graph(model, ["x"], form=form)
    assert [s.variables for s in sp.steps(result) if s.taken] == [("x",)]
    p, runners, x = draws(backend, result, ["p", name, "x"])
    np.testing.assert_array_equal(x, place(runners, axis=-1))
    assert runners.shape == (4, 3) and len(np.unique(runners)) == 12


@pytest.mark.parametrize("form", RUNNERS)
def test_a_single_race(backend, form):
    with backend.pm.Model() as model:
        backend.pm.Categorical("x", P)
    runners, x = draws(backend, sp.reparam_graph(model, form=form), [RUNNERS[form][0], "x"])
    assert runners.shape == (3,) and np.shape(x) == ()


@pytest.mark.parametrize("form", RUNNERS)
def test_what_is_no_race(backend, form):
    with backend.pm.Model() as model:
        backend.pm.Categorical("never", np.array([0.0, 0.4, 0.6]))
        backend.pm.Bernoulli("b", np.float64(0.4))
        backend.pm.Categorical("seen", P, observed=np.array([0, 2]))
    result = sp.reparam_graph(model, form=form)
    reasons = {s.variables[0]: s.reason for s in sp.steps(result)}
    assert result is model and "no probability" in reasons["never"]
    assert "no such form" in reasons["b"] and "observed" in reasons["seen"]
