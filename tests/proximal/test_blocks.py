"""Proximal operators of functions of whole arrays, against bounds from conjugates that are coded on their own."""

from importlib import import_module

import numpy as np
import pytest

from symbolic_pymc.meta import metatize
from symbolic_pymc.proximal.blocks import block, prox_of_block
from tests.proximal.block_cases import CASES, SYMMETRIC

NAMES = [case.name for case in CASES]
CONVEX_NAMES = [case.name for case in CASES if case.conjugate is not None]
BY_NAME = {case.name: case for case in CASES}
EXCESS = 1e-8
STEPS = (0.3, 1.0, 2.5)


@pytest.fixture
def ops(backend):
    return import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops


def derived(backend, ops, build, ndim):
    """Return the `Block` of a function, and its proximal operator compiled."""
    make = {1: backend.tensor.dvector, 2: backend.tensor.dmatrix}[ndim]
    x, z = make("x"), make("z")
    step = backend.tensor.dscalar("step")
    function = block(ops, metatize(build(x)), metatize(x))
    prox = prox_of_block(ops, function, metatize(z), metatize(step)).reify()
    return function, backend.compile_plainly([z, step], prox)


def points(case):
    """Return arrays of several scales, with zeros and with ties."""
    rng = np.random.default_rng(1)
    found = [scale * rng.normal(size=case.shape) for scale in (0.1, 1.0, 1.0, 5.0)]
    found += [-found[3], np.round(found[1]), np.zeros(case.shape), np.where(found[2] > 0, found[2], 0.0)]
    return [(z + z.T) / 2 if case.domain == SYMMETRIC else z for z in found]


def excess(case, z, step, x):
    """Return a bound of the relative excess of the objective at `x` over its least value.

    The dual objective at any point is below that value; here at what is left of `z`.
    """
    u = (z - x) / step
    with np.errstate(all="ignore"):
        primal = step * case.value(x) + 0.5 * np.sum((x - z) ** 2)
        dual = step * (np.sum(u * z) - case.conjugate(u)) - 0.5 * step**2 * np.sum(u**2)
    return (primal - dual) / max(1.0, abs(primal)) if np.isfinite(primal - dual) else np.inf


@pytest.mark.parametrize("name", CONVEX_NAMES)
def test_the_value_is_the_least(backend, ops, name):
    case = BY_NAME[name]
    function, prox = derived(backend, ops, case.build(backend), len(case.shape))
    worst = max(excess(case, z, step, prox(z, step)) for z in points(case) for step in STEPS)
    assert worst <= EXCESS
    assert function.curvature == case.verdict


@pytest.mark.parametrize("name", CONVEX_NAMES)
def test_a_wrong_threshold_is_found_out(backend, ops, name):
    """The same operator, a thousandth closer to where it came from."""
    case = BY_NAME[name]
    _, prox = derived(backend, ops, case.build(backend), len(case.shape))
    moved = [(z, step, prox(z, step)) for z in points(case) for step in STEPS]
    assert max(excess(case, z, step, x + 1e-3 * (z - x)) for z, step, x in moved) > EXCESS


@pytest.mark.parametrize("name", ["simplex", "l1 ball", "Dirichlet", "entropy on the simplex"])
def test_far_from_a_set(backend, ops, name):
    """The sum of what is found is right to the last digits, however large the numbers are that it is found from."""
    case = BY_NAME[name]
    _, prox = derived(backend, ops, case.build(backend), 1)
    for z in points(case):
        x = prox(1e8 * z + 1e8, 0.8)
        np.testing.assert_allclose(np.sum(np.abs(x)), 1.3 if name == "l1 ball" else 1.0, rtol=1e-12)
