"""What several densities say of one unknown, added up."""

from dataclasses import replace

from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.parts import graph_parts, replace_parts, substitute
from symbolic_pymc.proximal.blocks import Block, block
from symbolic_pymc.proximal.combinations import Combinations, Unknown
from symbolic_pymc.proximal.piecevalues import value_of_pieces
from symbolic_pymc.proximal.pieces import Piecewise, piecewise
from symbolic_pymc.proximal.together import summed
from symbolic_pymc.records import Term
from symbolic_pymc.vocabulary import is_unit_axis_shuffle


def sum_of_parts(adapter, parts, x, shape_of):
    """Return the sum of the functions of an unknown, and the parts that are in it: one alone, if it is not known.

    ``shape_of()`` returns the shape of the unknown.
    """
    ops = adapter.ops
    if len(parts) == 1 and has_its_elements(ops, parts[0]):
        return parts[0].function, parts
    try:
        return piecewise(ops, _by_elements(ops, parts, x), x), parts
    except Unknown:
        pass
    plain = [p for p in parts if has_its_elements(ops, p)]
    try:
        if len(plain) < len(parts):
            raise Unknown("a sum over data")
        total = metatize(sum(base.sum() for base in reify_many([p.term for p in parts])))
        return block(ops, total, x, shape_of()), parts
    except Unknown:
        first = (plain or parts)[0]
        return first.function, [first] if plain else []


def has_its_elements(ops, part):
    """Tell whether a function has no more elements than what it is of, or is one of all of these together."""
    return isinstance(part.function, Block) or ops.ndim(part.term) == ops.ndim(part.argument)


def spread(ops, part):
    """Return a part whose argument has as many elements as the function, if that is one of elements."""
    if not isinstance(part.function, Piecewise) or ops.pattern(part.term) == ops.pattern(part.argument):
        return part
    wide = ops.second(part.term, part.argument)
    return replace(part, argument=wide, term=_widened(ops, part.term, part.argument, wide))


def _widened(ops, term, argument, wide):
    """Return a term with another argument, of more axes: those that were put in front of what is computed from it go."""
    found = {argument: wide}
    for x in graph_parts(term):
        if x not in found and isinstance(x, Term):
            rands = tuple(found.get(r, r) for r in x.rands)
            is_wide = rands != x.rands and is_unit_axis_shuffle(x) and ops.ndim(rands[0]) == ops.ndim(wide)
            found[x] = rands[0] if is_wide else replace_parts(x, rands) if rands != x.rands else x
    return found[term]


def _by_elements(ops, parts, x):
    """Return the sum of terms that have as many elements as an unknown."""
    if any(isinstance(p.function, Block) for p in parts):
        raise Unknown("a function of a whole array")
    terms = [p.term if has_its_elements(ops, p) else _of_one_number(ops, p, x) for p in parts]
    if len({ops.pattern(term) for term in terms}) > 1:
        raise Unknown("functions of which one counts as often as another has elements")
    return summed(ops, terms)


def _of_one_number(ops, part, x):
    r"""Return the sum over data of a function of one number, by its coefficients.

    .. math::

        \sum_i \sum_k c_{ik}\, g_k(x) = \sum_k \Bigl(\sum_i c_{ik}\Bigr) g_k(x)
    """
    function, n = part.function, Combinations(ops).n
    combinations = [piece for piece in function.pieces if piece is not None]
    places = [
        *function.knots,
        *(p for piece in combinations for f in piece for p in (f.centre, f.extra) if p is not None),
    ]
    if ops.ndim(x) or any(map(ops.ndim, places)) or any(point is not None for point in function.points):
        raise Unknown("a sum of functions that are not the same for all data")
    like = _like(ops, part.term, x)

    def total(k):
        return n.add(ops.total(ops.second(like, k)), n.zero)

    pieces = (piece and {f: total(k) for f, k in piece.items()} for piece in function.pieces)
    return value_of_pieces(ops, Piecewise(function.knots, tuple(pieces), function.points), x)


def _like(ops, term, x):
    """Return something known of the shape of a term: its values where `x` is zero, in range or not."""
    checked = {part: part.rands[0] for part in graph_parts(term) if ops.kind_of(part) == "check"}
    return substitute(substitute(term, checked, within=True), {x: ops.constant(0.0)})
