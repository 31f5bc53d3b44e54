"""The roles that Theano variables play in a model's graph."""

import numpy as np
from theano.tensor.random.op import RandomVariable

from symbolic_pymc.note import Note
from symbolic_pymc.theano.known import op_of
from symbolic_pymc.theano.opaque import MissingLaw, OpaqueRV


def is_rv(v):
    """Is `v` the draw of a RandomVariable node?"""
    return isinstance(op_of(v), RandomVariable) and v is v.owner.outputs[1]


def is_missing(v):
    """Does the random variable `v` stand for the missing entries of an observed one?"""
    return isinstance(v.owner.op, OpaqueRV) and isinstance(v.owner.op.law, MissingLaw)


def is_marker(v, kind):
    """Is `v` marked as what `kind`, one or several classes of markers, says?"""
    return isinstance(op_of(v), kind)


def note_of(v):
    """Return the note of a variable; an empty one where it has none."""
    return getattr(v.tag, "note", None) or Note()


def position_of(v):
    """Return the place of a variable in its PyMC3 model; infinity for one that was never in a model."""
    return dict(note_of(v).extras).get("position", np.inf)
