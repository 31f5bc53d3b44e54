"""Newton's method among the points that share what is not smooth about an objective, such as their zeros."""

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve, null_space
from scipy.sparse.linalg import LinearOperator, cg

STEPS, HALVINGS = 20, 10
DENSE = 500  # as many columns of second derivatives are computed one by one; more unknowns are solved for by iteration


class Coordinates:
    """The directions of the elements that are not fixed."""

    def __init__(self, fixed):
        self.fixed, self.free = fixed, np.flatnonzero(~fixed)
        self.size = self.free.size

    def lift(self, w):
        """Return a vector of this space as one of the whole."""
        whole = np.zeros(len(self.fixed))
        whole[self.free] = np.ravel(w)
        return whole

    def lower(self, gradient):
        """Return what a gradient is within this space."""
        return gradient[self.free]


class Tangents:
    """The directions along which the products with some rows do not change."""

    def __init__(self, rows):
        self.basis = null_space(rows) if len(rows) else np.eye(rows.shape[1])
        self.size = self.basis.shape[1]

    def lift(self, w):
        """Return a vector of this space as one of the whole."""
        return self.basis @ np.ravel(w)

    def lower(self, gradient):
        """Return what a gradient is within this space."""
        return self.basis.T @ gradient


def newton(problem, x, space, stays):
    """Return a point with a smaller gradient in a space of directions, or None where a step leaves a piece.

    The second derivatives must be positive definite there.

    Parameters
    ----------
    problem : Problem or Composite
    x : array
    space : Coordinates or Tangents
    stays : callable
        ``stays(x, new)`` tells whether both points are on one smooth piece.
    """
    if not space.size:
        return None
    start, gradient = x, space.lower(problem.whole_gradient(x))
    for _ in range(STEPS):
        step = _step(problem, x, space, gradient)
        if step is None or not np.all(np.isfinite(step)):
            return None
        new = x + space.lift(step)
        if not stays(x, new):
            return None
        new_gradient = space.lower(problem.whole_gradient(new))
        if not np.max(np.abs(new_gradient)) < np.max(np.abs(gradient)):
            break
        x, gradient = new, new_gradient
    return None if x is start else x


def descended(problem, x, fixed, value, enough, steps):
    """Return a point of a smaller objective, and that; None for none.

    Newton's method is used among the elements that are not fixed.  Those that would leave the piece they are on stop at
    its end, where they are fixed from then on.

    Parameters
    ----------
    problem : Problem
    x : vector
    fixed : vector of bool
        Which of its elements are fixed.
    value : float
        Of the objective there.
    enough : float
        The largest element of a gradient at which no step is taken any more.
    steps : int
        As many at most.
    """
    space = Coordinates(fixed)
    if problem.product is None or not 0 < space.size <= problem.most:
        return None
    start, gradient = x, space.lower(problem.whole_gradient(x))
    for _ in range(steps):
        if _largest(gradient) <= enough:
            break
        step = _step(problem, x, space, gradient)
        if step is None or not np.all(np.isfinite(step)):
            break
        new, new_value, stopped = _nearer(problem, x, value, space.lift(step))
        if new is None:
            break
        here = Coordinates(problem.fixed(new)) if stopped else space
        new_gradient = here.lower(problem.whole_gradient(new))
        if not stopped and new_value >= value and not _largest(new_gradient) < _largest(gradient):
            break
        x, value, space, gradient = new, new_value, here, new_gradient
    return None if x is start else (x, value)


def _nearer(problem, x, value, step):
    """Return the first point on the way that is not worse, its value, and whether elements stopped on the way there."""
    length = 1.0
    for _ in range(HALVINGS):
        whole = x + length * step
        new = problem.within(x, whole)
        with np.errstate(all="ignore"):  # what is not possible is not finite, and so not better
            new_value = _total(problem, new)
        if new_value <= value + (problem.rounding * abs(value) if length == 1.0 else 0.0):
            return new, new_value, not np.array_equal(new, whole)
        length *= 0.5
    return None, value, False


def _total(problem, x):
    return problem.value(x) + problem.penalty(x)


def _largest(x):
    return np.max(np.abs(x), initial=0.0)


def _step(problem, x, space, gradient):
    def product(w):
        return space.lower(problem.product(x, space.lift(w)))

    if space.size > DENSE:
        shape = (space.size, space.size)
        found, failed = cg(LinearOperator(shape, product), -gradient, rtol=1e-12, maxiter=20 * space.size)
        return None if failed else found
    hessian = getattr(problem, "hessian", None)
    matrix = hessian(x, space) if hessian else np.stack([product(column) for column in np.eye(space.size)], axis=1)
    try:
        return cho_solve(cho_factor(0.5 * (matrix + matrix.T)), -gradient)
    except (LinAlgError, ValueError):
        return None
