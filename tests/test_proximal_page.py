"""The page of proximal operators: every row that is tested stands on it, with what was measured of it."""

import json
from datetime import date
from runpy import run_path

from tests.markdown import ROOT
from tests.proximal.block_cases import CASES
from tests.proximal.calculus import CALCULUS
from symbolic_pymc.proximal.shapes import CONVEX, UNKNOWN
from tests.proximal.penalties import PENALTIES
from tests.proximal.probes import PROBES
from tests.proximal.test_conjugates import CONJUGATES
from tests.proximal.test_densities import DENSITIES

FOUND = json.loads((ROOT / "docs/_static/proximal.json").read_text())


def test_every_row_is_measured():
    assert list(FOUND["penalties"]) == list(PENALTIES)
    assert list(FOUND["calculus"]) == list(CALCULUS)
    assert list(FOUND["conjugates"]) == list(CONJUGATES)
    assert list(FOUND["blocks"]) == [case.name for case in CASES]
    assert list(FOUND["probes"]) == list(PROBES) and len(PROBES) == 28
    assert list(FOUND["densities"]) == list(DENSITIES) and len({d.name for d in DENSITIES.values()}) == 34
    assert date.fromisoformat(FOUND["date"]) >= date(2020, 1, 1)


def test_what_was_measured_is_small():
    assert max(row["excess"] for group in ("penalties", "blocks") for row in FOUND[group].values()) <= 1e-8
    assert max(row["deviation"] for group in ("calculus", "conjugates") for row in FOUND[group].values()) <= 1e-11


def test_verdicts_are_those_of_the_tables():
    assert all(FOUND["penalties"][name]["curvature"] == p.verdict for name, p in PENALTIES.items())
    assert all(FOUND["blocks"][case.name]["curvature"] == case.verdict for case in CASES)


def test_answers_on_likelihoods_are_true_and_as_many_as_composition_gives():
    answers = {name: FOUND["probes"][name]["verdict"] for name in PROBES}
    assert all(answer in (PROBES[name].truth, UNKNOWN) for name, answer in answers.items())
    assert all(answers[name] == CONVEX for name, probe in PROBES.items() if probe.truth == CONVEX)
    assert sum(probe.dcp == UNKNOWN for probe in PROBES.values()) == 9


def test_answers_on_densities_are_those_expected_and_measured():
    for name, density in DENSITIES.items():
        row = FOUND["densities"][name]
        assert row["verdict"] == density.verdict, name
        assert row["measured"] == (None if density.verdict == UNKNOWN else density.verdict), name


def test_the_page_is_that_of_the_tables():
    made = run_path(str(ROOT / "tools/proximal.py"))["page"]()
    assert (ROOT / "docs/proximal.md").read_text() == made, "run python tools/proximal.py"
