"""Integrating variables out of a model graph, and what is left of it.

A variable is integrated out by reversing every arc that leaves it, the nearest child first: then nothing depends on it
any more but what is computed from it, and its law given the rest is the exact conditional from which it is drawn back.
"""

from dataclasses import dataclass, replace
from functools import cached_property

from symbolic_pymc.evidence import drawn
from symbolic_pymc.discrete import children_of, factors_of, summed
from symbolic_pymc.enumeration import reverse_values, support_size
from symbolic_pymc.journal import Step
from symbolic_pymc.missing import missing_giveno
from symbolic_pymc.meta import metatize, rebased, reify_many
from symbolic_pymc.relations.count_edges import is_pair
from symbolic_pymc.relations.edge import NotReversible, blank_of, called, down_to_draws, refuse_notes
from symbolic_pymc.relations.edges import reverse
from symbolic_pymc.relations.mixtures import latent_thresholdo
from symbolic_pymc.relations.threshold_edges import is_probit, with_latent
from symbolic_pymc.reversal import (
    arc_to,
    dropped_by,
    free_name,
    parents_of,
    spliced,
    turn,
)
from symbolic_pymc.series import read_series, restored, with_unread
from symbolic_pymc.relation import reference_of
from symbolic_pymc.parts import graph_parts, substitute

IMPROPER = ("flat", "halfflat")
# the family and the number of axes of what a chain may have for links
LINKS = (("normal", 0), ("mvnormal", 1))


@dataclass(frozen=True)
class Marginalized:
    """What is left of a model graph, what went out of it, and how.

    Parameters
    ----------
    kept : tuple of terms
        The outputs of the smaller model.
    integrated : tuple of terms
        The draws that went out, each from its law given the rest, and what was computed from them.
    steps : tuple of Step
    dropped : tuple of Dropped or terms
        The evidence that depends on nothing unknown.
    """

    kept: tuple
    integrated: tuple
    steps: tuple
    dropped: tuple


@dataclass(frozen=True)
class _State:
    """A model graph on its way; `integrated` has the names of the draws that nothing kept depends on."""

    outputs: tuple
    integrated: frozenset = frozenset()
    steps: tuple = ()
    dropped: tuple = ()

    @cached_property
    def parts(self):
        """Every part of the outputs, parts before wholes."""
        return tuple(graph_parts(*self.outputs))


def marginalize(adapter, outputs, names=None):
    """Integrate the unobserved variables `names`, or all that can be, out of a model graph, those nearest to data first.

    Parameters
    ----------
    adapter : Adapter
    outputs : tuple of terms
        Of a model graph.
    names : collection of str, optional

    Returns
    -------
    Marginalized
        Its steps have a reason for every variable that was to go and stays.
    """
    ops, refusals = adapter.ops, {}
    whole, (outputs, split) = outputs, missing_giveno(ops, outputs)
    outputs, series, unread = read_series(adapter, outputs)
    state = _State(outputs)
    draws = _unobserved(ops, state)
    wanted = [x.name for x in draws if x.name and (names is None or x.name in names)]
    turns = {x.name: turn(ops, x, draws) for x in draws}
    waiting = _chains_forwards(ops, sorted(reversed(wanted), key=turns.get), draws)
    while waiting:
        refusals, before = {}, waiting
        for name in before:
            if name in state.integrated:
                continue
            try:
                state = _pinning_none(adapter, state, name, [x for x in before if x not in state.integrated])
            except NotReversible as reason:
                refusals[name] = Step("marginalize", (name,), reason=str(reason))
        waiting = [name for name in before if name in refusals]
        if len(waiting) == len(before):
            break
    if split and not state.integrated:
        return Marginalized(whole, (), (*unread, *refusals.values()), ())
    outputs, read = restored(series, state.outputs)
    reasons = with_unread(unread, refusals.values())
    return _divided(ops, replace(state, outputs=outputs, steps=(*split, *read, *state.steps)), reasons)


def _pinning_none(adapter, state, name, names):
    """Return the state without the variable `name`, and without those of `names` that could not go after it.

    What goes out and leaves a potential pins the variables that the potential depends on.  They go first, if all then
    can go.
    """
    result = _integrated(adapter, state, name)
    pinned = _pinned(adapter.ops, state, result, names)
    try:
        for other in (*pinned, name) if pinned else ():
            state = _integrated(adapter, state, other)
    except NotReversible:
        return result
    return state if pinned else result


def _pinned(ops, old, new, names):
    """Return those of the names whose variables a potential depends on that only the new state has."""
    before = {x.name for x in old.outputs if ops.operator_of(x) == "potential"}
    more = [x for x in new.outputs if ops.operator_of(x) == "potential" and x.name not in before]
    reached = {x.name for x in graph_parts(*more) if ops.is_random(x)}
    return [name for name in names if name in reached]


def _chains_forwards(ops, names, draws):
    """Return the names with those of finite support and of chains together, parents first, where the first of them was.

    Then all laws of the former are finite, and every link of a chain has its law given the data up to it.
    """
    forwards = {x.name for x in draws if support_size(ops, x) is not None} | _links(ops, draws)
    start = next((i for i, name in enumerate(names) if name in forwards), 0)
    chained = [name for name in reversed(names) if name in forwards]
    return [*names[:start], *chained, *(name for name in names[start:] if name not in forwards)]


def _links(ops, draws):
    """Return the names of the normal draws in chains, in which each has one child that stays unknown, alike in form."""
    children = {}
    for x in draws:
        for theta in parents_of(ops, x):
            children.setdefault(theta, []).append(x)
    pairs = [(theta, only[0]) for theta, only in children.items() if len(only) == 1]
    return {x.name for pair in pairs if _form(ops, pair[0]) == _form(ops, pair[1]) in LINKS for x in pair}


def _form(ops, x):
    return ops.distribution_of(x), ops.ndim(x)


def _unobserved(ops, state):
    """Return the draws of a model graph that are not observed, parents before children."""
    seen = {x.rands[1] for x in state.parts if ops.is_observed(x)}
    return [x for x in state.parts if ops.is_random(x) and x not in seen]


def _integrated(adapter, state, name):
    """Return the state in which nothing that is kept depends on the variable `name`, or the one that it is a root of."""
    while True:
        theta = _draw_called(adapter.ops, state, name)
        _refuse_outputs(adapter.ops, state, theta)
        children = children_of(adapter.ops, state.parts, theta, state.integrated)
        factors = factors_of(adapter.ops, state.parts, theta)
        if not children and not factors:
            _refuse_laws(adapter.ops, theta)
            return replace(state, integrated=state.integrated | {name})
        is_finite = support_size(adapter.ops, theta) is not None
        if is_finite and not _has_row(adapter.ops, theta, children, factors):
            seen = [child for child in children if adapter.ops.is_observed(child)]
            latent = [child for child in children if not adapter.ops.is_observed(child)]
            if seen or factors:
                result = summed(adapter, state.outputs, theta, seen, factors, latent)
                steps, dropped = (*state.steps, result.step), (*state.dropped, *result.dropped)
                state = replace(state, outputs=result.outputs, steps=steps, dropped=dropped)
            else:
                state = _handed_on(adapter, state, theta, latent[0])
            continue
        child = children[0]
        if is_probit(adapter.ops, theta, child):
            return _through_latent(adapter, state, theta, children)
        reverse_arc = _reverse_observed if adapter.ops.is_observed(child) else _reverse_latent
        state, name = reverse_arc(adapter, state, theta, child)


def _has_row(ops, theta, children, factors):
    """Tell whether a variable of finite support is a number of things of which its only child counts those seen."""
    if factors or len(children) != 1:
        return False
    (child,) = children
    rv = child.rands[1] if ops.is_observed(child) else child
    if not is_pair(ops, theta, rv):
        return False
    try:
        return reverse(ops, theta, rv, _place_of(rv)).marginal is not None
    except NotReversible:
        return False


def _through_latent(adapter, state, theta, children):
    """Integrate out a variable that is a probit of binary data, and then the latent variable that comes in for them."""
    ops, names = adapter.ops, (called(adapter.ops, theta), called(adapter.ops, children[0].rands[1]))
    if len(children) > 1:
        raise NotReversible("{} is a probit of {}, and of other data too: no closed form is known".format(*names))
    step = Step(latent_thresholdo.__name__, names[1:], reference_of(latent_thresholdo))
    name = free_name(state.outputs, f"{children[0].rands[1].name}_mixing")
    outputs = substitute(state.outputs, {children[0]: with_latent(ops, children[0], name)})
    state = replace(state, outputs=outputs, steps=(*state.steps, step))
    return _integrated(adapter, _integrated(adapter, state, theta.name), name)


def _draw_called(ops, state, name):
    return next(x for x in _unobserved(ops, state) if x.name == name)


def _refuse_outputs(ops, state, theta):
    """Refuse a variable that what must stay is computed from: a potential, data, or an output without a name."""
    for x in state.parts:
        if ops.is_observed(x) and theta in down_to_draws(ops, x.rands[0]):
            raise NotReversible(f"what {called(ops, x.rands[1])} was seen to be is computed from {called(ops, theta)}")
    for x in state.outputs:
        if x.name is None and theta in down_to_draws(ops, x):
            raise NotReversible(f"an output without a name is computed from {called(ops, theta)}")


def _refuse_laws(ops, theta):
    """Refuse a variable whose density in the model may integrate to something else than one."""
    family = ops.distribution_of(theta)
    if family is None or family in IMPROPER:
        raise NotReversible(f"{called(ops, theta)} is {family or theta.rator}, which may not integrate to one")
    refuse_notes(ops, theta)


def _handed_on(adapter, state, theta, child):
    """Reverse the arc from a variable of finite support to one that stays unknown."""
    ops = adapter.ops
    refuse_notes(ops, theta, child)
    marginal, posterior = reverse_values(ops, theta, child)
    outputs = substitute(state.outputs, {child: marginal, theta: posterior})
    outputs += (posterior,) if posterior not in set(graph_parts(outputs)) else ()
    step = Step(reverse_values.__name__, (called(ops, theta), called(ops, child)), reference_of(reverse_values))
    return replace(
        state,
        outputs=rebased(outputs),
        steps=(*state.steps, step),
    )


def _reverse_observed(adapter, state, theta, observed):
    arc = arc_to(adapter.ops, state.outputs, theta, observed)
    new = replace(
        state,
        outputs=spliced(adapter, state.outputs, [arc]),
        steps=(*state.steps, arc.step(adapter.ops)),
        dropped=(*state.dropped, *dropped_by(arc)),
    )
    return new, drawn(adapter.ops, arc.reversal.posterior).name


def _reverse_latent(adapter, state, theta, rv):
    """Reverse the arc to a variable that stays unknown: its place in the posterior is taken by its own marginal law."""
    ops = adapter.ops
    refuse_notes(ops, theta, rv)
    place = _place_of(rv)
    reversal = reverse(ops, theta, rv, place)
    if reversal.marginal is None or reversal.seen is not None:
        raise NotReversible(f"the law of {called(ops, rv)} without {called(ops, theta)} has no name")
    marginal = substitute(reversal.marginal, {place: blank_of(ops, rv)})
    posterior = substitute(reversal.posterior, {place: marginal})
    outputs = substitute(state.outputs, {rv: marginal, theta: posterior})
    outputs += (posterior,) if posterior not in set(graph_parts(outputs)) else ()
    names = called(ops, theta), called(ops, rv)
    new = replace(
        state,
        outputs=rebased(outputs),
        steps=(*state.steps, Step(reversal.relation, names, reversal.reference)),
    )
    return new, drawn(ops, reversal.posterior).name


def _place_of(rv):
    """Return an input that stands for the value of a draw."""
    (base,) = reify_many((rv,))
    return metatize(base.type())


def _divided(ops, state, refusals):
    """Divide the outputs by whether they are, or are computed from, variables that were integrated out."""
    gone = {x for x in _unobserved(ops, state) if x.name in state.integrated}
    reached = set(gone)
    for x in state.parts:
        if any(r in reached for r in getattr(x, "rands", ())):
            reached.add(x)
    named = {x for x in state.outputs if not ops.is_random(x)}
    marks = [
        x for x in state.parts if x in reached and x.name and (x in named or ops.operator_of(x) == "deterministic")
    ]
    kept = tuple(x for x in state.outputs if x not in reached)
    rest = [x for x in _unobserved(ops, state) if x not in reached and x.name]
    present = set(graph_parts(*kept))
    kept += tuple(x for x in rest if x not in present)
    return Marginalized(kept, (*sorted(gone, key=lambda x: x.name), *marks), (*state.steps, *refusals), state.dropped)
