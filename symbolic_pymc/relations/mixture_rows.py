r"""The rows of `mixtures.mixtureo`: what is drawn first, what is drawn given that.

Each states that :math:`\int p(x \mid w)\, p(w)\, dw` is the density of the distribution that it is for.
"""

from dataclasses import dataclass
from typing import Any, Callable


def _always(ops, p):
    return True


@dataclass(frozen=True)
class Mixture:
    """A distribution as a mixture.

    Parameters
    ----------
    statement : str
        LaTeX, `w` being the mixing variable.
    reference : str
    mixing : callable
        ``mixing(ops, p)`` returns the name of the law of `w` and its parameters; `p` has those of the distribution.
    given : callable
        ``given(ops, p, w)`` returns the name of the law given `w` and its parameters.
    value : callable or None
        ``value(ops, p, z)`` where the distribution is that of an expression in the `z` that is drawn given `w`;
        `part` is what the name of `z` ends with.
    applies : callable
        ``applies(ops, p)`` tells whether the row holds.
    """

    statement: str
    reference: str
    mixing: Callable
    given: Callable
    value: Any = None
    part: str = ""
    applies: Callable = _always


def half(ops, x):
    return ops.mul(ops.constant(0.5), x)


def _over_root(ops, x, w):
    return ops.true_div(x, ops.sqrt(w))


def constants(name, *values):
    return lambda ops, p: (name, *map(ops.constant, values))


def _chi_squared_mean(ops, p):
    """The law of a chi-squared variable divided by its degrees of freedom."""
    return "gamma", half(ops, p["nu"]), half(ops, p["nu"])


def _asymmetric(ops, p, w):
    skew = ops.true_div(ops.sub(ops.reciprocal(p["kappa"]), p["kappa"]), p["b"])
    scale = ops.true_div(ops.sqrt(ops.mul(ops.constant(2.0), w)), p["b"])
    return "normal", ops.add(p["mu"], ops.mul(skew, w)), scale


def _skewed(ops, p, w):
    root = ops.sqrt(ops.add(ops.constant(1.0), ops.sqr(p["alpha"])))
    shift = ops.true_div(ops.mul(ops.mul(p["sigma"], p["alpha"]), w), root)
    return "normal", ops.add(p["mu"], shift), ops.true_div(p["sigma"], root)


def _odds(ops, p):
    return ops.true_div(p["p"], ops.sub(ops.constant(1.0), p["p"]))


def origin(ops, p):
    return p.get("loc", ops.constant(0.0))


def _half_normal(ops, p, scale):
    """Return the half normal law that starts where another one does."""
    native = {"loc": origin(ops, p), "sigma": scale}
    return ("halfnormal", *(native[name] for name in ops.rows["halfnormal"].params))


_ANDREWS = "Andrews and Mallows, Scale mixtures of normal distributions, JRSS B 36 (1974), 99-102"
_AZZALINI = "Azzalini, A class of distributions which includes the normal ones, Scand. J. Statist. 12 (1985), 171-178"
_KOZUMI = (
    "Kozumi and Kobayashi, Gibbs sampling methods for Bayesian quantile regression, "
    "J. Stat. Comput. Simul. 81 (2011), 1565-1578"
)
_DISCRETE = "Johnson, Kemp and Kotz, Univariate Discrete Distributions, ch. {}"
_KOTZ = "Kotz and Nadarajah, Multivariate t Distributions and Their Applications (2004), ch. 1"

NORMAL = {
    "studentt": Mixture(
        r"\frac{x \sim T(\nu, \mu, \sigma)}"
        r"{w \sim \Gamma(\nu / 2, \nu / 2) \qquad x \mid w \sim N(\mu, \sigma / \sqrt{w})}",
        _ANDREWS,
        _chi_squared_mean,
        lambda ops, p, w: ("normal", p["mu"], _over_root(ops, p["sigma"], w)),
    ),
    "cauchy": Mixture(
        r"\frac{x \sim C(\alpha, \beta)}"
        r"{w \sim \Gamma(\tfrac{1}{2}, \tfrac{1}{2}) \qquad x \mid w \sim N(\alpha, \beta / \sqrt{w})}",
        _ANDREWS,
        constants("gamma", 0.5, 0.5),
        lambda ops, p, w: ("normal", p["alpha"], _over_root(ops, p["beta"], w)),
    ),
    "laplace": Mixture(
        r"\frac{x \sim \operatorname{Laplace}(\mu, b)}"
        r"{w \sim \operatorname{Exp}(\tfrac{1}{2}) \qquad x \mid w \sim N(\mu, b \sqrt{w})}",
        _ANDREWS,
        constants("exponential", 0.5),
        lambda ops, p, w: ("normal", p["mu"], ops.mul(p["b"], ops.sqrt(w))),
    ),
    "logistic": Mixture(
        r"\frac{x \sim \operatorname{Logistic}(\mu, s)}"
        r"{w \sim \operatorname{Kolmogorov}(1) \qquad x \mid w \sim N(\mu, 2 s w)}",
        _ANDREWS,
        constants("kolmogorov", 1.0),
        lambda ops, p, w: ("normal", p["mu"], ops.mul(ops.mul(ops.constant(2.0), p["s"]), w)),
    ),
    "halfcauchy": Mixture(
        r"\frac{x \sim C^{+}(\beta)}"
        r"{w \sim \Gamma(\tfrac{1}{2}, \tfrac{1}{2}) \qquad x \mid w \sim N^{+}(\beta / \sqrt{w})}",
        _ANDREWS,
        constants("gamma", 0.5, 0.5),
        lambda ops, p, w: _half_normal(ops, p, _over_root(ops, p["beta"], w)),
    ),
    "halfstudentt": Mixture(
        r"\frac{x \sim T^{+}(\nu, \sigma)}"
        r"{w \sim \Gamma(\nu / 2, \nu / 2) \qquad x \mid w \sim N^{+}(\sigma / \sqrt{w})}",
        _ANDREWS,
        _chi_squared_mean,
        lambda ops, p, w: _half_normal(ops, p, _over_root(ops, p["sigma"], w)),
    ),
    "mvstudentt": Mixture(
        r"\frac{x \sim T(\nu, \mu, \Sigma)}{w \sim \Gamma(\nu / 2, \nu / 2) \qquad x \mid w \sim N(\mu, \Sigma / w)}",
        _KOTZ,
        _chi_squared_mean,
        lambda ops, p, w: ("mvnormal", p["mu"], ops.true_div(p["cov"], w)),
    ),
    "asymmetriclaplace": Mixture(
        r"\frac{x \sim \operatorname{AL}(b, \kappa, \mu)}{w \sim \operatorname{Exp}(1) \qquad "
        r"x \mid w \sim N(\mu + (1 / \kappa - \kappa)\, w / b, \sqrt{2 w} / b)}",
        _KOZUMI,
        constants("exponential", 1.0),
        _asymmetric,
    ),
    "skewnormal": Mixture(
        r"\frac{x \sim \operatorname{SN}(\mu, \sigma, \alpha)}{w \sim N^{+}(1) \qquad "
        r"x \mid w \sim N(\mu + \sigma\alpha w / \sqrt{1 + \alpha^2}, \sigma / \sqrt{1 + \alpha^2})}",
        _AZZALINI,
        lambda ops, p: _half_normal(ops, {}, ops.constant(1.0)),
        _skewed,
    ),
    "exgaussian": Mixture(
        r"\frac{x \sim \operatorname{ExG}(\mu, \sigma, \nu)}"
        r"{w \sim \operatorname{Exp}(1) \qquad x \mid w \sim N(\mu + \nu w, \sigma)}",
        "",
        constants("exponential", 1.0),
        lambda ops, p, w: ("normal", ops.add(p["mu"], ops.mul(p["nu"], w)), p["sigma"]),
    ),
}

COUNTS = {
    "negativebinomial": Mixture(
        r"\frac{x \sim \operatorname{NB}(n, p)}"
        r"{w \sim \Gamma(n, p / (1 - p)) \qquad x \mid w \sim \operatorname{Pois}(w)}",
        _DISCRETE.format(5),
        lambda ops, p: ("gamma", p["n"], _odds(ops, p)),
        lambda ops, p, w: ("poisson", w),
    ),
    "betabinomial": Mixture(
        r"\frac{x \sim \operatorname{BetaBinom}(n, \alpha, \beta)}"
        r"{w \sim B(\alpha, \beta) \qquad x \mid w \sim \operatorname{Binom}(n, w)}",
        _DISCRETE.format(6),
        lambda ops, p: ("beta", p["alpha"], p["beta"]),
        lambda ops, p, w: ("binomial", p["n"], w),
    ),
    "zeroinflatednegativebinomial": Mixture(
        r"\frac{x \sim \operatorname{ZINB}(\psi, \mu, \alpha)}"
        r"{w \sim \Gamma(\alpha, \alpha / \mu) \qquad x \mid w \sim \operatorname{ZIP}(\psi, w)}",
        _DISCRETE.format(8),
        lambda ops, p: ("gamma", p["alpha"], ops.true_div(p["alpha"], p["mu"])),
        lambda ops, p, w: ("zeroinflatedpoisson", p["psi"], w),
    ),
}

_LAMBERT = "Lambert, Zero-inflated Poisson regression, Technometrics 34 (1992), 1-14"

INFLATED = {
    "zeroinflatedpoisson": Mixture(
        r"\frac{x \sim \operatorname{ZIP}(\psi, \mu)}"
        r"{w \sim \operatorname{Bern}(\psi) \qquad x \mid w \sim \operatorname{Pois}(w \mu)}",
        _LAMBERT,
        lambda ops, p: ("bernoulli", p["psi"]),
        lambda ops, p, w: ("poisson", ops.mul(w, p["mu"])),
    ),
    "zeroinflatedbinomial": Mixture(
        r"\frac{x \sim \operatorname{ZIB}(\psi, n, p)}"
        r"{w \sim \operatorname{Bern}(\psi) \qquad x \mid w \sim \operatorname{Binom}(w n, p)}",
        _LAMBERT,
        lambda ops, p: ("bernoulli", p["psi"]),
        lambda ops, p, w: ("binomial", ops.mul(w, p["n"]), p["p"]),
    ),
}
