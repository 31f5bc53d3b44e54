"""Arcs between normal variables: elementwise, or through a matrix."""

from functools import partial

from symbolic_pymc.relations.affine import NotAffine, Pick, affine, dense
from symbolic_pymc.relations.chains import gaussianchain_mean_reversalo, gaussianchain_mvnormalo
from symbolic_pymc.relations.conjugates import (
    mvnormal_mean_precision_reversalo,
    mvnormal_mean_reversalo,
    normal_mean_reversalo,
)
from symbolic_pymc.relations.edge import NotReversible, ask, called, named
from symbolic_pymc.relations.goals import is_constant
from symbolic_pymc.relations.links import link_of
from symbolic_pymc.relations.noise import noise_of


def reverse_normal(ops, edge):
    """Return the `Reversal` of an edge whose ends are normal."""
    offset, link = affine_mean(ops, edge)
    ends = ops.distribution_of(edge.theta), ops.distribution_of(edge.rv)
    if ends in ELEMENTWISE and isinstance(link, Pick):
        return ELEMENTWISE[ends](ops, edge, offset, link)
    return _reverse_dense(ops, edge, offset, link)


def affine_mean(ops, edge):
    """Return offset and link of the mean of the child of an edge."""
    names = called(ops, edge.rv), called(ops, edge.theta)
    if edge.parameter != "mu":
        family = ops.distribution_of(edge.theta)
        raise NotReversible("{1} stands in the {2} of {0}, and is {3}".format(*names, edge.parameter, family))
    try:
        form = affine(ops, edge.expression, edge.blank)
    except NotAffine as reason:
        raise NotReversible("the mean of {} is not affine in {}: {}".format(*names, reason)) from None
    return ops.constant(0.0) if form.offset is None else form.offset, form.link


def _reverse_elementwise(ops, edge, offset, pick):
    prior, link = ops.parameters(edge.theta), link_of(ops, edge, pick.positions)
    scale = ops.constant(1.0) if pick.scale is None else pick.scale
    neutral_prior = ops.normal(prior["mu"], prior["sigma"])
    mean = ops.add(offset, ops.mul(scale, link.spread(neutral_prior)))
    before = (neutral_prior, ops.normal(mean, edge.others["sigma"]))
    posterior, marginal = ask(partial(normal_mean_reversalo, ops, link, edge.data), before)
    fits = link.one_to_one or ops.ndim(edge.data) == 1
    return named(ops, edge, posterior, marginal if fits else None, normal_mean_reversalo)


def _reverse_chain(ops, edge, offset, pick):
    prior, link = ops.parameters(edge.theta), link_of(ops, edge, pick.positions)
    scale = ops.constant(1.0) if pick.scale is None else pick.scale
    neutral_prior = ops.gaussianchain(*prior.values())
    mean = ops.add(offset, ops.mul(scale, link.spread(neutral_prior)))
    before = (neutral_prior, ops.normal(mean, edge.others["sigma"]))
    posterior, marginal = ask(partial(gaussianchain_mean_reversalo, ops, link, edge.data), before)
    return named(ops, edge, posterior, marginal, gaussianchain_mean_reversalo)


ELEMENTWISE = {("normal", "normal"): _reverse_elementwise, ("gaussianchain", "normal"): _reverse_chain}


def _reverse_dense(ops, edge, offset, link):
    theta, rv, data, blank = edge.theta, edge.rv, edge.data, edge.blank
    if ops.ndim(theta) > 1:
        raise NotReversible(
            f"{called(ops, theta)} has {ops.ndim(theta)} axes and enters {called(ops, rv)} through a matrix"
        )
    matrix = design_of(ops, edge, link)
    own = _as_normal(ops, theta)
    prior, noise = noise_of(ops, own, blank), noise_of(ops, edge.rv, data, edge.others)
    beta = prior.law(ops.column(ops.parameters(own)["mu"], blank))
    expected = ops.add(ops.dot(matrix, beta), offset if is_zero(ops, offset) else ops.column(offset, data))
    y = ops.column(data, data)
    if _fewer_data_than_parameters(ops, theta, data):
        relation, likelihood = mvnormal_mean_reversalo, ops.mvnormal(expected, noise.cov)
        posterior, marginal = ask(partial(relation, ops, y), (beta, likelihood))
    else:
        relation, likelihood = mvnormal_mean_precision_reversalo, noise.law(expected)
        posterior, marginal = ask(partial(relation, ops, prior, noise, y), (beta, likelihood))
    if ops.ndim(theta) == 0:
        posterior = only_element(ops, posterior)
    if ops.ndim(data) == 0:
        marginal = only_element(ops, marginal)
    return named(ops, edge, posterior, marginal if ops.ndim(data) < 2 else None, relation)


def design_of(ops, edge, link):
    """Return the matrix of a link from the elements of the parent to those of the data."""
    matrix = dense(ops, link, edge.expression, edge.blank)
    if ops.is_stretched(edge.expression, edge.data):
        matrix = ops.take_rows(matrix, ops.like(ops.row_numbers(edge.expression), edge.data))
    return matrix


def is_zero(ops, offset):
    """Tell whether an offset is the number 0; an array of zeros has a shape."""
    return ops.ndim(offset) == 0 and is_constant(offset, 0.0)


def _as_normal(ops, draw):
    """Return a normal chain as the multivariate normal draw of its law, another draw as it is."""
    if ops.distribution_of(draw) != "gaussianchain":
        return draw
    return ask(partial(gaussianchain_mvnormalo, ops), ops.gaussianchain(*ops.parameters(draw).values()))


def only_element(ops, draw):
    """Return the law of the only element of a vector."""
    parameters = ops.parameters(draw)
    if ops.distribution_of(draw) == "lowrankmvnormal":
        row = ops.mul(ops.first(parameters["factor"]), parameters["scales"])
        variance = ops.add(ops.first(parameters["variance"]), ops.total(ops.sqr(row)))
    else:
        variance = ops.corner(parameters["cov"])
    return ops.normal(ops.first(parameters["mu"]), ops.sqrt(variance))


def _fewer_data_than_parameters(ops, theta, data):
    n, k = (ops.static_size(x) for x in (data, theta))
    return n is not None and k is not None and 0 < n < k
