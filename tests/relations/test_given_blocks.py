"""Normal vectors given some of their elements: the joint density without that of the block, according to scipy."""

from importlib import import_module

import numpy as np
import pytest
from kanren.core import fail
from scipy import linalg, stats

import symbolic_pymc as sp
from symbolic_pymc.parts import graph_parts
from tests.families import Double, density_of, draws

MU = np.array([0.5, -1.0, 2.0, 0.3])
ROOT = np.random.default_rng(5).normal(size=(4, 7))
COV = ROOT @ ROOT.T
# a ring of four neighbours
FIELD = 1.3 * (2.0 * np.eye(4) - 0.9 * (np.eye(4, k=1) + np.eye(4, k=-1) + np.eye(4, k=3) + np.eye(4, k=-3)))
X = np.array([0.1, 0.7, -0.4, 1.9])


def rewritten(backend, build, block, values):
    """Return a model, and the same with `x` given a block of it."""
    module = import_module(f"symbolic_pymc.relations.{backend.name}.distributions")
    with backend.pm.Model() as model:
        build(Double(backend.pm))
    known = module.given_blocko.args[0].constant(values) if isinstance(values, np.ndarray) else sp.metatize(values)

    def given_blocko(x, y):  # of that vector alone: the rest of it is a vector, too
        return module.given_blocko(x, block, known, y) if getattr(x, "name", None) == "x" else fail

    return model, sp.rewrite_graph(model, given_blocko)


SPELLINGS = {
    "covariance": (lambda pm: pm.MvNormal("x", MU, cov=COV, shape=4), COV),
    "factor": (lambda pm: pm.MvNormal("x", MU, chol=np.linalg.cholesky(COV), shape=4), COV),
    "precision": (lambda pm: pm.MvNormal("x", MU, tau=FIELD, shape=4), linalg.inv(FIELD)),
}


@pytest.mark.parametrize("block", [[1], [3, 0], [0, 1, 2], [2, 3, 1]])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_density_given_a_block(backend, spelling, block):
    build, cov = SPELLINGS[spelling]
    _, result = rewritten(backend, build, block, X[block])
    assert [step.variables for step in sp.steps(result)] == [("x",)]
    rest = np.setdiff1d(np.arange(4), block)
    of_block = stats.multivariate_normal(MU[block], cov[np.ix_(block, block)]).logpdf(X[block])
    expected = stats.multivariate_normal(MU, cov).logpdf(X) - of_block
    np.testing.assert_allclose(density_of(backend, result, "x_rest", X[rest]), expected, rtol=1e-8)
    z, x = draws(backend, result, ["x_rest", "x"])
    np.testing.assert_array_equal(x[block], X[block])
    np.testing.assert_array_equal(x[rest], z)


def test_a_field_has_the_conditionals_of_its_neighbours(backend):
    """The precision is what it takes: no inverse of the whole of it, but of one number."""
    _, result = rewritten(backend, SPELLINGS["precision"][0], [1, 2, 3], X[1:])
    module = import_module(f"symbolic_pymc.{backend.name}.{backend.pm.__name__}")
    mean = MU[0] + 0.9 / 2.0 * (X[1] - MU[1] + X[3] - MU[3])
    law = stats.norm(mean, (1.3 * 2.0) ** -0.5)
    np.testing.assert_allclose(density_of(backend, result, "x_rest", X[:1]), law.logpdf(X[0]), rtol=1e-10)
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    parts = graph_parts(*(sp.metatize(v) for v in module.model_graph(result).outputs))
    inverses = [x for x in parts if ops.kind_of(x) == "inverse"]
    assert inverses and not any(ops.static_length(x.rands[0]) == 4 for x in inverses)


def test_values_that_change_and_one_for_all(backend):
    """A shared variable stands for values to come, one number for all of the block; the density follows it."""
    values = backend.shared(np.array([0.3, -0.2]), name="values")
    _, result = rewritten(backend, SPELLINGS["covariance"][0], [0, 2], values)
    for known in ([0.3, -0.2], [4.0, 5.0]):
        values.set_value(np.array(known))
        assert draws(backend, result, ["x"])[0][[0, 2]].tolist() == known
    _, result = rewritten(backend, SPELLINGS["covariance"][0], [0, 2], np.array(1.5))
    assert draws(backend, result, ["x"])[0][[0, 2]].tolist() == [1.5, 1.5]


def test_an_unknown_mean_stays_its_parent(backend):
    """p(m) p(x | m) = p(m) p(x_b | m) p(x_r | x_b, m): the rest depends on it."""

    def build(pm):
        m = pm.Normal("m", 0.0, sigma=2.0)
        pm.MvNormal("x", m * np.ones(4), cov=COV, shape=4)

    _, result = rewritten(backend, build, [0, 2], X[[0, 2]])
    assert {v.name for v in result.unobserved_RVs} >= {"m", "x_rest", "x"}


REFUSED = {
    "no element": ([], X[:0]),
    "all elements": ([0, 1, 2, 3], X),
    "one twice": ([1, 1], X[:2]),
    "beyond the end": ([4], X[:1]),
    "from the end": ([-1], X[:1]),
    "fractions": ([0.5], X[:1]),
    "too few values": ([0, 1], X[:1]),
    "too many values": ([0], X[:2]),
    "a matrix of values": ([0, 1], np.ones((2, 2))),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_block(backend, name):
    model, result = rewritten(backend, SPELLINGS["covariance"][0], *REFUSED[name])
    assert result is model


OTHERS = {
    "independent": lambda pm: pm.Normal("x", MU, sigma=1.0, shape=4),
    "student": lambda pm: pm.MvStudentT("x", 5.0, mu=MU, **{_scale(pm): COV}, shape=4),
    "a batch": lambda pm: pm.MvNormal("x", MU, cov=COV, shape=(3, 4)),
}


def _scale(pm):
    return "scale" if pm.pm.__name__ == "pymc" else "cov"


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_left_alone(backend, name):
    model, result = rewritten(backend, OTHERS[name], [1], X[:1])
    assert result is model


def test_values_computed_from_the_vector_itself(backend):
    module = import_module(f"symbolic_pymc.{backend.name}.{backend.pm.__name__}")
    relations = import_module(f"symbolic_pymc.relations.{backend.name}.distributions")
    with backend.pm.Model() as model:
        SPELLINGS["covariance"][0](Double(backend.pm))
    (x,) = (sp.metatize(v) for v in module.model_graph(model).outputs)
    ops = relations.given_blocko.args[0]
    goal = relations.given_blocko(x, [1], ops.take_rows(x, ops.constant(np.array([0]))), x)
    assert list(goal({})) == []
