"""Write docs/catalogue.md, the page of all relations, from their docstrings and tables: python tools/catalogue.py"""

from itertools import groupby
from pathlib import Path

from symbolic_pymc.catalogue import catalogue

PAGE = Path(__file__).parent.parent / "docs" / "catalogue.md"
HEAD = """\
# Catalogue of relations

{count} relations, each with an oracle from outside in the tests: SciPy's densities and closed forms, quadrature, and the
ratio of the log densities that PyMC computes before and after. Above the line stands what must hold, below it what
follows. `python tools/catalogue.py` writes this page.

| group | relations |
| --- | ---: |
{rows}
"""


def page():
    """Return the text of the page."""
    entries = catalogue()
    groups = [(name, list(members)) for name, members in groupby(entries, key=lambda entry: entry.group)]
    rows = "\n".join(f"| {name} | {len(members)} |" for name, members in groups)
    parts = [HEAD.format(count=len(entries), rows=rows)]
    for name, members in groups:
        parts += [f"\n## {name}\n", *(entry.markdown() for entry in members)]
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page())
