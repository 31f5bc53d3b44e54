"""What is measured of the relations by their tests, and the pages that are made of it."""

import json
from collections import Counter
from importlib import import_module
from runpy import run_path

import numpy as np
import pytest
from kanren import run
from unification import var

from symbolic_pymc.catalogue import catalogue
from symbolic_pymc.meta import settle_graph
from tests import joints
from tests.markdown import ROOT
from verification import proofs as proofs_module
from verification import ratios
from verification.proofs import FILE, JOINT, NUMBERS, PYMC, Proofs, deviation, row

PROOFS = json.loads(FILE.read_text())


def test_every_relation_of_the_catalogue_is_measured():
    assert [*PROOFS] == [entry.name for entry in catalogue()], "run python -m verification.proofs --missing TESTS"


def test_what_is_measured_is_close_and_says_by_what():
    for name, proof in PROOFS.items():
        assert 0 <= proof["deviation"] < 1e-5 and proof["count"] >= 1, name
        assert proof["oracle"] in (PYMC, JOINT, NUMBERS) and proof["generator"], name


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


def test_every_way_to_compare_is_watched():
    proofs = Proofs()
    with proofs.watching():
        np.testing.assert_allclose(1.0, 1.0)
        assert 0.5 + 1e-9 == pytest.approx(0.5, rel=1e-7) and not 0.5 == pytest.approx(0.6)
        assert np.float64(0.5) == pytest.approx(np.float64(0.5), rel=1e-7)  # which NumPy says in a type of its own
        assert 0.5 == pytest.approx(0.50001, rel=1e-2)  # not close
        joints._assert_equal((3.0, 1.0, 2.0), 1e-8, {})
        assert ratios.relative(2.0, 2.0 + 1e-12, 2.0) == pytest.approx(5e-13, rel=0.1)
    kinds = NUMBERS, JOINT, PYMC
    numbers, joint, pymc = ([x for oracle, x in proofs.deviations if oracle == kind] for kind in kinds)
    assert numbers[0] == 0.0 and numbers[1] == pytest.approx(1e-9, rel=1e-3) and numbers[2] == 0.0
    assert joint == [0.0] and len(pymc) == 1


def test_a_relation_that_is_asked_has_fired_when_it_answers(backend):
    proofs, ops = Proofs(), import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    with proofs.watching():
        relation = import_module("symbolic_pymc.relations.chains").gaussianchain_mvnormalo
        ones = ops.constant(np.ones(3))
        assert run(1, var(), relation(ops, ops.normal(ones, ones), var())) == () and not proofs.fired
        q = var()
        assert len(run(1, q, relation(ops, ops.gaussianchain(ones, ones, ones), q))) == 1
    assert proofs.fired == {"gaussianchain_mvnormalo"}


def test_a_relation_with_an_entry_for_every_law_has_fired_for_that_law(backend):
    proofs, ops = Proofs(), import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    with proofs.watching():
        relation = import_module("symbolic_pymc.relations.mixing_given").mixing_giveno
        zero, one = ops.constant(0.0), ops.constant(1.0)
        for law in (ops.cauchy(zero, one), ops.normal(zero, one)):
            run(0, var(), relation(ops, settle_graph(law), one, var()))
    assert proofs.fired == {"mixing_giveno (cauchy)"}


def test_what_is_missing_is_added_to_what_is_known(monkeypatch, tmp_path):
    names = [entry.name for entry in catalogue()]
    found = {name: {"deviation": 1e-9, "tests": ["one"], "oracles": Counter([PYMC])} for name in names}
    monkeypatch.setattr(proofs_module, "FILE", tmp_path / "proofs.json")
    monkeypatch.setattr(proofs_module, "measured", lambda tests: found)
    for flags, first in ((["--missing"], 0.5), (["tests"], 1e-9)):
        proofs_module.FILE.write_text(json.dumps({names[0]: {"deviation": 0.5}}))
        monkeypatch.setattr("sys.argv", ["proofs", *flags])
        with pytest.raises(SystemExit):
            proofs_module.main()
        rows = json.loads(proofs_module.FILE.read_text())
        assert [*rows] == names and [rows[name]["deviation"] for name in names[:2]] == [first, 1e-9]


def test_relations_without_an_oracle_make_the_script_fail(monkeypatch, tmp_path):
    measured = {entry.name: {"deviation": 0.0, "tests": ["one"], "oracles": Counter([PYMC])} for entry in catalogue()}
    monkeypatch.setattr(proofs_module, "FILE", tmp_path / "proofs.json")
    monkeypatch.setattr("sys.argv", ["proofs"])
    for missing, code in (("gamma, poisson (mu)", 1), (None, 0)):
        whole = dict(measured)
        whole.pop(missing, None)
        monkeypatch.setattr(proofs_module, "measured", lambda tests, whole=whole: whole)
        with pytest.raises(SystemExit) as left:
            proofs_module.main()
        assert left.value.code == code
        assert [*json.loads((tmp_path / "proofs.json").read_text())] == [*whole]


def test_what_is_written_of_a_relation():
    entries = {entry.name: entry for entry in catalogue()}
    found = {"deviation": 1e-9, "tests": ["one", "two"], "oracles": Counter({NUMBERS: 1, PYMC: 2})}
    assert row(entries["gamma, poisson (mu)"], found) == {
        "deviation": 1e-9,
        "count": 2,
        "test": "one",
        "oracle": PYMC,
        "generator": "verification.ratios: 3 cases, of which the first is gamma, poisson (mu); "
        "verification.random_models",
    }
    assert row(entries["uniform_sumo"], found)["generator"] == "the test's own tables"


def test_every_relation_has_a_page():
    pages = run_path(str(ROOT / "tools/catalogue.py"))["pages"]()
    assert len(pages) == len(catalogue()) + 1
    assert all(entry.statement in text for entry, text in zip(catalogue(), pages.values()))
    assert all(f"{proof['deviation']:.1e}" in pages["index.md"] for proof in PROOFS.values())
    (page,) = (text for name, text in pages.items() if name == "flat_mean_reversalo.md")
    assert all(f"- {field}: " in page for field in ("Guards", "Direction", "Exactness", "Models", "Oracle"))
    assert "$G'b^2 > 0$" in page
