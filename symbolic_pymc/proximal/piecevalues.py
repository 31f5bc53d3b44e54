"""Values and slopes of piecewise functions, as terms."""

from symbolic_pymc.proximal.combinations import Combinations

INF = float("inf")


def spans(function):
    """Yield every piece that is in the domain, with its ends; None for infinite ones."""
    ends = [None, *function.knots, None]
    return [span for span in zip(function.pieces, ends, ends[1:]) if span[0] is not None]


def value_of_pieces(ops, function, x):
    """Return the value at `x`, the lower of two at a knot; infinite outside of the domain."""
    c, total, outside = Combinations(ops), None, ops.constant(INF)
    for piece, lower, upper in spans(function):
        value = ops.second(x, c.term(piece, x))
        value = value if lower is None else ops.switch(ops.ge(x, lower), value, outside)
        value = value if upper is None else ops.switch(ops.le(x, upper), value, outside)
        total = value if total is None else ops.minimum(total, value)
    return ops.second(x, outside) if total is None else total


def slope_of_pieces(ops, function, x):
    """Return the slope at `x`, at a knot that to the right of it; infinite outside of the domain."""
    c, result = Combinations(ops), None
    for knot, piece in zip((None, *function.knots), function.pieces):
        beyond = ops.constant(INF if result is not None else -INF)
        slope = ops.second(x, beyond if piece is None else c.slope(piece, x))
        result = slope if result is None else ops.switch(ops.ge(x, knot), slope, result)
    return result
