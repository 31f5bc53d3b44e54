"""Squared distances that are clipped at zero: what Gaussian processes of PyMC have, and nothing that only looks so."""

from importlib import import_module

import numpy as np
import pytest

from symbolic_pymc.meta import metatize
from symbolic_pymc.parts import graph_parts
from symbolic_pymc.proximal.distances import is_clipped_distance

X, Z = np.random.default_rng(0).normal(size=(2, 5, 2))
KERNELS = "ExpQuad", "RatQuad", "Matern52", "Matern32", "Exponential"


def verdicts(backend, graph):
    """Return what is said of every clip in a graph."""
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops
    return [is_clipped_distance(ops, x) for x in graph_parts(metatize(graph)) if ops.kind_of(x) == "clip"]


@pytest.mark.parametrize("others", [(), (Z,)], ids=["among each other", "from others"])
@pytest.mark.parametrize("name", KERNELS)
def test_covariances_of_gaussian_processes(backend, name, others):
    ls = backend.tensor.dscalar("ls")
    given = {"alpha": np.float64(1.5)} if name == "RatQuad" else {}
    assert verdicts(backend, getattr(backend.pm.gp.cov, name)(2, ls=ls, **given)(X, *others)) == [True]


def distance(t, a, b, factor=-2.0, norms=None, axis=1, low=0.0, shapes=((-1, 1), (1, -1))):
    down, across = (t.reshape(t.sum(t.sqr(m), axis), s, ndim=2) for m, s in zip(norms or (a, b), shapes))
    return t.clip(factor * t.dot(a, t.transpose(b)) + (down + across), low, np.inf)


WRONG = {
    "another factor": dict(factor=-3.0),
    "squares of another matrix": dict(norms="aa"),
    "squares the other way round": dict(norms="ba"),
    "sums of columns": dict(axis=0),
    "clipped elsewhere": dict(low=-1.0),
    "squares along the other axis": dict(shapes=((1, -1), (-1, 1))),
}


@pytest.mark.parametrize("change", WRONG)
def test_what_only_looks_so(backend, change):
    t = backend.tensor
    a, b = t.dmatrix("a"), t.dmatrix("b")
    given = WRONG[change]
    if "norms" in given:
        given = {"norms": [{"a": a, "b": b}[name] for name in given["norms"]]}
    assert verdicts(backend, distance(t, a, b)) == [True]
    assert verdicts(backend, distance(t, a, b, **given)) == [False]
