"""Functions of whole arrays as users spell them, with values and conjugates that are coded on their own.

`CASES` has a row for every function: its name, the formula in LaTeX, ``build(backend)``, which returns the function of
a tensor variable that gives its graph, the values and conjugates of NumPy arrays, and the shape of its argument.
"""

from dataclasses import dataclass
from typing import Callable

import numpy as np
from scipy.optimize import brentq
from scipy.special import logsumexp, xlogy

from symbolic_pymc.proximal.shapes import CONVEX, NOT_CONVEX

INF = np.float64(np.inf)
LOOSE = 1e-9  # how far the sum over a set may be off, relative to its size
rng = np.random.default_rng(0)
A = rng.normal(size=(3, 6))
B = rng.normal(size=3)
ROWS = 1.7 * np.linalg.qr(rng.normal(size=(6, 6)))[0][:3]
COVARIANCE = np.cov(rng.normal(size=(6, 20)))
NORMAL = rng.normal(size=6)
WEIGHTS = np.array([0.3, 0.7, 1.0, 0.1])
SLOPE = np.array([0.1, 0.2, 0.2, 0.6, 0.9, 1.4])
COUNTS = np.array([0.4, 1.0, 0.0, 2.0, 0.7, 1.3])
STEPS = np.array([0.5, 0.2, 0.9, 0.0, 0.7])
SYMMETRIC = "symmetric"


@dataclass(frozen=True)
class Case:
    """A row: `conjugate` is None for what is not convex, `domain` is "symmetric" for functions of such matrices."""

    name: str
    formula: str
    build: Callable
    value: Callable
    shape: tuple
    conjugate: Callable
    domain: str = ""
    verdict: str = CONVEX

    def __iter__(self):
        return iter((self.name, self.formula, self.build, self.value, self.shape))


def spelt(function):
    """Return the `build` of a function of a tensor module and a variable."""
    return lambda backend: lambda x: function(backend.tensor, x)


def spelt_with(function):
    """Return the `build` of a function of a backend and a variable."""
    return lambda backend: lambda x: function(backend, x)


def within(gauge, size=1.0):
    """Return the indicator of a ball."""
    return lambda u: 0.0 if gauge(u) <= size * (1 + LOOSE) + 1e-13 else np.inf


def _supported(t, condition, value=np.float64(0.0)):
    return t.switch(condition, value, INF)


def _singular(backend, x):
    return backend.linalg.svd(x, compute_uv=False)


def _where(condition, value=0.0):
    return value if condition else np.inf


def _norm(x):
    return np.sqrt(np.sum(x**2))


def _soft(x, w):
    return np.sign(x) * np.maximum(np.abs(x) - w, 0.0)


def _nuclear(x):
    return np.sum(np.linalg.svd(x, compute_uv=False))


def _spectral(x):
    return np.linalg.svd(x, compute_uv=False)[0]


def _eigenvalues(x):
    return np.linalg.eigvalsh((x + x.T) / 2)


def _close(a, b):
    return np.all(np.abs(a - b) <= LOOSE * (1 + np.abs(b)))


# Values --------------------------------------------------------------------------------------------------------------


def _log_determinant(x):
    sign, value = np.linalg.slogdet(x)
    return _where(np.min(_eigenvalues(x)) > 0, value)


def _on_simplex(x):
    return np.all(x >= -1e-14) and _close(np.sum(x), 1.0)


def _perspective(x):
    if x[0] > 0:
        return 0.7 * np.sum(x[1:] ** 2) / x[0]
    return _where(x[0] >= -1e-14 and np.all(np.abs(x[1:]) <= 1e-12))


def _mvnormal(x):
    return 0.5 * (x - 1.0) @ np.linalg.solve(COVARIANCE, x - 1.0)


# Conjugates ----------------------------------------------------------------------------------------------------------


def _on_scaled_simplex(size):
    return lambda u: _where(np.all(u >= -LOOSE) and _close(np.sum(u), size))


def _reaches_zero(u, weights, free=0.0):
    """Tell whether sums of `u`, each less something of at most `free`, can stay within the weights and end at zero."""
    low = high = 0.0
    for value, weight in zip(u, [*weights, 0.0]):
        low, high = max(low + value - free, -weight), min(high + value + free, weight)
        if low > high + LOOSE:
            return np.inf
    return 0.0


def _below_sums(u, weights):
    """Tell whether the sums of the largest sizes are at most those of the largest weights."""
    sums = np.cumsum(np.sort(np.abs(u))[::-1]), np.cumsum(np.sort(weights)[::-1])
    return _where(np.all(sums[0] <= sums[1] + LOOSE))


def _permuted(u, weights):
    """Tell whether a point is a mean of permutations of the weights."""
    sums = np.cumsum(np.sort(u)[::-1]), np.cumsum(np.sort(weights)[::-1])
    return _where(np.all(sums[0] <= sums[1] + LOOSE) and _close(sums[0][-1], sums[1][-1]))


def _of_log_on_simplex(u, k):
    """Return the largest :math:`u'x + k'log(x)` on the simplex, by its multiplier."""

    def excess(m):
        return np.sum(k[k > 0] / (m - u[k > 0])) - 1.0

    top = np.max(u[k > 0])
    m = brentq(excess, top + 1e-13, top + 1.0 + np.sum(k), xtol=1e-15, rtol=1e-15)
    m = max(m, np.max(u))
    x = np.where(k > 0, k / np.where(k > 0, m - u, 1.0), 0.0)
    x[np.argmax(np.where(k > 0, -np.inf, u))] += (1.0 - np.sum(x)) * np.any(k == 0)
    return u @ x + np.sum(xlogy(k, x))


def _along(u, direction, value, least=-np.inf):
    """Return the support function of a half space or plane: a multiple of its normal."""
    multiple = u @ direction / (direction @ direction)
    return _where(_close(multiple * direction, u) and multiple >= least - LOOSE, multiple * value)


def _in_rows(u, matrix, value):
    """Return the support function of an affine set: a combination of rows."""
    coefficients = np.linalg.lstsq(matrix.T, u, rcond=None)[0]
    return _where(_close(matrix.T @ coefficients, u), coefficients @ value)


def _of_map(u):
    coefficients = np.linalg.lstsq(ROWS.T, u, rcond=None)[0]
    fits = _close(ROWS.T @ coefficients, u) and np.max(np.abs(coefficients)) <= 0.7 * (1 + LOOSE)
    return _where(fits, coefficients @ np.full(3, 0.3))


def _of_squares(u):
    coefficients = np.linalg.lstsq(A.T, u, rcond=None)[0]
    return _where(_close(A.T @ coefficients, u), coefficients @ B + 0.5 * coefficients @ coefficients)


def _of_log_determinant(u):
    values = np.linalg.eigvalsh(-u / 0.7)
    return _where(np.min(values) > 0, 0.7 * (-len(u) - np.sum(np.log(np.maximum(values, 1e-300)))))


def _entropic(u, weight):
    p = np.maximum(u / weight, 0.0)
    return _where(np.all(u >= -LOOSE) and _close(np.sum(p), 1.0), weight * np.sum(xlogy(p, p)))


def _box_distance(x):
    return 0.7 * _norm(x - np.clip(x, -0.5, 0.8))


def _on_groups(*functions):
    """Return the sum of functions of the first two elements, and of the others."""
    return lambda x: sum(f(part) for f, part in zip(functions, (x[:2], x[2:])))


VECTORS = [
    Case(
        "group lasso",
        r"\lambda \lVert x \rVert_2",
        spelt(lambda t, x: 0.7 * t.sqrt(t.sum(x**2))),
        lambda x: 0.7 * _norm(x),
        (6,),
        within(_norm, 0.7),
    ),
    Case(
        "group lasso, several groups",
        r"\sum_g \lambda_g \lVert x_g \rVert_2",
        spelt(lambda t, x: WEIGHTS * t.sqrt(t.sum(t.sqr(x), axis=1))),
        lambda x: WEIGHTS @ np.sqrt(np.sum(x**2, axis=1)),
        (4, 3),
        lambda u: _where(np.all(np.sqrt(np.sum(u**2, axis=1)) <= WEIGHTS * (1 + LOOSE))),
    ),
    Case(
        "group lasso, groups of elements",
        r"\lambda_1 \lVert x_{1:2} \rVert_2 + \lambda_2 \lVert x_{3:6} \rVert_2",
        spelt(lambda t, x: 0.7 * t.sqrt(t.sum(x[:2] ** 2)) + 1.2 * t.sqrt(t.sum(x[2:6] ** 2))),
        _on_groups(lambda x: 0.7 * _norm(x), lambda x: 1.2 * _norm(x)),
        (6,),
        _on_groups(within(_norm, 0.7), within(_norm, 1.2)),
    ),
    Case(
        "sparse group lasso",
        r"\lambda \lVert x \rVert_2 + w \lVert x \rVert_1",
        spelt(lambda t, x: 0.7 * t.sqrt(t.sum(x**2)) + t.sum(0.3 * abs(x))),
        lambda x: 0.7 * _norm(x) + 0.3 * np.sum(np.abs(x)),
        (6,),
        within(lambda u: _norm(_soft(u, 0.3)), 0.7),
    ),
    Case(
        "group lasso, positive",
        r"\lambda \lVert x \rVert_2, \quad x \ge 0",
        spelt(lambda t, x: _supported(t, t.all(x >= 0), 0.7 * t.sqrt(t.sum(x**2)))),
        lambda x: _where(np.all(x >= 0), 0.7 * _norm(x)),
        (6,),
        within(lambda u: _norm(np.maximum(u, 0)), 0.7),
    ),
    Case(
        "group lasso and a quadratic",
        r"\lambda \lVert x \rVert_2 + \tfrac{r}{2} \lVert x \rVert_2^2",
        spelt(lambda t, x: 0.7 * t.sqrt(t.sum(x**2)) + 0.4 * t.sum(x**2)),
        lambda x: 0.7 * _norm(x) + 0.4 * _norm(x) ** 2,
        (6,),
        lambda u: max(_norm(u) - 0.7, 0.0) ** 2 / 1.6,
    ),
    Case(
        "supremum norm",
        r"\lambda \lVert x \rVert_\infty",
        spelt(lambda t, x: 0.7 * t.max(abs(x))),
        lambda x: 0.7 * np.max(np.abs(x)),
        (6,),
        within(lambda u: np.sum(np.abs(u)), 0.7),
    ),
    Case(
        "maximum",
        r"\lambda \max_i x_i",
        spelt(lambda t, x: 0.7 * t.max(x)),
        lambda x: 0.7 * np.max(x),
        (6,),
        _on_scaled_simplex(0.7),
    ),
    Case(
        "sum of the largest",
        r"\lambda \sum_{i > n - k} x_{(i)}",
        spelt(lambda t, x: 0.7 * t.sum(t.sort(x)[-3:])),
        lambda x: 0.7 * np.sum(np.sort(x)[-3:]),
        (6,),
        lambda u: _where(np.all(u >= -LOOSE) and np.all(u <= 0.7 * (1 + LOOSE)) and _close(np.sum(u), 2.1)),
    ),
    Case(
        "SLOPE",
        r"\sum_i w_i |x|_{(i)}",
        spelt(lambda t, x: t.sum(SLOPE[::-1] * t.sort(abs(x))[::-1])),
        lambda x: SLOPE @ np.sort(np.abs(x)),
        (6,),
        lambda u: _below_sums(u, SLOPE),
    ),
    Case(
        "weighted order statistics",
        r"\sum_i w_i x_{(i)}",
        spelt(lambda t, x: t.dot(SLOPE - 0.5, t.sort(x))),
        lambda x: (SLOPE - 0.5) @ np.sort(x),
        (6,),
        lambda u: _permuted(u, SLOPE - 0.5),
    ),
    Case(
        "fused lasso",
        r"\sum_i w_i |x_{i + 1} - x_i|",
        spelt(lambda t, x: t.sum(STEPS * abs(x[1:] - x[:-1]))),
        lambda x: STEPS @ np.abs(np.diff(x)),
        (6,),
        lambda u: _reaches_zero(u, STEPS),
    ),
    Case(
        "sparse fused lasso",
        r"\lambda \sum_i |x_{i + 1} - x_i| + w \lVert x \rVert_1",
        spelt(lambda t, x: 0.7 * t.sum(abs(x[1:] - x[:-1])) + 0.3 * t.sum(abs(x))),
        lambda x: 0.7 * np.sum(np.abs(np.diff(x))) + 0.3 * np.sum(np.abs(x)),
        (6,),
        lambda u: _reaches_zero(u, np.full(5, 0.7), free=0.3),
    ),
    Case(
        "simplex",
        r"0, \quad x \ge 0, \; \sum_i x_i = 1",
        spelt(lambda t, x: _supported(t, t.and_(t.all(x >= 0), t.eq(t.sum(x), 1)))),
        lambda x: _where(_on_simplex(x)),
        (6,),
        np.max,
    ),
    Case(
        "l1 ball",
        r"0, \quad \lVert x \rVert_1 \le r",
        spelt(lambda t, x: _supported(t, t.sum(abs(x)) <= 1.3)),
        lambda x: within(lambda y: np.sum(np.abs(y)), 1.3)(x),
        (6,),
        lambda u: 1.3 * np.max(np.abs(u)),
    ),
    Case(
        "l2 ball",
        r"0, \quad \lVert x \rVert_2 \le r",
        spelt(lambda t, x: _supported(t, t.sum(x**2) <= 1.69)),
        lambda x: within(_norm, 1.3)(x),
        (6,),
        lambda u: 1.3 * _norm(u),
    ),
    Case(
        "box",
        r"0, \quad \lVert x \rVert_\infty \le r",
        spelt(lambda t, x: _supported(t, t.max(abs(x)) <= 1.3)),
        lambda x: within(lambda y: np.max(np.abs(y)), 1.3)(x),
        (6,),
        lambda u: 1.3 * np.sum(np.abs(u)),
    ),
    Case(
        "hyperplane",
        r"0, \quad a^\top x = c",
        spelt(lambda t, x: _supported(t, t.eq(t.dot(NORMAL, x), 0.4))),
        lambda x: _where(_close(NORMAL @ x, 0.4)),
        (6,),
        lambda u: _along(u, NORMAL, 0.4),
    ),
    Case(
        "half space",
        r"0, \quad a^\top x \le c",
        spelt(lambda t, x: _supported(t, t.dot(NORMAL, x) <= 0.4)),
        lambda x: _where(NORMAL @ x <= 0.4 + LOOSE),
        (6,),
        lambda u: _along(u, NORMAL, 0.4, 0.0),
    ),
    Case(
        "affine set",
        r"0, \quad A x = b",
        spelt(lambda t, x: _supported(t, t.all(t.eq(t.dot(A, x), B)))),
        lambda x: _where(_close(A @ x, B)),
        (6,),
        lambda u: _in_rows(u, A, B),
    ),
    Case(
        "second-order cone",
        r"0, \quad \lVert x_{2:n} \rVert_2 \le x_1",
        spelt(lambda t, x: _supported(t, t.sqrt(t.sum(x[1:] ** 2)) <= x[0])),
        lambda x: _where(_norm(x[1:]) <= x[0] + LOOSE),
        (6,),
        lambda u: _where(_norm(u[1:]) <= -u[0] + LOOSE),
    ),
    Case(
        "monotone cone",
        r"0, \quad x_1 \le x_2 \le \dots \le x_n",
        spelt(lambda t, x: _supported(t, t.all(x[1:] >= x[:-1]))),
        lambda x: _where(np.all(np.diff(x) >= -1e-13)),
        (6,),
        lambda u: _where(np.all(np.cumsum(u) >= -LOOSE) and abs(np.sum(u)) <= LOOSE),
    ),
    Case(
        "Dirichlet",
        r"-\sum_i k_i \log x_i, \quad x \ge 0, \; \sum_i x_i = 1",
        spelt(
            lambda t, x: _supported(
                t, t.and_(t.all(x >= 0), t.eq(t.sum(x), 1)), -t.sum(t.switch(t.eq(COUNTS, 0), 0, COUNTS * t.log(x)))
            )
        ),
        lambda x: _where(_on_simplex(x), -np.sum(xlogy(COUNTS, np.maximum(x, 0)))),
        (6,),
        lambda u: _of_log_on_simplex(u, COUNTS),
    ),
    Case(
        "entropy on the simplex",
        r"\lambda \sum_i x_i \log x_i, \quad x \ge 0, \; \sum_i x_i = 1",
        spelt(lambda t, x: _supported(t, t.and_(t.all(x >= 0), t.eq(t.sum(x), 1)), 0.7 * t.sum(x * t.log(x)))),
        lambda x: _where(_on_simplex(x), 0.7 * np.sum(xlogy(x, np.maximum(x, 0)))),
        (6,),
        lambda u: 0.7 * logsumexp(u / 0.7),
    ),
    Case(
        "normal prior",
        r"\tfrac{1}{2} (x - \mu)^\top \Sigma^{-1} (x - \mu)",
        spelt_with(lambda backend, x: -_log_density(backend, "MvNormal", x, mu=np.ones(6), cov=COVARIANCE)),
        _mvnormal,
        (6,),
        lambda u: np.sum(u) + 0.5 * u @ COVARIANCE @ u,
    ),
    Case(
        "least squares",
        r"\tfrac{1}{2} \lVert A x - b \rVert_2^2",
        spelt(lambda t, x: 0.5 * t.sum((t.dot(A, x) - B) ** 2)),
        lambda x: 0.5 * np.sum((A @ x - B) ** 2),
        (6,),
        _of_squares,
    ),
    Case(
        "log-sum-exp",
        r"w \log \sum_i e^{x_i}",
        spelt(lambda t, x: 0.7 * t.log(t.sum(t.exp(x)))),
        lambda x: 0.7 * logsumexp(x),
        (6,),
        lambda u: _entropic(u, 0.7),
    ),
    Case(
        "distance to a box",
        r"\lambda\, d_C(x)",
        spelt(lambda t, x: 0.7 * t.sqrt(t.sum(t.sqr(x - t.clip(x, -0.5, 0.8))))),
        _box_distance,
        (6,),
        lambda u: within(_norm, 0.7)(u) + np.sum(np.maximum(-0.5 * u, 0.8 * u)),
    ),
    Case(
        "distance to a ball",
        r"\lambda\, (\lVert x \rVert_2 - r)_+",
        spelt(lambda t, x: 0.7 * t.maximum(t.sqrt(t.sum(x**2)) - 0.9, 0)),
        lambda x: 0.7 * max(_norm(x) - 0.9, 0.0),
        (6,),
        lambda u: within(_norm, 0.7)(u) + 0.9 * _norm(u),
    ),
    Case(
        "l1 norm of a map with orthogonal rows",
        r"\lambda \lVert L x - b \rVert_1, \quad L L^\top = c I",
        spelt(lambda t, x: 0.7 * t.sum(abs(t.dot(ROWS, x) - 0.3))),
        lambda x: 0.7 * np.sum(np.abs(ROWS @ x - 0.3)),
        (6,),
        _of_map,
    ),
    Case(
        "perspective",
        r"g \lVert y \rVert_2^2 / \xi, \quad \xi > 0",
        spelt(lambda t, x: _supported(t, x[0] > 0, 0.7 * t.sum(x[1:] ** 2) / x[0])),
        _perspective,
        (6,),
        lambda u: _where(u[0] + np.sum(u[1:] ** 2) / 2.8 <= LOOSE),
    ),
]
MATRICES = [
    Case(
        "nuclear norm",
        r"\lambda \lVert X \rVert_*",
        spelt_with(lambda backend, x: 0.7 * backend.tensor.sum(_singular(backend, x))),
        lambda x: 0.7 * _nuclear(x),
        (4, 3),
        within(_spectral, 0.7),
    ),
    Case(
        "spectral norm",
        r"\lambda \lVert X \rVert",
        spelt_with(lambda backend, x: 0.7 * backend.tensor.max(_singular(backend, x))),
        lambda x: 0.7 * _spectral(x),
        (4, 3),
        within(_nuclear, 0.7),
    ),
    Case(
        "rows",
        r"\lambda \sum_i \lVert X_i \rVert_2",
        spelt(lambda t, x: 0.7 * t.sum(t.sqrt(t.sum(x**2, axis=1)))),
        lambda x: 0.7 * np.sum(np.sqrt(np.sum(x**2, axis=1))),
        (4, 3),
        within(lambda u: np.max(np.sqrt(np.sum(u**2, axis=1))), 0.7),
    ),
    Case(
        "rank",
        r"\lambda \operatorname{rank} X",
        spelt_with(lambda backend, x: 0.7 * backend.tensor.sum(backend.tensor.neq(_singular(backend, x), 0))),
        lambda x: 0.7 * np.sum(np.linalg.svd(x, compute_uv=False) > 1e-10),
        (4, 3),
        None,
        verdict=NOT_CONVEX,
    ),
    Case(
        "positive semidefinite cone",
        r"0, \quad X \succeq 0",
        spelt_with(
            lambda backend, x: _supported(
                backend.tensor, backend.tensor.all(backend.linalg.eigh(x)[0] >= 0), np.float64(0.0)
            )
        ),
        lambda x: _where(np.min(_eigenvalues(x)) >= -1e-12),
        (4, 4),
        lambda u: _where(np.max(_eigenvalues(u)) <= LOOSE),
        SYMMETRIC,
    ),
    Case(
        "log determinant",
        r"-\lambda \log \det X",
        spelt_with(lambda backend, x: -0.7 * backend.tensor.log(backend.linalg.det(x))),
        lambda x: -0.7 * _log_determinant(x),
        (4, 4),
        _of_log_determinant,
        SYMMETRIC,
    ),
]
CASES = VECTORS + MATRICES


def _log_density(backend, name, x, **parameters):
    law = getattr(backend.pm, name).dist(**parameters)
    return law.logp(x) if backend.name == "theano" else backend.pm.logp(law, x)
