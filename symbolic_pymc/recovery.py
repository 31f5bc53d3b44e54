"""Drawing back what was integrated out of a model, from its exact law given the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from symbolic_pymc.errors import ArgumentError
from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.walk import graph_parts, substitute


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
            How many, when there is no trace.
        random_seed : int, optional

        Returns
        -------
        dict of str to array
            Of every variable by name; the leading axes are those of the trace: (chains, draws) for one that a sampler
            returned, (draws) when there is none.

        Raises
        ------
        ArgumentError
            When a variable that is needed is not in the trace, or neither `trace` nor `draws` is given.
        """
        known = self._known()
        names = [x.name for x in self.integrated]
        values = [_column(trace, x.name, self.adapter.ops.ndim(x)) for x in known]
        if not known and draws is None and trace is None:
            raise ArgumentError("no variable is left to sample: say how many draws are wanted, recover(draws=1000)")
        leading = values[0].shape[: values[0].ndim - self.adapter.ops.ndim(known[0])] if known else (draws or 1,)
        function = self._function(known, random_seed)
        rows = [v.reshape((-1, *v.shape[len(leading) :])) for v in values]
        columns = zip(*(function(*(row[i] for row in rows)) for i in range(int(np.prod(leading)))))
        stacked = (np.stack(column) for column in columns)
        return {name: column.reshape((*leading, *column.shape[1:])) for name, column in zip(names, stacked)}

    def _known(self):
        """Return the draws of the model that is left which the others depend on."""
        gone = set(self.integrated)
        return [x for x in graph_parts(*self.integrated) if self.adapter.ops.is_random(x) and x not in gone]

    def _function(self, known, random_seed):
        inputs = [base.type() for base in reify_many(tuple(known))]
        places = {x: metatize(place) for x, place in zip(known, inputs)}
        return self.adapter.compile_draws(inputs, reify_many(substitute(self.integrated, places)), random_seed)


def _column(trace, name, ndim):
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
