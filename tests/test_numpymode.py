"""Functions that are compiled at once leave nothing to Python that NumPy does."""

from importlib import import_module

import numpy as np
import pytest

X = np.random.default_rng(0).normal(size=(3, 7)) * np.array([[1.0], [30.0], [800.0]])
FUNCTIONS = {
    "product": (lambda t, x: t.mul(x, x[0], x[1], t.exp(-abs(x))), lambda x: x * x[0] * x[1] * np.exp(-abs(x))),
    "sum": (lambda t, x: t.add(x, x[0], x[1]), lambda x: x + x[0] + x[1]),
    "softplus": (lambda t, x: (getattr(t, "softplus", None) or t.nnet.softplus)(x), lambda x: np.logaddexp(0.0, x)),
    "nothing to do": (lambda t, x: t.exp(-abs(x)) * x, lambda x: np.exp(-abs(x)) * x),
}


@pytest.fixture
def compile_at_once(backend):
    return import_module(f"symbolic_pymc.{backend.name}.numpymode").compile_at_once


@pytest.mark.parametrize("dtype, precision", [("float64", 1e-14), ("float32", 1e-5)])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_elementwise(backend, compile_at_once, name, dtype, precision):
    write, expected = FUNCTIONS[name]
    x = backend.tensor.matrix("x", dtype=dtype)
    function = compile_at_once([x], [write(backend.tensor, x)])
    (value,) = function(X.astype(dtype))
    assert value.dtype == dtype
    np.testing.assert_allclose(value, expected(X.astype(dtype)), rtol=precision, atol=1e-30)
    for node in function.maker.fgraph.toposort():
        if hasattr(node.op, "scalar_op"):
            assert node.op.nfunc_spec is not None and node.op.nfunc_spec[1] == len(node.inputs), node


def test_softplus_at_the_ends(backend, compile_at_once):
    x = backend.tensor.vector("x", dtype="float64")
    (value,) = compile_at_once([x], [FUNCTIONS["softplus"][0](backend.tensor, x)])(np.array([-np.inf, np.inf, np.nan]))
    np.testing.assert_array_equal(value, [0.0, np.inf, np.nan])
