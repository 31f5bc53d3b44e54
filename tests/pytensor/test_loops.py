"""Chains that PyMC draws in a loop: a Kalman filter, the forward algorithm in numpy, and sums over all paths."""

from itertools import product

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import pytest
from pymc.pytensorf import collect_default_updates
from scipy import stats
from scipy.special import logsumexp

import symbolic_pymc as sp
from symbolic_pymc.meta import reify_many
from tests.joints import reasons
from tests.kalman import smooth
from tests.states import LEVELS, START, STEP, forward

N = 9
Y = np.random.default_rng(3).normal(size=N).round(2)
EMIT = np.array([[0.7, 0.2, 0.05, 0.05], [0.1, 0.4, 0.4, 0.1], [0.05, 0.05, 0.2, 0.7]])
TOLERANCE = 1e-8
pytestmark = pytest.mark.filterwarnings("ignore:Scan return signature will change")


def f(x):
    return np.float64(x)


def scanned(step, *fixed, first, n, moving=()):
    """Return what a loop draws behind its first number; ``step(*moving, last, *fixed)`` returns a draw."""

    def drawn(*places):
        x = step(*places)
        return x, collect_default_updates([x], inputs=places)

    loop = dict(sequences=list(moving), outputs_info=[first], non_sequences=list(fixed), n_steps=n, strict=True)
    return pytensor.scan(drawn, **loop)[0]


def begun(first, rest):
    return pt.concatenate([pt.stack([first]), rest])


def custom(name, dist, *params, n=N, **options):
    return pm.CustomDist(name, *params, dist=dist, shape=(n,), **options)


# Normal numbers ---------------------------------------------------------------------------------------------------


def walk(first_mean, first_sd, sd, size):
    first = pm.Normal.dist(first_mean, first_sd)
    return begun(first, scanned(lambda x, s: pm.Normal.dist(x, s), sd, first=first, n=N - 1))


def late_walk(first_mean, first_sd, sd, size):
    first = pm.Normal.dist(first_mean, first_sd)
    return scanned(lambda x, s: pm.Normal.dist(x, s), sd, first=first, n=N)


def autoregression(rho, c, sd, size):
    return scanned(lambda x, r, c, s: pm.Normal.dist(c + r * x, s), rho, c, sd, first=f(0.4), n=N)


def shifted_noise(rho, c, sd, size):
    return scanned(lambda x, r, c, s: c + x * r - s * pm.Normal.dist(f(1.0), f(0.5)), rho, c, sd, first=f(0.4), n=N)


INPUTS = np.linspace(-1.0, 1.0, N)


def driven(rho, sd, inputs, size):
    step = lambda u, x, r, s: pm.Normal.dist(r * x + 2.0 * u, s * pt.exp(u))  # noqa: E731
    return scanned(step, rho, sd, first=f(0.4), n=N, moving=[inputs])


def driven_from_a_draw(rho, sd, inputs, size):
    first = pm.Normal.dist(f(1.0), f(2.0))
    step = lambda u, x, r, s: pm.Normal.dist(u * r * x, s * pt.exp(u))  # noqa: E731
    return begun(first, scanned(step, rho, sd, first=first, n=N - 1, moving=[inputs]))


def ones_but(first, value):
    return np.r_[first, np.full(N - 1, value)]


# how the series is drawn, its parameters, and offset, gain and scale of the chain that it is
NORMAL = {
    "a walk": (walk, (f(1.0), f(2.0), f(0.7)), (ones_but(1.0, 0.0), np.ones(N), ones_but(2.0, 0.7))),
    "a walk behind its first number": (
        late_walk,
        (f(1.0), f(2.0), f(0.7)),
        (ones_but(1.0, 0.0), np.ones(N), ones_but(np.hypot(2.0, 0.7), 0.7)),
    ),
    "an autoregression": (
        autoregression,
        (f(0.6), f(0.3), f(0.7)),
        (ones_but(0.3 + 0.6 * 0.4, 0.3), np.full(N, 0.6), np.full(N, 0.7)),
    ),
    "noise that is shifted": (
        shifted_noise,
        (f(0.6), f(0.3), f(0.7)),
        (ones_but(-0.4 + 0.6 * 0.4, -0.4), np.full(N, 0.6), np.full(N, 0.35)),
    ),
    "inputs": (
        driven,
        (f(0.6), f(0.7), INPUTS),
        (2.0 * INPUTS + np.r_[0.24, np.zeros(N - 1)], np.full(N, 0.6), 0.7 * np.exp(INPUTS)),
    ),
    "inputs behind a first draw": (
        driven_from_a_draw,
        (f(0.6), f(0.7), INPUTS[1:]),
        (ones_but(1.0, 0.0), 0.6 * INPUTS, np.r_[2.0, 0.7 * np.exp(INPUTS[1:])]),
    ),
}


@pytest.mark.parametrize("case", NORMAL)
def test_a_normal_loop_seen_with_noise_is_smoothed(case):
    dist, params, chain = NORMAL[case]
    with pm.Model() as model:
        x = custom("x", dist, *params)
        pm.Normal("y", x, f(0.5), observed=Y)
    mean, variance, evidence = smooth(*chain, Y, 0.5)
    result = sp.conjugate_graph(model)
    assert [s.relation for s in sp.steps(result)] == ["read_series", "gaussianchain_mean_reversalo"]
    assert result.log_evidence.eval() == pytest.approx(evidence, rel=TOLERANCE)
    offset, gain, scale = (p.eval() for p in result["x"].owner.op.dist_params(result["x"].owner))
    posterior = smooth(offset, gain, scale, np.full(N, np.nan), 1.0)
    np.testing.assert_allclose(posterior[0], mean, rtol=TOLERANCE)
    assert sp.collapse_graph(model).log_evidence.eval() == pytest.approx(evidence, rel=TOLERANCE)
    draws = sp.marginalize_graph(model, ["x"]).recover(draws=4000, random_seed=1)["x"]
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=4.5 * np.sqrt(variance.max() / 4000))
    np.testing.assert_allclose(draws.var(axis=0), variance, rtol=0.12)


def test_the_density_given_unknown_parameters_is_that_of_the_filter():
    with pm.Model() as model:
        rho, sd = pm.Beta("rho", f(2.0), f(2.0)), pm.HalfNormal("sd", f(1.0))
        x = custom("x", autoregression, rho, f(0.3), sd)
        pm.Normal("y", x, f(0.5), observed=Y)
    result = sp.collapse_graph(model)
    assert sorted(v.name for v in result.free_RVs) == ["rho", "sd"]
    density = result.compile_logp(vars=result.potentials, jacobian=False)
    for r, s in ((0.3, 0.8), (0.9, 0.1), (0.05, 2.0)):
        point = {"rho_logodds__": np.log(r / (1 - r)), "sd_log__": np.log(s)}
        chain = ones_but(0.3 + 0.4 * r, 0.3), np.full(N, r), np.full(N, s)
        assert density(point) == pytest.approx(smooth(*chain, Y, 0.5)[2], rel=TOLERANCE)


def test_an_observed_loop_is_what_each_number_is_given_the_one_before_it():
    with pm.Model() as model:
        c = pm.Normal("c", f(0.0), f(2.0))
        custom("x", autoregression, f(0.6), c, f(0.7), observed=Y)
    result = sp.conjugate_graph(model)
    assert [s.relation for s in sp.steps(result)] == ["read_series", "normal_mean_reversalo"]
    rest = Y - 0.6 * np.r_[0.4, Y[:-1]]
    expected = stats.multivariate_normal(np.zeros(N), 0.49 * np.eye(N) + 4.0).logpdf(rest)
    assert result.log_evidence.eval() == pytest.approx(expected, rel=TOLERANCE)


# States -----------------------------------------------------------------------------------------------------------


def hidden(step, size):
    first = pm.Categorical.dist(START)
    return begun(first, scanned(lambda z, P: pm.Categorical.dist(P[z]), step, first=first, n=N - 1))


def late_hidden(step, size):
    first = pm.Categorical.dist(START)
    return scanned(lambda z, P: pm.Categorical.dist(P[z]), step, first=first, n=N)


def from_state_one(step, size):
    return scanned(lambda z, P: pm.Categorical.dist(P[z]), step, first=np.int64(1), n=N)


STATES = {"hidden": (hidden, START), "late": (late_hidden, START @ STEP), "from a state": (from_state_one, STEP[1])}


@pytest.mark.parametrize("case", STATES)
def test_hidden_states_are_summed_over_all_paths(case):
    dist, start = STATES[case]
    with pm.Model() as model:
        z = custom("z", dist, STEP, dtype="int64")
        pm.Normal("y", pt.as_tensor(LEVELS)[z], f(0.8), observed=Y)
    result = sp.collapse_graph(model)
    assert [s.relation for s in sp.steps(result)] == ["read_series", "markovchain_given"]
    assert not result.free_RVs and not result.observed_RVs
    densities = stats.norm.pdf(Y[:, None], LEVELS, 0.8)
    assert result.log_evidence.eval() == pytest.approx(forward(start, STEP, densities), rel=TOLERANCE)


def test_the_sum_over_all_paths_and_the_law_of_the_path():
    n, draws = 4, 20_000

    def short(step, size):
        first = pm.Categorical.dist(START)
        return begun(first, scanned(lambda z, P: pm.Categorical.dist(P[z]), step, first=first, n=n - 1))

    with pm.Model() as model:
        z = custom("z", short, STEP, n=n, dtype="int64")
        pm.Normal("y", pt.as_tensor(LEVELS)[z], f(0.8), observed=Y[:n])
    logs = np.zeros((3,) * n)
    for path in product(range(3), repeat=n):
        steps = sum(np.log(STEP[a, b]) for a, b in zip(path, path[1:]))
        logs[path] = np.log(START[path[0]]) + steps + stats.norm.logpdf(Y[:n], LEVELS[list(path)], 0.8).sum()
    result = sp.marginalize_graph(model, ["z"])
    assert result.log_evidence.eval() == pytest.approx(logsumexp(logs), rel=TOLERANCE)
    found = np.zeros(logs.shape)
    np.add.at(found, tuple(result.recover(draws=draws, random_seed=2)["z"].T), 1)
    expected = draws * np.exp(logs - logsumexp(logs))
    likely = expected > 5
    observed, wanted = np.r_[found[likely], found[~likely].sum()], np.r_[expected[likely], expected[~likely].sum()]
    assert stats.chisquare(observed, wanted).pvalue > 1e-3


def test_categorical_data_of_hidden_states():
    y = np.array([0, 3, 2, 1, 1, 0, 3, 3, 2])
    with pm.Model() as model:
        z = custom("z", hidden, STEP, dtype="int64")
        pm.Categorical("y", p=pt.as_tensor(EMIT)[z], observed=y)
        pm.Normal("x", 2.0 * z, f(1.0), observed=Y)
    result = sp.collapse_graph(model)
    densities = EMIT[:, y].T * stats.norm.pdf(Y[:, None], 2.0 * np.arange(3), 1.0)
    assert result.log_evidence.eval() == pytest.approx(forward(START, STEP, densities), rel=TOLERANCE)


def switched(stay, come, size):
    first = pm.Bernoulli.dist(f(0.4))
    step = lambda z, stay, come: pm.Bernoulli.dist(pt.switch(z, stay, come))  # noqa: E731
    return begun(first, scanned(step, stay, come, first=first, n=N - 1))


def test_unknown_chances_levels_and_noise():
    with pm.Model() as model:
        stay, come = pm.Beta("stay", f(4.0), f(2.0)), pm.Beta("come", f(2.0), f(3.0))
        low, sd = pm.Normal("low", f(0.0), f(1.0)), pm.HalfNormal("sd", f(1.0))
        z = custom("z", switched, stay, come, dtype="int64")
        pm.Normal("y", low + 2.0 * z, sd, observed=Y)
    result = sp.collapse_graph(model)
    assert sorted(v.name for v in result.free_RVs) == ["come", "low", "sd", "stay"]
    density = result.compile_logp(vars=result.potentials, jacobian=False)
    slope = result.compile_dlogp()
    rng = np.random.default_rng(1)
    for _ in range(4):
        p, q, at, s = rng.uniform(size=2), rng.uniform(), rng.normal(), rng.uniform(0.3, 2.0)
        point = {
            "stay_logodds__": np.log(p[0] / (1 - p[0])),
            "come_logodds__": np.log(q / (1 - q)),
            "low": at,
            "sd_log__": np.log(s),
        }
        step = np.array([[1 - q, q], [1 - p[0], p[0]]])
        densities = stats.norm.pdf(Y[:, None], at + 2.0 * np.arange(2), s)
        assert density(point) == pytest.approx(forward(np.array([0.6, 0.4]), step, densities), rel=TOLERANCE)
        assert np.all(np.isfinite(slope(point)))
    paths = result.recover({name: np.array([[0.3, 0.4]]) for name in ("stay", "come", "low", "sd")}, random_seed=1)
    assert paths["z"].shape == (1, 2, N) and set(np.unique(paths["z"])) <= {0, 1}


def test_states_that_are_never_left_and_data_that_are_far_away():
    upward = np.array([[0.9, 0.1, 0.0], [0.0, 0.9, 0.1], [0.0, 0.0, 1.0]])
    y = np.array([0.0, 40.0, 0.0, 1.0, 1.0, 90.0, 2.0, 2.0, 2.0])

    def rising(step, size):
        return scanned(lambda z, P: pm.Categorical.dist(P[z]), step, first=np.int64(0), n=N)

    with pm.Model() as model:
        z = custom("z", rising, upward, dtype="int64")
        pm.Normal("y", 1.0 * z, f(0.1), observed=y)
    result = sp.collapse_graph(model)
    logs = stats.norm.logpdf(y[:, None], np.arange(3), 0.1)
    a = np.array([0.0, -np.inf, -np.inf])
    with np.errstate(divide="ignore"):
        for row in logs:
            a = logsumexp(a[:, None] + np.log(upward), axis=0) + row
    assert result.log_evidence.eval() == pytest.approx(logsumexp(a), rel=TOLERANCE)
    assert np.all(np.diff(result.recover(draws=100, random_seed=1)["z"]) >= 0)


def test_ten_thousand_steps():
    n = 10_000
    rng = np.random.default_rng(5)
    y = rng.normal(size=n) + 2.0 * (np.sin(np.arange(n) / 50) > 0)

    def long(step, size):
        return scanned(lambda z, P: pm.Categorical.dist(P[z]), step, first=np.int64(0), n=n)

    step = np.array([[0.99, 0.01], [0.02, 0.98]])
    with pm.Model() as model:
        z = custom("z", long, step, n=n, dtype="int64")
        pm.Normal("y", 2.0 * z, f(1.0), observed=y)
    result = sp.collapse_graph(model)
    expected = forward(step[0], step, stats.norm.pdf(y[:, None], [0.0, 2.0], 1.0))
    assert result.log_evidence.eval() == pytest.approx(expected, rel=TOLERANCE)


# A first number that is a variable of the model -------------------------------------------------------------------


def test_a_first_number_that_is_unknown():
    def dist(first, sd, size):
        return scanned(lambda x, s: pm.Normal.dist(0.6 * x, s), sd, first=first, n=N)

    with pm.Model() as model:
        x = custom("x", dist, pm.Normal("first", f(0.0), f(1.0)), f(0.7))
        pm.Normal("y", x, f(0.5), observed=Y)
    result = sp.marginalize_graph(model, ["x"])
    assert [v.name for v in result.free_RVs] == ["first"]
    density = result.compile_logp(vars=result.potentials)
    for first in (-1.0, 0.5):
        chain = ones_but(0.6 * first, 0.0), np.full(N, 0.6), np.full(N, 0.7)
        assert density({"first": first}) == pytest.approx(smooth(*chain, Y, 0.5)[2], rel=TOLERANCE)


def test_a_first_state_that_is_unknown():
    def dist(first, step, size):
        return scanned(lambda z, P: pm.Categorical.dist(P[z]), step, first=first, n=N)

    with pm.Model() as model:
        z = custom("z", dist, pm.Categorical("first", START), STEP, dtype="int64")
        pm.Normal("y", pt.as_tensor(LEVELS)[z], f(0.8), observed=Y)
    result = sp.marginalize_graph(model, ["z"])
    assert [v.name for v in result.free_RVs] == ["first"]
    density, likelihoods = result.compile_logp(vars=result.potentials), stats.norm.pdf(Y[:, None], LEVELS, 0.8)
    for first in range(3):
        assert density({"first": first}) == pytest.approx(forward(STEP[first], STEP, likelihoods), rel=TOLERANCE)
    expected = forward(START @ STEP, STEP, likelihoods)
    assert sp.collapse_graph(model).log_evidence.eval() == pytest.approx(expected, rel=TOLERANCE)


# Against PyMC's own densities of the loops ---------------------------------------------------------------------------


def assert_the_joint_density_is_that_of_pymc(model, name, values):
    """Assert log p(x, y) = log p(x | y) + log p(y) at some values of x."""
    joint = model.compile_logp()
    posterior = read_posterior(model, name)
    evidence = sp.marginalize_graph(model, [name]).log_evidence.eval()
    for value in values:
        assert joint({name: value}) == pytest.approx(posterior(value) + evidence, rel=TOLERANCE)


def read_posterior(model, name):
    """Return the log density of the law that a variable is drawn back from."""
    (law,) = reify_many(sp.marginalize_graph(model, [name]).recover.integrated)
    value = law.type()
    return pytensor.function([value], pm.logp(law, value).sum())


def test_the_posterior_of_a_normal_loop_against_pymc():
    with pm.Model() as model:
        x = custom("x", autoregression, f(0.6), f(0.3), f(0.7))
        pm.Normal("y", x, f(0.5), observed=Y)
    assert_the_joint_density_is_that_of_pymc(model, "x", np.random.default_rng(2).normal(size=(5, N)))


def test_the_posterior_of_hidden_states_against_pymc():
    with pm.Model() as model:
        z = custom("z", from_state_one, STEP, dtype="int64")
        pm.Normal("y", pt.as_tensor(LEVELS)[z], f(0.8), observed=Y)
    assert_the_joint_density_is_that_of_pymc(model, "z", np.random.default_rng(2).integers(3, size=(5, N)))


# What is refused --------------------------------------------------------------------------------------------------


def refused(dist, *params, data=None, **options):
    with pm.Model() as model:
        x = custom("x", dist, *params, **options)
        pm.Normal("y", x, f(0.5), observed=Y)
    result = sp.collapse_graph(model)
    assert result is model
    return reasons(result)["x"]


def test_an_estimate_of_what_is_beside_a_loop():
    """The states are held where they begin."""
    with pm.Model() as model:
        level = pm.Normal("level", f(0.0), f(2.0))
        z = custom("z", from_state_one, STEP, dtype="int64")
        pm.Normal("y", level + pt.as_tensor(LEVELS)[z], f(0.8), observed=Y)
    rest = Y - LEVELS[model.initial_point()["z"]]
    result = sp.find_map(model, vars=["level"], progressbar=False)
    assert result["level"] == pytest.approx(rest.sum() / 0.64 / (N / 0.64 + 0.25), rel=1e-7)


def test_states_that_are_seen_are_left_as_they_are():
    with pm.Model() as model:
        stay = pm.Beta("stay", f(4.0), f(2.0))
        custom("z", switched, stay, f(0.3), dtype="int64", observed=np.arange(N) % 2)
    result = sp.conjugate_graph(model)
    assert result is model and "where the states are hidden" in reasons(result)["z"]


def test_steps_that_are_not_affine_are_refused():
    def dist(sd, size):
        return scanned(lambda x, s: pm.Normal.dist(pt.sin(x), s), sd, first=f(0.0), n=N)

    assert "not affine" in refused(dist, f(1.0))


def test_noise_that_depends_on_the_last_number_is_refused():
    def dist(sd, size):
        return scanned(lambda x, s: pm.Normal.dist(x, s + x**2), sd, first=f(0.0), n=N)

    assert "standard deviation of a step of x depends on the number before" in refused(dist, f(1.0))

    def scaled(sd, size):
        return scanned(lambda x, s: x * pm.Normal.dist(f(1.0), s), sd, first=f(1.0), n=N)

    assert "depends" in refused(scaled, f(1.0))


def test_another_law_of_the_steps_is_refused():
    def dist(sd, size):
        return scanned(lambda x, s: pm.StudentT.dist(f(3.0), mu=x, sigma=s), sd, first=f(0.0), n=N)

    assert "draws studentt" in refused(dist, f(1.0))


def test_a_step_that_draws_twice_is_refused():
    def dist(sd, size):
        return scanned(lambda x, s: pm.Normal.dist(x, s) + pm.Normal.dist(f(0.0), s), sd, first=f(0.0), n=N)

    assert "draws 2 numbers" in refused(dist, f(1.0))


def test_a_draw_that_serves_all_steps_is_refused():
    def dist(sd, size):
        drift = pm.Normal.dist(f(0.0), f(1.0))
        return scanned(lambda x, d, s: pm.Normal.dist(x + d, s), drift, sd, first=f(0.0), n=N)

    assert "drawn beside them" in refused(dist, f(1.0))


def test_a_first_number_of_another_law_is_refused():
    def dist(sd, size):
        first = pm.Cauchy.dist(f(0.0), f(1.0))
        return begun(first, scanned(lambda x, s: pm.Normal.dist(x, s), sd, first=first, n=N - 1))

    assert "no normal draw of its own" in refused(dist, f(1.0))


def test_a_series_behind_another_number_is_refused():
    def dist(sd, size):
        first, other = pm.Normal.dist(f(0.0), f(1.0)), pm.Normal.dist(f(0.0), f(1.0))
        return begun(other, scanned(lambda x, s: pm.Normal.dist(x, s), sd, first=first, n=N - 1))

    assert "begins with another number" in refused(dist, f(1.0))


def test_a_loop_of_two_lags_is_refused():
    def dist(sd, size):
        def step(before, last, s):
            x = pm.Normal.dist(0.5 * last + 0.2 * before, s)
            return x, collect_default_updates([x])

        start = {"initial": pt.zeros(2), "taps": [-2, -1]}
        return pytensor.scan(step, outputs_info=[start], non_sequences=[sd], n_steps=N, strict=True)[0]

    assert "several numbers before it" in refused(dist, f(1.0))


def test_a_loop_over_vectors_is_refused():
    def dist(sd, size):
        return scanned(lambda x, s: pm.Normal.dist(x, s), sd, first=np.zeros(2), n=N)

    with pm.Model() as model:
        x = pm.CustomDist("x", f(1.0), dist=dist, shape=(N, 2), ndim_supp=2)
        pm.Normal("y", x, f(0.5), observed=np.zeros((N, 2)))
    result = sp.collapse_graph(model)
    assert result is model and "draws an array" in reasons(result)["x"]
