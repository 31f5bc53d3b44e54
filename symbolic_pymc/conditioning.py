"""Conditioning a model graph on its data: in which order, and what is said of the rest."""

from dataclasses import dataclass

from kanren import eq
from unification import reify

from symbolic_pymc.discrete import children_of, summed
from symbolic_pymc.enumeration import support_size
from symbolic_pymc.journal import Step
from symbolic_pymc.missing import missing_giveno
from symbolic_pymc.parts import as_graph, graph_parts
from symbolic_pymc.records import is_ground
from symbolic_pymc.relations.count_edges import is_pair
from symbolic_pymc.relations.edge import NotReversible
from symbolic_pymc.reversal import arc_to, dropped_by, names_of, parents, spliced
from symbolic_pymc.series import read_series, restored, with_unread


@dataclass(frozen=True)
class Conditioned:
    """The outputs of a conditioned model graph, its `Step`s, and the `Dropped` factors of its evidence."""

    outputs: tuple
    steps: tuple
    dropped: tuple


def condition(adapter, outputs):
    """Reverse every arc from an unobserved variable to data that has a closed-form reversal, parents of data first.

    A variable of finite support is summed over where nothing else about its data is unknown.

    Parameters
    ----------
    adapter : Adapter
    outputs : tuple of terms
        Of a model graph.

    Returns
    -------
    Conditioned
    """
    ops, dropped = adapter.ops, []
    outputs, taken = missing_giveno(ops, outputs)
    outputs, series, unread = read_series(adapter, outputs)
    taken = [*taken]
    while True:
        refusals = {}
        arcs = _independent_arcs(ops, outputs, refusals)
        if arcs:
            taken += [arc.step(ops) for arc in arcs]
            dropped += [factor for arc in arcs for factor in dropped_by(arc)]
            outputs = spliced(adapter, outputs, arcs)
            continue
        result = _of_finite_support(adapter, outputs, refusals)
        if result is None:
            reasons = with_unread(unread, _reasons(ops, outputs, refusals))
            outputs, read = restored(series, outputs)
            return Conditioned(outputs, (*read, *taken, *reasons), tuple(dropped))
        taken.append(result.step)
        dropped += result.dropped
        outputs = result.outputs


def conjugate(ops, observed, posterior):
    """Relate an observed random variable to the closed-form posterior of a variable that it depends on.

    Parameters
    ----------
    ops : Vocabulary
    observed : term
        ``observed(value, rv)``.  Only the graph that it stands for is looked at: that graph must hold everything
        that depends on the variable.  The relation is one-way; when `observed` is unknown it fails.
    posterior : term or logic variable
        There is none when the law of the data depends on anything else that is unknown: its evidence would be lost.

    Reference: Lindley and Smith, Bayes estimates for the linear model, JRSS B 34 (1972), 1-41.
    """

    def goal(s):
        known = as_graph(reify(observed, s))
        if not ops.is_observed(known) or not is_ground(known):
            return
        for theta in parents(ops, known.rands[1]):
            try:
                arc = arc_to(ops, (known,), theta, known)
            except NotReversible:
                continue
            if not arc.keeps_evidence:
                yield from eq(posterior, arc.reversal.posterior)(s)

    return goal


def _independent_arcs(ops, outputs, refusals):
    """Return arcs that can be reversed together, at most one per observed variable; the rest waits for another round.

    No two leave one draw, and none leaves a draw that another one's data depend on beside the draw which that one
    leaves: then no draw comes to depend on itself.  `refusals` is given the reasons against what cannot be reversed.
    """
    arcs, beside = {}, set()
    for observed in filter(ops.is_observed, outputs):
        among = parents(ops, observed.rands[1])
        for theta in among:
            others = {x for x in graph_parts(*(p for p in among if p is not theta)) if ops.is_random(x)}
            if theta in arcs or theta in beside or not others.isdisjoint(arcs):
                break
            try:
                arcs[theta] = arc_to(ops, outputs, theta, observed)
            except NotReversible as reason:
                refusals[theta, observed.rands[1]] = str(reason)
            else:
                beside |= others
                break
    return list(arcs.values())


def _of_finite_support(adapter, outputs, refusals):
    """Return the graph, `Summed`, in which one more variable of finite support has its law given all its data, or None.

    `refusals` is given the reasons against the others.
    """
    ops, parts = adapter.ops, tuple(graph_parts(*outputs))
    seen = {x.rands[1] for x in parts if ops.is_observed(x)}
    for theta in (x for x in parts if ops.is_random(x) and x.name and x not in seen):
        if support_size(ops, theta) is None:
            continue
        children = []
        try:
            children += [x for x in children_of(ops, parts, theta) if ops.is_observed(x)]
            if children:
                _refuse_beside_unknowns(ops, theta, children)
                return summed(adapter, outputs, theta, children)
        except NotReversible as reason:
            # a pair that has a reversal of its own says better why there is none here
            without_row = [rv for _, rv in (x.rands for x in children) if not is_pair(ops, theta, rv)]
            refusals |= {(theta, rv): str(reason) for rv in without_row}
    return None


def _refuse_beside_unknowns(ops, theta, children):
    """Refuse a variable of which the parents, or those of its data, are unknown: summing it would leave a potential."""
    rvs = [child.rands[1] for child in children]
    if any(ops.is_random(x) and x is not theta and x not in rvs for x in graph_parts(*rvs)):
        raise NotReversible(
            "{0} has a closed form given {1} where nothing else about them is unknown; "
            "marginalize_graph(model, ['{0}']) sums over it all the same".format(*names_of(ops, theta, rvs[0]))
        )


def _reasons(ops, outputs, refusals):
    """Return a step with the reason for every arc that still stands."""
    standing = {(t, o.rands[1]) for o in outputs if ops.is_observed(o) for t in parents(ops, o.rands[1])}
    return tuple(
        Step("conjugate", names_of(ops, *arc), reason=reason) for arc, reason in refusals.items() if arc in standing
    )
