r"""The mixing variable of `mixtures.mixtureo` given the variable that it mixes: the other half of that arc.

.. math::

    p(w)\, p(x \mid w) = p(x)\, p(w \mid x)
"""

from dataclasses import dataclass
from typing import Callable

import numpy as np
from kanren import eq
from unification import reify, var

from symbolic_pymc.meta import settle_graph
from symbolic_pymc.records import Info, MetaSymbol, Term, is_ground
from symbolic_pymc.relations.edge import shape_of
from symbolic_pymc.relations.laws import law, parameters_of
from symbolic_pymc.relations.mixture_rows import half
from symbolic_pymc.relations.mixtures import SUFFIX
from symbolic_pymc.relations.scale_mixtures import GAMMAS, scales_of
from symbolic_pymc.parts import as_graph


@dataclass(frozen=True)
class Conditional:
    """The law of the mixing variable `w` of a distribution given the value `x`.

    Parameters
    ----------
    statement : str
        LaTeX of the law.
    law : callable
        ``law(ops, p, x)`` returns the neutral name and the parameters.
    word : str or None
        What `w` is of the variable with that law: itself, or its "reciprocal".
    """

    statement: str
    law: Callable
    word: str | None = None


def _one(ops):
    return ops.constant(1.0)


def _standard(location, scale):
    """Return the rule of what a variable is in units of its scale, from its location if it has one."""

    def standard(ops, p, x):
        # half laws of PyMC 6 start at zero, and have no parameter for it
        return ops.true_div(ops.sub(x, p[location]) if location in p else x, p[scale])

    return standard


def _student(nu, standard):
    def given(ops, p, x):
        freedom = p["nu"] if nu is None else ops.constant(nu)
        square = ops.sqr(standard(ops, p, x))
        return "gamma", half(ops, ops.add(freedom, _one(ops))), half(ops, ops.add(freedom, square))

    return given


def _laplace(ops, p, x):
    return "wald", ops.reciprocal(ops.abs(_standard("mu", "b")(ops, p, x))), _one(ops)


def _asymmetric(ops, p, x):
    skew = ops.sub(ops.reciprocal(p["kappa"]), p["kappa"])
    size = ops.add(ops.constant(2.0), half(ops, ops.sqr(skew)))
    distance = ops.mul(p["b"], ops.abs(ops.sub(x, p["mu"])))
    return "wald", ops.true_div(ops.sqrt(ops.mul(ops.constant(2.0), size)), distance), size


def _above_zero(ops, mean, sd):
    return "truncatednormal", mean, sd, ops.constant(0.0), ops.constant(np.inf)


def _skewed(ops, p, x):
    root = ops.sqrt(ops.add(_one(ops), ops.sqr(p["alpha"])))
    mean = ops.true_div(ops.mul(p["alpha"], _standard("mu", "sigma")(ops, p, x)), root)
    return _above_zero(ops, mean, ops.reciprocal(root))


def _modified(ops, p, x):
    pull = ops.true_div(ops.sqr(p["sigma"]), p["nu"])
    mean = ops.true_div(ops.sub(ops.sub(x, p["mu"]), pull), p["nu"])
    return _above_zero(ops, mean, ops.true_div(p["sigma"], p["nu"]))


def _poisson(ops, p, x):
    return "gamma", ops.add(p["n"], x), ops.reciprocal(ops.sub(_one(ops), p["p"]))


def _binomial(ops, p, x):
    return "beta", ops.add(p["alpha"], x), ops.add(p["beta"], ops.sub(p["n"], x))


_T = r"w \mid x \sim \Gamma((\nu + 1) / 2, (\nu + z^2) / 2)"
CONDITIONALS = {
    "studentt": Conditional(_T + r",\; z = (x - \mu) / \sigma", _student(None, _standard("mu", "sigma"))),
    "halfstudentt": Conditional(_T + r",\; z = x / \sigma", _student(None, _standard(None, "sigma"))),
    "cauchy": Conditional(
        r"w \mid x \sim \Gamma(1, (1 + z^2) / 2),\; z = (x - \alpha) / \beta", _student(1.0, _standard("alpha", "beta"))
    ),
    "halfcauchy": Conditional(
        r"w \mid x \sim \Gamma(1, (1 + z^2) / 2),\; z = (x - l) / \beta", _student(1.0, _standard("loc", "beta"))
    ),
    "laplace": Conditional(r"1 / w \mid x \sim \operatorname{Wald}(b / |x - \mu|, 1)", _laplace, "reciprocal"),
    "asymmetriclaplace": Conditional(
        r"1 / w \mid x \sim \operatorname{Wald}(\sqrt{2 a} / (b |x - \mu|), a),\; a = 2 + (1 / \kappa - \kappa)^2 / 2",
        _asymmetric,
        "reciprocal",
    ),
    "skewnormal": Conditional(
        r"w \mid x \sim \operatorname{TN}(\alpha z / \sqrt{1 + \alpha^2}, 1 / \sqrt{1 + \alpha^2}, 0, \infty),\; "
        r"z = (x - \mu) / \sigma",
        _skewed,
    ),
    "exgaussian": Conditional(
        r"w \mid x \sim \operatorname{TN}((x - \mu - \sigma^2 / \nu) / \nu, \sigma / \nu, 0, \infty)", _modified
    ),
    "negativebinomial": Conditional(r"w \mid x \sim \Gamma(n + x, 1 / (1 - p))", _poisson),
    "betabinomial": Conditional(r"w \mid x \sim B(\alpha + x, \beta + n - x)", _binomial),
}


def mixing_giveno(ops, rv, value, mixing):
    r"""Relate a draw and a value of it to what mixed it then, in the parametrisation of `mixtures.mixtureo`.

    .. math::

        \frac{w \sim G \qquad x \mid w \sim F(w)}{w \mid x \sim G_x}

    `rv` is the draw as it is without its mixing variable; the draw that comes out is fresh, named after it.  These are
    the conditionals that a Gibbs sampler draws from.  At the mode of a Laplace variable, symmetric or not, that has no
    law.  One-way.

    Reference: Park and Casella, The Bayesian lasso, JASA 103 (2008), 681-686.
    """

    def goal(s):
        x, seen = reify(rv, s), as_graph(reify(value, s))
        known = isinstance(x, Term) and isinstance(seen, MetaSymbol) and is_ground(x) and is_ground(seen)
        row = CONDITIONALS.get(ops.distribution_of(x)) if known else None
        if row is not None and ops.ndim(seen) <= ops.ndim(x):
            name, *parameters = row.law(ops, parameters_of(ops, x), seen)
            info = Info(var(), x.name and x.name + SUFFIX, var(), None)
            w = settle_graph(law(ops, name, *parameters, size=shape_of(ops, x)).replace(info=info))
            yield from eq(mixing, settle_graph(getattr(ops, row.word)(w)) if row.word else w)(s)

    return goal


def variance_giveno(ops, x, value, conditional):
    r"""Relate a normal draw of random scale and a value of it to the scale's variable and what that is given the value.

    .. math::

        \frac{v \sim \Gamma(\lambda, \beta) \qquad x \mid v \sim N(\mu, c \sqrt{v})}
             {v \mid x \sim \operatorname{GIG}(\lambda - \tfrac{1}{2},\; 2 \beta,\; (x - \mu)^2 / c^2)}

    and for a precision :math:`v \mid x \sim \Gamma(\lambda + 1/2,\; \beta + (x - \mu)^2 / (2 c^2))`.  Gamma, exponential, chi
    squared and inverse gamma variables are of that kind, in any spelling of the scale, each element of `x` having one
    of its own.  `conditional` is the pair of the variable as it stands in `x` and of a fresh draw.  One-way.

    Reference: Griffin and Brown, Inference with normal-gamma prior distributions in regression problems, Bayesian
    Analysis 5 (2010), 171-188.
    """

    def goal(s):
        draw, seen = reify(x, s), as_graph(reify(value, s))
        known = isinstance(draw, Term) and isinstance(seen, MetaSymbol) and is_ground(draw) and is_ground(seen)
        if known and ops.distribution_of(draw) == "normal" and ops.ndim(seen) <= ops.ndim(draw):
            p = ops.parameters(draw)
            for w, form in scales_of(ops, p["mu"], p["sigma"], draw):
                found = _variance(ops, w, form, ops.sub(seen, p["mu"]))
                if found is not None:
                    info = Info(var(), w.name, var(), None)
                    fresh = settle_graph(law(ops, *found, size=shape_of(ops, w)).replace(info=info))
                    yield from eq(conditional, (w, fresh))(s)

    return goal


def _variance(ops, w, form, distance):
    """Return the law of a power of a gamma variable given how far what it scales is from its mean; None for others."""
    read = GAMMAS.get(ops.distribution_of(w))
    gamma = read and read(ops, parameters_of(ops, w))
    if not gamma or gamma[2] not in (1.0, -1.0):
        return None
    shape, rate, power = gamma
    factor = _one(ops) if form.pick.scale is None else form.pick.scale
    square = ops.sqr(ops.true_div(distance, factor))
    exponent, root = round(2 * form.exponent * power, 12), ops.constant(0.5)
    if exponent == 1.0:
        order, twice = ops.sub(shape, root), ops.mul(ops.constant(2.0), rate)
        return (
            ("generalizedinversegaussian", order, twice, square)
            if power == 1.0
            else ("generalizedinversegaussian", ops.neg(order), square, twice)
        )
    if exponent == -1.0:
        return "gamma" if power == 1.0 else "inversegamma", ops.add(shape, root), ops.add(rate, half(ops, square))
