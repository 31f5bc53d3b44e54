"""Positive unknowns that stand in the densities of others, such as scales, by their logarithms.

There is then no end to what they can be, and the densities of what they scale are smooth in them.
"""

from dataclasses import replace

import numpy as np

from symbolic_pymc.distributions import DISTRIBUTIONS
from symbolic_pymc.errors import ArgumentError
from symbolic_pymc.proximal.scales import on_scale
from symbolic_pymc.parts import substitute

POSITIVE = ("positive", "nonnegative")


def by_logarithms(objective, terms):
    """Return an objective in the logarithms of the positive unknowns that stand in any of some terms."""
    ops, inputs = objective.adapter.ops, objective.inputs
    names = tuple(
        name
        for name in positive_unknowns(objective)
        if any(substitute(t, {inputs[name]: ops.constant(1.0)}) is not t for t in terms)
    )
    return replace(on_scale(objective, dict.fromkeys(names, "log")), logs=names)


def positive_unknowns(objective):
    """Return the names of the unknowns whose laws are of positive numbers."""
    ops = objective.adapter.ops
    return [x.name for x in objective.draws if x.name in objective.inputs and _is_positive(ops, x)]


def _is_positive(ops, draw):
    family = DISTRIBUTIONS.get(ops.distribution_of(draw))
    return family is not None and family.support in POSITIVE


def logarithms(objective, values):
    """Return values of unknowns as those of the inputs of an objective.

    Raises
    ------
    ArgumentError
        For one that is not positive, and must be.
    """
    wrong = [name for name in objective.logs if name in values and not np.all(np.asarray(values[name]) > 0)]
    if wrong:
        raise ArgumentError(f"start: {', '.join(wrong)} must be positive")
    return {name: np.log(v) if name in objective.logs else v for name, v in values.items()}


def unlogged(objective, values):
    """Return values of the inputs of an objective as those of the unknowns."""
    return {name: np.exp(v) if name in objective.logs else v for name, v in values.items()}
