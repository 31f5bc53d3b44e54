"""Which package serves which objects; a backend is imported when the first object of its kind is met."""

import importlib

_SERVED_BY = {
    "theano": "symbolic_pymc.theano",
    "pymc3": "symbolic_pymc.theano",
    "pytensor": "symbolic_pymc.pytensor",
    "pymc": "symbolic_pymc.pytensor",
}


def backend_of(obj):
    """Return the name of the package that serves `obj` ("symbolic_pymc.theano", ...), or None.

    >>> backend_of(1) is None
    True
    """
    for cls in type(obj).__mro__:
        package = cls.__module__.split(".")[0]
        if package in _SERVED_BY:
            return _SERVED_BY[package]
    return None


def load_backend_of(obj):
    """Import the package that serves `obj`; return its name, or None when there is none."""
    name = backend_of(obj)
    if name is not None:
        importlib.import_module(f"{name}.meta")
    return name
