"""Distributions in one parametrisation each, whatever parameters a backend gives them.

A gamma variable has a shape and a rate here, an exponential one a rate, a negative binomial one its number of
successes and their probability.  All other distributions are taken as the backends have them.
"""

import numpy as np

from symbolic_pymc.meta import Constant
from symbolic_pymc.relations.goals import is_constant, without_unit_axes

def _success(ops, mu, alpha):
    """Return the probability of success: `p` itself where `mu` is spelt ``alpha * (1 - p) / p``."""
    if ops.operator_of(mu) == "true_div" and ops.operator_of(mu.rands[0]) == "mul" and len(mu.rands[0].rands) == 2:
        (n, failure), p = mu.rands[0].rands, mu.rands[1]
        failure = without_unit_axes(failure)
        if ops.operator_of(failure) == "sub" and _alike(n, alpha) and _alike(failure.rands[1], p):
            if is_constant(failure.rands[0], 1.0):
                return p
    return ops.true_div(alpha, ops.add(mu, alpha))


def _alike(a, b):
    a, b = without_unit_axes(a), without_unit_axes(b)
    return a is b or (isinstance(a, Constant) and isinstance(b, Constant) and np.array_equal(a.value, b.value))


# name: parameters here; {parameter of a backend that is none of them: its value}; {parameter here: its value}
_GAMMA = (
    ("alpha", "beta"),
    {"scale": lambda ops, p: ops.reciprocal(p["beta"])},
    {"beta": lambda ops, p: ops.reciprocal(p["scale"])},
)
_EXPONENTIAL = (
    ("lam",),
    {"scale": lambda ops, p: ops.reciprocal(p["lam"])},
    {"lam": lambda ops, p: ops.reciprocal(p["scale"])},
)
_NEGATIVE_BINOMIAL = (
    ("n", "p"),
    {
        "mu": lambda ops, p: ops.true_div(ops.mul(p["n"], ops.sub(ops.constant(1.0), p["p"])), p["p"]),
        "alpha": lambda ops, p: p["n"],
    },
    {"n": lambda ops, p: p["alpha"], "p": lambda ops, p: _success(ops, **p)},
)
PARAMETRISATIONS = {"gamma": _GAMMA, "exponential": _EXPONENTIAL, "negativebinomial": _NEGATIVE_BINOMIAL}


def law(ops, name, *values):
    """Return the term of a draw from a distribution; `values` are its parameters as they are called here."""
    if name not in PARAMETRISATIONS:
        return getattr(ops, name)(*values)
    names, to_native, _ = PARAMETRISATIONS[name]
    here = dict(zip(names, values))
    return getattr(ops, name)(*(here[p] if p in here else to_native[p](ops, here) for p in ops.rows[name].params))


def parameters_of(ops, draw):
    """Return the parameters of a draw from a known distribution, as they are called here, by name."""
    native, name = ops.parameters(draw), ops.distribution_of(draw)
    if name not in PARAMETRISATIONS:
        return native
    names, _, from_native = PARAMETRISATIONS[name]
    return {p: native[p] if p in native else from_native[p](ops, native) for p in names}


def _ratio(part, *whole):
    return lambda ops, p: ops.true_div(p[part], ops.add(*(p[name] for name in whole)))


# A value in the middle of each distribution that a posterior may be, where its density is finite.
_CENTERS = {
    "normal": lambda ops, p: p["mu"],
    "mvnormal": lambda ops, p: p["mu"],
    "gamma": lambda ops, p: ops.true_div(p["alpha"], p["beta"]),
    "inversegamma": lambda ops, p: ops.true_div(p["beta"], ops.add(p["alpha"], ops.constant(1.0))),
    "beta": _ratio("alpha", "alpha", "beta"),
    "dirichlet": lambda ops, p: ops.true_div(p["a"], ops.total(p["a"])),
    "pareto": lambda ops, p: ops.mul(p["m"], ops.constant(2.0)),
    "vonmises": lambda ops, p: p["mu"],
}


def center(ops, draw):
    """Return a value well inside the support of a draw, computed from its parameters."""
    return _CENTERS[ops.distribution_of(draw)](ops, parameters_of(ops, draw))
