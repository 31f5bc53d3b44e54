r"""Independent elements given their sum: by the table, what a vector is when its total is known.

.. math::

    p(x) = p(s)\, p(x \mid s), \qquad s = \sum_k x_k
"""

from dataclasses import dataclass
from typing import Any, Callable

import numpy as np
from kanren import eq
from unification import reify, var

from symbolic_pymc.meta import settle_graph
from symbolic_pymc.records import Info, MetaSymbol, Ref, Term, is_ground
from symbolic_pymc.relations.arithmetic import simplified
from symbolic_pymc.relations.edge import blank_of
from symbolic_pymc.relations.forms import NoKnownLaw, form_of_draw
from symbolic_pymc.relations.guards import known_value
from symbolic_pymc.relations.laws import law
from symbolic_pymc.relations.mixtures import has_its_own_density
from symbolic_pymc.parts import as_graph, graph_parts


@dataclass(frozen=True)
class Given:
    """The law of a vector given its sum.

    Parameters
    ----------
    statement : str
        LaTeX.
    single : tuple of int
        Which of the parameters, as `forms` has them, must be one number for all elements.
    law : callable
        ``law(ops, total, *parameters)`` returns a neutral name and its parameters.
    value : callable or None
        ``value(ops, total, z)`` where the vector is a function of the `z` that is drawn; `part` is what the name of
        `z` ends with.
    length : int or None
        The only length that the row is for.
    """

    statement: str
    single: tuple
    law: Callable
    value: Any = None
    part: str = ""
    length: Any = None


def _scaled(ops, total, z):
    return ops.mul(total, z)


def _ends(ops, vector):
    return ops.row_at(vector, ops.constant(0)), ops.row_at(vector, ops.constant(1))


def _drawn_from_both(ops, total, n, p):
    first, second = _ends(ops, n)
    return "hypergeometric", ops.add(first, second), first, total


GIVEN = {
    "poisson": Given(
        r"\frac{x_k \sim \operatorname{Pois}(\mu_k) \qquad \sum_k x_k = s}"
        r"{x \mid s \sim \operatorname{Multinomial}(s, \mu / \sum_k \mu_k)}",
        (),
        lambda ops, total, mu: ("multinomial", total, ops.normalized(mu)),
    ),
    "gamma": Given(
        r"\frac{x_k \sim \operatorname{Gamma}(\alpha_k, \beta) \qquad \sum_k x_k = s}"
        r"{z \mid s \sim \operatorname{Dir}(\alpha) \qquad x = s z}",
        (1,),
        lambda ops, total, alpha, beta: ("dirichlet", alpha),
        _scaled,
        "_share",
    ),
    "exponential": Given(
        r"\frac{x_k \sim \operatorname{Exp}(\lambda) \qquad \sum_k x_k = s}"
        r"{z \mid s \sim \operatorname{Dir}(1, \dots, 1) \qquad x = s z}",
        (0,),
        lambda ops, total, lam: ("dirichlet", ops.true_div(lam, lam)),
        _scaled,
        "_share",
    ),
    "negativebinomial": Given(
        r"\frac{x_k \sim \operatorname{NB}(n_k, p) \qquad \sum_k x_k = s}"
        r"{x \mid s \sim \operatorname{DirichletMultinomial}(s, n)}",
        (1,),
        lambda ops, total, n, odds: ("dirichletmultinomial", total, n),
    ),
    "binomial": Given(
        r"\frac{x_k \sim \operatorname{Binom}(n_k, p),\; k = 1, 2 \qquad x_1 + x_2 = s}"
        r"{x_1 \mid s \sim \operatorname{HyperGeom}(n_1 + n_2, n_1, s)}",
        (1,),
        _drawn_from_both,
        lambda ops, total, z: ops.stacked_last(z, ops.sub(total, z)),
        "_first",
        2,
    ),
}


def given_sumo(ops, x, total, conditional):
    r"""Relate a vector of independent elements to the same vector when its sum is known.

    .. math::

        \frac{x_k \sim F_k \qquad \sum_k x_k = s}{x \sim F(x_1, \dots, x_K \mid s)}

    =================================== ==============================================
    elements                            given their sum
    =================================== ==============================================
    Poisson                             multinomial
    gamma, exponential, of one rate     ``total`` times a Dirichlet vector
    negative binomial, of one `p`       Dirichlet-multinomial
    binomial, of one `p`, two of them   hypergeometric, and what is left of the sum
    =================================== ==============================================

    The `total` is a term that does not depend on `x`; given it, the density of the sum itself is dropped, which matters
    where that depends on anything unobserved.  One-way.

    Reference: Johnson, Kotz and Balakrishnan, Discrete Multivariate Distributions, Wiley 1997.
    """

    def goal(s):
        draw, amount = reify(x, s), as_graph(reify(total, s))
        if isinstance(draw, Term) and isinstance(amount, MetaSymbol) and is_ground(draw) and is_ground(amount):
            found = _conditional(ops, draw, amount)
            if found is not None:
                yield from eq(conditional, found)(s)

    return goal


def _is_single(ops, parameter):
    """Tell whether a parameter is one number for all elements: a constant one within rounding."""
    if ops.ndim(simplified(ops, parameter)) == 0:
        return True
    value = known_value(ops, parameter)
    return value is not None and value.size > 0 and bool(np.all(np.ptp(value) <= 1e-14 * np.abs(value)))


def _conditional(ops, x, total):
    row = GIVEN.get(ops.distribution_of(x))
    if row is None or ops.ndim(x) != 1 or ops.ndim(total) or not isinstance(x.name, str) or not has_its_own_density(x):
        return None
    if x in graph_parts(total) or row.length not in (None, ops.static_length(x)):
        return None
    try:
        _, *parameters = form_of_draw(ops, x)
    except NoKnownLaw:
        return None
    if not all(_is_single(ops, parameters[i]) for i in row.single):
        return None
    full = [ops.column(p, blank_of(ops, x)) for p in parameters]
    name, *given = row.law(ops, total, *full)
    if name not in ops.rows:
        return None
    note = x.info.note and x.info.note.obj.successor()
    kept = note and Ref(note.reshaped() if row.length else note)
    z = settle_graph(law(ops, name, *given).replace(info=Info(var(), x.name + row.part, var(), kept)))
    return (
        z
        if row.value is None
        else ops.deterministic(row.value(ops, total, z)).replace(info=x.info.replace(index=0, draw=None))
    )
