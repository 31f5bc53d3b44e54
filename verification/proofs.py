"""Which tests prove a relation, and how closely: python -m verification.proofs [TESTS ...]

The tests run with an eye on three things: which relations fired, with a result that was used; whether the test
passed; and the largest deviation among its comparisons with an oracle, those with a tolerance below 1e-5.  A relation
that fired in a test is proven by it up to this deviation.  The script writes docs/_static/proofs.json, from which the
documentation makes a page for every relation.
"""

import json
import sys
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from symbolic_pymc import api, verify
from symbolic_pymc.catalogue import catalogue
from symbolic_pymc.relations import edges, facts
from symbolic_pymc.relations.kernels import PRIORS

ROOT = Path(__file__).parent.parent
FILE = ROOT / "docs/_static/proofs.json"
TESTS = ("tests/relations", "tests/test_nimble_links.py", "tests/test_series.py", "tests/test_enumeration.py")
CLOSE = 1e-5


class Proofs:
    """A plugin of pytest; `found` has for every relation its largest deviation and the tests that passed."""

    def __init__(self):
        self.found = defaultdict(lambda: {"deviation": 0.0, "tests": []})
        self.fired, self.deviations, self.ops = set(), [], None

    def pytest_runtest_setup(self, item):
        self.fired, self.deviations = set(), []

    def pytest_runtest_logreport(self, report):
        if report.when == "call" and report.passed and self.deviations:
            for name in self.fired:
                self.found[name]["deviation"] = max(self.found[name]["deviation"], *self.deviations)
                self.found[name]["tests"].append(report.nodeid)

    def watching(self):
        """Return the context in which relations and comparisons are watched."""
        stack = ExitStack()
        for module, name, wrapped in (
            (facts, "_first", self._fact),
            (edges, "reverse_kernel", self._pair),
            (edges, "reverse_matrix", self._pair),
            (api, "keep", self._steps),
            (api, "_rewritten", self._rewriting),
            (api, "rewrite", self._row),
            (verify, "ratio_test", self._ratio),
            (np.testing, "assert_allclose", self._comparison),
        ):
            stack.enter_context(patch.object(module, name, wrapped(getattr(module, name))))
        return stack

    def _fact(self, ask):
        def asked(fact, *arguments):
            answer = ask(fact, *arguments)
            self.fired.update(() if answer is None else (fact.__name__,))
            return answer

        return asked

    def _pair(self, reverse):
        def reversed_(ops, edge):
            reversal = reverse(ops, edge)
            family = ops.distribution_of(edge.theta)
            family = PRIORS[family].family if family in PRIORS else family
            self.fired.add(f"{family}, {ops.distribution_of(edge.rv)} ({edge.parameter})")
            return reversal

        return reversed_

    def _steps(self, keep):
        def kept(result, steps):
            self.fired.update(step.relation for step in steps if step.taken)
            return keep(result, steps)

        return kept

    def _rewriting(self, rewritten):
        def kept(ops, *args, **kwargs):
            self.ops = ops
            return rewritten(ops, *args, **kwargs)

        return kept

    def _row(self, rewrite):
        def rewriting(*args, on_step, **kwargs):
            def step(before, after, by):
                family = None if type(before) is tuple else self.ops.distribution_of(before)
                self.fired.add(f"{by.name} ({family})")
                on_step(before, after, by)

            return rewrite(*args, on_step=step, **kwargs)

        return rewriting

    def _ratio(self, test):
        def tested(*args, **kwargs):
            self.deviations.append(test(*args, **kwargs))
            return self.deviations[-1]

        return tested

    def _comparison(self, assert_allclose):
        def compared(actual, desired, rtol=1e-7, atol=0, **kwargs):
            assert_allclose(actual, desired, rtol=rtol, atol=atol, **kwargs)
            if max(rtol, atol) < CLOSE:
                self.deviations.append(deviation(actual, desired))

        return compared


def deviation(actual, desired):
    """Return the largest difference, relative to what is larger than one; infinities that agree do not differ."""
    actual, desired = np.broadcast_arrays(np.asarray(actual, dtype=float), np.asarray(desired, dtype=float))
    finite = np.isfinite(actual) & np.isfinite(desired)
    differences = np.abs(actual[finite] - desired[finite]) / np.maximum(1.0, np.abs(desired[finite]))
    return float(differences.max(initial=0.0))


def measured(tests):
    """Return what the tests prove: from the names of relations to deviations and tests."""
    proofs = Proofs()
    with proofs.watching():
        pytest.main(["-q", "-p", "no:cacheprovider", *tests], plugins=[proofs])
    return proofs.found


def main():
    found = measured(sys.argv[1:] or TESTS)
    names = [entry.name for entry in catalogue()]
    rows = {
        name: {"deviation": found[name]["deviation"], "count": len(found[name]["tests"]), "test": found[name]["tests"][0]}
        for name in names
        if name in found
    }
    FILE.write_text(json.dumps(rows, indent=1) + "\n")
    print(f"{len(rows)} of {len(names)} relations are measured; not: {', '.join(sorted(set(names) - set(rows)))}")


if __name__ == "__main__":
    main()
