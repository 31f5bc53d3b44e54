"""Random models before and after a rewrite: python -m verification.random_models

Models are drawn from the whole catalogue by their numbers, conditioned, and collapsed, marginalized or
reparameterised in turn; the joint density before and after is evaluated node by node with the laws of SciPy.  The
script writes its section of docs/verification.md: how often each relation fired.
"""

import sys
import warnings
from argparse import ArgumentParser
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from itertools import repeat
from multiprocessing import get_context

from tests.conftest import INSTALLED, make_backend
from tests.random_checks import Checker, Report, dead
from verification.page import write_section

TITLE = "Random models"
CHUNK = 250
GROUPS = "Arc reversals", "Conjugate pairs", "Location and scale", "Other forms"


def checked(name, seeds):
    """Return the report on some models of a backend; in a process of its own."""
    warnings.simplefilter("ignore")
    return Checker(make_backend(name)).run(seeds)


def section(n, reports):
    """Return the text of the section."""
    counts = {name: report.fired + report.pairs for name, report in reports.items()}
    rows = sorted(set().union(*counts.values()))
    results = sum(report.compared for report in reports.values())
    failures = sum(len(report.failures) for report in reports.values())
    return (
        f"On {date.today()}: {n} models, {results} results with the densities compared, {failures} failures. "
        "How often each relation was applied, and each pair of distributions an arc was reversed between:\n\n"
        "| relation | " + " | ".join(reports) + " |\n| --- |" + " ---: |" * len(reports) + "\n"
        + "".join(f"| {row} | " + " | ".join(str(counts[name][row]) for name in reports) + " |\n" for row in rows)
    )  # fmt: skip


def main():
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=20_000)
    options = parser.parse_args()
    share, reports = options.models // len(INSTALLED), {}
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for i, name in enumerate(INSTALLED):
            starts = range(i * share, (i + 1) * share, CHUNK)
            parts = pool.map(checked, repeat(name), (range(a, min(a + CHUNK, (i + 1) * share)) for a in starts))
            reports[name] = sum(parts, Report())
            print(f"{name}: {reports[name].compared} compared, failures {reports[name].failures}", flush=True)
    write_section(TITLE, section(options.models, reports))
    never = dead(sum((r.fired + r.pairs for r in reports.values()), Counter()), GROUPS)
    if never:
        print("never applied: " + ", ".join(never))
    sys.exit(any(r.failures for r in reports.values()) or bool(never))


if __name__ == "__main__":
    main()
