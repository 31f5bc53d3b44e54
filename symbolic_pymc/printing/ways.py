"""Ways of writing an operator: each a function of the operator that gives its `Rule`."""

import re

from symbolic_pymc.records import Info, MetaOp, Term
from symbolic_pymc.printing.notation import Piece
from symbolic_pymc.printing.rules import Rule, distribution_name

REDUCTIONS = {"add": "sum", "mul": "prod", "maximum": "max", "minimum": "min", "or": "any", "and": "all"}


def plain(write):
    """What ``write(n, *args)`` writes, whatever the operator's properties."""
    return lambda op: Rule(lambda n, args, t: write(n, *args))


def draw(op, shown):
    """A random variable, with those arguments that `shown` keeps."""
    return Rule(lambda n, args, t: n.distribution(distribution_name(op), args), shown, "draw")


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


def product(op):
    """The elementwise product."""
    return Rule(lambda n, args, t: n.product(*args) if len(args) > 1 else args[0])


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


def in_range(op):
    """An interval that contains the first argument, with its ends open or closed."""
    left, right = "<" if op.openlow else "<=", "<" if op.openhi else "<="
    return Rule(lambda n, a, t: n.infix("&", n.infix(left, a[1], a[0]), n.infix(right, a[0], a[2])))


def along(name):
    """``name(x, axis=...)``."""
    return lambda op: Rule(lambda n, args, t: n.over(name, _axes(getattr(op, "axis", None)), *args))


def _axes(axis):
    return tuple(axis) if isinstance(axis, (tuple, list)) else None if axis is None else (axis,)


def reduction(op):
    """A sum, product or the like of an operator that only knows what it folds with."""
    name = type(op.scalar_op).__name__.removeprefix("Scalar").lower()
    return along(REDUCTIONS.get(name, name))(op)


def max_and_argmax(op):
    """The first output is the maximum, the second its place."""
    return Rule(lambda n, args, t: n.over("argmax" if _index(t) == 1 else "max", _axes(op.axis), *args))


def cumulate(op):
    """A cumulative sum or product."""
    return along("cumsum" if op.mode == "add" else "cumprod")(op)


def dimshuffle(op):
    """Broadcasts are silent; axes in reverse order are a transpose."""
    order = [i for i in op.new_order if i != "x"]
    if order == sorted(order):
        return first_of(op)
    if order == sorted(order, reverse=True):
        return superscript("T")(op)
    return Rule(lambda n, args, t: n.call("transpose", *args, *(Piece(str(axis)) for axis in order)))


def dot(op):
    """A matrix product; a vector that was made a row on the right is the transpose of a column."""

    def write(n, args, term):
        left, right = args
        return n.infix("@", left, n.superscript("T", right) if _is_row(term.rands[1]) else right)

    return Rule(write)


def _is_row(x):
    op = x.rator.op if isinstance(x, Term) and isinstance(x.rator, MetaOp) else None
    return type(op).__name__ == "DimShuffle" and tuple(op.new_order) == ("x", 0)


def cholesky(op):
    """The lower factor, or the transpose of it."""
    if op.lower:
        return function("chol")(op)
    return Rule(lambda n, args, t: n.superscript("T", n.call("chol", *args)))


def join(op):
    """The axis is the first argument in some versions, and a property in others."""
    if "axis" in vars(op):
        return along("join")(op)
    return Rule(lambda n, args, t: n.over("join", (args[0].text,), *args[1:]))


def if_else(op):
    """The output of one of two lists of arguments."""
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


def get(op):
    """Part of an array."""
    return Rule(lambda n, args, t: n.index(args[0], _indices(n, _pattern(op, args[1:]), args[1:])))


def put(op):
    """An array of which a part is set or incremented."""
    name = "set" if op.set_instead_of_inc else "inc"

    def write(n, args, term):
        place = n.index(args[0], _indices(n, _pattern(op, args[2:]), args[2:]))
        return n.call(name, place, args[1])

    return Rule(write)


def make_slice(op):
    """An index that is computed."""
    return Rule(lambda n, args, t: n.slice(*(None if a.text == n.value(None).text else a for a in args)))


def symbolic_draw(op):
    """A distribution that PyMC hides in a graph: the sizes among its arguments are not written."""
    if op.extended_signature is None:
        return draw(op, tuple)
    kinds = re.findall(r"\[\w+\]|\([^)]*\)", op.extended_signature.split("->")[0])
    not_generators = [k for k in kinds if k != "[rng]"]
    return draw(op, lambda rands: tuple(x for x, k in zip(rands, not_generators) if k != "[size]"))
