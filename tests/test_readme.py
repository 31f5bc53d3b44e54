"""Every program in the README runs and prints what stands there."""

import re

import pytest

from tests.markdown import ROOT, blocks, check, programs

README = ROOT / "README.md"
PROGRAMS = [program for program in programs(README) if program.runs_here]


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.title)
def test_program(program):
    check(program)


def test_there_is_a_program_for_each_example_and_library():
    text = " ".join(blocks(README.read_text(), "python"))
    for library in ("pymc3", "pymc"):
        assert len(re.findall(rf"^import {library} as pm", text, flags=re.MULTILINE)) >= 2
    assert min(text.count("sp.conjugate_graph("), text.count("sp.reparam_graph(")) >= 2


def test_own_relation_is_that_of_the_example():
    cell = (ROOT / "examples/own_relation.py").read_text().split("# %%\n")[1]
    assert cell in README.read_text()


def test_files_it_names_exist():
    text = README.read_text()
    for path in re.findall(r"\]\(([\w/.]+)\)|`((?:examples|docs)/[\w/.]+)`", text):
        name = "".join(path)
        assert (ROOT / name).exists() or name.endswith(("output", "html")), name


@pytest.mark.parametrize("target", ["demo", "test", "docs", "bench"])
def test_commands_it_names_exist(target):
    assert f"`make {target}`" in README.read_text()
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
