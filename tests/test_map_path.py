"""Estimates along a path, against coordinate descent, an independent one, and against estimates one at a time."""

import numpy as np
import pytest

import symbolic_pymc as sp
from symbolic_pymc import path as paths
from symbolic_pymc.errors import ArgumentError, NotFiniteError, SymbolicPyMCError
from symbolic_pymc.proximal import estimator, regressions

pytestmark = pytest.mark.filterwarnings("ignore")

rng = np.random.default_rng(5)
N, P = 60, 8
X = rng.normal(size=(N, P))
Y = X @ np.r_[2.0, -1.0, 0.5, np.zeros(P - 3)] + rng.normal(size=N)
LARGEST = np.abs(X.T @ Y).max()
WEIGHTS = LARGEST * np.array([1.1, 0.7, 0.3, 0.1, 0.03, 0.001])
F = np.float64


def coordinate_descent(weight, ridge=0.0):
    """Return the coefficients of an elastic net."""
    b, lengths = np.zeros(P), np.sum(X**2, axis=0)
    for _ in range(5000):
        before = b.copy()
        for j in range(P):
            z = X[:, j] @ (Y - X @ b) + lengths[j] * b[j]
            b[j] = np.sign(z) * max(abs(z) - weight, 0.0) / (lengths[j] + ridge)
        if np.max(np.abs(b - before)) < 1e-14:
            break
    return b


def with_data(backend):
    """The scale of the prior is a number that the user may set."""
    with backend.pm.Model() as model:
        scale = backend.pm.Data("scale", F(0.5))
        beta = backend.pm.Laplace("beta", F(0), scale, shape=P)
        backend.pm.Normal("y", backend.tensor.dot(X, beta), F(1), observed=Y)
    return model


def with_prior(backend):
    """The scale of the prior has one of its own."""
    with backend.pm.Model() as model:
        scale = backend.pm.HalfCauchy("scale", F(1))
        beta = backend.pm.Laplace("beta", F(0), scale, shape=P)
        backend.pm.Normal("y", backend.tensor.dot(X, beta), F(1), observed=Y)
    return model


@pytest.fixture
def once(monkeypatch):
    """Fail where the model is taken apart for each value."""
    monkeypatch.setattr(paths, "find_map", None)


@pytest.mark.parametrize("build", [with_data, with_prior])
def test_lasso(backend, build, once):
    path = sp.find_path(build(backend), "scale", 1.0 / WEIGHTS, tol=1e-10)
    exact = np.array([coordinate_descent(w) for w in WEIGHTS])
    assert list(path) == ["beta"] and len(path) == 1
    np.testing.assert_allclose(path["beta"], exact, atol=1e-6)
    np.testing.assert_array_equal(path.active["beta"], exact != 0.0)
    assert path.status == ("converged",) * len(WEIGHTS) and path.optimum == ("global",) * len(WEIGHTS)
    assert path.solver == ("fista",) * len(WEIGHTS) and path.residual.max() < 1e-6
    assert np.all(path["beta"][0] == 0.0) and np.all(path.active["beta"][-1])


@pytest.mark.parametrize("build", [with_data, with_prior])
def test_it_is_that_of_scikit_learn(backend, build, once):
    linear_model = pytest.importorskip("sklearn.linear_model", reason="of the extra test")
    alphas, theirs, _ = linear_model.lasso_path(X, Y, alphas=WEIGHTS / N, tol=1e-13, max_iter=1_000_000)
    path = sp.find_path(build(backend), "scale", 1.0 / (N * alphas), tol=1e-10)
    np.testing.assert_allclose(path["beta"], theirs.T, atol=1e-6)


def test_where_it_begins_does_not_count(backend):
    """Estimates that begin where the last ended are those that begin at zero, in fewer steps; so in any order."""
    model, scales = with_prior(backend), 1.0 / WEIGHTS
    path = sp.find_path(model, "scale", scales, tol=1e-10)
    back = sp.find_path(model, "scale", scales[::-1], tol=1e-10)
    alone = [sp.find_map(model, start={"scale": s}, vars=["beta"], tol=1e-10) for s in scales]
    for i, one in enumerate(alone):
        np.testing.assert_allclose(path["beta"][i], one["beta"], atol=1e-8)
        np.testing.assert_allclose(back["beta"][-1 - i], one["beta"], atol=1e-8)
        np.testing.assert_array_equal(path["beta"][i] == 0.0, one["beta"] == 0.0)
    assert path.iterations.sum() <= sum(one.iterations for one in alone)


def test_the_objective_is_the_density(backend):
    """The negative log density with all constants, as SciPy has it."""
    from scipy import stats

    path = sp.find_path(with_prior(backend), "scale", [0.05, 2.0])
    for scale, beta, value in zip(path.grid, path["beta"], path.objective):
        logp = stats.halfcauchy(0, 1).logpdf(scale) + stats.laplace(0, scale).logpdf(beta).sum()
        assert value == pytest.approx(-logp - stats.norm(X @ beta, 1).logpdf(Y).sum(), rel=1e-9)


def test_points(backend):
    model = with_prior(backend)
    point = sp.find_path(model, "scale", [0.05, 2.0]).point(1)
    assert point["scale"] == 2.0 and point["beta"].shape == (P,)
    assert point["scale_log__"] == pytest.approx(np.log(2.0))


def test_the_variable_itself_names_it(backend):
    model = with_prior(backend)
    by_name = sp.find_path(model, "scale", [0.1, 0.2])
    np.testing.assert_array_equal(sp.find_path(model, model["scale"], [0.1, 0.2])["beta"], by_name["beta"])
    shared = with_data(backend)
    data = shared["scale"]
    np.testing.assert_allclose(sp.find_path(shared, data, [0.1, 0.2])["beta"], by_name["beta"], atol=1e-9)
    assert data.get_value() == 0.5


def test_noise(backend, once):
    """What is varied may stand in the smooth function; an intercept and a penalty stay as they are."""
    with backend.pm.Model() as model:
        noise = backend.pm.HalfNormal("noise", F(10))
        beta, level = backend.pm.Laplace("beta", F(0), F(0.05), shape=P), backend.pm.Flat("level")
        backend.pm.Normal("y", level + backend.tensor.dot(X, beta), noise, observed=Y)
    path = sp.find_path(model, "noise", [0.5, 1.0, 3.0], tol=1e-10)
    assert set(path) == {"beta", "level"} and path["level"].shape == (3,)
    for i, noise in enumerate(path.grid):
        alone = sp.find_map(model, start={"noise": noise}, vars=["beta", "level"], tol=1e-10)
        np.testing.assert_allclose(path["beta"][i], alone["beta"], atol=1e-8)
        np.testing.assert_allclose(path["level"][i], alone["level"], atol=1e-8)


def test_groups(backend, once):
    with backend.pm.Model() as model:
        weight, t = backend.pm.Data("weight", F(1.0)), backend.tensor
        beta = backend.pm.Flat("beta", shape=(4, 2))
        backend.pm.Potential("groups", -weight * t.sum(t.sqrt(t.sum(beta**2, axis=1))))
        backend.pm.Normal("y", t.dot(X, beta.flatten()), F(1), observed=Y)
    gradient = np.sqrt(np.sum((X.T @ Y).reshape(4, 2) ** 2, axis=1)).max()
    path = sp.find_path(model, "weight", gradient * np.array([1.01, 0.99, 0.1]))
    assert [int(np.any(path.active["beta"][i], axis=1).sum()) for i in range(2)] == [0, 1]
    slopes = X.T @ (X @ path["beta"][2].ravel() - Y)
    lengths = np.sqrt(np.sum(path["beta"][2] ** 2, axis=1, keepdims=True))
    wanted = -path.grid[2] * path["beta"][2] / np.where(lengths > 0, lengths, 1.0)
    np.testing.assert_allclose(slopes.reshape(4, 2)[lengths[:, 0] > 0], wanted[lengths[:, 0] > 0], atol=1e-5)


def test_what_is_not_convex_is_taken_apart_for_each(backend):
    """Whether the minimax concave penalty makes up for the squares depends on its weight; a path says critical point."""
    with backend.pm.Model() as model:
        weight, t = backend.pm.Data("weight", F(1.0)), backend.tensor
        x = abs(backend.pm.Flat("beta", shape=P))
        bent = weight * x - x**2 / F(4)
        backend.pm.Potential("mcp", -t.sum(t.switch(x <= F(2) * weight, bent, weight**2)))
        backend.pm.Normal("y", t.dot(X, model["beta"]), F(1), observed=Y)
    path = sp.find_path(model, "weight", [30.0, 3.0])
    assert path.optimum == ("critical point",) * 2
    assert model["weight"].get_value() == 1.0
    for weight, beta in zip(path.grid, path["beta"]):
        slope = X.T @ (X @ beta - Y)
        inside = (beta != 0.0) & (np.abs(beta) < 2 * weight)
        np.testing.assert_allclose(slope[inside], (-weight * np.sign(beta) + beta / 2)[inside], atol=1e-5)
        assert np.all(np.abs(slope[beta == 0.0]) <= weight + 1e-6)


def test_a_location(backend):
    """Values that are not all positive are taken one by one."""
    with backend.pm.Model() as model:
        centre = backend.pm.Data("centre", F(0.0))
        beta = backend.pm.Laplace("beta", centre, F(0.02), shape=P)
        backend.pm.Normal("y", backend.tensor.dot(X, beta), F(1), observed=Y)
    path = sp.find_path(model, "centre", [-1.0, 0.0, 1.0])
    assert path.status == ("converged",) * 3
    for centre, beta, active in zip(path.grid, path["beta"], path.active["beta"]):
        np.testing.assert_array_equal(beta[~active], centre)
        assert not np.all(active)


def test_a_location_that_is_positive(backend, once):
    """Where the elements are held moves with what is varied."""
    with backend.pm.Model() as model:
        centre = backend.pm.Data("centre", F(1.0))
        beta = backend.pm.Laplace("beta", centre, F(0.02), shape=P)
        backend.pm.Normal("y", backend.tensor.dot(X, beta), F(1), observed=Y)
    path = sp.find_path(model, "centre", [0.25, 0.5, 1.0], tol=1e-10)
    assert path.status == ("converged",) * 3
    for centre, beta, active in zip(path.grid, path["beta"], path.active["beta"]):
        np.testing.assert_allclose(beta[~active], centre, rtol=1e-15)
        slope = X.T @ (X @ beta - Y)
        assert 0 < active.sum() < P and np.all(np.abs(slope[~active]) <= 50.0)
        np.testing.assert_allclose(slope[active], -50.0 * np.sign(beta - centre)[active], atol=1e-6)


def test_it_is_handed_to_skglm(backend, once, monkeypatch):
    pytest.importorskip("skglm")
    monkeypatch.setattr(regressions, "LARGE", 1)
    path = sp.find_path(with_data(backend), "scale", 1.0 / WEIGHTS, tol=1e-10)
    assert path.solver == ("skglm",) * len(WEIGHTS)
    np.testing.assert_allclose(path["beta"], [coordinate_descent(w) for w in WEIGHTS], atol=1e-6)


def test_numbers_for_skglm_are_those_of_each_value(backend, monkeypatch):
    """What would be handed over has the weight of the place in the path."""
    seen = []

    def spied(regression, x, tol, limit, watch):
        seen.append(regression.arguments["alpha"] * regression.scale)
        return estimator.fista(regression.problem, x, tol, limit, watch)

    monkeypatch.setattr(estimator, "find_spec", lambda name: True)
    monkeypatch.setitem(estimator.SOLVERS, "skglm", (estimator.SOLVERS["skglm"][0], spied))
    path = sp.find_path(with_data(backend), "scale", 1.0 / WEIGHTS, solver="skglm", tol=1e-10)
    np.testing.assert_allclose(seen, WEIGHTS, rtol=1e-12)
    np.testing.assert_allclose(path["beta"], [coordinate_descent(w) for w in WEIGHTS], atol=1e-6)


@pytest.mark.parametrize("values", [[], 3.0, [[1.0]], [np.nan], [1.0, np.inf], ["much"]])
def test_grids_that_are_none(backend, values):
    with pytest.raises(ArgumentError, match="^values"):
        sp.find_path(with_data(backend), "scale", values)


def test_parameters_that_are_none(backend):
    model = with_data(backend)
    with pytest.raises(ArgumentError, match="parameter: nothing is no shared variable and no unknown"):
        sp.find_path(model, "nothing", [1.0])
    with pytest.raises(ArgumentError, match="parameter: beta is an array"):
        sp.find_path(model, "beta", [1.0])
    with pytest.raises(ArgumentError, match="nothing is left to look for"):
        sp.find_path(with_prior(backend), "scale", [1.0], vars=["scale"])
    with pytest.raises(ArgumentError, match="solver"):
        sp.find_path(model, "scale", [1.0], solver="newton")
    with pytest.raises(ArgumentError, match="start"):
        sp.find_path(model, "scale", [1.0], start={"gamma": 1.0})


@pytest.mark.parametrize("build", [with_data, with_prior])
@pytest.mark.parametrize("values", [[0.5, 0.0], [-0.5], [0.1, -0.1]])
def test_scales_that_are_not_positive(backend, build, values):
    model = build(backend)
    with pytest.raises(SymbolicPyMCError):
        sp.find_path(model, "scale", values)
    if build is with_data:
        assert model["scale"].get_value() == 0.5


def test_a_value_without_a_density(backend):
    with backend.pm.Model() as model:
        scale = backend.pm.Uniform("scale", F(0.1), F(1.0))
        beta = backend.pm.Laplace("beta", F(0), scale, shape=P)
        backend.pm.Normal("y", backend.tensor.dot(X, beta), F(1), observed=Y)
    assert sp.find_path(model, "scale", [0.2, 0.9]).status == ("converged",) * 2
    with pytest.raises(NotFiniteError, match="scale"):
        sp.find_path(model, "scale", [0.2, 3.0])


def test_no_iterations(backend):
    path = sp.find_path(with_data(backend), "scale", [0.1, 0.2], limit=0)
    assert path.status == ("iteration limit",) * 2 and path.optimum == ("none",) * 2


def test_picture(backend):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    path = sp.find_path(with_data(backend), "scale", 1.0 / WEIGHTS)
    above, below = path.plot()
    assert len(above.lines) == P and above.get_xscale() == "log" and below.get_xlabel() == "scale"
    np.testing.assert_array_equal(np.sort(above.lines[-1].get_ydata()), np.sort(path["beta"][:, 0]))
    matplotlib.pyplot.close(above.figure)
