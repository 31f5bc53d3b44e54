"""Partial non-centring: the same density and law for every family and weight; what is no weight is refused."""

from importlib import import_module

import numpy as np
import pytest
from kanren import run
from scipy import stats
from unification import var

import symbolic_pymc as sp
from symbolic_pymc.errors import ArgumentError
from symbolic_pymc.meta import metatize
from symbolic_pymc.relations.partial_offsets import partial_offseto
from tests.densities import log_density, random_points, value_of
from tests.families import FAMILIES, Double, density_of, draws, unconstrained, values_at

N = 500
VECTORS = np.array([0.0, 0.25, 1.0])
Y = np.array([0.3, -1.2, 2.5, 0.7, 0.1, -0.4])
GROUP = np.array([0, 2, 2, 1, 0, 1])


def reparameterised(backend, build, weights):
    with backend.pm.Model() as model:
        build(Double(backend.pm))
    return model, sp.reparam_graph(model, weights=weights)


ENDS = ("normal", "truncated normal, below", "exgaussian", "uniform", "lognormal", "exponential", "von mises")


@pytest.mark.parametrize("name, weight", [(n, 0.3) for n in FAMILIES] + [(n, w) for n in ENDS for w in (0.0, 1.0)])
def test_every_family(backend, name, weight):
    build, law = FAMILIES[name]
    model, result = reparameterised(backend, lambda pm: build(pm, N), {"x": weight})
    (step,) = (s for s in sp.steps(result) if s.taken)
    assert step.variables == ("x",) and step.relation == "partial_offseto"
    z, x = draws(backend, result, ["x_offset", "x"])
    of_offset = backend.compile_plainly([result["x_offset"]], result["x"])
    np.testing.assert_allclose(of_offset(z), x, rtol=1e-10, atol=1e-10)
    slope = 1.0 if name == "von mises" else of_offset(z + 1.0) - x
    before = density_of(backend, model, "x", x)
    after = density_of(backend, result, "x_offset", z) - np.log(np.abs(slope))
    assert np.all(np.isfinite(before))
    np.testing.assert_allclose(before, after, rtol=1e-7, atol=1e-7)
    if weight == 1.0 and name != "von mises":
        np.testing.assert_allclose(x, z, rtol=1e-10)
    if weight == 0.0:
        standard = sp.reparam_graph(model)
        np.testing.assert_allclose(
            density_of(backend, standard, "x_offset", z), density_of(backend, result, "x_offset", z), rtol=1e-9
        )
    if name == "von mises":
        x, law = np.angle(np.exp(1j * (x - 2.0))), stats.vonmises(3)
    assert stats.kstest(x, (lambda v: 2 * law.cdf(v) - 1) if name == "half student t" else law.cdf).pvalue > 1e-3


def hierarchy(pm):
    mu = pm.Normal("mu", np.float64(1.0), sigma=np.float64(2.0))
    tau = pm.HalfNormal("tau", sigma=np.float64(1.5))
    theta = pm.Normal("theta", mu, sigma=tau, shape=3)
    pm.Normal("y", theta[GROUP], sigma=np.float64(0.7), observed=Y)


@pytest.mark.parametrize("weight", [0.4, VECTORS, "shared"])
def test_density_of_a_whole_model(backend, weight):
    """log p_new(z) = log p_old(x(z)) + sum of log slopes, which are tau to the power 1 - weight."""
    if isinstance(weight, str):
        weight, number = backend.shared(VECTORS, name="w"), VECTORS
    else:
        number = weight
    with backend.pm.Model() as model:
        hierarchy(backend.pm)
    result = sp.reparam_graph(model, weights={"theta": weight})
    assert [v.name for v in result.deterministics if v.name in ("mu", "theta")] == ["theta"]
    old, new = log_density(backend, model), log_density(backend, result)
    for point in random_points(backend, result, n=4, spread=0.5):
        x = values_at(backend, result, ["mu", "tau", "theta"], point)
        z = point["theta_offset"]
        expected = x["mu"] + x["tau"] ** (1 - number) * (z - number * x["mu"])
        np.testing.assert_allclose(x["theta"], expected, rtol=1e-12)
        old_point = dict(unconstrained(backend, model, name, x[name]) for name in x)
        stretched = np.sum((1 - np.broadcast_to(number, 3)) * np.log(x["tau"]))
        np.testing.assert_allclose(new(point), old(old_point) + stretched, rtol=1e-9)


def test_a_shared_weight_may_be_learned(backend):
    """The weight is an input of the density: set anew, it gives the density of the form with that weight."""
    weight = backend.shared(np.float64(0.2), name="w")
    with backend.pm.Model() as model:
        hierarchy(backend.pm)
    result = sp.reparam_graph(model, ["theta"], weights=weight)
    density = log_density(backend, result)
    point = random_points(backend, result, n=1)[0]
    for number in (0.2, 0.9):
        weight.set_value(np.float64(number))
        other = log_density(backend, sp.reparam_graph(model, weights={"theta": number}))
        assert density(point) == pytest.approx(other(point), rel=1e-12)


def test_optimal_weight_of_normal_data(backend):
    """At sigma^2 / (sigma^2 + V), sigma being 1, mean and offset are uncorrelated a posteriori, and only there."""
    V = 0.5

    def correlation(weight):
        with backend.pm.Model() as model:
            mu = backend.pm.Normal("mu", np.float64(0.0), sigma=np.float64(10.0))
            theta = backend.pm.Normal("theta", mu, sigma=np.float64(1.0))
            backend.pm.Normal("y", theta, sigma=np.float64(np.sqrt(V)), observed=np.float64(1.3))
        density = log_density(backend, sp.reparam_graph(model, weights={"theta": weight}))

        def at(a, b):
            return density({"mu": np.float64(a), "theta_offset": np.float64(b)})

        return (at(1, 1) - at(1, -1) - at(-1, 1) + at(-1, -1)) / 4

    assert correlation(1 / (1 + V)) == pytest.approx(0.0, abs=1e-10)
    assert correlation(1.0) > 0.1 and correlation(0.0) < -0.1


def test_names_and_weights_choose_together(backend):
    with backend.pm.Model() as model:
        hierarchy(backend.pm)
    free = [
        {v.name.split("_log")[0] for v in sp.reparam_graph(model, **given).free_RVs}
        for given in (
            {"weights": 0.5},
            {"weights": {"theta": 0.5}},
            {"weights": {"theta": 0.5, "mu": 0.2}, "names": ["mu"]},
            {"weights": 0.5, "names": ["mu"], "form": "partial"},
        )
    ]
    mu, theta = {"mu_offset", "tau", "theta"}, {"mu", "tau", "theta_offset"}
    assert free == [{"mu_offset", "tau_offset", "theta_offset"}, theta, mu, mu]


WRONG = {
    "above one": (1.5, "lies between 0 and 1"),
    "nan": (np.nan, "lies between 0 and 1"),
    "a wrong length": ({"theta": np.array([0.1, 0.2])}, "theta does not broadcast"),
    "too many axes": ({"theta": np.full((2, 3), 0.5)}, "theta does not broadcast"),
    "a vector for a number": ({"mu": VECTORS}, "mu does not broadcast"),
    "a word": ("learned", "is no weight"),
    "data": ({"y": 0.5}, "y is no unobserved variable"),
    "nobody": ({"phi": 0.5}, "phi is no unobserved variable"),
    "nothing": ({}, "names of variables are wanted"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_weight(backend, name):
    with backend.pm.Model() as model:
        hierarchy(backend.pm)
    weights, message = WRONG[name]
    with pytest.raises(ArgumentError, match=message):
        sp.reparam_graph(model, weights=weights)


def test_a_weight_is_known_beforehand(backend):
    with backend.pm.Model() as model:
        hierarchy(backend.pm)
    with pytest.raises(ArgumentError, match="form 'partial', and no other, takes weights"):
        sp.reparam_graph(model, form="partial")
    with pytest.raises(ArgumentError, match="there is none for mu"):
        sp.reparam_graph(model, ["mu"], weights={"theta": 0.5})
    random = backend.normal(np.float64(0.5), np.float64(0.1))
    with pytest.raises(ArgumentError, match="depends on random variables"):
        sp.reparam_graph(model, weights={"theta": random})


LEFT = {
    "vector": (lambda pm: pm.MvNormal("x", np.ones(2), cov=np.eye(2), shape=2), "has a covariance"),
    "whole numbers": (lambda pm: pm.DiscreteUniform("x", 3, 9), "is a law of whole numbers"),
    "no family": (lambda pm: pm.Beta("x", 2.0, 3.0), "is no location-scale family"),
    "standard": (lambda pm: pm.Normal("x", 0.0, sigma=1.0), "is standard already"),
}


@pytest.mark.parametrize("name", LEFT)
def test_what_has_no_partial_form(backend, name):
    build, reason = LEFT[name]
    model, result = reparameterised(backend, build, 0.5)
    assert result is model and reason in sp.steps(result)[0].reason


def test_dims_are_kept(backend):
    with backend.pm.Model(coords={"group": list("abc")}) as model:
        backend.pm.Normal("x", np.float64(2.0), sigma=np.float64(3.0), dims="group")
    result = sp.reparam_graph(model, weights={"x": VECTORS})
    dims = result.RV_dims if backend.name == "theano" else result.named_vars_to_dims
    assert tuple(dims["x"]) == tuple(dims["x_offset"]) == ("group",)


# Both directions -----------------------------------------------------------------------------------------------------

BACKWARD = ["normal", "cauchy", "laplace", "logistic", "gumbel", "studentt", "halfcauchy", "gamma", "lognormal"]


@pytest.mark.parametrize("name", BACKWARD)
def test_backward(backend, name):
    """A plain variable from its expression, the weight being known: the same family, parameters and name."""
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    row = ops.rows[name]
    params = [ops.constant(float(i) + 1.5) for i, _ in enumerate(row.params)]
    if "loc" in row.params:
        params[row.params.index("loc")] = ops.constant(0.0)
    draw = getattr(ops, name)(*params).replace(info=var()).reify()
    draw.name = "x"
    rv, q = metatize(draw), var()
    (expression,) = run(0, q, partial_offseto(ops, 0.3, rv, q))
    expression = metatize(expression.reify())
    found = [y for y in run(0, q, partial_offseto(ops, 0.3, q, expression)) if ops.distribution_of(y) == name]
    back = metatize(found[0].reify())
    assert back.name == "x" and back.rator is rv.rator
    for a, b in zip(back.rands[: len(params)], params):
        np.testing.assert_array_equal(value_of(backend, a.reify()), b.value)
    assert not run(0, q, partial_offseto(ops, 0.4, q, expression))


@pytest.mark.parametrize("number", [-0.5, 3.0])
def test_a_shared_weight_that_leaves_its_bounds_leaves_the_law_as_it_is(backend, number):
    weight = backend.shared(np.float64(0.5))
    model, result = reparameterised(backend, lambda pm: pm.Normal("x", 1.3, sigma=0.4, shape=3), {"x": weight})
    weight.set_value(number)
    of_offset = backend.compile_plainly([result["x_offset"]], result["x"])
    for z in np.random.default_rng(5).normal(size=(3, 3)):
        x = of_offset(z)
        slope = of_offset(z + 1.0) - x
        before = density_of(backend, model, "x", x)
        after = density_of(backend, result, "x_offset", z) - np.log(slope)
        np.testing.assert_allclose(np.sum(after), np.sum(before), rtol=1e-10)
