"""The walks over terms: every match, once, in linear time, to a fixed point or to a clear error."""

import time
from functools import partial
from itertools import count

import pytest
from hypothesis import given, settings
from kanren import conde, eq, lall, run
from kanren.constraints import neq
from kanren.core import fail
from unification import var

from symbolic_pymc.errors import ArgumentError, NonTerminationError, RelationError
from symbolic_pymc.meta import metatize
from symbolic_pymc.relation import Relation, Relations, as_relation
from symbolic_pymc.parts import substitute
from symbolic_pymc.walk import answers, first_answer, reduceo, reformulations, rewrite, walko
from tests.growth import grows_linearly
from tests.strategies import build_toy, doublings, draws_of, programs, toy_terms
from tests.toy import Leaf, ToyOp, ToyTerm

f, g, h = ToyOp("f"), ToyOp("g"), ToyOp("h")
add, mul = ToyOp("add"), ToyOp("mul")
X, Y, Z = (metatize(Leaf(n)) for n in "xyz")


def doubleo(x, y):
    """a + a = 2 a.  Reference: any schoolbook."""
    a = var()
    return lall(eq(x, add(a, a)), eq(y, mul(2, a)))


def replaceo(old, new):
    """Return the relation of `old` to `new` alone."""
    return lambda x, y: lall(eq(x, old), eq(y, new))


# Law 7: locality --------------------------------------------------------------------------------------------


def test_two_disjoint_matches_are_both_rewritten():
    given_term = h(f(add(X, X)), g(add(Y, Y), Z))
    expected = h(f(mul(2, X)), g(mul(2, Y), Z))
    q = var()
    assert rewrite(given_term, doubleo) is expected
    assert run(1, q, walko(doubleo, given_term, q)) == (expected,)
    assert run(1, q, reduceo(partial(walko, doubleo), given_term, q)) == (expected,)


@given(toy_terms, toy_terms)
def test_what_does_not_match_is_left_alone(t, u):
    given_term = h(add(t, t), h(u, f(add(u, u))))
    assert rewrite(given_term, doubleo) is h(mul(2, t), h(u, f(mul(2, u))))


@given(toy_terms)
def test_nothing_to_do_gives_back_the_same_graph(t):
    q = var()
    assert rewrite(t, doubleo) is t and list(reformulations(doubleo, t)) == []
    assert run(0, q, walko(doubleo, t, q)) == () == run(0, q, reduceo(partial(walko, doubleo), t, q))


@given(toy_terms, toy_terms)
def test_substitute_replaces_every_occurrence_and_stops_there(t, u):
    whole = h(t, f(t, u))
    assert substitute(whole, {}) is whole
    again = substitute(whole, {t: h(t, t)})
    assert again is h(h(t, t), substitute(f(t, u), {t: h(t, t)}))


# Once, in all ways, each answer once ------------------------------------------------------------------------


def test_all_answers_are_the_subsets_of_the_matches_each_once():
    n = 6
    given_term = h(*(add(metatize(leaf), metatize(leaf)) for leaf in (Leaf(str(i)) for i in range(n))))
    q = var()
    found = run(0, q, walko(doubleo, given_term, q))
    assert len(found) == len(set(found)) == 2**n - 1
    assert found[0] is rewrite(given_term, doubleo)
    assert run(0, q, walko(doubleo, given_term, q, subsets=False)) == found[:1]


def test_the_fixed_points_come_first_and_each_term_once():
    given_term = add(add(X, X), add(X, X))
    q = var()
    found = run(0, q, reduceo(partial(walko, doubleo), given_term, q))
    assert found[0] is mul(2, mul(2, X)) and len(found) == len(set(found))
    assert set(found) == {mul(2, mul(2, X)), add(mul(2, X), mul(2, X)), mul(2, add(X, X))}


def test_several_answers_at_one_place():
    def eithero(x, y):
        return lall(eq(x, f(1)), conde([eq(y, f(2))], [eq(y, f(3))]))

    q = var()
    found = run(0, q, walko(eithero, h(f(1), g(f(1))), q))
    assert set(found) == {h(a, g(a)) for a in (f(2), f(3))}  # one term stands in both places
    assert rewrite(h(f(1), g(f(1))), eithero) is h(f(2), g(f(2)))


def test_identical_answers_are_given_once():
    def twiceo(x, y):
        return conde([doubleo(x, y)], [doubleo(x, y)], [lall(doubleo(x, y), neq(x, 1))])

    q = var()
    assert run(0, q, walko(twiceo, f(add(X, X)), q)) == (f(mul(2, X)),)
    assert run(0, q, reduceo(partial(walko, twiceo), f(add(X, X)), q)) == (f(mul(2, X)),)


def test_reduceo_ends_on_a_circle():
    def swapo(x, y):
        a, b = var(), var()
        return lall(eq(x, add(a, b)), eq(y, add(b, a)))

    q = var()
    assert run(0, q, reduceo(swapo, add(X, Y), q)) == (add(Y, X),)


def test_walks_run_backwards():
    q = var()
    assert run(1, q, walko(doubleo, q, f(mul(2, X)))) == (f(add(X, X)),)
    assert run(1, q, eq(q, 1), walko(doubleo, f(add(X, X)), f(mul(2, X)))) == (1,)
    assert run(0, q, eq(q, 1), walko(doubleo, f(add(X, X)), f(mul(3, X)))) == ()


def test_walks_take_part_in_larger_goals():
    q, r = var(), var()
    assert run(1, r, eq(q, f(add(X, X))), walko(doubleo, q, r)) == (f(mul(2, X)),)
    assert run(1, r, walko(doubleo, f(add(X, X)), f(r))) == (mul(2, X),)
    assert run(0, r, reduceo(partial(walko, doubleo), f(add(X, X)), g(r))) == ()


def test_what_is_skipped_is_not_asked_about():
    given_term = h(add(X, X), add(add(X, X), add(X, X)))
    outer = given_term.rands[1]
    assert rewrite(given_term, doubleo, skip=[outer]) is h(mul(2, X), add(mul(2, X), mul(2, X)))
    q = var()
    found = run(0, q, walko(doubleo, f(add(X, X)), q, skip=[add(X, X)]))
    assert found == ()


def test_raw_graphs_are_walked_as_their_records(backend):
    x = backend.tensor.vector("x", dtype="float64")
    z = backend.tensor.exp(backend.tensor.add(x, x))
    a, q = var(), var()
    (found,) = run(1, q, walko(lambda t, u: lall(eq(t, backend.mt.add(a, a)), eq(u, backend.mt.neg(a))), z, q))
    assert found is metatize(backend.tensor.exp(backend.tensor.neg(x)))


@settings(max_examples=50)
@given(program=programs)
def test_draws_are_kept_by_a_relation_that_does_not_mention_them(program):
    inputs, expressions = build_toy(program)
    record = metatize(expressions[-1])
    a, b = var(), var()
    changed = rewrite(record, lambda x, y: lall(eq(x, add(a, b)), eq(y, mul(a, b))))
    assert draws_of(changed) == draws_of(record)


def test_a_new_draw_is_drawn_once():
    def drawo(x, y):
        a = var()
        return lall(eq(x, f(a)), eq(y, ToyOp("draw")(a, name="new")))

    q = var()
    for found in (rewrite(h(f(1), g(f(1))), drawo), *run(0, q, walko(drawo, h(f(1), g(f(1))), q))):
        assert found.rands[0] is found.rands[1].rands[0]
        assert found.ground and found.rands[0].name == "new"
    two = rewrite(h(f(1), g(f(2))), drawo)
    assert two.rands[0].info.draw != two.rands[1].rands[0].info.draw


# Law 5: linear cost -----------------------------------------------------------------------------------------


def test_sharing_is_kept_and_costs_nothing(default_recursion_limit):
    t = X
    for _ in range(2000):
        t = add(t, t)
    start = time.process_time()
    result = rewrite(t, doubleo)
    q = var()
    (walked,) = run(1, q, walko(doubleo, t, q))
    assert time.process_time() - start < 20
    expected = X
    for _ in range(2000):
        expected = mul(2, expected)
    assert result is expected
    assert walked.rator is mul  # one pass: the outermost match


@pytest.mark.parametrize("leaf", [X, add(X, X)], ids=["no match", "match below"])
def test_deep_chains(default_recursion_limit, leaf):
    t, expected = leaf, mul(2, X) if leaf is not X else X
    for _ in range(10_000):
        t, expected = f(t), f(expected)
    assert rewrite(t, doubleo) is expected
    q = var()
    assert run(1, q, walko(doubleo, t, q)) == ((expected,) if leaf is not X else ())


def test_rewriting_grows_linearly():
    def prepare(n):
        t = X
        for _ in range(n):
            t = add(t, t)
        return lambda: rewrite(t, doubleo)

    assert grows_linearly(prepare, [100, 200, 400, 800])


def test_heads_spare_questions():
    asked = []

    def counting(x, y):
        asked.append(x)
        return doubleo(x, y)

    t = h(f(add(X, X)), doublings(50, Y))
    rewrite(t, Relation("double", counting, frozenset([add])))
    assert asked == [add(X, X)]


# Bad input --------------------------------------------------------------------------------------------------


def test_a_relation_that_raises_is_named():
    def brokeno(x, y):
        raise KeyError("oops")

    for attempt in (
        lambda: rewrite(f(X), brokeno),
        lambda: run(1, var(), walko(brokeno, f(X), var())),
        lambda: run(1, var(), reduceo(partial(walko, brokeno), f(X), var())),
        lambda: list(answers(lambda x, y: lall(eq(x, f(X)), lambda s: 1 / 0), f(X))),
    ):
        with pytest.raises(RelationError) as caught:
            attempt()
        assert caught.value.__cause__ is not None
    with pytest.raises(RelationError, match="brokeno raised KeyError"):
        rewrite(f(X), brokeno)


def test_a_relation_that_never_ends_is_stopped_with_the_last_graph():
    def growo(x, y):
        a = var()
        return lall(eq(x, f(a)), eq(y, f(g(a))))

    with pytest.raises(NonTerminationError, match="growo") as caught:
        rewrite(h(f(X), Y), growo, bound=20)
    last = caught.value.last
    assert last.rator is h and last.rands[1] is Y and last.rands[0].rands[0].rator is g

    def swapo(x, y):
        a, b = var(), var()
        return lall(eq(x, add(a, b)), eq(y, add(b, a)))

    with pytest.raises(NonTerminationError, match="swapo"):
        rewrite(add(X, Y), swapo)
    assert rewrite(add(X, X), swapo) is add(X, X)
    with pytest.raises(NonTerminationError, match="contains"):
        rewrite(X, replaceo(X, f(X)))


def test_the_bound_counts_applications():
    t = h(*(add(metatize(leaf), metatize(leaf)) for leaf in (Leaf() for _ in range(5))))
    assert rewrite(t, doubleo, bound=5) is rewrite(t, doubleo)
    with pytest.raises(NonTerminationError):
        rewrite(t, doubleo, bound=4)


def test_what_is_no_relation_is_an_error():
    with pytest.raises(TypeError, match="int"):
        rewrite(f(X), 1)
    assert as_relation(partial(doubleo)).name == "doubleo"
    assert as_relation(doubleo).reference == "any schoolbook"
    assert rewrite(f(X), lambda x, y: fail) is f(X)


def test_steps_are_reported():
    steps = []
    rewrite(h(add(X, X), add(Y, Y)), doubleo, on_step=lambda before, after, by: steps.append((before, after)))
    assert steps == [(add(X, X), mul(2, X)), (add(Y, Y), mul(2, Y))]
    assert all(isinstance(t, ToyTerm) for pair in steps for t in pair)


def test_the_first_answer_does_not_pay_for_the_rest():
    def endlesso(x, y):
        def goal(s):
            for matched in eq(x, f(1))(s):
                yield from (state for i in count() for state in eq(y, g(i))(matched))

        return goal

    q = var()
    assert run(1, q, walko(endlesso, h(f(1)), q)) == (h(g(0)),)
    assert run(3, q, walko(endlesso, h(f(1)), q)) == (h(g(0)), h(g(1)), h(g(2)))
    assert run(1, q, reduceo(endlesso, f(1), q)) == (g(0),)
    assert rewrite(h(f(1)), endlesso) is h(g(0))


def test_an_answer_may_be_a_number_that_is_false():
    assert rewrite(h(f(X), 1), replaceo(f(X), 0)) is h(0, 1)


@pytest.mark.parametrize("returned", [None, 5, True, "goal", [1]])
def test_what_returns_no_goal_is_an_error(returned):
    with pytest.raises(RelationError, match="no goal"):
        rewrite(f(X), lambda x, y: returned)


@pytest.mark.parametrize("bound", [None, -1, "3", 2.5])
def test_a_bound_is_a_number(bound):
    with pytest.raises(ArgumentError, match="bound"):
        rewrite(f(X), doubleo, bound=bound)


def test_several_relations_are_asked_by_operator_and_in_order():
    asked = []

    def named(name, pattern, after):
        def goal(x, y):
            asked.append(name)
            return lall(eq(x, pattern), eq(y, after))

        goal.__name__ = name
        return goal

    x = var()
    g_head, h_head = g(X).rator, h(X, Y).rator
    first = Relation("first", named("first", g(g(x)), x), heads=frozenset({g_head}))
    second = Relation("second", named("second", h(x, x), x), heads=frozenset({h_head}))
    both, steps = as_relation([first, second, named("third", Y, X)]), []
    assert rewrite(g(g(h(Y, Y))), both, on_step=lambda before, after, by: steps.append(by.name)) is X
    assert sorted(steps) == ["first", "second", "third"]
    del asked[:]
    assert not Relations([first, second]).may_match(X) and first_answer(both, add(X, X)) is None
    assert asked == ["third"]
    assert [r.name for r in both.at(g(X))] == ["first", "third"]
    assert run(0, x, both(g(g(X)), x)) == (X,)
