"""A split objective with simple functions of linear maps, as functions of vectors."""

from dataclasses import replace

import numpy as np
from scipy import sparse

from symbolic_pymc.errors import NotDifferentiable
from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.compiled import Compiled, Layout, problem_of, rounded_term, total_of
from symbolic_pymc.proximal.simple import Simple
from symbolic_pymc.parts import substitute

DENSITY = 0.1  # of the elements that are not zero, below which a matrix is kept sparse


class Composite:
    r"""A split objective whose simple functions are of linear maps of all unknowns.

    .. math::

        l(x) + \sum_j h_j(y_j), \qquad y = K x + c

    What has a proximal operator is one of the simple functions, smooth or not; the rest is the smooth function.

    Parameters
    ----------
    split : Split
    layout : Layout
        Of the unknowns, as one vector `x`.
    """

    def __init__(self, split, layout):
        adapter, inputs = split.objective.adapter, split.objective.inputs
        self.layout, self.blocks, rest = layout, [], []
        simple = [
            (inputs[n], f, [rounded_term(split, p) for p in split.penalties[n]]) for n, f in split.functions.items()
        ]
        simple += [(p.argument, p.function, [p.term]) for p in split.composites]
        self.blocks = [_Block(adapter, *one) for one in simple]
        for part in split.smooth:
            try:
                self.blocks.append(_Block(adapter, part.argument, part.function, [part.term]))
            except Unknown:
                rest.append(part)
        smooth = replace(split, smooth=tuple(rest), penalties={}, functions={}, composites=())
        self.rest = problem_of(smooth, layout) if rest else None
        names = {record: name for name, record in inputs.items()}
        self.names = [names.get(block.argument) for block in self.blocks]  # of those that are unknowns themselves
        bases = dict(zip(inputs, reify_many(tuple(inputs.values()))))
        arguments = list(reify_many([block.argument for block in self.blocks]))
        maps = Compiled(adapter, layout, [bases[name] for name in layout.shapes], arguments)
        zero = np.zeros(sum(np.prod(shape, dtype=int) for shape in layout.shapes.values()))
        self.images = Layout(dict(enumerate(maps(zero))))
        self.offset = self.images.joined(maps(zero))
        columns = (self.images.joined(maps(unit)) - self.offset for unit in _units(len(zero)))
        self.matrix = _matrix(columns, len(self.offset), len(zero))
        self.has_slopes = all(block.slope is not None for block in self.blocks)

    def _each(self, method, *vectors):
        """Return what a method of every block says of its part of some vectors, as one vector."""
        parts = zip(*(self.images.values(v).values() for v in vectors))
        return self.images.joined([method(block, *part) for block, part in zip(self.blocks, parts)])

    # Of x -----------------------------------------------------------------------------------------------------------

    def image(self, x):
        """Return ``K x + c``."""
        return self.matrix @ x + self.offset

    def rest_at(self, x):
        """Return the value of the smooth function and its gradient."""
        return (0.0, np.zeros_like(x)) if self.rest is None else self.rest.gradient(x)

    def nearest(self, x):
        """Return a point itself: whatever its image, proximal operators bring that to where it may be."""
        return x

    def is_finite(self, x):
        """Tell whether the objective and the gradient are finite near a point."""
        value, gradient = self.rest_at(x)
        cost = self.cost(self.prox(self.image(x), 1.0))
        return bool(np.isfinite(value) and np.all(np.isfinite(gradient)) and np.isfinite(cost))

    def fixed(self, x):
        """Tell which unknowns stand where a simple function of themselves is not smooth."""
        values = self.layout.values(x)
        found = {name: np.zeros(value.shape, dtype=bool) for name, value in values.items()}
        for block, name in zip(self.blocks, self.names):
            if name is not None:
                found[name] |= block.held(values[name])
        return self.layout.vector(found) > 0

    def settled(self, x, y):
        """Return the unknowns with those values at which simple functions of themselves hold them."""
        values = dict(self.layout.values(x))
        for block, name, part in zip(self.blocks, self.names, self.images.values(y).values()):
            if name is not None:
                values[name] = np.where(block.held(part), part, values[name])
        return self.layout.vector(values)

    # Of y -----------------------------------------------------------------------------------------------------------

    def prox(self, z, step):
        """Return the proximal operator of all simple functions."""
        return self._each(lambda block, part: block.prox(part, step), z)

    def cost(self, y):
        """Return the sum of all simple functions."""
        return float(sum(block.cost(part)[0] for block, part in zip(self.blocks, self.images.values(y).values())))

    def held(self, y):
        """Tell for every element whether it stands where its function is not smooth."""
        return self._each(_Block.held, y) > 0

    def crossed(self, y, new):
        """Tell whether such a place lies between two vectors."""
        return bool(np.any(self._each(_Block.crossed, y, new)))

    def slope(self, y):
        """Return the gradient of the simple functions; it counts where no element is held."""
        return self._each(lambda block, part: block.slope(part)[0], y)

    def bend(self, y, v):
        """Return their second derivatives times a vector."""
        return self._each(lambda block, part, direction: block.bend(part, direction)[0], y, v)


class _Block(Simple):
    """A simple function of one affine expression, with its cost and its derivatives.

    Raises
    ------
    Unknown
        For a function whose proximal operator is not known.
    NotDifferentiable
    """

    def __init__(self, adapter, argument, function, terms):
        if function is None:
            raise Unknown("a function of no single affine expression")
        (base,) = reify_many((argument,))
        super().__init__(adapter, function, base)
        self.argument = argument
        z, v = base.type("z"), base.type("v")
        total = total_of(adapter, [substitute(term, {argument: metatize(z)}) for term in terms])
        self.cost = adapter.compile([z], [total])
        try:
            (slope,) = adapter.gradient(total, [z])
            (bend,) = adapter.gradient((slope * v).sum(), [z])
        except NotDifferentiable:
            self.slope = self.bend = None
        else:
            self.slope = adapter.compile([z], [slope])
            self.bend = adapter.compile([z, v], [bend])


def _units(n):
    for i in range(n):
        unit = np.zeros(n)
        unit[i] = 1.0
        yield unit


def _matrix(columns, m, p):
    """Return the matrix of some columns, sparse where nearly all of it is zero."""
    columns = [(np.flatnonzero(c), c[np.flatnonzero(c)]) for c in columns]
    rows = np.concatenate([i for i, _ in columns]) if columns else np.zeros(0, int)
    places = np.repeat(np.arange(p), [len(i) for i, _ in columns])
    values = np.concatenate([v for _, v in columns]) if columns else np.zeros(0)
    matrix = sparse.csr_array((values, (rows, places)), shape=(m, p))
    return matrix if len(values) < DENSITY * m * p else matrix.toarray()
