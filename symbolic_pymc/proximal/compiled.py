"""A split objective as functions of one vector."""

import numpy as np

from symbolic_pymc.errors import NotDifferentiable
from symbolic_pymc.meta import reify_many
from symbolic_pymc.parts import substitute
from symbolic_pymc.proximal.simple import Simple
from symbolic_pymc.proximal.solvers import Problem
from symbolic_pymc.proximal.symmetry import symmetric_part, symmetric_unknowns

ROUNDINGS = 64


class Layout:
    """The unknowns as one vector, one after the other.

    Parameters
    ----------
    values : dict of str to array
        Of the shapes and types that the unknowns have.
    """

    def __init__(self, values):
        self.shapes = {name: np.shape(v) for name, v in values.items()}
        self.types = {name: np.asarray(v).dtype for name, v in values.items()}
        ends = np.cumsum([int(np.prod(shape)) for shape in self.shapes.values()])
        self.slices = dict(zip(self.shapes, map(slice, [0, *ends[:-1]], ends)))

    @property
    def rounding(self):
        """Return how many digits of a value do not count, relative to it: some of those of the narrowest type."""
        return max((ROUNDINGS * np.finfo(kind).eps for kind in self.types.values()), default=0.0)

    def vector(self, values):
        """Return values by name as one vector."""
        parts = [np.ravel(np.asarray(values[name], dtype="float64")) for name in self.shapes]
        return np.concatenate(parts) if parts else np.zeros(0)

    def joined(self, parts):
        """Return values in order as one vector."""
        return self.vector(dict(zip(self.shapes, parts)))

    def values(self, vector):
        """Return a vector as values by name."""
        return {
            name: vector[place].reshape(self.shapes[name]).astype(self.types[name], copy=False)
            for name, place in self.slices.items()
        }


def problem_of(split, layout):
    """Return the `Problem` of a `Split` objective."""
    adapter, inputs = split.objective.adapter, split.objective.inputs
    bases = dict(zip(inputs, reify_many(tuple(inputs.values()))))
    order = [bases[name] for name in layout.shapes]
    smooth = total_of(adapter, _smooth_terms(split))
    penalty = total_of(adapter, [rounded_term(split, p) for parts in split.penalties.values() for p in parts])
    slopes = adapter.gradient(smooth, order)
    with_gradient = Compiled(adapter, layout, order, [smooth, *slopes])
    alone, cost = (Compiled(adapter, layout, order, [total]) for total in (smooth, penalty))
    simple = {name: Simple(adapter, function, bases[name]) for name, function in split.functions.items()}

    def gradient(x):
        value, *parts = with_gradient(x)
        return float(value), layout.joined(parts)

    def prox(z, step):
        moved = layout.values(z)
        return layout.vector({n: simple[n].prox(v, step) if n in simple else v for n, v in moved.items()})

    def fixed(x):
        held = [
            simple[n].held(v).ravel() if n in simple else np.zeros(v.size, bool) for n, v in layout.values(x).items()
        ]
        return np.concatenate(held) if held else np.zeros(0, bool)

    def within(x, y):
        here, there = layout.values(x), layout.values(y)
        return layout.vector({n: simple[n].within(here[n], v) if n in simple else v for n, v in there.items()})

    return Problem(
        gradient,
        lambda x: float(alone(x)[0]),
        lambda x: float(cost(x)[0]),
        prox,
        fixed,
        within,
        *_derivatives(adapter, layout, order, slopes, penalty),
        layout.rounding,
    )


def _smooth_terms(split):
    r"""Return the smooth terms, those in matrices that are symmetric as functions of all matrices.

    The density of such a matrix may depend on one of its triangles alone, and is written
    :math:`f\bigl(\tfrac{1}{2} (X + X^\top)\bigr) + \tfrac{1}{2} \lVert X - \tfrac{1}{2} (X + X^\top) \rVert^2`, of
    which the optimum is symmetric.
    """
    ops = split.objective.adapter.ops
    halves = {x: symmetric_part(ops, x) for x in symmetric_unknowns(split.objective)}
    terms = [substitute(p.term, halves) for p in split.smooth]
    return terms + [ops.mul(ops.constant(0.5), ops.sqr(ops.sub(x, half))) for x, half in halves.items()]


def rounded_term(split, part):
    """Return the term of a part, in which planes are those of numbers that are rounded."""
    planes = split.objective.planes
    return substitute(part.term, planes) if planes else part.term


def _derivatives(adapter, layout, order, gradient, penalty):
    """Return the gradient of the penalty, and products with the second derivatives of all; None where there are none."""
    vectors = [v.type() for v in order]
    try:
        slopes = adapter.gradient(penalty, order)
        whole = sum((g * v).sum() for parts in (gradient, slopes) for g, v in zip(parts, vectors))
        bends = adapter.gradient(whole, order)
    except NotDifferentiable:
        return None, None
    slope, product = (Compiled(adapter, layout, *graph) for graph in ((order, slopes), ([*order, *vectors], bends)))
    return lambda x: layout.joined(slope(x)), lambda x, v: layout.joined(product(x, v))


class Compiled:
    """A function of vectors, compiled when it is first called."""

    def __init__(self, adapter, layout, inputs, outputs):
        self.layout, self.make = layout, lambda: adapter.compile(inputs, outputs)
        self.function = None

    def __call__(self, *vectors):
        if self.function is None:
            self.function = self.make()
            self.function.trust_input = True  # a layout gives every vector its shape and type
        return self.function(*(part for x in vectors for part in self.layout.values(x).values()))


def total_of(adapter, terms):
    total = adapter.zero()
    for base in reify_many(tuple(terms)):
        total = total + base.sum()
    return total
