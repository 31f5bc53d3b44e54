r"""A split objective whose loss is computed, element by element, from one linear map of the unknowns.

.. math::

    f(A x + c) + s(x)

The matrix is that of the model, so that its columns can be taken one by one for second derivatives.
"""

from dataclasses import replace

import numpy as np

from symbolic_pymc.errors import NotDifferentiable
from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.compiled import Compiled, problem_of, total_of
from symbolic_pymc.proximal.cores import members
from symbolic_pymc.proximal.designs import linear_map
from symbolic_pymc.proximal.pieces import Piecewise
from symbolic_pymc.parts import substitute

ROWS = 512  # as many are multiplied together: copies of a whole matrix take its place in memory again
CHEAP = 10.0  # times the root of the number of columns: second derivatives among as many cost some gradients


def mapped_or_whole(split, layout):
    """Return the `Mapped` objective that a split one is; where it is none, its `Problem`."""
    try:
        return _mapped(split, layout)
    except (Unknown, NotDifferentiable):
        return problem_of(split, layout)


def _mapped(split, layout):
    own = tuple(p for p in split.smooth if p.argument in split.objective.inputs.values())
    losses = [p for p in split.smooth if p not in own]
    if not losses or split.composites or not all(isinstance(p.function, Piecewise) for p in split.smooth):
        raise Unknown("not computed element by element")
    blocks = _blocks(split, layout)
    matrix, images = linear_map(split, layout, [p.argument for p in losses])
    rest = problem_of(replace(split, smooth=own), layout)
    if rest.product is None:
        raise Unknown("no second derivatives")
    return Mapped(rest, _Loss(split.objective.adapter, losses, images), matrix, images.offset, bool(own), blocks)


def _blocks(split, layout):
    """Return the blocks of unknowns that simple functions take together, a row each, filled up with -1.

    Raises
    ------
    Unknown
        For a simple function that is neither one of elements nor of lengths, and for blocks that share elements.
    """
    found = []
    for name, place in layout.slices.items():
        shape, cores = layout.shapes[name], getattr(split.functions.get(name), "cores", ())
        own = [rows for core in cores for rows in members(core, split.functions[name].argument, shape, _ops(split))]
        taken = np.concatenate([np.zeros(0, int), *own])
        alone = np.ones(place.stop - place.start, bool)
        alone[taken] = False
        if len(taken) + alone.sum() != alone.size:
            raise Unknown("blocks that share elements")
        found += [place.start + rows for rows in (*own, *np.flatnonzero(alone)[:, None])]
    blocks = np.full((len(found), max(map(len, found))), -1)
    for row, rows in zip(blocks, found):
        row[: len(rows)] = rows
    return blocks


def _ops(split):
    return split.objective.adapter.ops


class _Loss:
    """The sum of functions of the elements of an image, with its first and second derivatives there."""

    def __init__(self, adapter, parts, images):
        arguments = [p.argument for p in parts]
        inputs = [base.type() for base in reify_many(arguments)]
        put = {argument: metatize(z) for argument, z in zip(arguments, inputs)}
        total = total_of(adapter, [substitute(p.term, put) for p in parts])
        slopes = adapter.gradient(total, inputs)
        bends = adapter.gradient(sum(slope.sum() for slope in slopes), inputs)
        self.images = images
        self._slope, self._bend = (Compiled(adapter, images, inputs, outputs) for outputs in ([total, *slopes], bends))

    def slope(self, a):
        """Return the value and the gradient."""
        value, *slopes = self._slope(a)
        return float(value), self.images.joined(slopes)

    def bend(self, a):
        """Return the second derivatives of the elements."""
        return self.images.joined(self._bend(a))


class Last:
    """A function of a vector that knows what it has returned last."""

    def __init__(self, function):
        self.function, self.x, self.value = function, None, None

    def __call__(self, x):
        if self.x is None or not np.array_equal(x, self.x):
            self.x, self.value = x.copy(), self.function(x)
        return self.value


class Mapped:
    """The objective as a function of all unknowns.

    Parameters
    ----------
    rest : Problem
        The function s of all unknowns, computed element by element.
    loss : _Loss
    matrix : array
        The columns of the unknowns.
    offset : vector
        What is added to their product.
    is_smooth : bool
        Whether there is something smooth in the rest.
    blocks : integer matrix
        The unknowns that a function of the rest takes together, a row each, filled up with -1.
    """

    patience = 1

    def __init__(self, rest, loss, matrix, offset, is_smooth, blocks):
        self.rest, self.loss, self.matrix, self.offset, self.is_smooth = rest, loss, matrix, offset, is_smooth
        self.blocks = blocks
        self.rounding = rest.rounding
        self.cheap = min(CHEAP * np.sqrt(matrix.shape[1]), len(matrix))
        self.bent = None  # the last second derivatives of the loss: those of squares do not change
        self.most = len(matrix) * blocks.shape[1]  # along its length the function of a block does not bend
        self.image, self.inner, self.gradient = Last(self._image), Last(self._inner), Last(self._gradient)

    def renewed(self):
        """Return the objective without what it remembers, for numbers that are compiled with it to be others."""
        return Mapped(self.rest, self.loss, self.matrix, self.offset, self.is_smooth, self.blocks)

    def _image(self, x):
        """Return what the loss is a function of."""
        return self.matrix @ x + self.offset

    def value(self, x):
        value, _ = self.inner(x)
        return value + self.rest.value(x) if self.is_smooth else value

    def _inner(self, x):
        """Return the value of the loss and its derivatives by the elements of the image."""
        return self.loss.slope(self.image(x))

    def _gradient(self, x):
        """Return the value of the smooth function and its gradient."""
        value, slope = self.inner(x)
        gradient = self.matrix.T @ slope
        if not self.is_smooth:
            return value, gradient
        own, slopes = self.rest.gradient(x)
        return value + own, gradient + slopes

    def penalty(self, x):
        return self.rest.penalty(x)

    def prox(self, z, step):
        return self.rest.prox(z, step)

    def fixed(self, x):
        return self.rest.fixed(x)

    def within(self, x, new):
        return self.rest.within(x, new)

    def nearest(self, x):
        """Return a point, or the nearest one where the objective is finite."""
        return x if np.isfinite(self.penalty(x)) else self.prox(x, 1.0)

    def is_finite(self, x):
        """Tell whether the objective and the gradient are finite at a point."""
        value, gradient = self.gradient(x)
        return bool(np.isfinite(value) and np.all(np.isfinite(gradient)) and np.isfinite(self.penalty(x)))

    def whole_gradient(self, x):
        """Return the gradient of the sum; it counts where no element is fixed."""
        return self.gradient(x)[1] + self.rest.slope(x)

    def product(self, x, v):
        """Return the second derivatives times a vector."""
        return self.matrix.T @ (self.loss.bend(self.image(x)) * (self.matrix @ v)) + self.rest.product(x, v)

    def hessian(self, x, space):
        """Return the second derivatives among the elements that are not fixed.

        Those of squares do not change: once they are asked for among others, they are kept for all that were free.
        """
        bend, free = self.loss.bend(self.image(x)), space.free
        if self.bent is None or not np.array_equal(bend, self.bent[0]):
            self.bent = bend, free, self._loss_hessian(bend, free)
        _, known, among = self.bent
        if free is not known and not np.all(np.isin(free, known)):
            known = np.union1d(free, known)
            known = known if 2 * known.size < x.size else np.arange(x.size)
            among = self._loss_hessian(bend, known)
            self.bent = bend, known, among
        if free.size < known.size:
            places = np.searchsorted(known, free)
            among = among[np.ix_(places, places)]
        return among + self._own_hessian(x, free)

    def _loss_hessian(self, bend, free):
        """Return the second derivatives of the loss among some elements."""
        total, root = np.zeros((free.size, free.size)), np.sqrt(np.abs(bend))
        sign = np.sign(bend) if np.any(bend < 0.0) else None
        for start in range(0, len(bend), ROWS):
            rows = self.matrix[start : start + ROWS][:, free]
            rows *= root[start : start + ROWS, None]
            total += rows.T @ (rows if sign is None else sign[start : start + ROWS, None] * rows)
        return total

    def _own_hessian(self, x, free):
        """Return the second derivatives of the rest: one product tells one column of every block."""
        total, places = np.zeros((free.size, free.size)), np.full(x.size + 1, -1)
        places[free] = np.arange(free.size)
        row = np.empty(x.size + 1, int)
        row[self.blocks] = np.arange(len(self.blocks))[:, None]
        for columns in self.blocks.T:
            unit = np.zeros(x.size + 1)
            unit[columns] = 1.0
            bent, at = self.rest.product(x, unit[:-1])[free], places[columns[row[free]]]
            total[np.flatnonzero(at >= 0), at[at >= 0]] = bent[at >= 0]
        return total
