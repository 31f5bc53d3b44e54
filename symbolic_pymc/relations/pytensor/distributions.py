"""Reparameterisations, bound to the vocabulary of PyTensor."""

from functools import partial

from symbolic_pymc.relations import distributions
from symbolic_pymc.pytensor.vocabulary import ops

scale_loc_transform = partial(distributions.scale_loc_transform, ops)
