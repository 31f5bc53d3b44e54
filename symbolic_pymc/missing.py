"""Data with missing entries: what was seen and what was not, each by its own law."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from symbolic_pymc.distributions import DISTRIBUTIONS
from symbolic_pymc.journal import Step
from symbolic_pymc.meta import rebased
from symbolic_pymc.records import Term
from symbolic_pymc.parts import graph_parts
from symbolic_pymc.relation import reference_of
from symbolic_pymc.relations.edge import anew, called
from symbolic_pymc.relations.given_blocks import law_of_block, law_of_rest
from symbolic_pymc.relations.mixtures import has_its_own_density
from symbolic_pymc.parts import substitute

WHOLE = ("vector", "simplex", "matrix")


@dataclass(frozen=True)
class Missing:
    """Data of which some entries are missing.

    Parameters
    ----------
    whole : term
        The draw of all entries.
    free : term
        The draw that stands for the missing ones, a vector.
    values : term
        The others, a vector.
    mask : numpy.ndarray of bool
        True where entries are missing.
    joined : term
        All entries where other parts of the model have them by the name of the data, else None.
    """

    whole: Term
    free: Term
    values: Term
    mask: np.ndarray
    joined: Any = None


def missing_giveno(ops, outputs):
    r"""Relate a model of data with missing entries to the law of what was seen, and of the rest given that.

    .. math::

        \frac{y \sim N(\mu, \Sigma) \qquad y_b \text{ observed}}
             {y_b \sim N(\mu_b, \Sigma_{bb}) \text{ observed} \qquad
              y_r \mid y_b \sim N(\mu_r + \Sigma_{rb} \Sigma_{bb}^{-1} (y_b - \mu_b),\;
              \Sigma_{rr} - \Sigma_{rb} \Sigma_{bb}^{-1} \Sigma_{br})}

    Entries that are independent keep their law.  Guards: a vector, or independent entries; which of them are missing
    is a constant; some are, and some are not.

    Reference: Little and Rubin, Statistical Analysis with Missing Data, 2nd ed. (2002), chapter 8.

    Parameters
    ----------
    ops : Vocabulary
    outputs : tuple of terms
        Of a model graph.

    Returns
    -------
    outputs : tuple of terms
    steps : tuple of Step
    """
    parts, steps = tuple(graph_parts(*outputs)), []
    for mark in filter(ops.is_observed, parts):
        missing = ops.missing_of(mark, parts)
        if missing is not None and _is_possible(ops, missing):
            seen, rest = _laws(ops, missing)
            seen = ops.observed(missing.values, anew(ops, seen, mark.rands[1])).replace(info=mark.info)
            outputs = _replaced(outputs, mark, missing, seen, anew(ops, rest, missing.free))
            names = mark.name, called(ops, missing.free)
            steps.append(Step(missing_giveno.__name__, names, reference_of(missing_giveno)))
    return outputs, tuple(steps)


def _is_possible(ops, missing):
    family, mask = ops.distribution_of(missing.whole), missing.mask
    if family is None or not has_its_own_density(missing.whole) or mask.all() or not mask.any():
        return False
    support = DISTRIBUTIONS[family].support
    return family == "mvnormal" and mask.ndim == 1 or support not in WHOLE


def _laws(ops, missing):
    """Return the draws of the seen entries, and of the missing ones given those."""
    p, mask = ops.parameters(missing.whole), missing.mask.ravel()
    b, r = np.flatnonzero(~mask), np.flatnonzero(mask)
    if ops.distribution_of(missing.whole) == "mvnormal":
        return law_of_block(ops, p, b), law_of_rest(ops, p, missing.values, b, r)
    family = getattr(ops, ops.distribution_of(missing.whole))
    pattern = ops.constant(np.zeros(missing.mask.shape))
    return tuple(
        family(*(_at(ops, x, pattern, i) for x in p.values()), ops.constant(np.array([len(i)]))) for i in (b, r)
    )


def _at(ops, x, pattern, numbers):
    """Return the elements of certain numbers of `x`, broadcast to `pattern`; a number stays one."""
    if ops.ndim(x) == 0:
        return x
    return ops.take_rows(ops.column(x, pattern), ops.constant(numbers))


def _replaced(outputs, mark, missing, seen, rest):
    """Return the outputs with the two laws in the places of the data and of the draw of what is missing."""
    if missing.joined is None:
        return rebased(substitute(outputs, {mark: seen, missing.free: rest}))
    others = tuple(x for x in outputs if x is not mark)
    new = substitute((*others, missing.free), {mark: missing.joined, missing.free: rest}, within=True)
    *kept, free = new
    return rebased((*kept, *((free,) if free not in set(graph_parts(*kept)) else ()), seen))
