"""What a backend reads of its random correlation matrices, which stand in no table of laws."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

# How a draw holds the matrix: what is above its diagonal, row by row; its Cholesky factor; or what is on and below the
# diagonal of a covariance's Cholesky factor, row by row
UPPER, FACTOR, PACKED = "upper", "factor", "packed"


@dataclass(frozen=True)
class Correlations:
    """An LKJ law.

    Parameters
    ----------
    n : int or None
        How many variables there are correlations of; None where that is not known.
    eta : variable
        The shape, a number: the density of a matrix R is proportional to ``det(R) ** (eta - 1)``.
    layout : str
    deviations : variable or None
        A draw of the standard deviations that a covariance has.
    """

    n: int | None
    eta: Any
    layout: str
    deviations: Any = None

    def mapped(self, f):
        """Return the same law of what `f` makes of its variables."""
        return replace(self, eta=f(self.eta), deviations=None if self.deviations is None else f(self.deviations))


def below(n):
    """Return the row and the column of each element below the diagonal, row by row."""
    return np.tril_indices(n, k=-1)


def positions(n, layout):
    """Return where in a matrix, flattened, the elements of a draw stand."""
    row, column = np.triu_indices(n, k=1) if layout == UPPER else np.tril_indices(n)
    return row * n + column
