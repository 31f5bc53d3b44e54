"""What find_map and split refuse, and what they say of themselves where they found no optimum; the model stays."""

import numpy as np
import pytest

import symbolic_pymc as sp
from symbolic_pymc.errors import (
    ArgumentError,
    ConversionError,
    ModelGraphError,
    NoProximalOperator,
    NotConvexError,
    NotFiniteError,
    SymbolicPyMCError,
)

pytestmark = pytest.mark.filterwarnings("ignore")

rng = np.random.default_rng(5)
N, P = 30, 4
X = rng.normal(size=(N, P))
Y = X @ np.r_[1.0, -1.0, 0.0, 0.0] + rng.normal(size=N)
zero, one, two = map(np.float64, (0.0, 1.0, 2.0))


def spoilt(array, value):
    changed = np.array(array)
    changed.flat[0] = value
    return changed


def regression(backend, x=X, y=Y):
    beta = backend.pm.Laplace("beta", zero, one, shape=x.shape[1])
    backend.pm.Normal("y", backend.tensor.dot(backend.shared(x), beta), one, observed=y)


# Models that have no optimum, or none that is found: what is raised, or the status ---------------------------


def improper_slope(backend):
    free = backend.pm.Flat("free")
    backend.pm.Potential("slope", two * free)


def improper_penalty(backend):
    free = backend.pm.Flat("free")
    backend.pm.Potential("slope", abs(free))


def improper_quadratic(backend):
    free = backend.pm.Flat("free", shape=2)
    backend.pm.Potential("bowl", (free**2).sum())


def separated(backend):
    """All successes where x > 0: the likelihood grows for ever, slowly."""
    beta = backend.pm.Flat("beta")
    backend.pm.Bernoulli("y", logit_p=beta * np.array([-1.0, -2.0, 1.0, 2.0]), observed=np.array([0, 0, 1, 1]))


def density_with_a_pole(backend):
    """The density of Gamma(0.5, 1) is infinite at zero."""
    backend.pm.Gamma("g", np.float64(0.5), one)


def infinite_potential(backend):
    backend.pm.Normal("free", zero, one)
    backend.pm.Potential("never", backend.shared(np.float64(-np.inf)))


def nan_potential(backend):
    beta = backend.pm.Normal("beta", zero, one, shape=2)
    backend.pm.Potential("nan", backend.shared(np.float64(np.nan)) * beta.sum())


def nan_design(backend):
    regression(backend, x=spoilt(X, np.nan))


def infinite_design(backend):
    regression(backend, x=spoilt(X, np.inf))


def infinite_data(backend):
    regression(backend, y=spoilt(Y, np.inf))


def shared_nan_data(backend):
    beta = backend.pm.Laplace("beta", zero, one, shape=P)
    backend.pm.Potential("y", -0.5 * ((backend.shared(spoilt(Y, np.nan)) - backend.tensor.dot(X, beta)) ** 2).sum())


def impossible_data(backend):
    rate = backend.pm.Normal("rate", zero, one)
    backend.pm.Exponential("y", backend.tensor.exp(rate), observed=np.array([-1.0, 2.0]))


def negative_scale(backend):
    backend.pm.Normal("beta", zero, backend.shared(np.float64(-1.0)), shape=2)


def l1_of_residuals(backend):
    """Absolute deviations of products of unknowns."""
    a, b = backend.pm.Normal("a", zero, one), backend.pm.Normal("b", zero, one)
    backend.pm.Laplace("y", a * b, one, observed=two)


def kink_of_a_bent_argument(backend):
    a = backend.pm.Normal("a", zero, one, shape=3)
    backend.pm.Potential("kink", -abs(a**2 - one).sum() - abs(backend.tensor.exp(a) - two).sum())


def largest_of_products(backend):
    a = backend.pm.Normal("a", zero, one, shape=3)
    backend.pm.Potential("kink", -backend.tensor.maximum(a * a[::-1], one).sum())


def largest_of_transposed(backend):
    a = backend.pm.Normal("a", zero, one, shape=(3, 3))
    backend.pm.Potential("kink", -backend.tensor.maximum(a * a.T, one).sum())


def steps(backend):
    a = backend.pm.Normal("a", zero, one, shape=3)
    backend.pm.Potential("steps", -backend.tensor.floor(backend.tensor.dot(X[:, :3], a)).sum())


def a_count(backend):
    backend.pm.Poisson("n", np.float64(3.0))


def a_switch(backend):
    z = backend.pm.Bernoulli("z", np.float64(0.3))
    beta = backend.pm.Laplace("beta", zero, one)
    backend.pm.Normal("y", z * beta, one, observed=two)


def nothing_hidden(backend):
    backend.pm.Normal("y", zero, one, observed=Y)


RAISED = {
    density_with_a_pole: (NotFiniteError, "density of g is not finite at the best"),
    infinite_potential: (NotFiniteError, "density of never"),
    nan_potential: (NotFiniteError, "density of nan is not finite at the start"),
    nan_design: (NotFiniteError, "density of y"),
    infinite_design: (NotFiniteError, "density of y"),
    infinite_data: (NotFiniteError, "density of y"),
    shared_nan_data: (NotFiniteError, "density of y"),
    negative_scale: (NotFiniteError, "density of beta"),
    impossible_data: ((NotFiniteError, NoProximalOperator), "y"),
    l1_of_residuals: (NoProximalOperator, "y: the term"),
    kink_of_a_bent_argument: (NoProximalOperator, "kink: the term"),
    largest_of_transposed: (NoProximalOperator, "kink: the term"),
    largest_of_products: (NoProximalOperator, "kink: the term"),
    steps: (NoProximalOperator, "steps: the term"),
    a_count: (ArgumentError, "n: discrete"),
    a_switch: (ArgumentError, "z: discrete"),
    nothing_hidden: (ArgumentError, "no unknowns"),
}


def fingerprint(model):
    """Return what a model is: its variables, and its density where it starts."""
    theano = hasattr(model, "test_point")
    point = model.test_point if theano else model.initial_point(0)
    hidden = model.free_RVs if theano else model.value_vars
    density = model.fastlogp(point) if theano else model.compile_logp()(point) if hidden else 0.0
    return [v.name for v in [*hidden, *model.observed_RVs, *model.deterministics]], repr(density)


@pytest.fixture
def unchanged():
    """Take a model; at the end it is what it was."""
    models = []

    def take(model):
        models.append((model, fingerprint(model)))
        return model

    yield take
    for model, before in models:
        assert fingerprint(model) == before


@pytest.mark.parametrize("build", RAISED, ids=lambda f: f.__name__)
def test_refused(backend, build, unchanged):
    with backend.pm.Model() as model:
        build(backend)
    if build is not negative_scale or backend.name == "theano":  # which PyMC itself refuses to evaluate
        unchanged(model)
    error, message = RAISED[build]
    with pytest.raises(error, match=message):
        sp.find_map(model)


@pytest.mark.parametrize("build", [improper_slope, improper_penalty, improper_quadratic], ids=lambda f: f.__name__)
def test_what_has_no_bound_says_so(backend, build, unchanged):
    with backend.pm.Model() as model:
        build(backend)
    result = sp.find_map(unchanged(model))
    assert result.status == "unbounded" and result.gap is None


def test_an_optimum_far_away_is_bounded_by_its_gap(backend):
    """Separated classes: the supremum of the density is 1, and nowhere taken."""
    with backend.pm.Model() as model:
        separated(backend)
    result = sp.find_map(model)
    slack = np.sum(np.log1p(np.exp(-np.abs([1.0, 2.0, 1.0, 2.0]) * result["beta"])))
    assert slack <= result.gap + 1e-15 and result.gap < 1e-7


# Arguments ------------------------------------------------------------------------------------------------

ARGUMENTS = {
    "a limit below zero": (dict(limit=-1), "limit: -1"),
    "half an iteration": (dict(limit=2.5), "limit: 2.5"),
    "no tolerance": (dict(tol=0), "tol: 0"),
    "a tolerance below zero": (dict(tol=-1e-8), "tol: -1e-08"),
    "a tolerance that is nan": (dict(tol=float("nan")), "tol: nan"),
    "a tolerance that is a word": (dict(tol="small"), "tol: 'small'"),
    "another solver": (dict(solver="simplex"), "solver: 'simplex' is none; there are auto, fista, admm, highs, skglm"),
    "a solver that cannot be a key": (dict(solver=["fista"]), "solver: "),
    "another unknown": (dict(vars=["gamma"]), "vars: gamma is no unknown; the model has beta"),
    "no unknown": (dict(vars=[]), "vars: names nothing"),
    "a number for unknowns": (dict(vars=3), "vars: 3 is no unknown"),
    "data for an unknown": (dict(vars=["y"]), "vars: y is no unknown"),
    "a start of another name": (dict(start={"gamma": 1.0}), "start: gamma is no unknown"),
    "a start of another shape": (dict(start={"beta": np.zeros(3)}), r"beta has the shape \(4,\), not \(3,\)"),
    "a start that is nan": (dict(start={"beta": np.full(P, np.nan)}), "start: beta is nan"),
    "a start that is a word": (dict(start={"beta": "large"}), "start: beta is no array of numbers"),
    "a start that is no mapping": (dict(start=3), "start: int is no mapping"),
}


@pytest.mark.parametrize("arguments, message", ARGUMENTS.values(), ids=ARGUMENTS.keys())
def test_arguments_that_do_not_fit(backend, arguments, message, unchanged):
    with backend.pm.Model() as model:
        regression(backend)
    with pytest.raises(ArgumentError, match=message):
        sp.find_map(unchanged(model), **arguments)


@pytest.mark.parametrize("far", [np.inf, 1e200])
def test_a_start_without_a_density_is_refused(backend, far):
    with backend.pm.Model() as model:
        regression(backend)
    with pytest.raises(NotFiniteError, match="y is not finite at the start"):
        sp.find_map(model, start={"beta": np.full(P, far)})


def test_what_is_held_must_be_known(backend):
    """A graph says nothing of where to begin."""
    package = {"theano": "pymc3", "pytensor": "pymc"}[backend.name]
    from importlib import import_module

    model_graph = import_module(f"symbolic_pymc.{backend.name}.{package}").model_graph
    with backend.pm.Model() as model:
        scale = backend.pm.HalfNormal("scale", one)
        backend.pm.Normal("y", backend.pm.Normal("mean", zero, one), scale, observed=Y)
    with pytest.raises(ArgumentError, match="start: a graph has no initial values; give one for scale"):
        sp.find_map(model_graph(model), vars=["mean"])
    held = sp.find_map(model_graph(model), vars=["mean"], start={"scale": 2.0})
    assert held["mean"] == pytest.approx((Y / 4).sum() / (1 + N / 4))


def test_a_discrete_unknown_can_be_held(backend):
    with backend.pm.Model() as model:
        a_switch(backend)
    result = sp.find_map(model, vars=["beta"], start={"z": 1})
    assert result["z"] == 1 and result["beta"] == pytest.approx(1.0)
    with pytest.raises(ArgumentError, match="z is discrete, and cannot be 0.5"):
        sp.find_map(model, vars=["beta"], start={"z": 0.5})


@pytest.mark.parametrize("what", [None, 3, "model", np.zeros(3)])
def test_what_is_no_model(what):
    for call in (sp.find_map, sp.split):
        with pytest.raises(ConversionError, match="no model, FunctionGraph or variable"):
            call(what)


def test_unknowns_of_a_density(backend):
    beta = backend.tensor.vector("beta")
    density = -abs(beta).sum()
    with pytest.raises(ArgumentError, match="wrt: gamma is no unknown; the model has beta"):
        sp.split(density, wrt=["gamma"])
    twin = backend.tensor.vector("beta")
    with pytest.raises(ArgumentError, match="share a name"):
        sp.split(density - abs(twin).sum())


# What is not convex ---------------------------------------------------------------------------------------


def test_a_global_optimum_is_promised_for_convex_objectives_only(backend, unchanged):
    with backend.pm.Model() as model:
        beta = backend.pm.Laplace("beta", zero, one, shape=P)
        backend.pm.StudentT("y", nu=np.float64(4.0), mu=backend.tensor.dot(X, beta), sigma=one, observed=Y)
    with pytest.raises(NotConvexError, match="y is unknown.*globally=True"):
        sp.find_map(unchanged(model), globally=True)
    assert sp.find_map(model).curvature != "convex"


def test_a_penalty_that_is_not_convex(backend):
    with backend.pm.Model() as model:
        beta = backend.pm.StudentT("beta", nu=one, mu=zero, sigma=np.float64(0.1), shape=P)
        backend.pm.Potential("kink", -abs(beta).sum())
        backend.pm.Normal("y", backend.tensor.dot(X, beta), one, observed=Y)
    with pytest.raises(NotConvexError):
        sp.find_map(model, globally=True)


def test_convex_ones_pass(backend):
    with backend.pm.Model() as model:
        regression(backend)
    assert sp.find_map(model, globally=True).curvature == "convex"


def test_a_maximum_of_the_objective_is_no_estimate(backend):
    """log(1 + (x - 2)^2) + log(1 + (x + 2)^2) is stationary at 0, where it begins, and largest near there."""
    log = backend.tensor.log
    with backend.pm.Model() as model:
        x = backend.pm.Flat("x")
        backend.pm.Potential("wells", -log(one + (x - two) ** 2) - log(one + (x + two) ** 2))
    result = sp.find_map(model, start={"x": 0.0})
    assert result.status == "converged" and abs(result["x"]) == pytest.approx(np.sqrt(3.0))


# Numbers --------------------------------------------------------------------------------------------------


def test_no_iterations(backend):
    with backend.pm.Model() as model:
        regression(backend)
    result = sp.find_map(model, limit=0, start={"beta": np.arange(P)})
    assert (result.status, result.iterations) == ("iteration limit", 0)
    assert result.residual > 1 and result.gap > 1
    np.testing.assert_array_equal(result["beta"], np.arange(P))


def test_too_few_iterations(backend):
    with backend.pm.Model() as model:
        regression(backend)
    result = sp.find_map(model, limit=1, start={"beta": np.full(P, 5.0)})
    assert (result.status, result.iterations) == ("iteration limit", 1)
    assert len(result.objective) == 1 and result.residual > 1e-8


def test_steps_that_diverge(backend):
    """exp(exp(x)) overflows a little above its start: it is said that nothing was found."""
    with backend.pm.Model() as model:
        x = backend.pm.Normal("x", zero, one)
        backend.pm.Potential("steep", -backend.tensor.exp(backend.tensor.exp(x)))
    assert sp.find_map(model, start={"x": 6.0}).status == "no finite value"
    found = sp.find_map(model)
    assert found.status == "converged"
    assert found["x"] + np.exp(found["x"] + np.exp(found["x"])) == pytest.approx(0.0, abs=1e-7)


def test_single_precision(backend):
    from importlib import import_module

    with import_module(backend.name).config.change_flags(floatX="float32"):
        with backend.pm.Model() as model:
            beta = backend.pm.Laplace("beta", np.float32(0), np.float32(1), shape=P)
            x, y = X.astype("float32"), Y.astype("float32")
            backend.pm.Normal("y", backend.tensor.dot(backend.shared(x), beta), np.float32(1), observed=y)
        result = sp.find_map(model)
    with backend.pm.Model() as double:
        regression(backend)
    assert result["beta"].dtype == "float32" and result.status == "converged"
    np.testing.assert_allclose(result["beta"], sp.find_map(double)["beta"], atol=1e-4)


def test_data_in_single_precision(backend):
    with backend.pm.Model() as model:
        regression(backend, x=X.astype("float32"), y=Y.astype("float32"))
    assert sp.find_map(model).gap < 1e-6


def test_no_data(backend):
    with backend.pm.Model() as model:
        regression(backend, x=X[:0], y=Y[:0])
    result = sp.find_map(model)
    assert result.status == "converged" and np.all(result["beta"] == 0.0)


def test_missing_data_are_unknowns_or_refused(backend):
    """PyMC makes unknowns of data that are nan: at the optimum they are what the model expects."""
    with backend.pm.Model() as model:
        beta = backend.pm.Laplace("beta", zero, one, shape=P)
        backend.pm.Normal("y", backend.tensor.dot(X, beta), one, observed=np.ma.masked_invalid(spoilt(Y, np.nan)))
    try:
        result = sp.find_map(model)
    except NoProximalOperator as error:
        assert "y_missing" in str(error)
    else:
        name = {"theano": "y_missing", "pytensor": "y_unobserved"}[backend.name]
        np.testing.assert_allclose(result[name], X[:1] @ result["beta"], atol=1e-6)


def test_scales_far_apart(backend):
    """A coefficient that moves the mean by 1e-150, and one by 1e150: an optimum is not claimed without being one."""
    with backend.pm.Model() as model:
        regression(backend, x=1e-150 * X)
    assert np.all(sp.find_map(model)["beta"] == 0.0)
    with backend.pm.Model() as model:
        regression(backend, x=1e150 * X)
    assert sp.find_map(model).status == "no finite value"


def test_there_are_thirty_cases():
    assert len(RAISED) + len(ARGUMENTS) >= 30


def test_every_error_is_one_of_the_library():
    for error in (ArgumentError, ConversionError, ModelGraphError, NoProximalOperator, NotConvexError, NotFiniteError):
        assert issubclass(error, SymbolicPyMCError)
