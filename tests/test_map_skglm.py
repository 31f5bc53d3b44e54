"""Regressions that are handed over to skglm come back the same as from this library's own solver."""

import numpy as np
import pytest

import symbolic_pymc as sp
from symbolic_pymc import map as maps
from symbolic_pymc.errors import ArgumentError
from symbolic_pymc.proximal import skglm as hand_over
from symbolic_pymc.proximal.compiled import Layout
from symbolic_pymc.proximal.skglm import regression_of

pytestmark = pytest.mark.filterwarnings("ignore")

rng = np.random.default_rng(2)
N, P = 80, 12
X = rng.normal(size=(N, P))
MEAN = X @ np.r_[1.0, -1.0, 0.5, np.zeros(P - 3)]
Y = MEAN + rng.normal(size=N)
SIGNS, COUNTS = (Y > 0).astype("int64"), rng.poisson(np.exp(0.5 * MEAN))
WEIGHTS = np.linspace(0.05, 0.3, P)
F = np.float64


def least_squares(backend, beta):
    backend.pm.Normal("y", backend.tensor.dot(X, beta), F(0.5), observed=Y)


def several_errors(backend, beta):
    backend.pm.Normal("y", F(0.3) + backend.tensor.dot(X, beta), np.linspace(0.5, 2.0, N), observed=Y)


def logistic(backend, beta):
    backend.pm.Bernoulli("y", logit_p=backend.tensor.dot(X, beta), observed=SIGNS)


def counts(backend, beta):
    backend.pm.Poisson("y", backend.tensor.exp(backend.tensor.dot(X, beta)), observed=COUNTS)


def laplace(backend):
    return backend.pm.Laplace("beta", F(0), F(0.1), shape=P)


def of_their_own(backend):
    return backend.pm.Laplace("beta", F(0), WEIGHTS, shape=P)


def positive(backend):
    return backend.pm.Exponential("beta", F(3), shape=P)


def elastic_net(backend):
    beta = backend.pm.Laplace("beta", F(0), F(0.1), shape=P)
    backend.pm.Potential("ridge", F(-2) * backend.tensor.sum(beta**2))
    return beta


def concave(backend):
    """The minimax concave penalty, 5 |x| - x^2 / 4 up to 10."""
    beta, t = backend.pm.Flat("beta", shape=P), backend.tensor
    x = abs(beta)
    backend.pm.Potential("mcp", -t.sum(t.switch(x <= F(10), F(5) * x - x**2 / F(4), F(25))))
    return beta


LOSSES = {
    least_squares: "Quadratic",
    several_errors: "Quadratic",
    logistic: "Logistic",
    counts: "Poisson",
}
PENALTIES = {
    laplace: "L1",
    of_their_own: "WeightedL1",
    positive: "L1",
    elastic_net: "L1_plus_L2",
    concave: "MCPenalty",
}
CASES = [(loss, penalty) for loss in LOSSES for penalty in PENALTIES]


def built(backend, loss, penalty):
    with backend.pm.Model() as model:
        loss(backend, penalty(backend))
    return model


@pytest.mark.parametrize("loss, penalty", CASES, ids=lambda f: f.__name__)
def test_what_is_handed_over(backend, loss, penalty):
    """The objective of skglm, written out in NumPy, is that of the model over `scale`, up to a constant."""
    split = sp.split(built(backend, loss, penalty))
    with split.objective.adapter.build_context():
        r = regression_of(split, Layout({"beta": np.zeros(P)}))
    assert (r.loss, r.penalty) == (LOSSES[loss], PENALTIES[penalty])
    points = 0.3 * np.abs(rng.normal(size=(4, P)))
    theirs = [r.scale * (LOSS[r.loss](r, x) + PENALTY[r.penalty](x, **r.arguments)) for x in points]
    ours = [r.problem.value(x) + r.problem.penalty(x) for x in points]
    np.testing.assert_allclose(np.ptp(np.subtract(theirs, ours)), 0.0, atol=1e-9)


LOSS = {
    "Quadratic": lambda r, x: np.sum((r.target - r.design @ x) ** 2) / (2 * N),
    "Logistic": lambda r, x: np.mean(np.log1p(np.exp(-r.target * (r.design @ x)))),
    "Poisson": lambda r, x: np.mean(np.exp(r.design @ x) - r.target * (r.design @ x)),
}


def _concave(x, alpha, gamma):
    x = np.abs(x)
    return np.sum(np.where(x <= gamma * alpha, alpha * x - x**2 / (2 * gamma), gamma * alpha**2 / 2))


PENALTY = {
    "L1": lambda x, alpha, positive=False: alpha * np.abs(x).sum(),
    "WeightedL1": lambda x, alpha, weights: alpha * np.sum(weights * np.abs(x)),
    "L1_plus_L2": lambda x, alpha, l1_ratio: alpha * np.sum(l1_ratio * np.abs(x) + (1 - l1_ratio) * x**2 / 2),
    "MCPenalty": _concave,
}


def intercept(backend):
    pm = backend.pm
    level, beta = pm.Flat("level"), pm.Laplace("beta", F(0), F(0.1), shape=P)
    pm.Normal("y", level + backend.tensor.dot(X, beta), F(1), observed=Y)


def exposures(backend):
    beta = laplace(backend)
    rate = np.linspace(1.0, 2.0, N) * backend.tensor.exp(backend.tensor.dot(X, beta))
    backend.pm.Poisson("y", rate, observed=COUNTS)


def another_loss(backend):
    backend.pm.StudentT("y", nu=F(4), mu=backend.tensor.dot(X, laplace(backend)), sigma=F(1), observed=Y)


def another_penalty(backend):
    least_squares(backend, backend.pm.Gamma("beta", F(2), F(3), shape=P))


def twice(backend):
    beta = laplace(backend)
    least_squares(backend, beta)
    backend.pm.Normal("z", backend.tensor.dot(X[:, ::-1], beta), F(1), observed=Y)


def no_product(backend):
    backend.pm.Normal("y", laplace(backend), F(1), observed=Y[:P])


def products_of_parts(backend):
    """The first half of the matrix has the coefficients, and the second half again."""
    beta, dot = laplace(backend), backend.tensor.dot
    backend.pm.Normal("y", dot(X, beta) + dot(X[::-1], beta), F(1), observed=Y)


@pytest.mark.parametrize(
    "build", [intercept, exposures, another_loss, another_penalty, twice, no_product, products_of_parts]
)
def test_what_is_not(backend, build, monkeypatch):
    monkeypatch.setattr(maps, "find_spec", lambda name: True)
    with backend.pm.Model() as model:
        build(backend)
    with pytest.raises(ArgumentError, match="'skglm' takes squares"):
        sp.find_map(model, solver="skglm")


def test_small_data_are_not_handed_over(backend, monkeypatch):
    model = built(backend, least_squares, laplace)
    assert sp.find_map(model).solver == "fista"
    monkeypatch.setattr(hand_over, "find_spec", lambda name: None)
    monkeypatch.setattr(hand_over, "LARGE", 1)
    assert sp.find_map(model).solver == "fista"


def test_without_skglm(backend, monkeypatch):
    monkeypatch.setattr(maps, "find_spec", lambda name: None)
    with pytest.raises(ArgumentError, match="skglm is not installed"):
        sp.find_map(built(backend, least_squares, laplace), solver="skglm")


@pytest.mark.parametrize("loss, penalty", CASES, ids=lambda f: f.__name__)
def test_the_estimate_is_the_same(backend, loss, penalty, monkeypatch):
    pytest.importorskip("skglm")
    monkeypatch.setattr(hand_over, "LARGE", 1)
    model = built(backend, loss, penalty)
    theirs, ours = sp.find_map(model), sp.find_map(model, solver="fista")
    assert theirs.solver == "skglm" and theirs.status == ours.status == "converged"
    if penalty is not concave:
        np.testing.assert_allclose(theirs["beta"], ours["beta"], atol=1e-6)
        assert np.array_equal(theirs["beta"] == 0, ours["beta"] == 0)
    assert theirs.iterations <= 25
    assert np.all(theirs.path[0][1]["beta"] == 0.0)  # the start is left as it is
    assert theirs.objective[-1] <= ours.objective[-1] + 1e-7 * abs(ours.objective[-1])
