"""Estimates from classes, counts of classes and ordered answers, and the densities that they are estimated with."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, softmax

import symbolic_pymc as sp
from symbolic_pymc.errors import NoProximalOperator, NotFiniteError
from symbolic_pymc.meta import reify_many
from symbolic_pymc.proximal.objective import objective_of, shapes_of
from tests.joints import plain_density

pytestmark = pytest.mark.filterwarnings("ignore")

rng = np.random.default_rng(8)
F, N, K = np.float64, 60, 3
X, GROUP = rng.normal(size=(N, 4)), np.repeat([0, 1], N // 2)
LABELS = rng.integers(0, K, N)
COUNTS = rng.multinomial(5, [0.2, 0.3, 0.5], size=N)
HITS = np.eye(K)[LABELS]
CUTS = np.r_[-1.0, 1.0]


def rows_of(b, logits):
    """Return the softmax of the rows of a matrix."""
    return b.tensor.nnet.softmax(logits) if b.name == "theano" else b.tensor.special.softmax(logits, axis=1)


def classes(b, pm, t):
    pm.Categorical("y", p=rows_of(b, t.dot(X, pm.Normal("B", F(0), sigma=F(1), shape=(4, K)))), observed=LABELS)


def classes_beside_one(b, pm, t):
    """The last class has no coefficients of its own."""
    own = t.dot(X, pm.Normal("B", F(0), sigma=F(1), shape=(4, K - 1)))
    pm.Categorical("y", p=rows_of(b, t.concatenate([own, np.zeros((N, 1))], axis=1)), observed=LABELS)


def one_row(b, pm, t):
    pm.Categorical("y", p=rows_of(b, pm.Normal("B", F(0), sigma=F(1), shape=(1, K)))[0], observed=LABELS)


def chances(b, pm, t):
    pm.Categorical("y", p=pm.Dirichlet("p", np.r_[2.0, 3.0, 4.0]), observed=LABELS)


def chances_of_groups(b, pm, t):
    p = pm.Dirichlet("p", np.full((2, K), 2.0), shape=(2, K))
    pm.Categorical("y", p=p[GROUP], observed=LABELS)


def counts(b, pm, t):
    pm.Multinomial("y", n=5, p=rows_of(b, t.dot(X, pm.Normal("B", F(0), sigma=F(1), shape=(4, K)))), observed=COUNTS)


def counts_of_chances(b, pm, t):
    pm.Multinomial("y", n=5, p=pm.Dirichlet("p", np.r_[2.0, 3.0, 4.0]), observed=COUNTS)


def ordered(b, pm, t):
    pm.OrderedLogistic("y", eta=t.dot(X, pm.Normal("B", F(0), sigma=F(1), shape=4)), cutpoints=CUTS, observed=LABELS)


def ordered_beyond_noise(b, pm, t):
    pm.OrderedProbit("y", eta=t.dot(X, pm.Normal("B", F(0), sigma=F(1), shape=4)), cutpoints=CUTS, observed=LABELS)


MODELS = [classes, classes_beside_one, one_row, chances, chances_of_groups, counts, counts_of_chances, ordered]


def built(b, build):
    with b.pm.Model() as model:
        build(b, b.pm, b.tensor)
    return model


@pytest.mark.parametrize("build", [*MODELS, ordered_beyond_noise], ids=lambda f: f.__name__)
def test_the_density_is_that_of_pymc(backend, build):
    model = built(backend, build)
    objective, whole = objective_of(model), plain_density(backend, model)
    adapter = objective.adapter
    ((name, shape),) = shapes_of(objective).items()
    with adapter.build_context():
        terms = [base.sum() for base in reify_many(tuple(term for _, term in objective.terms))]
        own = adapter.compile(list(reify_many(tuple(objective.inputs.values()))), [sum(terms)])
    compared = 0
    for seed in range(5):
        value = (seed > 0) * np.random.default_rng(seed).normal(size=shape)
        if name == "p":  # in whole 2**-20, so that they add up to one exactly
            value = np.round(softmax(value, axis=-1) * 2**20) / 2**20
            value[..., -1] = 1.0 - value[..., :-1].sum(axis=-1)
        expected = -whole(adapter.point(model, {name: value}))
        if np.isfinite(expected):  # PyMC3 takes counts for impossible whose chances add up to one within rounding alone
            np.testing.assert_allclose(own(value)[0], expected, rtol=1e-6)
            compared += 1
    assert compared > 0


@pytest.mark.parametrize("build", MODELS, ids=lambda f: f.__name__)
def test_it_is_convex(backend, build):
    model = built(backend, build)
    known = backend.name == "theano" or build is not ordered  # PyMC has differences of chances
    assert sp.split(model).curvature == ("convex" if known else "unknown")


def test_coefficients_of_classes(backend):
    b = sp.find_map(built(backend, classes), tol=1e-10, progressbar=False)["B"]
    np.testing.assert_allclose(X.T @ (HITS - softmax(X @ b, axis=1)), b, atol=1e-7)


def test_coefficients_of_classes_beside_one(backend):
    b = sp.find_map(built(backend, classes_beside_one), tol=1e-10, progressbar=False)["B"]
    p = softmax(np.c_[X @ b, np.zeros(N)], axis=1)
    np.testing.assert_allclose((X.T @ (HITS - p))[:, :-1], b, atol=1e-7)


def test_logits_of_one_row(backend):
    b = sp.find_map(built(backend, one_row), tol=1e-10, progressbar=False)["B"]
    np.testing.assert_allclose(HITS.sum(axis=0) - N * softmax(b[0]), b[0], atol=1e-7)


def test_coefficients_of_counts(backend):
    b = sp.find_map(built(backend, counts), tol=1e-10, progressbar=False)["B"]
    np.testing.assert_allclose(X.T @ (COUNTS - 5 * softmax(X @ b, axis=1)), b, atol=1e-7)


def test_chances_have_a_closed_form(backend):
    for build, found in ((chances, HITS), (counts_of_chances, COUNTS)):
        p = sp.find_map(built(backend, build), progressbar=False)["p"]
        total = found.sum(axis=0) + np.r_[1.0, 2.0, 3.0]
        np.testing.assert_allclose(p, total / total.sum(), atol=1e-6)
    p = sp.find_map(built(backend, chances_of_groups), progressbar=False)["p"]
    total = np.stack([HITS[GROUP == g].sum(axis=0) + 1.0 for g in range(2)])
    np.testing.assert_allclose(p, total / total.sum(axis=1, keepdims=True), atol=1e-6)


def test_a_class_that_never_was_has_no_chance(backend):
    def build(b, pm, t):
        pm.Categorical("y", p=pm.Dirichlet("p", np.ones(K)), observed=np.minimum(LABELS, 1))

    share = np.mean(LABELS == 0)
    p = sp.find_map(built(backend, build), progressbar=False)["p"]
    assert p[2] == 0.0
    np.testing.assert_allclose(p[:2], [share, 1.0 - share], atol=1e-6)


def test_zeros_are_exact(backend):
    weight = 6.0

    def build(b, pm, t):
        beta = pm.Laplace("B", F(0), F(1 / weight), shape=(4, K))
        pm.Categorical("y", p=rows_of(b, t.dot(X, beta)), observed=LABELS)

    b = sp.find_map(built(backend, build), tol=1e-10, progressbar=False)["B"]
    pull, zero = X.T @ (HITS - softmax(X @ b, axis=1)), b == 0.0
    assert 0 < zero.sum() < b.size and np.all(np.abs(pull) <= weight * (1 + 1e-6))
    np.testing.assert_allclose(pull[~zero], weight * np.sign(b[~zero]), atol=1e-6)


def test_logits_that_are_large(backend):
    def build(b, pm, t):
        beta = pm.Normal("B", F(0), sigma=F(1), shape=(4, K))
        pm.Categorical("y", p=rows_of(b, t.dot(1e3 * X, beta)), observed=LABELS)

    result = sp.find_map(built(backend, build), progressbar=False)
    b = result["B"]
    assert result.status == "converged"
    np.testing.assert_allclose(1e3 * X.T @ (HITS - softmax(1e3 * X @ b, axis=1)), b, atol=1e-4)


@pytest.fixture
def pymc3(backend):
    if backend.name != "theano":
        pytest.skip("PyMC computes differences of chances, which are zero far from the cutpoints")
    return backend


def answers_from(name, far):
    """Return what writes ordered answers whose mean is so far from the cutpoints."""

    def build(b, pm, t):
        eta = F(far) + t.dot(X, pm.Normal("B", F(0), sigma=F(1), shape=4))
        getattr(pm, name)("y", eta=eta, cutpoints=CUTS, observed=LABELS)

    return build


@pytest.mark.parametrize("far", [0.0, 900.0])
def test_ordered_answers(pymc3, far):
    """Far from the cutpoints, too, where the chance of what was seen is rounded to zero."""
    b = sp.find_map(built(pymc3, answers_from("OrderedLogistic", far)), tol=1e-10, progressbar=False)["B"]
    ends = np.r_[-np.inf, CUTS, np.inf]
    upper, lower = (ends[LABELS + i] - far - X @ b for i in (1, 0))
    # the slope of log(expit(u) - expit(l)) in a number that both are less
    np.testing.assert_allclose(X.T @ (expit(upper) + expit(lower) - 1.0), b, atol=1e-6)


@pytest.mark.parametrize("far", [0.0, 30.0])
def test_ordered_answers_beyond_normal_noise(pymc3, far):
    b = sp.find_map(built(pymc3, answers_from("OrderedProbit", far)), tol=1e-10, progressbar=False)["B"]
    upper, lower = (np.r_[-np.inf, CUTS, np.inf][LABELS + i] - far - X @ b for i in (1, 0))
    law = stats.norm
    mirrored = np.where(upper + lower > 0, -1.0, 1.0)  # to the side where nothing is rounded away
    low, high = np.minimum(mirrored * upper, mirrored * lower), np.maximum(mirrored * upper, mirrored * lower)
    gap = law.logcdf(high) + np.log1p(-np.exp(law.logcdf(low) - law.logcdf(high)))
    np.testing.assert_allclose(X.T @ (np.exp(law.logpdf(lower) - gap) - np.exp(law.logpdf(upper) - gap)), b, atol=1e-5)


IMPOSSIBLE = {"a class too many": np.r_[LABELS[1:], K], "a class below zero": np.r_[LABELS[1:], -1]}


@pytest.mark.parametrize("build", [classes, chances, ordered], ids=lambda f: f.__name__)
@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_classes_that_are_none_are_impossible(backend, build, name, monkeypatch):
    monkeypatch.setitem(globals(), "LABELS", IMPOSSIBLE[name])
    with pytest.raises((NotFiniteError, NoProximalOperator), match="not finite|infinite everywhere"):
        sp.find_map(built(backend, build), progressbar=False)


@pytest.mark.parametrize("wrong", [COUNTS + np.eye(K, dtype=int)[0], COUNTS + np.r_[9, -9, 0]], ids=["sum", "sign"])
@pytest.mark.parametrize("build", [counts, counts_of_chances], ids=lambda f: f.__name__)
def test_counts_that_are_none_are_impossible(backend, build, wrong, monkeypatch):
    monkeypatch.setitem(globals(), "COUNTS", wrong)
    with pytest.raises((NotFiniteError, NoProximalOperator), match="not finite|infinite everywhere"):
        sp.find_map(built(backend, build), progressbar=False)


def test_cutpoints_that_fall_are_impossible(backend, monkeypatch):
    monkeypatch.setitem(globals(), "CUTS", np.r_[1.0, -1.0])
    with pytest.raises(NotFiniteError, match="density of y is not finite"):
        sp.find_map(built(backend, ordered), progressbar=False)


def test_only_a_softmax_of_rows_is_one_of_chances(backend):
    """Along another axis the chances of one class add up to one, and not those of one answer."""
    if backend.name == "theano":
        pytest.skip("Theano's goes along rows")
    ops = objective_of(built(backend, classes)).adapter.ops
    x, special = backend.tensor.dmatrix("x"), backend.tensor.special
    read = {axis: ops.logits_of(backend.mt(special.softmax(x, axis=axis))) for axis in (-1, 0, 1, None)}
    assert {axis: found is not None for axis, found in read.items()} == {-1: True, 0: False, 1: True, None: False}
