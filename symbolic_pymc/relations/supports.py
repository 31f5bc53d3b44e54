"""What the values of a distribution can be: data that contradict it are no data to condition on."""

import numpy as np

from symbolic_pymc.distributions import DISTRIBUTIONS
from symbolic_pymc.records import Constant
from symbolic_pymc.relations.edge import NotReversible, called, is_fixed
from symbolic_pymc.relations.laws import parameters_of

# the closed range of the numbers of a kind of support, and where a parameter says it the least and the largest by name
RANGES = {
    "positive": (0.0, np.inf),
    "nonnegative": (0.0, np.inf),
    "unit": (0.0, 1.0),
    "simplex": (0.0, 1.0),
    "circle": (-np.pi, np.pi),
    "count": (0.0, np.inf),
}
ENDS = {
    "bernoulli": (0.0, 1.0),
    "geometric": (1.0, np.inf),
    "binomial": (0.0, "n"),
    "betabinomial": (0.0, "n"),
    "hypergeometric": (0.0, "n"),
    "uniform": ("lower", "upper"),
    "truncatednormal": ("lower", "upper"),
    "truncatedgamma": ("lower", "upper"),
    "truncatedinversegamma": ("lower", "upper"),
    "truncatedbeta": ("lower", "upper"),
    "discreteuniform": ("lower", "upper"),
    "pareto": ("m", np.inf),
    "categorical": (0.0, lambda ops, p: _last_index(ops, p["p"])),
}
REAL = (-np.inf, np.inf)
# the parameter that the counts of a vector add up to
TOTALS = {"multinomial": "n"}


def refuse_impossible(ops, observed):
    """Refuse constant data that a distribution does not give: their density is zero, and there is no posterior."""
    data, rv = observed.rands
    family, y = ops.distribution_of(rv), _fixed(ops, data)
    if family is None or y is None:
        return
    support = DISTRIBUTIONS[family].support if family in DISTRIBUTIONS else "real"
    low, high = (_end(ops, rv, end) for end in ENDS.get(family, RANGES.get(support, REAL)))
    if not np.all(np.isfinite(y)):
        raise NotReversible(f"{called(ops, rv)} has data that are no finite numbers")
    is_outside = np.any(y < low) or np.any(y > high) or (support == "count" and np.any(y != np.floor(y)))
    if family in TOTALS:  # a number that is not known is not compared
        is_outside |= np.any(np.abs(np.sum(y, axis=-1) - _end(ops, rv, TOTALS[family])) > 0)
    if is_outside:
        raise NotReversible(
            f"{called(ops, rv)} has data that its law, {family}, does not give: there is no posterior; mend the data"
        )


def _end(ops, rv, end):
    """Return an end of a support, or what no number is beyond where a parameter that is not constant says it."""
    if isinstance(end, float):
        return end
    own = parameters_of(ops, rv)
    value = _fixed(ops, own[end]) if isinstance(end, str) else end(ops, own)
    return np.nan if value is None else value


def _last_index(ops, chances):
    length = ops.static_length(chances)
    return None if length is None else length - 1.0


def _fixed(ops, term):
    """Return the value of a term that is computed from constants alone, else None."""
    if isinstance(term, Constant):
        return term.value
    return ops.value_of(term) if is_fixed(ops, term) else None
