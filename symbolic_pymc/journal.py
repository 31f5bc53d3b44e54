"""What a rewrite did and did not do, kept with its result."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from symbolic_pymc.errors import NoStepsError

_kept = WeakKeyDictionary()


@dataclass(frozen=True)
class Step:
    """One application of a relation, or, with a `reason`, why there was none.

    Parameters
    ----------
    relation : str
        The relation's name.
    variables : tuple of str
        The model variables it touched.
    reference : str
        Where its statement can be looked up.
    reason : str
        Empty for a step that was taken.
    is_approximate : bool
        Whether it changed the law, however little.
    """

    relation: str
    variables: tuple
    reference: str = ""
    reason: str = ""
    is_approximate: bool = False

    @property
    def taken(self):
        """Whether the relation was applied."""
        return not self.reason

    def __str__(self):
        return self.without_reference() + (f" [{self.reference}]" if self.taken and self.reference else "")

    def without_reference(self):
        """Return the step in words, without where its statement can be looked up."""
        names = ", ".join(self.variables) + (" (approximate)" if self.is_approximate else "")
        return f"{self.relation}: {names}" if self.taken else f"left as it is: {names} ({self.reason})"


class Steps(tuple):
    """The steps of one rewrite, in order; prints as text and, in a notebook, as LaTeX, each reference once."""

    def __str__(self):
        return "\n".join(self._lines()) or "nothing to do"

    def _lines(self):
        cited = set()
        for step in self:
            yield step.without_reference() if step.reference in cited else str(step)
            cited.add(step.reference)

    def _repr_pretty_(self, printer, cycle):
        printer.text(str(self))

    def _repr_latex_(self):
        rows = r" \\ ".join(rf"\text{{{_escaped(line)}}}" for line in self._lines()) or r"\text{nothing to do}"
        return rf"$$\begin{{array}}{{l}} {rows} \end{{array}}$$"


def _escaped(text):
    """Escape what is not plain text in LaTeX."""
    return "".join("\\" + c if c in "_&%#${}" else {"\\": r"\textbackslash{}", "^": r"\^{}"}.get(c, c) for c in text)


def keep(result, taken):
    """Keep the steps with the object that a rewrite returned."""
    _kept[result] = Steps(taken)
    return result


def steps(result):
    """Return the `Steps` that led to what a rewrite of this library returned.

    Raises
    ------
    NoStepsError
        When `result` did not come from a rewrite.
    """
    try:
        return _kept[result]
    except (KeyError, TypeError):
        raise NoStepsError(
            f"{type(result).__name__} was returned by no rewrite of symbolic_pymc; pass the result of "
            "conjugate_graph, reparam_graph or rewrite_graph"
        ) from None
