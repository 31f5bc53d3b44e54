"""Drawing back what was integrated out of a model, from its exact law given the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from numbers import Integral
from typing import Any

import numpy as np

from symbolic_pymc.errors import ArgumentError
from symbolic_pymc.meta import metatize, peek, reify_many
from symbolic_pymc.parts import graph_parts, substitute


@dataclass(frozen=True)
class Recovery:
    """Draws the variables that went out of a model.

    Parameters
    ----------
    adapter : Adapter
    integrated : tuple of terms
        The draws that went out and what is computed from them; other draws in them are of the model that is left.
    """

    adapter: Any
    integrated: tuple

    def __call__(self, trace=None, draws=None, random_seed=None):
        """Draw every variable that was integrated out, once for each draw of the variables that were kept.

        Parameters
        ----------
        trace : MultiTrace, InferenceData or mapping, optional
            Draws of the variables that were kept; a mapping has arrays whose leading axes count the draws.  Not needed
            when none were.
        draws : int, optional
            How many, when there is no trace, or none of its variables is needed and it is a mapping.
        random_seed : int, optional

        Returns
        -------
        dict of str to array
            Of every variable by name; the leading axes are those of the trace: (chains, draws) for one that a sampler
            returned, (draws) when there is none.

        Raises
        ------
        ArgumentError
            When a variable that is needed is not in the trace or has another shape there, when the trace is empty,
            or when neither `trace` nor a positive number of `draws` is given.
        """
        if not self.integrated:
            return {}
        known = self._known
        columns = [_whole(x.name, _column(trace, x.name), peek(x).dtype) for x in known]
        leading = self._leading(known, columns, trace, draws)
        rows = [column.reshape((prod(leading), *column.shape[len(leading) :])) for column in columns]
        values = self._draws(rows, prod(leading), random_seed)
        names = [x.name for x in self.integrated]
        return {name: value.reshape((*leading, *value.shape[1:])) for name, value in zip(names, values)}

    def _leading(self, known, columns, trace, draws):
        """Return the lengths of the axes that count the draws."""
        lengths = {_leading_of(x, column, self.adapter.ops.ndim(x)) for x, column in zip(known, columns)}
        if len(lengths) > 1:
            listed = ", ".join(f"{x.name} {column.shape}" for x, column in zip(known, columns))
            raise ArgumentError(f"the trace has not as many draws of one variable as of the others: {listed}")
        leading = lengths.pop() if known else _lengths_of(trace, draws)
        if not prod(leading):
            raise ArgumentError("the trace has no draws; give one with at least one draw")
        return leading

    @cached_property
    def _known(self):
        """The draws of the model that is left which the others depend on."""
        gone = set(self._given_data)
        return [x for x in graph_parts(*self._given_data) if self.adapter.ops.is_random(x) and x not in gone]

    @cached_property
    def _given_data(self):
        """What went out, with data in the places of what was observed."""
        marks = filter(self.adapter.ops.is_observed, graph_parts(*self.integrated))
        return substitute(self.integrated, {mark: mark.rands[0] for mark in marks})

    @cached_property
    def _draws(self):
        """What draws them given those, compiled when it is first needed."""
        inputs = [base.type() for base in reify_many(tuple(self._known))]
        places = {x: metatize(place) for x, place in zip(self._known, inputs)}
        return self.adapter.compile_draws(inputs, reify_many(substitute(self._given_data, places)))

    def __getstate__(self):
        """Leave the compiled function behind in copies and in other processes."""
        return {"adapter": self.adapter, "integrated": self.integrated}


def _column(trace, name):
    """Return the draws of a variable as an array."""
    try:
        if hasattr(trace, "posterior"):
            return np.asarray(trace.posterior[name])
        if isinstance(trace, Mapping):
            return np.asarray(trace[name])
        return np.stack(trace.get_values(name, combine=False, squeeze=False))
    except (KeyError, AttributeError, TypeError):
        raise ArgumentError(
            f"the draws of {name} are needed: give a MultiTrace, InferenceData or mapping that has them"
        ) from None


def _whole(name, column, dtype):
    """Return draws of a discrete variable as integers, which files may have made floats."""
    if np.dtype(dtype).kind not in "biu" or column.dtype.kind != "f":
        return column
    if not np.array_equal(column, np.rint(column)):
        raise ArgumentError(f"the draws of {name}, which is discrete, have fractions; give whole numbers")
    return column.astype(dtype)


def _leading_of(x, column, ndim):
    """Return the lengths of the axes of a column before those of the variable `x` itself."""
    n_leading = column.ndim - ndim
    shape = x.info.note and x.info.note.obj.shape
    wanted = shape if shape and None not in shape else column.shape[max(n_leading, 0) :]
    if n_leading < 0 or column.shape[n_leading:] != tuple(wanted):
        raise ArgumentError(
            f"the draws of {x.name} have the shape {column.shape}; the last {ndim} axes must be those of the variable"
            + (f", {tuple(shape)}" if shape else "")
        )
    return column.shape[:n_leading]


def _lengths_of(trace, draws):
    """Return how many draws there are in a trace of which no variable is needed, or else are wanted."""
    if hasattr(trace, "posterior"):
        return trace.posterior.sizes["chain"], trace.posterior.sizes["draw"]
    if hasattr(trace, "nchains"):
        return trace.nchains, len(trace)
    if not isinstance(draws, Integral) or isinstance(draws, bool) or draws < 1:
        raise ArgumentError(
            "none of the variables that are left is needed: say how many draws are wanted, recover(draws=1000)"
        )
    return (int(draws),)
