"""Solvers that try what is out of range, without the warnings of NumPy."""

from functools import wraps

import numpy as np


def in_silence(solve):
    """Return a function that does what another does, without warnings: out of range a density is zero.

    ``np.errstate`` itself, as a decorator, is one object for all calls before NumPy 2: one call inside of another
    would leave the warnings of the caller off.
    """

    @wraps(solve)
    def silent(*args, **kwargs):
        with np.errstate(all="ignore"):
            return solve(*args, **kwargs)

    return silent
