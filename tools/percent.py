"""Scripts in the percent format, read as cells and written as notebooks.

``python tools/percent.py SCRIPT...`` writes the notebook of every script beside it.
"""

import re
import sys
from pathlib import Path

import nbformat


def cells(text):
    """Return the cells of a script as pairs of a kind, "markdown" or "code", and a source."""
    parts = re.split(r"^# %%(.*)\n", text, flags=re.MULTILINE)[1:]
    pairs = zip(map(str.strip, parts[::2]), map(str.strip, parts[1::2]))
    return [("markdown", _prose(source)) if kind else ("code", source) for kind, source in pairs]


def _prose(comment):
    return re.sub(r"^# ?", "", comment, flags=re.MULTILINE)


def notebook(text):
    """Return the notebook of a script, without outputs; cells are numbered, not given random names."""
    make = {"markdown": nbformat.v4.new_markdown_cell, "code": nbformat.v4.new_code_cell}
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    made = [make[kind](source, id=f"cell-{i}") for i, (kind, source) in enumerate(cells(text))]
    return nbformat.v4.new_notebook(cells=made, metadata=kernel)


if __name__ == "__main__":
    for script in map(Path, sys.argv[1:]):
        nbformat.write(notebook(script.read_text()), script.with_suffix(".ipynb"))
