"""Binary data made normal in their log odds: against the chances by quadrature, and normal laws in numpy."""

from importlib import import_module

import numpy as np
import pytest
from kanren import run
from scipy import stats
from scipy.integrate import quad
from unification import var

import symbolic_pymc as sp
from symbolic_pymc.adapter import adapter_of
from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.parts import graph_parts, substitute
from tests.densities import log_density, random_points, value_of
from tests.joints import built

F = np.float64
RNG = np.random.default_rng(6)
X = RNG.normal(size=(6, 3)).round(2)
Y = np.array([1, 0, 1, 1, 0, 0])
INDEX = np.array([2, 0, 1, 0, 2, 2])
A, SD = np.array([0.3, -0.5, 1.0]), np.array([0.7, 2.0, 1.1])
ROOT = RNG.normal(size=(3, 5)).round(2)
COV = ROOT @ ROOT.T / 5
TOLERANCE = 1e-8


def module_of(backend):
    return import_module(f"symbolic_pymc.relations.{backend.name}.mixtures")


def normal(pm):
    return pm.Normal("beta", A, sigma=SD, shape=3)


def vector(pm):
    return pm.MvNormal("beta", mu=A, cov=COV, shape=3)


def one(pm):
    return pm.Normal("beta", F(0.3), sigma=F(0.7))


# how beta is drawn, its mean and covariance, the log odds, and their matrix and offset
MODELS = {
    "a regression": (normal, A, np.diag(SD**2), lambda t, b: 0.4 + t.dot(X, b), X, 0.4),
    "correlated coefficients": (vector, A, COV, lambda t, b: t.dot(X, b), X, 0.0),
    "groups": (normal, A, np.diag(SD**2), lambda t, b: 2.0 * b[INDEX] - X[:, 0], 2.0 * np.eye(3)[INDEX], -X[:, 0]),
    "one intercept": (one, np.array([0.3]), np.array([[0.49]]), lambda t, b: b + X[:, 1], np.ones((6, 1)), X[:, 1]),
}


@pytest.fixture(params=MODELS)
def case(request):
    return MODELS[request.param]


def binary(pm, log_odds, observed=Y, name="y", **options):
    return pm.Bernoulli(name, logit_p=log_odds, observed=observed, **options)


def model_of(backend, case):
    draw, *_, log_odds, _, _ = case
    return built(backend, lambda pm, t: binary(pm, log_odds(t, draw(pm))))


def marks(adapter, outputs):
    """Return the terms of the data and of their coefficients."""
    parts = tuple(graph_parts(*outputs))
    (mark,) = filter(adapter.ops.is_observed, parts)
    return mark, next((x for x in parts if adapter.ops.is_random(x) and x.name == "beta"), None)


def answers(backend, model, ask):
    """Return what ``ask(module, mark, beta, adapter)`` relates the data of a model to, as a term, or None."""
    adapter = adapter_of(model)
    with adapter.build_context():
        mark, beta = marks(adapter, adapter.terms(model)[0])
        q = var()
        found = run(1, q, ask(module_of(backend), mark, beta, adapter)(q))
        return adapter, found[0] if found else None


@pytest.mark.parametrize("psi", [0.0, 0.3, -2.5, 8.0])
@pytest.mark.parametrize("y", [0, 1])
def test_the_chance_is_the_integral_over_the_precision(backend, psi, y):
    model = built(backend, lambda pm, t: binary(pm, F(psi) * pm.Normal("b", 0.0, sigma=1.0), observed=np.array([y])))
    result = sp.rewrite_graph(model, module_of(backend).logistic_augmentationo)
    assert not result.observed_RVs and [v.name for v in result.potentials] == ["y"]
    density = log_density(backend, result)
    (name,) = (name for name in density.names if name.startswith("y_mixing"))
    rest = {"b": np.array(1.0)}

    def joint(u):
        return np.exp(density(rest | {name: np.array([u])}))

    found = sum(quad(joint, a, b, epsabs=1e-13, epsrel=1e-11)[0] for a, b in [(-12, -3), (-3, -1), (-1, 1), (1, 5)])
    expected = stats.norm.pdf(1.0) / (1 + np.exp(psi if y == 0 else -psi))
    assert found == pytest.approx(expected, rel=1e-8)


def test_rows_of_data_of_the_same_chances(backend):
    """Broadcasting puts an axis in front of the chances; every row of data has its own precisions."""

    def augmented(observed):
        model = built(backend, lambda pm, t: binary(pm, t.dot(X, normal(pm)), observed=observed))
        return sp.rewrite_graph(model, module_of(backend).logistic_augmentationo)

    rows = (Y, 1 - Y)
    both, *single = map(augmented, (np.stack(rows), *rows))
    density = log_density(backend, both)
    (name,) = (name for name in density.names if name.startswith("y_mixing"))
    for point in random_points(backend, both, 5):
        assert point[name].shape == (2, 6)
        each = [log_density(backend, m)(point | {name: w}) for m, w in zip(single, point[name])]
        prior = stats.norm.logpdf(point["beta"], A, SD).sum()
        np.testing.assert_allclose(density(point), sum(each) - prior, rtol=TOLERANCE)


def test_the_precisions_have_their_law_given_the_rest(backend, case):
    """The joint density with them is that without them, times their law given the log odds."""
    model = model_of(backend, case)
    result = sp.rewrite_graph(model, module_of(backend).logistic_augmentationo)

    def given(module, mark, beta, adapter):
        return lambda q: module.logistic_precision_giveno(mark, q)

    law_of = import_module(f"symbolic_pymc.{backend.name}.polyagamma").PolyaGamma
    draw, *_, log_odds, _, _ = case
    beside = built(
        backend, lambda pm, t: (b := draw(pm), binary(pm, log_odds(t, b)), law_of("y_mixing", log_odds(t, b), shape=6))
    )
    old, new = log_density(backend, beside), log_density(backend, result)
    for point in random_points(backend, result):
        assert new(point) == pytest.approx(old(point), rel=TOLERANCE)
    adapter, found = answers(backend, model, given)
    assert adapter.ops.distribution_of(found) == "polyagamma"
    point = random_points(backend, result)[0]
    w = np.exp(point["y_mixing_log__"])
    moved = point | {"y_mixing_log__": np.log(2.0 * w)}
    with adapter.build_context():
        beta = next(x for x in graph_parts(found) if x is not found and adapter.ops.is_random(x))
        (base,) = reify_many((substitute(found, {beta: metatize(backend.tensor.constant(point["beta"]))}),))
        here, there = (
            np.sum(value_of(backend, adapter.log_density(base, backend.tensor.constant(v)))) for v in (w, 2 * w)
        )
    # the joint density as a function of the precisions alone, in whose logarithms it is given
    change = new(moved) - new(point) - w.size * np.log(2.0)
    assert there - here == pytest.approx(change, rel=TOLERANCE)


def test_the_coefficients_have_their_law_given_the_precisions(backend, case):
    draw, mean, cov, log_odds, matrix, offset = case
    model = model_of(backend, case)
    result = sp.rewrite_graph(model, module_of(backend).logistic_augmentationo)
    new = log_density(backend, result)
    for point in random_points(backend, result, 3):
        w = np.exp(point["y_mixing_log__"])

        def given(module, mark, beta, adapter):
            return lambda q: module.logistic_coefficients_giveno(mark, beta, adapter.ops.constant(w), q)

        adapter, found = answers(backend, model, given)
        precision = matrix.T @ (w[:, None] * matrix) + np.linalg.inv(cov)
        V = np.linalg.inv(precision)
        m = V @ (matrix.T @ (Y - 0.5 - w * offset) + np.linalg.solve(cov, mean))
        differences = []
        for _ in range(4):
            beta = np.asarray(RNG.normal(size=point["beta"].shape))
            value = backend.tensor.constant(beta)
            with adapter.build_context():
                (base,) = reify_many((found,))
                density = float(np.sum(value_of(backend, adapter.log_density(base, value))))
            assert density == pytest.approx(stats.multivariate_normal(m, V).logpdf(np.ravel(beta)), rel=TOLERANCE)
            differences.append(new(point | {"beta": beta}) - density)
        np.testing.assert_allclose(differences, differences[0], rtol=TOLERANCE)


def test_extreme_precisions(backend):
    model = model_of(backend, MODELS["a regression"])
    for w in (np.full(6, 1e-8), np.full(6, 0.25), 10.0 ** np.arange(-8.0, -2.0)):

        def given(module, mark, beta, adapter):
            return lambda q: module.logistic_coefficients_giveno(mark, beta, adapter.ops.constant(w), q)

        adapter, found = answers(backend, model, given)
        V = np.linalg.inv(X.T @ (w[:, None] * X) + np.diag(SD**-2))
        m = V @ (X.T @ (Y - 0.5 - 0.4 * w) + A / SD**2)
        with adapter.build_context():
            mu, v = (adapter.ops.value_of(p) for p in list(adapter.ops.parameters(found).values())[:2])
        np.testing.assert_allclose(mu, m, rtol=1e-7)
        np.testing.assert_allclose(v, V, rtol=1e-7, atol=1e-12)


REFUSED = {
    "another link": lambda pm, t: pm.Bernoulli("y", p=0.5 * t.erfc(-pm.Normal("beta", 0.0, sigma=1.0)), observed=1),
    "counts": lambda pm, t: pm.Binomial("y", 3, t.exp(-t.exp(pm.Normal("beta", 0.0, sigma=1.0))), observed=1),
    "a chance": lambda pm, t: pm.Bernoulli("y", p=pm.Beta("beta", 1.0, 2.0), observed=1),
    "a total size": lambda pm, t: binary(pm, pm.Normal("beta", 0.0, sigma=1.0) * np.ones(6), total_size=100),
}


@pytest.mark.parametrize("build", REFUSED.values(), ids=REFUSED)
def test_what_is_no_logistic_regression_is_refused(backend, build):
    model = built(backend, build)
    assert sp.rewrite_graph(model, module_of(backend).logistic_augmentationo) is model
    asked = (
        lambda module, mark, beta, adapter: lambda q: module.logistic_precision_giveno(mark, q),
        lambda module, mark, beta, adapter: lambda q: module.logistic_coefficients_giveno(mark, beta, mark, q),
    )
    for ask in asked:
        assert answers(backend, model, ask)[1] is None


@pytest.mark.parametrize("log_odds", [lambda b: b**2, lambda b: abs(b)], ids=["square", "size"])
def test_log_odds_that_are_not_affine_are_refused(backend, log_odds):
    model = built(backend, lambda pm, t: binary(pm, log_odds(normal(pm))[INDEX]))

    def given(module, mark, beta, adapter):
        return lambda q: module.logistic_coefficients_giveno(mark, beta, adapter.ops.constant(np.ones(6)), q)

    assert answers(backend, model, given)[1] is None


def test_a_coefficient_that_is_not_normal_is_refused(backend):
    model = built(backend, lambda pm, t: binary(pm, t.dot(X, pm.Laplace("beta", 0.0, 1.0, shape=3))))

    def given(module, mark, beta, adapter):
        return lambda q: module.logistic_coefficients_giveno(mark, beta, adapter.ops.constant(np.ones(6)), q)

    assert answers(backend, model, given)[1] is None
