"""Write docs/catalogue.md, the page of all relations, from their docstrings and tables: python tools/catalogue.py

The documentation also has a page for each, with what `python -m verification.proofs` measured of it.
"""

import json
import re
from itertools import groupby
from pathlib import Path

from symbolic_pymc.catalogue import catalogue

PAGE = Path(__file__).parent.parent / "docs" / "catalogue.md"
PROOFS = PAGE.parent / "_static" / "proofs.json"
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


def pages():
    """Return the pages of every relation and of the table of all, by their file names."""
    proofs, entries = json.loads(PROOFS.read_text()), catalogue()
    files = {entry.name: re.sub(r"\W+", "-", entry.name).strip("-") for entry in entries}
    rows = "".join(table_row(entry.name, files[entry.name], proofs.get(entry.name)) for entry in entries)
    measured = sum(entry.name in proofs for entry in entries)
    found = {f"{files[entry.name]}.md": proven(entry, proofs.get(entry.name)) for entry in entries}
    return found | {"index.md": INDEX.format(count=len(entries), measured=measured, rows=rows)}


INDEX = """\
# Proofs of the relations

Of {count} relations {measured} were measured by `python -m verification.proofs`: the largest deviation from an oracle
in any test in which the relation fired, relative to what is larger than one. Several relations may fire in one test,
and each is then charged with its deviation.

| relation | tests | deviation |
| --- | ---: | ---: |
{rows}
```{{toctree}}
:hidden:
:glob:

*
```
"""


def table_row(name, file, proof):
    """Return a row of the table of all relations."""
    tests, deviation = (proof["count"], f"{proof['deviation']:.1e}") if proof else ("", "")
    return f"| [{name}]({file}.md) | {tests} | {deviation} |\n"


def proven(entry, proof):
    """Return the page of one relation."""
    section = entry.markdown().strip().replace("###", "#", 1)
    if proof is None:
        return f"{section}\n\nGroup: {entry.group}. No deviation of it was measured.\n"
    return (
        f"{section}\n\nGroup: {entry.group}. It fired in {proof['count']} tests that compare with an oracle, with a "
        f"largest deviation of {proof['deviation']:.1e}. The first of them:\n\n```text\n{proof['test']}\n```\n"
    )


if __name__ == "__main__":
    PAGE.write_text(page())
