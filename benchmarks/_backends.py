"""What the benchmarks need of a backend, under one set of names.

``python benchmarks/chain.py`` measures Theano and PyMC3, ``python benchmarks/chain.py pytensor`` PyTensor and PyMC.
"""

import sys
from types import SimpleNamespace


def backend():
    """Return the names of the backend that the command line asks for."""
    name = sys.argv[1] if len(sys.argv) > 1 else "theano"
    return _BACKENDS[name]()


def _theano():
    import pymc3
    import theano
    import theano.tensor
    from theano.graph.basic import clone_get_equiv

    from symbolic_pymc.theano.meta import mt
    from symbolic_pymc.theano.opt import FunctionGraph
    from symbolic_pymc.theano.pymc3 import graph_model, model_graph
    from symbolic_pymc.theano.random_variables import NormalRV, observed
    from symbolic_pymc.theano.vocabulary import ops

    return SimpleNamespace(
        name="Theano",
        models="PyMC3",
        pm=pymc3,
        tensor=theano.tensor,
        clone=clone_get_equiv,
        without_test_values=lambda: theano.config.change_flags(compute_test_value="off"),
        **_named(mt, FunctionGraph, graph_model, model_graph, NormalRV, observed, ops),
    )


def _pytensor():
    from contextlib import nullcontext

    import pymc
    import pytensor.tensor
    from pytensor.graph.basic import clone_get_equiv

    from symbolic_pymc.pytensor.meta import mt
    from symbolic_pymc.pytensor.opt import FunctionGraph
    from symbolic_pymc.pytensor.pymc import graph_model, model_graph
    from symbolic_pymc.pytensor.random_variables import NormalRV, observed
    from symbolic_pymc.pytensor.vocabulary import ops

    return SimpleNamespace(
        name="PyTensor",
        models="PyMC",
        pm=pymc,
        tensor=pytensor.tensor,
        clone=clone_get_equiv,
        without_test_values=nullcontext,
        **_named(mt, FunctionGraph, graph_model, model_graph, NormalRV, observed, ops),
    )


def _named(mt, FunctionGraph, graph_model, model_graph, NormalRV, observed, ops):
    return dict(
        mt=mt,
        FunctionGraph=FunctionGraph,
        graph_model=graph_model,
        model_graph=model_graph,
        NormalRV=NormalRV,
        observed=observed,
        ops=ops,
    )


_BACKENDS = {"theano": _theano, "pytensor": _pytensor}
