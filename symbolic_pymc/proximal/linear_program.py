r"""Convex objectives that are linear in pieces, handed over to the linear programs of SciPy, which HiGHS solves.

.. math::

    \min_{x,\, t} \sum_i t_i \quad\text{subject to}\quad
    t_i \ge s_{ik}\, a_i + r_{ik}, \qquad l_i \le a_i \le h_i, \qquad a = K x + c

What comes back is brought to where the elements are held, and its multipliers are put to the same conditions of
optimality as any other estimate: it is this library that says whether it is optimal.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from symbolic_pymc.proximal.admm import admm, kkt_residual, polished
from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.composite import Composite
from symbolic_pymc.proximal.numbers import numeric_of, point_of
from symbolic_pymc.proximal.pieces import Piecewise
from symbolic_pymc.proximal.shapes import CONVEX
from symbolic_pymc.proximal.solvers import OPTIMAL, Solution


@dataclass(frozen=True)
class Program:
    """A `Composite` whose functions are linear in pieces.

    Parameters
    ----------
    composite : Composite
    element, slope, intercept : vector
        Of every piece: the element of the image, counted from zero, that it is a function of, and its line.
    low, high : vector
        The ends of the domain of every element.
    """

    composite: Composite
    element: np.ndarray
    slope: np.ndarray
    intercept: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def nearest(self, x):
        return self.composite.nearest(x)

    def is_finite(self, x):
        return self.composite.is_finite(x)

    def fixed(self, x):
        return self.composite.fixed(x)


def program_of(split, layout, composite=None):
    """Return the `Program` that a split objective is, and what it is to `admm`; None where it is not linear in pieces."""
    simple = [(split.objective.inputs[name], f) for name, f in split.functions.items()]
    simple += [(part.argument, part.function) for part in (*split.composites, *split.smooth)]
    if split.curvature != CONVEX or not all(isinstance(f, Piecewise) for _, f in simple):
        return None
    point = point_of(split.objective, {name: np.zeros(shape) for name, shape in layout.shapes.items()})
    try:
        read = [numeric_of(split.objective.adapter, point, f, argument) for argument, f in simple]
    except Unknown:
        return None
    if any(piece.kind is not None or np.any(piece.square != 0.0) for f, _ in read for piece in f.pieces):
        return None
    composite = composite or Composite(split, layout)
    return None if composite.rest is not None else _program(composite, [(f, np.shape(a)) for f, a in read])


def _program(composite, functions):
    elements, slopes, intercepts, low, high, start = [], [], [], [], [], 0
    for function, shape in functions:
        own = np.arange(start, start := start + int(np.prod(shape)))
        for piece in function.pieces:
            elements.append(own)
            slopes.append(_flat(piece.linear, shape))
            intercepts.append(_flat(piece.constant, shape))
        low.append(_flat(function.pieces[0].low, shape))
        high.append(_flat(function.pieces[-1].high, shape))
    return Program(composite, *map(np.concatenate, (elements, slopes, intercepts, low, high)))


def _flat(values, shape):
    return np.ravel(np.broadcast_to(np.asarray(values, float), shape))


def vertex(program, x, tol, limit=100_000, callback=None):
    """Return the `Solution` that HiGHS finds; where it does not meet the conditions of optimality, that of `admm`.

    Reference: Huangfu and Hall, Parallelizing the dual revised simplex method, Mathematical Programming Computation 10
    (2018), 119-142.
    """
    found = _solved(program, limit) if limit else None
    if found is not None and found.status == 0:
        x = found.x[: len(x)]
        solution = _checked(program.composite, x, _multipliers(program, found), tol, found.nit)
        if solution is not None:
            if callback is not None:
                callback(solution.iterations, solution.objective[-1], solution.x)
            return solution
    return admm(program.composite, x, tol, limit, callback)


def _solved(program, limit):
    """Return the result of SciPy."""
    matrix, offset = sparse.csr_array(program.composite.matrix), program.composite.offset
    n, m = matrix.shape[1], len(offset)
    ones = sparse.eye_array(m, format="csr")
    lines = sparse.hstack([sparse.diags_array(program.slope) @ matrix[program.element], -ones[program.element]])
    most = -(program.slope * offset[program.element] + program.intercept)
    below, above = np.flatnonzero(np.isfinite(program.low)), np.flatnonzero(np.isfinite(program.high))
    ends = sparse.vstack([-matrix[below], matrix[above]])
    free = sparse.csr_array((len(below) + len(above), m))
    return linprog(
        np.append(np.zeros(n), np.ones(m)),
        A_ub=sparse.vstack([lines, sparse.hstack([ends, free])]),
        b_ub=np.concatenate([most, (offset - program.low)[below], (program.high - offset)[above]]),
        bounds=(None, None),
        method="highs",
        options={"maxiter": limit},
    )


def _multipliers(program, found):
    """Return the slope of every element that the multipliers of the inequalities are."""
    weights, n = -found.ineqlin.marginals, len(program.element)
    slopes = np.bincount(program.element, weights[:n] * program.slope, len(program.low))
    below, above = np.isfinite(program.low), np.isfinite(program.high)
    slopes[below] -= weights[n : n + below.sum()]
    slopes[above] += weights[n + below.sum() :]
    return slopes


def _checked(composite, x, dual, tol, iterations):
    """Return the `Solution` that a vertex is, to the last digit; None where it does not meet the conditions."""
    y = composite.prox(composite.image(x) + dual, 1.0)
    exact = polished(composite, x, y, dual, composite.held(y))
    for x, y, dual in [(x, y, dual)] if exact is None else [exact, (x, y, dual)]:
        residual = kkt_residual(composite, x, composite.image(x), dual)
        if residual <= tol:
            return Solution(composite.settled(x, y), OPTIMAL, residual, iterations, [composite.cost(y)])
    return None
