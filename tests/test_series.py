"""Random walks and autoregressions of the first order, against a Kalman filter, multivariate normal laws and theory."""

from functools import partial

import numpy as np
import pytest
from scipy import stats

import symbolic_pymc as sp
from tests.densities import (
    assert_conditioned,
    evidence_of,
    log_density,
    random_points,
    value_of,
)
from tests.joints import built, marginalized, reasons
from tests.kalman import chain_moments, smooth

N = 12
RNG = np.random.default_rng(4)
Y = np.cumsum(RNG.normal(size=N)).round(2)
SD = RNG.uniform(0.3, 2.0, N).round(2)
TOLERANCE = 1e-8


def of_theano(backend):
    return backend.name == "theano"


def normal_start(backend, mean, sd):
    """Return the keyword that gives a series its first element."""
    init = backend.pm.Normal.dist(np.float64(mean), sigma=np.float64(sd))
    return {"init" if of_theano(backend) else "init_dist": init}


def walk(backend, name="x", mu=np.float64(0.3), sigma=np.float64(0.7), n=N, **options):
    options = {"shape": n, **normal_start(backend, 1.0, 2.0), **options}
    return backend.pm.GaussianRandomWalk(name, mu=mu, sigma=sigma, **options)


def autoregression(backend, name="x", rho=np.float64(0.6), sigma=np.float64(0.7), n=N, **options):
    options = {"shape": n, **normal_start(backend, 1.0, 2.0), **options}
    if isinstance(rho, np.floating):
        rho = np.array([rho])
    elif not of_theano(backend) and "constant" not in options:
        rho = backend.tensor.stack([rho])
    return backend.pm.AR(name, rho=rho, sigma=sigma, **options)


def with_constant(backend, **options):
    return autoregression(backend, rho=np.array([0.4, 0.6]), constant=True, **options)


def led_by(first, others):
    return np.r_[first, np.full(N - 1, others)]


SERIES = {
    "random walk": (walk, (led_by(1.0, 0.3), np.ones(N), led_by(2.0, 0.7))),
    "autoregression": (autoregression, (led_by(1.0, 0.0), np.full(N, 0.6), led_by(2.0, 0.7))),
    "autoregression with a constant": (with_constant, (led_by(1.0, 0.4), np.full(N, 0.6), led_by(2.0, 0.7))),
}


@pytest.fixture(params=SERIES)
def series(request):
    return SERIES[request.param]


def posterior_chain(backend, result):
    """Return offset, gain and scale of the chain `x` in a model without other unknowns."""
    if of_theano(backend):
        parameters = result["x"].distribution.params
    else:
        parameters = result["x"].owner.op.dist_params(result["x"].owner)
    return [value_of(backend, p) for p in parameters]


# The law --------------------------------------------------------------------------------------------------------


def test_a_series_has_the_density_of_its_multivariate_normal_law(backend, series):
    make, parameters = series
    model = built(backend, lambda pm, t: make(backend))
    mean, cov = chain_moments(*parameters)
    density = log_density(backend, model)
    for point in random_points(backend, model):
        expected = stats.multivariate_normal(mean, cov).logpdf(point["x"])
        assert density(point) == pytest.approx(expected, rel=TOLERANCE)


def test_a_random_walk_has_the_covariance_of_its_steps():
    mean, cov = chain_moments(*SERIES["random walk"][1])
    t = np.arange(N)
    np.testing.assert_allclose(mean, 1.0 + 0.3 * t, rtol=1e-12)
    np.testing.assert_allclose(cov, 4.0 + 0.49 * np.minimum.outer(t, t), rtol=1e-12)


def test_a_stationary_autoregression_has_its_covariance(backend):
    if of_theano(backend):
        model = built(backend, lambda pm, t: pm.AR1("x", k=0.6, tau_e=np.float64(2.0), shape=N))
    else:
        start = normal_start(backend, 0.0, np.sqrt(0.5 / (1 - 0.36)))
        model = built(backend, lambda pm, t: autoregression(backend, sigma=np.sqrt(0.5), **start))
    t = np.arange(N)
    law = stats.multivariate_normal(np.zeros(N), 0.5 * 0.6 ** abs(np.subtract.outer(t, t)) / (1 - 0.36))
    density = log_density(backend, model)
    for point in random_points(backend, model):
        assert density(point) == pytest.approx(law.logpdf(point["x"]), rel=TOLERANCE)


# Latent, with normal data ---------------------------------------------------------------------------------------


def assert_smoothed(backend, model, parameters, y, sigma, slope=1.0):
    """Assert that conditioning leaves the law of the smoother and its evidence."""
    result = sp.conjugate_graph(model)
    evidence = assert_conditioned(backend, model, result)
    mean, variance, expected = smooth(*parameters, y, sigma, slope)
    assert evidence == pytest.approx(expected, rel=TOLERANCE)
    assert [v.name for v in result.free_RVs] == ["x"] and not result.observed_RVs
    found_mean, found_cov = chain_moments(*posterior_chain(backend, result))
    np.testing.assert_allclose(found_mean, mean, rtol=TOLERANCE, atol=TOLERANCE)
    np.testing.assert_allclose(np.diag(found_cov), variance, rtol=TOLERANCE)


def test_a_noisy_series_is_smoothed(backend, series):
    make, parameters = series
    model = built(backend, lambda pm, t: pm.Normal("y", make(backend), sigma=SD, observed=Y))
    assert_smoothed(backend, model, parameters, Y, SD)


def test_a_stationary_noisy_series_is_smoothed(backend):
    def build(pm, t):
        if of_theano(backend):
            x = pm.AR1("x", k=np.float64(0.6), tau_e=np.float64(2.0), shape=N)
        else:
            start = normal_start(backend, 0.0, np.sqrt(0.5 / (1 - 0.36)))
            x = autoregression(backend, sigma=np.sqrt(0.5), **start)
        pm.Normal("y", x, sigma=np.float64(0.5), observed=Y)

    scale = led_by(np.sqrt(0.5 / (1 - 0.36)), np.sqrt(0.5))
    assert_smoothed(backend, built(backend, build), (np.zeros(N), np.full(N, 0.6), scale), Y, 0.5)


def test_elements_without_data_are_smoothed_too(backend, series):
    make, parameters = series
    seen = np.array([1, 2, 5, 9])
    y = np.full(N, np.nan)
    y[seen] = Y[seen]
    model = built(backend, lambda pm, t: pm.Normal("y", make(backend)[seen], sigma=SD[seen], observed=Y[seen]))
    assert_smoothed(backend, model, parameters, y, SD)


def test_data_may_be_scaled_shifted_and_several_for_an_element(backend):
    index = np.array([0, 0, 3, 3, 3, 11, 7, 7])

    def build(pm, t):
        x = walk(backend)
        pm.Normal("y", 1.5 - 2.0 * x[index], sigma=np.float64(0.5), observed=Y[:8])

    model, parameters = built(backend, build), SERIES["random walk"][1]
    result = sp.conjugate_graph(model)
    evidence = assert_conditioned(backend, model, result)
    mean, cov = chain_moments(*parameters)
    F = -2.0 * np.eye(N)[index]
    law = stats.multivariate_normal(1.5 + F @ mean, F @ cov @ F.T + 0.25 * np.eye(8))
    assert evidence == pytest.approx(law.logpdf(Y[:8]), rel=TOLERANCE)


def test_data_of_sums_of_elements_take_the_dense_way(backend):
    X = RNG.normal(size=(5, N)).round(2)

    def build(pm, t):
        pm.Normal("y", t.dot(X, autoregression(backend)), sigma=np.float64(0.5), observed=Y[:5])

    model = built(backend, build)
    evidence = assert_conditioned(backend, model, sp.conjugate_graph(model))
    mean, cov = chain_moments(*SERIES["autoregression"][1])
    law = stats.multivariate_normal(X @ mean, X @ cov @ X.T + 0.25 * np.eye(5))
    assert evidence == pytest.approx(law.logpdf(Y[:5]), rel=TOLERANCE)


def test_two_sets_of_data_are_taken_one_after_the_other(backend):
    def build(pm, t):
        x = walk(backend)
        pm.Normal("y", x, sigma=np.float64(0.5), observed=Y)
        pm.Normal("w", x, sigma=np.float64(1.5), observed=Y[::-1].copy())

    model = built(backend, build)
    evidence = assert_conditioned(backend, model, sp.conjugate_graph(model))
    mean, cov = chain_moments(*SERIES["random walk"][1])
    law = stats.multivariate_normal(
        np.r_[mean, mean], np.kron(np.ones((2, 2)), cov) + np.diag(np.r_[[0.25] * N, [2.25] * N])
    )
    assert evidence == pytest.approx(law.logpdf(np.r_[Y, Y[::-1]]), rel=TOLERANCE)


@pytest.mark.parametrize("sigma, scale", [(1e-6, 0.7), (1e6, 0.7), (0.5, 1e-6), (0.5, 1e6)])
def test_extreme_scales_are_smoothed(backend, sigma, scale):
    def build(pm, t):
        pm.Normal("y", walk(backend, sigma=np.float64(scale)), sigma=np.float64(sigma), observed=Y)

    result = sp.conjugate_graph(built(backend, build))
    mean, variance, expected = smooth(led_by(1.0, 0.3), np.ones(N), led_by(2.0, scale), Y, sigma)
    assert evidence_of(backend, result) == pytest.approx(expected, rel=1e-6)
    found_mean, found_cov = chain_moments(*posterior_chain(backend, result))
    np.testing.assert_allclose(found_mean, mean, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(np.diag(found_cov), variance, rtol=1e-6)


def test_a_long_series_costs_no_matrix(backend):
    n = 20_000  # of a matrix: 3.2 gigabytes
    y = np.cumsum(np.random.default_rng(5).normal(size=n))
    model = built(backend, lambda pm, t: pm.Normal("y", walk(backend, n=n), sigma=np.float64(0.5), observed=y))
    result = sp.conjugate_graph(model)
    offset, scale = np.r_[1.0, np.full(n - 1, 0.3)], np.r_[2.0, np.full(n - 1, 0.7)]
    assert evidence_of(backend, result) == pytest.approx(smooth(offset, np.ones(n), scale, y, 0.5)[2], rel=TOLERANCE)


# With unknown parameters ------------------------------------------------------------------------------------------


def test_the_path_is_integrated_out_and_drawn_back(backend):
    def build(pm, t):
        drift, scale = pm.Normal("drift", 0.0, sigma=1.0), pm.HalfNormal("scale", sigma=1.0)
        x = walk(backend, mu=drift, sigma=scale)
        pm.Normal("y", x, sigma=pm.HalfNormal("noise", sigma=1.0), observed=Y)

    model = built(backend, build)
    check = marginalized(backend, model)
    assert check.gone == ["x"] and check.potentials() == ["y_evidence"] and not check.observed()
    trace = {"drift": np.full(1000, 0.3), "scale": np.full(1000, 0.7), "noise": np.full(1000, 0.5)}
    x = check.result.recover(trace, random_seed=1)["x"]
    mean, variance, _ = smooth(led_by(1.0, 0.3), np.ones(N), led_by(2.0, 0.7), Y, 0.5)
    assert np.all(abs(x.mean(axis=0) - mean) < 4.5 * np.sqrt(variance / 1000))
    assert np.all(abs(x.var(axis=0) / variance - 1) < 4.5 * np.sqrt(2 / 1000))


def test_the_density_without_the_path_is_that_of_the_filter(backend):
    def build(pm, t):
        x = autoregression(backend, rho=pm.Normal("rho", 0.0, sigma=1.0), sigma=pm.HalfNormal("s", sigma=1.0))
        pm.Normal("y", x, sigma=SD, observed=Y)

    result = sp.marginalize_graph(built(backend, build), ["x"])
    density = log_density(backend, result)
    for point in random_points(backend, result):
        s = np.exp(point["s_log__"])
        expected = smooth(led_by(1.0, 0.0), np.full(N, point["rho"]), led_by(2.0, s), Y, SD)[2]
        prior = stats.norm.logpdf(point["rho"]) + stats.halfnorm.logpdf(s) + point["s_log__"]
        assert density(point) == pytest.approx(expected + prior, rel=TOLERANCE)


def test_the_coefficient_of_an_observed_autoregression_has_its_posterior(backend):
    def build(pm, t):
        rho = pm.Normal("rho", 0.0, sigma=np.float64(1.5))
        autoregression(backend, "y", rho=rho, observed=Y, shape=None if of_theano(backend) else N)

    if of_theano(backend):
        build = partial(_observed_in_theano, backend)
    model = built(backend, build)
    result = sp.conjugate_graph(model)
    evidence = assert_conditioned(backend, model, result)
    precision = 1 / 1.5**2 + np.sum(Y[:-1] ** 2) / 0.49
    mean = np.sum(Y[:-1] * Y[1:]) / 0.49 / precision
    density = log_density(backend, result)
    for value in (-1.0, 0.0, 0.7):
        expected = stats.norm(mean, precision**-0.5).logpdf(value)
        assert density({"rho": np.array(value)}) == pytest.approx(expected, rel=TOLERANCE)
    cov = np.diag(led_by(4.0, 0.49)) + 2.25 * np.outer(np.r_[0, Y[:-1]], np.r_[0, Y[:-1]])
    law = stats.multivariate_normal(led_by(1.0, 0.0), cov)
    assert evidence == pytest.approx(law.logpdf(Y), rel=TOLERANCE)


def _observed_in_theano(backend, pm, t):
    rho = pm.Normal("rho", 0.0, sigma=np.float64(1.5))
    pm.AR("y", rho=rho, sigma=np.float64(0.7), observed=Y, **normal_start(backend, 1.0, 2.0))


def test_the_drift_of_an_observed_walk_has_its_posterior(backend):
    def build(pm, t):
        walk(backend, "y", mu=pm.Normal("drift", 0.0, sigma=np.float64(1.5)), observed=Y)

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert_conditioned(backend, model, result)
    precision = 1 / 1.5**2 + (N - 1) / 0.49
    expected = stats.norm((Y[-1] - Y[0]) / 0.49 / precision, precision**-0.5).logpdf(0.2)
    assert log_density(backend, result)({"drift": np.array(0.2)}) == pytest.approx(expected, rel=TOLERANCE)


# Of a higher order ------------------------------------------------------------------------------------------------

RHO = np.array([0.5, 0.3, -0.4])


def of_order(backend, name="x", rho=RHO, constant=False, mean=np.float64(1.0), sd=np.float64(2.0), n=N, **options):
    pm, order = backend.pm, 3
    options = {"sigma": np.float64(0.7), "constant": constant, **options}
    if of_theano(backend):
        size = {} if "observed" in options else {"shape": n}
        return pm.AR(name, rho=rho, init=pm.Normal.dist(mean, sigma=sd), **size, **options)
    init = pm.Normal.dist(mean, sd, shape=order)
    return pm.AR(name, rho=rho, init_dist=init, ar_order=order, steps=n - order, **options)


def recursion_moments(rho, constant=0.0, mean=1.0, sd=2.0, sigma=0.7, n=N):
    """Return mean and covariance of an autoregression by its definition, from the innovations on."""
    order = len(rho)
    mu, weights = np.zeros(n), np.zeros((n, n))
    mu[:order], weights[range(order), range(order)] = mean, sd
    for t in range(order, n):
        mu[t] = constant + rho @ mu[t - order : t][::-1]
        weights[t] = rho @ weights[t - order : t][::-1]
        weights[t, t] += sigma
    return mu, weights @ weights.T


HIGHER = {
    "order 3": ({}, recursion_moments(RHO)),
    "a constant": ({"rho": np.r_[0.4, RHO], "constant": True}, recursion_moments(RHO, 0.4)),
    "a start of its own for each": (
        {"mean": np.array([1.0, -1.0, 0.5]), "sd": np.array([2.0, 1.0, 0.3])},
        recursion_moments(RHO, 0.0, [1.0, -1.0, 0.5], [2.0, 1.0, 0.3]),
    ),
    "no step": ({"n": 3}, recursion_moments(RHO, n=3)),
    "one step": ({"n": 4}, recursion_moments(RHO, n=4)),
}


@pytest.mark.parametrize("options, moments", HIGHER.values(), ids=HIGHER)
def test_a_noisy_autoregression_of_a_higher_order_is_smoothed(backend, options, moments):
    (mean, cov), n = moments, len(moments[0])
    law = stats.multivariate_normal(mean, cov)
    density = log_density(backend, built(backend, lambda pm, t: of_order(backend, **options)))
    for x in RNG.normal(size=(3, n)):
        assert density({"x": x}) == pytest.approx(law.logpdf(x), rel=TOLERANCE)
    noise = np.diag(SD[:n] ** 2)
    model = built(backend, lambda pm, t: pm.Normal("y", of_order(backend, **options), sigma=SD[:n], observed=Y[:n]))
    result = sp.conjugate_graph(model)
    evidence = assert_conditioned(backend, model, result)
    assert evidence == pytest.approx(stats.multivariate_normal(mean, cov + noise).logpdf(Y[:n]), rel=TOLERANCE)
    gain = np.linalg.solve(cov + noise, cov).T
    posterior = stats.multivariate_normal(mean + gain @ (Y[:n] - mean), cov - gain @ cov)
    density = log_density(backend, result)
    for x in RNG.normal(size=(3, n)):
        assert density({"x": x}) == pytest.approx(posterior.logpdf(x), rel=1e-7)


def test_elements_of_a_higher_order_without_data(backend):
    seen = np.array([1, 2, 5, 9, 9])
    model = built(
        backend, lambda pm, t: pm.Normal("y", 1.5 - 2.0 * of_order(backend)[seen], sigma=SD[:5], observed=Y[:5])
    )
    evidence = assert_conditioned(backend, model, sp.conjugate_graph(model))
    (mean, cov), F = recursion_moments(RHO), -2.0 * np.eye(N)[seen]
    law = stats.multivariate_normal(1.5 + F @ mean, F @ cov @ F.T + np.diag(SD[:5] ** 2))
    assert evidence == pytest.approx(law.logpdf(Y[:5]), rel=TOLERANCE)


@pytest.mark.parametrize("sigma, scale", [(1e-5, 0.7), (1e6, 0.7), (0.5, 1e-5), (0.5, 1e6)])
def test_extreme_scales_of_a_higher_order(backend, sigma, scale):
    def build(pm, t):
        x = of_order(backend, sigma=np.float64(scale), sd=np.float64(scale))
        pm.Normal("y", x, sigma=np.float64(sigma), observed=Y)

    mean, cov = recursion_moments(RHO, sd=scale, sigma=scale)
    law = stats.multivariate_normal(mean, cov + sigma**2 * np.eye(N))
    assert evidence_of(backend, sp.conjugate_graph(built(backend, build))) == pytest.approx(law.logpdf(Y), rel=1e-6)


def test_the_density_without_a_path_of_a_higher_order(backend):
    def build(pm, t):
        rho = pm.Normal("rho", 0.0, sigma=np.float64(0.5), shape=3)
        x = of_order(backend, rho=rho, sigma=pm.HalfNormal("s", sigma=1.0))
        pm.Normal("y", x, sigma=SD, observed=Y)

    result = sp.collapse_graph(built(backend, build))
    assert sorted(v.name for v in result.free_RVs if v.name != "s_log__") in (["rho"], ["rho", "s"])
    density = log_density(backend, result)
    for point in random_points(backend, result):
        s = np.exp(point["s_log__"])
        mean, cov = recursion_moments(point["rho"], sigma=s)
        expected = stats.multivariate_normal(mean, cov + np.diag(SD**2)).logpdf(Y)
        prior = stats.norm(0, 0.5).logpdf(point["rho"]).sum() + stats.halfnorm.logpdf(s) + point["s_log__"]
        assert density(point) == pytest.approx(expected + prior, rel=TOLERANCE)


def test_the_coefficients_of_an_observed_autoregression_have_their_posterior(backend):
    def build(pm, t):
        rho = pm.Normal("rho", 0.0, sigma=np.float64(1.5), shape=4)
        of_order(backend, "y", rho=rho, constant=True, observed=Y)

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    evidence = assert_conditioned(backend, model, result)
    F = np.c_[np.ones(N - 3), Y[2:-1], Y[1:-2], Y[:-3]]
    precision = np.eye(4) / 1.5**2 + F.T @ F / 0.49
    posterior = stats.multivariate_normal(np.linalg.solve(precision, F.T @ Y[3:] / 0.49), np.linalg.inv(precision))
    density = log_density(backend, result)
    for rho in RNG.normal(size=(3, 4)):
        assert density({"rho": rho}) == pytest.approx(posterior.logpdf(rho), rel=TOLERANCE)
    law = stats.multivariate_normal(np.zeros(N - 3), 0.49 * np.eye(N - 3) + 1.5**2 * F @ F.T)
    expected = stats.norm(1.0, 2.0).logpdf(Y[:3]).sum() + law.logpdf(Y[3:])
    assert evidence == pytest.approx(expected, rel=TOLERANCE)


def test_what_stays_of_a_higher_order(backend):
    def build(pm, t):
        pm.Poisson("k", t.exp(of_order(backend)), observed=np.arange(N))
        pm.Normal("y", pm.Normal("m", 0.0, sigma=1.0), sigma=1.0, observed=1.0)
        of_order(backend, "w", sigma=pm.HalfNormal("s", sigma=1.0), observed=Y)

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert_conditioned(backend, model, result)
    for name in ("x", "w"):
        kinds = [type(m[name].distribution if of_theano(backend) else m[name].owner.op) for m in (model, result)]
        assert kinds[0] is kinds[1]


def test_starts_of_a_higher_order_that_are_not_normal_are_refused(backend):
    def build(pm, t):
        init = {"init" if of_theano(backend) else "init_dist": pm.Laplace.dist(0.0, 1.0)}
        size = {"shape": N}
        pm.Normal("y", pm.AR("x", rho=RHO, sigma=1.0, **init, **size), sigma=1.0, observed=Y)

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert result is model and "give it a" in reasons(result)["x"]


# Not centred -----------------------------------------------------------------------------------------------------


def test_a_series_is_written_with_its_innovations(backend, series):
    make, (offset, gain, scale) = series

    def build(pm, t):
        pm.Poisson("k", t.exp(0.1 * make(backend)), observed=np.arange(N))

    model = built(backend, build)
    result = sp.reparam_graph(model)
    assert [v.name for v in result.free_RVs] == ["x_offset"]
    assert [v.name for v in result.deterministics] == ["x"]
    old, new = log_density(backend, model), log_density(backend, result)
    for point in random_points(backend, result):
        x = offset + scale * point["x_offset"]
        for t in range(1, N):
            x[t] += gain[t] * x[t - 1]
        assert new(point) == pytest.approx(old({"x": x}) + np.sum(np.log(scale)), rel=TOLERANCE)


def test_observed_series_are_not_written_with_innovations(backend):
    model = built(backend, lambda pm, t: walk(backend, "y", observed=Y))
    assert sp.reparam_graph(model) is model


# What stays as it is ---------------------------------------------------------------------------------------------


def test_series_of_which_nothing_comes_stay_what_they_were(backend):
    def build(pm, t):
        pm.Poisson("k", t.exp(walk(backend)), observed=np.arange(N))
        pm.Normal("y", pm.Normal("m", 0.0, sigma=1.0), sigma=1.0, observed=1.0)
        walk(backend, "w", sigma=pm.HalfNormal("s", sigma=1.0), observed=Y)

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert_conditioned(backend, model, result)
    for name in ("x", "w"):
        kinds = [type(m[name].distribution if of_theano(backend) else m[name].owner.op) for m in (model, result)]
        assert kinds[0] is kinds[1]
    assert "read_series" not in {step.relation for step in sp.steps(result)}


def test_an_improper_start_is_refused(backend):
    start = {"init" if of_theano(backend) else "init_dist": backend.pm.Flat.dist()}
    model = built(backend, lambda pm, t: pm.Normal("y", walk(backend, **start), sigma=1.0, observed=Y))
    result = sp.conjugate_graph(model)
    assert result is model and "give it a" in reasons(result)["x"]


def test_a_batch_is_refused(backend):
    shape = (N, 2) if of_theano(backend) else (2, N)

    def build(pm, t):
        pm.Normal("y", walk(backend, shape=shape), sigma=1.0, observed=np.zeros(shape))

    model = built(backend, build)
    for result in (sp.conjugate_graph(model), sp.collapse_graph(model), sp.reparam_graph(model)):
        assert result is model and "batch of time series" in reasons(result)["x"]


def test_a_scale_that_depends_on_the_path_is_refused(backend):
    model = built(backend, lambda pm, t: pm.Normal("y", 0.0, sigma=t.exp(walk(backend)), observed=Y))
    result = sp.conjugate_graph(model)
    assert result is model and "x" in reasons(result)
