"""Maximum a posteriori estimates by proximal methods that are derived from the model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from symbolic_pymc.api import adapter_of
from symbolic_pymc.errors import ArgumentError
from symbolic_pymc.proximal.compiled import Layout, problem_of
from symbolic_pymc.proximal.objective import objective_of, shapes_of
from symbolic_pymc.proximal.solvers import fista
from symbolic_pymc.proximal.split import split_objective


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
    split : Split
        The smooth function and the penalties that the model was taken apart into.
    """

    values: dict = field(repr=False)
    status: str
    curvature: str
    objective: Any = field(repr=False)
    residual: float
    iterations: int
    split: Any = field(repr=False)

    def __getitem__(self, name):
        return self.values[name]

    def __iter__(self):
        return iter(self.values)

    def __len__(self):
        return len(self.values)


def find_map(model, start=None, tol=1e-8):
    """Return the values of the unknowns of a model at which its density is largest.

    The log density is taken apart into a smooth function and simple ones, whose proximal operators are derived; what
    they set to zero is zero. As with the ``find_MAP`` of PyMC3 the density is that of the variables themselves, without
    the Jacobians of transforms.

    Parameters
    ----------
    model : PyMC3 or PyMC model, or FunctionGraph of one
    start : mapping of str to array, optional
        Where to begin; zeros, or the nearest values that are possible, by default.
    tol : float
        Of the condition of optimality, relative to the gradient.

    Returns
    -------
    MAPResult

    Raises
    ------
    NoProximalOperator
        For a part of the density that is neither smooth nor a function of one variable, element by element.
    ArgumentError
        For a `start` that has other names or shapes than the unknowns.
    """
    adapter = adapter_of(model)
    with adapter.build_context():
        split = split_objective(objective_of(model))
        zeros = {name: np.zeros(shape) for name, shape in shapes_of(split.objective).items()}
        layout = Layout(zeros)
        problem = problem_of(split, layout)
    solution = fista(problem, layout.vector(_started(zeros, start)), tol)
    values = layout.values(solution.x)
    return MAPResult(
        adapter.point(model, values) if isinstance(model, adapter.model) else values,
        solution.status,
        split.curvature,
        np.array(solution.objective),
        solution.residual,
        solution.iterations,
        split,
    )


def _started(zeros, start):
    unknown = set(start or ()) - set(zeros)
    if unknown:
        raise ArgumentError(f"start: {', '.join(sorted(unknown))} is no unknown of the model; it has {', '.join(zeros)}")
    given = {name: np.asarray(value, dtype="float64") for name, value in (start or {}).items()}
    for name, value in given.items():
        if value.shape != zeros[name].shape:
            raise ArgumentError(f"start: {name} has the shape {zeros[name].shape}, not {value.shape}")
    return zeros | given
