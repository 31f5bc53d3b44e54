"""Split objectives read as regressions: one loss of a matrix times one unknown, one penalty of that, and a level."""

from importlib.util import find_spec

import numpy as np

from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.designs import designs_in, scaled_design
from symbolic_pymc.proximal.mapped import mapped_or_whole
from symbolic_pymc.proximal.numbers import numeric_of, of_terms, point_of, separated, value_at
from symbolic_pymc.proximal.pieces import Piecewise
from symbolic_pymc.proximal.skglm import Level, Regression
from symbolic_pymc.proximal.sparsity import groups_of, penalty_of

LARGE = 400_000  # elements of a design; what is smaller takes less time than to compile skglm's loops
CLOSE = 1e-10
SOLVERS = {"Quadratic": "AndersonCD", "Logistic": "ProxNewton", "Poisson": "ProxNewton"}
GROUP_SOLVERS = {"Quadratic": "GroupBCD", "Logistic": "GroupProxNewton", "Poisson": "GroupProxNewton"}


def is_large(split):
    """Tell whether skglm is there, and the data so many that it is worth while."""
    if find_spec("skglm") is None or len(split.objective.inputs) > 2:
        return False
    ops = split.objective.adapter.ops
    return any(
        value is not None and value.size >= LARGE
        for part in split.smooth
        if part.argument is not None
        for value in designs_in(ops, part.argument, split.objective.inputs.values())
    )


def regression_of(split, layout, problem=None):
    """Return the `Regression` that a split objective is, and what it is to our own algorithms; None where skglm has none."""
    try:
        return _Reader(split, layout).regression(problem)
    except Unknown:
        return None


class _Reader:
    """Reads a split objective as a regression.

    Raises
    ------
    Unknown
        For what skglm does not solve.
    """

    def __init__(self, split, layout):
        self.split, self.layout, self.objective = split, layout, split.objective
        self.adapter, self.inputs = split.objective.adapter, split.objective.inputs
        if split.composites or self.objective.scales:
            raise Unknown("a function of a map of the unknowns that is not smooth")
        losses, terms = separated(split)
        if len(losses) != 1 or len(terms) != 1:
            raise Unknown("not one loss and one penalty")
        ((self.part,), (self.name,)) = losses, terms
        self.levels = [name for name in layout.shapes if name != self.name]
        if len(self.levels) > 1 or any(np.prod(layout.shapes[name], dtype=int) != 1 for name in self.levels):
            raise Unknown("more than one unknown beside the coefficients")
        self.shape, self.terms = layout.shapes[self.name], terms[self.name]
        self.zeros = {name: np.zeros(shape) for name, shape in layout.shapes.items()}
        self.zero = point_of(self.objective, self.zeros)
        numeric, self.offset = self._numeric(self.part.function, self.part.argument)
        (self.loss,) = numeric.pieces if len(numeric.pieces) == 1 else (None,)

    def regression(self, problem):
        n = self.offset.size
        if self.loss is None or self.offset.shape != (n,):
            raise Unknown("a loss in pieces")
        readers = {None: self._squares, "softplus": self._logistic, "exp": self._poisson}
        loss, scales, target, scale = readers.get(self.loss.kind, self._unknown)(n)
        penalty, arguments, unit, groups = self._penalty(scale)
        design, factors = self._design()
        if loss == "Logistic":  # what turns the sign of an argument may as well turn that of its target
            scales, target = scales * np.sign(factors), target * np.sign(factors)
        column = scales * self._column() if self.levels else None
        is_column = column is not None and loss != "Quadratic" and _is_own(penalty, column)
        if is_column:
            penalty, arguments = _with_free_column(arguments, design.shape[1])
        design = _filled(scales * factors * unit, design, column if is_column else None)
        level = None if column is None else self._level(loss, column, is_column, design, target)
        return Regression(
            design,
            target if level is None else target - level.offset * column,
            f"{loss}Group" if groups else loss,
            penalty,
            arguments,
            (GROUP_SOLVERS if groups else SOLVERS)[loss],
            scale,
            mapped_or_whole(self.split, self.layout),
            self.layout.slices[self.name],
            unit,
            level,
            groups,
        )

    def _numeric(self, function, argument):
        return numeric_of(self.adapter, self.zero, function, argument)

    def _penalty(self, scale):
        """Return the name of a penalty of skglm, its arguments, the unit of its coefficients, and their groups."""
        function = self.split.functions.get(self.name)
        if function is None or isinstance(function, Piecewise):
            function = of_terms(self.objective, self.name, self.terms)
            pieces = self._numeric(function, self.inputs[self.name])[0].pieces
            return *penalty_of(pieces, scale, self.shape), {}
        if len(self.terms) != len(self.split.penalties[self.name]):
            raise Unknown("groups, and another penalty")
        return groups_of(
            function, scale, self.shape, self.adapter.ops, lambda f: self._numeric(f, function.argument)[0]
        )

    def _design(self):
        """Return a matrix, and what to multiply its rows with, for the argument of the loss to be a product with it."""
        designs = designs_in(self.adapter.ops, self.part.argument, [self.inputs[self.name]])
        size = int(np.prod(self.shape))
        return scaled_design(lambda probe: self._moved(self.name, probe.reshape(self.shape)), size, designs)

    def _moved(self, name, value):
        """Return by how much an unknown moves the argument of the loss from where all are zero."""
        point = point_of(self.objective, {**self.zeros, name: value})
        return value_at(self.adapter, point, self.part.argument) - self.offset

    def _column(self):
        (name,) = self.levels
        return self._moved(name, np.ones(self.layout.shapes[name]))

    def _level(self, loss, column, is_column, design, target):
        r"""Return the `Level`; of squares it is taken out of the design, as the best for all coefficients:

        .. math::

            \min_b \lVert y - c b - X w \rVert = \Bigl\lVert \Bigl(I - \frac{c c^\top}{c^\top c}\Bigr) (y - X w) \Bigr\rVert
        """
        place = self.layout.slices[self.levels[0]]
        if not np.any(column):
            raise Unknown("a level that does not count")
        if loss != "Quadratic":
            return Level(place, is_column=True) if is_column else Level(place, _same(column))
        length = column @ column
        slopes = column @ design / length
        for j, slope in enumerate(slopes):
            design[:, j] -= slope * column
        return Level(place, offset=float(column @ target / length), slopes=slopes)

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
        return "Logistic", np.abs(rate), np.where(ups, 1.0, -1.0) * np.sign(rate), n

    def _poisson(self, n):
        rate = np.broadcast_to(self.loss.extra, (n,))
        factor = self.loss.factor * np.exp(rate * self.loss.side * (self.offset - self.loss.centre))
        counts = -np.broadcast_to(self.loss.linear / (rate * self.loss.side), (n,))
        if not np.allclose(factor, 1.0, rtol=1e-14) or np.any(counts < 0):
            raise Unknown("rates with exposures")
        return "Poisson", rate * self.loss.side, counts, n

    def _unknown(self, n):
        raise Unknown(self.loss.kind)


def _same(column):
    """Return the element that a column has throughout."""
    if not np.allclose(column, column[0], rtol=CLOSE, atol=0.0):
        raise Unknown("a level that is not the same for all data")
    return float(column[0])


def _is_own(penalty, column):
    """Tell whether a level is one of the weighted coefficients: skglm has no intercept beside these, nor one that varies."""
    return penalty == "WeightedL1" or penalty == "L1" and np.ptp(column) > 0.0


def _with_free_column(arguments, size):
    """Return the penalty of `size` coefficients as one of these and another, that has none."""
    if arguments.get("positive"):
        raise Unknown("a level that is not the same for all data, beside positive coefficients")
    weights = np.append(np.broadcast_to(arguments.get("weights", 1.0), size), 0.0)
    return "WeightedL1", {"alpha": arguments["alpha"], "weights": weights}


def _filled(rows, design, column):
    """Return a matrix in the order of Fortran, with its rows multiplied, and a last column where there is one."""
    n, size = design.shape
    filled = np.empty((n, size + (column is not None)), order="F")
    np.multiply(rows[:, None], design, out=filled[:, :size])
    if column is not None:
        filled[:, size] = column
    return filled
