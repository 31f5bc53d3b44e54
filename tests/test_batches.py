"""Many draws at once: every operation gives what it gives of each draw by itself, every law draws anew."""

import numpy as np
import pytest
from scipy import stats

from symbolic_pymc import batches
from symbolic_pymc.adapter import adapter_of
from symbolic_pymc.errors import ArgumentError
from symbolic_pymc.meta import metatize, reify_many

A = np.array([[1.0, -2.0, 0.5], [0.3, 4.0, -1.0]])
N = 20_000
RNG = np.random.default_rng(1)
COLUMNS = [RNG.normal(size=shape) for shape in ((7, 3), (7, 2, 3), 7)] + [RNG.integers(0, 3, size=(7, 4))]


@pytest.fixture
def adapter(backend):
    return adapter_of(backend.tensor.vector("x"))


def inputs_of(t):
    x, B, s = t.vector("x", dtype="float64"), t.matrix("B", dtype="float64"), t.scalar("s", dtype="float64")
    return x, B, s, t.vector("i", dtype="int64")


def inverse(t):
    return (t.nlinalg if hasattr(t, "nlinalg") else t.linalg).matrix_inverse


OPERATIONS = {
    "elements": lambda t, x, B, s, i: t.exp(x) * B - s / (1 + x**2) + A,
    "a fixed factor": lambda t, x, B, s, i: np.float64(2.5) * s,
    "special functions": lambda t, x, B, s, i: t.gammaln(abs(x)) + t.switch(t.lt(x, 0), s, t.erf(x)),
    "integers": lambda t, x, B, s, i: i * 2 + t.eq(i, 1),
    "axes": lambda t, x, B, s, i: x.dimshuffle("x", 0, "x") + B.dimshuffle(0, 1, "x"),
    "transpose": lambda t, x, B, s, i: B.T + s,
    "an axis dropped": lambda t, x, B, s, i: t.sum(B, axis=1, keepdims=True)[:, 0],
    "sums": lambda t, x, B, s, i: t.sum(B) + t.sum(B, axis=0) + t.prod(x) + t.sum(i),
    "sum over the last axis": lambda t, x, B, s, i: t.sum(B, axis=-1),
    "largest": lambda t, x, B, s, i: t.max(B, axis=1) - t.min(x),
    "conditions": lambda t, x, B, s, i: t.all(t.gt(B, -1.0), axis=0),
    "inner product": lambda t, x, B, s, i: t.dot(x, x) + t.dot(x, np.ones(3)) + t.dot(A[0], x),
    "matrix and vector": lambda t, x, B, s, i: t.dot(B, x) + t.dot(A, x) + t.dot(B, A[0]),
    "vector and matrix": lambda t, x, B, s, i: t.dot(x, B.T) + t.dot(x, A.T) + t.dot(A[0], B.T),
    "matrices": lambda t, x, B, s, i: t.dot(A, B.T) + t.dot(B, A.T) + t.dot(B, B.T),
    "elements picked": lambda t, x, B, s, i: x[np.array([2, 0, 0, 1])] + x[i] + t.as_tensor_variable(A[0])[i],
    "rows picked": lambda t, x, B, s, i: B[np.array([1, 1, 0])] + B[0] + B[:, 1:][1, 0],
    "set": lambda t, x, B, s, i: t.set_subtensor(t.zeros((3,))[1:], x[:2]) + t.inc_subtensor(x[:1], s),
    "spread": lambda t, x, B, s, i: t.alloc(x, 2, 3) + t.alloc(s, 2, 3) + t.alloc(s, i.shape[0] - 2, 3),
    "a length that varies": lambda t, x, B, s, i: t.sum(t.alloc(s, t.max(i) + 1)),
    "joined": lambda t, x, B, s, i: t.concatenate([x, A[0], x[:1]]),
    "stacked": lambda t, x, B, s, i: t.stack([s, 2 * s, x[1]]),
    "cumulative": lambda t, x, B, s, i: t.cumsum(x),
    "reshaped": lambda t, x, B, s, i: B.reshape((3, 2)) + B.flatten()[:2],
    "inverse": lambda t, x, B, s, i: inverse(t)(t.dot(B, B.T) + t.eye(2)),
    "the same in all draws": lambda t, x, B, s, i: t.as_tensor_variable(A).sum(axis=1),
    "an input": lambda t, x, B, s, i: x,
}


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("memory", [batches.BYTES, 100])
def test_operations(backend, adapter, monkeypatch, name, memory):
    """In one block, and in blocks of few draws."""
    monkeypatch.setattr(batches, "BYTES", memory)
    inputs = inputs_of(backend.tensor)
    output = backend.tensor.as_tensor_variable(OPERATIONS[name](backend.tensor, *inputs))
    (values,) = adapter.compile_draws(list(inputs), [output])(COLUMNS, 7)
    (alone,) = zip(*(adapter.compile(list(inputs), [output])(*row) for row in zip(*COLUMNS)))
    assert values.dtype == output.dtype
    np.testing.assert_allclose(values, np.stack(alone), rtol=1e-12, atol=1e-12)


def test_shared_variables_are_as_they_are_now(backend, adapter):
    place, x = backend.shared(np.float64(2.0)), backend.tensor.vector("x", dtype="float64")
    draws = adapter.compile_draws([x], [backend.tensor.exp(place) * x, place + 1.0])
    for value in (1.0, 3.0):
        place.set_value(np.float64(value))
        product, alone = draws([COLUMNS[0]], 7)
        np.testing.assert_allclose(product, np.exp(value) * COLUMNS[0], rtol=1e-12)
        np.testing.assert_array_equal(alone, np.full(7, value + 1.0))


# Laws -------------------------------------------------------------------------------------------------------


def drawn(adapter, law, columns=(), inputs=(), n=N, seed=1, more=lambda x: ()):
    """Return draws of a law, and of what else is computed from it."""
    term = law(adapter.ops, *map(metatize, inputs))
    outputs = reify_many((term, *more(term)))
    return adapter.compile_draws(list(inputs), outputs)(list(columns), n, seed)


def constants(ops, *values):
    return [ops.constant(np.asarray(x, dtype="float64")) for x in values]


def assert_uniform(u):
    """Assert that numbers are uniform on (0, 1), by their empirical distribution."""
    assert stats.kstest(np.ravel(u), "uniform").pvalue > 1e-4


def test_elements_of_known_parameters(adapter):
    (x,) = drawn(adapter, lambda ops: ops.normal(*constants(ops, [0.0, 5.0], [1.0, 2.0])))
    assert x.shape == (N, 2)
    assert_uniform(stats.norm.cdf(x, [0.0, 5.0], [1.0, 2.0]))
    assert abs(np.corrcoef(x.T)[0, 1]) < 5 / np.sqrt(N)


def test_elements_of_a_parameter_that_varies(backend, adapter):
    """One parameter for each draw, the other for each element."""
    s, others = backend.tensor.scalar("s", dtype="float64"), np.array([1.0, 2.0, 4.0])
    counts = RNG.uniform(0.5, 4.0, size=N)
    (x,) = drawn(adapter, lambda ops, a: ops.beta(a, *constants(ops, others)), [counts], [s])
    assert x.shape == (N, 3)
    assert_uniform(stats.beta.cdf(x, counts[:, None], others))


def test_elements_that_a_size_repeats(backend, adapter):
    s = backend.tensor.scalar("s", dtype="float64")
    means = np.linspace(-2.0, 2.0, N)

    def law(ops, m):
        term = ops.normal(m, *constants(ops, 1.0))
        return ops.add(ops.normal(m, *constants(ops, 1.0), (2, 3)), term)

    (x,) = drawn(adapter, law, [means], [s])
    assert x.shape == (N, 2, 3)
    assert_uniform(stats.norm.cdf(x[:, 0, 1], 2 * means, np.sqrt(2.0)))
    # the term that all elements have in common
    assert abs(np.cov(x[:, 0, 0] - 2 * means, x[:, 1, 2] - 2 * means)[0, 1] - 1.0) < 5 * np.sqrt(5 / N)


def test_normal_vectors(backend, adapter):
    m, B = backend.tensor.vector("m", dtype="float64"), backend.tensor.matrix("B", dtype="float64")
    means, roots = RNG.normal(size=(N, 2)), RNG.normal(size=(N, 2, 2)) + 2 * np.eye(2)
    (x,) = drawn(adapter, lambda ops, *p: ops.mvnormal(*p), [means, roots @ roots.swapaxes(1, 2)], [m, B])
    standard = np.linalg.solve(roots, (x - means)[..., None])[..., 0]
    assert_uniform(stats.norm.cdf(standard))
    assert abs(np.corrcoef(standard.T)[0, 1]) < 5 / np.sqrt(N)


def test_normal_vectors_of_known_parameters(adapter):
    cov = np.array([[4.0, -3.0], [-3.0, 9.0]])
    (x,) = drawn(adapter, lambda ops: ops.mvnormal(*constants(ops, [1.0, 2.0], cov)))
    assert np.all(abs(x.mean(axis=0) - [1.0, 2.0]) < 5 * np.sqrt(np.diag(cov) / N))
    error = np.sqrt((np.outer(np.diag(cov), np.diag(cov)) + cov**2) / N)
    assert np.all(abs(np.cov(x.T) - cov) < 5 * error)


def test_normal_vectors_of_a_singular_covariance(adapter):
    (x,) = drawn(adapter, lambda ops: ops.mvnormal(*constants(ops, [1.0, 2.0], [[1.0, 2.0], [2.0, 4.0]])))
    np.testing.assert_allclose(x[:, 1] - 2.0, 2 * (x[:, 0] - 1.0), atol=1e-7)
    assert_uniform(stats.norm.cdf(x[:, 0], 1.0))


def test_a_covariance_that_is_none(adapter):
    with pytest.raises(ArgumentError, match="is not positive semidefinite"):
        drawn(adapter, lambda ops: ops.mvnormal(*constants(ops, [1.0, 2.0], [[1.0, 2.0], [2.0, 1.0]])))


def test_vectors_drawn_one_by_one(backend, adapter):
    a = backend.tensor.vector("a", dtype="float64")
    counts = RNG.uniform(0.5, 4.0, size=(N, 3))
    (x,) = drawn(adapter, lambda ops, a: ops.dirichlet(a), [counts], [a])
    np.testing.assert_allclose(x.sum(axis=1), 1.0, rtol=1e-9)
    assert_uniform(stats.beta.cdf(x[:, 0], counts[:, 0], counts[:, 1:].sum(axis=1)))


def test_numbers_by_a_vector_that_varies(backend, adapter):
    p = backend.tensor.vector("p", dtype="float64")
    weights = RNG.dirichlet(np.ones(3), size=N)
    (x,) = drawn(adapter, lambda ops, p: ops.categorical(p), [weights], [p])
    assert x.shape == (N,) and x.dtype.kind == "i"
    for k in range(3):
        v = np.sum(weights[:, k] * (1 - weights[:, k]))
        assert abs(np.sum(x == k) - weights[:, k].sum()) < 5 * np.sqrt(v)


def test_matrices_drawn_one_by_one(adapter):
    (x,) = drawn(adapter, lambda ops: ops.wishart(*constants(ops, 5.0, np.eye(2))), n=4000)
    assert x.shape == (4000, 2, 2)
    assert_uniform(stats.chi2.cdf(x[:, 0, 0], 5))


def test_draws_of_draws(adapter):
    """Levels of one another, and what is computed from both."""

    def law(ops):
        return ops.normal(*constants(ops, 1.0, 2.0))

    def more(term):
        ops = adapter.ops
        child = ops.normal(term, *constants(ops, [0.5, 3.0]))
        return child, ops.sub(child, term)

    mu, x, difference = drawn(adapter, law, more=more)
    np.testing.assert_array_equal(x - mu[:, None], difference)
    assert_uniform(stats.norm.cdf(mu, 1.0, 2.0))
    assert_uniform(stats.norm.cdf(difference, 0.0, [0.5, 3.0]))
    assert abs(np.corrcoef(mu, difference[:, 0])[0, 1]) < 5 / np.sqrt(N)


def test_blocks_and_seeds(adapter, monkeypatch):
    """Draws of different blocks are independent, a seed makes all of them anew."""
    monkeypatch.setattr(batches, "BYTES", 8 * 100)

    def draws(seed):
        return drawn(adapter, lambda ops: ops.normal(*constants(ops, 0.0, 1.0)), n=2001, seed=seed)[0]

    first, same, other = draws(3), draws(3), draws(4)
    np.testing.assert_array_equal(first, same)
    assert len(set(np.r_[first, other])) == 4002
    assert_uniform(stats.norm.cdf(first))
    assert abs(np.corrcoef(first[1:-100], first[101:])[0, 1]) < 5 / np.sqrt(1900)
