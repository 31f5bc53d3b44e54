"""What functions of whole arrays are made of."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from symbolic_pymc.proximal.combinations import Unknown
from symbolic_pymc.parts import substitute


@dataclass(frozen=True)
class Core:
    """A function of a map of the argument, all elements of which it takes together.

    Parameters
    ----------
    kind : str
        A key of `symbolic_pymc.proximal.blocktable.BLOCKS`.
    inner : Inner
    axes : tuple of int
        Of the map, along which its blocks lie.
    weight : term or None
        A number, or one for each block.
    function : Piecewise or None
        Of the elements, or of the lengths of the blocks.
    parameters : dict of str to term
    """

    kind: str
    inner: Any
    axes: tuple = ()
    weight: Any = None
    function: Any = None
    parameters: dict = field(default_factory=dict)


def members(core, argument, shape, ops):
    """Return the positions of the elements of every block of a core, in an argument of the given shape.

    Raises
    ------
    Unknown
        For a function of something else than the lengths of blocks of elements.
    """
    inner = core.inner
    if inner.kind not in ("all", "some") or inner.factor is not None or inner.offset is not None:
        raise Unknown("lengths of a map of the coefficients")
    at = np.arange(int(np.prod(shape))).reshape(shape) if inner.kind == "all" else inner.places
    if not isinstance(at, np.ndarray):  # places that are counted from the end
        at = ops.value_of(substitute(at, {argument: ops.constant(np.zeros(shape))}))
    if at is None:
        raise Unknown("places that are not known")
    if core.kind == "groups":
        return [at[row > 0] for row in ops.value_of(core.parameters["members"]) if np.any(row > 0)]
    if core.kind != "radial":
        raise Unknown(core.kind)
    rest = [axis for axis in range(at.ndim) if axis not in core.axes]
    size = int(np.prod([at.shape[axis] for axis in core.axes]))
    return list(np.transpose(at, [*rest, *core.axes]).reshape(-1, size))
