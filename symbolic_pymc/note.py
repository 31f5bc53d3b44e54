"""What a model knows about a variable beside its mathematics."""

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, eq=False)
class Note:
    """The bookkeeping of one model variable, carried unread through every rewrite.

    Parameters
    ----------
    shape : tuple of int or None
        The static shape of the variable in its model; None when the graph alone decides.
    dims : tuple of (str or None), or None
        Names of the dimensions.
    transform : object or None
        The PyMC transform to the unconstrained space; None for no transform.
    default_transform : bool
        Whether `transform` is what PyMC chooses by itself for the distribution.
    total_size : int, sequence or None
        The size of the whole data set when the variable sees minibatches.
    initval : numpy.ndarray, str or None
        Test or initial value.
    extras : tuple of (str, object)
        What one backend alone needs.
    """

    shape: tuple | None = None
    dims: tuple | None = None
    transform: Any = None
    default_transform: bool = True
    total_size: Any = None
    initval: Any = None
    extras: tuple = ()

    def successor(self):
        """Return the note of a variable that takes the place of this one: its shape, dims and place in the order."""
        return Note(self.shape, self.dims, extras=tuple(e for e in self.extras if e[0] == "position"))

    def continued(self):
        """Return the note of a variable of the same support that takes the place of this one: without a transform, too."""
        is_bare = self.transform is None and not self.default_transform
        return replace(self.successor(), default_transform=False) if is_bare else self.successor()

    def reshaped(self):
        """Return the note of a variable of another shape, which the graph alone decides."""
        return replace(self, shape=None, dims=None)
