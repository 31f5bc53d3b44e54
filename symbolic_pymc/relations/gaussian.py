r"""Laws of expressions that are linear, jointly, in independent normal variables and vectors."""

from functools import reduce

import numpy as np

from symbolic_pymc.meta import metatize
from symbolic_pymc.records import Constant, Term, key
from symbolic_pymc.relations.affine import NotAffine, affine, dense
from symbolic_pymc.relations.edges import blank_of
from symbolic_pymc.relations.forms import NoKnownLaw, draw_of, form
from symbolic_pymc.relations.independence import called, own_value_arguments, value_parts
from symbolic_pymc.parts import graph_parts, substitute

_LINEAR = {"add", "sub", "neg", "sum", "structural", "transpose", "second", "cast", "deterministic"}
_ONE_FACTOR = {"mul", "dot", "matmul"}


def gaussian_law(ops, expression, sources, facts=()):
    r"""Return a draw with the law of an expression that is linear in independent normal draws.

    .. math::

        \frac{x_i \sim N(m_i, S_i)}{c + \sum_i A_i x_i \sim N(c + \sum_i A_i m_i, \sum_i A_i S_i A_i')}

    The expression is a number or a vector; the :math:`x_i` are normal arrays or multivariate normal vectors.  A sum
    that is known to have a singular covariance is refused; the covariance must be positive definite.

    Raises
    ------
    NoKnownLaw
        With the reason.

    Reference: Anderson, An Introduction to Multivariate Statistical Analysis, 3rd ed., section 2.4.
    """
    sources = sorted(sources, key=lambda x: x.info.draw.obj.number)
    for x in sources:
        if ops.distribution_of(x) not in ("normal", "mvnormal"):
            raise NoKnownLaw(f"{called(ops, x)} is not normal")
        if ops.distribution_of(x) == "mvnormal" and ops.ndim(x) != 1:
            raise NoKnownLaw(f"{called(ops, x)} is a batch of vectors")
    if ops.ndim(expression) > 1:
        raise NoKnownLaw("it is no vector")
    expression = _without_running_sums(ops, expression)
    _refuse_what_is_not_linear(ops, expression, set(sources))
    blanks = {x: blank_of(ops, x) for x in sources}
    means = {key(x): ops.like(ops.parameters(x)["mu"], blanks[x]) for x in sources}
    pattern = substitute(expression, {key(x): blank for x, blank in blanks.items()})
    matrices = {x: _matrix(ops, expression, x, blanks, pattern) for x in sources}
    _refuse_singular(ops, pattern, matrices, blanks)
    cov = reduce(ops.add, (_covariance(ops, x, matrix, blanks[x]) for x, matrix in matrices.items()))
    mean = substitute(expression, means)
    if ops.ndim(expression) == 0:
        return draw_of(ops, form.normal(mean, ops.sqrt(ops.corner(cov))), None, expression.name)
    return draw_of(ops, form.mvnormal(ops.like(mean, pattern), cov), None, expression.name)


def _without_running_sums(ops, expression):
    """Return an expression in which the running sum of a vector is its product with a triangle of ones."""
    new = {}
    for x in graph_parts(expression):
        if ops.operator_of(x) in ("cumsum", "cumsum_flat") and ops.ndim(x.rands[0]) == 1:
            inner = substitute(x.rands[0], new)
            new[key(x)] = ops.dot(ops.cumsum(ops.identity_matrix(inner)), inner)
    return metatize(substitute(expression, new).reify()) if new else expression


def _refuse_what_is_not_linear(ops, expression, sources):
    random = set(sources)
    for x in value_parts(ops, expression, sources):
        count = 0 if x in sources else sum(r in random for r in own_value_arguments(ops, x))
        if not count:
            continue
        random.add(x)
        kind = ops.kind_of(x)
        divides = kind == "true_div" and x.rands[1] not in random
        if not (kind in _LINEAR or divides or kind in _ONE_FACTOR and count == 1):
            raise NoKnownLaw(f"it is not linear: {kind or x.rator}")


def _matrix(ops, expression, x, blanks, pattern):
    """Return the matrix (elements of the expression, elements of `x`) of the linear map of one draw."""
    others = {key(y): blank for y, blank in blanks.items() if y is not x}
    expression = substitute(expression, others)
    try:
        link = affine(ops, expression, x).link
        return substitute(dense(ops, link, pattern, x), {key(x): blanks[x]})
    except NotAffine as reason:
        raise NoKnownLaw(f"it is not linear in {called(ops, x)}: {reason}") from None


def _refuse_singular(ops, pattern, matrices, blanks):
    n, sizes = _length(ops, pattern), [_length(ops, blank) for blank in blanks.values()]
    if ops.ndim(pattern) and None not in (n, *sizes) and n > sum(sizes):
        raise NoKnownLaw("it has more elements than the variables that it is made of: its covariance is singular")
    if ops.ndim(pattern) and len(matrices) == 1 and any(_loses_rank(ops, x) for x in graph_parts(pattern)):
        raise NoKnownLaw("the rows of its matrix are linearly dependent: its covariance is singular")


def _loses_rank(ops, x):
    """Tell whether a term is a product with a constant matrix that has fewer independent rows than the result."""
    if not isinstance(x, Term) or ops.kind_of(x) not in ("matmul", "dot"):
        return False
    for axis, matrix in enumerate(x.rands):
        if isinstance(matrix, Constant) and len(matrix.shape) == 2:
            return np.linalg.matrix_rank(matrix.value) < matrix.shape[axis]
    return False


def _length(ops, root):
    """Return the number of elements of a number or vector where constants in it tell, else None."""
    known = {}
    for x in graph_parts(root):
        known[key(x)] = _own_length(ops, x, [known.get(key(r)) for r in x.rands] if isinstance(x, Term) else [])
    return known[key(root)]


def _own_length(ops, x, lengths):
    if not isinstance(x, Term):
        return ops.static_size(x) if isinstance(x, Constant) else None
    if x.rator is _blank_operator(ops):
        return int(np.prod(x.rands[0].value)) if isinstance(x.rands[0], Constant) else None
    if ops.kind_of(x) in ("matmul", "dot"):
        matrix = x.rands[0]
        return matrix.shape[0] if isinstance(matrix, Constant) and len(matrix.shape) == 2 else None
    if ops.kind_of(x) in ("add", "sub", "mul", "true_div", "neg", "cast", "deterministic"):
        return max((n for n in lengths if n is not None), default=None)
    return ops.static_size(x)


def _blank_operator(ops):
    return ops.blank(ops.constant(np.empty(0, dtype="int64")), ()).rator


def _covariance(ops, x, matrix, blank):
    parameters = ops.parameters(x)
    if ops.distribution_of(x) == "mvnormal":
        return ops.dot(ops.dot(matrix, parameters["cov"]), ops.transpose(matrix))
    root = ops.mul(matrix, ops.as_row(ops.column(parameters["sigma"], blank)))
    return ops.dot(root, ops.transpose(root))
