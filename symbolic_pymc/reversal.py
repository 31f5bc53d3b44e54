"""The arcs of a model graph from unobserved variables to data, and the graph in which some are reversed."""

from dataclasses import dataclass
from itertools import chain, count

from symbolic_pymc.evidence import Dropped, drawn, log_evidence
from symbolic_pymc.meta import metatize, rebased
from symbolic_pymc.records import Term
from symbolic_pymc.relations.conjugates import mvnormal_mean_reversalo
from symbolic_pymc.relations.cuts import family_of
from symbolic_pymc.relations.edge import NotReversible, Reversal, called, refuse_notes, refuse_random_data
from symbolic_pymc.relations.edges import FLAT, reverse
from symbolic_pymc.relations.kernels import PRIORS
from symbolic_pymc.relations.supports import refuse_impossible
from symbolic_pymc.journal import Step
from symbolic_pymc.parts import graph_parts, substitute


@dataclass(frozen=True)
class Arc:
    """An arc from `theta` to ``observed(data, rv)`` and its reversal.

    `keeps_evidence` says that the law of the data depends on other unknowns, so that it stays in the model: as an
    observed variable where it has a name, else as a potential.
    """

    theta: Term
    observed: Term
    reversal: Reversal
    keeps_evidence: bool

    def step(self, ops):
        """Return the record of the reversal."""
        names = names_of(ops, self.theta, self.observed.rands[1])
        return Step(self.reversal.relation, names, self.reversal.reference)


def arc_to(ops, outputs, theta, observed):
    """Return the `Arc` from a draw to one of its observed children, or say why it cannot be reversed."""
    data, rv = observed.rands
    reversal = reverse(ops, theta, rv, data)
    new = drawn(ops, reversal.posterior).name
    if new != theta.name and any(getattr(x, "name", None) == new for x in graph_parts(*outputs)):
        raise NotReversible(f"{called(ops, theta)} will be computed from a variable {new}, and that name is taken")
    refuse_notes(ops, theta, rv)
    refuse_random_data(ops, observed)
    refuse_impossible(ops, observed)
    return Arc(theta, observed, reversal, bool({*parents_of(ops, rv), *parents_of(ops, theta)} - {theta}))


def parents(ops, draw):
    """Return the parents of a draw, nearest last to be drawn first.

    Flat ones come after the others, and after them what may be the scale of the data: that of what is left.
    """
    found = parents_of(ops, draw)
    return sorted(found, key=lambda theta: (turn(ops, theta, found), -_depth(ops, theta, found)))


def parents_of(ops, draw):
    """Return the unobserved draws that the parameters of `draw` are computed from.

    The parents of a part of a mixture, which has no name, count instead of it.
    """

    def is_compound(x):
        return ops.distribution_of(x) is None and (x is draw or ops.is_random(x))

    found, seen, stack = [], {draw}, [(x, draw) for x in draw.rands]
    while stack:
        x, child = stack.pop()
        if not isinstance(x, Term) or x in seen:
            continue
        seen.add(x)
        if ops.is_observed(x):
            stack.append((x.rands[0], x))
        elif ops.is_random(x) and not (x.name is None and is_compound(child)):
            found.append(x)
        else:
            stack.extend((r, x) for r in x.rands)
    return found


def turn(ops, theta, among):
    """Return when a draw has its turn: 1 for a flat one, 2 for what has a closed form after flat ones, else 0."""
    if ops.distribution_of(theta) == FLAT:
        return 1
    return 2 * (family_of(ops, theta) in PRIORS and any(ops.distribution_of(x) == FLAT for x in among))


def _depth(ops, draw, among):
    """Count the draws of `among` that `draw` is computed from: the more, the nearer it is to the data."""
    ancestors = set(graph_parts(draw))
    return sum(other in ancestors for other in among)


def dropped_of(arc):
    """Return the evidence of an arc that goes out of the model."""
    data, rv = arc.observed.rands
    has_fewer = arc.reversal.relation == mvnormal_mean_reversalo.__name__ and arc.reversal.seen is None
    return Dropped(arc.theta, rv, data, arc.reversal.posterior, arc.reversal.marginal if has_fewer else None)


def spliced(adapter, outputs, arcs):
    """Return the outputs with the parents' posteriors in their places, and the data by themselves or gone."""
    replacements = {arc.theta: arc.reversal.posterior for arc in arcs}
    replacements |= {arc.observed: _seen(adapter.ops, arc) for arc in arcs}
    others = [arc for arc in arcs if arc.keeps_evidence and not _keeps_data(arc)]
    # these stand for data among the outputs alone: to what is computed from the data they are their values
    stand_ins = {arc.observed: _stand_in(adapter, outputs, arc) for arc in others}
    gone = {arc.observed for arc in arcs if not arc.keeps_evidence}
    kept = tuple(stand_ins.get(x, x) for x in outputs if x not in gone)
    new = substitute((*kept, *(arc.theta for arc in arcs)), replacements, within=True)
    present = set(graph_parts(*new[: len(kept)]))
    return rebased((*new[: len(kept)], *(x for x in new[len(kept) :] if x not in present)))


def dropped_by(arc):
    """Return what goes out of the model with an arc, as a tuple of evidence factors."""
    if not arc.keeps_evidence:
        return (dropped_of(arc),)
    return () if arc.reversal.log_factor is None else (arc.reversal.log_factor,)


def _seen(ops, arc):
    """Return the data of an arc, observed where their own law has a name and stays in the model."""
    data = arc.observed.rands[0]
    if not arc.keeps_evidence or not _keeps_data(arc):
        return data
    return ops.observed(data, arc.reversal.marginal).replace(info=arc.observed.info)


def _keeps_data(arc):
    """Tell whether the law of the data themselves has a name."""
    return arc.reversal.marginal is not None and arc.reversal.seen is None


def _stand_in(adapter, outputs, arc):
    """Return what stands for the data of an arc: a function of them that is observed, or a potential."""
    if arc.reversal.seen is not None:
        seen = adapter.ops.observed(arc.reversal.seen, arc.reversal.marginal)
        return seen.replace(info=seen.info.replace(name=arc.observed.name))
    # the log density of the data
    log_density = metatize(log_evidence(adapter, [dropped_of(arc)]))
    return evidence_potential(adapter.ops, outputs, log_density, arc.observed.rands[1])


def evidence_potential(ops, outputs, log_density, rv):
    """Return the potential that stands for the data `rv` in a model of the given outputs, named after them."""
    term = ops.potential(log_density)
    return term.replace(info=term.info.replace(name=free_name(outputs, f"{called(ops, rv)}_evidence")))


def free_name(outputs, name):
    """Return a name that nothing in a model of the given outputs has: this one, or it with a number."""
    taken = {getattr(x, "name", None) for x in graph_parts(*outputs)}
    return next(x for x in chain([name], (f"{name}_{i}" for i in count(2))) if x not in taken)


def names_of(ops, *draws):
    """Return what some draws are called, as a tuple."""
    return tuple(called(ops, x) for x in draws)
