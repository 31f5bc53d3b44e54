"""One arc of a model on its way to the neutral form that an arc reversal knows, and what comes back dressed."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from kanren import run
from unification import var

from symbolic_pymc.distributions import DISTRIBUTIONS
from symbolic_pymc.meta import metatize, peek, reify_many, settle_graph
from symbolic_pymc.records import Constant, Info, Ref, Term, rebuild, unknown_parts
from symbolic_pymc.relations.affine import dependents
from symbolic_pymc.relations.cuts import cut_of
from symbolic_pymc.relations.goals import is_constant
from symbolic_pymc.relations.laws import parameters_of
from symbolic_pymc.vocabulary import roles_of
from symbolic_pymc.relation import reference_of
from symbolic_pymc.parts import graph_parts, substitute


class NotReversible(Exception):
    """Why an arc cannot be reversed in closed form."""


@dataclass(frozen=True)
class Reversal:
    """What an arc reversal gives.

    posterior : term, the parent given the data, under its old name
    marginal : term, the data by themselves; None where their shape has no distribution of that kind
    relation : name of the relation; reference : where to look it up
    seen : term, what `marginal` is the law of where that is a function of the data, of less dimensions, else None
    log_factor : term, the log of what the density of the data has beside that of `seen`
    """

    posterior: Term
    marginal: Any
    relation: str
    reference: str
    seen: Any = None
    log_factor: Any = None


@dataclass(frozen=True)
class Edge:
    """An arc from the draw `theta` to the draw `rv`, seen to be `data`.

    `parameter` is the one parameter of `rv` that depends on `theta`, and `expression` what it is there, with `blank`,
    an array that draws nothing, in the place of `theta`; `others` are the other parameters of `rv` by name.  Where
    `theta` enters the parameters of a covariance, the parameter is "covariance" and all stand in `others`.
    """

    theta: Term
    rv: Term
    data: Term
    blank: Term
    parameter: str
    expression: Term
    others: dict


def refuse_random_data(ops, observed):
    """Refuse an observed variable whose value is drawn."""
    data, rv = observed.rands
    if any(ops.is_random(x) for x in graph_parts(data)):
        raise NotReversible(f"what {called(ops, rv)} was seen to be is itself random")


def refuse_notes(ops, *draws):
    """Refuse what the log density of a model has beside its distributions."""
    for draw in draws:
        note = draw.info.note and draw.info.note.obj
        if note is not None and note.total_size is not None:
            raise NotReversible(f"{called(ops, draw)} has a total_size, which scales its log density")
        if note is not None and note.transform is not None and not note.default_transform:
            raise NotReversible(f"{called(ops, draw)} has a transform of its own, which may change its law")


def refuse_beside_unknowns(ops, edge):
    """Refuse an edge whose child has other unknown parameters, or whose parent has: these may have closed forms first."""
    own = parameters_of(ops, edge.theta).values()
    if any(ops.is_random(x) for x in graph_parts(edge.expression, *edge.others.values(), *own)):
        raise NotReversible(
            "{0} has a closed form given {1} where nothing else about them is unknown".format(
                called(ops, edge.theta), called(ops, edge.rv)
            )
        )


def called(ops, draw):
    """Return the name of a draw, or what it is when it has none."""
    return draw.name or f"an unnamed {ops.distribution_of(draw) or draw.rator}"


def blank_of(ops, draw):
    """Return an array with the shape and broadcast pattern of a draw, in which no draw stands.

    It is of zeros, and for positive definite matrices the identity.
    """
    zeros = ops.blank(shape_of(ops, draw), ops.pattern(draw))
    positive = ops.distribution_of(draw) in ("wishart", "inversewishart") and ops.ndim(draw) == 2
    return ops.identity_in_place(zeros) if positive else zeros


# which parameter of a random matrix has its shape
_SHAPING = {"wishart": "V", "inversewishart": "Psi", "matrixnormal": "mu"}


def shape_of(ops, draw):
    """Return the shape of a draw as an integer vector: a constant when the model or the size says it.

    `draw` is a vector, a matrix, or of a scalar family, whose parameters broadcast to its shape.
    """
    if ops.ndim(draw) == 0:
        return ops.constant(np.empty(0, dtype="int64"))
    note = draw.info.note and draw.info.note.obj
    if note is not None and note.shape is not None and None not in note.shape:
        return ops.constant(np.asarray(note.shape, dtype="int64"))
    if ops.distribution_of(draw) is None:
        return _shape_of_cut(ops, draw)
    row = ops.rows[ops.distribution_of(draw)]
    parameters, roles = ops.parameters(draw), roles_of(ops.distribution_of(draw), row.params) or ()
    size = draw.rands[len(parameters)]
    is_simplex = DISTRIBUTIONS[ops.distribution_of(draw)].support == "simplex"
    if ("mean" in roles or is_simplex) and ops.ndim(draw) > 1:
        raise NotReversible(f"the number of rows of {called(ops, draw)} is not known; give it a shape")
    if ops.distribution_of(draw) == "markovchain":
        return ops.path_shape(parameters["chances"])
    if "mean" in roles:
        return ops.shape(draw.rands[roles.index("mean")])
    if is_simplex:
        return ops.shape(parameters["a"])
    if DISTRIBUTIONS[ops.distribution_of(draw)].support == "matrix":
        return ops.shape(parameters[_SHAPING[ops.distribution_of(draw)]])
    return ops.shape_of(*parameters.values()) if ops.is_empty_size(size) else size


def _shape_of_cut(ops, draw):
    cut = cut_of(ops, draw)
    if cut is None or cut.shape is None:
        raise NotReversible(f"the shape of {called(ops, draw)} is not known; give it a shape")
    return cut.shape


def without_draws(ops, term):
    """Return a term that has the value of `term`, whose draws are there for their shape alone; else None."""
    term = metatize(reify_many((term,))[0])
    draws = [x for x in graph_parts(term) if ops.is_random(x)]
    if any(term in dependents(ops, term, draw) for draw in draws):
        return None
    blanks = {draw: blank_of(ops, draw) for draw in draws}
    return substitute(term, {draw: ops.counts(x) if _is_whole(draw) else x for draw, x in blanks.items()})


def down_to_draws(ops, *roots):
    """Return the parts of some terms down to the draws that they are computed from, as a set."""
    found, stack = set(), list(roots)
    while stack:
        x = stack.pop()
        if x not in found:
            found.add(x)
            stack.extend(x.rands if isinstance(x, Term) and not ops.is_random(x) else ())
    return found


def _is_whole(draw):
    """Tell whether a draw is of whole numbers, which may be indices."""
    return peek(draw).dtype.startswith(("int", "uint"))


def value_of(ops, term):
    """Return the value of a term, with shared variables as they are now; None when it is not known."""
    return None if term is None else ops.value_of(term)


def is_fixed(ops, term):
    """Tell whether a term is computed from constants alone."""
    return all(isinstance(x, (Term, Constant)) and not ops.is_random(x) for x in graph_parts(term))


def ask(relation, before):
    q = var()
    (after,) = run(1, q, relation(before, q))
    return after


def named(ops, edge, posterior, marginal, relation):
    """Give the draws that come out the names and notes of those that went in, and identities of their own."""
    return Reversal(
        dressed(ops, _with_axes_of(ops, posterior, edge.blank), edge.theta),
        None if marginal is None else dressed(ops, _with_axes_of(ops, marginal, edge.data), edge.rv),
        relation.__name__,
        reference_of(relation),
    )


def _with_axes_of(ops, draw, pattern):
    """Return a draw of the shape of `pattern` that broadcasts where `pattern` does."""
    if not any(ops.pattern(pattern)):
        return draw
    is_vector = _support(ops, draw) in ("vector", "simplex", "matrix")
    elementwise = 1 if is_vector else len(ops.parameters(draw))
    fitting = (i < elementwise and ops.ndim(x) == ops.ndim(pattern) for i, x in enumerate(draw.rands))
    return draw.replace(rands=tuple(ops.with_axes_of(x, pattern) if f else x for f, x in zip(fitting, draw.rands)))


def dressed(ops, draw, old):
    """Give a draw the name and the note of another, and an identity of its own."""
    note = old.info.note and old.info.note.obj
    as_it_is = note and _support(ops, draw) == _support(ops, old)
    kept = note and Ref(note.continued() if as_it_is else note.successor())
    return settle_graph(_tidy(ops, draw).replace(info=Info(var(), old.name, var(), kept)))


def _support(ops, draw):
    family = ops.distribution_of(draw)
    if family is None and cut_of(ops, draw) is not None:
        return "interval"
    return family and DISTRIBUTIONS[family].support


def computed_from(ops, draw, suffix, function):
    """Return a deterministic function of a draw under the draw's name, and the draw under one of its own.

    The draw must be the last argument of the operation that `function` is.
    """
    name, note = draw.name, draw.info.note
    own = draw.replace(info=draw.info.replace(name=f"{name}_{suffix}"))
    value = ops.deterministic(function(own))
    return settle_graph(value.replace(info=value.info.replace(name=name, note=note)))


def anew(ops, draw, old):
    """Give a draw of another shape the name and the place of `old`."""
    note = old.info.note and old.info.note.obj
    kept = note and Ref(note.successor().reshaped())
    return settle_graph(_tidy(ops, draw).replace(info=Info(var(), old.name, var(), kept)))


def _tidy(ops, root):
    """Return a draw without the scalars 0 in its sums and 1 in its products; what has a name stays as it is elsewhere."""
    neutral = {"add": 0.0, "sub": 0.0, "mul": 1.0, "true_div": 1.0}

    def tidy(x):
        value = neutral.get(ops.operator_of(x))
        if value is None:
            return x
        first, *rest = x.rands
        kept = [r for r in rest if not _is_scalar(r, value)]
        if ops.operator_of(x) in ("add", "mul") and kept and _is_scalar(first, value):
            first, *kept = kept
        if len(kept) == len(x.rands) - 1:
            return x
        return x.replace(rands=(first, *kept)) if kept else first

    def own_parts(x):
        # what a relation has just built has a logic variable for a name
        is_another = x is not root and isinstance(x, Term) and (isinstance(x.name, str) or ops.is_random(x))
        return () if is_another else unknown_parts(x)

    return rebuild(root, tidy, own_parts)


def _is_scalar(x, value):
    return isinstance(x, Constant) and x.shape == () and is_constant(x, value)
