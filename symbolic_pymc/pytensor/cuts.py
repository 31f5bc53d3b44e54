"""How PyMC cuts a distribution at bounds."""

from pymc.distributions.truncated import TruncatedRV

from symbolic_pymc.pytensor.random_variables import DISTRIBUTIONS, row_of
from symbolic_pymc.relations.cuts import parts_of_cut

_NAMES = {row.op: name for name, row in DISTRIBUTIONS.items()}


@parts_of_cut.register(TruncatedRV)
def _parts(op, rands):
    row = row_of(op.base_rv_op)
    if row is None:
        return None
    # the arguments of the draw that is cut, and the bounds
    _, size, *params, lower, upper = rands
    return _NAMES[row.op], dict(zip(row.params, params)), lower, upper, size
