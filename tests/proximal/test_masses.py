"""What a normal law has between two numbers, against quadrature and SciPy, and its slopes against differences."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import log_ndtr

from symbolic_pymc.adapter import adapter_of
from symbolic_pymc.meta import metatize
from symbolic_pymc.proximal.masses import log_erfc_gap

GAPS = [(-1.0, 2.0), (0.0, 0.5), (3.0, 3.1), (8.0, 9.0), (-9.0, -8.0), (30.0, 31.0), (-31.0, -30.0), (-30.0, 30.0)]


def by_quadrature(p, q):
    """Return the logarithm of the integral of ``2 / sqrt(pi) exp(-t**2)``, over what is largest in it."""
    top = 0.0 if p * q < 0 else min(p * p, q * q)
    ends = (max(p, -12.0), min(q, 12.0)) if p * q < 0 else (p, q)
    value, _ = quad(lambda t: np.exp(top - t * t), *ends, epsabs=0.0, epsrel=1e-13, limit=200)
    return np.log(2.0 / np.sqrt(np.pi) * value) - top


@pytest.mark.parametrize("p, q", GAPS)
def test_between_two_numbers(p, q):
    assert log_erfc_gap(p, q) == pytest.approx(by_quadrature(p, q), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("p", [-40.0, -3.0, 0.0, 0.3, 5.0, 40.0])
def test_beyond_one_number(p):
    exact = np.log(2.0) + log_ndtr(-p * np.sqrt(2.0))
    np.testing.assert_allclose(log_erfc_gap(p, np.inf), exact, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(log_erfc_gap(-np.inf, -p), exact, rtol=1e-13, atol=1e-15)


def test_arrays():
    p, q = np.array(GAPS).T
    np.testing.assert_array_equal(log_erfc_gap(p, q), [log_erfc_gap(*gap) for gap in GAPS])
    assert log_erfc_gap(-np.inf, np.inf) == np.log(2.0)


@pytest.mark.parametrize("p, q", GAPS)
def test_slopes_and_their_slopes(backend, p, q):
    """Central differences of the function, and of its slopes."""
    tensor = backend.tensor
    x, y = tensor.dscalar("x"), tensor.dscalar("y")
    gap = adapter_of(x).ops.log_erfc_gap(metatize(x), metatize(y)).reify()
    slopes = tensor.grad(gap, [x, y])
    bends = [bend for slope in slopes for bend in tensor.grad(slope, [x, y])]
    function, h = adapter_of(x).compile([x, y], [gap, *slopes, *bends]), 1e-5 * (q - p)
    _, *derivatives = function(p, q)
    by_p, by_q = (
        (np.array(function(*up)) - function(*down)) / (2 * h)
        for up, down in (((p + h, q), (p - h, q)), ((p, q + h), (p, q - h)))
    )
    np.testing.assert_allclose(derivatives[:2], [by_p[0], by_q[0]], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(derivatives[2:], [by_p[1], by_q[1], by_p[2], by_q[2]], rtol=1e-5, atol=1e-5)
