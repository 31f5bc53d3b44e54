# %% [markdown]
# # A closed-form posterior, with PyMC
#
# The regression of the first example, `posterior.py`, written with the PyMC of today.

# %%
import numpy as np
import pymc as pm
import pytensor.tensor as pt
from scipy import stats

import symbolic_pymc as sp
from symbolic_pymc.pytensor.printing import tt_pprint

import reports

a = np.r_[1.0, 0.0]
R = np.diag([10.0, 10.0])
F = np.c_[-2.0, 1.0]
V = np.diag([0.5])
y = np.r_[-3.0]

with pm.Model() as model:
    beta = pm.MvNormal("beta", a, R, shape=2)
    pm.MvNormal("Y", pt.dot(F, beta), V, observed=y)

print(tt_pprint(model))

# %% [markdown]
# ## The posterior, in two lines

# %%
posterior = sp.conjugate_graph(model)
print(sp.steps(posterior))

# %% [markdown]
# The result is a PyMC model in which `beta` has the law that it had given the data. Its parameters are
# numpy's.

# %%
node = posterior["beta"].owner
mean, cov = (parameter.eval() for parameter in node.op.dist_params(node))

precision = np.linalg.inv(R) + F.T @ np.linalg.inv(V) @ F
numpy_cov = np.linalg.inv(precision)
numpy_mean = numpy_cov @ (np.linalg.inv(R) @ a + F.T @ np.linalg.inv(V) @ y)

print("mean, closed form ", mean)
print("mean, numpy       ", numpy_mean)
np.testing.assert_allclose(mean, numpy_mean, rtol=1e-10)
np.testing.assert_allclose(cov, numpy_cov, rtol=1e-10)

log_evidence = float(posterior.log_evidence.eval())
scipy_log_evidence = stats.multivariate_normal(F @ a, F @ R @ F.T + V).logpdf(y)
print(f"log evidence {log_evidence:.12f}, scipy's {scipy_log_evidence:.12f}")
np.testing.assert_allclose(log_evidence, scipy_log_evidence, rtol=1e-10)

# %% [markdown]
# ## Against sampling

# %%
options = reports.options(draws=3000, tune=1000, chains=2)

with model:
    trace = pm.sample(
        options.draws, tune=options.tune, chains=options.chains, cores=options.cores, random_seed=1
    )

print(reports.comparison("beta", trace, mean, np.sqrt(np.diag(cov))).round(4))
