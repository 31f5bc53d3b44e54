"""The two arrows between a base graph and its records, and what new terms leave unknown."""

from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from functools import singledispatch
from weakref import WeakKeyDictionary

from unification import Var

from symbolic_pymc.backends import load_backend_of
from symbolic_pymc.errors import ConversionError
from symbolic_pymc.records import MetaSymbol, Term, is_ground, key, rebuild, unknown_parts

_PARTS = {"names", "notes", "draws", "sizes", "rngs"}
_unknown_by_default = ContextVar("unknown by default", default=frozenset())


@contextmanager
def enable_lvar_defaults(*parts):
    """Leave the named parts of new terms unknown, so that the terms match whatever stands there.

    Parameters
    ----------
    *parts : str
        Of "names", "notes", "draws" (the identity of a random draw), "sizes" and "rngs" (of random variables).
    """
    wrong = sorted(set(parts) - _PARTS)
    if wrong:
        raise ValueError(f"there are no parts {wrong} of a term; choose from {sorted(_PARTS)}")
    token = _unknown_by_default.set(_unknown_by_default.get() | set(parts))
    try:
        yield
    finally:
        _unknown_by_default.reset(token)


def lvar_defaults():
    """Return the parts of new terms that are now left unknown."""
    return _unknown_by_default.get()


_origins = WeakKeyDictionary()


@singledispatch
def metatize(obj, memo=None):
    """Return the record of a base object; a record is its own record.

    Parameters
    ----------
    obj : object
        A variable, node, operator, type or graph of a backend.  The backend is found by the type.
    memo : dict, optional
        Records of base objects seen before in the same unchanged graph.

    Raises
    ------
    ConversionError
        When no backend knows objects of this type.
    """
    if load_backend_of(obj) and metatize.dispatch(type(obj)) is not metatize.dispatch(object):
        return metatize(obj, memo)
    raise ConversionError(
        f"no backend has a record for {type(obj).__module__}.{type(obj).__qualname__}: {obj!r:.200}; pass a Theano or "
        "PyTensor variable, node, operator or graph, or register the type with symbolic_pymc.meta.metatize.register"
    )


@metatize.register(MetaSymbol)
@metatize.register(Var)
def _(obj, memo=None):
    return obj


@singledispatch
def lower(node, *args):
    """Return the base object of one record, given its arguments already lowered; a backend registers its own."""
    raise ConversionError(
        f"no backend builds {type(node).__module__}.{type(node).__qualname__}; "
        "register the type with symbolic_pymc.meta.lower.register"
    )


@singledispatch
def settle(node):
    """Return `node` with what was left unknown about it (names, generators, sizes) given its default."""
    return node


@singledispatch
def build_context(record):
    """Return the context manager in which base objects are built for `record`; a backend registers its own."""
    return nullcontext()


_seen = ContextVar("records of base objects seen", default=None)


@contextmanager
def unchanging():
    """Look at every base object once: in here nobody changes one, and its record holds until the end."""
    token = _seen.set({})
    try:
        yield
    finally:
        _seen.reset(token)


def known_records():
    """Return the records by base object that may be taken for granted now, a memo for `metatize`."""
    memo = _seen.get()
    return {} if memo is None else memo


def remember(record, base):
    """Note that `base` is what `record` stands for, so that an untouched record gives back that very object."""
    _origins[record] = (base, None)


def base_of(record, memo):
    """Return the base object that `record` came from, or None when there is none or it was changed since."""
    base, seen_as = _origins.get(record, (None, None))
    if base is None or metatize(base, memo) is not (seen_as or record):
        return None
    return base


def trusted_base_of(record, memo):
    """Return the base object that `record` came from, unchecked, or None; one base is taken for one record only."""
    base, seen_as = _origins.get(record, (None, None))
    if base is None or memo.setdefault(base, seen_as or record) is not (seen_as or record):
        return None
    return base


def peek(record):
    """Return a base object of `record` to ask for its type; what is in memory is taken without a check for changes.

    The cost is that of what has to be built, not that of the whole graph below.
    """
    base, _ = _origins.get(record, (None, None))
    return reify_many((record,), trusted_base_of)[0] if base is None else base


def reify_base(root):
    """Return the base object of `root`, or `root` with its unknowns settled while logic variables remain.

    Every distinct record is built once; what came unchanged from a base graph is that graph's own object.
    """
    return reify_many((root,))[0]


def settle_graph(root):
    """Return `root` with everything that was left unknown about its terms given a default."""
    return root if is_ground(root) else rebuild(root, settle, children=unknown_parts)


def reify_many(roots, base_of=base_of):
    """Reify several records together, so that what they share is shared in the base graph, too.

    ``base_of(record, memo)`` says which base objects are taken as they are.
    """
    settled = settle_graph(tuple(roots))
    if not is_ground(settled):
        return settled
    with build_context(next((x for x in settled if isinstance(x, MetaSymbol)), None)):
        built = _lowered(settled, base_of)
    return tuple(built[key(x)] for x in settled)


def rebased(roots):
    """Return the records of the base objects that some records stand for: broadcast and cast as the backend does it."""
    memo = known_records()
    return tuple(metatize(base, memo) for base in reify_many(roots))


def _lowered(roots, base_of):
    """Return the base objects of `roots` and of all that had to be built for them, by key."""
    memo, built, stack, fresh = known_records(), {}, [(x, False) for x in reversed(roots)], []
    while stack:
        x, expanded = stack.pop()
        k = key(x)
        if k in built:
            continue
        parts = lowered_parts(x)
        if not expanded:
            base = base_of(x, memo) if isinstance(x, MetaSymbol) else None
            if base is not None:
                built[k] = base
            else:
                stack.append((x, True))
                stack.extend((c, False) for c in reversed(parts))
        elif isinstance(x, MetaSymbol):
            built[k] = lower(x, *(built[key(c)] for c in parts))
            fresh.append(x)
        else:
            built[k] = tuple(built[key(c)] for c in parts) if type(x) is tuple else x
    _remember_all(fresh, built, memo)
    return built


def _remember_all(records, built, memo):
    for x in records:
        base = built[key(x)]
        if isinstance(x, Term):
            again = metatize(base, memo)
            _origins[x] = (base, None if again is x else again)


def lowered_parts(x):
    """Return what must be lowered before `x`: the arguments of a term, the items of a tuple."""
    return x.rands if isinstance(x, Term) else x if type(x) is tuple else ()
