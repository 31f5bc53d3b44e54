r"""Laws of minima and maxima of independent variables, one fact per relation, in neutral form.

`before` is ``form.minimum(x, y)``, ``form.maximum(x, y)``, or ``form.smallest(x)``, ``form.largest(x)`` for the
elements of one array, `after` a law; see `symbolic_pymc.relations.forms`.
"""

from kanren import eq, lall
from unification import var

from symbolic_pymc.relations.forms import form
from symbolic_pymc.relations.guards import fact, nearo, sameo, single_parameterso, singleo


@fact
def exponential_minimumo(ops):
    r"""Relate the minimum of two exponential variables to an exponential one.

    .. math::

        \frac{x \sim \operatorname{Exp}(r) \qquad y \sim \operatorname{Exp}(q)}
             {\min(x, y) \sim \operatorname{Exp}(r + q)}
    """
    r, q = var(), var()
    return form.minimum(form.exponential(r), form.exponential(q)), form.exponential(ops.add(r, q))


@fact
def weibull_minimumo(ops):
    r"""Relate the minimum of two Weibull variables of provably the same shape to a Weibull one.

    .. math::

        \frac{x \sim \operatorname{Weibull}(a, b) \qquad y \sim \operatorname{Weibull}(a, c)}
             {\min(x, y) \sim \operatorname{Weibull}(a, (b^{-a} + c^{-a})^{-1/a})}
    """
    a, b, c, d = (var() for _ in range(4))
    return (
        form.minimum(form.weibull(a, b), form.weibull(d, c)),
        form.weibull(a, ops.pow(ops.add(ops.pow(b, ops.neg(a)), ops.pow(c, ops.neg(a))), ops.neg(ops.reciprocal(a)))),
        sameo(ops, a, d),
    )


@fact
def pareto_minimumo(ops):
    r"""Relate the minimum of two Pareto variables that provably start at the same point to a Pareto one.

    .. math::

        \frac{x \sim \operatorname{Pareto}(a, m) \qquad y \sim \operatorname{Pareto}(b, m)}
             {\min(x, y) \sim \operatorname{Pareto}(a + b, m)}
    """
    a, b, m, n = (var() for _ in range(4))
    return form.minimum(form.pareto(a, m), form.pareto(b, n)), form.pareto(ops.add(a, b), m), sameo(ops, m, n)


@fact
def geometric_minimumo(ops):
    r"""Relate the minimum of two geometric variables to a geometric one.

    .. math::

        \frac{x \sim \operatorname{Geom}(p) \qquad y \sim \operatorname{Geom}(q)}
             {\min(x, y) \sim \operatorname{Geom}(p + q - p q)}
    """
    p, q = var(), var()
    return form.minimum(form.geometric(p), form.geometric(q)), form.geometric(ops.sub(ops.add(p, q), ops.mul(p, q)))


@fact
def gumbel_maximumo(ops):
    r"""Relate the maximum of two Gumbel variables of provably the same scale to a Gumbel one.

    .. math::

        \frac{x \sim \operatorname{Gumbel}(m, b) \qquad y \sim \operatorname{Gumbel}(n, b)}
             {\max(x, y) \sim \operatorname{Gumbel}(b \log(e^{m/b} + e^{n/b}), b)}
    """
    m, n, b, c = (var() for _ in range(4))
    top = ops.maximum(m, n)
    rest = ops.log1p(ops.exp(ops.neg(ops.true_div(ops.abs(ops.sub(m, n)), b))))
    return (
        form.maximum(form.gumbel(m, b), form.gumbel(n, c)),
        form.gumbel(ops.add(top, ops.mul(b, rest)), b),
        sameo(ops, b, c),
    )


@fact
def beta_maximumo(ops):
    r"""Relate the maximum of two beta variables with second shape 1 (uniform, say) to a beta one.

    .. math::

        \frac{x \sim \operatorname{Beta}(a, 1) \qquad y \sim \operatorname{Beta}(b, 1)}
             {\max(x, y) \sim \operatorname{Beta}(a + b, 1)}
    """
    a, b, c, d = (var() for _ in range(4))
    return (
        form.maximum(form.beta(a, c), form.beta(b, d)),
        form.beta(ops.add(a, b), c),
        nearo(ops, c, 1.0),
        nearo(ops, d, 1.0),
    )


@fact
def beta_minimumo(ops):
    r"""Relate the minimum of two beta variables with first shape 1 (uniform, say) to a beta one.

    .. math::

        \frac{x \sim \operatorname{Beta}(1, a) \qquad y \sim \operatorname{Beta}(1, b)}
             {\min(x, y) \sim \operatorname{Beta}(1, a + b)}
    """
    a, b, c, d = (var() for _ in range(4))
    return (
        form.minimum(form.beta(c, a), form.beta(d, b)),
        form.beta(c, ops.add(a, b)),
        nearo(ops, c, 1.0),
        nearo(ops, d, 1.0),
    )


@fact
def uniform_maximumo(ops):
    r"""Relate the maximum of two uniform variables on provably the same interval to a shifted and scaled beta one.

    .. math::

        \frac{x, y \sim U(a, b)}{\max(x, y) \sim a + (b - a) \operatorname{Beta}(2, 1)}
    """
    a, b, c, d = (var() for _ in range(4))
    law = form.beta(ops.constant(2.0), ops.constant(1.0))
    return (
        form.maximum(form.uniform(a, b), form.uniform(c, d)),
        form.affine(a, ops.sub(b, a), law),
        sameo(ops, a, c),
        sameo(ops, b, d),
    )


@fact
def uniform_minimumo(ops):
    r"""Relate the minimum of two uniform variables on provably the same interval to a shifted and scaled beta one.

    .. math::

        \frac{x, y \sim U(a, b)}{\min(x, y) \sim a + (b - a) \operatorname{Beta}(1, 2)}
    """
    a, b, c, d = (var() for _ in range(4))
    law = form.beta(ops.constant(1.0), ops.constant(2.0))
    return (
        form.minimum(form.uniform(a, b), form.uniform(c, d)),
        form.affine(a, ops.sub(b, a), law),
        sameo(ops, a, c),
        sameo(ops, b, d),
    )


EXTREMES = (
    exponential_minimumo, weibull_minimumo, pareto_minimumo, geometric_minimumo, gumbel_maximumo, beta_maximumo,
    beta_minimumo, uniform_maximumo, uniform_minimumo,
)  # fmt: skip


# The elements of one array; for `over` see `symbolic_pymc.relations.sums` --------------------------------------------


def exponential_smallesto(ops, over, before, after):
    r"""Relate the smallest of independent exponential elements to an exponential variable.

    .. math::

        \frac{x_i \sim \operatorname{Exp}(r_i)}{\min_i x_i \sim \operatorname{Exp}(\sum_i r_i)}
    """
    r = var()
    return lall(eq(before, form.smallest(form.exponential(r))), eq(after, form.exponential(over.sum(r))))


def beta_smallesto(ops, over, before, after):
    r"""Relate the smallest of independent beta elements with first shape 1 (uniform, say) to a beta variable.

    .. math::

        \frac{x_i \sim \operatorname{Beta}(1, b_i)}{\min_i x_i \sim \operatorname{Beta}(1, \sum_i b_i)}
    """
    a, b = var(), var()
    return lall(eq(before, form.smallest(form.beta(a, b))), nearo(ops, a, 1.0), eq(after, form.beta(a, over.sum(b))))


def beta_largesto(ops, over, before, after):
    r"""Relate the largest of independent beta elements with second shape 1 (uniform, say) to a beta variable.

    .. math::

        \frac{x_i \sim \operatorname{Beta}(a_i, 1)}{\max_i x_i \sim \operatorname{Beta}(\sum_i a_i, 1)}
    """
    a, b = var(), var()
    return lall(eq(before, form.largest(form.beta(a, b))), nearo(ops, b, 1.0), eq(after, form.beta(over.sum(a), b)))


def uniform_largesto(ops, over, before, after):
    r"""Relate the largest of independent uniform elements on one interval to a shifted and scaled beta variable.

    .. math::

        \frac{x_1, \ldots, x_n \sim U(a, b)}{\max_i x_i \sim a + (b - a) \operatorname{Beta}(n, 1)}
    """
    a, b = var(), var()
    return lall(
        eq(before, form.largest(form.uniform(a, b))),
        singleo(ops, a),
        singleo(ops, b),
        eq(after, form.affine(a, ops.sub(b, a), form.beta(over.count, ops.constant(1.0)))),
    )


def gumbel_largesto(ops, over, before, after):
    r"""Relate the largest of independent Gumbel elements of one scale to a Gumbel variable.

    .. math::

        \frac{x_i \sim \operatorname{Gumbel}(m_i, b)}
             {\max_i x_i \sim \operatorname{Gumbel}(b \log \sum_i e^{m_i / b}, b)}
    """
    m, b = var(), var()
    whole = ops.log(over.sum(ops.exp(ops.true_div(m, b))))
    return lall(
        eq(before, form.largest(form.gumbel(m, b))), singleo(ops, b), eq(after, form.gumbel(ops.mul(b, whole), b))
    )


def gumbel_choiceo(ops, over, before, after):
    r"""Relate the place of the largest of independent Gumbel elements of one scale to a categorical variable.

    .. math::

        \frac{x_i \sim \operatorname{Gumbel}(m_i, b)}
             {\operatorname{argmax}_i x_i \sim \operatorname{Cat}(e^{m_i / b} / \sum_j e^{m_j / b})}

    Reference: McFadden, Conditional logit analysis of qualitative choice behavior, in Frontiers in Econometrics
    (1974), 105-142.
    """
    m, b = var(), var()
    weights = ops.exp(ops.true_div(m, b))
    return lall(
        eq(before, form.argmax(form.gumbel(m, b))),
        singleo(ops, b),
        eq(after, form.categorical(ops.true_div(over.full(weights), over.sum(weights)))),
    )


def iid_largesto(ops, over, before, after):
    r"""Relate the largest of independent elements of one and the same law to the law that has this density.

    .. math::

        \frac{x_1, \ldots, x_n \sim F}{\max_i x_i \sim n F(x)^{n - 1} f(x)}

    Reference: David and Nagaraja, Order Statistics, 3rd ed., section 2.1.
    """
    law = var()
    return lall(
        eq(before, form.largest(law)), single_parameterso(ops, law), eq(after, form.largest_of(over.count, law))
    )


ARRAYS = (
    exponential_smallesto, beta_smallesto, beta_largesto, uniform_largesto, gumbel_largesto, gumbel_choiceo,
    iid_largesto,
)  # fmt: skip
