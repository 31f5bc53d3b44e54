"""What mutation found of every module, kept in docs/_static/mutation.json, and the section of the page made of it."""

import json
from datetime import date

from verification.mutants import ROOT, SEED
from verification.page import table, write_section

FILE = ROOT / "docs" / "_static" / "mutation.json"
TITLE = "Mutation of the relations"
LEVEL = 0.95
HEADS = ["module", "date", "seed", "mutants", "tried", "equivalent", "caught", "score"]


def known():
    """Return what is known of modules, by their names."""
    return json.loads(FILE.read_text()) if FILE.exists() else {}


def keep(module, mutants, tried, survivors):
    """Write down what came of the mutants of a module that were tried, in the place of what was known of it."""
    found = {"date": str(date.today()), "seed": SEED, "mutants": mutants, "tried": tried}
    rows = known() | {module: {**found, "survivors": sorted(map(str, survivors))}}
    FILE.write_text(json.dumps(dict(sorted(rows.items())), indent=1) + "\n")


def counts(row, equivalent):
    """Return how many mutants a module has, were tried, are equivalent to the original, and were caught."""
    alike = sum(survivor in equivalent for survivor in row["survivors"])
    return row["mutants"], row["tried"], alike, row["tried"] - len(row["survivors"])


def score(tried, alike, caught):
    """Return the share of the mutants that were caught, of those that are no equivalent of the original."""
    return caught / (tried - alike)


def overall(rows, equivalent):
    """Return the counts of all modules together."""
    return [sum(column) for column in zip(*(counts(row, equivalent) for row in rows.values()))]


def report(rows, equivalent, modules):
    """Return the section of docs/verification.md; `modules` are those that have mutants."""
    shown = []
    for module, row in rows.items():
        own = counts(row, equivalent)
        shown.append((module, row["date"], row["seed"], *own, f"{score(*own[1:]):.1%}"))
    total = overall(rows, equivalent)
    shown.append(("all", "", "", *total, f"{score(*total[1:]):.1%}"))
    waiting = ", ".join(sorted(set(modules) - set(rows)))
    alive = [survivor for row in rows.values() for survivor in row["survivors"]]
    return (
        "Small errors in the definitions of the relations (an operation exchanged for another, a term dropped, two "
        "arguments exchanged, a constant changed), each alone, and what share of those that are tried, but for the "
        "equivalent ones, the module's own tests catch. `python -m verification.mutation MODULE` tries those of one "
        "module anew, drawn evenly from its functions, and writes this section of what is known of all; `make "
        f"mutation` tries all modules. A score below {LEVEL:.0%} fails.\n\n{table(HEADS, shown)}\n\n"
        + (f"Not tried yet: {waiting}.\n\n" if waiting else "")
        + listing("Not caught:", [(text, None) for text in alive if text not in equivalent])
        + listing("Equivalent to the original:", equivalent.items())
    )


def listing(title, reasons):
    lines = [f"- `{mutant}`" + (f": {reason}" if reason else "") for mutant, reason in reasons]
    return "\n".join([title, "", *lines, "", ""]) if lines else ""


def write(equivalent, modules):
    """Write the section of what is known; return the score of all modules together."""
    rows = known()
    write_section(TITLE, report(rows, equivalent, modules))
    return score(*overall(rows, equivalent)[1:])
