r"""Summing a variable of finite support out of a model: :math:`p(y) = \sum_k p(z = k)\, p(y \mid z = k)`.

A scalar variable is summed over all of its data at once.  One with axes is summed element by element, and for that
every element of the data must depend on the element of the variable in its place alone.
"""

from dataclasses import dataclass
from typing import Callable

import numpy as np
from unification import var

from symbolic_pymc.meta import metatize, reify_many, settle_graph
from symbolic_pymc.records import Constant, Info, Ref, Term, uniform_value
from symbolic_pymc.relations.affine import dependents
from symbolic_pymc.relations.edge import NotReversible, blank_of, called
from symbolic_pymc.relations.edges import refuse_other_paths, without_marks
from symbolic_pymc.relations.goals import constant_number, without_unit_axes
from symbolic_pymc.relations.markov import chances_of, markovchain_given
from symbolic_pymc.parts import graph_parts, substitute

MOST = 1000


@dataclass(frozen=True)
class Enumerated:
    """What a variable of finite support was summed to.

    posterior : term, the variable given the data
    evidence : term, the log density of the data without it, a scalar
    relation : callable, by which
    """

    posterior: Term
    evidence: Term
    relation: Callable


def support_size(ops, theta):
    """Return how many values 0, 1, ... a draw may have, or None where that is not known or too many."""
    p = ops.parameters(theta) if ops.distribution_of(theta) else {}
    sizes = {
        "bernoulli": lambda: 2,
        "categorical": lambda: ops.static_length(without_unit_axes(p["p"])),
        "binomial": lambda: _one_more(p["n"]),
        "betabinomial": lambda: _one_more(p["n"]),
        "discreteuniform": lambda: _one_more(p["upper"]) if _number(p["lower"]) == 0.0 else None,
        "markovchain": lambda: ops.static_length(p["start"]),
    }
    size = sizes.get(ops.distribution_of(theta), lambda: None)()
    return size if size is not None and 0 < size <= MOST else None


def _one_more(n):
    number = _number(n)
    return None if number is None else int(number) + 1


def _number(x):
    """Return the number that `x`, computed from constants alone, is, or None."""
    if isinstance(x, Term) and all(isinstance(part, (Term, Constant)) for part in graph_parts(x)):
        (base,) = reify_many((x,))
        value = uniform_value(base.eval())
        return None if value is None else float(value)
    return constant_number(x)


def enumerate_values(adapter, theta, children, factors=()):
    r"""Sum the draw `theta` out of the densities of its observed children, and of other factors of the joint density.

    .. math::

        \frac{z \in \{0, \ldots, K - 1\} \qquad y \mid z \sim f_z}
             {p(y) = \sum_k p(z = k) f_k(y) \qquad p(z = k \mid y) = p(z = k) f_k(y) / p(y)}

    Parameters
    ----------
    adapter : Adapter
    theta : term
        Of a family that `support_size` knows.
    children : sequence of terms
        Each ``observed(value, rv)``.
    factors : sequence of terms, optional
        Each ``potential(log_density)``, where `theta` is a scalar: their :math:`f_k` are exponentials.

    Raises
    ------
    NotReversible
        With the reason, when an element of the data depends on more than the element of `theta` in its place.
    """
    ops = adapter.ops
    if ops.ndim(theta) > 0:
        for child in children:
            _refuse_mixing(ops, theta, child.rands[1])
    if ops.distribution_of(theta) == "markovchain":
        if ops.ndim(theta) > 1:
            raise NotReversible(f"{called(ops, theta)} is a batch of Markov chains; write one variable for each")
        return _of_chain(adapter, theta, children)
    terms = [_log_joint(adapter, theta, children, factors, k) for k in range(support_size(ops, theta))]
    total = ops.log_sum_exp(*terms)
    chances = ops.exp(ops.sub(ops.stacked_last(*terms), ops.with_last_axis(total)))
    return Enumerated(_of_chances(ops, theta, chances), settle_graph(ops.total(total)), enumerate_values)


def _of_chain(adapter, theta, children):
    """Return what a Markov chain is summed to: each state has data of its own, given which the paths are summed."""
    ops, likelihoods = adapter.ops, []
    for k in range(support_size(ops, theta)):
        first, *rest = _log_densities(adapter, _given(children, theta, _everywhere(ops, k, theta)))
        likelihoods.append(ops.add(first, *rest) if rest else first)
    chain, evidence = markovchain_given(ops, theta, ops.stacked_last(*likelihoods))
    return Enumerated(_in_place_of(theta, chain), settle_graph(evidence), markovchain_given)


def _log_joint(adapter, theta, children, factors, k):
    """Return the log density of `theta` and its children where theta is `k`, with the axes of `theta`."""
    ops = adapter.ops
    value = _everywhere(ops, k, theta)
    first, *rest = _log_densities(adapter, [(theta, value), *_given(children, theta, value)])
    for density in rest:
        first = ops.add(first, density if ops.ndim(theta) else ops.total(density))
    for factor in factors:
        first = ops.add(first, ops.total(substitute(without_marks(ops, factor.rands[0], theta), {theta: value})))
    return first


def _everywhere(ops, k, theta):
    """Return the number `k` with the axes of `theta`."""
    return ops.like(ops.constant(np.int64(k)), blank_of(ops, theta))


def _given(children, theta, value):
    """Return the laws of observed children where `theta` is `value`, each with the data."""
    return [(substitute(child.rands[1], {theta: value}), child.rands[0]) for child in children]


def _log_densities(adapter, pairs):
    """Return the log density of each draw at the value beside it, elementwise."""
    bases = iter(reify_many(tuple(settle_graph(x) for pair in pairs for x in pair)))
    return [metatize(adapter.log_density(next(bases), next(bases))) for _ in pairs]


def reverse_values(ops, theta, rv):
    r"""Reverse the arc from a draw of finite support to another one: one step of the forward algorithm.

    .. math::

        \frac{z \in \{0, \ldots, K - 1\} \qquad w \mid z \in \{0, \ldots, L - 1\}}
             {p(w = l) = \sum_k p(z = k)\, p(w = l \mid z = k) \qquad
              p(z = k \mid w = l) = p(z = k)\, p(w = l \mid z = k) / p(w = l)}

    Of a chain :math:`z_0, z_1, \ldots` with data, summed in this order, the laws of :math:`w` are what the forward
    algorithm predicts, and drawing every :math:`z` given the next one is its backward sampling; each step costs K L.

    Parameters
    ----------
    ops : Vocabulary
    theta, rv : term
        Scalar draws, Bernoulli or categorical.

    Returns
    -------
    marginal : term
        The law of `rv` without `theta`.
    posterior : term
        That of `theta` given `marginal`.

    Raises
    ------
    NotReversible
        With the reason, for other draws, and when `theta` reaches `rv` through a third draw.

    Reference: Rabiner, A tutorial on hidden Markov models, Proceedings of the IEEE 77 (1989), 257-286.
    """
    for draw in (theta, rv):
        if (
            ops.distribution_of(draw) not in ("bernoulli", "categorical")
            or ops.ndim(draw)
            or not support_size(ops, draw)
        ):
            raise NotReversible(f"the law of {called(ops, rv)} without {called(ops, theta)} has no name")
    refuse_other_paths(ops, theta, rv)
    prior = chances_of(ops, theta)
    joint = []
    for k in range(support_size(ops, theta)):
        given = chances_of(ops, substitute(rv, {theta: ops.constant(np.int64(k))}))
        joint.append(ops.mul(ops.row_at(prior, ops.constant(np.int64(k))), given))
    total = joint[0] if len(joint) == 1 else ops.add(*joint)
    marginal = _of_chances(ops, rv, total)
    chances = ops.true_div(ops.stacked_last(*joint), ops.with_last_axis(total))
    return marginal, _of_chances(ops, theta, ops.row_at(chances, marginal))


def _of_chances(ops, theta, chances):
    """Return the law of `theta` for the `chances` of its values, which have one more axis."""
    draw = (
        ops.bernoulli(ops.last_of(chances)) if ops.distribution_of(theta) == "bernoulli" else ops.categorical(chances)
    )
    return _in_place_of(theta, draw)


def _in_place_of(theta, draw):
    """Return a draw under the name of `theta`."""
    note = theta.info.note and theta.info.note.obj
    return settle_graph(draw.replace(info=Info(var(), theta.name, var(), note and Ref(note.successor()))))


def _refuse_mixing(ops, theta, rv):
    """Refuse a child of which an element depends on another element of `theta` than the one in its place."""
    names = called(ops, rv), called(ops, theta)
    if ops.distribution_of(rv) is None or rv.rator.op.ndim_supp:
        raise NotReversible("{} has axes, and {} is no elementwise distribution of it".format(*reversed(names)))
    depends = dependents(ops, rv, theta)
    for x in graph_parts(rv):
        if (
            x in depends
            and x is not theta
            and x is not rv
            and not (_keeps_places(ops, x, theta, depends) or _is_rows_of_chances(ops, x, rv, theta, depends))
        ):
            raise NotReversible("elements of {} depend on elements of {} in other places".format(*names))
    if ops.ndim(rv) != ops.ndim(theta) or ops.is_stretched(theta, rv):
        raise NotReversible("several elements of {} depend on one element of {}".format(*names))


def _is_rows_of_chances(ops, x, rv, theta, depends):
    """Tell whether `x` has the chances of categorical data, for every element the row that an index says."""
    if ops.distribution_of(rv) != "categorical" or x is not ops.parameters(rv)["p"] or not ops.picks_rows(x):
        return False
    matrix, index = x.rands
    return ops.ndim(index) == ops.ndim(theta) and not (isinstance(matrix, Term) and matrix in depends)


def _keeps_places(ops, x, theta, depends):
    """Tell whether every element of `x` depends on the element of `theta` in its place alone."""
    if ops.ndim(x) != ops.ndim(theta) or ops.is_stretched(theta, x):
        return False
    if ops.operator_of(x) == "deterministic" or ops.is_elementwise(x):
        return True
    array, *indices = x.rands
    picks = ops.is_indexing(x) and ops.ndim(array) == 1 and len(indices) == 1
    return picks and not (isinstance(array, Term) and array in depends)
