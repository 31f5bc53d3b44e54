r"""The alternating direction method of multipliers, for simple functions of linear maps.

.. math::

    \min_x\; l(x) + \sum_j h_j(y_j) \quad\text{subject to}\quad y = K x + c

Every ``h_j`` is met by its proximal operator alone, all maps by one factorisation, the smooth rest ``l`` by its gradient.
"""

from functools import partial

import numpy as np
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse.linalg import splu

from symbolic_pymc.proximal.newton import Tangents, newton
from symbolic_pymc.proximal.solvers import FAR, LIMIT, OPTIMAL, STUCK, UNBOUNDED, Solution

RELAXATION = 1.6
IMBALANCE, CHANGE = 5.0, 2.0
PATIENCE = 20
LARGEST = 2000  # as many unknowns bear a basis of the directions that are left


def admm(problem, x, tol, limit=100_000, callback=None):
    """Return the `Solution` of a `Composite` that the alternating direction method of multipliers converges to.

    The penalty parameter balances both residuals.  What the proximal operators hold at a knot is found after finitely
    many iterations; Newton's method among the points that share it then gives the solution to the last digit, and the
    multipliers with it, which prove it.

    Reference: Boyd, Parikh, Chu, Peleato and Eckstein, Distributed optimization and statistical learning via the
    alternating direction method of multipliers, Foundations and Trends in Machine Learning 3 (2011), 1-122.
    """
    y = problem.prox(problem.image(x), 1.0)
    dual, rho, lipschitz, trace = np.zeros_like(y), 1.0, 0.0 if problem.rest is None else 1.0, []
    solver = _Normal(problem.matrix)
    settled, patience, balance, held = 0, PATIENCE, 10, problem.held(y)
    for iteration in range(1, limit + 1):
        value, gradient = problem.rest_at(x)
        if not (np.isfinite(value) and np.all(np.isfinite(gradient))):
            return Solution(x, STUCK, np.inf, iteration, trace)
        x, lipschitz = _minimized(problem, solver, x, y - dual, value, gradient, rho, lipschitz)
        image = problem.image(x)
        target = RELAXATION * image + (1.0 - RELAXATION) * y + dual
        last, y = y, problem.prox(target, 1.0 / rho)
        dual = target - y
        trace.append(problem.rest_at(x)[0] + problem.cost(y))
        if callback is not None:
            callback(iteration, trace[-1], x)
        if trace[-1] < -FAR or np.max(np.abs(x), initial=0.0) > FAR:
            return Solution(x, UNBOUNDED, np.inf, iteration, trace)
        primal = np.linalg.norm(image - y)
        change = np.linalg.norm(y - last)
        residual = kkt_residual(problem, x, image, rho * dual)
        if residual <= tol:
            return Solution(problem.settled(x, y), OPTIMAL, residual, iteration, trace)
        same = np.array_equal(problem.held(y), held)
        settled, held = (settled + 1, held) if same else (0, problem.held(y))
        if settled >= patience:
            settled, patience = 0, 2 * patience
            exact = polished(problem, x, y, rho * dual, held)
            if exact is not None and (residual := kkt_residual(problem, *exact)) <= tol:
                trace.append(problem.rest_at(exact[0])[0] + problem.cost(exact[1]))
                return Solution(problem.settled(*exact[:2]), OPTIMAL, residual, iteration, trace)
        if iteration == balance:
            balance = max(balance + 10, int(1.2 * balance))  # ever more seldom: a changing parameter proves nothing
            rho, dual = _balanced(rho, dual, primal, change, y)
    return Solution(x, LIMIT, kkt_residual(problem, x, problem.image(x), rho * dual), limit, trace)


def kkt_residual(problem, x, y, dual):
    """Return the larger residual of the two conditions of optimality, each relative to its terms.

    The multipliers must balance the gradient of the smooth function, and be subgradients of the simple ones at `y`.
    """
    _, gradient = problem.rest_at(x)
    pulls = problem.matrix.T @ dual
    size = max(1.0, _largest(dual), _largest(gradient))
    return max(_largest(gradient + pulls) / size, _largest(y - problem.prox(y + dual, 1.0)) / max(1.0, _largest(y)))


def _largest(x):
    return float(np.max(np.abs(x), initial=0.0))


def _minimized(problem, solver, x, aim, value, gradient, rho, lipschitz):
    """Return the next `x`, and the constant for which the quadratic bound of the smooth function holds there."""
    pull = problem.matrix.T @ (aim - problem.offset)
    while True:
        shift = max(lipschitz / rho, solver.least)
        new = solver.solve(pull + shift * x - gradient / rho, shift)
        if problem.rest is None:
            return new, lipschitz
        change = new - x
        bound = value + gradient @ change + 0.5 * lipschitz * change @ change
        if not problem.rest.value(new) > bound + 1e-14 * abs(bound) or lipschitz > FAR:
            return new, lipschitz
        lipschitz *= 2.0


def _balanced(rho, dual, primal, change, y):
    """Return the penalty parameter, and the scaled multipliers for it, such that neither residual is left behind."""
    relative = primal / max(np.linalg.norm(y), 1e-12), change / max(np.linalg.norm(dual), 1e-12)
    if relative[0] > IMBALANCE * relative[1]:
        return rho * CHANGE, dual / CHANGE
    if relative[1] > IMBALANCE * relative[0]:
        return rho / CHANGE, dual * CHANGE
    return rho, dual


class _Normal:
    """The equations ``(shift I + K' K) x = b``, whose factors are kept until the shift changes."""

    def __init__(self, matrix):
        self.product, self.shift, self.factors = matrix.T @ matrix, None, None
        # what no map pins down stays where it is
        self.least = 1e-9 * max(1.0, self.product.diagonal().max(initial=0.0))

    def solve(self, b, shift):
        """Return the solution."""
        if shift != self.shift:
            self.shift, self.factors = shift, self._factors(shift)
        return self.factors(b)

    def _factors(self, shift):
        n = self.product.shape[0]
        if sparse.issparse(self.product):
            return splu((self.product + shift * sparse.eye_array(n)).tocsc()).solve
        return partial(cho_solve, cho_factor(self.product + shift * np.eye(n)))


class _Smooth:
    """The objective as far as it is smooth, for Newton's method: without the elements that are held."""

    def __init__(self, problem, held):
        self.problem, self.free = problem, ~held

    def whole_gradient(self, x):
        """Return the gradient."""
        slopes = np.where(self.free, self.problem.slope(self.problem.image(x)), 0.0)
        return self.problem.rest_at(x)[1] + self.problem.matrix.T @ slopes

    def product(self, x, v):
        """Return the second derivatives times a vector."""
        turned = self.free * (self.problem.matrix @ v)
        bends = self.problem.matrix.T @ np.where(self.free, self.problem.bend(self.problem.image(x), turned), 0.0)
        return bends if self.problem.rest is None else bends + self.problem.rest.product(x, v)


def polished(problem, x, y, dual, held):
    """Return the point, its image and its multipliers where all that is held stays, and the rest is at its best.

    None where there is no such point near.
    """
    if not problem.has_slopes or len(x) > LARGEST:
        return None
    rows = problem.matrix[np.flatnonzero(held)]
    rows = rows.toarray() if sparse.issparse(rows) else rows
    if len(rows):  # first to where the held elements are where they are held
        x = x + np.linalg.lstsq(rows, (y - problem.image(x))[held], rcond=None)[0]

    def stays(_, new):
        image = np.where(held, y, problem.image(new))
        return not np.any(problem.held(image)[~held]) and not problem.crossed(y, image)

    if not stays(x, x):
        return None
    smooth = _Smooth(problem, held)
    better = newton(smooth, x, Tangents(rows), stays)
    x = x if better is None else better
    image = np.where(held, y, problem.image(x))
    if not np.allclose(image, problem.image(x), rtol=1e-11, atol=1e-11 * max(1.0, _largest(y))):
        return None
    slopes = np.where(held, dual, problem.slope(image))
    unbalanced = problem.rest_at(x)[1] + problem.matrix.T @ slopes
    if len(rows):
        slopes[held] -= np.linalg.lstsq(rows.T, unbalanced, rcond=None)[0]
    return x, image, slopes
