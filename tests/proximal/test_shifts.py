"""Logarithms of sums of exponentials, computed from one of the terms: read as what they are, and nothing else is."""

from importlib import import_module

import numpy as np
import pytest
from scipy.special import logsumexp

from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.proximal.shifts import without_shift


@pytest.fixture
def ops(backend):
    return import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops


@pytest.fixture
def xs(backend):
    """Four inputs."""
    return tuple(backend.tensor.dscalar(name) for name in "abcd")


def read(ops, graph):
    found = without_shift(ops, metatize(graph))
    return None if found is None else reify_many((found,))[0]


def test_two_and_more_terms(backend, ops, xs):
    t, (a, b, c, shift) = backend.tensor, xs
    values = np.random.default_rng(2).normal(scale=5.0, size=(10, 4))
    for terms in ((2 * a, b - 1), (2 * a, b - 1, -c)):
        found = read(ops, shift + t.log(sum(t.exp(x - shift) for x in terms)))
        function = backend.compile_plainly(xs, found)
        for v in values:
            assert float(function(*v)) == pytest.approx(logsumexp([2 * v[0], v[1] - 1, -v[2]][: len(terms)]), rel=1e-12)


def wrong(t, a, b, c, shift):
    """What only looks so, by name."""
    a, b, c = 2 * a, b - 1, -c
    return {
        "another term subtracted": shift + t.log(t.exp(a - shift) + t.exp(b - c)),
        "no exponential": shift + t.log(t.exp(a - shift) + (b - shift)),
        "a number beside": shift + t.log(t.exp(a - shift) + t.exp(b - shift) + 1.0),
        "one term alone": shift + t.log(t.exp(a - shift)),
        "nothing added": t.log(t.exp(a - shift) + t.exp(b - shift)),
        "subtracted": t.log(t.exp(a - shift) + t.exp(b - shift)) - shift,
        "added inside": shift + t.log(t.exp(a + shift) + t.exp(b + shift)),
        "a product": shift * t.log(t.exp(a - shift) + t.exp(b - shift)),
    }


@pytest.mark.parametrize("name", wrong(np, *np.ones(4)))
def test_what_only_looks_so(backend, ops, xs, name):
    assert read(ops, wrong(backend.tensor, *xs)[name]) is None
