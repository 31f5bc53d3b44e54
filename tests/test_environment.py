"""The environment a user gets: what installs, what an import brings with it, how a Python is found."""

import configparser
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.interpreter import printed

ROOT = Path(__file__).parent.parent
BACKENDS = ["theano", "pymc3", "pytensor", "pymc", "tensorflow"]


def test_hook_is_for_python_3_11_and_earlier(tmp_path):
    code = "import sys; print(any('TheanoWatcher' in repr(finder) for finder in sys.meta_path))"
    assert printed(code, folder=tmp_path) == [str(sys.version_info < (3, 12))]


def test_interpreter_start_is_silent_and_loads_no_numpy(tmp_path):
    code = "import sys; print(*sys.modules)"
    modules = printed(code, folder=tmp_path)
    assert "_symbolic_pymc_theano" in modules
    assert not {"numpy", "symbolic_pymc", *BACKENDS} & set(modules)


def test_start_up_line_stays_silent_when_its_module_is_gone(tmp_path):
    [line] = (ROOT / "symbolic_pymc/theano/startup/symbolic_pymc_theano.pth").read_text().splitlines()
    assert line.startswith("import ")  # `site` executes such lines alone
    assert printed(line.replace("_symbolic_pymc_theano", "_no_such_module"), folder=tmp_path) == []


def test_package_imports_no_backend(tmp_path):
    code = f"import sys, symbolic_pymc; print(*(name for name in {BACKENDS} if name in sys.modules))"
    assert printed(code, folder=tmp_path) == []


def test_core_requirements_are_the_eight_and_no_more():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    core = "numpy scipy miniKanren logical-unification etuples cons multipledispatch toolz"
    assert config["options"]["install_requires"].split() == core.split()


def test_metadata_stands_once():
    """Names of requirements appear in setup.cfg alone."""
    for name in ("pyproject.toml", "setup.py", "requirements.txt", "Makefile", "tools/make_env.sh"):
        text = (ROOT / name).read_text()
        assert not [word for word in ("numpy", "scipy", "Theano-PyMC", "pymc=", "etuples") if word in text]


def find_python(*versions, path, home):
    """Run tools/find_python.sh on a machine that has only the folders of `path`."""
    return subprocess.run(
        ["/bin/bash", str(ROOT / "tools/find_python.sh"), *versions],
        capture_output=True,
        text=True,
        env={"PATH": os.pathsep.join(map(str, path)), "HOME": str(home)},
    )


def executable(file, body):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)
    return file


def test_find_python_looks_past_shims_that_only_complain(tmp_path):
    executable(tmp_path / "shims/python9.9", "echo 'command not found' >&2; exit 127")
    real = executable(tmp_path / "bin/python9.9", 'echo "$0"')
    process = find_python("9.9", path=[tmp_path / "shims", real.parent], home=tmp_path)
    assert (process.returncode, process.stdout, process.stderr) == (0, f"{real}\n", "")


def test_find_python_looks_where_pyenv_keeps_its_versions(tmp_path):
    executable(tmp_path / "shims/python9.9", "exit 127")
    real = executable(tmp_path / ".pyenv/versions/9.9.1/bin/python", 'echo "$0"')
    process = find_python("9.9", path=[tmp_path / "shims"], home=tmp_path)
    assert (process.returncode, process.stdout, process.stderr) == (0, f"{real}\n", "")


def test_find_python_takes_versions_in_the_order_given(tmp_path):
    for version in ("9.8", "9.9"):
        executable(tmp_path / f"bin/python{version}", 'echo "$0"')
    process = find_python("9.9", "9.8", path=[tmp_path / "bin"], home=tmp_path)
    assert process.stdout == f"{tmp_path}/bin/python9.9\n"


def test_find_python_believes_no_name(tmp_path):
    """python9.9 that is another version is not Python 9.9."""
    executable(tmp_path / "bin/python9.9", f'exec "{sys.executable}" "$@"')
    process = find_python("9.9", path=[tmp_path / "bin"], home=tmp_path)
    assert process.returncode == 1 and process.stdout == ""


def test_find_python_says_in_one_line_what_is_missing(tmp_path):
    process = find_python("9.9", "9.8", path=[tmp_path], home=tmp_path)
    assert (process.returncode, process.stdout) == (1, "")
    [line] = process.stderr.splitlines()
    assert line.startswith("needs Python 9.9 with venv: apt-get install python9.9 python9.9-venv")


def test_find_python_names_the_missing_venv(tmp_path):
    """Debian's Python without its venv package: the interpreter runs, ensurepip does not import."""
    has_no_ensurepip = f'case "$2" in *ensurepip*) exit 1;; *) echo "{tmp_path}";; esac'
    executable(tmp_path / "bin/python9.9", has_no_ensurepip)
    process = find_python("9.9", path=[tmp_path / "bin"], home=tmp_path)
    assert process.returncode == 1
    [line] = process.stderr.splitlines()
    assert line.endswith("apt-get install python9.9-venv")


def activate(environment, path, tmp_path):
    """What tools/activate.sh prints, and the flags it sets, with `path` as the machine's programs."""
    script = f'. tools/activate.sh {environment}; echo "$THEANO_FLAGS"; echo "$PYTENSOR_FLAGS"'
    process = subprocess.run(
        ["/bin/bash", "-c", script],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": str(path), "HOME": str(tmp_path)},
    )
    assert (process.returncode, process.stderr) == (0, "")
    return process.stdout.splitlines()


@pytest.mark.parametrize(
    "compiler, says",
    [
        (None, "No C++ compiler"),
        ("exit 1", "g++ finds no Python.h"),
        ("exit 0", None),
    ],
)
def test_activate_says_in_one_line_that_it_does_without_a_compiler(tmp_path, compiler, says):
    programs = tmp_path / "bin"
    executable(programs / "python", "echo /include")
    if compiler:
        executable(programs / "g++", f"cat >/dev/null 2>&1; {compiler}")
    *messages, theano_flags, pytensor_flags = activate(tmp_path.name, programs, tmp_path)
    assert [message.startswith(says) for message in messages] == ([True] if says else [])
    assert all(flags.endswith(",cxx=") is bool(says) for flags in (theano_flags, pytensor_flags))
