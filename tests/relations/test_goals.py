"""Small goals: strings put together, constants, and what is alike."""

import numpy as np
import pytest
from kanren import run
from unification import var

from symbolic_pymc.meta import metatize
from symbolic_pymc.relations.goals import are_alike, concat, constant_neq, constant_number, is_constant


def test_strings_are_put_together_and_taken_apart():
    q, r = var(), var()
    assert run(0, q, concat("mu", "_offset", q)) == ("mu_offset",)
    assert run(0, q, concat(q, "_offset", "mu_offset")) == ("mu",)
    assert run(0, q, concat("mu", q, "mu_offset")) == ("_offset",)
    assert run(0, (q, r), concat(q, r, "abc")) == (("", "abc"), ("a", "bc"), ("ab", "c"), ("abc", ""))
    assert run(0, q, concat("mu", "_offset", "mu_offset")) != ()


def test_strings_that_do_not_fit_have_no_answer():
    q = var()
    assert run(0, q, concat(q, "_offset", "mu_scale")) == () == run(0, q, concat("nu", q, "mu_scale"))
    assert run(0, q, concat("mu", "_offset", "mu_scale")) == () == run(0, q, concat(var(), var(), q))


@pytest.mark.parametrize(
    "value, number",
    [(2.0, 2.0), (np.full(3, 2.0), 2.0), (np.full((1, 1), 2), 2.0), (np.array([2.0, 3.0]), None), (np.empty(0), None)],
)
def test_the_number_that_a_constant_is(backend, value, number):
    x = metatize(backend.tensor.constant(value))
    assert constant_number(x) == number and constant_number(metatize(backend.tensor.dscalar())) is None
    if np.size(value):
        assert is_constant(x, 2.0) == (number == 2.0) and not is_constant(x, 4.0)
        assert run(0, True, constant_neq(x, 2.0)) == (() if number == 2.0 else (True,))


def test_what_is_alike(backend):
    t, x = backend.tensor, backend.tensor.dvector("x")
    two, twos, three = (metatize(t.constant(np.asarray(value, dtype=float))) for value in (2, [2, 2], [3, 3]))
    row, other = (metatize(t.constant(np.array(value))) for value in ([1.0, 2.0], [2.0, 1.0]))
    assert are_alike(metatize(x), metatize(x)) and are_alike(two, twos) and are_alike(row, row)
    assert not are_alike(twos, three) and not are_alike(row, other) and not are_alike(metatize(x), two)
    assert is_constant(metatize(t.constant(np.eye(2))), "identity") and not is_constant(twos, "identity")
    assert is_constant(None, 0.0) and not is_constant(None, 1.0)
