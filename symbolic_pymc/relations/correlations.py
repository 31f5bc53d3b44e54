r"""Random correlation matrices written with independent variables: the canonical partial correlations of a vine.

A draw of an LKJ law is read by the vocabulary, whatever form of the matrix it holds.
"""

from dataclasses import replace
from functools import partial

import numpy as np
from kanren import eq
from unification import reify, var

from symbolic_pymc.distributions import DISTRIBUTIONS
from symbolic_pymc.lkj import FACTOR, PACKED, UPPER, below, positions
from symbolic_pymc.meta import settle_graph
from symbolic_pymc.records import Info, Ref, Term, is_ground
from symbolic_pymc.relation import as_relation
from symbolic_pymc.relations.distributions import why_not_of_its_family
from symbolic_pymc.relations.edge import dressed, is_fixed
from symbolic_pymc.relations.goals import constant_number, is_constant
from symbolic_pymc.relations.laws import law, parameters_of
from symbolic_pymc.unify import PLAIN
from symbolic_pymc.parts import graph_parts, substitute

PARTIAL, DEVIATIONS, CORRELATION = "_partial", "_sd", "_beta"


def lkj_vineo(ops, rv, expression):
    r"""Relate a random correlation matrix to its canonical partial correlations, which are independent.

    .. math::

        \frac{R \sim \operatorname{LKJ}(\eta), \quad R \in \mathbb{R}^{d \times d}}
             {z_{ij} \sim B(\eta + \tfrac{d - 1 - j}{2}, \eta + \tfrac{d - 1 - j}{2}),\; j < i \qquad p_{ij} = 2 z_{ij} - 1
              \qquad L_{ij} = p_{ij} \prod_{k < j} \sqrt{1 - p_{ik}^2},\; p_{ii} = 1 \qquad R = L L'}

    The variables z are one vector, row by row.  For :math:`d = 2` there is one of them, and the correlation is
    :math:`2 z - 1` with :math:`z \sim B(\eta, \eta)`.  A draw that is the Cholesky factor of a covariance becomes
    :math:`\operatorname{diag}(s) L`, with independent standard deviations :math:`s` from the law that it was given.

    The goal fails where d is not known, for a batch of matrices, where :math:`\eta` depends on anything random (the
    densities of PyMC3 and PyMC 5 have a wrong factor, which is constant otherwise), and where the law of the deviations
    is not known to be that of independent positive numbers.  One-way.

    Reference: Lewandowski, Kurowicka and Joe, Generating random correlation matrices based on vines and extended onion
    method, J. Multivariate Analysis 100 (2009), 1989-2001.
    """

    def goal(s):
        x = reify(rv, s)
        if _is_draw(ops, x) and not why_no_vine(ops, x):
            yield from eq(expression, _vine(ops, x, ops.correlations_of(x)))(s)

    return goal


def lkj_as_uniformo(ops, rv, uniform):
    r"""Relate the only correlation of a uniform matrix to a uniform variable.

    .. math::

        \frac{R \sim \operatorname{LKJ}(1), \quad d = 2}{R_{12} \sim U(-1, 1)}
    """

    def goal(s):
        x = reify(rv, s)
        found = ops.correlations_of(x) if _is_draw(ops, x) else None
        if found is not None and (found.layout, found.n) == (UPPER, 2) and is_constant(found.eta, 1.0):
            if not why_not_of_its_family(x):
                ends = map(ops.constant, (-1.0, 1.0))
                yield from eq(
                    uniform, dressed(ops, settle_graph(law(ops, "uniform", *ends, size=_size(ops, (1,)))), x)
                )(s)

    return goal


def lkj_marginalo(ops, outputs, integrated):
    r"""Relate the outputs of a model, in which one correlation of a random matrix stands alone, to those without the others.

    .. math::

        \frac{R \sim \operatorname{LKJ}(\eta), \quad R \in \mathbb{R}^{d \times d}}
             {R_{ij} = 2 z - 1 \qquad z \sim B(\eta + \tfrac{d}{2} - 1, \eta + \tfrac{d}{2} - 1)}

    The matrix goes; z is named ``<R>_beta``.  The goal fails where anything else depends on the matrix, be it another
    element or a Deterministic, and where `lkj_vineo` does.  Of a Cholesky factor the elements of the first column are
    correlations.  One-way.

    Reference: Lewandowski, Kurowicka and Joe, Generating random correlation matrices based on vines and extended onion
    method, J. Multivariate Analysis 100 (2009), 1989-2001.
    """

    def goal(s):
        known = reify(outputs, s)
        if type(known) is not tuple or not is_ground(known):
            return
        for x in [x for x in graph_parts(known) if _is_draw(ops, x) and x not in known and not why_no_vine(ops, x)]:
            element = _only_element(ops, known, x)
            if element is not None:
                yield from eq(integrated, substitute(known, {element: _correlation(ops, x)}))(s)

    return goal


def marginal_relation(ops):
    """Return `lkj_marginalo` as a relation of the outputs of a whole model alone."""
    relation = as_relation(partial(lkj_marginalo, ops))
    return replace(relation, heads=lambda x: type(x) is tuple)


def why_no_vine(ops, x):
    """Return in words why a draw is not written with partial correlations, or None."""
    found = ops.correlations_of(x)
    if found is None:
        return f"{x.name}: {ops.distribution_of(x) or x.rator} has no such form; there is one for one LKJ matrix"
    if found.n is None or found.n < 2:
        return f"{x.name}: how many variables it has correlations of is not known to be two or more"
    if any(ops.is_random(part) for part in graph_parts(found.eta)):
        return f"the shape eta of {x.name} depends on random variables; give it a number"
    if found.layout == PACKED and not _are_positive(ops, found.deviations):
        return f"the deviations of {x.name} have no law that is known to be of positive numbers, such as Exponential"
    return why_not_of_its_family(x)


def _is_draw(ops, x):
    return isinstance(x, Term) and is_ground(x) and ops.is_random(x) and x.name is not None


def _are_positive(ops, draw):
    name = ops.distribution_of(draw)
    if name is None or ops.ndim(draw) != 1 or DISTRIBUTIONS[name].support == "simplex":
        return False
    lower = constant_number(ops.parameters(draw).get("lower"))
    return DISTRIBUTIONS[name].support in ("positive", "nonnegative") or (lower is not None and lower >= 0)


def _size(ops, shape):
    return ops.constant(np.asarray(shape, dtype="int64"))


def _drawn(ops, x, ending, shape, found):
    """Return a draw that is named after `x`, from the law `found`."""
    note = x.info.note and replace(x.info.note.obj.successor(), shape=shape, dims=None)
    info = Info(var(), x.name + ending, var(), note and Ref(note))
    return settle_graph(law(ops, *found, size=_size(ops, shape)).replace(info=info))


def _twice_less_one(ops, z):
    return ops.sub(ops.mul(ops.constant(2.0), z), ops.constant(1.0))


def _vine(ops, x, found):
    row, column = below(found.n)
    alpha = ops.add(found.eta, ops.constant((found.n - 2 - column) / 2))
    z = _drawn(ops, x, PARTIAL, row.shape, ("beta", alpha, alpha))
    zeros = ops.constant(np.zeros(found.n))
    factor = ops.correlation_factor(zeros, _twice_less_one(ops, z))
    value = _VALUES[found.layout](ops, x, found, factor)
    return ops.deterministic(value).replace(info=x.info.replace(index=0, draw=None))


def _elements(ops, matrix, found):
    places = ops.constant(positions(found.n, found.layout))
    return ops.spread(matrix, places, places)


def _above(ops, x, found, factor):
    return _elements(ops, ops.dot(factor, ops.transpose(factor)), found)


def _packed(ops, x, found, factor):
    name = ops.distribution_of(found.deviations)
    s = _drawn(ops, x, DEVIATIONS, (found.n,), (name, *parameters_of(ops, found.deviations).values()))
    return _elements(ops, ops.scale_rows(factor, s, s), found)


_VALUES = {UPPER: _above, FACTOR: lambda ops, x, found, factor: factor, PACKED: _packed}


def _only_element(ops, outputs, x):
    """Return the one correlation of a random matrix that is all that depends on it, or None."""
    users, found = [part for part in graph_parts(outputs) if x in getattr(part, "rands", ())], ops.correlations_of(x)
    if len(users) != 1 or ops.kind_of(users[0]) != "structural" or users[0].rands[0] is not x or ops.ndim(users[0]):
        return None
    is_correlation = {UPPER: _is_at_a_place, FACTOR: _is_in_the_first_column}.get(found.layout)
    return users[0] if is_correlation and is_correlation(ops, users[0], found) else None


def _is_at_a_place(ops, element, found):
    """Tell whether an element stands at a place that is fixed."""
    return all(is_fixed(ops, index) for index in element.rands[1:])


def _is_in_the_first_column(ops, element, found):
    """Tell whether an element of a factor is fixed and the correlation of another variable with the first."""
    column = ops.constant(np.arange(found.n)[:, None] * np.eye(1, found.n))
    row = settle_graph(element.replace(rands=(column, *element.rands[1:]), info=PLAIN))
    return is_fixed(ops, row) and bool(ops.value_of(row) > 0)


def _correlation(ops, x):
    found = ops.correlations_of(x)
    alpha = ops.add(found.eta, ops.constant(found.n / 2 - 1))
    return _twice_less_one(ops, _drawn(ops, x, CORRELATION, (), ("beta", alpha, alpha)))
