"""Negative log likelihoods as users spell them: convex, or not known to be."""

from importlib import import_module

import numpy as np
import pytest

from symbolic_pymc.meta import metatize
from symbolic_pymc.proximal.objective import Objective
from symbolic_pymc.proximal.shapes import CONVEX
from symbolic_pymc.proximal.readings import parts_of
from tests.proximal.probes import MORE, PROBES

ALL = PROBES | MORE


def probed(backend, probe):
    """Return the objective of a function of a vector."""
    w = backend.tensor.dvector("w")
    adapter = import_module(f"symbolic_pymc.{backend.name}.adapter").ADAPTER
    return Objective(adapter, {"w": metatize(w)}, (("w", metatize(probe.make(backend.tensor, w))),), (), {})


def verdicts(backend, probe):
    return {part.curvature for part in parts_of(probed(backend, probe))}


@pytest.mark.parametrize("name", [name for name in ALL if ALL[name].truth == CONVEX])
def test_convex(backend, name):
    assert verdicts(backend, ALL[name]) == {CONVEX}


@pytest.mark.parametrize("name", [name for name in ALL if ALL[name].truth != CONVEX])
def test_not_convex(backend, name):
    assert verdicts(backend, ALL[name]) - {CONVEX}


@pytest.mark.parametrize("name", ALL)
def test_the_truth_is_that_of_midpoints(backend, name):
    w = backend.tensor.dvector("w")
    f = backend.compile_plainly([w], ALL[name].make(backend.tensor, w))
    draws, worst = np.random.default_rng(0), 0.0
    for scale in (0.3, 1.0, 3.0, 20.0):
        for _ in range(60):
            a, b = (draws.uniform(0.02, 0.98, size=3) if name == "beta" else scale * draws.normal(size=3) for _ in "ab")
            if not (np.isfinite(f(a)) and np.isfinite(f(b))):
                a, b = abs(a), abs(b)
            with np.errstate(all="ignore"):
                ends, middle = (f(a) + f(b)) / 2, f((a + b) / 2)
                worst = min(worst, ends - middle + 1e-9 * (1 + abs(ends)))
    assert (worst < 0) == (ALL[name].truth != CONVEX)
