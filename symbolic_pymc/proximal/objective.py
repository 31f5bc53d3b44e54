"""The negative log density of a model as a list of terms, in inputs for its unknowns."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from symbolic_pymc.adapter import adapter_of
from symbolic_pymc.errors import ArgumentError, ModelGraphError
from symbolic_pymc.meta import metatize, peek, reify_many
from symbolic_pymc.records import Atom, Term
from symbolic_pymc.proximal.densities import stated_density
from symbolic_pymc.proximal.summands import valued
from symbolic_pymc.proximal.supports import planes
from symbolic_pymc.parts import graph_parts, substitute


@dataclass(frozen=True)
class Objective:
    """What is to be made small: the sum of all elements of all terms.

    Parameters
    ----------
    adapter : Adapter
    inputs : dict of str to record
        For every unknown, by name, the input that stands for its value, of its shape.
    terms : tuple of (str, term)
        Negative log densities, each with the name of the variable or potential whose it is; and for an unknown whose
        support lies in a plane a term that is infinite beside it.
    draws : tuple of terms
        The unknowns as they are drawn; none where a density was given and no model.
    data : dict of str to record
        What was observed, by name.
    scales : dict of str to Scale
        By name, the unknowns whose inputs stand for what they are on a line without bounds.
    planes : dict of term to term
        What says in the terms that unknowns lie in a plane, exactly; and what says so of numbers that are rounded.
    """

    adapter: object
    inputs: dict
    terms: tuple
    draws: tuple
    data: dict = field(default_factory=dict)
    scales: dict = field(default_factory=dict)
    planes: dict = field(default_factory=dict)


def objective_of(model):
    """Return the `Objective` of a model or graph: without the Jacobians of any transforms.

    Raises
    ------
    ModelGraphError
        For unknowns without a density, or with names that stand twice.
    """
    adapter = adapter_of(model)
    ops, (outputs, _) = adapter.ops, adapter.terms(model)
    parts = list(graph_parts(*outputs, subterms=lambda x: valued(ops, x) if isinstance(x, Term) else ()))
    marks = {x.rands[1]: x for x in parts if ops.is_observed(x)}
    draws = _draws(ops, parts)
    hidden = [x for x in draws if x not in marks]
    inputs = {x.name: metatize(_input(x)) for x in hidden}
    known = {x: inputs[x.name] for x in hidden}
    flat = {x: planes(ops, x, known[x]) for x in hidden}
    seen = {rv: substitute(mark.rands[0], known) for rv, mark in marks.items()}
    known |= seen | {mark: seen[rv] for rv, mark in marks.items()}
    terms = [(x.name, _density(adapter, x, known)) for x in draws]
    terms += [(x.name, substitute(x.rands[0], known)) for x in parts if ops.operator_of(x) == "potential"]
    data = {rv.name: value for rv, value in seen.items()}
    terms = [(name, ops.neg(term)) for name, term in terms] + [(x.name, p) for x, own in flat.items() for p in own]
    return Objective(
        adapter, inputs, tuple(terms), tuple(hidden), data, planes={k: v for p in flat.values() for k, v in p.items()}
    )


def objective_of_density(logp):
    """Return the `Objective` of a graph that computes a log density, of which every input with a name is an unknown.

    Raises
    ------
    ArgumentError
        For inputs that share a name.
    """
    adapter = adapter_of(logp)
    record = metatize(logp)
    inputs = [x for x in graph_parts(record) if is_free(x) and peek(x).name]
    names = [peek(x).name for x in inputs]
    if len(set(names)) < len(names):
        raise ArgumentError(f"the inputs {', '.join(names)} share a name; give every input its own")
    term = adapter.ops.neg(record)
    return Objective(adapter, dict(zip(names, inputs)), ((record.name or "logp", term),), (), {})


def is_free(record):
    """Tell whether a part of a graph is an input without a value."""
    return isinstance(record, Atom) and not hasattr(peek(record), "get_value") and hasattr(peek(record).type, "dtype")


def is_density(graph):
    """Tell whether an object is a graph that computes a number from its inputs, and draws nothing."""
    adapter = adapter_of(graph)
    if not isinstance(graph, adapter.variable):
        return False
    return not any(adapter.ops.is_random(x) for x in graph_parts(metatize(graph)))


def chosen(objective, wanted, argument):
    """Return the names of the unknowns that are wanted, given by name or as variables; all for None.

    Raises
    ------
    ArgumentError
        For none at all, and for what is no unknown; `argument` is what the caller names.
    """
    if not objective.inputs:
        raise ArgumentError("the model has no unknowns, so there is nothing to look for")
    if wanted is None:
        return list(objective.inputs)
    single = isinstance(wanted, str) or not isinstance(wanted, Iterable) or hasattr(wanted, "owner")
    names = [x if isinstance(x, str) else getattr(x, "name", str(x)) for x in ([wanted] if single else wanted)]
    wrong = [str(name) for name in names if name not in objective.inputs]
    if wrong or not names:
        known = f"the model has {', '.join(objective.inputs)}"
        raise ArgumentError(f"{argument}: {', '.join(wrong) + ' is no unknown' if wrong else 'names nothing'}; {known}")
    return [name for name in objective.inputs if name in names]


def restricted(objective, names):
    """Return an objective in which only these names are unknown; the others stay inputs that nothing is said of."""
    return replace(objective, inputs={name: objective.inputs[name] for name in names})


def held(objective, values):
    """Return an objective in which the unknowns of these names have these values."""
    return known_by(objective, {name: constant_of(objective.inputs[name], value) for name, value in values.items()})


def known_by(objective, known):
    """Return an objective in which some unknowns, by name, are terms of what is no unknown of it."""
    fixed = {objective.inputs[name]: term for name, term in known.items()}
    rounded = {plane: close for plane, close in objective.planes.items() if set(fixed) & set(graph_parts(plane))}
    terms = tuple((name, substitute(substitute(term, rounded), fixed)) for name, term in objective.terms)
    return replace(restricted(objective, [n for n in objective.inputs if n not in known]), terms=terms)


def constant_of(record, value):
    """Return the constant of the type of an input."""
    kind = peek(record).type
    return metatize(kind.filter_variable(np.asarray(value, dtype=kind.dtype)))


def type_of_input(objective, name):
    """Return the type of NumPy of an unknown."""
    return np.dtype(peek(objective.inputs[name]).type.dtype)


def _draws(ops, parts):
    """Return the random variables of a graph, which must have names of their own."""
    drawn = [x for x in parts if ops.is_random(x) or ops.is_compound(x)]
    hidden_in_others = ops.parts_of_compound(parts)
    draws = [x for x in drawn if x not in hidden_in_others]
    names = [x.name for x in draws]
    if None in names:
        raise ModelGraphError(
            "a random variable has no name; give every random variable one, and the whole data where a minibatch is drawn"
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ModelGraphError(f"{', '.join(twice)}: the name stands twice; give every random variable its own")
    return draws


def _input(draw):
    """Return a fresh input of the type of a random variable, with its name."""
    (variable,) = reify_many((draw,))
    return variable.type(draw.name)


def _density(adapter, draw, known):
    """Return the log density of a draw."""
    given = draw.replace(rands=tuple(substitute(r, known) for r in draw.rands))
    density = stated_density(adapter.ops, draw, given, known[draw])
    if density is None:
        density = metatize(adapter.log_density(*reify_many((given, known[draw]))))
    return _scaled(adapter, draw, density, known[draw])


def _scaled(adapter, draw, density, value):
    """Return a log density with the factor that a ``total_size`` gives to a minibatch."""
    note = draw.info.note and draw.info.note.obj
    if note is None or note.total_size is None:
        return density
    return adapter.ops.mul(metatize(adapter.scaling(note.total_size, value.reify())), density)


def shapes_of(objective):
    """Return the shapes of the unknowns, by name."""
    draws = objective.draws
    stated, bases = map(_stated_shape, draws), reify_many(draws)
    return {
        x.name: _inferred_shape(objective.adapter, base) if shape is None else shape
        for x, shape, base in zip(draws, stated, bases)
    }


def _stated_shape(draw):
    """Return the shape that the model states of a draw, or None; to infer one, other draws may have to be made."""
    note = draw.info.note and draw.info.note.obj
    if note is None or note.shape is None or None in note.shape:
        return None
    return tuple(map(int, note.shape))


def _inferred_shape(adapter, base):
    """Return the shape of a draw; that of what is drawn by a graph of its own is known when it is drawn."""
    node = base.owner
    known = getattr(base.type, "shape", ())
    if None not in known and (known or base.ndim == 0):
        return tuple(map(int, known))
    if hasattr(node.op, "fgraph"):
        return tuple(map(int, adapter.compile([], [base.shape])()[0]))
    inferred = node.op.infer_shape(None, node, [tuple(v.shape) if hasattr(v, "ndim") else None for v in node.inputs])
    return tuple(int(adapter.evaluate(n)) if hasattr(n, "owner") else int(n) for n in inferred[-1])
