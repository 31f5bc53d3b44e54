"""Which tests prove a relation, and how closely: python -m verification.proofs [--missing] [TESTS ...]

The tests run with an eye on three things: which relations fired, with a result that was used; whether the test
passed; and the largest deviation among its comparisons with an oracle, those with a tolerance below 1e-5.  A relation
that fired in a test is proven by it up to this deviation.  The script writes docs/_static/proofs.json, from which the
documentation makes a page for every relation.  Where tests are named, what they measure is written in the place of
what is known of these relations, and the others keep theirs; with --missing only what nothing is known of is written.
"""

import json
import sys
from argparse import ArgumentParser
from collections import Counter, defaultdict
from contextlib import ExitStack
from functools import wraps
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from symbolic_pymc import api, rewriting, verify
from symbolic_pymc.catalogue import catalogue
from symbolic_pymc.proximal.blocks import prox_of_block
from symbolic_pymc.proximal.conjugates import conjugateo
from symbolic_pymc.proximal.prox import proxo
from symbolic_pymc.relations import (
    autoregressions,
    cases,
    chains,
    edges,
    facts,
    kronecker,
    log_edges,
    logistic_augmentation,
    mixing_given,
    scale_levels,
    scale_mixtures,
)
from symbolic_pymc.relations.kernels import PRIORS
from tests import joints, random_checks
from verification import random_models, ratios
from verification.ratio_cases import CASES

ROOT = Path(__file__).parent.parent
FILE = ROOT / "docs/_static/proofs.json"
FILES = "nimble_links", "ratios", "series", "enumeration", "missing"
TESTS = ("tests/relations", "tests/proximal/test_relations.py", *(f"tests/test_{name}.py" for name in FILES))
CLOSE = 1e-5

# How a number that a rewritten model gives was found to be right
PYMC, JOINT, NUMBERS = (
    "the log densities that PyMC computes before and after",
    "the joint density before and after, node by node",
    "numbers that the test has from elsewhere: SciPy, a closed form or quadrature",
)
# Relations that are asked for in other ways than by a driver, which says what it did
ASKED = (
    scale_mixtures.normal_scale_mixtureo,
    scale_levels.mixing_scaleo,
    scale_levels.scale_mixture_marginalo,
    chains.gaussianchain_mvnormalo,
    chains.gaussianchain_observedo,
    chains.gaussianchain_innovationso,
    autoregressions.autoregression_mvnormalo,
    autoregressions.autoregression_observedo,
    kronecker.kronecker_mvnormalo,
    log_edges.lognormal_observedo,
    mixing_given.mixing_giveno,
    mixing_given.variance_giveno,
    proxo,
    conjugateo,
    logistic_augmentation.logistic_precision_giveno,
    logistic_augmentation.logistic_coefficients_giveno,
)
# Of these the catalogue has one entry for each law of the draw that is asked about
BY_LAW = (mixing_given.mixing_giveno,)


class Proofs:
    """A plugin of pytest; `found` has for every relation its largest deviation, the tests that passed, and how."""

    def __init__(self):
        self.found = defaultdict(lambda: {"deviation": 0.0, "tests": [], "oracles": Counter()})
        self.fired, self.deviations, self.ops = set(), [], None

    def pytest_runtest_setup(self, item):
        self.fired, self.deviations = set(), []

    def pytest_runtest_logreport(self, report):
        if report.when == "call" and report.passed and self.deviations:
            for name in self.fired:
                self.found[name]["deviation"] = max(self.found[name]["deviation"], *(x for _, x in self.deviations))
                self.found[name]["tests"].append(report.nodeid)
                self.found[name]["oracles"].update({oracle for oracle, _ in self.deviations})

    def watching(self):
        """Return the context in which relations and comparisons are watched."""
        stack = ExitStack()
        watched = [
            *((module, "first_of", self._fact) for module in (facts, cases)),
            *((edges, name, self._pair) for name in ("reverse_kernel", "reverse_matrix", "reverse_count")),
            *((module, "keep", self._steps) for module in (api, rewriting)),
            (api, "rewritten", self._rewriting),
            (rewriting, "rewrite", self._row),
            (verify, "ratio_test", self._returned(PYMC)),
            (ratios, "relative", self._returned(PYMC)),
            (joints, "_assert_equal", self._joint),
            (np.testing, "assert_allclose", self._comparison),
            (type(pytest.approx(0.0)), "__eq__", self._approximation),
        ]
        watched += [(module, relation.__name__, self._asked) for relation in ASKED for module in holders(relation)]
        watched += [(module, "prox_of_block", self._block) for module in holders(prox_of_block)]
        for owner, name, wrapped in watched:
            stack.enter_context(patch.object(owner, name, wrapped(getattr(owner, name))))
        return stack

    def _asked(self, relation):
        @wraps(relation)
        def asked(*args, **kwargs):
            goal = relation(*args, **kwargs)
            law = f" ({args[0].distribution_of(args[1])})" if relation in BY_LAW else ""

            def answers(s):
                for answer in goal(s):
                    self.fired.add(relation.__name__ + law)
                    yield answer

            return answers

        return asked

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

    def _block(self, prox):
        def operator(ops, function, z, step):
            found = prox(ops, function, z, step)
            self.fired.update(f"proxo ({core.kind})" for core in function.cores)
            return found

        return operator

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

    def _returned(self, oracle):
        def watching(test):
            def tested(*args, **kwargs):
                self.deviations.append((oracle, test(*args, **kwargs)))
                return self.deviations[-1][1]

            return tested

        return watching

    def _joint(self, assert_equal):
        def compared(terms, tolerance, point):
            assert_equal(terms, tolerance, point)
            old, *new = map(float, terms)
            if tolerance < CLOSE:
                self.deviations.append((JOINT, abs(old - sum(new)) / max(1.0, *map(abs, (old, *new)))))

        return compared

    def _comparison(self, assert_allclose):
        def compared(actual, desired, rtol=1e-7, atol=0, **kwargs):
            assert_allclose(actual, desired, rtol=rtol, atol=atol, **kwargs)
            if max(rtol, atol) < CLOSE:
                self.deviations.append((NUMBERS, deviation(actual, desired)))

        return compared

    def _approximation(self, equal):
        def compared(approximation, actual):
            is_equal = equal(approximation, actual)
            expected = approximation.expected
            is_close = is_equal is not NotImplemented and bool(is_equal)  # of a number of NumPy it is one of NumPy
            if is_close and isinstance(expected, float) and np.isfinite(expected):
                if approximation.tolerance < CLOSE * max(1.0, abs(expected)):
                    self.deviations.append((NUMBERS, deviation(actual, expected)))
            return is_equal

        return compared


def holders(relation):
    """Return the modules of the library that have a relation under its name."""
    found = [m for name, m in sys.modules.items() if name.startswith("symbolic_pymc.")]
    return [m for m in found if vars(m).get(relation.__name__) is relation]


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


def generator_of(entry):
    """Return what writes models for a relation: cases of the ratio test, random models, or the tests themselves."""
    models = [name for name, case in CASES.items() if entry.name in case.proves]
    random = entry.group in random_models.GROUPS and not entry.name.startswith(tuple(random_checks.NOT_COMPARED))
    found = [f"verification.ratios: {len(models)} cases, of which the first is {name}" for name in models[:1]]
    return "; ".join(found + ["verification.random_models"] * random) or "the test's own tables"


def row(entry, found):
    """Return what is written of a relation."""
    (oracle, _), *_ = found["oracles"].most_common()
    return {
        "deviation": found["deviation"],
        "count": len(found["tests"]),
        "test": found["tests"][0],
        "oracle": oracle,
        "generator": generator_of(entry),
    }


def main():
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("tests", nargs="*", help="files of tests; all when none is given")
    parser.add_argument("--missing", action="store_true", help="keep what is known of relations")
    options = parser.parse_args()
    found, entries = measured(options.tests or TESTS), catalogue()
    known = json.loads(FILE.read_text()) if options.tests or options.missing else {}
    new = {entry.name: row(entry, found[entry.name]) for entry in entries if entry.name in found}
    known = new | known if options.missing else known | new
    rows = {entry.name: known[entry.name] for entry in entries if entry.name in known}
    FILE.write_text(json.dumps(rows, indent=1) + "\n")
    missing = sorted({entry.name for entry in entries} - set(rows))
    print(f"{len(rows)} of {len(entries)} relations are measured; not: {', '.join(missing) or 'none'}")
    sys.exit(bool(missing))


if __name__ == "__main__":
    main()
