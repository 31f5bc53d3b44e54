"""Sparse regressions with bounds of their optima, as the benchmark of estimates measures them."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, xlogy


@dataclass(frozen=True)
class Case:
    """``loss(x @ b, y) + weight |b|_1 + ridge / 2 |b|_2**2``."""

    kind: str
    x: np.ndarray
    y: np.ndarray
    weight: float
    ridge: float = 0.0

    def objective(self, b):
        return np.sum(VALUE[self.kind](self.x @ b, self.y)) + self.weight * np.abs(b).sum() + 0.5 * self.ridge * b @ b

    def gap(self, b):
        """Return an upper bound of the relative distance from the optimum, from a point of the dual."""
        a = self.x @ b
        u = SLOPE[self.kind](a, self.y)
        g = self.x.T @ u
        s = 1.0 if self.ridge else min(1.0, self.weight / np.abs(g).max())
        beyond = np.maximum(np.abs(s * g) - self.weight, 0.0)
        dual = -np.sum(CONJUGATE[self.kind](s * u, self.y))
        dual -= np.sum(beyond**2) / (2 * self.ridge) if self.ridge else 0.0
        here = self.objective(b)
        return float((here - dual) / abs(here))


VALUE = {
    "squares": lambda a, y: 0.5 * (y - a) ** 2,
    "logistic": lambda a, y: np.logaddexp(0.0, a) - y * a,
    "counts": lambda a, y: np.exp(a) - y * a,
}
SLOPE = {
    "squares": lambda a, y: a - y,
    "logistic": lambda a, y: expit(a) - y,
    "counts": lambda a, y: np.exp(a) - y,
}
CONJUGATE = {
    "squares": lambda u, y: 0.5 * u**2 + u * y,
    "logistic": lambda u, y: xlogy(u + y, u + y) + xlogy(1.0 - u - y, 1.0 - u - y),
    "counts": lambda u, y: xlogy(u + y, u + y) - (u + y),
}


def squares(n, p, fraction):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, p))
    y = x @ _sparse(rng, p) + rng.normal(size=n)
    return Case("squares", x, y, fraction * np.abs(x.T @ y).max())


def logistic(n, p, fraction):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, p))
    y = (x @ _sparse(rng, p) + rng.normal(size=n) > 0).astype("int64")
    return Case("logistic", x, y, fraction * np.abs(x.T @ (y - 0.5)).max())


def counts(n, p, fraction):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, p))
    y = rng.poisson(np.exp(0.3 * x @ _sparse(rng, p)))
    return Case("counts", x, y, fraction * np.abs(x.T @ (y - 1.0)).max(), 1.0)


def _sparse(rng, p):
    b = np.zeros(p)
    b[rng.choice(p, p // 20, replace=False)] = rng.normal(size=p // 20)
    return b


SIZES = ((1000, 100), (200, 2000), (2000, 500))
CASES = {f"LASSO, {n} x {p}, {f} of the largest weight": (squares, n, p, f) for n, p in SIZES for f in (0.1, 0.01)}
CASES["logistic, 1000 x 200, 0.05"] = (logistic, 1000, 200, 0.05)
CASES["Poisson, elastic net, 1000 x 200, 0.05"] = (counts, 1000, 200, 0.05)
