"""Run every benchmark and write their tables, with a description of the machine, into docs/benchmarks.md."""

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


def main():
    pages = ["# Benchmarks", machine()]
    for script in sorted(HERE.glob("[!_]*.py")):
        print(script.name, flush=True)
        pages.append(subprocess.run([sys.executable, script], check=True, stdout=subprocess.PIPE, text=True).stdout)
    PAGE.write_text("\n\n".join(page.strip() for page in pages) + "\n")
    print(f"wrote {PAGE.relative_to(HERE.parent)}")


if __name__ == "__main__":
    main()
