"""The calibration of `make verify` and the mutation of `make mutation`: they pass what is right and fail what is wrong."""

import ast

import numpy as np
import pytest

from verification import mutants, mutation, mutation_page, page, sbc

NAMES = {"theano": "PyMC3", "pytensor": "PyMC"}
SOURCE = "def f(ops, x, y):\n    return law(ops, 'gamma', ops.add(x, ops.constant(2.0)), ops.dot(x, ops.sqrt(y)))\n"


def p_value(backend, name):
    return sbc.p_value(sbc.CASES[name], sbc.backends()[NAMES[backend.name]], simulations=1000, draws=127)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gamma, Poisson", "normal regression", "variance of a normal regression"])
def test_what_is_right_is_calibrated(backend, name):
    assert p_value(backend, name) > 1e-4


@pytest.mark.slow
def test_what_is_wrong_is_not(backend, monkeypatch):
    """One pseudo-observation too many, as of an element that is counted twice."""
    monkeypatch.setitem(sbc.DRAW, "gamma", lambda rng, p, n: rng.gamma(p["alpha"] + 1.0, 1 / p["beta"], n))
    assert p_value(backend, "gamma, Poisson") < 1e-6


def test_there_are_enough_cases():
    assert len(sbc.CASES) >= 20 and len({id(case) for case in sbc.CASES.values()}) == len(sbc.CASES)


def rows_of(title):
    lines = [line for line in page.section(title).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[2:]]


def test_the_page_has_every_case():
    rows = rows_of(sbc.TITLE)
    assert [row[0] for row in rows] == list(sbc.CASES)
    assert all(np.all(np.array(row[1:], dtype=float) > 1e-6) for row in rows)


def test_a_section_replaces_its_own_one_only(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "PAGE", tmp_path / "page.md")
    page.PAGE.write_text("# Title\n\n## One\n\nfirst\n\n## Two\n\nsecond\n")
    page.write_section("One", "other")
    page.write_section("Three", "third")
    assert page.PAGE.read_text() == "# Title\n\n## One\n\nother\n\n## Two\n\nsecond\n\n## Three\n\nthird\n"


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A module of one function to be mutated."""
    monkeypatch.setattr(mutants, "path_of", lambda module: tmp_path / f"{module}.py")
    (tmp_path / "one.py").write_text(SOURCE)
    return tmp_path / "one.py"


def test_the_mutants_of_a_function(source):
    assert {(m.kind, m.before, m.after) for m in mutants.mutants_of("one")} == {
        ("operation", "ops.add(x, ops.constant(2.0))", "ops.sub(x, ops.constant(2.0))"),
        ("term", "ops.add(x, ops.constant(2.0))", "x"),
        ("term", "ops.add(x, ops.constant(2.0))", "ops.constant(2.0)"),
        ("constant", "ops.constant(2.0)", "ops.constant(2.0 + 1.0)"),
        ("exchange", "ops.dot(x, ops.sqrt(y))", "ops.dot(ops.sqrt(y), x)"),
        ("operation", "ops.sqrt(y)", "ops.sqr(y)"),
        ("term", "ops.sqrt(y)", "y"),
        (
            "exchange",
            "law(ops, 'gamma', ops.add(x, ops.constant(2.0)), ops.dot(x, ops.sqrt(y)))",
            "law(ops, 'gamma', ops.dot(x, ops.sqrt(y)), ops.add(x, ops.constant(2.0)))",
        ),
    }


def test_functions_that_exist_get_the_code_of_a_mutant(source):
    source.write_text("def make(scale):\n    return lambda ops, x: ops.add(x, scale)\n")
    namespace = {}
    exec(compile(source.read_text(), str(source), "exec"), namespace)
    existing, functions = namespace["make"](3.0), mutants.functions_of("one")
    (mutant,) = (m for m in mutants.mutants_of("one") if m.after == "x")
    mutants.replace(functions, mutants.mutated_codes(mutant))

    class Words:
        add = staticmethod(lambda x, y: x + y)

    assert existing(Words, 2.0) == namespace["make"](3.0)(Words, 2.0) == 2.0


def test_a_sample_is_even_among_the_functions(source):
    source.write_text(SOURCE + SOURCE.replace("def f", "def g") + "def h(ops, x):\n    return ops.neg(x)\n")
    chosen = mutants.sample(mutants.mutants_of("one"), 5)
    assert sorted(m.function for m in chosen) in (["f", "f", "g", "g", "h"],)


def test_what_is_known_of_other_modules_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(mutation_page, "FILE", tmp_path / "mutation.json")
    monkeypatch.setattr(page, "PAGE", tmp_path / "page.md")
    page.PAGE.write_text("# Title\n")
    mutation_page.keep("two", 9, 4, ["two.f: a -> b", "two.g: c -> d"])
    mutation_page.keep("one", 50, 25, ["one.f: e -> h"])
    mutation_page.keep("two", 9, 5, ["two.g: c -> d", "two.f: a -> b"])
    rows = mutation_page.known()
    assert list(rows) == ["one", "two"] and rows["two"]["survivors"] == ["two.f: a -> b", "two.g: c -> d"]
    assert mutation_page.write({"two.f: a -> b": "a reason"}, ["one", "two", "three"]) == 27 / 29
    assert [row[3:] for row in rows_of(mutation_page.TITLE)] == [
        ["50", "25", "0", "24", "96.0%"],
        ["9", "5", "1", "3", "75.0%"],
        ["59", "30", "1", "27", "93.1%"],
    ]
    assert "Not tried yet: three.\n" in page.PAGE.read_text()
    assert "Not caught:\n\n- `one.f: e -> h`\n- `two.g: c -> d`\n\nEq" in page.PAGE.read_text()
    assert "original:\n\n- `two.f: a -> b`: a reason\n" in page.PAGE.read_text()


def test_the_page_says_what_is_known_of_mutants():
    rows = mutation_page.known()
    made = mutation_page.report(rows, mutation.EQUIVALENT, mutation.TESTS)
    assert page.section(mutation_page.TITLE).strip() == made.strip(), "run python -m verification.mutation MODULE"
    assert set(rows) <= set(mutation.TESTS)
    assert mutation_page.score(*mutation_page.overall(rows, mutation.EQUIVALENT)[1:]) >= mutation_page.LEVEL


def test_every_module_of_relations_can_be_mutated():
    modules = (path.stem for path in (mutants.ROOT / "symbolic_pymc/relations").glob("*.py"))
    assert {module for module in modules if mutants.mutants_of(module)} == set(mutation.TESTS)


def test_the_tables_of_mutation_name_what_there_is():
    for module, files in mutation.TESTS.items():
        assert all((mutants.ROOT / "tests" / name.split("::")[0]).is_file() for name in files)
        ast.parse(mutants.path_of(module).read_text())
    known = {str(m) for module in mutation.TESTS for m in mutants.mutants_of(module)}
    assert known >= set(mutation.EQUIVALENT)
