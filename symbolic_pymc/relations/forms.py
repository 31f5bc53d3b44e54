"""Laws in neutral form: ``("gamma", alpha, beta)``, the same in every backend, and what is made of them.

A law is a tuple of its name and its parameters, as terms; ``form.gamma(alpha, beta)`` spells it, and
``form.add(x, y)`` what becomes of two independent ones.  The parameters are those of PyMC3, with these exceptions:
half distributions start at zero, a ``wald`` too, and a ``negativebinomial`` has the number of successes and the odds
``(1 - p) / p`` of a failure.
"""

from unification import var

from symbolic_pymc.distributions import DISTRIBUTIONS
from symbolic_pymc.errors import SymbolicPyMCError
from symbolic_pymc.meta import settle_graph
from symbolic_pymc.records import Constant
from symbolic_pymc.relations.arithmetic import number, simplified
from symbolic_pymc.relations.laws import read, write


class NoKnownLaw(SymbolicPyMCError, ValueError):
    """An expression whose law has no known closed form; the message has the reasons."""


class NotRandom(NoKnownLaw):
    """An expression in which everything random cancels, so that there is no law to look for any further."""


class _Words:
    """Spells tuples: ``form.add(x, y)`` is ``("add", x, y)``."""

    def __getattr__(self, name):
        return lambda *parts: (name, *parts)


form = _Words()

# What the parameters are called here, where a backend may have others.
_PARAMETERS = {
    "exponential": ("lam",),
    "gamma": ("alpha", "beta"),
    "halfcauchy": ("beta",),
    "halfnormal": ("sigma",),
    "negativebinomial": ("n", "odds"),
    "rice": ("nu", "sigma"),
    "wald": ("mu", "lam"),
    "zeroinflatednegativebinomial": ("psi", "mu", "alpha"),
    "zeroinflatedpoisson": ("psi", "mu"),
}

# Distributions of vectors and the like: no elementwise map is known of them.
_NOT_ELEMENTWISE = {"vector", "matrix", "simplex"}
_IMPROPER = {"flat", "halfflat"}


# Parameters of a backend that must be zero for its draw to have a neutral form.
_ORIGINS = {"halfcauchy": "loc", "halfnormal": "loc", "wald": "alpha"}
# Parameters that are whole numbers.
_COUNTS = {("binomial", "n"), ("discreteuniform", "lower"), ("discreteuniform", "upper"), ("multinomial", "n")}


def parameter_names(ops, name):
    """Return the names of the parameters of a law in neutral form."""
    return _PARAMETERS[name] if name in _PARAMETERS else ops.rows[name].params


def form_of_draw(ops, draw):
    """Return the law of every element of a draw, given its parameters.

    Raises
    ------
    NoKnownLaw
        For a draw that is no known distribution of single numbers.
    """
    name, called = ops.distribution_of(draw), draw.name or "an unnamed variable"
    if name not in DISTRIBUTIONS or DISTRIBUTIONS[name].support in _NOT_ELEMENTWISE:
        raise NoKnownLaw(f"{called} is {name or draw.rator}: its elements are no independent numbers of a known law")
    if name in _IMPROPER or any(ops.rows[name].op.ndims_params):
        raise NoKnownLaw(f"{called} is {name}, of which no algebra is known")
    given = {p: simplified(ops, x) for p, x in ops.parameters(draw).items()}
    if name in _ORIGINS and number(ops, given.get(_ORIGINS[name], ops.constant(0.0))) != 0.0:
        raise NoKnownLaw(f"{called} is {name} and does not start at zero")
    if name == "chisquared":
        return form.gamma(simplified(ops, ops.true_div(given["nu"], ops.constant(2.0))), ops.constant(0.5))
    return (name, *(simplified(ops, read(ops, name, p, given)) for p in parameter_names(ops, name)))


def draw_of(ops, law, size=None, name=None):
    """Return a fresh draw from a law, called `name`.

    Parameters
    ----------
    law : tuple
    size : term or None
        Integer vector; None for a single draw, or the shape that the parameters have.

    Raises
    ------
    NoKnownLaw
        When the backend has no such distribution.
    """
    if law[0] not in ops.rows:
        raise NoKnownLaw(f"its law is {spelled(law)}, and there is no random variable for that")
    given = dict(zip(parameter_names(ops, law[0]), law[1:]))
    values = (_write(ops, law[0], p, given) for p in ops.rows[law[0]].params)
    draw = getattr(ops, law[0])(*values, *(() if size is None else (size,)))
    return settle_graph(draw.replace(info=draw.info.replace(name=name, draw=var(), note=None)))


def _write(ops, name, parameter, given):
    value = given[parameter] if parameter in given else simplified(ops, write(ops, name, parameter, given))
    if (name, parameter) not in _COUNTS:
        return value
    return ops.constant(value.value.astype("int64")) if isinstance(value, Constant) else ops.counts(value)


def spelled(law):
    """Return in words what is known of a law: the names in its form."""
    if not isinstance(law, tuple):
        return "."
    inside = [spelled(x) for x in law[1:] if isinstance(x, tuple)]
    return f"{law[0]}({', '.join(inside)})" if inside else law[0]


def minus(ops, law):
    """Return the form of minus a law."""
    return form.affine(ops.constant(0.0), ops.constant(-1.0), law)
