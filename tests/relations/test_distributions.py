"""Location-scale reparameterisation: the same density, the same law, for every family, against scipy."""

from importlib import import_module

import numpy as np
import pytest
from kanren import run
from scipy import stats
from unification import var

import symbolic_pymc as sp
from symbolic_pymc.meta import metatize
from symbolic_pymc.relations.distributions import scale_loc_transform
from symbolic_pymc.vocabulary import roles_of
from tests.densities import log_density, random_points, value_of
from tests.families import FAMILIES, Double, density_of, draws, lognormal, unconstrained, values_at

N = 1500


ROTATIONS = {"von mises"}


def offset_and_value(backend, model, name="x"):
    """Return the offset of a reparameterised variable, and the variable, as they stand in the model."""
    return model[f"{name}_offset"], model[name]


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family(backend, name):
    build, law = FAMILIES[name]
    with backend.pm.Model() as model:
        build(Double(backend.pm), N)
    result = sp.reparam_graph(model)
    (step,) = (s for s in sp.steps(result) if s.taken)
    assert step.variables == ("x",) and step.relation == "scale_loc_transform"
    assert [v.name for v in result.deterministics if not v.name.endswith("__")][-1:] == ["x"]

    offset, x = offset_and_value(backend, result)
    draws_z, draws_x = draws(backend, result, ["x_offset", "x"])
    of_offset = backend.compile_plainly([offset], x)
    np.testing.assert_allclose(of_offset(draws_z), draws_x, rtol=1e-12, atol=1e-12)

    # the density: log p(x) = log p(z) - log |dx/dz|, the map being affine (a rotation on the circle)
    slope = 1.0 if name in ROTATIONS else of_offset(draws_z + 1.0) - draws_x
    before = density_of(backend, model, "x", draws_x)
    after = density_of(backend, result, "x_offset", draws_z) - np.log(np.abs(slope))
    assert np.all(np.isfinite(before))
    np.testing.assert_allclose(before, after, rtol=1e-9, atol=1e-9)

    # the law
    sample = np.abs(draws_x) if name == "half student t" else draws_x
    cdf = (lambda v: 2 * law.cdf(v) - 1) if name == "half student t" else law.cdf
    if name == "von mises":
        cdf = lambda v: stats.vonmises(3).cdf(np.angle(np.exp(1j * (v - 2.0))))  # noqa: E731
        sample = np.angle(np.exp(1j * (draws_x - 2.0))) + 2.0
    assert stats.kstest(sample, cdf).pvalue > 1e-3

    again = sp.reparam_graph(result)
    assert again is result
    assert not any(s.taken for s in sp.steps(again))


# Whole models ------------------------------------------------------------------------------------------------------

GROUP = np.array([0, 2, 2, 1, 0, 1])
DATA = np.array([0.3, -1.2, 2.5, 0.7, 0.1, -0.4])


def varying(pm, t):
    """Every kind of support, parameters that are variables themselves, data, a potential and a deterministic."""
    mu = pm.Normal("mu", 1.0, sigma=10.0)
    tau = pm.HalfCauchy("tau", 5.0)
    nu = pm.Gamma("nu", 2.0, 0.1)
    u = pm.Uniform("u", -1.0, 3.0)
    a = pm.Normal("a", mu, sigma=tau, shape=3)
    b = pm.StudentT("b", nu, mu=a, sigma=2.0, shape=(2, 3))
    c = lognormal(Double(pm), "c", mu, sigma=0.5, shape=2)
    d = pm.TruncatedNormal("d", mu=a[0], sigma=tau, lower=np.float64(-9.0), shape=2)
    e = pm.Exponential("e", tau)
    pm.Deterministic("twice", 2 * a)
    pm.Potential("near", -t.sum(a**2))
    pm.Normal("y", (a + t.sum(b, axis=0))[GROUP] + t.sum(c) + d[0] + u * d[1], sigma=e, observed=DATA)


SCALES = {"mu": "10", "a": "tau", "b": "2"}


def test_density_of_a_whole_model(backend):
    """log p_new(z) = log p_old(x(z)) + sum of log scales, over the variables on the whole line."""
    with backend.pm.Model() as model:
        varying(backend.pm, backend.tensor)
    result = sp.reparam_graph(model)
    names = ["mu", "tau", "nu", "u", "a", "b", "c", "d", "e"]
    assert sorted(s.variables for s in sp.steps(result) if s.taken) == sorted((n,) for n in names)
    assert sorted(v.name for v in result.unobserved_RVs if not v.name.endswith("__")) == sorted(
        [*names, *(f"{n}_offset" for n in names), "twice"]
    )
    assert [v.name for v in result.potentials] == ["near"] and [v.name for v in result.observed_RVs] == ["y"]
    old, new = log_density(backend, model), log_density(backend, result)
    for point in random_points(backend, result, n=5, spread=0.3):
        x = values_at(backend, result, names, point)
        old_point = dict(unconstrained(backend, model, name, x[name]) for name in names)
        stretched = np.log(10.0) + 3 * np.log(x["tau"]) + 6 * np.log(2.0)
        np.testing.assert_allclose(new(point), old(old_point) + stretched, rtol=1e-9)


def test_draws_of_a_whole_model(backend):
    """The joint law of what is kept: means and covariances of many draws of both models."""
    with backend.pm.Model() as model:
        mu = backend.pm.Normal("mu", 1.0, sigma=2.0)
        s = backend.pm.HalfNormal("s", sigma=3.0)
        backend.pm.Normal("x", mu, sigma=s, shape=3)
    result = sp.reparam_graph(model)
    sampled = [np.array(many_draws(backend, m, ["mu", "s", "x"], 3000)) for m in (model, result)]
    means, covs = zip(*((x.mean(axis=1), np.cov(x)) for x in sampled))
    sd = np.sqrt(np.diag(covs[0]))
    assert np.all(np.abs(means[0] - means[1]) < 5 * sd * np.sqrt(2 / 3000))
    assert np.all(np.abs(covs[0] - covs[1]) < 0.25 * np.outer(sd, sd))


def many_draws(backend, model, names, n):
    """Return `n` draws of some variables, their elements as rows."""
    if backend.name == "pytensor":
        found = backend.pm.draw([model[name] for name in names], n, random_seed=5)
    else:
        found = backend.pm.sample_prior_predictive(n, model=model, random_seed=5, var_names=names)
        found = [found[name] for name in names]
    return [row for x in found for row in np.reshape(x, (n, -1)).T]


def test_parameters_that_broadcast(backend):
    m, s = np.array([1.0, -2.0, 0.5]), np.array([[2.0], [0.3]])
    with backend.pm.Model() as model:
        backend.pm.Normal("x", m, sigma=s, shape=(2, 3))
    result = sp.reparam_graph(model)
    offset, x = result["x_offset"], result["x"]
    z = np.random.default_rng(0).normal(size=(2, 3))
    np.testing.assert_allclose(backend.compile_plainly([offset], x)(z), m + s * z, rtol=1e-14)
    np.testing.assert_allclose(
        density_of(backend, result, "x_offset", z), density_of(backend, model, "x", m + s * z) + np.log(s), rtol=1e-12
    )


COV = np.array([[4.0, 1.0, 0.5], [1.0, 2.0, 0.3], [0.5, 0.3, 1.0]])
MEAN = np.array([1.0, -2.0, 0.5])


@pytest.mark.parametrize("given", ["cov", "chol", "tau"])
def test_multivariate_normal(backend, given):
    matrix = {"cov": COV, "chol": np.linalg.cholesky(COV), "tau": np.linalg.inv(COV)}[given]
    with backend.pm.Model() as model:
        backend.pm.MvNormal("x", MEAN, shape=3, **{given: matrix})
    result = sp.reparam_graph(model)
    of_offset = backend.compile_plainly([result["x_offset"]], result["x"])
    jacobian = np.transpose([of_offset(e) - of_offset(np.zeros(3)) for e in np.eye(3)])
    np.testing.assert_allclose(jacobian @ jacobian.T, COV, rtol=1e-10)
    np.testing.assert_allclose(of_offset(np.zeros(3)), MEAN)
    for z in np.random.default_rng(1).normal(size=(5, 3)):
        before = density_of(backend, model, "x", of_offset(z))
        after = density_of(backend, result, "x_offset", z).sum()
        np.testing.assert_allclose(before, after - np.linalg.slogdet(jacobian)[1], rtol=1e-9)
        np.testing.assert_allclose(before, stats.multivariate_normal(MEAN, COV).logpdf(of_offset(z)), rtol=1e-9)
    drawn = np.array([draws(backend, result, ["x"], seed=i)[0] for i in range(300)])
    whitened = np.linalg.solve(np.linalg.cholesky(COV), (drawn - MEAN).T)
    assert stats.kstest(whitened.ravel(), "norm").pvalue > 1e-3


def test_multivariate_normal_with_unknown_mean(backend):
    with backend.pm.Model() as model:
        mu = backend.pm.Normal("mu", 0.0, sigma=2.0, shape=3)
        x = backend.pm.MvNormal("x", mu, cov=COV, shape=3)
        backend.pm.Normal("y", x, sigma=1.0, observed=MEAN)
    result = sp.reparam_graph(model)
    assert sorted(v.name for v in result.deterministics) == ["mu", "x"]
    old, new = log_density(backend, model), log_density(backend, result)
    for point in random_points(backend, result, n=5):
        x = values_at(backend, result, ["mu", "x"], point)
        stretched = 3 * np.log(2.0) + np.linalg.slogdet(COV)[1] / 2
        np.testing.assert_allclose(new(point), old(x) + stretched, rtol=1e-9)


def test_rows_of_multivariate_normals(backend):
    """Rows with one covariance, their means common or of their own."""
    t = backend.tensor
    for mean in (MEAN, np.arange(12.0).reshape(4, 3)):
        with backend.pm.Model(coords={"row": range(4), "column": list("abc")}) as model:
            s = backend.pm.HalfNormal("s", sigma=np.float64(2.0))
            backend.pm.MvNormal("x", t.constant(mean) if mean.ndim == 1 else mean, cov=s * COV, dims=("row", "column"))
        result = sp.reparam_graph(model, ["x"])
        dims = result.RV_dims if backend.name == "theano" else result.named_vars_to_dims
        assert tuple(dims["x"]) == tuple(dims["x_offset"]) == ("row", "column")
        scale = result["s"]
        of_offset = backend.compile_plainly([scale, result["x_offset"]], result["x"])
        for z in np.random.default_rng(1).normal(size=(3, 4, 3)):
            x = of_offset(2.5, z)
            np.testing.assert_allclose(x, mean + z @ np.linalg.cholesky(2.5 * COV).T, rtol=1e-12, atol=1e-12)
        old, new = log_density(backend, model), log_density(backend, result)
        for point in random_points(backend, result, n=3):
            ((name, log_s),) = ((k, v) for k, v in point.items() if k != "x_offset")
            x = of_offset(np.exp(log_s), point["x_offset"])
            stretched = 2.0 * np.linalg.slogdet(np.exp(log_s) * COV)[1]
            assert new(point) == pytest.approx(old({name: log_s, "x": x}) + stretched, rel=1e-9)


def students(pm, shape):
    scale = {"Sigma" if pm.__name__ == "pymc3" else "scale": COV}
    return pm.MvStudentT("x", np.float64(5.0), mu=MEAN, shape=shape, **scale)


def test_multivariate_student_t(backend):
    with backend.pm.Model() as model:
        students(backend.pm, shape=3)
    result = sp.reparam_graph(model)
    of_offset = backend.compile_plainly([result["x_offset"]], result["x"])
    for z in np.random.default_rng(1).normal(size=(5, 3)):
        before = density_of(backend, model, "x", of_offset(z))
        after = density_of(backend, result, "x_offset", z) - np.linalg.slogdet(COV)[1] / 2
        np.testing.assert_allclose(before, after, rtol=1e-9)


def test_whole_numbers_shift(backend):
    with backend.pm.Model() as model:
        backend.pm.DiscreteUniform("x", 3, 9, shape=N)
    result = sp.reparam_graph(model)
    z, x = draws(backend, result, ["x_offset", "x"])
    assert np.array_equal(x, z + 3) and np.asarray(x).dtype.kind == "i"
    np.testing.assert_allclose(density_of(backend, model, "x", x), density_of(backend, result, "x_offset", z))
    assert stats.chisquare(np.bincount(x)[3:]).pvalue > 1e-3


# What is left as it is -----------------------------------------------------------------------------------------------


def left_alone(backend, build):
    with backend.pm.Model() as model:
        build(backend.pm)
    before = {n: (id(v), v.name, v.owner) for n, v in model.named_vars.items()}
    result = sp.reparam_graph(model)
    assert result is model
    assert {n: (id(v), v.name, v.owner) for n, v in model.named_vars.items()} == before
    return {s.variables: s.reason for s in sp.steps(result)}


STANDARD = {
    "normal": lambda pm: pm.Normal("x", 0.0, sigma=1.0),
    "normal, whole numbers": lambda pm: pm.Normal("x", 0, sigma=1),
    "normal, vector": lambda pm: pm.Normal("x", 0.0, sigma=1.0, shape=3),
    "normal, arrays": lambda pm: pm.Normal("x", np.zeros(3), sigma=np.ones(3), shape=3),
    "normal, matrix": lambda pm: pm.Normal("x", np.zeros(3), sigma=1.0, shape=(2, 3)),
    "half normal": lambda pm: pm.HalfNormal("x", sigma=1.0),
    "half cauchy": lambda pm: pm.HalfCauchy("x", 1.0, shape=2),
    "exponential": lambda pm: pm.Exponential("x", 1.0),
    "student t": lambda pm: pm.StudentT("x", 4.0, mu=0.0, sigma=1.0),
    "gamma": lambda pm: pm.Gamma("x", 2.0, 1.0),
    "uniform": lambda pm: pm.Uniform("x", 0.0, 1.0),
    "lognormal": lambda pm: lognormal(Double(pm), "x", 0.0, sigma=2.0),
    "cauchy": lambda pm: pm.Cauchy("x", 0.0, 1.0),
    "weibull": lambda pm: pm.Weibull("x", 2.0, 1.0),
    "multivariate normal": lambda pm: pm.MvNormal("x", np.zeros(3), cov=np.eye(3), shape=3),
}


@pytest.mark.parametrize("name", STANDARD)
def test_what_is_standard_already(backend, name):
    assert left_alone(backend, STANDARD[name]) == {("x",): "x is standard already"}


OTHERS = {
    "no family": (lambda pm: pm.Beta("x", 2.0, 3.0), "beta is no location-scale family"),
    "flat": (lambda pm: pm.Flat("x"), "flat is no location-scale family"),
    "counts": (lambda pm: pm.Poisson("x", 3.0), "poisson is no location-scale family"),
    "simplex": (lambda pm: pm.Dirichlet("x", np.ones(3)), "dirichlet is no location-scale family"),
    "observed": (lambda pm: pm.Normal("x", 2.0, sigma=3.0, observed=DATA), "x is observed"),
    "own transform": (
        lambda pm: pm.Normal("x", 2.0, sigma=3.0, transform=pm.distributions.transforms.log),
        "x has a transform of its own",
    ),
    "batch": (lambda pm: students(pm, shape=(4, 3)), "x is a batch of vectors"),
    "total size": (
        lambda pm: pm.Normal("x", 2.0, sigma=3.0, observed=DATA, total_size=60),
        "x is observed",
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_cannot_or_may_not_be_transformed(backend, name):
    build, reason = OTHERS[name]
    assert left_alone(backend, build)["x",].startswith(reason)


def test_data_are_never_reparameterised(backend):
    with backend.pm.Model() as model:
        x = backend.pm.Normal("x", 2.0, sigma=3.0)
        backend.pm.Normal("y", x, sigma=2.0, observed=DATA)
    result = sp.reparam_graph(model)
    assert [v.name for v in result.observed_RVs] == ["y"]
    assert {s.variables: s.reason for s in sp.steps(result) if not s.taken} == {("y",): "y is observed"}


# Identity ------------------------------------------------------------------------------------------------------------


def test_equal_variables_have_offsets_of_their_own(backend):
    with backend.pm.Model() as model:
        for name in ("a", "b"):
            backend.pm.Normal(name, 2.0, sigma=3.0, shape=N)
    result = sp.reparam_graph(model)
    assert result["a_offset"] is not result["b_offset"]
    a, b = draws(backend, result, ["a", "b"])
    assert abs(np.corrcoef(a, b)[0, 1]) < 5 / np.sqrt(N)


def test_draws_of_one_generator_stay_apart(backend):
    rng = backend.generator(3)
    two = np.float64(2.0)
    a, b = (backend.normal(two, two, rng=rng, name=name) for name in ("a", "b"))
    graph = backend.FunctionGraph(None, [a, b])
    result = sp.reparam_graph(graph)
    assert isinstance(result, backend.FunctionGraph)
    assert len(backend.draws(*result.outputs)) == 2
    assert [v.name for v in result.outputs] == ["a", "b"]
    assert [v.name for v in graph.outputs] == ["a", "b"] and graph.outputs[0] is a


def test_a_variable_used_twice_stays_one(backend):
    with backend.pm.Model() as model:
        x = backend.pm.Normal("x", 2.0, sigma=3.0)
        backend.pm.Normal("y", x, sigma=backend.tensor.exp(x), observed=DATA)
        backend.pm.Deterministic("d", x + x)
    result = sp.reparam_graph(model)
    assert sorted(v.name for v in result.free_RVs) == ["x_offset"]
    x, d = draws(backend, result, ["x", "d"])
    np.testing.assert_allclose(d, 2 * x)


def test_dims_and_the_order_of_variables_are_kept(backend):
    pm = backend.pm
    with pm.Model(coords={"group": list("abc")}) as model:
        pm.Beta("first", 2.0, 2.0)
        pm.Normal("x", 2.0, sigma=3.0, dims="group")
        pm.Beta("last", 2.0, 2.0)
    result = sp.reparam_graph(model)
    dims = result.RV_dims if backend.name == "theano" else result.named_vars_to_dims
    assert tuple(dims["x"]) == tuple(dims["x_offset"]) == ("group",)
    assert list(result.coords["group"]) == list("abc")
    free = [v.name.split("_log")[0] for v in result.free_RVs]
    assert free == ["first", "x_offset", "last"]


def test_numbers_as_users_write_them(backend):
    """Python's floats, which PyMC3 and PyMC store in single precision, as bounds and parameters."""
    with backend.pm.Model() as model:
        backend.pm.TruncatedNormal("x", mu=2.0, sigma=3.0, lower=0.0, shape=3)
        backend.pm.Normal("z", 0.1, sigma=0.3, shape=3)
    result = sp.reparam_graph(model)
    assert sorted(s.variables for s in sp.steps(result) if s.taken) == [("x",), ("z",)]


# Both directions -----------------------------------------------------------------------------------------------------


def ops_of(backend):
    return import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops


BACKWARD = ["normal", "cauchy", "laplace", "logistic", "gumbel", "studentt", "skewnormal", "moyal", "halfcauchy"]


@pytest.mark.parametrize(
    "name, absent", [(name, 0.0) for name in BACKWARD] + [(name, 1.0) for name in BACKWARD if name != "halfcauchy"]
)
def test_backward(backend, name, absent):
    """A plain variable from its expression, without a location of 0 or a scale of 1: the same parameters and name."""
    ops = ops_of(backend)
    row = ops.rows[name]
    params = [ops.constant(float(i) + 1.5) for i, _ in enumerate(row.params)]
    for i, role in enumerate(roles_of(name, row.params)):
        if role == {0.0: "location", 1.0: "scale"}[absent]:
            params[i] = ops.constant(absent)
    rv = metatize(getattr(ops, name)(*params).replace(info=var()).reify())
    rv = metatize(name_it(rv.reify(), "x"))
    q = var()
    (expression,) = run(0, q, scale_loc_transform(ops, rv, q))
    expression = metatize(expression.reify())
    q = var()
    found = [y for y in run(0, q, scale_loc_transform(ops, q, expression)) if ops.distribution_of(y) == name]
    assert found
    back = metatize(found[0].reify())
    assert back.name == "x" and back.rator is rv.rator
    for a, b in zip(back.rands[: len(params)], params):
        np.testing.assert_array_equal(value_of(backend, a.reify()), b.value)


def name_it(variable, name):
    variable.name = name
    return variable


def test_backward_knows_no_other_expression(backend):
    ops = ops_of(backend)
    x = backend.normal(np.float64(2.0), np.float64(3.0), name="x")
    for other in (x, backend.tensor.exp(x), 2 * x):
        q = var()
        assert not run(1, q, scale_loc_transform(ops, q, metatize(other)))
