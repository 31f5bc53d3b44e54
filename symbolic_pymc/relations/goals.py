"""Small goals that relations are put together from."""

import numpy as np
from kanren import conde, eq
from unification import isvar, reify

from symbolic_pymc.records import Constant, Term, uniform_value
from symbolic_pymc.vocabulary import is_unit_axis_shuffle
from symbolic_pymc.parts import as_graph, graph_parts
from symbolic_pymc.walk import walko


def concat(a, b, c):
    """State that the string `c` is `a` followed by `b`; any one of the three may be unknown.

    >>> from kanren import run, var
    >>> q = var()
    >>> run(0, q, concat("mu", "_offset", q)), run(0, q, concat(q, "_offset", "mu_offset"))
    (('mu_offset',), ('mu',))
    """

    def goal(s):
        x, y, z = reify((a, b, c), s)
        if isinstance(x, str) and isinstance(y, str):
            yield from eq(z, x + y)(s)
        elif isinstance(z, str) and isinstance(y, str) and isvar(x):
            if z.endswith(y):
                yield from eq(x, z[: len(z) - len(y)])(s)
        elif isinstance(z, str) and isinstance(x, str) and isvar(y):
            if z.startswith(x):
                yield from eq(y, z[len(x) :])(s)
        elif isinstance(z, str) and isvar(x) and isvar(y):
            yield from conde(*([eq(x, z[:i]), eq(y, z[i:])] for i in range(len(z) + 1)))(s)

    return goal


def without_unit_axes(x):
    """Return the record `x` without the outermost operators that only add or drop axes of length one."""
    while isinstance(x, Term) and is_unit_axis_shuffle(x):
        x = x.rands[0]
    return x


def is_constant(x, value):
    """Tell whether the record `x` is a constant all of whose elements are `value`; None is the constant 0.

    `value` may be "identity" for a square matrix.  What is not known to be constant is not.
    """
    if x is None:
        return value == 0.0
    x = without_unit_axes(x)
    if not isinstance(x, Constant):
        return False
    array = x.value
    if isinstance(value, str):
        return array.ndim == 2 and array.shape[0] == array.shape[1] and bool(np.all(array == np.eye(len(array))))
    return bool(np.all(array == value))


def constant_number(x):
    """Return the number that all elements of the record `x` are known to be, or None."""
    x = without_unit_axes(x)
    value = uniform_value(x.value) if isinstance(x, Constant) else None
    return None if value is None else float(value)


def are_alike(a, b):
    """Tell whether two records are known to have the same values: the same record, or equal constants."""
    a, b = without_unit_axes(a), without_unit_axes(b)
    if a is b:
        return True
    number = constant_number(a)
    if number is not None and constant_number(b) == number:
        return True
    return isinstance(a, Constant) and isinstance(b, Constant) and np.array_equal(a.value, b.value)


def constant_neq(x, value):
    """State that `x` is no constant equal to `value` (in every element); what is unknown or no constant is unequal.

    Parameters
    ----------
    x : record, base variable or logic variable
    value : number
    """

    def goal(s):
        if not is_constant(as_graph(reify(x, s)), value):
            yield s

    return goal


def non_obs_walko(ops, relation, graph_in, graph_out):
    """Relate two graphs by `relation` at every outermost match but observed random variables.

    The random variable of an ``observed(value, rv)`` is passed over, its parameters are not.  There is one answer,
    in which everything that matches is rewritten: the order in which independent variables are taken is no matter.
    """

    def goal(s):
        known = as_graph(reify(graph_in, s))
        skip = set()
        if not isvar(known):
            skip = {x.rands[1] for x in graph_parts(known) if ops.is_observed(x)}
        yield from walko(relation, known, graph_out, skip=skip, subsets=False)(s)

    return goal
