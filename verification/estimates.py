"""Estimates of random models by `find_map`, each against the density of PyMC at points beside it:

    python -m verification.estimates

The script writes its section of docs/verification.md: what came of the models.
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
from tests.random_estimates import POINTS, estimated
from verification.page import table, write_section

TITLE = "Estimates of random models"


def outcome(name, seed):
    """Return what comes of a model, in a process of its own: its status, and whether it is wrong."""
    warnings.simplefilter("ignore")
    try:
        found = estimated(make_backend(name), seed)
    except Exception as error:  # what is no error of this library is a failure
        return f"{type(error).__name__}: {error}"[:200], True
    return ("no continuous unknowns", False) if found is None else (found.status, found.is_wrong)


def section(n, counts, failures):
    """Return the text of the section."""
    rows = [(status, *(counts[name][status] for name in counts)) for status in sorted(set().union(*counts.values()))]
    return (
        f"On {date.today()}: `find_map` of {n} random models for each backend; where it has converged, the log density "
        f"of PyMC itself at {POINTS} points beside the estimate is not larger. {len(failures)} failures. What came of "
        "the models:\n\n" + table(["outcome", *counts], rows)
    )


def main():
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=40)
    n, counts, failures = parser.parse_args().models, {}, {}
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for name in INSTALLED:
            found = list(pool.map(outcome, repeat(name), range(n)))
            counts[name] = Counter(status for status, _ in found)
            failures |= {(name, seed): status for seed, (status, is_wrong) in enumerate(found) if is_wrong}
            print(f"{name}: {dict(counts[name])}", flush=True)
    write_section(TITLE, section(n, counts, failures))
    print(f"failures: {failures}")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
