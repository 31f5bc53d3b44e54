"""Algorithms that make the sum of a smooth and a simple function small, given a gradient and a proximal operator."""

from dataclasses import dataclass, field
from typing import Callable

import numpy as np

from symbolic_pymc.proximal.newton import STEPS, descended

OPTIMAL, LIMIT, UNBOUNDED, STUCK = "converged", "iteration limit", "unbounded", "no finite value"
GROWTH, SHRINKAGE = 2.0, 0.95
FAR = 1e100
ENOUGH = 1e-3  # of the bound: Newton's method need not go on
HASTY = 10  # as many steps of it are tried at once
FEW = 64  # roundings of a gradient


@dataclass(frozen=True)
class Problem:
    """What an algorithm may ask for; a point is a vector.

    Parameters
    ----------
    gradient : callable
        ``gradient(x)`` returns the value of the smooth function and its gradient.
    value : callable
        ``value(x)`` returns the value of the smooth function.
    penalty : callable
        ``penalty(x)`` returns the value of the simple function.
    prox : callable
        ``prox(z, step)`` returns its proximal operator.
    fixed : callable
        ``fixed(x)`` tells for every element whether it stands where the simple function is not smooth.
    within : callable
        ``within(x, y)`` returns the second of two points with every element that has left its piece at the end of it.
    slope, product : callable
        ``slope(x)`` returns the gradient of the simple function, ``product(x, v)`` the second derivatives of the sum of
        both times a vector; they count where no element is fixed.
    rounding : float
        Of values, relative.
    patience : int
        After how many iterations Newton's method is tried: it costs as many products as there are unknowns.
    most : float
        Among how many elements: of more the second derivatives are not positive definite.
    cheap : float
        Among how many elements a step of it takes no longer than some gradients.
    """

    gradient: Callable
    value: Callable
    penalty: Callable
    prox: Callable
    fixed: Callable
    within: Callable
    slope: Callable
    product: Callable
    rounding: float = 1e-14
    patience: int = 20
    most: float = np.inf
    cheap: float = 0.0

    def renewed(self):
        """Return the objective for other numbers that are compiled with it: itself, as it remembers nothing."""
        return self

    def nearest(self, x):
        """Return a point, or the nearest one where the simple function is finite."""
        return x if np.isfinite(self.penalty(x)) else self.prox(x, 1.0)

    def whole_gradient(self, x):
        """Return the gradient of the sum of both; it counts where no element is fixed."""
        return self.gradient(x)[1] + self.slope(x)

    def is_finite(self, x):
        """Tell whether the objective and the gradient are finite at a point."""
        value, gradient = self.gradient(x)
        return bool(np.isfinite(value) and np.all(np.isfinite(gradient)) and np.isfinite(self.penalty(x)))


@dataclass
class Solution:
    """A point, and how it was found.

    Parameters
    ----------
    x : vector
    status : str
    residual : float
        The largest element of ``(x - prox(x - gradient / L)) * L``, which is 0 at an optimum.
    iterations : int
    objective : list of float
        After every iteration.
    """

    x: np.ndarray
    status: str
    residual: float
    iterations: int
    objective: list = field(repr=False)


def fista(problem, x, tol, limit=100_000, callback=None):
    """Accelerated proximal gradient with restarts, steps that may grow again, and Newton's method at the end.

    Where the elements that are not smooth have stayed where they are for some iterations, Newton's method finds better
    values of the others; in the beginning one step of it is tried at once where that is cheap.  The momentum starts
    anew when it points uphill; the estimate of the Lipschitz constant doubles until the quadratic bound holds, and
    shrinks a little after every step.

    Reference: Beck and Teboulle, A fast iterative shrinkage-thresholding algorithm for linear inverse problems, SIAM J.
    Imaging Sciences 2 (2009), 183-202; O'Donoghue and Candes, Adaptive restart for accelerated gradient schemes,
    Foundations of Computational Mathematics 15 (2015), 715-732.
    """
    problem = problem.renewed()  # nothing is left of an earlier call
    x = problem.nearest(x)
    y, momentum, lipschitz, trace = x, 1.0, _bend(problem, x), []
    patience, settled, hasty, fixed = problem.patience, 0, HASTY, problem.fixed(x)
    for iteration in range(1, limit + 1):
        value, gradient = problem.gradient(y)
        if not (np.isfinite(value) and np.all(np.isfinite(gradient))):
            if y is x:
                return Solution(x, STUCK, np.inf, iteration, trace)
            y, momentum = x, 1.0
            continue
        bound = tol * max(1.0, _largest(gradient))
        new = problem.prox(y - gradient / lipschitz, 1.0 / lipschitz)
        residual = float(lipschitz * _largest(new - y))
        if y is x and residual <= bound and np.array_equal(problem.fixed(new), fixed):
            trace.append(value + problem.penalty(x))  # what stands at a knot stays there
            return Solution(x, *_verdict(problem, x, gradient, lipschitz, residual, bound), iteration, trace)
        new, value, lipschitz = _step(problem, y, value, gradient, lipschitz, new)
        if new is None:
            return Solution(x, STUCK, np.inf, iteration, trace)
        change = new - y
        trace.append(value + problem.penalty(new))
        if callback is not None:
            callback(iteration, trace[-1], new)
        if trace[-1] < -FAR or _largest(new) > FAR:
            return Solution(new, UNBOUNDED, np.inf, iteration, trace)
        if lipschitz * _largest(change) <= bound:
            gradient = problem.gradient(new)[1]
            residual = _residual(problem, new, gradient, lipschitz)
            return Solution(new, *_verdict(problem, new, gradient, lipschitz, residual, bound), iteration, trace)
        last, fixed = fixed, problem.fixed(new)
        settled = settled + 1 if np.array_equal(fixed, last) else 0
        is_settled = settled >= patience
        if is_settled or hasty and fixed.size - np.count_nonzero(fixed) <= problem.cheap:
            better = descended(problem, new, fixed, trace[-1], ENOUGH * bound, STEPS if is_settled else 1)
            if is_settled:
                settled, patience = 0, 2 * patience if better is None else patience
            else:
                hasty -= 1
            if better is not None:
                x, trace[-1] = better
                y, momentum, fixed = x, 1.0, problem.fixed(x)
                continue
        momentum = 1.0 if change @ (new - x) < 0 else momentum
        following = 0.5 * (1.0 + np.sqrt(1.0 + 4.0 * momentum**2))
        y = new + (momentum - 1.0) / following * (new - x)
        x, momentum, lipschitz = new, following, SHRINKAGE * lipschitz
    return Solution(x, LIMIT, _residual(problem, x, problem.gradient(x)[1], lipschitz), limit, trace)


def _bend(problem, x):
    """Return how much the gradient changes along itself: a first step that is far too long can end in another valley."""
    _, gradient = problem.gradient(x)
    length = np.linalg.norm(gradient)
    if not 0.0 < length < np.inf:
        return 1.0
    small = 1e-6 * max(1.0, np.linalg.norm(x)) / length
    change = np.linalg.norm(problem.gradient(x - small * gradient)[1] - gradient) / (small * length)
    return float(change) if 0.0 < change < np.inf else 1.0


def _step(problem, y, value, gradient, lipschitz, new):
    """Return the next point, its smooth value and the constant for which the quadratic bound holds there."""
    while lipschitz < FAR:
        change = new - y
        bound = value + gradient @ change + 0.5 * lipschitz * change @ change
        new_value = problem.value(new)
        if new_value <= bound + problem.rounding * abs(bound):
            return new, new_value, lipschitz
        lipschitz *= GROWTH
        new = problem.prox(y - gradient / lipschitz, 1.0 / lipschitz)
    return None, value, lipschitz


def _verdict(problem, x, gradient, lipschitz, residual, bound):
    """Return the status of a point at which no step is made, and its residual.

    Steps are lost to rounding where the objective bends so much, and where it is not finite beside the point.
    """
    rounding = np.finfo(float).eps * _largest(x)
    if lipschitz * rounding <= bound:
        return OPTIMAL, residual
    bend = min(lipschitz, _bend(problem, x))
    residual = max(residual, _residual(problem, x, gradient, bend))
    return OPTIMAL if residual <= max(bound, FEW * bend * rounding) else STUCK, residual


def _residual(problem, x, gradient, lipschitz):
    return float(_largest(x - problem.prox(x - gradient / lipschitz, 1.0 / lipschitz)) * lipschitz)


def _largest(x):
    return np.max(np.abs(x), initial=0.0)
