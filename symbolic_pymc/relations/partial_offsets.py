r"""Partial non-centring: location-scale families between their own scale and the standard one."""

import numpy as np
from kanren import eq, lall
from unification import reify, var

from symbolic_pymc.distributions import DISTRIBUTIONS
from symbolic_pymc.records import Info, Ref, Term, is_ground
from symbolic_pymc.relations.distributions import SUFFIX, any_of, is_unit, location_of, scale_of
from symbolic_pymc.relations.distributions import why_not_of_its_family, with_absent_parts
from symbolic_pymc.relations.edge import shape_of
from symbolic_pymc.relations.goals import concat, is_constant
from symbolic_pymc.unify import is_lvar
from symbolic_pymc.vocabulary import roles_of


def partial_offseto(ops, weight, rv, expression):
    r"""Relate a random variable of a location-scale family to a member in between itself and the standard one.

    .. math::

        \frac{x \sim F(\mu, \sigma, \nu)}
             {z \sim F(\lambda \mu, \sigma^\lambda, \nu) \qquad x = \mu + \sigma^{1 - \lambda} (z - \lambda \mu)}

    A weight :math:`\lambda` of 0 is the non-centred form, one of 1 the centred; a family of scales alone has
    :math:`x = \sigma^{1 - \lambda} z`.  `weight` is a number, an array that broadcasts to the shape of `x`, or a record
    or variable in which nothing is random; the offset `z` is named after `x`.  Ends and lengths move along.

    The goal fails for families without location and scale, for whole numbers and for vectors with a covariance, and for
    draws with a transform of their own or a `total_size`.  It goes both ways on the line, `weight` being known.

    Reference: Papaspiliopoulos, Roberts and Skold, A general framework for the parametrization of hierarchical
    models, Statistical Science 22 (2007), 59-73.
    """
    weight = ops.constant(weight) if isinstance(weight, (int, float, np.ndarray, np.generic)) else weight

    def goal(s):
        before, after = reify(rv, s), reify(expression, s)
        if not is_lvar(before):
            if is_ground(before) and why_no_partial_offset(ops, before) is None:
                yield from eq(after, _forward(ops, before, weight))(s)
        elif isinstance(after, Term):
            for name in filter(lambda name: _why_no_family(ops, name) is None, ops.rows):
                ways = _ways(ops, name)
                yield from any_of(_backward(ops, name, weight, before, after, parts) for parts in ways)(s)

    return goal


def why_no_partial_offset(ops, rv):
    """Return in words why `partial_offseto` leaves a draw as it is; None where it does not."""
    reason = _why_no_family(ops, ops.distribution_of(rv))
    if reason is not None:
        return f"{rv.name}: {ops.distribution_of(rv) or rv.rator} {reason}"
    return why_not_of_its_family(rv) or (None if _parts_of(ops, rv) else f"{rv.name} is standard already")


def _parts_of(ops, rv):
    """Return which of location and scale a known draw has."""
    roles = roles_of(ops.distribution_of(rv), ops.rows[ops.distribution_of(rv)].params)
    loc, scale = location_of(roles, rv.rands), scale_of(ops, roles, rv.rands)
    return ("loc",) * (not is_constant(loc, 0.0)) + ("scale",) * (not is_unit(ops, roles, rv.rands, scale))


def _ways(ops, name):
    """Return which of location and scale may stand in an expression of a family."""
    roles = roles_of(name, ops.rows[name].params)
    has_loc, has_scale = not {"location", "lower", "angle"}.isdisjoint(roles), roles != ("angle", "shape")
    ways = (("loc", "scale"), ("scale",), ("loc",))
    return [way for way in ways if has_loc >= ("loc" in way) and has_scale >= ("scale" in way)]


def _why_no_family(ops, name):
    roles = name and roles_of(name, ops.rows[name].params)
    if not roles:
        return "is no location-scale family"
    if "cov" in roles:
        return "has a covariance in the place of a scale, of which no power is taken"
    return "is a law of whole numbers" if DISTRIBUTIONS[name].support == "count" else None


def _forward(ops, rv, weight):
    name, note = ops.distribution_of(rv), rv.info.note and rv.info.note.obj
    values, size, parts = rv.rands[: len(ops.rows[name].params)], shape_of(ops, rv), _parts_of(ops, rv)
    info = Info(var(), None if rv.name is None else rv.name + SUFFIX, var(), note and Ref(note.successor()))
    offset = rv.rator.term(*_between(ops, name, values, weight, parts), size, info=info)
    return _expression(ops, name, values, weight, parts, offset, rv.info.replace(index=0, draw=None))


def _backward(ops, name, weight, before, after, parts):
    row, size, rv_name, offset_name, note = ops.rows[name], var(), var(), var(), var()
    rator, values = ops.backend.meta_op(row.op), tuple(var() for _ in row.params)
    values = with_absent_parts(ops, roles_of(name, row.params), values, parts)
    info = Info(var(), offset_name, var(), var())
    offset = rator.term(*_between(ops, name, values, weight, parts), size, info=info)
    return lall(
        eq(after, _expression(ops, name, values, weight, parts, offset, Info(0, rv_name, None, note))),
        concat(rv_name, SUFFIX, offset_name),
        eq(before, rator.term(*values, size, info=Info(var(), rv_name, var(), note))),
    )


def _between(ops, name, values, weight, parts):
    """Return the parameters of the member in between."""
    roles = roles_of(name, ops.rows[name].params)
    loc, scale = location_of(roles, values), scale_of(ops, roles, values)
    slope = _slope(ops, scale, weight)

    def shrunk(x):
        return ops.mul(weight, x) if "loc" in parts else x

    def raised(x):
        return ops.pow(x, weight) if "scale" in parts else x

    def moved(role, value):
        if role in ("location", "angle", "lower"):
            return shrunk(value)
        if role in ("scale", "rate"):
            return raised(value)
        if role == "log":
            return ops.mul(weight, value)
        if role == "upper":
            return ops.add(shrunk(loc), raised(scale)) if "loc" in parts else raised(scale)
        if role not in ("along", "across") or is_constant(value, np.inf) or is_constant(value, -np.inf):
            return value
        length = ops.sub(value, loc) if role == "across" and "loc" in parts else value
        length = ops.true_div(length, slope) if "scale" in parts else length
        return ops.add(shrunk(loc), length) if role == "across" and "loc" in parts else length

    return tuple(moved(role, value) for role, value in zip(roles, values))


def _slope(ops, scale, weight):
    return None if scale is None else ops.pow(scale, ops.sub(ops.constant(1.0), weight))


def _expression(ops, name, values, weight, parts, offset, info):
    """Return ``location + scale ** (1 - weight) * (offset - weight * location)`` as a deterministic quantity."""
    roles = roles_of(name, ops.rows[name].params)
    loc, result = location_of(roles, values), offset
    if "loc" in parts:
        result = ops.sub(result, ops.mul(weight, loc))
    if "scale" in parts:
        result = ops.mul(_slope(ops, scale_of(ops, roles, values), weight), result)
    if "loc" in parts:
        result = ops.add(loc, result)
    return ops.deterministic(ops.wrapped(result) if "angle" in roles else result).replace(info=info)
