"""Arcs from a number of things to the number of those that were seen, and what is left that was not."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Callable

import numpy as np
from kanren import eq, lall
from unification import var

from symbolic_pymc.relations.edge import NotReversible, ask, called, computed_from, named, value_of, without_draws
from symbolic_pymc.relations.goals import are_alike, without_unit_axes
from symbolic_pymc.relations.laws import law, parameters_of
from symbolic_pymc.relations.links import link_of
from symbolic_pymc.parts import graph_parts


@dataclass(frozen=True)
class Count:
    """A law of a number `N` of things, of which `y` were seen.

    statement : the laws of N, of y given N, of the rest given y and of y, as LaTeX.
    prior, rest, marginal : return these draws from the parameters `p` of N, `q` of y given N, and the data.
    applies : tells from both parameters whether the row holds.
    """

    statement: tuple
    prior: Callable
    rest: Callable
    marginal: Callable
    applies: Callable = lambda p, q: True


def _less(ops, x):
    return ops.sub(ops.constant(1.0), x)


def _binomial_rest(ops, p, q, y):
    unseen = ops.true_div(ops.mul(p["p"], _less(ops, q["p"])), _less(ops, ops.mul(p["p"], q["p"])))
    return ops.binomial(ops.sub(p["n"], y), unseen)


def _negative_binomial_rest(ops, p, q, y):
    success = ops.add(p["p"], ops.mul(q["p"], _less(ops, p["p"])))
    return law(ops, "negativebinomial", ops.add(p["n"], y), success)


def _negative_binomial_seen(ops, p, q):
    success = ops.add(p["p"], ops.mul(q["p"], _less(ops, p["p"])))
    return law(ops, "negativebinomial", p["n"], ops.true_div(p["p"], success))


def _beta_binomial_rest(ops, p, q, y):
    failures = ops.add(p["beta"], ops.sub(q["n"], y))
    return ops.betabinomial(ops.sub(p["n"], q["n"]), ops.add(p["alpha"], y), failures)


def _same_size(p, q):
    return are_alike(p["n"], q["N"])


_SEEN = r"\operatorname{Binom}(N, q)"
_DRAWN = r"\operatorname{HyperGeom}(M, N, n)"
COUNTS = {
    ("poisson", "binomial", "n"): Count(
        (r"\operatorname{Pois}(\mu)", _SEEN, r"\operatorname{Pois}(\mu (1 - q))", r"\operatorname{Pois}(\mu q)"),
        lambda ops, p: ops.poisson(p["mu"]),
        lambda ops, p, q, y: ops.poisson(ops.mul(p["mu"], _less(ops, q["p"]))),
        lambda ops, p, q: ops.poisson(ops.mul(p["mu"], q["p"])),
    ),
    ("binomial", "binomial", "n"): Count(
        (
            r"\operatorname{Binom}(M, p)",
            _SEEN,
            r"\operatorname{Binom}(M - y, p (1 - q) / (1 - p q))",
            r"\operatorname{Binom}(M, p q)",
        ),
        lambda ops, p: ops.binomial(p["n"], p["p"]),
        _binomial_rest,
        lambda ops, p, q: ops.binomial(p["n"], ops.mul(p["p"], q["p"])),
    ),
    ("negativebinomial", "binomial", "n"): Count(
        (
            r"\operatorname{NB}(r, p)",
            _SEEN,
            r"\operatorname{NB}(r + y, p + q (1 - p))",
            r"\operatorname{NB}(r, p / (p + q (1 - p)))",
        ),
        lambda ops, p: law(ops, "negativebinomial", p["n"], p["p"]),
        _negative_binomial_rest,
        _negative_binomial_seen,
    ),
    ("binomial", "hypergeometric", "k"): Count(
        (
            r"\operatorname{Binom}(M, p)",
            _DRAWN,
            r"\operatorname{Binom}(M - n, p)",
            r"\operatorname{Binom}(n, p)",
        ),
        lambda ops, p: ops.binomial(p["n"], p["p"]),
        lambda ops, p, q, y: ops.binomial(ops.sub(p["n"], q["n"]), p["p"]),
        lambda ops, p, q: ops.binomial(q["n"], p["p"]),
        _same_size,
    ),
    ("betabinomial", "hypergeometric", "k"): Count(
        (
            r"\operatorname{BetaBinom}(M, \alpha, \beta)",
            _DRAWN,
            r"\operatorname{BetaBinom}(M - n, \alpha + y, \beta + n - y)",
            r"\operatorname{BetaBinom}(n, \alpha, \beta)",
        ),
        lambda ops, p: ops.betabinomial(p["n"], p["alpha"], p["beta"]),
        _beta_binomial_rest,
        lambda ops, p, q: ops.betabinomial(q["n"], p["alpha"], p["beta"]),
        _same_size,
    ),
}
SPLIT = ("multinomial", "binomial")
DIVIDED = ("poisson", "multinomial")
PAIRS = {names[:2] for names in COUNTS} | {SPLIT, DIVIDED}


def is_pair(ops, theta, rv):
    """Tell whether there is a reversal of the arc between the families of two draws."""
    return (ops.distribution_of(theta), ops.distribution_of(rv)) in PAIRS


def thinned_count_reversalo(ops, row, p, q, data, before, after):
    r"""Reverse the arc from a number of things to the number of those that were seen, each thing on its own.

    .. math::

        \frac{N \sim \operatorname{Pois}(\mu) \qquad y \mid N \sim \operatorname{Binom}(N, q)}
             {N - y \mid y \sim \operatorname{Pois}(\mu\,(1 - q)) \qquad y \sim \operatorname{Pois}(\mu\, q)}

    and so for the other rows of `COUNTS`.  What comes out is the law of what was not seen.

    Reference: Johnson, Kemp and Kotz, Univariate Discrete Distributions, 3rd ed.
    """
    return lall(eq(before, row.prior(ops, p)), eq(after, (row.rest(ops, p, q, data), row.marginal(ops, p, q))))


def _reverse_thinned(ops, edge, row, p):
    """Return the laws that come out of an edge from a number to that of what was seen, and the relation."""
    p = {name: ops.like(x, edge.data) for name, x in p.items()}
    relation = partial(thinned_count_reversalo, ops, row, p, edge.others, edge.data)
    return *ask(relation, row.prior(ops, p)), thinned_count_reversalo


def split_count_reversalo(ops, data, before, after):
    r"""Reverse the arc from the numbers of things of several kinds to those that were seen of each kind.

    .. math::

        \frac{X \sim \operatorname{MN}(N, q) \qquad y_k \mid X \sim \operatorname{Binom}(X_k, p_k)}
             {X - y \mid y \sim \operatorname{MN}\Bigl(N - \textstyle\sum_k y_k,\;
                                       \frac{q_k (1 - p_k)}{\sum_j q_j (1 - p_j)}\Bigr)}

    What comes out is the law of what was not seen, and something must not be sure to be.

    Reference: Johnson, Kotz and Balakrishnan, Discrete Multivariate Distributions, ch. 35.
    """
    n, q, p = var(), var(), var()
    X = ops.multinomial(n, q)
    rest = ops.multinomial(ops.sub(n, ops.total(data)), ops.normalized(ops.mul(q, _less(ops, p))))
    return lall(eq(before, (X, ops.binomial(X, p))), eq(after, (rest, None)))


def _reverse_split(ops, edge):
    """Return the laws that come out of an edge from the numbers of several kinds to those that were seen."""
    names = called(ops, edge.theta), called(ops, edge.rv)
    if ops.ndim(edge.blank) != 1 or ops.ndim(edge.data) != 1:
        raise NotReversible("{0} is a batch of vectors of counts, or {1} is".format(*names))
    surely = value_of(ops, without_draws(ops, _less(ops, edge.others["p"])))
    if surely is not None and not np.any(surely > 0):
        raise NotReversible("{1} tells all of {0}, of which nothing is left unknown".format(*names))
    theta = ops.multinomial(*parameters_of(ops, edge.theta).values())
    before = theta, ops.binomial(theta, edge.others["p"])
    rest, _ = ask(partial(split_count_reversalo, ops, edge.data), before)
    return rest, None, split_count_reversalo


def divided_count_reversalo(ops, data, before, after):
    r"""Reverse the arc from a Poisson number of things to the numbers of each kind.

    .. math::

        \frac{N \sim \operatorname{Pois}(\mu) \qquad y \mid N \sim \operatorname{MN}(N, q)}
             {N = \textstyle\sum_k y_k \qquad y_k \sim \operatorname{Pois}(\mu\, q_k) \text{ independent}}

    The data tell N: what comes out is the binomial law of as many trials, of which each succeeds.

    Reference: Johnson, Kotz and Balakrishnan, Discrete Multivariate Distributions, ch. 35.
    """
    mu, q = var(), var()
    N = ops.poisson(mu)
    whole = ops.binomial(ops.total(data), ops.constant(1.0))
    return lall(eq(before, (N, ops.multinomial(N, q))), eq(after, (whole, ops.poisson(ops.mul(mu, q)))))


def reverse_divided(ops, edge):
    """Return the `Reversal` of an edge from a Poisson number to the numbers of each kind, whose chances are known."""
    names = called(ops, edge.theta), called(ops, edge.rv)
    if edge.parameter != "n" or without_unit_axes(edge.expression) is not edge.blank:
        raise NotReversible("{0} is not as it is the n of {1}".format(*names))
    if ops.ndim(edge.blank) != 0 or ops.ndim(edge.data) != 1:
        raise NotReversible("{1} is a batch of vectors of counts, or {0} of numbers".format(*names))
    if any(ops.is_random(x) for x in graph_parts(edge.others["p"])):
        raise NotReversible("the chances of {1} are unknown, and have their own closed form given {0}".format(*names))
    N = ops.poisson(parameters_of(ops, edge.theta)["mu"])
    before = N, ops.multinomial(N, edge.others["p"])
    relation = divided_count_reversalo
    return named(ops, edge, *ask(partial(relation, ops, edge.data), before), relation)


def reverse_count(ops, edge):
    """Return the `Reversal` of an edge from a number to that of what was seen; each datum has a number of its own."""
    names = called(ops, edge.theta), edge.parameter, called(ops, edge.rv)
    ends = ops.distribution_of(edge.theta), ops.distribution_of(edge.rv)
    if ends == DIVIDED:
        return reverse_divided(ops, edge)
    row, p = COUNTS.get((*ends, edge.parameter)), parameters_of(ops, edge.theta)
    splits = ends == SPLIT and edge.parameter == "n"
    if not splits and (row is None or not row.applies(p, edge.others)):
        raise NotReversible("{} stands in the {} of {}: no closed form is known".format(*names))
    if without_unit_axes(edge.expression) is not edge.blank or not link_of(ops, edge, None).one_to_one:
        raise NotReversible("{} is not as it is, one for each datum, the {} of {}".format(*names))
    reversal = named(ops, edge, *(_reverse_split(ops, edge) if splits else _reverse_thinned(ops, edge, row, p)))
    whole = computed_from(ops, reversal.posterior, "unseen", partial(ops.add, edge.data))
    return replace(reversal, posterior=whole)
