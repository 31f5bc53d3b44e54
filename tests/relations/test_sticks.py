"""Chances whose products are the probabilities of labels: broken sticks and trees, in many spellings."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import betaln, gammaln

import symbolic_pymc as sp
from tests.densities import assert_conditioned, evidence_of, log_density, random_points
from tests.relations.test_flat_edges import F, built, reasons, taken

LABELS = np.array([0, 2, 2, 1, 3, 0, 2])
A, B = np.array([1.5, 2.0, 0.8]), np.array([2.0, 0.7, 3.0])


def chances(pm):
    return pm.Beta("v", A, B, shape=3)


def joined(pm, t):
    v = chances(pm)
    return t.concatenate([v, [1.0]]) * t.concatenate([[1.0], t.extra_ops.cumprod(1 - v)])


def counted_down(pm, t):
    v = chances(pm)
    left = t.extra_ops.cumprod(F(1.0) - v)
    return t.concatenate([v[:1], v[1:] * left[:-1], left[-1:]])


def joined_at_the_last_axis(pm, t):
    v = chances(pm)[None, :]
    left = t.concatenate([np.ones((1, 1)), t.extra_ops.cumprod(1 - v, axis=1)], axis=-1)
    return t.concatenate([v, np.ones((1, 1))], axis=-1) * left


def one_by_one(pm, t):
    v = chances(pm)
    left = [1 - v[i] for i in range(3)]
    return t.stack([v[0], left[0] * v[1], left[0] * left[1] * v[2], left[0] * left[1] * left[2]])


def named(pm, t):
    left = pm.Deterministic("left", 1 - chances(pm))
    v = 1 - left
    stick = t.concatenate([np.ones(1), t.extra_ops.cumprod(left)])
    return pm.Deterministic("w", t.concatenate([v, np.ones(1)]) * stick)


def in_a_row(pm, t):
    return one_by_one(pm, t)[None, :]


def tree(pm, t):
    """Left or right, and left or right again."""
    v = chances(pm)
    return t.stack([v[0] * v[1], v[0] * (1 - v[1]), (1 - v[0]) * v[2], (1 - v[0]) * (1 - v[2])])


def backwards(pm, t):
    return one_by_one(pm, t)[::-1]


COUNTS = np.bincount(LABELS, minlength=4)
BROKEN = COUNTS[:3], np.array([COUNTS[k + 1 :].sum() for k in range(3)])
UPSIDE_DOWN = COUNTS[::-1][:3], np.array([COUNTS[: 3 - k].sum() for k in range(3)])
TREE = np.array([COUNTS[:2].sum(), COUNTS[0], COUNTS[2]]), np.array([COUNTS[2:].sum(), COUNTS[1], COUNTS[3]])
# the successes and failures of each chance
STICKS = {
    joined: BROKEN, joined_at_the_last_axis: BROKEN, counted_down: BROKEN, one_by_one: BROKEN, named: BROKEN,
    in_a_row: BROKEN, tree: TREE, backwards: UPSIDE_DOWN,
}  # fmt: skip


def value(x):
    return 1 / (1 + np.exp(-x))


def check(backend, model, law, name="v"):
    """The ratio test, and the posterior as the law of scipy that it should be."""
    result = sp.conjugate_graph(model)
    assert [step.relation for step in sp.steps(result) if step.taken] == ["beta_products_reversalo"]
    evidence = assert_conditioned(backend, model, result)
    density = log_density(backend, result)
    for point in random_points(backend, result, n=3):
        v = value(point[density.names[0]])
        np.testing.assert_allclose(density(point), np.sum(law.logpdf(v) + np.log(v * (1 - v))), rtol=1e-8)
    return evidence


@pytest.mark.parametrize("build", STICKS)
def test_labels(backend, build):
    model = built(backend, lambda pm, t: pm.Categorical("y", build(pm, t), observed=LABELS))
    s, f = STICKS[build]
    evidence = check(backend, model, stats.beta(A + s, B + f))
    np.testing.assert_allclose(evidence, np.sum(betaln(A + s, B + f) - betaln(A, B)), rtol=1e-8)


@pytest.mark.parametrize("n", (0, 1))
def test_few_labels(backend, n):
    model = built(backend, lambda pm, t: pm.Categorical("y", joined(pm, t), observed=LABELS[1 : 1 + n]))
    s, f = np.array([0, 0, n]), np.array([n, n, 0])
    evidence = check(backend, model, stats.beta(A + s, B + f))
    np.testing.assert_allclose(evidence, np.sum(betaln(A + s, B + f) - betaln(A, B)), rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("prior", ("number", "uniform"))
def test_one_chance(backend, prior):
    data, alpha, beta = np.array([3, 5]), *((F(2.0), F(3.0)) if prior == "number" else (F(1.0), F(1.0)))

    def build(pm, t):
        v = pm.Beta("v", alpha, beta) if prior == "number" else pm.Uniform("v", F(0.0), F(1.0))
        pm.Multinomial("y", n=np.int64(8), p=t.stack([1 - v, v]), observed=data)

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert taken(result) == [("v", "y")]
    expected = betaln(alpha + 5, beta + 3) - betaln(alpha, beta) + gammaln(9) - gammaln(data + 1).sum()
    np.testing.assert_allclose(evidence_of(backend, result), expected, rtol=1e-8)
    density = log_density(backend, result)
    law = stats.beta(alpha + 5, beta + 3)
    for x in (-1.0, 0.3):
        v = value(x)
        np.testing.assert_allclose(density({density.names[0]: x}), law.logpdf(v) + np.log(v * (1 - v)), rtol=1e-8)


def test_an_unknown_concentration_stays(backend):
    """The evidence of the labels, for each concentration, is the potential that is left."""

    def build(pm, t):
        alpha = pm.Exponential("alpha", F(1.0))
        v = pm.Beta("v", F(1.0), alpha, shape=3)
        stick = t.concatenate([[1.0], t.extra_ops.cumprod(1 - v)])
        pm.Categorical("y", t.concatenate([v, [1.0]]) * stick, observed=LABELS)

    model = built(backend, build)
    assert_conditioned(backend, model, sp.conjugate_graph(model), n=5, spread=0.4)
    density = log_density(backend, sp.collapse_graph(model))
    [name] = density.names
    for alpha in (0.4, 1.0, 3.0):
        s, f = BROKEN
        expected = np.sum(betaln(1 + s, alpha + f) - betaln(1, alpha)) - alpha + np.log(alpha)
        np.testing.assert_allclose(density({name: np.log(alpha)}), expected, rtol=1e-8)


def not_one_in_all(pm, t):
    v = chances(pm)
    return v * t.concatenate([[1.0], t.extra_ops.cumprod(1 - v)[:-1]])


def squares(pm, t):
    v = chances(pm)
    return t.stack([v[0] * v[0], 2 * v[0] * (1 - v[0]), (1 - v[0]) * (1 - v[0])])


def normalized(pm, t):
    v = chances(pm)
    return v / t.sum(v)


def mean_of_two(pm, t):
    v = chances(pm)
    return t.stack([(v[0] + v[1]) / 2, 1 - (v[0] + v[1]) / 2])


def complement_of_a_product(pm, t):
    v = chances(pm)
    return t.stack([v[0] * v[1], 1 - v[0] * v[1]])


def batch(pm, t):
    v = chances(pm)
    return t.stack([v, 1 - v]).T


def with_another(pm, t):
    v, w = chances(pm), pm.Beta("w", F(1.0), F(2.0))
    return t.stack([v[0] * w, v[0] * (1 - w), 1 - v[0]])


NOT_PRODUCTS = "no vector of products of v"
REFUSED = {
    not_one_in_all: "does not add up to one",
    squares: NOT_PRODUCTS,
    normalized: NOT_PRODUCTS,
    mean_of_two: NOT_PRODUCTS,
    complement_of_a_product: NOT_PRODUCTS,
    batch: "a batch of vectors",
    with_another: NOT_PRODUCTS,
}


@pytest.mark.parametrize("build", REFUSED)
def test_refused_with_the_reason(backend, build):
    model = built(backend, lambda pm, t: pm.Categorical("y", build(pm, t), observed=np.array([0, 1, 0])))
    result = sp.conjugate_graph(model)
    assert result is model
    assert REFUSED[build] in reasons(result)["v", "y"]


def test_a_shared_variable_may_change(backend):
    ones = backend.shared(np.ones(3))

    def build(pm, t):
        v = pm.Beta("v", F(1.0), F(2.0))
        pm.Categorical("y", ones[:2] * t.stack([v, 1 - v]), observed=np.array([0, 1, 0]))

    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert result is model and NOT_PRODUCTS in reasons(result)["v", "y"]
