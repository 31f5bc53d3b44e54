"""kanren's own goals and etuples work on our terms, and on the raw objects of a backend."""

from functools import partial

import numpy as np
import pytest
from etuples import etuple, etuplize
from etuples.core import ExpressionTuple
from hypothesis import given, settings
from hypothesis import strategies as st
from kanren import Relation, conde, conso, eq, fact, facts, lall, membero, run
from kanren.assoccomm import eq_assoc, eq_comm
from kanren.constraints import neq
from kanren.graph import reduceo, walko
from kanren.term import applyo
from unification import isvar, var

from symbolic_pymc import walk
from symbolic_pymc.meta import metatize
from symbolic_pymc.records import Term, postorder
from tests.strategies import build, programs
from tests.toy import Leaf, ToyOp


@pytest.fixture(params=["terms", "raw"])
def view(request):
    """How a graph is handed to kanren: as its record, or as the raw object."""
    return {"terms": metatize, "raw": lambda x: x}[request.param]


def vectors(backend, names="xy"):
    return [backend.tensor.vector(n, dtype="float64") for n in names]


def term_of(answer):
    """Return the record of an answer: kanren gives a term as an expression tuple when it was built on the way."""
    return metatize(answer.evaled_obj if isinstance(answer, ExpressionTuple) else answer)


def doubleo(mt):
    """Relate x + x to 2 x."""

    def relation(x, y):
        a = var()
        return lall(eq(x, mt.add(a, a)), eq(y, mt.mul(a, mt(2.0))))

    return relation


# Goals ------------------------------------------------------------------------------------------------------


def test_eq_and_conde(backend, view):
    x, y = vectors(backend)
    a, b = var(), var()
    z = view(backend.tensor.mul(x, y))
    assert run(0, (a, b), eq(z, backend.mt.mul(a, b))) == ((metatize(x), metatize(y)),)
    assert run(0, a, eq(z, backend.mt.add(a, b))) == ()
    both = conde([eq(z, backend.mt.mul(a, b))], [eq(z, backend.mt.mul(b, a))])
    assert run(0, a, both) == (metatize(x), metatize(y))
    assert run(0, a, eq(backend.mt.mul(a, a), view(backend.tensor.mul(x, y)))) == ()
    assert run(0, a, eq(view(z), a)) == (z,)


def test_applyo_takes_apart_and_puts_together(backend, view):
    x, y = vectors(backend)
    z = backend.tensor.mul(x, y)
    z.name = "z"
    op, args, whole = var(), var(), var()
    ((rator, rands),) = run(0, (op, args), applyo(op, args, view(z)))
    assert [metatize(r) for r in rands] == [metatize(x), metatize(y)]
    (again,) = run(0, whole, applyo(rator, rands, whole))
    assert term_of(again) is metatize(z)
    ((first, second),) = run(0, args, applyo(backend.mt.mul, args, view(z)))
    assert (metatize(first), metatize(second)) == (metatize(x), metatize(y))
    assert run(0, args, applyo(backend.mt.add, args, view(z))) == ()
    assert run(0, args, applyo(op, args, view(x))) == ()


def test_applyo_on_nodes_and_graphs(backend, view):
    x, y = vectors(backend)
    z = backend.tensor.mul(x, y)
    op, args, whole = var(), var(), var()
    for obj in (z.owner, backend.FunctionGraph(None, [z, x + y])):
        ((rator, rands),) = run(0, (op, args), applyo(op, args, view(obj)))
        (again,) = run(0, whole, applyo(rator, rands, whole))
        assert term_of(again) is metatize(obj)
        assert len(rands) == 2


def test_conso_and_membero(backend, view):
    x, y = vectors(backend)
    z = backend.tensor.mul(x, y)
    first, rest, member = var(), var(), var()
    ((head, tail),) = run(0, (first, rest), conso(first, rest, view(z)))
    assert head is backend.mt.mul and [metatize(t) for t in tail] == [metatize(x), metatize(y)]
    found = run(0, member, membero(member, [view(v) for v in (x, y, z)]))
    assert [metatize(v) for v in found] == [metatize(v) for v in (x, y, z)]
    assert run(0, member, membero(backend.mt.mul(member, y), [view(v) for v in (x, y, z)])) == (metatize(x),)


def test_operators_and_types_unify_raw(backend, view):
    x, _ = vectors(backend)
    q = var()
    assert run(1, q, eq(q, 1), eq(view(backend.tensor.exp), backend.mt.exp)) == (1,)
    assert run(1, q, eq(q, 1), eq(view(backend.tensor.exp), backend.mt.log)) == ()
    assert run(1, q, eq(q, 1), eq(view(x.type), metatize(backend.tensor.vector(dtype="float64").type))) == (1,)
    assert run(1, q, eq(q, 1), eq(view(x.type), metatize(backend.tensor.matrix(dtype="float64").type))) == ()


def test_disequality(backend, view):
    x, y = vectors(backend)
    a, b = var(), var()
    z, square = view(backend.tensor.mul(x, y)), view(backend.tensor.mul(x, x))
    pattern = backend.mt.mul(a, b)
    assert run(0, a, neq(a, b), eq(pattern, z)) == (metatize(x),)
    assert run(0, a, neq(a, b), eq(pattern, square)) == ()
    assert run(0, a, eq(pattern, z), neq(a, b)) == (metatize(x),)
    assert run(0, a, neq(a, metatize(x)), eq(pattern, z)) == ()


def test_facts(backend):
    inverse = Relation("inverse")
    facts(inverse, (backend.mt.exp, backend.mt.log), (backend.mt.log, backend.mt.exp))
    q = var()
    assert run(0, q, inverse(backend.mt.exp, q)) == (backend.mt.log,)
    x, _ = vectors(backend)
    a, f, g = var(), var(), var()

    def canceled(t, u):
        inner = var()
        return lall(applyo(f, etuple(inner), t), applyo(g, etuple(u), inner), inverse(f, g))

    (answer,) = run(0, a, canceled(metatize(backend.tensor.exp(backend.tensor.log(x))), a))
    assert metatize(answer) is metatize(x)
    assert run(0, a, canceled(metatize(backend.tensor.exp(backend.tensor.exp(x))), a)) == ()


def test_commutative_and_associative(backend, view):
    commutative, associative = Relation("commutative"), Relation("associative")
    fact(commutative, backend.mt.add)
    fact(associative, backend.mt.add)
    x, y, z = vectors(backend, "xyz")
    a, b = var(), var()
    swapped = eq_comm(etuple(backend.mt.add, a, y), view(backend.tensor.add(y, x)), op_predicate=commutative)
    assert metatize(x) in [metatize(v) for v in run(0, a, swapped)]
    product = eq_comm(etuple(backend.mt.mul, a, y), view(backend.tensor.mul(y, x)), op_predicate=commutative)
    assert run(0, a, product) == ()
    left = etuplize(view(backend.tensor.add(backend.tensor.add(x, y), z)))  # it flattens sequences alone
    regrouped = eq_assoc(left, etuple(backend.mt.add, x, b), op_predicate=associative)
    assert metatize(backend.tensor.add(y, z)) in [term_of(v) for v in run(0, b, regrouped)]


# Walks ------------------------------------------------------------------------------------------------------


def test_walko_rewrites_within(backend, view):
    x, y = vectors(backend)
    q = var()
    z = backend.tensor.exp(backend.tensor.add(x, x)) * y
    answers = [term_of(t) for t in run(0, q, walko(doubleo(backend.mt), view(z), q))]
    changed = [t for t in answers if t is not metatize(z)]
    assert len(set(changed)) == 1
    values = {x: np.r_[1.0, 2.0], y: np.r_[3.0, 4.0]}
    np.testing.assert_allclose(backend.evaluate(changed[0].reify(), values), backend.evaluate(z, values), rtol=1e-14)
    assert backend.mt.add not in [t.rator for t in postorder(changed[0]) if isinstance(t, Term)]


def test_walko_keeps_names_and_draws_on_its_path(backend, view):
    x, _ = vectors(backend)
    rng = backend.generator(1)
    first = backend.normal(backend.tensor.add(x, x), np.ones(2), rng=rng, name="first")
    second = backend.normal(first, np.ones(2), rng=rng, name="second")
    twin = backend.normal(first, np.ones(2), rng=rng, name="second")
    for v in (second, twin):
        q = var()
        answers = [term_of(t) for t in run(0, q, walko(doubleo(backend.mt), view(v), q))]
        (changed,) = {t for t in answers if t is not metatize(v)}
        assert changed.info is metatize(v).info
        inner = next(t for t in postorder(changed) if isinstance(t, Term) and t.name == "first")
        assert inner.info is metatize(first).info
        names = [n.outputs[n.op.default_output or 0].name for n in backend.draws(changed.reify())]
        assert sorted(names) == ["first", "second"]


def test_walks_over_a_whole_graph(backend, view):
    x, y = vectors(backend)
    graph = backend.FunctionGraph([x, y], [backend.tensor.add(x, x), backend.tensor.exp(y)], model_name="m")
    for own in (walko, walk.walko):
        q = var()
        changed = [
            t for a in run(0, q, own(doubleo(backend.mt), view(graph), q)) if (t := term_of(a)) is not metatize(graph)
        ]
        (result,) = {t.reify() for t in changed}
        assert isinstance(result, backend.FunctionGraph) and result.model_name == "m"
        assert result.inputs == [x, y] and metatize(result.outputs[1]) is metatize(graph.outputs[1])
        assert metatize(result.outputs[0]).rator is backend.mt.mul


def test_reduceo_reaches_the_fixed_point_first(backend, view):
    x, y = vectors(backend)
    s = backend.tensor.add(x, x)
    z = backend.tensor.add(s, s)
    q = var()
    answers = run(1, q, reduceo(partial(walko, doubleo(backend.mt)), view(z), q))
    result = term_of(answers[0])
    assert backend.mt.add not in [t.rator for t in postorder(result) if isinstance(t, Term)]
    values = {x: np.r_[1.0, 2.0]}
    np.testing.assert_allclose(backend.evaluate(result.reify(), values), np.r_[4.0, 8.0], rtol=1e-14)


def test_relations_run_backwards(backend):
    x, _ = vectors(backend)
    q = var()
    double = metatize(backend.tensor.mul(x, backend.tensor.constant(np.r_[2.0])))
    two = double.rands[1]

    def relation(t, u):
        a = var()
        return lall(eq(t, backend.mt.add(a, a)), eq(u, backend.mt.mul(a, two)))

    (answer,) = run(0, q, relation(q, double))
    assert answer.rator is backend.mt.add and answer.rands == (metatize(x),) * 2
    np.testing.assert_array_equal(backend.evaluate(answer.reify(), {x: np.r_[1.5]}), [3.0])


def test_walko_over_toy_terms():
    f, add, mul = ToyOp("f"), ToyOp("add"), ToyOp("mul")
    x, y = metatize(Leaf("x")), metatize(Leaf("y"))

    def relation(t, u):
        a = var()
        return lall(eq(t, add(a, a)), eq(u, mul(2, a)))

    q = var()
    answers = {term_of(t) for t in run(0, q, walko(relation, f(add(x, x), add(y, y)), q))}
    assert {f(mul(2, x), mul(2, y)), f(mul(2, x), add(y, y)), f(add(x, x), mul(2, y))} <= answers


# Expression tuples ------------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(program=programs, data=st.data())
def test_etuplize_and_back(backend, program, data):
    _, variables = build(backend, program)
    v = variables[-1]
    record = metatize(v)
    assert etuplize(v).evaled_obj is v and etuplize(record).evaled_obj is record
    if len(backend.nodes(v)) < 8:  # written out as a tree
        spelled = etuplize(record)
        assert respelled(spelled).evaled_obj is record
        with pytest.warns(DeprecationWarning):
            assert respelled(spelled).eval_obj is record


def respelled(e):
    """Return a copy of an expression tuple that does not remember what it evaluates to."""
    return etuple(*(respelled(x) if isinstance(x, ExpressionTuple) else x for x in e))


def test_an_answer_is_asked_for_its_object(backend):
    x, y = vectors(backend)
    q = var()
    (answer,) = run(1, q, eq(q, metatize(x * y)))
    assert answer.evaled_obj is answer and answer.eval_obj.reify() is not None
    (built,) = run(1, q, eq(q, etuple(backend.mt.mul, x, y)))
    assert built.evaled_obj is metatize(backend.tensor.mul(x, y))


def test_what_has_no_operator_is_no_etuple(backend):
    x, _ = vectors(backend)
    for leaf in (x, metatize(x)):
        with pytest.raises(TypeError):
            etuplize(leaf)
    assert not isvar(etuplize(x * x)[0])
