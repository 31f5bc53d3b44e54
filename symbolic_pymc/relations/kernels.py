r"""What a likelihood is as a function of one parameter: one row per pair of a distribution and a parameter.

================ ============================================== ====================================
kernel           likelihood, up to what is free of `q`          conjugate priors
================ ============================================== ====================================
`Rate`           :math:`q^{n} e^{-q t}`, :math:`q > 0`          gamma of q, inverse gamma of 1 / q
`Chance`         :math:`q^{s} (1 - q)^{f}`, :math:`0 < q < 1`   beta
`Chances`        :math:`\prod_k q_k^{n_k}`, q on the simplex    Dirichlet; beta of products
================ ============================================== ====================================

The rows of rates stand in `symbolic_pymc.relations.rates`.  In the rows `y` is the data and `p` the other parameters
of the likelihood by name; `statement` has the law and the statistics of the data as LaTeX.
"""

from dataclasses import dataclass
from typing import Any, Callable

from symbolic_pymc.relations.goals import is_constant
from symbolic_pymc.relations.laws import law
from symbolic_pymc.relations.rates import RATES, always, data, one


@dataclass(frozen=True)
class Chance:
    """A likelihood ``q ** successes * (1 - q) ** failures`` of a probability q, the parameter itself."""

    id: str
    statement: tuple
    law: Callable
    successes: Callable
    failures: Callable
    marginal: Any = None
    applies: Callable = always


@dataclass(frozen=True)
class Chances:
    """A likelihood that is the product of ``q[k] ** counts[k]`` of a vector q of probabilities."""

    id: str
    statement: tuple
    law: Callable
    counts: Callable
    marginal: Any = None
    applies: Callable = always


def _rest(ops, y, p):
    return ops.sub(p["n"], y)


def _complement(ops, y, p):
    return ops.sub(ops.constant(1.0), y)


def _before(ops, y, p):
    return ops.sub(y, ops.constant(1.0))


CHANCES = {
    ("bernoulli", "p"): Chance(
        "A01",
        (r"\operatorname{Bern}(q)", "y", "(1 - y)"),
        lambda ops, q, p: ops.bernoulli(q),
        data,
        _complement,
        marginal=lambda ops, a, b, p: ops.bernoulli(ops.true_div(a, ops.add(a, b))),
    ),
    ("binomial", "p"): Chance(
        "A02",
        (r"\operatorname{Binom}(n, q)", "y", "(n - y)"),
        lambda ops, q, p: ops.binomial(p["n"], q),
        data,
        _rest,
        marginal=lambda ops, a, b, p: ops.betabinomial(p["n"], a, b),
    ),
    ("negativebinomial", "p"): Chance(
        "A03",
        (r"\operatorname{NB}(n, q)", "n", "y"),
        lambda ops, q, p: law(ops, "negativebinomial", p["n"], q),
        lambda ops, y, p: p["n"],
        data,
    ),
    ("geometric", "p"): Chance(
        "A04", (r"\operatorname{Geom}(q)", "1", "(y - 1)"), lambda ops, q, p: ops.geometric(q), one, _before
    ),
}

SIMPLEXES = {
    ("categorical", "p"): Chances(
        "A06",
        (r"\operatorname{Cat}(q)", r"\#\{y = k\}"),
        lambda ops, q, p: ops.categorical(q),
        lambda ops, y, q: ops.occurrences(y, q),
    ),
    ("multinomial", "p"): Chances(
        "A07",
        (r"\operatorname{MN}(n, q)", "y_k"),
        lambda ops, q, p: ops.multinomial(p["n"], q),
        lambda ops, y, q: ops.sum_to_last(y),
    ),
}

LIKELIHOODS = {name for name, _ in (*RATES, *CHANCES, *SIMPLEXES)}


@dataclass(frozen=True)
class Prior:
    """A prior as its conjugate family: the kernels it meets, its parameters there, the power of it that is a rate.

    parameters : ``parameters(ops, p)`` from its own ones by name.  standard : tells from these whether the row holds.
    """

    kernels: dict
    family: str
    parameters: Callable
    exponent: int = 1
    standard: Callable = always


def _own(*names):
    return lambda ops, p: tuple(p[name] for name in names)


def _constants(*values):
    return lambda ops, p: tuple(map(ops.constant, values))


PRIORS = {
    "gamma": Prior(RATES, "gamma", _own("alpha", "beta")),
    "exponential": Prior(RATES, "gamma", lambda ops, p: (ops.constant(1.0), p["lam"])),
    "chisquared": Prior(RATES, "gamma", lambda ops, p: (ops.mul(ops.constant(0.5), p["nu"]), ops.constant(0.5))),
    "inversegamma": Prior(RATES, "inversegamma", _own("alpha", "beta"), exponent=-1),
    "halfflat": Prior(RATES, "halfflat", _own(), exponent=-2),
    "beta": Prior(CHANCES | SIMPLEXES, "beta", _own("alpha", "beta")),
    "uniform": Prior(
        CHANCES | SIMPLEXES,
        "beta",
        _constants(1.0, 1.0),
        standard=lambda p: is_constant(p["lower"], 0.0) and is_constant(p["upper"], 1.0),
    ),
    "dirichlet": Prior(SIMPLEXES, "dirichlet", _own("a")),
}


def rate_of(ops, prior, x):
    """Return the rate that `x` stands for, a variable of the given `Prior`."""
    return {1: lambda y: y, -1: ops.reciprocal, -2: lambda y: ops.reciprocal(ops.sqr(y))}[prior.exponent](x)
