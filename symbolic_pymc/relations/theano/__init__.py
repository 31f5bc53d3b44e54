"""The relations, bound to the vocabulary of Theano."""

from functools import partial

from symbolic_pymc.relations import goals
from symbolic_pymc.relations.goals import concat, constant_neq
from symbolic_pymc.theano.vocabulary import ops

__all__ = ["concat", "constant_neq", "non_obs_walko", "ops"]

non_obs_walko = partial(goals.non_obs_walko, ops)
