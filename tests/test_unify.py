"""Laws 2, 4 and 5 of unification: the term protocol, most general unifiers, linear cost."""

import copy
import time

import numpy as np
import pytest
from etuples import apply, etuple, etuplize, rands, rator
from hypothesis import given, settings
from hypothesis import strategies as st
from kanren.constraints import ConstrainedState, ConstrainedVar
from kanren.facts import Relation, fact
from kanren import eq, run
from kanren.constraints import neq
from unification import isvar, reify, unify, var
from unification.core import isground, unground_lvars

from symbolic_pymc.meta import metatize
from symbolic_pymc.records import Info, Term, key
from symbolic_pymc.unify import BoundOp
from tests.growth import grows_linearly
from tests.strategies import LVARS, build, doublings, is_subterm, programs, toy_patterns, toy_terms, with_holes
from tests.toy import Leaf, ToyOp

f, g = ToyOp("f"), ToyOp("g")
p, q, r = LVARS


# Law 2: the term protocol -----------------------------------------------------------------------------------


@given(toy_patterns)
def test_applying_the_operator_to_the_arguments_gives_the_term(t):
    assert apply(rator(t), rands(t)) is t
    assert apply(rator(t), list(rands(t))) is t and apply(rator(t), tuple(rands(t))) is t


@settings(max_examples=50)
@given(program=programs, data=st.data())
def test_applying_gives_back_variables_nodes_and_graphs(backend, program, data):
    _, variables = build(backend, program)
    graph = backend.FunctionGraph(None, variables[-1:])
    for obj in (*variables, *(v.owner for v in variables), graph):
        t = metatize(obj)
        assert apply(rator(t), rands(t)) is t
        assert apply(rator(t), list(rands(t))) is t
        assert apply(rator(obj), rands(obj)) is obj or apply(rator(obj), list(rands(obj))) is t
        open_term = data.draw(with_holes(t))
        if isinstance(open_term, Term):
            assert apply(rator(open_term), list(rands(open_term))) is open_term


@given(toy_patterns)
def test_an_expression_tuple_evaluates_to_the_term_it_was_made_from(t):
    assert etuplize(t).evaled_obj is t
    with pytest.warns(DeprecationWarning):
        assert etuplize(t).eval_obj is t
    assert etuple(*etuplize(t)).evaled_obj is t
    assert t.evaled_obj is t and t.eval_obj is t


def test_a_leaf_has_no_operator():
    for leaf in (Leaf("x"), metatize(Leaf("x"))):
        with pytest.raises(ValueError):
            rator(leaf)


# Law 4: unification -----------------------------------------------------------------------------------------


def robinson(a, b):
    """Return whether two toy terms unify, by the textbook: one binding at a time, with an occurs check."""
    pairs = [(a, b)]
    while pairs:
        a, b = pairs.pop()
        if key(a) == key(b):
            continue
        if isvar(b):
            a, b = b, a
        if isvar(a):
            if is_subterm(a, b):
                return False
            pairs = [(reify(x, {a: b}), reify(y, {a: b})) for x, y in pairs]
        elif not (isinstance(a, Term) and isinstance(b, Term)):
            return False
        elif a.rator is not b.rator or len(a.rands) != len(b.rands):
            return False
        else:
            pairs += zip(a.rands, b.rands)
    return True


def unified(u, v, s):
    """Return `u` and `v` under their unifier, or None when they have none; no finite term is none."""
    s = unify(u, v, s)
    if s is False:
        return None
    try:
        return reify(u, s), reify(v, s)
    except ValueError:
        return None


@settings(max_examples=500)
@given(toy_patterns, toy_patterns)
def test_unification_agrees_with_the_textbook(u, v):
    result = unified(u, v, {})
    assert (result is not None) == robinson(u, v)
    assert result is None or result[0] is result[1]


@settings(max_examples=300)
@given(toy_terms, st.data())
def test_a_pattern_matches_what_it_was_made_from(t, data):
    pattern = data.draw(with_holes(t))
    for a, b in ((pattern, t), (t, pattern)):
        s = unify(a, b, {})
        assert s is not False and reify(pattern, s) is t


@settings(max_examples=300)
@given(toy_patterns, toy_patterns, toy_terms, st.sampled_from(LVARS))
def test_the_substitution_passed_in_is_unchanged(u, v, t, bound):
    given_s = {bound: t}
    s = unify(u, v, given_s)
    assert given_s == {bound: t} and given_s[bound] is t
    assert s is False or s.keys() >= given_s.keys()
    result = unified(u, v, given_s)
    assert result is None or result[0] is result[1]


@settings(max_examples=300)
@given(toy_patterns, toy_patterns)
def test_a_constrained_state_is_treated_alike(u, v):
    state = ConstrainedState()
    expected, got = unify(u, v, {}), unify(u, v, state)
    assert (got is False) == (expected is False) and state.data == {}
    if got is not False:
        assert got.data == expected


@given(toy_terms, toy_terms)
def test_known_terms_unify_only_with_themselves(t, u):
    assert (unify(t, u, {}) is not False) == (t is u)


def test_numbers_unify_as_they_are_interned():
    same = [(1000, 1000), (float("nan"), float("nan"))]
    other = [(1, 1.0), (1, True), (0.0, -0.0), (1.0, np.float64(1.0))]
    for a, b in same:
        assert unify(f(q, a), f(2, b), {}) == {q: 2}
    for a, b in other:
        assert unify(f(q, a), f(2, b), {}) is False and unify(f(q, (a,)), f(2, (b,)), {}) is False


def test_two_inputs_are_never_one():
    x, y = metatize(Leaf("x")), metatize(Leaf("x"))
    assert unify(f(x, y), f(q, q), {}) is False
    assert unify(f(x, x), f(q, q), {}) == {q: x}


def test_equal_logic_variables_are_one():
    copied = copy.deepcopy(q)
    assert copied == q
    s = unify(f(q, q), f(copied, copied), {})
    assert s == {} and reify(f(q), s) is f(q)
    assert unify(f(q, 1), f(copied, r), {}) == {r: 1}


def test_a_term_within_itself_is_an_error_and_no_endless_loop():
    for u, v in ((q, f(q)), (f(q, r), f(f(r), f(q))), (f(q, q), f(f(r), f(f(r))))):
        s = unify(u, v, {})
        if s is not False:
            with pytest.raises(ValueError, match="contains it"):
                reify(f(q, r), s)


def test_disequality_holds_on_terms():
    a, b = f(1), f(2)
    for known in (a, b):
        assert run(0, q, neq(q, a), eq(q, known)) == (() if known is a else (b,))
    assert run(0, q, neq(f(q, 1), f(2, 1)), eq(g(q), g(2))) == ()
    assert run(0, q, neq(f(q, 1), f(2, 1)), eq(g(q), g(3))) == (3,)
    (answer,) = run(0, f(q), neq(q, 1), eq(r, 2))
    assert answer is f(q)


def test_a_variable_met_under_constraints_is_the_same_variable():
    state = ConstrainedState({r: 1})
    met = reify(q, state)
    assert isinstance(met, ConstrainedVar)
    s = unify(f(met, met), f(q, q), {})
    assert s is not False and reify(f(q), s) is f(q)
    s = unify(f(met, q), f(1, 1), {})
    assert s is not False and reify(f(q), s) is f(1)
    assert unify(f(met, q), f(1, 2), {}) is False


@settings(max_examples=100)
@given(program=programs, data=st.data())
def test_patterns_over_a_backend(backend, program, data):
    _, variables = build(backend, program)
    t = metatize(variables[-1])
    pattern = data.draw(with_holes(t))
    for other in (t, variables[-1]):
        s = unify(pattern, other, {})
        assert s is not False and reify(pattern, s) is t


def test_raw_objects_unify_as_their_records(backend):
    x, y = backend.tensor.vector("x"), backend.tensor.vector("y")
    z = backend.tensor.mul(x, y)
    a, b, o = var(), var(), var()
    for u, v in ((z, backend.mt.mul(a, b)), (backend.mt.mul(a, b), z)):
        assert reify((a, b), unify(u, v, {})) == (metatize(x), metatize(y))
    assert unify(z, backend.tensor.mul(x, y), {}) == {} and unify(z, backend.tensor.mul(y, x), {}) is False
    assert unify(x, x.type(), {}) is False
    assert unify(z.owner, metatize(z.owner), {}) == {}
    assert unify(z.owner.op, backend.mt.mul, {}) == {} and unify(z.owner.op, backend.mt.add, {}) is False
    assert unify(z.type, metatize(backend.tensor.vector().type), {}) == {}
    graph = backend.FunctionGraph(None, [z])
    assert unify(graph, metatize(graph), {}) == {}
    for spelled in (etuplize(z), etuple(z.owner.op, x, y), etuple(backend.mt.mul, a, b), etuple(o, a, y)):
        for other in (z, metatize(z)):
            for u, v in ((spelled, other), (other, spelled)):
                assert unify(u, v, {}) is not False


def test_a_bound_operator_is_its_operator():
    bound = BoundOp(f, Info(0, "name", None, None))
    assert unify(bound, f, {}) == {} and unify(f, bound, {}) == {} and unify(bound, g, {}) is False
    assert unify(bound, BoundOp(f, q), {}) == {q: bound.info}


def test_a_pattern_of_one_output_does_not_match_another(backend):
    draw = backend.normal(backend.tensor.vector("x"), 1.0)
    generator = draw.owner.outputs[0]
    a, b = var(), var()
    assert unify(backend.mt.NormalRV(a, b), metatize(draw), {}) is not False
    assert unify(backend.mt.NormalRV(a, b), metatize(generator), {}) is False


def test_a_named_pattern_matches_whatever_the_note(backend):
    v = backend.normal(backend.tensor.vector("x"), 1.0, name="b")
    v.tag.note = object()
    assert unify(backend.mt.NormalRV(var(), var(), name="b"), v, {}) is not False
    assert unify(backend.mt.NormalRV(var(), var(), name="c"), v, {}) is False


def test_equal_constants_are_one_record_whatever_their_kind(backend):
    x = backend.tensor.vector("x")
    assert metatize(x[0]) is metatize(x[0]) and metatize(x[0]) is not metatize(x[1])
    assert metatize(x[0:2]) is metatize(x[0:2])


def test_logic_variables_within_terms_are_seen():
    assert isground(f(1), {}) and isground(f(q), {q: 1}) and isground(f(g(q)), {q: f(r), r: 2})
    assert not isground(f(q), {}) and not isground((1, f(g(q))), {}) and not isground(f(q), {q: f(r)})
    assert unground_lvars(f(q, g(r)), {}) == {q, r} and unground_lvars([f(q), r], {q: g(p), r: 1}) == {p}


# Law 5: linear cost -----------------------------------------------------------------------------------------


def test_shared_terms_unify_in_linear_time():
    start = time.process_time()
    pattern, ground = doublings(2000, q), doublings(2000, "x")
    s = unify(pattern, ground, {})
    assert s == {q: "x"} and reify(pattern, s) is ground
    assert unify(doublings(2000, q), doublings(2000, r), {}) in ({q: r}, {r: q})
    assert unify(doublings(2000, "x"), doublings(1999, q), {}) == {q: f("x", "x")}
    assert time.process_time() - start < 5


def test_a_deep_chain_with_many_variables_is_linear():
    def chain(n):
        lvs = [var() for _ in range(n)]
        pattern = ground = "end"
        for i, lv in enumerate(lvs):
            pattern, ground = f(pattern, lv, 1000 + i), f(ground, i, int(str(1000 + i)))

        def run():
            s = unify(pattern, ground, {})
            assert len(s) == n and reify(pattern, s) is ground

        return run

    chain(10_000)()
    assert grows_linearly(chain, [500, 1000, 2000, 4000])


def test_a_long_chain_of_bindings_is_followed_without_recursion():
    lvs = [var() for _ in range(5000)]
    s = {a: f(b) for a, b in zip(lvs, lvs[1:])} | {lvs[-1]: "end"}
    t = "end"
    for _ in lvs[1:]:
        t = f(t)
    assert reify(f(lvs[0]), s) is f(t)


def test_a_list_may_be_bound_beside_terms():
    s = unify(f(q, 1), f(r, 1), {q: [1, 2]})
    assert s is not False and reify(r, s) == [1, 2]
    assert unify(f(q, 1), f(r, 1), {q: [1, 2], r: [1, 3]}) is False


def test_facts_about_terms():
    is_commutative = Relation()
    fact(is_commutative, f)
    assert run(0, q, is_commutative(q)) == (f,)
    assert run(0, q, is_commutative(f), eq(q, 1)) == (1,) and run(0, q, is_commutative(g), eq(q, 1)) == ()
