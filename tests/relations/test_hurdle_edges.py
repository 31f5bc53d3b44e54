"""Hurdle data, 0 or what never is: the posterior of the chance, against sums over the data and beta functions."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import betaln, expit

import symbolic_pymc as sp
from tests.densities import assert_conditioned, evidence_of, log_density, random_points
from tests.joints import built, reasons

F = np.float64
COUNTS = np.array([0, 0, 3, 1, 0, 2])
REALS = np.array([0.0, 0.7, 0.0, 2.5, 1.1, 0.0])
A, B = 2.0, 3.0
TOLERANCE = 1e-8
POISSON, NEGATIVE = stats.poisson(1.8), stats.nbinom(2.5, 2.5 / 4.3)


def mixed(pm, psi, law, zero=F(0.0), **options):
    point = pm.Constant if hasattr(pm, "Constant") else pm.DiracDelta
    return pm.Mixture("y", pm.math.stack([1 - psi, psi], axis=-1), [point.dist(zero), law], **options)


def bounded(pm, psi, law, **options):
    return mixed(pm, psi, law, zero=np.int64(0), **options)


def of_poisson(pm, psi, mu=F(1.8), **options):
    if hasattr(pm, "HurdlePoisson"):
        return pm.HurdlePoisson("y", psi=psi, mu=mu, **options)
    return bounded(pm, psi, pm.Bound(pm.Poisson, lower=1).dist(mu=mu), **options)


def of_negative_binomial(pm, psi, **options):
    if hasattr(pm, "HurdleNegativeBinomial"):
        return pm.HurdleNegativeBinomial("y", psi=psi, mu=F(1.8), alpha=F(2.5), **options)
    return bounded(pm, psi, pm.Bound(pm.NegativeBinomial, lower=1).dist(mu=F(1.8), alpha=F(2.5)), **options)


def of_gamma(pm, psi, rate=F(1.5), **options):
    if hasattr(pm, "HurdleGamma"):
        return pm.HurdleGamma("y", psi=psi, alpha=F(2.0), beta=rate, **options)
    return mixed(pm, psi, pm.Gamma.dist(F(2.0), rate), **options)


def of_lognormal(pm, psi, **options):
    if hasattr(pm, "HurdleLogNormal"):
        return pm.HurdleLogNormal("y", psi=psi, mu=F(0.3), sigma=F(0.8), **options)
    return mixed(pm, psi, pm.Bound(pm.Lognormal, lower=F(0.01)).dist(mu=F(0.3), sigma=F(0.8)), **options)


def of_inverse_gamma(pm, psi, **options):
    return mixed(pm, psi, pm.InverseGamma.dist(F(2.5), F(3.0)), **options)


def counted(law):
    """Return the log probability of what is not 0; PyMC3 leaves that of a bounded law as it is."""
    return lambda backend, y: law.logpmf(y) - (np.log(law.sf(0)) if backend.name == "pytensor" else 0.0)


HURDLES = {
    "poisson": (of_poisson, COUNTS, counted(POISSON)),
    "negative binomial": (of_negative_binomial, COUNTS, counted(NEGATIVE)),
    "gamma": (of_gamma, REALS, lambda _, y: stats.gamma(2.0, scale=1 / 1.5).logpdf(y)),
    "lognormal": (of_lognormal, REALS, lambda _, y: stats.lognorm(0.8, scale=np.exp(0.3)).logpdf(y)),
    "inversegamma": (of_inverse_gamma, REALS, lambda _, y: stats.invgamma(2.5, scale=3.0).logpdf(y)),
}


@pytest.fixture(params=HURDLES)
def hurdle(request):
    return HURDLES[request.param]


def chance(pm, **options):
    return pm.Beta("psi", F(A), F(B), **options)


def assert_chance(backend, result, zeros, others, a=A, b=B):
    """Assert that psi has the beta law of so many zeros and others, elementwise."""
    density = log_density(backend, result)
    for point in random_points(backend, result):
        psi = expit(point["psi_logodds__"])
        expected = stats.beta(a + others, b + zeros).logpdf(psi) + np.log(psi * (1 - psi))
        assert density(point) == pytest.approx(np.sum(expected), rel=TOLERANCE)


@pytest.mark.parametrize("n", [0, 1, 6])
def test_the_chance_has_its_posterior(backend, hurdle, n):
    make, y, law = hurdle
    y = y[:n]
    model = built(backend, lambda pm, t: make(pm, chance(pm), observed=y))
    result = sp.conjugate_graph(model)
    evidence = assert_conditioned(backend, model, result)
    zeros, others = np.sum(y == 0), np.sum(y != 0)
    expected = betaln(A + others, B + zeros) - betaln(A, B) + law(backend, y[y != 0]).sum()
    assert evidence == pytest.approx(expected, rel=TOLERANCE, abs=TOLERANCE)
    assert_chance(backend, result, zeros, others)


PLATES = {
    "of its own": ((6,), lambda psi: psi, np.arange(6), (6,)),
    "indexed": ((3,), lambda psi: psi[np.array([2, 0, 0, 2, 1, 0])], np.array([2, 0, 0, 2, 1, 0]), (6,)),
    "of every column": ((3,), lambda psi: psi, np.tile(np.arange(3), 2), (2, 3)),
    "of every row": ((2, 1), lambda psi: psi, np.repeat(np.arange(2), 3), (2, 3)),
}


@pytest.mark.parametrize("shape, of, group, data_shape", PLATES.values(), ids=PLATES)
@pytest.mark.parametrize("name", ["poisson", "gamma"])
def test_chances_on_plates(backend, name, shape, of, group, data_shape):
    make, y, _ = HURDLES[name]

    def build(pm, t):
        make(pm, of(chance(pm, shape=shape)), observed=y.reshape(data_shape))

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert_conditioned(backend, model, result)
    zeros, others = (np.bincount(group, x, np.prod(shape)).reshape(shape) for x in (y == 0, y != 0))
    assert_chance(backend, result, zeros, others)


def test_a_chance_of_the_zeros(backend, hurdle):
    make, y, _ = hurdle
    model = built(backend, lambda pm, t: make(pm, 1 - chance(pm), observed=y))
    result = sp.conjugate_graph(model)
    assert_conditioned(backend, model, result)
    assert_chance(backend, result, zeros=np.sum(y != 0), others=np.sum(y == 0))


def test_the_chance_goes_and_the_law_of_the_rest_stays(backend):
    def build(pm, t):
        of_gamma(pm, chance(pm), rate=pm.Gamma("rate", F(2.0), F(1.0)), observed=REALS)

    model = built(backend, build)
    result = sp.collapse_graph(model)
    assert [v.name for v in result.free_RVs if not v.name.startswith("rate")] == []
    density = log_density(backend, result)
    y = REALS[REALS > 0]
    for point in random_points(backend, result):
        rate = np.exp(point["rate_log__"])
        expected = betaln(A + 3, B + 3) - betaln(A, B) + stats.gamma(2.0, scale=1 / rate).logpdf(y).sum()
        expected += stats.gamma(2.0).logpdf(rate) + np.log(rate)
        assert density(point) == pytest.approx(expected, rel=TOLERANCE)
    psi = result.recover(draws=4000, random_seed=3)["psi"]
    assert stats.kstest(psi, stats.beta(A + 3, B + 3).cdf).pvalue > 1e-4


def test_a_uniform_chance_and_other_data_of_it(backend):
    def build(pm, t):
        psi = pm.Uniform("psi", F(0.0), F(1.0))
        of_poisson(pm, psi, observed=COUNTS)
        pm.Binomial("w", 5, psi, observed=np.int64(4))

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert_chance(backend, result, 3 + 1, 3 + 4, a=1.0, b=1.0)
    law = counted(POISSON)(backend, COUNTS[COUNTS > 0]).sum()
    expected = betaln(1 + 7, 1 + 4) + np.log(5) + law
    assert evidence_of(backend, result) == pytest.approx(expected, abs=1e-6)  # PyMC3 has counts in single precision


def test_a_chance_between_bounds(backend):
    make, y, _ = HURDLES["gamma"]
    model = built(backend, lambda pm, t: make(pm, pm.Uniform("psi", F(0.2), F(0.7)), observed=y))
    result = sp.conjugate_graph(model)
    assert_conditioned(backend, model, result)
    (name,), law = random_points(backend, result)[0], stats.beta(4, 4)
    density = log_density(backend, result)
    for point in random_points(backend, result):
        share = expit(point[name])
        expected = law.logpdf(0.2 + 0.5 * share) - np.log(law.cdf(0.7) - law.cdf(0.2))
        assert density(point) == pytest.approx(expected + np.log(0.5 * share * (1 - share)), rel=TOLERANCE)


@pytest.mark.parametrize("zeros, others", [(0, 10**6), (10**6, 1), (1, 0)])
def test_many_or_few_data(backend, zeros, others):
    y = np.r_[np.zeros(zeros), np.full(others, 1.5)]
    model = built(backend, lambda pm, t: of_inverse_gamma(pm, chance(pm), observed=y))
    evidence = evidence_of(backend, sp.conjugate_graph(model))
    expected = betaln(A + others, B + zeros) - betaln(A, B) + others * stats.invgamma(2.5, scale=3.0).logpdf(1.5)
    assert evidence == pytest.approx(expected, rel=1e-6)


REFUSED = {
    "the chance in the law": lambda pm, t: of_poisson(pm, (psi := chance(pm)), mu=3.0 * psi, observed=COUNTS),
    "not itself": lambda pm, t: of_poisson(pm, 0.5 * chance(pm), observed=COUNTS),
    "a normal log odds": lambda pm, t: of_poisson(
        pm, pm.math.sigmoid(pm.Normal("psi", 0.0, sigma=1.0)), observed=COUNTS
    ),
    "a law that draws 0": lambda pm, t: mixed(pm, chance(pm), pm.Normal.dist(F(0.0), F(1.0)), observed=REALS),
    "a law with a density at 0": lambda pm, t: mixed(pm, chance(pm), pm.Exponential.dist(F(1.0)), observed=REALS),
    "not at 0": lambda pm, t: mixed(pm, chance(pm), pm.InverseGamma.dist(F(2.0), F(1.0)), zero=F(1.0), observed=REALS),
}


@pytest.mark.parametrize("build", REFUSED.values(), ids=REFUSED)
def test_what_is_no_chance_of_a_hurdle_is_refused(backend, build):
    model = built(backend, build)
    for result in (sp.conjugate_graph(model), sp.marginalize_graph(model, ["psi"])):
        assert result is model and "psi" in reasons(result)
