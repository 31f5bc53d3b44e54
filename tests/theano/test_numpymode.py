"""What is left in Theano when functions are compiled at once."""

import numpy as np
import theano.tensor as tt
from theano.graph.basic import Variable

from symbolic_pymc.theano.numpymode import compile_at_once


def test_an_optimizer_that_fails_leaves_no_observer(caplog):
    """A product cannot be added in place to what is one of its factors; Theano says so, and goes on."""
    a, b = tt.dmatrix("a"), tt.dmatrix("b")
    function = compile_at_once([a, b], [a.T + tt.dot(a.T, b)])
    x, y = np.arange(6.0).reshape(2, 3), np.arange(4.0).reshape(2, 2)
    np.testing.assert_allclose(function(x, y)[0], x.T + x.T @ y, rtol=1e-14)
    assert Variable.construction_observers == []


def test_observers_of_others_stay():
    seen = []
    Variable.append_construction_observer(seen.append)
    try:
        x = tt.dvector("x")
        compile_at_once([x], [2 * x])
        assert Variable.construction_observers == [seen.append] and x in seen
    finally:
        Variable.remove_construction_observer(seen.append)
