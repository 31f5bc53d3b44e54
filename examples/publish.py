# %% [markdown]
# # Write, prove and publish a relation of one's own
#
# From a statement of mathematics to a relation that others can trust: the rule as a function, its inference
# rule as a docstring, an answer from outside, a wrong version that must fail, and its entry in a catalogue.
#
# ## The statement
#
# Errors with unequal tails, as in quantile regression, have the asymmetric Laplace density
#
# $$p(y \mid b) = \frac{b}{\kappa + 1 / \kappa}\, e^{-b\, t(y)}, \qquad
# t(y) = |y - \mu|\, \kappa^{\operatorname{sign}(y - \mu)} .$$
#
# All that the data say of $b$ is in $t$, whose law is exponential with the rate $b$. The library conditions
# gamma variables on exponential data; that the two are one problem it does not know.

# %%
from functools import partial

import numpy as np
import pymc as pm
from kanren import eq, lall, var
from scipy import integrate, stats
from unification import reify

import symbolic_pymc as sp
from symbolic_pymc.catalogue import entry
from symbolic_pymc.errors import DisprovedError
from symbolic_pymc.parts import graph_parts
from symbolic_pymc.pytensor.printing import tt_pprint
from symbolic_pymc.pytensor.vocabulary import ops
from symbolic_pymc.records import Info
from symbolic_pymc.relations.laws import law
from symbolic_pymc.verify import log_density, ratio_test

y = np.array([2.1, 3.4, -1.2, 5.0, 0.3])
kappa, mu = np.float64(0.6), np.float64(1.5)

with pm.Model() as model:
    theta = pm.Gamma("theta", np.float64(2.0), np.float64(1.0))
    pm.AsymmetricLaplace("y", b=2 * theta, kappa=kappa, mu=mu, observed=y)

print(sp.steps(sp.conjugate_graph(model)))

# %% [markdown]
# ## The relation
#
# A relation is a function of a vocabulary and two terms, and returns a goal of miniKanren. It has three parts:
# what must stand there before, what must be known of it, and what may stand there instead. `ops` has a word for
# every operator and distribution of a backend, so that PyMC3 and PyMC are served alike. An `Info` is what is no
# mathematics: the number of an output, a name, the identity of a draw, the note of the model. A changed
# variable keeps its name and its note and is a new draw.
#
# The density of the data changes by the factor $\kappa + 1 / \kappa$ for each. That must be a known number, so
# nothing random may stand in $\kappa$; nor in $\mu$, or the statistic would not be data.

# %%
def knowno(ops, x):
    """State that nothing random stands in `x`."""

    def goal(s):
        if not any(ops.is_random(part) for part in graph_parts(reify(x, s))):
            yield s

    return goal


def asymmetriclaplace_exponentialo(ops, before, after):
    r"""Relate asymmetric Laplace data to their sufficient statistic, which is exponential.

    .. math::

        \frac{y \sim AL(b, \kappa, \mu)}
             {t \sim \operatorname{Exp}(b)},
        \qquad t = |y - \mu|\, \kappa^{\operatorname{sign}(y - \mu)}

    Elementwise. Nothing random stands in :math:`\kappa` and :math:`\mu`; the density of the data changes by the
    factor :math:`\kappa + 1 / \kappa` each, which is then a constant.
    """
    data, b, kappa, mu, size = (var() for _ in range(5))
    info = Info(var(), var(), var(), var())
    error = ops.sub(data, mu)
    statistic = ops.mul(ops.abs(error), ops.pow(kappa, ops.sign(error)))
    seen = law(ops, "asymmetriclaplace", b, kappa, mu, size=size).replace(info=info)
    better = law(ops, "exponential", b, size=size).replace(info=info.replace(draw=var()))
    return lall(
        eq(before, ops.observed(data, seen)),
        knowno(ops, kappa),
        knowno(ops, mu),
        eq(after, ops.observed(statistic, better)),
    )


# %% [markdown]
# ## It runs
#
# `sp.rewrite_graph` applies it wherever it matches, and `sp.conjugate_graph` goes on from there with the relations
# of the library.

# %%
relation = sp.Relation("asymmetriclaplace_exponentialo", partial(asymmetriclaplace_exponentialo, ops))
simpler = sp.rewrite_graph(model, relation)
posterior = sp.conjugate_graph(simpler)
print(tt_pprint(simpler))
print(sp.steps(simpler))
print(sp.steps(posterior))

# %% [markdown]
# ## The ratio test
#
# A rewrite that conditions or changes data changes the log density by a constant. PyMC computes both densities,
# at random points; `ratio_test` returns the largest deviation and raises when it is not small. Here the constant
# is known: $-\log(\kappa + 1 / \kappa)$ for each of the data.

# %%
constant = -y.size * np.log(kappa + 1 / kappa)
deviation = ratio_test(model, simpler, constant)
print("as stated, up to rounding:", deviation < 1e-8)
print("and its posterior:", ratio_test(simpler, posterior) < 1e-8)

# %% [markdown]
# ## An answer from outside
#
# The ratio test knows what was asked of it. SciPy has never heard of this relation: its density of the data,
# integrated over the prior by quadrature, gives the posterior at any point.

# %%
def joint(theta):
    """Return the joint density of theta and the data."""
    frozen = stats.laplace_asymmetric(kappa, loc=mu, scale=1 / (2 * theta))
    return stats.gamma(2.0, scale=1.0).pdf(theta) * np.prod(frozen.pdf(y))


evidence, _ = integrate.quad(joint, 0, np.inf, epsabs=0, epsrel=1e-10)
ours = log_density(posterior)
for x in (0.1, 0.5, 1.3):
    of_theta = ours({"theta_log__": np.log(x)}) - np.log(x)  # the sampler walks in the logarithm
    np.testing.assert_allclose(of_theta, np.log(joint(x) / evidence), rtol=1e-8)

log_evidence = float(posterior.log_evidence.eval()) + constant
np.testing.assert_allclose(log_evidence, np.log(evidence), rtol=1e-8)
print("posterior and evidence are those of quadrature")

# %% [markdown]
# ## What must fail
#
# A test that cannot fail proves nothing. The wrong version has the two sides exchanged, and the ratio test
# says so. What the guards are for is refused: the model comes back as it was, the same object.

# %%
def wrongo(ops, before, after):
    """As above, with the sign of the exponent wrong."""
    data, b, kappa, mu, size = (var() for _ in range(5))
    info = Info(var(), var(), var(), var())
    error = ops.sub(data, mu)
    statistic = ops.mul(ops.abs(error), ops.pow(kappa, ops.neg(ops.sign(error))))
    seen = law(ops, "asymmetriclaplace", b, kappa, mu, size=size).replace(info=info)
    better = law(ops, "exponential", b, size=size).replace(info=info.replace(draw=var()))
    return lall(eq(before, ops.observed(data, seen)), eq(after, ops.observed(statistic, better)))


try:
    ratio_test(model, sp.rewrite_graph(model, partial(wrongo, ops)), constant)
except DisprovedError:
    print("the wrong version is disproved")
else:
    raise AssertionError("the ratio test passed what is wrong")

with pm.Model() as unknown_tails:
    theta = pm.Gamma("theta", np.float64(2.0), np.float64(1.0))
    skew = pm.Gamma("skew", np.float64(2.0), np.float64(1.0))
    pm.AsymmetricLaplace("y", b=theta, kappa=skew, mu=mu, observed=y)

assert sp.rewrite_graph(unknown_tails, relation) is unknown_tails
print("unknown tails are left as they are")

# %% [markdown]
# ## Many relations, and where they are found
#
# A list of relations is applied as one. A relation that says at which operators it can match, its `heads`, is
# asked at no others, so that a large collection costs a walk no more than a small one. The entry of a relation in
# the catalogue is made from its docstring.
#
# In the library itself a relation stands in one file of `symbolic_pymc/relations`, is listed in
# `symbolic_pymc/catalogue.py`, and has its tests, with all of the above, in `tests/relations`.

# %%
collection = [sp.Relation(relation.name, relation.goal, heads=frozenset({ops.observed(var(), var()).rator}))]
assert sp.steps(sp.rewrite_graph(model, collection)) == sp.steps(simpler)

print(entry(asymmetriclaplace_exponentialo, "Sufficient statistics").markdown())
