"""What is said of an expression changes neither its value nor what it is computed from."""

from importlib import import_module

import numpy as np
import pytest


@pytest.mark.parametrize("mode", ["FAST_RUN", "FAST_COMPILE"])
@pytest.mark.parametrize("word", ["deterministic", "potential"])
def test_what_works_in_place_leaves_the_argument_alone(backend, word, mode):
    mark = getattr(import_module(f"symbolic_pymc.{backend.name}.markers"), word)
    base = import_module(backend.name)
    x, given = backend.tensor.dvector("x"), np.array([0.5, -1.0, 2.0])
    function = base.function([x], 2.0 * backend.tensor.exp(mark(x)), mode=mode)
    for _ in range(2):
        np.testing.assert_allclose(function(given), 2.0 * np.exp([0.5, -1.0, 2.0]))
    np.testing.assert_array_equal(given, [0.5, -1.0, 2.0])
