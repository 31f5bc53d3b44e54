"""Python's syntax trees as terms: a node class is the operator, its fields are the arguments.

Relations that walk lists and tensor graphs walk source code, too.  Positions in the source are no part of a term.
"""

import ast
from collections.abc import Mapping
from numbers import Number

from unification.core import _reify, _unify, construction_sentinel

from symbolic_pymc.records import key
from symbolic_pymc.unify import make_term_like
from symbolic_pymc.parts import substitute, subterms, with_subterms


def fields(node):
    """Return the fields of a syntax tree node in order; None for one that was left out."""
    return tuple(getattr(node, name, None) for name in node._fields)


def with_fields(node, new):
    """Return a node like `node`, at its place in the source, with the given fields."""
    return ast.copy_location(type(node)(*new), node)


def expression(source, **parts):
    """Return the tree of a Python expression in which names stand for other trees or logic variables.

    >>> double = expression("2 * a", a=expression("f(x)"))
    >>> ast.unparse(double)
    '2 * f(x)'
    """
    tree = ast.parse(source, mode="eval").body
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in parts]
    return substitute(tree, {key(node): parts[node.id] for node in names})


def _unify_nodes(u, v, s):
    if type(u) is not type(v):
        yield False
        return
    for a, b in zip(fields(u), fields(v)):
        if isinstance(a, Number) and isinstance(b, Number):  # 1, 1.0 and True are three constants
            s = s if key(a) == key(b) else False
        else:
            s = yield _unify(a, b, s)
        if s is False:
            break
    yield s


def _reify_node(node, s):
    old = fields(node)
    new = yield _reify(old, s)
    yield construction_sentinel
    yield node if new == old else with_fields(node, new)


_unify.add((ast.AST, ast.AST, Mapping), _unify_nodes)
_reify.add((ast.AST, Mapping), _reify_node)
make_term_like(ast.AST, lambda node: (type(node), *fields(node)))
subterms.register(ast.AST, fields)
with_subterms.register(ast.AST, with_fields)
