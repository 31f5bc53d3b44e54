"""Vectors given their sum: the joint density without that of the sum, according to scipy."""

from importlib import import_module

import numpy as np
import pytest
from kanren import run
from scipy import stats
from unification import var

import symbolic_pymc as sp
from tests.families import Double, density_of, draws

A = np.array([0.7, 2.0, 1.3])
COUNTS = np.array([2, 0, 3])
PARTS = np.array([0.4, 1.1, 0.5])
TRIALS = np.array([6, 4])


def rewritten(backend, build, total):
    """Return a model, and the same with `x` given that it sums to a number or to a variable of that name."""
    module = import_module(f"symbolic_pymc.relations.{backend.name}.distributions")
    with backend.pm.Model() as model:
        build(Double(backend.pm))
    amount = module.given_sumo.args[0].constant(total) if isinstance(total, (int, float)) else sp.metatize(total)
    return model, sp.rewrite_graph(model, relation(module, amount))


def relation(module, total):
    """Return the relation of draws to themselves given one total."""

    def given_sumo(x, y):
        return module.given_sumo(x, total, y)

    return given_sumo


ROWS = {
    "poisson": (lambda pm: pm.Poisson("x", A, shape=3), "x", COUNTS, stats.poisson(A), stats.poisson(A.sum())),
    "gamma": (
        lambda pm: pm.Gamma("x", A, 2.5, shape=3),
        "x_share",
        PARTS,
        stats.gamma(A, scale=0.4),
        stats.gamma(A.sum(), scale=0.4),
    ),
    "exponential": (
        lambda pm: pm.Exponential("x", 2.5, shape=3),
        "x_share",
        PARTS,
        stats.expon(scale=0.4 * np.ones(3)),
        stats.gamma(3, scale=0.4),
    ),
    "negativebinomial": (
        lambda pm: pm.NegativeBinomial("x", mu=A * 1.5, alpha=A, shape=3),
        "x",
        COUNTS,
        stats.nbinom(A, 0.4),
        stats.nbinom(A.sum(), 0.4),
    ),
    "binomial": (
        lambda pm: pm.Binomial("x", TRIALS, 0.3, shape=2),
        "x_first",
        np.array([4, 1]),
        stats.binom(TRIALS, 0.3),
        stats.binom(10, 0.3),
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_density_given_the_sum(backend, name):
    build, drawn, value, parts, whole = ROWS[name]
    total = value.sum().item()
    model, result = rewritten(backend, build, total)
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    if name == "negativebinomial" and "dirichletmultinomial" not in ops.rows:  # PyMC's is a graph of its own
        assert result is model and backend.name == "pytensor"
        return
    assert [step.variables for step in sp.steps(result)] == [("x",)]
    if drawn == "x_share":
        expected = parts.logpdf(value).sum() - whole.logpdf(total) + 2 * np.log(total)
        value = value / total
    else:
        expected = parts.logpmf(value).sum() - whole.logpmf(total)
        value = value[0] if drawn == "x_first" else value
    np.testing.assert_allclose(density_of(backend, result, drawn, value), expected, rtol=1e-8)
    for seed in range(3):
        (x,) = draws(backend, result, ["x"], seed=seed)
        assert x.shape == (len(A) if name != "binomial" else 2,)
        assert x.sum() == pytest.approx(total, rel=1e-12) and np.all(x >= 0)
        if drawn == "x_first":
            first, x = draws(backend, result, [drawn, "x"], seed=seed)
            assert first == x[0]


@pytest.mark.parametrize("size", [1e-9, 1.0, 1e9])
def test_rates_are_one_up_to_rounding(backend, size):
    for apart, is_one in ((2 * np.finfo(float).eps, True), (1e-12, False)):
        rates = size * np.array([1.0, 1.0 + apart, 1.0])
        model, result = rewritten(backend, lambda pm, rates=rates: pm.Gamma("x", A, rates, shape=3), 5)
        assert (result is not model) == is_one


def test_the_total_may_be_a_shared_variable(backend):
    total = backend.shared(np.int64(5), name="total")
    _, result = rewritten(backend, ROWS["poisson"][0], total)
    for n in (5, 11):
        total.set_value(np.int64(n))
        assert draws(backend, result, ["x"])[0].sum() == n


OTHERS = {
    "gammas of several rates": lambda pm: pm.Gamma("x", 1.5, A, shape=3),
    "exponentials of several rates": lambda pm: pm.Exponential("x", A, shape=3),
    "binomials of several probabilities": lambda pm: pm.Binomial("x", 4, np.array([0.3, 0.6]), shape=2),
    "three binomials": lambda pm: pm.Binomial("x", 4, 0.3, shape=3),
    "negative binomials of several probabilities": lambda pm: pm.NegativeBinomial("x", mu=2.0, alpha=A, shape=3),
    "a number": lambda pm: pm.Poisson("x", 2.0),
    "a matrix": lambda pm: pm.Poisson("x", A, shape=(2, 3)),
    "uniform variables": lambda pm: pm.Uniform("x", 0.0, 1.0, shape=3),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_has_no_such_law_is_left_as_it_is(backend, name):
    model, result = rewritten(backend, OTHERS[name], 5)
    assert result is model


def test_a_total_of_the_vector_itself_is_none(backend):
    """What depends on the vector is no known sum of it."""
    module = import_module(f"symbolic_pymc.relations.{backend.name}.distributions")
    with backend.pm.Model() as model:
        backend.pm.Poisson("x", A, shape=3)
    graph = import_module(f"symbolic_pymc.{backend.name}.{backend.pm.__name__}").model_graph(model)
    (node,) = backend.draws(*graph.outputs)
    x, total, q = sp.metatize(node.outputs[1]), sp.metatize(backend.tensor.sum(node.outputs[1])), var()
    assert not run(1, q, module.given_sumo(x, total, q))
    assert run(1, q, module.given_sumo(x, sp.metatize(backend.tensor.constant(5)), q))
