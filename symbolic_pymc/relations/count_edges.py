"""Arcs from a number of things to the number of those that were seen, and what is left that was not."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Callable

from kanren import eq, lall

from symbolic_pymc.relations.edge import NotReversible, ask, called, computed_from, named
from symbolic_pymc.relations.goals import are_alike, without_unit_axes
from symbolic_pymc.relations.laws import law, parameters_of
from symbolic_pymc.relations.links import link_of


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
PAIRS = {names[:2] for names in COUNTS}


def thinned_count_reversalo(ops, row, p, q, data, before, after):
    r"""Reverse the arc from a number of things to the number of those that were seen, each thing on its own.

    .. math::

        \frac{N \sim \operatorname{Pois}(\mu) \qquad y \mid N \sim \operatorname{Binom}(N, q)}
             {N - y \mid y \sim \operatorname{Pois}(\mu\,(1 - q)) \qquad y \sim \operatorname{Pois}(\mu\, q)}

    and so for the other rows of `COUNTS`.  What comes out is the law of what was not seen.

    Reference: Johnson, Kemp and Kotz, Univariate Discrete Distributions, 3rd ed.
    """
    return lall(eq(before, row.prior(ops, p)), eq(after, (row.rest(ops, p, q, data), row.marginal(ops, p, q))))


def reverse_count(ops, edge):
    """Return the `Reversal` of an edge from a number to that of what was seen; each datum has a number of its own."""
    names = called(ops, edge.theta), edge.parameter, called(ops, edge.rv)
    row = COUNTS.get((ops.distribution_of(edge.theta), ops.distribution_of(edge.rv), edge.parameter))
    p = parameters_of(ops, edge.theta)
    if row is None or not row.applies(p, edge.others):
        raise NotReversible("{} stands in the {} of {}: no closed form is known".format(*names))
    if without_unit_axes(edge.expression) is not edge.blank or not link_of(ops, edge, None).one_to_one:
        raise NotReversible("{} is not as it is, one for each datum, the {} of {}".format(*names))
    p = {name: ops.like(x, edge.data) for name, x in p.items()}
    relation = partial(thinned_count_reversalo, ops, row, p, edge.others, edge.data)
    rest, seen = ask(relation, row.prior(ops, p))
    reversal = named(ops, edge, rest, seen, thinned_count_reversalo)
    whole = computed_from(ops, reversal.posterior, "unseen", partial(ops.add, edge.data))
    return replace(reversal, posterior=whole)
