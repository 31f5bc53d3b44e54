"""PyMC3's time series with normal innovations, read as recursions: each element given those before it."""

import numpy as np
import pymc3 as pm
import theano.tensor as tt

from symbolic_pymc.chains import Recursion, led_by
from symbolic_pymc.relations.edge import NotReversible
from symbolic_pymc.theano.known import constant_value
from symbolic_pymc.theano.opaque import Law, OpaqueRV


def recursion_of(rv):
    """Return the `Recursion` of a variable that a time series draws; None for any other variable.

    Raises
    ------
    NotReversible
        For a time series that is no such recursion.
    """
    op = rv.owner.op
    if not isinstance(op, OpaqueRV) or not isinstance(op.law, Law):
        return None
    read = _READERS.get(type(op.law.dist))
    if read is None:
        return None
    if len(op.law.shape) != 1:
        raise NotReversible(f"{rv.name} is a batch of time series; write one variable for each")
    return read(op.law.with_parents(rv.owner.inputs[3:]), op.law.shape[0], rv.name)


def _random_walk(dist, n, name):
    mean, sd = _initial(dist.init, name)
    return Recursion(_vector(mean, dist.mu, n), (_vector(1.0, 1.0, n),), _vector(sd, dist.sigma, n))


def _ar1(dist, n, name):
    k = constant_value(dist.k)
    if k is not None and abs(k) >= 1:
        raise NotReversible(
            f"{name} is an autoregression with k = {k:g}, whose first element has no law; "
            "AR takes a law of the first element, init=pm.Normal.dist(0, 10)"
        )
    sd = dist.tau_e**-0.5
    return Recursion(_vector(0.0, 0.0, n), (_vector(dist.k, dist.k, n),), _vector(dist.tau**-0.5, sd, n))


def _ar(dist, n, name):
    order, first = int(dist.p), int(dist.constant)
    if n < order:
        raise NotReversible(f"{name} is an autoregression of order {order} of {n} elements; it needs as many at least")
    mean, sd = _initial(dist.init, name)
    rho = tt.flatten(dist.rho)
    gains = (rho[first + k] for k in range(order))
    gains = tuple(_vector(gain if order == 1 else 0.0, gain, n, order) for gain in gains)
    return Recursion(_vector(mean, rho[0] if first else 0.0, n, order), gains, _vector(sd, dist.sigma, n, order))


def _initial(init, name):
    """Return mean and standard deviation of the first element."""
    if type(init) is not pm.Normal:
        raise NotReversible(
            f"the first element of {name} is {type(init).__name__}, not Normal; "
            "give it a proper normal one, init=pm.Normal.dist(0, 10)"
        )
    return init.mu, init.sigma


def _vector(first, others, n, order=1):
    first, others = (tt.as_tensor_variable(np.float64(x) if isinstance(x, float) else x) for x in (first, others))
    return led_by(tt, first[0] if order > 1 and first.broadcastable == (True,) else first, others, n, order)


_READERS = {pm.GaussianRandomWalk: _random_walk, pm.AR1: _ar1, pm.AR: _ar}
