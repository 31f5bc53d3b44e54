"""The least value of a penalty plus half a squared distance, by search."""

import numpy as np
from scipy.optimize import minimize_scalar

GRID = np.linspace(-30, 30, 60_001)


def excess(phi, step, z, x, grid=GRID, values=None):
    """Return by how much the objective at `x` is above the least that a search finds; `values` are phi on the grid."""
    with np.errstate(all="ignore"):
        values = step * (phi(grid) if values is None else values) + 0.5 * (grid - z) ** 2

        def objective(u):
            return step * float(phi(np.r_[u])[0]) + 0.5 * (u - z) ** 2

        best = int(np.nanargmin(values))
        between = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
        found = minimize_scalar(objective, bounds=between, method="bounded", options={"xatol": 1e-13})
        return objective(x) - np.nanmin([values[best], found.fun])
