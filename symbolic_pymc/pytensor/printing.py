"""PyTensor graphs and PyMC models as mathematics, in text (`tt_pprint`) and LaTeX (`tt_tprint`)."""

from pymc.distributions.distribution import SymbolicRandomVariable
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Apply, Constant, Variable
from pytensor.graph.fg import FunctionGraph
from pytensor.sparse import SparseTensorType
from pytensor.tensor import TensorType
from pytensor.tensor.random.op import RandomVariable

from symbolic_pymc.meta import metatize
from symbolic_pymc.records import MetaSymbol
from symbolic_pymc.printing import pprint, tprint
from symbolic_pymc.printing.applygraph import leaf_of_apply_graph, printed_name
from symbolic_pymc.printing.rules import Space, describe, distribution_name
from symbolic_pymc.pytensor.pymc import model_graph
from symbolic_pymc.pytensor.random_variables import DISTRIBUTIONS, row_of

_NEUTRAL = {row.op: name for name, row in DISTRIBUTIONS.items()}


def tt_pprint(graph):
    """Write a graph or a model as text.

    Parameters
    ----------
    graph : Variable, FunctionGraph, term of `mt`, or pymc.Model

    Examples
    --------
    >>> import pytensor.tensor as pt
    >>> print(tt_pprint(pt.dot(pt.matrix("F"), pt.vector("beta"))))
    F in R**(N^F_0 x N^F_1), beta in R**(N^beta_0)
    (F * beta)
    """
    return pprint(_record(graph))


def tt_tprint(graph):
    """Write a graph or a model, given as to `tt_pprint`, as a LaTeX environment."""
    return tprint(_record(graph))


def _record(graph):
    is_graph = isinstance(graph, (MetaSymbol, Variable, Apply, FunctionGraph))
    return metatize(graph if is_graph else model_graph(graph))


@describe.register(Variable)
def _(variable):
    return leaf_of_apply_graph(variable, _space(variable.type), Constant, SharedVariable)


def _space(type_):
    return Space(type_.dtype, type_.shape) if isinstance(type_, (TensorType, SparseTensorType)) else None


@distribution_name.register(RandomVariable)
@distribution_name.register(SymbolicRandomVariable)
def _(op):
    row = row_of(op)
    return printed_name(op, row and _NEUTRAL[row.op])
