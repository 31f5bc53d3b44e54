"""Closed-form posteriors, bound to the vocabulary of PyTensor."""

from functools import partial

from symbolic_pymc import reversal
from symbolic_pymc.pytensor.vocabulary import ops

conjugate = partial(reversal.conjugate, ops)
