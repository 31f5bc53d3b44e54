r"""Mixtures by the shape of a density.

Uniform ones of what is unimodal, exponential ones of what is completely monotone, and the scales that are roots of
variances with conjugate laws.
"""

from symbolic_pymc.relations.goals import constant_number
from symbolic_pymc.relations.mixture_rows import Mixture, constants, half, origin

_FELLER = "Feller, An Introduction to Probability Theory and Its Applications, vol. 2, {}"
_WAND = "Wand et al., Mean field variational Bayes for elaborate distributions, Bayesian Analysis 6 (2011), 847-900"


def _around(ops, middle, half_width):
    return "uniform", ops.sub(middle, half_width), ops.add(middle, half_width)


def _student_width(ops, p, w, scale):
    """Return the half width ``scale * sqrt(nu w / (1 - w))``: the square of it is 3 scale**2 times an F(3, nu)."""
    odds = ops.true_div(w, ops.sub(ops.constant(1.0), w))
    return ops.mul(scale, ops.sqrt(ops.mul(p.get("nu", ops.constant(1.0)), odds)))


UNIFORM = {
    "normal": Mixture(
        r"\frac{x \sim N(\mu, \sigma)}{w \sim \Gamma(\tfrac{3}{2}, \tfrac{1}{2}) \qquad "
        r"x \mid w \sim U(\mu - \sigma\sqrt{w}, \mu + \sigma\sqrt{w})}",
        _FELLER.format("V.9"),
        constants("gamma", 1.5, 0.5),
        lambda ops, p, w: _around(ops, p["mu"], ops.mul(p["sigma"], ops.sqrt(w))),
    ),
    "laplace": Mixture(
        r"\frac{x \sim \operatorname{Laplace}(\mu, b)}"
        r"{w \sim \Gamma(2, 1) \qquad x \mid w \sim U(\mu - b w, \mu + b w)}",
        _FELLER.format("V.9"),
        constants("gamma", 2.0, 1.0),
        lambda ops, p, w: _around(ops, p["mu"], ops.mul(p["b"], w)),
    ),
    "studentt": Mixture(
        r"\frac{x \sim T(\nu, \mu, \sigma)}{w \sim B(\tfrac{3}{2}, \nu / 2) \qquad "
        r"x \mid w \sim U(\mu - r, \mu + r)} \qquad r = \sigma \sqrt{\nu w / (1 - w)}",
        _FELLER.format("V.9"),
        lambda ops, p: ("beta", ops.constant(1.5), half(ops, p["nu"])),
        lambda ops, p, w: _around(ops, p["mu"], _student_width(ops, p, w, p["sigma"])),
    ),
    "cauchy": Mixture(
        r"\frac{x \sim C(\alpha, \beta)}{w \sim B(\tfrac{3}{2}, \tfrac{1}{2}) \qquad "
        r"x \mid w \sim U(\alpha - r, \alpha + r)} \qquad r = \beta \sqrt{w / (1 - w)}",
        _FELLER.format("V.9"),
        constants("beta", 1.5, 0.5),
        lambda ops, p, w: _around(ops, p["alpha"], _student_width(ops, p, w, p["beta"])),
    ),
    "exponential": Mixture(
        r"\frac{x \sim \operatorname{Exp}(\lambda)}{w \sim \Gamma(2, \lambda) \qquad x \mid w \sim U(0, w)}",
        _FELLER.format("V.9"),
        lambda ops, p: ("gamma", ops.constant(2.0), p["lam"]),
        lambda ops, p, w: ("uniform", ops.constant(0.0), w),
    ),
    "halfnormal": Mixture(
        r"\frac{x \sim N^{+}(\sigma)}"
        r"{w \sim \Gamma(\tfrac{3}{2}, \tfrac{1}{2}) \qquad x \mid w \sim U(0, \sigma\sqrt{w})}",
        _FELLER.format("V.9"),
        constants("gamma", 1.5, 0.5),
        lambda ops, p, w: (
            "uniform",
            origin(ops, p),
            ops.add(origin(ops, p), ops.mul(p["sigma"], ops.sqrt(w))),
        ),
    ),
}


def _is(name, test):
    """Tell whether a parameter is known to be a number that passes a test."""
    return lambda ops, p: (number := constant_number(p[name])) is not None and test(number)


EXPONENTIAL = {
    "gamma": Mixture(
        r"\frac{x \sim \Gamma(k, \beta) \qquad 0 < k < 1}"
        r"{w \sim B(1 - k, k) \qquad x \mid w \sim \operatorname{Exp}(\beta / (1 - w))}",
        _FELLER.format("XIII.4"),
        lambda ops, p: ("beta", ops.sub(ops.constant(1.0), p["alpha"]), p["alpha"]),
        lambda ops, p, w: ("exponential", ops.true_div(p["beta"], ops.sub(ops.constant(1.0), w))),
        applies=_is("alpha", lambda k: 0.0 < k < 1.0),
    ),
    "weibull": Mixture(
        r"\frac{x \sim \operatorname{Weibull}(\tfrac{1}{2}, \beta)}"
        r"{w \sim \Gamma^{-1}(\tfrac{1}{2}, \tfrac{1}{4}) \qquad x \mid w \sim \operatorname{Exp}(w / \beta)}",
        _FELLER.format("XIII.6"),
        constants("inversegamma", 0.5, 0.25),
        lambda ops, p, w: ("exponential", ops.true_div(w, p["beta"])),
        applies=_is("alpha", lambda k: k == 0.5),
    ),
    "pareto": Mixture(
        r"\frac{x \sim \operatorname{Pareto}(\alpha, m)}"
        r"{w \sim \Gamma(\alpha, m) \qquad z \mid w \sim \operatorname{Exp}(w) \qquad x = m + z}",
        _FELLER.format("XIII.4"),
        lambda ops, p: ("gamma", p["alpha"], p["m"]),
        lambda ops, p, w: ("exponential", w),
        value=lambda ops, p, z: ops.add(p["m"], z),
        part="_excess",
    ),
}


def _root(ops, p, z):
    return ops.sqrt(z)


def _starts_at_zero(ops, p):
    return constant_number(p["loc"]) == 0.0 if "loc" in p else True


INVERSE_GAMMA = {
    "halfcauchy": Mixture(
        r"\frac{x \sim C^{+}(\beta)}{w \sim \Gamma^{-1}(\tfrac{1}{2}, 1 / \beta^2) \qquad "
        r"z \mid w \sim \Gamma^{-1}(\tfrac{1}{2}, 1 / w) \qquad x = \sqrt{z}}",
        _WAND,
        lambda ops, p: ("inversegamma", ops.constant(0.5), ops.reciprocal(ops.sqr(p["beta"]))),
        lambda ops, p, w: ("inversegamma", ops.constant(0.5), ops.reciprocal(w)),
        value=_root,
        part="_square",
        applies=_starts_at_zero,
    ),
    "halfstudentt": Mixture(
        r"\frac{x \sim T^{+}(\nu, \sigma)}{w \sim \Gamma^{-1}(\tfrac{1}{2}, 1 / \sigma^2) \qquad "
        r"z \mid w \sim \Gamma^{-1}(\nu / 2, \nu / w) \qquad x = \sqrt{z}}",
        _WAND,
        lambda ops, p: ("inversegamma", ops.constant(0.5), ops.reciprocal(ops.sqr(p["sigma"]))),
        lambda ops, p, w: ("inversegamma", half(ops, p["nu"]), ops.true_div(p["nu"], w)),
        value=_root,
        part="_square",
    ),
}
