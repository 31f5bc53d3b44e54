"""The linear map of an elementwise edge: every element of the child has one element of the parent."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from symbolic_pymc.records import Term


@dataclass(frozen=True)
class PickLink:
    """The map as relations use it; see `affine.Pick` for `positions`.

    `blank` and `data` are arrays of the shapes of parent and child; `one_to_one` says that no two elements of the
    child share one of the parent.
    """

    ops: Any
    blank: Term
    data: Term
    positions: Any
    one_to_one: bool

    def spread(self, x):
        """Return `x`, which broadcasts to the shape of the parent, in a shape that broadcasts to the data."""
        if self.positions is None:
            return x
        return self.ops.spread(self.ops.like(x, self.blank), self.positions, self.data)

    def collect(self, x):
        """Return the sums of `x`, which broadcasts to the data, over what shares an element of the parent."""
        full = self.ops.like(x, self.data)
        if self.one_to_one:
            return full
        return self.ops.total(full) if self.positions is None else self.ops.collect(full, self.positions, self.blank)

    def largest(self, floor, x):
        """Return the largest of `floor` and of the elements of `x` that share an element of the parent."""
        full = self.ops.like(x, self.data)
        if self.one_to_one:
            return self.ops.maximum(floor, full)
        first = self.ops.like(self.ops.constant(np.int64(0)), full)
        return self.ops.largest_of(full, first if self.positions is None else self.positions, floor, self.blank)

    def marginal(self, m, s, c, b, sigma):
        """Return the law of the data, elementwise when every element has a parent of its own, else of a vector."""
        ops = self.ops
        mean, scale = ops.add(c, ops.mul(b, self.spread(m))), ops.mul(b, self.spread(s))
        if self.one_to_one:
            return ops.normal(mean, ops.sqrt(ops.add(ops.sqr(sigma), ops.sqr(scale))), ops.shape(self.data))
        if self.positions is None:
            factor = ops.one_column(b, self.data)
        else:
            factor = ops.selection(self.positions, b, self.blank, self.data)
        variance, scales = ops.sqr(ops.condensed(sigma, self.data)), ops.column(s, self.blank)
        return ops.lowrankmvnormal(ops.column(mean, self.data), factor, variance, scales)


def link_of(ops, edge, positions):
    """Return the `PickLink` of an edge whose expression has the `positions` of an `affine.Pick`."""
    same = positions is None and not ops.is_stretched(edge.blank, edge.data)
    if positions is None and not same and ops.ndim(edge.blank) > 0:
        positions = ops.row_numbers(edge.blank)
    return PickLink(ops, edge.blank, edge.data, positions, same)
