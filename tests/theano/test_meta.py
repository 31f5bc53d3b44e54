"""Test values of Theano variables: computed where they are asked for, never required."""

import numpy as np
import pytest
import theano
import theano.tensor as tt
from unification import reify, unify, var

from symbolic_pymc.meta import metatize
from symbolic_pymc.theano.meta import mt


@pytest.mark.parametrize("flag", ["off", "ignore", "warn", "raise"])
def test_no_test_value_is_required(flag):
    x = tt.vector("x")
    v = tt.exp(x) + x
    q = var()
    with theano.config.change_flags(compute_test_value=flag):
        assert metatize(v).reify() is v
        for term in (mt.add(x, mt.exp(x)), reify(mt.exp(q), {q: mt(x)}), mt.NormalRV(x, 1.0, name="n")):
            assert unify(term, term.reify(), {}) is not False


@pytest.mark.parametrize("flag", ["ignore", "warn", "raise"])
def test_a_test_value_is_computed_where_there_are_all_it_needs(flag):
    x = tt.vector("x")
    x.tag.test_value = np.r_[0.0, 1.0]
    q = var()
    with theano.config.change_flags(compute_test_value=flag):
        for term in (mt.exp(x), reify(mt.exp(q), {q: mt(x)})):
            np.testing.assert_allclose(term.reify().tag.test_value, np.exp([0.0, 1.0]), rtol=1e-14)


def test_a_draw_without_a_generator_of_its_own_is_another_one_at_every_call():
    draw = theano.function([], mt.NormalRV(0.0, 1.0, name="x").reify(), mode="FAST_COMPILE")
    assert draw() != draw()
