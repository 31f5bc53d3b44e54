"""Unknowns with bounds that stand in the densities of others, such as scales and chances, by numbers without bounds.

The densities of what they scale are smooth in their logarithms, and what has two ends may be on a line without any.
"""

import numpy as np

from symbolic_pymc.distributions import DISTRIBUTIONS
from symbolic_pymc.errors import ArgumentError
from symbolic_pymc.proximal.scales import LOG, LOGIT, Scale, on_scale
from symbolic_pymc.parts import substitute

POSITIVE = ("positive", "nonnegative")


def positive_unknowns(objective):
    """Return the scales of the unknowns whose laws are of positive numbers, by name."""
    ops = objective.adapter.ops
    return {x.name: LOG for x in _unknowns(objective) if _support(ops, x) in POSITIVE}


def bounded_unknowns(objective):
    """Return the scales of the unknowns that have one bound or two that are known, by name."""
    ops = objective.adapter.ops
    between = {x.name: _between(ops, x) for x in _unknowns(objective)}
    return positive_unknowns(objective) | {name: scale for name, scale in between.items() if scale is not None}


def _unknowns(objective):
    return [x for x in objective.draws if x.name in objective.inputs]


def _support(ops, draw):
    family = DISTRIBUTIONS.get(ops.distribution_of(draw))
    return family and family.support


def _between(ops, draw):
    """Return the scale of an unknown between two numbers, or above one; None for another one."""
    if _support(ops, draw) == "unit":
        return LOGIT
    ends = ops.parameters(draw) if _support(ops, draw) == "interval" else {}
    low, high = (None if name not in ends else ops.value_of(ends[name]) for name in ("lower", "upper"))
    if low is None or high is None or not np.all(np.isfinite(low)):
        return None
    if np.all(high == np.inf):
        return Scale(low)
    return Scale(low, high) if np.all(np.isfinite(high)) else None


def without_bounds(objective, terms, scales):
    """Return an objective on the scales of those unknowns that stand in any of some terms."""
    ops, inputs = objective.adapter.ops, objective.inputs
    standing = (x for x in scales if any(substitute(t, {inputs[x]: ops.constant(1.0)}) is not t for t in terms))
    return on_scale(objective, {name: scales[name] for name in standing})


def on_line(objective, values):
    """Return values of unknowns as those of the inputs of an objective.

    Raises
    ------
    ArgumentError
        For one that is out of its bounds.
    """
    scales = objective.scales
    wrong = [
        f"{name} must be {scales[name]}" for name in scales if name in values and not scales[name].has(values[name])
    ]
    if wrong:
        raise ArgumentError(f"start: {', '.join(wrong)}")
    return {name: scales[name].inverse(v) if name in scales else v for name, v in values.items()}


def off_line(objective, values):
    """Return values of the inputs of an objective as those of the unknowns."""
    return {name: objective.scales[name](v) if name in objective.scales else v for name, v in values.items()}
