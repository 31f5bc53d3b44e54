"""PyMC's mixtures, as they travel in a graph."""

from pymc.distributions import Mixture as PyMCMixture

from symbolic_pymc.components import Mixture
from symbolic_pymc.pytensor.copying import constant_of, unwrap_draw
from symbolic_pymc.pytensor.random_variables import WRAPPED, make_rv, row_of, rv_parts


def mixture_of(rv):
    """Return the `Mixture` that a variable draws.

    It is None for any other variable, and where the weights are not constant, or the shape or a component not known.
    """
    node = rv.owner
    if not isinstance(node.op, PyMCMixture.rv_type):
        return None
    weights, *draws = node.op.dist_params(node)
    draws = [_plain(draw) for draw in draws]
    if constant_of(weights)[0] is None or any(draw is None for draw in draws):
        return None
    weights, is_one_law = weights.eval(), len(draws) == 1
    shape = draws[0].type.shape[: -1 if is_one_law else None]
    laws = [(row_of(draw.owner.op).op, rv_parts(draw.owner)[2]) for draw in draws]
    laws = _along_the_last_axis(*laws[0], weights.shape[-1]) if is_one_law else laws
    if None in shape or laws is None:
        return None
    # PyMC computes the sizes of the components from other draws of these
    return Mixture(weights, tuple(make_rv(op, params, size=shape) for op, params in laws))


def _plain(draw):
    """Return the draw of a law of the table, or None."""
    draw = unwrap_draw(draw.owner.outputs)[-1] if type(draw.owner.op) in WRAPPED else draw
    row = row_of(draw.owner.op)
    return None if row is None or row.op.ndim_supp else draw


def _along_the_last_axis(op, params, n):
    """Return the Op and the parameters at each place along the last axis; None where a length is not known."""
    if any(p.ndim and p.type.shape[-1] not in (1, n) for p in params):
        return None
    return [(op, [_at(p, i) for p in params]) for i in range(n)]


def _at(param, i):
    """Return the parameter of component i."""
    if param.ndim == 0:
        return param
    place = 0 if param.type.shape[-1] == 1 else i
    return param.eval()[..., place] if constant_of(param)[0] is not None else param[..., place]
