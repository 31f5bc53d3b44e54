"""The records that every graph is made of.

A record is immutable and interned: equal records are one object, so ``==`` is ``is`` and hashing is free.
Three kinds suffice.  A `Constant` is known by its type and bits, an `Atom` by the identity of a base object
(a graph input, a generator), and a `Term` is an operator applied to arguments, with an `info` for what is not
mathematics: output index, name, the identity of a draw, the model's note.
"""

import atexit
import uuid
from importlib import import_module
from itertools import count
from weakref import WeakValueDictionary

import numpy as np
from unification import Var


def key(x):
    """Return a dictionary key for `x` that tells ``1``, ``1.0`` and ``True`` apart.

    >>> key(1) == key(1.0), key((1, "a")) == key((1, "a")), key(float("nan")) == key(float("nan"))
    (False, True, True)
    """
    if isinstance(x, MetaSymbol):
        return x
    if type(x) is tuple:
        return (tuple, *map(key, x))
    return (float, x.hex()) if type(x) is float else (type(x), x)


def children(x):
    """Return the parts of `x`: a record's values, a tuple's items, else nothing."""
    return x.values if isinstance(x, MetaSymbol) else x if type(x) is tuple else ()


def is_ground(x):
    """Tell whether `x` holds no logic variable; O(1) for records."""
    if isinstance(x, MetaSymbol):
        return x.ground
    return all(map(is_ground, x)) if type(x) is tuple else Var not in type(x).__mro__


class MetaSymbol:
    """An immutable, interned record (abstract); a subclass names its `fields`.

    >>> class Point(MetaSymbol):
    ...     __slots__, fields = (), ("x", "y")
    >>> Point(1, 2) is Point(1, 2), Point(1, 2) is Point(1.0, 2)
    (True, False)
    >>> Point(1, 2).replace(y=3)
    Point(1, 3)
    """

    __slots__ = ("values", "ground", "__weakref__")
    fields = ()
    _interned = WeakValueDictionary()

    def __init_subclass__(cls):
        for i, name in enumerate(cls.__dict__.get("fields", ())):
            setattr(cls, name, property(lambda self, i=i: self.values[i]))

    def __new__(cls, *values):
        if len(values) != len(cls.fields):
            raise TypeError(f"{cls.__name__} takes the fields {cls.fields}, got {len(values)} values: {values}")
        identity = (cls, *map(key, values))
        self = MetaSymbol._interned.get(identity)
        if self is None:
            self = object.__new__(cls)
            object.__setattr__(self, "values", values)
            object.__setattr__(self, "ground", all(map(is_ground, values)))
            self = MetaSymbol._interned.setdefault(identity, self)
        return self

    def __setattr__(self, name, value):
        raise AttributeError(f"{type(self).__name__} is immutable; write x = x.replace({name}=...)")

    def __delattr__(self, name):
        raise AttributeError(f"{type(self).__name__} is immutable and keeps {name}")

    def replace(self, **changes):
        """Return this record with some of its fields changed."""
        unknown = sorted(set(changes) - set(self.fields))
        if unknown:
            raise TypeError(f"{type(self).__name__} has the fields {self.fields}, not {unknown}")
        return type(self)(*(changes.get(f, v) for f, v in zip(self.fields, self.values)))

    def reify(self):
        """Return the base object of this record, or the record itself while logic variables remain."""
        return import_module("symbolic_pymc.meta").reify_base(self)  # which itself rests on this module

    @property
    def evaled_obj(self):
        """The record itself: what kanren's answers are asked for when they are expression tuples."""
        return self

    eval_obj = evaled_obj

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __reduce__(self):
        return _unflatten, (_flatten(self),)

    def __repr__(self):
        return _repr(self, 5)

    def __str__(self):
        return _printing().pprint(self)

    def _repr_latex_(self):
        return _printing().tprint(self)


def _printing():
    """Return the module that writes graphs as mathematics, which itself rests on this one."""
    return import_module("symbolic_pymc.printing")


# Operators cannot be hashed any more when the interpreter has taken their modules down.
atexit.register(MetaSymbol._interned.clear)


def _repr(x, depth):
    """Write `x` down to `depth` levels: a graph may be deep, and its sharing exponential when written out."""
    if isinstance(x, MetaOp):
        return str(x.op)
    if not children(x):
        return repr(x) if not isinstance(x, MetaSymbol) else f"{type(x).__name__}()"
    name = type(x).__name__ if isinstance(x, MetaSymbol) else ""
    return f"{name}({', '.join(_repr(c, depth - 1) for c in children(x)) if depth else '...'})"


class Ref:
    """Compare a base object by identity, whatever its own ``==`` does; pickling within a process keeps it."""

    __slots__ = ("obj", "token", "__weakref__")
    _pickled = WeakValueDictionary()

    def __init__(self, obj):
        self.obj = obj
        self.token = None

    def __eq__(self, other):
        return type(other) is Ref and self.obj is other.obj

    def __hash__(self):
        return id(self.obj)

    def __repr__(self):
        return repr(self.obj)

    def __reduce__(self):
        if self.token is None:
            self.token = uuid.uuid4().hex
            Ref._pickled[self.token] = self
        return _restore_ref, (self.token, self.obj)


def _restore_ref(token, obj):
    ref = Ref._pickled.get(token)
    if ref is None:
        ref = Ref(obj)
        ref.token = token
        Ref._pickled[token] = ref
    return ref


class Draw:
    """The identity of one random draw: two draws with equal parameters are two."""

    __slots__ = ("number", "__weakref__")
    _numbers = count()

    def __init__(self):
        self.number = next(Draw._numbers)

    def __repr__(self):
        return f"draw {self.number}"


class Constant(MetaSymbol):
    """An array known by its type and bits: NaN equals itself, ``-0.0`` is not ``0.0``."""

    __slots__, fields = (), ("type", "shape", "data")

    @property
    def value(self):
        """The array, read-only."""
        return np.frombuffer(self.data, self.type.dtype).reshape(self.shape)


def uniform_value(array):
    """Return the value that all elements of an array have; None where they differ, or there are none."""
    if not array.size:
        return None
    first, last = array.flat[0], array.flat[-1]
    if first != first:  # not a number
        return first if np.all(np.isnan(array)) else None
    return first if last == first and np.all(array == first) else None


class Atom(MetaSymbol):
    """A leaf known only by the identity of its base object: a graph input, a generator, what is not understood."""

    __slots__, fields = (), ("ref",)


class Info(MetaSymbol):
    """What a term carries besides its mathematics.

    index : which output of the node; name : str or None; draw : `Ref` of a `Draw`, or None for what is no draw;
    note : `Ref` of a `symbolic_pymc.note.Note`, or None.
    """

    __slots__, fields = (), ("index", "name", "draw", "note")


class Term(MetaSymbol):
    """An operator applied to arguments; `info` travels with the term."""

    __slots__, fields = (), ("rator", "rands", "info")

    @property
    def name(self):
        """The variable's name, or None."""
        return self.info.name if isinstance(self.info, Info) else None


class MetaOp(MetaSymbol):
    """A base operator (abstract); equal operators are one record."""

    __slots__, fields = (), ("op",)


# Pickling: a flat program, so that depth costs no stack --------------------------------------------------------


class _Slot(int):
    """The place of an earlier part in a flat program."""


def _flatten(root):
    program, place = [], {}
    for x in postorder(root):
        if children(x) or isinstance(x, MetaSymbol):
            parts = tuple(_Slot(place[key(c)]) if key(c) in place else c for c in children(x))
            place[key(x)] = len(program)
            program.append((type(x), parts))
    return program


def _unflatten(program):
    built = []
    for cls, parts in program:
        values = tuple(built[p] if type(p) is _Slot else p for p in parts)
        built.append(values if cls is tuple else cls(*values))
    return built[-1]


def postorder(*roots, children=children):
    """Yield every distinct part of `roots`, children first, each once, without recursion."""
    seen, stack = set(), [(x, False) for x in reversed(roots)]
    while stack:
        x, expanded = stack.pop()
        if expanded:
            yield x
            continue
        k = key(x)
        if k not in seen:
            seen.add(k)
            stack.append((x, True))
            stack.extend((c, False) for c in reversed(children(x)))


def unknown_parts(x):
    """Return the parts of `x` if it holds a logic variable, else nothing."""
    return () if is_ground(x) else children(x)


def rebuild(root, fn, children=children):
    """Map `fn` over the distinct parts of `root`, bottom-up; what is shared stays shared, what is equal stays."""
    memo = {}
    for x in postorder(root, children=children):
        parts = children(x)
        new = tuple(memo[key(c)] for c in parts)
        if any(a is not b for a, b in zip(new, parts)):
            x_new = new if type(x) is tuple else type(x)(*new)
        else:
            x_new = x
        memo[key(x)] = fn(x_new)
    return memo[key(root)]
