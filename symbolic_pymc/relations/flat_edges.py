"""Arcs from variables of no prior density but 1 to normal data: propriety is checked before they are reversed."""

from dataclasses import replace
from functools import partial

import numpy as np

from symbolic_pymc.relations.affine import Pick
from symbolic_pymc.relations.edge import NotReversible, anew, ask, called, is_fixed, named, value_of, without_draws
from symbolic_pymc.relations.flats import (
    Contrasts,
    flat_mean_reversalo,
    flat_regression_reversalo,
    flat_vector_reversalo,
    is_filled,
)
from symbolic_pymc.relations.goals import without_unit_axes
from symbolic_pymc.relations.links import link_of
from symbolic_pymc.relations.noise import EqualNoise, noise_of
from symbolic_pymc.relations.normal_edges import affine_mean, design_of, is_zero, only_element


def reverse_flat(ops, edge):
    """Return the `Reversal` of an edge from a flat variable to a normal one; what is `seen` are error contrasts.

    The design must have full column rank at the values that its constants and shared variables have now.
    """
    offset, link = affine_mean(ops, edge)
    design = _known_design(ops, edge, ops.floating(design_of(ops, edge, link)))
    vector = ops.column(edge.data, edge.data)
    noise = _noise(ops, edge)
    contrasts = Contrasts(ops, design, vector, ops.column(offset, edge.data), noise)
    if ops.distribution_of(edge.rv) == "normal" and isinstance(link, Pick):
        relation, (posterior, marginal) = flat_mean_reversalo, _elementwise(ops, edge, offset, link, contrasts)
    else:
        relation, (posterior, marginal) = _dense(ops, edge, offset, contrasts)
    reversal = named(ops, edge, posterior, None, relation)
    marginal = anew(ops, marginal, edge.rv)
    return replace(reversal, marginal=marginal, seen=contrasts.seen, log_factor=contrasts.log_factor)


def _known_design(ops, edge, design):
    """Return the design without draws, or refuse one by which the data do not tell every element of the parent."""
    names = called(ops, edge.theta), called(ops, edge.rv)
    design = without_draws(ops, design)
    matrix = value_of(ops, design)
    if matrix is None:
        raise NotReversible(
            "{0} is flat, and whether {1} tells every element of it is not known: what {0} is multiplied with in "
            "the mean of {1} must be known numbers".format(*names)
        )
    if not has_full_rank(matrix):
        raise NotReversible(
            "{0} is flat, and its posterior would be improper: what it is multiplied with in the mean of {1} has not "
            "full column rank, {2} data for {3} parameters".format(*names, *matrix.shape)
        )
    return design if is_fixed(ops, design) else ops.of_full_rank(design)


def has_full_rank(matrix):
    """Tell whether the columns of a matrix are linearly independent, whatever their units."""
    n, k = matrix.shape
    lengths = np.linalg.norm(matrix, axis=0)
    if not 0 < k <= n or not np.all(np.isfinite(lengths)) or not np.all(lengths):
        return False
    return bool(np.linalg.matrix_rank(matrix / lengths) == k)


def _noise(ops, edge):
    sigma = edge.others.get("sigma")
    if sigma is None or not is_filled(ops, sigma):
        return noise_of(ops, edge.rv, edge.data, edge.others)
    number = without_unit_axes(sigma)
    return EqualNoise(ops, ops.first(ops.column(sigma, edge.data)) if ops.ndim(number) else number)


def _elementwise(ops, edge, offset, pick, contrasts):
    link = link_of(ops, edge, pick.positions)
    scale = ops.constant(1.0) if pick.scale is None else pick.scale
    prior = ops.flat()
    mean = ops.add(offset, ops.mul(scale, link.spread(prior)))
    before = prior, ops.normal(mean, edge.others["sigma"])
    return ask(partial(flat_mean_reversalo, ops, link, contrasts, edge.data), before)


def _dense(ops, edge, offset, contrasts):
    """Return the relation that was asked and its answer."""
    if ops.ndim(edge.theta) > 1:
        raise NotReversible(
            f"{called(ops, edge.theta)} has {ops.ndim(edge.theta)} axes and enters {called(ops, edge.rv)} through a matrix"
        )
    prior, noise = ops.flat(), contrasts.noise
    if isinstance(noise, EqualNoise):
        relation, given = flat_regression_reversalo, (contrasts,)
    else:
        relation, given = flat_vector_reversalo, (noise, contrasts)
    shift = offset if is_zero(ops, offset) else contrasts.offset
    before = prior, noise.law(ops.add(ops.dot(contrasts.design, prior), shift))
    posterior, marginal = ask(partial(relation, ops, *given), before)
    return relation, (only_element(ops, posterior) if ops.ndim(edge.theta) == 0 else posterior, marginal)


def refuse_improper_square(ops, edge, square):
    """Refuse a half-flat deviation whose square has no proper posterior, or may have none."""
    names = called(ops, edge.theta), called(ops, edge.rv)
    shape, amount = (value_of(ops, without_draws(ops, x)) for x in square.rands[:2])
    if shape is None:
        raise NotReversible("{0} is half-flat, and how many data of {1} there are is not known".format(*names))
    if not np.all(shape > 0):
        raise NotReversible(
            "{0} is half-flat, and its posterior would be improper: each element of it needs two data of {1}, beside "
            "those that its flat mean takes".format(*names)
        )
    # where other unknowns decide, no deviation at all has probability zero
    if amount is not None and not np.all(amount > 0):
        raise NotReversible(
            "{0} is half-flat, and its posterior would be improper: {1} does not deviate from its mean".format(*names)
        )
