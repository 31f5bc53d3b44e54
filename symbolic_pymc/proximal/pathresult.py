"""What the estimates along a path are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from symbolic_pymc.proximal.result import optimum_of


@dataclass(frozen=True)
class Step:
    """One estimate of a path; `values` are those of what was asked for, `known` those of all unknowns."""

    values: dict
    known: dict
    status: str
    curvature: str
    objective: float
    residual: float
    iterations: int
    solver: str
    active: dict


@dataclass(frozen=True)
class PathResult(Mapping):
    """Estimates along a path: a mapping from the names of unknowns to arrays, whose first axis is the path.

    Parameters
    ----------
    parameter : str
        What was varied.
    grid : array
        Its values.
    steps : tuple of Step
    split : Split
        What the model was taken apart into; at the last value, where it was so for each.
    complete : callable
        ``complete(known)`` returns the point of the model that the values of all unknowns are.
    """

    parameter: str
    grid: Any = field(repr=False)
    steps: tuple = field(repr=False)
    split: Any = field(repr=False)
    complete: Any = field(repr=False)

    def __getitem__(self, name):
        return np.stack([step.values[name] for step in self.steps])

    def __iter__(self):
        return iter(self.steps[0].values)

    def __len__(self):
        return len(self.steps[0].values)

    @property
    def active(self):
        """Return for every unknown which of its elements stand at no knot of a penalty, along the path."""
        return {name: np.stack([step.active[name] for step in self.steps]) for name in self}

    @property
    def status(self):
        """Return of every estimate "converged", or why not."""
        return tuple(step.status for step in self.steps)

    @property
    def optimum(self):
        """Return what kind of an optimum every estimate is: "global", "critical point" or "none"."""
        return tuple(optimum_of(step.status, step.curvature) for step in self.steps)

    @property
    def objective(self):
        """Return the negative log density at every estimate, constants included."""
        return np.array([step.objective for step in self.steps])

    @property
    def residual(self):
        """Return of every estimate how far the condition of optimality is from being met; 0 at an optimum."""
        return np.array([step.residual for step in self.steps])

    @property
    def iterations(self):
        """Return how many iterations every estimate took."""
        return np.array([step.iterations for step in self.steps])

    @property
    def solver(self):
        """Return by what algorithm every estimate was found."""
        return tuple(step.solver for step in self.steps)

    def point(self, i):
        """Return the estimate at a place in the path as a point of the model: with what samplers call it, too."""
        return self.complete(self.steps[i].known)

    def plot(self, axes=None):
        """Draw the estimates against the parameter, and how many are free, with matplotlib; return the axes.

        Parameters
        ----------
        axes : sequence of two axes, optional
        """
        from symbolic_pymc.proximal.plots import plot_path

        return plot_path(self, axes)
