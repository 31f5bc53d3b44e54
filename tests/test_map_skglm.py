"""Regressions that are handed over to skglm come back the same as from this library's own solver."""

import numpy as np
import pytest

import symbolic_pymc as sp
from symbolic_pymc.errors import ArgumentError
from symbolic_pymc.proximal import estimator, regressions
from symbolic_pymc.proximal.compiled import Layout
from symbolic_pymc.proximal.regressions import regression_of

pytestmark = pytest.mark.filterwarnings("ignore")

rng = np.random.default_rng(2)
N, P = 80, 12
X = rng.normal(size=(N, P))
MEAN = X @ np.r_[1.0, -1.0, 0.5, np.zeros(P - 3)]
Y = MEAN + rng.normal(size=N)
SIGNS, COUNTS = (Y > 0).astype("int64"), rng.poisson(np.exp(0.5 * MEAN))
WEIGHTS = np.linspace(0.05, 0.3, P)
F = np.float64


def product(backend, beta):
    return backend.tensor.dot(X, beta if beta.ndim == 1 else beta.flatten())


def least_squares(backend, mean):
    backend.pm.Normal("y", mean, F(0.5), observed=Y)


def several_errors(backend, mean):
    backend.pm.Normal("y", F(0.3) + mean, np.linspace(0.5, 2.0, N), observed=Y)


def logistic(backend, mean):
    backend.pm.Bernoulli("y", logit_p=mean, observed=SIGNS)


def counts(backend, mean):
    backend.pm.Poisson("y", backend.tensor.exp(mean), observed=COUNTS)


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


def clipped(backend):
    """The smoothly clipped absolute deviation, 5 |x| up to 1/2, constant from 2."""
    beta, t = backend.pm.Flat("beta", shape=P), backend.tensor
    x = abs(beta)
    bent = F(5) * x - F(5 / 3) * (x - F(0.5)) ** 2
    backend.pm.Potential("scad", -t.sum(t.switch(x <= F(0.5), F(5) * x, t.switch(x <= F(2), bent, F(6.25)))))
    return beta


def group_lasso(backend):
    """Four groups of three, each with a weight of its own."""
    beta, t = backend.pm.Flat("beta", shape=(4, 3)), backend.tensor
    backend.pm.Potential("groups", -t.sum(np.array([2.0, 9.0, 5.0, 4.0]) * t.sqrt(t.sum(beta**2, axis=1))))
    return beta


def columns(backend):
    """The columns of a matrix are groups of equal weight."""
    beta, t = backend.pm.Flat("beta", shape=(4, 3)), backend.tensor
    backend.pm.Potential("groups", -F(6) * t.sum(t.sqrt(t.sum(beta**2, axis=0))))
    return beta


def slices(backend):
    """Two groups, written one by one, and coefficients between them that have no penalty."""
    beta, t = backend.pm.Flat("beta", shape=P), backend.tensor
    backend.pm.Potential("groups", -F(4) * t.sqrt(t.sum(beta[:5] ** 2)) - F(7) * t.sqrt(t.sum(beta[-4:] ** 2)))
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
    clipped: "SCAD",
    group_lasso: "WeightedGroupL2",
    columns: "WeightedGroupL2",
    slices: "WeightedGroupL2",
}
NOT_CONVEX = (concave, clipped)
CASES = [(loss, penalty, level) for loss in LOSSES for penalty in PENALTIES for level in (False, True)]


def built(backend, loss, penalty, level=False):
    with backend.pm.Model() as model:
        above = backend.pm.Flat("above") if level else F(0)
        loss(backend, above + product(backend, penalty(backend)))
    return model


def name_of(value):
    return ("level" if value else "none") if isinstance(value, bool) else value.__name__


@pytest.mark.parametrize("loss, penalty, level", CASES, ids=name_of)
def test_what_is_handed_over(backend, loss, penalty, level):
    """The objective of skglm, written out in NumPy, is that of the model over `scale`, up to a constant."""
    split = sp.split(built(backend, loss, penalty, level))
    layout = Layout({name: np.zeros(SHAPES[penalty, name]) for name in split.objective.inputs})
    with split.objective.adapter.build_context():
        r = regression_of(split, layout)
    assert (r.loss.replace("Group", ""), r.penalty) == (LOSSES[loss], PENALTIES[penalty])
    points = 0.3 * np.abs(rng.normal(size=(4, P + level)))
    coefficients = [r.lowered(x) for x in points]
    points = [r.lifted(w) for w in coefficients]  # where skglm leaves the level to us, it is the best one
    sums = [PENALTY[r.penalty](w[: P + is_weighted(r)], **r.arguments, **r.groups) for w in coefficients]
    theirs = [r.scale * (LOSS[LOSSES[loss]](r.target, r.product(w)) + s) for w, s in zip(coefficients, sums)]
    ours = [r.problem.value(x) + r.problem.penalty(x) for x in points]
    np.testing.assert_allclose(np.ptp(np.subtract(theirs, ours)), 0.0, atol=1e-9)
    for x in points if level else ():
        gradient = layout.values(r.problem.gradient(x)[1])["above"]
        assert r.has_level or abs(gradient) < 1e-9


SHAPES = {(penalty, "beta"): (4, 3) if penalty in (group_lasso, columns) else P for penalty in PENALTIES}
SHAPES |= {(penalty, "above"): () for penalty in PENALTIES}
LOSS = {
    "Quadratic": lambda y, a: np.sum((y - a) ** 2) / (2 * N),
    "Logistic": lambda y, a: np.mean(np.log1p(np.exp(-y * a))),
    "Poisson": lambda y, a: np.mean(np.exp(a) - y * a),
}


@pytest.mark.parametrize("loss", LOSSES, ids=name_of)
@pytest.mark.parametrize("penalty", [laplace, of_their_own, concave], ids=name_of)
def test_a_trend_without_a_penalty(backend, loss, penalty, monkeypatch):
    """What one number is multiplied with differs among the data; only sums of sizes bear that, if not of squares."""
    monkeypatch.setattr(estimator, "find_spec", lambda name: True)
    with backend.pm.Model() as model:
        trend = np.linspace(-1.0, 1.0, N) * backend.pm.Flat("above")
        loss(backend, trend + product(backend, penalty(backend)))
    split = sp.split(model)
    layout = Layout({"beta": np.zeros(P), "above": np.zeros(())})
    with split.objective.adapter.build_context():
        r = regression_of(split, layout)
    if penalty is concave and LOSSES[loss] != "Quadratic":
        assert r is None
        return
    x = r.lifted(r.lowered(0.3 * rng.normal(size=P + 1)))
    names = layout.values(x)
    mean = np.linspace(-1.0, 1.0, N) * names["above"] + X @ names["beta"]
    if r.level.is_column:
        assert r.penalty == "WeightedL1" and r.arguments["weights"][-1] == 0.0
        np.testing.assert_allclose(r.product(r.lowered(x)), mean, rtol=1e-12, atol=1e-12)
    else:
        assert abs(layout.values(r.problem.gradient(x)[1])["above"]) < 1e-9


def is_weighted(r):
    """Tell whether the level has a column and a weight, zero, of its own."""
    return r.level is not None and r.level.is_column


def _clipped(x, alpha, gamma):
    x = np.abs(x)
    bent = (2 * gamma * alpha * x - x**2 - alpha**2) / (2 * (gamma - 1))
    return np.sum(np.where(x <= alpha, alpha * x, np.where(x <= gamma * alpha, bent, alpha**2 * (gamma + 1) / 2)))


def _lengths(x, alpha, weights, grp_ptr, grp_indices):
    groups = [x[grp_indices[a:b]] for a, b in zip(grp_ptr, grp_ptr[1:])]
    return alpha * sum(w * np.sqrt(np.sum(g**2)) for w, g in zip(weights, groups))


def _concave(x, alpha, gamma):
    x = np.abs(x)
    return np.sum(np.where(x <= gamma * alpha, alpha * x - x**2 / (2 * gamma), gamma * alpha**2 / 2))


PENALTY = {
    "L1": lambda x, alpha, positive=False: alpha * np.abs(x).sum(),
    "WeightedL1": lambda x, alpha, weights: alpha * np.sum(weights * np.abs(x)),
    "L1_plus_L2": lambda x, alpha, l1_ratio: alpha * np.sum(l1_ratio * np.abs(x) + (1 - l1_ratio) * x**2 / 2),
    "MCPenalty": _concave,
    "SCAD": _clipped,
    "WeightedGroupL2": _lengths,
}


def two_levels(backend):
    pm = backend.pm
    above, beyond, beta = pm.Flat("above"), pm.Flat("beyond"), pm.Laplace("beta", F(0), F(0.1), shape=P)
    pm.Normal("y", above + beyond * np.arange(N) + backend.tensor.dot(X, beta), F(1), observed=Y)


def level_with_a_prior(backend):
    pm = backend.pm
    above, beta = pm.Normal("above", F(0), F(1)), pm.Laplace("beta", F(0), F(0.1), shape=P)
    pm.Normal("y", above + backend.tensor.dot(X, beta), F(1), observed=Y)


def positive_with_trend(backend):
    """What is added is not the same for all data, as skglm would have it."""
    mean = backend.pm.Flat("above") * np.linspace(-1.0, 1.0, N) + product(backend, positive(backend))
    logistic(backend, mean)


def clipped_elsewhere(backend):
    """As the smoothly clipped absolute deviation, but the parabola does not end level."""
    beta, t = backend.pm.Flat("beta", shape=P), backend.tensor
    x = abs(beta)
    bent = F(5) * x - (x - F(0.5)) ** 2
    far = F(10 - 2.25)
    backend.pm.Potential("scad", -t.sum(t.switch(x <= F(0.5), F(5) * x, t.switch(x <= F(2), bent, far))))
    least_squares(backend, product(backend, beta))


def groups_that_overlap(backend):
    beta, t = backend.pm.Flat("beta", shape=P), backend.tensor
    backend.pm.Potential("groups", -t.sqrt(t.sum(beta[:7] ** 2)) - t.sqrt(t.sum(beta[5:] ** 2)))
    least_squares(backend, product(backend, beta))


def groups_and_squares(backend):
    beta = group_lasso(backend)
    backend.pm.Potential("ridge", -backend.tensor.sum(beta**2))
    least_squares(backend, product(backend, beta))


def squared_lengths(backend):
    beta, t = backend.pm.Flat("beta", shape=(4, 3)), backend.tensor
    backend.pm.Potential("groups", -t.sum(t.sum(beta**2, axis=1) ** F(0.75)))
    least_squares(backend, product(backend, beta))


def transposed(backend):
    """A product with the coefficients in another order than that of the matrix."""
    least_squares(backend, backend.tensor.dot(X, columns(backend).T.flatten()))


def exposures(backend):
    beta = laplace(backend)
    rate = np.linspace(1.0, 2.0, N) * backend.tensor.exp(backend.tensor.dot(X, beta))
    backend.pm.Poisson("y", rate, observed=COUNTS)


def another_loss(backend):
    backend.pm.StudentT("y", nu=F(4), mu=backend.tensor.dot(X, laplace(backend)), sigma=F(1), observed=Y)


def another_penalty(backend):
    least_squares(backend, product(backend, backend.pm.Gamma("beta", F(2), F(3), shape=P)))


def twice(backend):
    beta = laplace(backend)
    least_squares(backend, product(backend, beta))
    backend.pm.Normal("z", backend.tensor.dot(X[:, ::-1], beta), F(1), observed=Y)


def no_product(backend):
    backend.pm.Normal("y", laplace(backend), F(1), observed=Y[:P])


def products_of_parts(backend):
    """The first half of the matrix has the coefficients, and the second half again."""
    beta, dot = laplace(backend), backend.tensor.dot
    backend.pm.Normal("y", dot(X, beta) + dot(X[::-1], beta), F(1), observed=Y)


REFUSED = (
    two_levels, level_with_a_prior, positive_with_trend, clipped_elsewhere, groups_that_overlap, groups_and_squares,
    squared_lengths, transposed, exposures, another_loss, another_penalty, twice, no_product, products_of_parts,
)  # fmt: skip


@pytest.mark.parametrize("build", REFUSED)
def test_what_is_not(backend, build, monkeypatch):
    monkeypatch.setattr(estimator, "find_spec", lambda name: True)
    with backend.pm.Model() as model:
        build(backend)
    with pytest.raises(ArgumentError, match="'skglm' takes squares"):
        sp.find_map(model, solver="skglm")


def test_small_data_are_not_handed_over(backend, monkeypatch):
    model = built(backend, least_squares, laplace)
    assert sp.find_map(model).solver == "fista"
    monkeypatch.setattr(regressions, "find_spec", lambda name: None)
    monkeypatch.setattr(regressions, "LARGE", 1)
    assert sp.find_map(model).solver == "fista"


def test_without_skglm(backend, monkeypatch):
    monkeypatch.setattr(estimator, "find_spec", lambda name: None)
    with pytest.raises(ArgumentError, match="skglm is not installed"):
        sp.find_map(built(backend, least_squares, laplace), solver="skglm")


ESTIMATES = [(loss, penalty, False) for loss in LOSSES for penalty in PENALTIES if penalty not in (columns, slices)]
ESTIMATES += [(loss, penalty, True) for loss in LOSSES for penalty in (of_their_own, clipped, group_lasso)]


@pytest.mark.parametrize("loss, penalty, level", ESTIMATES, ids=name_of)
def test_the_estimate_is_the_same(backend, loss, penalty, level, monkeypatch):
    pytest.importorskip("skglm")
    monkeypatch.setattr(regressions, "LARGE", 1)
    model = built(backend, loss, penalty, level)
    theirs, ours = sp.find_map(model), sp.find_map(model, solver="fista")
    assert theirs.solver == "skglm" and theirs.status == ours.status == "converged"
    assert theirs.optimum == ("critical point" if penalty in NOT_CONVEX else "global")
    if penalty not in NOT_CONVEX:
        for name in theirs.active:
            np.testing.assert_allclose(theirs[name], ours[name], atol=1e-6)
        assert np.array_equal(theirs["beta"] == 0, ours["beta"] == 0)
    assert theirs.iterations <= 25
    assert np.all(theirs.path[0][1]["beta"] == 0.0)  # the start is left as it is
    assert theirs.objective[-1] <= ours.objective[-1] + 1e-7 * abs(ours.objective[-1])


def test_a_wrong_answer_is_not_believed(backend, monkeypatch):
    """Where the package says nonsense, the estimate is our own."""
    solvers = pytest.importorskip("skglm.solvers")
    model = built(backend, least_squares, laplace)
    ours = sp.find_map(model, solver="fista")
    for nonsense in (np.full(P, np.nan), np.full(P, 1e3), np.zeros(P)):
        monkeypatch.setattr(solvers.AndersonCD, "solve", lambda *args, w=nonsense: (w, [], 0.0))
        theirs = sp.find_map(model, solver="skglm")
        assert theirs.status == "converged"
        np.testing.assert_allclose(theirs["beta"], ours["beta"], atol=1e-7)
