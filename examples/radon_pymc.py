# %% [markdown]
# # Automatic re-centring and re-scaling, with PyMC
#
# The radon model of the second example, `radon.py`, written with the PyMC of today. PyMC names the dimensions
# of its variables; the names are still there after the rewrite.

# %%
import pandas as pd
import pymc as pm

import symbolic_pymc as sp

import reports

data = pd.read_csv(reports.HERE / "data" / "radon.csv")
county_names = data.county.unique()
county = data.county_code.values

with pm.Model(coords={"county": county_names}) as model:
    mu_a = pm.Normal("mu_a", 0, 100**2)
    sigma_a = pm.HalfCauchy("sigma_a", 5)
    mu_b = pm.Normal("mu_b", 0, 100**2)
    sigma_b = pm.HalfCauchy("sigma_b", 5)
    a = pm.Normal("a", mu_a, sigma_a, dims="county")
    b = pm.Normal("b", mu_b, sigma_b, dims="county")
    eps = pm.HalfCauchy("eps", 5)
    pm.Normal("radon_like", a[county] + b[county] * data.floor.values, eps, observed=data.log_radon.values)

# %% [markdown]
# ## Re-centred in two lines

# %%
recentered = sp.reparam_graph(model)
print(sp.steps(recentered))

# %% [markdown]
# ## Sampled

# %%
options = reports.options(draws=1000, tune=1000, chains=2)


def sample(model):
    with model:
        return pm.sample(
            options.draws, tune=options.tune, chains=options.chains, cores=options.cores,
            target_accept=0.9, random_seed=1,
        )


traces = {"centred": sample(model), "re-centred": sample(recentered)}
print(reports.diagnostics(traces, ["sigma_a", "sigma_b"]).round(3).to_string())

# %%
reports.save(reports.plot_traces(traces, ["sigma_b", "sigma_a"]), options.output / "radon_pymc_traces.png")
reports.save(reports.plot_forest(traces, "b", county_names), options.output / "radon_pymc_forest.png")
