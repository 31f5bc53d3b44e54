"""Arcs to log-normal data: their logarithms are normal, and every arc to normal data is one to these."""

from dataclasses import replace
from functools import partial

import numpy as np
from kanren import eq, lall
from unification import var

from symbolic_pymc.meta import settle_graph
from symbolic_pymc.relations.edge import NotReversible, anew, ask, called, dressed, value_of


def lognormal_observedo(ops, before, after):
    r"""State that log-normal data are data whose logarithms are normal.

    .. math::

        \frac{y \sim \operatorname{LogN}(\mu, \sigma)}{\log y \sim N(\mu, \sigma)} \qquad
        p(y) = N(\log y;\; \mu, \sigma) \textstyle\prod_i y_i^{-1}

    Both sides are pairs of a law and data; the product is left to whoever asks.

    Reference: Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions, vol. 1, 2nd ed., chapter 14.
    """
    mu, sigma, y = var(), var(), var()
    return lall(
        eq(before, (ops.lognormal(mu, sigma), y)),
        eq(after, (ops.normal(mu, sigma), ops.log(y))),
    )


def of_logs(reverse):
    """Return what reverses an edge to log-normal data by `reverse`, which does those to normal data.

    The marginal law of the data is log-normal where that of their logarithms is one of independent numbers, else what
    is `seen` are the logarithms.
    """

    def reverse_log(ops, edge):
        if edge.parameter != "mu":
            raise NotReversible(f"{called(ops, edge.theta)} stands in the {edge.parameter} of {called(ops, edge.rv)}")
        values = value_of(ops, edge.data)
        if values is not None and not np.all(values > 0):
            raise NotReversible(f"{called(ops, edge.rv)} has values that are not positive, where it has no density")
        law, logs = ask(partial(lognormal_observedo, ops), (ops.lognormal(*edge.rv.rands[:2]), edge.data))
        logs = settle_graph(logs)
        normal = law.replace(rands=(*law.rands[:2], *edge.rv.rands[2:]), info=edge.rv.info)
        return _of_data(ops, edge, logs, reverse(ops, replace(edge, rv=normal, data=logs)))

    return reverse_log


def _of_data(ops, edge, logs, reversal):
    """Return the reversal of an edge from that for the logarithms of its data."""
    marginal, seen = reversal.marginal, reversal.seen
    if marginal is None:
        return reversal
    if seen is None and ops.distribution_of(marginal) == "normal":
        law = ops.lognormal(*marginal.rands[:2], ops.shape(edge.data))
        return replace(reversal, marginal=dressed(ops, law, edge.rv))
    factors = [x for x in (reversal.log_factor, ops.neg(ops.total(logs))) if x is not None]
    factor = ops.add(*factors) if len(factors) > 1 else factors[0]
    return replace(
        reversal, marginal=anew(ops, marginal, edge.rv), seen=logs if seen is None else seen, log_factor=factor
    )
