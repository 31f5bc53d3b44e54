"""The `backend` fixture: a test that takes it runs on every backend that is installed."""

import os
import sys
from importlib import import_module
from importlib.util import find_spec
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings

QUICKLY = "cxx="


def users_flags(name):
    """Return what the user set; a process of pytest-xdist has inherited what its parent added below."""
    flags = os.environ.get(name, "")
    return flags.removesuffix(QUICKLY).removesuffix(",") if "PYTEST_XDIST_WORKER" in os.environ else flags


FLAGS = {name: users_flags(name) for name in ("THEANO_FLAGS", "PYTENSOR_FLAGS")}
for name, flags in FLAGS.items():  # each test builds functions of its own, which cost more to compile than to run
    os.environ[name] = f"{flags},{QUICKLY}".lstrip(",")

# threads that share the cores with other processes wait for each other
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

settings.register_profile(
    "fixed", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("fixed")

INSTALLED = [name for name in ("theano", "pytensor") if find_spec(name)]
collect_ignore = [name for name in ("theano", "pytensor") if name not in INSTALLED]


def pytest_runtest_setup(item):
    """Undo what PyMC3 leaves behind: after the first model Theano demands test values of everything."""
    if "theano" in sys.modules:
        sys.modules["theano"].config.compute_test_value = "off"


@pytest.fixture
def as_users_run(monkeypatch):
    """Leave the compiler to the processes that a test starts: samplers run a function many times."""
    for name, flags in FLAGS.items():
        monkeypatch.setenv(name, flags)


def theano_backend():
    """Return what a test needs of Theano."""
    import theano
    import theano.tensor as tensor
    from theano.graph.basic import Apply, Constant, Variable
    from theano.graph.op import Op
    from theano.tensor.random import basic as random

    def draw(op, *params, size=None, rng=None, name=None):
        return op(*params, size=size, rng=rng, name=name)

    plain = theano.compile.mode.Mode(linker="py", optimizer=None)
    return SimpleNamespace(
        name="theano",
        tensor=tensor,
        linalg=tensor.nlinalg,
        pm=import_module("pymc3"),
        shared=theano.shared,
        compile_plainly=lambda ins, out: theano.function(ins, out, mode=plain, on_unused_input="ignore"),
        compile=lambda ins, out: theano.function(ins, out, mode="FAST_COMPILE", on_unused_input="ignore"),
        generator=lambda seed: theano.shared(import_module("numpy").random.RandomState(seed)),
        **_common(Apply, Constant, Variable, Op, random, draw),
    )


def pytensor_backend():
    """Return what a test needs of PyTensor."""
    import pytensor
    import pytensor.tensor as tensor
    from pytensor.graph.basic import Apply, Constant, Variable
    from pytensor.graph.op import Op
    from pytensor.tensor.random import basic as random

    def draw(op, *params, size=None, rng=None, name=None):
        variable = op(*params, size=size, rng=rng)
        variable.name = name
        return variable

    plain = pytensor.compile.mode.Mode(linker="py", optimizer=None)
    return SimpleNamespace(
        name="pytensor",
        tensor=tensor,
        linalg=tensor.linalg,
        pm=import_module("pymc"),
        shared=pytensor.shared,
        compile_plainly=lambda ins, out: pytensor.function(ins, out, mode=plain, on_unused_input="ignore"),
        compile=lambda ins, out: pytensor.function(ins, out, mode="FAST_COMPILE", on_unused_input="ignore"),
        generator=lambda seed: pytensor.shared(import_module("numpy").random.default_rng(seed)),
        **_common(Apply, Constant, Variable, Op, random, draw),
    )


def _common(apply, constant, variable, op, random, draw):
    return dict(
        Apply=apply,
        Constant=constant,
        Variable=variable,
        Op=op,
        RandomVariable=type(random.normal).__mro__[1],
        normal=lambda *args, **kwargs: draw(random.normal, *args, **kwargs),
        mvnormal=lambda *args, **kwargs: draw(random.multivariate_normal, *args, **kwargs),
        normal_op=random.normal,
        mvnormal_op=random.multivariate_normal,
    )


def make_backend(name):
    """Return a namespace of one backend: its own modules and types, `mt`, `FunctionGraph` and small helpers.

    ``normal(mu, sigma, size=, rng=, name=)`` and ``mvnormal`` draw, ``compile(inputs, output)`` compiles quickly,
    ``compile_plainly`` as it stands, optimizing nothing; `pm` is PyMC3 or PyMC, ``shared(value)`` a shared variable;
    ``generator(seed)`` is a shared generator, ``evaluate(variable, {input: value})`` a value,
    ``nodes(*variables)`` the list of Apply nodes below them, and ``draws(*variables)`` the random ones.
    """
    backend = {"theano": theano_backend, "pytensor": pytensor_backend}[name]()
    meta = import_module(f"symbolic_pymc.{name}.meta")
    backend.meta, backend.mt, backend.graph = meta, meta.mt, meta.BACKEND
    backend.FunctionGraph = import_module(f"symbolic_pymc.{name}.opt").FunctionGraph
    backend.nodes = nodes
    backend.draws = lambda *variables: [n for n in nodes(*variables) if isinstance(n.op, backend.RandomVariable)]
    backend.evaluate = lambda out, values: backend.compile(list(values), out)(*values.values())
    return backend


def nodes(*variables):
    """Return the Apply nodes that compute `variables`, each once."""
    found, stack = {}, [v.owner for v in variables if v.owner is not None]
    while stack:
        node = stack.pop()
        if node not in found:
            found[node] = None
            stack.extend(i.owner for i in node.inputs if i.owner is not None)
    return list(found)


@pytest.fixture(scope="session", params=INSTALLED)
def backend(request):
    """One installed backend after the other; see `make_backend`."""
    return make_backend(request.param)


@pytest.fixture
def default_recursion_limit():
    """Python's own limit, which some packages raise when they are imported."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    yield
    sys.setrecursionlimit(limit)
