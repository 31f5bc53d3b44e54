"""Functions that are compiled at once, since all that they do is done by NumPy."""

from functools import reduce

import numpy as np
import theano
import theano.tensor as tt
from theano.compile.mode import Mode
from theano.graph.basic import Variable
from theano.graph.opt import EquilibriumOptimizer, local_optimizer
from theano.scalar import Add, Mul
from theano.tensor.elemwise import DimShuffle, Elemwise, Sum
from theano.tensor.nnet.sigm import ScalarSoftplus

from symbolic_pymc.straight import Straight, arranged, elementwise, total

AFTER_OTHERS = 49.2  # what makes one product of several has been then, what works in place has not
KNOWN = {Elemwise: elementwise, DimShuffle: arranged, Sum: total}


@local_optimizer([Elemwise])
def known_to_numpy(fgraph, node):
    """Write what Python would compute element by element as functions that NumPy has.

    Sums and products of several are taken two at a time.
    """
    what = node.op.scalar_op
    if isinstance(what, (Add, Mul)) and len(node.inputs) > 2:
        return [reduce(tt.add if isinstance(what, Add) else tt.mul, node.inputs)]
    if isinstance(what, ScalarSoftplus):
        (x,) = node.inputs
        return [tt.maximum(x, np.zeros((), node.outputs[0].dtype)) + tt.log1p(tt.exp(-abs(x)))]
    return None


# A model is solved once, in less time than its functions take to be compiled.
AT_ONCE = (
    Mode(linker="py", optimizer="fast_run")
    .excluding("fusion")
    .register((EquilibriumOptimizer([known_to_numpy], max_use_ratio=10), AFTER_OTHERS))
)


def compile_at_once(inputs, outputs):
    """Return a function of arrays, without a wait for compilers."""
    observers = list(Variable.construction_observers)
    try:
        return Straight(theano.function(inputs, outputs, mode=AT_ONCE, on_unused_input="ignore"), KNOWN)
    finally:
        # an optimizer of Theano that fails, as that of a product added to one of its factors does, leaves an observer
        # that would keep in memory whatever variable is made from then on
        Variable.construction_observers[:] = observers
