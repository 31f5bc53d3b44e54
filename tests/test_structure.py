"""The layout keeps its promise: a backend is imported by its own folders alone."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "symbolic_pymc"
FOLDERS = {"theano": ("theano", "pymc3"), "pytensor": ("pytensor", "pymc")}


def imported(path):
    """Return the top-level packages that a module imports, and the folders of ours."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def home(path):
    """Return the backend whose folder a module stands in, or None for the core."""
    parts = path.relative_to(ROOT).parts
    return next((name for name in FOLDERS if name in parts), None)


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_module_imports_another_backend(path):
    own = home(path)
    for name in imported(path):
        package, *rest = name.split(".")
        for backend, packages in FOLDERS.items():
            if backend != own:
                assert package not in packages, f"{path.name} imports {name}"
                assert not (package == "symbolic_pymc" and backend in rest), f"{path.name} imports {name}"


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_module_says_what_it_is(path):
    assert ast.get_docstring(ast.parse(path.read_text())), f"{path} has no docstring"
