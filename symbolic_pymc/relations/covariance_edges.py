"""Arcs from a gamma variable, or the reciprocal of one, to normal vectors whose whole covariance it divides."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from symbolic_pymc.records import Term
from symbolic_pymc.relations.affine import dependents
from symbolic_pymc.relations.edge import NotReversible, ask, called
from symbolic_pymc.relations.kernel_edges import RELATIONS, reversed_by
from symbolic_pymc.relations.kernels import PRIORS, rate_of
from symbolic_pymc.relations.laws import law, parameters_of
from symbolic_pymc.relations.monomials import NotMonomial, monomial
from symbolic_pymc.relations.noise import DenseNoise, low_rank_noise

# how the covariance of a normal vector depends on each parameter
DEGREES = {"cov": 1.0, "variance": 1.0, "factor": 2.0, "scales": 2.0}


@dataclass(frozen=True)
class Whole:
    """The link of one number to all of the data at once."""

    def spread(self, x):
        return x

    def collect(self, x):
        return x


@dataclass(frozen=True)
class Scaled:
    """The likelihood :math:`q^{n/2} e^{-q (y - \\mu)' V^{-1} (y - \\mu) / 2}` of data (n) about `mean`, V being `noise`."""

    ops: Any
    mean: Term
    noise: Any
    data: Term

    def law(self, q):
        """Return the normal law of the covariance V / q."""
        return self.noise.divided(q).law(self.mean)

    def marginal(self, alpha, beta):
        """The multivariate Student's t, which has no name in every backend."""
        return None

    @property
    def count(self):
        return self.ops.mul(self.ops.constant(0.5), self.ops.length(self.data))

    @property
    def amount(self):
        error = self.ops.sub(self.data, self.mean)
        return self.ops.mul(self.ops.constant(0.5), self.ops.dot(error, self.noise.solve(error)))


def reverse_covariance(ops, edge):
    """Return the `Reversal` of an edge whose parent divides or multiplies the covariance of a normal vector."""
    family = ops.distribution_of(edge.theta)
    prior, own = PRIORS[family], parameters_of(ops, edge.theta)
    if ops.ndim(edge.theta) > 0 or prior.family not in RELATIONS:
        raise NotReversible(
            f"{called(ops, edge.theta)} is {family} with {ops.ndim(edge.theta)} axes: only one gamma or inverse gamma "
            f"number scales the covariance of {called(ops, edge.rv)} in closed form"
        )
    relation, theta = RELATIONS[prior.family], law(ops, prior.family, *prior.parameters(ops, own))
    noise = _noise(ops, edge, -prior.exponent)
    likelihood = Scaled(ops, edge.others["mu"], noise, edge.data)
    before = theta, likelihood.law(ops.mul(ops.constant(1.0), rate_of(ops, prior, theta)))
    return reversed_by(ops, edge, relation, *ask(partial(relation, ops, Whole(), likelihood), before))


def _noise(ops, edge, degree):
    """Return the noise without the parent, of which the covariance must be of the given degree."""
    parts, degrees = {}, {}
    for name in edge.others:
        if name in DEGREES:
            parts[name], degrees[name] = _without_scale(ops, edge, name)
    # a factor is multiplied by its scales
    of_parts = [degrees[name] for name in ("cov", "variance") if name in parts]
    of_parts += [degrees["factor"] + degrees["scales"]] if "factor" in parts else []
    if set(of_parts) != {degree}:
        names = called(ops, edge.rv), called(ops, edge.theta)
        raise NotReversible("the covariance of {} is not proportional to {}, or not all of it".format(*names))
    if "cov" in parts:
        return DenseNoise(ops, parts["cov"])
    return low_rank_noise(ops, parts["factor"], parts["variance"], parts["scales"], edge.data)


def _without_scale(ops, edge, name):
    """Return what a power of the parent is multiplied with in a parameter, and the degree of the covariance in it."""
    x, names = edge.others[name], (name, called(ops, edge.rv), called(ops, edge.theta))
    if x not in dependents(ops, x, edge.blank):
        return x, 0.0
    try:
        form = monomial(ops, x, edge.blank)
    except NotMonomial as reason:
        raise NotReversible("the {} of {} is not a multiple of a power of {}: {}".format(*names, reason)) from None
    scale = ops.constant(1.0) if form.pick.scale is None else form.pick.scale
    return ops.like(scale, x), form.exponent * DEGREES[name]
