"""PyMC's hurdle distributions, as they travel in a graph: the number 0, or a law that never draws it."""

from pymc.distributions import Mixture, mixture
from pymc.distributions.truncated import TruncatedRV
from pytensor.graph.basic import Constant
from pytensor.tensor.type import TensorType

from symbolic_pymc.components import Hurdle
from symbolic_pymc.pytensor.inflated import chance_of, is_zero
from symbolic_pymc.pytensor.random_variables import DISTRIBUTIONS, row_of

# the class that PyMC 6 has for them, whose density at 0 is that of the number alone
_OWN = getattr(mixture, "_HurdleRV", ())
# laws that have no density at 0 in PyMC
_POSITIVE = tuple(DISTRIBUTIONS[name] for name in ("lognormal", "inversegamma", "wald", "pareto"))


def hurdle_of(rv):
    """Return the `Hurdle` that a variable draws; None for any other variable."""
    node = rv.owner
    if not isinstance(node.op, (Mixture.rv_type, _OWN) if _OWN else Mixture.rv_type):
        return None
    weights, zero, *laws = node.op.dist_params(node)
    chance = chance_of(weights)
    if chance is None or len(laws) != 1 or not is_zero(zero):
        return None
    (law,) = laws
    known = isinstance(node.op, _OWN) or _misses_zero(law.owner)
    return Hurdle(chance, tuple(x for x in law.owner.inputs if isinstance(x.type, TensorType))) if known else None


def _misses_zero(node):
    if isinstance(node.op, TruncatedRV):
        lower, _ = node.inputs[-2:]
        return isinstance(lower, Constant) and bool((lower.data > 0).all())
    return row_of(node.op) in _POSITIVE
