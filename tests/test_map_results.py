"""What a MAP estimate tells of itself: what was held, what is active, the gap, the split as LaTeX, a picture."""

import re

import numpy as np
import pytest

import symbolic_pymc as sp

pytestmark = pytest.mark.filterwarnings("ignore")

rng = np.random.default_rng(3)
N, P = 50, 6
X = rng.normal(size=(N, P))
Y = X @ np.r_[2.0, -1.0, np.zeros(P - 2)] + 0.5 + 0.3 * rng.normal(size=N)
SIGNS, COUNTS = (Y > 0).astype("int64"), rng.poisson(2.0, size=N)
zero, one, ten = map(np.float64, (0.0, 1.0, 10.0))


def lasso(backend, scale=0.1):
    pm = backend.pm
    with pm.Model() as model:
        beta = pm.Laplace("beta", zero, np.float64(scale), shape=P)
        level = pm.Normal("level", zero, one)
        pm.Normal("y", level + backend.tensor.dot(X, beta), one, observed=Y)
    return model


def objective(beta, level):
    return 0.5 * np.sum((Y - level - X @ beta) ** 2) + 10 * np.abs(beta).sum() + 0.5 * level**2


def test_what_is_not_asked_for_is_held(backend):
    model = lasso(backend)
    result = sp.find_map(model, vars=["beta"], start={"level": np.array(0.7)}, tol=1e-10)
    assert result["level"] == 0.7 and set(result.active) == {"beta"}
    slopes = X.T @ (Y - 0.7 - X @ result["beta"])
    active = result.active["beta"]
    np.testing.assert_allclose(slopes[active], 10 * np.sign(result["beta"][active]), rtol=1e-8)
    assert np.all(np.abs(slopes[~active]) <= 10) and np.all(result["beta"][~active] == 0) and 0 < active.sum() < P


def test_what_is_held_without_a_start_is_where_the_model_begins(backend):
    pm = backend.pm
    with pm.Model() as model:
        scale = pm.HalfNormal("scale", one)
        beta = pm.Laplace("beta", zero, np.float64(0.1), shape=P)
        pm.Normal("y", backend.tensor.dot(X, beta), scale, observed=Y)
    begin = getattr(model, "test_point", None) or model.initial_point()
    result = sp.find_map(model, vars=[model["beta"]])
    np.testing.assert_allclose(result["scale"], np.exp(begin["scale_log__"]))
    np.testing.assert_allclose(result["scale_log__"], begin["scale_log__"], atol=1e-12)
    assert result.curvature == "convex"


def test_an_estimate_is_a_start(backend):
    with backend.pm.Model() as model:
        beta = backend.pm.Exponential("beta", one, shape=P)
        backend.pm.Deterministic("mean", backend.tensor.dot(X, beta))
        backend.pm.Normal("y", backend.tensor.dot(X, beta), one, observed=Y)
    first = sp.find_map(model, tol=1e-10)
    again = sp.find_map(model, start=first, tol=1e-10)
    assert again.iterations <= 2
    np.testing.assert_allclose(again["beta"], first["beta"], atol=1e-8)
    walked = {"beta_log__": np.log(np.full(P, 0.25))}
    assert sp.find_map(model, start=walked, limit=0)["beta"] == pytest.approx(np.full(P, 0.25))


@pytest.mark.parametrize("kind", ["normal", "bernoulli", "poisson"])
def test_the_gap_bounds_the_distance_to_the_optimum(backend, kind):
    pm = backend.pm
    with pm.Model() as model:
        beta = pm.Laplace("beta", zero, np.float64(0.2), shape=P)
        pm.Potential("ridge", -0.5 * (beta**2).sum())
        mean = backend.tensor.dot(X, beta)
        if kind == "normal":
            pm.Normal("y", mean, one, observed=Y)
        elif kind == "bernoulli":
            pm.Bernoulli("y", logit_p=mean, observed=SIGNS)
        else:
            pm.Poisson("y", backend.tensor.exp(mean), observed=COUNTS)
    best = sp.find_map(model, tol=1e-11)
    assert 0 <= best.gap + 1e-9 and best.gap < 1e-8
    for limit in (0, 1, 2, 4):
        early = sp.find_map(model, limit=limit, start={"beta": np.full(P, 0.1)})
        assert early.status == "iteration limit" or limit > 1
        if limit:
            assert early.objective[-1] - best.objective[-1] <= early.gap + 1e-9
        assert early.gap > 0 or early.residual <= 1e-12


def test_the_gap_of_an_estimate_is_no_larger_than_that_of_its_scaled_residuals(backend):
    """The dual of least squares with ten |beta| is written out: residuals that are scaled are one of its points."""
    with backend.pm.Model() as model:
        beta = backend.pm.Laplace("beta", zero, np.float64(0.1), shape=P)
        backend.pm.Normal("y", backend.tensor.dot(X, beta), one, observed=Y)
    result = sp.find_map(model, limit=1, start={"beta": np.ones(P)})
    errors = Y - X @ result["beta"]
    dual = errors * min(1.0, 10 / np.abs(X.T @ errors).max())
    primal = 0.5 * errors @ errors + 10 * np.abs(result["beta"]).sum()
    best = sp.find_map(model, tol=1e-10)["beta"]
    distance = primal - 0.5 * np.sum((Y - X @ best) ** 2) - 10 * np.abs(best).sum()
    bound = primal - (dual @ Y - 0.5 * dual @ dual)
    assert distance - 1e-9 <= result.gap <= bound + 1e-9 and bound > 0.01


def test_no_gap_is_told_where_there_is_none(backend):
    with backend.pm.Model() as model:
        beta = backend.pm.Laplace("beta", zero, one, shape=P)
        backend.pm.StudentT("y", nu=np.float64(4.0), mu=backend.tensor.dot(X, beta), sigma=one, observed=Y)
    assert sp.find_map(model).gap is None


def test_the_split_as_mathematics(backend):
    result = sp.find_map(lasso(backend))
    text = result.latex()
    assert text == result._repr_latex_() == sp.split(lasso(backend)).latex()
    assert r"\phi_{\beta}(\beta) = \sum_{i} 10 \left|\beta_{i}\right|" in text
    assert re.search(r"l\(.*\) = .*A \\, \\beta", text)
    assert "nan" not in text and len(text) < 1500
    assert repr(result.split).splitlines()[0] == "Split of an objective that is convex"
    assert "penalty on beta: beta" in repr(result.split)


def test_pieces_as_mathematics(backend):
    pm = backend.pm
    with pm.Model() as model:
        pm.Uniform("u", np.float64(-1.0), np.float64(2.0))
        pm.AsymmetricLaplace("a", b=one, kappa=np.float64(2.0), mu=np.float64(0.5))
        pm.Gamma("g", np.float64(3.0), np.float64(2.0))
    text = sp.split(model).latex()
    assert r"\begin{cases}\infty & u < -1 \\ 0 & -1 \le u < 2 \\ \infty & u \ge 2\end{cases}" in text
    assert r"\begin{cases}-0.5 a & a < 0.5 \\ 2 a & a \ge 0.5\end{cases}" in text
    assert re.search(r"\\infty & g < 0 \\\\ .*2 g.* & g \\ge 0", text) and r"- 2 \log g" in text


def test_a_density_is_split_without_its_model(backend):
    tensor = backend.tensor
    beta = tensor.vector("beta")
    logp = -0.5 * tensor.sum((Y - tensor.dot(X, beta)) ** 2) - 3.0 * tensor.sum(abs(beta))
    found = sp.split(logp)
    assert list(found.penalties) == ["beta"] and len(found.smooth) == 1 and found.curvature == "convex"
    assert r"3 \left|\beta_{i}\right|" in found.latex()


def test_the_density_of_a_model_is_split(backend):
    with backend.pm.Model() as model:
        beta = backend.pm.Laplace("beta", zero, one, shape=P)
        backend.pm.Normal("level", zero, one)
        backend.pm.Normal("y", backend.tensor.dot(X, beta), one, observed=Y)
    logp = model.logpt if backend.name == "theano" else model.logp()
    found = sp.split(logp)
    assert list(found.penalties) == ["beta"] and found.curvature == "convex"
    part = sp.split(model, wrt=["beta"])
    assert list(part.objective.inputs) == list(part.penalties) == ["beta"]
    assert len(part.smooth) == 1


def test_the_picture(backend, tmp_path):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("Agg")
    result = sp.find_map(lasso(backend))
    axes = result.plot()
    drawn = axes[2].get_lines()
    assert sum(len(line.get_xdata()) for line in drawn) == P + 1
    zeros = np.sum(result["beta"] == 0)
    labels = [text.get_text() for text in axes[2].get_legend().get_texts()]
    assert labels == [f"{P + 1 - zeros} free", f"{zeros} at a knot"]
    assert len(axes[1].get_lines()) == P + 1
    ends = [line.get_ydata()[-1] for line in axes[1].get_lines()]
    np.testing.assert_allclose(ends[-1], result["beta"][np.abs(result["beta"]).argmax()])
    axes[0].figure.savefig(tmp_path / "map.png")
    pyplot.close("all")


def test_progress_is_for_terminals(backend, capsys, monkeypatch):
    sp.find_map(lasso(backend))
    assert capsys.readouterr().err == ""
    import sys

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    sp.find_map(lasso(backend), progressbar=False)
    assert capsys.readouterr().err == ""
    sp.find_map(lasso(backend))
    assert re.match(r"\riteration \d+, objective \d+", capsys.readouterr().err)


def test_the_path_ends_at_the_estimate(backend):
    result = sp.find_map(lasso(backend))
    steps = [i for i, _ in result.path]
    assert steps == sorted(steps) and len(steps) <= 66
    np.testing.assert_array_equal(result.path[-1][1]["beta"], result["beta"])
    assert objective(**{n: result[n] for n in ("beta", "level")}) <= objective(**result.path[0][1]) + 1e-12
