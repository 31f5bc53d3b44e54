"""Scales that are unknown, by their logarithms, and that nothing is lost when a density is taken apart."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import halfcauchy, halfnorm, invgamma

import symbolic_pymc as sp
from symbolic_pymc.adapter import adapter_of
from symbolic_pymc.errors import ArgumentError, NotConvexError
from symbolic_pymc.meta import reify_many
from symbolic_pymc.proximal import turns
from symbolic_pymc.proximal.objective import objective_of, shapes_of
from tests.proximal.test_composites import CASES as COMPOSITES

F = np.float64
rng = np.random.default_rng(1)
N, P = 40, 6
X = rng.normal(size=(N, P))
Y = X @ [1.0, -2.0, 0.0, 0.0, 3.0, 0.0] + 0.5 * rng.normal(size=N)

PRIORS = {
    "halfnormal": (lambda pm: pm.HalfNormal("sigma", F(1)), lambda s: -halfnorm.logpdf(s)),
    "exponential": (lambda pm: pm.Exponential("sigma", F(2)), lambda s: 2.0 * s),
    "gamma": (lambda pm: pm.Gamma("sigma", F(2), F(1)), lambda s: s - np.log(s)),
    "halfcauchy": (lambda pm: pm.HalfCauchy("sigma", F(1)), lambda s: -halfcauchy.logpdf(s)),
    "inversegamma": (lambda pm: pm.InverseGamma("sigma", F(2), F(1)), lambda s: -invgamma.logpdf(s, 2)),
}


def lasso(backend, prior):
    beta = backend.pm.Laplace("beta", F(0), F(0.5), shape=P)
    backend.pm.Normal("y", backend.tensor.dot(X, beta), prior(backend.pm), observed=Y)


@pytest.mark.parametrize("name", PRIORS)
def test_a_regression_with_an_unknown_deviation(backend, name):
    prior, penalty = PRIORS[name]

    def objective(beta, sigma):
        squares = np.sum((Y - X @ beta) ** 2)
        return N * np.log(sigma) + squares / (2 * sigma**2) + 2 * np.abs(beta).sum() + penalty(sigma)

    def smooth(u):  # the coefficients as differences of two positive numbers, the deviation by its logarithm
        return objective(u[:P] - u[P:-1], np.exp(u[-1])) + 2 * (u[:-1].sum() - np.abs(u[:P] - u[P:-1]).sum())

    bounds = [(0, None)] * (2 * P) + [(None, None)]
    least = min(
        minimize(smooth, np.r_[np.ones(2 * P), start], bounds=bounds, method="L-BFGS-B", options={"ftol": 1e-15}).fun
        for start in (-1.0, 0.0)
    )
    with backend.pm.Model() as model:
        lasso(backend, prior)
    result = sp.find_map(model, tol=1e-9, progressbar=False)
    assert result.status == "converged"
    value = objective(result["beta"], result["sigma"])
    np.testing.assert_allclose(value, least, rtol=1e-7)
    assert value <= least + 1e-9
    assert set(result.split.objective.scales) == {"sigma"}


def test_a_deviation_for_each_group(backend):
    with backend.pm.Model() as model:
        sigma = backend.pm.HalfNormal("sigma", F(1), shape=4)
        backend.pm.Normal("y", F(0), sigma[np.arange(N) % 4], observed=Y)
    got = sp.find_map(model, tol=1e-10, progressbar=False)["sigma"]
    for group, sigma in enumerate(got):
        squares = np.sum(Y[group::4] ** 2)
        found = minimize(lambda u: 10 * u[0] + squares * np.exp(-2 * u[0]) / 2 + np.exp(2 * u[0]) / 2, [0.0], tol=1e-12)
        np.testing.assert_allclose(sigma, np.exp(found.x[0]), rtol=1e-5)


def test_a_start_that_is_not_positive_is_refused(backend):
    with backend.pm.Model() as model:
        lasso(backend, PRIORS["halfnormal"][0])
    with pytest.raises(ArgumentError, match="sigma must be positive"):
        sp.find_map(model, start={"sigma": 0.0}, progressbar=False)


def deviations(backend):
    lasso(backend, PRIORS["halfnormal"][0])


def a_rate_for_all(backend):
    rate = backend.pm.Gamma("rate", F(2), F(1))
    backend.pm.Gamma("y", F(3), rate, observed=np.abs(Y))


def layers_of_normals(backend):
    mean, tau = backend.pm.Normal("mean", F(0), F(2)), backend.pm.HalfNormal("tau", F(1))
    group = backend.pm.Normal("group", mean, tau, shape=5)
    backend.pm.Normal("y", group[np.arange(N) % 5], F(1), observed=Y)


def a_mean_for_all(backend):
    mean = backend.pm.Laplace("mean", F(0), F(1))
    backend.pm.Laplace("y", mean, F(2), observed=Y)


WHOLE = {f.__name__: f for f in (deviations, a_rate_for_all, layers_of_normals, a_mean_for_all)} | COMPOSITES


@pytest.mark.parametrize("name", WHOLE)
def test_nothing_is_lost_when_a_density_is_taken_apart(backend, name):
    """The parts add up to the negative log density, but for a constant."""
    with backend.pm.Model() as model:
        WHOLE[name](backend)
    adapter = adapter_of(model)
    whole, split = objective_of(model), sp.split(model)
    parts = [*split.smooth, *split.composites, *(p for parts in split.penalties.values() for p in parts)]
    logs = split.objective.scales

    def total(objective, terms):
        inputs = reify_many(tuple(objective.inputs.values()))
        with adapter.build_context():
            return adapter.compile(list(inputs), [sum(base.sum() for base in reify_many(tuple(terms)))])

    ours = total(split.objective, [p.term for p in parts])
    theirs = total(whole, [term for _, term in whole.terms])
    points = [{n: rng.uniform(0.2, 2.0, shape) for n, shape in shapes_of(whole).items()} for _ in range(5)]
    gaps = [
        ours(*(np.log(point[n]) if n in logs else point[n] for n in whole.inputs))[0]
        - theirs(*(point[n] for n in whole.inputs))[0]
        for point in points
    ]
    np.testing.assert_allclose(gaps, gaps[0], rtol=1e-9, atol=1e-9)


def test_noise_that_is_not_smooth_with_an_unknown_scale(backend):
    """Coefficients and scale in turns: neither improves alone, and the scale is the best for them."""
    with backend.pm.Model() as model:
        beta = backend.pm.Laplace("beta", F(0), F(0.5), shape=P)
        backend.pm.Laplace("y", backend.tensor.dot(X, beta), backend.pm.Exponential("b", F(2)), observed=Y)
    warned = np.geterr()
    result = sp.find_map(model, tol=1e-9, progressbar=False)
    assert np.geterr() == warned
    assert (result.status, result.curvature, result.solver) == ("converged", "unknown", "turns")
    assert np.all(np.diff(result.objective) <= 1e-9)

    def objective(beta, b):
        return N * np.log(b) + np.abs(Y - X @ beta).sum() / b + 2 * np.abs(beta).sum() + 2 * b

    size = np.abs(Y - X @ result["beta"]).sum()
    np.testing.assert_allclose(result["b"], (np.sqrt(N**2 + 8 * size) - N) / 4, rtol=1e-7)
    here = objective(result["beta"], result["b"])
    for _ in range(300):
        step = 10 ** rng.uniform(-6, 0)
        moved = result["beta"] + step * rng.normal(size=P), result["b"] * np.exp(step * rng.normal())
        assert objective(*moved) >= here - 1e-9
    assert "Laplace" not in result.latex() and result.latex().count("minimise") == 2
    with pytest.raises(NotConvexError):
        sp.find_map(model, globally=True, progressbar=False)


def lasso_of_unknown_scale(backend):
    beta = backend.pm.Laplace("beta", F(0), backend.pm.HalfNormal("tau", F(1)), shape=P)
    backend.pm.Normal("y", backend.tensor.dot(X, beta), backend.pm.HalfNormal("sigma", F(1)), observed=Y)


def laplace_noise(backend):
    beta = backend.pm.Laplace("beta", F(0), F(0.5), shape=P)
    backend.pm.Laplace("y", backend.tensor.dot(X, beta), backend.pm.Exponential("b", F(2)), observed=Y)


def a_mean_at_its_bound(backend):
    mean = backend.pm.Uniform("mean", F(-9), F(np.median(Y) - 0.5))
    backend.pm.Laplace("y", mean, backend.pm.Exponential("b", F(2)), observed=Y)


IN_TURNS = (lasso_of_unknown_scale, laplace_noise, a_mean_at_its_bound)


@pytest.mark.parametrize("build", IN_TURNS, ids=lambda f: f.__name__)
def test_a_group_is_taken_apart_once(backend, build, monkeypatch):
    """What is compiled for all values of the others finds what is compiled for every value anew; a bound is a value alone."""
    with backend.pm.Model() as model:
        build(backend)
    taken, split = [], turns.split_objective
    monkeypatch.setattr(turns, "split_objective", lambda objective: taken.append(objective) or split(objective))
    result = sp.find_map(model, tol=1e-10, progressbar=False)
    is_at_bound = build is a_mean_at_its_bound
    assert result.solver == "turns" and result.status == "converged"
    once = len(taken)
    assert once > 2 if is_at_bound else once == 2
    monkeypatch.setattr(turns.Turn, "_for_all", lambda *others: None)
    anew = sp.find_map(model, tol=1e-10, progressbar=False)
    assert len(taken) == once + 2 * len(anew.objective)
    for name in result:
        np.testing.assert_allclose(result[name], anew[name], rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(result.objective[-1], anew.objective[-1], rtol=1e-9)
    if is_at_bound:
        size = np.abs(Y - (np.median(Y) - 0.5)).sum()
        np.testing.assert_allclose(result["mean"], np.median(Y) - 0.5, rtol=1e-15)
        np.testing.assert_allclose(result["b"], (np.sqrt(N**2 + 8 * size) - N) / 4, rtol=1e-8)


def test_a_lasso_of_unknown_scale(backend):
    """Coefficients meet the condition of the lasso at the scales, and these are roots of their own conditions."""
    with backend.pm.Model() as model:
        lasso_of_unknown_scale(backend)
    result = sp.find_map(model, tol=1e-10, progressbar=False)
    beta, tau, sigma = (result[name] for name in ("beta", "tau", "sigma"))
    slope, free = X.T @ (X @ beta - Y) / sigma**2, beta != 0.0
    np.testing.assert_allclose(slope[free], -np.sign(beta[free]) / tau, atol=1e-5)
    assert np.all(np.abs(slope[~free]) <= 1 / tau)
    np.testing.assert_allclose(P / tau - np.abs(beta).sum() / tau**2 + tau, 0.0, atol=1e-5)
    np.testing.assert_allclose(N / sigma - np.sum((Y - X @ beta) ** 2) / sigma**3 + sigma, 0.0, atol=1e-4)


def test_a_scale_that_begins_nowhere_is_asked_for(backend):
    with backend.pm.Model() as model:
        laplace_noise(backend)
    with pytest.raises(ArgumentError, match="a graph has no initial values; give one for b"):
        sp.find_map(adapter_of(model).model_graph(model), progressbar=False)
