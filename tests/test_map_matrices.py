"""Estimates of symmetric matrices against the modes of Wishart laws, and densities that grow without bound."""

import numpy as np
import pytest

import symbolic_pymc as sp
from symbolic_pymc.errors import NoProximalOperator, NotFiniteError

pytestmark = pytest.mark.filterwarnings("ignore")

F = np.float64
SCALE = np.array([[1.0, 0.3], [0.3, 0.5]])
Y = np.random.default_rng(1).normal(size=(20, 2)) @ np.array([[1.0, 0.5], [0.0, 1.0]])


def wishart(pm, nu):
    return pm.Wishart("x", nu, SCALE, **({"shape": (2, 2)} if pm.__name__ == "pymc3" else {}))


@pytest.mark.parametrize("nu", [4, 6, 30])
def test_the_mode_of_a_wishart_law(backend, nu):
    """Its density may be written in one triangle of the matrix."""
    with backend.pm.Model() as model:
        wishart(backend.pm, nu)
    result = sp.find_map(model, tol=1e-10, progressbar=False)
    assert result.status == "converged"
    np.testing.assert_array_equal(result["x"], result["x"].T)
    np.testing.assert_allclose(result["x"], (nu - 3) * SCALE, rtol=1e-7)


def test_a_precision_matrix(backend):
    with backend.pm.Model() as model:
        backend.pm.MvNormal("y", np.zeros(2), tau=wishart(backend.pm, 6), observed=Y)
    try:
        result = sp.find_map(model, tol=1e-10, progressbar=False)
    except NoProximalOperator as refusal:
        assert str(refusal).startswith("y: ")
    else:
        mode = (6 - 3 + len(Y)) * np.linalg.inv(np.linalg.inv(SCALE) + Y.T @ Y)
        assert result.status == "converged"
        np.testing.assert_allclose(result["x"], mode, rtol=1e-7)


def matrix_without_a_mode(pm):
    """The density is largest at zero, where it is not finite."""
    wishart(pm, 3)


def scale_of_a_scale(pm):
    """The densities of both grow without bound together."""
    pm.InverseGamma("x", F(1.3), pm.Exponential("b", F(0.7)), shape=4)


@pytest.mark.parametrize("build", [matrix_without_a_mode, scale_of_a_scale], ids=lambda f: f.__name__)
def test_what_has_no_mode_does_not_converge(backend, build):
    """Steps that are lost to rounding, beside points without a density, are no rest."""
    with backend.pm.Model() as model:
        build(backend.pm)
    try:
        result = sp.find_map(model, progressbar=False)
    except (NoProximalOperator, NotFiniteError):
        return
    assert result.status in ("unbounded", "no finite value") and result.residual > 1e-3
