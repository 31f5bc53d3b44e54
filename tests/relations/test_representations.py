"""Variables as functions of simpler ones: the same density, the same law, for every row, against scipy."""

from importlib import import_module

import numpy as np
import pytest
from kanren import run
from scipy import special, stats
from unification import var

import symbolic_pymc as sp
from symbolic_pymc.errors import ArgumentError, ModelGraphError
from symbolic_pymc.meta import metatize
from symbolic_pymc.reforms import FORMS
from symbolic_pymc.relations import bases, representations
from tests.densities import log_density, random_points, value_of
from tests.families import FAMILIES, Double, density_of, draws, lognormal, unconstrained, values_at

N = 400
DATA = np.array([0.3, -1.2, 2.5])

ROWS = {
    "inverse_cdf": [
        "normal", "cauchy", "laplace", "logistic", "gumbel", "moyal", "asymmetric laplace", "uniform", "triangular",
        "exponential", "half normal", "half cauchy", "weibull", "pareto", "lognormal", "kumaraswamy", "logit normal",
    ],
    "log": ["lognormal", "weibull", "exponential", "pareto"],
    "logit": ["uniform", "logit normal"],
    "reciprocal": ["gamma", "inverse gamma"],
}  # fmt: skip


class Inverse:
    """A law by its distribution function and the inverse of that."""

    def __init__(self, cdf, ppf):
        self.cdf, self.ppf = cdf, ppf


UNIT = {
    "kumaraswamy": (
        lambda pm, n: pm.Kumaraswamy("x", 1.5, 2.5, shape=n),
        Inverse(lambda x: 1 - (1 - x**1.5) ** 2.5, lambda u: (1 - (1 - u) ** 0.4) ** (1 / 1.5)),
    ),
    "logit normal": (
        lambda pm, n: pm.LogitNormal("x", 0.5, 1.5, shape=n),
        Inverse(
            lambda x: stats.norm(0.5, 1.5).cdf(special.logit(x)),
            lambda u: special.expit(stats.norm(0.5, 1.5).ppf(u)),
        ),
    ),
}
LAWS = FAMILIES | UNIT
CASES = [(form, name) for form, names in ROWS.items() for name in names]
TABLES = {
    "inverse_cdf": (bases.INVERSE_CDF, representations.inverse_cdfo),
    "log": (bases.LOGARITHM, representations.logarithmo),
    "logit": (bases.LOGIT, representations.logito),
    "reciprocal": (bases.RECIPROCAL, representations.reciprocalo),
}


def ops_of(backend):
    return import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops


def base_of(model, result):
    """Return the variables that a result draws and the model does not, without those of transforms."""
    old = {v.name for v in model.free_RVs}
    return [v for v in result.free_RVs if v.name not in old]


def plain_name(v):
    return v.name[:-2].rpartition("_")[0] if v.name.endswith("__") else v.name


def rewritten(backend, form, build):
    """Return a model, the model in a form, and the names of what is drawn anew."""
    with backend.pm.Model() as model:
        build(Double(backend.pm))
    result = sp.reparam_graph(model, form=form)
    (step,) = (s for s in sp.steps(result) if s.taken)
    assert step.variables == ("x",)
    return model, result, [plain_name(v) for v in base_of(model, result)]


def is_in_the_table(backend, name, build):
    """Tell whether a backend has a distribution; PyMC's logit-normal is a graph of its own, which is left as it is."""
    if (backend.name, name) != ("pytensor", "logit normal"):
        return True
    with backend.pm.Model() as model:
        build(Double(backend.pm), 3)
    assert all(sp.reparam_graph(model, form=form) is model for form in TABLES)
    return False


def test_every_row_is_tested():
    for form, (table, _) in TABLES.items():
        assert len(table) == len(ROWS[form]), form


@pytest.mark.parametrize("form, name", CASES)
def test_density_and_law(backend, form, name):
    build, law = LAWS[name]
    if not is_in_the_table(backend, name, build):
        return
    model, result, (base,) = rewritten(backend, form, lambda pm: build(pm, N))
    assert base.startswith("x_")
    t, z, x = backend.tensor, result[base], result["x"]
    at_z, at_x = draws(backend, result, [base, "x"])
    value, slope = backend.compile_plainly([z], [x, t.grad(t.sum(x), z)])(at_z)
    np.testing.assert_allclose(value, at_x, rtol=1e-12)
    if form == "inverse_cdf":
        np.testing.assert_allclose(at_x, law.ppf(at_z), rtol=1e-8, atol=1e-10)
    before = density_of(backend, model, "x", at_x) + np.log(np.abs(slope))
    np.testing.assert_allclose(before, density_of(backend, result, base, at_z), rtol=1e-8, atol=1e-8)
    assert np.all(np.isfinite(before))
    assert stats.kstest(at_x, law.cdf).pvalue > 1e-3


@pytest.mark.parametrize("name", ROWS["inverse_cdf"])
def test_quantiles_far_out(backend, name):
    """In both tails, as far as the uniform number itself has digits."""
    build, law = LAWS[name]
    if not is_in_the_table(backend, name, build):
        return
    _, result, (base,) = rewritten(backend, "inverse_cdf", lambda pm: build(pm, 7))
    u = np.array([1e-9, 1e-6, 0.3, 0.5, 0.7, 1 - 1e-6, 1 - 1e-9])
    x = backend.compile_plainly([result[base]], result["x"])(u)
    np.testing.assert_allclose(x, law.ppf(u), rtol=1e-6, atol=1e-9)


# Shares --------------------------------------------------------------------------------------------------------------

A = np.array([0.7, 2.0, 1.3, 3.0])


def gamma_logpdf(x, shape):
    return stats.gamma(shape).logpdf(x)


@pytest.mark.parametrize("batch", [(), (3,)])
def test_dirichlet_as_gammas(backend, batch):
    model, result, (base,) = rewritten(backend, "gammas", lambda pm: pm.Dirichlet("x", A, shape=(*batch, 4)))
    g, x = draws(backend, result, [base, "x"])
    assert g.shape == x.shape == (*batch, 4)
    total = g.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(x, g / total, rtol=1e-12)
    before = density_of(backend, model, "x", x) + gamma_logpdf(total[..., 0], A.sum()) - 3 * np.log(total[..., 0])
    np.testing.assert_allclose(before, density_of(backend, result, base, g).sum(axis=-1), rtol=1e-9)


@pytest.mark.parametrize("batch", [(), (3,)])
def test_dirichlet_as_sticks(backend, batch):
    model, result, (base,) = rewritten(backend, "sticks", lambda pm: pm.Dirichlet("x", A, shape=(*batch, 4)))
    v, x = draws(backend, result, [base, "x"])
    assert v.shape == (*batch, 3) and x.shape == (*batch, 4)
    left = np.cumprod(1 - v, axis=-1)
    np.testing.assert_allclose(x.sum(axis=-1), 1.0, rtol=1e-14)
    np.testing.assert_allclose(x[..., 1:3], v[..., 1:] * left[..., :-1], rtol=1e-12)
    jacobian = np.log(left[..., :-1]).sum(axis=-1)
    before = density_of(backend, model, "x", x) + jacobian
    np.testing.assert_allclose(before, density_of(backend, result, base, v).sum(axis=-1), rtol=1e-9)


@pytest.mark.parametrize("form", ["gammas", "sticks"])
def test_law_of_the_shares(backend, form):
    _, result, (base,) = rewritten(backend, form, lambda pm: pm.Dirichlet("x", A, shape=(N, 4)))
    (x,) = draws(backend, result, ["x"])
    for k in range(4):
        assert stats.kstest(x[:, k], stats.beta(A[k], A.sum() - A[k]).cdf).pvalue > 1e-3
    expected = -A[0] * A[1] / A.sum() ** 2 / (A.sum() + 1)
    assert np.cov(x[:, 0], x[:, 1])[0, 1] == pytest.approx(expected, abs=5 * 0.05 / np.sqrt(N))


def test_a_fraction_loses_the_dims_of_the_shares(backend):
    with backend.pm.Model(coords={"part": list("abcd")}) as model:
        backend.pm.Dirichlet("x", A, dims="part")
    for form, expected in (("gammas", ("part",)), ("sticks", None)):
        result = sp.reparam_graph(model, form=form)
        dims = result.RV_dims if backend.name == "theano" else result.named_vars_to_dims
        base = "x_gamma" if form == "gammas" else "x_stick"
        assert tuple(dims["x"]) == ("part",)
        assert (tuple(dims[base]) if dims.get(base) else None) == expected


def test_beta_as_gammas(backend):
    model, result, names = rewritten(backend, "gammas", lambda pm: pm.Beta("x", 0.7, 2.5, shape=N))
    assert sorted(names) == ["x_gamma", "x_rest"]
    g, h, x = draws(backend, result, ["x_gamma", "x_rest", "x"])
    np.testing.assert_allclose(x, g / (g + h), rtol=1e-12)
    before = density_of(backend, model, "x", x) + gamma_logpdf(g + h, 3.2) - np.log(g + h)
    after = density_of(backend, result, "x_gamma", g) + density_of(backend, result, "x_rest", h)
    np.testing.assert_allclose(before, after, rtol=1e-8, atol=1e-8)
    assert stats.kstest(x, stats.beta(0.7, 2.5).cdf).pvalue > 1e-3


def test_chisquared_as_a_gamma(backend):
    """PyMC's own is a gamma variable, which is left as it is."""
    with backend.pm.Model() as model:
        backend.pm.ChiSquared("x", np.float64(3.0), shape=N)
    result = sp.reparam_graph(model, form="gammas")
    if backend.name == "pytensor":
        assert "gamma has no such form" in sp.steps(result)[0].reason
        return
    g, x = draws(backend, result, ["x_gamma", "x"])
    before = density_of(backend, model, "x", x) + np.log(2.0)
    np.testing.assert_allclose(before, density_of(backend, result, "x_gamma", g), rtol=1e-9)
    assert stats.kstest(x, stats.chi2(3).cdf).pvalue > 1e-3


@pytest.mark.parametrize("kind", ["Gamma", "InverseGamma"])
def test_splits(backend, kind):
    """The density of x from those of the two parts, by quadrature over the first."""
    alpha, beta = 0.4, 2.5
    model, result, names = rewritten(backend, "split", lambda pm: getattr(pm, kind)("x", alpha, beta, shape=150))
    assert sorted(names) == ["x_gamma", "x_uniform"]
    g, u, x = draws(backend, result, ["x_gamma", "x_uniform", "x"])
    sign = 1.0 if kind == "Gamma" else -1.0
    np.testing.assert_allclose(x, g * u ** (sign / alpha), rtol=1e-12)
    nodes, weights = special.roots_laguerre(150)
    for at in (0.05, 0.4, 1.7):
        if kind == "Gamma":  # u is (x / g)^alpha for g above x
            over, stretch = at + nodes / beta, weights * np.exp(nodes) / beta
        else:  # and (g / x)^alpha for g below it
            over = 1 / (1 / at + nodes / beta)
            stretch = weights * np.exp(nodes) / beta * over**2
        inner = np.exp(density_of(backend, result, "x_gamma", over)) * alpha * (at / over) ** (sign * alpha) / at
        direct = np.exp(density_of(backend, model, "x", np.full(150, at)))[0]
        assert inner @ stretch == pytest.approx(direct, rel=1e-6)
    law = stats.gamma(alpha, 0, 1 / beta) if kind == "Gamma" else stats.invgamma(alpha, 0, beta)
    assert stats.kstest(x, law.cdf).pvalue > 1e-3


# Matrices ------------------------------------------------------------------------------------------------------------

ROW_COV = np.array([[2.0, 0.5], [0.5, 1.0]])
COL_COV = np.array([[4.0, 1.0, 0.5], [1.0, 2.0, 0.3], [0.5, 0.3, 1.0]])


def test_matrix_normal(backend):
    mean = np.arange(6.0).reshape(2, 3)
    model, result, (base,) = rewritten(
        backend, "factors", lambda pm: pm.MatrixNormal("x", mu=mean, rowcov=ROW_COV, colcov=COL_COV, shape=(2, 3))
    )
    jacobian = 3 * np.linalg.slogdet(ROW_COV)[1] / 2 + 2 * np.linalg.slogdet(COL_COV)[1] / 2
    of_base = backend.compile_plainly([result[base]], result["x"])
    for z in np.random.default_rng(3).normal(size=(4, 2, 3)):
        x = of_base(z)
        np.testing.assert_allclose(
            x, mean + np.linalg.cholesky(ROW_COV) @ z @ np.linalg.cholesky(COL_COV).T, rtol=1e-12, atol=1e-12
        )
        exact = stats.matrix_normal(mean, ROW_COV, COL_COV).logpdf(x)
        assert density_of(backend, model, "x", x) == pytest.approx(exact, rel=1e-9)
        assert density_of(backend, result, base, z).sum() - jacobian == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_wishart_by_bartlett(backend, size):
    """The density from that of the parts and the determinant of their map, against scipy's."""
    V, nu = COL_COV[:size, :size], 6
    with backend.pm.Model() as model:
        backend.pm.Wishart("x", nu=nu, V=V, shape=(size, size))
    result = sp.reparam_graph(model, form="factors")
    parts = [result["x_diagonal"], result["x_below"]]
    of_parts = backend.compile_plainly(parts, result["x"])
    rng, at = np.random.default_rng(5), np.tril_indices(size)
    n_below = size * (size - 1) // 2
    for _ in range(3):
        flat = np.concatenate([rng.chisquare(nu, size), rng.normal(size=n_below)])

        def image(flat):
            return of_parts(flat[:size], flat[size:])[at]

        columns = [(image(flat + e) - image(flat - e)) / 2e-5 for e in 1e-5 * np.eye(len(flat))]
        x = of_parts(flat[:size], flat[size:])
        inside = density_of(backend, result, "x_diagonal", flat[:size]).sum()
        inside = inside + density_of(backend, result, "x_below", flat[size:]).sum()
        exact = stats.wishart(nu, V).logpdf(x)
        assert inside - np.linalg.slogdet(np.transpose(columns))[1] == pytest.approx(exact, rel=1e-6)


def test_law_of_a_wishart_by_bartlett(backend):
    """Quadratic forms are chi squared, and the mean is nu V."""
    with backend.pm.Model() as model:
        backend.pm.Wishart("x", nu=6, V=COL_COV, shape=(3, 3))
    result = sp.reparam_graph(model, form="factors")
    drawn = np.array([draws(backend, result, ["x"], seed=11 * i)[0] for i in range(150)])
    for a in np.random.default_rng(1).normal(size=(3, 3)):
        assert stats.kstest(a @ drawn @ a / (a @ COL_COV @ a), stats.chi2(6).cdf).pvalue > 1e-3
    np.testing.assert_allclose(drawn, np.swapaxes(drawn, 1, 2), rtol=1e-12)
    np.testing.assert_allclose(drawn.mean(axis=0), 6 * COL_COV, atol=5 * np.sqrt(2 * 6 / 150) * 4)


# Whole models --------------------------------------------------------------------------------------------------------

GROUP = np.array([0, 2, 2, 1, 0, 1])
Y = np.array([0.3, -1.2, 2.5, 0.7, 0.1, -0.4])


def varying(pm, t):
    """Parameters that are variables themselves, vectors, matrices, indices, a potential and a deterministic."""
    m = pm.Normal("m", np.float64(0.3), sigma=np.float64(0.8))
    s = pm.Exponential("s", np.float64(0.7))
    a = pm.Laplace("a", m, s, shape=3)
    b = pm.Gumbel("b", a[:2], np.array([[0.5], [2.0], [1.5]]), shape=(3, 2))
    c = lognormal(Double(pm), "c", a[GROUP], sigma=0.5, shape=6)
    pm.Deterministic("twice", 2 * a)
    pm.Potential("near", -t.sum(a**2))
    pm.Normal("y", c + t.sum(b), sigma=s, observed=Y)


@pytest.mark.parametrize("form", ["inverse_cdf", "log"])
def test_density_of_a_whole_model(backend, form):
    """Old and new log densities differ by the log slopes of the maps from the one to the other unconstrained space."""
    with backend.pm.Model() as model:
        varying(backend.pm, backend.tensor)
    result = sp.reparam_graph(model, form=form)
    names = ["m", "s", "a", "b", "c"]
    done = {"inverse_cdf": set(names), "log": {"s", "c"}}[form]
    assert {s.variables[0] for s in sp.steps(result) if s.taken} == done
    assert [v.name for v in result.potentials] == ["near"] and "twice" in [v.name for v in result.deterministics]
    old, new = log_density(backend, model), log_density(backend, result)
    for point in random_points(backend, result, n=3, spread=0.5):
        x = values_at(backend, result, names, point)
        old_point = dict(unconstrained(backend, model, name, x[name]) for name in names)
        assert new(point) - log_slope(backend, model, result, names, point) == pytest.approx(old(old_point), rel=1e-6)


def log_slope(backend, model, result, names, point, h=1e-5):
    """Return the log of the determinant of the map between the unconstrained spaces, by central differences."""
    order = [v.name for v in (result.free_RVs if backend.name == "theano" else result.value_vars)]

    def image(flat):
        at, start = {}, 0
        for name in order:
            size = np.size(point[name])
            at[name], start = flat[start : start + size].reshape(np.shape(point[name])), start + size
        x = values_at(backend, result, names, at)
        return np.concatenate([np.ravel(unconstrained(backend, model, n, x[n])[1]) for n in names])

    flat = np.concatenate([np.ravel(point[name]) for name in order])
    columns = [(image(flat + e) - image(flat - e)) / (2 * h) for e in h * np.eye(len(flat))]
    return np.linalg.slogdet(np.transpose(columns))[1]


BROADCAST = {
    "inverse_cdf": lambda pm, a, b: pm.Weibull("x", a, b, shape=(2, 3)),
    "log": lambda pm, a, b: pm.Weibull("x", a, b, shape=(2, 3)),
    "reciprocal": lambda pm, a, b: pm.InverseGamma("x", a, b, shape=(2, 3)),
    "gammas": lambda pm, a, b: pm.Beta("x", a, b, shape=(2, 3)),
    "split": lambda pm, a, b: pm.Gamma("x", a, b, shape=(2, 3)),
}


@pytest.mark.parametrize("form", BROADCAST)
@pytest.mark.parametrize("kind", ["both broadcast", "one is a scalar"])
def test_parameters_that_broadcast(backend, form, kind):
    """Every element has draws of its own; element by element it is the model of that element alone."""
    a = np.array([1.5, 2.5, 0.7])
    b = np.array([[2.0], [0.3]]) if kind == "both broadcast" else np.float64(0.6)
    model, result, names = rewritten(backend, form, lambda pm: BROADCAST[form](pm, a, b))
    *drawn, x = draws(backend, result, [*names, "x"])
    assert all(np.shape(z) == (2, 3) == np.shape(x) for z in drawn)
    assert all(len(np.unique(z)) == 6 for z in drawn)
    a, b = np.broadcast_to(a, (2, 3)), np.broadcast_to(b, (2, 3))
    laws = {
        "inverse_cdf": "weibull_min",
        "log": "weibull_min",
        "reciprocal": "invgamma",
        "gammas": "beta",
        "split": "gamma",
    }
    given = {"gammas": lambda a, b: (a, b), "split": lambda a, b: (a, 0, 1 / b)}.get(form, lambda a, b: (a, 0, b))
    for i in np.ndindex(2, 3):
        law = getattr(stats, laws[form])(*given(a[i], b[i]))
        np.testing.assert_allclose(density_of(backend, model, "x", x)[i], law.logpdf(x[i]), rtol=1e-7)
        own = {name: z[i] for name, z in zip(names, drawn)}
        value = {
            "inverse_cdf": lambda: law.ppf(own["x_uniform"]),
            "log": lambda: np.exp(-own["x_minus_log"]),
            "reciprocal": lambda: 1 / own["x_reciprocal"],
            "gammas": lambda: own["x_gamma"] / (own["x_gamma"] + own["x_rest"]),
            "split": lambda: own["x_gamma"] * own["x_uniform"] ** (1 / a[i]),
        }[form]()
        assert x[i] == pytest.approx(value, rel=1e-9)


def test_shared_parameters_stay_shared(backend):
    scale = backend.shared(np.float64(2.0), name="scale")
    with backend.pm.Model() as model:
        backend.pm.Exponential("x", scale, shape=2)
    result = sp.reparam_graph(model, form="inverse_cdf")
    x = backend.compile_plainly([result["x_uniform"]], result["x"])
    u = np.array([0.2, 0.9])
    for rate in (2.0, 0.1):
        scale.set_value(np.float64(rate))
        np.testing.assert_allclose(x(u), stats.expon(0, 1 / rate).ppf(u))


def test_equal_variables_have_bases_of_their_own(backend):
    with backend.pm.Model() as model:
        for name in ("a", "b"):
            backend.pm.Exponential(name, np.float64(0.5), shape=N)
    result = sp.reparam_graph(model, form="inverse_cdf")
    assert result["a_uniform"] is not result["b_uniform"]
    a, b = draws(backend, result, ["a", "b"])
    assert abs(np.corrcoef(a, b)[0, 1]) < 5 / np.sqrt(N)


# What is refused -----------------------------------------------------------------------------------------------------


def test_data_stay_data(backend):
    with backend.pm.Model() as model:
        scale = backend.pm.HalfCauchy("scale", np.float64(2.0))
        backend.pm.Normal("y", 0.0, sigma=scale, observed=DATA)
    result = sp.reparam_graph(model, form="inverse_cdf")
    assert [v.name for v in result.observed_RVs] == ["y"]
    assert {s.variables: s.reason for s in sp.steps(result) if not s.taken} == {("y",): "y is observed"}


@pytest.mark.parametrize("form", [form for form in FORMS if form not in ("offset", "partial")])
def test_a_transform_of_its_own_is_not_touched(backend, form):
    """A transform that the user chose may change the law."""
    with backend.pm.Model() as model:
        for name, kind in (("a", "Gamma"), ("b", "Weibull"), ("c", "Beta")):
            transform = backend.pm.distributions.transforms.LogExpM1()
            getattr(backend.pm, kind)(name, np.float64(2.0), np.float64(3.0), transform=transform)
    result = sp.reparam_graph(model, form=form)
    assert result is model and not any(s.taken for s in sp.steps(result))


def test_no_such_form(backend):
    with backend.pm.Model() as model:
        backend.pm.StudentT("x", np.float64(4.0), mu=0.0, sigma=1.0)
    result = sp.reparam_graph(model, form="inverse_cdf")
    assert result is model
    assert sp.steps(result)[0].reason.startswith("x: studentt has no such form; there is one for")
    with pytest.raises(ArgumentError, match="'cdf' is no form; there are offset, partial, inverse_cdf"):
        sp.reparam_graph(model, form="cdf")
    with pytest.raises(ArgumentError, match="takes weights"):
        sp.reparam_graph(model, form="inverse_cdf", weights=0.5)
    with pytest.raises(ArgumentError, match="no unobserved variable"):
        sp.reparam_graph(model, ["z"], form="inverse_cdf")


@pytest.mark.parametrize("taken", ["free", "potential", "deterministic", "observed"])
def test_a_name_that_is_taken(backend, taken):
    pm = backend.pm
    with pm.Model() as model:
        x = pm.Exponential("x", np.float64(2.0))
        add = {
            "free": lambda: pm.Normal("x_uniform", 0.0, sigma=1.0),
            "potential": lambda: pm.Potential("x_uniform", -x),
            "deterministic": lambda: pm.Deterministic("x_uniform", 2 * x),
            "observed": lambda: pm.Normal("x_uniform", x, sigma=1.0, observed=DATA),
        }[taken]
        add()
    with pytest.raises(ModelGraphError, match="x_uniform"):
        sp.reparam_graph(model, form="inverse_cdf", names=["x"])


def test_a_half_distribution_that_starts_elsewhere(backend):
    ops = ops_of(backend)
    x = backend.tensor.constant(np.float64(1.0)), backend.tensor.constant(np.float64(2.0))
    rv = metatize(getattr(backend.mt, "HalfNormalRV")(*x).reify())
    q = var()
    assert not run(1, q, representations.inverse_cdfo(ops, rv, q))


def test_a_whole_graph_without_names(backend):
    """Draws without a name are written in the form as well, each once."""
    x = backend.normal(np.float64(2.0), np.float64(3.0))
    graph = backend.FunctionGraph(None, [2 * x])
    result = sp.reparam_graph(graph, form="inverse_cdf")
    (node,) = backend.draws(*result.outputs)
    value = backend.compile([node.outputs[1]], result.outputs[0])(0.3)
    np.testing.assert_allclose(value, 2 * stats.norm(2, 3).ppf(0.3))


def test_single_precision(backend):
    """Parameters in single precision give the values that they give in double precision, to theirs."""
    scale = backend.tensor.constant(np.array([2.0, 0.3], dtype="float32"))
    with backend.pm.Model() as model:
        backend.pm.Weibull("x", scale, scale, shape=2)
    result = sp.reparam_graph(model, form="inverse_cdf")
    u = np.array([0.2, 0.9], dtype=result["x_uniform"].dtype)
    x = backend.compile_plainly([result["x_uniform"]], result["x"])(u)
    np.testing.assert_allclose(x, stats.weibull_min([2.0, 0.3], 0, [2.0, 0.3]).ppf(u), rtol=1e-5)


# Both directions -----------------------------------------------------------------------------------------------------

BOTH_WAYS = TABLES | {
    "gammas": (("beta", "chisquared", "moyal"), representations.gammaso),
    "split": (bases.SPLIT, representations.splito),
}
TWO_WAY = [(form, name) for form, (table, _) in BOTH_WAYS.items() for name in table]


@pytest.mark.parametrize("form, name", TWO_WAY)
def test_backward(backend, form, name):
    """A plain variable from its expression: the same family, parameters and name."""
    ops, relation = ops_of(backend), BOTH_WAYS[form][1]
    if name not in ops.rows:
        assert backend.name == "pytensor"
        return
    row = ops.rows[name]
    params = [ops.constant(float(i) + 1.5) for i, _ in enumerate(row.params)]
    if "loc" in row.params:
        params[row.params.index("loc")] = ops.constant(0.0)
    draw = getattr(ops, name)(*params).replace(info=var()).reify()
    draw.name = "x"
    rv, q = metatize(draw), var()
    (expression,) = run(0, q, relation(ops, rv, q))
    found = run(0, q, relation(ops, q, metatize(expression.reify())))
    back = next(metatize(y.reify()) for y in found if ops.distribution_of(y) == name)
    assert back.name == "x" and back.rator is rv.rator
    for a, b in zip(back.rands[: len(params)], params):
        np.testing.assert_allclose(value_of(backend, a.reify()), b.value, rtol=1e-15)


def test_backward_knows_no_other_expression(backend):
    ops = ops_of(backend)
    u = backend.draws(sp.metatize(ops.uniform(ops.constant(0.0), ops.constant(1.0)).replace(info=var())).reify())
    x = u[0].outputs[1]
    for other in (x, backend.tensor.exp(x), 2 * x):
        for _, relation in BOTH_WAYS.values():
            q = var()
            assert not run(1, q, relation(ops, q, metatize(other)))
