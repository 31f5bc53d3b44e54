# %% [markdown]
# # Automatic re-centring and re-scaling
#
# The hierarchical regression of radon levels in the homes of Minnesota has a level and a slope for each of 85
# counties. Many counties have few measurements, and then the plain way of writing the model is hard on a
# sampler: where `sigma_b` is small, all slopes must be near `mu_b`, a funnel. Written with standard normal
# offsets the same model has no funnel. Here that form is derived from the plain one.

# %%
import pandas as pd

import pymc3 as pm

import theano
import theano.tensor as tt

from functools import partial

from unification import var

from kanren import run
from kanren.graph import reduceo

from symbolic_pymc.theano.meta import mt
from symbolic_pymc.theano.pymc3 import model_graph, graph_model
from symbolic_pymc.theano.utils import canonicalize

from symbolic_pymc.relations.theano import non_obs_walko
from symbolic_pymc.relations.theano.distributions import scale_loc_transform

import reports

tt.config.compute_test_value = "ignore"

# %% [markdown]
# ## The model

# %%
data = pd.read_csv(reports.HERE / "data" / "radon.csv")
data["log_radon"] = data["log_radon"].astype(theano.config.floatX)
county_names = data.county.unique()
county_idx = data.county_code.values

n_counties = len(data.county.unique())

with pm.Model() as model_centered:
    mu_a = pm.Normal("mu_a", mu=0.0, sd=100**2)
    sigma_a = pm.HalfCauchy("sigma_a", 5)
    mu_b = pm.Normal("mu_b", mu=0.0, sd=100**2)
    sigma_b = pm.HalfCauchy("sigma_b", 5)
    a = pm.Normal("a", mu=mu_a, sd=sigma_a, shape=n_counties)
    b = pm.Normal("b", mu=mu_b, sd=sigma_b, shape=n_counties)
    eps = pm.HalfCauchy("eps", 5)
    radon_est = a[county_idx] + b[county_idx] * data.floor.values
    radon_like = pm.Normal("radon_like", mu=radon_est, sd=eps, observed=data["log_radon"])

# %% [markdown]
# ## Re-centred by hand
#
# `scale_loc_transform` relates a variable of a location-scale family to its standard member, scaled and
# shifted; `non_obs_walko` applies it to all variables that are not observed.

# %%
# Convert the PyMC3 graph into a symbolic-pymc graph
fgraph = model_graph(model_centered)
# Perform a set of standard algebraic simplifications
fgraph = canonicalize(fgraph, in_place=False)


def reparam_graph(graph):
    """Apply re-parameterization relations throughout a graph."""

    graph_mt = mt(graph)

    def scale_loc_fixedp_walko(x, y):
        return reduceo(partial(non_obs_walko, scale_loc_transform), x, y)

    expr_graph = run(
        0,
        var("q"),
        # Apply our transforms to unobserved RVs only
        scale_loc_fixedp_walko(graph_mt, var("q")),
    )

    expr_graph = expr_graph[0]
    opt_graph_tt = expr_graph.reify()

    # PyMC3 needs names for each RV
    opt_graph_tt.owner.inputs[1].name = "Y_new"

    return opt_graph_tt


fgraph_reparam = reparam_graph(fgraph.outputs[0])

# Convert the symbolic-pymc graph into a PyMC3 graph so that we can sample it
model_recentered = graph_model(fgraph_reparam)
print(model_recentered.free_RVs)

# %% [markdown]
# ## Re-centred in two lines
#
# One call does the same. The steps say what was done to which variable, and what was left alone and why.

# %%
import symbolic_pymc as sp

model_recentered = sp.reparam_graph(model_centered)
print(sp.steps(model_recentered))

# %% [markdown]
# ## Sampled
#
# Every variable is still there under its old name, so that the same code looks at both traces. Both runs
# start from the centre of the priors: the offset of `mu_a` is counted in units of 10,000, and a start that is
# jittered by one of these is far away from everything.

# %%
options = reports.options(draws=1000, tune=1000, chains=2)


def sample(model):
    with model:
        return pm.sample(
            options.draws, tune=options.tune, chains=options.chains, cores=options.cores,
            init="adapt_diag", target_accept=0.9, random_seed=1, return_inferencedata=True,
        )


centered_trace = sample(model_centered)
recentered_trace = sample(model_recentered)

# %%
traces = {"centred": centered_trace, "re-centred": recentered_trace}
print(reports.diagnostics(traces, ["sigma_a", "sigma_b"]).round(3).to_string())

# %% [markdown]
# `sigma_b` is where it matters. The chains of the centred model seldom come below 0.1, as the logarithmic
# scale of the picture shows: there the slopes would all have to move at once. So their mean is too high, and
# R-hat and ESS say that it is not to be trusted. `sigma_a` is well determined by the data, its funnel has no
# neck, and it gains nothing.

# %%
reports.save(reports.plot_traces(traces, ["sigma_b", "sigma_a"]), options.output / "radon_traces.png")
reports.save(reports.plot_forest(traces, "b", county_names), options.output / "radon_forest.png")
