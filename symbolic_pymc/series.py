"""The time series of a model read as normal chains or vectors, and written back where nothing came of it."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from symbolic_pymc.journal import Step
from symbolic_pymc.meta import metatize, rebased, reify_many
from symbolic_pymc.records import Term
from symbolic_pymc.relations.autoregressions import autoregression_mvnormalo, autoregression_observedo
from symbolic_pymc.relations.chains import gaussianchain_observedo
from symbolic_pymc.relations.kronecker import kronecker_mvnormalo
from symbolic_pymc.relations.edge import NotReversible, ask, dressed, refuse_notes, refuse_random_data
from symbolic_pymc.parts import graph_parts, substitute
from symbolic_pymc.transitions import chain_of_steps


@dataclass(frozen=True)
class Series:
    """A time series of a model, `old`, and what it was read as, `new`: a draw, or an observed one."""

    old: Any
    new: Any


def read_series(adapter, outputs, wanted=lambda x: True):
    r"""Read the time series of a model as normal chains, and observed ones as what each element is given the last.

    .. math::

        \frac{x \sim \operatorname{GaussianRandomWalk}(\mu, \sigma), \; x_0 \sim N(m, s)}
             {x \sim \operatorname{Chain}((m, \mu, \mu, \ldots), 1, (s, \sigma, \sigma, \ldots))} \qquad
        \frac{x \sim \operatorname{AR}((c, \rho), \sigma), \; x_0 \sim N(m, s)}
             {x \sim \operatorname{Chain}((m, c, c, \ldots), \rho, (s, \sigma, \sigma, \ldots))}

    An autoregression of a higher order, and a normal vector of a Kronecker covariance, is read as the multivariate
    normal variable that it is.

    Parameters
    ----------
    adapter : Adapter
    outputs : tuple of terms
        Of a model graph.
    wanted : callable
        Tells of a draw whether to read it.

    Returns
    -------
    outputs : tuple of terms
    series : tuple of Series
    refusals : tuple of Step
        With the reason for every time series that stays as it is.
    """
    ops, found, refusals = adapter.ops, {}, []
    marks = {x.rands[1]: x for x in graph_parts(*outputs) if ops.is_observed(x)}
    for x in graph_parts(*outputs):
        if not _may_be_series(ops, x) or not wanted(x):
            continue
        try:
            recursion, kronecker, loop = ops.recursion_of(x), ops.kronecker_of(x), ops.transition_of(x)
            old = marks.get(x, x)
            if recursion is not None or kronecker is not None or loop is not None:
                refuse_notes(ops, x)
            if loop is not None:
                _refuse_other_uses(ops, outputs, x)
                chain = chain_of_steps(ops, loop, x.name)
                found[old] = dressed(ops, chain, x) if old is x else _observed_chain(ops, old, chain)
            if recursion is not None:
                found[old] = _latent(ops, x, recursion) if old is x else _observed(ops, old, recursion)
            if kronecker is not None:
                vector = dressed(ops, ask(partial(kronecker_mvnormalo, ops), kronecker), x)
                found[old] = vector if old is x else old.replace(rands=(old.rands[0], vector))
        except NotReversible as reason:
            refusals.append(Step(read_series.__name__, (x.name,), reason=str(reason)))
    if not found:
        return tuple(outputs), (), tuple(refusals)
    new = rebased(substitute((*found, *outputs), found))
    series = tuple(map(Series, found, new))
    return new[len(found) :], series, tuple(refusals)


def _may_be_series(ops, x):
    """Tell whether a term may be a time series: a vector or array with a name that no known distribution draws."""
    if not isinstance(x, Term) or getattr(x, "name", None) is None:
        return False
    return ops.operator_of(x) is None and ops.distribution_of(x) is None


def _refuse_other_uses(ops, outputs, x):
    """Refuse a series of which something in the model uses a number that was drawn for it, beside the series itself."""
    place = metatize(reify_many((x,))[0].type())
    rest = set(graph_parts(*substitute(tuple(outputs), {x: place})))
    if any(y in rest for y in graph_parts(x) if y is not x and ops.is_random(y) and y.name is None):
        raise NotReversible(
            f"something else depends on the numbers that the loop of {x.name} draws; use {x.name} alone"
        )


def _latent(ops, x, recursion):
    """Return the chain or the vector that a recursion draws, under the name of the time series `x`."""
    if len(recursion.gains) == 1:
        return dressed(ops, ops.gaussianchain(recursion.offset, *recursion.gains, recursion.scale), x)
    return dressed(ops, ask(partial(autoregression_mvnormalo, ops), recursion), x)


def _observed(ops, observed, recursion):
    """Return an observed recursion as observed normal variables."""
    refuse_random_data(ops, observed)
    data, series = observed.rands
    if len(recursion.gains) == 1:
        chain = ops.gaussianchain(recursion.offset, *recursion.gains, recursion.scale)
        return _observed_chain(ops, observed, chain)
    _, steps = ask(partial(autoregression_observedo, ops), (data, recursion))
    return ops.observed(data, dressed(ops, steps, series)).replace(info=observed.info)


def _observed_chain(ops, observed, chain):
    """Return an observed chain as observed numbers, each given the one before it."""
    refuse_random_data(ops, observed)
    data, series = observed.rands
    if ops.distribution_of(chain) == "markovchain":
        raise NotReversible(f"{series.name} is observed; loops over states are read where the states are hidden")
    _, steps = ask(partial(gaussianchain_observedo, ops), (data, chain))
    return ops.observed(data, dressed(ops, steps, series)).replace(info=observed.info)


def with_unread(unread, reasons):
    """Return the `Step`s of unread time series and those of other variables, each with why nothing was done."""
    known = {name for step in unread for name in step.variables}
    return (*unread, *(step for step in reasons if known.isdisjoint(step.variables[:1])))


def restored(series, outputs):
    """Return outputs in which every time series that is as it was read is as it was written, and the other's `Step`s."""
    parts = set(graph_parts(*outputs))
    unchanged = {s.new: s.old for s in series if s.new in parts}
    read = tuple(Step(read_series.__name__, (s.old.name,)) for s in series if s.new not in parts)
    return substitute(tuple(outputs), unchanged) if unchanged else outputs, read
