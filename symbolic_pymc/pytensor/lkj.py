"""PyMC's random correlation matrices, as they travel in a graph."""

from pymc.distributions import multivariate
from pytensor.tensor.basic import get_underlying_scalar_constant_value
from pytensor.tensor.exceptions import NotScalarConstantError

from symbolic_pymc.lkj import FACTOR, PACKED, UPPER, Correlations
from symbolic_pymc.pytensor.copying import unwrap_draw
from symbolic_pymc.pytensor.random_variables import WRAPPED


def correlations_of(rv):
    """Return the `Correlations` that a variable draws; None for any other variable, and for a batch of them."""
    node = rv.owner
    if isinstance(node.op, multivariate._LKJCholeskyCovRV) and rv.ndim == 1:
        n, eta, deviations = node.inputs[1:]
        wrapped = type(deviations.owner.op) in WRAPPED
        deviations = unwrap_draw(deviations.owner.outputs)[-1] if wrapped else deviations
        return Correlations(_number(n), eta, PACKED, deviations)
    if isinstance(node.op, multivariate.LKJCorrRV) and rv.ndim == _NDIM:
        n, eta = node.inputs[2:]
        return Correlations(_number(n), eta, _LAYOUT)
    return None


# PyMC 6 draws the Cholesky factor, and releases before it what is above the diagonal
_LAYOUT, _NDIM = (UPPER, 1) if hasattr(multivariate, "_LKJCorr") else (FACTOR, 2)


def _number(n):
    try:
        return int(get_underlying_scalar_constant_value(n))
    except NotScalarConstantError:
        return None
