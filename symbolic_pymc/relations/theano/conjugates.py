"""Closed-form posteriors, bound to the vocabulary of Theano."""

from functools import partial

from symbolic_pymc import conditioning
from symbolic_pymc.theano.vocabulary import ops

conjugate = partial(conditioning.conjugate, ops)
