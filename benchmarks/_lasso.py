"""Sparse regressions with bounds of their optima, as the benchmark of estimates measures them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import linprog
from scipy.special import expit, xlogy


@dataclass(frozen=True)
class Case:
    """``loss(x @ b, y) + weight |b|_1 + ridge / 2 |b|_2**2``; with lengths of groups of `size` in place of sizes."""

    kind: str
    x: np.ndarray
    y: np.ndarray
    weight: float
    ridge: float = 0.0
    size: int = 1
    quantile: float = 0.5

    @property
    def shape(self):
        """Return the shape of the coefficients in a model."""
        return self.x.shape[1] if self.size == 1 else (self.x.shape[1] // self.size, self.size)

    def lengths(self, b):
        """Return the lengths of the groups of coefficients."""
        return np.sqrt(np.sum(np.reshape(b, (-1, self.size)) ** 2, axis=1))

    def objective(self, b):
        loss = self.check(b) if self.kind == "check" else np.sum(VALUE[self.kind](self.x @ b, self.y))
        return loss + self.weight * np.sum(self.lengths(b)) + 0.5 * self.ridge * b @ b

    def check(self, b):
        """Return the loss of quantile regression."""
        rest = self.y - self.x @ b
        return np.sum(np.maximum(self.quantile * rest, (self.quantile - 1.0) * rest))

    @cached_property
    def lowest(self):
        """Return a lower bound of the objective of a quantile regression: at a point of the dual, a linear program."""
        bounds = (self.quantile - 1.0, self.quantile)
        limits = np.full(2 * self.x.shape[1], self.weight)
        options = dict(primal_feasibility_tolerance=1e-10, dual_feasibility_tolerance=1e-10)
        u = linprog(-self.y, np.vstack([self.x.T, -self.x.T]), limits, bounds=bounds, options=options).x
        u = np.clip(u, *bounds)
        return self.y @ u * min(1.0, self.weight / np.abs(self.x.T @ u).max())

    def gap(self, b):
        """Return an upper bound of the relative distance from the optimum, from a point of the dual."""
        if self.kind == "check":
            return float((self.objective(b) - self.lowest) / self.lowest)
        a = self.x @ b
        u = SLOPE[self.kind](a, self.y)
        g = self.x.T @ u
        s = 1.0 if self.ridge else min(1.0, self.weight / self.lengths(g).max())
        beyond = np.maximum(self.lengths(s * g) - self.weight, 0.0)
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


def groups(n, p, fraction):
    """Groups of five, of which one in twenty counts."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, p))
    y = x @ np.ravel(_sparse(rng, p // 5)[:, None] * rng.normal(size=(p // 5, 5))) + rng.normal(size=n)
    case = Case("squares", x, y, 0.0, size=5)
    return Case("squares", x, y, fraction * case.lengths(x.T @ y).max(), size=5)


def check(n, p, fraction):
    """The ninth decile."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, p))
    y = x @ _sparse(rng, p) + rng.standard_t(3, size=n)
    slopes = np.where(y > 0, 0.9, -0.1)
    return Case("check", x, y, fraction * np.abs(x.T @ slopes).max(), quantile=0.9)


def _sparse(rng, p):
    b = np.zeros(p)
    b[rng.choice(p, p // 20, replace=False)] = rng.normal(size=p // 20)
    return b


SIZES = ((1000, 100), (200, 2000), (2000, 500))
CASES = {f"LASSO, {n} x {p}, {f} of the largest weight": (squares, n, p, f) for n, p in SIZES for f in (0.1, 0.01)}
CASES["logistic, 1000 x 200, 0.05"] = (logistic, 1000, 200, 0.05)
CASES["Poisson, elastic net, 1000 x 200, 0.05"] = (counts, 1000, 200, 0.05)
CASES["group lasso, 1000 x 500, 0.1"] = (groups, 1000, 500, 0.1)
CASES["group lasso, 200 x 2000, 0.1"] = (groups, 200, 2000, 0.1)
CASES["quantile regression, 1000 x 60, 0.05"] = (check, 1000, 60, 0.05)
