"""The noise of normal data, as `conjugates` asks for it: independent, of any covariance, or diagonal plus low rank."""

from dataclasses import dataclass
from typing import Any

from symbolic_pymc.meta import Term


@dataclass(frozen=True)
class IndependentNoise:
    """Noise of the variances `variance` (n)."""

    ops: Any
    variance: Term

    @property
    def cov(self):
        return self.ops.diagonal(self.variance)

    def law(self, mean):
        return self.ops.mvnormal(mean, self.cov)

    def solve(self, x):
        """Return the inverse of the covariance times `x`, (n) or (n, k)."""
        return self.ops.divide_rows(x, self.variance)

    def widened(self, mean, F, R):
        return self.ops.lowrankmvnormal(mean, self.ops.dot(F, self.ops.cholesky(R)), self.variance)


@dataclass(frozen=True)
class EqualNoise:
    """Independent noise of the one standard deviation `sigma`, a number."""

    ops: Any
    sigma: Term

    def law(self, mean):
        return self.ops.normal(mean, self.sigma)


@dataclass(frozen=True)
class LowRankNoise:
    """Noise of the covariance ``diag(variance) + factor factor'``; `factor` (n, k), `variance` (n)."""

    ops: Any
    factor: Term
    variance: Term

    @property
    def cov(self):
        square = self.ops.dot(self.factor, self.ops.transpose(self.factor))
        return self.ops.add(self.ops.diagonal(self.variance), square)

    def law(self, mean):
        return self.ops.lowrankmvnormal(mean, self.factor, self.variance)

    def solve(self, x):
        """Return the inverse of the covariance times `x`, (n) or (n, k), by the Woodbury identity."""
        ops, across = self.ops, self.ops.transpose(self.factor)
        scaled, factor = ops.divide_rows(x, self.variance), ops.divide_rows(self.factor, self.variance)
        square = ops.dot(across, factor)
        capacitance = ops.add(ops.identity_like(square), square)
        return ops.sub(scaled, ops.dot(factor, ops.dot(ops.inverse(capacitance), ops.dot(across, scaled))))

    def divided(self, q):
        """Return the noise whose covariance is this one divided by the number `q`."""
        ops = self.ops
        return LowRankNoise(ops, ops.true_div(self.factor, ops.sqrt(q)), ops.true_div(self.variance, q))

    def widened(self, mean, F, R):
        factor = self.ops.side_by_side(self.factor, self.ops.dot(F, self.ops.cholesky(R)))
        return self.ops.lowrankmvnormal(mean, factor, self.variance)


@dataclass(frozen=True)
class DenseNoise:
    """Noise of the covariance `cov` (n, n)."""

    ops: Any
    cov: Term

    def law(self, mean):
        return self.ops.mvnormal(mean, self.cov)

    def solve(self, x):
        """Return the inverse of the covariance times `x`, (n) or (n, k)."""
        return self.ops.dot(self.ops.inverse(self.cov), x)

    def divided(self, q):
        """Return the noise whose covariance is this one divided by the number `q`."""
        return DenseNoise(self.ops, self.ops.true_div(self.cov, q))

    def widened(self, mean, F, R):
        spread = self.ops.dot(F, self.ops.dot(R, self.ops.transpose(F)))
        return self.ops.mvnormal(mean, self.ops.add(spread, self.cov))


def noise_of(ops, edge):
    """Return the noise of the child of an edge."""
    family, others = ops.distribution_of(edge.rv), edge.others
    if family == "mvnormal":
        return DenseNoise(ops, others["cov"])
    if family == "lowrankmvnormal":
        return LowRankNoise(ops, others["factor"], others["variance"])
    return IndependentNoise(ops, ops.sqr(ops.column(others["sigma"], edge.data)))
