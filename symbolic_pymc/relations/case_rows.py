"""The rows of `cases.caseo`: members of families that are no laws of single numbers, or are moved or scaled ones."""

from dataclasses import dataclass
from typing import Any, Callable

import numpy as np

from symbolic_pymc.records import Constant, Term
from symbolic_pymc.relations.arithmetic import same
from symbolic_pymc.relations.edge import blank_of, is_fixed
from symbolic_pymc.relations.goals import without_unit_axes
from symbolic_pymc.vocabulary import is_transposition


@dataclass(frozen=True)
class Case:
    """A member of a family as a draw from another.

    Parameters
    ----------
    family : str
    statement : str
        LaTeX.
    law : callable
        ``law(ops, p, x)`` returns the neutral name and the parameters of the other law, or None where the draw `x` with
        the parameters `p` is no such member.
    value : callable or None
        ``value(ops, p, z)`` where the variable is a function of the `z` that is drawn; `part` is what the name of `z`
        ends with.
    """

    family: str
    statement: str
    law: Callable
    value: Any = None
    part: str = ""


def _near(ops, x, value):
    return same(ops, x, ops.constant(value))


def _is_diagonal(ops, x):
    """Tell whether a matrix provably has nothing beside its diagonal."""
    if isinstance(x, Constant):
        return x.value.ndim == 2 and np.array_equal(x.value, np.diag(np.diag(x.value)))
    if not isinstance(x, Term) or ops.is_random(x) or ops.ndim(x) != 2:
        return False
    if ops.static_length(x) == 1 or type(getattr(x.rator, "op", None)).__name__ == "AllocDiag":
        return True
    kind = "transpose" if is_transposition(x) else ops.kind_of(x)
    parts = [not ops.is_stretched(r, x) and _is_diagonal(ops, r) for r in x.rands]
    if kind in ("mul", "true_div"):
        return any(parts) if kind == "mul" else parts[0]
    return kind in ("add", "dot", "matmul", "inverse", "transpose", "deterministic") and all(parts)


def _matrix(ops, x):
    """Return a matrix without axes of length one in front."""
    x = without_unit_axes(x)
    shape = x.shape if isinstance(x, Constant) else ()
    return ops.constant(x.value.reshape(shape[-2:])) if len(shape) > 2 and set(shape[:-2]) == {1} else x


def _independent(ops, p, x):
    cov = _matrix(ops, p["cov"])
    if _is_diagonal(ops, cov):
        return "normal", p["mu"], ops.sqrt(ops.sum_of_rows(cov))


def _joint(ops, p, x):
    if ops.ndim(x) == 1:
        blank = blank_of(ops, x)
        variances = ops.column(ops.sqr(p["sigma"]), blank)
        return "mvnormal", ops.column(p["mu"], blank), ops.diagonal(variances)


def _steps(gain):
    """Return the law of the steps of a chain in which every gain is a number; the first counts for nothing."""

    def rule(ops, p, x):
        known = ops.value_of(p["gain"]) if is_fixed(ops, p["gain"]) else None
        if ops.ndim(x) == 1 and known is not None and np.all(known[1:] == gain):
            return "normal", p["offset"], p["scale"]

    return rule


def _single_student(ops, p, x):
    cov = _matrix(ops, p["cov"])
    if ops.static_length(cov) == 1 and ops.ndim(cov) == 2 and ops.ndim(p["nu"]) == 0:
        return "studentt", p["nu"], p["mu"], ops.sqrt(ops.sum_of_rows(cov))


def _single_wishart(name, scale, of):
    def rule(ops, p, x):
        if ops.static_length(p[scale]) == 1 and ops.ndim(x) == 2:
            half = ops.constant(0.5)
            return name, ops.mul(half, p["nu"]), of(ops, ops.mul(half, p[scale]) if name != "gamma" else p[scale])

    return rule


def _triangle(ops, p, x):
    """Return the beta law of a triangle with its peak at one end."""
    for end, shapes in (("lower", (1.0, 2.0)), ("upper", (2.0, 1.0))):
        if same(ops, p["c"], p[end]):
            return "beta", *map(ops.constant, shapes)


def _as_triangle(ops, p, x):
    """Return the triangle between 0 and 1 that a beta law is."""
    for peak in (0.0, 1.0):
        if _near(ops, p["alpha"], 1.0 + peak) and _near(ops, p["beta"], 2.0 - peak):
            return "triangular", *map(ops.constant, (0.0, peak, 1.0))


def _between(ops, p, z):
    return ops.add(p["lower"], ops.mul(ops.sub(p["upper"], p["lower"]), z))


def _moved(step):
    return lambda ops, p, z: ops.counts(ops.add(z, ops.constant(step)))


CASES = {
    "mvnormal_as_normalo": Case(
        "mvnormal",
        r"\frac{x \sim N(\mu, \operatorname{diag}(v))}{x_i \sim N(\mu_i, \sqrt{v_i})}",
        _independent,
    ),
    "normal_as_mvnormalo": Case(
        "normal",
        r"\frac{x_i \sim N(\mu_i, \sigma_i)}{x \sim N(\mu, \operatorname{diag}(\sigma^2))}",
        _joint,
    ),
    "gaussianchain_as_normalo": Case(
        "gaussianchain",
        r"\frac{x \sim \operatorname{Chain}(o, 0, s)}{x_t \sim N(o_t, s_t)}",
        _steps(0.0),
    ),
    "gaussianchain_as_walko": Case(
        "gaussianchain",
        r"\frac{x \sim \operatorname{Chain}(o, 1, s)}{z_t \sim N(o_t, s_t) \qquad x_t = \textstyle\sum_{i \le t} z_i}",
        _steps(1.0),
        lambda ops, p, z: ops.cumsum(z),
        "_step",
    ),
    "mvstudentt_as_studentto": Case(
        "mvstudentt",
        r"\frac{x \sim T(\nu, \mu, (v)) \qquad d = 1}{x_1 \sim T(\nu, \mu_1, \sqrt{v})}",
        _single_student,
    ),
    "wishart_as_gammao": Case(
        "wishart",
        r"\frac{X \sim W(\nu, (v)) \qquad d = 1}{X_{11} \sim \operatorname{Gamma}(\nu / 2, 1 / (2 v))}",
        _single_wishart("gamma", "V", lambda ops, v: ops.true_div(ops.constant(0.5), v)),
    ),
    "inversewishart_as_inversegammao": Case(
        "inversewishart",
        r"\frac{X \sim W^{-1}(\nu, (\psi)) \qquad d = 1}{X_{11} \sim \operatorname{Gamma^{-1}}(\nu / 2, \psi / 2)}",
        _single_wishart("inversegamma", "Psi", lambda ops, half: half),
    ),
    "weibull_as_riceo": Case(
        "weibull",
        r"\operatorname{Weibull}(2, b) = \operatorname{Rice}(0, b / \sqrt{2})",
        lambda ops, p, x: (
            ("rice", ops.constant(0.0), ops.mul(ops.constant(0.5**0.5), p["beta"]))
            if _near(ops, p["alpha"], 2.0)
            else None
        ),
    ),
    "beta_as_triangularo": Case(
        "beta",
        r"\operatorname{Beta}(1, 2) = \operatorname{Tri}(0, 0, 1), \qquad \operatorname{Beta}(2, 1) = \operatorname{Tri}(0, 1, 1)",
        _as_triangle,
    ),
    "triangular_as_betao": Case(
        "triangular",
        r"\frac{x \sim \operatorname{Tri}(l, l, u)}{z \sim \operatorname{Beta}(1, 2) \qquad x = l + (u - l) z}",
        _triangle,
        _between,
        "_beta",
    ),
    "negativebinomial_as_geometrico": Case(
        "negativebinomial",
        r"\frac{x \sim \operatorname{NB}(1, p)}{z \sim \operatorname{Geom}(p) \qquad x = z - 1}",
        lambda ops, p, x: ("geometric", p["p"]) if _near(ops, p["n"], 1.0) else None,
        _moved(-1.0),
        "_geometric",
    ),
    "geometric_as_negativebinomialo": Case(
        "geometric",
        r"\frac{x \sim \operatorname{Geom}(p)}{z \sim \operatorname{NB}(1, p) \qquad x = z + 1}",
        lambda ops, p, x: ("negativebinomial", ops.constant(1.0), p["p"]),
        _moved(1.0),
        "_failures",
    ),
    "discreteweibull_as_geometrico": Case(
        "discreteweibull",
        r"\frac{x \sim \operatorname{DW}(q, 1)}{z \sim \operatorname{Geom}(1 - q) \qquad x = z - 1}",
        lambda ops, p, x: ("geometric", ops.sub(ops.constant(1.0), p["q"])) if _near(ops, p["beta"], 1.0) else None,
        _moved(-1.0),
        "_geometric",
    ),
}
