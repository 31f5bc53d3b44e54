r"""Categorical variables as the winners of races between continuous ones."""

from dataclasses import dataclass, replace
from typing import Callable

import numpy as np
from kanren import eq
from unification import reify, var

from symbolic_pymc.meta import settle_graph
from symbolic_pymc.records import Constant, Info, Ref, Term, is_ground
from symbolic_pymc.relations.distributions import why_not_of_its_family
from symbolic_pymc.relations.laws import law


@dataclass(frozen=True)
class Race:
    """What runs, by the ending of its name and its law given the probabilities, and the word for the place of the winner."""

    ending: str
    law: Callable
    winner: str


_TIMES = Race("_time", lambda ops, p: ("exponential", ops.normalized(p)), "place_of_smallest")
_UTILITIES = Race("_utility", lambda ops, p: ("gumbel", ops.log(p), ops.constant(1.0)), "place_of_largest")


def exponential_raceo(ops, rv, expression):
    r"""Relate a categorical draw to the one of several exponential times that is the shortest.

    .. math::

        \frac{x \sim \operatorname{Cat}(p)}{e_k \sim \operatorname{Exp}(p_k) \qquad x = \operatorname{arg\,min}_k e_k}

    The number of categories is known, and none of the probabilities is known to be zero.  One-way.

    Reference: Devroye, Non-Uniform Random Variate Generation, Springer 1986.
    """
    return _race(ops, _TIMES, rv, expression)


def gumbel_raceo(ops, rv, expression):
    r"""Relate a categorical draw to the one of several Gumbel utilities that is the largest.

    .. math::

        \frac{x \sim \operatorname{Cat}(p)}
             {g_k \sim \operatorname{Gumbel}(\log p_k, 1) \qquad x = \operatorname{arg\,max}_k g_k}

    The guards are those of `exponential_raceo`.  One-way.

    Reference: McFadden, Conditional logit analysis of qualitative choice behavior, in Frontiers in Econometrics
    (1974), 105-142.
    """
    return _race(ops, _UTILITIES, rv, expression)


def why_no_race(ops, x):
    """Return in words why a draw is no race, or None."""
    if ops.distribution_of(x) != "categorical":
        return f"{x.name}: {ops.distribution_of(x) or x.rator} has no such form; there is one for categorical"
    p, note = ops.parameters(x)["p"], x.info.note and x.info.note.obj
    known = ops.ndim(x) == 0 or (note is not None and note.shape is not None and None not in note.shape)
    if not known or ops.static_length(p) is None:
        return f"the shape or the number of categories of {x.name} is not known"
    if isinstance(p, Constant) and not np.all(p.value > 0):
        return f"a category of {x.name} has no probability"
    return why_not_of_its_family(x)


def _race(ops, race, rv, expression):
    def goal(s):
        x = reify(rv, s)
        if isinstance(x, Term) and is_ground(x) and ops.is_random(x) and not why_no_race(ops, x):
            yield from eq(expression, _winner(ops, race, x))(s)

    return goal


def _winner(ops, race, x):
    p, note = ops.parameters(x)["p"], x.info.note and x.info.note.obj
    shape = (*(note.shape if ops.ndim(x) else ()), ops.static_length(p))
    kept = note and Ref(replace(note.successor(), shape=shape, dims=None))
    info = Info(var(), None if x.name is None else x.name + race.ending, var(), kept)
    size = ops.constant(np.asarray(shape, dtype="int64"))
    runners = settle_graph(law(ops, *race.law(ops, p), size=size).replace(info=info))
    return ops.deterministic(getattr(ops, race.winner)(runners)).replace(info=x.info.replace(index=0, draw=None))
