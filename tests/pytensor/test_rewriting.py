"""PyTensor's own rewriting stays as it is when its variables also stand for our terms."""

import numpy as np
import pytensor
import pytensor.tensor as pt
from kanren import conso, eq, lall, run
from kanren.graph import walko
from pytensor.compile.mode import Mode
from pytensor.graph.fg import FunctionGraph
from pytensor.graph.rewriting.basic import EquilibriumGraphRewriter
from unification import var

from symbolic_pymc.meta import metatize
from symbolic_pymc.pytensor.meta import mt


def test_pytensor_still_rewrites_patterns():
    x = pt.vector("x", dtype="float64")
    mode = Mode(linker="py", optimizer="fast_run")
    for given, value in ((pt.log1p(pt.exp(x)), np.r_[0.0, 800.0]), (pt.log(pt.sigmoid(x)), np.r_[0.0, -800.0])):
        function = pytensor.function([x], given, mode=mode)
        # Written out, both overflow: log(1 + e^800) and log(1 / (1 + e^800)).
        np.testing.assert_allclose(function(value), [function(value[:1])[0], value[1]], rtol=1e-12)
        assert np.isclose(abs(function(value)[0]), np.log(2))


def test_pytensor_may_use_kanren_beside_us():
    from pytensor.graph.rewriting.kanren import KanrenRelationSub

    x, y = pt.vectors("x", "y")

    def log_to_expo(t, u):
        rest = var()
        return lall(conso(pt.log, rest, t), conso(pt.exp, rest, u))

    graph = FunctionGraph(outputs=[pt.log(x) + y], clone=False)
    EquilibriumGraphRewriter([KanrenRelationSub(log_to_expo)], max_use_ratio=10).rewrite(graph)
    assert metatize(graph.outputs[0]) is metatize(pt.exp(x) + y)

    q, a = var(), var()
    doubled = walko(lambda t, u: lall(eq(t, mt.add(a, a)), eq(u, mt.neg(a))), pt.exp(x + x) * y, q)
    (answer,) = run(0, q, doubled)
    assert metatize(answer.evaled_obj.reify()) is metatize(pt.exp(-x) * y)
