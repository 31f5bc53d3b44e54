"""Mixtures whose components are one law."""

import numpy as np
from kanren import eq
from unification import reify

from symbolic_pymc.distributions import DISTRIBUTIONS
from symbolic_pymc.records import Term, is_ground
from symbolic_pymc.relations.arithmetic import same
from symbolic_pymc.relations.edge import dressed
from symbolic_pymc.relations.goals import are_alike
from symbolic_pymc.relations.mixtures import has_its_own_density

WHOLE = ("vector", "simplex", "matrix")
NEAR_ONE = 1e-6  # PyMC takes weights that add up to one within 1e-5


def mixture_as_componento(ops, rv, component):
    r"""Relate a draw of a mixture to one of its only component.

    .. math::

        \frac{x \sim \textstyle\sum_k w_k F_k, \quad F_k = F \text{ for all } k \text{ with } w_k > 0}{x \sim F}

    That is a mixture of one component, of provably equal ones, or of others that have no weight.  The goal fails for
    weights that are not constant, and for components that are vectors.  One-way.
    """

    def goal(s):
        x = reify(rv, s)
        known = isinstance(x, Term) and is_ground(x) and ops.is_random(x) and isinstance(x.name, str)
        found = ops.mixture_of(x) if known and has_its_own_density(x) else None
        if found is not None and _are_weights(found.weights):
            has_weight = np.any(np.reshape(found.weights, (-1, found.weights.shape[-1])) > 0, axis=0)
            first, *others = (c for c, there in zip(found.components, has_weight) if there)
            if _is_single(ops, first) and all(_are_one_law(ops, first, other) for other in others):
                yield from eq(component, dressed(ops, first, x))(s)

    return goal


def _are_weights(weights):
    return bool(np.all(weights >= 0) and np.all(np.abs(weights.sum(axis=-1) - 1.0) < NEAR_ONE))


def _is_single(ops, draw):
    name = ops.distribution_of(draw)
    return name in DISTRIBUTIONS and DISTRIBUTIONS[name].support not in WHOLE


def _are_one_law(ops, draw, other):
    if ops.distribution_of(other) != ops.distribution_of(draw):
        return False
    pairs = zip(ops.parameters(draw).values(), ops.parameters(other).values())
    return all(are_alike(a, b) or same(ops, a, b) for a, b in pairs)
