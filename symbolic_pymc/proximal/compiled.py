"""A split objective as functions of one vector."""

import numpy as np

from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.proximal.prox import prox_of_pieces
from symbolic_pymc.proximal.solvers import Problem


class Layout:
    """The unknowns as one vector, one after the other.

    Parameters
    ----------
    values : dict of str to array
        Of the shapes that the unknowns have.
    """

    def __init__(self, values):
        self.shapes = {name: np.shape(v) for name, v in values.items()}
        ends = np.cumsum([int(np.prod(shape)) for shape in self.shapes.values()])
        self.slices = dict(zip(self.shapes, map(slice, [0, *ends[:-1]], ends)))

    def vector(self, values):
        """Return values by name as one vector."""
        parts = [np.ravel(np.asarray(values[name], dtype="float64")) for name in self.shapes]
        return np.concatenate(parts) if parts else np.zeros(0)

    def values(self, vector):
        """Return a vector as values by name."""
        return {name: vector[place].reshape(self.shapes[name]) for name, place in self.slices.items()}


def problem_of(split, layout):
    """Return the `Problem` of a `Split` objective."""
    adapter, inputs = split.objective.adapter, split.objective.inputs
    bases = dict(zip(inputs, reify_many(tuple(inputs.values()))))
    smooth = _total(adapter, [p.term for p in split.smooth])
    gradients = adapter.gradient(smooth, [bases[name] for name in layout.shapes])
    with_gradient = adapter.compile(list(bases.values()), [smooth, *gradients])
    alone = adapter.compile(list(bases.values()), [smooth])
    penalty = adapter.compile(list(bases.values()), [_total(adapter, [p.term for ps in split.penalties.values() for p in ps])])
    operators = {name: _operator(adapter, function, bases[name]) for name, function in split.functions.items()}

    def at(function, x):
        values = layout.values(x)
        return function(*(values[name] for name in bases))

    def gradient(x):
        value, *parts = at(with_gradient, x)
        return float(value), layout.vector(dict(zip(layout.shapes, parts)))

    def prox(z, step):
        moved = layout.values(z)
        return layout.vector({n: operators[n](v, step)[0] if n in operators else v for n, v in moved.items()})

    return Problem(gradient, lambda x: float(at(alone, x)[0]), lambda x: float(at(penalty, x)[0]), prox)


def _total(adapter, terms):
    total = adapter.zero()
    for base in reify_many(tuple(terms)):
        total = total + base.sum()
    return total


def _operator(adapter, function, like):
    """Return the proximal operator of a piecewise function, compiled."""
    z, step = like.type("z"), adapter.zero().type("step")
    prox = prox_of_pieces(adapter.ops, function, metatize(z), metatize(step)).reify()
    return adapter.compile([z, step], [prox])
