"""Expressions that are a multiple of a power of one variable: what the form says against what they compute."""

from importlib import import_module

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.relations.monomials import NotMonomial, monomial

SHAPE = (4,)
X = np.array([0.5, 1.7, 2.2, 3.1])
GROUP = np.array([0, 3, 3, 1])
WIDE = np.array([[0.5, 2.0, 1.5, 0.7], [1.0, 0.4, 3.0, 2.0], [0.6, 1.2, 0.9, 1.1]])


def form_of(backend, build, value=X):
    """Return the exponent, what the form says of the expression at `value`, and what the expression is there."""
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    marker = import_module(f"symbolic_pymc.{backend.name}.markers").deterministic
    given_ = backend.tensor.TensorType("float64", [n == 1 for n in np.shape(value)])("x")
    x = marker(given_)  # a variable is a term, of whatever operator
    expression = build(backend.tensor, x)
    memo = {}
    theta, record = metatize(x, memo), metatize(expression, memo)
    form = monomial(ops, record, theta)
    scale = ops.constant(1.0) if form.pick.scale is None else form.pick.scale
    positions = () if form.pick.positions is None else (form.pick.positions,)
    function = backend.compile_plainly([given_], list(reify_many((record, scale, *positions))))
    actual, scale, *positions = function(value)
    picked = np.ravel(value)[positions[0]] if positions else value
    return form.exponent, scale * picked**form.exponent, actual


def assert_form(backend, build, exponent, value=X):
    found, said, actual = form_of(backend, build, value)
    assert found == pytest.approx(exponent, abs=1e-12)
    np.testing.assert_allclose(np.broadcast_to(said, actual.shape), actual, rtol=1e-12)


f = np.float64
FORMS = {
    "itself": (lambda t, x: x, 1),
    "product": (lambda t, x: f(3.0) * x * WIDE[0], 1),
    "squared": (lambda t, x: t.sqr(x), 2),
    "times itself": (lambda t, x: x * x, 2),
    "power": (lambda t, x: x ** f(1.7), 1.7),
    "reciprocal": (lambda t, x: f(1.0) / x, -1),
    "root of a reciprocal": (lambda t, x: t.sqrt(WIDE[1] / x), -0.5),
    "reciprocal of a root": (lambda t, x: WIDE[1] / t.sqrt(x), -0.5),
    "power of a multiple": (lambda t, x: (WIDE[0] * x) ** f(-0.5), -0.5),
    "quotient": (lambda t, x: x**3 / (WIDE[2] * x), 2),
    "quotient of itself": (lambda t, x: x / x, 0),
    "root of a square of a negative": (lambda t, x: t.sqrt(t.sqr(f(-2.0) * x)), 1),
    "absolute": (lambda t, x: abs(f(-2.0) * x), 1),
    "sign": (lambda t, x: t.sgn(f(-2.0) * x), 0),
    "chosen": (lambda t, x: x[2] ** 2, 2),
    "groups": (lambda t, x: f(2.0) / x[GROUP], -1),
    "groups of a power": (lambda t, x: (WIDE[0] * x**2)[GROUP], 2),
    "groups of rows": (lambda t, x: (WIDE * x)[np.array([2, 0, 2, 1])], 1),
    "column": (lambda t, x: (x**2)[:, None] * WIDE.T, 2),
    "transposed": (lambda t, x: (WIDE / x).T, -1),
    "reshaped": (lambda t, x: t.reshape(t.sqrt(x * WIDE), (2, 6)), 0.5),
    "reversed twice": (lambda t, x: x[::-1][::-1], 1),
    "groups times themselves": (lambda t, x: (x * x)[GROUP], 2),
    "stretched powers": (lambda t, x: (x ** np.full((3, 4), 2.0))[np.array([2, 0])], 2),
    "stretched powers, transposed": (lambda t, x: (x ** np.full((3, 4), -0.5)).T, -0.5),
    "exponents in an array": (lambda t, x: x ** np.full(4, -0.5), -0.5),
    "integers as exponents": (lambda t, x: x ** np.array([2, 2, 2, 2]), 2),
    "an integer as factor": (lambda t, x: t.sqrt(np.array([4, 2, 3, 5]) * x), 0.5),
    "a cast": (lambda t, x: t.cast(x, "float64") * 2, 1),
}


@pytest.mark.parametrize("name", FORMS)
def test_forms(backend, name):
    assert_form(backend, *FORMS[name])


SINGLE = {
    "stretched": (lambda t, x: x * WIDE, 1),
    "stretched by its power": (lambda t, x: x ** np.full((3, 4), -0.5), -0.5),
    "stretched by its power, in groups": (lambda t, x: (x ** np.full((3, 4), -0.5))[np.array([2, 0])], -0.5),
    "stretched by a quotient, in groups": (lambda t, x: (WIDE / x)[np.array([2, 0, 1, 1])], -1),
    "stretched by a product, flat": (lambda t, x: t.reshape(WIDE * x**2, (12,)), 2),
    "stretched by its power, flat": (lambda t, x: t.reshape(x ** np.full((3, 4), 2.0), (12,)), 2),
}


@pytest.mark.parametrize("name", SINGLE)
@pytest.mark.parametrize("shape", [(1, 4), (3, 1), (1, 1)])
def test_forms_of_a_variable_with_axes_of_length_one(backend, name, shape):
    value = np.linspace(0.5, 2.0, int(np.prod(shape))).reshape(shape)
    assert_form(backend, *SINGLE[name], value)


@pytest.mark.parametrize("build, exponent", [(lambda t, x: x ** np.full(4, 2.0), 2), (lambda t, x: WIDE / x, -1)])
def test_forms_of_a_number(backend, build, exponent):
    assert_form(backend, build, exponent, np.array(1.3))


COVARIANCE = np.array([[2.0, 0.3], [0.3, 0.5]])
MATRICES = {
    "root of a matrix": (lambda t, x, root, inverse: root(x**2 * COVARIANCE), 1),
    "root of a quotient": (lambda t, x, root, inverse: root(COVARIANCE / x), -0.5),
    "inverse": (lambda t, x, root, inverse: inverse(x**2 * COVARIANCE), -2),
    "product": (lambda t, x, root, inverse: t.dot(x * COVARIANCE, COVARIANCE * x**2), 3),
    "joined": (lambda t, x, root, inverse: t.concatenate([x * COVARIANCE, 2.0 * x * COVARIANCE], axis=1), 1),
}


@pytest.mark.parametrize("name", MATRICES)
def test_forms_of_a_number_in_functions_of_matrices(backend, name):
    build, exponent = MATRICES[name]
    root = import_module(f"{backend.name}.tensor.slinalg").cholesky
    module = import_module(f"{backend.name}.tensor.nlinalg")
    inverse = getattr(module, {"theano": "matrix_inverse", "pytensor": "inv"}[backend.name])
    assert_form(backend, lambda t, x: build(t, x, root, inverse), exponent, np.array(1.3))


REFUSED = {
    "sum": lambda t, x: x + f(1.0),
    "difference": lambda t, x: x - f(0.5),
    "sum of itself": lambda t, x: x + x,
    "negative": lambda t, x: -x,
    "exponential": lambda t, x: t.exp(x),
    "logarithm": lambda t, x: t.log(x),
    "power of itself": lambda t, x: x**x,
    "power with it as exponent": lambda t, x: f(2.0) ** x,
    "different powers": lambda t, x: x ** np.array([1.0, 2.0, 1.0, 2.0]),
    "power of a variable": lambda t, x: x ** t.dscalar("k"),
    "different elements": lambda t, x: x * x[::-1],
    "outer product": lambda t, x: x[:, None] * x[None, :],
    "quotient of different elements": lambda t, x: x[GROUP] / x,
    "sum of elements": lambda t, x: t.sum(x),
    "normalized": lambda t, x: x / t.sum(x),
    "cumulated": lambda t, x: t.cumsum(x),
    "its integer part": lambda t, x: t.cast(x, "int64"),
    "floor": lambda t, x: t.floor(x),
    "maximum": lambda t, x: t.maximum(x, f(1.0)),
    "clipped": lambda t, x: t.clip(x, f(0.1), f(9.0)),
    "chosen by itself": lambda t, x: x[t.argmax(x)],
    "one of two": lambda t, x: t.switch(x > f(1.0), x, f(2.0) * x),
    "matrix product": lambda t, x: t.dot(WIDE, x),
    "sorted": lambda t, x: t.sort(x),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(backend, name):
    with pytest.raises(NotMonomial) as caught:
        form_of(backend, REFUSED[name])
    assert str(caught.value)


# Random compositions ---------------------------------------------------------------------------------------------

# Each step keeps the length 4, is positive, and multiplies the exponent by a number.
STEPS = {
    "times a number": (lambda t, x: f(2.5) * x, 1),
    "times an array": (lambda t, x: x * WIDE[0], 1),
    "over an array": (lambda t, x: x / WIDE[1], 1),
    "array over": (lambda t, x: WIDE[2] / x, -1),
    "root": (lambda t, x: t.sqrt(x), 0.5),
    "square": (lambda t, x: t.sqr(x), 2),
    "times itself": (lambda t, x: x * x, 2),
    "power": (lambda t, x: x ** f(1.3), 1.3),
    "negative power": (lambda t, x: (f(0.7) * x) ** f(-0.4), -0.4),
    "over its square": (lambda t, x: x / t.sqr(x), -1),
    "times its root": (lambda t, x: t.sqrt(x) * x, 1.5),
    "absolute": (lambda t, x: abs(f(-1.0) * x), 1),
    "groups": (lambda t, x: x[GROUP], 1),
    "reversed": (lambda t, x: x[::-1], 1),
    "column and back": (lambda t, x: (x[:, None] * WIDE.T)[:, 1], 1),
    "rows and back": (lambda t, x: (x / WIDE)[2], 1),
    "transposed and back": (lambda t, x: (x * WIDE).T[:, 0], 1),
    "reshaped and back": (lambda t, x: t.reshape(t.reshape(x, (2, 2)).T, (4,)), 1),
    "powers and back": (lambda t, x: (x ** np.full((3, 4), 0.9))[1], 0.9),
}


@given(names=st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=6))
def test_compositions(backend, names):
    exponent = np.prod([STEPS[name][1] for name in names])

    def build(t, x):
        for name in names:
            x = STEPS[name][0](t, x)
        return x

    found, said, actual = form_of(backend, build)
    assert found == pytest.approx(exponent, rel=1e-12)
    np.testing.assert_allclose(np.broadcast_to(said, actual.shape), actual, rtol=1e-9)


SPOILERS = ["sum", "exponential", "different elements", "normalized", "maximum", "different powers"]


@given(
    names=st.lists(st.sampled_from(sorted(STEPS)), max_size=4),
    place=st.integers(0, 4),
    spoiler=st.sampled_from(SPOILERS),
)
def test_compositions_with_something_else_in_them(backend, names, place, spoiler):
    def build(t, x):
        for i, name in enumerate([*names[:place], None, *names[place:]]):
            x = STEPS[name][0](t, x) if name else REFUSED[spoiler](t, x)
        return x

    try:
        _, said, actual = form_of(backend, build)
    except NotMonomial:
        return
    np.testing.assert_allclose(np.broadcast_to(said, actual.shape), actual, rtol=1e-9)
    # the one way to be right: elements that grouping has made the same
    assert spoiler == "different elements" and "groups" in names[:place]
