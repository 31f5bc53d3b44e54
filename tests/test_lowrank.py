"""The normal vector with a covariance of diagonal plus low rank, against scipy, rational arithmetic and theory."""

from importlib import import_module

import numpy as np
import pytest
from kanren import eq
from scipy import stats
from unification import var

import symbolic_pymc as sp
from symbolic_pymc.errors import ArgumentError, ModelGraphError, UnsupportedDistributionError
from symbolic_pymc.lowrank import draw
from tests.densities import assert_densities_differ_by, log_density, random_points
from tests.exact import posterior_and_evidence

SHAPES = [(4, 2), (4, 0), (1, 1), (1, 0), (1, 3), (3, 5), (6, 6), (40, 3)]
DRAWS = 100_000
ONE = np.ones(1)


def module(backend, name):
    return import_module(f"symbolic_pymc.{backend.name}.{name}")


def pymc_module(backend):
    return module(backend, "pymc3" if backend.name == "theano" else "pymc")


def distribution(backend):
    return module(backend, "lowrank").LowRankMvNormal


def make(backend, mu, factor, variance, scales=ONE, size=None, seed=0, name=None):
    """Return a draw from a generator of its own."""
    random_variables = module(backend, "random_variables")
    rng = backend.generator(seed)
    if backend.name == "theano":
        return random_variables.LowRankMvNormalRV(mu, factor, variance, scales, size=size, rng=rng, name=name)
    op = random_variables.LowRankMvNormalRV
    return random_variables.make_rv(op, (mu, factor, variance, scales), size=size, rng=rng, name=name)


def parameters(n, k, seed=1):
    """Return mu, factor, variance and a value."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=n), rng.normal(size=(n, k)), rng.uniform(0.3, 2.0, n), 2 * rng.normal(size=n)


def covariance(factor, variance):
    return np.diag(variance) + factor @ factor.T


def density_at(backend, value, *params):
    """Return the log density, in double precision, of all that is given as constants."""
    rv = make(backend, *params)
    return backend.compile_plainly([], module(backend, "logp").log_density(rv, value))()


def symbolic_density(backend):
    """Return vectors and a matrix without known lengths, value first, and the log density in them."""
    t = backend.tensor
    value, mu, variance = (t.dvector(name) for name in ("value", "mu", "variance"))
    factor = t.dmatrix("factor")
    density = module(backend, "logp").log_density(make(backend, mu, factor, variance), value)
    return (value, mu, factor, variance), density


# The log density ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
def test_the_density_is_that_of_scipy(backend, shape):
    mu, W, v, y = parameters(*shape)
    expected = stats.multivariate_normal(mu, covariance(W, v)).logpdf(y)
    np.testing.assert_allclose(density_at(backend, y, mu, W, v), expected, rtol=1e-10)
    inputs, density = symbolic_density(backend)
    np.testing.assert_allclose(backend.compile_plainly(inputs, density)(y, mu, W, v), expected, rtol=1e-10)


def dyadic(array):
    """Round to multiples of 1/64, so that differences and products of the numbers are exact."""
    return np.round(64 * array) / 64


@pytest.mark.parametrize("exponents", [(-10, 10), (-10, -10), (10, 10), (-20, -20)], ids=str)
@pytest.mark.parametrize("shape", [(6, 2), (6, 5), (3, 5), (2, 9), (8, 8), (1, 1)])
def test_the_density_is_exact_for_variances_of_any_size(backend, shape, exponents):
    """From 1e-6 to 1e6, and down to 1e-12: all below the spread of the factor, all above it, and mixed."""
    low, high = exponents
    for seed in range(3):
        rng = np.random.default_rng(seed)
        (n, k), sd = shape, 2.0 ** rng.integers(low, high + 1, size=shape[0])
        W, mu, y = (dyadic(2 * rng.normal(size=size)) for size in (shape, n, n))
        _, _, expected = posterior_and_evidence(W, np.zeros(k), np.ones(k), sd, y - mu)
        np.testing.assert_allclose(density_at(backend, y, mu, W, sd**2), expected, rtol=1e-10)


def test_a_factor_with_columns_of_different_sizes(backend):
    for seed in range(3):
        rng = np.random.default_rng(seed)
        W, y = dyadic(rng.normal(size=(5, 3))) * 2.0 ** np.array([-10, 0, 10]), dyadic(rng.normal(size=5))
        _, _, expected = posterior_and_evidence(W, np.zeros(3), np.ones(3), np.ones(5), y)
        np.testing.assert_allclose(density_at(backend, y, np.zeros(5), W, np.ones(5)), expected, rtol=1e-10)


@pytest.mark.parametrize("shape", [(4, 2), (4, 0), (1, 1), (3, 5)])
def test_gradients_are_finite_differences(backend, shape):
    mu, W, v, y = parameters(*shape)
    inputs, density = symbolic_density(backend)
    f = backend.compile_plainly(inputs, density)
    for i, gradient in enumerate(backend.tensor.grad(density, list(inputs))):
        got = backend.compile_plainly(inputs, gradient)(y, mu, W, v)
        expected = np.zeros_like((y, mu, W, v)[i])
        for index in np.ndindex(*expected.shape):
            ends = []
            for step in (1e-5, -1e-5):
                moved = [x.copy() for x in (y, mu, W, v)]
                moved[i][index] += step
                ends.append(float(f(*moved)))
            expected[index] = (ends[0] - ends[1]) / 2e-5
        np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-7)


def test_the_gradient_of_a_known_wide_factor(backend):
    """Shapes that tell k > n take the other form of the density; its gradient is the same."""
    mu, W, v, y = parameters(3, 5)
    inputs, density = symbolic_density(backend)
    expected = backend.compile_plainly(inputs, backend.tensor.grad(density, inputs[3]))(y, mu, W, v)
    variance = backend.tensor.dvector("variance")
    known = module(backend, "logp").log_density(make(backend, mu, W, variance), y)
    got = backend.compile_plainly([variance], backend.tensor.grad(known, variance))(v)
    np.testing.assert_allclose(got, expected, rtol=1e-10)


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan])
def test_no_density_without_positive_variances(backend, bad):
    mu, W, v, y = parameters(4, 2)
    inputs, density = symbolic_density(backend)
    v[2] = bad
    assert backend.compile_plainly(inputs, density)(y, mu, W, v) == -np.inf
    gradient = backend.tensor.grad(density, inputs[1])
    assert not np.any(backend.compile_plainly(inputs, gradient)(y, mu, W, v))


def test_a_capacitance_beyond_double_precision_is_nan_and_no_error(backend):
    mu, W, v, y = parameters(4, 2)
    inputs, density = symbolic_density(backend)
    with np.errstate(all="ignore"):
        assert np.isnan(backend.compile_plainly(inputs, density)(y, mu, W, v * 1e-320))


@pytest.mark.parametrize("shape", [(4, 2), (2, 4)])
def test_values_that_are_infinitely_far(backend, shape):
    mu, W, v, y = parameters(*shape)
    for value, expected in [(1e200, -np.inf), (np.inf, -np.inf), (np.nan, np.nan)]:
        y[0] = value
        with np.errstate(all="ignore"):
            np.testing.assert_equal(density_at(backend, y, mu, W, v), expected)
            inputs, density = symbolic_density(backend)
            np.testing.assert_equal(backend.compile_plainly(inputs, density)(y, mu, W, v), expected)


def test_a_batch_of_values_and_means(backend):
    mu, W, v, _ = parameters(3, 2)
    rng = np.random.default_rng(2)
    means, values = rng.normal(size=(5, 3)), rng.normal(size=(2, 5, 3))
    oracle = stats.multivariate_normal(np.zeros(3), covariance(W, v))
    density = module(backend, "logp").log_density(make(backend, mu, W, v, size=(2, 5)), values)
    got = backend.compile_plainly([], density)()
    assert got.shape == (2, 5)
    np.testing.assert_allclose(got, oracle.logpdf(values - mu), rtol=1e-10)
    size = (2,) if backend.name == "theano" else (2, 5)
    density = module(backend, "logp").log_density(make(backend, means, W, v, size=size), values)
    np.testing.assert_allclose(backend.compile_plainly([], density)(), oracle.logpdf(values - means), rtol=1e-10)


def test_a_batch_of_factors_or_variances(backend):
    """PyTensor factors each matrix; Theano cannot, and says so."""
    mu, _, _, _ = parameters(3, 2)
    rng = np.random.default_rng(3)
    factors, variances, values = rng.normal(size=(5, 3, 2)), rng.uniform(1, 2, (5, 3)), rng.normal(size=(5, 3))
    for W, v in [(factors, variances), (factors, variances[0]), (factors[0], variances)]:
        pairs = [(W[i] if W.ndim > 2 else W, v[i] if v.ndim > 1 else v) for i in range(5)]
        if backend.name == "theano":
            with pytest.raises(UnsupportedDistributionError, match="batch of factors, variances or scales"):
                density_at(backend, values, mu, W, v)
            continue
        expected = [stats.multivariate_normal(mu, covariance(*p)).logpdf(y) for p, y in zip(pairs, values)]
        np.testing.assert_allclose(density_at(backend, values, mu, W, v), expected, rtol=1e-10)


# Draws --------------------------------------------------------------------------------------------------------


def assert_moments(x, mean, cov):
    """Assert mean and covariance of normal draws to five standard errors, which theory gives."""
    n = len(x)
    sd = np.sqrt(np.diag(cov))
    assert np.all(np.abs(x.mean(axis=0) - mean) < 5 * sd / np.sqrt(n))
    error = np.sqrt((np.outer(sd, sd) ** 2 + cov**2) / n)
    assert np.all(np.abs(np.cov(x.T).reshape(cov.shape) - cov) < 5 * error)


@pytest.mark.parametrize("shape", [(3, 2), (3, 0), (1, 1), (2, 4)])
def test_draws_have_the_moments(backend, shape):
    mu, W, v, _ = parameters(*shape)
    x = backend.compile_plainly([], make(backend, mu, W, v, size=(DRAWS,), seed=5))()
    assert x.shape == (DRAWS, shape[0])
    assert_moments(x, mu, covariance(W, v))


def test_a_batch_of_draws(backend):
    """Every member of a batch has its own parameters and its own randomness."""
    rng = np.random.default_rng(4)
    mu, W, v = rng.normal(size=(2, 3)), rng.normal(size=(2, 3, 2)), rng.uniform(1, 2, 3)
    size = (20_000,) if backend.name == "theano" else (20_000, 2)
    x = backend.compile_plainly([], make(backend, mu, W, v, size=size, seed=6))()
    assert x.shape == (20_000, 2, 3)
    for i in range(2):
        assert_moments(x[:, i], mu[i], covariance(W[i], v))
    assert np.all(np.abs(np.corrcoef(x[:, 0].T, x[:, 1].T)[:3, 3:]) < 5 / np.sqrt(20_000))


def test_a_long_draw_forms_no_matrix():
    """A million of elements: the covariance would take eight terabytes."""
    n = 1_000_000
    x = draw(np.random.default_rng(0), np.zeros(n), np.ones((n, 1)), np.ones(n), ONE, ())
    assert x.shape == (n,) and abs(np.var(x) - 1) < 0.01


# What does not fit --------------------------------------------------------------------------------------------

MISFITS = [
    ((np.zeros(3), np.ones((4, 2)), np.ones(3)), "lengths differ"),
    ((np.zeros(3), np.ones((3, 2)), np.ones(4)), "lengths differ"),
    ((np.zeros(1), np.ones((3, 2)), np.ones(3)), "lengths differ"),
    ((np.zeros(3), np.ones(3), np.ones(3)), "factor has 1 dimensions"),
    ((0.0, np.ones((3, 2)), np.ones(3)), "mu has 0 dimensions"),
    ((np.zeros(3), np.ones((3, 2)), 1.0), "variance has 0 dimensions"),
]


@pytest.mark.parametrize("params, message", MISFITS)
def test_shapes_that_do_not_fit(backend, params, message):
    with pytest.raises(ModelGraphError, match=message):
        make(backend, *params)
    with pytest.raises(ModelGraphError, match=message):
        distribution(backend).dist(*params)


def test_shapes_that_are_known_at_last_do_not_fit(backend):
    (_, *inputs), _ = symbolic_density(backend)
    rv = make(backend, *inputs)
    function = backend.compile_plainly(inputs, rv)
    assert function(np.zeros(3), np.ones((3, 2)), np.ones(3)).shape == (3,)
    with pytest.raises(ModelGraphError, match="lengths differ"):
        function(np.zeros(3), np.ones((4, 2)), np.ones(3))
    with pytest.raises(ArgumentError, match="not all positive"):
        function(np.zeros(3), np.ones((3, 2)), np.zeros(3))


def test_a_shape_that_is_not_that_of_the_parameters(backend):
    for options in [dict(shape=(4, 5, 2)), dict(shape=2), dict(observed=np.zeros((2, 2)), shape=(2, 2))]:
        with backend.pm.Model(), pytest.raises(ModelGraphError, match="the parameters have length 3"):
            distribution(backend)("x", np.zeros(3), np.ones((3, 2)), np.ones(3), **options)


# Models -------------------------------------------------------------------------------------------------------


def prior_and_data(backend):
    """A prior and data, both of the family, with parameters that are random and shared."""
    mu, W, v, y = parameters(4, 2)
    with backend.pm.Model() as model:
        s = backend.pm.HalfNormal("s", sigma=2.0)
        b = distribution(backend)("b", mu, W * s, backend.shared(v), shape=(4,))
        distribution(backend)("y", b, W, v * s, observed=y)
    return model


def rows(backend):
    """Rows of data, and a prior of independent vectors; rows with means of their own."""
    mu, W, v, _ = parameters(3, 2)
    data = np.random.default_rng(5).normal(size=(6, 3))
    with backend.pm.Model() as model:
        distribution(backend)("b", mu, W, v, shape=(6, 3))
        distribution(backend)("y", model["b"], W, v, observed=data, shape=(6, 3))
        distribution(backend)("z", mu, W, v, observed=data, shape=(6, 3))
    return model


def special(backend):
    """No columns; one element; more columns than rows."""
    with backend.pm.Model() as model:
        for n, k in [(3, 0), (1, 1), (2, 4)]:
            mu, W, v, _ = parameters(n, k)
            distribution(backend)(f"x{n}{k}", mu, W, v, shape=(n,))
    return model


MODELS = [prior_and_data, rows, special]


def oracle_of_prior_and_data(backend, point):
    """Return the log density of `prior_and_data` by scipy."""
    mu, W, v, y = parameters(4, 2)
    (name,) = set(point) - {"b"}
    s = np.exp(point[name])
    prior = stats.multivariate_normal(mu, covariance(W * s, v)).logpdf(point["b"])
    data = stats.multivariate_normal(point["b"], covariance(W, v * s)).logpdf(y)
    return prior + data + stats.halfnorm(0, 2.0).logpdf(s) + point[name]


def test_the_density_of_a_model_is_that_of_scipy(backend):
    model = prior_and_data(backend)
    density = log_density(backend, model)
    for point in random_points(backend, model):
        np.testing.assert_allclose(density(point), oracle_of_prior_and_data(backend, point), rtol=1e-6)


@pytest.mark.parametrize("build", MODELS)
def test_models_travel_both_ways(backend, build):
    model = build(backend)
    graph = pymc_module(backend).model_graph(model)
    name = module(backend, "vocabulary").ops.distribution_of
    drawn = [name(sp.metatize(node.outputs[1])) for node in backend.draws(*graph.outputs)]
    assert drawn.count("lowrankmvnormal") == len(drawn) - (build is prior_and_data)
    again = pymc_module(backend).graph_model(graph)
    assert_densities_differ_by(backend, model, again, 0.0, tolerance=1e-10)
    assert [v.name for v in again.free_RVs] == [v.name for v in model.free_RVs]
    assert [v.name for v in again.observed_RVs] == [v.name for v in model.observed_RVs]
    once_more = pymc_module(backend).graph_model(pymc_module(backend).model_graph(again))
    assert_densities_differ_by(backend, model, once_more, 0.0, tolerance=1e-10)


def test_a_graph_built_by_hand_is_a_model(backend):
    """Nothing of a model's notes: the shapes are those of the parameters."""
    mu, W, v, y = parameters(4, 2)
    markers = module(backend, "markers")
    b = make(backend, mu, W, v, name="b")
    seen = markers.observed(y, make(backend, b, W, v, name="y", seed=1))
    seen.name = "y"
    model = pymc_module(backend).graph_model(seen)
    x = y / 2
    expected = stats.multivariate_normal(mu, covariance(W, v)).logpdf(x)
    expected += stats.multivariate_normal(x, covariance(W, v)).logpdf(y)
    np.testing.assert_allclose(log_density(backend, model)({"b": x}), expected, rtol=1e-10)


def test_the_densities_of_a_graph(backend):
    graph = pymc_module(backend).model_graph(rows(backend))
    densities = {rv.name: density.ndim for rv, (_, density) in pymc_module(backend).logp(graph).items()}
    assert densities == {"b": 1, "y": 1, "z": 1}


def test_it_prints(backend):
    printing = module(backend, "printing")
    text = printing.tt_pprint(prior_and_data(backend))
    assert "b ~ LowRankN([" in text and "y ~ LowRankN(b, [" in text
    assert r"\operatorname{LowRankN}" in printing.tt_tprint(prior_and_data(backend))


# Draws of models ----------------------------------------------------------------------------------------------


def hierarchy(backend):
    mu, W, v, y = parameters(3, 2)
    with backend.pm.Model() as model:
        b = distribution(backend)("b", mu, W, v, shape=(3,))
        distribution(backend)("y", b, 0.5 * W, v, observed=np.tile(y, (2, 1)), shape=(2, 3))
    return model


def test_prior_draws_of_a_model(backend):
    """Data in rows share their mean: rows have the covariance of the prior in common."""
    mu, W, v, _ = parameters(3, 2)
    n = 4000
    with hierarchy(backend):
        if backend.name == "theano":
            found = backend.pm.sample_prior_predictive(n, random_seed=1)
            b, y = found["b"], found["y"]
        else:
            found = backend.pm.sample_prior_predictive(n, random_seed=1)
            b, y = found.prior["b"].values[0], found.prior_predictive["y"].values[0]
    assert b.shape == (n, 3) and y.shape == (n, 2, 3)
    prior, noise = covariance(W, v), covariance(0.5 * W, v)
    assert_moments(b, mu, prior)
    cov = np.block([[prior + noise, prior], [prior, prior + noise]])
    assert_moments(y.reshape(n, 6), np.tile(mu, 2), cov)


def test_draws_at_a_point(backend):
    """The other variables are what the point says."""
    _, W, v, _ = parameters(3, 2)
    model, b, n = hierarchy(backend), np.array([1.0, 2.0, 3.0]), 4000
    np.random.seed(7)  # PyMC3 draws from the global generator
    if backend.name == "theano":
        assert model["y"].distribution.random(point={"b": b}).shape == (2, 3)
        y = model["y"].distribution.random(point={"b": b}, size=n)
    else:
        y = backend.pm.draw(backend.pm.do(model, {"b": b})["y"], n, random_seed=1)
    assert y.shape == (n, 2, 3)
    assert_moments(y.reshape(2 * n, 3), b, covariance(0.5 * W, v))


@pytest.mark.slow
def test_the_sampler_finds_the_posterior(backend, as_users_run):
    mu, W, v, y = parameters(3, 2)
    with hierarchy(backend):
        options = dict(return_inferencedata=False) if backend.name == "theano" else {}
        options |= dict(chains=1, cores=1, progressbar=False, compute_convergence_checks=False)
        trace = backend.pm.sample(1500, tune=500, random_seed=3, **options)
    x = trace["b"] if backend.name == "theano" else trace.posterior["b"].values[0]
    P, Q = np.linalg.inv(covariance(W, v)), np.linalg.inv(covariance(0.5 * W, v) / 2)
    mean = np.linalg.solve(P + Q, P @ mu + Q @ y)
    # five standard errors of a fifth as many independent draws
    assert np.all(np.abs(x.mean(axis=0) - mean) < 5 * np.sqrt(np.diag(np.linalg.inv(P + Q)) / 300))


# Relations ----------------------------------------------------------------------------------------------------


def test_relations_build_and_match_its_terms(backend):
    """``ops.lowrankmvnormal(mu, factor, variance, scales)`` in the place of a normal vector with that covariance."""
    ops = module(backend, "vocabulary").ops
    mu, W, v, _ = parameters(3, 2)

    def low_rank(before, after):
        def goal(s):
            if ops.distribution_of(before) == "mvnormal":
                new = ops.lowrankmvnormal(
                    ops.parameters(before)["mu"], ops.constant(W), ops.constant(v), ops.constant(ONE)
                )
                yield from eq(after, new.replace(info=before.info.replace(draw=var(), index=var())))(s)

        return goal

    with backend.pm.Model() as model:
        backend.pm.MvNormal("x", mu, cov=covariance(W, v), shape=(3,))
    result = sp.rewrite_graph(model, low_rank)
    assert "x ~ LowRankN(" in module(backend, "printing").tt_pprint(result)
    assert_densities_differ_by(backend, model, result, 0.0, tolerance=1e-8)


def test_it_is_no_location_scale_family_and_no_conjugate_prior(backend):
    model = prior_and_data(backend)
    assert sp.conjugate_graph(model) is model
    assert sp.reparam_graph(special(backend)).free_RVs[0].name == "x30"
