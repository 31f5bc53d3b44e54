r"""Loops that draw one number after the other, each given the one before it, read as chains.

A step is known by what it draws of places that stand for the number before it and for all else: how it depends on that
number is seen there, once for all steps.  A normal number whose mean is affine in the one before it makes a normal
chain, a number of finite support a Markov chain.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from symbolic_pymc.meta import rebased
from symbolic_pymc.parts import graph_parts, substitute
from symbolic_pymc.relations.affine import NotAffine, affine, dependents
from symbolic_pymc.relations.edge import NotReversible, down_to_draws, is_fixed
from symbolic_pymc.relations.markov import chances_of

FINITE = ("bernoulli", "categorical")


@dataclass(frozen=True)
class Transition:
    """A loop in which each number is drawn given the one before it.

    step : what a step draws, a scalar; previous : the place of the number before it
    first : the number before the first step; includes_first : whether the series begins with it
    n_steps : how many steps there are
    fixed, moving : pairs of a place in the step and what stands there, in all steps or element by element
    """

    step: Any
    previous: Any
    first: Any
    includes_first: bool
    n_steps: Any
    fixed: tuple
    moving: tuple

    def mapped(self, function):
        """Return the transition of what `function` makes of every variable."""
        step, previous, first, n_steps = map(function, (self.step, self.previous, self.first, self.n_steps))
        fixed, moving = (tuple(tuple(map(function, pair)) for pair in x) for x in (self.fixed, self.moving))
        return replace(self, step=step, previous=previous, first=first, n_steps=n_steps, fixed=fixed, moving=moving)


def chain_of_steps(ops, loop, name):
    r"""Return the chain that a loop draws, without a name.

    .. math::

        \frac{x_t \sim N(o_t + g_t\, x_{t-1},\; s_t) \qquad x_0 \sim N(m, s)}
             {x \sim \operatorname{Chain}((m, o_1, o_2, \ldots), (0, g_1, g_2, \ldots), (s, s_1, s_2, \ldots))}

    Where the series begins behind :math:`x_0`, the law of :math:`x_1` is its own, :math:`x_0` being integrated out, or
    given :math:`x_0` where that is a variable of the model or a number.

    Parameters
    ----------
    ops : Vocabulary
    loop : Transition
        Of terms.
    name : str
        Of the series.

    Raises
    ------
    NotReversible
        With the reason, for steps that make no such chain.
    """
    loop = replace(loop, n_steps=_known_number(ops, loop.n_steps))
    if ops.ndim(loop.step) or ops.ndim(loop.first):
        raise NotReversible(f"a step of {name} draws an array; write one loop for each number of it")
    _refuse_hidden_draws(ops, loop, name)
    noise = [x for x in graph_parts(loop.step) if ops.is_random(x)]
    if len(noise) != 1:
        raise NotReversible(f"a step of {name} draws {len(noise)} numbers; a chain draws one at each step")
    family = ops.distribution_of(noise[0])
    if family == "normal":
        return _normal_chain(ops, loop, noise[0], name)
    if family in FINITE:
        return _markov_chain(ops, loop, noise[0], name)
    raise NotReversible(
        f"a step of {name} draws {family or noise[0].rator}; chains are of normal or categorical numbers"
    )


def _known_number(ops, n):
    """Return a whole number as a constant where it is computed from constants alone."""
    return ops.constant(np.int64(ops.value_of(n))) if is_fixed(ops, n) else n


def _refuse_hidden_draws(ops, loop, name):
    """Refuse a loop in which a draw that is no variable of the model serves several steps."""
    values = (*(value for _, value in (*loop.fixed, *loop.moving)), loop.n_steps)
    first = () if _is_own(ops, loop.first) else (loop.first,)
    if any(_is_own(ops, x) for x in down_to_draws(ops, *values, *first)):
        raise NotReversible(
            f"the steps of {name} depend on a number drawn beside them; make it a variable of the model"
        )


def _is_own(ops, x):
    """Tell whether a term is drawn by the loop's own graph, and is no variable of the model."""
    return ops.is_random(x) and x.name is None


# Normal numbers --------------------------------------------------------------------------------------------------


def _normal_chain(ops, loop, noise, name):
    offset, gain, sd = _normal_step(ops, loop, noise, name)
    offset, gain, sd = (_in_steps(ops, loop, x, name) for x in (offset, gain, sd))
    if loop.includes_first:
        mean, spread, n = *_normal_first(ops, loop, name), loop.n_steps
        rest = offset, gain, sd
    else:
        start = [ops.element(x) for x in (offset, gain, sd)]
        mean, spread = _normal_second(ops, loop, name, *start)
        rest, n = [ops.from_second(x) for x in (offset, gain, sd)], ops.one_less(loop.n_steps)
    firsts = mean, ops.element(rest[1]), spread  # the first gain counts for nothing
    return ops.gaussianchain(*(ops.led(first, others, n) for first, others in zip(firsts, rest)))


def _normal_step(ops, loop, noise, name):
    """Return offset, gain and standard deviation of a step, scalars of its places."""
    own, zero, one = ops.parameters(noise), ops.constant(0.0), ops.constant(1.0)
    try:
        outer = affine(ops, loop.step, noise)
        scale = outer.link.scale or one
        mean, sd = own["mu"], own["sigma"]
        if loop.step is not noise:
            mean = ops.add(ops.mul(scale, mean), outer.offset or zero)
            sd = ops.mul(ops.abs(scale), sd)
        (mean, sd), previous = rebased((mean, sd)), loop.previous
        if sd in dependents(ops, sd, previous):
            raise NotReversible(f"the standard deviation of a step of {name} depends on the number before it")
        inner = affine(ops, mean, previous)
    except NotAffine as reason:
        raise NotReversible(
            f"a step of {name} is not affine in the number before it and a normal one: {reason}"
        ) from None
    gain = zero if inner.link is None else inner.link.scale or one
    return inner.offset or zero, gain, sd


def _normal_first(ops, loop, name):
    """Return mean and standard deviation of the first element, which is drawn before the steps."""
    if ops.distribution_of(loop.first) != "normal" or not _is_own(ops, loop.first):
        raise NotReversible(
            f"the first element of {name} is no normal draw of its own; begin with pm.Normal.dist(0, 10)"
        )
    return ops.parameters(loop.first)["mu"], ops.parameters(loop.first)["sigma"]


def _normal_second(ops, loop, name, offset, gain, sd):
    """Return mean and standard deviation of what the first step draws."""
    if not _is_own(ops, loop.first):
        return ops.add(offset, ops.mul(gain, loop.first)), sd
    mean, spread = _normal_first(ops, loop, name)
    variance = ops.add(ops.sqr(sd), ops.mul(ops.sqr(gain), ops.sqr(spread)))
    return ops.add(offset, ops.mul(gain, mean)), ops.sqrt(variance)


def _in_steps(ops, loop, x, name):
    """Return a quantity of a step where its places are filled: a number for all steps, or a vector of them."""
    moving = dict(loop.moving)
    for place in moving:
        depends = dependents(ops, x, place)
        if any(y is not place and not ops.is_elementwise(y) for y in depends):
            raise NotReversible(
                f"a step of {name} does more with an element of a sequence than arithmetic; do that before the loop"
            )
    return rebased((substitute(x, moving | dict(loop.fixed)),))[0]


# Numbers of finite support ---------------------------------------------------------------------------------------


def _markov_chain(ops, loop, noise, name):
    if loop.step is not noise:
        raise NotReversible(f"a step of {name} computes something of what it draws; let it return what it draws")
    if loop.moving:
        raise NotReversible(f"the chances of {name} change from step to step; only constant ones are read")
    places = dict(loop.fixed)
    rows = [rebased((substitute(row, places),))[0] for row in _chances_by_state(ops, loop, name)]
    matrix, n = ops.rows_stacked(*rows), loop.n_steps
    if loop.includes_first:
        start, n = _first_chances(ops, loop, len(rows), name), ops.one_more(n)
    elif _is_own(ops, loop.first):
        first = _first_chances(ops, loop, len(rows), name)
        start = ops.add(*(ops.mul(ops.row_at(first, ops.constant(np.int64(k))), row) for k, row in enumerate(rows)))
    else:
        start = substitute(chances_of(ops, loop.step), {loop.previous: loop.first} | places)
    return rebased((ops.markovchain(start, ops.same_chances(matrix, n)),))[0]


def _chances_by_state(ops, loop, name):
    """Return the probabilities of the states of a step, given each state before it."""
    (given,) = rebased((chances_of(ops, loop.step),))
    size = ops.static_length(given)
    if size is None:
        raise NotReversible(f"the number of states of {name} is not known; give its chances a shape")
    return [substitute(given, {loop.previous: ops.constant(np.int64(k))}) for k in range(size)]


def _first_chances(ops, loop, size, name):
    """Return the probabilities of the states of the first element, which is drawn before the steps."""
    if ops.distribution_of(loop.first) not in FINITE or not _is_own(ops, loop.first):
        raise NotReversible(f"the first element of {name} is no draw of its own; begin with pm.Categorical.dist(p)")
    (chances,) = rebased((chances_of(ops, loop.first),))
    if ops.static_length(chances) != size:
        raise NotReversible(f"the first element of {name} has not as many states as the others")
    return chances
