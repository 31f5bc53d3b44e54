"""What is provable about parameters, against the arithmetic of numbers."""

from importlib import import_module

import numpy as np
import pytest

from symbolic_pymc.meta import metatize
from symbolic_pymc.relations.arithmetic import number, same, sign

F = np.float64


@pytest.fixture
def t(backend):
    return backend.tensor


@pytest.fixture
def ops(backend):
    return import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops


SIZES = [F(1e-9), F(1.0), F(1e9)]


@pytest.mark.parametrize("size", SIZES)
def test_sums_are_equal_within_rounding(ops, t, size):
    x = t.dscalar("x")
    tenth, fifth, more = (metatize(x + t.constant(size * F(c))) for c in (0.1, 0.2, 0.3))
    assert same(ops, ops.sub(ops.add(tenth, fifth), metatize(x)), more)
    off = metatize(x + t.constant(size * F(0.3) * (1 + 1e-12)))
    assert not same(ops, ops.sub(ops.add(tenth, fifth), metatize(x)), off)


@pytest.mark.parametrize("size", SIZES)
def test_what_cancels_is_judged_by_what_was_added(ops, t, size):
    """Three tenths less two and one leave what is nothing beside them, but something by itself."""
    left = ops.sub(ops.constant(0.3 * size), ops.mul(ops.constant(size), ops.add(*map(ops.constant, (0.1, 0.2)))))
    assert 0.3 - (0.1 + 0.2) != 0.0 and number(ops, left) == 0.0
    rest = 0.3 - (0.1 + 0.2)
    assert number(ops, ops.constant(size * rest)) == size * rest


def test_products_and_quotients_are_equal_in_any_order(ops, t):
    x, y = map(metatize, t.dscalars("xy"))
    two, four = map(ops.constant, (2.0, 4.0))
    assert same(ops, ops.true_div(ops.mul(four, x), ops.mul(two, y)), ops.mul(ops.true_div(two, y), x))
    assert same(ops, ops.mul(ops.add(x, y), ops.sub(x, y)), ops.sub(ops.sqr(x), ops.mul(y, y)))
    assert same(ops, ops.mul(ops.mul(x, x), ops.reciprocal(x)), x)
    assert not same(ops, ops.mul(x, y), ops.true_div(x, y))
    assert number(ops, ops.true_div(ops.mul(four, x), ops.mul(two, x))) == 2.0


@pytest.mark.parametrize("order", [("x", 0), ("x", "x", 0)])
def test_axes_in_front_change_nothing(ops, t, order):
    v = t.dvector("v")
    assert same(ops, metatize(v.dimshuffle(*order)), metatize(v))
    assert not same(ops, metatize(v.dimshuffle(0, "x")), metatize(v))


def test_signs_of_products(ops, t):
    x, y = (metatize(t.exp(z)) for z in t.dscalars("xy"))
    minus = ops.neg(x)
    assert [sign(ops, z) for z in (minus, ops.mul(minus, y), ops.true_div(minus, minus))] == [-1.0, -1.0, 1.0]
    assert sign(ops, ops.neg(ops.mul(minus, y))) == 1.0 and sign(ops, ops.sub(x, y)) is None
