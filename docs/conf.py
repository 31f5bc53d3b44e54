"""Sphinx configuration; the tutorials and the pages of relations are made at every build."""

import runpy
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = HERE.parent

project = "symbolic_pymc"
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
]
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {
    "description": "Closed-form posteriors and reparameterised models",
    "page_width": "1150px",
    "sidebar_width": "250px",
}
html_static_path = ["_static"]
myst_enable_extensions = ["dollarmath"]
autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_use_rtype = False


def tutorial(name):
    """Return the page of an example: its script, what it printed once, and its pictures."""
    cells = runpy.run_path(str(PROJECT / "tools/percent.py"))["cells"]
    parts = [
        source if kind == "markdown" else f"```python\n{source}\n```"
        for kind, source in cells((PROJECT / f"examples/{name}.py").read_text())
    ]
    parts.append(f"## What it prints\n\n```{{literalinclude}} ../_static/{name}.txt\n:language: text\n```")
    pictures = sorted((HERE / "_static").glob(f"{name}_*.png"))
    parts.extend(f"![{picture.stem}](../_static/{picture.name})" for picture in pictures)
    return "\n\n".join(parts) + "\n"


def write_pages(app):
    """Write the pages that changed: the tutorials, and those of every relation."""
    made = {f"tutorials/{name}.md": tutorial(name) for name in ("posterior", "radon", "collapse", "publish")}
    pages = runpy.run_path(str(PROJECT / "tools/catalogue.py"))["pages"]()
    for file, text in (made | {f"proofs/{file}": text for file, text in pages.items()}).items():
        path = HERE / file
        path.parent.mkdir(exist_ok=True)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def setup(app):
    """Let Sphinx call us before it looks for pages."""
    app.connect("builder-inited", write_pages)
