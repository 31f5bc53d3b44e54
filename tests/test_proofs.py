"""What is measured of the relations by their tests, and the pages that are made of it."""

import json
from runpy import run_path

import numpy as np
import pytest

from symbolic_pymc.catalogue import catalogue
from tests.markdown import ROOT
from verification.proofs import FILE, Proofs, deviation

PROOFS = json.loads(FILE.read_text())


def test_at_least_a_hundred_relations_are_measured():
    assert len(PROOFS) >= 100 and set(PROOFS) <= {entry.name for entry in catalogue()}
    for name, proof in PROOFS.items():
        assert 0 <= proof["deviation"] < 1e-5 and proof["count"] >= 1, name


def test_tests_that_are_named_exist():
    for proof in PROOFS.values():
        file, _, name = proof["test"].partition("::")
        assert f"def {name.partition('[')[0]}(" in (ROOT / file).read_text()


def test_deviations_are_relative_to_what_is_larger_than_one():
    assert deviation([1.0, 200.0], [1.5, 100.0]) == 1.0 and deviation(0.25, 0.5) == 0.25
    assert deviation([-np.inf, 1.0], [-np.inf, 1.0]) == 0.0 == deviation([], [])


class Report:
    when, nodeid = "call", "test"

    def __init__(self, passed):
        self.passed = passed


def test_only_close_comparisons_in_tests_that_pass_are_proofs():
    proofs = Proofs()
    with proofs.watching():
        proofs.fired = {"one"}
        np.testing.assert_allclose(1.1, 1.0, rtol=0.5)
        proofs.pytest_runtest_logreport(Report(True))
        assert not proofs.found
        np.testing.assert_allclose(1.0 + 1e-9, 1.0, rtol=1e-8)
        proofs.pytest_runtest_logreport(Report(False))
        assert not proofs.found
        proofs.pytest_runtest_logreport(Report(True))
        with pytest.raises(AssertionError):
            np.testing.assert_allclose(1.1, 1.0)
    assert proofs.found["one"]["deviation"] == pytest.approx(1e-9, rel=1e-3)
    assert proofs.found["one"]["tests"] == ["test"]


def test_every_relation_has_a_page():
    pages = run_path(str(ROOT / "tools/catalogue.py"))["pages"]()
    assert len(pages) == len(catalogue()) + 1
    assert all(entry.statement in text for entry, text in zip(catalogue(), pages.values()))
    assert all(f"{proof['deviation']:.1e}" in pages["index.md"] for proof in PROOFS.values())
