"""The errors this library raises; each message names the variable, the rule broken and the way out."""


class SymbolicPyMCError(Exception):
    """Base class of every error of this library."""


class ConversionError(SymbolicPyMCError, TypeError):
    """An object that no backend can turn into a term, or a term that cannot be turned back."""


class UnsupportedDistributionError(SymbolicPyMCError, TypeError):
    """A distribution that cannot travel through the graph form of a model."""


class ModelGraphError(SymbolicPyMCError, ValueError):
    """A graph that is no model: unnamed or duplicate variables, wrong shapes or dtypes, generator cycles."""


class ArgumentError(SymbolicPyMCError, TypeError, ValueError):
    """An argument of a call that is of the wrong type or out of range."""


class NoProximalOperator(SymbolicPyMCError, ValueError):
    """A term of a log density that is not smooth, and whose proximal operator is not known."""


class NotDifferentiable(SymbolicPyMCError, ValueError):
    """An operation whose derivatives a backend does not have."""


class NotConvexError(SymbolicPyMCError, ValueError):
    """A global optimum was asked for, of an objective that is not convex or not known to be."""


class NotFiniteError(SymbolicPyMCError, ValueError):
    """A log density that is nan or infinite where it should be made large: bad data, or a bad start."""


class NoStepsError(SymbolicPyMCError, KeyError):
    """An object that no rewrite returned, asked for its steps."""

    __str__ = Exception.__str__


class RelationError(SymbolicPyMCError, RuntimeError):
    """A relation that raised while it was applied (the cause is chained), or that gave what is no goal or term."""


class NonTerminationError(SymbolicPyMCError, RuntimeError):
    """A rewrite that reached its bound without a fixed point; `last` is the last graph."""

    def __init__(self, message, last=None):
        super().__init__(message)
        self.last = last


class DisprovedError(SymbolicPyMCError, AssertionError):
    """Two models that are not what a relation says of them; the message has the point and the densities there."""
