"""Special members of families and limits of them in models, against scipy."""

from importlib import import_module

import numpy as np
import pytest
from scipy import stats

import symbolic_pymc as sp
from symbolic_pymc.relations.case_rows import CASES
from symbolic_pymc.relations.limits import LIMITS
from symbolic_pymc.relations.special import SPECIAL
from tests.densities import assert_densities_differ_by, log_density
from tests.families import Double, density_of, draws

N = 400
COV = np.diag([0.5, 2.0, 3.0])
MU = np.array([1.0, -1.0, 0.5])


def relations(backend):
    return import_module(f"symbolic_pymc.relations.{backend.name}.special")


def model_of(backend, build):
    with backend.pm.Model() as model:
        build(Double(backend.pm))
    return model


def rewritten(backend, name, build):
    model = model_of(backend, build)
    return model, sp.rewrite_graph(model, getattr(relations(backend), name))


# What stays a single draw: the variable, a value, and the log density of it ------------------------------------------

X = np.array([0.3, -1.2, 2.5])
SAME = {
    "mvnormal_as_normalo": (
        lambda pm: pm.MvNormal("x", MU, cov=COV, shape=3),
        X,
        stats.norm(MU, np.sqrt(np.diag(COV))),
    ),
    "normal_as_mvnormalo": (lambda pm: pm.Normal("x", MU, sigma=2.0, shape=3), X, stats.multivariate_normal(MU, 4.0)),
    "mvstudentt_as_studentto": (
        lambda pm: pm.MvStudentT("x", nu=5.0, mu=MU[:1], cov=COV[1:2, 1:2], shape=1),
        X[:1],
        stats.t(5.0, MU[:1], np.sqrt(2.0)),
    ),
    "wishart_as_gammao": (
        lambda pm: pm.Wishart("x", nu=5.0, V=COV[1:2, 1:2], shape=(1, 1)),
        X[2:, None],
        stats.wishart(5.0, 2.0),
    ),
    "weibull_as_riceo": (lambda pm: pm.Weibull("x", 2.0, 3.0, shape=2), X[::2], stats.weibull_min(2, scale=3)),
    "beta_as_triangularo": (lambda pm: pm.Beta("x", 2.0, 1.0, shape=2), np.array([0.2, 0.9]), stats.beta(2, 1)),
    "falling_triangular_as_betao": (
        lambda pm: pm.Triangular("x", lower=0.0, c=0.0, upper=1.0, shape=2),
        np.array([0.2, 0.9]),
        stats.beta(1, 2),
    ),
    "beta_as_uniformo": (lambda pm: pm.Beta("x", 1.0, 1.0, shape=2), np.array([0.2, 0.9]), stats.uniform()),
    "weibull_as_exponentialo": (lambda pm: pm.Weibull("x", 1.0, 3.0, shape=2), X[::2], stats.expon(scale=3)),
    "truncatednormal_as_halfnormalo": (
        lambda pm: pm.TruncatedNormal("x", mu=0.0, sigma=2.0, lower=0.0, shape=2),
        X[::2],
        stats.halfnorm(scale=2),
    ),
    "binomial_as_bernoullio": (lambda pm: pm.Binomial("x", 1, 0.3, shape=2), np.array([0, 1]), stats.bernoulli(0.3)),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_law_under_another_name(backend, name):
    build, value, law = SAME[name]
    model, result = rewritten(backend, name, build)
    (step,) = sp.steps(result)
    assert (step.relation, step.variables, step.is_approximate) == (name, ("x",), False)
    expected = law.logpmf(value) if hasattr(law, "dist") and hasattr(law.dist, "pmf") else law.logpdf(value)
    found = density_of(backend, result, "x", value)
    np.testing.assert_allclose(np.sum(found), np.sum(expected), rtol=1e-8)
    ops = relations(backend).ops
    family = name.split("_as_")[1][:-1]
    graph = import_module(f"symbolic_pymc.{backend.name}.{backend.pm.__name__}").model_graph(result)
    (drawn,) = (ops.distribution_of(sp.metatize(n.outputs[1])) for n in backend.draws(*graph.outputs))
    assert drawn == family


def test_inverse_wishart_of_one_row(backend):
    law = import_module(f"symbolic_pymc.{backend.name}.wishart").InverseWishart
    _, result = rewritten(backend, "inversewishart_as_inversegammao", lambda pm: law("x", 5.0, COV[1:2, 1:2]))
    found = density_of(backend, result, "x", np.array([[0.7]]))
    np.testing.assert_allclose(found, stats.invgamma(2.5, scale=1.0).logpdf(0.7), rtol=1e-8)


@pytest.mark.parametrize("spelling", ["tau", "chol", "scaled", "diag"])
def test_spellings_of_a_diagonal_covariance(backend, spelling):
    """The joint density of the model is the same, scale and all."""
    t = backend.tensor

    def build(pm):
        s = pm.HalfNormal("s", 2.0)
        cov = {
            "tau": dict(tau=np.linalg.inv(COV) / s**2),
            "chol": dict(chol=np.sqrt(COV) * s),
            "scaled": dict(cov=COV * s**2),
            "diag": dict(cov=t.diag(np.diag(COV)) * s**2),
        }
        pm.MvNormal("x", MU, **cov[spelling], shape=3)

    model, result = rewritten(backend, "mvnormal_as_normalo", build)
    assert [s.variables for s in sp.steps(result)] == [("x",)]
    assert_densities_differ_by(backend, model, result, 0.0)


def test_vectors_in_rows(backend):
    """Every row of a batch keeps its law."""
    model, result = rewritten(backend, "mvnormal_as_normalo", lambda pm: pm.MvNormal("x", MU, cov=COV, shape=(2, 3)))
    assert sp.steps(result)
    assert_densities_differ_by(backend, model, result, 0.0)


# What is a function of the draw --------------------------------------------------------------------------------------

MOVED = {
    "triangular_as_betao": (
        lambda pm: pm.Triangular("x", lower=-1.0, c=-1.0, upper=3.0, shape=N),
        "_beta",
        stats.triang(0.0, -1.0, 4.0),
    ),
    "negativebinomial_as_geometrico": (
        lambda pm: pm.NegativeBinomial("x", mu=2.0, alpha=1.0, shape=N),
        "_geometric",
        stats.nbinom(1, 1 / 3),
    ),
    "geometric_as_negativebinomialo": (lambda pm: pm.Geometric("x", 0.3, shape=N), "_failures", stats.geom(0.3)),
    "discreteweibull_as_geometrico": (
        lambda pm: pm.DiscreteWeibull("x", 0.6, 1.0, shape=N),
        "_geometric",
        stats.geom(0.4, loc=-1),
    ),
}


def test_every_case_is_tested():
    chains = {"gaussianchain_as_normalo", "gaussianchain_as_walko"}
    assert set(SAME) | set(MOVED) | {"inversewishart_as_inversegammao"} | chains >= set(CASES)


@pytest.mark.parametrize("name", MOVED)
def test_moved_and_scaled_laws(backend, name):
    build, ending, law = MOVED[name]
    model, result = rewritten(backend, name, build)
    if name.split("_as_")[0] not in relations(backend).ops.rows:  # PyMC's discrete Weibull is a graph of its own
        assert result is model and (backend.name, name) == ("pytensor", "discreteweibull_as_geometrico")
        return
    z, x = draws(backend, result, ["x" + ending, "x"])
    assert x.dtype == (result["x"].dtype if law.dist.name == "triang" else "int64")
    before, after = density_of(backend, model, "x", x), density_of(backend, result, "x" + ending, z)
    if law.dist.name == "triang":
        np.testing.assert_allclose(x, -1 + 4 * z, rtol=1e-12)
        np.testing.assert_allclose(before + np.log(4.0), after, rtol=1e-8)
        assert stats.kstest(x, law.cdf).pvalue > 1e-3
    else:
        np.testing.assert_allclose(before, after, rtol=1e-8)
        np.testing.assert_allclose(law.logpmf(x), after, rtol=1e-8)
        counts = np.bincount(x, minlength=5)[:5]
        assert np.all(np.abs(counts - N * law.pmf(np.arange(5))) < 5 * np.sqrt(N))


def test_moyal_by_a_gamma_variable(backend):
    model = model_of(backend, lambda pm: pm.Moyal("x", 0.5, 2.0, shape=N))
    result = sp.reparam_graph(model, form="gammas")
    g, x = draws(backend, result, ["x_gamma", "x"])
    np.testing.assert_allclose(x, 0.5 - 2 * np.log(g), rtol=1e-12)
    before = density_of(backend, model, "x", x) + np.log(2.0 / g)
    np.testing.assert_allclose(before, density_of(backend, result, "x_gamma", g), rtol=1e-8)
    assert stats.kstest(x, stats.moyal(0.5, 2.0).cdf).pvalue > 1e-3


# Time series ---------------------------------------------------------------------------------------------------------


def series(backend, kind, name="x", n=5, start=(1.0, 2.0), **options):
    """Return a time series whose first element is normal, of numbers in double precision."""
    first = backend.pm.Normal.dist(*map(np.float64, start))
    init = {"init" if backend.name == "theano" else "init_dist": first}
    return getattr(backend.pm, kind)(name, shape=n, **init, **options)


def walk(backend):
    series(backend, "GaussianRandomWalk", mu=np.float64(0.3), sigma=backend.pm.HalfNormal("s", sigma=np.float64(1.0)))


def autoregression(rho, **options):
    def build(backend):
        sigma = backend.pm.HalfNormal("s", sigma=np.float64(1.0))
        series(backend, "AR", rho=np.array(rho), sigma=sigma, **options)

    return build


WALKS = {
    "walk": (walk, 0.3),
    "autoregression": (autoregression([1.0]), 0.0),
    "autoregression with a constant": (autoregression([0.3, 1.0], constant=True), 0.3),
}


@pytest.mark.parametrize("name", WALKS)
def test_walks_are_sums_of_their_steps(backend, name):
    """The steps have the density of the walk, as PyMC has it, and are independent normal variables."""
    build, drift = WALKS[name]
    with backend.pm.Model() as model:
        build(backend)
    result = sp.rewrite_graph(model, relations(backend).gaussianchain_as_walko)
    assert [(s.relation, s.variables) for s in sp.steps(result)] == [("gaussianchain_as_walko", ("x",))]
    steps = np.array([0.7, -0.2, 0.4, 1.5, -1.0])
    x = backend.compile_plainly([result["x_step"]], result["x"])(steps)
    np.testing.assert_allclose(x, np.cumsum(steps), rtol=1e-14)
    for s in (0.4, 2.0):
        law = stats.norm([1.0] + [drift] * 4, [2.0] + [s] * 4)
        scale = stats.halfnorm().logpdf(s) + np.log(s)
        np.testing.assert_allclose(joint(backend, result, s, x_step=steps), law.logpdf(steps).sum() + scale, rtol=1e-10)
        np.testing.assert_allclose(joint(backend, model, s, x=x), law.logpdf(steps).sum() + scale, rtol=1e-10)


def joint(backend, model, s, **values):
    return log_density(backend, model)({"s_log__": np.log(s), **values})


@pytest.mark.parametrize("is_observed", [False, True])
@pytest.mark.parametrize("options", [{"rho": [0.0]}, {"rho": [0.3, 0.0], "constant": True}])
def test_a_series_without_memory_is_of_independent_variables(backend, options, is_observed):
    seen = {"observed": np.array([0.7, -0.2, 0.4, 1.5, -1.0])} if is_observed else {}
    with backend.pm.Model() as model:
        autoregression(**options, **seen)(backend)
    result = sp.rewrite_graph(model, relations(backend).gaussianchain_as_normalo)
    assert [s.variables for s in sp.steps(result)] == [("x",)]
    assert_densities_differ_by(backend, model, result, 0.0)


def a_random_gain(backend):
    pm = backend.pm
    rho = pm.Normal("rho", np.float64(0.0), np.float64(1.0), shape=1)
    series(backend, "AR", rho=rho, sigma=np.float64(1.0))


def a_gain_that_may_change(backend):
    rho = backend.shared(np.float64(1.0))
    rho = rho if backend.name == "theano" else backend.tensor.stack([rho])
    series(backend, "AR", rho=rho, sigma=np.float64(1.0))


def two_lags(backend):
    rho, pm = np.array([1.0, 0.0]), backend.pm
    first = pm.Normal.dist(np.float64(0.0), np.float64(1.0), shape=2 if backend.name == "pytensor" else ())
    pm.AR("x", rho=rho, sigma=np.float64(1.0), shape=5, **{"init" if backend.name == "theano" else "init_dist": first})


def stationary(backend):
    if backend.name == "theano":  # of which k = 1 is no law
        backend.pm.AR1("x", k=np.float64(1.0), tau_e=np.float64(1.0), shape=5)
    else:
        series(backend, "AR", rho=np.array([0.999]), sigma=np.float64(1.0))


@pytest.mark.parametrize("build", [a_random_gain, a_gain_that_may_change, two_lags, stationary, autoregression([0.5])])
def test_series_that_are_no_walks(backend, build):
    with backend.pm.Model() as model:
        build(backend)
    for name in ("gaussianchain_as_walko", "gaussianchain_as_normalo"):
        assert sp.rewrite_graph(model, getattr(relations(backend), name)) is model


def test_an_autoregression_without_a_law_is_told(backend):
    """PyMC3's stationary series of k = 1 has an infinite variance: the reason names the way out."""
    if backend.name == "pytensor":
        with pytest.raises(AttributeError):  # PyMC has no such series
            backend.pm.AR1
        return
    with backend.pm.Model() as model:
        x = backend.pm.AR1("x", k=np.float64(1.0), tau_e=np.float64(1.0), shape=5)
        backend.pm.Normal("y", x, sigma=np.float64(1.0), observed=np.zeros(5))
    result = sp.conjugate_graph(model)
    assert result is model and any("init=pm.Normal.dist" in s.reason for s in sp.steps(result) if s.variables == ("x",))


# What is no such member ----------------------------------------------------------------------------------------------

OTHERS = {
    "mvnormal_as_normalo": lambda pm: pm.MvNormal("x", MU, cov=COV + 0.1, shape=3),
    "normal_as_mvnormalo": lambda pm: pm.Normal("x", 0.0, sigma=1.0),
    "mvstudentt_as_studentto": lambda pm: pm.MvStudentT("x", nu=5.0, mu=MU, cov=COV, shape=3),
    "wishart_as_gammao": lambda pm: pm.Wishart("x", nu=5.0, V=COV, shape=(3, 3)),
    "weibull_as_riceo": lambda pm: pm.Weibull("x", 2.1, 3.0),
    "triangular_as_betao": lambda pm: pm.Triangular("x", lower=-1.0, c=0.0, upper=3.0),
    "negativebinomial_as_geometrico": lambda pm: pm.NegativeBinomial("x", mu=2.0, alpha=1.5),
    "discreteweibull_as_geometrico": lambda pm: pm.DiscreteWeibull("x", 0.6, 1.1),
    "truncatednormal_as_halfnormalo": lambda pm: pm.TruncatedNormal("x", mu=0.0, sigma=2.0, lower=0.0, upper=9.0),
    "studentt_as_cauchyo": lambda pm: pm.StudentT("x", pm.Gamma("nu", 2.0, 2.0), mu=0.0, sigma=1.0),
    "beta_as_triangularo": lambda pm: pm.Beta("x", 1.0, 1.0),
    "falling_triangular_as_betao": lambda pm: pm.Triangular("x", lower=0.0, c=0.0, upper=2.0),
}


@pytest.mark.parametrize("name", OTHERS)
def test_others_are_left_as_they_are(backend, name):
    model, result = rewritten(backend, name, OTHERS[name])
    assert result is model and not sp.steps(result)


def test_a_dense_covariance_made_of_a_diagonal_one_is_none(backend):
    t = backend.tensor
    model, result = rewritten(
        backend, "mvnormal_as_normalo", lambda pm: pm.MvNormal("x", MU, cov=t.diag(np.ones(3)) + 0.1, shape=3)
    )
    assert result is model


def test_a_law_of_its_own_transform_is_left_as_it_is(backend):
    transform = backend.pm.distributions.transforms.LogExpM1()
    model, result = rewritten(backend, "weibull_as_riceo", lambda pm: pm.Weibull("x", 2.0, 3.0, transform=transform))
    assert result is model


# Limits --------------------------------------------------------------------------------------------------------------

# of a number: the model of it, whose law is as far from its limit as the bound says; both laws according to scipy
NEAR = {
    "negativebinomial_as_poissono": lambda d: (
        lambda pm: pm.NegativeBinomial("x", mu=3.0, alpha=3.0 / d, shape=2),
        stats.nbinom(3.0 / d, 1 / (1 + d)),
        stats.poisson(3.0),
    ),
    "binomial_as_poissono": lambda d: (
        lambda pm: pm.Binomial("x", 30, d, shape=2),
        stats.binom(30, d),
        stats.poisson(30 * d),
    ),
    "studentt_as_normalo": lambda d: (
        lambda pm: pm.StudentT("x", nu=1 / (3 * d), mu=0.5, sigma=2.0, shape=2),
        stats.t(1 / (3 * d), 0.5, 2),
        stats.norm(0.5, 2),
    ),
    "halfstudentt_as_halfnormalo": lambda d: (
        lambda pm: pm.HalfStudentT("x", nu=1 / (3 * d), sigma=2.0, shape=2),
        Folded(stats.t(1 / (3 * d), 0, 2)),
        stats.halfnorm(scale=2),
    ),
    "exgaussian_as_exponentialo": lambda d: (
        lambda pm: pm.ExGaussian("x", mu=0.0, sigma=2 * d * np.sqrt(np.pi / 2), nu=2.0, shape=2),
        stats.exponnorm(1 / (d * np.sqrt(np.pi / 2)), 0, 2 * d * np.sqrt(np.pi / 2)),
        stats.expon(scale=2.0),
    ),
    "vonmises_as_uniformo": lambda d: (
        lambda pm: pm.VonMises("x", mu=0.5, kappa=np.pi * d, shape=2),
        stats.vonmises(np.pi * d, 0.5),
        stats.uniform(-np.pi, 2 * np.pi),
    ),
    "wald_as_inversegammao": lambda d: (
        lambda pm: pm.Wald("x", mu=3.0 / np.log1p(d), lam=3.0, shape=2),
        stats.invgauss(np.log1p(d) ** -1, scale=3.0),
        stats.levy(scale=3.0),
    ),
}


class Folded:
    """A law symmetric about zero, of the size alone."""

    def __init__(self, law):
        self.cdf = lambda x: np.where(x < 0, 0.0, 1 - 2 * law.sf(x))
        self.pdf = lambda x: np.where(x < 0, 0.0, 2 * law.pdf(x))


def distance(law, other):
    """Return half of what two laws differ by in total: a sum for counts, by quadrature for numbers."""
    if hasattr(other.dist, "pmf"):
        k = np.arange(2000)
        return np.abs(law.pmf(k) - other.pmf(k)).sum() / 2
    # between the points of a fine grid the difference of the densities keeps its sign, nearly
    x = np.concatenate([-np.geomspace(1e-6, 1e7, 20_000)[::-1], np.geomspace(1e-6, 1e7, 20_000)])
    x = np.union1d(x, np.linspace(-20, 20, 20_001))
    return np.abs(np.diff(law.cdf(x)) - np.diff(other.cdf(x))).sum() / 2


@pytest.mark.parametrize("name", NEAR)
@pytest.mark.parametrize("d", [0.2, 0.01])
def test_limits_are_as_near_as_their_bound(backend, name, d):
    build, law, limit = NEAR[name](d)
    if name == "vonmises_as_uniformo":  # scipy's distribution function goes on beyond the circle
        grid = np.linspace(-np.pi, np.pi, 20_001)
        assert np.abs(np.diff(law.cdf(grid)) - np.diff(limit.cdf(grid))).sum() / 2 < d
    else:
        assert distance(law, limit) < d
    model = model_of(backend, build)
    for allowed in (0.9 * d, 1.1 * d):
        result = sp.rewrite_graph(model, relations(backend).limits(allowed))
        assert (result is model) == (allowed < d)
    (step,) = sp.steps(result)
    assert step.is_approximate and str(step).startswith(f"{name}: x (approximate)")
    value = np.array([2, 3]) if hasattr(limit.dist, "pmf") else np.array([0.7, 1.9])
    expected = limit.logpmf(value) if hasattr(limit.dist, "pmf") else limit.logpdf(value)
    np.testing.assert_allclose(density_of(backend, result, "x", value), expected, rtol=1e-7)


def test_every_limit_is_tested():
    assert set(NEAR) == {limit.__name__ for limit in LIMITS}


def test_limits_of_what_is_not_known_are_left_as_they_are(backend):
    """A parameter may be random, or a shared variable that is set anew; an array is as near as its farthest element."""
    shared = backend.shared(np.float64(1e6), name="shared")

    def build(pm):
        pm.StudentT("random", pm.Gamma("nu", 2.0, 2.0), mu=0.0, sigma=1.0)
        pm.StudentT("shared_nu", shared, mu=0.0, sigma=1.0)
        pm.StudentT("uneven", np.array([1e6, 3.0]), mu=0.0, sigma=1.0, shape=2)
        pm.StudentT("even", np.array([1e6, 1e7]), mu=0.0, sigma=1.0, shape=2)
        pm.ExGaussian("moved", mu=1.0, sigma=1e-6, nu=1.0)

    model = model_of(backend, build)
    result = sp.rewrite_graph(model, relations(backend).limits())
    assert [s.variables for s in sp.steps(result)] == [("even",)]


def test_limits_are_in_no_driver(backend):
    """Neither the algebra nor another driver takes a limit for the law itself."""
    names = {limit.__name__ for limit in LIMITS}
    algebra = import_module(f"symbolic_pymc.relations.{backend.name}.algebra")
    assert not names & (set(algebra.RELATIONS) | set(relations(backend).RELATIONS) | {f.__name__ for f in SPECIAL})

    def build(pm):
        x = pm.StudentT("x", 1e12, mu=0.0, sigma=1.0)
        pm.Normal("y", x, sigma=1.0, observed=np.array([0.3, 0.7]))

    model = model_of(backend, build)
    for driver in (sp.conjugate_graph, sp.collapse_graph):
        assert driver(model) is model


# Whole models --------------------------------------------------------------------------------------------------------


def test_data_parents_and_dims_stay(backend):
    """What is observed, named and depended on stays so; the joint density is the same everywhere."""
    pm, t = backend.pm, backend.tensor
    with pm.Model(coords={"part": list("abc")}) as model:
        s = pm.HalfNormal("s", sigma=np.float64(2.0))
        m = pm.MvNormal("m", np.zeros(3), cov=COV * s**2, dims="part")
        pm.Deterministic("twice", 2 * m)
        pm.Potential("near", -t.sum(m**2))
        pm.MvNormal("y", m, cov=COV, observed=X)
    result = sp.rewrite_graph(model, relations(backend).mvnormal_as_normalo)
    assert {s.variables for s in sp.steps(result)} == {("m",), ("y",)}
    dims = result.RV_dims if backend.name == "theano" else result.named_vars_to_dims
    assert tuple(dims["m"]) == ("part",) and [v.name for v in result.observed_RVs] == ["y"]
    assert_densities_differ_by(backend, model, result, 0.0)
    back = sp.rewrite_graph(result, relations(backend).normal_as_mvnormalo)
    assert len(sp.steps(back)) == 2
    assert_densities_differ_by(backend, model, back, 0.0)


def test_limits_of_data(backend):
    """The density of counts that are nearly Poisson, with a mean that is random, by scipy."""
    pm, seen = backend.pm, np.array([2, 0, 5])
    with pm.Model() as model:
        lam = pm.Gamma("lam", np.float64(2.0), np.float64(1.0))
        pm.Poisson("k", lam, observed=seen)
        pm.Binomial("n", 50, np.float64(1e-3), observed=seen)
    result = sp.rewrite_graph(model, relations(backend).limits())
    (step,) = sp.steps(result)
    assert step.variables == ("n",) and step.is_approximate
    difference = stats.binom(50, 1e-3).logpmf(seen).sum() - stats.poisson(0.05).logpmf(seen).sum()
    # PyMC3 counts the trials in the smallest integer type, whose gamma function is one of single precision
    assert_densities_differ_by(backend, model, result, difference, tolerance=1e-6)
