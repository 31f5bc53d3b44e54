"""Flat priors of normal data: closed forms of least squares, evidence relative to Lebesgue measure, propriety."""

import numpy as np
import pytest
from scipy import linalg, stats

import symbolic_pymc as sp
from symbolic_pymc.relations.flat_edges import has_full_rank
from tests.densities import assert_conditioned, evidence_of, log_density

F = np.float64
RNG = np.random.default_rng(12)
N = 12
X = np.c_[np.ones(N), RNG.normal(size=(N, 2))]
Y = RNG.normal(size=N) + 3.0
GROUP = np.array([0, 1, 2, 0, 1, 2, 0, 1, 1, 2, 0, 2])
ERRORS = RNG.uniform(0.5, 2.0, size=N)
CORRELATED = 0.3 + np.diag(ERRORS)


def built(backend, build):
    with backend.pm.Model() as model:
        build(backend.pm, backend.tensor)
    return model


def taken(result):
    return [step.variables for step in sp.steps(result) if step.taken]


def reasons(result):
    return {step.variables: step.reason for step in sp.steps(result) if not step.taken}


# Everything else is known: least squares ------------------------------------------------------------------------


def vector(pm, t):
    pm.Normal("y", t.dot(X, pm.Flat("b", shape=3)) + F(0.5), sigma=F(0.7), observed=Y)


def own_errors(pm, t):
    pm.Normal("y", t.dot(X, pm.Flat("b", shape=3)) + F(0.5), sigma=ERRORS, observed=Y)


def equal_errors(pm, t):
    pm.Normal("y", t.dot(X, pm.Flat("b", shape=3)) + F(0.5), sigma=np.full(N, 0.7), observed=Y)


def correlated(pm, t):
    pm.MvNormal("y", F(0.5) + t.dot(X, pm.Flat("b", shape=3)), cov=CORRELATED, observed=Y)


def number(pm, t):
    pm.Normal("y", F(0.5) - F(2.0) * pm.Flat("b"), sigma=ERRORS, observed=Y)


def groups(pm, t):
    pm.Normal("y", F(0.5) + pm.Flat("b", shape=3)[GROUP] * ERRORS, sigma=F(0.7), observed=Y)


def one_each(pm, t):
    pm.Normal("y", F(0.5) + F(2.0) * pm.Flat("b", shape=N), sigma=ERRORS, observed=Y)


def matrix(pm, t):
    pm.Normal("y", F(0.5) + pm.Flat("b", shape=(2, 3)), sigma=F(0.7), observed=Y[:6].reshape(2, 3))


def row(pm, t):
    pm.Normal("y", F(0.5) + pm.Flat("b", shape=(1, 3)), sigma=F(0.7), observed=Y[:6].reshape(2, 3))


def whole_numbers(pm, t):
    pm.Normal("y", F(0.5) + pm.Flat("b") * np.arange(N), sigma=F(0.7), observed=Y)


def shared_design(pm, t):
    pm.Normal("y", t.dot(SHARED[pm.__name__](X), pm.Flat("b", shape=3)) + F(0.5), sigma=F(0.7), observed=Y)


SHARED = {}
SELECTION = np.eye(3)[GROUP] * ERRORS[:, None]
# model: design, covariance, data
KNOWN = {
    vector: (X, 0.49 * np.eye(N), Y),
    own_errors: (X, np.diag(ERRORS**2), Y),
    equal_errors: (X, 0.49 * np.eye(N), Y),
    correlated: (X, CORRELATED, Y),
    number: (-2.0 * np.ones((N, 1)), np.diag(ERRORS**2), Y),
    groups: (SELECTION, 0.49 * np.eye(N), Y),
    one_each: (2.0 * np.eye(N), np.diag(ERRORS**2), Y),
    matrix: (np.eye(6), 0.49 * np.eye(6), Y[:6]),
    row: (np.vstack([np.eye(3)] * 2), 0.49 * np.eye(6), Y[:6]),
    whole_numbers: (np.arange(N)[:, None] * 1.0, 0.49 * np.eye(N), Y),
    shared_design: (X, 0.49 * np.eye(N), Y),
}


def log_integral(design, cov, residual):
    """The integral of N(residual; design b, cov) over all b, by completing the square."""
    precision = linalg.inv(cov)
    information = design.T @ precision @ design
    best = linalg.solve(information, design.T @ precision @ residual)
    top = stats.multivariate_normal(design @ best, cov).logpdf(residual)
    k = design.shape[1]
    return top + 0.5 * k * np.log(2 * np.pi) - 0.5 * np.linalg.slogdet(information)[1], best, linalg.inv(information)


@pytest.mark.parametrize("build", KNOWN)
def test_known_noise_is_generalised_least_squares(backend, build):
    SHARED[backend.pm.__name__] = backend.shared
    design, cov, y = KNOWN[build]
    model = built(backend, build)
    result = sp.conjugate_graph(model)
    evidence = assert_conditioned(backend, model, result)
    expected, best, spread = log_integral(design, cov, y - 0.5)
    np.testing.assert_allclose(evidence, expected, rtol=1e-10)
    law = stats.multivariate_normal(best, spread)
    density, at = log_density(backend, result), best + 0.1
    shape = np.shape(model.test_point["b"] if backend.name == "theano" else model.initial_point(0)["b"])
    np.testing.assert_allclose(density({"b": at.reshape(shape)}), law.logpdf(at), rtol=1e-10)


# The noise is unknown: its law given the error contrasts -------------------------------------------------------


def scale(pm):
    return pm.HalfCauchy("s", beta=F(2.0))


def unknown_scale(pm, t):
    pm.Normal("y", t.dot(X, pm.Flat("b", shape=3)), sigma=scale(pm), observed=Y)


def two_numbers(pm, t):
    pm.Normal("y", pm.Flat("a") + pm.Flat("b") * X[:, 1], sigma=scale(pm), observed=Y)


def unknown_scale_of_groups(pm, t):
    pm.Normal("y", pm.Flat("b", shape=3)[GROUP], sigma=scale(pm), observed=Y)


def unknown_scale_of_errors(pm, t):
    pm.Normal("y", pm.Flat("b"), sigma=scale(pm) * ERRORS, observed=Y)


def unknown_covariance(pm, t):
    pm.MvNormal("y", t.dot(X, pm.Flat("b", shape=3)), cov=t.sqr(scale(pm)) * CORRELATED, observed=Y)


def of_whole_numbers(pm, t):
    pm.Normal("y", pm.Flat("b") * np.arange(N), sigma=scale(pm), observed=Y)


def in_a_matrix(pm, t):
    pm.Normal("y", pm.Flat("b", shape=(1, 4)), sigma=scale(pm), observed=Y.reshape(3, 4))


def one_effect_more(pm, t):
    u = pm.Normal("u", F(0.0), sigma=F(1.5), shape=3)
    pm.Normal("y", t.dot(X, pm.Flat("b", shape=3)) + u[GROUP], sigma=scale(pm), observed=Y)


def one_effect_more_and_errors_of_one_size(pm, t):
    u = pm.Normal("u", F(0.0), sigma=F(1.5), shape=3)
    pm.Normal("y", t.dot(X, pm.Flat("b", shape=3)) + u[GROUP], sigma=scale(pm) * np.full(N, 1.5), observed=Y)


ONES = np.ones((N, 1))
INDICATORS = np.eye(3)[GROUP]
UNKNOWN = {
    unknown_scale: (X, lambda s: s**2 * np.eye(N)),
    two_numbers: (X[:, :2], lambda s: s**2 * np.eye(N)),
    unknown_scale_of_groups: (INDICATORS, lambda s: s**2 * np.eye(N)),
    unknown_scale_of_errors: (ONES, lambda s: np.diag((s * ERRORS) ** 2)),
    unknown_covariance: (X, lambda s: s**2 * CORRELATED),
    of_whole_numbers: (np.arange(N)[:, None] * 1.0, lambda s: s**2 * np.eye(N)),
    in_a_matrix: (np.vstack([np.eye(4)] * 3), lambda s: s**2 * np.eye(N)),
    one_effect_more: (X, lambda s: s**2 * np.eye(N) + 2.25 * INDICATORS @ INDICATORS.T),
    one_effect_more_and_errors_of_one_size: (
        X,
        lambda s: 2.25 * (s**2 * np.eye(N) + INDICATORS @ INDICATORS.T),
    ),
}


@pytest.mark.parametrize("build", UNKNOWN)
def test_unknown_noise_stays_with_the_integral_over_the_rest(backend, build):
    design, cov = UNKNOWN[build]
    model = built(backend, build)
    conditioned = sp.conjugate_graph(model)
    assert_conditioned(backend, model, conditioned, n=6)
    collapsed = sp.collapse_graph(model)
    density = log_density(backend, collapsed)
    [name] = density.names
    constant = evidence_of(backend, collapsed)
    assert constant == pytest.approx(evidence_of(backend, conditioned), rel=1e-12)
    for s in (0.4, 1.0, 3.0):
        prior = stats.halfcauchy(scale=2).logpdf(s) + np.log(s)  # on the log scale
        expected = prior + log_integral(design, cov(s), Y)[0]
        np.testing.assert_allclose(density({name: np.log(s)}) + constant, expected, rtol=1e-9)


def test_data_that_others_are_computed_from_stay_what_they_were(backend):
    def build(pm, t):
        s = scale(pm)
        y = pm.Normal("y", pm.Flat("b"), sigma=s, observed=Y)
        pm.Normal("z", F(2.0) * y, sigma=s, observed=Y + 1.0)

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert taken(result) == [("b", "y")]
    assert_conditioned(backend, model, result)


# What would be improper, or may be ------------------------------------------------------------------------------


def a_column_twice(pm, t):
    pm.Normal("y", t.dot(X[:, [0, 1, 1]], pm.Flat("b", shape=3)), sigma=F(0.7), observed=Y)


def a_column_of_zeros(pm, t):
    pm.Normal("y", pm.Flat("b") * np.zeros(N), sigma=F(0.7), observed=Y)


def fewer_data(pm, t):
    pm.Normal("y", t.dot(X[:2], pm.Flat("b", shape=3)), sigma=F(0.7), observed=Y[:2])


def no_data(pm, t):
    pm.Normal("y", pm.Flat("b"), sigma=F(0.7), observed=Y[:0])


def a_group_without_data(pm, t):
    pm.Normal("y", pm.Flat("b", shape=4)[GROUP], sigma=F(0.7), observed=Y)


def a_sum(pm, t):
    pm.Normal("y", t.sum(pm.Flat("b", shape=3)), sigma=F(0.7), observed=Y)


def a_random_factor(pm, t):
    pm.Normal("y", pm.Flat("b") * pm.Gamma("z", F(2.0), F(1.0)), sigma=F(0.7), observed=Y)


def also_the_scale(pm, t):
    b = pm.Flat("b")
    pm.Normal("y", b, sigma=t.exp(b), observed=Y)


IMPROPER = "improper"
REFUSED = {
    a_column_twice: "has not full column rank, 12 data for 3 parameters",
    a_column_of_zeros: IMPROPER,
    fewer_data: "2 data for 3 parameters",
    no_data: "0 data for 1 parameters",
    a_group_without_data: IMPROPER,
    a_sum: IMPROPER,
    a_random_factor: "must be known numbers",
    also_the_scale: "also appears in the sigma of y",
}


@pytest.mark.parametrize("build", REFUSED)
def test_refused_with_the_reason(backend, build):
    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert result is model
    assert REFUSED[build] in reasons(result)["b", "y"]
    assert sp.marginalize_graph(model, ["b"]) is model


def test_a_flat_variable_of_an_unobserved_one_alone_stays(backend):
    with backend.pm.Model() as model:
        b = backend.pm.Flat("b")
        x = backend.pm.Normal("x", b, sigma=F(1.0))
        backend.pm.StudentT("y", F(4.0), mu=x, sigma=F(1.0), observed=Y)
    result = sp.marginalize_graph(model, ["b"])
    assert result is model
    assert "law of x without b has no name" in reasons(result)[("b",)]


def test_rank_whatever_the_units():
    assert has_full_rank(X * [1.0, 1e-150, 1e150])
    assert not has_full_rank(np.c_[X, X @ [1.0, 2.0, 3.0]])
    assert not has_full_rank(X[:, :0]) and not has_full_rank(X * np.nan) and not has_full_rank(X * [1.0, 0.0, 1.0])


@pytest.mark.parametrize("last", [0.0, 2.0, 0.1])
def test_a_design_that_loses_its_rank_later(backend, last):
    design = backend.shared(X.copy())

    def regression(pm, t):
        pm.Normal("y", t.dot(design, pm.Flat("b", shape=3)), sigma=F(0.7), observed=Y)

    result = sp.conjugate_graph(built(backend, regression))
    scaled = X * np.array([1.0, 1e-9, 1e9])  # other units are no loss
    design.set_value(scaled)
    known = sp.conjugate_graph(
        built(backend, lambda pm, t: pm.Normal("y", t.dot(scaled, pm.Flat("b", shape=3)), sigma=F(0.7), observed=Y))
    )
    np.testing.assert_allclose(evidence_of(backend, result), evidence_of(backend, known), rtol=1e-10)
    design.set_value(np.c_[X[:, :2], np.full(N, last)])
    with pytest.raises(AssertionError, match="full column rank"):
        evidence_of(backend, result)
    density = log_density(backend, result)
    with pytest.raises(AssertionError, match="full column rank"):
        density({name: np.zeros(3) for name in density.names})
