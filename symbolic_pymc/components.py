"""What a backend reads of its mixtures, which stand in no table of laws."""

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Mixture:
    """A mixture of constant weights.

    Parameters
    ----------
    weights : numpy.ndarray
        Its last axis goes over the components.
    components : tuple of variables
        A draw of each, of the shape of what the mixture draws.
    """

    weights: np.ndarray
    components: tuple

    def mapped(self, f):
        """Return the same mixture of what `f` makes of its components."""
        return replace(self, components=tuple(map(f, self.components)))
