"""Distributions as mixtures, bound to the vocabulary of PyTensor."""

from functools import partial

from symbolic_pymc.relations import mixtures
from symbolic_pymc.pytensor.vocabulary import ops

mixtureo = partial(mixtures.mixtureo, ops)
