r"""Variables written as functions of others of simpler laws, form by form: the tables are those of `bases`.

A row of a table states that :math:`g(z)` has the law of the distribution it is for, where the bases :math:`z` are
drawn anew.  The variable itself stays, under its name, as a deterministic quantity; the bases are named after it.
"""

from dataclasses import replace

import numpy as np
from kanren import eq, lall
from unification import reify, var

from symbolic_pymc.distributions import DISTRIBUTIONS
from symbolic_pymc.meta import settle_graph
from symbolic_pymc.records import Info, Ref, Term, is_ground
from symbolic_pymc.relations.bases import FACTORS, GAMMAS, INVERSE_CDF, LOGARITHM, LOGIT, RECIPROCAL, SPLIT, STICKS
from symbolic_pymc.relations.distributions import why_not_of_its_family
from symbolic_pymc.relations.edge import shape_of
from symbolic_pymc.relations.goals import is_constant
from symbolic_pymc.relations.laws import law, parameters_of
from symbolic_pymc.unify import is_lvar


def inverse_cdfo(ops, rv, expression):
    r"""Relate a draw to its inverse distribution function at a uniform variable.

    .. math::

        \frac{x \sim F}{u \sim U(0, 1) \qquad x = F^{-1}(u)}

    The goal fails for distributions whose inverse has no closed form (gamma, beta, Student's t, ...).  It goes both
    ways, as `logarithmo`, `logito` and `reciprocalo` do.

    Reference: Devroye, Non-Uniform Random Variate Generation, Springer 1986, ch. II.
    """
    return _represented(ops, TABLES[inverse_cdfo], rv, expression)


def logarithmo(ops, rv, expression):
    r"""Relate a positive draw to the exponential of its logarithm.

    .. math::

        \frac{x \sim F}{z \sim F_{\log} \qquad x = e^z}

    For Weibull and exponential variables it is minus the logarithm, a Gumbel variable, that is drawn, and for a
    Pareto variable the logarithm of its ratio to the lower end.

    Reference: Leemis and McQueston, Univariate distribution relationships, The American Statistician 62 (2008), 45-53.
    """
    return _represented(ops, TABLES[logarithmo], rv, expression)


def logito(ops, rv, expression):
    r"""Relate a draw from an interval to the logistic function of its logit.

    .. math::

        \frac{x \sim F}{z \sim F_{\operatorname{logit}} \qquad x = 1 / (1 + e^{-z})}
    """
    return _represented(ops, TABLES[logito], rv, expression)


def reciprocalo(ops, rv, expression):
    r"""Relate a gamma variable to the reciprocal of an inverse gamma one, and the other way round.

    .. math::

        \frac{x \sim \Gamma^{-1}(\alpha, \beta)}{g \sim \Gamma(\alpha, \beta) \qquad x = 1 / g}

    The second parameter is a scale of :math:`\Gamma^{-1}` and a rate of :math:`\Gamma`.
    """
    return _represented(ops, TABLES[reciprocalo], rv, expression)


def gammaso(ops, rv, expression):
    r"""Relate shares to the amounts, gamma variables, that they are shares of.

    .. math::

        \frac{x \sim \operatorname{Dir}(a)}{g_k \sim \Gamma(a_k, 1) \qquad x_k = g_k / \sum_j g_j}

    The sum of the amounts is independent of the shares and in the model now: one dimension more than before.  For a
    Dirichlet vector, or a batch of them, the goal goes one way.

    Reference: Devroye, Non-Uniform Random Variate Generation, Springer 1986, ch. XI.4.
    """
    return _represented(ops, TABLES[gammaso], rv, expression)


def stickso(ops, rv, expression):
    r"""Relate shares to the fractions that are broken off a stick, one after the other.

    .. math::

        \frac{x \sim \operatorname{Dir}(a)}
             {v_k \sim B(a_k, \sum_{j > k} a_j),\; k < K \qquad x_k = v_k \prod_{j < k} (1 - v_j),\; v_K = 1}

    The vector of fractions has one element less than `x` and no dims.  One-way.

    Reference: Connor and Mosimann, Concepts of independence for proportions with a generalization of the Dirichlet
    distribution, JASA 64 (1969), 194-206.
    """
    return _represented(ops, TABLES[stickso], rv, expression)


def splito(ops, rv, expression):
    r"""Relate a gamma variable to one with a shape larger by one, times a power of a uniform variable.

    .. math::

        \frac{x \sim \Gamma(\alpha, \beta)}{g \sim \Gamma(\alpha + 1, \beta) \qquad u \sim U(0, 1) \qquad x = g\, u^{1/\alpha}}

    What piles up at zero where :math:`\alpha < 1` is in `u` now.  Inverse gamma variables split in the same way.

    Reference: Marsaglia and Tsang, A simple method for generating gamma variables, ACM Trans. Math. Software 26 (2000),
    363-372, section 6.
    """
    return _represented(ops, TABLES[splito], rv, expression)


def factorso(ops, rv, expression):
    r"""Relate a random matrix to the product of its factors and a matrix of independent variables.

    .. math::

        \frac{X \sim \operatorname{MN}(M, A A', B B')}
             {z_{ij} \sim N(0, 1) \qquad X = M + A z B'}

    A Wishart matrix is :math:`L A A' L'` with :math:`V = L L'` (Bartlett's decomposition), A being lower triangular, the
    squares of its diagonal chi squared and what is below standard normal.  One-way.

    Reference: Bartlett, On the theory of statistical regression, Proc. Roy. Soc. Edinburgh 53 (1933), 260-283.
    """
    return _represented(ops, TABLES[factorso], rv, expression)


def why_not_represented(ops, relation, x):
    """Return in words why a relation of `TABLES` leaves a draw as it is."""
    name, table = ops.distribution_of(x), TABLES[relation]
    if name not in table:
        return f"{x.name}: {name or x.rator} has no such form; there is one for {', '.join(sorted(table))}"
    return why_not_of_its_family(x) or (
        f"{x.name} does not start at zero" if _is_shifted(ops, x) else f"the shape of {x.name} is not known"
    )


TABLES = {
    inverse_cdfo: INVERSE_CDF,
    logarithmo: LOGARITHM,
    logito: LOGIT,
    reciprocalo: RECIPROCAL,
    gammaso: GAMMAS,
    stickso: STICKS,
    splito: SPLIT,
    factorso: FACTORS,
}

# One function over the tables ------------------------------------------------------------------------------------


def _represented(ops, table, rv, expression):
    def goal(s):
        before, after = reify(rv, s), reify(expression, s)
        if not is_lvar(before):
            name = ops.distribution_of(before)
            if name in table and is_ground(before) and (found := _forward(ops, table[name], before)) is not None:
                yield from eq(after, found)(s)
        elif isinstance(after, Term) and ops.operator_of(after) == "deterministic":
            for name in table:
                if name in ops.rows and _is_elementwise(name):
                    yield from _backward(ops, name, table[name], before, after)(s)

    return goal


def _is_shifted(ops, x):
    """Tell whether a draw of a half distribution may start elsewhere than at zero."""
    return not is_constant(ops.parameters(x).get("loc"), 0.0)


def _forward(ops, row, x):
    """Return the function of new draws that a known draw is, or None where there is no right to it."""
    size = _size_of(ops, x)
    if size is None or why_not_of_its_family(x) or _is_shifted(ops, x):
        return None
    p = parameters_of(ops, x)
    bases = tuple(_base(ops, row, ending, x, p, size) for ending in row.bases)
    return ops.deterministic(row.value(ops, p, *bases)).replace(info=x.info.replace(index=0, draw=None))


def _base(ops, row, ending, x, p, size):
    """Return the draw of one base of the variable `x`; dims stay with those of its own shape."""
    note = x.info.note and x.info.note.obj.successor()
    if ending in row.shapes:
        shape = row.shapes[ending](tuple(size.value.tolist()))
        size = ops.constant(np.asarray(shape, dtype="int64"))
        note = replace(note, shape=shape, dims=None)
    info = Info(var(), None if x.name is None else x.name + ending, var(), note and Ref(note))
    return settle_graph(law(ops, *row.bases[ending](ops, p), size=size).replace(info=info))


def _size_of(ops, x):
    """Return the shape of a draw; None for a vector or matrix whose shape the model does not know."""
    return shape_of(ops, x) if _is_elementwise(ops.distribution_of(x)) or _has_shape(x) else None


def _is_elementwise(name):
    return DISTRIBUTIONS[name].support not in ("simplex", "matrix")


def _has_shape(x):
    note = x.info.note and x.info.note.obj
    return note is not None and note.shape is not None and None not in note.shape


def _backward(ops, name, row, before, after):
    """Relate an unknown draw to a known expression of bases that are named after it."""
    values = {p: ops.constant(0.0) if p == "loc" else var() for p in parameters_of(ops, _pattern(ops, name))}
    size = var()
    bases = tuple(
        law(ops, *given(ops, values), size=size).replace(
            info=Info(var(), after.name and after.name + end, var(), var())
        )
        for end, given in row.bases.items()
    )
    drawn = law(ops, name, *values.values(), size=size).replace(info=after.info.replace(index=var(), draw=var()))
    return lall(
        eq(after, ops.deterministic(row.value(ops, values, *bases)).replace(info=after.info)),
        eq(before, drawn),
    )


def _pattern(ops, name):
    """Return a draw of a distribution of which nothing is known."""
    return getattr(ops, name)(*(var() for _ in ops.rows[name].params))
