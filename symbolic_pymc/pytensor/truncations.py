"""PyMC's distributions between bounds, written out: with a density in every tail, and a start between the bounds."""

from functools import partial

import numpy as np
import pytensor.tensor as pt
from pymc.distributions.continuous import BoundedContinuous, bounded_cont_transform
from pymc.distributions.dist_math import check_parameters
from pymc.distributions.shape_utils import rv_size_is_none
from pymc.distributions.transforms import _default_transform
from pytensor.tensor.random.op import RandomVariable

from symbolic_pymc.truncations import ENDS, draw, log_density, start


class TruncatedRV(RandomVariable):
    """Draws from one of the laws of `symbolic_pymc.truncations` (abstract)."""

    signature = "(),(),(),()->()"
    dtype = "floatX"
    family: str

    @classmethod
    def rng_fn(cls, rng, *params_and_size):
        *params, size = params_and_size
        batch = np.broadcast_shapes(*map(np.shape, params)) if size is None else tuple(size)
        return draw(rng, cls.family, *params, batch)


class TruncatedGammaRV(TruncatedRV):
    name, family, _print_name = "truncatedgamma", "gamma", ("TruncatedGamma", r"\operatorname{TruncatedGamma}")


class TruncatedInverseGammaRV(TruncatedRV):
    name, family = "truncatedinversegamma", "inversegamma"
    _print_name = ("TruncatedInverseGamma", r"\operatorname{TruncatedInverseGamma}")


class TruncatedBetaRV(TruncatedRV):
    name, family, _print_name = "truncatedbeta", "beta", ("TruncatedBeta", r"\operatorname{TruncatedBeta}")


def _log_density(family, value, *params):
    alpha, beta, lower, upper = params
    is_inside = pt.ge(value, lower) * pt.le(value, upper)
    inside = pt.switch(is_inside, value, start(pt, family, *params))
    density = pt.switch(is_inside, log_density(pt, family, inside, *params), -np.inf)
    checks = alpha > 0, beta > 0, lower < upper
    return check_parameters(density, *checks, msg="alpha > 0, beta > 0, lower < upper")


def _start(family, rv, size, *params):
    value = start(pt, family, *params)
    return value if rv_size_is_none(size) else pt.full(size, value)


class Truncated(BoundedContinuous):
    """One of the laws of `symbolic_pymc.truncations` between two bounds (abstract).

    Parameters
    ----------
    alpha, beta : tensor
        Those of PyMC's own distribution.
    lower, upper : tensor
        By default the ends of what that distribution can be.
    **kwargs
        As of every PyMC distribution.
    """

    bound_args_indices = (4, 5)  # after the generator, the size and two parameters

    @classmethod
    def dist(cls, alpha, beta, lower=None, upper=None, **kwargs):
        bounds = (end if x is None else x for x, end in zip((lower, upper), ENDS[cls.rv_op.family]))
        return super().dist([pt.as_tensor_variable(x) for x in (alpha, beta, *bounds)], **kwargs)


@_default_transform.register(Truncated)
def _interval(op, rv):
    return bounded_cont_transform(op, rv, Truncated.bound_args_indices)


class TruncatedGamma(Truncated):
    """A gamma variable between two bounds."""

    rv_op = TruncatedGammaRV()
    logp, support_point = partial(_log_density, "gamma"), partial(_start, "gamma")


class TruncatedInverseGamma(Truncated):
    """An inverse gamma variable between two bounds."""

    rv_op = TruncatedInverseGammaRV()
    logp, support_point = partial(_log_density, "inversegamma"), partial(_start, "inversegamma")


class TruncatedBeta(Truncated):
    """A beta variable between two bounds."""

    rv_op = TruncatedBetaRV()
    logp, support_point = partial(_log_density, "beta"), partial(_start, "beta")
