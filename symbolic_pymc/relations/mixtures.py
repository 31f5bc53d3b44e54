r"""Distributions as mixtures of simpler ones: what is drawn first, and what is drawn given that.

A row states that :math:`\int p(x \mid w)\, p(w)\, dw` is the density of the distribution it is for.  From left to right
`mixtureo` brings in the variable that was integrated out, named ``<x>_mixing``, with which much is conditionally normal
or conjugate; `symbolic_pymc.marginals` goes the other way.
"""

from dataclasses import dataclass
from typing import Callable

from kanren import eq
from unification import reify, var

from symbolic_pymc.meta import Info, Ref, Term, settle_graph
from symbolic_pymc.relations.edge import shape_of
from symbolic_pymc.relations.laws import law, parameters_of
from symbolic_pymc.unify import is_lvar

SUFFIX = "_mixing"


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
    """

    statement: str
    reference: str
    mixing: Callable
    given: Callable


def _half(ops, x):
    return ops.mul(ops.constant(0.5), x)


def _student(ops, p, w):
    return "normal", p["mu"], ops.true_div(p["sigma"], ops.sqrt(w))


def _cauchy(ops, p, w):
    return "normal", p["alpha"], ops.true_div(p["beta"], ops.sqrt(w))


def _laplace(ops, p, w):
    return "normal", p["mu"], ops.mul(p["b"], ops.sqrt(w))


def _asymmetric(ops, p, w):
    skew = ops.true_div(ops.sub(ops.reciprocal(p["kappa"]), p["kappa"]), p["b"])
    scale = ops.true_div(ops.sqrt(ops.mul(ops.constant(2.0), w)), p["b"])
    return "normal", ops.add(p["mu"], ops.mul(skew, w)), scale


def _odds(ops, p):
    return ops.true_div(p["p"], ops.sub(ops.constant(1.0), p["p"]))


_ANDREWS = "Andrews and Mallows, Scale mixtures of normal distributions, JRSS B 36 (1974), 99-102"

MIXTURES = {
    "studentt": Mixture(
        r"\frac{x \sim T(\nu, \mu, \sigma)}{w \sim \Gamma(\nu / 2, \nu / 2) \qquad x \mid w \sim N(\mu, \sigma / \sqrt{w})}",
        _ANDREWS,
        lambda ops, p: ("gamma", _half(ops, p["nu"]), _half(ops, p["nu"])),
        _student,
    ),
    "cauchy": Mixture(
        r"\frac{x \sim C(\alpha, \beta)}"
        r"{w \sim \Gamma(\tfrac{1}{2}, \tfrac{1}{2}) \qquad x \mid w \sim N(\alpha, \beta / \sqrt{w})}",
        _ANDREWS,
        lambda ops, p: ("gamma", ops.constant(0.5), ops.constant(0.5)),
        _cauchy,
    ),
    "laplace": Mixture(
        r"\frac{x \sim \operatorname{Laplace}(\mu, b)}"
        r"{w \sim \operatorname{Exp}(\tfrac{1}{2}) \qquad x \mid w \sim N(\mu, b \sqrt{w})}",
        _ANDREWS,
        lambda ops, p: ("exponential", ops.constant(0.5)),
        _laplace,
    ),
    "asymmetriclaplace": Mixture(
        r"\frac{x \sim \operatorname{AL}(b, \kappa, \mu)}{w \sim \operatorname{Exp}(1) \qquad "
        r"x \mid w \sim N(\mu + (1 / \kappa - \kappa)\, w / b, \sqrt{2 w} / b)}",
        "Kozumi and Kobayashi, Gibbs sampling methods for Bayesian quantile regression, "
        "J. Stat. Comput. Simul. 81 (2011), 1565-1578",
        lambda ops, p: ("exponential", ops.constant(1.0)),
        _asymmetric,
    ),
    "negativebinomial": Mixture(
        r"\frac{x \sim \operatorname{NB}(n, p)}"
        r"{w \sim \Gamma(n, p / (1 - p)) \qquad x \mid w \sim \operatorname{Pois}(w)}",
        "Johnson, Kemp and Kotz, Univariate Discrete Distributions, ch. 5",
        lambda ops, p: ("gamma", p["n"], _odds(ops, p)),
        lambda ops, p, w: ("poisson", w),
    ),
    "betabinomial": Mixture(
        r"\frac{x \sim \operatorname{BetaBinom}(n, \alpha, \beta)}"
        r"{w \sim B(\alpha, \beta) \qquad x \mid w \sim \operatorname{Binom}(n, w)}",
        "Johnson, Kemp and Kotz, Univariate Discrete Distributions, ch. 6",
        lambda ops, p: ("beta", p["alpha"], p["beta"]),
        lambda ops, p, w: ("binomial", p["n"], w),
    ),
}


def mixtureo(ops, rv, expanded):
    """Relate a draw to the same variable drawn given a mixing variable of its own, elementwise.

    The goal fails for draws of no distribution in `MIXTURES`, for those without a name, and for those with a transform
    of their own or a `total_size`, whose density is not that of the distribution.  It goes one way; back goes
    `symbolic_pymc.api.marginalize_graph`.
    """

    def goal(s):
        x = reify(rv, s)
        name = ops.distribution_of(x) if isinstance(x, Term) else None
        if name in MIXTURES and not is_lvar(x.name) and x.name is not None and _has_its_own_density(x):
            yield from eq(expanded, _expanded(ops, MIXTURES[name], x))(s)

    return goal


def _has_its_own_density(x):
    note = x.info.note and x.info.note.obj
    return note is None or (note.total_size is None and note.default_transform)


def _expanded(ops, mixture, x):
    p, size, note = parameters_of(ops, x), shape_of(ops, x), x.info.note and x.info.note.obj
    kept = note and Ref(note.successor())
    w = _drawn(ops, mixture.mixing(ops, p), Info(var(), x.name + SUFFIX, var(), kept), size)
    return _drawn(ops, mixture.given(ops, p, w), x.info.replace(index=var(), draw=var(), note=kept), size)


def _drawn(ops, given, info, size):
    return settle_graph(law(ops, *given, size=size).replace(info=info))
