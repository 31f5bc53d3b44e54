"""Proximal operators derived from penalties, against a search for the least value and formulas from the literature."""

from importlib import import_module

import numpy as np
import pytest
from kanren import run, var
from scipy.optimize import minimize_scalar

from symbolic_pymc.meta import metatize
from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.pieces import piecewise
from symbolic_pymc.proximal.prox import prox_of, proxo
from symbolic_pymc.proximal.shapes import curvature
from tests.proximal.penalties import PENALTIES

Z = np.r_[-22.0, np.linspace(-6, 6, 33), 22.0]
GRID = np.linspace(-30, 30, 60_001)
EXCESS = 1e-9


@pytest.fixture
def ops(backend):
    return import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops


def derived(backend, ops, make, step, inputs=()):
    """Return the proximal operator of a penalty as a function of `z`, and the penalty as one of `x`."""
    x, z = (backend.tensor.dvector(name) for name in "xz")
    phi = make(backend.tensor, x)
    gamma = metatize(backend.tensor.constant(np.float64(step)))
    prox = prox_of(ops, *map(metatize, (phi, x, z)), gamma).reify()
    return backend.compile_plainly([z], prox), backend.compile_plainly([x], phi)


def excess(phi, step, z, x):
    """Return by how much the objective at `x` is above the least that a search finds."""
    with np.errstate(all="ignore"):
        values = step * phi(GRID) + 0.5 * (GRID - z) ** 2

        def objective(u):
            return step * float(phi(np.r_[u])[0]) + 0.5 * (u - z) ** 2

        best = int(np.nanargmin(values))
        between = GRID[max(best - 1, 0)], GRID[min(best + 1, len(GRID) - 1)]
        found = minimize_scalar(objective, bounds=between, method="bounded", options={"xatol": 1e-13})
        return objective(x) - np.nanmin([values[best], found.fun])


@pytest.mark.parametrize("step", [0.4, 1.3])
@pytest.mark.parametrize("name", PENALTIES)
def test_the_value_is_the_least(backend, ops, name, step):
    prox, phi = derived(backend, ops, PENALTIES[name].make, step)
    with np.errstate(all="ignore"):
        worst = max(excess(phi, step, z, x) for z, x in zip(Z, prox(Z)))
    assert worst <= EXCESS


@pytest.mark.parametrize("name", PENALTIES)
def test_convexity(backend, ops, name):
    x = backend.tensor.dvector("x")
    function = piecewise(ops, metatize(PENALTIES[name].make(backend.tensor, x)), metatize(x))
    assert curvature(ops, function) == PENALTIES[name].verdict


@pytest.mark.parametrize("name", [name for name in PENALTIES if PENALTIES[name].verdict == "convex"])
def test_operators_of_convex_penalties_are_firmly_nonexpansive(backend, ops, name):
    prox, _ = derived(backend, ops, PENALTIES[name].make, 0.9)
    rng = np.random.default_rng(1)
    a, b = rng.normal(0, 4, size=(2, 200))
    with np.errstate(all="ignore"):
        difference = prox(a) - prox(b)
    assert np.all(difference**2 <= difference * (a - b) + 1e-12)
