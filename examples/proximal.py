# %% [markdown]
# # Sparse estimates from the model alone
#
# The article *A Role for Symbolic Computation in the General Estimation of Statistical Models* asks for this: take a
# model such as the Bayesian LASSO, find in its log density what is smooth and what is not, look up the proximal
# operator of the latter, and put an algorithm together of both. Here it is run, section by section, and then beyond.
#
# The article fixes no seed; here it is 1.

# %%
import numpy as np
import scipy.stats

import pymc3 as pm
import theano
import theano.tensor as tt
from kanren import eq, lall, var
from theano.graph.fg import FunctionGraph
from theano.graph.opt import EquilibriumOptimizer, PatternSub
from theano.tensor.random.basic import normal

import symbolic_pymc as sp
from symbolic_pymc.theano.meta import mt
from symbolic_pymc.theano.printing import tt_pprint
from symbolic_pymc.proximal.prox import prox_of
from symbolic_pymc.relations.theano.algebra import normal_sumo
from symbolic_pymc.theano.vocabulary import ops

import reports

options = reports.options()

# %% [markdown]
# ## A context
#
# 70 data, 100 coefficients of which 20 are not zero.

# %%
rng = np.random.RandomState(1)
mu_true = np.zeros(100)
mu_true[:20] = np.exp(-np.arange(20)) * 100

X = rng.randn(int(len(mu_true) * 0.7), len(mu_true))
y = scipy.stats.norm.rvs(loc=X.dot(mu_true), scale=10, random_state=rng)

X_tt = theano.shared(X, name="X", borrow=True)
y_tt = theano.shared(y, name="y", borrow=True)

with pm.Model() as lasso_model:
    beta_rv = pm.Laplace("beta", mu=0.0, b=1.0, shape=X.shape[1])
    y_rv = pm.Normal("y", mu=X_tt.dot(beta_rv), sd=1.0, observed=y_tt)

# %% [markdown]
# ## The nan
#
# In the article `find_MAP` raised: at zero, Theano 0.8.2 computed the derivative of `abs(x)` as `x / abs(x)`, and
# the gradient had 100 nans. Since Theano 0.9 it is `sign(x)`, and there are none. What is left is a search along
# gradients that never ends at zero.

# %%
dlogp = lasso_model.fastdlogp(lasso_model.vars)
for value in (0.0, 1.0):
    print(f"nan in the gradient at {value:.0f}:", np.isnan(dlogp({"beta": np.full(100, value)})).sum())

with lasso_model:
    params_0 = pm.find_MAP(vars=[beta_rv], progressbar=False)

theano.config.compute_test_value = "off"  # which PyMC3 switches on
x = tt.vector("x")
as_it_was = theano.function([x], x / abs(x), mode="FAST_COMPILE")
print("nan in x / abs(x) at 0:", np.isnan(as_it_was(np.zeros(100))).sum())

# %% [markdown]
# It is still alive in other penalties: the length of a group of coefficients has the gradient 0 / 0 at zero.

# %%
length = tt.sqrt(tt.sum(x**2))
print("nan in the gradient of a length at 0:", np.isnan(tt.grad(length, x).eval({x: np.zeros(5)})).sum())

# %% [markdown]
# ## The proximal context
#
# $$\beta^* = \operatorname{argmin}_\beta \; l(\beta) + \gamma\,\phi(\beta)$$
#
# The article finds $l$ and $\phi$ by searching the terms of the log density for `abs`. `split` finds them by what the
# terms compute: in PyMC's own spelling, in any other, in a bare log density, whatever is observed.

# %%
parts = sp.split(lasso_model)
print(parts)
print(parts.latex())
print(sp.split(lasso_model.logpt))

# %% [markdown]
# The article writes the proximal operator by hand. Here it is derived: `prox_of` takes a penalty term and returns the
# graph of $\operatorname{prox}_{\lambda\phi}(z) = \operatorname{argmin}_x \phi(x) + \frac{1}{2\lambda}(x - z)^2$.

# %%
beta_tt, lambda_tt = tt.vector("beta"), tt.scalar("lambda")


def soft_threshold(beta_, lambda_):
    return tt.sgn(beta_) * tt.maximum(tt.abs_(beta_) - lambda_, 0)


points = {beta_tt: np.r_[-10, -1, -0.2, 0, 0.2, 1, 10], lambda_tt: 0.5}
print("by hand:", soft_threshold(beta_tt, lambda_tt).eval(points))

z_tt = tt.vector("z")
derived = prox_of(ops, mt(abs(beta_tt)), mt(beta_tt), mt(z_tt), mt(lambda_tt)).reify()
print("derived:", derived.eval({z_tt: points[beta_tt], lambda_tt: 0.5}))

# %% [markdown]
# ## A proximal gradient step
#
# A gradient step in $l$, then the proximal operator of $\phi$; the step size is halved until the quadratic bound holds.

# %%
[smooth] = parts.smooth
[penalty] = parts.penalties["beta"]
beta_in = parts.objective.inputs["beta"].reify()
loss = smooth.term.reify().sum()
cost = penalty.term.reify().sum()
logl = theano.function([beta_in], loss)
logl_and_grad = theano.function([beta_in], [loss, tt.grad(loss, beta_in)])
prox = theano.function([z_tt, lambda_tt], derived)


def prox_grad_step(beta, step):
    """Return the next point, and the step size that led there."""
    value, slope = logl_and_grad(beta)
    while True:
        new = prox(beta - step * slope, step)
        change = new - beta
        if logl(new) <= value + slope @ change + change @ change / (2 * step):
            return new, step
        step /= 2


total = theano.function([beta_in], loss + cost)
beta, step = np.zeros(100), 1.0
for i in range(1, 2001):
    beta, step = prox_grad_step(beta, step)
    if i in (1, 10, 100, 2000):
        print(f"after {i} steps: {total(beta):.6f}, {np.sum(beta == 0)} zeros")

# %% [markdown]
# ## The estimate
#
# `find_map` does all of this and more: momentum with restarts, steps that grow again, Newton's method among the
# coefficients that are not zero. The duality gap proves how close it is: no point has an objective that is lower by
# more.

# %%
result = sp.find_map(lasso_model)
print(result)
print(f"objective {total(result['beta']):.9f}, at most {result.gap:.1e} above the optimum")
print(f"zeros: {np.sum(result['beta'] == 0)}; where the article's steps ended: {np.sum(beta == 0)}")
excess = total(params_0["beta"]) / total(result["beta"]) - 1
print(f"find_MAP: relative excess {excess:.1e}, zeros: {np.sum(params_0['beta'] == 0)}")

reports.save(result.plot()[0].figure, options.output / "proximal.png")

# %% [markdown]
# ## The path
#
# How far the prior pulls is for the user to say. With its scale as data, the estimates for many scales are found
# one after the other, each begun where the last one ended; the model is taken apart and compiled once.

# %%
with pm.Model() as path_model:
    scale = pm.Data("scale", 1.0)
    beta_rv = pm.Laplace("beta", mu=0.0, b=scale, shape=X.shape[1])
    y_rv = pm.Normal("y", mu=X_tt.dot(beta_rv), sd=1.0, observed=y_tt)

theano.config.compute_test_value = "off"
path = sp.find_path(path_model, "scale", np.geomspace(1 / abs(X.T @ y).max(), 1.0, 50))
print(f"path: {path.status.count('converged')} of {len(path.grid)} converged, {path.optimum.count('global')} global")
print("zeros along the path:", *np.sum(path["beta"] == 0, axis=1)[[0, 20, 30, 40, 49]])
print(f"farthest from the estimate at scale 1: {abs(path['beta'][-1] - result['beta']).max():.1e}")

reports.save(path.plot()[0].figure, options.output / "proximal_path.png")

# %% [markdown]
# ## The symbolic operations
#
# Multiplication distributed over addition, as the article does it, by `PatternSub` and `EquilibriumOptimizer`:

# %%
a_tt, b_tt = tt.as_tensor_variable(5, name="a"), tt.as_tensor_variable(2, name="b")
c_tt = tt.as_tensor_variable(np.r_[1, 2], name="c")
expressions = [a_tt * b_tt, a_tt * (b_tt + a_tt), a_tt * (c_tt + a_tt), a_tt * (c_tt + c_tt)]

pattern = PatternSub((tt.mul, "x", (tt.add, "y", "z")), (tt.add, (tt.mul, "x", "y"), (tt.mul, "x", "z")))
optimizer = EquilibriumOptimizer([pattern], max_use_ratio=10)
fgraph = FunctionGraph([], expressions, clone=True)
optimizer.optimize(fgraph)
for before, after in zip(expressions, fgraph.outputs):
    print(theano.pprint(before), "->", theano.pprint(after), "=", after.eval())

# %% [markdown]
# The same as a relation. It is read in both directions, and so multiplies out or factors.

# %%


def distributeo(whole, parts):
    """State that x (y + z) is x y + x z."""
    x, y, z = var(), var(), var()
    return lall(eq(whole, mt.mul(x, mt.add(y, z))), eq(parts, mt.add(mt.mul(x, y), mt.mul(x, z))))


for before in expressions:
    after = sp.rewrite_graph(before, distributeo)
    back = sp.rewrite_graph(after, lambda parts, whole: distributeo(whole, parts))
    print(theano.pprint(before), "->", theano.pprint(after), "->", theano.pprint(back))

# %% [markdown]
# ## Convolutions
#
# The article writes an Op for the sum of two normal variables. Here it is one relation among many.

# %%
mu_X, sd_X, mu_Y, sd_Y = tt.vectors("mu_X", "sd_X", "mu_Y", "sd_Y")
X_rv, Y_rv = normal(mu_X, sd_X, name="X"), normal(mu_Y, sd_Y, name="Y")

Z_rv = sp.rewrite_graph(X_rv + Y_rv, normal_sumo)
print(tt_pprint(Z_rv))

values = {mu_X: np.r_[1.0], sd_X: np.r_[2.0], mu_Y: np.r_[1.0], sd_Y: np.r_[0.5]}
mean, sd = theano.function(list(values), [x.reify() for x in sp.metatize(Z_rv).rands[:2]])(*values.values())
print("mean:", mean, "sd:", sd)

# %% [markdown]
# ## What the article only dreams of
#
# The same call, other models. What is not smooth may be the likelihood, or a function of a linear map of the unknowns:
# then there is a copy of every layer, and ADMM brings the copies together.

# %%
X_small = rng.randn(60, 8)
beta_small = np.r_[2.0, -1.0, 0.5, np.zeros(5)]
y_small = X_small @ beta_small + rng.standard_t(2, size=60)
sign, counts = np.sign(y_small), rng.poisson(np.exp(0.5 * X_small @ beta_small))
groups = np.arange(60) % 6
covariance = np.cov(rng.randn(30, 5) @ (np.eye(5) + np.diag([0.8] * 4, 1)), rowvar=False)
levels = np.repeat([0.0, 3.0, 1.0], 20) + 0.5 * rng.randn(60)


def robust_regression():
    beta = pm.Laplace("beta", 0.0, 0.2, shape=8)
    pm.Laplace("y", tt.dot(X_small, beta), 1.0, observed=y_small)


def quantile_regression():
    """The ninth decile of the data."""
    beta = pm.Flat("beta", shape=8)
    residual = y_small - tt.dot(X_small, beta)
    pm.Potential("check", -tt.sum(tt.maximum(0.9 * residual, -0.1 * residual)))


def support_vectors():
    beta = pm.Normal("beta", 0.0, 1.0, shape=8)
    pm.Potential("hinge", -tt.sum(tt.maximum(0.0, 1.0 - sign * tt.dot(X_small, beta))))


def poisson_elastic_net():
    beta = pm.Laplace("beta", 0.0, 0.1, shape=8)
    pm.Potential("ridge", -0.5 * tt.sum(beta**2))
    pm.Poisson("y", tt.exp(tt.dot(X_small, beta)), observed=counts)


def group_lasso():
    """Pairs of coefficients that are zero together."""
    beta = pm.Flat("beta", shape=(4, 2))
    pm.Potential("groups", -40.0 * tt.sum(tt.sqrt(tt.sum(beta**2, axis=1))))
    pm.Normal("y", tt.dot(X_small, beta.flatten()), 1.0, observed=y_small)


def graphical_lasso():
    """A precision matrix, in which zeros are conditional independences."""
    precision = pm.Flat("precision", shape=(5, 5), testval=np.eye(5))
    symmetric = (precision + precision.T) / 2.0
    pm.Potential("likelihood", tt.log(tt.nlinalg.det(symmetric)) - tt.sum(covariance * symmetric))
    pm.Potential("sparse", -0.3 * tt.sum(abs(precision)))


def fused_lasso():
    level = pm.Laplace("level", 0.0, 1.0, shape=60)
    pm.Potential("jumps", -3.0 * tt.sum(abs(level[1:] - level[:-1])))
    pm.Normal("y", level, 0.5, observed=levels)


def heavy_tails():
    """Generalised double Pareto: like a horseshoe, and not convex."""
    beta = pm.Flat("beta", shape=8)
    pm.Potential("pareto", -4.0 * tt.sum(tt.log(1.0 + abs(beta) / 0.5)))
    pm.Normal("y", tt.dot(X_small, beta), 1.0, observed=y_small)


def layers():
    """Groups that differ from a common mean in few places, errors with heavy tails: three layers, none smooth."""
    mean = pm.Laplace("mean", 0.0, 1.0)
    group = pm.Laplace("group", mean, 0.25, shape=6)
    pm.Laplace("y", group[groups], 0.5, observed=y_small)


MODELS = (
    robust_regression, quantile_regression, support_vectors, poisson_elastic_net, group_lasso, graphical_lasso,
    fused_lasso, heavy_tails, layers,
)
for build in MODELS:
    with pm.Model() as model:
        build()
    result = sp.find_map(model, progressbar=False)
    gap = "" if result.gap is None else f", gap {result.gap:.0e}"
    how = f"{result.status}, {result.curvature}, by {result.solver}, residual {result.residual:.0e}"
    print(f"{build.__name__}: {how}{gap}")
    for name in result.active:
        print(f"  {name}", np.array2string(result[name], precision=3, suppress_small=True, max_line_width=100))
