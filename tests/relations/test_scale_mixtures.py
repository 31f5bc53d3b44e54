"""Normal scale mixtures both ways, against SciPy's densities, and as a rewrite that keeps the joint density."""

from importlib import import_module

import numpy as np
import pytest
from kanren import eq, lall, run, var
from scipy import stats
from scipy.integrate import quad
from scipy.special import exp1
from unification import reify

import symbolic_pymc as sp
from symbolic_pymc.meta import metatize, settle_graph
from symbolic_pymc.relations.laws import law, parameters_of
from symbolic_pymc.relations.scale_levels import mixing_scaleo
from symbolic_pymc.relations.scale_mixtures import normal_scale_mixtureo
from symbolic_pymc.parts import graph_parts, substitute
from tests.densities import assert_densities_differ_by, evidence_of

A, B, C = map(np.float64, (1.5, 2.5, 0.7))
POINTS = np.array([-0.7, 1.6, 4.0])


def words(backend):
    return import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops


def numbers(backend, ops, draw):
    """Return the name of the law of a draw and its parameters as numbers, by name."""
    values = {name: p.reify() for name, p in parameters_of(ops, draw).items()}
    return ops.distribution_of(draw), dict(zip(values, backend.compile_plainly([], list(values.values()))()))


LAWS = {
    "studentt": ((3.0, A, B), stats.t(3.0, A, B)),
    "cauchy": ((A, B), stats.cauchy(A, B)),
    "laplace": ((A, B), stats.laplace(A, B)),
    "logistic": ((A, B), stats.logistic(A, B)),
}


def scipy_law(name, p):
    return {
        "gamma": lambda: stats.gamma(p["alpha"], scale=1 / p["beta"]),
        "exponential": lambda: stats.expon(scale=1 / p["lam"]),
        "studentt": lambda: stats.t(p["nu"], p["mu"], p["sigma"]),
        "laplace": lambda: stats.laplace(p["mu"], p["b"]),
        "logistic": lambda: stats.logistic(p["mu"], p["s"]),
        "kolmogorov": lambda: stats.kstwobign(scale=p["scale"]),
    }[name]()


# what a variance is of the draw in it
WORDS = {"reciprocal": lambda w: 1 / w, "sqr": lambda w: w**2}


def mixed(mean, mixing, variance):
    """Return the density of a normal mixture over a mixing variable, as a function."""

    def density(x):
        def integrand(u):
            w = np.exp(u)
            return mixing.pdf(w) * w * stats.norm.pdf(x, mean, np.sqrt(variance(w)))

        return sum(quad(integrand, a, b, epsabs=1e-14, epsrel=1e-12)[0] for a, b in [(-60, -4), (-4, 4), (4, 60)])

    return density


@pytest.mark.parametrize("name", LAWS)
def test_from_the_variable_to_its_variance(backend, name):
    ops, (values, exact) = words(backend), LAWS[name]
    mean, variance = var(), var()
    draw = law(ops, name, *map(ops.constant, values)).reify()
    [(centre, spread)] = run(0, (mean, variance), normal_scale_mixtureo(ops, metatize(draw), mean, variance))
    word = WORDS.get(ops.operator_of(spread))
    mixing = scipy_law(*numbers(backend, ops, spread.rands[0] if word else spread))
    density = mixed(backend.compile_plainly([], centre.reify())(), mixing, word or (lambda w: w))
    np.testing.assert_allclose([density(x) for x in POINTS], exact.pdf(POINTS), rtol=1e-8)


@pytest.mark.parametrize("name", LAWS)
def test_there_and_back(backend, name):
    ops, (values, exact) = words(backend), LAWS[name]
    mean, variance, x = var(), var(), var()
    draw = metatize(law(ops, name, *map(ops.constant, values)).reify())
    [(centre, spread)] = run(0, (mean, variance), normal_scale_mixtureo(ops, draw, mean, variance))
    [back] = run(0, x, normal_scale_mixtureo(ops, x, centre, spread))
    np.testing.assert_allclose(scipy_law(*numbers(backend, ops, back)).pdf(POINTS), exact.pdf(POINTS), rtol=1e-12)


# mixing law, variance as an expression in it, the law of the variable
VARIANCES = {
    "precision": (("gamma", 1.5, 2.5), lambda w: 0.7 / w, stats.t(3.0, A, np.sqrt(0.7 * 2.5 / 1.5))),
    "squared scale": (("gamma", 1.5, 2.5), lambda w: (0.7 / w**0.5) ** 2, stats.t(3.0, A, 0.7 * np.sqrt(2.5 / 1.5))),
    "variance": (("inversegamma", 1.5, 2.5), lambda w: 0.7 * w, stats.t(3.0, A, np.sqrt(0.7 * 2.5 / 1.5))),
    "exponential precision": (("exponential", 2.5), lambda w: 1 / w, stats.t(2.0, A, np.sqrt(2.5))),
    "exponential": (("exponential", 2.5), lambda w: 0.7 * w, stats.laplace(A, np.sqrt(0.7 / 5.0))),
    "gamma": (("gamma", 1.0, 2.5), lambda w: w, stats.laplace(A, np.sqrt(1 / 5.0))),
    "inverse gamma precision": (("inversegamma", 1.0, 2.5), lambda w: 1 / w, stats.laplace(A, np.sqrt(1 / 5.0))),
    "Rayleigh scale": (("weibull", 2.0, 2.5), lambda w: w**2, stats.laplace(A, 2.5 / np.sqrt(2.0))),
    "Weibull": (("weibull", 0.5, 2.5), lambda w: w**-0.5, stats.t(2.0, A, 2.5**-0.25)),
    "Kolmogorov scale": (("kolmogorov", 2.5), lambda w: 0.49 * w**2, stats.logistic(A, 0.7 * 2.5 / 2)),
    "squared Kolmogorov scale": (("kolmogorov", 2.5), lambda w: (0.7 * w) ** 2, stats.logistic(A, 0.7 * 2.5 / 2)),
}


@pytest.mark.parametrize("name", VARIANCES)
def test_from_the_variance_to_the_variable(backend, name):
    ops, ((mixing, *values), variance, exact) = words(backend), VARIANCES[name]
    w = law(ops, mixing, *map(ops.constant, values)).reify()
    x = var()
    [found] = run(0, x, normal_scale_mixtureo(ops, x, ops.constant(A), metatize(variance(w))))
    np.testing.assert_allclose(scipy_law(*numbers(backend, ops, found)).pdf(POINTS), exact.pdf(POINTS), rtol=1e-12)


def test_variances_of_their_own_about_one_mean(backend):
    ops, x, rates = words(backend), var(), np.array([0.5, 2.5])
    w = law(ops, "exponential", ops.constant(rates)).reify()
    [found] = run(0, x, normal_scale_mixtureo(ops, x, ops.constant(A), metatize(w)))
    exact = stats.laplace(A, 1 / np.sqrt(2 * rates))
    np.testing.assert_allclose(scipy_law(*numbers(backend, ops, found)).pdf(0.3), exact.pdf(0.3), rtol=1e-12)


def test_the_variance_of_a_variable_has_its_name(backend):
    ops, mean, variance = words(backend), var(), var()
    x = law(ops, "laplace", ops.constant(A), ops.constant(B)).reify()
    x.name = "x"
    [(_, spread)] = run(0, (mean, variance), normal_scale_mixtureo(ops, metatize(x), mean, variance))
    assert spread.name == "x_mixing"


NAMELESS = {
    "horseshoe": (("halfcauchy", 2.5), lambda w: w**2),
    "variance gamma": (("gamma", 2.0, 2.5), lambda w: w),
    "shifted": (("exponential", 2.5), lambda w: w + 1.0),
    "another power": (("exponential", 2.5), lambda w: w**3),
    "of two": (("exponential", 2.5), lambda w: w + w**2),
    "Kolmogorov variance": (("kolmogorov", 2.5), lambda w: w),
    "Kolmogorov precision": (("kolmogorov", 2.5), lambda w: 1 / w**2),
}


@pytest.mark.parametrize("name", NAMELESS)
def test_a_variance_whose_variable_has_no_name(backend, name):
    ops, ((mixing, *values), variance) = words(backend), NAMELESS[name]
    w = half_cauchy(ops, 2.5) if mixing == "halfcauchy" else law(ops, mixing, *map(ops.constant, values))
    w, x = w.reify(), var()
    assert run(0, x, normal_scale_mixtureo(ops, x, ops.constant(A), metatize(variance(w)))) == ()


def test_a_mean_that_depends_on_the_variance_is_refused(backend):
    ops, x = words(backend), var()
    w = law(ops, "exponential", ops.constant(2.5)).reify()
    assert run(0, x, normal_scale_mixtureo(ops, x, metatize(w * 2.0), metatize(w))) == ()


@pytest.mark.parametrize("rate", [2.5, [2.5]])
def test_a_variance_that_several_elements_share_is_refused(backend, rate):
    ops, x = words(backend), var()
    w = law(ops, "exponential", ops.constant(np.float64(rate))).reify()
    assert run(0, x, normal_scale_mixtureo(ops, x, ops.constant(np.zeros(3)), metatize(w))) == ()


def half_cauchy(ops, scale):
    origin = [ops.constant(0.0)] * ("loc" in ops.rows["halfcauchy"].params)
    return ops.halfcauchy(*origin, ops.constant(scale))


def at(backend, ops, expression, value):
    """Return the number that an expression in one draw is for a value of it."""
    (w,) = (x for x in graph_parts(expression) if ops.is_random(x))
    return float(backend.compile_plainly([], substitute(expression, {w: ops.constant(value)}).reify())())


def test_the_horseshoe_is_a_normal_scale_mixture(backend):
    """Its density is that of Carvalho, Polson and Scott: (2 pi**3)**-0.5 exp(z) E1(z), with z = x**2 / (2 tau**2)."""
    ops, mean, variance = words(backend), var(), var()
    x = ops.normal(ops.constant(A), metatize(B * half_cauchy(ops, 1.0).reify())).reify()
    [(centre, spread)] = run(0, (mean, variance), normal_scale_mixtureo(ops, metatize(x), mean, variance))
    assert centre is ops.constant(A)
    density = mixed(A, stats.halfcauchy(scale=1.0), lambda w: at(backend, ops, spread, w))
    z = (POINTS - A) ** 2 / (2 * B**2)
    exact = (2 * np.pi**3) ** -0.5 * np.exp(z) * exp1(z) / B
    np.testing.assert_allclose([density(x) for x in POINTS], exact, rtol=1e-8)


def test_a_normal_variable_of_known_scale_is_no_mixture(backend):
    ops, mean, variance = words(backend), var(), var()
    x = metatize(ops.normal(ops.constant(A), ops.constant(B)).reify())
    assert run(0, (mean, variance), normal_scale_mixtureo(ops, x, mean, variance)) == ()


# From one level to the other -------------------------------------------------------------------------------------

SCALED = {
    "gamma precision": (("gamma", 1.5, 2.5), lambda w: 0.7 / w),
    "inverse gamma": (("inversegamma", 1.5, 2.5), lambda w: 0.7 * w),
    "exponential": (("exponential", 2.5), lambda w: 0.7 * w),
    "Weibull scale": (("weibull", 2.0, 2.5), lambda w: (0.7 * w) ** 2),
    "Kolmogorov scale": (("kolmogorov", 2.5), lambda w: (0.7 * w) ** 2),
}


@pytest.mark.parametrize("name", SCALED)
def test_a_factor_goes_into_the_mixing_law(backend, name):
    ops, ((mixing, *values), variance) = words(backend), SCALED[name]
    q, x = var(), var()
    before = metatize(variance(law(ops, mixing, *map(ops.constant, values)).reify()))
    [after] = run(0, q, mixing_scaleo(ops, before, q))
    mean = ops.constant(A)
    old, new = (run(0, x, normal_scale_mixtureo(ops, x, mean, v))[0] for v in (before, after))
    one, other = (scipy_law(*numbers(backend, ops, x)).pdf(POINTS) for x in (old, new))
    np.testing.assert_allclose(one, other, rtol=1e-12)
    (w,) = (d for d in graph_parts(after) if ops.is_random(d))
    for value in (0.3, 2.0):
        one, other = (at(backend, ops, v, value) for v in (before, after))
        np.testing.assert_allclose(one / other, factor(name), rtol=1e-12)


def factor(name):
    return 0.49 if name.endswith("scale") else 0.7


def test_a_mixing_law_that_is_no_scale_family_stays(backend):
    ops, q = words(backend), var()
    w = law(ops, "lognormal", ops.constant(0.3), ops.constant(0.5)).reify()
    assert run(0, q, mixing_scaleo(ops, metatize(0.7 * w), q)) == ()


@pytest.mark.parametrize("name", LAWS)
def test_find_a_scale_mixture_and_scale_its_mixing_law(backend, name):
    """The relations compose: c x has the variance c**2 v."""
    ops, (values, _) = words(backend), LAWS[name]
    x = metatize(law(ops, name, *map(ops.constant, values)).reify())
    mean, variance, scaled, y = var(), var(), var(), var()

    def scale_variance(before, after):
        return lambda s: eq(after, settle_graph(ops.mul(ops.constant(4.0), reify(before, s))))(s)

    [found] = run(
        0,
        y,
        lall(
            normal_scale_mixtureo(ops, x, mean, variance),
            scale_variance(variance, scaled),
            normal_scale_mixtureo(ops, y, mean, scaled),
        ),
    )
    families = {"cauchy": stats.cauchy, "laplace": stats.laplace, "logistic": stats.logistic}
    exact = families[name](A, 2 * B) if name in families else stats.t(3.0, A, 2 * B)
    density = scipy_law(*numbers(backend, ops, found)).pdf(POINTS)
    np.testing.assert_allclose(density, exact.pdf(POINTS), rtol=1e-12)


def kolmogorov(backend):
    return import_module(f"symbolic_pymc.{backend.name}.kolmogorov").Kolmogorov


# In models -------------------------------------------------------------------------------------------------------


def integrated(backend, model):
    module = import_module(f"symbolic_pymc.relations.{backend.name}.mixtures")
    return sp.rewrite_graph(model, module.scale_mixture_marginalo)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
@pytest.mark.parametrize("observed", [True, False])
@pytest.mark.parametrize("name", ["studentt", "laplace", "logistic"])
def test_a_variable_that_only_scales_another_is_integrated_out(backend, name, observed, shape):
    pm, seen = backend.pm, {"observed": np.resize(POINTS, shape)} if observed else {"shape": shape}

    def build(expanded):
        with pm.Model() as model:
            scale = pm.HalfNormal("scale", sigma=np.float64(1.0))
            if not expanded and name == "studentt":
                x = pm.StudentT("x", nu=2 * A, mu=C, sigma=scale * np.sqrt(B / A), **seen)
            elif not expanded and name == "laplace":
                x = pm.Laplace("x", C, scale / np.sqrt(2 * B), **seen)
            elif not expanded:
                x = pm.Logistic("x", C, scale * B / 2, **seen)
            elif name == "studentt":
                x = pm.Normal("x", C, sigma=scale / pm.math.sqrt(pm.Gamma("w", alpha=A, beta=B, shape=shape)), **seen)
            elif name == "laplace":
                x = pm.Normal("x", C, sigma=scale * pm.math.sqrt(pm.Exponential("w", B, shape=shape)), **seen)
            else:
                x = pm.Normal("x", C, sigma=scale * kolmogorov(backend)("w", B, shape=shape), **seen)
            pm.Normal("y", x, sigma=A, observed=np.zeros(shape))
        return model

    model = build(True)
    result = integrated(backend, model)
    assert [step.variables for step in sp.steps(result)] == [("w", "x")]
    assert_densities_differ_by(backend, build(False), result, 0.0)


def test_a_chi_squared_precision(backend):
    """A variable over the root of a chi-squared one over its degrees of freedom is Student's."""
    pm, nu = backend.pm, np.float64(3.0)

    def build(expanded):
        with pm.Model() as model:
            mu = pm.Normal("mu", C, sigma=B)
            if expanded:
                w = pm.ChiSquared("w", nu, shape=3)
                pm.Normal("x", mu, sigma=A * pm.math.sqrt(nu / w), observed=POINTS)
            else:
                pm.StudentT("x", nu=nu, mu=mu, sigma=A, observed=POINTS)
        return model

    result = integrated(backend, build(True))
    assert [step.variables for step in sp.steps(result)] == [("w", "x")]
    assert_densities_differ_by(backend, build(False), result, 0.0)


def used_twice(pm):
    w = pm.Exponential("w", B)
    pm.Normal("x", C, sigma=pm.math.sqrt(w))
    pm.Normal("y", w, sigma=A, observed=np.float64(0.3))


def kept_by_name(pm):
    w = pm.Exponential("w", B)
    pm.Deterministic("root", pm.math.sqrt(w))
    pm.Normal("x", C, sigma=pm.math.sqrt(w))


def shared(pm):
    """Without their common precision the elements are dependent."""
    w = pm.Gamma("w", alpha=A, beta=B)
    pm.Normal("x", C, sigma=1 / pm.math.sqrt(w), observed=POINTS)


def shared_by_groups(pm):
    w = pm.Gamma("w", alpha=A, beta=B, shape=2)
    pm.Normal("x", C, sigma=1 / pm.math.sqrt(w)[np.array([0, 1, 1])], observed=POINTS)


def in_the_mean_too(pm):
    w = pm.Exponential("w", B)
    pm.Normal("x", w, sigma=pm.math.sqrt(w))


def potential(pm):
    w = pm.Exponential("w", B)
    pm.Potential("p", -w)
    pm.Normal("x", C, sigma=pm.math.sqrt(w))


def scale_of_another(pm):
    w = pm.Exponential("w", B)
    u = pm.Exponential("u", 1 / w)
    pm.Normal("x", C, sigma=pm.math.sqrt(w) * u)


def weighted(pm):
    w = pm.Exponential("w", B, shape=3)
    pm.Normal("x", C, sigma=pm.math.sqrt(w), observed=POINTS, total_size=[300])


KEPT = [used_twice, kept_by_name, shared, shared_by_groups, in_the_mean_too, potential, scale_of_another, weighted]


@pytest.mark.parametrize("build", KEPT)
def test_what_else_depends_on_it_keeps_it(backend, build):
    with backend.pm.Model() as model:
        build(backend.pm)
    assert integrated(backend, model) is model


def test_an_expanded_model_comes_back(backend):
    pm = backend.pm
    with pm.Model() as model:
        mu = pm.Normal("mu", C, sigma=B)
        pm.StudentT("x", nu=np.float64(3.0), mu=mu, sigma=B, shape=3)
        pm.Laplace("y", mu, A, observed=POINTS)
        pm.Logistic("z", mu, A, observed=POINTS)
    module = import_module(f"symbolic_pymc.relations.{backend.name}.mixtures")
    longer = sp.rewrite_graph(model, module.mixtureo)
    assert {"x_mixing", "y_mixing", "z_mixing"} <= set(longer.named_vars)
    assert_densities_differ_by(backend, model, integrated(backend, longer), 0.0)


def test_the_three_levels_of_a_double_pareto(backend):
    """Normal, exponential and gamma make a Laplace of gamma rate, whose density is a / (2 b) (1 + |y| / b)**-(a + 1)."""
    pm = backend.pm
    for value in POINTS:
        with pm.Model() as model:
            rate = pm.Gamma("rate", alpha=A, beta=B)
            v = pm.Exponential("v", rate**2 / 2)
            pm.Normal("y", np.float64(0.0), sigma=pm.math.sqrt(v), observed=value)
        result = sp.conjugate_graph(integrated(backend, model))
        assert not {"v", "v_log__"} & set(result.named_vars)
        exact = np.log(A / (2 * B)) - (A + 1) * np.log1p(abs(value) / B)
        np.testing.assert_allclose(evidence_of(backend, result), exact, rtol=1e-10)


def test_the_lasso_of_a_scaled_coefficient(backend):
    """Laplace(0, s / l) is normal of variance s**2 v, with v ~ Exp(l**2 / 2), which goes into the law of the variance."""
    ops, mean, variance = words(backend), var(), var()
    with backend.pm.Model():
        s, rate = backend.pm.HalfNormal("s", sigma=A), backend.pm.Gamma("rate", alpha=A, beta=B)
    x = metatize(ops.laplace(ops.constant(0.0), metatize(s / rate)).reify())
    [(_, spread)] = run(0, (mean, variance), normal_scale_mixtureo(ops, x, mean, variance))
    lam = parameters_of(ops, spread)["lam"].reify()
    value = backend.compile_plainly([s, rate], lam)(np.float64(0.7), np.float64(1.9))
    np.testing.assert_allclose(value, 1.9**2 / (2 * 0.7**2), rtol=1e-12)


def test_other_things_that_make_a_density_another_keep_it(backend):
    with backend.pm.Model() as model:
        w = backend.pm.Exponential("w", B, shape=3, **weight(backend))
        backend.pm.Normal("x", C, sigma=backend.pm.math.sqrt(w), shape=3)
        backend.pm.Normal("y", model["x"], sigma=A, observed=POINTS)
    assert integrated(backend, model) is model


def weight(backend):
    """Return a transform that is not the default: the model may have another law than its distribution says."""
    transforms = import_module(f"{backend.pm.__name__}.distributions.transforms")
    return {"transform": transforms.LogExpM1()}


def test_indexed_means_and_shared_scales(backend):
    groups, scales = np.array([0, 1, 1]), backend.shared(np.array([0.5, 2.0, 1.0]))
    with backend.pm.Model() as model:
        mu = backend.pm.Normal("mu", C, sigma=B, shape=2)
        backend.pm.StudentT("x", nu=np.float64(3.0), mu=mu[groups], sigma=scales, observed=POINTS)
    module = import_module(f"symbolic_pymc.relations.{backend.name}.mixtures")
    longer = sp.rewrite_graph(model, module.mixtureo)
    assert "x_mixing" in longer.named_vars
    back = integrated(backend, longer)
    assert_densities_differ_by(backend, model, back, 0.0)
    scales.set_value(np.array([1.5, 0.2, 3.0]))
    assert_densities_differ_by(backend, model, back, 0.0)


def test_no_data(backend):
    with backend.pm.Model() as model:
        scale = backend.pm.HalfNormal("scale", sigma=A)
        backend.pm.Laplace("x", C, scale, observed=np.zeros(0))
    module = import_module(f"symbolic_pymc.relations.{backend.name}.mixtures")
    longer = sp.rewrite_graph(model, module.mixtureo)
    assert "x_mixing" in longer.named_vars
    assert_densities_differ_by(backend, model, integrated(backend, longer), 0.0)
