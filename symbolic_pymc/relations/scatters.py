r"""What a likelihood is as a function of a precision matrix: one row per pair of a distribution and a parameter.

Up to what is free of Q it is :math:`|Q|^{n/2} e^{-\operatorname{tr}(S Q) / 2}`, whose conjugate priors are the Wishart
law of Q and the inverse Wishart law of its inverse.  In the rows `y` is the data and `p` the other parameters of the
likelihood by name; `statement` has the law and the statistics n and S of the data as LaTeX.
"""

from dataclasses import dataclass
from typing import Any, Callable


@dataclass(frozen=True)
class Scatter:
    """A likelihood ``det(Q) ** (count / 2) * exp(-trace(scatter Q) / 2)`` of a precision Q.

    exponent : 1 where the parameter is Q, -1 where it is the inverse.  side : "whole", or "lower" for a Cholesky factor.
    law : ``law(ops, Q, p)`` returns the draw.
    marginal : ``marginal(ops, nu, Psi, y, p)`` is the law of `y` for Q ~ Wishart(nu, inv(Psi)), where it has a name.
    """

    statement: tuple
    exponent: int
    law: Callable
    count: Callable
    scatter: Callable
    marginal: Any = None
    side: str = "whole"


def _residuals(ops, y, p):
    return ops.sub(ops.as_rows(y, y), ops.as_rows(p["mu"], y))


def _square(ops, y, p):
    rows = _residuals(ops, y, p)
    return ops.dot(ops.transpose(rows), rows)


def _weighted_square(ops, y, p):
    rows, factor = _residuals(ops, y, p), p["rowchol"]
    rowcov = ops.dot(factor, ops.transpose(factor))
    return ops.dot(ops.transpose(rows), ops.dot(ops.inverse(rowcov), rows))


def _student(ops, nu, Psi, y, p):
    if ops.ndim(y) > 1:
        return None
    degrees = ops.add(ops.sub(nu, ops.length(Psi)), ops.constant(1.0))
    return ops.mvstudentt(degrees, ops.like(p["mu"], y), ops.true_div(Psi, degrees))


SCATTERS = {
    ("mvnormal", "cov"): Scatter(
        (r"N(\mu_i, Q^{-1})", "n", r"\textstyle\sum_i (y_i - \mu_i)(y_i - \mu_i)'"),
        -1,
        lambda ops, Q, p: ops.mvnormal(p["mu"], ops.inverse(Q)),
        lambda ops, y, p: ops.count_rows(y),
        _square,
        _student,
    ),
    ("matrixnormal", "colchol"): Scatter(
        (r"MN(M, U, Q^{-1}),\; y \in \mathbb{R}^{m \times d}", "m", r"(y - M)' U^{-1} (y - M)"),
        -1,
        lambda ops, Q, p: ops.matrixnormal(p["mu"], p["rowchol"], ops.cholesky(ops.inverse(Q))),
        lambda ops, y, p: ops.count_rows(y),
        _weighted_square,
        side="lower",
    ),
    ("wishart", "V"): Scatter(
        (r"W(k, Q^{-1})", "k", "y"),
        -1,
        lambda ops, Q, p: ops.wishart(p["nu"], ops.inverse(Q)),
        lambda ops, y, p: p["nu"],
        lambda ops, y, p: y,
    ),
    ("inversewishart", "Psi"): Scatter(
        (r"W^{-1}(k, Q)", "k", "y^{-1}"),
        1,
        lambda ops, Q, p: ops.inversewishart(p["nu"], Q),
        lambda ops, y, p: p["nu"],
        lambda ops, y, p: ops.inverse(y),
    ),
}
