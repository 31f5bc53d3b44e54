"""Functions of a whole array, whatever way they are spelt, as a list of known ones of known maps."""

from symbolic_pymc.proximal.combinations import ONE, SQUARE, Combinations, Unknown, X
from symbolic_pymc.proximal.conditions import support_of
from symbolic_pymc.proximal.leaves import bare, leaf_of
from symbolic_pymc.proximal.lengthrules import LENGTH_RULES
from symbolic_pymc.proximal.maprules import PRODUCT_RULES, of_differences, of_map
from symbolic_pymc.proximal.pieces import piecewise
from symbolic_pymc.proximal.restrictions import RESTRICTIONS, of_quotient
from symbolic_pymc.proximal.spectrumrules import SPECTRUM_RULES
from symbolic_pymc.proximal.summands import dependents, summands
from symbolic_pymc.relations.goals import without_unit_axes
from symbolic_pymc.parts import substitute

RULES = (LENGTH_RULES, PRODUCT_RULES, SPECTRUM_RULES)


class Reading:
    """Reads the sum of all elements of a term as functions of one argument.

    What is computed element by element is collected in `separable`, linear functions in `tilts`, the others in
    `cores`, and functions of lengths or of values of maps in `functions`, by the term of these.
    """

    def __init__(self, ops, argument):
        self.ops, self.x, self.c = ops, argument, Combinations(ops)
        self.n = self.c.n
        self.separable, self.tilts, self.cores, self.functions = [], [], [], {}

    def read(self, term):
        """Take in all summands of a term."""
        self.take_all(self.n.one, term)

    def take(self, factor, expr):
        """Take in the sum of all elements of ``factor * expr``."""
        depends = dependents(self.ops, expr, (self.x,))
        support = support_of(self.ops, expr, depends, self.x)
        if support:
            inner, conditions, infinity = support
            if infinity is not None and self.n.sign(factor) != infinity:
                raise Unknown("a density that is infinite outside of its support")
            for condition in conditions:
                self.restrict(*condition)
            return self.take_all(factor, inner)
        if self.ops.kind_of(expr) == "true_div" and of_quotient(self, factor, *expr.rands):
            return
        whole = bare(self.ops, expr)
        if whole is not expr and self.ops.ndim(factor) == 0:
            return self.take_all(factor, whole)
        is_one = self.n.is_zero(self.n.sub(factor, self.n.one))
        self.by_elements(expr if is_one else self.ops.mul(factor, expr))

    def take_all(self, factor, expr):
        """Take in all summands of a term, times a factor."""
        pairs = [(self.n.mul(factor, s.factor), s.expr) for s in summands(self.ops, expr, (self.x,))]
        for own, part in _unshifted(self.ops, self.n, pairs):
            self.take(own, part)

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
        for table in RULES:
            for rule in table.get(self.ops.kind_of(inside), ()):
                if rule(self, term, leaf, inside):
                    return
        if not of_differences(self, term, leaf):
            of_map(self, term, leaf)

    def add(self, y, core, term):
        """Note that a term is a function of `y`: of the elements of the map of a core, or of lengths."""
        self.functions.setdefault(y, (core, []))[1].append(term)

    def slope_in(self, term, leaf, kind=X):
        """Return `k` where a term is ``k`` times a function of a leaf, and a constant; else None.

        Parameters
        ----------
        kind : Function or str
            Of the leaf itself: `X`, `SQUARE`, or "log", which may be that of its size.
        """
        try:
            function = piecewise(self.ops, term, leaf)
        except Unknown:
            return None
        pieces = [{f: k for f, k in p.items() if f != ONE} for p in function.pieces if p is not None]
        fits = len(function.pieces) == 1 if kind in (X, SQUARE) else all(map(self.n.is_zero, function.knots))
        if not fits or any(len(p) != 1 for p in pieces):
            return None
        found = [(f, k) for p in pieces for f, k in p.items()]
        own = all((f == kind or f.kind == kind) and f.centre is None for f, _ in found)
        alike = own and all(self.n.same(k, found[0][1]) for _, k in found)
        return found[0][1] if alike else None

    def slope_in_length(self, term, leaf, y):
        """Return `k` where a term is `k` times the root of a leaf, and a constant; else None."""
        function = piecewise(self.ops, substitute(term, {leaf: self.ops.sqr(y)}), y)
        above = function.pieces[-1] or {}
        return above.get(X) if set(above) <= {X, ONE} and len(function.pieces) == 2 else None

    def restrict(self, kind, a, b):
        """Take in the condition that ``a <= b``, or another."""
        if kind == "ge":
            kind, a, b = "le", b, a
        if not RESTRICTIONS[kind](self, a, b):
            raise Unknown("a condition that describes no known set")

    def depends(self, x):
        return x is self.x or x in dependents(self.ops, x, (self.x,))


def _unshifted(ops, n, pairs):
    r"""Return logarithms of sums of exponentials without what was taken from the exponents, and added again.

    .. math::

        k \log \sum_i e^{x_i - m} + k\, m = k \log \sum_i e^{x_i}
    """
    result = list(pairs)
    for factor, expr in pairs:
        part = _shifted_exponential(ops, expr)
        moved = part and bare(ops, part.rands[0].rands[1])
        backs = [p for p in result if moved is not None and bare(ops, p[1]) is moved and n.same(p[0], factor)]
        back = next(iter(backs), None)
        if back is not None:
            whole = substitute(expr, {part: ops.exp(part.rands[0].rands[0])})
            result = [(f, whole if e is expr else e) for f, e in result if (f, e) != back]
    return result


def _shifted_exponential(ops, expr):
    """Return the exponentials of which an expression is the logarithm of the sum, each moved alike, or None."""
    total = bare(ops, bare(ops, expr).rands[0]) if ops.kind_of(bare(ops, expr)) == "log" else None
    part = total.rands[0] if total is not None and ops.kind_of(total) == "sum" else None
    if part is None or ops.kind_of(part) != "exp" or ops.kind_of(part.rands[0]) != "sub":
        return None
    move = part.rands[0].rands[1]
    alike = ops.ndim(move) == ops.ndim(part) and all(ops.pattern(move)[i] for i in ops.axes_of(total))
    return part if alike else None
