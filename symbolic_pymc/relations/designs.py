r"""Regressions with centred and scaled predictors, the design staying what it is: what moves are the coefficients."""

from functools import reduce

import numpy as np
from kanren import eq
from unification import reify, var

from symbolic_pymc.records import Info, Ref, Term, is_ground
from symbolic_pymc.relations.edge import shape_of
from symbolic_pymc.relations.goals import without_unit_axes
from symbolic_pymc.relations.linalg import factors_of, is_coefficient, is_free_of_draws, unwrapped
from symbolic_pymc.parts import as_graph, graph_parts


def intercept_centredo(ops, shift, alpha, expression):
    r"""Relate the intercept of a regression to the mean of its predictions.

    .. math::

        \frac{\alpha \sim N(m, s) \qquad \eta = \alpha + X\beta}
             {c \sim N(m + \bar{x}'\beta, s) \qquad \alpha = c - \bar{x}'\beta}

    so that :math:`\eta = c + (X - 1\bar{x}')\beta`, with :math:`\bar{x}` the means of the columns of `X`, whose
    products with the coefficients are `shift`.  The joint law of intercept and coefficients is what it was; a flat
    intercept stays flat.  The coefficients must not depend on the intercept.  One-way.

    Reference: Gelman and Hill, Data Analysis Using Regression and Multilevel/Hierarchical Models, Cambridge 2007, ch. 4.
    """

    def goal(s):
        moved, x = as_graph(reify(shift, s)), as_graph(reify(alpha, s))
        if isinstance(x, Term) and is_ground(x) and why_not_centred(ops, moved, x) is None:
            yield from eq(expression, _centred(ops, moved, x))(s)

    return goal


def why_not_centred(ops, shift, alpha):
    """Return in words why `intercept_centredo` leaves a draw as it is; `shift` may be None."""
    if shift is None:
        return f"{alpha.name} is no single number that the product of coefficients with known predictors is added to"
    if not is_coefficient(ops, alpha):
        return f"{alpha.name} has no normal or flat prior"
    if alpha in graph_parts(shift):
        return f"the coefficients beside {alpha.name} depend on it"
    return None


def coefficient_scaledo(ops, design, beta, expression):
    r"""Relate the coefficients of a design to those of its columns divided by their standard deviations.

    .. math::

        \frac{\beta \sim N(m, S) \qquad d_k = \operatorname{sd}(X_{\cdot k})}
             {\theta \sim N(d \circ m, \operatorname{diag}(d)\, S \operatorname{diag}(d)) \qquad \beta = \theta / d}

    Independent coefficients stay independent, flat ones flat.  No column is constant.  One-way.

    Reference: Gelman and Hill, Data Analysis Using Regression and Multilevel/Hierarchical Models, Cambridge 2007, ch. 4.
    """

    def goal(s):
        X, x = as_graph(reify(design, s)), as_graph(reify(beta, s))
        if isinstance(x, Term) and is_ground(x) and why_not_scaled(ops, X, x) is None:
            yield from eq(expression, _scaled(ops, X, x))(s)

    return goal


def why_not_scaled(ops, X, beta):
    """Return in words why `coefficient_scaledo` leaves a draw as it is; `X` is its design or None."""
    if X is None:
        return f"{beta.name} is no vector of coefficients of a matrix that is free of random variables"
    if not is_coefficient(ops, beta):
        return f"{beta.name} has no normal or flat prior"
    value = ops.value_of(X)
    if value is None or not np.all(np.ptp(value, axis=0) > 0):
        return f"a column of the design of {beta.name} is constant or not known"
    return None


def shifts_of(ops, outputs):
    """Return, by the name of an intercept, what the means of predictors beside it are multiplied to, as a dict."""
    found, widest = {}, {}
    for x in graph_parts(*outputs):
        if ops.operator_of(x) == "add":
            parts = [unwrapped(ops, r) for r in _summands(ops, x)]
            shifts = [m for m in (_mean_of(ops, part) for part in parts) if m is not None]
            for alpha in [p for p in parts if ops.is_random(p) and p.name is not None and ops.ndim(p) == 0]:
                if shifts and len(shifts) > widest.get(alpha.name, 0):
                    found[alpha.name], widest[alpha.name] = reduce(ops.add, shifts), len(shifts)
    return found


def _summands(ops, x):
    """Return what is added up in nested sums."""
    x = unwrapped(ops, x)
    return [y for r in x.rands for y in _summands(ops, r)] if ops.operator_of(x) == "add" else [x]


def _mean_of(ops, part):
    """Return the mean of the product of known predictors with their coefficients, over the rows; or None."""
    product = factors_of(ops, part)
    if product is not None:
        X, beta = product
        return ops.dot(_means(ops, X), beta) if is_free_of_draws(ops, X) else None
    if ops.operator_of(part) == "mul" and len(part.rands) == 2:
        for x, b in (part.rands, part.rands[::-1]):
            b = without_unit_axes(b)
            if ops.is_random(b) and ops.ndim(b) == 0 and ops.ndim(x) == 1 and is_free_of_draws(ops, x):
                return ops.mul(ops.true_div(ops.total(x), ops.length(x)), b)
    return None


def _means(ops, X):
    return ops.true_div(ops.sum_of_rows(X), ops.length(X))


def _centred(ops, shift, x):
    if ops.distribution_of(x) == "flat":
        centre = x
    else:
        p = ops.parameters(x)
        centre = ops.normal(ops.add(p["mu"], shift), p["sigma"], shape_of(ops, x))
    return _computed(ops, x, centre, "_centred", lambda c: ops.sub(c, shift))


def _scaled(ops, X, x):
    spread = ops.sqrt(_means(ops, ops.sqr(ops.sub(X, ops.as_row(_means(ops, X))))))
    p, name = ops.parameters(x), ops.distribution_of(x)
    scaled = {
        "flat": lambda: x,
        "normal": lambda: ops.normal(ops.mul(spread, p["mu"]), ops.mul(spread, p["sigma"]), shape_of(ops, x)),
        "mvnormal": lambda: ops.mvnormal(
            ops.mul(spread, p["mu"]), ops.dot(ops.dot(ops.diagonal(spread), p["cov"]), ops.diagonal(spread))
        ),
    }[name]()
    return _computed(ops, x, scaled, "_scaled", lambda theta: ops.true_div(theta, spread))


def _computed(ops, x, base, ending, function):
    """Return a draw as the function of another that it is; that is named after it."""
    note = x.info.note
    info = Info(var(), None if x.name is None else x.name + ending, var(), note and Ref(note.obj.successor()))
    return ops.deterministic(function(base.replace(info=info))).replace(info=Info(0, x.name, None, note))
