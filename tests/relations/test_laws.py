"""One parametrisation for each distribution: the spellings of one law, and a value in the middle of it, against scipy."""

from importlib import import_module

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize_scalar

from symbolic_pymc.relations.laws import center, law, parameters_of, read, write


def ops_of(backend):
    return import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops


def number(backend, term):
    return backend.compile_plainly([], term.reify())()


def constants(ops, values):
    return {name: ops.constant(x) for name, x in values.items()}


# The spellings of one law ----------------------------------------------------------------------------------------

EXPONENTIAL, GAMMA, COUNT = stats.expon(scale=0.4), stats.gamma(2.5, scale=0.4), stats.nbinom(2.5, 0.3)
DRAWN = stats.hypergeom(20, 7, 5)


class ZeroInflated:
    """Counts of which a part is zero instead."""

    def __init__(self, psi, counts):
        self.psi, self.counts = psi, counts

    def logpmf(self, y):
        return np.log((1 - self.psi) * np.equal(y, 0) + self.psi * self.counts.pmf(y))


# the law in scipy, points, and its spellings: the first as it is called by the relations
SPELLINGS = {
    "exponential": (EXPONENTIAL, [0.3, 2.5], {"lam": 1 / EXPONENTIAL.mean()}, {"scale": EXPONENTIAL.mean()}),
    "gamma": (
        GAMMA,
        [0.3, 2.5],
        {"alpha": 2.5, "beta": GAMMA.mean() / GAMMA.var()},
        {"alpha": 2.5, "scale": GAMMA.var() / GAMMA.mean()},
    ),
    "negativebinomial": (
        COUNT,
        [0, 4, 7],
        {"n": 2.5, "p": COUNT.mean() / COUNT.var()},
        {"mu": COUNT.mean(), "alpha": 2.5},
    ),
    "hypergeometric": (
        DRAWN,
        [0, 2, 5],
        {"N": 20, "k": 7, "n": 5},
        {"good": 7, "bad": 20 - 7, "n": 5},
    ),
    "zeroinflatedpoisson": (
        ZeroInflated(0.7, stats.poisson(2.3)),
        [0, 4],
        {"psi": 0.7, "mu": 2.3},
        {"psi": 0.7, "theta": 2.3},
    ),
    "zeroinflatednegativebinomial": (
        ZeroInflated(0.7, COUNT),
        [0, 4, 7],
        {"psi": 0.7, "mu": COUNT.mean(), "alpha": 2.5},
        {"psi": 0.7, "n": 2.5, "p": COUNT.mean() / COUNT.var()},
    ),
    "rice": (
        stats.rice(1.5, scale=0.8),
        [0.3, 2.5],
        {"nu": 1.5 * 0.8, "sigma": 0.8},
        {"b": 1.5, "sigma": 0.8},
    ),
}
WAYS = [
    (name, i, parameter)
    for name, (_, _, own, *others) in SPELLINGS.items()
    for i in range(len(others))
    for parameter in own
]


@pytest.mark.parametrize("name, i, parameter", WAYS)
def test_read_from_another_spelling(backend, name, i, parameter):
    ops, (_, _, own, *others) = ops_of(backend), SPELLINGS[name]
    found = number(backend, read(ops, name, parameter, constants(ops, others[i])))
    np.testing.assert_allclose(found, own[parameter], rtol=1e-14)


@pytest.mark.parametrize("name, i", sorted({(name, i) for name, i, _ in WAYS}))
def test_write_in_another_spelling(backend, name, i):
    ops, (_, _, own, *others) = ops_of(backend), SPELLINGS[name]
    for parameter, expected in others[i].items():
        found = number(backend, write(ops, name, parameter, constants(ops, own)))
        np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_the_odds_of_a_failure_are_a_spelling_too(backend):
    ops, (exact, _, own, other) = ops_of(backend), SPELLINGS["negativebinomial"]
    odds = exact.mean() / own["n"]
    for spelling in (own, other):
        found = number(backend, read(ops, "negativebinomial", "odds", constants(ops, spelling)))
        np.testing.assert_allclose(found, odds, rtol=1e-14)
    given = constants(ops, {"n": own["n"], "odds": odds})
    for parameter, expected in (own | other).items():
        found = number(backend, write(ops, "negativebinomial", parameter, given))
        np.testing.assert_allclose(found, expected, rtol=1e-14)


@pytest.mark.parametrize("name", [name for name in SPELLINGS if name != "rice"])
def test_the_draw_has_the_law_and_its_parameters(backend, name):
    exact, points, own, *_ = SPELLINGS[name]
    ops = ops_of(backend)
    y = ops.constant(np.array(points))
    draw = law(ops, name, *(ops.like(ops.constant(x), y) for x in own.values()))
    density = import_module(f"symbolic_pymc.{backend.name}.adapter").ADAPTER.log_density
    expected = exact.logpdf(points) if name in ("exponential", "gamma") else exact.logpmf(points)
    np.testing.assert_allclose(backend.compile_plainly([], density(draw.reify(), y.reify()))(), expected, rtol=1e-12)
    found = parameters_of(ops, draw)
    assert [*found] == [*own]
    for parameter, x in found.items():
        np.testing.assert_allclose(number(backend, x), np.full(len(points), own[parameter]), rtol=1e-14)


@pytest.mark.parametrize("name, loc", [("halfcauchy", "loc"), ("halfnormal", "loc"), ("wald", "alpha")])
def test_what_is_not_said_to_start_elsewhere_starts_at_zero(backend, name, loc):
    assert number(backend, write(ops_of(backend), name, loc, {})) == 0.0


def test_a_probability_spelt_by_the_mean_is_the_probability_itself(backend):
    """Also where a mean that is no such spelling has the same operations."""
    ops = ops_of(backend)
    n, p, one, two = map(ops.constant, (2.5, 0.3, 1.0, 2.0))
    mean = ops.true_div(ops.mul(n, ops.sub(one, p)), p)
    assert read(ops, "negativebinomial", "p", {"mu": mean, "alpha": n}) is p
    for other in (ops.true_div(ops.mul(n, ops.sub(two, p)), p), ops.true_div(ops.mul(p, ops.sub(one, p)), p)):
        mu = number(backend, other)
        found = number(backend, read(ops, "negativebinomial", "p", {"mu": other, "alpha": n}))
        np.testing.assert_allclose(stats.nbinom(2.5, found).mean(), mu, rtol=1e-14)


def test_things_that_are_not_good_are_bad(backend):
    ops = ops_of(backend)
    N, k = map(ops.constant, (20, 7))
    assert read(ops, "hypergeometric", "N", {"good": k, "bad": ops.sub(N, k)}) is N
    assert number(backend, read(ops, "hypergeometric", "N", {"good": N, "bad": ops.sub(N, k)})) == 20 + 20 - 7


# A value in the middle -------------------------------------------------------------------------------------------

V = np.array([[2.0, 0.3], [0.3, 0.5]])
MEANS = {
    "normal": ((0.7, 2.0), stats.norm(0.7, 2.0)),
    "gamma": ((2.5, 0.7), stats.gamma(2.5, scale=1 / 0.7)),
    "beta": ((2.5, 0.7), stats.beta(2.5, 0.7)),
    "dirichlet": ((np.array([2.5, 0.7, 1.1]),), stats.dirichlet([2.5, 0.7, 1.1])),
    "wishart": ((4.5, V), stats.wishart(4.5, V)),
    "poisson": ((7.3,), stats.poisson(7.3)),
    "binomial": ((9, 0.7), stats.binom(9, 0.7)),
    "betabinomial": ((9, 2.5, 0.7), stats.betabinom(9, 2.5, 0.7)),
    "negativebinomial": ((2.5, 0.3), stats.nbinom(2.5, 0.3)),
}
COUNTS = ("poisson", "binomial", "betabinomial", "negativebinomial")


def center_of(backend, name, parameters):
    ops = ops_of(backend)
    return number(backend, center(ops, law(ops, name, *map(ops.constant, parameters))))


@pytest.mark.parametrize("name", MEANS)
def test_the_middle_is_the_mean(backend, name):
    parameters, exact = MEANS[name]
    found = center_of(backend, name, parameters)
    mean = exact.mean()
    np.testing.assert_allclose(found, np.floor(mean) if name in COUNTS else mean, rtol=1e-14)
    assert (found.dtype.kind == "i") is (name in COUNTS)


# by family: sets of parameters, and the log density whose largest value is where the middle is
MODES = {
    "generalizedinversegaussian": (
        [(0.4, 2.0, 3.0), (-1.5, 0.3, 2.0), (3.0, 2.0, 0.5), (1.0, 1.5, 2.5)],
        lambda x, p, a, b: (p - 1) * np.log(x) - (a * x + b / x) / 2,
    ),
    "laplacenormal": (
        [(0.7, 0.5, 1.5, 0.4), (4.0, 0.5, 1.5, 0.8), (-4.0, 0.5, 1.5, 0.8), (2.0, 2.0, 2.0, 0.3)],
        lambda x, mu, sigma, location, b: -(((x - mu) / sigma) ** 2) / 2 - abs(x - location) / b,
    ),
}


@pytest.mark.parametrize("name", MODES)
def test_the_middle_is_where_the_density_is_largest(backend, name):
    sets, log_density = MODES[name]
    for parameters in sets:
        low = 1e-6 if name == "generalizedinversegaussian" else -10.0
        best = minimize_scalar(lambda x: -log_density(x, *parameters), (low, 10.0), (low, 10.0), method="bounded")
        np.testing.assert_allclose(center_of(backend, name, parameters), best.x, atol=1e-4)


@pytest.mark.parametrize("lower, upper, where", [(0.1, 0.9, None), (0.8, 0.9, 0.8), (0.1, 0.3, 0.3)])
def test_the_middle_of_a_truncated_law_is_within_its_bounds(backend, lower, upper, where):
    means = {"truncatedgamma": (2.5, 5.0), "truncatedinversegamma": (5.0, 2.5), "truncatedbeta": (2.0, 2.0)}
    for name, parameters in means.items():
        found = center_of(backend, name, (*parameters, lower, upper))
        np.testing.assert_allclose(found, 0.5 if where is None else where, rtol=1e-14)


def test_the_middle_of_shared_out_numbers_is_as_near_to_the_mean_as_whole_numbers_are(backend):
    np.testing.assert_array_equal(center_of(backend, "multinomial", (10, np.array([0.2, 0.5, 0.3]))), [2, 5, 3])
    for seed, n in enumerate((0, 1, 7, 1000)):
        p = np.random.default_rng(seed).dirichlet(np.full(5, 0.7))
        found = center_of(backend, "multinomial", (n, p))
        assert found.dtype.kind == "i" and found.sum() == n and np.all(found >= 0)
        assert np.all(np.abs(found - n * p) <= 1.0)


@pytest.mark.parametrize("alpha", [0.01, 0.7, 30.0])
def test_the_middle_of_an_inverse_gamma_law_is_its_mode(backend, alpha):
    exact = stats.invgamma(alpha, scale=2.5)
    mode = minimize_scalar(lambda u: -exact.logpdf(np.exp(u)), (-9.0, 9.0)).x
    np.testing.assert_allclose(center_of(backend, "inversegamma", (alpha, 2.5)), np.exp(mode), rtol=1e-6)


def test_the_middle_of_an_inverse_wishart_law_is_its_mode(backend):
    if "inversewishart" in ops_of(backend).rows:
        found = center_of(backend, "inversewishart", (4.5, V))
        np.testing.assert_allclose(found, stats.invwishart(4.5, V).mode(), rtol=1e-14)


def test_the_middle_of_a_chain_is_its_mean(backend):
    offset, gain = np.array([0.7, -1.0, 2.0, 0.3]), np.array([0.0, 0.9, -0.5, 1.2])
    mean = [0.0]
    for c, a in zip(offset, gain):
        mean.append(c + a * mean[-1])
    np.testing.assert_allclose(center_of(backend, "gaussianchain", (offset, gain, np.ones(4))), mean[1:], rtol=1e-14)


def well_inside(exact, x):
    return 0.02 < exact.cdf(x) < 0.98 and 0.02 < exact.sf(x) < 0.98


@pytest.mark.parametrize("alpha", [0.03, 3.0, 1e4])
def test_the_middle_of_a_pareto_law_is_well_inside(backend, alpha):
    for m in (1e-4, 1e4):
        assert well_inside(stats.pareto(alpha, scale=m), center_of(backend, "pareto", (alpha, m)))


BOUNDS = [(-np.inf, np.inf), (-np.inf, -9.0), (9.0, np.inf), (9.0, 9.1), (-9.1, -9.0), (-0.1, 0.1), (0.0, np.inf)]
BOUNDS += [(-np.inf, 0.0), (-3.0, 90.0), (-90.0, 3.0), (0.7, 50.0), (-50.0, 0.7), (9.0, 90.0), (-90.0, -9.0)]


@pytest.mark.parametrize("lower, upper", BOUNDS)
def test_the_middle_of_a_truncated_normal_law_is_well_inside(backend, lower, upper):
    for mu, sigma in ((0.0, 1.0), (0.5, 2.0), (1.2, 0.3), (0.3, 30.0)):
        exact = stats.truncnorm((lower - mu) / sigma, (upper - mu) / sigma, mu, sigma)
        assert well_inside(exact, center_of(backend, "truncatednormal", (mu, sigma, lower, upper)))
