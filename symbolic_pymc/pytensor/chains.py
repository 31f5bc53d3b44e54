"""PyMC's missing distribution: a normal vector each element of which depends on the one before it alone."""

import pytensor.tensor as pt
from pymc.distributions.distribution import Continuous
from pymc.distributions.shape_utils import rv_size_is_none
from pytensor.graph.basic import Variable
from pytensor.tensor.random.op import RandomVariable

from symbolic_pymc.chains import batch_of, check_shapes, draw, length_of, log_density
from symbolic_pymc.pytensor.lowrank import check_shape


class GaussianChainRV(RandomVariable):
    """Draws ``x[t] = offset[t] + gain[t] * x[t - 1] + scale[t] * z[t]`` with standard normal z.

    Raises
    ------
    ModelGraphError
        By `make_node` for shapes known not to fit together, else when it draws.
    ArgumentError
        When it draws with a scale that is not positive.
    """

    name = "gaussianchain"
    signature = "(n),(n),(n)->(n)"
    dtype = "floatX"
    _print_name = ("GaussianChain", r"\operatorname{GaussianChain}")

    def make_node(self, rng, size, *params):
        params = [p if isinstance(p, Variable) else pt.as_tensor_variable(p) for p in params]
        check_shapes(*(p.type.shape for p in params))
        return super().make_node(rng, size, *params)

    @classmethod
    def rng_fn(cls, rng, offset, gain, scale, size):
        return draw(rng, offset, gain, scale, batch_of(offset, gain, scale) if size is None else tuple(size))


class GaussianChain(Continuous):
    """The distribution of ``x[0] = offset[0] + scale[0] z[0]``, ``x[t] = offset[t] + gain[t] x[t-1] + scale[t] z[t]``.

    Parameters
    ----------
    offset, gain : (..., n) tensor
        The first gain counts for nothing.
    scale : (..., n) tensor
        Positive.
    **kwargs
        As of every PyMC distribution.

    Raises
    ------
    ModelGraphError
        For parameters, or a shape, that are known not to fit together.
    """

    rv_op = GaussianChainRV()

    @classmethod
    def dist(cls, offset, gain, scale, **kwargs):
        params = [pt.as_tensor_variable(p) for p in (offset, gain, scale)]
        check_shapes(*(p.type.shape for p in params))
        check_shape(cls.__name__, kwargs.get("shape"), length_of(*(p.type.shape for p in params)))
        return super().dist(params, **kwargs)

    def support_point(rv, size, offset, gain, scale):
        batch = rv.shape[:-1] if rv_size_is_none(size) else size
        return pt.zeros((*batch, offset.shape[-1]))

    def logp(value, offset, gain, scale):
        """Return the log density of each vector of `value`, of shape (..., n)."""
        return log_density(pt, value, offset, gain, scale)
