"""Backends are found by the type of an object, imported when they are needed, and live side by side."""

import subprocess
import sys

import pytest

from symbolic_pymc.backends import backend_of, load_backend_of
from symbolic_pymc.meta import metatize
from tests.conftest import INSTALLED, make_backend

NAMES = [("theano", "theano.tensor"), ("pytensor", "pytensor.tensor")]


def run_python(code):
    """Run `code` in a fresh interpreter; raise when it fails."""
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, timeout=120)


def test_the_package_imports_no_backend():
    run_python(
        "import sys, symbolic_pymc, symbolic_pymc.walk, symbolic_pymc.unify, symbolic_pymc.applygraph\n"
        "loaded = {m.split('.')[0] for m in sys.modules} & {'theano', 'pytensor', 'pymc', 'pymc3', 'tensorflow'}\n"
        "assert not loaded, loaded"
    )


@pytest.mark.parametrize("name, tensor", [row for row in NAMES if row[0] in INSTALLED])
def test_metatize_finds_the_backend_by_itself(name, tensor):
    others = [n for n, _ in NAMES if n != name]
    run_python(
        f"import sys, {tensor} as tensor\n"
        "from symbolic_pymc import metatize\n"
        "x = tensor.vector('x')\n"
        "assert metatize(x + x).reify().owner.inputs == [x, x]\n"
        f"assert not [m for m in sys.modules if m.split('.')[0] in {others}]"
    )


def test_a_backend_is_named_by_its_objects(backend):
    x = backend.tensor.vector("x")
    for obj in (x, (x + x).owner, (x + x).owner.op, x.type, backend.FunctionGraph(None, [x + x])):
        assert backend_of(obj) == load_backend_of(obj) == f"symbolic_pymc.{backend.name}"


def test_an_operator_of_ones_own_belongs_to_its_backend(backend):
    class Own(backend.Op):
        __props__ = ()

        def make_node(self, x):
            return backend.Apply(self, [x], [x.type()])

        def perform(self, node, inputs, outputs):
            outputs[0][0] = inputs[0]

    x = backend.tensor.vector("x")
    v = Own()(x)
    assert backend_of(v.owner.op) == f"symbolic_pymc.{backend.name}"
    assert metatize(v).reify() is v and metatize(v).rator is metatize(Own())


def test_other_objects_have_no_backend():
    assert backend_of(1) is None and load_backend_of("x") is None and load_backend_of(object()) is None


def test_backends_live_side_by_side():
    records = [metatize(b.tensor.exp(b.tensor.vector("x"))) for b in map(make_backend, INSTALLED)]
    assert len({type(r) for r in records}) == len(INSTALLED) == len({r.rator for r in records})
    for r in records:
        assert metatize(r.reify()) is r
