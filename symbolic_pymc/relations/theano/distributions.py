"""Reparameterisations, bound to the vocabulary of Theano."""

from functools import partial

from symbolic_pymc.relations import distributions
from symbolic_pymc.theano.vocabulary import ops

scale_loc_transform = partial(distributions.scale_loc_transform, ops)
