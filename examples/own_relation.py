# %% [markdown]
# # A relation of one's own
#
# A relation is a function of two terms that returns a miniKanren goal: it states what must hold between a
# term and what may stand in its place.

# %%
import numpy as np
import pymc as pm
from kanren import eq, lall, var

import symbolic_pymc as sp
from symbolic_pymc.pytensor.meta import mt


def log_of_exp(before, after):
    """State that log(exp(x)) is x."""
    x = var()
    return lall(eq(before, mt.log(mt.exp(x))), eq(after, x))


with pm.Model() as model:
    rate = pm.Normal("rate", 0.0, 1.0)
    pm.Normal("y", pm.math.log(pm.math.exp(rate)), 1.0, observed=np.r_[0.2, 1.3])

simpler = sp.rewrite_graph(model, log_of_exp)
print(sp.steps(simpler))
