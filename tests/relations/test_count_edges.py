"""Numbers of things of which some were seen: what was not, and the law of what was, against sums over all numbers."""

from functools import partial
from importlib import import_module

import numpy as np
import pytest
from kanren import run
from scipy import stats
from scipy.special import logsumexp
from unification import var

import symbolic_pymc as sp
from symbolic_pymc.meta import settle_graph
from symbolic_pymc.relations.count_edges import COUNTS, thinned_count_reversalo
from symbolic_pymc.relations.laws import law
from tests.densities import evidence_of, log_density
from tests.families import density_of
from tests.relations.test_flat_edges import F, built, reasons, taken
from tests.test_recovery import recovered

MANY = np.arange(400)
SIZE = np.int64(20)


def binomial(pm, n, data):
    pm.Binomial("y", n=n, p=F(0.4), observed=data)


def drawn(pm, n, data):
    pm.HyperGeometric("y", N=SIZE, k=n, n=np.int64(7), observed=data)


def log_seen(n, y):
    return stats.binom(n, 0.4).logpmf(y)


def log_drawn(n, y):
    return stats.hypergeom(20, n, 7).logpmf(y)


# name: the number, its law, the data given it and their density, the law of what is not seen given y
PAIRS = {
    "poisson": (
        lambda pm, **k: pm.Poisson("N", F(9.0), **k), stats.poisson(9), binomial, log_seen,
        lambda y: stats.poisson(9 * 0.6),
    ),
    "binomial": (
        lambda pm, **k: pm.Binomial("N", n=SIZE, p=F(0.7), **k), stats.binom(20, 0.7), binomial, log_seen,
        lambda y: stats.binom(20 - y, 0.7 * 0.6 / (1 - 0.7 * 0.4)),
    ),
    "negative binomial": (
        lambda pm, **k: pm.NegativeBinomial("N", n=F(2.5), p=F(0.3), **k), stats.nbinom(2.5, 0.3), binomial, log_seen,
        lambda y: stats.nbinom(2.5 + y, 1 - 0.7 * 0.6),
    ),
    "negative binomial by its mean": (
        lambda pm, **k: pm.NegativeBinomial("N", mu=F(6.0), alpha=F(2.0), **k), stats.nbinom(2, 0.25), binomial,
        log_seen,
        lambda y: stats.nbinom(2 + y, 1 - 0.75 * 0.6),
    ),
    "binomial, drawn": (
        lambda pm, **k: pm.Binomial("N", n=SIZE, p=F(0.7), **k), stats.binom(20, 0.7), drawn, log_drawn,
        lambda y: stats.binom(13, 0.7),
    ),
    "beta-binomial, drawn": (
        lambda pm, **k: pm.BetaBinomial("N", alpha=F(2.0), beta=F(3.0), n=SIZE, **k), stats.betabinom(20, 2, 3), drawn,
        log_drawn, lambda y: stats.betabinom(13, 2 + y, 3 + 7 - y),
    ),
}  # fmt: skip


@pytest.mark.parametrize("data", (0, 3, np.array([3]), np.array([2, 0, 5]), np.array([[1, 4], [2, 2]])))
@pytest.mark.parametrize("name", PAIRS)
def test_what_was_not_seen_and_the_evidence(backend, name, data):
    prior, law, given, log_given, rest = PAIRS[name]
    data = np.asarray(data)
    model = built(backend, lambda pm, t: given(pm, prior(pm, shape=data.shape), data))
    result = sp.conjugate_graph(model)
    assert [step.relation for step in sp.steps(result)] == ["thinned_count_reversalo"]
    assert [v.name for v in result.deterministics] == ["N"]
    values = np.resize([0, 1, 3, 6], data.shape)
    got = np.sum(density_of(backend, result, "N_unseen", values))
    np.testing.assert_allclose(got, np.sum(rest(data).logpmf(values)), rtol=1e-7, atol=1e-12)
    with np.errstate(divide="ignore", invalid="ignore"):
        joints = (law.logpmf(MANY) + log_given(MANY, y) for y in data.ravel())
        expected = sum(logsumexp(np.nan_to_num(joint, nan=-np.inf)) for joint in joints)
    np.testing.assert_allclose(evidence_of(backend, result), expected, rtol=1e-7, atol=1e-12)


# parameters of the number, as `laws` calls them, and of the data given it, and both laws in scipy
BINOMIAL = {"p": 0.4}, lambda n: stats.binom(n, 0.4)
DRAWN = {"N": SIZE, "n": np.int64(7)}, lambda n: stats.hypergeom(20, n, 7)
ROWS = {
    ("poisson", "binomial", "n"): ({"mu": 9.0}, stats.poisson(9), *BINOMIAL),
    ("binomial", "binomial", "n"): ({"n": SIZE, "p": 0.7}, stats.binom(20, 0.7), *BINOMIAL),
    ("negativebinomial", "binomial", "n"): ({"n": 2.5, "p": 0.3}, stats.nbinom(2.5, 0.3), *BINOMIAL),
    ("binomial", "hypergeometric", "k"): ({"n": SIZE, "p": 0.7}, stats.binom(20, 0.7), *DRAWN),
    ("betabinomial", "hypergeometric", "k"): (
        {"n": SIZE, "alpha": 2.0, "beta": 3.5},
        stats.betabinom(20, 2, 3.5),
        *DRAWN,
    ),
}


def test_every_row_is_here():
    assert set(ROWS) == set(COUNTS)


@pytest.mark.parametrize("names", ROWS)
def test_both_factorisations_of_the_joint_law(backend, names):
    """p(N) p(y | N) = p(y) p(N - y | y), with p(N) and p(y | N) those of scipy."""
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    density_of_draw = import_module(f"symbolic_pymc.{backend.name}.adapter").ADAPTER.log_density
    numbers, exact, others, given = ROWS[names]
    n, y = (x.ravel() for x in np.meshgrid(np.arange(7, 13), np.arange(5), indexing="ij"))
    seen = ops.constant(y)
    p, q = ({key: ops.like(ops.constant(x), seen) for key, x in values.items()} for values in (numbers, others))
    relation, found = partial(thinned_count_reversalo, ops, COUNTS[names], p, q, seen), var()
    prior = law(ops, names[0], *p.values())
    ((rest, marginal),) = run(0, found, relation(prior, found))
    pairs = [(marginal, y), (rest, n - y)]
    densities = [density_of_draw(settle_graph(x).reify(), ops.constant(value).reify()) for x, value in pairs]
    total = sum(backend.compile_plainly([], densities)())
    np.testing.assert_allclose(total, exact.logpmf(n) + given(n).logpmf(y), rtol=1e-7)


@pytest.mark.parametrize("name", PAIRS)
def test_the_number_is_what_was_seen_and_the_rest(backend, name):
    prior, _, given, _, _ = PAIRS[name]
    data = np.array([2, 0, 5])
    result = sp.conjugate_graph(built(backend, lambda pm, t: given(pm, prior(pm, shape=3), data)))
    if backend.name == "theano":
        function = backend.compile_plainly(result.free_RVs, result["N"])
    else:
        function = backend.compile_plainly(result.value_vars, result.replace_rvs_by_values([result["N"]])[0])
    np.testing.assert_array_equal(function(np.array([1, 4, 0])), [3, 4, 5])


def thinned_poisson(pm, t):
    n = pm.Poisson("N", F(2.0) * pm.Gamma("theta", F(2.0), F(3.0)), shape=3)
    pm.Binomial("y", n=n, p=np.array([0.4, 0.2, 0.9]), observed=np.array([2, 0, 5]))


def thinned_binomial(pm, t):
    n = pm.Binomial("N", n=SIZE, p=pm.Beta("theta", F(2.0), F(3.0)), shape=3)
    pm.HyperGeometric("y", N=SIZE, k=n, n=np.int64(7), observed=np.array([2, 0, 5]))


def log_poisson(x):
    prior = stats.gamma(2, scale=1 / 3).logpdf(x)
    return prior + stats.poisson(2 * x * np.array([0.4, 0.2, 0.9])).logpmf([2, 0, 5]).sum()


def log_binomial(x):
    return stats.beta(2, 3).logpdf(x) + stats.binom(7, x).logpmf([2, 0, 5]).sum()


# the model; the joint density of theta and the data without N; theta and the log slope at a point of PyMC's
TWO_LEVELS = {
    thinned_poisson: (log_poisson, lambda x: (np.exp(x), x)),
    thinned_binomial: (log_binomial, lambda x: (1 / (1 + np.exp(-x)), -x - 2 * np.log1p(np.exp(-x)))),
}


@pytest.mark.parametrize("build", TWO_LEVELS)
def test_a_law_of_the_number_that_is_unknown_has_its_closed_form_then(backend, build):
    model, (log_joint, at) = built(backend, build), TWO_LEVELS[build]
    result = sp.marginalize_graph(model, ["N"])
    density = log_density(backend, result)
    [name] = density.names
    for x in (-0.7, 0.2):
        theta, slope = at(x)
        np.testing.assert_allclose(density({name: np.array(x)}) - slope, log_joint(theta), rtol=1e-7)
    whole = sp.conjugate_graph(model)
    assert taken(whole) == [("N", "y"), ("theta", "y")]


# a number, and the law of what is left of it when each thing is seen with a chance
NEVER_SEEN = {
    "poisson": (lambda pm, **k: pm.Poisson("N", F(9.0), **k), lambda chance: stats.poisson(9 * chance)),
    "binomial": (lambda pm, **k: pm.Binomial("N", n=SIZE, p=F(0.7), **k), lambda chance: stats.binom(20, 0.7 * chance)),
}


@pytest.mark.parametrize("shape", [(), (3,)])
@pytest.mark.parametrize("name", NEVER_SEEN)
def test_a_number_that_was_never_seen_itself(backend, name, shape):
    """Counts between: what is drawn of N is unknown, too."""
    number, law = NEVER_SEEN[name]
    data, values = np.array([2, 0, 5])[: shape[0] if shape else 1].reshape(shape), np.resize([3, 1, 6], shape)

    def build(pm, t):
        m = pm.Binomial("M", n=number(pm, shape=shape), p=F(0.5), shape=shape)
        pm.Binomial("y", n=m, p=F(0.4), observed=data)

    result = sp.marginalize_graph(built(backend, build), ["N"])
    assert taken(result) == [("N", "M")]
    np.testing.assert_allclose(density_of(backend, result, "M", values), law(0.5).logpmf(values), rtol=1e-7)
    both = sp.collapse_graph(built(backend, build))
    np.testing.assert_allclose(evidence_of(backend, both), law(0.2).logpmf(data).sum(), rtol=1e-7)


def test_a_number_seen_otherwise_is_summed_over(backend):
    """Two looks at one binomial number, or one at twice the number, have no name for their law, but a finite sum."""
    n = np.arange(21)

    def twice(pm, t):
        number = pm.Binomial("N", n=SIZE, p=F(0.7))
        pm.Binomial("y", n=2 * number, p=F(0.4), observed=np.int64(9))

    def two_looks(pm, t):
        number = pm.Binomial("N", n=SIZE, p=F(0.7))
        pm.Binomial("y", n=number, p=F(0.4), observed=np.int64(3))
        pm.Binomial("z", n=number, p=F(0.2), observed=np.int64(1))

    seen = stats.binom(2 * n, 0.4).logpmf(9), stats.binom(n, 0.4).logpmf(3) + stats.binom(n, 0.2).logpmf(1)
    for build, log_seen_given in zip((twice, two_looks), seen):
        result = sp.collapse_graph(built(backend, build))
        expected = logsumexp(stats.binom(20, 0.7).logpmf(n) + log_seen_given)
        np.testing.assert_allclose(evidence_of(backend, result), expected, rtol=1e-7)


def test_numbers_are_drawn_back(backend):
    """What is drawn is what was not seen, and what was seen is added."""

    def build(pm, t):
        pm.Binomial("y", n=pm.Poisson("N", F(9.0), shape=2), p=F(0.4), observed=np.array([2, 5]))

    draws = recovered(backend, build, draws=4000, random_seed=3)["N"]
    unseen = draws - np.array([2, 5])
    assert unseen.min() >= 0 and np.all(np.abs(unseen.mean(axis=0) - 5.4) < 5 * np.sqrt(5.4 / 4000))
    assert np.all(np.abs(unseen.var(axis=0) - 5.4) < 0.8)


def shared(pm, t):
    binomial(pm, pm.Poisson("N", F(9.0)), np.array([2, 0, 5]))


def more_than_it(pm, t):
    binomial(pm, pm.Poisson("N", F(9.0)) + 1, 3)


def chosen(pm, t):
    binomial(pm, pm.Poisson("N", F(9.0), shape=3)[np.array([0, 0, 1])], np.array([2, 0, 5]))


def in_the_chance_too(pm, t):
    n = pm.Poisson("N", F(9.0))
    pm.Binomial("y", n=n, p=F(1.0) / (n + F(1.0)), observed=3)


def another_size(pm, t):
    drawn(pm, pm.BetaBinomial("N", alpha=F(2.0), beta=F(3.0), n=np.int64(19)), 3)


def number_drawn(pm, t):
    n = pm.Binomial("N", n=SIZE, p=F(0.5))
    pm.HyperGeometric("y", N=SIZE, k=np.int64(9), n=n, observed=3)


REFUSED = {
    shared: "one for each datum",
    more_than_it: "not as it is",
    chosen: "one for each datum",
    in_the_chance_too: "also appears in the p",
}


@pytest.mark.parametrize("build", REFUSED)
def test_refused_with_the_reason(backend, build):
    model = built(backend, build)
    result = sp.conjugate_graph(model)
    assert result is model
    assert REFUSED[build] in reasons(result)["N", "y"]


@pytest.mark.parametrize("build", [another_size, number_drawn])
def test_a_number_without_a_row_is_summed_over(backend, build):
    """p(N) p(y | N) = p(y) p(N | y) for every N, by the densities of the backend."""
    result = sp.conjugate_graph(model := built(backend, build))
    assert [step.relation for step in sp.steps(result)] == ["enumerate_values"] and not result.observed_RVs
    joint, posterior = log_density(backend, model), log_density(backend, result)
    evidence = evidence_of(backend, result)
    values = [(joint({"N": n}), posterior({"N": n})) for n in np.arange(20)]
    for old, new in values:
        assert old == new == -np.inf or old == pytest.approx(evidence + new, rel=1e-6)
    assert sum(old > -np.inf for old, _ in values) > 5


def test_a_second_look_at_what_is_left_stays(backend):
    def build(pm, t):
        n = pm.Poisson("N", F(9.0))
        pm.Binomial("y", n=n, p=F(0.4), observed=3)
        pm.Binomial("z", n=n, p=F(0.2), observed=1)

    result = sp.conjugate_graph(built(backend, build))
    assert len(taken(result)) == 1
    density = log_density(backend, result)
    [name] = density.names
    expected = [stats.poisson(9).logpmf(n) + log_seen(n, 3) + stats.binom(n, 0.2).logpmf(1) for n in (4, 7)]
    got = [density({name: np.array(n - (3 if taken(result)[0][1] == "y" else 1))}) for n in (4, 7)]
    np.testing.assert_allclose(np.array(got) + evidence_of(backend, result), expected, rtol=1e-7)
