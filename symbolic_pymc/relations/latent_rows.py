r"""Binary variables as thresholds of latent ones: which latent law belongs to which link."""

from math import sqrt

from symbolic_pymc.relations.goals import constant_number
from symbolic_pymc.relations.mixture_rows import Mixture


def link_of(ops, p):
    """Return the law of a latent variable of scale one that is positive with chance `p`, and its location; or None.

    The chance is one of sigmoid(x), erfc(x) / 2, (1 + erf(x)) / 2 and 1 - exp(-exp(x)).
    """
    name = ops.operator_of(p)
    if name == "sigmoid":
        return "logistic", p.rands[0]
    if name == "mul" and len(p.rands) == 2:
        return _probit(ops, *p.rands) or _probit(ops, *reversed(p.rands))
    if name == "sub" and constant_number(p.rands[0]) == 1.0:
        location = _inside(ops, p.rands[1], "exp", "neg", "exp")
        return location and ("gumbel", location)
    return None


def _probit(ops, half, double):
    if constant_number(half) != 0.5:
        return None
    if ops.operator_of(double) == "erfc":
        return "normal", ops.mul(ops.constant(-sqrt(2.0)), double.rands[0])
    if ops.operator_of(double) == "add" and len(double.rands) == 2:
        for one, erf in (double.rands, reversed(double.rands)):
            if constant_number(one) == 1.0 and ops.operator_of(erf) == "erf":
                return "normal", ops.mul(ops.constant(sqrt(2.0)), erf.rands[0])
    return None


def _inside(ops, x, *names):
    """Return what nested functions are of, or None where they are others."""
    for name in names:
        if ops.operator_of(x) != name:
            return None
        x = x.rands[0]
    return x


def _latent(ops, p):
    name, location = link_of(ops, p["p"])
    return name, location, ops.constant(1.0)


def _is_positive(ops, p, w):
    return "bernoulli", ops.mul(ops.constant(0.5), ops.add(ops.constant(1.0), ops.sign(w)))


LATENT = {
    "bernoulli": Mixture(
        r"\frac{x \sim \operatorname{Bern}(\Phi(\eta)) \quad\text{or}\quad \operatorname{Bern}(1 / (1 + e^{-\eta})) "
        r"\quad\text{or}\quad \operatorname{Bern}(1 - e^{-e^{\eta}})}{w \sim N(\eta, 1) \quad\text{or}\quad "
        r"\operatorname{Logistic}(\eta, 1) \quad\text{or}\quad \operatorname{Gumbel}(\eta, 1) "
        r"\qquad x \mid w = [w > 0]}",
        "Albert and Chib, Bayesian analysis of binary and polychotomous response data, JASA 88 (1993), 669-679",
        _latent,
        _is_positive,
        applies=lambda ops, p: link_of(ops, p["p"]) is not None,
    ),
}
