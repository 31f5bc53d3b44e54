"""Symbolic rewriting of PyMC models and of the graphs they are made of.

Names are resolved when they are first used, and a backend is imported when the first object of its kind is met.
"""

import importlib

_HOME = {
    "collapse_graph": "api",
    "conjugate_graph": "api",
    "find_map": "map",
    "find_path": "path",
    "marginalize_graph": "api",
    "reparam_graph": "api",
    "rewrite_graph": "api",
    "split": "map",
    "steps": "journal",
    "metatize": "meta",
    "Relation": "relation",
}

__all__ = [*_HOME]


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__():
    return sorted([*globals(), *_HOME])
