"""Which transform PyMC3 gives a distribution by itself."""

import numpy as np
import pymc3 as pm
import theano.tensor as tt
from pymc3.distributions import continuous, multivariate, transforms
from pymc3.distributions.bound import _ContinuousBounded
from theano.graph.basic import Constant

from symbolic_pymc.theano.known import constant_value
from symbolic_pymc.theano.opaque import tensors_of
from symbolic_pymc.theano.rebuild import roots_of
from symbolic_pymc.theano.truncations import Truncated


def _same(x, y, precision_counts):
    y = tt.as_tensor_variable(y)
    if x is y or not (isinstance(x, Constant) and isinstance(y, Constant)):
        return x is y
    return x.equals(y) if precision_counts else np.array_equal(x.data, y.data.astype(x.dtype))


def _bounds(dist):
    """Return the lower and upper bounds, or None, for which PyMC3 chooses a transform."""
    if isinstance(dist, pm.Pareto):
        return dist.m, None
    if isinstance(dist, pm.TruncatedNormal):
        return dist.lower_check, dist.upper_check
    if isinstance(dist, Truncated):
        return dist.lower, None if constant_value(dist.upper) == np.inf else dist.upper
    return (-1, 1) if isinstance(dist, pm.LKJCorr) else (dist.lower, dist.upper)


_BOUND_TRANSFORMS = {
    (False, False): type(None),
    (True, False): transforms.LowerBound,
    (False, True): transforms.UpperBound,
    (True, True): transforms.Interval,
}

_DEFAULT_TRANSFORMS = (
    (continuous.PositiveContinuous, transforms.Log),
    (continuous.UnitContinuous, transforms.LogOdds),
    (pm.VonMises, transforms.Circular),
    (pm.Dirichlet, transforms.StickBreaking),
    (multivariate._LKJCholeskyCov, transforms.CholeskyCovPacked),
    (object, type(None)),
)


def has_default_transform(dist, precision_counts=True):
    """Is the transform of `dist` the one that PyMC3 chooses when none is asked for?

    With Python floats as bounds PyMC3 computes the transform in single precision; `precision_counts` says whether
    that makes it another one than that of the same bounds in double precision.
    """
    if isinstance(dist, (continuous.BoundedContinuous, _ContinuousBounded, pm.Pareto, pm.LKJCorr)):
        ends = dict(zip("ab", _bounds(dist)))
        kind = _BOUND_TRANSFORMS[tuple(end is not None for end in ends.values())]
        own = {} if dist.transform is None else vars(dist.transform)
        return type(dist.transform) is kind and all(_same(own[k], ends[k], precision_counts) for k in own)
    kind = next(kind for cls, kind in _DEFAULT_TRANSFORMS if isinstance(dist, cls))
    return type(dist.transform) is kind


def transform_has_parents(dist):
    """Does a transform that the user chose depend on other variables?"""
    if dist.transform is None or has_default_transform(dist):
        return False
    return bool(roots_of(tensors_of(dist.transform), frozenset()))
