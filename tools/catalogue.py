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

{count} relations are registered, and {proven} of them are proven by measured comparison with an oracle from outside:
the ratio of the log densities that PyMC computes before and after, SciPy's densities, closed forms, and quadrature.
The largest deviation of any is {worst:.1e}. Above the line stands what must hold, below it what follows.
`python -m verification.proofs` measures, and `python tools/catalogue.py` writes this page.

| group | relations |
| --- | ---: |
{rows}
"""


def page():
    """Return the text of the page."""
    entries, proofs = catalogue(), json.loads(PROOFS.read_text())
    own = [proofs[entry.name] for entry in entries if entry.name in proofs]
    groups = [(name, list(members)) for name, members in groupby(entries, key=lambda entry: entry.group)]
    rows = "\n".join(f"| {name} | {len(members)} |" for name, members in groups)
    worst = max(proof["deviation"] for proof in own)
    parts = [HEAD.format(count=len(entries), proven=len(own), worst=worst, rows=rows)]
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
    fields = {
        "Group": entry.group,
        "Guards": "; ".join(text.rstrip(".;") for text in entry.guards) or "none but the premises",
        "Direction": entry.direction,
        "Exactness": entry.exactness,
    }
    fields |= {} if proof is None else {"Models": proof["generator"], "Oracle": proof["oracle"]}
    listed = "\n".join(f"- {name}: {text}" for name, text in fields.items())
    if proof is None:
        return f"{section}\n\n{listed}\n\nNo deviation of it was measured.\n"
    return (
        f"{section}\n\n{listed}\n\nIt fired in {proof['count']} tests that compare with an oracle, with a "
        f"largest deviation of {proof['deviation']:.1e}. The first of them:\n\n```text\n{proof['test']}\n```\n"
    )


if __name__ == "__main__":
    PAGE.write_text(page())
