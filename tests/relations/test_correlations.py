"""Random correlation matrices by partial correlations, against their density, the volume of all of them, and SciPy."""

from importlib import import_module

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import gammaln

import symbolic_pymc as sp
from symbolic_pymc.lkj import below
from tests.families import density_of

F = np.float64
DIMENSIONS = [2, 3, 4]


def relations(backend, group="distributions"):
    return import_module(f"symbolic_pymc.relations.{backend.name}.{group}")


def draws_a_factor(backend):
    """Tell whether a draw is the Cholesky factor and not what is above the diagonal: in PyMC 6."""
    return backend.name == "pytensor" and not hasattr(import_module("pymc.distributions.multivariate"), "_LKJCorr")


def single(backend, n, eta, **kw):
    with backend.pm.Model() as model:
        backend.pm.LKJCorr("x", n=n, eta=eta, **kw)
    return model


def covariance(backend, n, eta, deviations):
    """Return the model of the Cholesky factor of a covariance; `deviations` are made by a function of PyMC."""
    kw = {} if backend.name == "theano" else {"compute_corr": False}
    with backend.pm.Model() as model:
        backend.pm.LKJCholeskyCov("x", n=n, eta=eta, sd_dist=deviations(backend.pm), **kw)
    return model


def log_constant(n, eta):
    """Return the log of what the density of a matrix is ``det(R) ** (eta - 1)`` times of."""
    k = np.arange(1, n)
    return (n - 1) * gammaln(eta + 0.5 * (n - 1)) - np.sum(0.5 * k * np.log(np.pi) + gammaln(eta + 0.5 * (n - 1 - k)))


def function_of(backend, result, names, of="x"):
    """Return a deterministic quantity of a model as a function of variables of it."""
    return backend.compile_plainly([result[name] for name in names], result[of])


def log_slope(f, z, free):
    """Return the log of the absolute determinant of the derivatives of some elements of f at z."""
    step = 1e-5 * np.eye(len(z))
    columns = [(free(f(z + h)) - free(f(z - h))) / 2e-5 for h in step]
    return np.linalg.slogdet(np.stack(columns, axis=1))[1]


def free_of(backend, n):
    """Return the function of a draw that gives the elements that vary, and the matrix that the draw is of."""
    if draws_a_factor(backend):
        return (lambda x: x[below(n)]), lambda x: x @ x.T
    upper = np.triu_indices(n, k=1)

    def matrix(x):
        R = np.eye(n)
        R[upper] = x
        return R + np.triu(R, 1).T

    return (lambda x: x), matrix


POINTS = np.random.default_rng(3).uniform(0.1, 0.9, size=(6, 10))


def test_the_constants():
    """The correlation matrices have the volumes 2, pi**2 / 2 and 32 pi**2 / 27."""
    volumes = [2.0, np.pi**2 / 2, 32 * np.pi**2 / 27]
    np.testing.assert_allclose([log_constant(n, 1.0) for n in DIMENSIONS], -np.log(volumes), rtol=1e-12)


@pytest.mark.parametrize("eta", [0.7, 1.0, 2.5])
@pytest.mark.parametrize("n", DIMENSIONS)
def test_the_law_of_the_matrix(backend, n, eta):
    """Beta densities over the slope of the map are the density of the matrix, and PyMC's but for a constant."""
    model = single(backend, n, F(eta))
    result = sp.reparam_graph(model, form="vine")
    (step,) = sp.steps(result)
    assert (step.relation, step.variables) == ("lkj_vineo", ("x",)) and "x_partial" in result.named_vars
    free, matrix = free_of(backend, n)
    f, offsets = function_of(backend, result, ["x_partial"]), []
    for point in POINTS:
        z = point[: n * (n - 1) // 2]
        found = np.sum(density_of(backend, result, "x_partial", z)) - log_slope(f, z, free)
        R = matrix(f(z))
        np.testing.assert_allclose(np.diag(R), 1.0, rtol=1e-14)
        exact = log_constant(n, eta) + (eta - 1) * np.linalg.slogdet(R)[1]
        if draws_a_factor(backend):  # the slope of the matrix in its factor
            exact += np.sum((n - 1 - np.arange(n)) * np.log(np.diag(f(z))))
        np.testing.assert_allclose(found, exact, atol=1e-7)
        offsets.append(found - np.sum(density_of(backend, model, "x", f(z))))
    np.testing.assert_allclose(offsets, offsets[0], atol=1e-7)


@pytest.mark.parametrize("n", [2, 4])
def test_the_marginals(backend, n):
    """Every correlation is 2 B(a, a) - 1 with a = eta - 1 + n / 2."""
    result = sp.reparam_graph(single(backend, n, F(1.5)), form="vine")
    f, (_, matrix) = function_of(backend, result, ["x_partial"]), free_of(backend, n)
    _, column = below(n)
    rng, a = np.random.default_rng(5), 1.5 + (n - 2 - column) / 2
    R = np.array([matrix(f(rng.beta(a, a))) for _ in range(1000)])
    exact = stats.beta(0.5 + n / 2, 0.5 + n / 2, loc=-1, scale=2)
    for i, j in zip(*below(n)):
        assert stats.kstest(R[:, i, j], exact.cdf).pvalue > 1e-3


def test_one_correlation_is_a_beta_variable(backend):
    result = sp.reparam_graph(single(backend, 2, F(2.5)), form="vine")
    z = np.array([0.3])
    np.testing.assert_allclose(density_of(backend, result, "x_partial", z), stats.beta(2.5, 2.5).logpdf(z), rtol=1e-10)
    x = function_of(backend, result, ["x_partial"])(z)
    np.testing.assert_allclose(x[1, 0] if draws_a_factor(backend) else x, 2 * 0.3 - 1, rtol=1e-14)


def test_ends_of_the_range_are_numbers(backend):
    """Where partial correlations round to one, the matrix is singular, and no element is nan."""
    f = function_of(backend, sp.reparam_graph(single(backend, 4, F(0.1)), form="vine"), ["x_partial"])
    assert np.all(np.isfinite(f(np.array([1.0, 0.3, 0.0, 1.0, 0.5, 1e-300]))))


DEVIATIONS = {
    "exponential": (lambda pm: pm.Exponential.dist(F(0.5)), stats.expon(scale=2.0)),
    "half cauchy": (lambda pm: pm.HalfCauchy.dist(F(2.5)), stats.halfcauchy(scale=2.5)),
    "gamma, of their own": (
        lambda pm: pm.Gamma.dist(F(2.0), np.array([1.0, 2.0, 3.0]), shape=3),
        stats.gamma(2.0, scale=1 / np.array([1.0, 2.0, 3.0])),
    ),
    "uniform": (lambda pm: pm.Uniform.dist(F(0.0), F(9.0)), stats.uniform(0, 9)),
}


@pytest.mark.parametrize("name", DEVIATIONS)
def test_the_factor_of_a_covariance(backend, name):
    deviations, law = DEVIATIONS[name]
    model = covariance(backend, 3, F(1.7), deviations)
    result = sp.reparam_graph(model, form="vine")
    names, offsets = ["x_partial", "x_sd"], []
    assert {*names, "x"} <= set(result.named_vars)
    f = function_of(backend, result, names)
    for point in POINTS:
        z, s = point[:3], 4 * point[3:6]
        np.testing.assert_allclose(density_of(backend, result, "x_sd", s), law.logpdf(s), rtol=1e-8)
        x = f(z, s)
        L = np.zeros((3, 3))
        L[np.tril_indices(3)] = x
        np.testing.assert_allclose(np.sqrt(np.diag(L @ L.T)), s, rtol=1e-12)
        slope = log_slope(lambda u: f(u[:3], u[3:]), np.concatenate([z, s]), lambda x: x)
        found = sum(np.sum(density_of(backend, result, k, v)) for k, v in zip(names, (z, s)))
        offsets.append(found - slope - np.sum(density_of(backend, model, "x", x)))
    np.testing.assert_allclose(offsets, offsets[0], atol=1e-7)


def test_a_covariance_in_a_hierarchy(backend):
    """Deviations that depend on a variable do so still; what is computed of the factor is there."""
    pm = backend.pm
    with pm.Model() as model:
        rate = pm.HalfNormal("rate", sigma=F(1.0))
        chol, *_ = pm.LKJCholeskyCov("x", n=3, eta=F(2.0), sd_dist=pm.Exponential.dist(rate), compute_corr=True)
        pm.MvNormal("y", np.zeros(3), chol=chol, observed=np.ones((4, 3)), shape=(4, 3))
    result = sp.reparam_graph(model, ["x"], form="vine")
    assert {"x", "x_corr", "x_stds", "x_sd", "x_partial", "rate"} <= set(result.named_vars)
    s = np.array([0.3, 1.0, 2.0])
    out = [result[k] for k in ("x_stds", "x_corr")]
    stds, corr = backend.compile_plainly([result["x_sd"], result["x_partial"]], out)(s, np.array([0.2, 0.6, 0.7]))
    np.testing.assert_allclose(stds, s, rtol=1e-12)
    np.testing.assert_allclose(corr[1, 0], 2 * 0.2 - 1, rtol=1e-12)
    distribution = result["x_sd"].distribution if backend.name == "theano" else result["x_sd"]
    value = backend.tensor.constant(s)
    density = distribution.logp(value) if backend.name == "theano" else pm.logp(distribution, value)
    np.testing.assert_allclose(
        backend.compile_plainly([result["rate"]], density)(F(0.7)), stats.expon(scale=1 / 0.7).logpdf(s), rtol=1e-10
    )


def test_the_uniform_law(backend):
    """The only correlation of a uniform matrix is uniform; a factor, or another shape, is left."""
    module = relations(backend, "special")
    model = single(backend, 2, F(1.0))
    result = sp.rewrite_graph(model, module.lkj_as_uniformo)
    if draws_a_factor(backend):
        assert result is model
        return
    assert [s.relation for s in sp.steps(result)] == ["lkj_as_uniformo"]
    for r in (-0.7, 0.2):
        np.testing.assert_allclose(density_of(backend, result, "x", np.array([r])), np.log(0.5), rtol=1e-10)
    assert np.all(density_of(backend, result, "x", np.array([1.1])) == -np.inf)
    for n, eta in ((2, 2.0), (3, 1.0)):
        model = single(backend, n, F(eta))
        assert sp.rewrite_graph(model, module.lkj_as_uniformo) is model


# One element alone ---------------------------------------------------------------------------------------------------


def used(backend, element, n=3, **data):
    """Return a model in which data depend on an expression in a matrix."""
    pm = backend.pm
    with pm.Model() as model:
        x = pm.LKJCorr("x", n=n, eta=F(2.0))
        pm.Normal("y", element(x), sigma=F(0.5), observed=F(0.4))
    return model


def one(backend, place):
    return (lambda x: x[place, 0]) if draws_a_factor(backend) else (lambda x: x[place - 1])


@pytest.mark.parametrize("place", [1, 2])
def test_an_element_alone(backend, place):
    """What it is without the others is the integral over these of the density of the matrix."""
    model = used(backend, one(backend, place))
    result = sp.rewrite_graph(model, relations(backend).lkj_marginalo)
    assert "x_beta" in result.named_vars and "x" not in result.named_vars
    assert [s.relation for s in sp.steps(result)] == ["lkj_marginalo"]

    def density(r, a, b):
        return max(0.0, 1 + 2 * r * a * b - r * r - a * a - b * b)  # to the power eta - 1

    for r in (-0.3, 0.8):
        width = np.sqrt(1 - r * r)
        total = integrate.dblquad(
            lambda b, a: density(r, a, b),
            -1,
            1,
            lambda a: r * a - width * np.sqrt(1 - a * a),
            lambda a: r * a + width * np.sqrt(1 - a * a),
            epsabs=1e-11,
        )[0]
        exact = np.log(total) + log_constant(3, 2.0)
        z = F((r + 1) / 2)
        found = density_of(backend, result, "x_beta", z) - np.log(2)
        np.testing.assert_allclose(found, exact, atol=1e-7)
    value = backend.compile_plainly([result["x_beta"]], mean_of(backend, result))(F(0.9))
    np.testing.assert_allclose(value, 0.8, rtol=1e-12)


def mean_of(backend, model):
    y = model["y"]
    return y.distribution.mu if backend.name == "theano" else y.owner.op.dist_params(y.owner)[0]


def shared_place(backend):
    place = backend.shared(np.int64(1))
    return (lambda x: x[place, 0]) if draws_a_factor(backend) else (lambda x: x[place])


OTHERS = {
    "two elements": lambda backend: lambda x: one(backend, 1)(x) + one(backend, 2)(x),
    "all": lambda backend: lambda x: x.sum(),
    "a place that may change": shared_place,
    "a part": lambda backend: lambda x: x[1:, 0].sum() if draws_a_factor(backend) else x[:2].sum(),
    "an element in two places": lambda backend: lambda x: one(backend, 1)(x) * x.sum(),
}


@pytest.mark.parametrize("name", OTHERS)
def test_more_than_an_element(backend, name):
    model = used(backend, OTHERS[name](backend))
    assert sp.rewrite_graph(model, relations(backend).lkj_marginalo) is model


def test_the_diagonal_of_a_factor_is_no_correlation(backend):
    """Nor is any element of it beside the first column."""
    if draws_a_factor(backend):
        for place in ((0, 0), (1, 1), (2, 1), (0, 2)):
            model = used(backend, lambda x: x[place])
            assert sp.rewrite_graph(model, relations(backend).lkj_marginalo) is model
        return
    model = single(backend, 3, F(2.0))  # nothing depends on it
    assert sp.rewrite_graph(model, relations(backend).lkj_marginalo) is model


def test_an_element_that_is_kept_under_its_matrix(backend):
    pm = backend.pm
    with pm.Model() as model:
        x = pm.LKJCorr("x", n=3, eta=F(2.0))
        pm.Deterministic("kept", x * 1.0)
        pm.Normal("y", one(backend, 1)(x), sigma=F(0.5), observed=F(0.4))
    assert sp.rewrite_graph(model, relations(backend).lkj_marginalo) is model


# What is left as it is -----------------------------------------------------------------------------------------------


def reasons(model):
    result = sp.reparam_graph(model, form="vine")
    assert result is model
    return {s.variables[0]: s.reason for s in sp.steps(result)}


def test_what_has_no_vine(backend):
    pm = backend.pm
    with pm.Model() as model:
        pm.Beta("p", F(1.0), F(2.0))
        eta = pm.Gamma("eta", F(2.0), F(1.0))
        pm.LKJCorr("unknown", n=3, eta=eta)
    found = reasons(model)
    assert "no such form" in found["p"] and "eta of unknown depends on random variables" in found["unknown"]


@pytest.mark.parametrize(
    "deviations", [lambda pm: pm.Normal.dist(F(1.0), F(2.0)), lambda pm: pm.Uniform.dist(F(-1.0), F(2.0))]
)
def test_deviations_that_may_be_negative(backend, deviations):
    assert "positive numbers" in reasons(covariance(backend, 3, F(2.0), deviations))["x"]


def test_a_transform_of_its_own(backend):
    transforms = import_module(f"{backend.pm.__name__}.distributions.transforms")
    own = transforms.Interval(-0.5, 0.5)
    assert "transform of its own" in reasons(single(backend, 3, F(2.0), transform=own))["x"]


def test_a_batch(backend):
    if backend.name == "theano":
        with pytest.raises(TypeError):  # PyMC3 has none
            single(backend, 3, F(2.0), shape=(4, 3))
        return
    size = (4, 3, 3) if draws_a_factor(backend) else (4, 3)
    assert "no such form" in reasons(single(backend, 3, F(2.0), shape=size))["x"]


def test_data(backend):
    value = np.eye(3) if draws_a_factor(backend) else np.array([0.1, 0.2, 0.3])
    assert "observed" in reasons(single(backend, 3, F(2.0), observed=value))["x"]
