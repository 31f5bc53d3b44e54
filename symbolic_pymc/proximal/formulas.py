r"""A split objective as LaTeX: :math:`l(\beta) + \phi(\beta)`, and what each of them is."""

from string import ascii_lowercase, ascii_uppercase

import numpy as np

from symbolic_pymc.meta import metatize, peek
from symbolic_pymc.records import Constant
from symbolic_pymc.printing import formula
from symbolic_pymc.printing.latex import LATEX
from symbolic_pymc.parts import graph_parts, substitute

# of y; `e` is the extra number of a function
_KINDS = {
    "one": "1",
    "linear": "{y}",
    "square": "{y}^{{2}}",
    "power": "{y}^{{{e}}}",
    "log": r"\log {y}",
    "log squared": r"\log^{{2}} {y}",
    "entropy": r"{y} \log {y}",
    "exp": r"\mathrm{{e}}^{{{e} {y}}}",
    "softplus": r"\log\left(1 + \mathrm{{e}}^{{{e} {y}}}\right)",
    "sigmoid": r"\operatorname{{logit}}^{{-1}}\left({e} {y}\right)",
    "log of square": r"\log\left({e} + {y}^{{2}}\right)",
    "root": r"\sqrt{{{e} + {y}^{{2}}}}",
    "erfc": r"\operatorname{{erfc}}\left({e} {y}\right)",
    "log erfc": r"\log \operatorname{{erfc}}\left({e} {y}\right)",
    "log bessel": r"\log I_0\left({e} {y}\right)",
    "log gamma": r"\log \Gamma\left({y}\right)",
    "cos": r"\cos\left({e} {y}\right)",
    "log of one minus power": r"\log\left(1 - {y}^{{{e}}}\right)",
    "squared log odds": r"\log^{{2}}\frac{{{y}}}{{{e} - {y}}}",
}


def latex_of(split):
    """Return a `Split` as a LaTeX environment."""
    with split.objective.adapter.build_context():
        return _document(_lines(split))


def _document(lines):
    body = " \\\\\n".join(lines)
    return f"\\begin{{equation}}\n\\begin{{gathered}}\n{body}\n\\end{{gathered}}\n\\end{{equation}}"


def _lines(split):
    symbols = _symbols(split)
    unknowns = ", ".join(LATEX.name(name).text for name in split.objective.inputs)
    summed = [rf"\phi_{{{LATEX.name(name).text}}}({LATEX.name(name).text})" for name in split.penalties]
    smooth = [rf"l({unknowns})"] if split.smooth else []
    composed = [rf"h_{{{i}}}({unknowns})" for i in range(1, len(split.composites) + 1)]
    lines = [rf"\operatorname*{{minimise}}_{{{unknowns}}}\; " + " + ".join([*smooth, *summed, *composed] or ["0"])]
    if smooth:
        terms = " + ".join(_summed(split, p.term, symbols) for p in split.smooth)
        lines.append(rf"{smooth[0]} = {terms}")
    for phi, (name, parts) in zip(summed, split.penalties.items()):
        lines.append(f"{phi} = {_penalty(split, name, parts, symbols)}")
    lines += [f"{h} = {_summed(split, p.term, symbols)}" for h, p in zip(composed, split.composites)]
    return lines


def _symbols(split):
    """Return, for every large constant without a name, an input that has one: that of the data, or a letter."""
    objective = split.objective
    simple = (p for parts in split.penalties.values() for p in parts)
    terms = [p.term for p in (*split.smooth, *simple, *split.composites)]
    parts = [x for term in terms for x in graph_parts(term)]
    taken = {getattr(x, "name", None) for x in parts}
    owners = {data: name for name, data in objective.data.items()}
    letters = {1: iter(ascii_lowercase), 2: iter(ascii_uppercase)}
    found = {}
    for x in parts:
        if isinstance(x, Constant) and x not in found and np.size(peek(x).data) > 4:
            names = letters.setdefault(objective.adapter.ops.ndim(x), iter(ascii_uppercase))
            name = owners.get(x) or next(letter for letter in names if letter not in taken)
            taken.add(name)
            found[x] = peek(x).type(name)
    return found


def _term(term, symbols):
    return formula(substitute(term, {x: metatize(base) for x, base in symbols.items()}))


def _summed(split, term, symbols):
    total = r"\sum " if split.objective.adapter.ops.ndim(term) else ""
    return rf"{total}\left[{_term(term, symbols)}\right]"


def _penalty(split, name, parts, symbols):
    function = split.functions.get(name)
    if not hasattr(function, "pieces"):
        return " + ".join(_summed(split, p.term, symbols) for p in parts)
    ops, x = split.objective.adapter.ops, LATEX.name(name).text
    vector = ops.ndim(split.objective.inputs[name]) > 0
    x = f"{x}_{{i}}" if vector else x
    return (r"\sum_{i} " if vector else "") + Formulas(ops, symbols).of(function, x)


class Formulas:
    """Writes piecewise functions.

    Parameters
    ----------
    ops : Vocabulary
    symbols : dict
        From records of large constants to the inputs that are written for them.
    """

    def __init__(self, ops, symbols):
        self.ops, self.symbols = ops, symbols

    def of(self, function, x):
        """Return LaTeX of a `Piecewise` function of `x`."""
        modulus = self._modulus(function, x)
        if modulus:
            return modulus
        knots = [self.number(k) for k in function.knots]
        pieces = [r"\infty" if p is None else self.combination(p, x) for p in function.pieces]
        if len(pieces) == 1:
            return pieces[0]
        ranges = [f"{x} < {knots[0]}"]
        ranges += [rf"{low} \le {x} < {high}" for low, high in zip(knots, knots[1:])]
        ranges += [rf"{x} \ge {knots[-1]}"]
        return _cases(zip(pieces, ranges))

    def _modulus(self, function, x):
        """Return ``w |x - k|`` for what is that; else None."""
        slopes = [self._only_slope(piece) for piece in function.pieces]
        if len(slopes) != 2 or None in slopes or slopes[0] != -slopes[1] or slopes[1] <= 0:
            return None
        knot = self._value(function.knots[0])
        if knot is None:
            return None
        inner = x if knot == 0 else f"{x} - {_plain(knot)}" if knot > 0 else f"{x} + {_plain(-knot)}"
        return rf"{_plain(slopes[1])} \left|{inner}\right|" if slopes[1] != 1 else rf"\left|{inner}\right|"

    def _only_slope(self, piece):
        if piece is None or not {f.kind for f in piece} <= {"one", "linear"}:
            return None
        slopes = [self._value(c) for f, c in piece.items() if f.kind == "linear" and f.centre is None]
        return slopes[0] if len(slopes) == 1 else None

    def combination(self, piece, x):
        """Return LaTeX of a combination, without what is constant."""
        written = []
        for function, factor in piece.items():
            if function.kind != "one":
                sign, factor = self._signed(factor)
                y = self._argument(function, x)
                written.append((sign, f"{factor} {self._function(function, y)}".strip()))
        first = "".join(f"{sign.removeprefix('+')}{text}" for sign, text in written[:1])
        return first + "".join(f" {sign} {text}" for sign, text in written[1:]) or "0"

    def _signed(self, factor):
        value = self._value(factor)
        if value is None:
            return "+", rf"\left({self.number(factor)}\right)"
        return ("-" if value < 0 else "+"), ("" if abs(value) == 1 else _plain(abs(value)))

    def _argument(self, function, x):
        y = x if function.centre is None else f"{x} - {self.number(function.centre)}"
        if function.side < 0:
            return rf"\left(-{y}\right)" if function.centre is None else rf"\left(-\left({y}\right)\right)"
        return y if function.centre is None else rf"\left({y}\right)"

    def _function(self, function, y):
        extra = None if function.extra is None else self.number(function.extra)
        shape = _KINDS.get(function.kind, rf"\operatorname{{{{{function.kind}}}}}\left({{y}}\right)")
        return shape.format(y=y, e="" if extra == "1" else extra)

    def _value(self, term):
        """Return the one number that all elements of a term are; None where they differ, or are not known."""
        value = self.ops.value_of(term)
        return float(np.ravel(value)[0]) if value is not None and np.size(value) and np.ptp(value) == 0 else None

    def number(self, term):
        """Return a coefficient as LaTeX."""
        value = self._value(term)
        return _plain(value) if value is not None else _term(term, self.symbols)


def _plain(value):
    return LATEX.number(f"{value:.6g}")


def _cases(rows):
    return r"\begin{cases}" + r" \\ ".join(rf"{value} & {where}" for value, where in rows) + r"\end{cases}"


def text_of(split):
    """Return a `Split` in a few lines of text: which densities are smooth, and which have penalties."""
    lines = [f"smooth: {p.owner}, {p.curvature}" for p in split.smooth]
    for name, parts in split.penalties.items():
        lines.append(f"penalty on {name}: {', '.join(dict.fromkeys(p.owner for p in parts))}")
    lines += [f"of a linear map: {p.owner}, {p.curvature}" for p in split.composites]
    return "\n".join([f"Split of an objective that is {split.curvature}", *(f"  {line}" for line in lines)])
