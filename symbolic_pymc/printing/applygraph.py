"""Rules of writing for the operators of Theano and PyTensor, whose classes have the same names in both."""

import numpy as np

from symbolic_pymc.applygraph import ApplyOp, FunctionOp, GraphOp
from symbolic_pymc.distributions import DISTRIBUTIONS
from symbolic_pymc.records import Atom
from symbolic_pymc.printing import ways
from symbolic_pymc.printing.latex import escape
from symbolic_pymc.printing.notation import Piece
from symbolic_pymc.printing.rules import Literal, Rule, Symbol, rule_of

SMALL = 8  # the number of entries up to which a nameless shared variable is written by value
LIBRARIES = {"theano", "pytensor", "pymc", "pymc3", "symbolic_pymc"}


@rule_of.register(ApplyOp)
def _(rator):
    op, backend = rator.op, rator.backend
    if backend.is_random(op):
        return ways.draw(op, lambda rands: rands[: len(op.ndims_params)])
    rule = rule_of_op(op)

    def shown(rands):
        return rule.shown([x for x in rands if not _is_generator(x, backend)])

    return rule._replace(shown=shown)


@rule_of.register(FunctionOp)
def _(rator):
    return ways.function(str(rator))(rator.op)


@rule_of.register(GraphOp)
def _(rator):
    return Rule(lambda n, args, t: n.stack(args), role="graph")


def rule_of_op(op):
    """Return the rule of a base operator: that of the first of its classes that stands in `RULES`."""
    for cls in type(op).__mro__:
        if cls.__module__.partition(".")[0] in LIBRARIES and cls.__name__ in RULES:
            return RULES[cls.__name__](op)
    return ways.function(getattr(op, "name", None) or type(op).__name__)(op)


def leaf_of_apply_graph(variable, space, constant, shared):
    """Return the leaf that a base variable is, given the base types of constants and shared variables.

    Numbers, slices and None are written by value, and so are small shared variables without a name.
    """
    value = None
    if isinstance(variable, constant):
        value = variable.data
        if value is None or isinstance(value, (np.ndarray, np.generic, int, float, slice)):
            return Literal(value, space)
    elif isinstance(variable, shared) and not variable.name:
        value = variable.get_value(borrow=True)
        if isinstance(value, np.ndarray) and value.size <= SMALL:
            return Literal(value, space)
    return Symbol(variable.name, space)


def printed_name(op, neutral):
    """Return the printed name of what an Op draws from: of the row that `neutral` names, or its own."""
    if neutral in DISTRIBUTIONS:
        return DISTRIBUTIONS[neutral].printed
    law = vars(op).get("law")
    text = (getattr(op, "_print_name", (op.name,))[0] if law is None else law.name).lstrip("_")
    return text, rf"\operatorname{{{escape(text)}}}"


def _is_generator(x, backend):
    base = x.ref.obj if isinstance(x, Atom) else None
    return isinstance(base, backend.variable) and isinstance(base.type, backend.generator_types)


def _scalar(op):
    name = type(op.scalar_op).__name__.removeprefix("Scalar")
    return SCALAR_RULES.get(name, ways.function(name.lower()))(op.scalar_op)


SCALAR_RULES = {
    **{
        name: ways.infix(symbol)
        for name, symbol in (
            ("Add", "+"),
            ("Sub", "-"),
            ("IntDiv", "//"),
            ("Mod", "%"),
            ("LT", "<"),
            ("GT", ">"),
            ("LE", "<="),
            ("GE", ">="),
            ("EQ", "=="),
            ("NEQ", "!="),
            ("AND", "&"),
            ("OR", "|"),
            ("XOR", "^"),
        )
    },
    "Mul": ways.product,
    "TrueDiv": ways.plain(lambda n, a, b: n.quotient(a, b)),
    "Pow": ways.plain(lambda n, a, b: n.power(a, b)),
    "Sqr": ways.plain(lambda n, a: n.power(a, n.value(2))),
    "Inv": ways.plain(lambda n, a: n.quotient(n.value(1), a)),
    "Reciprocal": ways.plain(lambda n, a: n.quotient(n.value(1), a)),
    "Neg": ways.prefix("-"),
    "Invert": ways.prefix("~"),
    "Switch": ways.plain(lambda n, condition, a, b: n.cases(condition, a, b)),
    "Second": lambda op: Rule(lambda n, args, t: args[0], lambda rands: rands[1:], "silent"),
    "InRange": ways.in_range,
    "Mean": ways.plain(lambda n, *args: n.quotient(n.infix("+", *args), n.value(len(args)))),
    "Sgn": ways.function("sign"),
    **dict.fromkeys(("Cast", "Identity"), ways.first_of),
}

RULES = {
    "Observed": ways.marker("observed"),
    "Deterministic": ways.marker("deterministic"),
    "Potential": ways.marker("potential"),
    "Elemwise": _scalar,
    "CAReduce": ways.reduction,
    "MaxAndArgmax": ways.max_and_argmax,
    "Argmax": ways.along("argmax"),
    "CumOp": ways.cumulate,
    **{name: ways.along(name.lower()) for name in ("Softmax", "LogSoftmax", "LogSumExp", "Mean")},
    "DimShuffle": ways.dimshuffle,
    **dict.fromkeys(
        (
            "TensorFromScalar",
            "ScalarFromTensor",
            "Rebroadcast",
            "Unbroadcast",
            "SpecifyShape",
            "Assert",
            "CheckAndRaise",
            "ViewOp",
            "DeepCopyOp",
            "CpuContiguous",
            "DenseFromSparse",
            "SparseFromDense",
            "OutputGuard",
            "Default",
        ),
        ways.first_of,
    ),
    "Alloc": ways.plain(lambda n, a, *shape: n.call("full", n.stack(shape), a)),
    "AllocEmpty": ways.plain(lambda n, *shape: n.call("empty", n.stack(shape))),
    "BroadcastTo": ways.plain(lambda n, a, *shape: n.call("full", n.stack(shape), a)),
    "MakeVector": ways.plain(lambda n, *args: n.stack(args)),
    "Join": ways.join,
    "Split": ways.several("split"),
    "Subtensor": ways.get,
    "AdvancedSubtensor1": ways.get,
    "AdvancedSubtensor": ways.get,
    "IncSubtensor": ways.put,
    "AdvancedIncSubtensor1": ways.put,
    "AdvancedIncSubtensor": ways.put,
    "MakeSlice": ways.make_slice,
    "Shape_i": lambda op: Rule(lambda n, args, t: n.index(n.call("shape", *args), [Piece(str(op.i))])),
    "IfElse": ways.if_else,
    "Scan": lambda op: ways.several(op.name or "scan")(op),
    "FromFunctionOp": lambda op: ways.function(str(op).removeprefix("FromFunctionOp{").removesuffix("}"))(op),
    "Blockwise": lambda op: rule_of_op(op.core_op),
    "SymbolicRandomVariable": ways.symbolic_draw,
    "MatrixInverse": ways.superscript("inverse"),
    "MatrixPinv": ways.superscript("pinv"),
    "Transpose": ways.superscript("T"),
    "Cholesky": ways.cholesky,
    "Dot": ways.dot,
    **dict.fromkeys(("Dot22", "BatchedDot", "StructuredDot"), ways.infix("@")),
    **{
        name: ways.function(written)
        for name, written in (
            ("Reshape", "reshape"),
            ("Shape", "shape"),
            ("Eye", "eye"),
            ("Tri", "tri"),
            ("ARange", "arange"),
            ("ExtractDiag", "diag"),
            ("AllocDiag", "diag"),
            ("Det", "det"),
            ("Solve", "solve"),
            ("SolveTriangular", "solve"),
            ("CholeskySolve", "chol_solve"),
            ("Expm", "expm"),
            ("Kron", "kron"),
            ("KroneckerProduct", "kron"),
            ("RepeatOp", "repeat"),
            ("Repeat", "repeat"),
            ("DiffOp", "diff"),
            ("SortOp", "sort"),
            ("ArgSortOp", "argsort"),
            ("Eigvalsh", "eigvalsh"),
            ("Flatten", "flatten"),
            ("Tile", "tile"),
            ("SearchsortedOp", "searchsorted"),
            ("FillDiagonal", "fill_diagonal"),
            ("Choose", "choose"),
        )
    },
    **{
        name: ways.several(written)
        for name, written in (
            ("Nonzero", "nonzero"),
            ("SVD", "svd"),
            ("Eig", "eig"),
            ("Eigh", "eigh"),
            ("QRFull", "qr"),
            ("QR", "qr"),
            ("SLogDet", "slogdet"),
            ("Unique", "unique"),
            ("TopKOp", "topk"),
        )
    },
}
