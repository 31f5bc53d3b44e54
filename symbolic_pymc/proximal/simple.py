"""Simple functions of one array, compiled: what a solver asks of those that have a proximal operator."""

from functools import lru_cache, reduce

import numpy as np

from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.proximal.blocks import held as held_in_block, prox_of_block
from symbolic_pymc.parts import graph_parts
from symbolic_pymc.proximal.objective import is_free
from symbolic_pymc.proximal.pieces import Piecewise
from symbolic_pymc.proximal.prox import prox_of_pieces


class Simple:
    """A simple function.

    Parameters
    ----------
    adapter : Adapter
    function : Piecewise or Block
    like : variable
        A base variable of the type of its argument.

    Raises
    ------
    Unknown
        For a function whose proximal operator is not known.
    """

    def __init__(self, adapter, function, like):
        ops, x, step = adapter.ops, like.type("x"), adapter.zero().type("step")
        known = metatize(x)
        is_piecewise = isinstance(function, Piecewise)
        operator = (prox_of_pieces if is_piecewise else prox_of_block)(ops, function, known, metatize(step))
        self._prox = adapter.compile([x, step], [operator.reify()])
        if is_piecewise:
            places = [ops.add(knot, ops.mul(ops.constant(0.0), known)) for knot in function.knots]
            self._places = adapter.compile([x], list(reify_many(tuple(places)))) if places else lambda y: []
            self._knots = lambda shape: self._places(np.zeros(shape, like.dtype))
            if not any(is_free(x) for x in graph_parts(*function.knots)):  # nor can other numbers be put in
                self._knots = lru_cache(self._knots)
        else:
            self._knots = None
            self._held = adapter.compile([x], [held_in_block(ops, function, known).reify()])

    def prox(self, z, step):
        """Return the proximal operator at `z`."""
        return self._prox(z, step)[0]

    def held(self, y):
        """Tell for every element whether the function is not smooth in it there."""
        if self._knots is None:
            return np.broadcast_to(self._held(y)[0], np.shape(y)) > 0
        return self._any([y == k for k in self._knots(np.shape(y))], y)

    def crossed(self, y, new):
        """Tell for every element whether it has left the piece that it was on."""
        if self._knots is None:
            return self.held(y) != self.held(new)
        return self._any([(y < k) != (new < k) for k in self._knots(np.shape(y))], y)

    def within(self, y, new):
        """Return the second of two points with every element that has left the piece it was on at the end of it.

        Of a function of whole blocks no ends are known.
        """
        knots = [] if self._knots is None else self._knots(np.shape(y))
        for k in knots:
            new = np.where((y < k) & (new > k) | (y > k) & (new < k), k, new)
        return new

    @staticmethod
    def _any(found, y):
        return reduce(np.logical_or, found) if found else np.zeros(np.shape(y), dtype=bool)
