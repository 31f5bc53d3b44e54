"""Run every benchmark and write their tables, with a description of the machine, into docs/benchmarks.md.

``python benchmarks/_report.py collapse walk`` runs these alone, on the same machine, and puts their sections in the
place of the old ones.
"""

import platform
import subprocess
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
PACKAGES = ("numpy", "Theano-PyMC", "pymc3", "pytensor", "pymc", "miniKanren")


def processor():
    """Return the model name of the processor and the number of its cores that this process sees."""
    info = Path("/proc/cpuinfo")
    names = [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()}, {len(names)} cores"


def machine():
    """Return a paragraph on what the tables were measured with."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"Measured on {date.today()}: {processor()}, {platform.system()}, Python {platform.python_version()}, "
        f"{packages}. Times are CPU seconds, medians of five within one run; ratios are taken within one run. "
        "`make bench` measures anew and writes this page."
    )


def sections(text):
    """Return the sections of a text by their headings."""
    return {part.split("\n")[0]: "## " + part.strip() for part in ("\n" + text).split("\n## ")[1:]}


def main():
    names, head, page = sys.argv[1:], f"# Benchmarks\n\n{machine()}", {}
    if names:
        head, page = PAGE.read_text().split("\n\n## ")[0], sections(PAGE.read_text())
    for script in sorted(HERE.glob("[!_]*.py")):
        if script.stem in names or not names:
            print(script.name, flush=True)
            run = subprocess.run([sys.executable, script], check=True, stdout=subprocess.PIPE, text=True)
            page |= sections(run.stdout)
    PAGE.write_text("\n\n".join([head, *page.values()]) + "\n")
    print(f"wrote {PAGE.relative_to(HERE.parent)}")


if __name__ == "__main__":
    main()
