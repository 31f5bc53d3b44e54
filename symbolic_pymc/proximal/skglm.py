"""Regressions that skglm solves by coordinate descent with working sets, handed over to it.

What comes back is where accelerated proximal gradient begins, which ends at once if it is optimal: so that it is
this library that says whether it is.
"""

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from symbolic_pymc.proximal.solvers import fista

TIGHTER = 0.9  # both ask for the same, and round differently
SWEEPS = {"AndersonCD": 200, "ProxNewton": 200, "GroupBCD": 1000, "GroupProxNewton": 200}


@dataclass(frozen=True)
class Level:
    """An unknown of one element without a penalty, that is added to a product.

    Parameters
    ----------
    place : slice
        Of it in the vector of unknowns.
    size : float
        How many of skglm's units one of it is.
    is_column : bool
        Whether it stands in the design, as the last column.
    offset, slopes : float, array or None
        Where skglm is not to find it: the best level for coefficients `w` is ``offset - slopes @ w``.
    """

    place: slice
    size: float = 1.0
    is_column: bool = False
    offset: float = 0.0
    slopes: Any = None


@dataclass(frozen=True)
class Regression:
    """A loss of ``design @ w`` plus a penalty of w, as skglm takes it, and the `Problem` that it is.

    Parameters
    ----------
    design : array, in the order of Fortran
    target : array
    loss, penalty, solver : str
        The names of classes of skglm.
    arguments : dict
        Of the penalty.
    scale : float
        What the objective is divided by, as skglm takes it.
    problem : Problem
    place : slice
        Of the coefficients in the vector of unknowns.
    unit : float
        The coefficients are as many of these as skglm's.
    level : Level or None
    groups : dict
        Arguments of loss and penalty: which coefficients go together.
    """

    design: Any
    target: Any
    loss: str
    penalty: str
    arguments: dict
    solver: str
    scale: float
    problem: Any
    place: slice
    unit: float = 1.0
    level: Any = None
    groups: dict = field(default_factory=dict)

    def nearest(self, x):
        return self.problem.nearest(x)

    def is_finite(self, x):
        return self.problem.is_finite(x)

    def fixed(self, x):
        return self.problem.fixed(x)

    @property
    def has_level(self):
        """Tell whether skglm is to find a level, the last of its coefficients."""
        return self.level is not None and self.level.slopes is None

    @property
    def has_intercept(self):
        """Tell whether that is what it calls an intercept, and no coefficient of a column."""
        return self.has_level and not self.level.is_column

    def lowered(self, x):
        """Return skglm's coefficients for a vector of unknowns."""
        w = x[self.place] / self.unit
        return np.append(w, x[self.level.place] * self.level.size) if self.has_level else w

    def lifted(self, w):
        """Return the vector of unknowns for coefficients of skglm."""
        places = [self.place] + ([] if self.level is None else [self.level.place])
        x = np.empty(max(place.stop for place in places))
        x[self.place] = (w[:-1] if self.has_level else w) * self.unit
        if self.has_level:
            x[self.level.place] = w[-1] / self.level.size
        elif self.level is not None:
            x[self.level.place] = self.level.offset - self.level.slopes @ w
        return x

    def product(self, w):
        """Return what the loss is a function of."""
        return self.design @ w[:-1] + w[-1] if self.has_intercept else self.design @ w


def coordinate_descent(regression, x, tol, limit=100_000, callback=None):
    """Return the `Solution` that skglm finds, checked and if need be improved by accelerated proximal gradient."""
    import skglm.datafits
    import skglm.penalties
    import skglm.solvers

    r = regression
    if limit == 0:
        return fista(r.problem, x, tol, limit, callback)
    loss = getattr(skglm.datafits, r.loss)(**r.groups)
    penalty = getattr(skglm.penalties, r.penalty)(**r.arguments, **r.groups)
    bound = TIGHTER * tol * max(1.0, r.arguments["alpha"] * r.scale) / r.scale
    solve = getattr(skglm.solvers, r.solver)(tol=bound, fit_intercept=r.has_intercept, max_iter=SWEEPS[r.solver])
    w = r.lowered(x)  # it is written into
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # how far it came is seen below
        found = r.lifted(solve.solve(r.design, r.target, loss, penalty, w, r.product(w))[0])
    better = np.all(np.isfinite(found)) and _total(r.problem, found) <= _total(r.problem, x)
    return fista(r.problem, found if better else x, tol, limit, callback)


def _total(problem, x):
    return problem.value(x) + problem.penalty(x)
