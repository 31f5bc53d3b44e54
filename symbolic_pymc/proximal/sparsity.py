"""Penalties with numbers for their coefficients, as skglm names them."""

import numpy as np

from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.proximal.cores import members
from symbolic_pymc.records import uniform_value

CLOSE = 1e-12


def penalty_of(pieces, scale, shape):
    """Return the name of a penalty of skglm, its arguments, and the unit of the coefficients; of the objective over `scale`.

    Raises
    ------
    Unknown
        For one that skglm does not have.
    """
    if any(p.kind is not None for p in pieces):
        raise Unknown("a penalty that is no polynomial")
    read = _READERS.get(len(pieces))
    found = read and read(pieces, scale, shape)
    if not found:
        raise Unknown("a penalty that skglm has not")
    return found if len(found) == 3 else (*found, 1.0)


def _uniform(value):
    value = uniform_value(np.asarray(value))
    return None if value is None else float(value)


def _is_even(left, right):
    """Tell whether two pieces mirror each other about zero, where they meet."""
    alike = np.all(left.linear == -right.linear) and np.all(left.square == right.square)
    return bool(alike and np.all(right.low == 0.0) and np.all(left.high == 0.0))


def _is_flat(*pieces):
    return all(np.all(p.linear == 0.0) and np.all(p.square == 0.0) for p in pieces)


def _are_close(*pairs):
    return all(np.isclose(a, b, rtol=CLOSE, atol=0.0) for a, b in pairs)


def _of_one_piece(pieces, scale, shape):
    (p,) = pieces
    weight = _uniform(p.linear)
    if np.all(p.low == 0.0) and np.all(np.isinf(p.high)) and np.all(p.square == 0.0) and weight and weight > 0:
        return "L1", {"alpha": weight / scale, "positive": True}
    return None


def _of_two_pieces(pieces, scale, shape):
    left, right = pieces
    weight, square = _uniform(right.linear), _uniform(right.square)
    if not _is_even(left, right) or np.any(right.linear < 0) or square is None or square < 0:
        return None
    if weight is None:
        weights = np.ravel(np.broadcast_to(right.linear, shape))
        return ("WeightedL1", {"alpha": 1.0 / scale, "weights": weights}) if square == 0.0 else None
    if square == 0.0:
        return "L1", {"alpha": weight / scale}
    total = weight + 2.0 * square
    return "L1_plus_L2", {"alpha": total / scale, "l1_ratio": weight / total}


def _of_four_pieces(pieces, scale, shape):
    """The minimax concave penalty: a parabola that bends down from the slope at zero, then a constant."""
    outer_left, left, right, outer_right = pieces
    weight, square, end = _uniform(right.linear), _uniform(right.square), _uniform(right.high)
    if (
        not (_is_even(left, right) and _is_flat(outer_left, outer_right))
        or None in (weight, square, end)
        or square >= 0.0
    ):
        return None
    gamma = -0.5 / square
    fits = _are_close((_uniform(left.low) or 0.0, -end), (end, gamma * weight))
    return ("MCPenalty", {"alpha": weight / scale, "gamma": gamma * scale}) if fits else None


def _of_six_pieces(pieces, scale, shape):
    r"""The smoothly clipped absolute deviation: a line, a parabola that bends down to a constant, and that.

    skglm has the slope :math:`\alpha` up to :math:`\alpha`; a slope w up to t is that of :math:`x / c`, with
    :math:`c^2 = s t / w` for the objective over s.
    """
    outer_left, bent_left, left, right, bent, outer = pieces
    values = [_uniform(v) for v in (right.linear, right.high, bent.linear, bent.square, bent.high)]
    values += [_uniform(v) for v in (left.low, bent_left.low, bent_left.linear, bent_left.square)]
    if None in values or not (_is_even(left, right) and _is_flat(outer_left, outer)):
        return None
    weight, near, slope, square, far, *mirrored = values
    if not (weight > 0.0 and square < 0.0 and np.all(right.square == 0.0)):
        return None
    joins = [(slope + 2.0 * square * near, weight), (slope, -2.0 * square * far)]
    if not _are_close(*joins, *zip(mirrored, (-near, -far, -slope, square))):
        return None
    unit = np.sqrt(scale * near / weight)
    return "SCAD", {"alpha": near / unit, "gamma": far / near}, unit


_READERS = {1: _of_one_piece, 2: _of_two_pieces, 4: _of_four_pieces, 6: _of_six_pieces}


# Groups --------------------------------------------------------------------------------------------------------------


def groups_of(block, scale, shape, ops, numeric):
    """Return the name of a penalty of the lengths of groups, its arguments, the unit of the coefficients, and the groups.

    Parameters
    ----------
    block : Block
    numeric : callable
        ``numeric(function)`` returns a `Piecewise` function with numbers for its coefficients.
    """
    if not block.cores or any(x is not None for x in (block.extra, block.tilt, block.square)):
        raise Unknown("a function of lengths, and another")
    places, weights = [], []
    for core in block.cores:
        own = members(core, block.argument, shape, ops)
        places += own
        weights += list(np.broadcast_to(np.ravel(_weight(numeric(core.function).pieces)), len(own)))
    grouped = np.concatenate(places)
    if len(np.unique(grouped)) < len(grouped):
        raise Unknown("groups that share coefficients")
    alone = np.setdiff1d(np.arange(int(np.prod(shape))), grouped)
    places += [[i] for i in alone]
    weights += [0.0] * len(alone)
    ends = np.cumsum([0, *map(len, places)]).astype("int32")
    groups = {"grp_ptr": ends, "grp_indices": np.concatenate(places).astype("int32")}
    return "WeightedGroupL2", {"alpha": 1.0 / scale, "weights": np.array(weights, float)}, 1.0, groups


def _weight(pieces):
    """Return what a length is multiplied with."""
    right = pieces[-1]
    fits = len(pieces) == 1 or len(pieces) == 2 and _is_even(*pieces)
    if not fits or any(p.kind is not None for p in pieces) or np.any(right.square != 0.0) or np.any(right.low != 0.0):
        raise Unknown("a function of lengths that is not linear")
    if not np.all(np.asarray(right.linear) > 0.0):
        raise Unknown("weights that are not positive")
    return right.linear
