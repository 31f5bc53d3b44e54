"""Log densities of large counts, and the evidence of such data, against 60 digits."""

import numpy as np
import pytest
from mpmath import log, loggamma, mpf, workdps

import symbolic_pymc as sp
from symbolic_pymc.adapter import adapter_of
from symbolic_pymc.meta import metatize, reify_many

TOLERANCE = 1e-12
F = np.float64
RATES = [1e-290, 1e-8, 0.3, 1.0, 16.5, 1e4, 1e9, 1.00003e9, 1e12]
COUNTS = [0.0, 1.0, 15.0, 16.0, 17.0, 1e4, 1e9, 1e12]
ODDS = [1e-9, 0.2, 0.5, 0.7, 1 - 2.0**-30]
TOTALS = [0.0, 1.0, 40.0, 1e6, 1e9]
SHAPES = [1e-8, 0.5, 1.0, 3.0, 1e4, 1e9]


def binomial(k, n, p):
    return loggamma(n + 1) - loggamma(k + 1) - loggamma(n - k + 1) + k * log(p) + (n - k) * log(1 - p)


def beta(x, a, b):
    return loggamma(a + b) - loggamma(a) - loggamma(b) + (a - 1) * log(x) + (b - 1) * log(1 - x)


def negative_binomial(k, n, odds):
    return loggamma(n + k) - loggamma(n) - loggamma(k + 1) - n * log(1 + odds) + k * log(odds / (1 + odds))


def gamma(x, a, b):
    return a * log(b) - loggamma(a) + (a - 1) * log(x) - b * x


# the density, and points at which it is asked for: numbers of each law that go together
DENSITIES = {
    "log_poisson": (
        lambda k, m: k * log(m) - m - loggamma(k + 1),
        [(k, m) for k in COUNTS for m in RATES],
    ),
    "log_binomial": (binomial, [(np.floor(u * n), n, p) for n in TOTALS for u in (0, 0.2, 0.5, 1) for p in ODDS]),
    "log_negative_binomial": (
        negative_binomial,
        [(k, n, odds) for k in COUNTS for n in SHAPES for odds in (1e-9, 0.5, 1.0, 1e9)],
    ),
    "log_gamma": (gamma, [(x, a, b) for x in RATES for a in SHAPES for b in (1e-8, 1.0, 1e9)]),
    "log_inverse_gamma": (
        lambda x, a, b: gamma(1 / x, a, b) - 2 * log(x),
        [(x, a, b) for x in RATES[1:] for a in SHAPES for b in (1e-8, 1.0, 1e9)],
    ),
    "log_beta": (beta, [(x, a, b) for x in ODDS for a in SHAPES for b in SHAPES]),
}


def words(backend):
    return adapter_of(backend.tensor.vector("x")).ops


def computed(backend, word, columns):
    """Return the value of a word of the vocabulary, of arrays."""
    inputs = [backend.tensor.as_tensor_variable(np.asarray(x, dtype="float64")) for x in columns]
    (result,) = reify_many((getattr(words(backend), word)(*map(metatize, inputs)),))
    return backend.compile_plainly([], result)()


@pytest.mark.parametrize("word", DENSITIES)
def test_log_densities(backend, word):
    """The error is at most some rounding of the result, and of how far the count is from its mean."""
    exact, points = DENSITIES[word]
    got = computed(backend, word, zip(*points))
    with workdps(60):
        for value, point in zip(got, points):
            right = exact(*map(mpf, point))
            assert abs(mpf(float(value)) - right) <= TOLERANCE * max(1, abs(right)), (point, value, right)


@pytest.mark.parametrize("n", [1e9, 40.0])
def test_log_densities_of_vectors(backend, n):
    a = np.array([[1.0, 0.5, 1e-3], [1e9, 2e9, 0.5]])
    x = np.array([[0.2, 0.3, 0.5], [0.333333, 0.666666, 1e-6]])
    k = np.array([[0.2 * n, 0.3 * n, 0.5 * n], [n / 4, n * 0.75, 0.0]])
    dirichlet = computed(backend, "log_dirichlet", [x, a])
    multinomial = computed(backend, "log_multinomial", [k, k.sum(axis=1), x])
    assert dirichlet.shape == multinomial.shape == (2,)
    with workdps(60):
        for i in range(2):
            p, b, counts = ([mpf(u) for u in array[i]] for array in (x, a, k))
            right = loggamma(sum(b)) + sum((u - 1) * log(v) - loggamma(u) for u, v in zip(b, p))
            # probabilities that add up to a little more or less than one are taken for shares of one
            slack = 1e-15 * float(sum(b))
            assert abs(mpf(float(dirichlet[i])) - right) <= TOLERANCE * max(1, abs(right)) + slack
            right = loggamma(sum(counts) + 1) + sum(u * log(v) - loggamma(u + 1) for u, v in zip(counts, p))
            assert abs(mpf(float(multinomial[i])) - right) <= TOLERANCE * max(1, abs(right)) + 1e-15 * n


# Evidence ---------------------------------------------------------------------------------------------------


def log_beta_function(a, b):
    return loggamma(a) + loggamma(b) - loggamma(a + b)


def of_one_chance(y, n, a, b):
    choose = loggamma(n + 1) - loggamma(y + 1) - loggamma(n - y + 1)
    return choose + log_beta_function(a + y, b + n - y) - log_beta_function(a, b)


def of_one_rate(y, n, a, b):
    """Return the log evidence of n counts y."""
    return -n * loggamma(y + 1) + loggamma(a + n * y) - loggamma(a) + a * log(b) - (a + n * y) * log(b + n)


PRIORS = [(0.5, 0.5), (1e9, 2e9), (1e9, 1e9), (3.0, 1e9), (1e-8, 1e-8)]


@pytest.mark.parametrize("y", [0, 333_333_333, 10**9])
def test_the_evidence_of_a_billion_trials(backend, y):
    for a, b in PRIORS:
        with backend.pm.Model() as model:
            backend.pm.Binomial("y", n=np.int64(10**9), p=backend.pm.Beta("p", F(a), F(b)), observed=np.int64(y))
        assert_evidence(sp.conjugate_graph(model), lambda: of_one_chance(mpf(y), mpf(10**9), mpf(a), mpf(b)))


@pytest.mark.parametrize("y", [0, 40, 10**9])
def test_the_evidence_of_a_billion_events(backend, y):
    for a, b in PRIORS:
        with backend.pm.Model() as model:
            backend.pm.Poisson("y", backend.pm.Gamma("rate", F(a), F(b)), observed=np.full(3, y))
        assert_evidence(sp.conjugate_graph(model), lambda: of_one_rate(mpf(y), 3, mpf(a), mpf(b)))


def test_the_evidence_of_three_kinds_of_events(backend):
    y, a = np.array([10**9, 7, 333_333_333]), np.array([1e9, 0.5, 3e8])
    with backend.pm.Model() as model:
        share = backend.pm.Dirichlet("share", a, shape=3)
        backend.pm.Multinomial("y", int(y.sum()), share, observed=y, shape=3)

    def exact():
        before = [mpf(u) for u in a]
        after = [u + int(v) for u, v in zip(before, y)]
        norm = [sum(map(loggamma, x)) - loggamma(sum(x)) for x in (before, after)]
        return norm[1] - norm[0] + loggamma(mpf(int(y.sum()) + 1)) - sum(loggamma(mpf(int(u) + 1)) for u in y)

    assert_evidence(sp.conjugate_graph(model), exact)


def assert_evidence(model, exact):
    with workdps(60):
        right, got = exact(), mpf(float(model.log_evidence.eval()))
        assert abs(got - right) <= 1e-10 * max(1, abs(right)), (got, right)


def test_the_evidence_of_what_cannot_be(backend):
    """Shared data that leave the support after the model was rewritten have no density."""
    y = backend.shared(np.array([3, 4]))
    with backend.pm.Model() as model:
        backend.pm.Poisson("y", backend.pm.Gamma("rate", F(2.0), F(1.0)), observed=y, shape=2)
    result = sp.conjugate_graph(model)
    assert np.isfinite(result.log_evidence.eval())
    y.set_value(np.array([3, -4]))
    assert not np.isfinite(result.log_evidence.eval())
