"""Arcs from Wishart and inverse Wishart matrices, and from normal vectors to rows of data about them."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from symbolic_pymc.records import Term
from symbolic_pymc.relations.affine import NotAffine, Pick, affine
from symbolic_pymc.relations.edge import NotReversible, ask, called, named
from symbolic_pymc.relations.goals import constant_number, without_unit_axes
from symbolic_pymc.relations.matrix_conjugates import (
    inversewishart_covariance_reversalo,
    mvnormal_rows_reversalo,
    mvnormal_shared_covariance_reversalo,
    wishart_precision_reversalo,
)
from symbolic_pymc.relations.matrixforms import NotMultiple, multiple
from symbolic_pymc.relations.scatters import SCATTERS
from symbolic_pymc.parts import graph_parts

# Of each prior: its relation, and the power of it that is a precision
MATRICES = {"wishart": (wishart_precision_reversalo, 1), "inversewishart": (inversewishart_covariance_reversalo, -1)}
CHILDREN = {family for family, _ in SCATTERS}


@dataclass(frozen=True)
class Likelihood:
    """A row of `scatters` at the data of an edge."""

    ops: Any
    row: Any
    data: Term
    others: dict

    def law(self, Q):
        """Return the draw for the precision `Q`."""
        return self.row.law(self.ops, Q, self.others)

    def marginal(self, nu, Psi):
        """Return the law of the data for the precision Q ~ Wishart(nu, inv(Psi)), or None."""
        return self.row.marginal and self.row.marginal(self.ops, nu, Psi, self.data, self.others)

    @property
    def count(self):
        return self.row.count(self.ops, self.data, self.others)

    @property
    def scatter(self):
        return self.row.scatter(self.ops, self.data, self.others)


def reverse_matrix(ops, edge):
    """Return the `Reversal` of an edge whose parent is a Wishart or inverse Wishart matrix."""
    family, child = ops.distribution_of(edge.theta), ops.distribution_of(edge.rv)
    names = edge.parameter, called(ops, edge.rv), called(ops, edge.theta)
    row = SCATTERS.get((child, edge.parameter))
    if row is None:
        raise NotReversible(f"{{2}} is {family}, and stands in the {{0}} of {{1}}, which is {child}".format(*names))
    if child != "mvnormal" and ops.ndim(edge.data) > 2:
        raise NotReversible("{1} is a batch of matrices".format(*names))
    try:
        form = multiple(ops, edge.expression, edge.blank)
    except NotMultiple as reason:
        raise NotReversible("the {} of {} is not a number times {}: {}".format(*names, reason)) from None
    relation, power = MATRICES[family]
    if form.side != row.side or form.exponent * row.exponent != power:
        wanted = "{2} itself" if power == row.exponent else "the inverse of {2}"
        raise NotReversible(f"the {{0}} of {{1}} has a closed form when it is a multiple of {wanted}".format(*names))
    if power > 0 and child == "inversewishart" and (constant_number(edge.others["nu"]) or 0.5) % 1 != 0:
        raise NotReversible(
            "{1} adds to the degrees of freedom of {2} what is not known to be a whole number, "
            "and PyMC's Wishart takes no other".format(*names)
        )
    c = ops.constant(1.0) if form.factor is None else form.factor
    c = ops.reciprocal(c) if row.exponent < 0 and form.factor is not None else c
    likelihood = Likelihood(ops, row, edge.data, edge.others)
    theta = getattr(ops, family)(*ops.parameters(edge.theta).values())
    Q = theta if power > 0 else ops.inverse(theta)
    before = theta, likelihood.law(ops.mul(c, Q))
    return named(ops, edge, *ask(partial(relation, ops, likelihood), before), relation)


# Rows about a mean ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rows:
    """Rows of data about a mean, which `offset` is added to."""

    ops: Any
    data: Term
    offset: Any

    def law(self, mean, cov):
        return self.ops.mvnormal(self._moved(mean), cov)

    def _moved(self, mean):
        return mean if self.offset is None else self.ops.add(mean, self.offset)

    @property
    def count(self):
        return self.ops.count_rows(self.data)

    @property
    def total(self):
        rows = self.ops.as_rows(self.data, self.data)
        if self.offset is not None:
            rows = self.ops.sub(rows, self.ops.as_rows(self.offset, self.data))
        return self.ops.sum_of_rows(rows)

    def marginal(self, m, r, cov):
        """Return the law of the data for a mean of the law N(m, r cov); None for more axes than those of a matrix."""
        ops, one = self.ops, self.ops.constant(1.0)
        mean = ops.like(self._moved(m), self.data)
        if ops.ndim(self.data) == 1:
            return ops.mvnormal(mean, ops.mul(ops.add(one, r), cov))
        if ops.ndim(self.data) > 2:
            return None
        rowcov = ops.add(ops.identity_like(self.data), r)
        return ops.matrixnormal(mean, ops.cholesky(rowcov), ops.cholesky(cov))


def rows_of(ops, edge):
    """Return the `Rows` of an edge between normal vectors, and the number r where the prior's covariance is r times
    that of the data; None for what is no such edge, or better reversed as a vector."""
    if edge.parameter != "mu" or {ops.distribution_of(x) for x in (edge.theta, edge.rv)} != {"mvnormal"}:
        return None
    try:
        form = affine(ops, edge.expression, edge.blank)
    except NotAffine:
        return None
    cov = without_unit_axes(edge.others["cov"])
    if ops.ndim(cov) > 2:
        return None
    ratio = _ratio(ops, ops.parameters(edge.theta)["cov"], cov)
    if not _is_itself(ops, form.link, edge.blank) or (ratio is None and ops.ndim(edge.data) == 1):
        return None
    return Rows(ops, edge.data, form.offset), ratio


def _is_itself(ops, link, blank):
    """Tell whether the last axis of an expression is that of the vector, unchanged."""
    if not isinstance(link, Pick) or link.scale is not None:
        return False
    if link.positions is None:
        return True
    aligned = ops.pattern(link.positions)[-1] == ops.pattern(blank)[-1]
    return aligned and without_unit_axes(link.positions) is ops.row_numbers(blank)


def _ratio(ops, R, cov):
    """Return r for R = r cov, if both are multiples of one random matrix, or None."""
    one = ops.constant(1.0)
    for theta in graph_parts(cov):
        if ops.distribution_of(theta) in MATRICES:
            try:
                forms = [multiple(ops, x, theta) for x in (R, cov)]
            except NotMultiple:
                continue
            if forms[0].exponent == forms[1].exponent and forms[0].side == forms[1].side == "whole":
                top, bottom = (one if form.factor is None else form.factor for form in forms)
                return ops.true_div(top, bottom)
    return None


def reverse_rows(ops, edge, rows, ratio):
    """Return the `Reversal` of an edge from a normal vector to rows of data about it."""
    m, cov = ops.parameters(edge.theta)["mu"], without_unit_axes(edge.others["cov"])
    relation = mvnormal_rows_reversalo
    prior = ops.mvnormal(m, ops.parameters(edge.theta)["cov"])
    if ratio is not None:
        relation, prior = mvnormal_shared_covariance_reversalo, ops.mvnormal(m, ops.mul(ratio, cov))
    before = prior, rows.law(prior, cov)
    return named(ops, edge, *ask(partial(relation, ops, rows), before), relation)
