"""What an estimate is, and what is known of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from symbolic_pymc.proximal.gaps import duality_gap
from symbolic_pymc.proximal.shapes import CONVEX
from symbolic_pymc.proximal.solvers import OPTIMAL


def optimum_of(status, curvature):
    """Return what kind of an optimum the end of a search is."""
    if status != OPTIMAL:
        return "none"
    return "global" if curvature == CONVEX else "critical point"


@dataclass(frozen=True)
class MAPResult(Mapping):
    """A maximum a posteriori estimate, a mapping from names to arrays: a point of the model.

    Parameters
    ----------
    values : dict of str to array
        Of the unknowns, under their names and under those that samplers have for them, and of the Deterministics.
    status : str
        "converged", or why not.
    curvature : str
        Of the objective: "convex" where the estimate is a global one; else it is a critical point.
    objective : array
        The negative log density after every iteration, without constants.
    residual : float
        Of the condition of optimality; 0 at an optimum.
    iterations : int
    solver : str
    split : Split
        The smooth function and the penalties that the model was taken apart into.
    active : dict of str to array of bool
        For every unknown that was asked for, which elements stand at no knot of a penalty: are not zero, or at a bound.
    path : list of (int, dict)
        After some of the iterations, the unknowns.
    """

    values: dict = field(repr=False)
    status: str
    curvature: str
    objective: Any = field(repr=False)
    residual: float
    iterations: int
    solver: str
    split: Any = field(repr=False)
    active: dict = field(repr=False)
    path: list = field(repr=False)

    def __getitem__(self, name):
        return self.values[name]

    def __iter__(self):
        return iter(self.values)

    def __len__(self):
        return len(self.values)

    @property
    def optimum(self):
        """Return what kind of an optimum it is: "global", "critical point", or "none" where there is no end of the search."""
        return optimum_of(self.status, self.curvature)

    @cached_property
    def gap(self):
        """Return an upper bound of how far the objective is from its optimum; None where no conjugate is known."""
        return duality_gap(self.split, self.values)

    def latex(self):
        """Return the smooth function and the penalties as LaTeX."""
        return self.split.latex()

    _repr_latex_ = latex

    def plot(self, axes=None):
        """Draw the objective, the way of the unknowns, and where they end, with matplotlib; return the axes.

        Parameters
        ----------
        axes : sequence of three axes, optional
        """
        from symbolic_pymc.proximal.plots import plot

        return plot(self, axes)
