"""Search and replace over lists, tuples, source code and tensor graphs, with the same relations and the same walk.

A relation says what equals what, in a vocabulary of `add` and `mul`.  Each language brings its own words.
"""

import ast
from functools import partial
from importlib.util import find_spec
from types import SimpleNamespace

from kanren import conde, eq, lall, run
from unification import var

from symbolic_pymc.pyast import expression
from symbolic_pymc.walk import reduceo, rewrite, walko


def doubleo(ops, x, y):
    """a + a = 2 a"""
    a = var()
    return lall(eq(x, ops.add(a, a)), eq(y, ops.mul(ops.two, a)))


def distributeo(ops, x, y):
    """a (b + c) = a b + a c"""
    a, b, c = var(), var(), var()
    return lall(eq(x, ops.mul(a, ops.add(b, c))), eq(y, ops.add(ops.mul(a, b), ops.mul(a, c))))


def simplero(ops, x, y):
    """Either of the two."""
    return conde([doubleo(ops, x, y)], [distributeo(ops, x, y)])


def in_tuples():
    """Tuples and lists, the operator in front."""
    ops = SimpleNamespace(add=lambda a, b: ("add", a, b), mul=lambda a, b: ("mul", a, b), two=2)
    return ops, ["given", ("mul", ("add", "x", "x"), ("add", "y", "z"))], repr


def in_source_code():
    """Python's syntax trees, whole functions included."""
    ops = SimpleNamespace(
        add=lambda a, b: expression("a + b", a=a, b=b),
        mul=lambda a, b: expression("a * b", a=a, b=b),
        two=expression("2"),
    )
    return ops, ast.parse("def area(x, y, z):\n    return (x + x) * (y + z)"), ast.unparse


def in_theano():
    """A Theano graph."""
    import theano.printing
    import theano.tensor as tt

    from symbolic_pymc.theano.meta import mt

    x, y, z = tt.vectors("x", "y", "z")
    ops = SimpleNamespace(add=mt.add, mul=mt.mul, two=mt(2.0))
    return ops, mt((x + x) * (y + z)), lambda term: theano.printing.pprint(term.reify())


def in_pytensor():
    """A PyTensor graph."""
    import pytensor.printing
    import pytensor.tensor as pt

    from symbolic_pymc.pytensor.meta import mt

    x, y, z = pt.vectors("x", "y", "z")
    ops = SimpleNamespace(add=mt.add, mul=mt.mul, two=mt(2.0))
    return ops, mt((x + x) * (y + z)), lambda term: pytensor.printing.pprint(term.reify())


def main():
    """Rewrite the same expression in every language that is installed."""
    languages = [in_tuples, in_source_code]
    languages += [in_theano] * bool(find_spec("theano")) + [in_pytensor] * bool(find_spec("pytensor"))
    for language in languages:
        ops, given, show = language()
        relation = partial(simplero, ops)
        print(language.__doc__)
        print("  given:      ", show(given))
        # The driver: every match, to the fixed point.
        print("  rewritten:  ", show(rewrite(given, relation)))
        # The same with goals, so that it may stand within a larger question.
        answer = var()
        (once,) = run(1, answer, walko(relation, given, answer))
        (fixed,) = run(1, answer, reduceo(partial(walko, relation), given, answer))
        print("  one pass:   ", show(once))
        print("  fixed point:", show(fixed), end="\n\n")


if __name__ == "__main__":
    main()
