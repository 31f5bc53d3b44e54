"""Regressions that skglm solves by coordinate descent with working sets, handed over to it.

What comes back is where accelerated proximal gradient begins, which ends at once if it is optimal: so that it is
this library that says whether it is.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from symbolic_pymc.meta import Term
from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.compiled import problem_of
from symbolic_pymc.proximal.conjugate_values import NoConjugate
from symbolic_pymc.proximal.numbers import grouped, numeric_of, point_of, value_at
from symbolic_pymc.proximal.solvers import fista
from symbolic_pymc.relations.goals import without_unit_axes
from symbolic_pymc.parts import graph_parts

LARGE = 400_000  # elements of a design; what is smaller takes less time than to compile skglm's loops
TIGHTER = 0.1


@dataclass(frozen=True)
class Regression:
    """A loss of ``design @ x`` plus a penalty of x, as skglm takes it, and the `Problem` that it is.

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
    """

    design: Any
    target: Any
    loss: str
    penalty: str
    arguments: dict
    solver: str
    scale: float
    problem: Any

    def nearest(self, x):
        return self.problem.nearest(x)

    def is_finite(self, x):
        return self.problem.is_finite(x)

    def fixed(self, x):
        return self.problem.fixed(x)


def is_large(split):
    """Tell whether skglm is there, and the data so many that it is worth while."""
    if find_spec("skglm") is None or len(split.objective.inputs) != 1 or len(split.smooth) == 0:
        return False
    ops = split.objective.adapter.ops
    return any(
        value is not None and value.size >= LARGE
        for part in split.smooth
        if part.argument is not None
        for value in _designs(ops, part.argument, split.objective.inputs.values())
    )


def regression_of(split, layout):
    """Return the `Regression` that a split objective is; None where it is none that skglm solves."""
    try:
        return _Reader(split, layout).regression()
    except (Unknown, NoConjugate):
        return None


def coordinate_descent(regression, x, tol, limit=100_000, callback=None):
    """Return the `Solution` that skglm finds, checked and if need be improved by accelerated proximal gradient."""
    import skglm.datafits
    import skglm.penalties
    import skglm.solvers

    r = regression
    loss, penalty = getattr(skglm.datafits, r.loss)(), getattr(skglm.penalties, r.penalty)(**r.arguments)
    if limit == 0:
        return fista(r.problem, x, tol, limit, callback)
    bound = TIGHTER * tol * max(1.0, r.arguments["alpha"] * r.scale) / r.scale
    solve = getattr(skglm.solvers, r.solver)(tol=bound, fit_intercept=False, max_iter=200)
    # it writes into the point it is given
    found = solve.solve(r.design, r.target, loss, penalty, x.copy(), r.design @ x)[0]
    better = r.problem.is_finite(found) and _total(r.problem, found) <= _total(r.problem, x)
    return fista(r.problem, np.asarray(found) if better else x, tol, limit, callback)


def _total(problem, x):
    return problem.value(x) + problem.penalty(x)


class _Reader:
    """Reads a split objective as a regression.

    Raises
    ------
    Unknown
        For what skglm does not solve.
    """

    def __init__(self, split, layout):
        if split.composites or len(split.objective.inputs) != 1:
            raise Unknown("more than one unknown")
        self.split, self.layout, self.adapter = split, layout, split.objective.adapter
        ((self.name, self.record),) = split.objective.inputs.items()
        losses, penalties = grouped(split)
        if len(losses) != 1 or self.name not in penalties or len(layout.shapes[self.name]) != 1:
            raise Unknown("not one loss and one penalty of a vector")
        (self.part,) = losses
        self.zero = point_of(split.objective, {self.name: np.zeros(layout.shapes[self.name])})
        numeric, self.offset = numeric_of(self.adapter, self.zero, self.part.function, self.part.argument)
        (self.loss,) = numeric.pieces if len(numeric.pieces) == 1 else (None,)
        self.penalty, _ = numeric_of(self.adapter, self.zero, penalties[self.name], self.record)

    def regression(self):
        design, factors = self._design()
        n = len(design)
        if self.loss is None or self.offset.shape != (n,):
            raise Unknown("a loss in pieces")
        readers = {None: self._squares, "softplus": self._logistic, "exp": self._poisson}
        loss, scales, target, scale = readers.get(self.loss.kind, self._unknown)(n)
        name, arguments = _penalty_of(self.penalty.pieces, scale, self.layout.shapes[self.name])
        solver = "AndersonCD" if loss == "Quadratic" else "ProxNewton"
        problem = problem_of(self.split, self.layout)
        design = np.multiply((scales * factors)[:, None], design, order="F")
        return Regression(design, target, loss, name, arguments, solver, scale, problem)

    def _design(self):
        """Return a matrix, and what to multiply its rows with, for the argument of the loss to be a product with it.

        A matrix is found in the graph; what its rows are multiplied with the argument tells at one point, and whether
        that is all there is at another.
        """
        rng = np.random.default_rng(0)
        probes = rng.normal(size=(2, *self.layout.shapes[self.name]))
        one, other = (self._argument(probe) - self.offset for probe in probes)
        for design in _designs(self.adapter.ops, self.part.argument, [self.record]):
            if design is None or design.ndim != 2 or design.shape != (one.size, probes.shape[1]):
                continue
            with np.errstate(all="ignore"):
                factors = one / (design @ probes[0])
                factors = np.where(np.isclose(np.abs(factors), 1.0, rtol=1e-10), np.sign(factors), factors)
            if np.allclose(other, factors * (design @ probes[1]), rtol=1e-10, atol=1e-10):
                return np.asarray(design, float), factors
        raise Unknown("no product of a matrix and the unknown")

    def _argument(self, probe):
        return value_at(self.adapter, point_of(self.split.objective, {self.name: probe}), self.part.argument)

    def _squares(self, n):
        """Return skglm's name of a loss, factors of the rows, the target, and what the objective is divided by.

        ``square a**2 + linear a`` is half the squared length of scaled residuals.
        """
        square, linear = (np.broadcast_to(v, (n,)) for v in (self.loss.square, self.loss.linear))
        if not np.all(square > 0):
            raise Unknown("no squares")
        root = np.sqrt(2.0 * square * n)
        return "Quadratic", root, root * (-linear / (2.0 * square) - self.offset), 1.0

    def _logistic(self, n):
        factor, rate, linear = (np.broadcast_to(v, (n,)) for v in (self.loss.factor, self.loss.extra, self.loss.linear))
        ups = linear == -rate
        if np.any(factor != 1.0) or np.any(self.offset + self.loss.centre != 0.0) or not np.all(ups | (linear == 0.0)):
            raise Unknown("a logistic loss with weights or an offset")
        return "Logistic", rate, np.where(ups, 1.0, -1.0), n

    def _poisson(self, n):
        rate = np.broadcast_to(self.loss.extra, (n,))
        factor = self.loss.factor * np.exp(rate * self.loss.side * (self.offset - self.loss.centre))
        counts = -np.broadcast_to(self.loss.linear / (rate * self.loss.side), (n,))
        if not np.allclose(factor, 1.0, rtol=1e-14) or np.any(counts < 0):
            raise Unknown("rates with exposures")
        return "Poisson", rate * self.loss.side, counts, n

    def _unknown(self, n):
        raise Unknown(self.loss.kind)


def _designs(ops, argument, inputs):
    """Yield the values of what stands in products with an unknown."""
    inputs = set(inputs)
    for x in graph_parts(argument):
        if isinstance(x, Term) and ops.kind_of(x) in ("dot", "matmul") and without_unit_axes(x.rands[1]) in inputs:
            yield ops.value_of(x.rands[0])


def _uniform(value):
    value = np.unique(value)
    return float(value[0]) if len(value) == 1 else None


def _penalty_of(pieces, scale, shape):
    """Return the name and the arguments of a penalty of skglm, of the objective over `scale`."""
    if any(p.kind is not None for p in pieces):
        raise Unknown("a penalty that is no polynomial")
    read = {1: _of_one_piece, 2: _of_two_pieces, 4: _of_four_pieces}.get(len(pieces))
    found = read and read(pieces, scale, shape)
    if not found:
        raise Unknown("a penalty that skglm has not")
    return found


def _of_one_piece(pieces, scale, shape):
    (p,) = pieces
    weight = _uniform(p.linear)
    if np.all(p.low == 0.0) and np.all(np.isinf(p.high)) and np.all(p.square == 0.0) and weight and weight > 0:
        return "L1", {"alpha": weight / scale, "positive": True}
    return None


def _of_two_pieces(pieces, scale, shape):
    left, right = pieces
    even = np.all(left.linear == -right.linear) and np.all(left.square == right.square) and np.all(right.low == 0.0)
    weight, square = _uniform(right.linear), _uniform(right.square)
    if not even or np.any(right.linear < 0) or square is None or square < 0:
        return None
    if weight is None:
        weights = np.broadcast_to(right.linear, shape)
        return ("WeightedL1", {"alpha": 1.0 / scale, "weights": np.array(weights)}) if square == 0.0 else None
    if square == 0.0:
        return "L1", {"alpha": weight / scale}
    total = weight + 2.0 * square
    return "L1_plus_L2", {"alpha": total / scale, "l1_ratio": weight / total}


def _of_four_pieces(pieces, scale, shape):
    """The minimax concave penalty: a parabola that bends down from the slope at zero, then a constant."""
    outer_left, left, right, outer_right = pieces
    weight, square, end = _uniform(right.linear), _uniform(right.square), _uniform(right.high)
    even = np.all(left.linear == -right.linear) and np.all(left.square == right.square) and np.all(right.low == 0.0)
    flat = all(np.all(p.linear == 0.0) and np.all(p.square == 0.0) for p in (outer_left, outer_right))
    if not (even and flat) or None in (weight, square, end) or square >= 0.0:
        return None
    gamma = -0.5 / square
    symmetric = np.allclose(left.low, -end, rtol=1e-12) and np.isclose(end, gamma * weight, rtol=1e-12)
    return ("MCPenalty", {"alpha": weight / scale, "gamma": gamma * scale}) if symmetric else None
