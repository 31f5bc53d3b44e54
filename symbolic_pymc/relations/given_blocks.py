"""A normal vector given some of its elements: kriging, and the conditionals of a random field."""

import numpy as np
from kanren import eq
from unification import reify, var

from symbolic_pymc.meta import settle_graph
from symbolic_pymc.records import Info, MetaSymbol, Ref, Term, is_ground
from symbolic_pymc.relations.mixtures import has_its_own_density
from symbolic_pymc.parts import as_graph, graph_parts


def given_blocko(ops, x, block, values, conditional):
    r"""Relate a multivariate normal vector to the same vector when some of its elements are known.

    .. math::

        \frac{x \sim N(\mu, \Sigma) \qquad x_b = v}
             {x_r \mid x_b \sim N(\mu_r + \Sigma_{rb} \Sigma_{bb}^{-1} (v - \mu_b),\;
              \Sigma_{rr} - \Sigma_{rb} \Sigma_{bb}^{-1} \Sigma_{br})},
        \qquad \Sigma = Q^{-1}: \quad N(\mu_r - Q_{rr}^{-1} Q_{rb} (v - \mu_b),\; Q_{rr}^{-1})

    The second form is taken where the covariance is the inverse of a precision matrix: of a Markov random field the
    conditional of an element takes no inverse but that of one number.  `block` has the numbers of the known elements,
    distinct and from zero on, and `values` is a term of as many numbers, or one for all, that does not depend on `x`.
    What comes out is the vector under its name, with the values in their places, computed from the draw of the rest;
    the density of the block itself is dropped, which matters where it depends on anything unobserved.  Guards: the goal
    fails for a vector of unknown length, and for a block of no or of all elements; the vector must not be observed.
    One-way.

    Reference: Rue and Held, Gaussian Markov Random Fields, Chapman and Hall 2005, theorem 2.5.
    """

    def goal(s):
        draw, known = reify(x, s), as_graph(reify(values, s))
        if isinstance(draw, Term) and isinstance(known, MetaSymbol) and is_ground(draw) and is_ground(known):
            if _is_possible(ops, draw, block, known):
                yield from eq(conditional, _conditional(ops, draw, np.asarray(block), known))(s)

    return goal


def _is_possible(ops, x, block, values):
    is_vector = ops.distribution_of(x) == "mvnormal" and ops.ndim(x) == 1 and isinstance(x.name, str)
    length = ops.static_length(x) or ops.static_length(ops.parameters(x)["mu"]) if is_vector else None
    if length is None or not has_its_own_density(x) or x in graph_parts(values) or ops.ndim(values) > 1:
        return False
    numbers = np.asarray(block)
    is_list = numbers.ndim == 1 and numbers.dtype.kind in "iu" and 0 < numbers.size < length
    is_block = is_list and numbers.min() >= 0 and numbers.max() < length and len(set(numbers.tolist())) == numbers.size
    fits = ops.ndim(values) == 0 or ops.static_length(values) in (None, numbers.size)
    return bool(is_block and fits)


def _conditional(ops, x, block, values):
    """Return the vector as a function of the draw of its rest."""
    p = ops.parameters(x)
    length = ops.static_length(x) or ops.static_length(p["mu"])
    rest = np.setdiff1d(np.arange(length), block)
    mu_b = ops.take_rows(p["mu"], ops.constant(block.astype("int64")))
    full = ops.add(values, ops.sub(mu_b, mu_b)) if ops.ndim(values) == 0 else values
    note = x.info.note and Ref(x.info.note.obj.successor().reshaped())
    info = Info(var(), f"{x.name}_rest", var(), note)
    z = settle_graph(law_of_rest(ops, p, full, block, rest).replace(info=info))
    places = ops.constant(np.argsort(np.concatenate([block, rest])).astype("int64"))
    joined = ops.take_rows(ops.end_to_end(full, z), places)
    return ops.deterministic(joined).replace(info=x.info.replace(index=0, draw=None))


def law_of_block(ops, p, block):
    """Return the draw of some elements of a normal vector with parameters `p`; `block` has their numbers."""
    b = ops.constant(block.astype("int64"))
    return ops.mvnormal(ops.take_rows(p["mu"], b), _part(ops, p["cov"], b, b))


def law_of_rest(ops, p, values, block, rest):
    """Return the draw of the `rest` of a normal vector with parameters `p`, whose `block` has the `values`."""
    b, r = (ops.constant(numbers.astype("int64")) for numbers in (block, rest))
    off = ops.sub(values, ops.take_rows(p["mu"], b))
    law = _by_precision if ops.kind_of(p["cov"]) == "inverse" else _by_covariance
    matrix = p["cov"].rands[0] if law is _by_precision else p["cov"]
    return ops.mvnormal(*law(ops, matrix, ops.take_rows(p["mu"], r), off, r, b))


def _by_covariance(ops, cov, mu, off, r, b):
    across = _part(ops, cov, r, b)
    gain = ops.dot(across, ops.inverse(_part(ops, cov, b, b)))
    rest = ops.sub(_part(ops, cov, r, r), ops.dot(gain, ops.transpose(across)))
    return ops.add(mu, ops.dot(gain, off)), ops.symmetric(rest)


def _by_precision(ops, precision, mu, off, r, b):
    cov = ops.inverse(_part(ops, precision, r, r))
    return ops.sub(mu, ops.dot(cov, ops.dot(_part(ops, precision, r, b), off))), cov


def _part(ops, matrix, rows, columns):
    return ops.transpose(ops.take_rows(ops.transpose(ops.take_rows(matrix, rows)), columns))
