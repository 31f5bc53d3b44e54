"""PyTensor's own rewriting stays as it is when its variables also stand for our terms."""

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.compile.mode import Mode

import symbolic_pymc.pytensor.meta  # noqa: F401


def test_pytensor_still_rewrites_patterns():
    x = pt.vector("x", dtype="float64")
    mode = Mode(linker="py", optimizer="fast_run")
    for given, value in ((pt.log1p(pt.exp(x)), np.r_[0.0, 800.0]), (pt.log(pt.sigmoid(x)), np.r_[0.0, -800.0])):
        function = pytensor.function([x], given, mode=mode)
        # Written out, both overflow: log(1 + e^800) and log(1 / (1 + e^800)).
        np.testing.assert_allclose(function(value), [function(value[:1])[0], value[1]], rtol=1e-12)
        assert np.isclose(abs(function(value)[0]), np.log(2))
