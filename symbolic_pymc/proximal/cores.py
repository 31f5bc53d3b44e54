"""What functions of whole arrays are made of."""

from dataclasses import dataclass, field
from typing import Any


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
