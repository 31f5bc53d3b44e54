r"""Linear models: what a normal regression is, and its parameterisation by the QR decomposition of its design."""

import numpy as np
from kanren import eq, lall
from unification import reify, var

from symbolic_pymc.records import Constant, Info, Ref, Term, is_ground
from symbolic_pymc.relations.edge import blank_of
from symbolic_pymc.unify import is_lvar
from symbolic_pymc.vocabulary import is_unit_axis_shuffle
from symbolic_pymc.parts import as_graph, graph_parts, substitute

SUFFIX = "_qr"


def normal_normal_regression(ops, y, X, beta, sigma=None):
    r"""State that `y` is a normal regression on the design `X` with normal coefficients `beta`.

    .. math::

        \frac{\beta \sim N(m, s) \qquad y \sim N(X\beta, \sigma)}{\operatorname{regression}(y, X, \beta, \sigma)}

    `X` (n, k), `beta` (k): independent normal coefficients or one multivariate normal vector; `y` (n), with the
    standard deviation `sigma`.  Forwards it takes a known `y` apart, whatever way the product is spelt; when `y` is
    unknown and the rest known, it builds `y`.
    """
    sigma = var() if sigma is None else sigma

    def goal(s):
        known = as_graph(reify(y, s))
        if is_lvar(known):
            yield from lall(_is_normal(ops, beta), eq(known, ops.normal(ops.dot(X, beta), sigma)))(s)
            return
        found = _product(ops, known)
        if found is not None:
            design, coefficients = found
            yield from lall(
                eq((design, coefficients, known.rands[1]), (X, beta, sigma)), _is_normal(ops, coefficients)
            )(s)

    return goal


def normal_qr_transform(ops, y, rotated):
    r"""Relate a normal regression to the same regression in the coordinates of the QR decomposition of its design.

    .. math::

        \frac{\beta \sim N(m, S) \qquad y \sim N(X\beta, \sigma) \qquad X = QR}
             {\theta \sim N(R m, R S R') \qquad \beta = R^{-1}\theta \qquad y \sim N(X\beta, \sigma)}

    so that the mean of `y` is :math:`Q\theta` with orthonormal columns :math:`Q`.  The prior moves with the
    coordinates: the law of :math:`\beta`, which stays under its name as a deterministic quantity, is what it was.  A
    flat prior stays flat.  `X` (n, k) must be free of random variables and of full column rank, n >= k, which is
    checked when it is a constant; :math:`\theta` is named after :math:`\beta`.  All uses of :math:`\beta` within `y`
    are rewritten; where it has others, in a larger graph, `rewrite_graph` refuses the result.  One-way.

    Reference: Stan User's Guide, section 1.2, The QR reparameterization.
    """

    def goal(s):
        known = as_graph(reify(y, s))
        found = _product(ops, known) if isinstance(known, Term) and is_ground(known) else None
        if found is None or not is_coefficient(ops, found[1]) or not _is_design(ops, found[0]):
            return
        X, beta = found
        yield from eq(rotated, substitute(known, {beta: _rotated(ops, X, beta)}))(s)

    return goal


def coefficient_qro(ops, design, beta, expression):
    r"""Relate the coefficients of a design to their coordinates in the QR decomposition of it.

    .. math::

        \frac{\beta \sim N(m, S) \qquad X = QR}
             {\theta \sim N(R m, R S R') \qquad \beta = R^{-1}\theta}

    so that :math:`X\beta = Q\theta`, with orthonormal columns :math:`Q`.  It is `normal_qr_transform` seen from the
    coefficients: the prior and the guards are the same, and :math:`\beta` may have other uses than the regression.
    One-way.

    Reference: Stan User's Guide, section 1.2, The QR reparameterization.
    """

    def goal(s):
        X, x = as_graph(reify(design, s)), as_graph(reify(beta, s))
        if isinstance(x, Term) and is_ground(x) and why_no_coordinates(ops, X, x) is None:
            yield from eq(expression, _rotated(ops, X, x))(s)

    return goal


def why_no_coordinates(ops, X, beta):
    """Return in words why `coefficient_qro` leaves a draw as it is; `X` is its design or None."""
    if X is None:
        return f"{beta.name} is no vector of coefficients of a matrix that is free of random variables"
    if not _is_design(ops, X):
        return f"the design of {beta.name} is not of full column rank"
    if not is_coefficient(ops, beta):
        return f"{beta.name} has no normal or flat prior"
    return None


def designs_of(ops, outputs):
    """Return, by the name of the coefficients, the matrices that draws of a model are multiplied with, as a dict."""
    found = {}
    for x in graph_parts(*outputs):
        product = factors_of(ops, x)
        if product is not None and product[1].name is not None and _is_table(ops, product[0]):
            found.setdefault(product[1].name, product[0])
    return found


def _is_table(ops, X):
    """Tell whether a matrix is free of draws and not a vector that is written as a single row."""
    return not ops.pattern(X)[0] and is_free_of_draws(ops, X)


def _rotated(ops, X, beta):
    """Return coefficients as the linear map of their coordinates that they are."""
    R = ops.triangular_factor(X)
    name, note = beta.name, beta.info.note
    info = Info(var(), None if name is None else name + SUFFIX, var(), note and Ref(note.obj.successor()))
    theta = _rotated_prior(ops, beta, R).replace(info=info)
    return ops.deterministic(ops.dot(ops.inverse(R), theta)).replace(info=Info(0, name, None, note))


def _product(ops, y):
    """Return the design and the coefficients when the mean of a normal draw is their product, else None."""
    if not isinstance(y, Term) or ops.distribution_of(y) not in ("normal", "mvnormal"):
        return None
    return factors_of(ops, unwrapped(ops, y.rands[0]))


def factors_of(ops, mean):
    """Return the matrix and the draw that a term is the product of, else None."""
    if ops.kind_of(mean) not in ("dot", "matmul") or len(mean.rands) != 2:
        return None
    design, coefficients = mean.rands
    coefficients = unwrapped(ops, coefficients)
    if ops.ndim(design) != 2 or not ops.is_random(coefficients) or ops.ndim(coefficients) != 1:
        return None
    return design, coefficients


def unwrapped(ops, x):
    """Return what stands under the markers and the axes of length one that spell a matrix times a vector."""
    while isinstance(x, Term) and (ops.operator_of(x) == "deterministic" or _moves_only_unit_axes(ops, x)):
        x = x.rands[0]
    return x


def _moves_only_unit_axes(ops, x):
    return ops.kind_of(x) == "structural" and is_unit_axis_shuffle(x)


def _is_normal(ops, beta):
    def goal(s):
        if ops.distribution_of(as_graph(reify(beta, s))) in ("normal", "mvnormal"):
            yield s

    return goal


def is_coefficient(ops, beta):
    """Tell whether a draw is normal or flat, with the density of its law and no other."""
    note = beta.info.note and beta.info.note.obj
    kept = note is None or (note.total_size is None and note.default_transform)
    return kept and ops.distribution_of(beta) in ("normal", "mvnormal", "flat")


def _is_design(ops, X):
    if not is_free_of_draws(ops, X):
        return False
    return not isinstance(X, Constant) or np.linalg.matrix_rank(X.value) == X.shape[1]


def is_free_of_draws(ops, X):
    """Tell whether nothing random stands in a term."""
    return not any(ops.is_random(x) for x in graph_parts(X))


def _rotated_prior(ops, beta, R):
    """Return the law of ``R beta``."""
    if ops.distribution_of(beta) == "flat":
        return beta
    parameters, blank = ops.parameters(beta), blank_of(ops, beta)
    m = ops.like(parameters["mu"], blank)
    S = parameters["cov"] if "cov" in parameters else ops.diagonal(ops.sqr(ops.column(parameters["sigma"], blank)))
    return ops.mvnormal(ops.dot(R, m), ops.dot(ops.dot(R, S), ops.transpose(R)))
