"""Ranges of terms: no value of the inputs leads out of them, and signs and ends are as sharp as the rules say."""

from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.relations.ranges import ANY, POSITIVE, Range, _clip, range_of

ENDS = st.one_of(st.just(-np.inf), st.just(np.inf), st.just(0.0), st.integers(-16, 16).map(lambda i: i / 4))
NUMBERS = st.floats(-4.0, 4.0)
ONE_ARGUMENT = {
    "exp": np.exp, "neg": np.negative, "reciprocal": lambda x: 1 / x, "sqr": np.square, "abs": np.abs, "log": np.log,
    "log1p": np.log1p, "sqrt": np.sqrt, "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "sign": np.sign,
    "softplus": lambda x: np.log1p(np.exp(x)),
}  # fmt: skip
TWO_ARGUMENTS = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "true_div": np.divide, "pow": np.power}


def vocabulary(backend):
    return import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops


def expressions(ops, x):
    """Return a strategy of expressions of `x`: pairs of a term and the function of a number that it is."""
    leaves = st.one_of(
        st.just((x, lambda v: v)), NUMBERS.map(lambda c: (ops.constant(np.float64(c)), lambda v: np.float64(c)))
    )

    def one(name, inner):
        return getattr(ops, name)(inner[0]), lambda v: ONE_ARGUMENT[name](inner[1](v))

    def two(name, a, b):
        return getattr(ops, name)(a[0], b[0]), lambda v: TWO_ARGUMENTS[name](a[1](v), b[1](v))

    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(one, st.sampled_from(sorted(ONE_ARGUMENT)), inner),
            st.builds(two, st.sampled_from(sorted(TWO_ARGUMENTS)), inner, inner),
        ),
        max_leaves=6,
    )


@settings(max_examples=300, deadline=None)
@given(data=st.data(), v=NUMBERS)
def test_no_value_is_out_of_range(backend, data, v):
    ops = vocabulary(backend)
    x = metatize(backend.tensor.scalar("x", dtype="float64"))
    term, function = data.draw(expressions(ops, x))
    found = range_of(ops, term)
    with np.errstate(all="ignore"):
        value = function(np.float64(v))
    slack = 1e-9 * max(1.0, abs(value)) if np.isfinite(value) else 0.0
    assert np.isnan(value) or found.low - slack <= value <= found.high + slack


def ranges():
    def of(a, b, above, below):
        return Range(min(a, b), max(a, b), *((above, below) if a != b else (False, False)))

    return st.builds(of, ENDS, ENDS, st.booleans(), st.booleans())


def members(r):
    """Return some numbers of a range, its ends where they belong to it."""
    inner = np.clip(np.r_[0.0, np.linspace(max(r.low, -1e3), min(r.high, 1e3), 5)], r.low, r.high)
    return [v for v in (*inner, r.low, r.high) if r.has(v)]


@settings(max_examples=300, deadline=None)
@given(ranges(), ranges())
def test_sums_and_products_keep_their_members(a, b):
    for u in members(a):
        for v in members(b):
            with np.errstate(all="ignore"):
                total, product, quotient = np.add(u, v), np.multiply(u, v), np.divide(u, v)
            assert np.isnan(total) or (a + b).has(total)
            assert np.isnan(product) or (a * b).has(product)
            shared = a * b.reciprocal()
            near = np.clip(quotient, shared.low, shared.high)  # a quotient may be rounded otherwise than a product
            assert np.isnan(quotient) or b.sign is None or near == pytest.approx(quotient, rel=1e-12)
            assert (a | b).has(u) and (a | b).has(v) and (-a).has(-u)


SHARP = {
    "a chance": (lambda o, x: o.sigmoid(x), Range(0.0, 1.0, True, True)),
    "what is left of a chance": (lambda o, x: o.sub(o.constant(1.0), o.sigmoid(x)), Range(0.0, 1.0, True, True)),
    "the logarithm of a chance": (lambda o, x: o.log(o.sigmoid(x)), Range(-np.inf, 0.0, True, True)),
    "that of its rest": (lambda o, x: o.log1p(o.neg(o.sigmoid(x))), Range(-np.inf, 0.0, True, True)),
    "between two ends": (
        lambda o, x: o.add(o.constant(0.5), o.mul(o.constant(4.0), o.sigmoid(x))), Range(0.5, 4.5, True, True),
    ),
    "a rate": (lambda o, x: o.reciprocal(o.exp(x)), POSITIVE),
    "a power": (lambda o, x: o.pow(o.exp(x), o.constant(-2.0)), POSITIVE),
    "the sign of a scale": (lambda o, x: o.sign(o.exp(x)), Range(1.0, 1.0)),
    "a square": (lambda o, x: o.sqr(x), Range(0.0, np.inf)),
    "a square and more": (lambda o, x: o.add(o.sqr(x), o.constant(1.0)), Range(1.0, np.inf)),
    "what is clipped, and more": (
        lambda o, x: o.add(o.clip(x, o.constant(0.0), o.constant(np.inf)), o.constant(1.0)), Range(1.0, np.inf),
    ),
    "what is clipped at both ends": (lambda o, x: o.clip(o.exp(x), o.constant(-1.0), o.constant(2.0)), Range(0.0, 2.0)),
    "an input": (lambda o, x: x, ANY),
    "a product with zero": (lambda o, x: o.mul(o.constant(0.0), o.exp(x)), Range(0.0, 0.0)),
    "one of two": (lambda o, x: o.switch(o.gt(x, o.constant(0.0)), o.exp(x), o.constant(-1.0)), Range(-1.0, np.inf, False, True)),
}  # fmt: skip


@pytest.mark.parametrize("name", SHARP)
def test_ends(backend, name):
    ops, (make, expected) = vocabulary(backend), SHARP[name]
    assert range_of(ops, make(ops, metatize(backend.tensor.scalar("x", dtype="float64")))) == expected


@settings(max_examples=300, deadline=None)
@given(ranges(), ranges(), ranges())
def test_clipping_keeps_its_members(a, low, high):
    found = _clip(a, low, high)
    assert all(found.has(min(max(u, v), w)) for u in members(a) for v in members(low) for w in members(high))


def test_a_cholesky_factor_is_positive_on_its_diagonal(backend):
    ops, x = vocabulary(backend), backend.tensor.dmatrix("x")
    factor = reify_many((ops.cholesky(metatize(x)),))[0]
    assert range_of(ops, metatize(backend.tensor.diag(factor))) == POSITIVE
    assert range_of(ops, metatize(backend.tensor.diag(x))) == range_of(ops, metatize(factor)) == ANY


def test_arrays_lie_between_their_ends(backend):
    ops = vocabulary(backend)
    assert range_of(ops, ops.constant(np.r_[3.0, -1.0, 2.0])) == Range(-1.0, 3.0)
    assert range_of(ops, ops.constant(np.r_[3.0, np.nan])) == ANY
    assert Range(0.0, 1.0, True, False).sign == 1.0 and Range(0.0, 1.0).sign is None
    assert Range(-1.0, 0.0, False, True).sign == -1.0
    assert POSITIVE.is_finite() and not ANY.is_finite() and not Range(0.0, np.inf).is_finite()
