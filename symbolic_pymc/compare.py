"""Are two graphs the same, and where do they differ?

Two graphs are the same when renaming makes one the other: the inputs of one (generators among them) stand for
those of the other, each for one, and so do random draws and logic variables. Two draws are never one draw
used twice.
"""

from collections import Counter
from itertools import islice
from typing import NamedTuple

import numpy as np

from symbolic_pymc.applygraph import GraphOp
from symbolic_pymc.meta import metatize
from symbolic_pymc.records import Atom, Info, Ref, Term
from symbolic_pymc.unify import is_lvar
from symbolic_pymc.parts import graph_parts, key, subterms


class Difference(NamedTuple):
    """A place where two graphs differ, and what stands there.

    `path` leads from the root: the position of an argument in each term, and last the part of a term ("name",
    "draw", "index", "info", "inputs", "coords", "model_name") where it is not the term itself that differs.
    """

    path: tuple
    left: object
    right: object


def graph_equal(x, y, names=False, same_inputs=False):
    """Tell whether two graphs are the same up to a renaming; see `meta_diff` for the parameters.

    >>> from unification import var
    >>> u, v, w = var("u"), var("v"), var("w")
    >>> graph_equal((u, v), (v, w)), graph_equal((u, v), (w, w))
    (True, False)
    """
    return next(meta_diff(x, y, names=names, same_inputs=same_inputs), None) is None


def meta_diff(x, y, limit=None, names=False, same_inputs=False):
    """Yield the places where two graphs differ.

    The cost is linear in the number of distinct terms. Notes are not looked at.

    Parameters
    ----------
    x, y : record, base variable, node or graph, or a sequence of them
        The outputs of a graph are compared in order, its inputs by what they feed.
    limit : int or None
        How many differences are yielded at most.
    names : bool
        Whether names matter: those of variables, inputs and models, and the coords.
    same_inputs : bool
        Whether inputs stand for themselves only.

    Yields
    ------
    Difference

    Raises
    ------
    ConversionError
        For an object that no backend knows.
    """
    differences = _differences(_record(x), _record(y), _Partners(names, same_inputs))
    return islice(differences, limit)


def _record(x):
    if not isinstance(x, (list, tuple)):
        return metatize(x)
    memo = {}
    return tuple(metatize(item, memo) for item in x)


def _differences(x, y, partners):
    left, right = _likenesses(x, partners.names), _likenesses(y, partners.names)
    done, graphs, stack = set(), [], [(None, x, y)]
    while stack:
        path, a, b = stack.pop()
        pair = left[key(a)], right[key(b)]
        if pair in done:
            continue
        done.add(pair)
        if not _same_head(a, b, partners):
            yield Difference(_steps(path), a, b)
            continue
        for part, of_a, of_b in _parts(a, b, partners.names):
            if not partners.agree(of_a, of_b):
                yield Difference((*_steps(path), part), of_a, of_b)
        if isinstance(a, Term) and isinstance(a.rator, GraphOp):
            graphs.append((path, a.rator.inputs, b.rator.inputs))
        children = list(zip(subterms(a), subterms(b)))
        stack.extend(((path, i), *children[i]) for i in reversed(range(len(children))))
    for path, *inputs in graphs:
        if not partners.agree_on_all(*inputs):
            yield Difference((*_steps(path), "inputs"), *inputs)


def _steps(path):
    """Return a path kept as ``(parent, step)`` pairs, of which long ones cost nothing, as a tuple."""
    steps = []
    while path is not None:
        path, step = path
        steps.append(step)
    return tuple(reversed(steps))


def _likenesses(root, names):
    """Number the parts of a graph, the same number for those that differ by names alone."""
    numbers, likenesses = {}, {}
    for x in graph_parts(root):
        form = key(x)
        if isinstance(x, Term):
            info = (x.info.index, x.info.draw, names and x.info.name) if isinstance(x.info, Info) else x.info
            form = type(x), key(x.rator), info, tuple(likenesses[key(c)] for c in x.rands)
        likenesses[key(x)] = numbers.setdefault(form, len(numbers))
    return likenesses


def _same_head(a, b, partners):
    """Tell whether two terms have one operator, and as many arguments; leaves must agree."""
    if type(a) is not type(b) or len(subterms(a)) != len(subterms(b)):
        return False
    if not isinstance(a, Term):
        return type(a) is tuple or partners.agree(a, b)
    if isinstance(a.rator, GraphOp):
        return type(a.rator) is type(b.rator)
    return partners.agree(a.rator, b.rator)


def _parts(a, b, names):
    """Yield what terms have besides their arguments, in pairs."""
    if not isinstance(a, Term):
        return
    if not (isinstance(a.info, Info) and isinstance(b.info, Info)):
        yield "info", a.info, b.info
    else:
        yield "index", a.info.index, b.info.index
        yield "draw", a.info.draw, b.info.draw
        if names:
            yield "name", a.info.name, b.info.name
    if names and isinstance(a.rator, GraphOp):
        (coords_a, name_a), (coords_b, name_b) = a.rator.op, b.rator.op
        yield "coords", _labels(coords_a.obj), _labels(coords_b.obj)
        yield "model_name", name_a, name_b


def _labels(coords):
    """Return coords in a form that is equal when they are."""
    plain = {name: labels if labels is None else np.asarray(labels).tolist() for name, labels in (coords or {}).items()}
    return repr(sorted(plain.items()))


class _Partners:
    """Which input, draw or logic variable of one graph stands for which of the other."""

    def __init__(self, names, same_inputs):
        self.names, self.same_inputs = names, same_inputs
        self.of_left, self.of_right = {}, {}

    def agree(self, a, b):
        """Tell whether `b` can stand for `a`; if so, it does from now on."""
        if self._kind(a) != self._kind(b):
            return False
        if not self._is_renamed(a):
            return True
        known = self.of_left.get(key(a)), self.of_right.get(key(b))
        if known == (None, None):
            self.of_left[key(a)], self.of_right[key(b)] = key(b), key(a)
            return True
        return known == (key(b), key(a))

    def agree_on_all(self, left, right):
        """Tell whether two sets of inputs stand for each other, idle ones for those of their kind."""
        partners = {self.of_left[key(a)] for a in left if key(a) in self.of_left}
        if partners != {key(b) for b in right if key(b) in self.of_right}:
            return False
        idle = Counter(self._kind(a) for a in left if key(a) not in self.of_left)
        return idle == Counter(self._kind(b) for b in right if key(b) not in self.of_right)

    def _is_renamed(self, x):
        is_input = isinstance(x, Atom) and not self.same_inputs and _constant(x) is None
        return is_input or is_lvar(x) or isinstance(x, Ref)

    def _kind(self, x):
        """Return what the partner of `x` must have in common with it."""
        if not self._is_renamed(x):
            return isinstance(x, Atom) and _constant(x) or key(x)
        if not isinstance(x, Atom):
            return "logic variable" if is_lvar(x) else "draw"
        base = x.ref.obj
        return type(x), type(base), getattr(base, "type", None), self.names and getattr(base, "name", None)


def _constant(atom):
    """Return what tells a constant that is no array (a slice, None) from others; None for an input."""
    signature = getattr(atom.ref.obj, "signature", None)
    return None if signature is None else signature()
