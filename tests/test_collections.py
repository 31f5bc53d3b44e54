"""One relation over nested lists and tuples, syntax trees, toy terms and tensor graphs, with the same walks."""

import ast
import runpy
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from etuples import apply, etuple, etuplize, rands, rator
from etuples.core import ExpressionTuple
from hypothesis import given
from hypothesis import strategies as st
from kanren import conde, eq, lall, run
from kanren import graph as kanren_graph
from unification import reify, unify, var

from symbolic_pymc import walk
from symbolic_pymc.errors import NonTerminationError
from symbolic_pymc.meta import metatize
from symbolic_pymc.pyast import expression, fields
from tests.conftest import INSTALLED
from tests.toy import Leaf, ToyOp


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


def _language(name, add, mul, two, x, y, z):
    return pytest.param(SimpleNamespace(add=add, mul=mul, two=two, x=x, y=y, z=z), id=name)


def _toy():
    return _language("toy", ToyOp("add"), ToyOp("mul"), 2, *(metatize(Leaf(n)) for n in "xyz"))


LANGUAGES = [
    _language("tuples", lambda a, b: ("add", a, b), lambda a, b: ("mul", a, b), 2, *"xyz"),
    _language("lists", lambda a, b: ["add", a, b], lambda a, b: ["mul", a, b], 2, *"xyz"),
    _language("etuples", lambda a, b: etuple("add", a, b), lambda a, b: etuple("mul", a, b), 2, *"xyz"),
    _language(
        "ast",
        lambda a, b: expression("a + b", a=a, b=b),
        lambda a, b: expression("a * b", a=a, b=b),
        ast.Constant(2),
        *map(expression, "xyz"),
    ),
    _toy(),
]


def shown(x):
    """Return a term so that two can be compared."""
    return ast.dump(x) if isinstance(x, ast.AST) else x


@pytest.mark.parametrize("ops", LANGUAGES)
def test_every_match_is_rewritten_to_the_fixed_point(ops):
    given = ops.mul(ops.add(ops.x, ops.x), ops.add(ops.y, ops.z))
    double = ops.mul(ops.two, ops.x)
    expected = ops.add(ops.mul(double, ops.y), ops.mul(double, ops.z))
    assert shown(walk.rewrite(given, partial(simplero, ops))) == shown(expected)
    unchanged = ops.mul(ops.x, ops.y)
    assert walk.rewrite(unchanged, partial(simplero, ops)) is unchanged


@pytest.mark.parametrize("ops", LANGUAGES)
def test_walko_and_reduceo(ops):
    given = ops.mul(ops.add(ops.x, ops.x), ops.add(ops.y, ops.y))
    double = ops.mul(ops.two, ops.x), ops.mul(ops.two, ops.y)
    q = var()
    (once, *_) = run(1, q, walk.walko(partial(doubleo, ops), given, q))
    assert shown(once) == shown(ops.mul(*double))
    (fixed,) = run(1, q, walk.reduceo(partial(walk.walko, partial(doubleo, ops)), given, q))
    assert shown(fixed) == shown(ops.mul(*double))
    assert run(0, q, walk.walko(partial(doubleo, ops), ops.mul(ops.x, ops.y), q)) == ()
    answers = [shown(a) for a in run(0, q, walk.walko(partial(doubleo, ops), given, q))]
    ways = [ops.mul(*double), ops.mul(double[0], given_right(ops)), ops.mul(ops.add(ops.x, ops.x), double[1])]
    assert len(answers) == 3 and all(shown(w) in answers for w in ways)


def given_right(ops):
    """Return the right factor of the product that the tests start from."""
    return ops.add(ops.y, ops.y)


@pytest.mark.parametrize("ops", LANGUAGES)
def test_a_relation_that_goes_in_circles_ends(ops):
    def swapo(x, y):
        a, b = var(), var()
        return lall(eq(x, ops.add(a, b)), eq(y, ops.add(b, a)))

    q = var()
    given, swapped = ops.add(ops.x, ops.y), ops.add(ops.y, ops.x)
    assert [shown(t) for t in run(5, q, walk.reduceo(swapo, given, q))] == [shown(swapped)]
    with pytest.raises(NonTerminationError, match="swapo"):
        walk.rewrite(given, swapo, bound=50)


@pytest.mark.parametrize("ops", [p for p in LANGUAGES if p.id != "ast"])
def test_kanren_walks_them_itself(ops):
    given = ops.mul(ops.add(ops.x, ops.x), ops.y)
    q = var()
    answers = run(0, q, kanren_graph.walko(partial(doubleo, ops), given, q))
    if not isinstance(given, ExpressionTuple):
        answers = [a.evaled_obj if isinstance(a, ExpressionTuple) else a for a in answers]
    assert ops.mul(ops.mul(ops.two, ops.x), ops.y) in answers


def test_kanren_walks_syntax_trees_itself():
    x, y = expression("x"), expression("y")
    ops = LANGUAGES[3].values[0]
    q = var()
    answers = run(0, q, kanren_graph.walko(partial(doubleo, ops), ops.mul(ops.add(x, x), y), q))
    shown_answers = {ast.unparse(a.evaled_obj if isinstance(a, ExpressionTuple) else a) for a in answers}
    assert "2 * x * y" in shown_answers


@pytest.mark.parametrize("ops", LANGUAGES)
def test_relations_run_backwards(ops):
    q = var()
    (given,) = run(1, q, doubleo(ops, q, ops.mul(ops.two, ops.x)))
    assert shown(given) == shown(ops.add(ops.x, ops.x))


def test_the_same_relation_on_tensor_graphs(backend):
    ops = SimpleNamespace(add=backend.mt.add, mul=backend.mt.mul, two=backend.mt(2.0))
    x, y, z = (backend.tensor.vector(n, dtype="float64") for n in "xyz")
    given = backend.tensor.mul(backend.tensor.add(x, x), backend.tensor.add(y, z))
    result = walk.rewrite(metatize(given), partial(simplero, ops))
    assert result.rator is backend.mt.add and [r.rator for r in result.rands] == [backend.mt.mul] * 2
    values = dict(zip((x, y, z), np.random.default_rng(2).normal(size=(3, 4))))
    np.testing.assert_allclose(backend.evaluate(result.reify(), values), backend.evaluate(given, values), rtol=1e-13)


def test_the_example_says_what_it_does(capsys):
    runpy.run_path(str(Path(__file__).parent.parent / "examples" / "search_and_replace.py"), run_name="__main__")
    printed = capsys.readouterr().out
    assert "('add', ('mul', ('mul', 2, 'x'), 'y'), ('mul', ('mul', 2, 'x'), 'z'))" in printed
    assert "    return 2 * x * y + 2 * x * z" in printed
    assert printed.count(" * x) * y) + (") >= 2 * len(INSTALLED)


# Syntax trees as terms --------------------------------------------------------------------------------------

SOURCES = [
    "x + x",
    "f(a, *b, k=1)[2:3]",
    "lambda x: x if x > 0 else -x",
    "[i for i in range(3) if i]",
    "{1: 'a', 2: b'c'}",
    "not (a and b) or c.d",
    "f'{x!r:>{w}}'",
    "a < b <= c",
    "(yield)",
    "1.0 + 1j",
]


@pytest.mark.parametrize("source", SOURCES)
def test_a_tree_is_its_operator_applied_to_its_fields(source):
    tree = expression(source)
    for node in ast.walk(tree):
        if node._fields:
            assert apply(rator(node), rands(node)) is node
            assert ast.dump(apply(rator(node), list(rands(node)))) == ast.dump(node)
            assert rator(node) is type(node) and tuple(rands(node)) == fields(node)
    assert etuplize(tree, shallow=True).evaled_obj is tree


@pytest.mark.parametrize("source", SOURCES)
def test_trees_unify_by_structure(source):
    q = var()
    assert unify(expression(source), expression(source), {}) == {}
    for other in SOURCES:
        if other != source:
            assert unify(expression(source), expression(other), {}) is False
    s = unify(expression("f(a, a)", a=q), expression("f(a, a)", a=expression(source)), {})
    assert s is not False and ast.dump(reify(q, s)) == ast.dump(expression(source))


def test_numbers_in_trees_keep_their_type():
    q = var()
    for a, b in (("1", "1.0"), ("1", "True"), ("0.0", "-0.0")):
        assert unify(expression(f"x + {a}"), expression(f"x + {b}"), {}) is False
        assert unify(expression("a + a", a=q), expression(f"{a} + {b}"), {}) is False


def test_whole_programs_are_rewritten():
    source = "def f(x, y):\n    total = (x + x) * (y + 1)\n    return [total + total for _ in range(3)]"
    tree = ast.parse(source)
    before = ast.dump(tree, include_attributes=True)
    result = walk.rewrite(tree, partial(simplero, LANGUAGES[3].values[0]))
    assert ast.dump(tree, include_attributes=True) == before
    text = "def f(x, y):\n    total = 2 * x * y + 2 * x * 1\n    return [2 * total for _ in range(3)]"
    assert ast.unparse(result) == text
    scopes = {}, {}
    exec(source, scopes[0])
    exec(compile(ast.fix_missing_locations(result), "<rewritten>", "exec"), scopes[1])
    assert scopes[0]["f"](3, 4) == scopes[1]["f"](3, 4)


def test_what_is_unchanged_is_the_same_object():
    tree = ast.parse("a + a, g(b, [c])").body[0].value
    result = walk.rewrite(tree, partial(doubleo, LANGUAGES[3].values[0]))
    assert result.elts[1] is tree.elts[1] and result.lineno == tree.lineno
    assert reify(tree, {var(): 1}) is tree


sums = st.recursive(st.integers(-3, 3), lambda kids: st.tuples(st.sampled_from("+*"), kids, kids), max_leaves=8)


def _source(t):
    return f"({_source(t[1])} {t[0]} {_source(t[2])})" if isinstance(t, tuple) else str(t)


@given(sums)
def test_rewriting_source_keeps_its_value(t):
    result = walk.rewrite(expression(_source(t)), partial(simplero, LANGUAGES[3].values[0]))
    assert eval(ast.unparse(result)) == eval(_source(t))


def test_deep_trees_are_no_burden(default_recursion_limit):
    def negated(n):
        tree = expression("x")
        for _ in range(n):
            tree = ast.UnaryOp(ast.USub(), tree)
        return tree

    deep = negated(3000)
    assert unify(deep, negated(3000), {}) == {} and unify(deep, negated(2999), {}) is False
    ops = LANGUAGES[3].values[0]
    walked = walk.rewrite(ops.mul(deep, ops.add(ops.y, ops.y)), partial(doubleo, ops))
    assert walked.left is deep and ast.unparse(walked.right) == "2 * y"
