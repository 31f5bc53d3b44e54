r"""Duality gaps: how far an estimate can be from the optimum, at most.

For convex functions of affine arguments :math:`a_j = K_j x + c_j` any multipliers that balance are a witness:

.. math::

    \sum_j K_j^\top u_j = 0 \implies
    0 \le F(x) - F^* \le \sum_j \left[h_j(a_j) + h_j^*(u_j) - \langle u_j, a_j \rangle\right]

Functions :math:`\phi` of an unknown itself balance what the others pull at it, by the negative of that.  All are scaled
by the largest s in [0, 1] that the domains of the conjugates let be.

Reference: Rockafellar, Convex Analysis (1970), section 31.
"""

import numpy as np

from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.fenchel import Fenchel
from symbolic_pymc.proximal.multipliers import multipliers
from symbolic_pymc.proximal.shapes import CONVEX

HALVINGS = 100
ENOUGH = 1e-9  # of the objective: no other multipliers are tried


def duality_gap(split, values):
    """Return an upper bound of the distance of the objective from its optimum; None where a conjugate is not known."""
    if split.curvature != CONVEX or split.objective.scales:
        return None
    try:
        with split.objective.adapter.build_context(), np.errstate(all="ignore"):
            functions = Fenchel(split, values)
            return _least(functions) if functions.is_exact() else None
    except Unknown:
        return None


def _least(functions):
    """Return the least of the bounds that some multipliers give; None where all are infinite."""
    least = np.inf
    for u in multipliers(functions):
        least = min(least, _bound(functions, u))
        if least <= ENOUGH * abs(functions.objective):
            break
    return max(0.0, float(least)) if np.isfinite(least) else None


def _bound(functions, u):
    """Return the bound that multipliers give, scaled down only by those functions whose conjugates are infinite."""
    parts = functions.excesses(u)
    infinite = [part for part in parts if not np.isfinite(part(1.0))]
    best = _largest(lambda s: all(np.isfinite(part(s)) for part in infinite)) if infinite else 1.0
    return np.inf if best is None else sum(part(best) for part in parts)


def _largest(possible):
    """Return the largest s in [0, 1) that is possible, where all below one that is are; None where none is."""
    low, high = 0.0, 1.0
    if not possible(low):
        return None
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if possible(middle) else (low, middle)
    return low
