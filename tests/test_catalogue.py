"""The catalogue of relations: complete, stated, and written out in the documentation as it stands."""

from runpy import run_path

from symbolic_pymc.catalogue import APPROXIMATE, BOTH_WAYS, EXACT, ONE_WAY, catalogue, premises
from symbolic_pymc.proximal.blocktable import BLOCKS
from symbolic_pymc.relations.facts import FACTS
from tests.markdown import ROOT


def test_every_relation_is_stated_once():
    entries = catalogue()
    assert len({entry.name for entry in entries}) == len(entries) > 150
    for entry in entries:
        assert entry.statement.count("{") == entry.statement.count("}"), entry.name
        assert any(sign in entry.statement for sign in ("frac", "=")), entry.name


def test_every_relation_has_its_guards_its_direction_and_its_exactness():
    entries = {entry.name: entry for entry in catalogue()}
    for entry in entries.values():
        assert entry.direction.startswith((ONE_WAY, BOTH_WAYS)) and entry.exactness in (EXACT, APPROXIMATE)
        assert all(text.count("$") % 2 == 0 for text in entry.guards), entry.name
    assert entries["flat_mean_reversalo"].guards[0] == "$G'b^2 > 0$"
    assert entries["scale_mixture_marginalo"].guards[0].startswith("The goal fails where anything else depends on `w`")
    ways = {name: entries[name].direction for name in ("normal_scale_mixtureo", "mixing_scaleo", "stickso (dirichlet)")}
    assert ways == {"normal_scale_mixtureo": BOTH_WAYS, "mixing_scaleo": ONE_WAY, "stickso (dirichlet)": ONE_WAY}


def test_premises_are_what_stands_above_the_line():
    assert premises(r"\frac{x \sim N(0, \frac{1}{2}) \qquad c > 0,\; d < 1}{y} \quad e") == [
        r"x \sim N(0, \frac{1}{2})",
        "c > 0",
        "d < 1",
    ]
    assert premises("a = b") == []


def test_all_facts_of_algebra_are_in_it():
    assert {fact.__name__ for fact in FACTS} <= {entry.name for entry in catalogue()}


def test_all_functions_of_whole_arrays_are_in_it_with_their_operators():
    entries = {entry.name: entry for entry in catalogue() if entry.group == "Proximal operators"}
    assert {"proxo", "conjugateo"} | {f"proxo ({kind})" for kind in BLOCKS} == set(entries)
    assert entries["proxo"].direction == BOTH_WAYS and entries["proxo (radial)"].direction.startswith(ONE_WAY)
    assert all(row.solution in entries[f"proxo ({kind})"].statement for kind, row in BLOCKS.items())


def test_the_page_is_that_of_the_relations():
    made = run_path(str(ROOT / "tools/catalogue.py"))["page"]()
    assert (ROOT / "docs/catalogue.md").read_text() == made, "run python tools/catalogue.py"
