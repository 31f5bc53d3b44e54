r"""Convex objectives that are linear in pieces, handed over to the linear programs of SciPy, which HiGHS solves.

.. math::

    \min_x \sum_i h_i\bigl((K x + c)_i\bigr) = \max_u \Bigl\{\langle u, c\rangle - \sum_i h_i^*(u_i)
    \Bigm| K^\top u = 0\Bigr\}

The right side is handed over, whose rows are as many as there are unknowns: the conjugate of a function that is linear
in pieces is so, too; between the slopes of two neighbours its own slope is where they meet, and beyond the first and the
last it is an end of the domain.  The unknowns are the multipliers of the rows.

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
    slope : vector
        Of the first piece of every element of the image.
    element, knot, least, most : vector
        Where slopes change: of which element, at what place of it, and by how much at least and at most.
    """

    composite: Composite
    slope: np.ndarray
    element: np.ndarray
    knot: np.ndarray
    least: np.ndarray
    most: np.ndarray

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
    slopes, changes, start = [], [], 0
    for function, shape in functions:
        own = np.arange(start, start := start + int(np.prod(shape)))
        steep = [_flat(piece.linear, shape) for piece in function.pieces]
        none, more = np.zeros(own.size), np.full(own.size, np.inf)
        slopes.append(steep[0])
        changes.append((own, _flat(function.pieces[0].low, shape), -more, none))
        for piece, before, after in zip(function.pieces[1:], steep, steep[1:]):
            changes.append((own, _flat(piece.low, shape), none, after - before))
        changes.append((own, _flat(function.pieces[-1].high, shape), none, more))
    element, knot, least, most = map(np.concatenate, zip(*changes))
    real = np.isfinite(knot)
    return Program(composite, np.concatenate(slopes), element[real], knot[real], least[real], most[real])


def _flat(values, shape):
    return np.ravel(np.broadcast_to(np.asarray(values, float), shape))


def vertex(program, x, tol, limit=100_000, callback=None):
    """Return the `Solution` that HiGHS finds; where it does not meet the conditions of optimality, that of `admm`.

    Reference: Huangfu and Hall, Parallelizing the dual revised simplex method, Mathematical Programming Computation 10
    (2018), 119-142.
    """
    found = _solved(program, limit) if limit else None
    if found is not None and found.status == 0:
        dual = program.slope + np.bincount(program.element, found.x, len(program.slope))
        solution = _checked(program.composite, found.eqlin.marginals, dual, tol, found.nit)
        if solution is not None:
            if callback is not None:
                callback(solution.iterations, solution.objective[-1], solution.x)
            return solution
    return admm(program.composite, x, tol, limit, callback)


def _solved(program, limit):
    """Return the result of SciPy."""
    rows = sparse.csc_array(program.composite.matrix.T)
    return linprog(
        program.knot - program.composite.offset[program.element],
        A_eq=rows[:, program.element],
        b_eq=-(rows @ program.slope),
        bounds=np.column_stack([program.least, program.most]),
        method="highs",
        options={"maxiter": limit},
    )


def _checked(composite, x, dual, tol, iterations):
    """Return the `Solution` that a vertex is, to the last digit; None where it does not meet the conditions."""
    y = composite.prox(composite.image(x) + dual, 1.0)
    exact = polished(composite, x, y, dual, composite.held(y))
    for x, y, dual in [(x, y, dual)] if exact is None else [exact, (x, y, dual)]:
        residual = kkt_residual(composite, x, composite.image(x), dual)
        if residual <= tol:
            return Solution(composite.settled(x, y), OPTIMAL, residual, iterations, [composite.cost(y)])
    return None
