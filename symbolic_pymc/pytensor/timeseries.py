"""PyMC's time series with normal innovations, read as recursions: each element given those before it."""

import numpy as np
import pytensor.tensor as pt
from pymc.distributions.timeseries import AutoRegressiveRV, RandomWalkRV
from pytensor.tensor.basic import MakeVector
from pytensor.tensor.elemwise import DimShuffle
from pytensor.tensor.random.basic import NormalRV

from symbolic_pymc.chains import Recursion, led_by
from symbolic_pymc.relations.edge import NotReversible


def recursion_of(rv):
    """Return the `Recursion` of a variable that a time series draws; None for any other variable.

    Raises
    ------
    NotReversible
        For a time series that is no such recursion.
    """
    read = _READERS.get(type(rv.owner.op))
    if read is None:
        return None
    if rv.ndim != 1:
        raise NotReversible(f"{rv.name} is a batch of time series; write one variable for each")
    return read(rv.owner, rv.name)


def _random_walk(node, name):
    init, innovation, steps = node.inputs[:3]
    n = _length(steps, 1)
    if not isinstance(innovation.owner.op, NormalRV):
        raise NotReversible(f"{name} is a random walk with innovations of {innovation.owner.op}, not normal ones")
    mean, sd = _initial(init, name)
    drift, scale = innovation.owner.op.dist_params(innovation.owner)
    one = pt.constant(np.float64(1.0))
    return Recursion(_vector(mean, drift, n), (_vector(one, one, n),), _vector(sd, scale, n))


def _autoregression(node, name):
    rhos, sigma, init, steps = node.inputs[:4]
    order, first = node.op.ar_order, int(node.op.constant_term)
    n = _length(steps, order)
    mean, sd = _initial(init, name)
    zero = pt.constant(np.float64(0.0))
    intercept = _element(rhos, 0) if first else zero
    gains = (_element(rhos, first + k) for k in range(order))
    gains = tuple(_vector(gain if order == 1 else zero, gain, n, order) for gain in gains)
    return Recursion(_vector(mean, intercept, n, order), gains, _vector(sd, sigma, n, order))


def _initial(init, name):
    """Return mean and standard deviation of the first element."""
    if not isinstance(init.owner.op, NormalRV):
        raise NotReversible(
            f"the first element of {name} is {init.owner.op}, not Normal; "
            "give it a normal one, init_dist=pm.Normal.dist(0, 10)"
        )
    return init.owner.op.dist_params(init.owner)


def _length(steps, order):
    """Return how many elements a time series of so many steps has: an integer where that is known."""
    return int(steps.data) + order if isinstance(steps, pt.TensorConstant) else steps + order


def _element(vector, i):
    """Return an element of a vector, from where it is put together."""
    made = vector.owner is not None and isinstance(vector.owner.op, MakeVector)
    return vector.owner.inputs[i] if made else vector[i]


def _vector(first, others, n, order=1):
    """Return a vector of n elements, the `first` so many and then `others`: each a number, or `order` of them."""
    several = order > 1 and first.ndim and first.type.shape[0] != 1
    return led_by(pt, pt.cast(first, "float64") if several else _number(first), _number(others), n, order)


def _number(x):
    """Return the number that all elements of `x` are, in double precision where it is constant."""
    while x.owner is not None and isinstance(x.owner.op, DimShuffle):
        x = x.owner.inputs[0]
    if isinstance(x, pt.TensorConstant):
        return pt.constant(np.float64(x.data.ravel()[0]))
    return x.ravel()[0] if x.ndim else x


_READERS = {RandomWalkRV: _random_walk, AutoRegressiveRV: _autoregression}
