"""Leaving points from which an objective that is not convex falls in some direction."""

import numpy as np

from symbolic_pymc.proximal.solvers import OPTIMAL

TRIES, DISTANCE, GAIN = 3, 1e-3, 1e-9


def escaped(solve, problem, solution, tol, limit, watch):
    """Return a solution that small moves in random directions do not improve, as far as they were tried."""
    rng = np.random.default_rng(0)
    for _ in range(TRIES):
        left = limit - solution.iterations
        if solution.status != OPTIMAL or left <= 0:
            break
        moved = solution.x + DISTANCE * (1.0 + np.abs(solution.x)) * rng.normal(size=solution.x.shape)
        other = solve(problem, moved, tol, left, watch)
        if not _is_better(other, solution):
            break
        other.iterations += solution.iterations
        other.objective[:0] = solution.objective
        solution = other
    return solution


def _is_better(other, solution):
    if not other.objective:
        return False
    here, there = solution.objective[-1], other.objective[-1]
    return there < here - GAIN * max(1.0, abs(here))
