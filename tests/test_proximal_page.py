"""The page of proximal operators: every row that is tested stands on it, with what was measured of it."""

import json
from datetime import date
from runpy import run_path

from tests.markdown import ROOT
from tests.proximal.block_cases import CASES
from tests.proximal.calculus import CALCULUS
from tests.proximal.penalties import PENALTIES
from tests.proximal.test_conjugates import CONJUGATES

FOUND = json.loads((ROOT / "docs/_static/proximal.json").read_text())


def test_every_row_is_measured():
    assert list(FOUND["penalties"]) == list(PENALTIES)
    assert list(FOUND["calculus"]) == list(CALCULUS)
    assert list(FOUND["conjugates"]) == list(CONJUGATES)
    assert list(FOUND["blocks"]) == [case.name for case in CASES]
    assert date.fromisoformat(FOUND["date"]) >= date(2020, 1, 1)


def test_what_was_measured_is_small():
    assert max(row["excess"] for group in ("penalties", "blocks") for row in FOUND[group].values()) <= 1e-8
    assert max(row["deviation"] for group in ("calculus", "conjugates") for row in FOUND[group].values()) <= 1e-11


def test_verdicts_are_those_of_the_tables():
    assert all(FOUND["penalties"][name]["curvature"] == p.verdict for name, p in PENALTIES.items())
    assert all(FOUND["blocks"][case.name]["curvature"] == case.verdict for case in CASES)


def test_the_page_is_that_of_the_tables():
    made = run_path(str(ROOT / "tools/proximal.py"))["page"]()
    assert (ROOT / "docs/proximal.md").read_text() == made, "run python tools/proximal.py"
