"""Functions that are compiled at once, since all that they do is done by NumPy."""

from functools import reduce

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.compile.mode import Mode
from pytensor.graph.rewriting.basic import EquilibriumGraphRewriter, node_rewriter
from pytensor.scalar import Add, Mul
from pytensor.scalar.math import Softplus
from pytensor.tensor.elemwise import DimShuffle, Elemwise
from pytensor.tensor.math import Sum

from symbolic_pymc.straight import Straight, arranged, elementwise, total

AFTER_OTHERS = 49.2  # what makes one product of several has been then, what works in place has not
KNOWN = {Elemwise: elementwise, DimShuffle: arranged, Sum: total}


@node_rewriter([Elemwise])
def known_to_numpy(fgraph, node):
    """Write what Python would compute element by element as functions that NumPy has.

    Sums and products of several are taken two at a time.
    """
    what = node.op.scalar_op
    if isinstance(what, (Add, Mul)) and len(node.inputs) > 2:
        return [reduce(pt.add if isinstance(what, Add) else pt.mul, node.inputs)]
    if isinstance(what, Softplus):
        (x,) = node.inputs
        return [pt.maximum(x, np.zeros((), node.outputs[0].dtype)) + pt.log1p(pt.exp(-pt.abs(x)))]
    return None


# A model is solved once, in less time than its functions take to be compiled.  Where PyMC would raise since a
# parameter is out of range, the density is zero there, as PyMC itself has it when it samples.
AT_ONCE = (
    Mode(linker="py", optimizer="fast_run")
    .including("local_check_parameter_to_ninf_switch")
    .excluding("fusion")
    .register((EquilibriumGraphRewriter([known_to_numpy], max_use_ratio=10), AFTER_OTHERS))
)


def compile_at_once(inputs, outputs):
    """Return a function of arrays, without a wait for compilers."""
    return Straight(pytensor.function(inputs, outputs, mode=AT_ONCE, on_unused_input="ignore"), KNOWN)
