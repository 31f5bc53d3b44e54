"""PyTensor graphs as records: the types, the two arrows, and `mt`."""

from contextlib import nullcontext

import pytensor.tensor as pt
import pytensor.tensor.linalg
from pytensor.graph.basic import Apply, Constant, Variable
from pytensor.graph.fg import FunctionGraph as PyTensorFunctionGraph
from pytensor.graph.op import Op
from pytensor.graph.type import Type
from pytensor.scalar.basic import ScalarConstant
from pytensor.tensor.math import Dot
from pytensor.tensor.random.op import RandomVariable
from pytensor.tensor.random.type import RandomType
from pytensor.tensor.type_other import NoneConst
from pytensor.tensor.variable import TensorConstant

from symbolic_pymc import meta, records
from symbolic_pymc.applyarrows import register
from symbolic_pymc.applygraph import ApplyGraph, ApplyOp, FunctionOp, GraphOp
from symbolic_pymc.namespace import MetaNamespace
from symbolic_pymc.pytensor import random_variables
from symbolic_pymc.pytensor.opt import FunctionGraph, graph_inputs

try:  # it shows PyTensor's variables to kanren, too; ours comes second, whichever a program imports first
    import pytensor.graph.rewriting.kanren  # noqa: F401
except ImportError:
    pass


class PyTensorMetaOp(ApplyOp):
    """A PyTensor operator; equal operators are one record."""

    __slots__ = ()


class PyTensorMetaFunction(FunctionOp):
    """A function of PyTensor variables in the place of an operator."""

    __slots__ = ()


class PyTensorMetaGraphOp(GraphOp):
    """The head of a PyTensor FunctionGraph."""

    __slots__ = ()


class PyTensorMetaType(records.MetaSymbol):
    """A PyTensor type."""

    __slots__, fields = (), ("type",)

    @property
    def dtype(self):
        """The numpy dtype of the values."""
        return self.type.dtype


class PyTensorMetaVariable(records.Term):
    """A PyTensor variable that some operator computes."""

    __slots__ = ()


class PyTensorMetaApply(records.Term):
    """A PyTensor Apply node: an operator and its arguments, with all of its outputs."""

    __slots__ = ()


class PyTensorMetaFunctionGraph(records.Term):
    """A PyTensor FunctionGraph: its head applied to its outputs."""

    __slots__ = ()


class PyTensorMetaConstant(records.Constant):
    """A PyTensor constant, known by its type and bits."""

    __slots__ = ()


class PyTensorMetaInput(records.Atom):
    """A PyTensor variable without owner, known by identity: an input, a shared variable, a generator."""

    __slots__ = ()


def size(op):
    """No repetition: the parameters alone decide the shape."""
    return meta.metatize(NoneConst)


def rng(op):
    """A generator of its own for every draw."""
    return meta.metatize(random_variables.fresh_rng())


def _rv_to_record(inputs):
    generator, repetitions, *parameters = inputs
    return (*parameters, repetitions, generator)


def _rv_to_base(rands):
    *parameters, repetitions, generator = rands
    return (generator, repetitions, *parameters)


def make_constant(type_, value):
    """Return a PyTensor constant of the given type, or of the type that the value has by itself."""
    return pt.constant(value) if type_ is None else type_.make_constant(value)


BACKEND = ApplyGraph(
    name="symbolic_pymc.pytensor",
    variable=Variable,
    apply=Apply,
    op=Op,
    type=Type,
    base_graph=PyTensorFunctionGraph,
    graph=FunctionGraph,
    constant=Constant,
    array_constants=(TensorConstant, ScalarConstant),
    random_op=RandomVariable,
    generator_types=(RandomType,),
    meta_op=PyTensorMetaOp,
    meta_function=PyTensorMetaFunction,
    meta_type=PyTensorMetaType,
    meta_variable=PyTensorMetaVariable,
    meta_apply=PyTensorMetaApply,
    meta_graph=PyTensorMetaFunctionGraph,
    meta_graph_op=PyTensorMetaGraphOp,
    meta_constant=PyTensorMetaConstant,
    meta_input=PyTensorMetaInput,
    make_constant=make_constant,
    graph_inputs=graph_inputs,
    rv_to_record=_rv_to_record,
    rv_to_base=_rv_to_base,
    rv_defaults=(size, rng),
    build_context=nullcontext,
    after_build=lambda node: None,
)
PyTensorMetaOp.backend = PyTensorMetaFunction.backend = PyTensorMetaGraphOp.backend = BACKEND
register(BACKEND)

mt = MetaNamespace(
    BACKEND,
    (random_variables, pt, pt.linalg),
    {"transpose": pt.matrix("x").T.owner.op, "dot": Dot()},
)
