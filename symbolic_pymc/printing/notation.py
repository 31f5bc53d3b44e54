"""How mathematics is spelled: what all notations share, and plain text; LaTeX stands in its own module.

A rule says once what an operator means (``n.infix("+", a, b)``); the notation it is
given says how that looks.
"""

from typing import NamedTuple

import numpy as np

# How tightly the outermost operator of an expression binds; an argument that binds less gets parentheses.
LOOSE, SUM, SIGN, PRODUCT, POWER, ATOM = range(6)


class Piece(NamedTuple):
    """A written expression.

    Parameters
    ----------
    text : str
    level : int
        How tightly its outermost operator binds.
    bare : str or None
        The same without outer parentheses, for where nothing stands beside it.
    ndim : int or None
        Number of dimensions of its value, where that is known.
    """

    text: str
    level: int = ATOM
    bare: str | None = None
    ndim: int | None = None

    @property
    def alone(self):
        """The expression as it stands alone on one side of an equation, or between brackets."""
        return self.text if self.bare is None else self.bare


# symbol: (own level, least level of the first argument, of the others, LaTeX). "*" is the elementwise product,
# "." the product with scalars and "@" the matrix product: text has one sign for them.
OPERATORS = {
    "+": (SUM, SUM, PRODUCT, "+"),
    "-": (SUM, SUM, PRODUCT, "-"),
    "*": (PRODUCT, SIGN, POWER, r"\odot"),
    ".": (PRODUCT, SIGN, POWER, r"\cdot"),
    "@": (PRODUCT, SIGN, POWER, r"\,"),
    "/": (PRODUCT, SIGN, POWER, "/"),
    "//": (PRODUCT, SIGN, POWER, r"\mathbin{/\!/}"),
    "%": (PRODUCT, SIGN, POWER, r"\bmod"),
    "<": (LOOSE, SUM, SUM, "<"),
    ">": (LOOSE, SUM, SUM, ">"),
    "<=": (LOOSE, SUM, SUM, r"\le"),
    ">=": (LOOSE, SUM, SUM, r"\ge"),
    "==": (LOOSE, SUM, SUM, "="),
    "!=": (LOOSE, SUM, SUM, r"\ne"),
    "&": (LOOSE, SUM, SUM, r"\wedge"),
    "|": (LOOSE, SUM, SUM, r"\vee"),
    "^": (LOOSE, SUM, SUM, r"\oplus"),
}
SUPERSCRIPTS = {"T": (".T", r"\top", ATOM), "inverse": ("**-1", "-1", POWER), "pinv": ("**+", "+", POWER)}
PREFIXES = {"-": "-", "~": r"\neg "}
SETS = {
    "f": ("R", r"\mathbb{R}"),
    "c": ("C", r"\mathbb{C}"),
    "i": ("Z", r"\mathbb{Z}"),
    "u": ("N", r"\mathbb{N}"),
    "b": ("{0, 1}", r"\{0, 1\}"),
}


class Notation:
    """What both notations share (abstract)."""

    width = 72

    def embed(self, piece, level):
        """Write a piece where something of `level` or tighter is wanted."""
        return piece.text if piece.level >= level else self.wrap(piece.text)

    def infix(self, symbol, first, *others):
        """Write ``first symbol other ...``."""
        level, of_first, of_others, _ = OPERATORS[symbol]
        written = [self.embed(first, of_first), *(self.embed(x, of_others) for x in others)]
        return self.operation(f" {self.operator(symbol)} ".join(written), level)

    def prefix(self, symbol, x):
        """Write ``symbol x``."""
        return Piece(self.sign(symbol) + self.embed(x, POWER), SIGN)

    def listed(self, pieces):
        """Write expressions between brackets, one after the other."""
        return ", ".join(p.alone for p in pieces)

    def arguments(self, pieces):
        """Write the arguments of a function or a distribution; one alone needs no parentheses of its own."""
        return pieces[0].alone if len(pieces) == 1 else ", ".join(p.text for p in pieces)

    def slice(self, *bounds):
        """Write ``start:stop:step``; an absent bound is None."""
        start, stop, step = ("" if b is None else b.alone for b in bounds)
        return Piece(f"{start}{self.colon}{stop}" + (f"{self.colon}{step}" if step else ""))

    def value(self, x):
        """Write a constant: arrays by their numbers, long ones abbreviated."""
        if isinstance(x, slice):
            return self.slice(*(None if b is None else self.value(b) for b in (x.start, x.stop, x.step)))
        if isinstance(x, (np.ndarray, np.generic, int, float, complex)):
            x = np.asarray(x)
            text = np.array2string(x, threshold=10, edgeitems=2, max_line_width=10**6, precision=6)
            text = " ".join(text.split()).replace("[ ", "[").replace(" ]", "]")
            negative = x.ndim == 0 and text.startswith("-")
            return Piece(self.number(text), SIGN if negative else ATOM, ndim=x.ndim)
        return Piece(self.word(str(x)))


class Text(Notation):
    """Plain text, in which every operation of two arguments has its parentheses."""

    separator, times, colon = ", ", " x ", ":"

    def wrap(self, text):
        return f"({text})"

    def operation(self, text, level):
        return Piece(f"({text})", ATOM, text)

    def operator(self, symbol):
        return "*" if symbol in "@." else symbol

    def sign(self, symbol):
        return symbol

    def width_of(self, text):
        return len(text)

    def name(self, name):
        return Piece(name)

    def word(self, text):
        return text

    def number(self, text):
        return text

    def distribution(self, names, params):
        """Write a distribution that is called ``names[0]``."""
        return Piece(f"{names[0]}({self.arguments(params)})")

    def product(self, *factors):
        """Write an elementwise product."""
        return self.infix("*", *factors)

    def power(self, base, exponent):
        return self.operation(f"{self.embed(base, ATOM)}**{exponent.text}", POWER)

    def quotient(self, a, b):
        return self.infix("/", a, b)

    def superscript(self, mark, x):
        text, _, level = SUPERSCRIPTS[mark]
        return Piece(self.embed(x, ATOM) + text, level)

    def call(self, name, *args):
        return Piece(f"|{args[0].alone}|" if name == "abs" else f"{name}({self.arguments(args)})")

    def over(self, name, axes, *args):
        """Write a function along axes; None for all of them."""
        along = () if axes is None else (Piece(f"axis={axes[0] if len(axes) == 1 else axes}"),)
        return self.call(name, *args, *along)

    def index(self, x, items):
        return Piece(f"{self.embed(x, ATOM)}[{self.listed(items)}]")

    def stack(self, items):
        return Piece(f"[{self.listed(items)}]")

    def cases(self, condition, a, b):
        return Piece(f"{{{a.text} if {condition.alone}, {b.text} otherwise}}")

    def space(self, kind, sizes):
        return SETS[kind][0] + (f"**({self.times.join(sizes)})" if sizes else "")

    def size(self, name, axis):
        return f"N^{name}_{axis}"

    def member(self, name, space):
        return f"{name} in {space}"

    def draw(self, name, distribution):
        return f"{name} ~ {distribution.text}"

    def equation(self, name, x):
        return f"{name} = {x.alone}"

    def term(self, x):
        """Write that `x` is a term of the log density."""
        return f"log p += {x.alone}"

    def document(self, lines):
        return "\n".join(lines)


TEXT = Text()
