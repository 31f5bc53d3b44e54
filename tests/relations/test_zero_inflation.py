"""Counts with more zeros than their law has: the indicator of what is counted, brought in, summed out, conditioned on."""

from importlib import import_module

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.special import betaln

import symbolic_pymc as sp
from symbolic_pymc.adapter import adapter_of
from symbolic_pymc.errors import ModelGraphError
from symbolic_pymc.meta import reify_many
from tests.densities import assert_conditioned, assert_densities_differ_by, evidence_of, log_density
from tests.joints import built

F = np.float64
PSI, MU, ALPHA, N, P = F(0.6), F(1.8), F(2.5), np.int64(7), F(0.3)
COUNTS = np.array([0, 0, 3, 1, 0, 2])
LAWS = {
    "poisson": (lambda pm, psi, **kw: pm.ZeroInflatedPoisson("y", psi, MU, **kw), stats.poisson(MU)),
    "binomial": (lambda pm, psi, **kw: pm.ZeroInflatedBinomial("y", psi, N, P, **kw), stats.binom(N, P)),
    "negativebinomial": (
        lambda pm, psi, **kw: pm.ZeroInflatedNegativeBinomial("y", psi, mu=MU, alpha=ALPHA, **kw),
        stats.nbinom(ALPHA, ALPHA / (MU + ALPHA)),
    ),
}
SHAPES = [(), (6,), (2, 3)]


def expanded(backend, model, *names):
    module = import_module(f"symbolic_pymc.relations.{backend.name}.mixtures")
    for name in names or ("zero_inflationo",):
        model = sp.rewrite_graph(model, getattr(module, name))
    return model


def shaped(shape):
    return COUNTS.reshape(shape) if shape else np.int64(0)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["poisson", "binomial"])
def test_the_indicator_summed_out_again(backend, name, shape):
    build, law = LAWS[name]
    y = shaped(shape)
    model = built(backend, lambda pm, t: build(pm, PSI, observed=y))
    result = expanded(backend, model)
    assert [v.name for v in result.free_RVs] == ["y_counted"]
    summed = sp.marginalize_graph(result, ["y_counted"])
    exact = np.log(PSI * law.pmf(y) + (1 - PSI) * (y == 0)).sum()
    assert evidence_of(backend, summed) == pytest.approx(exact, abs=1e-6)  # PyMC3 has counts in single precision
    assert log_density(backend, model)({}) == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize("psi_shape", [(), (3,)])
@pytest.mark.parametrize("name", ["poisson", "binomial"])
def test_an_unknown_chance_of_every_element_or_of_all(backend, name, psi_shape):
    def build(pm, t):
        psi = pm.Beta("psi", F(1.5), F(2.0), **({"shape": psi_shape} if psi_shape else {}))
        LAWS[name][0](pm, psi, observed=shaped((2, 3)))

    model = built(backend, build)
    summed = sp.marginalize_graph(expanded(backend, model), ["y_counted"])
    assert_densities_differ_by(backend, model, summed, 0.0, tolerance=1e-6)


@pytest.mark.parametrize("name", ["poisson", "binomial"])
def test_the_law_of_the_indicator_given_the_data(backend, name):
    build, law = LAWS[name]
    model = expanded(backend, built(backend, lambda pm, t: build(pm, PSI, observed=COUNTS)))
    (indicator,) = reify_many(sp.marginalize_graph(model, ["y_counted"]).recover.integrated)
    adapter = adapter_of(model)
    ones = np.exp(adapter.evaluate(adapter.log_density(indicator, np.ones(6, dtype="int64"))))
    zero = PSI * law.pmf(0) / (1 - PSI + PSI * law.pmf(0))
    np.testing.assert_allclose(ones, np.where(COUNTS == 0, zero, 1.0), atol=1e-7)


def test_negative_binomial_counts_by_way_of_a_rate(backend):
    build, law = LAWS["negativebinomial"]
    for y in (0, 3):
        model = built(backend, lambda pm, t: build(pm, PSI, observed=np.int64(y)))
        result = expanded(backend, model, "mixtureo", "zero_inflationo")
        assert {v.name.removesuffix("_log__") for v in result.free_RVs} == {"y_counted", "y_mixing"}
        joint = log_density(backend, sp.marginalize_graph(result, ["y_counted"]))
        (rate,) = joint.names
        total = quad(lambda u: np.exp(joint({rate: F(u)})), -40, 6, epsabs=1e-13, limit=200)[0]
        assert np.log(total) == pytest.approx(np.log(PSI * law.pmf(y) + (1 - PSI) * (y == 0)), abs=1e-6)


def test_unobserved_counts(backend):
    build, law = LAWS["poisson"]
    model = expanded(backend, built(backend, lambda pm, t: build(pm, PSI, shape=3)))
    joint = log_density(backend, model)
    counted, y = np.array([0, 1, 1]), np.array([0, 0, 4])
    exact = stats.bernoulli(PSI).logpmf(counted).sum() + law.logpmf(y[1:]).sum()
    assert joint({"y_counted": counted, "y": y}) == pytest.approx(exact, abs=1e-6)


# Given the indicator ---------------------------------------------------------------------------------------------


def given_indicator(pm, t, rate, seen):
    z = pm.Bernoulli("z", pm.Beta("psi", F(2.0), F(3.0)), observed=(COUNTS > 0) | (np.arange(6) == 1))
    seen(pm, rate(pm), z)


def gamma_rate(pm):
    return pm.Gamma("q", alpha=F(2.0), beta=F(1.5))


def beta_chance(pm):
    return pm.Beta("q", F(2.0), F(1.5))


def test_the_rate_and_the_chance_are_conjugate_given_the_indicator(backend):
    def seen(pm, q, z):
        pm.Poisson("y", z * q, observed=COUNTS)

    model = built(backend, lambda pm, t: given_indicator(pm, t, gamma_rate, seen))
    result = sp.conjugate_graph(model)
    evidence = assert_conditioned(backend, model, result, tolerance=1e-6)
    # of 6 elements 4 are counted, and of these the sum is 6
    rate = quad(
        lambda q: np.exp(stats.gamma(2, scale=1 / 1.5).logpdf(q) + stats.poisson(q).logpmf([0, 3, 1, 2]).sum()), 0, 60
    )[0]
    assert evidence == pytest.approx(np.log(rate) + betaln(2 + 4, 3 + 2) - betaln(2, 3), abs=1e-6)
    joint = log_density(backend, result)
    for q, psi in ((0.5, 0.2), (2.0, 0.7)):
        exact = stats.gamma(2 + 6, scale=1 / (1.5 + 4)).logpdf(q) + np.log(q)
        exact += stats.beta(2 + 4, 3 + 2).logpdf(psi) + np.log(psi * (1 - psi))
        point = {n: F(np.log(q) if n.startswith("q") else np.log(psi / (1 - psi))) for n in joint.names}
        assert joint(point) == pytest.approx(exact, abs=1e-8)


def test_the_chance_of_the_counts_is_conjugate_given_the_indicator(backend):
    def seen(pm, q, z):
        pm.Binomial("y", z * N, q, observed=COUNTS)

    model = built(backend, lambda pm, t: given_indicator(pm, t, beta_chance, seen))
    result = sp.conjugate_graph(model)
    evidence = assert_conditioned(backend, model, result, tolerance=1e-6)
    ways = np.log([35.0, 7.0, 21.0]).sum()  # to choose 3, 1 and 2 of 7
    exact = ways + betaln(2 + 6, 1.5 + 4 * 7 - 6) - betaln(2, 1.5) + betaln(2 + 4, 3 + 2) - betaln(2, 3)
    assert evidence == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize("name", ["poisson", "binomial"])
def test_what_is_expanded_has_the_conjugate_form(backend, name):
    """Without conditioning on data that are zero for another reason: the indicator stays unknown."""

    def build(pm, t):
        if name == "poisson":
            pm.ZeroInflatedPoisson("y", PSI, gamma_rate(pm), observed=COUNTS)
        else:
            pm.ZeroInflatedBinomial("y", PSI, N, beta_chance(pm), observed=COUNTS)

    model = built(backend, build)
    assert sp.conjugate_graph(model) is model
    result = expanded(backend, model)
    given = sp.conjugate_graph(result)
    taken = [step.relation for step in sp.steps(given) if step.taken]
    assert taken == [{"poisson": "gamma_rate_reversalo", "binomial": "beta_chance_reversalo"}[name]]
    old, new = log_density(backend, result), log_density(backend, given)
    counted = (COUNTS > 0).astype("int64")
    for u in (-0.5, 0.8):
        point = {n: counted if n == "y_counted" else F(u) for n in old.names}
        assert old(point) == pytest.approx(new(point), abs=1e-6)


# What stays ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "build",
    [
        lambda pm: pm.ZeroInflatedPoisson("y", PSI, MU, observed=COUNTS, total_size=60),
        lambda pm: pm.Poisson("y", MU, observed=COUNTS),
        lambda pm: pm.Mixture(
            "y", np.array([0.4, 0.6]), [pm.Poisson.dist(MU), pm.Poisson.dist(F(3.0))], observed=COUNTS
        ),
    ],
)
def test_what_stays(backend, build):
    model = built(backend, lambda pm, t: build(pm))
    assert expanded(backend, model) is model


def test_two_variables_on_one_chance_have_indicators_of_their_own(backend):
    def build(pm, t):
        psi = pm.Beta("psi", F(1.5), F(2.0))
        for name in ("a", "b"):
            pm.ZeroInflatedPoisson(name, psi, MU, observed=COUNTS)

    model = built(backend, build)
    result = expanded(backend, model)
    assert {"a_counted", "b_counted"} < {v.name for v in result.free_RVs}
    summed = sp.marginalize_graph(result, ["a_counted", "b_counted"])
    assert_densities_differ_by(backend, model, summed, 0.0, tolerance=1e-6)


def test_a_name_that_is_taken(backend):
    def build(pm, t):
        pm.Normal("y_counted", F(0.0), F(1.0))
        pm.ZeroInflatedPoisson("y", PSI, MU, observed=COUNTS)

    with pytest.raises(ModelGraphError):
        expanded(backend, built(backend, build))
