"""The negative log density of a model as a list of terms, in inputs for its unknowns."""

from dataclasses import dataclass

from symbolic_pymc.api import adapter_of
from symbolic_pymc.errors import ModelGraphError
from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.walk import graph_parts, substitute


@dataclass(frozen=True)
class Objective:
    """What is to be made small: the sum of all elements of all terms.

    Parameters
    ----------
    adapter : Adapter
    inputs : dict of str to record
        For every unknown, by name, the input that stands for its value, of its shape.
    terms : tuple of (str, term)
        Negative log densities, each with the name of the variable or potential whose it is.
    draws : tuple of terms
        The unknowns as they are drawn.
    """

    adapter: object
    inputs: dict
    terms: tuple
    draws: tuple


def objective_of(model):
    """Return the `Objective` of a model or graph: without the Jacobians of any transforms.

    Raises
    ------
    ModelGraphError
        For unknowns without a density, or with names that stand twice.
    """
    adapter = adapter_of(model)
    ops, (outputs, _) = adapter.ops, adapter.terms(model)
    parts = list(graph_parts(*outputs))
    marks = {x.rands[1]: x for x in parts if ops.is_observed(x)}
    draws = _draws(ops, parts)
    hidden = [x for x in draws if x not in marks]
    inputs = {x.name: metatize(_input(x)) for x in hidden}
    known = {x: inputs[x.name] for x in hidden}
    seen = {rv: substitute(mark.rands[0], known) for rv, mark in marks.items()}
    known |= seen | {mark: seen[rv] for rv, mark in marks.items()}
    terms = [(x.name, _density(adapter, x, known)) for x in draws]
    terms += [(x.name, substitute(x.rands[0], known)) for x in parts if ops.operator_of(x) == "potential"]
    return Objective(adapter, inputs, tuple((name, ops.neg(term)) for name, term in terms), tuple(hidden))


def _draws(ops, parts):
    """Return the random variables of a graph, which must have names of their own."""
    drawn = [x for x in parts if ops.is_random(x)]
    hidden_in_others = ops.parts_of_compound(parts)
    draws = [x for x in drawn if x not in hidden_in_others]
    names = [x.name for x in draws]
    if None in names:
        raise ModelGraphError("a random variable has no name; give every random variable one")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ModelGraphError(f"{', '.join(twice)}: the name stands twice; give every random variable its own")
    return draws


def _input(draw):
    """Return a fresh input of the type of a random variable, with its name."""
    (variable,) = reify_many((draw,))
    return variable.type(draw.name)


def _density(adapter, draw, known):
    given = draw.replace(rands=tuple(substitute(r, known) for r in draw.rands))
    return metatize(adapter.log_density(*reify_many((given, known[draw]))))


def shapes_of(objective):
    """Return the shapes of the unknowns, by name."""
    bases = reify_many(objective.draws)
    return {x.name: _shape(objective.adapter, base) for x, base in zip(objective.draws, bases)}


def _shape(adapter, base):
    node = base.owner
    known = getattr(base.type, "shape", ())
    if None not in known and (known or base.ndim == 0):
        return tuple(map(int, known))
    inferred = node.op.infer_shape(None, node, [tuple(v.shape) if hasattr(v, "ndim") else None for v in node.inputs])
    return tuple(int(adapter.evaluate(n)) if hasattr(n, "owner") else int(n) for n in inferred[-1])
