"""What a backend reads of its mixtures, which stand in no table of laws."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Hurdle:
    """A mixture of the number 0 and of a law that never draws it.

    Parameters
    ----------
    chance : variable
        Of what is not 0; it broadcasts to what the mixture draws.
    law : tuple of variables
        They depend on what the other law depends on.
    """

    chance: Any
    law: tuple

    def mapped(self, f):
        """Return the hurdle of what `f` makes of every variable."""
        return Hurdle(f(self.chance), tuple(map(f, self.law)))


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
