"""Newton's method among the elements where an objective is smooth, the others being held."""

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.sparse.linalg import LinearOperator, cg

STEPS = 20
DENSE = 500  # as many columns of second derivatives are computed one by one; more elements are solved for by iteration


def newton(problem, x, fixed):
    """Return a point with a smaller gradient in the elements that are not fixed, or None where a step leaves a piece.

    The second derivatives must be positive definite.
    """
    free = np.flatnonzero(~fixed)
    if not free.size:
        return None
    start, gradient = x, problem.whole_gradient(x)[free]
    for _ in range(STEPS):
        step = _step(problem, x, free, gradient)
        if step is None or not np.all(np.isfinite(step)):
            return None
        new = x.copy()
        new[free] += step
        if np.any(problem.fixed(new) != fixed) or problem.crossed(x, new):
            return None
        new_gradient = problem.whole_gradient(new)[free]
        if not np.max(np.abs(new_gradient)) < np.max(np.abs(gradient)):
            break
        x, gradient = new, new_gradient
    return None if x is start else x


def _step(problem, x, free, gradient):
    def product(v):
        whole = np.zeros_like(x)
        whole[free] = np.ravel(v)
        return problem.product(x, whole)[free]

    if free.size > DENSE:
        found, failed = cg(LinearOperator((free.size, free.size), product), -gradient, rtol=1e-12, maxiter=20 * free.size)
        return None if failed else found
    matrix = np.stack([product(column) for column in np.eye(free.size)], axis=1)
    try:
        return cho_solve(cho_factor(0.5 * (matrix + matrix.T)), -gradient)
    except LinAlgError:
        return None
