"""What spreads a normal vector about its mean, as `conjugates` asks for it.

Independent elements, any covariance, or a diagonal plus low rank: each has `cov`, and `law` for the normal law about
a mean.  That of data also has `solve`, the inverse covariance times something, and `widened`, the law of the data with
a linear map of another spread added; that of a parameter has `precision`, and `columns` for what `widened` adds.
"""

from dataclasses import dataclass
from typing import Any

from symbolic_pymc.records import Term


@dataclass(frozen=True)
class IndependentNoise:
    """Noise of the variances `variance`, (n) or (1) for one number, in a vector like `pattern` (n)."""

    ops: Any
    variance: Term
    pattern: Term

    @property
    def cov(self):
        return self.ops.diagonal(self._variances)

    @property
    def precision(self):
        return self.ops.diagonal(self.ops.reciprocal(self._variances))

    @property
    def _variances(self):
        return self.ops.like(self.variance, self.pattern)

    def law(self, mean):
        return self.ops.mvnormal(mean, self.cov)

    def solve(self, x):
        """Return the inverse of the covariance times `x`, (n) or (n, k)."""
        return self.ops.divide_rows(x, self.variance)

    def columns(self, F):
        """Return a matrix and scales of its columns whose square is the covariance of F times this noise."""
        return F, self.ops.sqrt(self._variances)

    def widened(self, mean, F, other):
        """Return the law about `mean` of this noise and F times the `other`."""
        factor, scales = other.columns(F)
        return self.ops.lowrankmvnormal(mean, factor, self.variance, scales)


@dataclass(frozen=True)
class EqualNoise:
    """Independent noise of the one standard deviation `sigma`, a number."""

    ops: Any
    sigma: Term

    def law(self, mean):
        return self.ops.normal(mean, self.sigma)


@dataclass(frozen=True)
class LowRankNoise:
    """Noise of the covariance ``diag(variance) + W W'``, W = factor * scales.

    Shapes: factor (n, k), variance (n) or (1), scales (k); `pattern` is a vector (n).
    """

    ops: Any
    factor: Term
    variance: Term
    scales: Term
    pattern: Term

    @property
    def cov(self):
        W = self.ops.scale_columns(self.factor, self.scales)
        variances = self.ops.like(self.variance, self.pattern)
        return self.ops.add(self.ops.diagonal(variances), self.ops.dot(W, self.ops.transpose(W)))

    def law(self, mean):
        return self.ops.lowrankmvnormal(mean, self.factor, self.variance, self.scales)

    def solve(self, x):
        """Return the inverse of the covariance times `x`, (n) or (n, k), by the Woodbury identity."""
        ops, W = self.ops, self.ops.scale_columns(self.factor, self.scales)
        scaled, divided, across = ops.divide_rows(x, self.variance), ops.divide_rows(W, self.variance), ops.transpose(W)
        square = ops.dot(across, divided)
        capacitance = ops.add(ops.identity_like(square), square)
        return ops.sub(scaled, ops.dot(divided, ops.dot(ops.inverse(capacitance), ops.dot(across, scaled))))

    def divided(self, q):
        """Return the noise whose covariance is this one divided by the number `q`."""
        ops, scales = self.ops, self.ops.true_div(self.scales, self.ops.sqrt(q))
        return LowRankNoise(ops, self.factor, ops.true_div(self.variance, q), scales, self.pattern)

    def widened(self, mean, F, other):
        """Return the law about `mean` of this noise and F times the `other`."""
        factor, scales = other.columns(F)
        factor, scales = self.ops.side_by_side(self.factor, factor), self.ops.end_to_end(self.scales, scales)
        return self.ops.lowrankmvnormal(mean, factor, self.variance, scales)


@dataclass(frozen=True)
class DenseNoise:
    """Noise of the covariance `cov` (n, n)."""

    ops: Any
    cov: Term

    @property
    def precision(self):
        return self.ops.inverse(self.cov)

    def law(self, mean):
        return self.ops.mvnormal(mean, self.cov)

    def solve(self, x):
        """Return the inverse of the covariance times `x`, (n) or (n, k)."""
        return self.ops.dot(self.ops.inverse(self.cov), x)

    def divided(self, q):
        """Return the noise whose covariance is this one divided by the number `q`."""
        return DenseNoise(self.ops, self.ops.true_div(self.cov, q))

    def columns(self, F):
        """Return a matrix and scales of its columns whose square is the covariance of F times this noise."""
        return self.ops.dot(F, self.ops.cholesky(self.cov)), self.ops.one_per_column(F)

    def widened(self, mean, F, other):
        """Return the law about `mean` of this noise and F times the `other`."""
        spread = self.ops.dot(F, self.ops.dot(other.cov, self.ops.transpose(F)))
        return self.ops.mvnormal(mean, self.ops.add(spread, self.cov))


def noise_of(ops, draw, pattern, parameters=None):
    """Return the noise of a draw of the shape of `pattern`, laid out as a vector; `parameters` may be others."""
    family, parameters = ops.distribution_of(draw), parameters or ops.parameters(draw)
    if family == "mvnormal":
        return DenseNoise(ops, parameters["cov"])
    if family == "lowrankmvnormal":
        return low_rank_noise(ops, parameters["factor"], parameters["variance"], parameters["scales"], pattern)
    return IndependentNoise(ops, ops.sqr(ops.condensed(parameters["sigma"], pattern)), ops.column(pattern, pattern))


def low_rank_noise(ops, factor, variance, scales, pattern):
    """Return a `LowRankNoise`; `scales` may be (1), one number for all."""
    return LowRankNoise(ops, factor, variance, ops.per_column(scales, factor), pattern)
