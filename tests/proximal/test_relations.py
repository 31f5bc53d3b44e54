"""Proximal operators and conjugates as answers of their relations, against conjugates that are coded on their own."""

from importlib import import_module

import numpy as np
import pytest
from kanren import run, var

from symbolic_pymc.meta import metatize
from symbolic_pymc.proximal.blocks import block
from symbolic_pymc.proximal.blocktable import BLOCKS
from symbolic_pymc.proximal.conjugates import conjugateo
from symbolic_pymc.proximal.prox import proxo
from tests.proximal.block_cases import CASES, INF, Case, spelt, within
from tests.proximal.test_blocks import STEPS, excess, points
from tests.proximal.test_conjugates import CONJUGATES, inside

MEMBERS = np.array([[1.0, 0.0, 1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 1.0, 0.0, 0.0]])


def _group_lengths(x):
    return np.sqrt(MEMBERS @ x**2)


OTHERS = (
    Case(
        "groups by membership",
        r"w \sum_g \|x_g\|",
        spelt(lambda t, x: np.float64(0.8) * t.sum(t.sqrt(t.dot(MEMBERS, x**2)))),
        lambda x: 0.8 * _group_lengths(x).sum(),
        (6,),
        lambda u: within(lambda v: max(*_group_lengths(v), 1e9 * abs(v[4])), 0.8)(u),
    ),
    Case(
        "given sum",
        r"0, \; \sum_i x_i = 1",
        spelt(lambda t, x: t.switch(t.eq(t.sum(x), 1), np.float64(0), INF)),
        lambda x: 0.0 if abs(np.sum(x) - 1) <= 1e-9 else np.inf,
        (6,),
        lambda u: np.mean(u) if np.ptp(u) <= 1e-9 else np.inf,
    ),
)
CONVEX = {case.name: case for case in (*CASES, *OTHERS) if case.conjugate is not None}


@pytest.fixture
def ops(backend):
    return import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops


def operator(backend, ops, phi, x):
    """Return the answer of the relation, a function of `z` and the step."""
    z, step, unknown = x.type("z"), backend.tensor.dscalar("step"), var()
    (found,) = run(1, unknown, proxo(ops, *map(metatize, (phi, x, z, step)), unknown))
    return backend.compile_plainly([z, step], found.reify())


@pytest.mark.parametrize("name", CONVEX)
def test_operators_of_whole_arrays(backend, ops, name):
    """The dual objective at what is left of `z` is as large as the objective."""
    case = CONVEX[name]
    x = {1: backend.tensor.dvector, 2: backend.tensor.dmatrix}[len(case.shape)]("x")
    prox = operator(backend, ops, case.build(backend)(x), x)
    found = [excess(case, z, step, prox(z, step)) for z in points(case) for step in STEPS]
    np.testing.assert_allclose(found, 0.0, atol=1e-8)


def test_every_known_function_is_asked_for(backend, ops):
    kinds = set()
    for case in CONVEX.values():
        x = {1: backend.tensor.dvector, 2: backend.tensor.dmatrix}[len(case.shape)]("x")
        kinds |= {core.kind for core in block(ops, *map(metatize, (case.build(backend)(x), x))).cores}
    assert kinds == set(BLOCKS)


@pytest.mark.parametrize("name", CONJUGATES)
def test_operators_of_numbers(backend, ops, name):
    r"""What is left of `z` is a slope: :math:`\phi(p) + \phi^*((z - p) / \gamma) = p (z - p) / \gamma`."""
    row, x = CONJUGATES[name], backend.tensor.dvector("x")
    phi = row.make(backend.tensor, x)
    prox, cost = operator(backend, ops, phi, x), backend.compile_plainly([x], phi)
    z = np.linspace(-3.1, 3.1, 14)
    for step in STEPS:
        p = prox(z, step)
        u = np.clip((z - p) / step, *row.domain)
        with np.errstate(all="ignore"):
            near = np.clip(u * (1 - 1e-13), *np.nextafter(row.domain, 0.0))
            np.testing.assert_allclose(cost(p) + row.conjugate(near), p * u, atol=1e-8)


@pytest.mark.parametrize("name", CONJUGATES)
def test_conjugates_of_numbers(backend, ops, name):
    row, unknown = CONJUGATES[name], var()
    x, u = (backend.tensor.dvector(n) for n in "xu")
    phi = row.make(backend.tensor, x)
    (found,) = run(1, unknown, conjugateo(ops, *map(metatize, (phi, x, u)), unknown))
    at = inside(row.domain)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(
            backend.compile_plainly([u], found.reify())(at), row.conjugate(at), rtol=1e-9, atol=1e-9
        )


@pytest.mark.parametrize("name", CONVEX)
def test_conjugates_of_whole_arrays(backend, ops, name):
    """At slopes, a little inside of their domain, where a conjugate is known; where not, there is no answer."""
    case, unknown = CONVEX[name], var()
    x, u = ({1: backend.tensor.dvector, 2: backend.tensor.dmatrix}[len(case.shape)](n) for n in "xu")
    phi = case.build(backend)(x)
    found = run(1, unknown, conjugateo(ops, *map(metatize, (phi, x, u)), unknown))
    assert bool(found) == (name in KNOWN)
    if found:
        prox, conjugate = operator(backend, ops, phi, x), backend.compile_plainly([u], found[0].reify())
        inward = 1e-9 * np.eye(case.shape[0]) if name == "positive semidefinite cone" else 0.0
        slopes = [(1 - 1e-9) * (z - prox(z, step)) / step - inward for z in points(case) for step in STEPS]
        with np.errstate(all="ignore"):
            known = [case.conjugate(slope) for slope in slopes]
            assert np.sum(np.isfinite(known)) > 3
            np.testing.assert_allclose([conjugate(slope) for slope in slopes], known, rtol=1e-8, atol=1e-8)


KNOWN = (
    "group lasso", "group lasso, several groups", "group lasso, groups of elements", "sparse group lasso",
    "group lasso, positive", "group lasso and a quadratic", "l2 ball", "box", "distance to a ball", "nuclear norm",
    "rows", "positive semidefinite cone", "log determinant", "groups by membership",
)  # fmt: skip
