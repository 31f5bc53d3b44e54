"""Normal regressions and their QR parameterisation, against numpy's decomposition."""

from importlib import import_module

import numpy as np
import pytest
from kanren import run
from unification import var

import symbolic_pymc as sp
from symbolic_pymc.errors import ModelGraphError
from tests.densities import log_density, random_points

RNG = np.random.RandomState(2718)
X, Y = RNG.randn(8, 3), RNG.randn(8)
R = np.linalg.qr(X)[1]
MEAN, COV = np.array([1.5, -2.0, 0.5]), np.diag([1.0, 4.0, 9.0]) + 0.3


@pytest.fixture
def pm(backend):
    return import_module({"theano": "pymc3", "pytensor": "pymc"}[backend.name])


@pytest.fixture
def linalg(backend):
    return import_module(f"symbolic_pymc.relations.{backend.name}.linalg")


PRIORS = {
    "normal": lambda pm: pm.Normal("beta", mu=MEAN, sigma=np.sqrt(np.diag(COV)), shape=3),
    "shared scale": lambda pm: pm.Normal("beta", mu=0.0, sigma=2.0, shape=3),
    "multivariate": lambda pm: pm.MvNormal("beta", MEAN, cov=COV, shape=3),
}
MOMENTS = {
    "normal": (MEAN, np.diag(np.diag(COV))),
    "shared scale": (np.zeros(3), 4.0 * np.eye(3)),
    "multivariate": (MEAN, COV),
}


def regression(backend, pm, prior, design=X):
    with pm.Model() as model:
        beta = prior(pm)
        sigma = pm.HalfNormal("sigma", 1.0)
        mean = backend.tensor.dot(design, beta)
        pm.Normal("y", mean, sigma, observed=Y[: len(design)])
    return model


def draws_of(backend, model):
    graph = import_module(f"symbolic_pymc.{backend.name}.{'pymc3' if backend.name == 'theano' else 'pymc'}")
    outputs = graph.model_graph(model).outputs
    return {node.outputs[1].name: node for node in backend.draws(*outputs)}


@pytest.mark.parametrize("kind", PRIORS)
def test_qr_moves_the_prior_with_the_coordinates(backend, pm, linalg, kind):
    """The predecessor put N(0, 1) in its place (W10 of the gauntlet)."""
    model = sp.rewrite_graph(regression(backend, pm, PRIORS[kind]), linalg.normal_qr_transform)
    names = [v.name for v in model.deterministics]
    assert "beta" in names
    node = draws_of(backend, model)["beta_qr"]
    mean, cov = (backend.evaluate(p, {}) for p in node.inputs[-2:])
    m, S = MOMENTS[kind]
    np.testing.assert_allclose(mean, R @ m, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(cov, R @ S @ R.T, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kind", PRIORS)
def test_qr_keeps_the_coefficients(backend, pm, linalg, kind):
    """The deterministic beta is the solution of R beta = theta, and the mean of y is X beta."""
    model = regression(backend, pm, PRIORS[kind])
    module = import_module(f"symbolic_pymc.{backend.name}.{'pymc3' if backend.name == 'theano' else 'pymc'}")
    rotated = sp.rewrite_graph(module.model_graph(model), linalg.normal_qr_transform)
    nodes = {n.outputs[-1].name: n for n in backend.nodes(*rotated.outputs) if n.outputs[-1].name}
    theta = nodes["beta_qr"].outputs[1]
    value = RNG.randn(3)
    beta = backend.compile([theta], nodes["beta"].outputs[0])(value)
    np.testing.assert_allclose(beta, np.linalg.solve(R, value), rtol=1e-10)
    y = next(n for n in backend.draws(*rotated.outputs) if n.outputs[1].name == "y")
    mean = backend.compile([theta], y.inputs[-2])(value)
    np.testing.assert_allclose(mean, X @ beta, rtol=1e-10)


def test_qr_of_a_flat_prior_stays_flat(backend, pm, linalg):
    model = sp.rewrite_graph(regression(backend, pm, lambda pm: pm.Flat("beta", shape=3)), linalg.normal_qr_transform)
    assert "flat" in str(draws_of(backend, model)["beta_qr"].op).lower()


@pytest.mark.parametrize(
    "design", [X[:2], np.column_stack([X[:, 0], X[:, 0], X[:, 1]])], ids=["too few rows", "collinear"]
)
def test_qr_needs_full_column_rank(backend, pm, linalg, design):
    model = regression(backend, pm, PRIORS["normal"], design)
    assert sp.rewrite_graph(model, linalg.normal_qr_transform) is model


def test_qr_refuses_what_is_no_normal_prior(backend, pm, linalg):
    model = regression(backend, pm, lambda pm: pm.StudentT("beta", nu=3.0, mu=0.0, sigma=1.0, shape=3))
    assert sp.rewrite_graph(model, linalg.normal_qr_transform) is model


def test_qr_refuses_a_coefficient_with_other_uses(backend, pm, linalg):
    with regression(backend, pm, PRIORS["normal"]) as model:
        pm.Normal("z", model["beta"].sum(), 1.0, observed=0.3)
    with pytest.raises(ModelGraphError, match="beta"):
        sp.rewrite_graph(model, linalg.normal_qr_transform)


def test_qr_twice_in_one_model(backend, pm, linalg):
    with pm.Model() as model:
        for name in ("a", "b"):
            beta = pm.Normal(name, mu=0.0, sigma=1.0, shape=3)
            pm.Normal(f"y_{name}", backend.tensor.dot(X, beta), 1.0, observed=Y)
    rotated = sp.rewrite_graph(model, linalg.normal_qr_transform)
    assert {"a", "b"} <= {v.name for v in rotated.deterministics}
    assert len(sp.steps(rotated)) == 2


def test_regression_is_recognised(backend, pm, linalg):
    node = draws_of(backend, regression(backend, pm, PRIORS["normal"]))["y"]
    design, beta, sigma = var(), var(), var()
    found = run(0, (design, beta, sigma), linalg.normal_normal_regression(node.outputs[1], design, beta, sigma))
    assert len(found) == 1
    assert np.array_equal(found[0][0].value, X)
    assert found[0][1].name == "beta"
    assert found[0][2] is backend.mt(node.inputs[-1])


def test_regression_is_built(backend, pm, linalg):
    nodes = draws_of(backend, regression(backend, pm, PRIORS["normal"]))
    q, beta = var(), nodes["beta"].outputs[1]
    (y,) = run(0, q, linalg.normal_normal_regression(q, backend.mt(X), backend.mt(beta), backend.mt(0.5)))
    built = y.reify()
    assert backend.compile([beta], built.owner.inputs[-2])(np.ones(3)) == pytest.approx(X.sum(axis=1))
    again = run(0, var("b"), linalg.normal_normal_regression(built, var(), var("b")))
    assert again == (backend.mt(beta),)


# Asked for by the name of the coefficients --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*PRIORS, "flat"])
def test_qr_density(backend, pm, kind):
    """log p_new(theta) = log p_old(beta) - log |det R|, everywhere, and beta may have other uses."""
    prior = PRIORS.get(kind, lambda pm: pm.Flat("beta", shape=3))
    with regression(backend, pm, prior) as model:
        pm.Normal("z", model["beta"].sum(), sigma=1.0, observed=0.3)
    result = sp.reparam_graph(model, ["beta"], form="qr")
    (step,) = (s for s in sp.steps(result) if s.taken)
    assert (step.relation, step.variables) == ("coefficient_qro", ("beta",))
    old, new = log_density(backend, model), log_density(backend, result)
    flat = kind == "flat"
    for point in random_points(backend, result, n=5):
        theta = point.pop("beta_qr")
        beta = np.linalg.solve(R, theta)
        jacobian = 0.0 if flat else np.linalg.slogdet(R)[1]
        assert new(point | {"beta_qr": theta}) == pytest.approx(old(point | {"beta": beta}) - jacobian, rel=1e-9)


def test_qr_of_a_shared_design(backend, pm):
    design = backend.shared(X, name="X")
    with pm.Model() as model:
        beta = PRIORS["multivariate"](pm)
        pm.Normal("y", backend.tensor.dot(design, beta), sigma=1.0, observed=Y)
    result = sp.reparam_graph(model, form="qr")
    of_theta = backend.compile_plainly([result["beta_qr"]], result["beta"])
    for scale in (1.0, 3.0):
        design.set_value(scale * X)
        np.testing.assert_allclose(of_theta(np.ones(3)), np.linalg.solve(scale * R, np.ones(3)), rtol=1e-9)


REFUSED = {
    "collinear": (np.column_stack([X[:, 0], X[:, 0], X[:, 1]]), PRIORS["normal"], "not of full column rank"),
    "too few rows": (X[:2], PRIORS["normal"], "not of full column rank"),
    "heavy tails": (X, lambda pm: pm.StudentT("beta", nu=3.0, mu=0.0, sigma=1.0, shape=3), "no normal or flat prior"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_qr_says_why_not(backend, pm, name):
    design, prior, reason = REFUSED[name]
    model = regression(backend, pm, prior, design)
    assert sp.reparam_graph(model, ["beta"], form="qr") is model
    assert reason in next(s.reason for s in sp.steps(model) if s.variables == ("beta",))


def test_qr_of_a_random_design(backend, pm):
    with pm.Model() as model:
        design = pm.Normal("design", 0.0, sigma=1.0, shape=(8, 3))
        pm.Normal("y", backend.tensor.dot(design, PRIORS["normal"](pm)), sigma=1.0, observed=Y)
    assert sp.reparam_graph(model, ["beta"], form="qr") is model
    assert "free of random variables" in next(s.reason for s in sp.steps(model) if s.variables == ("beta",))
