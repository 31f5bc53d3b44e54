"""The catalogue of relations: complete, stated, and written out in the documentation as it stands."""

from runpy import run_path

from symbolic_pymc.catalogue import catalogue
from symbolic_pymc.relations.facts import FACTS
from tests.markdown import ROOT


def test_every_relation_is_stated_once():
    entries = catalogue()
    assert len({entry.name for entry in entries}) == len(entries) > 150
    for entry in entries:
        assert entry.statement.count("{") == entry.statement.count("}"), entry.name
        assert any(sign in entry.statement for sign in ("frac", "=")), entry.name


def test_all_facts_of_algebra_are_in_it():
    assert {fact.__name__ for fact in FACTS} <= {entry.name for entry in catalogue()}


def test_the_page_is_that_of_the_relations():
    made = run_path(str(ROOT / "tools/catalogue.py"))["page"]()
    assert (ROOT / "docs/catalogue.md").read_text() == made, "run python tools/catalogue.py"
