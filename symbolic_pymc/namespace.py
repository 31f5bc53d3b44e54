"""``mt``: a backend's operators and functions by name."""

from symbolic_pymc.applygraph import NUMBERS
from symbolic_pymc.meta import metatize
from symbolic_pymc.records import MetaSymbol, is_ground


class MetaNamespace:
    """``mt``: metatizes what it is called with, and serves the backend's operators and functions by name.

    Parameters
    ----------
    backend : ApplyGraph
    modules : sequence of modules
        Searched in order for a name.
    operators : dict of str to Op
        Names that stand for an operator where the modules have a function.
    """

    def __init__(self, backend, modules, operators):
        self._backend, self._modules, self._operators = backend, modules, operators

    def __call__(self, obj):
        """Return the record of a base object, a number or an array."""
        return self._backend.record_of_number(obj) if isinstance(obj, NUMBERS) else metatize(obj)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(f"mt has no attribute {name!r}; metatize what is private to a backend with mt(...)")
        found = self._operators.get(name)
        for module in self._modules if found is None else ():
            found = getattr(module, name, None)
            if found is not None:
                break
        if found is None:
            raise AttributeError(f"{self._backend.name} has no operator or function named {name!r}")
        if isinstance(found, self._backend.op):
            return metatize(found)
        return self._function(name, found)

    def __dir__(self):
        return sorted(set(self._operators).union(*(dir(m) for m in self._modules)))

    def _function(self, name, function):
        def of_records(*args, **keywords):
            if not is_ground(_as_tuples((args, tuple(keywords.values())))):
                raise TypeError(f"mt.{name} is a function, no operator: it builds from known arguments only")
            result = function(*map(_as_base, args), **{k: _as_base(x) for k, x in keywords.items()})
            return type(result)(map(metatize, result)) if isinstance(result, (list, tuple)) else metatize(result)

        of_records.__name__, of_records.__doc__ = name, function.__doc__
        return of_records


def _as_base(x):
    """Return an argument with every record in it, also in lists and tuples, as its base object."""
    if isinstance(x, (list, tuple)):
        return type(x)(map(_as_base, x))
    return x.reify() if isinstance(x, MetaSymbol) else x


def _as_tuples(x):
    return tuple(map(_as_tuples, x)) if isinstance(x, (list, tuple)) else x
