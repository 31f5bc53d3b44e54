# %% [markdown]
# # Sample only what you must, with PyMC
#
# The models of `collapse.py`, written with the PyMC of today. PyMC names the dimensions of its variables.

# %%
import numpy as np
import pandas as pd
import pymc as pm

import symbolic_pymc as sp
from symbolic_pymc.pytensor.printing import tt_pprint

import reports

options = reports.options(draws=1000, tune=1000, chains=2)


def sample(model):
    with model:
        return pm.sample(
            options.draws, tune=options.tune, chains=options.chains, cores=options.cores, target_accept=0.9, random_seed=1
        )


# %% [markdown]
# ## Eight schools

# %%
y = np.array([28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0])
sigma = np.array([15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0])

with pm.Model(coords={"school": list("ABCDEFGH")}) as schools:
    mu = pm.Normal("mu", np.float64(0.0), np.float64(5.0))
    tau = pm.HalfCauchy("tau", np.float64(5.0))
    theta = pm.Normal("theta", mu, tau, dims="school")
    pm.Normal("effect", theta, sigma, observed=y)

collapsed = sp.collapse_graph(schools)
print(sp.steps(collapsed))
print(tt_pprint(collapsed))

# %%
traces = {
    "centred": sample(schools),
    "non-centred": sample(sp.reparam_graph(schools, names=["theta"])),
    "collapsed": sample(collapsed),
}
print(reports.diagnostics(traces, ["tau"]).round(3).to_string())

# %%
everything = reports.together(traces["collapsed"], collapsed.recover(traces["collapsed"], random_seed=1))

reference = pd.read_csv(reports.HERE / "data" / "eight_schools_reference.csv", index_col="variable")
found = reports.summary(everything, ["mu", "tau", "theta"])
print(reports.agreement({"posteriordb": reference}, {"collapsed": found}).round(3).to_string())

# %%
ends = {name: traces[name] for name in ("centred", "collapsed")}
reports.save(reports.plot_traces(ends, ["tau"]), options.output / "collapse_pymc_tau.png")
schools_shrunk = reports.plot_shrinkage(everything, "theta", schools.coords["school"], y, sigma, "mu")
reports.save(schools_shrunk, options.output / "collapse_pymc_theta.png")

# %% [markdown]
# ## Radon

# %%
data = pd.read_csv(reports.HERE / "data" / "radon.csv")
county = data.county_code.values

with pm.Model(coords={"county": data.county.unique()}) as radon:
    mu_a = pm.Normal("mu_a", np.float64(0.0), np.float64(100.0**2))
    sigma_a = pm.HalfCauchy("sigma_a", np.float64(5.0))
    mu_b = pm.Normal("mu_b", np.float64(0.0), np.float64(100.0**2))
    sigma_b = pm.HalfCauchy("sigma_b", np.float64(5.0))
    a = pm.Normal("a", mu_a, sigma_a, dims="county")
    b = pm.Normal("b", mu_b, sigma_b, dims="county")
    eps = pm.HalfCauchy("eps", np.float64(5.0))
    pm.Normal("log_radon", a[county] + b[county] * data.floor.values, eps, observed=data.log_radon.values)

collapsed = sp.collapse_graph(radon)
print(sp.steps(collapsed))

# %%
scales = ["sigma_a", "sigma_b", "eps"]
traces = {
    "centred": sample(radon),
    "non-centred": sample(sp.reparam_graph(radon, names=["a", "b"])),
    "collapsed": sample(collapsed),
}
print(reports.diagnostics(traces, scales).round(3).to_string())

# %%
everything = reports.together(traces["collapsed"], collapsed.recover(traces["collapsed"], random_seed=1))

names = ["mu_a", "mu_b", *scales]
nuts, found = (reports.summary(trace, names) for trace in (traces["non-centred"], everything))
print(reports.agreement({"non-centred": nuts}, {"collapsed": found}).round(3).to_string())

# %%
reports.save(reports.plot_scalars(traces, scales), options.output / "collapse_pymc_radon.png")
