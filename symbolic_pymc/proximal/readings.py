"""What the summands of an objective are: functions of which expressions, smooth or not, convex or not."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from symbolic_pymc.records import Constant, Term
from symbolic_pymc.parts import graph_parts
from symbolic_pymc.proximal.blocks import block
from symbolic_pymc.proximal.combinations import Combinations, Unknown
from symbolic_pymc.proximal.distances import is_clipped_distance
from symbolic_pymc.proximal.curvature import UNKNOWN, is_affine, shapes
from symbolic_pymc.proximal.functions import KINDS
from symbolic_pymc.proximal.intervals import is_convex
from symbolic_pymc.proximal.leaves import leaves_of
from symbolic_pymc.proximal.objective import shapes_of
from symbolic_pymc.proximal.pieces import READ, Piecewise, piecewise
from symbolic_pymc.proximal.shapes import CONVEX, NOT_CONVEX, curvature, curvature_of_sum
from symbolic_pymc.proximal.summands import dependents, summands, valued
from symbolic_pymc.proximal.symbolic import expression_of
from symbolic_pymc.proximal.symmetry import is_symmetric, symmetric_unknowns
from symbolic_pymc.proximal.together import summed
from symbolic_pymc.proximal.trials import LARGE, tried
from symbolic_pymc.relations.affine import NotAffine, Pick, affine
from symbolic_pymc.relations.arithmetic import number, sign


@dataclass(frozen=True)
class Part:
    """A summand of the objective, and what is known of it.

    Parameters
    ----------
    owner : str
        The variable or potential whose density it comes from.
    term : term
        ``factor * expr``, all of whose elements count.
    argument : term or None
        The one affine expression that it is computed from, element by element; None where there is none.
    function : Piecewise, Block or None
        What it is of `argument`.
    curvature : str
        In all unknowns together.
    smooth : bool
    """

    owner: str
    term: Any
    argument: Any
    function: Any
    curvature: str
    smooth: bool


def parts_of(objective):
    """Return the `Part` list of an objective; what one density says of one expression is one part."""
    ops, inputs = objective.adapter.ops, tuple(objective.inputs.values())
    symmetric, shape, found = symmetric_unknowns(objective), partial(shape_of, objective), []
    for owner, term in objective.terms:
        parts = [_part(ops, owner, one, inputs, symmetric, shape) for one in summands(ops, term, inputs)]
        found += _joined(ops, parts)
    return found


def _joined(ops, parts):
    """Return parts with those of one argument added up, where their sum is a function of it that is known.

    Only what has as many elements is: one element beside many would count as often as there are these.
    """
    joined = {}
    for part in parts:
        own = (part.argument, ops.pattern(part.term)) if isinstance(part.function, Piecewise) else id(part)
        joined.setdefault(own, []).append(part)
    return [same[0] if len(same) == 1 else _sum_of(ops, same) for same in joined.values()]


def _sum_of(ops, parts):
    term = summed(ops, [p.term for p in parts])
    return _computed_from(ops, parts[0].owner, term, parts[0].argument)


def _part(ops, owner, summand, inputs, symmetric, shape):
    term = summand.expr if _is_one(ops, summand.factor) else ops.mul(summand.factor, summand.expr)
    known = shapes(ops, term, inputs)
    candidates = list(arguments(ops, summand.expr, inputs, known))
    for argument in candidates:
        try:
            part = _computed_from(ops, owner, term, argument)
        except Unknown:
            continue
        whole = None if part.smooth else _of_elements(ops, owner, term, argument, inputs, shape)
        if whole is not None:
            return whole
        return part if part.curvature != UNKNOWN else replace(part, curvature=_of_one_number(ops, term, inputs))
    is_smooth = _is_smooth(ops, term, inputs)
    for argument in () if is_smooth else candidates:
        whole = _of_elements(ops, owner, term, argument, inputs, shape)
        if whole is not None:
            return whole
    for argument in () if is_smooth else [*candidates, *_alone(term, inputs)]:
        try:
            function = block(ops, term, argument)
        except Unknown:
            continue
        # eigenvalues are read as those of symmetric matrices; of another, the estimate would be no optimum
        if not any(core.inner.kind == "eigen" for core in function.cores) or is_symmetric(ops, argument, symmetric):
            return Part(owner, term, argument, function, function.curvature, False)
    verdict = known[term].curvature
    if verdict == UNKNOWN and any(_is_certified(ops, summand, argument) for argument in candidates):
        verdict = CONVEX
    if verdict == UNKNOWN:
        verdict = _of_one_number(ops, term, inputs)
    return Part(owner, term, None, None, CONVEX if is_affine(known[term]) else verdict, is_smooth)


def shape_of(objective, record):
    """Return the shape of an unknown, or None."""
    names = {x: name for name, x in objective.inputs.items()}
    return shapes_of(objective).get(names[record])


def _alone(term, inputs):
    """Return the one unknown that stands in a term, as a list; an empty one where there are several."""
    own = [x for x in graph_parts(term) if x in inputs]
    return own if len(own) == 1 else []


def _of_elements(ops, owner, term, argument, inputs, shape):
    """Return the part that is a function of an unknown itself, where an argument is some of its elements; else None."""
    own = _alone(term, inputs)
    if argument in inputs or not own or not _is_some(ops, argument, *own):
        return None
    try:
        function = block(ops, term, *own, shape(*own))
    except Unknown:
        return None
    if any(core.inner.kind not in ("all", "some") for core in function.cores):
        return None
    return Part(owner, term, *own, function, function.curvature, False)


def _is_some(ops, argument, x):
    """Tell whether an expression is elements of an array, none of them twice."""
    try:
        link = affine(ops, argument, x).link
    except NotAffine:
        return False
    if not isinstance(link, Pick) or link.positions is None:
        return False
    places = [value for _, value in tried(ops, link.positions, x, LARGE) or ()]
    return bool(places) and all(len(np.unique(p)) == np.size(p) for p in places)


def _of_one_number(ops, term, inputs):
    """Return the curvature of a sum over data that depends on one number alone."""
    own = [x for x in dependents(ops, term, inputs) & set(graph_parts(term)) if x in inputs]
    if len(own) != 1 or ops.ndim(own[0]):
        return UNKNOWN
    try:
        return curvature_of_sum(ops, piecewise(ops, term, own[0]))
    except Unknown:
        return UNKNOWN


def _is_certified(ops, summand, argument):
    """Tell whether SymPy knows a summand to be convex, as a function of an affine expression."""
    try:
        return (
            Combinations(ops).n.direction(summand.factor) == 1
            and is_convex(expression_of(ops, summand.expr, argument)) is True
        )
    except Unknown:
        return False


def _computed_from(ops, owner, term, argument):
    """Return the part that is a piecewise function of an affine expression."""
    function = piecewise(ops, term, argument)
    verdict = curvature(ops, function)
    if verdict == NOT_CONVEX and ops.ndim(argument) and not _has_own_elements(ops, argument):
        verdict = UNKNOWN  # of elements that depend on the same unknowns, one may make up for another
    return Part(owner, term, argument, function, verdict, is_smooth(ops, function))


def _has_own_elements(ops, argument):
    """Tell whether every element of an argument is computed from an element of an input of its own."""
    if not isinstance(argument, Term):
        return True
    inputs = [r for r in argument.rands if not isinstance(r, (Term, Constant))]
    return ops.is_elementwise(argument) and any(not ops.is_stretched(r, argument) for r in inputs)


def _is_one(ops, factor):
    c = Combinations(ops)
    return c.n.is_zero(c.n.sub(factor, c.n.one))


def arguments(ops, expr, inputs, known):
    """Yield the affine expressions of which alone, element by element, an expression may be computed.

    First what is not computed element by element itself, such as a matrix product; then where several of these come together
    in what is affine; then what is all that is affine.
    """

    def joins(x):
        return is_affine(known[x]) and (
            len({r for r in valued(ops, x) if r in known}) != 1 or not _goes_on(ops, x, known)
        )

    for is_leaf in (lambda x: not _goes_on(ops, x, known), joins, lambda x: is_affine(known[x])):
        leaves = leaves_of(ops, expr, inputs, known, is_leaf)
        if len(leaves) == 1 and is_affine(known[leaves[0]]):
            yield leaves[0]


def _goes_on(ops, x, known):
    """Tell whether a part is computed element by element from the parts that depend on the unknowns."""
    stretched = any(ops.is_stretched(r, x) for r in valued(ops, x) if r in known)
    return ops.kind_of(x) in READ and not stretched


def is_smooth(ops, function):
    """Tell whether a piecewise function has a continuous derivative everywhere."""
    c = Combinations(ops)
    if None in function.pieces or any(p is not None for p in function.points):
        return False
    if any(KINDS[f.kind].positive for piece in function.pieces for f in piece):
        return False
    sides = zip(function.knots, function.pieces, function.pieces[1:])
    return all(
        c.n.sign(c.n.sub(what(right, knot), what(left, knot))) == 0
        for knot, left, right in sides
        for what in (c.term, c.slope)
    )


_KINKED = (
    "maximum", "minimum", "clip", "largest", "switch", "floor", "ceil", "sort", "svd", "eigh", "determinant",
)  # fmt: skip
_KINKED_AT_ZERO = ("abs", "sign", "sqrt", "pow")


def _is_smooth(ops, term, inputs):
    """Tell whether nothing in an expression that depends on the unknowns is known for kinks."""
    depends = dependents(ops, term, inputs)
    counted = graph_parts(term, subterms=lambda x: valued(ops, x) if isinstance(x, Term) else ())
    return not any(_is_kinked(ops, x, depends) for x in counted if x in depends and isinstance(x, Term))


def _is_kinked(ops, x, depends):
    kind = ops.kind_of(x)
    if kind == "switch" and x.rands[0] not in depends:
        return False
    if kind == "pow" and _is_whole(number(ops, x.rands[1])) or is_clipped_distance(ops, x):
        return False
    return kind in _KINKED or kind in _KINKED_AT_ZERO and sign(ops, x.rands[0]) is None


def _is_whole(exponent):
    return exponent is not None and exponent > 0 and exponent == int(exponent)
