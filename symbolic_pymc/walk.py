"""Relations applied over whole graphs: once everywhere, to a fixed point, or as a stream of all reformulations.

Graphs are DAGs and are walked as such: every distinct term is visited once, iteratively, and what is shared stays
shared.
"""

from numbers import Integral

from etuples.core import ExpressionTuple
from kanren import graph as kanren_graph
from kanren import run
from unification import isvar, reify, unify, var
from unification.core import isground

from symbolic_pymc.errors import ArgumentError, NonTerminationError, RelationError, SymbolicPyMCError
from symbolic_pymc.meta import settle_graph
from symbolic_pymc.records import Term
from symbolic_pymc.parts import alike, as_graph, fingerprint, graph_parts, key, replace_parts, substitute, subterms
from symbolic_pymc.relation import as_relation


# Asking kanren -------------------------------------------------------------------------------------------------


def answers(relation, x):
    """Yield the terms that `relation` relates `x` to, lazily; what they leave open (names, draws) is settled.

    An answer spelled as an expression tuple is evaluated, unless `x` itself is one.

    Raises
    ------
    RelationError
        When the relation itself raises (the cause is chained), or returns what is no goal.
    """
    q, spelled = var(), isinstance(x, ExpressionTuple)
    try:
        goal = relation(x, q)
        if not callable(goal):
            raise TypeError(f"it returned {goal!r}, which is no goal; return one, such as eq(x, y)")
        for y in run(None, q, goal):
            yield settle_graph(y.evaled_obj if isinstance(y, ExpressionTuple) and not spelled else y)
    except SymbolicPyMCError:
        raise
    except Exception as error:
        name, at = as_relation(relation).name, f"{x.name}: " if isinstance(x, Term) and x.name else ""
        raise RelationError(f"the relation {name} raised {type(error).__name__} at {at}{x!r:.300}: {error}") from error


def changes(relation, x):
    """Yield the answers of `relation` at `x` that differ from `x`, lazily."""
    return (y for y in answers(relation, x) if not alike(x, y))


def first_answer(relation, x):
    """Return the first term that `relation` relates `x` to and that is not `x`, or None."""
    return next(changes(relation, x), None)


def _first_of(relations, x):
    """Return the first answer of some relations, tried in order, and whose it is; `x` and None when there is none."""
    for relation in relations:
        answer = first_answer(relation, x)
        if answer is not None:
            return answer, relation
    return x, None


# To a fixed point ----------------------------------------------------------------------------------------------


def rewrite(root, relation, skip=(), bound=100_000, on_step=None):
    """Apply a relation everywhere in a graph until nothing matches.

    Parts come before wholes; of several answers the first is taken; the answer is walked again.

    Parameters
    ----------
    root : term, or a sequence of terms
    relation : Relation, callable, or sequence of these
    skip : collection of terms
        Terms that the relation is not asked about; their parts are.
    bound : int
        How many applications are allowed.
    on_step : callable, optional
        Called as ``on_step(before, after, relation)`` at every application.

    Returns
    -------
    The rewritten graph; `root` itself when nothing matched.

    Raises
    ------
    NonTerminationError
        When `bound` is reached, or an answer leads back to what it came from; `last` is the graph by then.
    RelationError
        When the relation raises.
    ArgumentError
        When `relation` is no function, or `bound` no whole number.
    """
    if not isinstance(bound, Integral) or bound < 0:
        raise ArgumentError(f"bound: {bound!r} is no number of applications; pass a whole number")
    relation, skip = as_relation(relation), {key(x) for x in skip}
    done, becomes, stack, steps = {}, {}, [root], 0

    def endless(x, why):
        last = substitute(root, {**becomes, **done})
        return NonTerminationError(
            f"the relation {relation.name} {why} (at {x!r:.200}); its answers must come nearer to a form that it does "
            "not match; the graph reached so far is in the attribute `last`",
            last,
        )

    while stack:
        x = stack[-1]
        k = key(x)
        if k in done:
            stack.pop()
        elif k in becomes:
            y = becomes[k]
            if key(y) in done:
                done[k] = done[key(y)]
            elif key(y) in becomes:
                raise endless(x, "leads back to a term that it came from")
            else:
                stack.append(y)
        elif pending := [c for c in subterms(x) if key(c) not in done]:
            if any(key(c) in becomes for c in pending):
                raise endless(x, "gives a term that contains the one it came from")
            stack.extend(reversed(pending))
        else:
            y = replace_parts(x, tuple(done[key(c)] for c in subterms(x)))
            if y is not x:
                if k in skip:
                    skip.add(key(y))
            elif k not in skip:
                y, by = _first_of(relation.at(x), x)
                if y is not x:
                    steps += 1
                    if on_step is not None:
                        on_step(x, y, by)
            if y is x:
                done[k] = x
            else:
                becomes[k] = y
            if steps > bound:
                raise endless(x, f"was applied {bound} times without reaching a fixed point")
    return done[key(root)]


# Once, and in all ways -----------------------------------------------------------------------------------------


def reformulations(relation, root, skip=(), subsets=True):
    """Yield the graphs that one pass of a relation makes of `root`, lazily, each once.

    The first has every outermost match rewritten.  With `subsets` there follow all others in which at least one
    match, outermost or not, is rewritten and the rest is left as it is.
    """
    relation, skip = as_relation(relation), {key(x) for x in skip}
    sites = {}
    for x in graph_parts(root):
        if key(x) not in skip and relation.may_match(x):
            found = _Replay(changes(relation, x))
            if found.first is not None:
                sites[key(x)] = found
    if not sites:
        return
    first = substitute(root, {k: found.first for k, found in sites.items()})
    yield first
    table = {}
    seen = {fingerprint(first, table), fingerprint(root, table)}
    for chosen in _choices(list(sites.items())[::-1]) if subsets else ():
        graph = substitute(root, chosen)
        if (mark := fingerprint(graph, table)) not in seen:
            seen.add(mark)
            yield graph


class _Replay:
    """A lazy stream that can be read again: what was asked of kanren once is not asked, or drawn, anew."""

    def __init__(self, stream):
        self._stream, self._known = stream, []
        self.first = next(iter(self), None)

    def __iter__(self):
        i = 0
        while True:
            if i == len(self._known):
                try:
                    self._known.append(next(self._stream))
                except StopIteration:
                    return
            yield self._known[i]
            i += 1


def _choices(sites):
    """Yield every way to leave each site or to take one of its answers, as a dict, the last site changing fastest."""
    streams = [iter(found) for _, found in sites]
    chosen = [None] * len(sites)
    while True:
        yield {k: y for (k, _), y in zip(sites, chosen) if y is not None}
        for i in reversed(range(len(sites))):
            chosen[i] = next(streams[i], None)
            if chosen[i] is not None:
                break
            streams[i] = iter(sites[i][1])
        else:
            return


def walko(goal, graph_in, graph_out, rator_goal=None, null_type=ExpressionTuple, map_rel=None, skip=(), subsets=True):
    """Relate two graphs of which one has terms where the other has what `goal` relates them to.

    It has the signature of ``kanren.graph.walko``, visits every distinct term once, and its first answer has all
    outermost matches rewritten.  When neither graph is known, or `rator_goal` or `map_rel` is given, kanren's own
    walk is taken.

    Parameters
    ----------
    skip : collection of terms
        Terms at which `goal` is not asked.
    subsets : bool
        Whether the answers in which only some of the matches are rewritten follow the first.
    """

    def walko_goal(s):
        known, unknown = reify(graph_in, s), reify(graph_out, s)
        if rator_goal is not None or map_rel is not None or not (isground(known, s) or isground(unknown, s)):
            keywords = {} if map_rel is None else {"map_rel": map_rel}
            walk = kanren_graph.walko(goal, known, unknown, rator_goal=rator_goal, null_type=null_type, **keywords)
            yield from walk(s)
            return
        relation = goal
        if not isground(known, s):
            known, unknown, relation = unknown, known, lambda x, y: goal(y, x)
        for graph in reformulations(relation, as_graph(known), skip, subsets):
            extended = unify(unknown, graph, s)
            if extended is not False:
                yield extended

    return walko_goal


def reduceo(relation, in_term, out_term, *args, **kwargs):
    """Relate a term to what repeated application of `relation` makes of it: fixed points first, each term once.

    It has the signature of ``kanren.graph.reduceo``; when `in_term` is unknown, kanren's own is taken.
    """

    def reduceo_goal(s):
        start, end = reify(in_term, s), reify(out_term, s)
        if isvar(start):
            yield from kanren_graph.reduceo(relation, start, end, *args, **kwargs)(s)
            return
        applied = lambda x, y: relation(x, y, *args, **kwargs)  # noqa: E731
        table, path = {}, [(start, answers(applied, start))]
        seen = {fingerprint(start, table)}
        while path:
            x, following = path[-1]
            y = next((y for y in following if fingerprint(y, table) not in seen), None)
            if y is not None:
                seen.add(fingerprint(y, table))
                path.append((y, answers(applied, y)))
                continue
            path.pop()
            extended = unify(end, x, s) if path else False
            if extended is not False:
                yield extended

    return reduceo_goal
