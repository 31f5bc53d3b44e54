"""Write docs/proximal.md, the page of proximal operators and conjugates: python tools/proximal.py

`python -m verification.proximal` measures them.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.proximal.block_cases import CASES  # noqa: E402
from tests.proximal.calculus import CALCULUS  # noqa: E402
from tests.proximal.penalties import PENALTIES  # noqa: E402
from tests.proximal.probes import PROBES  # noqa: E402
from tests.proximal.test_conjugates import CONJUGATES  # noqa: E402
from tests.proximal.test_densities import DENSITIES  # noqa: E402

PAGE = ROOT / "docs" / "proximal.md"
FILE = ROOT / "docs" / "_static" / "proximal.json"
HEAD = """\
# Proximal operators

`proxo` relates a penalty to its proximal operator,
$\\operatorname{{prox}}_{{\\gamma\\phi}}(z) = \\operatorname{{argmin}}_x\\; \\gamma\\,\\phi(x) + \\tfrac{{1}}{{2}} (x - z)^2$,
and `conjugateo` a convex penalty to its conjugate $\\phi^*(u) = \\sup_x\\; u x - \\phi(x)$. Nothing below is looked up:
a penalty is read piece by piece, however it is spelt, and its operator, its conjugate and whether it is convex are
derived from the pieces. What is printed here are the graphs that were derived.

The excess is that of $\\gamma\\,\\phi(x) + \\tfrac{{1}}{{2}} (x - z)^2$ at the operator over the least value that a search
finds, the largest for {count} penalties being {worst:.1e}. `python -m verification.proximal` measured it on {date};
`python tools/proximal.py` writes this page.

## Functions of one number

$\\gamma$ is the step, $\\omega(u) = W(e^u)$; a root is that of $x + \\gamma\\,\\phi'(x) = z$ on a piece, found by iteration.
The places of an operator are the knots of the penalty and the roots of its pieces; it is the best of them where the
penalty is not convex.
"""
CONJUGATE_HEAD = """
## Conjugates

The difference is the largest from a formula that is coded on its own, relative to what is larger than one.
"""
CALCULUS_HEAD = """
## Rules

No rule is applied when an operator is derived, except those of the affine argument, the tilt and the square; that all
of them hold is how the derivation is tested. The difference is the largest from what the rule says.
"""
BLOCK_HEAD = """
## Functions of vectors and matrices

The excess is bounded by the dual objective, from conjugates that are coded on their own; for functions that are not
convex it is that over many places around the operator. It is relative to the objective.
"""

PROBE_HEAD = """
## Convexity of likelihoods

Negative log likelihoods as users spell them, of unknowns $w$ with $r = X w$: what is true, what the rules of
composition make of the spelling alone, and what the library answers. It never guesses: what no rule settles is unknown.
Either it knows the curvature of all functions that a piece is made of, or it bounds the second derivative on intervals
that cover the domain, or the expression is composed of convex functions.
"""
DENSITY_HEAD = """
## Convexity of densities

Minus the log densities of the {count} continuous laws of PyMC in their values, {rows} with other shapes: what is expected, what
second differences at sixty places say, and what the library answers.
"""


def math(text):
    """Return LaTeX for the cell of a table."""
    without_bars = text.replace(r"\|", r"\Vert ").replace("|", r"\vert ")
    return f"${without_bars}$"


def table(heads, rows):
    lines = [heads, ["---:", *["---"] * (len(heads) - 1)], *rows]
    return "\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


ITERATED = r"\operatorname{least}\left("


def operator(row):
    """Return the cell of an operator."""
    if row["formula"]:
        return math(_with_roots(row["formula"].replace(r"\operatorname{wright\_omega}", r"\omega")))
    return f"{'a case for each' if row['curvature'] == 'convex' else 'the best'} of {row['places']} places"


def _with_roots(text):
    """Return a formula where what is found by iteration is called a root."""
    while ITERATED in text:
        before, rest = text.split(ITERATED, 1)
        depth, end = 1, 0
        for part in re.finditer(r"\\(left|right)\b.", rest):
            depth += 1 if part[1] == "left" else -1
            if not depth:
                end = part.end()
                break
        text = before + r"\text{root}" + rest[end:]
    return text


def page():
    """Return the text of the page."""
    found = json.loads(FILE.read_text())
    penalties = found["penalties"]
    rows = [
        [
            str(i),
            name,
            math(p.statement),
            operator(penalties[name]),
            penalties[name]["curvature"],
            _number(penalties[name]["excess"]),
        ]
        for i, (name, p) in enumerate(PENALTIES.items(), 1)
    ]
    worst = max(row["excess"] for row in penalties.values())
    parts = [HEAD.format(count=len(rows), worst=worst, date=found["date"])]
    parts.append(table(["", "penalty", r"$\phi(x)$", "operator at $z$", "curvature", "excess"], rows))
    rows = _measured(CONJUGATES, found["conjugates"], lambda row: row.statement)
    parts += [CONJUGATE_HEAD, table(["", "function", r"$\phi(x) \to \phi^*(u)$", "difference"], rows)]
    rows = _measured(CALCULUS, found["calculus"], lambda row: row.statement)
    parts += [CALCULUS_HEAD, table(["", "rule", "operator", "difference"], rows)]
    blocks = found["blocks"]
    rows = [
        [str(i), case.name, math(case.formula), blocks[case.name]["curvature"], _number(blocks[case.name]["excess"])]
        for i, case in enumerate(CASES, 1)
    ]
    parts += [BLOCK_HEAD, table(["", "function", r"$\phi(x)$", "curvature", "excess"], rows)]
    rows = [
        [str(i), name, math(p.statement), p.truth, p.dcp, *_answer(found["probes"][name])]
        for i, (name, p) in enumerate(PROBES.items(), 1)
    ]
    heads = ["", "likelihood", "per element", "truth", "composition alone", "answer", "shown by"]
    parts += [PROBE_HEAD, table(heads, rows)]
    rows = [
        [
            str(i),
            name,
            f"`{_call(d)}`",
            d.verdict,
            found["densities"][name]["measured"] or "",
            *_answer(found["densities"][name]),
        ]
        for i, (name, d) in enumerate(DENSITIES.items(), 1)
    ]
    laws = len({d.name for d in DENSITIES.values()})
    heads = ["", "density", "in PyMC", "expected", "second differences", "answer", "shown by"]
    parts += [DENSITY_HEAD.format(count=laws, rows=len(rows)), table(heads, rows)]
    return "".join(parts)


def _answer(row):
    """Return the cells of a verdict, and of how it was shown."""
    return row["verdict"], ", ".join(row["shown"]) or "it is constant"


def _call(density):
    parameters = ", ".join(f"{k}={v}" if isinstance(v, float) else k for k, v in density.parameters.items())
    return f"{density.name}({parameters})"


def _measured(rows, found, statement):
    return [
        [str(i), name, math(statement(row)), _number(found[name]["deviation"])]
        for i, (name, row) in enumerate(rows.items(), 1)
    ]


def _number(x):
    return f"{x:.1e}"


if __name__ == "__main__":
    PAGE.write_text(page())
