"""Normal variables a probit of which is the chance of binary data, integrated out: quadrature over them."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.special import log_ndtr, ndtr

import symbolic_pymc as sp
from tests.densities import evidence_of, log_density
from tests.joints import built, reasons

F = np.float64
M, S, A, B = F(0.4), F(1.3), F(-0.7), F(0.9)
Y = np.array([1, 0, 1, 1, 0, 0])
TOLERANCE = 1e-6  # PyMC has some constants of normal distribution functions in single precision


def probit(t, x):
    return 0.5 * t.erfc(-x / np.sqrt(2.0))


def by_quadrature(y, m, s, a, b):
    def joint(x):
        return np.exp(stats.norm(m, s).logpdf(x) + log_ndtr((2 * y - 1) * (a + b * x)))

    return np.log(quad(joint, m - 12 * s, m + 12 * s, epsabs=1e-13, limit=300)[0])


def shaped(shape):
    return Y.reshape(shape) if shape else np.int64(1)


@pytest.mark.parametrize("shape", [(), (6,), (2, 3)])
def test_each_datum_with_a_variable_of_its_own(backend, shape):
    size = {"shape": shape} if shape else {}
    a = A + np.arange(6.0).reshape(shape) / 3 if shape else A

    def build(pm, t):
        pm.Bernoulli("y", p=probit(t, a + B * pm.Normal("eta", M, sigma=S, **size)), observed=shaped(shape))

    model = built(backend, build)
    result = sp.marginalize_graph(model, ["eta"])
    assert result.free_RVs == [] and reasons(result) == {}
    exact = sum(by_quadrature(y, M, S, c, B) for y, c in np.broadcast(shaped(shape), a))
    assert evidence_of(backend, result) == pytest.approx(exact, abs=TOLERANCE)
    assert np.sum(log_ndtr((2 * shaped(shape) - 1) * (a + B * M) / np.sqrt(1 + (B * S) ** 2))) == pytest.approx(
        exact, abs=1e-9
    )


@pytest.mark.parametrize("m_shape", [(), (6,)])
def test_the_law_of_the_data_stays_where_the_mean_is_unknown(backend, m_shape):
    def build(pm, t):
        m = pm.Gamma("m", alpha=F(2.0), beta=F(1.0), **({"shape": m_shape} if m_shape else {}))
        eta = pm.Normal("eta", m, sigma=S, shape=6)
        pm.Bernoulli("y", p=probit(t, A + B * eta), observed=Y)

    model = built(backend, build)
    result = sp.marginalize_graph(model, ["eta"])
    assert [v.name for v in result.observed_RVs] == ["y"] and len(result.free_RVs) == 1
    joint = log_density(backend, result)
    (name,) = joint.names
    for u in (-0.5, 0.7):
        at = np.full(m_shape, u) + np.arange(6.0) / 10 if m_shape else F(u)
        prior = np.sum(stats.gamma(2.0).logpdf(np.exp(at)) + at)
        exact = np.sum(log_ndtr((2 * Y - 1) * (A + B * np.exp(at)) / np.sqrt(1 + (B * S) ** 2)))
        assert joint({name: at}) == pytest.approx(prior + exact, abs=TOLERANCE)


def test_a_mean_with_a_normal_law_goes_too(backend):
    def build(pm, t):
        m = pm.Normal("m", F(0.5), sigma=F(2.0), shape=6)
        pm.Bernoulli("y", p=probit(t, pm.Normal("eta", m, sigma=S, shape=6)), observed=Y)

    result = sp.collapse_graph(built(backend, build))
    assert result.free_RVs == []
    exact = np.sum(log_ndtr((2 * Y - 1) * 0.5 / np.sqrt(1 + S**2 + 4)))
    assert evidence_of(backend, result) == pytest.approx(exact, abs=TOLERANCE)


def test_one_datum_of_a_vector(backend):
    x, cov = np.array([0.5, -1.0, 2.0]), np.diag([1.0, 0.5, 2.0]) + 0.2

    def build(pm, t):
        beta = pm.MvNormal("beta", np.array([0.1, 0.2, -0.3]), cov=cov, shape=3)
        pm.Bernoulli("y", p=probit(t, t.dot(x, beta)), observed=np.int64(1))

    result = sp.marginalize_graph(built(backend, build), ["beta"])
    exact = log_ndtr(x @ [0.1, 0.2, -0.3] / np.sqrt(1 + x @ cov @ x))
    assert evidence_of(backend, result) == pytest.approx(exact, abs=TOLERANCE)


def test_the_variable_is_drawn_back(backend):
    def build(pm, t):
        pm.Bernoulli("y", p=probit(t, A + B * pm.Normal("eta", M, sigma=S)), observed=np.int64(1))

    result = sp.marginalize_graph(built(backend, build), ["eta"])
    draws = result.recover(draws=20_000, random_seed=3)["eta"]
    weight = by_quadrature(1, M, S, A, B)
    for power in (1, 2):
        exact = quad(lambda x: x**power * np.exp(stats.norm(M, S).logpdf(x) + log_ndtr(A + B * x) - weight), -15, 15)[0]
        assert np.mean(draws**power) == pytest.approx(exact, abs=5 * np.std(draws**power) / np.sqrt(20_000))


# A latent variable itself ----------------------------------------------------------------------------------------


def is_positive(t, w):
    return 0.5 * (1.0 + (getattr(t, "sign", None) or t.sgn)(w))


@pytest.mark.parametrize("y", [0, 1])
@pytest.mark.parametrize("mean", [-3.0, 0.4, 3.0])
def test_the_posterior_of_what_a_datum_tells_the_sign_of(backend, y, mean):
    def build(pm, t):
        pm.Bernoulli("y", p=is_positive(t, pm.Normal("w", F(mean), sigma=S)), observed=np.int64(y))

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert evidence_of(backend, result) == pytest.approx(log_ndtr((2 * y - 1) * mean / S), abs=TOLERANCE)
    assert [step.relation for step in sp.steps(result)] == ["normal_threshold_reversalo"]


def test_every_element_its_own_sign(backend):
    def build(pm, t):
        pm.Bernoulli("y", p=is_positive(t, pm.Normal("w", np.linspace(-1, 1, 6), sigma=S, shape=6)), observed=Y)

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    evidence = evidence_of(backend, result)
    assert evidence == pytest.approx(np.log(ndtr((2 * Y - 1) * np.linspace(-1, 1, 6) / S)).sum(), abs=TOLERANCE)
    old, new = log_density(backend, model), log_density(backend, result)
    (name,) = new.names
    for seed in range(3):
        logs = np.random.default_rng(seed).normal(size=6)
        known = old({"w": (2 * Y - 1) * np.exp(logs)}) + logs.sum()
        assert new({name: logs}) + evidence == pytest.approx(known, abs=TOLERANCE)


# What is refused -------------------------------------------------------------------------------------------------


REFUSED = {
    "logistic": lambda pm, t: pm.Bernoulli("y", p=pm.math.sigmoid(pm.Normal("eta", M, sigma=S, shape=6)), observed=Y),
    "complementary log-log": lambda pm, t: pm.Bernoulli(
        "y", p=1.0 - t.exp(-t.exp(pm.Normal("eta", M, sigma=S, shape=6))), observed=Y
    ),
    "one for several data": lambda pm, t: pm.Bernoulli("y", p=probit(t, pm.Normal("eta", M, sigma=S)), observed=Y),
    "one element for several data": lambda pm, t: pm.Bernoulli(
        "y", p=is_positive(t, pm.Normal("eta", M, sigma=S, shape=1)), observed=Y
    ),
    "some for several data": lambda pm, t: pm.Bernoulli(
        "y", p=probit(t, pm.Normal("eta", M, sigma=S, shape=2)[np.array([0, 1, 1, 0, 0, 1])]), observed=Y
    ),
    "total size": lambda pm, t: pm.Bernoulli(
        "y", p=probit(t, pm.Normal("eta", M, sigma=S, shape=6)), observed=Y, total_size=60
    ),
    "a square": lambda pm, t: pm.Bernoulli("y", p=probit(t, pm.Normal("eta", M, sigma=S, shape=6) ** 2), observed=Y),
    "a binomial": lambda pm, t: pm.Binomial(
        "y", n=np.int64(3), p=probit(t, pm.Normal("eta", M, sigma=S, shape=6)), observed=Y
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(backend, name):
    model = built(backend, REFUSED[name])
    assert sp.conjugate_graph(model) is model
    result = sp.marginalize_graph(model, ["eta"])
    assert result is model and reasons(result)["eta"]


def test_the_reason_against_a_logistic_function(backend):
    result = sp.marginalize_graph(built(backend, REFUSED["logistic"]), ["eta"])
    assert "no closed form" in reasons(result)["eta"] and "logistic" in reasons(result)["eta"]


def test_two_data_of_one_variable(backend):
    def build(pm, t):
        eta = pm.Normal("eta", M, sigma=S)
        for name in ("y", "z"):
            pm.Bernoulli(name, p=probit(t, eta), observed=np.int64(1))

    model = built(backend, build)
    result = sp.marginalize_graph(model, ["eta"])
    assert result is model and "other data" in reasons(result)["eta"]
