"""Closed-form posteriors, bound to the vocabulary of PyTensor."""

from functools import partial

from symbolic_pymc import conditioning
from symbolic_pymc.pytensor.vocabulary import ops

conjugate = partial(conditioning.conjugate, ops)
