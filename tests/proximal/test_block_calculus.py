r"""The calculus of proximal operators: what is derived from a changed function is what the rule makes of the operator.

With :math:`P_{\gamma}` for the operator of :math:`\gamma\,\phi` that is derived from :math:`\phi` itself.
"""

from importlib import import_module

import numpy as np
import pytest
from scipy.optimize import minimize

from symbolic_pymc.proximal.combinations import Unknown
from tests.proximal.block_cases import CASES, MATRICES, SYMMETRIC
from tests.proximal.test_blocks import BY_NAME, derived, points

CLOSE = dict(rtol=1e-8, atol=1e-8)
SHIFT = np.array([0.5, -1.0, 0.2, 0.0, 2.0, -0.3])
TURN = np.linalg.qr(np.random.default_rng(3).normal(size=(6, 6)))[0]
VECTORS = [case.name for case in CASES if case.shape == (6,)]
# functions whose derivation is bound to the elements as they are: to their signs, their order, or to their sum
FIXED = [
    "sparse group lasso",
    "group lasso, positive",
    "fused lasso",
    "sparse fused lasso",
    "simplex",
    "second-order cone",
    "monotone cone",
    "Dirichlet",
    "entropy on the simplex",
    "distance to a box",
    "perspective",
    "group lasso and a quadratic",
]
MOVABLE = [name for name in VECTORS if name not in FIXED]
SETS = [
    "simplex",
    "l1 ball",
    "l2 ball",
    "box",
    "hyperplane",
    "half space",
    "affine set",
    "second-order cone",
    "monotone cone",
]


@pytest.fixture
def ops(backend):
    return import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops


def operators(backend, ops, name, change):
    """Return the operators derived from a function of a case and from a changed one."""
    case = BY_NAME[name]
    build = case.build(backend)
    changed = change(backend.tensor, build)
    return case, derived(backend, ops, build, len(case.shape))[1], derived(backend, ops, changed, len(case.shape))[1]


@pytest.mark.parametrize("name", MOVABLE)
def test_translation(backend, ops, name):
    r""":math:`\phi(x - b): \; b + P(z - b)`"""
    case, plain, moved = operators(backend, ops, name, lambda t, f: lambda x: f(x - SHIFT))
    for z in points(case):
        np.testing.assert_allclose(moved(z, 0.8), SHIFT + plain(z - SHIFT, 0.8), **CLOSE)


@pytest.mark.parametrize("name", MOVABLE)
def test_scaling_and_reflection(backend, ops, name):
    r""":math:`\phi(r x): \; P_{r^2 \gamma}(r z) / r`, with a negative factor"""
    factor = -1.5
    case, plain, scaled = operators(backend, ops, name, lambda t, f: lambda x: f(factor * x))
    for z in points(case):
        np.testing.assert_allclose(scaled(z, 0.8), plain(factor * z, factor**2 * 0.8) / factor, **CLOSE)


@pytest.mark.parametrize("name", [name for name in VECTORS if name not in ("Dirichlet",)])
def test_tilt(backend, ops, name):
    r""":math:`\phi(x) + a^\top x + c: \; P(z - \gamma a)`"""
    case, plain, tilted = operators(backend, ops, name, lambda t, f: lambda x: t.sum(f(x)) + t.sum(SHIFT * x) + 3.0)
    for z in points(case):
        np.testing.assert_allclose(tilted(z, 0.8), plain(z - 0.8 * SHIFT, 0.8), **CLOSE)


@pytest.mark.parametrize("name", VECTORS)
def test_an_added_quadratic(backend, ops, name):
    r""":math:`\phi(x) + \tfrac{r}{2} \lVert x - a \rVert^2: \; P_{\gamma / (1 + \gamma r)}\bigl((z + \gamma r a) / (1 + \gamma r)\bigr)`"""
    case, plain, added = operators(
        backend, ops, name, lambda t, f: lambda x: t.sum(f(x)) + 0.7 * t.sum((x - SHIFT) ** 2)
    )
    below = 1 + 0.8 * 1.4
    for z in points(case):
        np.testing.assert_allclose(added(z, 0.8), plain((z + 0.8 * 1.4 * SHIFT) / below, 0.8 / below), **CLOSE)


@pytest.mark.parametrize("name", [name for name in VECTORS if name not in SETS][::2])
def test_a_multiple(backend, ops, name):
    r""":math:`a\,\phi(x): \; P_{a \gamma}(z)`"""
    case, plain, more = operators(backend, ops, name, lambda t, f: lambda x: 1.7 * f(x))
    for z in points(case):
        np.testing.assert_allclose(more(z, 0.8), plain(z, 1.7 * 0.8), **CLOSE)


def test_a_separable_sum(backend, ops):
    r""":math:`\phi(x_{1:2}) + \psi(x_{3:6})`, of elements of their own"""
    case = BY_NAME["group lasso, groups of elements"]
    prox = derived(backend, ops, case.build(backend), 1)[1]
    group = derived(backend, ops, BY_NAME["group lasso"].build(backend), 1)[1]
    for z in points(case):
        parts = group(z[:2], 0.8), group(z[2:], 0.8 * 1.2 / 0.7)
        np.testing.assert_allclose(prox(z, 0.8), np.concatenate(parts), **CLOSE)


@pytest.mark.parametrize("name", ["group lasso", "supremum norm", "maximum", "SLOPE", "log-sum-exp", "l1 ball"])
def test_a_map_with_orthogonal_rows(backend, ops, name):
    r""":math:`\phi(L x), \; L L^\top = c I: \; z + L^\top \bigl(P_{c \gamma}(L z) - L z\bigr) / c`"""
    rows = 1.3 * TURN
    case, plain, mapped = operators(backend, ops, name, lambda t, f: lambda x: f(t.dot(rows, x)))
    for z in points(case):
        u = rows @ z
        np.testing.assert_allclose(mapped(z, 0.8), z + rows.T @ (plain(u, 1.69 * 0.8) - u) / 1.69, **CLOSE)


@pytest.mark.parametrize("name", [case.name for case in MATRICES if case.name != "rows"])
def test_orthogonal_invariance(backend, ops, name):
    r""":math:`P(U Z V^\top) = U\, P(Z)\, V^\top`"""
    case = BY_NAME[name]
    prox = derived(backend, ops, case.build(backend), 2)[1]
    rng = np.random.default_rng(4)
    left, right = (np.linalg.qr(rng.normal(size=(n, n)))[0] for n in case.shape)
    right = left if case.domain == SYMMETRIC else right
    for z in points(case):
        np.testing.assert_allclose(prox(left @ z @ right.T, 0.8), left @ prox(z, 0.8) @ right.T, rtol=1e-6, atol=1e-6)


MOREAU = {  # by name: a function whose conjugate is another row of the table
    "maximum": ("simplex", 0.7),
    "supremum norm": ("l1 ball", 0.7 / 1.3),
    "group lasso": ("l2 ball", 0.7 / 1.3),
}


@pytest.mark.parametrize("name", MOREAU)
def test_the_decomposition_of_moreau(backend, ops, name):
    r""":math:`z = P_{\gamma \phi}(z) + \gamma P_{\phi^* / \gamma}(z / \gamma)`, both derived, each from its own graph"""
    other, size = MOREAU[name]
    case = BY_NAME[name]
    prox = derived(backend, ops, case.build(backend), 1)[1]
    ball = derived(backend, ops, BY_NAME[other].build(backend), 1)[1]
    for z in points(case):
        np.testing.assert_allclose(prox(z, 0.8) + 0.8 * size * ball(z / (0.8 * size), 1.0), z, **CLOSE)


@pytest.mark.parametrize(
    "name", ["group lasso", "SLOPE", "fused lasso", "log-sum-exp", "distance to a box", "normal prior"]
)
def test_the_envelope(backend, ops, name):
    r"""The gradient of :math:`\min_x \phi(x) + \lVert x - z \rVert^2 / 2 \gamma` is :math:`(z - P(z)) / \gamma`."""
    case = BY_NAME[name]
    prox = derived(backend, ops, case.build(backend), 1)[1]

    def envelope(z):
        x = prox(z, 0.8)
        return case.value(x) + np.sum((x - z) ** 2) / 1.6

    for z in points(case)[:4]:
        slopes = [(envelope(z + h) - envelope(z - h)) / 2e-5 for h in 1e-5 * np.eye(6)]
        np.testing.assert_allclose(slopes, (z - prox(z, 0.8)) / 0.8, atol=1e-4)


@pytest.mark.parametrize("name", VECTORS[::3])
def test_operators_are_firmly_nonexpansive(backend, ops, name):
    prox = derived(backend, ops, BY_NAME[name].build(backend), 1)[1]
    rng = np.random.default_rng(5)
    for a, b in rng.normal(0, 2, size=(20, 2, 6)):
        difference = prox(a, 0.8) - prox(b, 0.8)
        assert difference @ difference <= difference @ (a - b) + 1e-9


SMOOTH = ["log-sum-exp", "least squares", "normal prior"]


@pytest.mark.parametrize("name", SMOOTH)
def test_a_search_finds_the_same(backend, ops, name):
    case = BY_NAME[name]
    prox = derived(backend, ops, case.build(backend), 1)[1]
    for z in points(case):
        found = minimize(lambda x: 0.8 * case.value(x) + 0.5 * np.sum((x - z) ** 2), z, tol=1e-12)
        np.testing.assert_allclose(prox(z, 0.8), found.x, atol=1e-5)


@pytest.mark.parametrize("name", ["fused lasso", "simplex"])
def test_what_a_rule_does_not_cover_is_refused(backend, ops, name):
    with pytest.raises(Unknown):
        operators(backend, ops, name, lambda t, f: lambda x: f(t.dot(TURN, x)))
