"""Arcs from matrix normal coefficients to rows of normal data, whose elements have the same covariance."""

from functools import partial

import numpy as np
from kanren import eq, lall
from unification import var

from symbolic_pymc.records import Term
from symbolic_pymc.relations.affine import dependents
from symbolic_pymc.relations.edge import NotReversible, ask, called, is_fixed, named
from symbolic_pymc.relations.goals import are_alike, without_unit_axes

MATRIX_DATA = ("matrixnormal", "mvnormal")


def matrixnormal_mean_reversalo(ops, data, before, after):
    r"""Reverse the arc from the coefficients of several regressions to their data.

    .. math::

        \frac{B \sim MN(M, V, \Sigma) \qquad Y \mid B \sim MN(X B + C, U, \Sigma)}
             {B \mid Y \sim MN\bigl(V_n\,(V^{-1} M + X' U^{-1} (Y - C)),\; V_n,\; \Sigma\bigr) \qquad
              Y \sim MN(X M + C,\; U + X V X',\; \Sigma)}
        \qquad V_n = (V^{-1} + X' U^{-1} X)^{-1}

    The covariance of the columns of all three is :math:`\Sigma`, so that the arc from a random :math:`\Sigma` can be
    reversed next.  Shapes: Y (n, d), X (n, k), B (k, d); the matrices are given by their Cholesky factors.

    Reference: Rossi, Allenby and McCulloch, Bayesian Statistics and Marketing (2005), section 2.8.
    """
    M, A, L, X, C, R = (var() for _ in range(6))
    B = ops.matrixnormal(M, A, L)
    V, U = ops.dot(A, ops.transpose(A)), ops.dot(R, ops.transpose(R))
    prior, across = ops.inverse(V), ops.dot(ops.transpose(X), ops.inverse(U))
    Vn = ops.symmetric(ops.inverse(ops.add(prior, ops.dot(across, X))))
    mean = ops.dot(Vn, ops.add(ops.dot(prior, M), ops.dot(across, ops.sub(data, C))))
    spread = ops.symmetric(ops.add(U, ops.dot(X, ops.dot(V, ops.transpose(X)))))
    marginal = ops.matrixnormal(ops.add(ops.dot(X, M), C), ops.cholesky(spread), L)
    return lall(
        eq(before, (B, ops.matrixnormal(ops.add(ops.dot(X, B), C), R, L))),
        eq(after, (ops.matrixnormal(mean, ops.cholesky(Vn), L), marginal)),
    )


def reverse_matrixnormal(ops, edge):
    """Return the `Reversal` of an edge from matrix normal coefficients to rows of normal data."""
    names = edge.parameter, called(ops, edge.rv), called(ops, edge.theta)
    if edge.parameter != "mu" or ops.ndim(edge.data) != 2:
        raise NotReversible(
            "{2} stands in the {0} of {1}, and has a closed form in the mean of a matrix".format(*names)
        )
    own = ops.parameters(edge.theta)
    rowchol, cov = _spread(ops, edge)
    if not _are_one(ops, _square(ops, own["colchol"]), cov):
        raise NotReversible(
            "the covariance of the columns of {2} is not that of the columns of {1}: their law together is no matrix "
            "normal one".format(*names)
        )
    design, offset = _design(ops, edge)
    theta = ops.matrixnormal(*own.values())
    likelihood = ops.matrixnormal(ops.add(ops.dot(design, theta), offset), rowchol, own["colchol"])
    relation = matrixnormal_mean_reversalo
    return named(ops, edge, *ask(partial(relation, ops, edge.data), (theta, likelihood)), relation)


def _spread(ops, edge):
    """Return the Cholesky factor of the covariance of the rows of the data, and the covariance of their columns."""
    if "cov" in edge.others:
        cov = without_unit_axes(edge.others["cov"])
        if ops.ndim(cov) != 2:
            raise NotReversible(f"the rows of {called(ops, edge.rv)} have covariances of their own")
        return ops.identity_like(edge.data), cov
    return edge.others["rowchol"], _square(ops, edge.others["colchol"])


def _are_one(ops, a, b):
    """Tell whether two matrices are known to be the same, computed from constants alone where they are spelt apart."""
    if are_alike(a, b):
        return True
    return is_fixed(ops, a) and is_fixed(ops, b) and np.array_equal(ops.value_of(a), ops.value_of(b))


def _square(ops, factor):
    """Return the matrix that a Cholesky factor is of."""
    if ops.kind_of(factor) == "cholesky":
        return without_unit_axes(factor.rands[0])
    return ops.dot(factor, ops.transpose(factor))


def _design(ops, edge):
    """Return the matrix that the coefficients are multiplied with in the mean of the data, and what is added to it."""
    x, offset, depends = (
        _unfilled(ops, edge.expression),
        ops.constant(0.0),
        dependents(ops, edge.expression, edge.blank),
    )
    while ops.kind_of(x) in ("add", "sub") and not ops.is_stretched(_part(x, depends), x):
        part = _part(x, depends)
        rest = [r for r in x.rands if r is not part]
        if ops.kind_of(x) == "sub":
            if part is not x.rands[0]:
                break
            rest = [ops.neg(rest[0])]
        if len(rest) != len(x.rands) - 1 or any(isinstance(r, Term) and r in depends for r in rest):
            break
        x, offset = part, ops.add(offset, *rest)
    if x is edge.blank:
        return ops.identity_like(edge.blank), offset
    if ops.kind_of(x) in ("dot", "matmul") and x.rands[1] is edge.blank and x.rands[0] not in depends:
        return x.rands[0], offset
    names = called(ops, edge.rv), called(ops, edge.theta)
    raise NotReversible("the mean of {} is not a matrix times {}, or that and an offset".format(*names))


def _unfilled(ops, x):
    """Return what a term brings to a shape that it has already, as PyMC does with means, or else the term."""
    fills = isinstance(x, Term) and type(getattr(x.rator, "op", None)).__name__ == "Alloc"
    return x.rands[0] if fills and not ops.is_stretched(x.rands[0], x) else x


def _part(x, depends):
    return next(r for r in x.rands if isinstance(r, Term) and r in depends)
