# %% [markdown]
# # Sample only what you must
#
# Given its scales, a normal hierarchy has a closed form: everything but the scales can be integrated out of it,
# and drawn back afterwards from its exact law given them. `collapse_graph` does the one, `recover` the other.

# %%
import numpy as np
import pandas as pd

import pymc3 as pm

import symbolic_pymc as sp
from symbolic_pymc.theano.printing import tt_pprint

import reports

options = reports.options(draws=1000, tune=1000, chains=2)


def sample(model):
    with model:
        return pm.sample(
            options.draws, tune=options.tune, chains=options.chains, cores=options.cores,
            init="adapt_diag", target_accept=0.9, random_seed=1, return_inferencedata=True,
        )


# %% [markdown]
# ## Eight schools
#
# The effect of coaching in eight schools, each measured with an error that is known: the plain way of writing
# the model has a funnel, where `tau` is small.

# %%
y = np.array([28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0])
sigma = np.array([15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0])

with pm.Model() as schools:
    mu = pm.Normal("mu", 0.0, 5.0)
    tau = pm.HalfCauchy("tau", 5.0)
    theta = pm.Normal("theta", mu, tau, shape=8)
    pm.Normal("effect", theta, sigma, observed=y)

collapsed = sp.collapse_graph(schools)
print(sp.steps(collapsed))
print(tt_pprint(collapsed))

# %% [markdown]
# One of ten unknowns is left, `tau`. What the data are distributed as, given it, is a normal vector whose
# covariance is a diagonal and a column for `mu`.

# %%
traces = {
    "centred": sample(schools),
    "non-centred": sample(sp.reparam_graph(schools, names=["theta"])),
    "collapsed": sample(collapsed),
}
print(reports.diagnostics(traces, ["tau"]).round(3).to_string())

# %% [markdown]
# `recover` draws `mu` and `theta` once for each draw of `tau`. These are draws of the posterior of the whole
# model: posteriordb has a reference for it.

# %%
everything = reports.together(traces["collapsed"], collapsed.recover(traces["collapsed"], random_seed=1))

reference = pd.read_csv(reports.HERE / "data" / "eight_schools_reference.csv", index_col="variable")
found = reports.summary(everything, ["mu", "tau", "theta"])
print(reports.agreement({"posteriordb": reference}, {"collapsed": found}).round(3).to_string())

# %%
ends = {name: traces[name] for name in ("centred", "collapsed")}
reports.save(reports.plot_traces(ends, ["tau"]), options.output / "collapse_tau.png")
schools_shrunk = reports.plot_shrinkage(everything, "theta", list("ABCDEFGH"), y, sigma, "mu")
reports.save(schools_shrunk, options.output / "collapse_theta.png")

# %% [markdown]
# ## Radon
#
# Levels and slopes of 85 counties: of 175 unknowns three scales are left.

# %%
data = pd.read_csv(reports.HERE / "data" / "radon.csv")
county = data.county_code.values

with pm.Model() as radon:
    mu_a, sigma_a = pm.Normal("mu_a", 0.0, 100.0**2), pm.HalfCauchy("sigma_a", 5.0)
    mu_b, sigma_b = pm.Normal("mu_b", 0.0, 100.0**2), pm.HalfCauchy("sigma_b", 5.0)
    a = pm.Normal("a", mu_a, sigma_a, shape=85)
    b = pm.Normal("b", mu_b, sigma_b, shape=85)
    eps = pm.HalfCauchy("eps", 5.0)
    pm.Normal("log_radon", a[county] + b[county] * data.floor.values, eps, observed=data.log_radon.values)

collapsed = sp.collapse_graph(radon)
print(sp.steps(collapsed))

# %% [markdown]
# The covariance of the 919 data has 172 columns, levels and slopes and their means. They are known numbers, most of
# them zero, and a county shares no home with another: so the density is solved in blocks of two unknowns, and a
# gradient costs a few times that of the other forms. A draw of three unknowns is worth more than one of 175.

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
reports.save(reports.plot_scalars(traces, scales), options.output / "collapse_radon.png")
