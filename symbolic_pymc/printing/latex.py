"""The notation of LaTeX, as KaTeX and MathJax render it."""

import re

from symbolic_pymc.printing.notation import (
    ATOM,
    LOOSE,
    OPERATORS,
    POWER,
    PREFIXES,
    SETS,
    SUPERSCRIPTS,
    Notation,
    Piece,
)

_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi "
    "chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
GREEK = {**{name: rf"\{name}" for name in _GREEK.split()}, "lam": r"\lambda", "eps": r"\epsilon"}
_LATEX_FUNCTIONS = "exp log sin cos tan sinh cosh tanh arcsin arccos arctan"
LATEX_CALLS = {
    **{f: rf"\{f}\left({{0}}\right)" for f in _LATEX_FUNCTIONS.split()},
    "abs": r"\left|{0}\right|",
    "sqrt": r"\sqrt{{{0}}}",
    "floor": r"\left\lfloor {0}\right\rfloor",
    "ceil": r"\left\lceil {0}\right\rceil",
    "det": r"\det\left({0}\right)",
    "gamma": r"\Gamma\left({0}\right)",
    "log2": r"\log_{{2}}\left({0}\right)",
    "log10": r"\log_{{10}}\left({0}\right)",
    "maximum": r"\max\left({0}\right)",
    "minimum": r"\min\left({0}\right)",
    "sigmoid": r"\operatorname{{logit}}^{{-1}}\left({0}\right)",
    "psi": r"\psi\left({0}\right)",
    "conj": r"\overline{{{0}}}",
}
LATEX_OVER = {
    "sum": r"\sum",
    "prod": r"\prod",
    "max": r"\max",
    "min": r"\min",
    "any": r"\bigvee",
    "all": r"\bigwedge",
}
LATEX_NUMBERS = {
    "...": r" \ldots ",
    "True": r"\mathrm{True}",
    "False": r"\mathrm{False}",
    "nan": r"\mathrm{nan}",
    "inf": r"\infty ",
    " ": r"\; ",
}
_SPECIAL = {"\\": r"\backslash ", "^": r"{\wedge}", "~": r"{\sim}", " ": r"\ "}
_SPECIAL.update((c, "\\" + c) for c in "_#$%&{}")


def escape(text):
    """Write a word of any characters in LaTeX mathematics."""
    return "".join(_SPECIAL.get(c, c) for c in text)


class Latex(Notation):
    """LaTeX that KaTeX and MathJax render; parentheses stand only where they are needed."""

    separator, times, colon = r", \quad ", r" \times ", "{:}"

    def wrap(self, text):
        return rf"\left({text}\right)"

    def operation(self, text, level):
        return Piece(text, level)

    def operator(self, symbol):
        return OPERATORS[symbol][3]

    def sign(self, symbol):
        return PREFIXES[symbol]

    def width_of(self, text):
        """Estimate how wide the rendered formula is, in characters."""
        return len(re.sub(r"\\(left|right|math[a-z]+|operatorname|quad|text)|[\\{}_^]", "", text))

    def name(self, name):
        if name.startswith("~"):
            return Piece(rf"\tilde{{{self._subscripted(name[1:])}}}")
        return Piece(self._subscripted(name))

    def _subscripted(self, name):
        """Write what follows an underscore as a subscript; what stands at the ends of a name stays there."""
        body = name.rstrip("'")
        words = [w for w in body.split("_") if w] or [""]
        words[0] = body[: len(body) - len(body.lstrip("_"))] + words[0]
        words[-1] += body[len(body.rstrip("_")) :] if body.strip("_") else ""
        first, *rest = map(self._symbol, words)
        return first + (f"_{{{', '.join(rest)}}}" if rest else "") + name[len(body) :]

    def _symbol(self, word):
        if word in GREEK:
            return GREEK[word]
        if len(word) == 1 and word.isalnum() and word < "\u0400" or word.isdigit():
            return word
        font = "mathit" if all(c < "\u0400" for c in word) else "text"
        return rf"\{font}{{{escape(word)}}}"

    def word(self, text):
        return rf"\mathrm{{{escape(text)}}}"

    def number(self, text):
        text = re.sub(r"(?<=\d)\.(?![\d.])", "", text)
        text = re.sub(r"e([+-]\d+)", lambda power: rf"\mathrm{{e}}{{{int(power[1])}}}", text)
        return re.sub(r"\.\.\.|[A-Za-z]{3,5}\b| ", lambda word: LATEX_NUMBERS.get(word[0], word[0]), text)

    def distribution(self, names, params):
        """Write a distribution that is called ``names[1]``."""
        return Piece(rf"{names[1]}\left({self.arguments(params)}\right)")

    def product(self, *factors):
        """Write an elementwise product: a dot where all but one of the factors are scalars."""
        return self.infix("*" if sum(f.ndim != 0 for f in factors) > 1 else ".", *factors)

    def power(self, base, exponent):
        return Piece(f"{{{self.embed(base, ATOM)}}}^{{{exponent.alone}}}", POWER)

    def quotient(self, a, b):
        return Piece(rf"\frac{{{a.alone}}}{{{b.alone}}}", POWER)

    def superscript(self, mark, x):
        return Piece(f"{{{self.embed(x, ATOM)}}}^{{{SUPERSCRIPTS[mark][1]}}}", POWER)

    def call(self, name, *args):
        template = LATEX_CALLS.get(name, rf"\operatorname{{{{{escape(name)}}}}}\left({{0}}\right)")
        return Piece(template.format(self.arguments(args)))

    def over(self, name, axes, *args):
        """Write a function along axes; None for all of them."""
        head = LATEX_OVER.get(name, rf"\operatorname{{{escape(name)}}}")
        along = "" if axes is None else rf"_{{\text{{axis }} {', '.join(map(str, axes))}}}"
        return Piece(rf"{head}{along}\left({self.arguments(args)}\right)")

    def index(self, x, items):
        return Piece(f"{self.embed(x, ATOM)}[{self.listed(items)}]")

    def stack(self, items):
        return Piece(rf"\left[{self.listed(items)}\right]")

    def cases(self, condition, a, b):
        rows = rf"{a.alone} & \text{{if }} {condition.alone} \\ {b.alone} & \text{{otherwise}}"
        return Piece(rf"\begin{{cases}} {rows} \end{{cases}}", LOOSE)

    def space(self, kind, sizes):
        return SETS[kind][1] + (f"^{{{self.times.join(sizes)}}}" if sizes else "")

    def size(self, name, axis):
        return f"N^{{{name}}}_{{{axis}}}"

    def member(self, name, space):
        return rf"{name} \in {space}"

    def draw(self, name, distribution):
        return rf"{name} \sim {distribution.text}"

    def equation(self, name, x):
        return f"{name} = {x.alone}"

    def term(self, x):
        """Write that `x` is a term of the log density."""
        return rf"\log p \mathrel{{+}}= {x.alone}"

    def document(self, lines):
        body = " \\\\\n".join(lines)
        return f"\\begin{{equation}}\n\\begin{{gathered}}\n{body}\n\\end{{gathered}}\n\\end{{equation}}"


LATEX = Latex()
