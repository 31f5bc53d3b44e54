"""Functions of a whole array, whatever way they are spelt, as a list of known ones of known maps."""

from dataclasses import dataclass, field
from typing import Any

from symbolic_pymc.meta import Term
from symbolic_pymc.proximal.combinations import ONE, SQUARE, X, Combinations, Unknown
from symbolic_pymc.proximal.conditions import support_of
from symbolic_pymc.proximal.inner import Inner, differences, inner_of, spectrum, tried
from symbolic_pymc.proximal.leaves import bare, leaf_of, root_of_square, squared_lengths
from symbolic_pymc.proximal.pieces import piecewise
from symbolic_pymc.proximal.summands import dependents, summands
from symbolic_pymc.relations.affine import is_what_it_is_taken_for
from symbolic_pymc.relations.goals import without_unit_axes
from symbolic_pymc.walk import graph_parts, substitute


@dataclass(frozen=True)
class Core:
    """A function of a map of the argument, all elements of which it takes together.

    Parameters
    ----------
    kind : str
        A key of `symbolic_pymc.proximal.blocks.BLOCKS`.
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


class Reading:
    """Reads the sum of all elements of a term as functions of one argument.

    What is computed element by element is collected in `separable`, linear functions in `tilts`, the others in
    `cores`, and functions of lengths or of values of maps in `functions`: by the term of these, of which several may
    say something.
    """

    def __init__(self, ops, argument):
        self.ops, self.x, self.c = ops, argument, Combinations(ops)
        self.n = self.c.n
        self.separable, self.tilts, self.cores, self.functions = [], [], [], {}

    def read(self, term):
        """Take in all summands of a term."""
        for factor, expr in _unshifted(self.ops, [(s.factor, s.expr) for s in summands(self.ops, term, (self.x,))]):
            self.take(factor, expr)

    def take(self, factor, expr):
        """Take in the sum of all elements of ``factor * expr``."""
        depends = dependents(self.ops, expr, (self.x,))
        support = support_of(self.ops, expr, depends)
        if support:
            for kind, a, b in support[1]:
                self.restrict(kind, a, b)
            for s in summands(self.ops, support[0], (self.x,)):
                self.take(self.n.mul(factor, s.factor), s.expr)
            return
        if self.ops.kind_of(expr) == "true_div" and _of_quotient(self, factor, *expr.rands):
            return
        whole = bare(self.ops, expr)
        if whole is not expr and self.ops.ndim(factor) == 0:
            return self.take_all(factor, whole)
        self.by_elements(expr if self.n.is_zero(self.n.sub(factor, self.n.one)) else self.ops.mul(factor, expr))

    def take_all(self, factor, expr):
        for s in summands(self.ops, expr, (self.x,)):
            self.take(self.n.mul(factor, s.factor), s.expr)

    def by_elements(self, term):
        """Take in a function, element by element, of one expression."""
        leaf = leaf_of(self.ops, term, self.x)
        if leaf is self.x:
            self.separable.append(term)
            return
        inside = without_unit_axes(leaf) if self.ops.ndim(leaf) else bare(self.ops, leaf)
        smaller = substitute(term, {leaf: inside})
        if self.ops.ndim(inside) < self.ops.ndim(leaf) and self.ops.ndim(smaller) == self.ops.ndim(inside):
            term, leaf = smaller, inside
        for rule in LEAVES.get(self.ops.kind_of(inside), ()):
            if rule(self, term, leaf, inside):
                return
        if not _of_differences(self, term, leaf):
            _of_map(self, term, leaf)

    def add(self, y, kind, inner, axes, term):
        """Note that a term is a function of `y`: of the elements of a map, or of the lengths of its blocks."""
        self.functions.setdefault(y, (kind, inner, axes, []))[3].append(term)

    def slope_in(self, term, leaf, kind=X):
        """Return `k` where a term is ``k`` times a function of a leaf, and a constant; else None."""
        try:
            function = piecewise(self.ops, term, leaf)
        except Unknown:
            return None
        pieces = [p for p in function.pieces if p is not None]
        own = {f: k for f, k in pieces[-1].items() if f != ONE}
        if len(own) != 1 or (kind in (X, SQUARE) and len(function.pieces) > 1):
            return None
        ((f, k),) = own.items()
        return k if (f == kind or f.kind == kind) and f.centre is None else None

    def restrict(self, kind, a, b):
        """Take in the condition that ``a <= b``, or another."""
        if kind == "ge":
            kind, a, b = "le", b, a
        if not RESTRICTIONS[kind](self, a, b):
            raise Unknown("a condition that describes no known set")

    def depends(self, x):
        return x is self.x or x in dependents(self.ops, x, (self.x,))


def _unshifted(ops, pairs):
    """Return sums of exponentials whose logarithm was moved to avoid overflow, and back, without the moves."""
    shifts = {}
    for factor, expr in pairs:
        for part in graph_parts(expr):
            if ops.kind_of(part) == "exp" and ops.kind_of(part.rands[0]) == "sub":
                shifts[bare(ops, part.rands[0].rands[1])] = part
    moves = [bare(ops, expr) for _, expr in pairs]
    known = {part: ops.exp(part.rands[0].rands[0]) for shift, part in shifts.items() if shift in moves}
    kept = [(f, e) for f, e in pairs if bare(ops, e) not in shifts]
    return [(factor, substitute(expr, known)) for factor, expr in kept]


# Leaves ------------------------------------------------------------------------------------------------------------


def _of_length(r, term, leaf, inside):
    r"""A function of :math:`\lVert e \rVert`, where the leaf is the square of that."""
    found = squared_lengths(r.ops, inside)
    if found is None:
        return False
    e, axes = found
    distance = _distance(r, term, leaf, e, axes)
    if distance is not None:
        r.cores.append(distance)
        return True
    y = r.ops.lengths(e, axes)
    function = substitute(term, {leaf: r.ops.sqr(y)})
    if r.ops.ndim(y) != r.ops.ndim(function):
        return False
    r.add(y, "radial", inner_of(r.ops, e, r.x), axes, function)
    return True


def _distance(r, term, leaf, e, axes):
    r"""The distance to a box: the length of :math:`e = r (x - P x)`."""
    try:
        function = piecewise(r.ops, e, r.x)
    except Unknown:
        return None
    knots, outer, n = function.knots, [p for p in function.pieces if p], r.n
    ends = [(None, *knots), (*knots, None)] if len(knots) == 1 else [knots] if len(knots) == 2 else []
    for low, high in ends:
        inside = function.pieces[0 if low is None else 1]
        beyond = [p for p in (low is not None and function.pieces[0], high is not None and function.pieces[-1]) if p]
        if inside == {} and len(beyond) == len(outer) and all(_starts_at(r, p, outer, low, high) for p in beyond):
            y = r.ops.lengths(e, axes)
            weight = r.slope_in_length(term, leaf, y)
            if weight is not None:
                size = r.ops.abs(outer[0][X])
                bounds = {k: v for k, v in (("lower", low), ("upper", high)) if v is not None}
                return Core("distance", Inner("all", r.x), axes, n.mul(weight, size), parameters=bounds)
    return None


def _starts_at(r, piece, outer, low, high):
    """Tell whether a piece is ``r (x - bound)``, with one slope for all of them."""
    if set(piece) - {X, ONE} or X not in piece or not r.n.same(piece[X], outer[0][X]) or r.ops.ndim(piece[X]):
        return False
    bound = r.n.div(r.n.neg(piece.get(ONE, r.n.zero)), piece[X])
    return any(b is not None and r.n.is_zero(r.n.sub(bound, b)) for b in (low, high))


def _slope_in_length(r, term, leaf, y):
    """Return `k` where a term is `k` times the root of a leaf, else None."""
    function = piecewise(r.ops, substitute(term, {leaf: r.ops.sqr(y)}), y)
    piece = function.pieces[-1] or {}
    return piece[X] if set(piece) <= {X, ONE} and X in piece and len(function.pieces) == 2 else None


Reading.slope_in_length = _slope_in_length


def _of_exponentials(r, term, leaf, inside):
    r""":math:`\log \sum_i e^{e_i}`"""
    exponential = bare(r.ops, inside.rands[0])
    if r.ops.kind_of(exponential) != "exp":
        return False
    weight = r.slope_in(term, leaf, "log")
    if weight is None or r.ops.ndim(leaf) != r.ops.ndim(inside):
        return False
    e, axes = exponential.rands[0], r.ops.axes_of(inside)
    r.cores.append(Core("log-sum-exp", inner_of(r.ops, e, r.x), axes, weight))
    return True


def _of_log_sum_exp(r, term, leaf, inside):
    """The same as one operator."""
    weight = r.slope_in(term, leaf)
    if weight is None or r.ops.ndim(leaf) != r.ops.ndim(inside):
        return False
    inner = inner_of(r.ops, inside.rands[0], r.x)
    r.cores.append(Core("log-sum-exp", inner, r.ops.axes_of(inside), weight))
    return True


def _of_largest(r, term, leaf, inside):
    """The largest element, or the largest size."""
    weight = r.slope_in(term, leaf)
    if weight is None or inside.info.index != 0 or r.ops.ndim(leaf) != r.ops.ndim(inside):
        return False
    e, axes = inside.rands[0], r.ops.axes_of(inside)
    sizes = r.ops.kind_of(e) == "abs" or spectrum(r.ops, e, r.x) == "singular"
    inner = inner_of(r.ops, e.rands[0] if r.ops.kind_of(e) == "abs" else e, r.x)
    r.cores.append(Core("largest size" if sizes else "largest", inner, axes, weight))
    return True


def _of_order(r, term, leaf, inside):
    """A sum of order statistics."""
    ops, node = r.ops, leaf
    while isinstance(node, Term) and ops.kind_of(node) == "structural":
        node = node.rands[0]
    weight = r.slope_in(term, leaf) if ops.kind_of(node) == "sort" else None
    if weight is None or ops.ndim(node) != 1:
        return False
    e = node.rands[0]
    places = substitute(leaf, {node: ops.row_numbers(e)})
    weights = ops.collect(ops.like(weight, leaf), places, e)
    sizes = ops.kind_of(e) == "abs"
    values = [value for _, value in tried(ops, weights, r.x) or _at_once(ops, weights)]
    if not values or any((v[1:] < v[:-1]).any() or (sizes and (v < 0).any()) for v in values):
        raise Unknown("the weights of the order statistics are not known to ascend")
    inner = inner_of(ops, e.rands[0] if sizes else e, r.x)
    r.cores.append(Core("ordered sizes" if sizes else "ordered", inner, (0,), weights))
    return True


def _at_once(ops, weights):
    value = ops.value_of(weights)
    return [] if value is None else [(None, value)]


def _of_spectrum(r, term, leaf, inside):
    r"""A function of the singular values, or of the eigenvalues."""
    kind = spectrum(r.ops, inside, r.x)
    if kind is None or inside is not leaf:
        return False
    y = _values(r, kind)
    r.add(y, "pieces", Inner(kind, y), (), substitute(term, {leaf: r.ops.abs(y) if kind == "singular" else y}))
    return True


def _values(r, kind):
    return r.ops.singular_values(r.x) if kind == "singular" else r.ops.eigenvalues(r.x)


def _of_determinant(r, term, leaf, inside):
    r""":math:`\log \det X = \sum_i \log \lambda_i`, and the same of a triangular factor, whose diagonal has their roots."""
    ops, whole = r.ops, inside.rands[0]
    half = ops.kind_of(inside) == "diagonal"
    if half and ops.kind_of(whole) != "cholesky":
        return False
    weight = r.slope_in(term, leaf, "log")
    if (whole.rands[0] if half else whole) is not r.x or weight is None or ops.ndim(weight):
        return False
    y = _values(r, "eigen")
    r.add(y, "pieces", Inner("eigen", y), (), ops.mul(r.n.mul(weight, r.n(0.5 if half else 1.0)), ops.log(y)))
    return True


def _of_trace(r, term, leaf, inside):
    r""":math:`\operatorname{tr}(A X)`"""
    ops, product = r.ops, inside.rands[0]
    weight = r.slope_in(term, leaf)
    if weight is None or ops.kind_of(product) not in ("dot", "matmul") or ops.ndim(weight):
        return False
    left, right = product.rands
    other = right if left is r.x else left if right is r.x else None
    if other is None or r.depends(other):
        return False
    r.tilts.append(ops.mul(weight, ops.transpose(other)))
    return True


def _of_whitened(r, term, leaf, inside):
    r""":math:`\lVert L^{-1} C \rVert^2 = \operatorname{tr}\bigl((L L^\top)^{-1} X\bigr)`, where :math:`X = C C^\top`"""
    ops, (matrix, factor) = r.ops, inside.rands
    weight = r.slope_in(term, leaf, SQUARE)
    if ops.kind_of(factor) != "cholesky" or factor.rands[0] is not r.x or weight is None or ops.ndim(weight):
        return False
    if r.depends(matrix) or not is_what_it_is_taken_for(ops, inside.rator.op, matrix):
        return False
    r.tilts.append(ops.mul(weight, ops.inverse(ops.dot(matrix, ops.transpose(matrix)))))
    return True


def _of_product(r, term, leaf, inside):
    r""":math:`(A x + a)^\top (B x + b)`"""
    weight, ops, n = r.slope_in(term, leaf), r.ops, r.n
    if weight is None or not all(ops.pattern(leaf)) or not all(map(r.depends, inside.rands)):
        return False
    (A, a), (B, b) = (_matrix(r, e) for e in inside.rands)
    if A is None and B is None:
        return False
    half = B if A is None else A if B is None else ops.dot(ops.transpose(A), B)
    matrix = ops.mul(weight, ops.add(half, ops.transpose(half)))
    for M, o in ((B, a), (A, b)):
        if o is not None:
            r.tilts.append(ops.mul(weight, o if M is None else ops.combined(M, o, r.x)))
    r.cores.append(Core("quadratic", Inner("all", r.x), parameters={"matrix": matrix, "is_square": False}))
    return True


def _matrix(r, e):
    """Return the matrix, None for the identity, and the offset of an affine expression."""
    inner = inner_of(r.ops, bare(r.ops, e), r.x)
    if inner.kind not in ("all", "map", "affine") or (inner.kind == "all" and inner.factor is not None):
        raise Unknown("a quadratic form of some of its elements")
    return inner.places, inner.offset


def _of_differences(r, term, leaf):
    """A multiple of the sizes of differences of neighbours, or the condition that they are not negative."""
    found = differences(r.ops, leaf, r.x)
    if found is None:
        return False
    axis, sign = found
    function = piecewise(r.ops, term, leaf)
    if len(function.knots) != 1 or not r.n.is_zero(function.knots[0]) or function.points[0] is not None:
        return False
    below, above = function.pieces
    inner = Inner("all", r.x)
    if None in (below, above):
        growing = (below is None) == (sign > 0)
        if set(below or above or ()) - {ONE}:
            raise Unknown("a function of growing differences")
        turned = Inner("all", r.ops.neg(r.x), r.n(-1.0))
        r.cores.append(Core("monotone", inner if growing else turned, (axis,)))
        return True
    if set(below) != {X} or set(above) != {X} or not r.n.is_zero(r.n.add(below[X], above[X])):
        return False
    r.cores.append(Core("fused", inner, (axis,), above[X]))
    return True


def _of_map(r, term, leaf):
    """A function of the elements of an affine map: linear, quadratic, or any one of a map with orthogonal rows."""
    inner = inner_of(r.ops, leaf, r.x)
    if inner.kind in ("map", "affine"):
        function = piecewise(r.ops, term, leaf)
        piece = function.pieces[0]
        if len(function.pieces) == 1 and set(piece) <= {ONE, X}:
            slope = r.ops.like(piece.get(X, r.n.zero), leaf)
            r.tilts.append(r.ops.combined(inner.places, slope, r.x))
            return
        if len(function.pieces) == 1 and set(piece) <= {ONE, X, SQUARE}:
            _quadratic(r, inner, piece, leaf)
            return
    if inner.kind == "some" and (slope := r.slope_in(term, leaf)) is not None:
        zeros = r.ops.mul(r.ops.constant(0.0), r.x)
        scale = r.n.one if inner.factor is None else inner.factor
        r.tilts.append(r.ops.put(zeros, r.ops.constant(inner.places), r.ops.like(r.n.mul(slope, scale), leaf)))
        return
    if inner.kind == "affine":
        raise Unknown("a function of a linear map whose rows are not orthogonal; split it from the map")
    r.add(leaf, "pieces", inner, (), term)


def _quadratic(r, inner, piece, leaf):
    r""":math:`\sum_i q_i e_i^2 + a_i e_i` of :math:`e = A x + b`."""
    ops, n = r.ops, r.n
    twice = n.mul(n(2.0), piece[SQUARE])
    matrix = ops.dot(ops.transpose(inner.places), ops.scale_rows(inner.places, twice, leaf))
    slope = [piece[X]] if X in piece else []
    slope += [] if inner.offset is None else [ops.mul(twice, inner.offset)]
    r.tilts += [ops.combined(inner.places, ops.like(s, leaf), r.x) for s in slope]
    is_square = n.direction(twice) in (0, 1)
    r.cores.append(Core("quadratic", Inner("all", r.x), parameters={"matrix": matrix, "is_square": is_square}))


LEAVES = {
    "sum": [_of_length, _of_exponentials],
    "dot": [_of_length, _of_product],
    "matmul": [_of_length, _of_product],
    "log_sum_exp": [_of_log_sum_exp],
    "largest": [_of_largest],
    "sort": [_of_order],
    "structural": [_of_order],
    "svd": [_of_spectrum],
    "eigh": [_of_spectrum],
    "determinant": [_of_determinant],
    "diagonal": [_of_determinant, _of_trace],
    "solve": [_of_whitened],
}

# Conditions ------------------------------------------------------------------------------------------------------------


def _at_most(r, a, b):
    for rule in (_l1_ball, _cone, _largest_at_most):
        if rule(r, a, b):
            return True
    ops = r.ops
    if squared_lengths(ops, bare(ops, a)) and not r.depends(b):
        a, b = ops.sqrt(a), ops.sqrt(b)
    elif r.depends(a) and r.depends(b):
        a, b = ops.sub(a, b), ops.constant(0.0)
    r.by_elements(ops.switch(ops.le(a, b), ops.constant(0.0), ops.constant(float("inf"))))
    return True


def _largest_at_most(r, a, b):
    """What is larger than all elements is larger than each of them."""
    whole = bare(r.ops, a)
    if r.ops.kind_of(whole) != "largest" or whole.info.index != 0 or r.ops.ndim(whole) or r.depends(b):
        return False
    return _at_most(r, whole.rands[0], b)


def _l1_ball(r, a, b):
    whole = bare(r.ops, a)
    if r.ops.kind_of(whole) != "sum" or r.depends(b) or r.ops.kind_of(whole.rands[0]) != "abs":
        return False
    inner = inner_of(r.ops, whole.rands[0].rands[0], r.x)
    r.cores.append(Core("l1 ball", inner, r.ops.axes_of(whole), parameters={"radius": b}))
    return True


def _cone(r, a, b):
    r""":math:`\lVert x_{-i} \rVert \le x_i` with `i` the first or the last element."""
    if r.ops.kind_of(a) not in ("sqrt", "pow") or not (r.depends(a) and r.depends(b)):
        return False
    found = squared_lengths(r.ops, bare(r.ops, a.rands[0]))
    place = found and _apart(r, found[0], b)
    if place is None:
        return False
    r.cores.append(Core("cone", Inner("all", r.x), (0,), parameters={"place": place}))
    return True


def _apart(r, others, element):
    """Return 0 or -1 where one term is the first or the last element, and another all others, up to signs."""
    pairs = [tried(r.ops, part, r.x) for part in (others, element)]
    if r.ops.ndim(r.x) != 1 or None in pairs:
        return None
    for place, rest in ((0, slice(1, None)), (-1, slice(None, -1))):
        fits = all((x[rest].shape == v.shape and (abs(x[rest]) == abs(v)).all()) for x, v in pairs[0])
        if fits and all(v.size == 1 and v.ravel()[0] == x[place] for x, v in pairs[1]):
            return place
    return None


def _of_quotient(r, factor, over, under):
    r""":math:`g \lVert y \rVert^2 / \xi` of the vector :math:`(\xi, y)`."""
    if not (r.depends(over) and r.depends(under)) or r.ops.ndim(factor):
        return False
    parts = summands(r.ops, over, (r.x,))
    others = root_of_square(r.ops, parts[0].expr) if len(parts) == 1 and r.ops.ndim(over) == 0 else None
    if others is None or _apart(r, others, under) != 0:
        return False
    r.cores.append(Core("perspective", Inner("all", r.x), (0,), r.n.mul(factor, parts[0].factor)))
    return True


def _equal(r, a, b):
    ops = r.ops
    if ops.kind_of(b) in ("structural", "transpose") and b.rands[0] is a:
        return True  # symmetric matrices
    difference = ops.sub(a, b) if r.depends(a) else ops.sub(b, a)
    inner = inner_of(ops, difference, r.x)
    if inner.kind not in ("map", "affine"):
        return False
    parameters = {"matrix": inner.places, "residual": ops.column(difference, difference), "offset": inner.offset}
    r.cores.append(Core("affine set", Inner("all", r.x), parameters=parameters))
    return True


def _definite(r, a, b):
    if a is not r.x:
        return False
    y, ops = _values(r, "eigen"), r.ops
    term = ops.switch(ops.ge(y, ops.constant(0.0)), ops.constant(0.0), ops.constant(float("inf")))
    r.add(y, "pieces", Inner("eigen", y), (), term)
    return True


RESTRICTIONS = {"le": _at_most, "eq": _equal, "definite": _definite}
