"""PyMC's time series with normal innovations, read as chains: ``x[t] = offset[t] + gain[t] x[t-1] + scale[t] z[t]``."""

import numpy as np
import pytensor.tensor as pt
from pymc.distributions.timeseries import AutoRegressiveRV, RandomWalkRV
from pytensor.tensor.basic import MakeVector
from pytensor.tensor.elemwise import DimShuffle
from pytensor.tensor.random.basic import NormalRV

from symbolic_pymc.chains import led_by
from symbolic_pymc.relations.edge import NotReversible


def chain_parameters(rv):
    """Return offset, gain and scale (n) of a variable that a time series draws; None for any other variable.

    Raises
    ------
    NotReversible
        For a time series that is no such chain.
    """
    read = _READERS.get(type(rv.owner.op))
    if read is None:
        return None
    if rv.ndim != 1:
        raise NotReversible(f"{rv.name} is a batch of time series; write one variable for each")
    return read(rv.owner, rv.name)


def _random_walk(node, name):
    init, innovation, steps = node.inputs[:3]
    n = _length(steps)
    if not isinstance(innovation.owner.op, NormalRV):
        raise NotReversible(f"{name} is a random walk with innovations of {innovation.owner.op}, not normal ones")
    mean, sd = _initial(init, name)
    drift, scale = innovation.owner.op.dist_params(innovation.owner)
    one = pt.constant(np.float64(1.0))
    return _vector(mean, drift, n), _vector(one, one, n), _vector(sd, scale, n)


def _autoregression(node, name):
    rhos, sigma, init, steps = node.inputs[:4]
    n = _length(steps)
    if node.op.ar_order != 1:
        raise NotReversible(f"{name} is an autoregression of order {node.op.ar_order}; one of order 1 is a chain")
    mean, sd = _initial(init, name)
    zero, first = pt.constant(np.float64(0.0)), _element(rhos, 0)
    intercept, gain = (first, _element(rhos, 1)) if node.op.constant_term else (zero, first)
    return _vector(mean, intercept, n), _vector(gain, gain, n), _vector(sd, sigma, n)


def _initial(init, name):
    """Return mean and standard deviation of the first element."""
    if not isinstance(init.owner.op, NormalRV):
        raise NotReversible(
            f"the first element of {name} is {init.owner.op}, not Normal; "
            "give it a normal one, init_dist=pm.Normal.dist(0, 10)"
        )
    return init.owner.op.dist_params(init.owner)


def _length(steps):
    """Return how many elements a time series of so many steps has: an integer where that is known."""
    return int(steps.data) + 1 if isinstance(steps, pt.TensorConstant) else steps + 1


def _element(vector, i):
    """Return an element of a vector, from where it is put together."""
    made = vector.owner is not None and isinstance(vector.owner.op, MakeVector)
    return vector.owner.inputs[i] if made else vector[i]


def _vector(first, others, n):
    """Return a vector of n elements, `first` and then `others`; each is a number."""
    return led_by(pt, _number(first), _number(others), n)


def _number(x):
    """Return the number that all elements of `x` are, in double precision where it is constant."""
    while x.owner is not None and isinstance(x.owner.op, DimShuffle):
        x = x.owner.inputs[0]
    if isinstance(x, pt.TensorConstant):
        return pt.constant(np.float64(x.data.ravel()[0]))
    return x.ravel()[0] if x.ndim else x


_READERS = {RandomWalkRV: _random_walk, AutoRegressiveRV: _autoregression}
