"""Distributions as mixtures: the joint density integrated over the mixing variable is PyMC's own density."""

from importlib import import_module

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad, simpson

import symbolic_pymc as sp
from symbolic_pymc.errors import ModelGraphError
from symbolic_pymc.relations.mixtures import TABLES, latent_thresholdo, zero_inflationo
from tests.densities import assert_conditioned, assert_densities_differ_by, log_density

A, B, C = map(np.float64, (1.5, 2.5, 0.7))
REALS = np.array([-0.7, 4.0])
POSITIVE = np.array([0.2, 4.0])
PIECES = [-300, -40, -10, -4, 0, 2, 4, 10, 35, 300]

BUILD = {
    "studentt": lambda pm, **kw: pm.StudentT("x", nu=np.float64(3.0), mu=A, sigma=B, **kw),
    "cauchy": lambda pm, **kw: pm.Cauchy("x", A, B, **kw),
    "laplace": lambda pm, **kw: pm.Laplace("x", A, B, **kw),
    "logistic": lambda pm, **kw: pm.Logistic("x", A, B, **kw),
    "normal": lambda pm, **kw: pm.Normal("x", A, sigma=B, **kw),
    "asymmetriclaplace": lambda pm, **kw: pm.AsymmetricLaplace("x", b=B, kappa=C, mu=A, **kw),
    "skewnormal": lambda pm, **kw: pm.SkewNormal("x", mu=A, sigma=B, alpha=-C, **kw),
    "exgaussian": lambda pm, **kw: pm.ExGaussian("x", mu=A, sigma=B, nu=C, **kw),
    "halfcauchy": lambda pm, **kw: pm.HalfCauchy("x", B, **kw),
    "halfstudentt": lambda pm, **kw: pm.HalfStudentT("x", nu=np.float64(3.0), sigma=B, **kw),
    "halfnormal": lambda pm, **kw: pm.HalfNormal("x", sigma=B, **kw),
    "exponential": lambda pm, **kw: pm.Exponential("x", B, **kw),
    "gamma": lambda pm, **kw: pm.Gamma("x", alpha=C, beta=B, **kw),
    "weibull": lambda pm, **kw: pm.Weibull("x", alpha=np.float64(0.5), beta=B, **kw),
    "pareto": lambda pm, **kw: pm.Pareto("x", alpha=A, m=B, **kw),
    "negativebinomial": lambda pm, **kw: pm.NegativeBinomial("x", mu=A, alpha=B, **kw),
    "betabinomial": lambda pm, **kw: pm.BetaBinomial("x", n=np.int64(7), alpha=A, beta=B, **kw),
}
LAWS = {
    "studentt": stats.t(3.0, A, B),
    "cauchy": stats.cauchy(A, B),
    "laplace": stats.laplace(A, B),
    "logistic": stats.logistic(A, B),
    "normal": stats.norm(A, B),
    "asymmetriclaplace": stats.laplace_asymmetric(C, A, 1 / B),
    "skewnormal": stats.skewnorm(-C, A, B),
    "exgaussian": stats.exponnorm(C / B, A, B),
    "halfcauchy": stats.halfcauchy(scale=B),
    "halfstudentt": stats.t(3.0, scale=B),
    "halfnormal": stats.halfnorm(scale=B),
    "exponential": stats.expon(scale=1 / B),
    "gamma": stats.gamma(C, scale=1 / B),
    "weibull": stats.weibull_min(0.5, scale=B),
    "pareto": stats.pareto(A, scale=B),
    "negativebinomial": stats.nbinom(B, B / (A + B)),
    "betabinomial": stats.betabinom(7, A, B),
}
HALVES = ("halfstudentt",)  # twice the density of the whole
# what is drawn, its value as samplers see it from that of what is computed, the logarithm of the derivative
ROOT = lambda x: 2 * np.log(x), lambda x: np.log(2 / x)
PARTS = {
    "pareto": ("x_excess", lambda x: np.log(x - B), lambda x: -np.log(x - B)),
    "halfcauchy": ("x_square", *ROOT),
    "halfstudentt": ("x_square", *ROOT),
}
ROWS = [(relation.__name__, name, row) for relation, table in TABLES.items() for name, row in table.items()]
# of vectors, of a chance that is a function, and of zeros
APART = ("mvstudentt", "bernoulli", "zeroinflatedpoisson", "zeroinflatedbinomial", "zeroinflatednegativebinomial")
GIVEN = [(relation, name) for relation, name, row in ROWS if not row.value and name not in APART]
COMPUTED = [(relation, name) for relation, name, row in ROWS if row.value]
DISCRETE = ("negativebinomial", "betabinomial")


def expanded(backend, model, relation="mixtureo"):
    module = import_module(f"symbolic_pymc.relations.{backend.name}.mixtures")
    return sp.rewrite_graph(model, getattr(module, relation))


def values_of(name):
    if name in DISCRETE:
        return np.array([0, 5])
    return 3.0 + POSITIVE if name == "pareto" else POSITIVE if LAWS[name].support()[0] == 0 or name in HALVES else REALS


def exact(name, value):
    law = LAWS[name]
    density = law.logpmf(value) if name in DISCRETE else law.logpdf(value)
    return density + np.log(2) if name in HALVES else density


def integral(function, upper=300, lower=-300):
    """Return the log of an integral over a variable as samplers see it."""
    pieces = [x for x in PIECES if lower <= x <= upper]
    parts = (
        quad(lambda u: np.exp(function(np.float64(u))), a, b, limit=200, epsabs=1e-12, epsrel=1e-10)[0]
        for a, b in zip(pieces, pieces[1:])
    )
    return np.log(sum(parts))


def upper_of(mixing):
    """Return how far to integrate: past this a chance is one in double precision."""
    return 35 if mixing.endswith("logodds__") else 300


def test_every_row_is_tested():
    assert {name for _, name, _ in ROWS} == {*BUILD, *APART}
    assert {name for _, name in COMPUTED} == set(PARTS)


@pytest.mark.parametrize("relation, name", GIVEN)
def test_the_mixture_is_the_distribution(backend, relation, name):
    for value in values_of(name):
        with backend.pm.Model() as model:
            BUILD[name](backend.pm, observed=value)
        joint = log_density(backend, expanded(backend, model, relation))
        (mixing,) = joint.names
        total = integral(lambda u: joint({mixing: u}), upper_of(mixing))
        # PyMC's own densities of counts are in part those of small whole numbers, in single precision
        assert total == pytest.approx(exact(name, value), abs=1e-6 if name in DISCRETE else 1e-8)


@pytest.mark.parametrize("relation, name", COMPUTED)
def test_what_is_computed_from_the_mixture_has_the_distribution(backend, relation, name):
    part, drawn, log_derivative = PARTS[name]
    with backend.pm.Model() as model:
        BUILD[name](backend.pm)
    result = expanded(backend, model, relation)
    assert "x" in [v.name for v in result.deterministics]
    joint = log_density(backend, result)
    (mixing,) = (n for n in joint.names if n.startswith("x_mixing"))
    (other,) = (n for n in joint.names if n.startswith(part))
    for value in values_of(name):
        total = integral(lambda u: joint({mixing: u, other: drawn(value)}))
        assert total + log_derivative(value) == pytest.approx(exact(name, value), abs=1e-8)


@pytest.mark.parametrize("relation, name", COMPUTED)
def test_what_is_computed_has_its_value(backend, relation, name):
    part, drawn, _ = PARTS[name]
    with backend.pm.Model() as model:
        BUILD[name](backend.pm)
    result = expanded(backend, model, relation)
    value = backend.compile_plainly([result[part]], result["x"])
    for x in values_of(name):
        np.testing.assert_allclose(value(np.exp(drawn(x))), x, rtol=1e-12)


def test_a_half_normal_law_that_starts_elsewhere_is_a_uniform_mixture(backend):
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    row = {f.__name__: table for f, table in TABLES.items()}["uniform_mixtureo"]["halfnormal"]
    p = {"loc": ops.constant(A), "sigma": ops.constant(B)}
    for x in A + POSITIVE:
        logs = np.linspace(0.0, 12.0, 4001) + 2 * np.log((x - A) / B)  # the widths that reach as far as x
        family, lower, upper = row.given(ops, p, ops.constant(np.exp(logs)))
        ends = backend.compile_plainly([], [lower.reify(), upper.reify()])()
        assert family == "uniform"
        density = stats.gamma(1.5, scale=2.0).pdf(np.exp(logs)) * np.exp(logs) / (ends[1] - ends[0])
        np.testing.assert_allclose(ends[0], A)
        np.testing.assert_allclose(ends[1][0], x)
        np.testing.assert_allclose(simpson(density, x=logs), stats.halfnorm(A, B).pdf(x), rtol=1e-8)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
@pytest.mark.parametrize("name", ["studentt", *DISCRETE])
def test_there_and_back(backend, name, shape):
    observed = np.resize(values_of(name), shape)
    with backend.pm.Model() as model:
        scale = backend.pm.HalfNormal("scale", sigma=np.float64(1.0))
        if name == "studentt":
            backend.pm.StudentT("x", nu=np.float64(3.0), mu=A, sigma=scale, observed=observed)
        elif name == "negativebinomial":
            backend.pm.NegativeBinomial("x", mu=scale, alpha=B, observed=observed)
        else:
            backend.pm.BetaBinomial("x", n=np.int64(7), alpha=scale, beta=B, observed=observed)
    result = expanded(backend, model)
    assert "x_mixing" in str(result.free_RVs)
    back = sp.marginalize_graph(result, ["x_mixing"])
    assert [v.name for v in back.observed_RVs] == ["x"]
    assert_densities_differ_by(backend, model, back, 0.0, tolerance=1e-6 if name in DISCRETE else 1e-8)


def test_unobserved_variables_are_expanded_too(backend):
    with backend.pm.Model() as model:
        BUILD["studentt"](backend.pm, shape=3)
    result = expanded(backend, model)
    assert {step.variables for step in sp.steps(result)} == {("x",)}
    assert_densities_differ_by(backend, model, sp.marginalize_graph(result, ["x_mixing"]), 0.0)


@pytest.mark.parametrize("relation", [f.__name__ for f in TABLES if f not in (latent_thresholdo, zero_inflationo)])
def test_a_density_that_is_not_the_distributions_stays(backend, relation):
    name = next(iter({f.__name__: table for f, table in TABLES.items()}[relation]))
    with backend.pm.Model() as model:
        BUILD[name](backend.pm, observed=np.ones(3), total_size=[300])
    assert expanded(backend, model, relation) is model


def test_rows_that_do_not_hold(backend):
    pm = backend.pm
    with pm.Model() as model:
        shape = pm.Uniform("shape", np.float64(0.1), np.float64(0.9))
        pm.Gamma("gamma", alpha=np.float64(1.5), beta=B)
        pm.Gamma("unknown", alpha=shape, beta=B)
        pm.Weibull("weibull", alpha=np.float64(0.7), beta=B)
    assert expanded(backend, model, "exponential_mixtureo") is model


def test_the_precision_of_robust_data_is_conditionally_conjugate(backend):
    with backend.pm.Model() as model:
        scale = backend.pm.HalfNormal("scale", sigma=np.float64(1.0))
        backend.pm.StudentT("x", nu=np.float64(3.0), mu=A, sigma=scale, observed=REALS)
    result = expanded(backend, model)
    given = sp.conjugate_graph(result)
    assert_conditioned(backend, result, given)
    assert [step.relation for step in sp.steps(given) if step.taken] == ["gamma_rate_reversalo"]


def test_the_location_of_logistic_data_is_conditionally_conjugate(backend):
    with backend.pm.Model() as model:
        mu = backend.pm.Normal("mu", C, sigma=A, shape=2)
        backend.pm.Logistic("x", mu[np.array([0, 1, 1])], B, observed=np.resize(REALS, 3))
    assert sp.conjugate_graph(model) is model
    result = expanded(backend, model)
    given = sp.conjugate_graph(result)
    assert_conditioned(backend, result, given)
    assert [step.relation for step in sp.steps(given) if step.taken] == ["normal_mean_reversalo"]


@pytest.mark.parametrize("name", ["halfcauchy", "halfstudentt"])
@pytest.mark.parametrize("shape", [(), (3,)])
def test_a_deviation_is_conditionally_conjugate_on_both_levels(backend, name, shape):
    with backend.pm.Model() as model:
        x = BUILD[name](backend.pm, shape=shape)
        backend.pm.Normal("y", A, sigma=x, observed=np.resize(REALS, (4, *shape)))
    assert sp.conjugate_graph(model) is model
    result = expanded(backend, model, "inversegamma_mixtureo")
    given = sp.conjugate_graph(result)
    assert_conditioned(backend, result, given)
    assert {step.relation for step in sp.steps(given) if step.taken} == {"inversegamma_scale_reversalo"}


def test_what_is_observed_is_not_computed(backend):
    with backend.pm.Model() as model:
        BUILD["halfcauchy"](backend.pm, observed=POSITIVE)
    with pytest.raises(ModelGraphError):
        expanded(backend, model, "inversegamma_mixtureo")


# Vectors and thresholds ------------------------------------------------------------------------------------------


def vectors(backend, **kw):
    cov = np.array([[2.0, 0.3], [0.3, 1.0]])
    name = "Sigma" if backend.name == "theano" else "scale"
    return backend.pm.MvStudentT("x", nu=np.float64(3.0), mu=np.array([0.5, -1.0]), **{name: cov}, **kw), cov


def test_a_vector_has_one_mixing_variable(backend):
    value = np.array([1.5, 0.3])
    with backend.pm.Model() as model:
        _, cov = vectors(backend, observed=value, **({"shape": 2} if backend.name == "theano" else {}))
    result = expanded(backend, model)
    joint = log_density(backend, result)
    (mixing,) = joint.names
    exact = stats.multivariate_t([0.5, -1.0], cov, 3.0).logpdf(value)
    # past these ends the density is less than rounding, and the covariance not a number
    assert integral(lambda u: joint({mixing: u}), upper=10, lower=-40) == pytest.approx(exact, abs=1e-8)


def test_a_batch_of_vectors_stays(backend):
    with backend.pm.Model() as model:
        vectors(backend, observed=np.ones((3, 2)), shape=(3, 2))
    assert expanded(backend, model) is model


def erfc_form(t, x):
    return 0.5 * t.erfc(-x / np.sqrt(2.0))


LINKS = {
    "probit": (erfc_form, stats.norm.cdf),
    "probit by erf": (lambda t, x: 0.5 * (1.0 + t.erf(x / np.sqrt(2.0))), stats.norm.cdf),
    "logit": (lambda t, x: (getattr(t, "sigmoid", None) or t.nnet.sigmoid)(x), stats.logistic.cdf),
    "complementary log-log": (lambda t, x: 1.0 - t.exp(-t.exp(x)), lambda x: 1 - np.exp(-np.exp(x))),
}


@pytest.mark.parametrize("name", LINKS)
@pytest.mark.parametrize("value", [0, 1])
def test_a_binary_variable_is_a_latent_one_past_a_threshold(backend, name, value):
    link, chance = LINKS[name]
    with backend.pm.Model() as model:
        eta = backend.pm.Normal("eta", np.float64(0.0), sigma=np.float64(1.0))
        backend.pm.Bernoulli("x", link(backend.tensor, eta), observed=np.int64(value))
    joint = log_density(backend, expanded(backend, model, "latent_thresholdo"))
    for at in (-0.8, 0.6):
        total = integral(lambda u: joint({"x_mixing": u, "eta": np.float64(at)}))
        exact = stats.norm.logpdf(at) + np.log(chance(at) if value else 1 - chance(at))
        assert total == pytest.approx(exact, abs=1e-8)


def test_a_chance_that_is_no_link_stays(backend):
    with backend.pm.Model() as model:
        p = backend.pm.Beta("p", np.float64(1.5), np.float64(2.5))
        backend.pm.Bernoulli("x", p, observed=np.array([0, 1, 1]))
        backend.pm.Bernoulli("y", 0.4 * backend.tensor.erfc(p), observed=np.array([0, 1, 1]))
    assert expanded(backend, model, "latent_thresholdo") is model
