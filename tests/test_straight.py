"""Functions that are a list of calls of NumPy return what those of the backend do."""

from importlib import import_module

import numpy as np
import pytest

from symbolic_pymc.meta import reify_many
from symbolic_pymc.proximal.objective import objective_of
from symbolic_pymc.proximal.starts import initial_point
from tests.languages import Models
from tests.random_models import RandomModel

rng = np.random.default_rng(3)
VALUES = {"v": rng.normal(size=7), "m": np.abs(rng.normal(size=(3, 7))), "i": np.arange(7), "f": rng.normal(size=7)}
TYPES = {"v": ("vector", "float64"), "m": ("matrix", "float64"), "i": ("vector", "int64"), "f": ("vector", "float32")}
FUNCTIONS = {
    "several outputs": (
        lambda t, x: [t.exp(x["v"]), x["v"].sum(), x["v"]],
        lambda v, m, i, f: [np.exp(v), v.sum(), v],
    ),
    "kinks": (
        lambda t, x: [t.switch(abs(x["v"]) > 1, abs(x["v"]) - 1, 0)],
        lambda v, m, i, f: [np.where(abs(v) > 1, abs(v) - 1, 0)],
    ),
    "turned": (
        lambda t, x: [t.dot(x["m"].T, x["m"]) + x["m"].T.sum(axis=1)],
        lambda v, m, i, f: [m.T @ m + m.sum(axis=0)],
    ),
    "lengths": (
        lambda t, x: [x["m"] / t.sqrt((x["m"] ** 2).sum(axis=1, keepdims=True)), t.log(x["m"]).sum()],
        lambda v, m, i, f: [m / np.linalg.norm(m, axis=1, keepdims=True), np.log(m).sum()],
    ),
    "several types": (
        lambda t, x: [x["i"] * x["v"], t.exp(x["i"]), x["f"] * x["v"], x["i"] // 2, x["f"].sum()],
        lambda v, m, i, f: [i * v, np.exp(i), f * v, i // 2, f.sum()],
    ),
    "one element": (
        lambda t, x: [t.set_subtensor(x["v"][1:3], x["v"].sum()), x["v"].max(), t.dot(x["v"], x["v"])],
        lambda v, m, i, f: [np.r_[v[0], v.sum(), v.sum(), v[3:]], v.max(), v @ v],
    ),
    "a row that is written": (
        lambda t, x: [t.inc_subtensor(t.exp(x["m"])[1], x["v"]), t.set_subtensor(t.exp(x["m"])[x["i"][2], 1:], 0.0)],
        lambda v, m, i, f: [np.exp(m) + np.eye(3)[1][:, None] * v, np.exp(m) * (np.eye(3)[2][:, None] * (i > 0) == 0)],
    ),
    "a constant": (
        lambda t, x: [t.constant(np.arange(3.0)), 2.0 * x["v"].sum()],
        lambda v, m, i, f: [np.arange(3.0), 2.0 * v.sum()],
    ),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_is_what_is_written(backend, name):
    own, (write, expected) = import_module(f"symbolic_pymc.{backend.name}.numpymode"), FUNCTIONS[name]
    variables = {key: getattr(backend.tensor, kind)(key, dtype=dtype) for key, (kind, dtype) in TYPES.items()}
    outputs = write(backend.tensor, variables)
    function = own.compile_at_once(list(variables.values()), outputs)
    values = {key: value.astype(TYPES[key][1]) for key, value in VALUES.items()}
    given = {key: value.copy() for key, value in values.items()}
    for _ in range(2):  # nothing is left of a call
        for x, output, y in zip(function(*given.values()), outputs, expected(**values), strict=True):
            assert x.dtype == output.dtype and x.shape == np.shape(y)
            np.testing.assert_allclose(x, y, rtol=1e-6 if output.dtype == "float32" else 1e-13)
    for key, value in values.items():
        np.testing.assert_array_equal(given[key], value)


def test_shared_variables_are_those_of_the_call(backend):
    own, base = import_module(f"symbolic_pymc.{backend.name}.numpymode"), backend.tensor.dvector("x")
    shared = backend.shared(np.ones(3))
    function = own.compile_at_once([base], [base * shared])
    np.testing.assert_array_equal(function(np.arange(3.0))[0], np.arange(3.0))
    shared.set_value(np.full(3, 2.0))
    np.testing.assert_array_equal(function(np.arange(3.0))[0], 2.0 * np.arange(3.0))


def test_what_is_no_input_is_refused(backend):
    own, x = import_module(f"symbolic_pymc.{backend.name}.numpymode"), backend.tensor.dvector("x")
    function = own.compile_at_once([x], [2.0 * x])
    np.testing.assert_array_equal(function([1, 2])[0], [2.0, 4.0])
    for wrong in ((), (np.ones(2), np.ones(2)), (np.ones((2, 2)),)):
        with pytest.raises((TypeError, ValueError)):
            function(*wrong)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(10))
def test_densities_of_random_models_and_their_gradients(backend, seed):
    model = RandomModel(Models(backend), seed).build()
    objective = objective_of(model)
    start, adapter = initial_point(objective, model), objective.adapter
    own = import_module(f"symbolic_pymc.{backend.name}.numpymode")
    with adapter.build_context():
        inputs = list(reify_many(tuple(objective.inputs.values())))
        terms = [base.sum() for base in reify_many(tuple(term for _, term in objective.terms))]
        slopes = adapter.gradient(sum(terms), [x for x in inputs if x.dtype.startswith("float")])
        function = own.compile_at_once(inputs, [*terms, *slopes])
        expected = backend.compile_plainly(inputs, [*terms, *slopes])
    draws = np.random.default_rng(seed)
    for _ in range(3):
        near = [np.asarray(start[name]) * (1.0 + 1e-3 * draws.normal()) for name in objective.inputs]
        values = [v.astype(x.dtype) for v, x in zip(near, inputs)]
        kept = [v.copy() for v in values]
        for found, plain in zip(function(*values), expected(*kept), strict=True):
            np.testing.assert_allclose(found, plain, rtol=1e-9, atol=1e-9)
        for v, before in zip(values, kept):
            np.testing.assert_array_equal(v, before)
