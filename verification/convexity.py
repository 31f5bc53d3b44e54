"""How a part of an objective was shown to be convex or not: which of the rules gave the verdict."""

from symbolic_pymc.proximal.blocks import Block
from symbolic_pymc.proximal.combinations import Combinations
from symbolic_pymc.proximal.curvature import shapes
from symbolic_pymc.proximal.functions import KINDS
from symbolic_pymc.proximal.piecevalues import spans
from symbolic_pymc.proximal.shapes import CONVEX, NOT_CONVEX, UNKNOWN, of_piece
from symbolic_pymc.relations.arithmetic import number

SIGNS, BOUNDS = "pieces of known curvature", "bounds of the second derivative"
COMPOSITION, WHOLE, SYMPY, SUM = "composition", "a known function of arrays", "SymPy", "bounds of that of a sum"
JUMP = "a slope that falls, or a gap"


def shown(ops, inputs, part):
    """Return what the verdict on a `Part` rests on."""
    if part.curvature == UNKNOWN:
        return "no rule"
    if isinstance(part.function, Block):
        return WHOLE
    if part.function is not None:
        return _of_pieces(ops, part)
    if shapes(ops, part.term, inputs)[part.term].curvature != UNKNOWN:
        return COMPOSITION
    return SUM if part.curvature == NOT_CONVEX or not any(map(ops.ndim, inputs)) else SYMPY


def _of_pieces(ops, part):
    """Return what the verdict on a piecewise function rests on: on its pieces, or on how they meet."""
    c, found = Combinations(ops), spans(part.function)
    verdicts = [of_piece(c, *span) for span in found]
    if part.curvature == NOT_CONVEX and NOT_CONVEX not in verdicts:
        return JUMP
    counted = [span[0] for span, verdict in zip(found, verdicts) if verdict == part.curvature]
    return SIGNS if all(_by_signs(c, piece, part.curvature) for piece in counted) else BOUNDS


def _by_signs(c, piece, verdict):
    """Tell whether all functions of a combination curve to the side of the verdict."""
    sides = {_side(c, f, k) for f, k in piece.items()} - {0}
    return sides <= {1} if verdict == CONVEX else sides == {-1}


def _side(c, f, k):
    own = KINDS[f.kind].curvature(None if f.extra is None else number(c.ops, f.extra))
    sign = c.n.direction(k)
    return None if own is None or (own and sign is None) else own and own * sign
