"""What was integrated out of a model is drawn back: from its exact law, for every draw of what was kept."""

from copy import copy
from dataclasses import replace
from inspect import signature

import numpy as np
import pytest
from scipy.stats import beta, gamma, multivariate_normal

import symbolic_pymc as sp
from symbolic_pymc.errors import ArgumentError
from tests.joints import built

MANY = 20_000
Z = np.array([0.9, -0.4, 1.7, 0.3])
COUNTS = np.array([2, 0, 5, 3])


def schools(pm, t):
    mu, tau = pm.Normal("mu", 0.5, sigma=2.0), pm.HalfNormal("tau", sigma=1.5)
    theta = pm.Normal("theta", mu, sigma=tau, shape=4)
    pm.Normal("y", theta, sigma=0.7, observed=Z)


def deterministics(pm, t):
    mu, s = pm.Normal("mu", 0.0, sigma=1.0), pm.HalfNormal("s", sigma=1.0)
    twice = pm.Deterministic("twice", 2 * s)
    centre = pm.Deterministic("centre", mu + twice)
    theta = pm.Normal("theta", centre, sigma=s, shape=4)
    exps = pm.Deterministic("exps", t.exp(theta))
    pm.Deterministic("both", t.sum(exps) + s)
    pm.Normal("y", theta, sigma=1.0, observed=Z)


def counts(pm, t):
    rate = pm.Gamma("rate", 2.0, 1.5, shape=4)
    n = pm.Poisson("n", rate, shape=4)
    pm.StudentT("y", 4.0, mu=1.0 * n, sigma=1.0, observed=Z)


def rates(pm, t):
    mu = pm.Normal("mu", 0.0, sigma=1.0)
    eta = pm.Normal("eta", mu, sigma=pm.HalfNormal("s", sigma=1.0), shape=4)
    pm.Poisson("y", t.exp(eta), observed=COUNTS)


def matrices(pm, t):
    theta = pm.Normal("theta", 0.5, sigma=pm.HalfNormal("tau", sigma=1.0), shape=(2, 3))
    pm.Normal("y", theta, sigma=1.0, observed=np.arange(6.0).reshape(2, 3))


def two_parts(pm, t):
    """One part of it depends on no variable that is kept."""
    a = pm.Normal("a", 0.0, sigma=1.0)
    pm.Normal("y", a, sigma=1.0, observed=Z)
    pm.Normal("y2", 0.0, sigma=pm.HalfCauchy("s", 1.0), observed=Z)


def one_normal(pm, t):
    theta = pm.Normal("theta", 0.5, sigma=2.0)
    pm.Normal("y", theta, sigma=1.0, observed=Z)


def two_experiments(pm, t):
    p = pm.Beta("p", 1.0, 1.0)
    pm.Binomial("y1", n=10, p=p, observed=3)
    pm.Binomial("y2", n=20, p=p, observed=15)


def five_flips(pm, t):
    p = pm.Beta("p", 1.0, 1.0)
    pm.Bernoulli("y", p=p, observed=np.array([1, 0, 1, 1, 1]))


def nothing_goes(pm, t):
    nu = pm.StudentT("nu", 4.0, mu=0.0, sigma=1.0)
    pm.StudentT("y", 4.0, mu=nu, sigma=1.0, observed=Z)


def recovered(backend, build, *args, **kwargs):
    return sp.collapse_graph(built(backend, build)).recover(*args, **kwargs)


def assert_moments(draws, mean, cov):
    """Assert the mean and covariance of normal draws (n, k) within five standard errors."""
    n, mean, cov = len(draws), np.atleast_1d(mean), np.atleast_2d(cov)
    v = np.diag(cov)
    assert np.all(np.abs(draws.mean(axis=0) - mean) < 5 * np.sqrt(v / n))
    error = np.sqrt((np.outer(v, v) + cov**2) / n)
    assert np.all(np.abs(np.cov(draws.T) - cov) < 5 * error)


def schools_given(tau):
    """Return mean and covariance of (mu, theta) given tau and the data."""
    prior = np.full((5, 5), 4.0)
    prior[1:, 1:] += tau**2 * np.eye(4)
    F = np.eye(5)[1:]
    gain = prior @ F.T @ np.linalg.inv(F @ prior @ F.T + 0.49 * np.eye(4))
    return 0.5 + gain @ (Z - 0.5), prior - gain @ F @ prior


# Laws ------------------------------------------------------------------------------------------------------------


def test_moments_given_one_draw(backend):
    draws = recovered(backend, schools, {"tau": np.full(MANY, 0.8)}, random_seed=1)
    assert_moments(np.c_[draws["mu"], draws["theta"]], *schools_given(0.8))


def test_moments_given_many_draws(backend):
    """Every row is from its own conditional: standardised by it, all rows are standard normal."""
    taus = np.random.default_rng(2).uniform(0.05, 4.0, size=4000)
    draws = recovered(backend, schools, {"tau": taus}, random_seed=3)
    rows = np.c_[draws["mu"], draws["theta"]]
    laws = (schools_given(tau) for tau in taus)
    standard = np.array([np.linalg.solve(np.linalg.cholesky(c), row - m) for row, (m, c) in zip(rows, laws)])
    assert_moments(standard, np.zeros(5), np.eye(5))


def test_moments_of_the_posterior(backend):
    """Of the means of eight schools' kind: tau by its density on a grid, the others drawn back, against quadrature."""
    grid = np.linspace(0.005, 8.0, 1600)
    weights = np.exp(-(grid**2) / 4.5)
    for i, tau in enumerate(grid):
        law = multivariate_normal(np.full(4, 0.5), 4 * np.ones((4, 4)) + (0.49 + tau**2) * np.eye(4))
        weights[i] *= law.pdf(Z)
    weights /= weights.sum()
    laws = [schools_given(tau) for tau in grid]
    mean = sum(w * m for w, (m, _) in zip(weights, laws))
    second = sum(w * (c + np.outer(m, m)) for w, (m, c) in zip(weights, laws))
    taus = np.random.default_rng(4).choice(grid, p=weights, size=3000)
    draws = recovered(backend, schools, {"tau": taus}, random_seed=5)
    rows = np.c_[draws["mu"], draws["theta"]]
    sd = np.sqrt(np.diag(second) - mean**2)
    assert np.all(np.abs(rows.mean(axis=0) - mean) < 5 * sd / np.sqrt(3000))


def test_rates_given_counts(backend):
    n = np.random.default_rng(6).integers(0, 6, size=(5000, 4))
    draws = recovered(backend, counts, {"n": n}, random_seed=7)["rate"]
    law = gamma(2 + n, scale=1 / 2.5)
    standard = (draws - law.mean()) / law.std()
    assert abs(standard.mean()) < 5 / np.sqrt(standard.size)
    uniform = law.cdf(draws)
    assert abs(uniform.mean() - 0.5) < 5 * np.sqrt(1 / 12 / uniform.size)
    assert abs(np.mean(uniform**2) - 1 / 3) < 5 * np.sqrt(4 / 45 / uniform.size)


def test_everything_integrated(backend):
    draws = recovered(backend, one_normal, draws=4000, random_seed=8)
    v = 1 / (1 / 4 + 4)
    assert list(draws) == ["theta"] and draws["theta"].shape == (4000,)
    assert_moments(draws["theta"][:, None], v * (0.5 / 4 + Z.sum()), v)


@pytest.mark.parametrize("build, law", [(two_experiments, beta(19, 13)), (five_flips, beta(5, 2))])
def test_one_probability_of_several_data(backend, build, law):
    """3 of 10 and 15 of 20: all of them are of one probability, whose posterior mean is 19 / 32."""
    p = recovered(backend, build, draws=4000, random_seed=9)["p"]
    assert abs(p.mean() - law.mean()) < 5 * law.std() / np.sqrt(4000)
    assert abs(np.mean(law.cdf(p) ** 2) - 1 / 3) < 5 * np.sqrt(4 / 45 / 4000)


def test_draws_of_one_call_do_not_depend_on_each_other(backend):
    theta = recovered(backend, one_normal, draws=4000, random_seed=10)["theta"]
    assert len(set(theta)) == 4000
    assert abs(np.corrcoef(theta[1:], theta[:-1])[0, 1]) < 5 / np.sqrt(4000)


def test_computed_quantities_are_those_of_the_draws(backend):
    s = np.array([[0.5, 1.0, 2.0], [0.1, 0.2, 3.0]])
    draws = recovered(backend, deterministics, {"s": s}, random_seed=11)
    assert set(draws) == {"mu", "theta", "centre", "exps", "both"}
    np.testing.assert_allclose(draws["centre"], draws["mu"] + 2 * s, rtol=1e-12)
    np.testing.assert_allclose(draws["exps"], np.exp(draws["theta"]), rtol=1e-12)
    np.testing.assert_allclose(draws["both"], draws["exps"].sum(axis=-1) + s, rtol=1e-12)


# Seeds -----------------------------------------------------------------------------------------------------------


def test_seeds(backend):
    recover = sp.collapse_graph(built(backend, schools)).recover
    trace = {"tau": np.full(400, 0.8)}
    first, same, other = (recover(trace, random_seed=seed)["mu"] for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, same)
    assert not np.any(first == other)
    assert abs(np.corrcoef(first, other)[0, 1]) < 5 / np.sqrt(400)


def test_calls_without_a_seed_differ(backend):
    recover = sp.collapse_graph(built(backend, schools)).recover
    trace = {"tau": np.full(400, 0.8)}
    first, other = (recover(trace)["theta"] for _ in range(2))
    assert not np.any(first == other)
    assert np.all(np.abs(np.mean(first * other, axis=0) - first.mean(axis=0) * other.mean(axis=0)) < 0.25)


def test_it_is_compiled_once_and_copies_compile_their_own(backend):
    recover = sp.collapse_graph(built(backend, schools)).recover
    compiled = []

    def compile_draws(inputs, outputs):
        compiled.append(len(outputs))
        return recover.adapter.compile_draws(inputs, outputs)

    counting = replace(recover, adapter=replace(recover.adapter, compile_draws=compile_draws))
    trace = {"tau": np.full(5, 0.8)}
    first = counting(trace, random_seed=3)
    counting({"tau": np.ones((2, 3))})
    again = counting(trace, random_seed=3)
    assert len(compiled) == 1
    anew = copy(counting)(trace, random_seed=3)
    assert len(compiled) == 2
    for name in ("mu", "theta"):
        np.testing.assert_array_equal(first[name], again[name])
        np.testing.assert_array_equal(first[name], anew[name])


# Traces ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("leading", [(), (1,), (5,), (2, 3), (2, 1, 3)])
def test_leading_axes_are_those_of_the_trace(backend, leading):
    draws = recovered(backend, schools, {"tau": np.ones(leading)})
    assert draws["mu"].shape == leading and draws["theta"].shape == (*leading, 4)


def test_axes_of_the_variables_come_last(backend):
    draws = recovered(backend, rates, {"eta": np.ones((2, 3, 4)), "s": np.ones((2, 3)), "more": 1})
    assert {name: value.shape for name, value in draws.items()} == {"mu": (2, 3)}
    assert recovered(backend, matrices, {"tau": [1.0, 2.0]})["theta"].shape == (2, 2, 3)


def test_rows_belong_together(backend):
    """Of a draw with a tiny scale the levels are all at their mean."""
    taus = np.array([[3.0, 1e-9, 3.0], [1e-9, 3.0, 3.0]])
    draws = recovered(backend, schools, {"tau": taus}, random_seed=12)
    spread = np.abs(draws["theta"] - draws["mu"][..., None]).max(axis=-1)
    np.testing.assert_array_equal(spread < 1e-6, taus < 1e-6)


def test_whole_numbers_that_became_floats(backend):
    n = np.array([[1, 2, 0, 3], [0, 0, 1, 2]])
    result = sp.collapse_graph(built(backend, counts))
    expected = result.recover({"n": n}, random_seed=1)["rate"]
    np.testing.assert_array_equal(result.recover({"n": n.astype("float64")}, random_seed=1)["rate"], expected)
    with pytest.raises(ArgumentError, match="n, which is discrete, have fractions"):
        result.recover({"n": n + 0.5})


def test_inference_data(backend):
    taus = np.array([[0.5, 1.0, 1e-9], [2.0, 1e-9, 1.0]])
    result = sp.collapse_graph(built(backend, schools))
    draws = result.recover(inference_data({"tau": taus}), random_seed=1)
    same = result.recover({"tau": taus}, random_seed=1)
    np.testing.assert_array_equal(draws["theta"], same["theta"])
    assert draws["theta"].shape == (2, 3, 4)


def inference_data(columns):
    """Return what a sampler returns, with the draws of `columns`, in the way of the ArviZ that is installed."""
    arviz = pytest.importorskip("arviz")
    groups = {"posterior": columns}
    return (
        arviz.from_dict(**groups) if "posterior" in signature(arviz.from_dict).parameters else arviz.from_dict(groups)
    )


def multitrace(backend, model, columns):
    """Return the MultiTrace of a sampler that went through `columns`: of every value variable (chains, draws, ...)."""
    backends = backend.pm.backends
    chains = []
    for chain in range(2):
        strace = backends.NDArray(model=model) if backend.name == "theano" else backends.ndarray.NDArray(model=model)
        warmup = {"in_warmup": False} if "in_warmup" in signature(strace.record).parameters else {}
        strace.setup(draws=len(next(iter(columns.values()))[chain]), chain=chain)
        for i in range(len(next(iter(columns.values()))[chain])):
            strace.record({name: np.asarray(column[chain][i]) for name, column in columns.items()}, **warmup)
        strace.close()
        chains.append(strace)
    return backends.base.MultiTrace(chains)


def test_multitrace(backend):
    taus = np.array([[0.5, 1.0, 1e-9], [2.0, 1e-9, 1.0]])
    result = sp.collapse_graph(built(backend, schools))
    trace = multitrace(backend, result, {"tau_log__": np.log(taus)})
    draws = result.recover(trace, random_seed=1)
    assert draws["theta"].shape == (2, 3, 4)
    np.testing.assert_allclose(draws["theta"], result.recover({"tau": taus}, random_seed=1)["theta"], rtol=1e-6)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_what_a_sampler_returns(backend):
    pm = backend.pm
    result = sp.collapse_graph(built(backend, schools))
    for as_data in (False, True):
        with result:
            trace = pm.sample(
                draws=20,
                tune=20,
                chains=2,
                cores=1,
                random_seed=1,
                progressbar=False,
                compute_convergence_checks=False,
                return_inferencedata=as_data,
            )
        draws = result.recover(trace, random_seed=2)
        assert draws["theta"].shape == (2, 20, 4) and draws["mu"].shape == (2, 20)
        assert np.all(np.isfinite(draws["theta"]))


@pytest.mark.parametrize("kind", ["inference data", "multitrace", "mapping"])
def test_a_trace_of_which_nothing_is_needed_says_how_many(backend, kind):
    result = sp.collapse_graph(built(backend, two_parts))
    s = np.ones((2, 3))
    if kind == "inference data":
        trace = inference_data({"s": s})
    elif kind == "multitrace":
        trace = multitrace(backend, result, {"s_log__": np.log(s)})
    else:
        with pytest.raises(ArgumentError, match="say how many draws are wanted"):
            result.recover({"s": s})
        assert result.recover({"s": s}, draws=6)["a"].shape == (6,)
        return
    assert result.recover(trace)["a"].shape == (2, 3)


def test_a_named_model(backend):
    result = sp.collapse_graph(built(backend, schools, name="study"))
    tau, mu, theta = (f"study{'_' if backend.name == 'theano' else '::'}{name}" for name in ("tau", "mu", "theta"))
    assert set(result.recover({tau: np.ones(3)})) == {mu, theta}


def test_nothing_to_recover(backend):
    assert recovered(backend, nothing_goes, {"nu": np.ones(3)}) == {}


def test_some_variables_only(backend):
    """What was not integrated out is a variable of the trace."""
    result = sp.marginalize_graph(built(backend, schools), ["theta"])
    with pytest.raises(ArgumentError, match="the draws of mu are needed"):
        result.recover({"tau": np.ones(3)})
    mu, tau = np.full(4000, 1.2), np.full(4000, 0.8)
    theta = result.recover({"tau": tau, "mu": mu}, random_seed=13)["theta"]
    v = 1 / (1 / 0.64 + 1 / 0.49)
    assert_moments(theta, v * (1.2 / 0.64 + Z / 0.49), v * np.eye(4))


# Refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trace", [None, {}, {"mu": np.ones(3)}, 5, "tau", [1.0]])
def test_a_trace_without_what_is_needed(backend, trace):
    with pytest.raises(ArgumentError, match="the draws of tau are needed"):
        recovered(backend, schools, trace, draws=3)


def test_an_empty_trace(backend):
    with pytest.raises(ArgumentError, match="the trace has no draws"):
        recovered(backend, schools, {"tau": np.ones((2, 0))})


@pytest.mark.parametrize("draws", [None, 0, -1, 2.5, "3", True])
def test_no_number_of_draws(backend, draws):
    with pytest.raises(ArgumentError, match="say how many draws are wanted"):
        recovered(backend, one_normal, draws=draws)


@pytest.mark.parametrize(
    "eta, s, said",
    [
        (np.ones((6, 3)), np.ones(6), r"eta have the shape \(6, 3\)"),
        (1.0, np.ones(6), r"eta have the shape \(\)"),
        (np.ones((6, 4)), np.ones(5), "not as many draws of one variable as of the others"),
        (np.ones((6, 4)), np.ones((2, 3)), "not as many draws of one variable as of the others"),
    ],
)
def test_shapes_that_do_not_fit(backend, eta, s, said):
    with pytest.raises(ArgumentError, match=said):
        recovered(backend, rates, {"eta": eta, "s": s})
