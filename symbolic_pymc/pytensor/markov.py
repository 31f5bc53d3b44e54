"""PyMC's missing distribution: a Markov chain of finitely many states."""

import pytensor.tensor as pt
from pymc.distributions.distribution import Discrete
from pymc.distributions.shape_utils import rv_size_is_none
from pytensor.graph.basic import Variable
from pytensor.tensor.random.op import RandomVariable

from symbolic_pymc.markov import batch_of, check_shapes, draw, length_of, log_density
from symbolic_pymc.pytensor.lowrank import check_shape


class MarkovChainRV(RandomVariable):
    """Draws a path of states: the first with the probabilities `start`, each next one with a row of its `chances`.

    Raises
    ------
    ModelGraphError
        By `make_node` for shapes known not to fit together, else when it draws.
    """

    name = "markovchain"
    signature = "(k),(n,k,k)->(n)"
    dtype = "int64"
    _print_name = ("MarkovChain", r"\operatorname{MarkovChain}")

    def make_node(self, rng, size, *params):
        params = [p if isinstance(p, Variable) else pt.as_tensor_variable(p) for p in params]
        check_shapes(*(p.type.shape for p in params))
        return super().make_node(rng, size, *params)

    @classmethod
    def rng_fn(cls, rng, start, chances, size):
        return draw(rng, start, chances, batch_of(start, chances) if size is None else tuple(size))


class MarkovChain(Discrete):
    """The distribution of a path z: z[0] = j with probability start[j], z[t] = j with chances[t, z[t-1], j].

    Parameters
    ----------
    start : (..., k) tensor
        Of probabilities.
    chances : (..., n, k, k) tensor
        Of probabilities, that sum to one in each row; the first matrix counts for nothing.
    **kwargs
        As of every PyMC distribution.

    Raises
    ------
    ModelGraphError
        For parameters, or a shape, that are known not to fit together.
    """

    rv_op = MarkovChainRV()

    @classmethod
    def dist(cls, start, chances, **kwargs):
        params = [pt.as_tensor_variable(p) for p in (start, chances)]
        check_shapes(*(p.type.shape for p in params))
        check_shape(cls.__name__, kwargs.get("shape"), length_of(*(p.type.shape for p in params)))
        return super().dist(params, **kwargs)

    def support_point(rv, size, start, chances):
        batch = rv.shape[:-1] if rv_size_is_none(size) else size
        return pt.zeros((*batch, chances.shape[-3]), dtype="int64")

    def logp(value, start, chances):
        """Return the log probability of each path of `value`, of shape (..., n)."""
        return log_density(pt, value, start, chances)
