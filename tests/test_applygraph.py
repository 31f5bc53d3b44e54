"""The two arrows over everything a graph may hold, the operators as builders of terms, and `mt`."""

import copy
import gc
import weakref
from importlib import import_module

import numpy as np
import pytest
import scipy.sparse
from kanren import eq, run
from unification import reify, unify, var

from symbolic_pymc.errors import ConversionError
from symbolic_pymc.meta import metatize, reify_many
from symbolic_pymc.records import Atom, Constant, Info, MetaSymbol, Ref, Term, is_ground, rebuild
from symbolic_pymc.unify import PLAIN

DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
DTYPES += ["float32", "float64", "complex64", "complex128"]


def with_input(v, old, new):
    """Return the base variable of the record of `v` with the input `old` replaced by `new`."""
    old, new = metatize(old), metatize(new)
    return rebuild(metatize(v), lambda x: new if x is old else x).reify()


def vectors(backend, names="xy"):
    return [backend.tensor.vector(n, dtype="float64") for n in names]


# What a graph may hold --------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_constants_are_known_by_type_and_bits(backend, dtype):
    for shape in ((), (2,), (0,), (2, 3), (1, 1)):
        values = np.ones(shape, dtype)
        c = metatize(backend.tensor.constant(values))
        assert isinstance(c, Constant) and c.shape == shape and c.type.dtype == dtype
        assert c is metatize(backend.tensor.constant(values.copy()))
        np.testing.assert_array_equal(c.reify().data, values)
        # Built again from the bits alone, when the constant that it came from is gone.
        again = type(c)(c.type, c.shape, values.tobytes())
        assert again is c and again.reify().type == c.type.type
    other = "int64" if dtype == "float64" else "float64"
    assert backend.mt(np.ones(2, dtype)) is not backend.mt(np.ones(2, other))


def test_a_constant_without_origin_is_built_from_its_bits(backend):
    x, _ = vectors(backend)
    values = np.r_[np.nan, -0.0, 1e300]
    t = metatize(x + backend.tensor.constant(values))
    del values
    changed = with_input(t.reify(), x, backend.tensor.vector("z", dtype="float64"))
    data = next(i for i in changed.owner.inputs if isinstance(i, backend.Constant)).data
    assert np.isnan(data[0]) and np.signbit(data[1]) and data[2] == 1e300


def test_inputs_and_shared_variables_are_themselves(backend):
    x, y = vectors(backend)
    shared = backend.generator(0)
    for v in (x, y, shared):
        assert isinstance(metatize(v), Atom) and metatize(v).reify() is v
    assert metatize(x) is not metatize(backend.tensor.vector("x", dtype="float64"))
    assert not isinstance(metatize(backend.tensor.constant(1.0)), Atom)


def test_sparse_variables_pass_untouched(backend):
    sparse = __import__(f"{backend.name}.sparse", fromlist=["sparse"])
    values = scipy.sparse.csr_matrix(np.eye(2))
    m, c = sparse.csr_matrix("m", dtype="float64"), sparse.as_sparse_variable(values)
    x, z = backend.tensor.matrix("x", dtype="float64"), backend.tensor.matrix("z", dtype="float64")
    v = sparse.structured_dot(m, x) + sparse.structured_dot(c, x)
    assert metatize(v).reify() is v
    changed = with_input(v, x, z)
    got = backend.evaluate(changed, {m: values * 2.0, z: np.arange(4.0).reshape(2, 2)})
    np.testing.assert_array_equal(got, 3 * np.arange(4.0).reshape(2, 2))


@pytest.mark.parametrize(
    "index",
    [0, -1, slice(1, None), slice(None, None, -1), [0, 2], (None, slice(None))],
    ids=["first", "last", "tail", "back", "list", "new axis"],
)
def test_indexing(backend, index):
    x, y = vectors(backend)
    v = x[index] * 2.0
    assert metatize(v).reify() is v
    values = np.r_[1.0, 2.0, 3.0]
    np.testing.assert_array_equal(backend.evaluate(with_input(v, x, y), {y: values}), values[index] * 2)


def test_setting_a_part(backend):
    x, y = vectors(backend)
    v = backend.tensor.set_subtensor(x[1:], 0.0)
    np.testing.assert_array_equal(backend.evaluate(with_input(v, x, y), {y: np.r_[1.0, 2.0, 3.0]}), [1, 0, 0])


def test_scan(backend):
    scan = __import__(backend.name).scan
    x, y = vectors(backend)
    start = backend.tensor.zeros((), dtype="float64")
    steps, _ = scan(lambda a, total: total + a, sequences=[x], outputs_info=[start])
    assert metatize(steps).reify() is steps
    np.testing.assert_allclose(backend.evaluate(with_input(steps, x, y), {y: np.r_[1.0, 2.0, 3.0]}), [1, 3, 6])


def test_the_outputs_of_one_node_stay_together(backend):
    a, b = (backend.tensor.matrix(n, dtype="float64") for n in "ab")
    u, s, vt = backend.linalg.svd(a)
    s.name = "s"
    assert len({metatize(o) for o in (u, s, vt)}) == 3
    old, new = metatize(a), metatize(b)
    u2, s2 = reify_many([rebuild(metatize(o), lambda x: new if x is old else x) for o in (u, s)])
    assert u2.owner is s2.owner and (u2.index, s2.index) == (0, 1) and (u2.name, s2.name) == (None, "s")
    assert rebuild(metatize(vt), lambda x: new if x is old else x).reify().owner is u2.owner
    later = rebuild(metatize(vt), lambda x: new if x is old else x)
    assert later.reify().owner is u2.owner


def test_a_node_is_all_of_its_outputs(backend):
    a = backend.tensor.matrix("a", dtype="float64")
    node = backend.linalg.svd(a)[0].owner
    t = metatize(node)
    assert isinstance(t, backend.graph.meta_apply) and t.reify() is node
    b = metatize(backend.tensor.matrix("b", dtype="float64"))
    assert len(t.replace(rands=(b,)).reify().outputs) == 3


def test_operators_and_types(backend):
    x, _ = vectors(backend)
    for obj in (x.type, backend.tensor.exp, backend.normal_op):
        assert metatize(obj).reify() is obj or metatize(obj).reify() == obj
    assert metatize(backend.tensor.vector(dtype="float64").type) is metatize(x.type)
    assert metatize(x.type).dtype == "float64"


def test_notes_travel_by_identity(backend):
    x, y = vectors(backend)
    note = object()
    v = backend.tensor.exp(x)
    v.tag.note = note
    assert metatize(v).info.note == Ref(note)
    changed = with_input(v, x, y)
    assert changed.tag.note is note and v.tag.note is note


def test_a_graph_keeps_its_inputs_and_their_order(backend):
    x, y, z = vectors(backend, "xyz")
    graph = backend.FunctionGraph([y, x], [x + y], coords={"d": (1, 2)}, model_name="m")
    t = metatize(graph)
    old, new = metatize(x), metatize(z)
    changed = rebuild(t.rands[0], lambda r: new if r is old else r)
    result = t.replace(rands=(changed,)).reify()
    assert result.inputs[:2] == [y, x] and set(result.inputs) == {x, y, z}
    assert (result.coords, result.model_name) == ({"d": (1, 2)}, "m")
    assert t.rator(*t.rands) is t


# Operators build terms --------------------------------------------------------------------------------------


def test_a_call_on_known_arguments_is_what_the_backend_makes(backend):
    x, _ = vectors(backend)
    m = backend.tensor.matrix("m", dtype="float64")
    assert backend.mt.mul(x, m) is metatize(backend.tensor.mul(x, m))
    assert backend.mt.mul(backend.mt(x), backend.mt(m)) is metatize(backend.tensor.mul(x, m))
    named = backend.mt.mul(x, m, name="y")
    assert named.name == "y" and named.reify().name == "y" and named.info.replace(name=None) is PLAIN


def test_python_numbers_are_double_precision(backend):
    assert backend.mt(1.5).type.dtype == "float64" and backend.mt.mul(1.5, var()).rands[0].type.dtype == "float64"
    assert backend.mt(np.float32(1.5)).type.dtype == "float32" and backend.mt(True).type.dtype == "bool"


def test_a_call_on_unknown_arguments_is_a_pattern(backend):
    x, y = vectors(backend)
    a, b, name = var(), var(), var()
    pattern = backend.mt.mul(a, b)
    assert not is_ground(pattern) and pattern.reify().rands == (a, b)
    z = backend.tensor.mul(x, y)
    z.name = "z"
    for p in (pattern, backend.mt.mul(a, b, name="z"), backend.mt.mul(a, b, name=name)):
        assert unify(p, z, {}) is not False
    assert unify(backend.mt.mul(a, b, name="w"), z, {}) is False
    assert reify(name, unify(backend.mt.mul(a, b, name=name), z, {})) == "z"


def test_terms_of_a_draw(backend):
    x, y = vectors(backend)
    rng = backend.generator(3)
    size, gen = var(), var()
    t = backend.mt.NormalRV(x, y, size=size, rng=gen, name="b")
    v = backend.normal(x, y, rng=rng, name="b")
    s = unify(t, v, {})
    assert reify(gen, s) is metatize(rng)
    known = backend.mt.NormalRV(0.0, 2.0, size=3, rng=rng, name="b")
    assert is_ground(known) and known.name == "b"
    assert backend.evaluate(known.reify(), {}).shape == (3,)
    with pytest.raises(TypeError, match="sise"):
        backend.mt.NormalRV(x, 2.0, sise=3)
    with pytest.raises(TypeError, match="size"):
        backend.mt.add(x, 2.0, size=3)
    with pytest.raises(TypeError, match="parameters"):
        backend.mt.NormalRV(x)


def test_what_an_operator_cannot_take_is_a_typed_error(backend):
    m = backend.tensor.matrix("m", dtype="float64")
    t = metatize(backend.linalg.svd(m)[0])
    with pytest.raises(ConversionError, match="cannot be applied"):
        t.replace(rands=(metatize(backend.tensor.vector("x")),)).reify()


def test_no_origin_is_mistaken_after_a_change(backend):
    x, y, z = vectors(backend, "xyz")
    v = backend.tensor.exp(x)
    top = v + y
    old = metatize(top)
    backend.FunctionGraph([x, y, z], [top]).replace(v, backend.tensor.exp(z))
    new = metatize(top)
    both = backend.mt.sub(old, new)
    assert both.rands == (old, new)
    values = {x: np.r_[1.0], y: np.r_[2.0], z: np.r_[3.0]}
    np.testing.assert_allclose(backend.evaluate(both.reify(), values), np.exp(1) - np.exp([3.0]), rtol=1e-12)


# The namespace ----------------------------------------------------------------------------------------------


def test_a_graph_that_was_built_of_terms_leaves_memory_at_once(backend):
    """In one round of the collector, however deep it is, and with the broadcasts that the backend has put in."""
    ops = import_module(f"symbolic_pymc.{backend.name}.vocabulary").ops

    def built():
        x = metatize(backend.tensor.vector("x"))
        for i in range(20):
            x = ops.add(ops.exp(x), ops.constant(float(i)))
        return x.reify()

    def nodes(variable):
        stack, found = [variable.owner], []
        while stack:
            node = stack.pop()
            found.append(weakref.ref(node))
            stack += [v.owner for v in node.inputs if v.owner is not None]
        return found

    references = nodes(built())
    gc.collect()
    # a backend may hold the last one or two in caches of its own; level by level, nearly all of them would be left
    assert len(references) >= 40 and sum(r() is not None for r in references) <= 2


def test_mt_serves_operators_and_functions(backend):
    x, y = vectors(backend)
    assert backend.mt.exp is metatize(backend.tensor.exp) and backend.mt(x) is metatize(x)
    assert {"add", "exp", "dot", "NormalRV", "stack"} <= set(dir(backend.mt))
    stacked = backend.mt.stack([backend.mt(x), y])
    np.testing.assert_array_equal(backend.evaluate(stacked.reify(), {x: np.r_[1.0], y: np.r_[2.0]}), [[1], [2]])
    assert isinstance(backend.mt.sum(x, axis=0), Term)
    with pytest.raises(TypeError, match="known arguments"):
        backend.mt.stack([backend.mt(x), var()])
    with pytest.raises(AttributeError, match="nonesuch"):
        backend.mt.nonesuch
    with pytest.raises(AttributeError, match="_private"):
        backend.mt._private
    assert copy.copy(backend.mt).exp is backend.mt.exp


def test_dot_and_transpose_are_operators(backend):
    A, B = (backend.tensor.matrix(n, dtype="float64") for n in "AB")
    M, q = var(), var()
    assert run(0, (M, q), eq(backend.mt.dot(M, q), backend.tensor.dot(A, B))) == ((metatize(A), metatize(B)),)
    assert unify(backend.mt.transpose(q), A.T, {}) is not False


def test_the_meta_classes_have_names(backend):
    x, _ = vectors(backend)
    v = backend.tensor.exp(x)
    prefix = {"theano": "TheanoMeta", "pytensor": "PyTensorMeta"}[backend.name]
    records = [metatize(v), metatize(v.owner), metatize(v.owner.op), metatize(x), metatize(x.type)]
    names = [type(r).__name__ for r in records]
    assert names == [prefix + kind for kind in ("Variable", "Apply", "Op", "Input", "Type")]
    assert all(isinstance(r, MetaSymbol) for r in records) and isinstance(records[0].info, Info)
