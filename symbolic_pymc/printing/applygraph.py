"""Rules of writing for the operators of Theano and PyTensor, whose classes have the same names in both."""

import re

import numpy as np

from symbolic_pymc.applygraph import ApplyOp, FunctionOp, GraphOp
from symbolic_pymc.distributions import DISTRIBUTIONS
from symbolic_pymc.meta import Atom, Info, MetaOp, Term
from symbolic_pymc.printing.latex import escape
from symbolic_pymc.printing.notation import Piece
from symbolic_pymc.printing.rules import Literal, Rule, Symbol, distribution_name, rule_of

SMALL = 8  # the number of entries up to which a nameless shared variable is written by value
LIBRARIES = {"theano", "pytensor", "pymc", "pymc3", "symbolic_pymc"}


@rule_of.register(ApplyOp)
def _(rator):
    op, backend = rator.op, rator.backend
    if backend.is_random(op):
        return _draw(op, lambda rands: rands[: len(op.ndims_params)])
    rule = rule_of_op(op)

    def shown(rands):
        return rule.shown([x for x in rands if not _is_generator(x, backend)])

    return rule._replace(shown=shown)


@rule_of.register(FunctionOp)
def _(rator):
    return function(str(rator))(rator.op)


@rule_of.register(GraphOp)
def _(rator):
    return Rule(lambda n, args, t: n.stack(args), role="graph")


def rule_of_op(op):
    """Return the rule of a base operator: that of the first of its classes that stands in `RULES`."""
    for cls in type(op).__mro__:
        if cls.__module__.partition(".")[0] in LIBRARIES and cls.__name__ in RULES:
            return RULES[cls.__name__](op)
    return function(getattr(op, "name", None) or type(op).__name__)(op)


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


def _draw(op, shown):
    return Rule(lambda n, args, t: n.distribution(distribution_name(op), args), shown, "draw")


# One function of an operator for every way of writing -------------------------------------------------------


def function(name):
    """``name(x, ...)``, with the number of the output behind when it is not the first."""
    return lambda op: Rule(lambda n, args, t: _output(n, n.call(name, *args), t))


def several(name):
    """``name(x, ...)[i]``, of an operator that always has several outputs."""
    return lambda op: Rule(lambda n, args, t: n.index(n.call(name, *args), [Piece(str(_index(t)))]))


def _index(term):
    """Return the output of its node that a term is; the first where that is unknown."""
    index = term.info.index if isinstance(term.info, Info) else 0
    return index if type(index) is int else 0


def _output(n, piece, term):
    return n.index(piece, [Piece(str(_index(term)))]) if _index(term) > 0 else piece


def infix(symbol):
    """``x symbol y ...``."""
    return lambda op: Rule(lambda n, args, t: n.infix(symbol, *args) if len(args) > 1 else args[0])


def prefix(symbol):
    """``symbol x``."""
    return lambda op: Rule(lambda n, args, t: n.prefix(symbol, *args))


def superscript(mark):
    """A transpose or an inverse."""
    return lambda op: Rule(lambda n, args, t: n.superscript(mark, *args))


def first_of(op):
    """Only the first argument is written: the operator does not change the value."""
    return Rule(lambda n, args, t: args[0], lambda rands: rands[:1], "silent")


def marker(role):
    """A mark of a model on its last argument."""
    return lambda op: Rule(lambda n, args, t: args[-1], role=role)


def _scalar(op):
    name = type(op.scalar_op).__name__.removeprefix("Scalar")
    return SCALAR_RULES.get(name, function(name.lower()))(op.scalar_op)


def _in_range(op):
    left, right = "<" if op.openlow else "<=", "<" if op.openhi else "<="
    return Rule(lambda n, a, t: n.infix("&", n.infix(left, a[1], a[0]), n.infix(right, a[0], a[2])))


def _mean(op):
    return Rule(lambda n, args, t: n.quotient(n.infix("+", *args), n.value(len(args))))


def _along(name):
    return lambda op: Rule(lambda n, args, t: n.over(name, _axes(getattr(op, "axis", None)), *args))


def _axes(axis):
    return tuple(axis) if isinstance(axis, (tuple, list)) else None if axis is None else (axis,)


def _reduce(op):
    name = type(op.scalar_op).__name__.removeprefix("Scalar").lower()
    return _along(REDUCTIONS.get(name, name))(op)


def _max_and_argmax(op):
    return Rule(lambda n, args, t: n.over("argmax" if _index(t) == 1 else "max", _axes(op.axis), *args))


def _cumulate(op):
    return _along("cumsum" if op.mode == "add" else "cumprod")(op)


def _dimshuffle(op):
    order = [i for i in op.new_order if i != "x"]
    if order == sorted(order):
        return first_of(op)
    if order == sorted(order, reverse=True):
        return superscript("T")(op)
    return Rule(lambda n, args, t: n.call("transpose", *args, *(Piece(str(axis)) for axis in order)))


def _dot(op):
    """A matrix product; a vector that was made a row on the right is the transpose of a column."""

    def write(n, args, term):
        left, right = args
        return n.infix("@", left, n.superscript("T", right) if _is_row(term.rands[1]) else right)

    return Rule(write)


def _is_row(x):
    op = x.rator.op if isinstance(x, Term) and isinstance(x.rator, MetaOp) else None
    return type(op).__name__ == "DimShuffle" and tuple(op.new_order) == ("x", 0)


def _cholesky(op):
    if op.lower:
        return function("chol")(op)
    return Rule(lambda n, args, t: n.superscript("T", n.call("chol", *args)))


def _join(op):
    """The axis is the first argument in some versions, and a property in others."""
    if "axis" in vars(op):
        return _along("join")(op)
    return Rule(lambda n, args, t: n.over("join", (args[0].text,), *args[1:]))


def _if_else(op):
    return Rule(lambda n, args, t: n.cases(args[0], args[1 + _index(t)], args[1 + _index(t) + op.n_outs]))


def _indices(n, idx_list, args):
    """Fill the variables of an index, in order, into its pattern."""
    remaining = iter(args)

    def filled(entry):
        if isinstance(entry, slice):
            return n.slice(*(filled(b) for b in (entry.start, entry.stop, entry.step)))
        return None if entry is None else next(remaining)

    return [filled(entry) for entry in idx_list]


def _pattern(op, args):
    return vars(op).get("idx_list") or range(len(args))


def _get(op):
    return Rule(lambda n, args, t: n.index(args[0], _indices(n, _pattern(op, args[1:]), args[1:])))


def _put(op):
    name = "set" if op.set_instead_of_inc else "inc"

    def write(n, args, term):
        place = n.index(args[0], _indices(n, _pattern(op, args[2:]), args[2:]))
        return n.call(name, place, args[1])

    return Rule(write)


def _make_slice(op):
    return Rule(lambda n, args, t: n.slice(*(None if a.text == n.value(None).text else a for a in args)))


def _symbolic_draw(op):
    """A distribution that PyMC hides in a graph: the sizes among its arguments are not written."""
    if op.extended_signature is None:
        return _draw(op, tuple)
    kinds = re.findall(r"\[\w+\]|\([^)]*\)", op.extended_signature.split("->")[0])
    not_generators = [k for k in kinds if k != "[rng]"]
    return _draw(op, lambda rands: tuple(x for x, k in zip(rands, not_generators) if k != "[size]"))


REDUCTIONS = {"add": "sum", "mul": "prod", "maximum": "max", "minimum": "min", "or": "any", "and": "all"}

SCALAR_RULES = {
    **{name: infix(symbol) for name, symbol in (
        ("Add", "+"), ("Sub", "-"), ("IntDiv", "//"), ("Mod", "%"), ("LT", "<"), ("GT", ">"), ("LE", "<="),
        ("GE", ">="), ("EQ", "=="), ("NEQ", "!="), ("AND", "&"), ("OR", "|"), ("XOR", "^"),
    )},
    "Mul": lambda op: Rule(lambda n, args, t: n.product(*args) if len(args) > 1 else args[0]),
    "TrueDiv": lambda op: Rule(lambda n, args, t: n.quotient(*args)),
    "Pow": lambda op: Rule(lambda n, args, t: n.power(*args)),
    "Sqr": lambda op: Rule(lambda n, args, t: n.power(args[0], n.value(2))),
    "Inv": lambda op: Rule(lambda n, args, t: n.quotient(n.value(1), args[0])),
    "Reciprocal": lambda op: Rule(lambda n, args, t: n.quotient(n.value(1), args[0])),
    "Neg": prefix("-"),
    "Invert": prefix("~"),
    "Switch": lambda op: Rule(lambda n, args, t: n.cases(*args)),
    "Second": lambda op: Rule(lambda n, args, t: args[0], lambda rands: rands[1:], "silent"),
    "InRange": _in_range,
    "Mean": _mean,
    "Sgn": function("sign"),
    **dict.fromkeys(("Cast", "Identity"), first_of),
}

RULES = {
    "Observed": marker("observed"),
    "Deterministic": marker("deterministic"),
    "Potential": marker("potential"),
    "Elemwise": _scalar,
    "CAReduce": _reduce,
    "MaxAndArgmax": _max_and_argmax,
    "Argmax": _along("argmax"),
    "CumOp": _cumulate,
    **{name: _along(name.lower()) for name in ("Softmax", "LogSoftmax", "LogSumExp", "Mean")},
    "DimShuffle": _dimshuffle,
    **dict.fromkeys(
        ("TensorFromScalar", "ScalarFromTensor", "Rebroadcast", "Unbroadcast", "SpecifyShape", "Assert",
         "CheckAndRaise", "ViewOp", "DeepCopyOp", "CpuContiguous", "DenseFromSparse", "SparseFromDense",
         "OutputGuard", "Default"),
        first_of,
    ),
    "Alloc": lambda op: Rule(lambda n, args, t: n.call("full", n.stack(args[1:]), args[0])),
    "AllocEmpty": lambda op: Rule(lambda n, args, t: n.call("empty", n.stack(args))),
    "BroadcastTo": lambda op: Rule(lambda n, args, t: n.call("full", n.stack(args[1:]), args[0])),
    "MakeVector": lambda op: Rule(lambda n, args, t: n.stack(args)),
    "Join": _join,
    "Split": several("split"),
    "Subtensor": _get,
    "AdvancedSubtensor1": _get,
    "AdvancedSubtensor": _get,
    "IncSubtensor": _put,
    "AdvancedIncSubtensor1": _put,
    "AdvancedIncSubtensor": _put,
    "MakeSlice": _make_slice,
    "Shape_i": lambda op: Rule(lambda n, args, t: n.index(n.call("shape", *args), [Piece(str(op.i))])),
    "IfElse": _if_else,
    "Scan": lambda op: several(op.name or "scan")(op),
    "FromFunctionOp": lambda op: function(str(op).removeprefix("FromFunctionOp{").removesuffix("}"))(op),
    "Blockwise": lambda op: rule_of_op(op.core_op),
    "SymbolicRandomVariable": _symbolic_draw,
    "MatrixInverse": superscript("inverse"),
    "MatrixPinv": superscript("pinv"),
    "Transpose": superscript("T"),
    "Cholesky": _cholesky,
    "Dot": _dot,
    **dict.fromkeys(("Dot22", "BatchedDot", "StructuredDot"), infix("@")),
    **{name: function(written) for name, written in (
        ("Reshape", "reshape"), ("Shape", "shape"), ("Eye", "eye"), ("Tri", "tri"), ("ARange", "arange"),
        ("ExtractDiag", "diag"), ("AllocDiag", "diag"), ("Det", "det"), ("Solve", "solve"),
        ("SolveTriangular", "solve"), ("CholeskySolve", "chol_solve"), ("Expm", "expm"), ("Kron", "kron"),
        ("KroneckerProduct", "kron"), ("RepeatOp", "repeat"), ("Repeat", "repeat"), ("DiffOp", "diff"),
        ("SortOp", "sort"), ("ArgSortOp", "argsort"), ("Eigvalsh", "eigvalsh"), ("Flatten", "flatten"),
        ("Tile", "tile"), ("SearchsortedOp", "searchsorted"), ("FillDiagonal", "fill_diagonal"),
        ("Choose", "choose"),
    )},
    **{name: several(written) for name, written in (
        ("Nonzero", "nonzero"), ("SVD", "svd"), ("Eig", "eig"), ("Eigh", "eigh"), ("QRFull", "qr"), ("QR", "qr"),
        ("SLogDet", "slogdet"), ("Unique", "unique"), ("TopKOp", "topk"),
    )},
}
