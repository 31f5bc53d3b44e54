"""Proximal operators of whole vectors that have no closed form: by sorting, pooling, strings and roots.

Each is a function of the axes that belong together, of its parameters and of an array; `by_rows` makes it one
of a matrix whose rows are these vectors.
"""

from functools import partial, wraps

import numpy as np
from scipy.special import wrightomega

from symbolic_pymc.proximal.strings import increasing, taut_string

STEPS = 200


def by_rows(function, shorter=0):
    """Return a function of rows as one of an array, along the axes that its first argument names.

    Parameters
    ----------
    function : callable
        ``function(rows, *parameters)`` returns an array of the shape of `rows`.
    shorter : int
        How many elements less than a row the parameters have.
    """

    @wraps(function)
    def along(axes, *inputs):
        *parameters, z = inputs
        axes = tuple(np.ravel(axes).astype(int))
        last = tuple(range(-len(axes), 0))

        count = int(np.prod([n for i, n in enumerate(z.shape) if i not in axes]))

        def rows_of(x):
            moved = np.moveaxis(x, axes, last)
            return moved.reshape(count, int(np.prod(moved.shape[z.ndim - len(axes) :]))), moved.shape

        def parameter(p):
            return rows_of(np.broadcast_to(p, [n - shorter * (i in axes) for i, n in enumerate(z.shape)]))[0]

        if z.size == 0:
            return np.array(z, dtype=float)
        rows, shape = rows_of(z)
        return np.moveaxis(np.reshape(function(rows, *map(parameter, parameters)), shape), last, axes)

    return along


def _threshold(rows, size):
    r"""Return for each row the :math:`\theta` with :math:`\sum_i (z_i - \theta)_+` of the given size."""
    falling = -np.sort(-rows, axis=1)
    over = (np.cumsum(falling, axis=1) - size) / np.arange(1, rows.shape[1] + 1)
    last = np.sum(falling > over, axis=1, keepdims=True) - 1
    return np.take_along_axis(over, np.maximum(last, 0), axis=1)


def _below_zero(rows):
    """Return rows less their largest element, of which the nearest point of the simplex is the same."""
    return rows - np.max(rows, axis=1, keepdims=True)


@by_rows
def simplex(rows, size):
    r"""Return the nearest point with :math:`x \ge 0, \sum_i x_i = r`."""
    rows = _below_zero(rows)
    return np.maximum(rows - _threshold(rows, size[:, :1]), 0.0)


@by_rows
def l1_ball(rows, size):
    r"""Return the nearest point with :math:`\sum_i |x_i| \le r`."""
    sizes, size = np.abs(rows), size[:, :1]
    moved = _below_zero(sizes)
    nearest = np.sign(rows) * np.maximum(moved - _threshold(moved, size), 0.0)
    return np.where(sizes.sum(axis=1, keepdims=True) <= size, rows, nearest)


@by_rows
def cut_top(rows, weight):
    r"""Return the proximal operator of :math:`w \max_i x_i`: what is above a level is cut off."""
    return np.minimum(rows, _threshold(rows, weight[:, :1]))


@by_rows
def cut_sides(rows, weight):
    r"""Return the proximal operator of :math:`w \max_i |x_i|`."""
    sizes, weight = np.abs(rows), weight[:, :1]
    cut = np.sign(rows) * np.minimum(sizes, _threshold(sizes, weight))
    return np.where(sizes.sum(axis=1, keepdims=True) <= weight, 0.0, cut)


@by_rows
def monotone(rows):
    r"""Return the nearest point with :math:`x_1 \le x_2 \le \dots`."""
    return np.stack([increasing(row) for row in rows])


@by_rows
def ordered(rows, weights):
    r"""Return the proximal operator of :math:`\sum_i w_i x_{(i)}`, with ascending weights."""
    order = np.argsort(rows, axis=1, kind="stable")
    pooled = [increasing(row) for row in np.take_along_axis(rows, order, axis=1) - weights]
    result = np.empty(rows.shape)
    np.put_along_axis(result, order, np.stack(pooled), axis=1)
    return result


@by_rows
def ordered_sizes(rows, weights):
    r"""Return the proximal operator of :math:`\sum_i w_i |x|_{(i)}`, with ascending weights from 0 on."""
    sizes = np.abs(rows)
    axes = np.array([1])
    return np.sign(rows) * np.maximum(ordered(axes, weights, sizes), 0.0)


@partial(by_rows, shorter=1)
def fused(rows, weights):
    r"""Return the proximal operator of :math:`\sum_i w_i |x_{i+1} - x_i|`."""
    return np.stack([taut_string(row, weight) for row, weight in zip(rows, weights)])


@by_rows
def tied(rows):
    """Return 1 for every element that another one of its row equals within rounding, 0 for the others."""
    order = np.argsort(rows, axis=1)
    ascending = np.take_along_axis(rows, order, axis=1)
    same = np.diff(ascending, axis=1) <= 1e-12 * np.maximum(1.0, np.abs(ascending[:, 1:]))
    either = np.pad(same, ((0, 0), (0, 1))) | np.pad(same, ((0, 0), (1, 0)))
    result = np.empty(rows.shape)
    np.put_along_axis(result, order, either.astype(float), axis=1)
    return result


def _root(value, low, high):
    """Return where a falling function is zero between two points; it gives its slope as well."""
    m = 0.5 * (low + high)
    for _ in range(STEPS):
        f, slope = value(m)
        low, high = np.where(f > 0, m, low), np.where(f < 0, m, high)
        step = m - f / slope
        new = np.where((step > low) & (step < high), step, 0.5 * (low + high))
        new = np.where(f == 0, m, new)
        if np.all(np.abs(new - m) <= 1e-16 * np.maximum(np.abs(m), 1e-300)):
            return new
        m = new
    return m


@by_rows
def log_simplex(rows, k):
    r"""Return the proximal operator of :math:`-\sum_i k_i \log x_i` on the simplex, for :math:`k \ge 0`.

    .. math::

        x_i = \tfrac{1}{2} \Bigl(z_i - m + \sqrt{(z_i - m)^2 + 4 k_i}\Bigr), \qquad \sum_i x_i = 1
    """

    rows = _below_zero(rows)

    def point(m):
        u = rows - m
        root = np.hypot(u, 2 * np.sqrt(k))
        below = np.where(k > 0, 2 * k / np.where(root > u, root - u, 1.0), 0.0)
        return np.where(u > 0, 0.5 * (u + root), below), root

    def excess(m):
        x, root = point(m)
        slope = -np.sum(np.where(root > 0, x / np.where(root > 0, root, 1.0), 0.0), axis=1, keepdims=True)
        return x.sum(axis=1, keepdims=True) - 1.0, np.minimum(slope, -1e-300)

    n = rows.shape[1]
    low, high = (np.max(rows - y + k / y, axis=1, keepdims=True) for y in (1.0, 1.0 / n))
    with np.errstate(all="ignore"):
        return point(_root(excess, low, high))[0]


@by_rows
def entropy_simplex(rows, weight):
    r"""Return the proximal operator of :math:`\lambda \sum_i x_i \log x_i` on the simplex.

    .. math::

        x_i = \lambda\, W\bigl(e^{(z_i - m) / \lambda - 1} / \lambda\bigr), \qquad \sum_i x_i = 1
    """

    rows = _below_zero(rows)

    def excess(m):
        x = weight * wrightomega((rows - m) / weight - 1.0 - np.log(weight))
        return x.sum(axis=1, keepdims=True) - 1.0, -np.sum(x / (x + weight), axis=1, keepdims=True)

    n = rows.shape[1]
    low = np.max(rows - 1.0 - weight, axis=1, keepdims=True)
    high = np.max(rows - 1.0 / n - weight * (1.0 - np.log(n)), axis=1, keepdims=True)
    m = _root(excess, low, high)
    return weight * wrightomega((rows - m) / weight - 1.0 - np.log(weight))


def perspective(weight, z):
    r"""Return the proximal operator of :math:`g \lVert y \rVert^2 / \xi` at the vector :math:`(\xi, y)`.

    With the largest root `w` of :math:`g w^3 + (\xi + 2 g) w = \lVert y \rVert` it is :math:`\xi + g w^2` and
    :math:`w (\xi + g w^2)` in the direction of `y`; the origin where
    :math:`4 g \xi + \lVert y \rVert^2 \le 0`.

    Reference: Combettes and Mueller, Perspective maximum likelihood-type estimation via proximal
    decomposition (2018).
    """
    g, xi, size = float(weight), z[0], np.linalg.norm(z[1:])
    if 4 * g * xi + size**2 <= 0:
        return np.zeros(z.shape)
    roots = np.roots([g, 0.0, xi + 2 * g, -size])
    w = max(roots[np.abs(roots.imag) <= 1e-6 * np.maximum(np.abs(roots), 1.0)].real, default=0.0)
    for _ in range(3):
        slope = 3 * g * w**2 + xi + 2 * g
        w -= (g * w**3 + (xi + 2 * g) * w - size) / slope if slope > 0 else 0.0
    scale = max(xi + g * w**2, 0.0)
    return np.concatenate([[scale], w * scale / size * z[1:] if size > 0 else 0.0 * z[1:]])


ALGORITHMS = {  # by name: the function, and how many arguments come before the array
    "simplex": (simplex, 2),
    "l1_ball": (l1_ball, 2),
    "cut_top": (cut_top, 2),
    "cut_sides": (cut_sides, 2),
    "monotone": (monotone, 1),
    "ordered": (ordered, 2),
    "ordered_sizes": (ordered_sizes, 2),
    "fused": (fused, 2),
    "tied": (tied, 1),
    "log_simplex": (log_simplex, 2),
    "entropy_simplex": (entropy_simplex, 2),
    "perspective": (perspective, 1),
}
