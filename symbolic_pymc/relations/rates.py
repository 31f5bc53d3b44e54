"""Likelihoods of a rate, as rows of a table: what they are as functions of it, and which law they have.

In the rows `y` is the data and `p` the other parameters of the likelihood by name; `statement` has the law and the
statistics of the data as LaTeX.
"""

from dataclasses import dataclass
from typing import Any, Callable

from symbolic_pymc.records import Term
from symbolic_pymc.relations.goals import are_alike, constant_number, is_constant
from symbolic_pymc.relations.laws import law
from symbolic_pymc.unify import PLAIN
from symbolic_pymc.vocabulary import is_unit_axis_shuffle


def always(p):
    """A row that holds whatever the other parameters are."""
    return True


def one(ops, y, p):
    """The statistic 1 of every datum."""
    return ops.constant(1.0)


def _half(ops, y, p):
    return ops.constant(0.5)


def data(ops, y, p):
    """The datum itself as its statistic."""
    return y


@dataclass(frozen=True)
class Rate:
    """A likelihood ``q ** count * exp(-q * amount)`` of a rate ``q = parameter ** power``.

    power : number, or function of `p` that returns it.
    argument : ``argument(ops, x, p)`` is what a parameter `x` is a known function of, else None.
    law : ``law(ops, q, p)`` returns the draw.  applies : tells from `p` whether the row holds.
    marginal : ``marginal(ops, alpha, beta, p)`` is the law of `y` for q ~ Gamma(alpha, rate=beta), where it has a name.
    """

    id: str
    statement: tuple
    power: Any
    law: Callable
    count: Callable
    amount: Callable
    marginal: Any = None
    applies: Callable = always
    argument: Callable = lambda ops, x, p: x


def _half_square(ops, x):
    return ops.mul(ops.constant(0.5), ops.sqr(x))


def _half_squared_error(ops, y, p):
    return _half_square(ops, ops.sub(y, p["mu"]))


def _deviation(ops, q):
    """Return the standard deviation of the precision `q`."""
    return ops.reciprocal(ops.sqrt(q))


def _student(ops, alpha, beta, p):
    two = ops.constant(2.0)
    return ops.studentt(ops.mul(two, alpha), p["mu"], ops.sqrt(ops.true_div(beta, alpha)))


def _wald_amount(ops, y, p):
    return ops.true_div(_half_squared_error(ops, y, p), ops.mul(ops.sqr(p["mu"]), y))


def _exponential_of_quotient(ops, mu, p):
    """Return x where `mu` is spelt ``beta * log(x)``, else None."""
    if isinstance(mu, Term) and is_unit_axis_shuffle(mu):
        return _moved(mu, _exponential_of_quotient(ops, mu.rands[0], p))
    if is_constant(p["beta"], 1.0) and ops.kind_of(mu) == "log":
        return mu.rands[0]
    if ops.kind_of(mu) != "mul" or len(mu.rands) != 2:
        return None
    logarithms = (x for factor, x in (mu.rands, mu.rands[::-1]) if are_alike(factor, p["beta"]))
    return next((x for x in (_argument_of_log(ops, x) for x in logarithms) if x is not None), None)


def _argument_of_log(ops, x):
    if isinstance(x, Term) and is_unit_axis_shuffle(x):
        return _moved(x, _argument_of_log(ops, x.rands[0]))
    return x.rands[0] if ops.kind_of(x) == "log" else None


def _moved(shuffle, x):
    """Return `x` with the axes that a term gives to something else."""
    return None if x is None else shuffle.replace(rands=(x, *shuffle.rands[1:]), info=PLAIN)


def _is_one(name):
    return lambda p: is_constant(p[name], 1.0)


def _minus_alpha(p):
    alpha = constant_number(p["alpha"])
    return None if alpha is None else -alpha


RATES = {
    ("poisson", "mu"): Rate(
        "A08",
        (r"\operatorname{Pois}(q)", "y", "1"),
        1.0,
        lambda ops, q, p: ops.poisson(q),
        count=data,
        amount=one,
        marginal=lambda ops, alpha, beta, p: law(
            ops, "negativebinomial", alpha, ops.true_div(beta, ops.add(beta, ops.constant(1.0)))
        ),
    ),
    ("exponential", "lam"): Rate(
        "A09",
        (r"\operatorname{Exp}(q)", "1", "y"),
        1.0,
        lambda ops, q, p: law(ops, "exponential", q),
        count=one,
        amount=data,
    ),
    ("gamma", "beta"): Rate(
        "A10",
        (r"\Gamma(k, q)", "k", "y"),
        1.0,
        lambda ops, q, p: law(ops, "gamma", p["alpha"], q),
        count=lambda ops, y, p: p["alpha"],
        amount=data,
    ),
    ("normal", "sigma"): Rate(
        "A11",
        (r"N(\mu, 1 / \sqrt{q})", r"\tfrac{1}{2}", r"(y - \mu)^2 / 2"),
        -2.0,
        lambda ops, q, p: ops.normal(p["mu"], _deviation(ops, q)),
        count=_half,
        amount=_half_squared_error,
        marginal=_student,
    ),
    ("lognormal", "sigma"): Rate(
        "A12",
        (r"\operatorname{LogN}(\mu, 1 / \sqrt{q})", r"\tfrac{1}{2}", r"(\log y - \mu)^2 / 2"),
        -2.0,
        lambda ops, q, p: ops.lognormal(p["mu"], _deviation(ops, q)),
        count=_half,
        amount=lambda ops, y, p: _half_square(ops, ops.sub(ops.log(y), p["mu"])),
    ),
    ("halfnormal", "sigma"): Rate(
        "A13",
        (r"N^{+}(1 / \sqrt{q})", r"\tfrac{1}{2}", "y^2 / 2"),
        -2.0,
        lambda ops, q, p: ops.halfnormal(p["loc"], _deviation(ops, q)),
        count=_half,
        amount=lambda ops, y, p: _half_square(ops, ops.sub(y, p["loc"])),
    ),
    ("inversegamma", "beta"): Rate(
        "A14",
        (r"\Gamma^{-1}(k, q)", "k", "1 / y"),
        1.0,
        lambda ops, q, p: ops.inversegamma(p["alpha"], q),
        count=lambda ops, y, p: p["alpha"],
        amount=lambda ops, y, p: ops.reciprocal(y),
    ),
    ("weibull", "beta"): Rate(
        "A15",
        (r"\operatorname{Weibull}(k, q^{-1/k})", "1", "y^k"),
        _minus_alpha,
        lambda ops, q, p: ops.weibull(p["alpha"], ops.pow(q, ops.neg(ops.reciprocal(p["alpha"])))),
        count=one,
        amount=lambda ops, y, p: ops.pow(y, p["alpha"]),
        applies=lambda p: constant_number(p["alpha"]) is not None,
    ),
    ("laplace", "b"): Rate(
        "A16",
        (r"\operatorname{Laplace}(\mu, 1 / q)", "1", r"|y - \mu|"),
        -1.0,
        lambda ops, q, p: ops.laplace(p["mu"], ops.reciprocal(q)),
        count=one,
        amount=lambda ops, y, p: ops.abs(ops.sub(y, p["mu"])),
    ),
    ("pareto", "alpha"): Rate(
        "A17",
        (r"\operatorname{Pareto}(q, m)", "1", r"\log(y / m)"),
        1.0,
        lambda ops, q, p: ops.pareto(q, p["m"]),
        count=one,
        amount=lambda ops, y, p: ops.log(ops.true_div(y, p["m"])),
    ),
    ("kumaraswamy", "b"): Rate(
        "A18",
        (r"\operatorname{Kumaraswamy}(a, q)", "1", r"-\log(1 - y^a)"),
        1.0,
        lambda ops, q, p: ops.kumaraswamy(p["a"], q),
        count=one,
        amount=lambda ops, y, p: ops.neg(ops.log1p(ops.neg(ops.pow(y, p["a"])))),
    ),
    ("beta", "beta"): Rate(
        "A18",
        ("B(1, q)", "1", r"-\log(1 - y)"),
        1.0,
        lambda ops, q, p: ops.beta(p["alpha"], q),
        count=one,
        amount=lambda ops, y, p: ops.neg(ops.log1p(ops.neg(y))),
        applies=_is_one("alpha"),
    ),
    ("beta", "alpha"): Rate(
        "A19",
        ("B(q, 1)", "1", r"-\log y"),
        1.0,
        lambda ops, q, p: ops.beta(q, p["beta"]),
        count=one,
        amount=lambda ops, y, p: ops.neg(ops.log(y)),
        applies=_is_one("beta"),
    ),
    ("gumbel", "mu"): Rate(
        "A22",
        (r"\operatorname{Gumbel}(\beta \log q, \beta)", "1", r"e^{-y / \beta}"),
        1.0,
        lambda ops, q, p: ops.gumbel(ops.mul(p["beta"], ops.log(q)), p["beta"]),
        count=one,
        amount=lambda ops, y, p: ops.exp(ops.neg(ops.true_div(y, p["beta"]))),
        argument=_exponential_of_quotient,
    ),
    ("wald", "lam"): Rate(
        "A20",
        (r"\operatorname{Wald}(\mu, q)", r"\tfrac{1}{2}", r"(y - \mu)^2 / (2 \mu^2 y)"),
        1.0,
        lambda ops, q, p: ops.wald(p["mu"], q, p["alpha"]),
        count=_half,
        amount=_wald_amount,
        applies=lambda p: is_constant(p["alpha"], 0.0),
    ),
}
