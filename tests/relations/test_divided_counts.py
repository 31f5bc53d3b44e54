"""A Poisson number of things of several kinds: the numbers of each kind are independent Poisson variables."""

import numpy as np
import pytest
from scipy.special import gammaln, logsumexp
from scipy.stats import multinomial, poisson

import symbolic_pymc as sp
from tests.densities import evidence_of, log_density
from tests.joints import built

F = np.float64
MU, Q, Y = F(5.5), np.array([0.2, 0.5, 0.3]), np.array([2, 4, 1])


def model_of(backend, mu=MU, q=Q, y=Y):
    def build(pm, t):
        N = pm.Poisson("N", mu(pm) if callable(mu) else mu)
        length = {"shape": y.shape} if backend.name == "theano" else {}
        pm.Multinomial("y", n=N, p=q(pm) if callable(q) else q, observed=y, **length)

    return built(backend, build)


@pytest.mark.parametrize("driver", [sp.conjugate_graph, sp.collapse_graph])
@pytest.mark.parametrize("y", [Y, np.zeros(3, dtype="int64"), np.array([0, 9, 0])])
def test_the_evidence(backend, driver, y):
    result = driver(model_of(backend, y=y))
    assert [step.relation for step in sp.steps(result)] == ["divided_count_reversalo"]
    total = [poisson(MU).logpmf(n) + multinomial(n, Q).logpmf(y) for n in range(1, 40) if n == y.sum()]
    exact = logsumexp(total) if y.sum() else -MU
    assert evidence_of(backend, result) == pytest.approx(
        exact, abs=1e-6
    )  # PyMC's counts are in part in single precision
    assert poisson(MU * Q).logpmf(y).sum() == pytest.approx(exact, abs=1e-9)


def test_the_number_is_known(backend):
    result = sp.conjugate_graph(model_of(backend))
    density = log_density(backend, result)
    (name,) = density.names
    assert density({name: np.int64(7)}) == pytest.approx(0.0, abs=1e-6)
    assert density({name: np.int64(6)}) == density({name: np.int64(8)}) == -np.inf


def test_it_is_drawn_back(backend):
    assert set(sp.marginalize_graph(model_of(backend), ["N"]).recover(draws=50, random_seed=1)["N"]) == {7}


def test_the_rate_has_its_posterior_after_that(backend):
    result = sp.collapse_graph(model_of(backend, mu=lambda pm: pm.Gamma("mu", alpha=F(2.0), beta=F(0.5))))
    assert result.free_RVs == []
    exact = (
        2 * np.log(0.5)
        - gammaln(2)
        + gammaln(2 + 7)
        - (2 + 7) * np.log(0.5 + 1)
        + (Y * np.log(Q)).sum()
        - gammaln(Y + 1).sum()
    )
    assert evidence_of(backend, result) == pytest.approx(exact, abs=1e-6)


def test_unknown_chances_have_their_own_closed_form(backend):
    model = model_of(backend, q=lambda pm: pm.Dirichlet("q", a=np.array([1.0, 2.0, 3.0]), shape=3))
    result = sp.conjugate_graph(model)
    assert [step.variables for step in sp.steps(result) if step.taken] == [("q", "y")]


REFUSED = {
    "twice the number": lambda pm, t, kw: pm.Multinomial("y", n=2 * pm.Poisson("N", MU), p=Q, observed=2 * Y, **kw(3)),
    "numbers of two vectors": lambda pm, t, kw: pm.Multinomial(
        "y", n=pm.Poisson("N", MU), p=Q, observed=np.stack([Y, Y]), **kw(2, 3)
    ),
    "total size": lambda pm, t, kw: pm.Multinomial("y", n=pm.Poisson("N", MU), p=Q, observed=Y, total_size=30, **kw(3)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(backend, name):
    def kw(*lengths):
        return {"shape": lengths} if backend.name == "theano" else {}

    model = built(backend, lambda pm, t: REFUSED[name](pm, t, kw))
    result = sp.conjugate_graph(model)
    assert result is model and all(step.reason for step in sp.steps(result))
