"""What a relation is to a driver: a goal, and the operators at which it is worth asking."""

from dataclasses import dataclass, field
from typing import Callable

from kanren import lany
from unification import isvar

from symbolic_pymc.errors import ArgumentError
from symbolic_pymc.records import Term


@dataclass(frozen=True)
class Relation:
    """A binary relation of terms, with what a driver and a reader may know about it.

    Parameters
    ----------
    name : str
    goal : callable
        ``goal(x, y)`` returns the kanren goal that relates `x` to `y`.
    heads : frozenset of operator records, predicate of terms, or None
        The operators of the terms that it can match, or which terms these are; None when it may match anything.
    reference : str
        Where the statement can be looked up.
    is_approximate : bool
        Whether what it relates is equal in a limit only.
    """

    name: str
    goal: Callable
    heads: frozenset | Callable | None = field(default=None, repr=False)
    reference: str = ""
    is_approximate: bool = False

    def __call__(self, x, y):
        return self.goal(x, y)

    def at(self, x):
        """Return the relations worth asking at `x`, as a tuple: this one or none."""
        return (self,) if self.may_match(x) else ()

    def may_match(self, x):
        """Tell whether the goal is worth asking at `x`."""
        if self.heads is None or callable(self.heads):
            return self.heads is None or self.heads(x)
        return isinstance(x, Term) and x.rator in self.heads


class Relations:
    """Several relations as one, tried in order, each asked only at the operators it can match.

    What it costs to walk a graph in which nothing matches does not depend on how many there are, but on how many of
    them may match what stands in the graph.

    Parameters
    ----------
    members : iterable of Relation or callable
    """

    def __init__(self, members):
        self.members = tuple(map(as_relation, members))
        self.name = ", ".join(member.name for member in self.members)
        listed = [member for member in self.members if isinstance(member.heads, frozenset)]
        self._anywhere = self._of(None)
        self._at = {head: self._of(head) for member in listed for head in member.heads}

    def _of(self, head):
        return tuple(m for m in self.members if not isinstance(m.heads, frozenset) or head in m.heads)

    def __call__(self, x, y):
        return lany(*(member(x, y) for member in (self.members if isvar(x) else self.at(x))))

    def at(self, x):
        """Return the relations worth asking at `x`, as a tuple, by its operator."""
        found = self._at.get(x.rator, self._anywhere) if isinstance(x, Term) else self._anywhere
        return tuple(member for member in found if member.may_match(x))

    def may_match(self, x):
        """Tell whether a goal is worth asking at `x`."""
        return bool(self.at(x))


def as_relation(goal):
    """Return `goal` as a `Relation`, named after its function; of a list or tuple of them `Relations`."""
    if isinstance(goal, (Relation, Relations)):
        return goal
    if isinstance(goal, (list, tuple)):
        return Relations(goal)
    if not callable(goal):
        raise ArgumentError(
            f"a relation is a function of two terms that returns a kanren goal, not {type(goal).__name__}"
        )
    function = goal
    while hasattr(function, "func"):
        function = function.func
    return Relation(getattr(function, "__name__", repr(function)), goal, reference=reference_of(function))


def reference_of(function):
    """Return what follows "Reference:" in the docstring of a function, or an empty string."""
    _, _, reference = (function.__doc__ or "").partition("Reference:")
    return " ".join(reference.split("\n\n")[0].split()).rstrip(".")
