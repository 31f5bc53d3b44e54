"""Variables of finite support in a model graph: what depends on them, and the graph without data that do."""

from dataclasses import dataclass

from symbolic_pymc.enumeration import enumerate_values, support_size
from symbolic_pymc.journal import Step
from symbolic_pymc.meta import rebased
from symbolic_pymc.parts import graph_parts, substitute
from symbolic_pymc.relation import reference_of
from symbolic_pymc.relations.edge import NotReversible, called, down_to_draws, refuse_notes, refuse_random_data
from symbolic_pymc.relations.supports import refuse_impossible
from symbolic_pymc.reversal import evidence_potential, names_of, parents_of


@dataclass(frozen=True)
class Summed:
    """A model graph in which a variable of finite support has its law given its data.

    outputs : tuple of terms
        With a potential for the evidence, where that depends on unknowns.
    step : Step
    dropped : tuple of terms
        The log evidence, where that depends on nothing unknown.
    """

    outputs: tuple
    step: Step
    dropped: tuple


def children_of(ops, parts, theta, gone=()):
    """Return the draws that have `theta` for a parent, in order, as ``observed(value, rv)`` when observed.

    `parts` are those of the model graph; draws whose names are in `gone` do not count.

    Raises
    ------
    NotReversible
        For a part of a mixture, which is drawn anew for every element of it, and is no variable of the model.
    """
    marked = {x.rands[1]: x for x in parts if ops.is_observed(x)}
    found = [x for x in parts if ops.is_random(x) and x.name not in gone and theta in parents_of(ops, x)]
    for x in found:
        if x.name is None:
            raise NotReversible(f"{called(ops, x)}, a part of another variable, depends on {called(ops, theta)}")
    return [marked.get(x, x) for x in found]


def factors_of(ops, parts, theta):
    """Return the potentials that depend on `theta`, which must be a scalar of finite support if there are such."""
    found = [x for x in parts if ops.operator_of(x) == "potential" and theta in down_to_draws(ops, x)]
    if found and (ops.ndim(theta) > 0 or support_size(ops, theta) is None):
        raise NotReversible(f"the potential {found[0].name} depends on {called(ops, theta)}")
    return found


def summed(adapter, outputs, theta, children, factors=(), latent=()):
    """Sum the draw `theta` out of observed children and of potentials; its latent children keep it.

    Parameters
    ----------
    adapter : Adapter
    outputs : tuple of terms
        Of a model graph.
    theta : term
        Of a family that `support_size` knows.
    children, factors, latent : sequences of terms
        As `children_of` and `factors_of` have them.

    Returns
    -------
    Summed

    Raises
    ------
    NotReversible
        With the reason.
    """
    ops = adapter.ops
    _refuse_through(ops, theta, (*children, *factors), latent)
    for child in children:
        refuse_notes(ops, theta, child.rands[1])
        refuse_random_data(ops, child)
        refuse_impossible(ops, child)
    result = enumerate_values(adapter, theta, children, factors)
    unknown = any(ops.is_random(x) for x in graph_parts(result.evidence))
    replacements = {theta: result.posterior} | {child: child.rands[0] for child in children}
    kept = substitute(tuple(x for x in outputs if x not in (*children, *factors)), replacements)
    kept += (result.posterior,) if result.posterior not in set(graph_parts(*kept)) else ()
    seen = [child.rands[1] for child in children]
    kept += (evidence_potential(ops, outputs, result.evidence, (*seen, theta)[0]),) if unknown else ()
    names = (*names_of(ops, theta, *seen), *(x.name for x in factors))
    step = Step(result.relation.__name__, names, reference_of(result.relation))
    return Summed(rebased(kept), step, () if unknown else (result.evidence,))


def _refuse_through(ops, theta, reached, latent):
    """Refuse data and potentials that depend on `theta` through a variable that stays unknown, too."""
    for x in reached:
        through = next((draw for draw in latent if draw in set(graph_parts(x))), None)
        if through is not None:
            names = called(ops, theta), x.name or called(ops, x.rands[1]), called(ops, through)
            raise NotReversible("{} also reaches {} through {}".format(*names))
