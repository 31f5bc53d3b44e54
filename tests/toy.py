"""A whole backend in a page: expressions of named operators, connected through the public protocol alone.

It shows what a new backend has to provide (two arrows, an operator record, adoption), and is the plainest thing
that the laws can be tested on.
"""

from weakref import WeakKeyDictionary

from unification import var

from symbolic_pymc.meta import lower, metatize, remember, settle
from symbolic_pymc.records import Atom, Draw, Info, MetaOp, Ref, Term
from symbolic_pymc.unify import PLAIN, adopt, is_lvar

# The base language: what a user of the backend writes -------------------------------------------------------


class Leaf:
    """An input, known by identity."""

    def __init__(self, name=None):
        self.name = name


class Expr:
    """An operator, by name, applied to expressions and numbers; ``draw`` draws a random number."""

    def __init__(self, op, *args, name=None):
        self.op, self.args, self.name = op, args, name


# Its records ------------------------------------------------------------------------------------------------


class ToyOp(MetaOp):
    """An operator of the toy language."""

    __slots__ = ()

    def __call__(self, *rands, name=None, info=None):
        draw = var() if self.op == "draw" else None
        known = PLAIN if name is None and draw is None else Info(0, name, draw, None)
        return ToyTerm(self, tuple(map(record, rands)), known if info is None else info)


class ToyTerm(Term):
    """A toy expression."""

    __slots__ = ()


class ToyInput(Atom):
    """A toy input."""

    __slots__ = ()


def record(x):
    """Return the record of an expression; numbers stand for themselves."""
    return metatize(x) if isinstance(x, (Leaf, Expr)) else x


# Base to record ---------------------------------------------------------------------------------------------

_draws = WeakKeyDictionary()


@metatize.register(Leaf)
def _(leaf, memo=None):
    return ToyInput(Ref(leaf))


@metatize.register(Expr)
def _(root, memo=None):
    memo, stack = {} if memo is None else memo, [root]
    while stack:
        x = stack[-1]
        pending = [a for a in x.args if isinstance(a, Expr) and a not in memo]
        if x in memo or not pending:
            memo[stack.pop()] = memo.get(x) or _record_of_expr(x, memo)
        else:
            stack.extend(pending)
    return memo[root]


def _record_of_expr(x, memo):
    rands = tuple(memo[a] if isinstance(a, Expr) else record(a) for a in x.args)
    draw = _draws.setdefault(x, Ref(Draw())) if x.op == "draw" else None
    term = ToyOp(x.op)(*rands, info=Info(0, x.name, draw, None))
    remember(term, x)
    return term


# Record to base ---------------------------------------------------------------------------------------------


@lower.register(ToyInput)
def _(atom):
    return atom.ref.obj


@lower.register(ToyTerm)
def _(term, *args):
    x = Expr(term.rator.op, *args, name=term.info.name)
    if term.info.draw is not None:
        _draws[x] = term.info.draw
    return x


_settled = WeakKeyDictionary()


@settle.register(ToyTerm)
def _(term):
    if term.ground or is_lvar(term.info) or not is_lvar(term.info.draw):
        return term
    draw = _settled.setdefault(term.info.draw, Ref(Draw()))
    return term.replace(info=term.info.replace(draw=draw))


adopt(Leaf)
adopt(Expr)
