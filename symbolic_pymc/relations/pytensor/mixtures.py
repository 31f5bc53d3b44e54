"""Distributions as mixtures, bound to the vocabulary of PyTensor."""

from functools import partial

from symbolic_pymc.relations import mixtures
from symbolic_pymc.pytensor.vocabulary import ops

mixtureo = partial(mixtures.mixtureo, ops)
uniform_mixtureo = partial(mixtures.uniform_mixtureo, ops)
exponential_mixtureo = partial(mixtures.exponential_mixtureo, ops)
inversegamma_mixtureo = partial(mixtures.inversegamma_mixtureo, ops)
