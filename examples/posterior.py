# %% [markdown]
# # A closed-form posterior
#
# A regression with a normal prior and normal noise has a posterior that one can write down. Here it is
# derived from the PyMC3 model, first with a relation and miniKanren's own goals, then with one call, and
# compared with numpy's arithmetic and with a long NUTS run.

# %%
import numpy as np

import theano
import theano.tensor as tt

import pymc3 as pm

from functools import partial

from unification import var

from kanren import run
from kanren.graph import reduceo, walko

from symbolic_pymc.theano.printing import tt_pprint
from symbolic_pymc.theano.pymc3 import model_graph

from symbolic_pymc.relations.theano.conjugates import conjugate

theano.config.cxx = ""
theano.config.compute_test_value = "ignore"

# %% [markdown]
# ## The model
#
# All four parameters are symbols; the numbers are test values, for later.

# %%
a_tt = tt.vector("a")
R_tt = tt.matrix("R")
F_t_tt = tt.matrix("F")
V_tt = tt.matrix("V")

a_tt.tag.test_value = np.r_[1.0, 0.0]
R_tt.tag.test_value = np.diag([10.0, 10.0])
F_t_tt.tag.test_value = np.c_[-2.0, 1.0]
V_tt.tag.test_value = np.diag([0.5])

y_tt = tt.as_tensor_variable(np.r_[-3.0])
y_tt.name = "y"

with pm.Model() as model:

    # A normal prior
    beta_rv = pm.MvNormal("beta", a_tt, R_tt, shape=(2,))

    # An observed random variable using the prior as a regression parameter
    E_y_rv = F_t_tt.dot(beta_rv)
    Y_rv = pm.MvNormal("Y", E_y_rv, V_tt, observed=y_tt)

# Create a graph for the model
fgraph = model_graph(model, output_vars=[Y_rv])
print(tt_pprint(fgraph))

# %% [markdown]
# ## The posterior, by hand
#
# `conjugate` relates an observed normal variable to the posterior of its mean; `walko` applies it everywhere
# in a graph and `reduceo` as long as it matches.

# %%
def conjugate_graph(graph):
    """Apply conjugate relations throughout a graph."""

    def fixedp_conjugate_applyo(x, y):
        return reduceo(partial(walko, conjugate), x, y)

    expr_graph, = run(1, var("q"), fixedp_conjugate_applyo(graph, var("q")))

    fgraph_opt = expr_graph.eval_obj
    fgraph_opt_tt = fgraph_opt.reify()
    return fgraph_opt_tt


fgraph_conj = conjugate_graph(fgraph.outputs[0])
print(tt_pprint(fgraph_conj))

# %% [markdown]
# The result is the random variable `beta` given the data, with its mean and covariance as graphs of `a`, `R`,
# `F` and `V`. Their values are those of textbook arithmetic.

# %%
symbols = (a_tt, R_tt, F_t_tt, V_tt)
a, R, F, V = (symbol.tag.test_value for symbol in symbols)
y = y_tt.data

mean_tt, cov_tt = fgraph_conj.owner.inputs[3:]
mean, cov = theano.function(symbols, [mean_tt, cov_tt])(a, R, F, V)

precision = np.linalg.inv(R) + F.T @ np.linalg.inv(V) @ F
numpy_cov = np.linalg.inv(precision)
numpy_mean = numpy_cov @ (np.linalg.inv(R) @ a + F.T @ np.linalg.inv(V) @ y)

print("mean, closed form ", mean)
print("mean, numpy       ", numpy_mean)
print("covariance, closed form ", cov.tolist())
print("covariance, numpy       ", numpy_cov.tolist())
np.testing.assert_allclose(mean, numpy_mean, rtol=1e-10)
np.testing.assert_allclose(cov, numpy_cov, rtol=1e-10)

# %% [markdown]
# ## The posterior, in two lines
#
# The model with its numbers goes in, a model goes out. It has no data any more: `beta` is distributed as it
# was given the data, and the density of the data that were dropped is the `log_evidence`.

# %%
import symbolic_pymc as sp

with pm.Model() as model:
    beta_rv = pm.MvNormal("beta", a, R, shape=2)
    pm.MvNormal("Y", tt.dot(F, beta_rv), V, observed=y)

posterior = sp.conjugate_graph(model)
print(sp.steps(posterior))

# %%
from scipy import stats

log_evidence = float(posterior.log_evidence.eval())
scipy_log_evidence = stats.multivariate_normal(F @ a, F @ R @ F.T + V).logpdf(y)
print(f"log evidence {log_evidence:.12f}, scipy's {scipy_log_evidence:.12f}")
np.testing.assert_allclose(log_evidence, scipy_log_evidence, rtol=1e-10)

# %% [markdown]
# ## Against sampling
#
# NUTS on the model as it was written knows nothing of all this. Its means and standard deviations should lie
# within a few of their own Monte Carlo standard errors from the exact ones.

# %%
import reports

options = reports.options(draws=3000, tune=1000, chains=2)

# without a compiler it is numpy that evaluates the branches not taken, log(0) among them, and warns
with model, np.errstate(divide="ignore", invalid="ignore"):
    trace = pm.sample(
        options.draws, tune=options.tune, chains=options.chains, cores=options.cores,
        random_seed=1, return_inferencedata=True,
    )

beta = posterior["beta"].distribution
print(reports.comparison("beta", trace, beta.mu.eval(), np.sqrt(np.diag(beta.cov.eval()))).round(4))
