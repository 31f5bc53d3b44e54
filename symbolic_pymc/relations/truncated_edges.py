"""Arcs from gamma, beta, inverse gamma and exponential variables between bounds, to data that these are conjugate to."""

from dataclasses import replace
from functools import partial

from kanren import eq, lall
from unification import var

from symbolic_pymc.relations.cuts import TRUNCATED, cut_of
from symbolic_pymc.relations.edge import ask, dressed, named, shape_of
from symbolic_pymc.relations.laws import law, parameters_of
from symbolic_pymc.truncations import ENDS


def truncated_prior_reversalo(ops, posterior, before, after):
    r"""Reverse the arc from a variable between two bounds to data, by the arc from the same variable without bounds.

    .. math::

        \frac{\theta \sim D(\eta)\text{ on }(l, u) \qquad y \mid \theta \sim L(\theta) \qquad
              \theta \sim D(\eta),\; y \mid \theta \sim L(\theta) \;\Rightarrow\; \theta \mid y \sim D(\eta')}
             {\theta \mid y \sim D(\eta')\text{ on }(l, u)}

    `posterior` is the draw from :math:`D(\eta')`, a gamma, inverse gamma or beta variable.  Bounds of the prior must be
    free of the data; those of the likelihood change its normaliser, and are refused.  What the density of the prior is
    over, its mass between the bounds or one, is a matter of the evidence alone.

    Reference: Gelfand, Smith and Lee, Bayesian analysis of constrained parameter and truncated data problems using
    Gibbs sampling, JASA 87 (1992), 523-532.
    """
    theta, lower, upper = var(), var(), var()
    family = ops.distribution_of(posterior)
    between = getattr(ops, TRUNCATED[family])(*parameters_of(ops, posterior).values(), lower, upper)
    return lall(eq(before, (theta, lower, upper)), eq(after, (between, None)))


def between_bounds(reverse):
    """Return the function that reverses an edge from a variable between bounds as `reverse` does one without these."""
    return lambda ops, edge: reverse_cut(ops, edge, cut_of(ops, edge.theta), reverse)


def reverse_cut(ops, edge, cut, reverse):
    """Return the `Reversal` of an edge from a variable whose law a `Cut` is."""
    draw = law(ops, cut.family, *cut.parameters.values(), size=shape_of(ops, edge.theta))
    whole = dressed(ops, draw, edge.theta)
    posterior = reverse(ops, replace(edge, theta=whole)).posterior
    before = whole, *cut.bounds_within(ops, *ENDS[ops.distribution_of(posterior)])
    relation = truncated_prior_reversalo
    return named(ops, edge, *ask(partial(relation, ops, posterior), before), relation)
