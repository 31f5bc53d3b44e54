"""Programs in Markdown pages: what stands in fenced blocks under one heading, and what it must print."""

import re
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parent.parent
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Program:
    """The Python blocks under one heading, and the text blocks there: parts of what they print, in order."""

    title: str
    code: str
    outputs: tuple

    @property
    def runs_here(self):
        """Whether the packages that it imports are installed."""
        packages = re.findall(r"^ *(?:import|from) (\w+)", self.code, flags=re.MULTILINE)
        return all(find_spec(name) for name in packages)


def blocks(text, language):
    """Return the fenced blocks of a language."""
    return [body for name, body in FENCE.findall(text) if name == language]


def programs(path, whole=False):
    """Return the programs of a page, one per heading, or with `whole` a single one."""
    text = path.read_text()
    # comments in Python look like headings
    hidden = FENCE.sub(lambda m: re.sub("^#", " ", m[0], flags=re.MULTILINE), text)
    starts = [0, *(m.start() for m in re.finditer(r"^#", hidden, flags=re.MULTILINE)), len(text)]
    sections = [text] if whole else [text[a:b] for a, b in zip(starts, starts[1:])]
    return [
        Program(s.splitlines()[0].strip("# "), "\n".join(blocks(s, "python")), tuple(blocks(s, "text")))
        for s in sections
        if blocks(s, "python")
    ]


def check(program, folder=ROOT):
    """Run a program in an interpreter of its own at the top of the checkout and compare what it prints."""
    command = [sys.executable, "-W", "error:::symbolic_pymc", "-c", program.code]
    process = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert process.returncode == 0, process.stderr[-3000:]
    position = 0
    for expected in program.outputs:
        assert expected in process.stdout[position:], process.stdout
        position = process.stdout.index(expected, position) + len(expected)
