"""Relations as local optimizers: wherever one matches a node's output, its answer takes the place of it."""

from weakref import WeakKeyDictionary

from symbolic_pymc.applyrewriting import copied
from symbolic_pymc.errors import RelationError
from symbolic_pymc.meta import build_context, lower, lowered_parts, metatize
from symbolic_pymc.records import is_ground, key, postorder
from symbolic_pymc.relation import as_relation
from symbolic_pymc.walk import answers


class RelationSub:
    """A local optimizer that replaces what a relation matches by one of its answers (abstract).

    Parameters
    ----------
    relation : Relation or callable
        ``relation(x, y)`` is the kanren goal that relates the term `x` of a node's output to its replacement
        `y`.
    node_filter : callable, optional
        ``node_filter(node)`` tells whether the relation is asked at a node; by default at every one.
    results_filter : callable, optional
        ``results_filter(terms)`` chooses among the answers, lazily given, or returns None; by default the
        first.

    An answer that is the term itself, that leaves something unknown, or that has other dimensions or a dtype
    that cannot be cast to the output's is passed over; smaller differences of type are made up for.

    Raises
    ------
    RelationError
        When the relation raises, and when an answer depends on an input that the graph does not have; the
        project's own FunctionGraph takes such inputs in.
    """

    def __init__(self, relation, node_filter=None, results_filter=None):
        self.relation = as_relation(relation)
        self.name = self.relation.name
        self.node_filter = node_filter or (lambda node: True)
        self.results_filter = results_filter or (lambda terms: next(terms, None))

    def add_requirements(self, fgraph):
        """Watch a graph, so that no term is made of the same part of it again and again."""
        if fgraph not in _keepers:
            _keepers[fgraph] = self.keeper()
            fgraph.attach_feature(_keepers[fgraph])
        _keepers[fgraph].records.clear()

    def transform(self, fgraph, node, enforce_tracks=False):
        """Return the replacements of a node's outputs as a dict, or False; there are no `tracks`."""
        if not self.node_filter(node):
            return False
        used = [v for v in node.outputs if fgraph.clients.get(v)]
        replacements = {v: self._replacement(fgraph, v) for v in used}
        return {v: new for v, new in replacements.items() if new is not None} or False

    def _replacement(self, fgraph, old):
        records = _keepers[fgraph].records if fgraph in _keepers else Records()
        record = metatize(old, records)
        if not self.relation.may_match(record):
            return None
        variables = {}

        def fits(term):
            if term is not record and is_ground(term):
                variables[term] = self.of_type(_built(term, records.variables), old.type)
            return variables.get(term) is not None

        answer = self.results_filter(filter(fits, map(metatize, answers(self.relation, record))))
        return None if answer is None else self._imported(fgraph, variables[answer])

    def _imported(self, fgraph, variable):
        """Return `variable` in new nodes, which the graph may change, wherever they are not the graph's."""
        memo = {}
        (variable,) = copied([variable], memo, stop=fgraph.variables)
        for v in memo.values():
            if v.owner is not None or isinstance(v, self.constant) or v in fgraph.inputs:
                continue
            if not isinstance(fgraph, self.own_graph):
                raise RelationError(
                    f"the answer of {self.relation.name} depends on {v}, which is no input of the graph; "
                    "make the graph a FunctionGraph of symbolic_pymc, which takes it in"
                )
            fgraph.add_input(v)
        return variable

    def __str__(self):
        return f"{type(self).__name__}({self.relation.name})"


def _built(term, known):
    """Return the variable of a term, given those of terms that are `known`."""
    built = {}
    with build_context(term):
        for x in postorder(term, children=lambda x: () if x in known else lowered_parts(x)):
            built[key(x)] = known[x] if x in known else lower(x, *(built[key(c)] for c in lowered_parts(x)))
    return built[key(term)]


class Records(dict):
    """From variables to their records; `variables` leads back."""

    def __init__(self):
        super().__init__()
        self.variables = {}

    def __setitem__(self, variable, record):
        super().__setitem__(variable, record)
        self.variables[record] = variable

    def pop(self, variable):
        """Forget a variable, and return whether it was known."""
        record = super().pop(variable, None)
        if self.variables.get(record) is variable:
            del self.variables[record]
        return record is not None

    def clear(self):
        """Forget all variables."""
        super().clear()
        self.variables.clear()


class RecordKeeper:
    """A feature of a FunctionGraph: it keeps the records of variables as long as they hold (abstract)."""

    def __init__(self):
        self.records = Records()

    def on_change_input(self, fgraph, node, i, old, new, reason=None):
        """Forget what depends on a node whose input changed; what depends on the forgotten is not known."""
        stack = [node]
        while stack:
            for v in getattr(stack.pop(), "outputs", ()):  # what changed may be an output of the whole graph, too
                if self.records.pop(v):
                    stack.extend(client for client, _ in fgraph.clients[v])

    def on_prune(self, fgraph, node, reason):
        """Forget a node that left the graph: from now on its changes would go unnoticed."""
        for v in node.outputs:
            self.records.pop(v)

    def clone(self):
        """Return a keeper for another graph."""
        return type(self)()


_keepers = WeakKeyDictionary()  # FunctionGraph -> its RecordKeeper
