"""Records as terms: ``rator``, ``rands`` and ``apply`` of etuples, `unify` and `reify` of unification.

Unification and reification are iterative and visit each distinct pair, or record, once.
"""

from collections.abc import Mapping
from numbers import Number

import numpy as np
from cons.core import ConsError, _car, _cdr
from etuples import etuple
from etuples.core import ExpressionTuple
from unification import Var, reify
from unification.core import _reify, _unify
from unification.utils import transitive_get as resolve

from symbolic_pymc.meta import metatize
from symbolic_pymc.records import Info, MetaOp, MetaSymbol, Term, key, unknown_parts


class BoundOp(MetaSymbol):
    """An operator with the `info` of the term it heads: what kanren sees in the place of the operator.

    A walk that takes a term apart into operator and arguments and puts it together again would otherwise lose the
    name of a variable and the identity of a draw.
    """

    __slots__, fields = (), ("op", "info")

    def __call__(self, *rands):
        return self.op(*rands, info=self.info)


def parts_of(x):
    """Return what a term, or a base object that stands for one, shows to kanren: operator and arguments; else None."""
    term = metatize(x)
    return (rator_of(term), *term.rands) if isinstance(term, Term) else None


def rator_of(term):
    """Return the operator of a term, together with its `info` unless calling the operator alone gives the term."""
    return term.rator if term.info is PLAIN and term.ground else BoundOp(term.rator, term.info)


PLAIN = Info(0, None, None, None)

_NUMBERS = (Number, np.generic)


def is_lvar(x):
    """Tell whether `x` is a logic variable."""
    return Var in type(x).__mro__


@_unify.register(MetaSymbol, MetaSymbol, Mapping)
def _unify_records(u, v, s):
    todo, done, given = [(u, v)], set(), s
    while todo:
        a, b = (resolve(x, s) if is_lvar(x) else x for x in todo.pop())
        if a is b or is_lvar(a) and is_lvar(b) and a == b:
            continue
        if is_lvar(a) or is_lvar(b):
            s = s.copy() if s is given else s
            s.update({a: b} if is_lvar(a) else {b: a})
        elif isinstance(a, MetaSymbol) and isinstance(b, MetaSymbol):
            if type(a) is not type(b) or (a.ground and b.ground):  # interned: ground and distinct is different
                yield False
                return
            if (a, b) not in done:
                done.add((a, b))
                todo.extend(zip(a.values, b.values))
        elif type(a) is type(b) is tuple and len(a) == len(b):
            todo.extend(zip(a, b))
        elif isinstance(a, _NUMBERS) and isinstance(b, _NUMBERS):  # 1, 1.0 and True stay apart
            if key(a) != key(b):
                yield False
                return
        else:
            s = given = yield _unify(a, b, s)
            if s is False:
                return
    yield s


def _unify_operators(u, v, s):
    """An operator alone unifies with the same operator under any `info`."""
    plain, bound = (v, u) if isinstance(u, BoundOp) else (u, v)
    yield s if plain is bound.op else False


_unify.add((MetaOp, BoundOp, Mapping), _unify_operators)
_unify.add((BoundOp, MetaOp, Mapping), _unify_operators)


@_reify.register(MetaSymbol, Mapping)
def _reify_record(node, s):
    if node.ground:
        yield node
    else:
        new, unbound = _reify_parts(node, s)
        for lv in unbound:  # this is where `unground_lvars` and `isground` look for them
            yield lv
        yield new


def _reify_parts(root, s):
    """Substitute through a record; return the new one, and the logic variables that it holds.

    Bindings are followed on the walk itself, so that depth costs no stack.
    """

    def parts(x):
        value = resolve(x, s) if is_lvar(x) else x
        return unknown_parts(x) if value is x else (value,)

    memo, opened, unbound, stack = {}, set(), [], [root]
    while stack:
        x = stack[-1]
        k = key(x)
        pending = () if k in memo else [c for c in parts(x) if key(c) not in memo]
        if pending:
            if k in opened:
                raise ValueError(f"{x} stands for a term that contains it: no finite term is meant")
            opened.add(k)
            stack.extend(pending)
            continue
        stack.pop()
        if k not in memo:
            new = tuple(memo[key(c)] for c in parts(x))
            if not is_lvar(x):
                memo[k] = _with_parts(x, new, s)
            elif new:
                memo[k] = new[0]
            else:
                memo[k] = x
                unbound.append(x)
    return memo[key(root)], unbound


def _with_parts(x, parts, s):
    if parts:
        return parts if type(x) is tuple else type(x)(*parts)
    return x if isinstance(x, MetaSymbol) or type(x) is tuple else reify(x, s)


def _as_record(u, v, s):
    """Raw base objects unify as their records."""
    yield _unify(metatize(u), metatize(v), s)


def make_term_like(kind, parts):
    """Let kanren take objects of the type `kind` apart, and expression tuples unify with what they spell.

    Parameters
    ----------
    kind : type
    parts : callable
        Returns the operator and the arguments of an object as one tuple, or None when it has no operator.
    """

    def etuple_of(x):
        spelled = parts(x)
        if spelled is None:
            raise ConsError(f"{x} has no operator")
        return etuple(*spelled, evaled_obj=x)

    def unify_spelled(spelled, x, s):
        found = parts(x)
        yield False if found is None else _unify(tuple(spelled), found, s)

    _car.add((kind,), lambda x: etuple_of(x)[0])
    _cdr.add((kind,), lambda x: etuple_of(x)[1:])
    _unify.add((ExpressionTuple, kind, Mapping), unify_spelled)
    _unify.add((kind, ExpressionTuple, Mapping), lambda x, spelled, s: unify_spelled(spelled, x, s))


make_term_like(Term, parts_of)


def adopt(base, parts=parts_of):
    """Let raw objects of the type `base` stand for their records in `unify`, and, given `parts`, be taken apart.

    Parameters
    ----------
    base : type
    parts : callable or None
        As in `make_term_like`; None for what is never a term.
    """
    _unify.add((base, MetaSymbol, Mapping), _as_record)
    _unify.add((MetaSymbol, base, Mapping), _as_record)
    _unify.add((base, base, Mapping), _as_record)
    if parts is not None:
        make_term_like(base, parts)


def order_methods():
    """Order the methods of `unify` by their types, which the first unification after an adoption would do otherwise."""
    _unify.reorder()
