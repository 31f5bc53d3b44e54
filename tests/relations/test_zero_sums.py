"""Vectors that sum to zero: the linear map of the offsets has their covariance, in closed form."""

import numpy as np
import pytest
from scipy import stats

import symbolic_pymc as sp
from tests.families import density_of, draws


@pytest.fixture
def pm(backend):
    """PyMC; PyMC3 has no such vectors, and what it has is left as it is."""
    if hasattr(backend.pm, "ZeroSumNormal"):
        return backend.pm
    with backend.pm.Model() as model:
        backend.pm.Normal("x", np.float64(0.0), sigma=np.float64(1.0), shape=4)
    assert sp.reparam_graph(model, form="zero_sum") is model
    return None


@pytest.mark.parametrize("shape", [(4,), (2, 4)])
def test_covariance(backend, pm, shape):
    if pm is None:
        return
    with pm.Model() as model:
        pm.ZeroSumNormal("x", sigma=np.float64(1.5), shape=shape)
    result = sp.reparam_graph(model, form="zero_sum")
    assert [v.name for v in result.free_RVs] == ["x_offset"]
    x = backend.compile_plainly([result["x_offset"]], result["x"])
    size = int(np.prod(shape))
    columns = np.array([x(e.reshape(shape)).ravel() for e in np.eye(size)])
    one = 1.5**2 * (np.eye(4) - 0.25)
    np.testing.assert_allclose(columns.T @ columns, np.kron(np.eye(size // 4), one), atol=1e-12)
    np.testing.assert_allclose(x(np.zeros(shape)), 0.0)
    z, value = draws(backend, result, ["x_offset", "x"])
    np.testing.assert_allclose(density_of(backend, result, "x_offset", z), stats.norm.logpdf(z), rtol=1e-10)
    np.testing.assert_allclose(value.sum(axis=-1), 0.0, atol=1e-12)
    assert np.shape(z) == shape == np.shape(value) and len(np.unique(z)) == size


def test_law(backend, pm):
    if pm is None:
        return
    with pm.Model() as model:
        pm.ZeroSumNormal("x", sigma=np.float64(1.5), shape=(500, 3))
    (x,) = draws(backend, sp.reparam_graph(model, form="zero_sum"), ["x"])
    sd = 1.5 * np.sqrt(2 / 3)
    assert all(stats.kstest(column, stats.norm(0, sd).cdf).pvalue > 1e-3 for column in x.T)


def test_scales_of_rows_and_random_ones(backend, pm):
    if pm is None:
        return
    with pm.Model() as model:
        s = pm.HalfNormal("s", np.float64(1.0), shape=(2, 1))
        x = pm.ZeroSumNormal("x", sigma=s, shape=(2, 4))
        pm.Normal("y", x, np.float64(1.0), observed=np.zeros((2, 4)))
    result = sp.reparam_graph(model, ["x"], form="zero_sum")
    s, z, x = draws(backend, result, ["s", "x_offset", "x"])
    np.testing.assert_allclose(x, s * (z - z.mean(axis=-1, keepdims=True)), rtol=1e-12)


def test_what_is_left_as_it_is(backend, pm):
    if pm is None:
        return
    with pm.Model() as model:
        pm.ZeroSumNormal("table", sigma=np.float64(1.0), shape=(3, 4), n_zerosum_axes=2)
        pm.Normal("n", np.float64(0.0), np.float64(1.0))
    result = sp.reparam_graph(model, form="zero_sum")
    reasons = {s.variables[0]: s.reason for s in sp.steps(result)}
    assert result is model
    assert "several axes" in reasons["table"] and "no ZeroSumNormal" in reasons["n"]
