"""Graphs of variables and Apply nodes: what Theano and PyTensor have in common.

A backend folder describes itself in an `ApplyGraph` and calls `symbolic_pymc.applyarrows.register`; no backend is
imported here.
"""

from dataclasses import dataclass
from typing import Callable
from weakref import WeakKeyDictionary, WeakSet, WeakValueDictionary, ref

import numpy as np
from unification import var

from symbolic_pymc.errors import ConversionError
from symbolic_pymc.meta import lvar_defaults, metatize, peek, settle
from symbolic_pymc.records import Constant, Info, MetaOp, MetaSymbol, Ref, is_ground
from symbolic_pymc.unify import PLAIN, is_lvar

NUMBERS = (bool, int, float, np.ndarray, np.generic, list)

draws = WeakKeyDictionary()  # Apply node -> the identity of its draw
_nodes = WeakValueDictionary()  # (operator, identities of the arguments, draw) -> the Apply node built for them
# such a node -> references to the variables that it was built from and to the inputs it then had: weak ones, or a graph
# that is not used any more would leave memory level by level, one with every round of the collector of garbage
_inputs = WeakKeyDictionary()
_built = WeakSet()  # variables that stand for a record


@dataclass(frozen=True, eq=False)
class ApplyGraph:
    """One backend of Apply graphs: its base types, its record types, and where it differs from the other.

    rv_to_record, rv_to_base : reorder the inputs of a random-variable node; records put parameters first, then
    size, generator and whatever else the backend has, and return a tuple of records.
    rv_defaults : one function per trailing argument of a random-variable record, called with the operator.
    build_context : returns the context manager in which nodes are built; after_build : called with every new node.
    """

    name: str
    variable: type
    apply: type
    op: type
    type: type
    base_graph: type
    graph: type
    constant: type
    array_constants: tuple
    random_op: type
    generator_types: tuple
    meta_op: type
    meta_function: type
    meta_type: type
    meta_variable: type
    meta_apply: type
    meta_graph: type
    meta_graph_op: type
    meta_constant: type
    meta_input: type
    make_constant: Callable
    graph_inputs: Callable
    rv_to_record: Callable
    rv_to_base: Callable
    rv_defaults: tuple
    build_context: Callable
    after_build: Callable

    def is_random(self, op):
        """Tell whether `op` draws a random variable."""
        return isinstance(op, self.random_op)

    def record_of_number(self, value):
        """Return the record of a number or array; Python floats are double precision."""
        return metatize(self.make_constant(None, np.asarray(value)))


class ApplyOp(MetaOp):
    """A base operator (abstract); calling it builds a term, in which any argument may be a logic variable."""

    __slots__ = ()
    backend: ApplyGraph

    def term(self, *rands, info=None):
        """Return the term of this operator as it stands, with unknown parts left unknown.

        Nothing is built in the backend; the base graph may later insert broadcasts of its own.
        """
        rands = tuple(self.backend_record(x) for x in rands)
        if self.backend.is_random(self.op):
            n_params = len(self.op.ndims_params)
            if len(rands) < n_params:
                raise TypeError(f"{self} takes {n_params} parameters, got {len(rands)}")
            full = n_params + len(self.backend.rv_defaults)
            rands += tuple(var() for _ in range(full - len(rands)))
        if info is None:
            info = PLAIN if self._is_known(rands) else self._unknown_info(var())
        kind = self.backend.meta_apply if isinstance(info, Info) and info.index is None else self.backend.meta_variable
        return kind(self, rands, info)

    def _is_known(self, rands):
        return not self.backend.is_random(self.op) and self.default_index == 0 and all(map(is_ground, rands))

    def _unknown_info(self, name):
        return Info(self.default_index, name, var() if self.backend.is_random(self.op) else None, var())

    @property
    def default_index(self):
        """Which output a call of the operator gives."""
        return self.op.default_output or 0

    def __call__(self, *rands, name=None, info=None, **keywords):
        """Return a term of this operator.

        Parameters
        ----------
        *rands : record, logic variable, base variable, number or array
            The arguments; for a random variable its parameters.
        name : str, optional
        info : Info or logic variable, optional
            Given by callers that rebuild a term; then nothing else is inferred.
        size, rng, dtype : optional, random variables only

        A term of known arguments is what the backend itself makes of them (it may broadcast or cast them); as soon
        as anything is unknown, what was not given is unknown, too, so that the term matches under any name.
        """
        if info is not None:
            return self.term(*rands, info=info)
        term = self.term(*rands)
        if keywords:
            term = _with_rv_keywords(term, keywords)
        if name is not None:
            term = term.replace(info=self._unknown_info(name))
        if not all(map(is_ground, (*term.rands[: len(rands)], name, *keywords.values()))):
            return term
        return _forget(self._known_term(settle(term)), lvar_defaults())

    def _known_term(self, term):
        """Return the record of what the backend makes of a known term; what is below the term is not walked."""
        args = [peek(x) for x in term.rands]
        memo = dict(zip(args, term.rands))
        if any(memo[a] is not x for a, x in zip(args, term.rands)):
            return metatize(term.reify())  # two records of one variable, which was changed in between
        with self.backend.build_context():
            return metatize(self.build(term, args), memo)

    def build(self, term, args):
        """Return the base variable of a term of this operator, given its lowered arguments."""
        info = term.info
        variable = self.node(term, args).outputs[info.index]
        if variable in _built and (variable.name, note_of(variable)) != (info.name, info.note):
            variable = self._new_node(term, args).outputs[info.index]  # one variable has one name
        variable.name = info.name
        if info.note is not None:
            variable.tag.note = info.note.obj
        _built.add(variable)
        return variable

    def node(self, term, args):
        """Return the Apply node of a term, the same one for all of its outputs."""
        known = _nodes.get(_key_of_node(term, args))
        unchanged = known is not None and _are(_inputs[known], (*_variables(term, args), *known.inputs))
        return known if unchanged else self._new_node(term, args)

    def _new_node(self, term, args):
        g, draw = self.backend, term.info.draw
        inputs = g.rv_to_base(args) if g.is_random(self.op) else args
        try:
            node = self.op.make_node(*inputs)
        except Exception as error:
            raise ConversionError(f"{self} cannot be applied to {', '.join(map(str, inputs))}: {error}") from error
        if draw is not None:
            draws[node] = draw
        g.after_build(node)
        _inputs[node] = tuple(map(_reference, (*_variables(term, args), *node.inputs)))
        _nodes[_key_of_node(term, args)] = node
        return node

    def backend_record(self, x):
        """Return the record of an argument: numbers and arrays are constants in double precision."""
        if isinstance(x, MetaSymbol) or is_lvar(x) or not isinstance(x, (*NUMBERS, self.backend.variable)):
            return x
        return metatize(x) if isinstance(x, self.backend.variable) else self.backend.record_of_number(x)

    def __str__(self):
        return str(self.op)


def note_of(v):
    """Return the model's note on a base variable, or None."""
    note = getattr(v.tag, "note", None)
    return None if note is None else Ref(note)


def _reference(x):
    """Return a weak reference to a variable; what is none, such as None for a size, is kept."""
    try:
        return ref(x)
    except TypeError:
        return lambda: x


def _are(references, objects):
    """Tell whether references are to some objects, one by one."""
    return len(references) == len(objects) and all(r() is x for r, x in zip(references, objects))


def _key_of_node(term, args):
    """Return what the node of a term is known by: records of arguments would keep whole graphs alive."""
    known_by = (x if isinstance(x, Constant) else id(arg) for x, arg in zip(term.rands, args))
    return term.rator, tuple(known_by), term.info.draw


def _variables(term, args):
    """Return the arguments that are no constants: what a node is known by the identity of."""
    return (arg for x, arg in zip(term.rands, args) if not isinstance(x, Constant))


class FunctionOp(MetaOp):
    """A function of base variables in the place of an operator (abstract): it builds a graph when its term is lowered.

    It serves for results ("the sum over these axes", "the log determinant") that are one operation in mathematics
    and several nodes, chosen by types and shapes, in a base graph.
    """

    __slots__ = ()
    backend: ApplyGraph

    def __call__(self, *rands, info=PLAIN):
        return self.backend.meta_variable(self, tuple(_float_constant(self.backend, x) for x in rands), info)

    def build(self, term, args):
        """Return what the function makes of the lowered arguments."""
        return self.op(*args)

    def __str__(self):
        return self.op.__name__


class GraphOp(MetaOp):
    """The head of a whole graph (abstract): applied to outputs it gives a FunctionGraph of these `inputs`.

    `op` is what else the graph says about itself: a `Ref` of its coords, and the name of its model.
    """

    __slots__, fields = (), ("op", "inputs")
    backend: ApplyGraph

    def __call__(self, *outputs, info=PLAIN):
        return self.backend.meta_graph(self, outputs, info)


def _float_constant(backend, x):
    return backend.record_of_number(x) if isinstance(x, (float, np.ndarray, np.floating)) else x


def _with_rv_keywords(term, keywords):
    backend = term.rator.backend
    names = [f.__name__ for f in backend.rv_defaults]
    unknown = sorted(set(keywords) - set(names))
    if unknown or not backend.is_random(term.rator.op):
        raise TypeError(
            f"{term.rator} takes no keywords {unknown or sorted(keywords)}; a random variable takes {names}"
        )
    n = len(term.rator.op.ndims_params)
    given = {names.index(k): term.rator.backend_record(_as_size(v) if k == "size" else v) for k, v in keywords.items()}
    rest = (given.get(i, x) for i, x in enumerate(term.rands[n:]))
    return term.replace(rands=(*term.rands[:n], *rest))


def _as_size(size):
    if isinstance(size, (int, tuple, list)):
        return np.atleast_1d(np.asarray(size, dtype="int64"))
    return size


def _forget(term, parts):
    """Return `term` with the parts of it that `enable_lvar_defaults` names left unknown."""
    if not parts:
        return term
    info = term.info
    unknown = {f: var() for f, part in _INFO_PARTS.items() if part in parts and (f != "draw" or info.draw is not None)}
    rands = list(term.rands)
    backend = term.rator.backend
    if backend.is_random(term.rator.op):
        n = len(term.rator.op.ndims_params)
        for i, f in enumerate(backend.rv_defaults):
            if f.__name__ + "s" in parts:
                rands[n + i] = var()
    return term.replace(rands=tuple(rands), info=info.replace(**unknown))


_INFO_PARTS = {"name": "names", "note": "notes", "draw": "draws"}
