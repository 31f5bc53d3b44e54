r"""Location-scale reparameterisation, one relation over the table of distributions."""

from functools import partial

import numpy as np
from kanren import eq, lall
from unification import reify, var

from symbolic_pymc.distributions import DISTRIBUTIONS
from symbolic_pymc.records import Constant, Info, Ref, Term, is_ground
from symbolic_pymc.relations.chains import gaussianchain_innovationso
from symbolic_pymc.relations.edge import ask, shape_of
from symbolic_pymc.relations.goals import concat, is_constant
from symbolic_pymc.unify import is_lvar
from symbolic_pymc.vocabulary import is_unit_axis_shuffle, roles_of

SUFFIX = "_offset"


def scale_loc_transform(ops, rv, expression):
    r"""Relate a random variable of a location-scale family to its standard member, shifted and scaled.

    .. math::

        \frac{x \sim F(\mu, \sigma, \nu)}
             {z \sim F(0, 1, \nu) \qquad x = \mu + \sigma z}

    The offset `z` is named after `x`; `x` itself stays, under its name, as a deterministic quantity.  What each
    parameter becomes is its role in `symbolic_pymc.distributions`; a covariance has its Cholesky factor in the place
    of :math:`\sigma`, for a vector as for the rows of a matrix.  Shapes: all parameters broadcast to the shape of
    `x`, which `z` has.

    The goal fails for draws that are standard already (constants, exactly), that are of no such family, or that the
    model gives a transform of its own or a `total_size` (their density is not that of the family).
    It works in both directions: an expression of the right-hand form is related to the plain variable.

    Reference: Papaspiliopoulos, Roberts and Skold, A general framework for the parametrization of hierarchical
    models, Statistical Science 22 (2007), 59-73.
    """

    def goal(s):
        before, after = reify(rv, s), reify(expression, s)
        for name in _candidates(ops, before, after):
            yield from _transform(ops, name, before, after)(s)

    return goal


def why_no_transform(ops, rv):
    """Return in words why `scale_loc_transform` leaves a draw as it is."""
    name = ops.distribution_of(rv)
    if name is None or not _moves(ops, name):
        return f"{name or rv.rator} is no location-scale family"
    if reason := why_not_of_its_family(rv):
        return reason
    roles = roles_of(name, ops.rows[name].params) or ()
    if (name == "gaussianchain" and ops.ndim(rv) != 1) or ("cov" in roles and not _is_vector(ops, rv)):
        return f"{rv.name} is a batch of vectors"
    if "cov" in roles and not isinstance(_size_of(ops, rv), Constant):
        return f"the length of {rv.name} is not known"
    return f"{rv.name} is standard already"


def why_not_of_its_family(rv):
    """Return in words why the density of a draw is not that of its distribution; None when it is."""
    note = rv.info.note and rv.info.note.obj
    if note is not None and note.total_size is not None:
        return f"{rv.name} has a total_size, which scales its log density"
    if note is not None and not note.default_transform:
        return f"{rv.name} has a transform of its own, which may change its law"
    return None


def _candidates(ops, before, after):
    """Return the names of the families to try: the one of a known draw, else all."""
    if is_lvar(before):
        return [name for name, row in ops.rows.items() if roles_of(name, row.params)] if isinstance(after, Term) else []
    name = ops.distribution_of(before)
    return [name] if name is not None and _moves(ops, name) and is_ground(before) else []


def _moves(ops, name):
    """Tell whether a family has a standard member from which the others are made."""
    return name == "gaussianchain" or bool(roles_of(name, ops.rows[name].params))


def _transform(ops, name, before, after):
    if not is_lvar(before):
        return eq(after, expression) if (expression := _forward(ops, name, before)) is not None else fails
    return any_of(_backward(ops, name, before, after, parts) for parts in (("loc", "scale"), ("scale",), ("loc",)))


def fails(s):
    return iter(())


def any_of(goals):
    def goal(s):
        for g in goals:
            yield from g(s)

    return goal


def _forward(ops, name, rv):
    """Return the expression of a known draw, or None where there is nothing to transform or no right to."""
    note = rv.info.note and rv.info.note.obj
    if why_not_of_its_family(rv):
        return None
    if name == "gaussianchain":
        return _forward_chain(ops, rv, note) if ops.ndim(rv) == 1 else None
    roles = roles_of(name, ops.rows[name].params)
    values = tuple(_one_matrix(ops, x) if role == "cov" else x for role, x in zip(roles, rv.rands))
    if "cov" in roles and not _is_vector(ops, rv):
        return None
    loc, scale = location_of(roles, values), scale_of(ops, roles, values)
    parts = ("loc",) * (not is_constant(loc, 0.0)) + ("scale",) * (not is_unit(ops, roles, values, scale))
    if not parts:
        return None
    offset = _offset(ops, name, rv.rator, values, parts, _size_of(ops, rv), _offset_info(rv, note))
    if offset is None:
        return None
    return _expression(ops, name, values, parts, offset, rv.info.replace(index=0, draw=None), ops.ndim(rv) == 2)


def _is_vector(ops, rv):
    """Tell whether a draw is one vector, or rows of normal ones with one covariance."""
    if ops.ndim(rv) == 1:
        return True
    return ops.distribution_of(rv) == "mvnormal" and ops.ndim(rv) == ops.ndim(_one_matrix(ops, rv.rands[1])) == 2


def _one_matrix(ops, x):
    """Return a matrix without the axes of length one that make it one of a batch."""
    while ops.ndim(x) > 2 and isinstance(x, Term) and is_unit_axis_shuffle(x):
        x = x.rands[0]
    return x


def _size_of(ops, rv):
    """Return the shape of a draw, one that is rows of vectors among them."""
    note = rv.info.note and rv.info.note.obj
    is_known = note is not None and note.shape is not None and None not in note.shape
    if is_known or ops.ndim(rv) == 1 or ops.distribution_of(rv) != "mvnormal":
        return shape_of(ops, rv)
    mean, cov, rows = rv.rands[:3]
    return ops.shape(mean) if ops.is_empty_size(rows) else ops.with_length(rows, _one_matrix(ops, cov))


def _offset_info(rv, note):
    return Info(var(), None if rv.name is None else rv.name + SUFFIX, var(), note and Ref(note.successor()))


def _forward_chain(ops, rv, note):
    """Return the recursion of a normal chain over standard normal innovations; None for these themselves."""
    p = ops.parameters(rv)
    if is_constant(p["offset"], 0.0) and is_constant(p["gain"], 0.0) and is_constant(p["scale"], 1.0):
        return None
    innovations = ops.normal(ops.constant(0.0), ops.constant(1.0), shape_of(ops, rv)).replace(
        info=_offset_info(rv, note)
    )
    path = ask(partial(gaussianchain_innovationso, ops, innovations), ops.gaussianchain(*p.values()))
    return ops.deterministic(path).replace(info=rv.info.replace(index=0, draw=None))


def _backward(ops, name, before, after, parts):
    """Relate an unknown draw to a known expression; `parts` says which of location and scale stand in it."""
    row = ops.rows[name]
    roles, values = roles_of(name, row.params), tuple(var() for _ in row.params)
    rv_name, offset_name, note, size = var(), var(), var(), var()
    given = with_absent_parts(ops, roles, values, parts)
    rator = ops.backend.meta_op(row.op)
    offset = _offset(ops, name, rator, given, parts, size, Info(var(), offset_name, var(), var()))
    if offset is None:
        return fails
    return lall(
        eq(after, _expression(ops, name, given, parts, offset, Info(0, rv_name, None, note))),
        concat(rv_name, SUFFIX, offset_name),
        eq(before, rator.term(*given, *(() if "cov" in roles else (size,)), info=Info(var(), rv_name, var(), note))),
    )


def with_absent_parts(ops, roles, values, parts):
    """Return parameters with 0 for an absent location and 1 for an absent scale."""
    absent = {"location": "loc", "angle": "loc", "mean": "loc", "scale": "scale", "rate": "scale"}
    standard = {"loc": ops.constant(0.0), "scale": ops.constant(1.0)}
    missing = [absent.get(role) if absent.get(role) not in parts else None for role in roles]
    return tuple(v if m is None else standard[m] for v, m in zip(values, missing))


def location_of(roles, values):
    """Return the location among the parameters, or None for a family of scales alone."""
    return next((v for r, v in zip(roles, values) if r in ("location", "lower", "mean", "angle")), None)


def scale_of(ops, roles, values):
    """Return the scale that the parameters give; None for a family of locations alone."""
    at = dict(zip(roles, values))
    if "upper" in at:
        return ops.sub(at["upper"], at["lower"])
    if "rate" in at:
        return ops.reciprocal(at["rate"])
    if "log" in at:
        return ops.exp(at["log"])
    return at.get("cov", at.get("scale"))


def is_unit(ops, roles, values, scale):
    at = dict(zip(roles, values))
    if "upper" in at:
        return is_constant(at["lower"], 0.0) and is_constant(at["upper"], 1.0)
    if "log" in at:
        return is_constant(at["log"], 0.0)
    if "cov" in at:
        return is_constant(scale, "identity")
    return scale is None or _is_one(ops, at.get("rate", scale))


def _is_one(ops, x):
    """Tell whether `x` is the constant 1, or the reciprocal of that, which is how a rate is written as a scale."""
    while isinstance(x, Term) and (is_unit_axis_shuffle(x) or ops.operator_of(x) == "reciprocal"):
        x = x.rands[0]
    return is_constant(x, 1.0)


def _offset(ops, name, rator, values, parts, size, info):
    """Return the standard member of the family; None for vectors of an unknown length but normal ones."""
    roles = roles_of(name, ops.rows[name].params)
    loc, scale = location_of(roles, values), scale_of(ops, roles, values)
    if name == "mvnormal":
        return ops.normal(ops.constant(0.0), ops.constant(1.0), size).replace(info=info)
    if "cov" in roles and not isinstance(size, Constant):
        return None
    zero, one = ops.constant(0.0), ops.constant(1.0)

    def standard(role, value):
        if role == "across" and (is_constant(value, np.inf) or is_constant(value, -np.inf)):
            return value
        if role in ("along", "across"):
            shifted = ops.sub(value, loc) if role == "across" and "loc" in parts else value
            return ops.true_div(shifted, scale) if "scale" in parts else shifted
        if role in ("mean", "cov"):
            return ops.constant(np.zeros(size.value) if role == "mean" else np.eye(*size.value))
        fixed = {"location": zero, "angle": zero, "lower": zero, "log": zero, "scale": one, "rate": one, "upper": one}
        return fixed.get(role, value)

    members = tuple(standard(role, value) for role, value in zip(roles, values))
    return rator.term(*members, *(() if "cov" in roles else (size,)), info=info)


def _expression(ops, name, values, parts, offset, info, are_rows=False):
    """Return ``location + scale * offset`` as a deterministic quantity."""
    roles = roles_of(name, ops.rows[name].params)
    loc, scale, result = location_of(roles, values), scale_of(ops, roles, values), offset
    if "cov" in roles:
        factor = ops.cholesky(scale)
        result = ops.dot(result, ops.transpose(factor)) if are_rows else ops.dot(factor, result)
    elif "scale" in parts:
        result = ops.mul(scale, result)
    if "loc" in parts:
        result = ops.add(loc, result)
    if "angle" in roles:
        result = ops.wrapped(result)
    if DISTRIBUTIONS[name].support == "count":
        result = ops.counts(result)
    return ops.deterministic(result).replace(info=info)
