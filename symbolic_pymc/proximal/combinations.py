"""Linear combinations of functions of one number: dicts from a `Function` to its coefficient, a term.

Polynomials of the second degree are written in powers of `x` itself, so that equal ones are equal; any other function
keeps its own centre.
"""

import numpy as np

from symbolic_pymc.records import Constant
from symbolic_pymc.proximal.functions import KINDS, Function
from symbolic_pymc.relations.arithmetic import number, same, sign, simplified

ONE, X, SQUARE = Function("one"), Function("linear"), Function("square")
MONOMIALS = (ONE, X, SQUARE)


class Unknown(Exception):
    """Why an expression is no combination of known functions."""


class Outside(Exception):
    """A place is outside of the domain of an expression."""


class Numbers:
    """Arithmetic of coefficients, simplified as it goes."""

    def __init__(self, ops):
        self.ops = ops
        self.zero, self.one = ops.constant(0.0), ops.constant(1.0)

    def __call__(self, value):
        return self.ops.constant(float(value))

    def add(self, a, b):
        return simplified(self.ops, self.ops.add(a, b))

    def sub(self, a, b):
        return simplified(self.ops, self.ops.sub(a, b))

    def mul(self, a, b):
        return simplified(self.ops, self.ops.mul(a, b))

    def div(self, a, b):
        return simplified(self.ops, self.ops.true_div(a, b))

    def neg(self, a):
        return self.mul(self(-1.0), a)

    def is_zero(self, a):
        return number(self.ops, a) == 0.0

    def same(self, a, b):
        return same(self.ops, self.zero if a is None else a, self.zero if b is None else b)

    def sign(self, a):
        """Return 1, 0 or -1 for a term all of whose elements have that sign; None where that is not known."""
        if self.is_zero(a):
            return 0
        known = sign(self.ops, a)
        if known is not None:
            return int(known)
        value = self.ops.value_of(a)
        signs = set() if value is None else _signs(value)
        return signs.pop() if len(signs) == 1 else None

    def direction(self, a):
        """Return 1 for a term that is nowhere negative, -1 for one that is nowhere positive; None if not known."""
        known = self.sign(a)
        value = self.ops.value_of(a) if known is None else None
        if value is None:
            return known
        signs = _signs(value) - {0}
        return signs.pop() if len(signs) == 1 else None


def _signs(value):
    """Return the signs that elements have, None for that of nan."""
    value = np.asarray(value)
    signs = {s for s, compare in ((1, np.greater), (-1, np.less), (0, np.equal)) if np.any(compare(value, 0))}
    return signs | ({None} if np.any(value != value) else set())


def _are_powers(*forms):
    """Tell whether all functions are powers of one argument, or 1."""
    powers = [f for form in forms for f in form if f != ONE]
    return bool(powers) and all(
        (f.kind, f.centre, f.side) == ("power", powers[0].centre, powers[0].side) for f in powers
    )


class Combinations:
    """Arithmetic of combinations."""

    def __init__(self, ops):
        self.ops, self.n = ops, Numbers(ops)

    def constant(self, value):
        return {} if self.n.is_zero(value) else {ONE: value}

    def add(self, *parts):
        total = {}
        for part in parts:
            for function, coefficient in part.items():
                own = self._known(total, function)
                if own in total:
                    coefficient = self.n.add(total.pop(own), coefficient)
                if not self.n.is_zero(coefficient):
                    total[own] = coefficient
        return total

    def _known(self, total, function):
        """Return the key of a function that is the same as this, if there is one."""
        return next((f for f in total if self._same(f, function)), function)

    def _same(self, f, g):
        alike = (f.kind, f.side) == (g.kind, g.side) and self.n.same(f.centre, g.centre)
        return alike and self.n.same(f.extra, g.extra)

    def times(self, factor, part):
        scaled = {f: self.n.mul(factor, c) for f, c in part.items()}
        return {f: c for f, c in scaled.items() if not self.n.is_zero(c)}

    def number(self, part):
        """Return the coefficient of a constant combination, None of any other."""
        return part.get(ONE, self.n.zero) if set(part) <= {ONE} else None

    def affine(self, part):
        """Return the slope and offset of an affine combination, None of any other."""
        return (part.get(X, self.n.zero), part.get(ONE, self.n.zero)) if set(part) <= {ONE, X} else None

    def quadratic(self, part):
        """Return the coefficients of 1, x and x**2, None where there is anything else."""
        return tuple(part.get(f, self.n.zero) for f in MONOMIALS) if set(part) <= set(MONOMIALS) else None

    def product(self, a, b):
        """Return the product of two combinations.

        Raises
        ------
        Unknown
            Where it is none.
        """
        for left, right in ((a, b), (b, a)):
            factor = self.number(left)
            if factor is not None:
                return self.times(factor, right)
        first, second = self.affine(a), self.affine(b)
        if first and second:
            (r, b0), (q, c0) = first, second
            n = self.n
            parts = (
                {SQUARE: n.mul(r, q)},
                {X: n.add(n.mul(r, c0), n.mul(q, b0))},
                self.constant(n.mul(b0, c0)),
            )
            return self.add(*parts)
        for left, right in ((first, b), (second, a)):
            if left and any(f.kind == "log" for f in right):
                return self._entropy(left, right)
        if all(f == ONE or f.kind == "exp" for f in (*a, *b)):
            return self.add(*(self._exponential(f, k, g, q) for f, k in a.items() for g, q in b.items()))
        if _are_powers(a, b):
            return self.add(*(self._product_of_powers(f, k, g, q) for f, k in a.items() for g, q in b.items()))
        for left, right in ((a, b), (b, a)):
            polynomial = self.quadratic(left)
            if polynomial and len(right) == 1 and next(iter(right)).kind == "power":
                return self._raised(polynomial, right)
        raise Unknown("a product of two functions of it")

    def _entropy(self, affine, logs):
        """Return ``(r x + b) * (k log y + ...)``, where `y` is a multiple of the factor."""
        (r, b), total, n = affine, {}, self.n
        for f, k in logs.items():
            if f == ONE:
                total = self.add(total, self.times(k, {X: r, **self.constant(b)}))
                continue
            centre = f.centre or n.zero
            if f.kind != "log" or not n.is_zero(n.add(n.mul(r, centre), b)):
                raise Unknown("a product of two functions of it")
            over = n.mul(n(f.side), r)
            total = self.add(total, {Function("entropy", f.centre, f.side): n.mul(k, over)})
        return total

    def _exponential(self, f, k, g, q):
        """Return the product of two multiples of exponential functions, either of which may be 1."""
        n, rates, factor = self.n, [], self.n.mul(k, q)
        for each in (f, g):
            if each != ONE:
                rates.append(n.mul(n(each.side), each.extra))
                if each.centre is not None:
                    factor = n.mul(factor, self.ops.exp(n.neg(n.mul(rates[-1], each.centre))))
        rate = n.add(*rates) if len(rates) == 2 else rates[0] if rates else n.zero
        side = n.sign(rate)
        if side is None:
            raise Unknown(f"the sign of {rate} is not known, or not the same in all elements")
        return {Function("exp", None, side, n.mul(n(side), rate)): factor} if side else self.constant(factor)

    def _product_of_powers(self, f, k, g, q):
        """Return the product of two multiples of powers of the same argument, either of which may be 1."""
        powers = [each for each in (f, g) if each != ONE]
        exponent = self.n.add(*(each.extra for each in powers)) if len(powers) == 2 else None
        if not powers:
            return self.constant(self.n.mul(k, q))
        return self.power(powers[0], powers[0].extra if exponent is None else exponent, self.n.mul(k, q))

    def _raised(self, polynomial, powers):
        """Return ``(q_0 + q_1 x + q_2 x**2) * k y**p``."""
        n, ((f, k),) = self.n, powers.items()
        centre, side, (offset, slope, square) = f.centre or self.n.zero, self.n(f.side), polynomial
        moved = n.add(offset, n.mul(centre, n.add(slope, n.mul(centre, square))))  # at the centre, in powers of y
        tilt = n.mul(side, n.add(slope, n.mul(n(2.0), n.mul(centre, square))))
        parts = [self.power(f, n.add(f.extra, n(i)), n.mul(k, q)) for i, q in enumerate((moved, tilt, square))]
        return self.add(*parts)

    def power(self, f, p, k):
        """Return ``k y**p``."""
        n, exponent = self.n, number(self.ops, p)
        if n.is_zero(k):
            return {}
        y = {X: n(f.side), **self.constant(n.neg(n.mul(n(f.side), f.centre or n.zero)))}
        if exponent == 0.0:
            return self.constant(k)
        if exponent in (1.0, 2.0):
            return self.times(k, y if exponent == 1.0 else self.product(y, y))
        return {Function("power", f.centre, f.side, p): k}

    def term(self, part, x):
        """Return the graph of a combination at `x`."""
        return self._sum(part, lambda f, kind, y: kind.value(self.ops, y, f.extra), x)

    def slope(self, part, x):
        """Return the graph of its derivative."""
        return self._sum(part, lambda f, kind, y: self._sided(f, kind.slope(self.ops, y, f.extra)), x)

    def bend(self, part, x):
        """Return the graph of its second derivative."""
        return self._sum(part, lambda f, kind, y: kind.bend(self.ops, y, f.extra), x)

    def _sided(self, f, y):
        return self.ops.neg(y) if f.side < 0 else y

    def argument(self, f, x):
        """Return ``side * (x - centre)``."""
        moved = x if f.centre is None or self.n.is_zero(f.centre) else self.ops.sub(x, f.centre)
        return self._sided(f, moved)

    def _sum(self, part, value, x):
        total = None
        for f, c in part.items():
            each = value(f, KINDS[f.kind], self.argument(f, x))
            size = number(self.ops, each) if isinstance(each, Constant) else None
            if size == 0.0:
                continue
            if size == 1.0:
                each = c
            elif number(self.ops, c) != 1.0:
                each = self.ops.mul(c, each)
            total = each if total is None else self.ops.add(total, each)
        return self.n.zero if total is None else total
