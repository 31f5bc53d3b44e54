"""A relation applied everywhere in a model or graph, with the steps that led there."""

from numbers import Number

from symbolic_pymc.errors import ModelGraphError, RelationError
from symbolic_pymc.journal import Step, keep
from symbolic_pymc.meta import reify_many
from symbolic_pymc.records import MetaSymbol, Term, is_ground
from symbolic_pymc.series import restored, with_unread
from symbolic_pymc.parts import graph_parts
from symbolic_pymc.walk import rewrite


def rewritten(ops, model, outputs, back, relation, observed_too=True, why_not=None, bound=100_000, series=None):
    taken, written = [], outputs
    outputs, series, unread = series or (outputs, (), ())
    observed = [] if observed_too else [x.rands[1] for x in graph_parts(*outputs) if ops.is_observed(x)]

    def record(before, after, by):
        _refuse_what_is_no_term(by, before, after)
        taken.append(Step(by.name, _names(ops, before, after), by.reference, is_approximate=by.is_approximate))

    new = rewrite(outputs, relation, skip=observed, bound=bound, on_step=record)
    _refuse_split_variables(ops, new, relation)
    left = with_unread(unread, _left(ops, outputs, new, relation, why_not))
    new, read = restored(series, new)
    changed = model if new == written else back(reify_many(new))
    return keep(changed, (*read, *taken, *left))


def _refuse_what_is_no_term(relation, before, after):
    """Refuse an answer that no graph can be built of: one of another kind, or one that leaves something unknown.

    All outputs of a graph at once, a tuple, may become others.
    """
    name = f"the relation {relation.name} at {_name(before) or repr(before)[:200]}"
    if not isinstance(after, (MetaSymbol, Number)) and not type(before) is type(after) is tuple:
        raise RelationError(f"{name}: the answer {after!r:.200} is no term; relate a term of the graph to another")
    if not is_ground(after):
        raise RelationError(f"{name}: the answer {after!r:.200} leaves something unknown; bind all of its parts")


def _name(x):
    return x.name if isinstance(x, Term) else None


def _names(ops, before, after):
    """Return the names of what a step is about; of all outputs at once, those of the draws that go or change their law."""
    if type(before) is not tuple:
        name = _name(before) or _name(after)
        return (name,) if name else ()
    kept = {(x.name, x.rator) for x in graph_parts(after) if ops.is_random(x)}
    return tuple(x.name for x in graph_parts(before) if ops.is_random(x) and x.name and (x.name, x.rator) not in kept)


def _refuse_split_variables(ops, outputs, relation):
    """Refuse a graph in which one variable of the model became two: rewritten in one place and not in another."""
    holders = {}
    for x in graph_parts(*outputs):
        if ops.is_random(x) or ops.operator_of(x) == "deterministic":
            if x.name is not None and holders.setdefault(x.name, x) is not x:
                raise ModelGraphError(
                    f"{x.name}: after {relation.name} two variables have this name; it is used where the relation does "
                    "not see it, or was there before. Relate the variable itself, or rename one"
                )


def _left(ops, before, after, relation, why_not):
    """Return a step with a reason for every draw that the relation left as it is."""
    if why_not is None:
        return ()
    old = {x.name for x in graph_parts(*before) if ops.is_random(x) and x.name}
    draws = [x for x in graph_parts(*after) if ops.is_random(x) and x.name in old]
    seen = {x.rands[1] for x in graph_parts(*after) if ops.is_observed(x)}
    return tuple(Step(relation.name, (x.name,), reason=why_not(x, x in seen)) for x in draws)
