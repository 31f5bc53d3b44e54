r"""Laws of ``a + b x``: one rule over the roles of parameters for all location-scale families, and reflections."""

import numpy as np
from kanren import eq, lall
from unification import reify, var

from symbolic_pymc.distributions import DISTRIBUTIONS
from symbolic_pymc.records import is_ground
from symbolic_pymc.relations.arithmetic import number, sign
from symbolic_pymc.relations.forms import form, parameter_names
from symbolic_pymc.relations.guards import numbero, sameo
from symbolic_pymc.vocabulary import roles_of

SYMMETRIC = ("normal", "cauchy", "laplace", "logistic", "studentt")
INTERVALS = ("uniform", "triangular")  # the ends of which change places


def scalingo(ops, before, after):
    r"""Relate ``a + b x``, for `x` of a location-scale family, to the member of the family that it is.

    .. math::

        \frac{x \sim F(\mu, \sigma, \nu)}{a + b x \sim F(a + b \mu, |b| \sigma, \nu)}

    What every parameter becomes is its role in `symbolic_pymc.distributions`.  A family without a location has
    `a` = 0, one that is not symmetric `b` > 0, provably.  One relation for all families of the table.

    Reference: Casella and Berger, Statistical Inference, 2nd ed., section 3.5.
    """

    def goal(s):
        _, a, b, law = reify(before, s)
        if is_ground((a, b, law)):
            scaled = _scaled(ops, a, b, law)
            if scaled is not None:
                yield from eq(after, scaled)(s)

    return goal


def _scaled(ops, a, b, law):
    name = law[0]
    roles = roles_of(name, parameter_names(ops, name)) if name in DISTRIBUTIONS else None
    if not roles or "angle" in roles or "mean" in roles:
        return None
    shift_only = DISTRIBUTIONS[name].support == "count"
    if shift_only and (number(ops, b) != 1.0 or not _is_whole(number(ops, a))):
        return None
    if not {"location", "lower"} & set(roles) and number(ops, a) != 0.0:
        return None
    size = _size(ops, b, name)
    if size is None:
        return None
    inner = [(role, x) for role, x in zip(roles, law[1:]) if role not in ("lower", "upper")]
    moved = {role: _RULES[role](ops, a, b, size, x) for role, x in inner}
    if "lower" in roles:
        ends = [_at(ops, a, b, law[1 + roles.index(end)]) for end in ("lower", "upper")]
        moved["lower"], moved["upper"] = ends if sign(ops, b) == 1.0 else ends[::-1]
    return (name, *(moved[role] for role in roles))


def _is_whole(value):
    return value is not None and value == np.floor(value)


def _size(ops, b, name):
    """Return the absolute value of a factor that the family may have, else None."""
    direction = sign(ops, b)
    if direction == 1.0:
        return b
    if direction == -1.0 and name in (*SYMMETRIC, *INTERVALS):
        return ops.neg(b)
    return ops.abs(b) if direction is None and name in SYMMETRIC else None


def _at(ops, a, b, x):
    return ops.add(a, ops.mul(b, x))


# What a parameter of a role becomes under ``a + b x``; `size` is the absolute value of `b`.
_RULES = {
    "location": lambda ops, a, b, size, x: _at(ops, a, b, x),
    "across": lambda ops, a, b, size, x: _at(ops, a, b, x),
    "scale": lambda ops, a, b, size, x: ops.mul(size, x),
    "along": lambda ops, a, b, size, x: ops.mul(size, x),
    "rate": lambda ops, a, b, size, x: ops.true_div(x, size),
    "log": lambda ops, a, b, size, x: ops.add(ops.log(size), x),
    "shape": lambda ops, a, b, size, x: x,
}


# Reflections: what turning an axis round makes of a law that is not symmetric --------------------------------------


def beta_complemento(ops, before, after):
    r"""Relate one minus a beta variable to a beta variable.

    .. math::

        \frac{x \sim \operatorname{Beta}(a, b)}{1 - x \sim \operatorname{Beta}(b, a)}
    """
    a, b, one, minus = (var() for _ in range(4))
    return lall(
        eq(before, form.affine(one, minus, form.beta(a, b))),
        numbero(ops, one, 1.0),
        numbero(ops, minus, -1.0),
        eq(after, form.beta(b, a)),
    )


def bernoulli_complemento(ops, before, after):
    r"""Relate one minus a Bernoulli variable to a Bernoulli variable.

    .. math::

        \frac{x \sim \operatorname{Bern}(p)}{1 - x \sim \operatorname{Bern}(1 - p)}
    """
    p, one, minus = var(), var(), var()
    return lall(
        eq(before, form.affine(one, minus, form.bernoulli(p))),
        numbero(ops, one, 1.0),
        numbero(ops, minus, -1.0),
        eq(after, form.bernoulli(ops.sub(ops.constant(1.0), p))),
    )


def binomial_complemento(ops, before, after):
    r"""Relate the number of failures to a binomial variable.

    .. math::

        \frac{x \sim \operatorname{Binom}(n, p)}{n - x \sim \operatorname{Binom}(n, 1 - p)}
    """
    n, p, trials, minus = (var() for _ in range(4))
    return lall(
        eq(before, form.affine(trials, minus, form.binomial(n, p))),
        sameo(ops, trials, n),
        numbero(ops, minus, -1.0),
        eq(after, form.binomial(n, ops.sub(ops.constant(1.0), p))),
    )


def skewnormal_reflectiono(ops, before, after):
    r"""Relate minus a skew normal variable to a skew normal variable.

    .. math::

        \frac{x \sim \operatorname{SN}(\mu, \sigma, \alpha)}{-x \sim \operatorname{SN}(-\mu, \sigma, -\alpha)}

    Reference: Azzalini, A class of distributions which includes the normal ones, Scand. J. Statist. 12 (1985), 171-178.
    """
    mu, sigma, alpha, zero, minus = (var() for _ in range(5))
    return lall(
        eq(before, form.affine(zero, minus, form.skewnormal(mu, sigma, alpha))),
        numbero(ops, zero, 0.0),
        numbero(ops, minus, -1.0),
        eq(after, form.skewnormal(ops.neg(mu), sigma, ops.neg(alpha))),
    )


def asymmetriclaplace_reflectiono(ops, before, after):
    r"""Relate minus an asymmetric Laplace variable to an asymmetric Laplace variable.

    .. math::

        \frac{x \sim \operatorname{AL}(b, \kappa, \mu)}{-x \sim \operatorname{AL}(b, 1 / \kappa, -\mu)}
    """
    b, kappa, mu, zero, minus = (var() for _ in range(5))
    return lall(
        eq(before, form.affine(zero, minus, form.asymmetriclaplace(b, kappa, mu))),
        numbero(ops, zero, 0.0),
        numbero(ops, minus, -1.0),
        eq(after, form.asymmetriclaplace(b, ops.reciprocal(kappa), ops.neg(mu))),
    )


SCALINGS = (
    scalingo, beta_complemento, bernoulli_complemento, binomial_complemento, skewnormal_reflectiono,
    asymmetriclaplace_reflectiono,
)  # fmt: skip
