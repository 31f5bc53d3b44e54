"""Theano graphs and PyMC3 models as mathematics, in text (`tt_pprint`) and LaTeX (`tt_tprint`)."""

from theano.compile.sharedvalue import SharedVariable
from theano.graph.basic import Apply, Constant, Variable
from theano.graph.fg import FunctionGraph
from theano.sparse.type import SparseType
from theano.tensor import TensorType
from theano.tensor.random.op import RandomVariable

from symbolic_pymc.meta import metatize
from symbolic_pymc.records import MetaSymbol
from symbolic_pymc.printing import pprint, tprint
from symbolic_pymc.printing.applygraph import leaf_of_apply_graph, printed_name
from symbolic_pymc.printing.rules import Space, describe, distribution_name
from symbolic_pymc.theano.random_variables import neutral_name


def tt_pprint(graph):
    """Write a graph or a model as text.

    Parameters
    ----------
    graph : Variable, FunctionGraph, term of `mt`, or pymc3.Model

    Examples
    --------
    >>> import theano.tensor as tt
    >>> print(tt_pprint(tt.dot(tt.matrix("F"), tt.vector("beta"))))
    F in R**(N^F_0 x N^F_1), beta in R**(N^beta_0)
    (F * beta)
    """
    return pprint(_record(graph))


def tt_tprint(graph):
    """Write a graph or a model, given as to `tt_pprint`, as a LaTeX environment."""
    return tprint(_record(graph))


def _record(graph):
    if not isinstance(graph, (MetaSymbol, Variable, Apply, FunctionGraph)):
        # PyMC3 takes seconds to import, and a graph needs none of it
        from symbolic_pymc.theano.pymc3 import model_graph

        graph = model_graph(graph)
    return metatize(graph)


@describe.register(Variable)
def _(variable):
    return leaf_of_apply_graph(variable, _space(variable), Constant, SharedVariable)


def _space(variable):
    """Return the space of a variable; of what Theano knows of sizes only an input's axes of length one count.

    Whether an axis of a random variable has length one is what PyMC3 saw in its test value or in the data.
    """
    if isinstance(variable.type, SparseType):
        return Space(variable.dtype, (None, None))
    if not isinstance(variable.type, TensorType):
        return None
    given = variable.owner is None
    return Space(variable.dtype, tuple(1 if given and b else None for b in variable.broadcastable))


@distribution_name.register(RandomVariable)
def _(op):
    return printed_name(op, neutral_name(op))
