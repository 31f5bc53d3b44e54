"""Strings pulled tight, the least bent curves between given bounds; the nearest sequences that only grow."""

import numpy as np


def increasing(y):
    """Return the sequence that never falls and is nearest to `y`: falling neighbours are pooled."""
    means, counts = [], []
    for value in y:
        mean, count = float(value), 1
        while means and means[-1] >= mean:
            before = counts.pop()
            mean = (mean * count + means.pop() * before) / (count + before)
            count += before
        means.append(mean)
        counts.append(count)
    return np.repeat(means, counts)


def taut_string(y, weights):
    r"""Return the least value of :math:`\tfrac{1}{2} \lVert x - y \rVert^2 + \sum_i w_i |x_{i+1} - x_i|`.

    It is the slope of the string that is pulled tight between the sums of `y` less and plus the weights.

    Reference: Davies and Kovac, Local extremes, runs, strings and multiresolution (2001).
    """
    n = len(y)
    middle = np.concatenate([[0.0], np.cumsum(y)])
    width = np.concatenate([[0.0], weights, [0.0]])
    chains = {side: [(0, 0.0)] for side in (1, -1)}
    corners = [(0, 0.0)]
    for i in range(1, n + 1):
        for side in (1, -1):
            _extended(chains[side], side, (i, middle[i] + side * width[i]))
            _bent(chains, side, corners)
    corners.append(chains[1][-1])
    places, heights = map(np.array, zip(*corners))
    return np.repeat(np.diff(heights) / np.diff(places), np.diff(places))


def _slope(a, b):
    return (b[1] - a[1]) / (b[0] - a[0])


def _extended(chain, side, point):
    """Add a point to the convex (upper side) or concave (lower side) chain."""
    while len(chain) > 1 and side * (_slope(chain[-2], chain[-1]) - _slope(chain[-1], point)) >= 0:
        chain.pop()
    chain.append(point)


def _bent(chains, side, corners):
    """Move the start of both chains along the other side, where a straight line would cross it."""
    own, other = chains[side], chains[-side]
    while len(own) == 2 and len(other) > 1 and side * (_slope(*own) - _slope(*other[:2])) < 0:
        other.pop(0)
        own[0] = other[0]
        corners.append(other[0])
