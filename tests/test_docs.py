"""The programs in the documentation run and print what stands there; what it quotes is in its file."""

import re
import shutil
import subprocess
import sys
from importlib.util import find_spec

import pytest

from tests.markdown import ROOT, check, programs

DOCS = ROOT / "docs"
NEW_DISTRIBUTION = DOCS / "howto/distribution.md"
PAGES = sorted([*DOCS.glob("*.md"), *DOCS.glob("howto/*.md")])
QUOTE = re.compile(r"^```\{code-block\} python\n:caption: (\S+)\n\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"^DISTRIBUTIONS = .*\n", re.MULTILINE)


def programs_of(path):
    """Return the programs of a page, as one where it is a recipe: each block goes on from those before it."""
    return programs(path, whole=path.parent.name == "howto")


@pytest.mark.slow
@pytest.mark.parametrize(
    "program",
    [p for path in PAGES if path != NEW_DISTRIBUTION for p in programs_of(path) if p.runs_here],
    ids=lambda program: program.title,
)
def test_program(program):
    check(program)


def quotes(text):
    """Return pairs of the path of a file and lines that a page shows from it."""
    return [(ROOT / path, body) for path, body in QUOTE.findall(text)]


@pytest.mark.slow
def test_new_distribution_is_a_row_in_each_table(tmp_path):
    [program] = programs_of(NEW_DISTRIBUTION)
    assert program.runs_here
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "symbolic_pymc", tmp_path / "symbolic_pymc", ignore=ignore)
    for path, row in quotes(NEW_DISTRIBUTION.read_text())[:2]:
        copy = tmp_path / path.relative_to(ROOT)
        text, found = TABLE.subn(lambda table: table[0] + row, copy.read_text())
        assert found == 1, copy
        copy.write_text(text)
    check(program, folder=tmp_path)


def test_quoted_lines_are_in_their_files():
    for path, lines in quotes(NEW_DISTRIBUTION.read_text())[2:]:
        for line in lines.splitlines():
            assert line in path.read_text(), path


@pytest.mark.slow
@pytest.mark.skipif(not find_spec("sphinx"), reason="the documentation is built with both backends")
def test_documentation_builds_without_warnings(tmp_path):
    command = [sys.executable, "-m", "sphinx", "-W", "-b", "html", "-d", tmp_path / "trees", DOCS, tmp_path]
    process = subprocess.run(command, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr[-3000:]
    assert (tmp_path / "index.html").exists() and (tmp_path / "tutorials/radon.html").exists()
