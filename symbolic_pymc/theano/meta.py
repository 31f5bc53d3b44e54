"""Theano graphs as records: the types, the two arrows, and `mt`."""

import numpy as np
import theano.tensor as tt
import theano.tensor.nlinalg
import theano.tensor.slinalg
from theano.graph.basic import Apply, Constant, Variable, graph_inputs
from theano.graph.fg import FunctionGraph as TheanoFunctionGraph
from theano.graph.op import Op, compute_test_value
from theano.graph.type import Type
from theano.scalar.basic import ScalarConstant
from theano.tensor.basic import all_dtypes
from theano.tensor.random.op import RandomVariable
from theano.tensor.random.type import RandomStateType
from theano.tensor.var import TensorConstant

from symbolic_pymc import meta, records
from symbolic_pymc.applyarrows import register
from symbolic_pymc.applygraph import ApplyGraph, ApplyOp, FunctionOp, GraphOp
from symbolic_pymc.namespace import MetaNamespace
from symbolic_pymc.theano import random_variables
from symbolic_pymc.theano.opt import FunctionGraph


class TheanoMetaOp(ApplyOp):
    """A Theano operator; equal operators are one record."""

    __slots__ = ()


class TheanoMetaFunction(FunctionOp):
    """A function of Theano variables in the place of an operator."""

    __slots__ = ()


class TheanoMetaGraphOp(GraphOp):
    """The head of a Theano FunctionGraph."""

    __slots__ = ()


class TheanoMetaType(records.MetaSymbol):
    """A Theano type."""

    __slots__, fields = (), ("type",)

    @property
    def dtype(self):
        """The numpy dtype of the values."""
        return self.type.dtype


class TheanoMetaVariable(records.Term):
    """A Theano variable that some operator computes."""

    __slots__ = ()


class TheanoMetaApply(records.Term):
    """A Theano Apply node: an operator and its arguments, with all of its outputs."""

    __slots__ = ()


class TheanoMetaFunctionGraph(records.Term):
    """A Theano FunctionGraph: its head applied to its outputs."""

    __slots__ = ()


class TheanoMetaConstant(records.Constant):
    """A Theano constant, known by its type and bits."""

    __slots__ = ()


class TheanoMetaInput(records.Atom):
    """A Theano variable without owner, known by identity: an input, a shared variable, a generator."""

    __slots__ = ()


def size(op):
    """No repetition: the parameters alone decide the shape."""
    return meta.metatize(tt.constant(np.empty(0, dtype="int64")))


def rng(op):
    """A generator of its own for every draw."""
    return meta.metatize(random_variables.fresh_rng())


def dtype(op):
    """The dtype that the operator prescribes."""
    name = tt.config.floatX if op.dtype == "floatX" else op.dtype
    return meta.metatize(tt.constant(all_dtypes.index(name), dtype="int64"))


def _rv_to_record(inputs):
    generator, repetitions, kind, *parameters = inputs
    return (*parameters, repetitions, generator, kind)


def _rv_to_base(rands):
    *parameters, repetitions, generator, kind = rands
    return (generator, repetitions, kind, *parameters)


def make_constant(type_, value):
    """Return a Theano constant of the given type, or of the type that the value has by itself."""
    return tt.constant(value) if type_ is None else type_.make_constant(value)


def build_context(test_values=True):
    """Return the context in which nodes are built.

    Test values are computed when Theano is asked for them, but never demanded (PyMC3 leaves the flag at "raise").
    Where a node was made is not noted, as Theano would: it was here.
    """
    asked = test_values and tt.config.compute_test_value != "off"
    return tt.config.change_flags(compute_test_value="ignore" if asked else "off", traceback__limit=0)


def _compute_test_value(node):
    if tt.config.compute_test_value != "off":
        compute_test_value(node)


BACKEND = ApplyGraph(
    name="symbolic_pymc.theano",
    variable=Variable,
    apply=Apply,
    op=Op,
    type=Type,
    base_graph=TheanoFunctionGraph,
    graph=FunctionGraph,
    constant=Constant,
    array_constants=(TensorConstant, ScalarConstant),
    random_op=RandomVariable,
    generator_types=(RandomStateType,),
    meta_op=TheanoMetaOp,
    meta_function=TheanoMetaFunction,
    meta_type=TheanoMetaType,
    meta_variable=TheanoMetaVariable,
    meta_apply=TheanoMetaApply,
    meta_graph=TheanoMetaFunctionGraph,
    meta_graph_op=TheanoMetaGraphOp,
    meta_constant=TheanoMetaConstant,
    meta_input=TheanoMetaInput,
    make_constant=make_constant,
    graph_inputs=graph_inputs,
    rv_to_record=_rv_to_record,
    rv_to_base=_rv_to_base,
    rv_defaults=(size, rng, dtype),
    build_context=build_context,
    after_build=_compute_test_value,
)
TheanoMetaOp.backend = TheanoMetaFunction.backend = TheanoMetaGraphOp.backend = BACKEND
register(BACKEND)


mt = MetaNamespace(
    BACKEND,
    (random_variables, tt, tt.nlinalg, tt.slinalg),
    {
        "dot": tt.basic._dot,
        "transpose": tt.DimShuffle([False, False], [1, 0]),
    },
)
