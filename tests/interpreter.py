"""Fresh interpreters, for what can be seen only at their start."""

import os
import subprocess
import sys


def run_python(code, folder):
    """Run `code` in a fresh interpreter without this project's variables; return the process."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("THEANO", "PYTENSOR", "PYTHON"))}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, env=environment)


def printed(code, folder):
    """What `code` prints; the test fails if it raises or writes to stderr."""
    process = run_python(code, folder)
    assert (process.returncode, process.stderr) == (0, "")
    return process.stdout.split()
